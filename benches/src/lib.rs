//! Reference loops that the benchmarks compare with.
