mod cases;
mod hooks;
mod invariants;
mod libraries;
mod snapshot;
mod steps;
