//! What the cross-crate tests share: where `CENOTE_SHARED` points, how traces are read, worlds to try things in, statistics.

pub mod scenes;
pub mod shared;
pub mod statistics;
pub mod table;
pub mod vectors;
