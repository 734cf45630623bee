use cenote_units::math;

use crate::concentrated::TickRange;
use crate::concentrated::tick_math::MAX_TICK;
use crate::lane::power_of_ten;

/// Prices between which liquidity works: of token 0 in token 1, in whole tokens. From 0 to infinity it is the full range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceRange {
    /// Where it begins.
    pub lower: f64,
    /// Where it ends.
    pub upper: f64,
}

impl PriceRange {
    /// Every price.
    pub const FULL: Self = Self { lower: 0.0, upper: f64::INFINITY };

    /// From `lower` to `upper`.
    pub const fn new(lower: f64, upper: f64) -> Self {
        Self { lower, upper }
    }

    /// From `price / (1 + width)` to `price · (1 + width)`.
    ///
    /// ```
    /// use cenote_amm::PriceRange;
    /// assert_eq!(PriceRange::around(2000.0, 0.25), PriceRange::new(1600.0, 2500.0));
    /// ```
    pub fn around(price: f64, width: f64) -> Self {
        Self { lower: price / (1.0 + width), upper: price * (1.0 + width) }
    }

    /// Whether liquidity can lie here: numbers in order, neither of them negative.
    pub fn is_valid(self) -> bool {
        self.lower >= 0.0 && self.lower < self.upper
    }
}

/// Where a range lies once a price is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RangeRule {
    /// All prices.
    Full,
    /// Fractions of a price: −0.2 and 0.25 are from 80% to 125% of it.
    Relative {
        /// Above −1.
        lower: f64,
        /// Above `lower`.
        upper: f64,
    },
    /// These prices.
    Fixed(PriceRange),
}

impl RangeRule {
    /// The range at this price.
    pub fn at(self, price: f64) -> PriceRange {
        match self {
            Self::Full => PriceRange::FULL,
            Self::Relative { lower, upper } => PriceRange { lower: price * (1.0 + lower), upper: price * (1.0 + upper) },
            Self::Fixed(range) => range,
        }
    }
}

/// Tokens in one unit of liquidity between a and b, at s: square roots of prices.
#[inline(always)]
pub(crate) fn unit_amounts(s: f64, [a, b]: [f64; 2]) -> [f64; 2] {
    let s = if s < a { a } else { s };
    let s = if s > b { b } else { s };
    [(b - s) / (s * b), s - a]
}

/// The ticks of a pair of tokens and the prices in whole tokens that they stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TickScale {
    spacing: i32,
    /// ln of smallest units of token 1 per token 0 over whole tokens.
    ln_unit: f64,
    /// ln 1.0001.
    ln_tick: f64,
}

impl TickScale {
    pub(crate) fn new(spacing: i32, decimals: [u8; 2]) -> Self {
        let ln_unit = math::ln(power_of_ten(decimals[1])) - math::ln(power_of_ten(decimals[0]));
        Self { spacing, ln_unit, ln_tick: math::ln_1p(1e-4) }
    }

    /// √(price of token 0 in token 1) at a tick, in whole tokens.
    pub(crate) fn sqrt_price(self, tick: i32) -> f64 {
        math::exp(0.5 * (f64::from(tick) * self.ln_tick - self.ln_unit))
    }

    /// The usable ticks nearest to a range; at least one spacing apart, inside the contract's bounds.
    pub(crate) fn nearest(self, range: PriceRange) -> TickRange {
        let full = TickRange::full(self.spacing);
        let lower = self.nearest_usable(range.lower, full).min(full.upper - self.spacing);
        let upper = self.nearest_usable(range.upper, full);
        TickRange { lower, upper: upper.max(lower + self.spacing) }
    }

    #[expect(clippy::cast_possible_truncation, reason = "clamped to ticks first")]
    fn nearest_usable(self, price: f64, full: TickRange) -> i32 {
        if price <= 0.0 {
            return full.lower;
        }
        if price == f64::INFINITY {
            return full.upper;
        }
        let tick = (math::ln(price) + self.ln_unit) / self.ln_tick;
        let most = f64::from(MAX_TICK / self.spacing);
        math::nearest((tick / f64::from(self.spacing)).clamp(-most, most)) as i32 * self.spacing
    }

    /// A range of ticks as square roots of prices in whole tokens.
    pub(crate) fn sqrt_prices(self, ticks: TickRange) -> [f64; 2] {
        [self.sqrt_price(ticks.lower), self.sqrt_price(ticks.upper)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_snap_to_the_nearest_usable_ticks() {
        let scale = TickScale::new(60, [18, 6]);
        // 2000 USDC per ETH is tick −200311.4.
        let ticks = scale.nearest(PriceRange::new(1600.0, 2500.0));
        assert_eq!(ticks, TickRange::new(-202_560, -198_060));
        let [a, b] = scale.sqrt_prices(ticks);
        assert!((a * a / 1600.0 - 1.0).abs() < 0.003 && (b * b / 2500.0 - 1.0).abs() < 0.003);
        assert_eq!(scale.nearest(PriceRange::FULL), TickRange::full(60));
        // A range narrower than a spacing still is one.
        assert_eq!(scale.nearest(PriceRange::new(2000.0, 2000.01)), TickRange::new(-200_340, -200_280));
        assert_eq!(scale.nearest(PriceRange::new(1e300, f64::INFINITY)), TickRange::new(887_160, 887_220));
    }

    #[test]
    fn rules_are_ranges_once_a_price_is_known() {
        assert_eq!(RangeRule::Relative { lower: -0.2, upper: 0.25 }.at(2000.0), PriceRange::new(1600.0, 2500.0));
        assert_eq!(RangeRule::Full.at(3.0), PriceRange::FULL);
        assert!(!PriceRange::new(2.0, 1.0).is_valid() && !PriceRange::new(f64::NAN, 1.0).is_valid());
    }
}
