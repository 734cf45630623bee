use cenote_units::{Lanes, Rate, SimDuration, Volatility, math};

use super::diffusion::Diffusion;
use crate::block_normals::BlockNormals;
use crate::error::PathError;
use crate::parameters::{check_drift, check_volatility};
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel, Step, check_initial, check_log_price};

/// What a drift is the drift of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Drift {
    /// Of the price: E\[S(T)\] = S(0) exp(drift × T).
    Price(Rate),
    /// Of the log price: E\[ln S(T)\] = ln S(0) + drift × T.
    Log(Rate),
}

impl Drift {
    /// What has to be added to a log price that by itself grows by `log_mean` a year, and whose exponential grows at
    /// the rate `growth` in expectation (the compensator): per year.
    pub(super) fn less(self, growth: f64, log_mean: f64) -> f64 {
        match self {
            Self::Price(rate) => rate.per_year() - growth,
            Self::Log(rate) => rate.per_year() - log_mean,
        }
    }
}

/// Geometric Brownian motion: dS = μ S dt + σ S dW.
///
/// S(t + h) = S(t) exp((μ − σ²/2) h + σ √h Z) is exact for a step h of any length: the law of the price at a time
/// does not depend on the blocks before it.
///
/// The normals of blocks b to b + 3, b a multiple of four, are the four of the draw (block b, draw 0): one Philox
/// call serves four blocks. They are kept while steps walk through them; a jump to any block draws its four again.
/// Each step multiplies the price by exp of the log return; what the products round away is about 10⁻¹³ after a
/// million steps.
///
/// ```
/// use cenote_paths::{Drift, Gbm};
/// let eth = Gbm::new(2000.0, Drift::Price("0%".parse()?), "80%".parse()?)?;
/// assert_eq!(eth, Gbm::per_year(2000.0, 0.0, 0.8)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gbm {
    initial: f64,
    diffusion: Diffusion,
}

impl Gbm {
    /// A geometric Brownian motion that starts at `initial`. Zero volatility is allowed: the price then follows its
    /// drift.
    ///
    /// # Errors
    /// An initial price that is not between 1e-150 and 1e150; a drift that is not finite; a volatility that is not
    /// finite or is negative.
    pub fn new(initial: f64, drift: Drift, volatility: Volatility) -> Result<Self, PathError> {
        let volatility = volatility.per_sqrt_year();
        match drift {
            Drift::Price(rate) => Self::per_year(initial, rate.per_year(), volatility),
            Drift::Log(rate) => Self::per_year_log(initial, rate.per_year(), volatility),
        }
    }

    /// The same from plain numbers: the drift of the price per year, the volatility per square root of a year.
    ///
    /// # Errors
    /// As [`Gbm::new`].
    pub fn per_year(initial: f64, drift: f64, volatility: f64) -> Result<Self, PathError> {
        check_drift("drift", drift)?;
        check_volatility(volatility)?;
        Self::per_year_log(initial, drift - 0.5 * volatility * volatility, volatility)
    }

    /// The same with the drift of the log price.
    ///
    /// # Errors
    /// As [`Gbm::new`].
    pub fn per_year_log(initial: f64, log_drift: f64, volatility: f64) -> Result<Self, PathError> {
        check_drift("log_drift", log_drift)?;
        check_volatility(volatility)?;
        Ok(Self { initial: check_initial(initial)?, diffusion: Diffusion { log_drift, volatility } })
    }

    /// Drift of the log price, per year: μ − σ²/2.
    pub fn log_drift(&self) -> f64 {
        self.diffusion.log_drift
    }

    /// Volatility σ, per square root of a year.
    pub fn volatility(&self) -> f64 {
        self.diffusion.volatility
    }
}

impl PriceModel for Gbm {
    fn initial(&self) -> f64 {
        self.initial
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        let years = horizon.as_years();
        check_log_price(horizon, self.initial, self.log_drift() * years, self.volatility() * years.sqrt())
    }

    fn moment(&self, power: f64, time: SimDuration) -> Option<f64> {
        Some(math::powf(self.initial, power) * math::exp(self.diffusion.log_moment(power) * time.as_years()))
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        Some(DiffusionClock::Blocks)
    }
}

impl<const L: usize> BuildPrice<L> for Gbm {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(GbmLanes::<L> { normals: streams.diffusion(0), model: *self })
    }
}

#[derive(Clone, Debug)]
struct GbmLanes<const L: usize> {
    normals: BlockNormals<L>,
    model: Gbm,
}

impl<const L: usize> PriceLanes<L> for GbmLanes<L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.normals.start(paths);
        *price = Lanes::splat(self.model.initial);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        self.model.diffusion.step(step, self.normals.of(step.block), price);
    }
}
