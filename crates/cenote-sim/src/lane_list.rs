//! The lanes in which something is done, where they are few.

pub(crate) use cenote_units::LaneList;
