use cenote_units::{Fraction, Frequency, Lanes, SimDuration, Volatility, kernel, math};

use super::diffusion::Diffusion;
use super::gbm::Drift;
use crate::block_normals::BlockNormals;
use crate::error::PathError;
use crate::jump_counts::JumpCounts;
use crate::jump_times::{JumpTimes, SharedEvents};
use crate::parameters::{check, check_rate, most_jumps};
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel, Step, check_initial, check_log_price};

/// Jumps of a log price that come as a Poisson process and are normal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalJumps {
    /// Expected jumps per time.
    pub rate: Frequency,
    /// Mean of a jump of the *log* price: −8% is a factor of e^−0.08.
    pub mean: Fraction,
    /// Standard deviation of a jump of the log price.
    pub deviation: Fraction,
}

/// Jump diffusion: geometric Brownian motion whose log price also jumps, by normal amounts (Merton 1976, "Option
/// pricing when underlying stock returns are discontinuous").
///
/// ln S(t + h) = ln S(t) + ν h + σ √h Z + Σ J over N jumps, N Poisson of mean λ h, each J normal of mean m and standard
/// deviation d. That is exact for a step h of any length: the sum of n jumps is n m + d √n Z′.
///
/// **Drift.** With [`Drift::Price`] it includes the compensator: ν = μ − σ²/2 − λ (exp(m + d²/2) − 1), so that
/// E\[S(T)\] = S(0) e^(μT) with the jumps in it. With [`Drift::Log`] ν = drift − λ m, so that E\[ln S(T)\] = ln S(0) +
/// drift × T.
///
/// **Streams.** Z of blocks b to b + 3, b a multiple of four, are the four normals of the draw (block b, draw 0), Z′
/// those of the draw (block b, draw 2). The numbers of jumps of blocks b and b + 1, b even, are decided by the two uniforms of
/// the draw (block b, draw 1); a step with more than 256 expected jumps is counted in parts, from draw 2³¹ on. Jumps at
/// [`SharedEvents`] take their numbers from those.
///
/// ```
/// use cenote_paths::{Drift, Merton, NormalJumps};
/// let jumps = NormalJumps { rate: "6 per year".parse()?, mean: "-8%".parse()?, deviation: "12%".parse()? };
/// let cake = Merton::new(2.5, Drift::Price("-40%".parse()?), "95%".parse()?, jumps)?;
/// // −0.4 − 0.95²/2 − 6 (e^(−0.08 + 0.12²/2) − 1)
/// assert!((cake.log_drift_between_jumps() + 0.429_971).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merton {
    initial: f64,
    diffusion: Diffusion,
    times: JumpTimes,
    mean: f64,
    deviation: f64,
}

impl Merton {
    /// A jump diffusion that starts at `initial`.
    ///
    /// # Errors
    /// An initial price that is not between 1e-150 and 1e150; more than a million jumps a year; a mean jump beyond
    /// ±1000% or a deviation that is not from 0 to 500%.
    pub fn new(initial: f64, drift: Drift, volatility: Volatility, jumps: NormalJumps) -> Result<Self, PathError> {
        let initial = check_initial(initial)?;
        let rate = check_rate("jumps.rate", jumps.rate.per_year())?;
        let (mean, deviation) = (jumps.mean.get(), jumps.deviation.get());
        check("jumps.mean", mean, mean.abs() <= 10.0, "a jump of the log price from -1000% to 1000%")?;
        check("jumps.deviation", deviation, (0.0..=5.0).contains(&deviation), "a standard deviation of log jumps from 0% to 500%")?;
        let volatility = volatility.per_sqrt_year();
        let compensator = rate * math::exp_m1(mean + 0.5 * deviation * deviation);
        let log_drift = drift.less(0.5 * volatility * volatility + compensator, rate * mean);
        Ok(Self { initial, diffusion: Diffusion { log_drift, volatility }, times: JumpTimes::own(rate), mean, deviation })
    }

    /// The same jumps at the times of shared events, of which each is one with probability jump rate / event rate.
    ///
    /// # Errors
    /// Jumps more often than events.
    pub fn at(self, events: SharedEvents) -> Result<Self, PathError> {
        Ok(Self { times: self.times.at("jumps.rate", events)?, ..self })
    }

    /// Drift ν of the log price between jumps, per year.
    pub fn log_drift_between_jumps(&self) -> f64 {
        self.diffusion.log_drift
    }
}

impl PriceModel for Merton {
    fn initial(&self) -> f64 {
        self.initial
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        let years = horizon.as_years();
        let Diffusion { log_drift, volatility } = self.diffusion;
        let jumps = most_jumps(self.times.rate(), years);
        let mean = (log_drift * years).abs() + jumps * self.mean.abs();
        let variance = volatility * volatility * years + jumps * self.deviation * self.deviation;
        check_log_price(horizon, self.initial, mean, variance.sqrt())
    }

    fn moment(&self, power: f64, time: SimDuration) -> Option<f64> {
        let jump = math::exp_m1(power * self.mean + 0.5 * power * power * self.deviation * self.deviation);
        let growth = self.diffusion.log_moment(power) + self.times.rate() * jump;
        Some(math::powf(self.initial, power) * math::exp(growth * time.as_years()))
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        Some(DiffusionClock::Blocks)
    }
}

impl<const L: usize> BuildPrice<L> for Merton {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(MertonLanes::<L> {
            normals: streams.diffusion(0),
            counts: JumpCounts::new(streams.key(), 1, self.times),
            sizes: BlockNormals::new(streams.key(), 2),
            jumps: Lanes::ZERO,
            model: *self,
        })
    }
}

#[derive(Clone, Debug)]
struct MertonLanes<const L: usize> {
    normals: BlockNormals<L>,
    counts: JumpCounts<L>,
    sizes: BlockNormals<L>,
    jumps: Lanes<L>,
    model: Merton,
}

impl<const L: usize> PriceLanes<L> for MertonLanes<L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.normals.start(paths);
        self.counts.start(paths);
        self.sizes.start(paths);
        *price = Lanes::splat(self.model.initial);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        let Merton { diffusion, mean, deviation, .. } = self.model;
        let z = self.normals.of(step.block);
        if self.counts.count(step) == 0 {
            diffusion.step(step, z, price);
        } else {
            sum(self.counts.of_lanes(), self.sizes.of(step.block), mean, deviation, &mut self.jumps);
            diffusion.step_with(step, z, &self.jumps, price);
        }
    }
}

kernel! {
    /// The sum of n normal jumps is normal.
    fn sum<const L: usize>(counts: &Lanes<L>, z: &Lanes<L>, mean: f64, deviation: f64, jumps: &mut Lanes<L>) {
        for l in 0..L {
            jumps[l] = mean * counts[l] + deviation * counts[l].sqrt() * z[l];
        }
    }
}
