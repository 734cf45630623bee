//! The battery against pools that should pass and pools that should not.

mod families;
mod faults;
mod faulty;
mod faulty_ranged;
