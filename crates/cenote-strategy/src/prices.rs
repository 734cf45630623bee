//! What several strategies compute from a market.

use cenote_amm::PriceRange;

use crate::market::{Market, PoolId, TokenId};
use crate::strategy::{Action, Position, RangeId};

/// Outside price of a pool's first token in its second; NaN if it has not two.
pub(crate) fn outside_price(market: &dyn Market, pool: PoolId) -> f64 {
    match *market.pool_tokens(pool) {
        [base, quote, ..] => market.price(base) / market.price(quote),
        _ => f64::NAN,
    }
}

/// Marginal price of a pool's first token in its second; NaN if it has not two.
pub(crate) fn pool_price(market: &dyn Market, pool: PoolId) -> f64 {
    match *market.pool_tokens(pool) {
        [base, quote, ..] => market.spot_price(pool, base, quote),
        _ => f64::NAN,
    }
}

/// The pool's two tokens; nonsense if it has not two.
pub(crate) fn two_tokens(market: &dyn Market, pool: PoolId) -> [TokenId; 2] {
    match *market.pool_tokens(pool) {
        [token0, token1, ..] => [token0, token1],
        _ => [TokenId(u16::MAX); 2],
    }
}

/// What the wallet has of two tokens.
pub(crate) fn held(position: &Position<'_>, tokens: [TokenId; 2]) -> [f64; 2] {
    tokens.map(|token| position.wallet.get(token.index()).copied().unwrap_or(0.0))
}

/// The swap, in the pool itself, after which `have` is in the proportions that slices take then; `None` if it is already.
///
/// The swap moves the price, and with it the proportions: by as much as the average price of the swap says, were the liquidity on its way
/// the same everywhere. What for this reason does not quite fit stays in the wallet.
pub(crate) fn swap_into(market: &dyn Market, pool: PoolId, slices: &[Slice], have: [f64; 2]) -> Option<Action> {
    let tokens = two_tokens(market, pool);
    let price = pool_price(market, pool);
    let root = price.sqrt();
    let now = total(slices, root, 1.0 / root);
    // What is too much of token 0, in units that cancel: have0 / have1 = take0 / take1 is the aim.
    let excess = have[0] * now[1] - have[1] * now[0];
    if excess.is_nan() || excess == 0.0 {
        return None;
    }
    let (i, o, worth) = if excess > 0.0 { (0, 1, price) } else { (1, 0, 1.0 / price) };
    let quote = |x: f64| market.quote(pool, tokens[i], tokens[o], x);
    // So much too much there is left after x was paid and y received, the swap's mean price being that of its first bit over `moved`,
    // which is √(before · after), whichever way it goes.
    let too_much = |x: f64, y: f64, moved: f64| {
        let (up, down) = (root * moved, root / moved);
        let take = if i == 0 { total(slices, down, moved / root) } else { total(slices, up, 1.0 / up) };
        (have[i] - x) * take[o] - (have[o] + y) * take[i]
    };
    // As much as would do if it cost nothing and did not move the price.
    let guess = (excess.abs() / (now[o] + worth * now[i])).min(have[i]);
    // Contracts round small amounts.
    let far = guess.max(2e-2 * have[i]);
    let curve = Curve::through(quote, far);
    let mut amount_in = root_near(|x| too_much(x, curve.amount_out(x), curve.moved(x)), have[i], guess);
    // Where it was not made to go through: between its points, or beyond them.
    let probe = if amount_in > far { amount_in } else { 0.25 * far };
    if !curve.holds(probe, quote(probe)) {
        let rate = Curve::through(quote, 2e-2 * have[i]).rate;
        let asked = |x: f64| {
            let y = if x > 0.0 { quote(x) } else { 0.0 };
            too_much(x, y, if x > 0.0 { rate * x / y } else { 1.0 })
        };
        amount_in = root_near(asked, have[i], guess);
    }
    // A swap of dust is not worth its gas.
    let (token_in, token_out) = (tokens[i], tokens[o]);
    (amount_in > have[i] * NOT_WORTH_A_SWAP).then_some(Action::Swap { pool, token_in, token_out, amount_in })
}

/// What a pool pays for an input where its liquidity is the same all the way: rate · x / (1 + impact · x).
#[derive(Clone, Copy)]
struct Curve {
    /// What the first bit is paid.
    rate: f64,
    impact: f64,
}

