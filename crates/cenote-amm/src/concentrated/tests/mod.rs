mod cases;
mod hooks;
mod invariants;
mod libraries;
mod refusals;
mod snapshot;
mod steps;
