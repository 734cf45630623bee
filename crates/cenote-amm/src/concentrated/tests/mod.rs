mod cases;
mod invariants;
mod libraries;
