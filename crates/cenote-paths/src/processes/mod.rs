//! The price processes that come with the crate, one file each.

mod constant;
mod gbm;
mod growth;
mod replay;
mod stationary_bootstrap;

pub use constant::Constant;
pub use gbm::{Drift, Gbm};
pub use replay::Replay;
pub use stationary_bootstrap::StationaryBootstrap;
