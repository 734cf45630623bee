use cenote_units::{Lanes, SimDuration, Volatility, kernel, mask, select};

use super::reversion::Reversion;
use crate::block_normals::BlockNormals;
use crate::error::PathError;
use crate::parameters::check;
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel, Step};

/// The process of Ornstein and Uhlenbeck: dX = κ (θ − X) dt + σ dW (Uhlenbeck and Ornstein 1930; for interest rates
/// Vasicek 1977).
///
/// For rates, logits and spreads: X takes any real value, zero and less included, and the volatility is in units of X
/// per square root of a year. A price that may not be negative is an [`ExpOu`](crate::ExpOu).
///
/// X(t + h) = θ + (X(t) − θ) e^(−κh) + σ √((1 − e^(−2κh))/(2κ)) Z, κ = ln 2 / half-life: exact for a step h of any length.
/// In the long run X is normal of mean θ and standard deviation σ/√(2κ).
///
/// **Streams.** The normals of blocks b to b + 3, b a multiple of four, are the four of the draw (block b, draw 0).
///
/// ```
/// use cenote_paths::Ou;
/// // The logit of a utilisation around 80%, on which a deviation halves in a week.
/// let logit = (0.8_f64 / 0.2).ln();
/// let utilisation = Ou::new(logit, logit, "7d".parse()?, "20%".parse()?)?;
/// assert!((utilisation.stationary_deviation() - 0.02353).abs() < 1e-5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ou {
    initial: f64,
    mean: f64,
    reversion: Reversion,
}

impl Ou {
    /// A process that starts at `initial` and is drawn to `mean`: half of the way in expectation within a half-life.
    /// `volatility` is in units of the process: "20%" is 0.2 per square root of a year.
    ///
    /// # Errors
    /// An initial value or a mean that is not finite; a half-life of zero.
    pub fn new(initial: f64, mean: f64, half_life: SimDuration, volatility: Volatility) -> Result<Self, PathError> {
        check("initial", initial, initial.is_finite(), "a finite number")?;
        check("mean", mean, mean.is_finite(), "a finite number")?;
        Ok(Self { initial, mean, reversion: Reversion::new("half_life", half_life, volatility)? })
    }

    /// The mean θ in the long run.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Standard deviation in the long run, σ/√(2κ).
    pub fn stationary_deviation(&self) -> f64 {
        self.reversion.stationary_deviation()
    }

    /// What the process stays above: ten standard deviations below the lower of its initial value and its mean. Nobody
    /// meets a value beyond (1.5e-23). Above zero, the process can serve as a price.
    pub fn lowest(&self) -> f64 {
        self.initial.min(self.mean) - 10.0 * self.stationary_deviation()
    }
}

impl PriceModel for Ou {
    fn initial(&self) -> f64 {
        self.initial
    }

    /// The mean alone: a value may be below zero.
    fn moment(&self, power: f64, time: SimDuration) -> Option<f64> {
        let (decay, _) = self.reversion.transition(time.as_years());
        (power == 1.0).then_some(self.mean + (self.initial - self.mean) * decay)
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        Some(DiffusionClock::Blocks)
    }
}

impl<const L: usize> BuildPrice<L> for Ou {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(OuLanes::<L> { y: Lanes::ZERO, normals: streams.diffusion(0), model: *self })
    }
}

#[derive(Clone, Debug)]
struct OuLanes<const L: usize> {
    /// Value less mean.
    y: Lanes<L>,
    normals: BlockNormals<L>,
    model: Ou,
}

impl<const L: usize> PriceLanes<L> for OuLanes<L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.normals.start(paths);
        self.y = Lanes::splat(self.model.initial - self.model.mean);
        *price = Lanes::splat(self.model.initial);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        self.model.reversion.step(step, self.normals.of(step.block), &mut self.y);
        value_of(&self.y, self.model.mean, step.years, price);
    }
}

kernel! {
    /// The value of a lane that does not move is left alone: the initial one may differ from mean + y by rounding.
    fn value_of<const L: usize>(y: &Lanes<L>, mean: f64, years: &Lanes<L>, value: &mut Lanes<L>) {
        for l in 0..L {
            value[l] = select(mask(years[l] > 0.0), mean + y[l], value[l]);
        }
    }
}
