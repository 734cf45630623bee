//! The Brownian part of a log price.

use cenote_units::{Lanes, kernel};

use super::growth::grow;
use crate::process::Step;

/// Drift and volatility of a log price between its jumps: a step h multiplies the price by
/// exp(`log_drift` × h + `volatility` × √h × Z).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Diffusion {
    /// Per year.
    pub(super) log_drift: f64,
    /// Per square root of a year.
    pub(super) volatility: f64,
}

impl Diffusion {
    /// ln E[exp(power × Y(T))] of its log return Y, per year.
    pub(super) fn log_moment(&self, power: f64) -> f64 {
        power * self.log_drift + 0.5 * power * power * self.volatility * self.volatility
    }

    /// The price after a step with these normals.
    #[inline]
    pub(super) fn step<const L: usize>(&self, step: &Step<'_, L>, z: &Lanes<L>, price: &mut Lanes<L>) {
        let Self { log_drift, volatility } = *self;
        if let Some(years) = step.shared {
            fixed_step(z, log_drift * years, volatility * years.sqrt(), price);
        } else {
            free_step(z, step.years, log_drift, volatility, price);
        }
    }

    /// The same, with jumps of the log price. A lane with a jump of zero has the bits of [`step`](Self::step).
    #[inline]
    pub(super) fn step_with<const L: usize>(&self, step: &Step<'_, L>, z: &Lanes<L>, jumps: &Lanes<L>, price: &mut Lanes<L>) {
        let Self { log_drift, volatility } = *self;
        if let Some(years) = step.shared {
            fixed_step_with(z, jumps, log_drift * years, volatility * years.sqrt(), price);
        } else {
            free_step_with(z, jumps, step.years, log_drift, volatility, price);
        }
    }
}

kernel! {
    /// A step of the same length in all lanes.
    fn fixed_step<const L: usize>(z: &Lanes<L>, mean: f64, deviation: f64, price: &mut Lanes<L>) {
        grow(&mut price.0, |l| mean + deviation * z[l]);
    }
}

kernel! {
    /// A step of its own length in each lane: the same operations in the same order, so the same bits.
    fn free_step<const L: usize>(z: &Lanes<L>, years: &Lanes<L>, log_drift: f64, volatility: f64, price: &mut Lanes<L>) {
        grow(&mut price.0, |l| log_drift * years[l] + volatility * years[l].sqrt() * z[l]);
    }
}

kernel! {
    fn fixed_step_with<const L: usize>(z: &Lanes<L>, jumps: &Lanes<L>, mean: f64, deviation: f64, price: &mut Lanes<L>) {
        grow(&mut price.0, |l| (mean + deviation * z[l]) + jumps[l]);
    }
}

kernel! {
    fn free_step_with<const L: usize>(
        z: &Lanes<L>, jumps: &Lanes<L>, years: &Lanes<L>, log_drift: f64, volatility: f64, price: &mut Lanes<L>,
    ) {
        grow(&mut price.0, |l| (log_drift * years[l] + volatility * years[l].sqrt() * z[l]) + jumps[l]);
    }
}
