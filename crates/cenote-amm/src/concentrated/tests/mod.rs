mod cases;
mod invariants;
mod libraries;
mod refusals;
