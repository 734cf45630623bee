//! Tokens lent and borrowed at rates that follow utilisation.

mod account;
mod config;
mod convert;
mod error;
mod exact;
mod fast;
mod formulas;
mod leverage;
mod liquidation;
mod market;
mod rate_model;
mod reserve;
#[cfg(test)]
mod tests;
mod transfer;
pub mod wad_ray_math;

pub use account::Account;
pub use config::{Collateral, ReserveConfig};
pub use error::{ArithmeticError, LendingError};
pub use formulas::{Computed, Formulas, Rates, Seizure};
pub use leverage::Leverage;
pub use liquidation::Liquidation;
pub use market::{Market, ReserveId};
pub use rate_model::RateModel;
pub use reserve::{Position, Reserve};
