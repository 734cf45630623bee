//! The exact transition of an Ornstein-Uhlenbeck process.

use cenote_units::{Lanes, SimDuration, Volatility, kernel, math};

use crate::error::PathError;
use crate::parameters::check;
use crate::process::Step;

/// dY = −κ Y dt + σ dW: a deviation that goes back to zero.
///
/// Y(t + h) = Y(t) e^(−κh) + σ √((1 − e^(−2κh))/(2κ)) Z, exact for a step of any length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reversion {
    /// κ = ln 2 / half-life, per year.
    speed: f64,
    /// σ, per square root of a year.
    volatility: f64,
}

impl Reversion {
    /// # Errors
    /// A half-life of zero. `name` is what the parameter is called.
    pub(super) fn new(name: &'static str, half_life: SimDuration, volatility: Volatility) -> Result<Self, PathError> {
        let years = half_life.as_years();
        check(name, years, years > 0.0, "longer than 0s")?;
        Ok(Self { speed: std::f64::consts::LN_2 / years, volatility: volatility.per_sqrt_year() })
    }

    /// κ, per year.
    pub(super) fn speed(&self) -> f64 {
        self.speed
    }

    /// Standard deviation in the long run, σ/√(2κ).
    pub(super) fn stationary_deviation(&self) -> f64 {
        self.volatility / (2.0 * self.speed).sqrt()
    }

    /// What is left of Y after a time, and the standard deviation of what has come in.
    #[inline(always)]
    pub(super) fn transition(&self, years: f64) -> (f64, f64) {
        let Self { speed, volatility } = *self;
        let variance = -math::exp_m1(-2.0 * speed * years) / (2.0 * speed);
        (math::exp(-speed * years), volatility * variance.sqrt())
    }

    /// The deviations after a step. Those of lanes that do not move keep their bits.
    #[inline]
    pub(super) fn step<const L: usize>(&self, step: &Step<'_, L>, z: &Lanes<L>, y: &mut Lanes<L>) {
        if let Some(years) = step.shared {
            let (decay, deviation) = self.transition(years);
            fixed_step(z, decay, deviation, y);
        } else {
            free_step(z, step.years, *self, y);
        }
    }
}

kernel! {
    fn fixed_step<const L: usize>(z: &Lanes<L>, decay: f64, deviation: f64, y: &mut Lanes<L>) {
        for l in 0..L {
            y[l] = decay * y[l] + deviation * z[l];
        }
    }
}

kernel! {
    fn free_step<const L: usize>(z: &Lanes<L>, years: &Lanes<L>, reversion: Reversion, y: &mut Lanes<L>) {
        for l in 0..L {
            let (decay, deviation) = reversion.transition(years[l]);
            y[l] = decay * y[l] + deviation * z[l];
        }
    }
}
