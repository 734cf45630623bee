mod scheme;

use cenote_units::{Lanes, Rate, SimDuration, Volatility, math};

use self::scheme::{Coefficients, Parameters, centre, exponentials, fill, finish, multiply, next_of_parts, quadratic};
use super::gbm::Drift;
use crate::block_normals::BlockNormals;
use crate::convert::count;
use crate::error::PathError;
use crate::parameters::{check, check_volatility};
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel, Step, check_initial, check_log_price};

/// A variance that goes back to a mean: dv = κ (θ − v) dt + ξ √v dW.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StochasticVariance {
    /// √v(0).
    pub initial_volatility: Volatility,
    /// √θ, above zero.
    pub long_run_volatility: Volatility,
    /// ln 2/κ: in which half of the way from v to θ is gone, in expectation.
    pub half_life: SimDuration,
    /// ξ, above zero. The variance is a number per year, and so is this.
    pub volatility_of_variance: Rate,
    /// Correlation ρ of the variance with the log price, from −1 to 1.
    pub correlation: f64,
}

/// Stochastic volatility (Heston 1993, "A closed-form solution for options with stochastic volatility"):
/// dS = μ S dt + √v S dW₁, dv = κ (θ − v) dt + ξ √v dW₂, d⟨W₁, W₂⟩ = ρ dt.
///
/// Valid for all parameters, those with 2κθ < ξ² included, for which the variance touches zero.
///
/// **Scheme.** Quadratic-exponential, with martingale correction (Andersen 2008, "Simple and efficient simulation of the
/// Heston stochastic volatility model"; its critical ψ is 3/2, γ₁ = γ₂ = ½). Whatever the step, mean and variance of v are exact, and so
/// is E\[S(T)\] = S(0) e^(μT) (with [`Drift::Log`] E\[ln S(T)\] instead). The law of v between two dates is matched
/// in its first two moments, and its integral is taken by the trapezoidal rule, whose error for a step h is of the order (κh)²
/// relative. Steps longer than one day, 1/(16κ) or 1/(2ξ) are therefore taken in equal parts that are no longer. Taken so,
/// half a million paths do not tell the price of a call over a year from its closed form.
///
/// **Streams.** Of blocks b to b + 3, b a multiple of four, the normals of the price are the four of the draw (block b, draw
/// 0) and the normals of the variance those of the draw (block b, draw 1). Of blocks b and b + 1, b even, the uniforms of the variance
/// are the two of the draw (block b, draw 2). Of a step in several parts, the normal of the price is that of their sum, which a bridge
/// divides among them with the normals of draws 3 + 4g of the block (of parts 4g to 4g + 3); those of the variance are for its first part,
/// and parts 4g + 1 to 4g + 4 take draws 4 + 4g (normals), 5 + 4g and 6 + 4g (uniforms) of the block.
///
/// The normal of the price is what its Brownian motion has beside that of the variance, W₁ = ρ W₂ + √(1 − ρ²) W: a correlation c of it
/// with another price's normal ([`CorrelationMatrix`](crate::CorrelationMatrix)) is one of √(1 − ρ²) c of their log returns.
///
/// ```
/// use cenote_paths::{Drift, Heston, StochasticVariance};
/// let variance = StochasticVariance {
///     initial_volatility: "80%".parse()?,
///     long_run_volatility: "70%".parse()?,
///     half_life: "60d".parse()?,
///     volatility_of_variance: "150%".parse()?,
///     correlation: -0.5,
/// };
/// let eth = Heston::new(2000.0, Drift::Price("0%".parse()?), variance)?;
/// assert!((eth.longest_part().as_days() - 1.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heston {
    initial: f64,
    parameters: Parameters,
}