impl Curve {
    /// Through the quotes for an amount and for half of it.
    fn through(quote: impl Fn(f64) -> f64, amount: f64) -> Self {
        // x/y is a straight line.
        let (half, whole) = (0.5 * amount / quote(0.5 * amount), amount / quote(amount));
        let rate = 1.0 / (2.0 * half - whole);
        Self { rate, impact: (whole - half) / (0.5 * amount) * rate }
    }

    fn amount_out(self, x: f64) -> f64 {
        self.rate * x / self.moved(x)
    }

    /// The price of the first bit over the mean price.
    fn moved(self, x: f64) -> f64 {
        1.0 + self.impact * x
    }

    /// Whether it is what the pool says it pays.
    fn holds(self, x: f64, y: f64) -> bool {
        (self.amount_out(x) - y).abs() <= 1e-6 * y
    }
}

/// What a unit of liquidity between the prices a and b is at P, from their square roots and the inverses of these: 1/√P − 1/√b and
/// √P − √a, P clamped to the range.
fn amounts(slice: &Slice, root: f64, inverse: f64) -> [f64; 2] {
    let ([a, b], [most, least]) = (slice.roots, slice.inverses);
    [inverse.clamp(least, most) - least, root.clamp(a, b) - a]
}

/// Where a falling function crosses zero between 0 and `most`: regula falsi, Illinois (Dowell and Jarratt 1971).
///
/// Where `f` is not a number the pool refuses so large a swap; if it does not cross zero below, the largest swap has to do.
pub(crate) fn root(f: impl Fn(f64) -> f64, most: f64) -> f64 {
    root_near(f, most, most)
}

/// The same, if it is not above `guess` as a rule: then a search from there on takes half as long.
fn root_near(f: impl Fn(f64) -> f64, most: f64, guess: f64) -> f64 {
    let (mut low, mut f_low) = (0.0, f(0.0));
    let mut high = if guess > 0.0 && guess < most { guess } else { most };
    let mut f_high = f(high);
    if f_high > 0.0 && high < most {
        (low, f_low) = (high, f_high);
        high = most;
        f_high = f(high);
    }
    for _ in 0..60 {
        if !f_high.is_nan() {
            break;
        }
        high *= 0.8;
        f_high = f(high);
    }
    if f_low.is_nan() || f_high.is_nan() || f_low <= 0.0 {
        return 0.0;
    }
    if f_high >= 0.0 {
        return high;
    }
    let (mut last_was_low, mut last) = (None, f64::NAN);
    for _ in 0..100 {
        let x = (low * f_high - high * f_low) / (f_high - f_low);
        // It comes closer and closer, from one side more often than from the other.
        if (x - last).abs() <= 1e-13 * most {
            return x;
        }
        last = x;
        let f_x = f(x);
        if f_x == 0.0 || high - low <= 1e-14 * most {
            return x;
        }
        let is_low = f_x > 0.0;
        if is_low {
            (low, f_low) = (x, f_x);
            f_high *= if last_was_low == Some(true) { 0.5 } else { 1.0 };
        } else {
            (high, f_high) = (x, f_x);
            f_low *= if last_was_low == Some(false) { 0.5 } else { 1.0 };
        }
        last_was_low = Some(is_low);
    }
    0.5 * (low + high)
}

/// Parts of a holding that are left lying rather than swapped: a transaction costs more than they will earn, and how much exactly is to
/// be swapped is not known better.
pub(crate) const NOT_WORTH_A_SWAP: f64 = 1e-4;

/// Parts of a holding that are rounding.
pub(crate) const DUST: f64 = 1e-9;

/// Liquidity to be put into a range: what a plan for several ranges consists of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slice {
    pub(crate) id: RangeId,
    /// At prices that the pool can use.
    pub(crate) range: PriceRange,
    /// Their square roots, and the inverses of these.
    roots: [f64; 2],
    inverses: [f64; 2],
    /// In the pool's units.
    pub(crate) liquidity: f64,
}

impl Slice {
    pub(crate) fn new(id: RangeId, range: PriceRange, liquidity: f64) -> Self {
        let roots = [range.lower.sqrt(), range.upper.sqrt()];
        Self { id, range, roots, inverses: roots.map(|root| 1.0 / root), liquidity }
    }

    /// As near to a range as the pool allows; `None` if it has no ranges.
    pub(crate) fn near(market: &dyn Market, pool: PoolId, id: RangeId, range: PriceRange) -> Option<Self> {
        market.proportions(pool, range).map(|(_, range)| Self::new(id, range, 1.0))
    }
}

