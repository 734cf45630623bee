//! LP tokens and other tokens staked for rewards.
