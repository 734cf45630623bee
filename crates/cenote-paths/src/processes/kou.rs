use cenote_units::{Fraction, Frequency, Lanes, SimDuration, Volatility, kernel, mask, math, select};

use super::diffusion::Diffusion;
use super::gbm::Drift;
use crate::block_normals::BlockNormals;
use crate::error::PathError;
use crate::jump_counts::JumpCounts;
use crate::jump_times::{JumpTimes, SharedEvents};
use crate::parameters::{check, check_rate, most_jumps};
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel, Step, check_initial, check_log_price};

/// Jumps of a log price that come as a Poisson process and are exponential, of one mean upwards and another downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialJumps {
    /// Expected jumps per time.
    pub rate: Frequency,
    /// Probability p that a jump goes up.
    pub up_probability: Fraction,
    /// Mean 1/η₁ of a jump up of the *log* price; less than 100%.
    pub up_mean: Fraction,
    /// Mean 1/η₂ of a jump down of the log price, a number above zero.
    pub down_mean: Fraction,
}

/// Jump diffusion with double exponential jumps (Kou 2002, "A jump-diffusion model for option pricing").
///
/// ln S(t + h) = ln S(t) + ν h + σ √h Z + Σ J over N jumps, N Poisson of mean λ h, each J exponential: upwards of mean 1/η₁
/// with probability p, downwards of mean 1/η₂ otherwise. Exact for a step h of any length.
///
/// **Drift.** With [`Drift::Price`] it includes the compensator: ν = μ − σ²/2 − λ (p η₁/(η₁ − 1) + (1 − p) η₂/(η₂ + 1) − 1), so
/// that E\[S(T)\] = S(0) e^(μT) with the jumps in it. With [`Drift::Log`] ν = drift − λ (p/η₁ − (1 − p)/η₂).
///
/// **Streams.** Z of blocks b to b + 3, b a multiple of four, are the four normals of the draw (block b, draw 0). The
/// numbers of jumps of blocks b and b + 1, b even, are decided by the two uniforms of the draw (block b, draw 1); a step with
/// more than 256 expected jumps is counted in parts, from draw 2³¹ on. The uniforms of draw 2 + i of a block give its
/// jumps 2i and 2i + 1 by inversion: u < p is ln(u/p)/η₁ upwards, otherwise it is ln((1 − u)/(1 − p))/η₂ downwards.
/// Jumps at [`SharedEvents`] take their numbers from those.
///
/// ```
/// use cenote_paths::{Drift, ExponentialJumps, Kou};
/// let jumps = ExponentialJumps {
///     rate: "20 per year".parse()?,
///     up_probability: "40%".parse()?,
///     up_mean: "4%".parse()?,
///     down_mean: "5%".parse()?,
/// };
/// let eth = Kou::new(2000.0, Drift::Price("0%".parse()?), "50%".parse()?, jumps)?;
/// // −0.5²/2 − 20 (0.4 × 25/24 + 0.6 × 20/21 − 1)
/// assert!((eth.log_drift_between_jumps() - 0.113_095).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kou {
    initial: f64,
    diffusion: Diffusion,
    times: JumpTimes,
    law: DoubleExponential,
}

/// The law of one jump.
#[derive(Clone, Copy, Debug, PartialEq)]
struct DoubleExponential {
    up_probability: f64,
    up_mean: f64,
    down_mean: f64,
}

impl DoubleExponential {
    /// The jump of a uniform.
    #[inline(always)]
    fn jump(self, u: f64) -> f64 {
        let up = mask(u < self.up_probability);
        // Of the half that does not happen, nothing is divided by a probability of zero.
        let share = select(up, u, 1.0 - u) / select(up, self.up_probability, 1.0 - self.up_probability);
        // A share of 1, or beyond it by rounding, is no jump.
        let size = -math::ln(if share < 1.0 { share } else { 1.0 });
        select(up, self.up_mean, -self.down_mean) * size
    }
}

