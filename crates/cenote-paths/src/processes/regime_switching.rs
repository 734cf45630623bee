use std::sync::Arc;

use cenote_units::{Frequency, Lanes, SimDuration, Volatility, kernel, math};

use super::diffusion::Diffusion;
use super::gbm::Drift;
use super::growth::grow;
use crate::block_normals::BlockNormals;
use crate::convert::{index_to_f64, nanos};
use crate::error::PathError;
use crate::parameters::{check, check_rate};
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel, Step, check_initial, check_log_price};

/// One of the regimes of a [`RegimeSwitching`] price.
#[derive(Clone, Debug, PartialEq)]
pub struct Regime {
    /// Drift while the regime lasts.
    pub drift: Drift,
    /// Volatility while the regime lasts.
    pub volatility: Volatility,
    /// How often the regime gives way to others, by their indices: expected switches per time spent in it. None, and it stays.
    pub switches: Vec<(usize, Frequency)>,
}

/// Geometric Brownian motion whose drift and volatility are those of a regime, and regimes follow one another as a Markov chain
/// in continuous time (Hamilton 1989, "A new approach to the economic analysis of nonstationary time series and the business
/// cycle", in discrete time).
///
/// A regime lasts an exponential time of mean 1/(sum of its rates), then gives way to another with probability rate/sum. Given
/// how long each regime lasted within a step, the log return is normal of mean Σ νᵢ τᵢ and variance Σ σᵢ² τᵢ. Times of switches
/// are drawn one by one, to the nanosecond: the law of the price after a step of any length is exact.
///
/// **Streams.** The stay number k of a path (from 0) takes the two uniforms of the draw (block k, draw 1): its length, by
/// inversion, and what comes after it. So clocks of any pace meet the same regimes at the same times. The normals of the
/// chain's blocks b to b + 3, b a multiple of four, are the four of the draw (block b, draw 0).
///
/// ```
/// use cenote_paths::{Drift, Regime, RegimeSwitching};
/// let drift = Drift::Price("0%".parse()?);
/// let calm = Regime { drift, volatility: "40%".parse()?, switches: vec![(1, "4 per year".parse()?)] };
/// let wild = Regime { drift, volatility: "120%".parse()?, switches: vec![(0, "10 per year".parse()?)] };
/// let eth = RegimeSwitching::new(2000.0, &[calm, wild], 0)?;
/// # let _ = eth;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RegimeSwitching {
    initial: f64,
    start: usize,
    regimes: Arc<[State]>,
}

/// A regime, ready to run.
#[derive(Clone, Debug, PartialEq)]
struct State {
    diffusion: Diffusion,
    /// Mean length of a stay, in nanoseconds; infinite if there is no switch.
    mean_stay: f64,
    /// Where a switch leads, with the cumulative probability.
    next: Vec<(f64, usize)>,
}

impl RegimeSwitching {
    /// A price that starts at `initial`, in the regime of index `start`.
    ///
    /// # Errors
    /// An initial price that is not between 1e-150 and 1e150; no regime at all; the index of a regime that is not there; a switch from a
    /// regime to itself; more than a million switches per year.
    pub fn new(initial: f64, regimes: &[Regime], start: usize) -> Result<Self, PathError> {
        let initial = check_initial(initial)?;
        let there =
            |name, index: usize| check(name, index_to_f64(index), index < regimes.len(), "the index of one of the regimes, from 0");
        there("start", start)?;
        let year = 1.0 / SimDuration::from_nanos(1).as_years();
        let mut states = Vec::with_capacity(regimes.len());
        for (index, regime) in regimes.iter().enumerate() {
            let mut total = 0.0;
            for &(to, rate) in &regime.switches {
                there("switches", to)?;
                check("switches", index_to_f64(to), to != index, "the index of another regime")?;
                total += check_rate("switches", rate.per_year())?;
            }
            check_rate("switches", total)?;
            let mut sum = 0.0;
            let next = regime.switches.iter().filter(|(_, rate)| rate.per_year() > 0.0).map(|&(to, rate)| {
                sum += rate.per_year();
                (sum / total, to)
            });
            let volatility = regime.volatility.per_sqrt_year();
            let log_drift = regime.drift.less(0.5 * volatility * volatility, 0.0);
            let mean_stay = if total > 0.0 { year / total } else { f64::INFINITY };
            states.push(State { diffusion: Diffusion { log_drift, volatility }, mean_stay, next: next.collect() });
        }
        Ok(Self { initial, start, regimes: states.into() })
    }
}

impl State {
    /// The length of a stay, in nanoseconds.
    fn stay(&self, u: f64) -> u64 {
        if self.mean_stay.is_finite() { nanos(-math::ln(u) * self.mean_stay) } else { u64::MAX }
    }

    /// The regime after a stay.
    fn after(&self, u: f64, current: usize) -> usize {
        // The last probability is 1 up to rounding.
        let last = self.next.last().map_or(current, |next| next.1);
        self.next.iter().find(|next| u < next.0).map_or(last, |next| next.1)
    }
}