impl Heston {
    /// A price that starts at `initial`.
    ///
    /// # Errors
    /// An initial price that is not between 1e-150 and 1e150; a half-life, a long-run volatility or a volatility of variance that
    /// is not above zero; a correlation that is not from −1 to 1.
    pub fn new(initial: f64, drift: Drift, variance: StochasticVariance) -> Result<Self, PathError> {
        let initial = check_initial(initial)?;
        let v0 = check_volatility(variance.initial_volatility.per_sqrt_year())?;
        let long_run = variance.long_run_volatility.per_sqrt_year();
        check("long_run_volatility", long_run, long_run > 0.0, "above 0%")?;
        let half_life = variance.half_life.as_years();
        check("half_life", half_life, half_life > 0.0, "longer than 0s")?;
        let xi = variance.volatility_of_variance.per_year();
        check("volatility_of_variance", xi, xi > 0.0, "above 0%")?;
        let rho = variance.correlation;
        check("correlation", rho, (-1.0..=1.0).contains(&rho), "a correlation from -1 to 1")?;
        let (rate, ito) = match drift {
            Drift::Price(rate) => (rate, 1.0),
            Drift::Log(rate) => (rate, 0.0),
        };
        let parameters = Parameters {
            drift: rate.per_year(),
            ito,
            initial: v0 * v0,
            kappa: std::f64::consts::LN_2 / half_life,
            theta: long_run * long_run,
            xi,
            rho,
        };
        Ok(Self { initial, parameters })
    }

    /// Steps longer than this are taken in equal parts.
    pub fn longest_part(&self) -> SimDuration {
        let nanos = self.parameters.longest_part() / SimDuration::from_nanos(1).as_years();
        SimDuration::from_nanos(crate::convert::nanos(nanos))
    }
}

impl PriceModel for Heston {
    fn initial(&self) -> f64 {
        self.initial
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        let Parameters { drift, initial, kappa, theta, xi, .. } = self.parameters;
        let years = horizon.as_years();
        // The variance stays within ten of its own standard deviations of the larger of its ends.
        let largest = initial.max(theta) + 10.0 * xi * (initial.max(theta) * years.min(0.5 / kappa)).sqrt();
        let variance = largest * years;
        check_log_price(horizon, self.initial, (drift * years).abs() + 0.5 * variance, variance.sqrt())
    }

    /// The mean alone, given the drift of the price: other moments of the scheme are close to those of the process, not equal.
    fn moment(&self, power: f64, time: SimDuration) -> Option<f64> {
        let Parameters { drift, ito, .. } = self.parameters;
        (power == 1.0 && ito == 1.0).then(|| self.initial * math::exp(drift * time.as_years()))
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        Some(DiffusionClock::Blocks)
    }
}

impl<const L: usize> BuildPrice<L> for Heston {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(HestonLanes::<L>::new(self, streams))
    }
}

#[derive(Clone, Debug)]
struct HestonLanes<const L: usize> {
    v: Lanes<L>,
    next: Lanes<L>,
    /// What the log price has to give back, so that its drift is right.
    correction: Lanes<L>,
    log_return: Lanes<L>,
    coefficients: Coefficients<L>,
    /// The length of a part that `coefficients` are for, in all lanes.
    shared: Option<f64>,
    /// Lengths of the parts, and of the part at hand: 0 in lanes that are through.
    lengths: Lanes<L>,
    price_normals: BlockNormals<L>,
    variance_normals: BlockNormals<L>,
    /// Normals and uniforms of the parts after the first.
    quads: [[Lanes<L>; 4]; 2],
    /// What the parts to come have left of the price's normal, how many they are, and the normal of the part at hand.
    rest: Lanes<L>,
    parts_left: Lanes<L>,
    of_part: Lanes<L>,
    uniforms: [Lanes<L>; 2],
    /// The draw that `uniforms` hold: block, number.
    uniforms_of: Option<(u32, u32)>,
    model: Heston,
}

