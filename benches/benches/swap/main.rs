//! One-path pools, exact and fast, a swap at a time, each family beside its reference.
//!
//! Swaps go there and back in turn, so that the pool stays where it is; a time is that of one swap.
//!
//! `cargo bench -p cenote-benches --bench swap -- v3` runs some of them.

mod concentrated;
mod constant_product;
mod reference;
mod stableswap;
mod weighted;

use cenote_amm::Lane;
use criterion::{Criterion, criterion_group, criterion_main};

/// Whole tokens in the lane's unit.
fn amount<L: Lane>(whole: f64, decimals: u8) -> L::Amount {
    L::amount_from_f64(whole * L::scale(decimals)).expect("an amount")
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30);
    targets = constant_product::all, concentrated::all, stableswap::all, weighted::all
}
criterion_main!(benches);
