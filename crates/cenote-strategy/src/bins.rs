use cenote_amm::{PriceRange, RangeRule};
use cenote_units::math;

use crate::error::StrategyError;

/// How a deposit is spread over bins side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As much in each bin.
    Uniform,
    /// More near the price: from the edge to the middle bins hold 1, 2, 3, … parts.
    Curve,
    /// More at the edges: from the middle to the edge bins hold 1, 2, 3, … parts.
    BidAsk,
}

/// Ranges side by side, of equal width in the logarithm of the price, and what part of a deposit's value lies in each.
///
/// ```
/// use cenote_strategy::{Bins, Shape};
///
/// assert_eq!(Bins::new(4, Shape::Curve)?.weights(), [1.0 / 6.0, 2.0 / 6.0, 2.0 / 6.0, 1.0 / 6.0]);
/// assert_eq!(Bins::new(3, Shape::BidAsk)?.weights(), [0.4, 0.2, 0.4]);
/// # Ok::<(), cenote_strategy::StrategyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bins {
    count: u8,
    shape: Shape,
}

impl Bins {
    /// One range.
    pub const ONE: Self = Self { count: 1, shape: Shape::Uniform };

    /// The most there can be: each is a position of its own in the pool.
    pub const MOST: u8 = 100;

    /// So many.
    ///
    /// # Errors
    /// None, or more than [`MOST`](Self::MOST).
    pub fn new(count: u8, shape: Shape) -> Result<Self, StrategyError> {
        if count == 0 || count > Self::MOST {
            return Err(StrategyError::Bins { count });
        }
        Ok(Self { count, shape })
    }

    /// How many.
    pub fn count(self) -> u8 {
        self.count
    }

    /// The part of the value that lies in each, from the lowest price to the highest. They sum to one.
    pub fn weights(self) -> Vec<f64> {
        let parts = |bin: u8| {
            let from_edge = bin.min(self.count - 1 - bin);
            let steps = (self.count - 1) / 2;
            match self.shape {
                Shape::Uniform => 1.0,
                Shape::Curve => f64::from(from_edge + 1),
                Shape::BidAsk => f64::from(steps - from_edge + 1),
            }
        };
        let total: f64 = (0..self.count).map(parts).sum();
        (0..self.count).map(|bin| parts(bin) / total).collect()
    }

    /// Where each is, around a price of which the whole covers from P / (1 + width) to P · (1 + width).
    pub fn rules(self, width: f64) -> impl Iterator<Item = RangeRule> {
        let count = f64::from(self.count);
        // (1 + width)^(2k/n − 1): the ends, and the middle where there is one, without rounding.
        let edge = move |k: u8| {
            let place = 2.0 * f64::from(k) / count - 1.0;
            if place <= -1.0 {
                1.0 / (1.0 + width) - 1.0
            } else if place >= 1.0 {
                width
            } else {
                math::exp_m1(place * math::ln_1p(width))
            }
        };
        (0..self.count).map(move |bin| RangeRule::Relative { lower: edge(bin), upper: edge(bin + 1) })
    }

    /// The same at a price.
    pub fn ranges(self, price: f64, width: f64) -> impl Iterator<Item = PriceRange> {
        let whole = PriceRange::around(price, width);
        let last = self.count - 1;
        (0..self.count).zip(self.rules(width)).map(move |(bin, rule)| {
            let inner = rule.at(price);
            // The ends are those of one range.
            PriceRange {
                lower: if bin == 0 { whole.lower } else { inner.lower },
                upper: if bin == last { whole.upper } else { inner.upper },
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_a_deposit_and_symmetric() {
        for shape in [Shape::Uniform, Shape::Curve, Shape::BidAsk] {
            for count in 1..=Bins::MOST {
                let weights = Bins::new(count, shape).unwrap().weights();
                assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-14);
                assert!(weights.iter().eq(weights.iter().rev()), "{shape:?} {count}");
                let towards_the_middle = weights[..usize::from(count.div_ceil(2))].windows(2);
                let mut steps = towards_the_middle.map(|pair| pair[1] - pair[0]);
                match shape {
                    Shape::Uniform => assert!(steps.all(|step| step == 0.0)),
                    Shape::Curve => assert!(steps.all(|step| step > 0.0)),
                    Shape::BidAsk => assert!(steps.all(|step| step < 0.0)),
                }
            }
        }
    }

    #[test]
    fn bins_lie_side_by_side_and_are_equally_wide() {
        for count in [1, 2, 5, 8] {
            let bins = Bins::new(count, Shape::Curve).unwrap();
            let ranges: Vec<PriceRange> = bins.ranges(2000.0, 0.25).collect();
            assert_eq!((ranges[0].lower, ranges[ranges.len() - 1].upper), (1600.0, 2500.0));
            assert!(ranges.windows(2).all(|pair| pair[0].upper == pair[1].lower));
            let each = 1.5625_f64.powf(1.0 / f64::from(count));
            assert!(ranges.iter().all(|range| (range.upper / range.lower / each - 1.0).abs() < 1e-13), "{ranges:?}");
        }
        // The price is an edge where there are as many bins on either side.
        assert_eq!(Bins::new(2, Shape::Uniform).unwrap().ranges(2000.0, 0.1).next().unwrap().upper, 2000.0);
    }

    #[test]
    fn a_number_of_bins_has_bounds() {
        assert_eq!(Bins::new(0, Shape::Uniform), Err(StrategyError::Bins { count: 0 }));
        assert!(Bins::new(101, Shape::Uniform).is_err());
        assert_eq!(Bins::ONE.weights(), [1.0]);
    }
}
