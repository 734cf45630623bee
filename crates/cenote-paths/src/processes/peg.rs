use cenote_units::{Fraction, Frequency, Lanes, SimDuration, Volatility, kernel, mask, math, select};

use super::reversion::Reversion;
use crate::block_normals::BlockNormals;
use crate::error::PathError;
use crate::jump_counts::JumpCounts;
use crate::jump_times::{JumpTimes, SharedEvents};
use crate::parameters::{check, check_rate, most_jumps};
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel, Step, check_initial, check_log_price};

/// Losses of a peg.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Depeg {
    /// Expected depegs per time.
    pub rate: Frequency,
    /// What the level loses: 10% multiplies it by 0.9.
    pub size: Fraction,
    /// Whether and how it comes back; without, the level stays where it fell.
    pub recovery: Option<Recovery>,
}

/// The way back to a peg.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recovery {
    /// Probability that a depeg is undone.
    pub probability: Fraction,
    /// In which half of the way is gone.
    pub half_life: SimDuration,
}

/// A pegged price: a level, normally the peg, times a deviation that goes back to nothing: S = level × exp(Y), dY = −κ Y dt +
/// σ dW.
///
/// Depegs come as a Poisson process. Each multiplies the level by 1 − size. With the given probability the level then
/// returns with its half-life, otherwise it stays. Levels are reckoned in logarithms: ln(level/peg) is the sum of ln(1 −
/// size) over the depegs that stay, and of ln(1 − size) × 2^(−age/half-life) over those that are undone. So after one
/// half-life, a fall to 0.81 has been made good to 0.9.
///
/// The law of the price after a step h of any length is exact: Y as in [`ExpOu`](crate::ExpOu), and the depegs within the
/// step have uniform times.
///
/// **Streams.** The normals of Y of blocks b to b + 3, b a multiple of four, are the four of the draw (block b, draw 0).
/// The numbers of depegs of blocks b and b + 1, b even, are decided by the two uniforms of the draw (block b, draw 1); a step
/// with more than 256 expected ones is counted in parts, from draw 2³¹ on. Draw 2 + j of a block gives the time
/// of its depeg number j within the step, and whether it is undone. Depegs at [`SharedEvents`] take number and time from those.
///
/// ```
/// use cenote_paths::{Depeg, Peg, Recovery};
/// let recovery = Recovery { probability: "70%".parse()?, half_life: "2d".parse()? };
/// let depeg = Depeg { rate: "0.2 per year".parse()?, size: "10%".parse()?, recovery: Some(recovery) };
/// let usdc = Peg::new(1.0, "12h".parse()?, "2%".parse()?, Some(depeg))?;
/// assert!((usdc.stationary_deviation() - 0.000_628).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peg {
    initial: f64,
    reversion: Reversion,
    times: JumpTimes,
    /// ln(1 − size)
    fall: f64,
    recovery_probability: f64,
    /// ln 2 / half-life of the recovery, per year.
    recovery_speed: f64,
}

impl Peg {
    /// A price that starts on its peg. Deviations from the level halve within `reversion_half_life`.
    ///
    /// # Errors
    /// A peg that is not between 1e-150 and 1e150; a half-life of zero; more than a million depegs a year; a size that
    /// is not from 0% to less than 100%; a probability that is not from 0% to 100%.
    pub fn new(
        peg: f64,
        reversion_half_life: SimDuration,
        volatility: Volatility,
        depeg: Option<Depeg>,
    ) -> Result<Self, PathError> {
        let initial = check_initial(peg)?;
        let reversion = Reversion::new("reversion_half_life", reversion_half_life, volatility)?;
        let times = JumpTimes::own(0.0);
        let mut model = Self { initial, reversion, times, fall: 0.0, recovery_probability: 0.0, recovery_speed: 0.0 };
        if let Some(Depeg { rate, size, recovery }) = depeg {
            model.times = JumpTimes::own(check_rate("depeg.rate", rate.per_year())?);
            let size = size.get();
            check("depeg.size", size, (0.0..1.0).contains(&size), "a fraction of the level from 0% to less than 100%")?;
            model.fall = math::ln_1p(-size);
            if let Some(Recovery { probability, half_life }) = recovery {
                let probability = probability.get();
                let allowed = (0.0..=1.0).contains(&probability);
                model.recovery_probability =
                    check("depeg.recovery.probability", probability, allowed, "a probability from 0% to 100%")?;
                model.recovery_speed = Reversion::new("depeg.recovery.half_life", half_life, Volatility::ZERO)?.speed();
            }
        }
        Ok(model)
    }

