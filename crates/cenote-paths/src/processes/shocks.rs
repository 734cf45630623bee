use std::sync::Arc;

use cenote_units::{Fraction, Lanes, SimDuration, SimTime, math};

use crate::convert::to_f64;
use crate::error::PathError;
use crate::parameters::check;
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel, Step};

/// A move of a price that comes at a known time: a stress, on top of whatever the price does by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shock {
    /// When it begins, after the start.
    pub at: SimDuration,
    /// What it does to the price in all: −40% multiplies it by 0.6. Above −100%.
    pub size: Fraction,
    /// How long it takes; zero, and it is all there at `at`.
    pub over: SimDuration,
}

/// Any price, multiplied by shocks at known times.
///
/// The price at time t is that of the process times the product over shocks of (1 + size)^x, x being the share of the shock that
/// has passed: from 0 at `at` to 1 at `at` + `over`, in proportion to time. So a shock moves the log price at an even pace, and
/// several of them multiply. Shocks are not compensated for: a drift of the process is the drift without them, and the
/// process knows nothing of them (one that goes back to a mean goes back to it times the shocks).
///
/// **Streams.** Those of the process, unchanged: the same seed without the shocks gives the same price without the shocks.
///
/// ```
/// use std::sync::Arc;
/// use cenote_paths::{Gbm, PriceModel, Shock, Shocked};
/// let crash = Shock { at: "30d".parse()?, size: "-40%".parse()?, over: "6h".parse()? };
/// let eth = Shocked::new(Arc::new(Gbm::per_year(2000.0, 0.0, 0.8)?), &[crash])?;
/// assert_eq!(eth.initial(), 2000.0);
/// assert!((eth.factor("723h".parse()?) - 0.6_f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Shocked {
    process: Arc<dyn PriceModel>,
    shocks: Arc<[Ramp]>,
}

/// A shock, ready to run.
#[derive(Clone, Copy, Debug)]
struct Ramp {
    at: u64,
    over: u64,
    /// ln(1 + size)
    log_size: f64,
}

impl Shocked {
    /// `process` with these shocks.
    ///
    /// # Errors
    /// A size that is not above −100%, or is above 100,000%.
    pub fn new(process: Arc<dyn PriceModel>, shocks: &[Shock]) -> Result<Self, PathError> {
        let ramps = shocks.iter().map(|shock| {
            let size = shock.size.get();
            check("size", size, -1.0 < size && size <= 1000.0, "above -100% and at most 100000%")?;
            Ok(Ramp { at: shock.at.as_nanos(), over: shock.over.as_nanos(), log_size: math::ln_1p(size) })
        });
        Ok(Self { process, shocks: ramps.collect::<Result<_, PathError>>()? })
    }

    /// What the price is multiplied by at a time.
    pub fn factor(&self, time: SimTime) -> f64 {
        factor(&self.shocks, time.as_nanos())
    }
}

fn factor(shocks: &[Ramp], time: u64) -> f64 {
    let log: f64 = shocks
        .iter()
        .filter(|shock| time >= shock.at)
        .map(|shock| {
            let passed = time - shock.at;
            let share = if passed >= shock.over { 1.0 } else { to_f64(passed) / to_f64(shock.over) };
            share * shock.log_size
        })
        .sum();
    math::exp(log)
}

impl PriceModel for Shocked {
    /// A shock without length at the very start is in the initial price.
    fn initial(&self) -> f64 {
        self.process.initial() * factor(&self.shocks, 0)
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        self.process.check_horizon(horizon)
    }

    fn moment(&self, power: f64, time: SimDuration) -> Option<f64> {
        Some(self.process.moment(power, time)? * math::powf(factor(&self.shocks, time.as_nanos()), power))
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        self.process.diffusion()
    }
}

impl<const L: usize> BuildPrice<L> for Shocked
where
    dyn PriceModel: BuildPrice<L>,
{
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(ShockedLanes::<L> { inner: self.process.build(streams), price: Lanes::ZERO, shocks: Arc::clone(&self.shocks) })
    }
}

#[derive(Debug)]
struct ShockedLanes<const L: usize> {
    inner: Box<dyn PriceLanes<L>>,
    /// Without shocks.
    price: Lanes<L>,
    shocks: Arc<[Ramp]>,
}

impl<const L: usize> PriceLanes<L> for ShockedLanes<L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.inner.start(paths, &mut self.price);
        let factor = factor(&self.shocks, 0);
        for l in 0..L {
            price[l] = self.price[l] * factor;
        }
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        self.inner.step(step, &mut self.price);
        // A fixed clock is at the same time in all lanes.
        let (mut time, mut known) = (step.end[0], factor(&self.shocks, step.end[0]));
        for l in 0..L {
            if step.end[l] != time {
                (time, known) = (step.end[l], factor(&self.shocks, step.end[l]));
            }
            if step.nanos[l] > 0 {
                price[l] = self.price[l] * known;
            }
        }
    }
}