impl PriceModel for RegimeSwitching {
    fn initial(&self) -> f64 {
        self.initial
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        let years = horizon.as_years();
        let largest = |of: fn(&Diffusion) -> f64| self.regimes.iter().map(|state| of(&state.diffusion)).fold(0.0, f64::max);
        let drift = largest(|diffusion| diffusion.log_drift.abs());
        let volatility = largest(|diffusion| diffusion.volatility);
        check_log_price(horizon, self.initial, drift * years, volatility * years.sqrt())
    }

    /// The mean alone, if the price has the same drift in all regimes.
    fn moment(&self, power: f64, time: SimDuration) -> Option<f64> {
        let growth = self.regimes.first()?.diffusion.log_moment(1.0);
        let same = |state: &State| (state.diffusion.log_moment(1.0) - growth).abs() <= 1e-12 * (1.0 + growth.abs());
        (power == 1.0 && self.regimes.iter().all(same)).then(|| self.initial * math::exp(growth * time.as_years()))
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        Some(DiffusionClock::Blocks)
    }
}

impl<const L: usize> BuildPrice<L> for RegimeSwitching {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(RegimeLanes::<L> {
            log_drift: Lanes::ZERO,
            volatility: Lanes::ZERO,
            mean: Lanes::ZERO,
            deviation: Lanes::ZERO,
            left: [0; L],
            regime: [0; L],
            next: [0; L],
            stays: [0; L],
            normals: streams.diffusion(0),
            model: self.clone(),
        })
    }
}

#[derive(Clone, Debug)]
struct RegimeLanes<const L: usize> {
    /// Of the regime that each lane is in.
    log_drift: Lanes<L>,
    volatility: Lanes<L>,
    /// Of the log return of the step.
    mean: Lanes<L>,
    deviation: Lanes<L>,
    /// Nanoseconds left of each lane's stay.
    left: [u64; L],
    regime: [usize; L],
    /// What comes after the stay.
    next: [usize; L],
    /// Stays begun: the number of the next.
    stays: [u32; L],
    normals: BlockNormals<L>,
    model: RegimeSwitching,
}

impl<const L: usize> PriceLanes<L> for RegimeLanes<L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.normals.start(paths);
        self.stays = [0; L];
        for l in 0..L {
            self.enter(l, self.model.start);
        }
        *price = Lanes::splat(self.model.initial);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        let switching =
            stay(&self.log_drift, &self.volatility, step.years, step.nanos, &mut self.left, &mut self.mean, &mut self.deviation);
        if switching {
            for l in 0..L {
                if self.left[l] < step.nanos[l] {
                    self.switch(l, step.nanos[l]);
                } else {
                    self.left[l] -= step.nanos[l];
                }
            }
        }
        advance(self.normals.of(step.block), &self.mean, &self.deviation, price);
    }
}

impl<const L: usize> RegimeLanes<L> {
    /// Begins the next stay of a lane.
    fn enter(&mut self, l: usize, regime: usize) {
        let state = &self.model.regimes[regime];
        let mut stream = self.normals.streams().lane(l, self.stays[l]).at_draw(1);
        self.left[l] = state.stay(stream.uniform());
        self.next[l] = state.after(stream.uniform(), regime);
        self.stays[l] = self.stays[l].wrapping_add(1);
        self.regime[l] = regime;
        self.log_drift[l] = state.diffusion.log_drift;
        self.volatility[l] = state.diffusion.volatility;
    }

    /// A step in which the regime of a lane changes.
    fn switch(&mut self, l: usize, mut nanos: u64) {
        let (mut mean, mut variance) = (0.0, 0.0);
        loop {
            let stays = nanos.min(self.left[l]);
            let years = SimDuration::from_nanos(stays).as_years();
            mean += self.log_drift[l] * years;
            variance += self.volatility[l] * self.volatility[l] * years;
            nanos -= stays;
            self.left[l] -= stays;
            if nanos == 0 {
                break;
            }
            self.enter(l, self.next[l]);
        }
        self.mean[l] = mean;
        self.deviation[l] = variance.sqrt();
    }
}

kernel! {
    /// Mean and deviation of the log returns if the regimes stay. True if one does not, and then `left` is left alone.
    fn stay<const L: usize>(
        log_drift: &Lanes<L>, volatility: &Lanes<L>, years: &Lanes<L>, nanos: &[u64; L], left: &mut [u64; L], mean: &mut Lanes<L>,
        deviation: &mut Lanes<L>,
    ) -> bool {
        let mut switching = 0;
        for l in 0..L {
            mean[l] = log_drift[l] * years[l];
            deviation[l] = volatility[l] * years[l].sqrt();
            switching |= u64::from(left[l] < nanos[l]);
        }
        if switching == 0 {
            for l in 0..L {
                left[l] -= nanos[l];
            }
        }
        switching != 0
    }
}

kernel! {
    fn advance<const L: usize>(z: &Lanes<L>, mean: &Lanes<L>, deviation: &Lanes<L>, price: &mut Lanes<L>) {
        grow(&mut price.0, |l| mean[l] + deviation[l] * z[l]);
    }
}
