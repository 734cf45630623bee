//! Tokens lent and borrowed at rates that follow utilisation.
//!
//! [`Market`] is Aave v3, to the wei or in floats: supply, borrow against collateral, and be liquidated. [`ReserveLanes`] is one reserve
//! of it in lanes, for the lockstep simulator, behind the trait [`LendingLanes`]; its utilisation comes from a path, its rates from a
//! [`RateHistory`], or both from borrowers, simulated ones or a [`BorrowerCrowd`]. [`Leverage`] says what looping comes to.

mod account;
mod config;
mod convert;
mod error;
mod exact;
mod fast;
mod formulas;
mod lanes;
mod leverage;
mod liquidation;
mod market;
mod rate_model;
mod recorded;
mod reserve;
#[cfg(test)]
mod tests;
mod transfer;
pub mod wad_ray_math;

pub use account::Account;
pub use config::{Collateral, ReserveConfig};
pub use error::{ArithmeticError, LendingError};
pub use formulas::{Computed, Formulas, Rates, Seizure};
pub use lanes::{BorrowerCrowd, LendingLanes, ReserveLanes, ReserveModel, utilisation_from_logit, utilisation_to_logit};
pub use leverage::Leverage;
pub use liquidation::Liquidation;
pub use market::{Market, ReserveId};
pub use rate_model::RateModel;
pub use recorded::RateHistory;
pub use reserve::{Position, Reserve};
