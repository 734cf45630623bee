use cenote_units::{Lanes, SimDuration, Volatility, kernel, mask, math, select};

use super::reversion::Reversion;
use crate::block_normals::BlockNormals;
use crate::error::PathError;
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel, Step, check_initial, check_log_price};

/// A price whose logarithm is drawn to a mean: S = level × exp(Y), dY = −κ Y dt + σ dW (Schwartz 1997, "The stochastic
/// behavior of commodity prices", model 1).
///
/// ln S(t + h) = ln level + (ln S(t) − ln level) e^(−κh) + σ √((1 − e^(−2κh))/(2κ)) Z, κ = ln 2 / half-life: exact for a
/// step h of any length. In the long run ln S is normal of mean ln level and standard deviation σ/√(2κ); half of all
/// prices are above the level, and their mean is level × exp(σ²/(4κ)).
///
/// **Streams.** The normals of blocks b to b + 3, b a multiple of four, are the four of the draw (block b, draw 0).
///
/// ```
/// use cenote_paths::{ExpOu, PriceModel};
/// let staked_eth = ExpOu::new(0.998, 1.0, "12h".parse()?, "4%".parse()?)?;
/// assert_eq!(staked_eth.initial(), 0.998);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpOu {
    initial: f64,
    level: f64,
    /// ln(initial/level)
    start: f64,
    reversion: Reversion,
}

impl ExpOu {
    /// A price that starts at `initial` and is drawn to `level`: half of the way, in logs, within a half-life. The
    /// volatility is that of the log price.
    ///
    /// # Errors
    /// An initial price or a level that is not between 1e-150 and 1e150; a half-life of zero.
    pub fn new(initial: f64, level: f64, half_life: SimDuration, volatility: Volatility) -> Result<Self, PathError> {
        let initial = check_initial(initial)?;
        let level = check_initial(level).map_err(|error| error.about("mean"))?;
        let reversion = Reversion::new("half_life", half_life, volatility)?;
        Ok(Self { initial, level, start: math::ln(initial / level), reversion })
    }

    /// Standard deviation of the log price in the long run, σ/√(2κ).
    pub fn stationary_deviation(&self) -> f64 {
        self.reversion.stationary_deviation()
    }
}

impl PriceModel for ExpOu {
    fn initial(&self) -> f64 {
        self.initial
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        check_log_price(horizon, self.level, self.start, self.stationary_deviation())
    }

    fn moment(&self, power: f64, time: SimDuration) -> Option<f64> {
        let (decay, deviation) = self.reversion.transition(time.as_years());
        let log = power * self.start * decay + 0.5 * power * power * deviation * deviation;
        Some(math::powf(self.level, power) * math::exp(log))
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        Some(DiffusionClock::Blocks)
    }
}

impl<const L: usize> BuildPrice<L> for ExpOu {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(ExpOuLanes::<L> { y: Lanes::ZERO, normals: streams.diffusion(0), model: *self })
    }
}

#[derive(Clone, Debug)]
struct ExpOuLanes<const L: usize> {
    /// Log price over the level.
    y: Lanes<L>,
    normals: BlockNormals<L>,
    model: ExpOu,
}

impl<const L: usize> PriceLanes<L> for ExpOuLanes<L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.normals.start(paths);
        self.y = Lanes::splat(self.model.start);
        *price = Lanes::splat(self.model.initial);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        self.model.reversion.step(step, self.normals.of(step.block), &mut self.y);
        price_of(&self.y, self.model.level, step.years, price);
    }
}

kernel! {
    /// The price of a lane that does not move is left alone: the initial one may differ from the formula by rounding.
    fn price_of<const L: usize>(y: &Lanes<L>, level: f64, years: &Lanes<L>, price: &mut Lanes<L>) {
        for l in 0..L {
            price[l] = select(mask(years[l] > 0.0), level * math::exp(y[l]), price[l]);
        }
    }
}