impl<const L: usize> HestonLanes<L> {
    fn new(model: &Heston, streams: &PriceStreams) -> Self {
        Self {
            v: Lanes::ZERO,
            next: Lanes::ZERO,
            correction: Lanes::ZERO,
            log_return: Lanes::ZERO,
            coefficients: Coefficients::default(),
            shared: None,
            lengths: Lanes::ZERO,
            price_normals: streams.diffusion(0),
            variance_normals: BlockNormals::new(streams.key(), 1),
            quads: [[Lanes::ZERO; 4]; 2],
            rest: Lanes::ZERO,
            parts_left: Lanes::ZERO,
            of_part: Lanes::ZERO,
            uniforms: [Lanes::ZERO; 2],
            uniforms_of: None,
            model: *model,
        }
    }
}

impl<const L: usize> PriceLanes<L> for HestonLanes<L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.price_normals.start(paths);
        self.variance_normals.start(paths);
        self.uniforms_of = None;
        self.v = Lanes::splat(self.model.parameters.initial);
        *price = Lanes::splat(self.model.initial);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        let parts = self.divide(step);
        self.log_return = Lanes::ZERO;
        for part in 0..parts.most {
            if part > 0 {
                parts.leave(part, &mut self.lengths);
            }
            self.go(step.block, part, &parts);
        }
        multiply(&self.log_return, price);
    }
}

/// In how many parts a step is taken, lane by lane.
struct Parts<const L: usize> {
    counts: [u32; L],
    most: u32,
}

impl<const L: usize> Parts<L> {
    /// Stops the lanes that have no part number `part`.
    fn leave(&self, part: u32, lengths: &mut Lanes<L>) {
        for l in 0..L {
            if self.counts[l] <= part {
                lengths[l] = 0.0;
            }
        }
    }
}

impl<const L: usize> HestonLanes<L> {
    /// Divides a step into parts, and computes what depends on their lengths.
    fn divide(&mut self, step: &Step<'_, L>) -> Parts<L> {
        let longest = self.model.parameters.longest_part();
        let parts_of = |years: f64| count((years / longest).ceil());
        if let Some(years) = step.shared {
            let most = parts_of(years);
            let length = years / f64::from(most);
            self.lengths = Lanes::splat(length);
            if self.shared.map(f64::to_bits) != Some(length.to_bits()) {
                fill(&self.lengths, self.model.parameters, &mut self.coefficients);
                self.shared = Some(length);
            }
            return Parts { counts: [most; L], most };
        }
        let mut counts = [0; L];
        for l in 0..L {
            counts[l] = parts_of(step.years[l]);
            self.lengths[l] = if counts[l] > 0 { step.years[l] / f64::from(counts[l]) } else { 0.0 };
        }
        fill(&self.lengths, self.model.parameters, &mut self.coefficients);
        self.shared = None;
        Parts { counts, most: counts.into_iter().max().unwrap_or(0) }
    }

    /// The share of a part in the normal of the price.
    fn divide_normal(&mut self, block: u32, part: u32, parts: &Parts<L>) {
        if part.is_multiple_of(4) {
            self.price_normals.streams().normal_quad(block, 3 + part, &mut self.quads[0]);
        }
        if part == 0 {
            self.parts_left = Lanes(parts.counts.map(f64::from));
            let z = self.price_normals.of(block);
            for l in 0..L {
                self.rest[l] = self.parts_left[l].sqrt() * z[l];
            }
        }
        let e = &self.quads[0][(part & 3) as usize];
        next_of_parts(e, &self.parts_left, &mut self.rest, &mut self.of_part);
        for left in &mut self.parts_left.0 {
            *left -= 1.0;
        }
    }