/// The liquidity that there is in a pool.
pub(crate) fn existing(position: &Position<'_>, pool: PoolId) -> Vec<Slice> {
    let there = position.ranges.iter().filter(|range| range.pool == pool && range.liquidity > 0.0);
    there.map(|range| Slice::new(range.id, range.range, range.liquidity)).collect()
}

/// What slices take together, at this square root of the price, whose inverse is known.
fn total(slices: &[Slice], root: f64, inverse: f64) -> [f64; 2] {
    slices.iter().fold([0.0; 2], |sum, slice| {
        let unit = amounts(slice, root, inverse);
        [sum[0] + slice.liquidity * unit[0], sum[1] + slice.liquidity * unit[1]]
    })
}

/// Makes slices as large as `have` allows, in their proportions.
pub(crate) fn scale(market: &dyn Market, pool: PoolId, slices: &mut [Slice], have: [f64; 2]) {
    let root = pool_price(market, pool).sqrt();
    let total = total(slices, root, 1.0 / root);
    let factor = (0..2).filter(|&side| total[side] > 0.0).map(|side| have[side] / total[side]).fold(f64::INFINITY, f64::min);
    for slice in slices {
        slice.liquidity *= if factor < f64::INFINITY { factor } else { 0.0 };
    }
}

/// The action that mints a slice; `None` if there is nothing to mint.
pub(crate) fn mint(market: &dyn Market, pool: PoolId, slice: &Slice, position: &Position<'_>) -> Option<Action> {
    let (unit, _) = market.proportions(pool, slice.range)?;
    let have = held(position, two_tokens(market, pool));
    // The part of the wallet that has enough of either token; the pool takes what it needs.
    let part = |side: usize| if unit[side] > 0.0 { slice.liquidity * unit[side] / have[side] } else { 0.0 };
    let fraction = part(0).max(part(1)).min(1.0);
    let Slice { id, range, .. } = *slice;
    (fraction > 0.0).then_some(Action::MintRange { pool, id, range, fraction })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn liquidity_is_what_it_is_at_a_price() {
        let of = |lower: f64, upper: f64, root: f64| {
            let slice = Slice::new(RangeId(0), PriceRange::new(lower * lower, upper * upper), 1.0);
            amounts(&slice, root, 1.0 / root)
        };
        assert_eq!(of(2.0, 4.0, 3.0), [1.0 / 3.0 - 0.25, 1.0]);
        assert_eq!((of(2.0, 4.0, 1.0), of(2.0, 4.0, 5.0)), ([0.25, 0.0], [0.0, 2.0]));
        assert_eq!(of(0.0, f64::INFINITY, 2.0), [0.5, 2.0]);
    }

    #[test]
    fn a_curve_is_known_from_two_of_its_points() {
        let pays = |x: f64| 3.0 * x / (1.0 + 0.25 * x);
        let curve = Curve::through(pays, 0.1);
        assert!((curve.rate - 3.0).abs() < 1e-13 && (curve.impact - 0.25).abs() < 1e-12);
        assert!(curve.holds(7.0, pays(7.0)) && !curve.holds(7.0, 0.999 * pays(7.0)));
        // What cannot be quoted is no curve.
        assert!(!Curve::through(|_| f64::NAN, 0.1).holds(7.0, 5.0));
    }

    #[test]
    fn a_root_is_found() {
        assert!((root(|x| 2.0 - x * x, 3.0) - 2.0_f64.sqrt()).abs() < 1e-13);
        // From a guess above it, below it, or that is none.
        for guess in [1.5, 1.3, 0.0, 9.0, f64::NAN] {
            assert!((root_near(|x| 2.0 - x * x, 3.0, guess) - 2.0_f64.sqrt()).abs() < 1e-12, "{guess}");
        }
        // Flat where it begins, steep where it ends.
        assert!((root(|x| 1e-6 - x.powi(9), 1.0) - 1e-6_f64.powf(1.0 / 9.0)).abs() < 1e-12);
        assert_eq!(root(|_| -1.0, 1.0), 0.0);
        assert_eq!(root(|_| f64::NAN, 1.0), 0.0);
        // Up to a bound that the zero is beyond, or not.
        let bounded = |zero: f64| move |x: f64| if x > 0.5 { f64::NAN } else { zero - x };
        assert!((root(bounded(0.3), 1.0) - 0.3).abs() < 1e-13);
        assert!((0.4..=0.5).contains(&root(bounded(0.9), 1.0)));
    }
}
