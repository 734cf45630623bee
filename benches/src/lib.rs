//! Benchmarks beside their references.
//!
//! Every group holds Cenote and the obvious way to do the same, on one thread, in elements per second. [`worlds`] and [`traders`] are the scenarios,
//! [`obvious`] the references: plain loops with rand, `rand_distr` and the standard library, as a careful person writes them first.
//!
//! `cargo bench -p cenote-benches` runs all; `cargo bench -p cenote-benches --bench w1 -- arbitrage` some.

pub mod obvious;
pub mod record;
pub mod traders;
pub mod worlds;
