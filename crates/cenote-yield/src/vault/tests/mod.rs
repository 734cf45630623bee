//! Vaults in both lanes.

mod attacks;
mod cases;
mod invariants;
mod lanes;
