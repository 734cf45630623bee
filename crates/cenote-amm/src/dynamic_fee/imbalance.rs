use cenote_units::{SimDuration, SimTime, math};

use super::{FeeRule, fraction, nanos, not_negative, some_time};
use crate::error::AmmError;
use crate::pool::{Direction, OneForZero};

/// Where the price should be, as far as an [`ImbalanceFee`] is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// Where it was when the block began.
    BlockStart,
    /// Its exponentially weighted mean, of the logarithm, over a window of this length.
    MovingAverage(SimDuration),
}

/// A fee that differs by direction: dearer for those who push the price further from its reference, cheaper for those who bring it
/// back.
///
/// With d = |ln(price / reference)| it is base + slope·d away from the reference, and base − slope·d, but at least `least`, towards it;
/// never above `most`. At the reference both directions pay the base. What counts is the price before the trade.
///
/// Of the kind that Nezlobin proposed for arbitrage that comes in pieces: after a purchase it is cheap to sell and dear to buy on.
#[derive(Clone, Debug, PartialEq)]
pub struct ImbalanceFee {
    base: f64,
    slope: f64,
    least: f64,
    most: f64,
    reference: Reference,
    /// Of the moving average, in nanoseconds.
    window: f64,
    /// ln of the reference price, once there is one.
    centre: Option<f64>,
    /// When the block before began.
    last: Option<SimTime>,
}

impl ImbalanceFee {
    /// `base` at the reference, and `slope` for each unit of the log price away from it: 0.5 is half a basis point for each basis point.
    /// At least nothing and at most 10%, unless [`between`](Self::between) says otherwise.
    ///
    /// # Errors
    /// [`AmmError::InvalidFeeRule`]: a base that is no fraction, a slope that is negative, a window of nothing.
    pub fn new(base: f64, slope: f64, reference: Reference) -> Result<Self, AmmError> {
        let base = fraction("base of an imbalance fee", base)?;
        let slope = not_negative("slope of an imbalance fee", slope)?;
        let window = match reference {
            Reference::BlockStart => f64::INFINITY,
            Reference::MovingAverage(window) => some_time("window of an imbalance fee", window)?,
        };
        Ok(Self { base, slope, least: 0.0, most: base.max(0.1), reference, window, centre: None, last: None })
    }

    /// Never below `least` and never above `most`.
    ///
    /// # Errors
    /// [`AmmError::InvalidFeeRule`]: bounds that are no fractions, or that do not hold the base between them.
    pub fn between(mut self, least: f64, most: f64) -> Result<Self, AmmError> {
        (self.least, self.most) = (fraction("least fee", least)?, fraction("most fee", most)?);
        if self.least > self.base || self.most < self.base {
            let expected = "bounds with the base of the fee between them";
            let value = if self.least > self.base { least } else { most };
            return Err(AmmError::InvalidFeeRule { what: "bound of an imbalance fee", value, expected });
        }
        Ok(self)
    }
}

impl FeeRule for ImbalanceFee {
    fn begin_block(&mut self, time: SimTime, price: f64) {
        let now = math::ln(price);
        let before = self.last.replace(time);
        let centre = match (self.reference, self.centre, before) {
            (Reference::MovingAverage(_), Some(centre), Some(then)) => {
                // The price is what the block before left it at: it has held since.
                let passed = time.since(then).map_or(0.0, |passed| nanos(passed.as_nanos()));
                let kept = math::exp(-passed / self.window);
                centre * kept + now * (1.0 - kept)
            }
            _ => now,
        };
        self.centre = Some(centre);
    }

    fn fee(&self, price: f64, direction: Direction) -> f64 {
        let away = self.centre.map_or(0.0, |centre| math::ln(price) - centre);
        // Positive for a trade that carries the price on.
        let signed = if direction == OneForZero { away } else { -away };
        (self.base + self.slope * signed).clamp(self.least, self.most)
    }
}
