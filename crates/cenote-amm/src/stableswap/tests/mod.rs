mod cases;
mod contract;
mod invariants;
