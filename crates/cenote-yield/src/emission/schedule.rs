use cenote_units::{Lanes, SimDuration, SimTime, kernel, math};

use super::EmissionError;
use super::steps::Steps;

/// Nanoseconds of a year of 365 days.
const YEAR: f64 = 365.0 * 86_400e9;

/// A length of time in years of 365 days.
#[inline(always)]
#[allow(clippy::cast_precision_loss, reason = "104 days are exact to the nanosecond, longer times to 10^-16 of them")]
pub(crate) fn years(nanos: u64) -> f64 {
    nanos as f64 * (1.0 / YEAR)
}

/// Tokens per time as a function of time since the start, and its integral in closed form.
///
/// ```
/// use cenote_units::{SimDuration, SimTime};
/// use cenote_yield::emission::Emission;
///
/// let day = |n: u64| SimTime::from_nanos(n * 86_400_000_000_000);
/// // 4000 a day, halved every 90 days.
/// let emission = Emission::halving(4000.0 * 365.0, "90d".parse::<SimDuration>()?)?;
/// let half_a_year = emission.between(day(0), day(180));
/// assert!((half_a_year - 90.0 * (4000.0 + 2000.0)).abs() < 1e-9);
/// assert!((emission.rate(day(100)) / 365.0 - 2000.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Emission {
    shape: Shape,
    /// Nothing is emitted before; schedules count from here.
    start: u64,
    /// Nothing is emitted from here on.
    end: u64,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Constant(f64),
    Halving { rate: f64, period: u64 },
    Decay { rate: f64, per_year: f64 },
    Table(Steps),
}

/// A stretch of time in which the rate does not change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    /// Tokens per year.
    pub(crate) rate: f64,
    /// When it ends, in nanoseconds.
    pub(crate) until: u64,
}

impl Emission {
    fn new(shape: Shape) -> Self {
        Self { shape, start: 0, end: u64::MAX }
    }

    /// `per_year` tokens a year, always.
    ///
    /// # Errors
    /// [`EmissionError::InvalidRate`].
    pub fn constant(per_year: f64) -> Result<Self, EmissionError> {
        Ok(Self::new(Shape::Constant(valid(per_year)?)))
    }

    /// `per_year` tokens a year at first, half as many after each `period`: r(t) = r₀ 2^−⌊t/period⌋.
    ///
    /// # Errors
    /// [`EmissionError::InvalidRate`], [`EmissionError::NoTime`].
    pub fn halving(per_year: f64, period: SimDuration) -> Result<Self, EmissionError> {
        let period = period.as_nanos();
        if period == 0 {
            return Err(EmissionError::NoTime { what: "the time between halvings" });
        }
        Ok(Self::new(Shape::Halving { rate: valid(per_year)?, period }))
    }

    /// `per_year` tokens a year at first, falling all the time: r(t) = r₀ 2^(−t/half-life).
    ///
    /// # Errors
    /// [`EmissionError::InvalidRate`], [`EmissionError::NoTime`].
    pub fn decay(per_year: f64, half_life: SimDuration) -> Result<Self, EmissionError> {
        if half_life.is_zero() {
            return Err(EmissionError::NoTime { what: "the half-life" });
        }
        let per_year_decay = core::f64::consts::LN_2 / years(half_life.as_nanos());
        Ok(Self::new(Shape::Decay { rate: valid(per_year)?, per_year: per_year_decay }))
    }

    /// Rates from given times on, each until the next: epochs. Nothing is emitted before the first.
    ///
    /// # Errors
    /// [`EmissionError::NoSteps`], [`EmissionError::StepsOutOfOrder`], [`EmissionError::InvalidRate`].
    pub fn table(steps: &[(SimDuration, f64)]) -> Result<Self, EmissionError> {
        let steps: Vec<_> =
            steps.iter().map(|(begin, rate)| Ok((begin.as_nanos(), valid(*rate)?))).collect::<Result<_, EmissionError>>()?;
        Ok(Self::new(Shape::Table(Steps::new(&steps)?)))
    }

    /// `per_year` tokens a year at first, `factor` times as many after each `period`, `times` times: Curve's inflation has the factor
    /// 2^(−1/4) and periods of a year.
    ///
    /// # Errors
    /// [`EmissionError::InvalidRate`] of a rate or the factor, [`EmissionError::NoTime`].
    pub fn reducing(per_year: f64, factor: f64, period: SimDuration, times: u32) -> Result<Self, EmissionError> {
        if period.is_zero() {
            return Err(EmissionError::NoTime { what: "the time between reductions" });
        }
        valid(factor)?;
        let mut steps = vec![(0, valid(per_year)?)];
        let (mut begin, mut rate) = (0_u64, per_year);
        for _ in 0..times {
            // What begins after the end of time never does.
            let Some(next) = begin.checked_add(period.as_nanos()) else { break };
            begin = next;
            rate = valid(rate * factor)?;
            steps.push((begin, rate));
        }
        Ok(Self::new(Shape::Table(Steps::new(&steps)?)))
    }

    /// The same, beginning at `start`: schedules count from there.
    pub fn starting(self, start: SimTime) -> Self {
        Self { start: start.as_nanos(), ..self }
    }