    /// One part of a step.
    fn go(&mut self, block: u32, part: u32, parts: &Parts<L>) {
        // The parts after the first, by fours.
        let (group, of_four) = (part.wrapping_sub(1) / 4, (part.wrapping_sub(1) & 3) as usize);
        if part > 0 && of_four == 0 {
            self.price_normals.streams().normal_quad(block, 4 + 4 * group, &mut self.quads[1]);
        }
        let z = if part == 0 { self.variance_normals.of(block) } else { &self.quads[1][of_four] };
        let exponential = quadratic(&self.v, z, &self.lengths, &self.coefficients, &mut self.next, &mut self.correction);
        if exponential != 0 {
            let (of, which) = if part == 0 {
                ((block & !1, 2), (block & 1) as usize)
            } else {
                let half = u32::from(of_four >= 2);
                ((block, 5 + 4 * group + half), of_four & 1)
            };
            if self.uniforms_of != Some(of) {
                let [u0, u1] = &mut self.uniforms;
                self.price_normals.streams().uniform_pair(of.0, of.1, u0, u1);
                self.uniforms_of = Some(of);
            }
            let u = &self.uniforms[which];
            exponentials(&self.v, u, &self.coefficients, &mut self.next, &mut self.correction);
        }
        if self.model.parameters.ito == 0.0 {
            centre(&self.v, &self.coefficients, &mut self.correction);
        }
        let z = if parts.most == 1 {
            self.price_normals.of(block)
        } else {
            self.divide_normal(block, part, parts);
            &self.of_part
        };
        finish(z, &self.lengths, &self.coefficients, &self.next, &self.correction, &mut self.v, &mut self.log_return);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of the variance, in steps of all sizes and with parameters that let it touch zero.
    #[test]
    fn moments_of_the_variance() {
        for (v0, kappa, theta, xi, mean, variance) in [
            (0.64_f64, 3.0, 0.5_f64, 0.8, 0.506_970_189_571_501, 0.054_614_074_927_488_23),
            // 2κθ = 0.1 ξ²
            (0.04, 1.25, 0.04, 1.0, 0.04, 0.04 / 2.5 * (1.0 - f64::exp(-2.5))),
        ] {
            let half_life = SimDuration::from_nanos(crate::convert::nanos(std::f64::consts::LN_2 / kappa * 31_536e12));
            let model = Heston::new(
                1.0,
                Drift::Price(Rate::ZERO),
                StochasticVariance {
                    initial_volatility: Volatility::from_per_sqrt_year(v0.sqrt()).unwrap(),
                    long_run_volatility: Volatility::from_per_sqrt_year(theta.sqrt()).unwrap(),
                    half_life,
                    volatility_of_variance: Rate::from_per_year(xi).unwrap(),
                    correlation: -0.5,
                },
            )
            .unwrap();
            let mut lanes = HestonLanes::<64>::new(&model, &crate::StreamKey::new(42, "x").into());
            let (mut sum, mut squares, mut fourths, mut n) = (0.0, 0.0, 0.0, 0.0);
            for pack in 0..1024_u32 {
                let mut price = Lanes::ZERO;
                lanes.start(std::array::from_fn(|l| 64 * pack + count(crate::convert::index_to_f64(l))), &mut price);
                for (block, nanos) in [15_768_000_000_000_000, 7_884_000_000_000_000, 7_884_000_000_000_000].into_iter().enumerate()
                {
                    let years = SimDuration::from_nanos(nanos).as_years();
                    let block = count(crate::convert::index_to_f64(block));
                    let step =
                        Step { block, nanos: &[nanos; 64], end: &[nanos; 64], years: &Lanes::splat(years), shared: Some(years) };
                    lanes.step(&step, &mut price);
                }
                for &v in lanes.v.iter() {
                    assert!(v >= 0.0 && v.is_finite());
                    let square = (v - mean) * (v - mean);
                    sum += v;
                    squares += square;
                    fourths += square * square;
                    n += 1.0;
                }
            }
            let estimate: f64 = squares / n;
            // Four standard errors.
            assert!((sum / n - mean).abs() < 4.0 * (variance / n).sqrt(), "{} for {mean}", sum / n);
            let error = ((fourths / n - estimate * estimate) / n).sqrt();
            assert!((estimate - variance).abs() < 4.0 * error, "{estimate} ± {error} for {variance}");
        }
    }
}
