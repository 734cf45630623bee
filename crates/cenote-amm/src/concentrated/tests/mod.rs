mod cases;
mod hooks;
mod invariants;
mod libraries;
