//! Numbers with known answers, and invariants under random operations in both lanes.

mod cases;
mod invariants;

use super::{Version, Weighted, Weights};
use crate::{FungibleLiquidity, Lane, Owner};
use cenote_units::Fee;

const ALICE: Owner = Owner::new(1);
const VERSIONS: [Version; 2] = [Version::V2, Version::V3];

/// A pool of tokens with 18 decimals, from whole tokens.
fn pool_of<L: Lane>(version: Version, weights: &Weights, fee: Fee, balances: &[f64]) -> Weighted<L> {
    let mut pool = Weighted::new(version, weights, fee);
    let amounts: Vec<L::Amount> = balances.iter().map(|balance| tokens::<L>(*balance)).collect();
    pool.mint(ALICE, &amounts).unwrap();
    pool
}

/// Whole tokens in the lane's unit.
fn tokens<L: Lane>(amount: f64) -> L::Amount {
    L::amount_from_f64(amount * L::scale(18)).unwrap()
}

fn whole<L: Lane>(amount: L::Amount) -> f64 {
    L::amount_to_f64(amount) / L::scale(18)
}
