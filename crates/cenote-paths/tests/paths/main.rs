//! Behaviour of streams, processes and histories, one module each.
//!
//! Statistical tests have fixed seeds. Their significance: four standard errors (6e-5 two-sided) for moments, one in
//! a thousand for Kolmogorov-Smirnov distances.

#![allow(clippy::unreadable_literal, clippy::format_push_string)]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, clippy::cast_possible_wrap)]

mod arrivals;
mod bootstrap;
mod calibration;
mod clock;
mod correlation;
mod garch;
mod gbm;
mod heston;
mod history_files;
mod joint_bootstrap;
mod kou;
mod merton;
mod moments;
mod normals;
mod packs;
mod regime_switching;
mod replay;
mod reversion;
mod shocks;
mod sizes;
mod statistics;
mod streams;
mod units;
mod validation;
mod variance_gamma;
