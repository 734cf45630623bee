//! What the cross-crate tests share: where `CENOTE_SHARED` points, how traces are read, worlds to try things in, statistics.

pub mod books;
pub mod scenes;
pub mod shared;
pub mod statistics;
pub mod table;
pub mod theory;
pub mod vectors;
pub mod walk;

/// The README's example compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// So do those of the chapter on farms.
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/yield.md")]
pub struct Yield;

/// And those of the chapter on lending and vaults.
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/lending.md")]
pub struct Lending;
