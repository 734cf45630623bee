//! How much rounding is forgiven, and how it is valued.

use core::fmt;
use std::rc::Rc;

use crate::lane::Lane;
use crate::pool::{FungibleLiquidity, Pool, TokenIndex};

/// What one operation may misplace of each token: so many of the lane's units, plus a part of the larger of reserve and amount.
///
/// A unit of the lane is a smallest unit in [`Exact`](crate::Exact), a whole token in [`Fast`](crate::Fast). Checkers compare amounts in
/// one token and value the others' slack at the pool's prices; the invariant's slack is the value of the tokens' slack over the value
/// of the pool (exact for an invariant of degree one, by Euler's theorem).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slack {
    units: f64,
    relative: f64,
}

impl Slack {
    /// Nothing.
    pub const NONE: Self = Self { units: 0.0, relative: 0.0 };

    /// So many units of each token. Negative numbers count as zero.
    pub fn units(units: f64) -> Self {
        Self { units: units.max(0.0), relative: 0.0 }
    }

    /// This part of reserve or amount. Negative numbers count as zero.
    pub fn relative(relative: f64) -> Self {
        Self { units: 0.0, relative: relative.max(0.0) }
    }

    /// The same units, and this part of reserve or amount. Negative numbers count as zero.
    pub fn and_relative(self, relative: f64) -> Self {
        Self { relative: relative.max(0.0), ..self }
    }

    /// What may be misplaced of a token of which `scale` is at stake.
    pub fn of(self, scale: f64) -> f64 {
        self.units + self.relative * scale
    }
}

impl fmt::Display for Slack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} units + {:e}", self.units, self.relative)
    }
}

/// How much of a token a pool's arithmetic works with.
type ScaleOf<P> = Rc<dyn Fn(&P, TokenIndex) -> f64>;

/// A [`Slack`] for pools of type `P`: it knows how large the numbers are that a pool computes with.
pub struct Rounding<P> {
    slack: Slack,
    scale: ScaleOf<P>,
}

impl<P> Clone for Rounding<P> {
    fn clone(&self) -> Self {
        Self { slack: self.slack, scale: Rc::clone(&self.scale) }
    }
}

impl<P> fmt::Debug for Rounding<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rounding").field("slack", &self.slack).finish_non_exhaustive()
    }
}

impl<P: Pool> Rounding<P> {
    /// `slack`, where `scale` says how much of a token a pool's arithmetic works with: its reserve, or its virtual reserve.
    pub fn new(slack: Slack, scale: impl Fn(&P, TokenIndex) -> f64 + 'static) -> Self {
        Self { slack, scale: Rc::new(scale) }
    }

    /// `slack`, for a pool whose scale is its reserves.
    pub fn of_reserves(slack: Slack) -> Self
    where
        P: FungibleLiquidity,
    {
        Self::new(slack, |pool, token| pool.reserve(token).map_or(0.0, P::Lane::amount_to_f64))
    }

    /// Another slack at the same scale.
    pub fn with(&self, slack: Slack) -> Self {
        Self { slack, scale: Rc::clone(&self.scale) }
    }

    /// The slack.
    pub fn slack(&self) -> Slack {
        self.slack
    }

    /// How much of `token` the pool's arithmetic works with, in the lane's unit.
    pub fn scale(&self, pool: &P, token: TokenIndex) -> f64 {
        (self.scale)(pool, token)
    }

    /// What an operation that moves `amount` of `token` may misplace of it, in any of these states.
    pub fn grain(&self, states: &[&P], token: TokenIndex, amount: f64) -> f64 {
        let scale = states.iter().map(|pool| self.scale(pool, token)).fold(amount, f64::max);
        self.slack.of(scale)
    }

