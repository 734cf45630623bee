//! What the cross-crate tests share: where `CENOTE_SHARED` points, how traces and cases are read.

pub mod vectors;
