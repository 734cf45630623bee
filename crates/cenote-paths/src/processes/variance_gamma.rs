use cenote_units::{Lanes, Rate, SimDuration, Volatility, kernel, math};

use super::diffusion::Diffusion;
use super::gbm::Drift;
use crate::block_normals::BlockNormals;
use crate::error::PathError;
use crate::gamma::GammaIncrements;
use crate::parameters::check;
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel, Step, check_initial, check_log_price};

/// The business time of a [`VarianceGamma`] price, and what the log price does in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BusinessTime {
    /// Drift θ of the Brownian motion in business time: below zero, falls are steeper than rises.
    pub asymmetry: Rate,
    /// ν: the variance of business time per time, which is a time: Var\[G(T)\] = ν T. The excess kurtosis of a log return over T,
    /// without asymmetry, is 3 ν/T.
    pub clock_variance: SimDuration,
}

/// Brownian motion in random time: a log price that only jumps (Madan, Carr and Chang 1998, "The variance gamma process and
/// option pricing").
///
/// ln S(t + h) = ln S(t) + m h + θ G + σ √G Z, G a Gamma variate of mean h and variance ν h: exact for a step h of any length.
///
/// **Drift.** With [`Drift::Price`] m = μ + ln(1 − θν − σ²ν/2)/ν, so that E\[S(T)\] = S(0) e^(μT); with [`Drift::Log`] m = drift − θ.
///
/// **Streams.** Z of blocks b to b + 3, b a multiple of four, are the four normals of the draw (block b, draw 0). G/ν is of shape
/// h/ν: a variate of shape h/ν + 1, by rejection (Marsaglia and Tsang 2000), attempt j from draw 2 + j of the block, times
/// U^(ν/h); U of blocks b and b + 1, b even, are the two uniforms of the draw (block b, draw 1).
///
/// ```
/// use cenote_paths::{BusinessTime, Drift, VarianceGamma};
/// let time = BusinessTime { asymmetry: "-20%".parse()?, clock_variance: "36.5d".parse()? };
/// let eth = VarianceGamma::new(2000.0, Drift::Price("0%".parse()?), "60%".parse()?, time)?;
/// // ln(1 + 0.2 × 0.1 − 0.6² × 0.1/2)/0.1
/// assert!((eth.log_drift() - 0.019_980).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceGamma {
    initial: f64,
    /// m, without a volatility in the time of clocks.
    diffusion: Diffusion,
    volatility: f64,
    theta: f64,
    /// In years.
    nu: f64,
}

impl VarianceGamma {
    /// A price that starts at `initial`, with a volatility σ in business time.
    ///
    /// # Errors
    /// An initial price that is not between 1e-150 and 1e150; a clock variance of zero, or one so long that the price has no
    /// mean: θν + σ²ν/2 has to be below 1.
    pub fn new(initial: f64, drift: Drift, volatility: Volatility, time: BusinessTime) -> Result<Self, PathError> {
        let initial = check_initial(initial)?;
        let (volatility, theta) = (volatility.per_sqrt_year(), time.asymmetry.per_year());
        let nu = time.clock_variance.as_years();
        let left = 1.0 - (theta + 0.5 * volatility * volatility) * nu;
        let allowed = nu > 0.0 && left > 0.0;
        check("clock_variance", nu, allowed, "longer than 0s, and short enough for the price to have a mean (in years)")?;
        let growth = -math::ln(left) / nu;
        let log_drift = drift.less(growth, theta);
        Ok(Self { initial, diffusion: Diffusion { log_drift, volatility: 0.0 }, volatility, theta, nu })
    }

    /// Drift m of the log price besides its moves in business time, per year.
    pub fn log_drift(&self) -> f64 {
        self.diffusion.log_drift
    }
}

impl PriceModel for VarianceGamma {
    fn initial(&self) -> f64 {
        self.initial
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        let years = horizon.as_years();
        // Business time beyond its mean, ten of its deviations and the longest of its jumps.
        let longest = years + 10.0 * (self.nu * years).sqrt() + 40.0 * self.nu;
        let mean = (self.diffusion.log_drift * years).abs() + (self.theta * longest).abs();
        check_log_price(horizon, self.initial, mean, self.volatility * longest.sqrt())
    }

    fn moment(&self, power: f64, time: SimDuration) -> Option<f64> {
        let Self { theta, volatility, nu, .. } = *self;
        let less = power * theta * nu + 0.5 * power * power * volatility * volatility * nu;
        if less >= 1.0 {
            return None;
        }
        let growth = power * self.diffusion.log_drift - math::ln_1p(-less) / nu;
        Some(math::powf(self.initial, power) * math::exp(growth * time.as_years()))
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        Some(DiffusionClock::Blocks)
    }
}

impl<const L: usize> BuildPrice<L> for VarianceGamma {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(VarianceGammaLanes::<L> {
            moves: Lanes::ZERO,
            normals: streams.diffusion(0),
            time: GammaIncrements::new(streams.key(), 2, 1.0 / self.nu),
            model: *self,
        })
    }
}

#[derive(Clone, Debug)]
struct VarianceGammaLanes<const L: usize> {
    moves: Lanes<L>,
    normals: BlockNormals<L>,
    time: GammaIncrements<L>,
    model: VarianceGamma,
}

impl<const L: usize> PriceLanes<L> for VarianceGammaLanes<L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.normals.start(paths);
        self.time.start(paths);
        *price = Lanes::splat(self.model.initial);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        let VarianceGamma { diffusion, volatility, theta, nu, .. } = self.model;
        let z = self.normals.of(step.block);
        moves(z, self.time.of(step), nu, theta, volatility, &mut self.moves);
        diffusion.step_with(step, z, &self.moves, price);
    }
}

kernel! {
    fn moves<const L: usize>(
        z: &Lanes<L>, gamma: &Lanes<L>, nu: f64, theta: f64, volatility: f64, moves: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let time = nu * gamma[l];
            moves[l] = theta * time + volatility * time.sqrt() * z[l];
        }
    }
}
