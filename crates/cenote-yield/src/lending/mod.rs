//! Tokens lent and borrowed at rates that follow utilisation.
//!
//! [`Market`] is Aave v3, to the wei or in floats: supply, borrow against collateral, and be liquidated. [`ReserveLanes`] is one reserve
//! of it in lanes, for the lockstep simulator, behind the trait [`LendingLanes`]; its utilisation comes from a path, its rates from a
//! [`RateHistory`], or both from borrowers, simulated ones or a [`BorrowerCrowd`]. [`Leverage`] says what looping comes to.
//!
//! ```
//! use cenote_amm::{Exact, Owner, U256};
//! use cenote_yield::lending::{Collateral, Market, RateModel, ReserveConfig};
//!
//! let rates = RateModel::new("0%".parse()?, "4%".parse()?, "75%".parse()?, "80%".parse()?)?;
//! let mut market = Market::<Exact>::new();
//! let ether = ReserveConfig::new(18, rates)?.with_collateral(Collateral::new(7_500, 8_000, 10_500)?);
//! let ether = market.add_reserve(ether, U256::from(200_000_000_000_u64))?; // 2000 dollars, 8 decimals
//! let usdc = market.add_reserve(ReserveConfig::new(6, rates)?.with_reserve_factor_bp(1_000)?, U256::from(100_000_000))?;
//!
//! let (alice, bob) = (Owner::new(1), Owner::new(2));
//! market.supply(alice, usdc, U256::from(1_000_000_000_000_u64))?;
//! market.supply(bob, ether, U256::from(10).pow(U256::from(21)))?;
//! market.borrow(bob, usdc, U256::from(800_000_000_000_u64))?;
//! market.set_time(31_536_000)?;
//! assert_eq!(market.balance(alice, usdc)?, U256::from(1_028_800_000_000_u64)); // 4% · 80% · 90%
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