    /// The same depegs at the times of shared events, of which each is one with probability depeg rate / event rate.
    ///
    /// # Errors
    /// Depegs more often than events.
    pub fn at(self, events: SharedEvents) -> Result<Self, PathError> {
        Ok(Self { times: self.times.at("depeg.rate", events)?, ..self })
    }

    /// Standard deviation of the log price about its level in the long run, σ/√(2κ).
    pub fn stationary_deviation(&self) -> f64 {
        self.reversion.stationary_deviation()
    }
}

impl PriceModel for Peg {
    fn initial(&self) -> f64 {
        self.initial
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        let falls = most_jumps(self.times.rate(), horizon.as_years()) * self.fall;
        check_log_price(horizon, self.initial, falls, self.stationary_deviation())
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        Some(DiffusionClock::Blocks)
    }
}

impl<const L: usize> BuildPrice<L> for Peg {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(PegLanes::<L> {
            y: Lanes::ZERO,
            lost: Lanes::ZERO,
            recovering: Lanes::ZERO,
            fallen: false,
            normals: streams.diffusion(0),
            depegs: JumpCounts::new(streams.key(), 1, self.times),
            model: *self,
        })
    }
}

#[derive(Clone, Debug)]
struct PegLanes<const L: usize> {
    /// Log price over the level.
    y: Lanes<L>,
    /// Log level over the peg: what stays.
    lost: Lanes<L>,
    /// Log level over the peg: what returns.
    recovering: Lanes<L>,
    /// Whether there has been a depeg in any lane.
    fallen: bool,
    normals: BlockNormals<L>,
    depegs: JumpCounts<L>,
    model: Peg,
}

impl<const L: usize> PriceLanes<L> for PegLanes<L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.normals.start(paths);
        self.depegs.start(paths);
        (self.y, self.lost, self.recovering) = (Lanes::ZERO, Lanes::ZERO, Lanes::ZERO);
        self.fallen = false;
        *price = Lanes::splat(self.model.initial);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        self.model.reversion.step(step, self.normals.of(step.block), &mut self.y);
        if self.fallen {
            recover(&mut self.recovering, self.model.recovery_speed, step.years);
        }
        if self.depegs.count(step) > 0 {
            self.fallen = true;
            for l in 0..L {
                self.fall(l, step);
            }
        }
        if self.fallen {
            price_of(&self.y, &self.lost, &self.recovering, self.model.initial, step.years, price);
        } else {
            price_of(&self.y, &Lanes::ZERO, &Lanes::ZERO, self.model.initial, step.years, price);
        }
    }
}

impl<const L: usize> PegLanes<L> {
    /// The depegs of one lane within the step.
    fn fall(&mut self, l: usize, step: &Step<'_, L>) {
        let Peg { fall, recovery_probability, recovery_speed, .. } = self.model;
        let Self { depegs, recovering, lost, .. } = self;
        depegs.for_each_jump(l, step.block, |j| {
            let mut stream = depegs.streams().lane(l, step.block).at_draw(2 + j);
            let own = stream.uniform();
            let age = depegs.moment(l, step.block, j).unwrap_or(own) * step.years[l];
            if stream.uniform() < recovery_probability {
                recovering[l] += fall * math::exp(-recovery_speed * age);
            } else {
                lost[l] += fall;
            }
        });
    }
}

kernel! {
    fn recover<const L: usize>(recovering: &mut Lanes<L>, speed: f64, years: &Lanes<L>) {
        for l in 0..L {
            recovering[l] *= math::exp(-speed * years[l]);
        }
    }
}

kernel! {
    fn price_of<const L: usize>(
        y: &Lanes<L>, lost: &Lanes<L>, recovering: &Lanes<L>, peg: f64, years: &Lanes<L>, price: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let x = (y[l] + lost[l]) + recovering[l];
            price[l] = select(mask(years[l] > 0.0), peg * math::exp(x), price[l]);
        }
    }
}
