use cenote_units::{Lanes, SimDuration, Volatility, kernel};

use super::gbm::Drift;
use super::intervals::{IntervalLanes, Returns};
use crate::block_normals::BlockNormals;
use crate::error::PathError;
use crate::parameters::check;
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel, check_initial, check_log_price};

/// How variances of intervals depend on the intervals before: h′ = ω + α ε² + β h.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clustering {
    /// The interval that one return is for.
    pub interval: SimDuration,
    /// α, what a squared surprise adds to the next variance; not negative.
    pub alpha: f64,
    /// β, what stays of the variance; not negative, with α + β below 1.
    pub beta: f64,
}

/// Volatility that clusters: GARCH(1,1) with normal innovations (Bollerslev 1986, "Generalized autoregressive conditional
/// heteroskedasticity").
///
/// Time is cut into intervals. The log return of one is r = m + ε, ε = √h Z, and the variance of the next is h′ = ω + α ε² + β h. In
/// the long run the variance of an interval Δ is ω/(1 − α − β) = σ² Δ, σ the volatility; the first interval has it too.
///
/// **Drift.** With [`Drift::Price`] m = μ Δ − h/2, so that E\[S(T)\] = S(0) e^(μT) whatever the variances were; with
/// [`Drift::Log`] m = drift × Δ.
///
/// **Any step.** A step that ends with an interval lands on the series; a step over several takes the sum of their
/// returns; a step that ends inside an interval lands on a Brownian bridge of the interval's own variance h, so
/// that within an interval the price is a geometric Brownian motion of constant volatility √(h/Δ).
///
/// **Streams.** The normals of intervals k to k + 3, k a multiple of four, are the four of the draw (block k, draw 0): clocks of
/// any pace meet the same prices at the ends of intervals. Bridges use the four normals of the draw (block b, draw 1) in
/// the chain's blocks b to b + 3, b a multiple of four.
///
/// ```
/// use cenote_paths::{Clustering, Drift, Garch};
/// let clustering = Clustering { interval: "1d".parse()?, alpha: 0.08, beta: 0.9 };
/// let eth = Garch::new(2000.0, Drift::Price("0%".parse()?), "80%".parse()?, clustering)?;
/// // 0.8²/365 × (1 − 0.08 − 0.9)
/// assert!((eth.omega() - 3.506_849e-5).abs() < 1e-11);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Garch {
    initial: f64,
    /// In nanoseconds.
    interval: u64,
    /// Volatility in the long run, per square root of a year.
    volatility: f64,
    recursion: Recursion,
    /// Drift per year.
    drift: f64,
}

/// From one interval to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Recursion {
    omega: f64,
    alpha: f64,
    beta: f64,
    /// Variance of the first interval.
    first: f64,
    /// Drift of an interval.
    drift: f64,
    /// Share of the Itô term −h/2: 1 for the drift of the price, 0 for that of the log price.
    ito: f64,
}

impl Recursion {
    /// An interval of variance h: its log return, its standard deviation, and the variance of the next.
    #[inline(always)]
    fn interval(&self, h: f64, z: f64) -> (f64, f64, f64) {
        let deviation = h.sqrt();
        let surprise = deviation * z;
        let log_return = (self.drift - 0.5 * self.ito * h) + surprise;
        (log_return, deviation, (self.omega + self.alpha * (surprise * surprise)) + self.beta * h)
    }
}

impl Garch {
    /// A price that starts at `initial`, with this volatility in the long run.
    ///
    /// # Errors
    /// An initial price that is not between 1e-150 and 1e150; an interval of zero; a negative α or β; α + β that is not below 1.
    pub fn new(initial: f64, drift: Drift, volatility: Volatility, clustering: Clustering) -> Result<Self, PathError> {
        let initial = check_initial(initial)?;
        let Clustering { interval, alpha, beta } = clustering;
        let years = interval.as_years();
        check("interval", years, years > 0.0, "longer than 0s")?;
        check("alpha", alpha, (0.0..1.0).contains(&alpha), "a number from 0 to less than 1")?;
        check("beta", beta, (0.0..1.0 - alpha).contains(&beta), "a number from 0 to less than 1 - alpha")?;
        let volatility = volatility.per_sqrt_year();
        let first = volatility * volatility * years;
        let (rate, ito) = match drift {
            Drift::Price(rate) => (rate.per_year(), 1.0),
            Drift::Log(rate) => (rate.per_year(), 0.0),
        };
        let recursion = Recursion { omega: first * (1.0 - alpha - beta), alpha, beta, first, drift: rate * years, ito };
        Ok(Self { initial, interval: interval.as_nanos(), volatility, recursion, drift: rate })
    }

    /// ω = σ² Δ (1 − α − β), per interval.
    pub fn omega(&self) -> f64 {
        self.recursion.omega
    }
}

impl PriceModel for Garch {
    fn initial(&self) -> f64 {
        self.initial
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        let years = horizon.as_years();
        // Clusters make tails fat: twice the deviation of independent returns.
        let deviation = 2.0 * self.volatility * years.sqrt();
        check_log_price(horizon, self.initial, self.drift * years, deviation)
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        Some(DiffusionClock::Intervals(SimDuration::from_nanos(self.interval)))
    }
}

impl<const L: usize> BuildPrice<L> for Garch {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        let returns =
            GarchReturns::<L> { h: Lanes::ZERO, deviations: Lanes::ZERO, normals: streams.diffusion(0), recursion: self.recursion };
        Box::new(IntervalLanes::new(streams.diffusion(1), self.interval, self.initial, returns))
    }
}

#[derive(Clone, Debug)]
struct GarchReturns<const L: usize> {
    /// Variance of the next interval.
    h: Lanes<L>,
    deviations: Lanes<L>,
    normals: BlockNormals<L>,
    recursion: Recursion,
}

impl<const L: usize> Returns<L> for GarchReturns<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.normals.start(paths);
        self.h = Lanes::splat(self.recursion.first);
    }

    fn open_all(&mut self, number: u32, end: &mut Lanes<L>) {
        intervals(self.normals.of(number), self.recursion, &mut self.h, &mut self.deviations, end);
    }

    fn open_one(&mut self, lane: usize, number: u32, end: &mut f64) {
        let z = self.normals.of_lane(lane, number);
        let log_return;
        (log_return, self.deviations[lane], self.h[lane]) = self.recursion.interval(self.h[lane], z);
        *end += log_return;
    }

    fn deviations(&self) -> &Lanes<L> {
        &self.deviations
    }
}

kernel! {
    fn intervals<const L: usize>(
        z: &Lanes<L>, recursion: Recursion, h: &mut Lanes<L>, deviations: &mut Lanes<L>, end: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let log_return;
            (log_return, deviations[l], h[l]) = recursion.interval(h[l], z[l]);
            end[l] += log_return;
        }
    }
}
