//! The price processes that come with the crate, one file each.

mod circular_bootstrap;
mod constant;
mod diffusion;
mod exp_ou;
mod garch;
mod gbm;
mod growth;
mod heston;
mod intervals;
mod kou;
mod merton;
mod ou;
mod peg;
mod regime_switching;
mod replay;
mod resampling;
mod reversion;
mod shocks;
mod stationary_bootstrap;
mod variance_gamma;

pub use circular_bootstrap::CircularBootstrap;
pub use constant::Constant;
pub use exp_ou::ExpOu;
pub use garch::{Clustering, Garch};
pub use gbm::{Drift, Gbm};
pub use heston::{Heston, StochasticVariance};
pub use kou::{ExponentialJumps, Kou};
pub use merton::{Merton, NormalJumps};
pub use ou::Ou;
pub use peg::{Depeg, Peg, Recovery};
pub use regime_switching::{Regime, RegimeSwitching};
pub use replay::Replay;
pub use shocks::{Shock, Shocked};
pub use stationary_bootstrap::StationaryBootstrap;
pub use variance_gamma::{BusinessTime, VarianceGamma};

use crate::process::PriceModel;

cenote_units::shared! {
    PriceModel: CircularBootstrap, Constant, ExpOu, Garch, Gbm, Heston, Kou, Merton, Ou, Peg, RegimeSwitching, Replay, Shocked,
        StationaryBootstrap, VarianceGamma;
}
