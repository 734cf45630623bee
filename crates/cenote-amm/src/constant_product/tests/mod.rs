//! Numbers with known answers, and invariants under random operations in both lanes.

mod cases;
mod invariants;
