use cenote_units::SimTime;

use crate::market::{Market, PoolId, TokenId};

/// When a strategy wants to be asked again: at the first block at which any of its conditions holds.
///
/// The simulator tests the conditions of all paths at once, so a strategy that says what it waits for costs next to nothing in the
/// blocks between.
///
/// ```
/// use cenote_strategy::{PoolId, Wake};
///
/// // In a day, or as soon as the pool's price leaves 1800 to 2200, whatever comes first.
/// let wake = Wake::at("1d".parse()?).or_pool_price_outside(PoolId(0), 1800.0, 2200.0);
/// assert_ne!(wake, Wake::NEVER);
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wake {
    pub(crate) every_block: bool,
    pub(crate) at: SimTime,
    pub(crate) pool_price: Option<(PoolId, f64, f64)>,
    pub(crate) token_price: Option<(TokenId, f64, f64)>,
    pub(crate) value: Option<(f64, f64)>,
}

impl Wake {
    /// Not again.
    pub const NEVER: Self =
        Self { every_block: false, at: SimTime::from_nanos(u64::MAX), pool_price: None, token_price: None, value: None };

    /// At the next block.
    pub const EVERY_BLOCK: Self = Self { every_block: true, ..Self::NEVER };

    /// At the first block at or after `time`.
    pub const fn at(time: SimTime) -> Self {
        Self { at: time, ..Self::NEVER }
    }

    /// Also at `time`.
    pub fn or_at(self, time: SimTime) -> Self {
        Self { at: self.at.min(time), ..self }
    }

    /// Also when the pool's marginal price of its first token in its second is below `low` or above `high`.
    pub fn or_pool_price_outside(self, pool: PoolId, low: f64, high: f64) -> Self {
        self.or(Self { pool_price: Some((pool, low, high)), ..Self::NEVER })
    }

    /// Also when a token's outside price, in the numeraire, is below `low` or above `high`.
    pub fn or_token_price_outside(self, token: TokenId, low: f64, high: f64) -> Self {
        self.or(Self { token_price: Some((token, low, high)), ..Self::NEVER })
    }

    /// Also when the position's value is below `low` or above `high`.
    pub fn or_value_outside(self, low: f64, high: f64) -> Self {
        self.or(Self { value: Some((low, high)), ..Self::NEVER })
    }

    /// When either wants to.
    pub fn or(self, other: Self) -> Self {
        let (pool_price, two_pools) = join(self.pool_price, other.pool_price);
        let (token_price, two_tokens) = join(self.token_price, other.token_price);
        let value = match (self.value, other.value) {
            (Some((a, b)), Some((c, d))) => Some((a.max(c), b.min(d))),
            (one, two) => one.or(two),
        };
        // Two things of a kind to watch: look at every block, which misses neither.
        let every_block = self.every_block || other.every_block || two_pools || two_tokens;
        Self { every_block, at: self.at.min(other.at), pool_price, token_price, value }
    }
}

impl Wake {
    /// Whether it is time for a lane that sees these numbers.
    pub(crate) fn rings(&self, market: &dyn Market, value: f64) -> bool {
        let outside = |x: f64, low: f64, high: f64| x < low || x > high;
        let spot = |pool| match *market.pool_tokens(pool) {
            [base, quote, ..] => market.spot_price(pool, base, quote),
            _ => f64::NAN,
        };
        self.every_block
            || market.time() >= self.at
            || self.pool_price.is_some_and(|(pool, low, high)| outside(spot(pool), low, high))
            || self.token_price.is_some_and(|(token, low, high)| outside(market.price(token), low, high))
            || self.value.is_some_and(|(low, high)| outside(value, low, high))
    }
}

/// Both conditions in one, and whether that cannot be.
fn join<Id: PartialEq + Copy>(a: Option<(Id, f64, f64)>, b: Option<(Id, f64, f64)>) -> (Option<(Id, f64, f64)>, bool) {
    match (a, b) {
        (Some((one, a, b)), Some((two, c, d))) if one == two => (Some((one, a.max(c), b.min(d))), false),
        (Some(a), Some(_)) => (Some(a), true),
        (a, b) => (a.or(b), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_join() {
        let one = Wake::NEVER.or_pool_price_outside(PoolId(0), 1.0, 4.0).or_value_outside(10.0, f64::INFINITY);
        let two = Wake::at(SimTime::from_nanos(5)).or_pool_price_outside(PoolId(0), 2.0, 8.0);
        let both = one.or(two);
        assert_eq!(both.pool_price, Some((PoolId(0), 2.0, 4.0)));
        assert_eq!((both.at, both.value, both.every_block), (SimTime::from_nanos(5), Some((10.0, f64::INFINITY)), false));
        assert!(both.or_pool_price_outside(PoolId(1), 1.0, 2.0).every_block, "two pools cannot be watched in one go");
    }
}