impl Kou {
    /// A jump diffusion that starts at `initial`.
    ///
    /// # Errors
    /// An initial price that is not between 1e-150 and 1e150; more than a million jumps a year; a probability that is not from 0%
    /// to 100%; a mean jump up that is not above 0% and below 100% (the price would have no mean), or a mean jump
    /// down that is not above 0% and at most 1000%.
    pub fn new(initial: f64, drift: Drift, volatility: Volatility, jumps: ExponentialJumps) -> Result<Self, PathError> {
        let initial = check_initial(initial)?;
        let rate = check_rate("jumps.rate", jumps.rate.per_year())?;
        let (p, up, down) = (jumps.up_probability.get(), jumps.up_mean.get(), jumps.down_mean.get());
        check("jumps.up_probability", p, (0.0..=1.0).contains(&p), "a probability from 0% to 100%")?;
        check("jumps.up_mean", up, 0.0 < up && up < 1.0, "a mean log jump above 0% and below 100%, or the price has no mean")?;
        check("jumps.down_mean", down, 0.0 < down && down <= 10.0, "a mean log jump above 0% and at most 1000%")?;
        let volatility = volatility.per_sqrt_year();
        // η₁/(η₁ − 1) − 1 and η₂/(η₂ + 1) − 1
        let compensator = rate * (p * (up / (1.0 - up)) - (1.0 - p) * (down / (1.0 + down)));
        let log_mean = rate * (p * up - (1.0 - p) * down);
        let log_drift = drift.less(0.5 * volatility * volatility + compensator, log_mean);
        let law = DoubleExponential { up_probability: p, up_mean: up, down_mean: down };
        Ok(Self { initial, diffusion: Diffusion { log_drift, volatility }, times: JumpTimes::own(rate), law })
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

impl PriceModel for Kou {
    fn initial(&self) -> f64 {
        self.initial
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        let years = horizon.as_years();
        let Diffusion { log_drift, volatility } = self.diffusion;
        let size = self.law.up_mean.max(self.law.down_mean);
        let jumps = most_jumps(self.times.rate(), years);
        // A sum of n exponentials: its mean, and once more as much as one of them ever is.
        let mean = (log_drift * years).abs() + (jumps + 40.0) * size;
        let variance = volatility * volatility * years + jumps * size * size;
        check_log_price(horizon, self.initial, mean, variance.sqrt())
    }

    fn moment(&self, power: f64, time: SimDuration) -> Option<f64> {
        let DoubleExponential { up_probability, up_mean, down_mean } = self.law;
        let (up, down) = (power * up_mean, power * down_mean);
        if up >= 1.0 || down <= -1.0 {
            return None;
        }
        let jump = up_probability * (up / (1.0 - up)) - (1.0 - up_probability) * (down / (1.0 + down));
        let growth = self.diffusion.log_moment(power) + self.times.rate() * jump;
        Some(math::powf(self.initial, power) * math::exp(growth * time.as_years()))
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        Some(DiffusionClock::Blocks)
    }
}

impl<const L: usize> BuildPrice<L> for Kou {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(KouLanes::<L> {
            normals: streams.diffusion(0),
            counts: JumpCounts::new(streams.key(), 1, self.times),
            uniforms: [Lanes::ZERO; 2],
            jumps: Lanes::ZERO,
            model: *self,
        })
    }
}

#[derive(Clone, Debug)]
struct KouLanes<const L: usize> {
    normals: BlockNormals<L>,
    counts: JumpCounts<L>,
    /// Of two jumps.
    uniforms: [Lanes<L>; 2],
    jumps: Lanes<L>,
    model: Kou,
}

impl<const L: usize> PriceLanes<L> for KouLanes<L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.normals.start(paths);
        self.counts.start(paths);
        *price = Lanes::splat(self.model.initial);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        let most = self.counts.count(step);
        let z = self.normals.of(step.block);
        if most == 0 {
            return self.model.diffusion.step(step, z, price);
        }
        self.jumps = Lanes::ZERO;
        let mut first = 0.0;
        for draw in 0..most.div_ceil(2) {
            let [u0, u1] = &mut self.uniforms;
            self.counts.streams().uniform_pair(step.block, 2 + draw, u0, u1);
            add_two(&self.uniforms, self.counts.of_lanes(), first, self.model.law, &mut self.jumps);
            first += 2.0;
        }
        self.model.diffusion.step_with(step, z, &self.jumps, price);
    }
}

kernel! {
    /// Jumps number `first` and `first` + 1 of the lanes that have as many.
    fn add_two<const L: usize>(
        u: &[Lanes<L>; 2], counts: &Lanes<L>, first: f64, law: DoubleExponential, jumps: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let one = select(mask(first < counts[l]), law.jump(u[0][l]), 0.0);
            let two = select(mask(first + 1.0 < counts[l]), law.jump(u[1][l]), 0.0);
            jumps[l] = (jumps[l] + one) + two;
        }
    }
}