    /// The same, cut off at `end`.
    ///
    /// # Errors
    /// [`EmissionError::EndsTooSoon`].
    pub fn ending(self, end: SimTime) -> Result<Self, EmissionError> {
        if end.as_nanos() <= self.start {
            return Err(EmissionError::EndsTooSoon { start: self.start, end: end.as_nanos() });
        }
        Ok(Self { end: end.as_nanos(), ..self })
    }

    /// Tokens per year at `time`.
    pub fn rate(&self, time: SimTime) -> f64 {
        self.rate_at(time.as_nanos())
    }

    /// Tokens emitted from `from` to `to`; none if `to` is not later.
    pub fn between(&self, from: SimTime, to: SimTime) -> f64 {
        self.amount(from.as_nanos(), to.as_nanos())
    }

    pub(crate) fn rate_at(&self, time: u64) -> f64 {
        if time < self.start || time >= self.end {
            return 0.0;
        }
        let since = time - self.start;
        match &self.shape {
            Shape::Constant(rate) => *rate,
            Shape::Halving { rate, period } => rate * half_to_the(since / period),
            Shape::Decay { rate, per_year } => rate * math::exp(-per_year * years(since)),
            Shape::Table(steps) => steps.at(since).0,
        }
    }

    /// The stretch of constant rate that `time` lies in; none if the rate changes all the time.
    pub(crate) fn piece(&self, time: u64) -> Option<Piece> {
        if let Shape::Decay { .. } = self.shape {
            return None;
        }
        if time < self.start {
            return Some(Piece { rate: 0.0, until: self.start });
        }
        if time >= self.end {
            return Some(Piece { rate: 0.0, until: u64::MAX });
        }
        let since = time - self.start;
        let (rate, until) = match &self.shape {
            Shape::Constant(rate) => (*rate, u64::MAX),
            Shape::Halving { rate, period } => {
                let epoch = since / period;
                (rate * half_to_the(epoch), epoch.saturating_add(1).saturating_mul(*period))
            }
            Shape::Table(steps) => steps.at(since),
            Shape::Decay { .. } => (0.0, u64::MAX),
        };
        Some(Piece { rate, until: until.saturating_add(self.start).min(self.end) })
    }

    /// [`amount`](Self::amount) in lanes, if that is quicker than one by one; false if not.
    pub(crate) fn amounts<const L: usize>(&self, from: &[u64; L], to: &[u64; L], out: &mut Lanes<L>) -> bool {
        let Shape::Decay { rate, per_year } = self.shape else { return false };
        decay_amounts([rate, per_year], [self.start, self.end], from, to, out);
        true
    }

    /// [`between`](Self::between) in nanoseconds. Within one [`Piece`] it is rate · years, to the bit.
    pub(crate) fn amount(&self, from: u64, to: u64) -> f64 {
        let (from, to) = (from.max(self.start), to.min(self.end));
        if to <= from {
            return 0.0;
        }
        let (from, to) = (from - self.start, to - self.start);
        match &self.shape {
            Shape::Constant(rate) => rate * years(to - from),
            Shape::Halving { rate, period } => {
                let (first, last) = (from / period, to / period);
                if first == last {
                    return rate * half_to_the(first) * years(to - from);
                }
                // The rest of the first epoch, whole epochs as a geometric series, the beginning of the last one.
                let epochs = half_to_the(first) - 2.0 * half_to_the(last);
                let rest = half_to_the(first) * years((first + 1) * period - from);
                rate * (rest + epochs * years(*period) + half_to_the(last) * years(to - last * period))
            }
            Shape::Decay { rate, per_year } => decayed(*rate, *per_year, from, to),
            Shape::Table(steps) => {
                let (mut sum, mut from) = (0.0, from);
                while from < to {
                    let (rate, until) = steps.at(from);
                    let end = until.min(to);
                    sum += rate * years(end - from);
                    from = end;
                }
                sum
            }
        }
    }
}

kernel! {
    /// [`Emission::amount`] of a decay, in lanes.
    fn decay_amounts<const L: usize>(shape: [f64; 2], window: [u64; 2], from: &[u64; L], to: &[u64; L], out: &mut Lanes<L>) {
        let ([rate, per_year], [start, end]) = (shape, window);
        for l in 0..L {
            let from = if from[l] > start { from[l] } else { start };
            let to = if to[l] < end { to[l] } else { end };
            let to = if to > from { to } else { from };
            out[l] = decayed(rate, per_year, from.wrapping_sub(start), to.wrapping_sub(start));
        }
    }
}

/// r₀/λ · (e^(−λ from) − e^(−λ to)), the difference as one factor, so that short stretches are as exact as long ones.
#[inline(always)]
fn decayed(rate: f64, per_year: f64, from: u64, to: u64) -> f64 {
    rate / per_year * math::exp(-per_year * years(from)) * -math::exp_m1(-per_year * years(to.wrapping_sub(from)))
}

/// 2^−epochs.
fn half_to_the(epochs: u64) -> f64 {
    match epochs {
        0..=1022 => f64::from_bits((1023 - epochs) << 52),
        1023..=1074 => f64::from_bits(1 << (1074 - epochs)),
        _ => 0.0,
    }
}

fn valid(rate: f64) -> Result<f64, EmissionError> {
    if (0.0..f64::INFINITY).contains(&rate) { Ok(rate) } else { Err(EmissionError::InvalidRate { rate }) }
}
