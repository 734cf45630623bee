use cenote_units::{SimDuration, SimTime, Volatility, math};

use super::{FeeRule, fraction, nanos, not_negative, some_time};
use crate::error::AmmError;
use crate::pool::Direction;

/// A fee that grows with the volatility that the pool's price has shown.
///
/// The variance v per year is an exponentially weighted mean of what the blocks brought: after a block of length Δ in which the log
/// price moved by r, v ← v·e^(−Δ/w) + (r²/Δ)·(1 − e^(−Δ/w)), w being the window. The fee is base + slope·√v, but not below `least` and
/// not above `most`: a slope of 20 bp adds 20 bp for each 100% of volatility per year.
///
/// The price is the pool's own: it moves only when somebody trades, and then at most to the edge of the no-arbitrage band.
///
/// ```
/// use cenote_amm::dynamic_fee::{FeeRule, VolatilityFee};
/// use cenote_amm::ZeroForOne;
///
/// let rule = VolatilityFee::new(0.0005, 0.002, "1d".parse()?, "80%".parse()?)?;
/// // At the start it is what 80% a year asks for: 5 bp + 0.8 · 20 bp.
/// assert!((rule.fee(2000.0, ZeroForOne) - 0.0021).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct VolatilityFee {
    base: f64,
    slope: f64,
    least: f64,
    most: f64,
    /// Nanoseconds.
    window: f64,
    /// Per year.
    variance: f64,
    /// Of the block before: when it began, and at which price.
    last: Option<(SimTime, f64)>,
    fee: f64,
}

impl VolatilityFee {
    /// `base` plus `slope` for each 100% of volatility per year, as seen over `window`, and `initial` at the start. At least `base`,
    /// and at most 10%, unless [`between`](Self::between) says otherwise.
    ///
    /// # Errors
    /// [`AmmError::InvalidFeeRule`]: a base that is no fraction, a slope or volatility that is negative, a window of nothing.
    pub fn new(base: f64, slope: f64, window: SimDuration, initial: Volatility) -> Result<Self, AmmError> {
        let (base, slope) = (fraction("base of a volatility fee", base)?, not_negative("slope of a volatility fee", slope)?);
        let volatility = not_negative("initial volatility", initial.per_sqrt_year())?;
        let window = some_time("window of a volatility fee", window)?;
        let mut rule = Self {
            base,
            slope,
            least: base,
            most: base.max(0.1),
            window,
            variance: volatility * volatility,
            last: None,
            fee: base,
        };
        rule.set_fee();
        Ok(rule)
    }

    /// Never below `least` and never above `most`.
    ///
    /// # Errors
    /// [`AmmError::InvalidFeeRule`]: bounds that are no fractions, or the wrong way round.
    pub fn between(mut self, least: f64, most: f64) -> Result<Self, AmmError> {
        (self.least, self.most) = (fraction("least fee", least)?, fraction("most fee", most)?);
        if self.least > self.most {
            let expected = "a largest fee that is not below the smallest";
            return Err(AmmError::InvalidFeeRule { what: "most fee", value: most, expected });
        }
        self.set_fee();
        Ok(self)
    }

    /// The volatility seen so far, per √year.
    pub fn volatility(&self) -> f64 {
        self.variance.sqrt()
    }

    fn set_fee(&mut self) {
        self.fee = (self.base + self.slope * self.volatility()).clamp(self.least, self.most);
    }
}

impl FeeRule for VolatilityFee {
    fn begin_block(&mut self, time: SimTime, price: f64) {
        if let Some((then, before)) = self.last.replace((time, price))
            && let Some(passed) = time.since(then).filter(|passed| !passed.is_zero())
        {
            let moved = math::ln(price / before);
            let kept = math::exp(-nanos(passed.as_nanos()) / self.window);
            self.variance = self.variance * kept + moved * moved / passed.as_years() * (1.0 - kept);
            self.set_fee();
        }
    }

    fn fee(&self, _price: f64, _direction: Direction) -> f64 {
        self.fee
    }
}
