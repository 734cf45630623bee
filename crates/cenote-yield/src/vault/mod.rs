//! Shares of something that grows.
//!
//! [`Vault`] is the contract: ERC-4626 with virtual shares. [`ManagedVault`] compounds what it earns and charges for it;
//! [`VaultLanes`] is that in lanes. [`OptimalCompounding`] says how often
//! that pays, and [`Compounding`] what a rate comes to.

mod compounding;
mod erc4626;
mod error;
mod formulas;
mod lanes;
mod managed;
#[cfg(test)]
mod tests;

pub use compounding::{Compounding, OptimalCompounding};
pub use erc4626::Vault;
pub use error::VaultError;
pub use formulas::{Formulas, Rounding};
pub use lanes::VaultLanes;
pub use managed::{Harvest, ManagedVault, VaultFees};