    /// What an operation between the two tokens may misplace, in units of `token`: its own grain and the other's, misplaced in the state
    /// where they are dearest and made good in the state where they are cheapest.
    pub fn grain_of_pair(
        &self,
        states: &[&P],
        (token, amount): (TokenIndex, f64),
        (other, other_amount): (TokenIndex, f64),
    ) -> f64 {
        let (own, others) = (self.grain(states, token, amount), self.grain(states, other, other_amount));
        if own + others == 0.0 {
            return 0.0;
        }
        let prices = || states.iter().filter_map(|pool| pool.spot_price(other, token));
        let (least, most) = (prices().fold(f64::INFINITY, f64::min), prices().fold(0.0, f64::max));
        own * (most / least).max(1.0) + others * most
    }
}

/// The tokens of a pool.
pub(super) fn tokens<P: Pool>(pool: &P) -> impl Iterator<Item = TokenIndex> + use<P> {
    let count = u8::try_from(pool.token_count()).unwrap_or(u8::MAX);
    (0..count).map(TokenIndex)
}

/// The part of its value that rounding may move between two states of a pool: the value of the tokens' grains over that of the reserves,
/// and the grain of the LP tokens over their supply.
pub(super) fn wobble<P: FungibleLiquidity>(rounding: &Rounding<P>, before: &P, after: &P) -> f64 {
    let states = [before, after];
    let grain = |token| rounding.grain(&states, token, 0.0);
    let of_state = |pool: &P| {
        let price = |token: TokenIndex| if token.0 == 0 { Some(1.0) } else { pool.spot_price(token, TokenIndex::ZERO) };
        let (mut grains, mut value) = (0.0, 0.0);
        for token in tokens(pool) {
            let price = price(token)?;
            grains += grain(token) * price;
            value += rounding.scale(pool, token) * price;
        }
        Some(grains / value)
    };
    let supply = |pool: &P| P::Lane::amount_to_f64(pool.total_supply());
    let (most, least) = (supply(before).max(supply(after)), supply(before).min(supply(after)));
    let shares = rounding.slack.of(most) / least;
    let value = states.iter().filter_map(|pool| of_state(pool)).filter(|part| part.is_finite()).fold(0.0, f64::max);
    value + shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConstantProduct, Exact, Fast, Owner, U256};

    #[test]
    fn slack_is_units_and_a_part() {
        assert_eq!(Slack::units(2.0).and_relative(0.5).of(10.0), 7.0);
        assert_eq!(Slack::units(-1.0), Slack::NONE);
        assert_eq!(Slack::NONE.of(1e300), 0.0);
    }

    #[test]
    fn the_other_token_is_valued_at_the_price() {
        let mut pool = ConstantProduct::<Exact>::uniswap_v2();
        pool.mint(Owner::new(1), &[U256::from(1_000_000), U256::from(4_000_000)]).unwrap();
        let rounding = Rounding::of_reserves(Slack::units(1.0));
        // At one price a unit of token 1 is a quarter of token 0, a unit of token 0 is four of token 1.
        assert_eq!(rounding.grain_of_pair(&[&pool], (TokenIndex::ZERO, 5.0), (TokenIndex::ONE, 20.0)), 1.25);
        assert_eq!(rounding.grain_of_pair(&[&pool], (TokenIndex::ONE, 5.0), (TokenIndex::ZERO, 20.0)), 5.0);
        // Two units of value out of two million of token 0, half of them each; and one LP token of two million.
        let part = wobble(&rounding, &pool, &pool);
        assert!((part - (1.25 / 2e6 + 1.0 / 2e6)).abs() < 1e-18, "{part}");
    }

    #[test]
    fn the_grain_of_floats_grows_with_the_reserve() {
        let mut pool = ConstantProduct::<Fast>::uniswap_v2();
        pool.mint(Owner::new(1), &[1e6, 2e6]).unwrap();
        let rounding = Rounding::of_reserves(Slack::relative(1e-14));
        assert_eq!(rounding.grain(&[&pool], TokenIndex::ONE, 1.0), 1e-14 * 2e6);
        assert_eq!(rounding.grain(&[&pool], TokenIndex::ONE, 1e9), 1e-14 * 1e9);
    }
}
