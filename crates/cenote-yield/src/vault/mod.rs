//! Shares of something that grows.
