//! The fast lane of v4 pools against the exact lane, with a hook that changes the fee from swap to swap: one operation from the same
//! state, and sequences of 10,000 operations, each lane on its own state.
//!
//! Ticks and liquidity are integers in both lanes and must be equal. For the rest, with ε = 2^-52, the virtual reserves L/√P and L·√P,
//! and q = 2^-96/√P the spacing of the exact lane's square root prices:
//! - **One swap** that crosses k ticks: amounts are within (k + 2)·(16 ε + q)·V and 3·(k + w + 2)·(1 + p) units of the exact
//!   lane's, V the largest virtual reserve of that token on the way, w the edges of 256-tick words on the way, p the worth of a unit of
//!   the other token. The exact lane rounds three times a step; the fast lane does not.
//! - **One change of liquidity**: each amount is within 8 (ε + q)·V and 2 units.
//! - **A sequence** of n operations: the square root price is within r = n·κ·(32 ε + 4 q + 8/v)/(1 − f), relative, κ the largest
//!   virtual reserve so far over the smallest of that token, v the smallest of all in wei, f the largest fee of a swap so far (an input
//!   that is rounded by a unit pays a fee on it, and may be mostly fee). Balances and protocol fees are within r of the
//!   largest balance, virtual reserve, or fee growth (since the beginning, times the largest liquidity) of that token.
//!
//! After 10,000 operations with κ = 100 and ordinary fees, r is 7e-9. That is the worst case: prices are mostly seen to drift apart by
//! less than 1e-10, and by some 1e-14 where swaps that are stopped by a limit bring them together again.

use cenote_amm::concentrated::{
    ConcentratedError, DYNAMIC_FEE_FLAG, Formulas, HookRefusal, Hooks, LiquidityChange, LpFee, PositionKey, Snapshot,
    TickLiquidity, TickRange, Trade, Traded, V4Pool, V4State, tick_math,
};
use cenote_amm::{Direction, Exact, Fast, Lane, OneForZero, Owner, SwapKind, U256, ZeroForOne};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

const WEI: f64 = 1e-18;
const TWO_96: f64 = 79_228_162_514_264_337_593_543_950_336.0;
const SPACING: i32 = 10;
/// Beyond this bound lanes that are on two sides of a tick stay there.
const COARSE: f64 = 1e-5;

/// A fee that doubles for whoever follows in the direction of the last swap; nobody may donate after a swap to token 0.
#[derive(Clone, Debug, PartialEq)]
struct Momentum {
    pips: u32,
    last: Option<Direction>,
}

impl<L: Lane> Hooks<L> for Momentum {
    fn before_swap(&self, _pool: &V4State<L>, trade: &Trade<L>) -> Result<LpFee, HookRefusal> {
        let follows = self.last == Some(trade.direction);
        Ok(LpFee::Override(if follows { 2 * self.pips } else { self.pips }))
    }

    fn after_swap(&mut self, _pool: &V4State<L>, trade: &Trade<L>, _traded: &Traded<L>) {
        self.last = Some(trade.direction);
    }

    fn before_donate(&self, _pool: &V4State<L>, _amounts: [L::Amount; 2]) -> Result<(), HookRefusal> {
        if self.last == Some(OneForZero) { Err(HookRefusal::new("not after a purchase")) } else { Ok(()) }
    }
}

type Pool<L> = V4Pool<L, Momentum>;

#[derive(Clone, Debug)]
enum Operation {
    /// The range in multiples of the spacing, from the tick at which the pool began; the liquidity as a part of the base position's.
    Add {
        key: u32,
        lower: i32,
        width: i32,
        part: u32,
    },
    Remove {
        position: usize,
        part: u32,
    },
    /// The amount as a part of the base position's virtual reserve, on a logarithmic scale; maybe stopped after so many ticks.
    Swap {
        direction: Direction,
        kind: SwapKind,
        log_part: f64,
        limit_ticks: Option<i32>,
    },
    /// Parts of the balances.
    Donate {
        parts: [u32; 2],
    },
    ProtocolFee {
        pips: [u16; 2],
    },
    CollectProtocol {
        side: usize,
    },
    LpFee {
        pips: u32,
    },
}

/// Parts are in thousandths.
const WHOLE: u32 = 1000;

fn operation(log_parts: std::ops::Range<f64>, limited: f64) -> impl Strategy<Value = Operation> {
    use Operation::{Add, CollectProtocol, Donate, LpFee, ProtocolFee, Remove, Swap};
    let direction = || prop::sample::select(vec![ZeroForOne, OneForZero]);
    let kind = || prop::sample::select(vec![SwapKind::ExactIn, SwapKind::ExactOut]);
    prop_oneof![
        4 => (1..8_u32, -50..50_i32, 1..60_i32, 1..5 * WHOLE).prop_map(|(key, lower, width, part)| Add { key, lower, width, part }),
        4 => (any::<usize>(), 0..=WHOLE).prop_map(|(position, part)| Remove { position, part }),
        20 => (direction(), kind(), log_parts, prop::option::weighted(limited, 1..400_i32))
            .prop_map(|(direction, kind, log_part, limit_ticks)| Swap { direction, kind, log_part, limit_ticks }),
        1 => [0..10_u32, 0..10_u32].prop_map(|parts| Donate { parts }),
        1 => prop::sample::select(vec![[0, 0], [1000, 0], [7, 1000]]).prop_map(|pips| ProtocolFee { pips }),
        1 => (0..2_usize).prop_map(|side| CollectProtocol { side }),
        1 => (0..100_000_u32).prop_map(|pips| LpFee { pips }),
    ]
}

fn tokens(amount: U256) -> f64 {
    f64::from(amount) * WEI
}

fn root(price: U256) -> f64 {
    f64::from(price) / TWO_96
}

fn at(tick: i32) -> f64 {
    root(tick_math::sqrt_price_at_tick(tick).unwrap())
}

fn fast_at(tick: i32) -> f64 {
    Fast::sqrt_price_at_tick(&Fast::units([18, 18]), tick).unwrap()
}

fn side_in(direction: Direction) -> usize {
    usize::from(direction == OneForZero)
}

#[allow(clippy::cast_precision_loss)]
fn float(liquidity: u128) -> f64 {
    liquidity as f64
}

/// The two lanes side by side, of tokens with 18 decimals each.
struct Twins {
    exact: Pool<Exact>,
    fast: Pool<Fast>,
    base: u128,
    start: i32,
    /// The smallest and the largest virtual reserves so far, in wei, and the smallest square root price.
    smallest: [f64; 2],
    largest: [f64; 2],
    lowest: f64,
    /// The largest virtual reserve, balance or fee growth so far, in tokens.
    scale: [f64; 2],
    most_liquidity: f64,
    /// What the largest fee below 100 % leaves of an input.
    least_kept: f64,
    done: u32,
    /// The largest deviation of the square root price so far, relative.
    farthest: f64,
    /// Amounts are so large that the contract's 128-bit deltas may refuse them, or so small that a unit is ticks.
    over: bool,
}

impl Twins {
    /// One position over all prices, so that there always is liquidity.
    ///
    /// None if that position alone is more than the contract's 128 bits.
    fn new(start: i32, base: u128, pips: u32) -> Option<Self> {
        let hooks = Momentum { pips, last: None };
        let mut exact = Pool::<Exact>::with_hooks(DYNAMIC_FEE_FLAG, SPACING, [18, 18], hooks.clone()).unwrap();
        let mut fast = Pool::<Fast>::with_hooks(DYNAMIC_FEE_FLAG, SPACING, [18, 18], hooks).unwrap();
        let between = tick_math::sqrt_price_at_tick(start).unwrap() + tick_math::sqrt_price_at_tick(start + 1).unwrap();
        exact.initialize(between / U256::from(2)).unwrap();
        fast.initialize(root(exact.sqrt_price().unwrap())).unwrap();
        let full = PositionKey::new(Owner::new(1), TickRange::full(SPACING));
        exact.modify_liquidity(full, LiquidityChange::Add(base)).ok()?;
        fast.modify_liquidity(full, LiquidityChange::Add(base)).unwrap();
        let mut twins = Self {
            exact,
            fast,
            base,
            start,
            smallest: [f64::INFINITY; 2],
            largest: [0.0; 2],
            lowest: f64::INFINITY,
            scale: [0.0; 2],
            most_liquidity: 0.0,
            least_kept: 1.0,
            done: 0,
            farthest: 0.0,
            over: false,
        };
        twins.observe();
        Some(twins)
    }

    /// L/√P and L·√P, in wei.
    fn virtual_reserves(&self) -> [f64; 2] {
        let (liquidity, price) = (float(self.exact.liquidity()), root(self.exact.sqrt_price().unwrap()));
        [liquidity / price, liquidity * price]
    }

    fn observe(&mut self) {
        let reserves = self.virtual_reserves();
        self.lowest = self.lowest.min(root(self.exact.sqrt_price().unwrap()));
        self.most_liquidity = self.most_liquidity.max(float(self.exact.liquidity()) * WEI);
        for side in 0..2 {
            self.smallest[side] = self.smallest[side].min(reserves[side]);
            self.largest[side] = self.largest[side].max(reserves[side]);
            let growth = self.fast.fee_growth_global()[side] * self.most_liquidity;
            let balance = tokens(self.exact.balances()[side]);
            self.scale[side] = self.scale[side].max(balance).max(reserves[side] * WEI).max(growth);
        }
    }

    fn bound(&self) -> f64 {
        let condition = (self.largest[0] / self.smallest[0]).max(self.largest[1] / self.smallest[1]);
        let unit = self.smallest[0].min(self.smallest[1]).recip();
        f64::from(self.done) * condition * (32.0 * f64::EPSILON + 4.0 / (TWO_96 * self.lowest) + 8.0 * unit) / self.least_kept
    }

    /// Runs the operation in both lanes. What the exact lane accepts the fast lane must accept, and refusals of the hook are the same.
    fn run(&mut self, operation: &Operation) -> TestCaseResult {
        match *operation {
            Operation::Add { key, lower, width, part } => {
                let lower = (self.start.div_euclid(SPACING) + lower) * SPACING;
                let range = TickRange::new(lower, lower + width * SPACING);
                let key = PositionKey { owner: Owner::new(1 + key % 4), range, salt: u64::from(key / 4) };
                self.modify(key, LiquidityChange::Add(self.base / u128::from(WHOLE) * u128::from(part)))?;
            }
            Operation::Remove { position, part } => {
                let keys: Vec<_> = self.exact.positions().map(|(key, position)| (*key, position.liquidity())).collect();
                let (key, held) = keys[position % keys.len()];
                let kept = if key.range == TickRange::full(SPACING) { self.base } else { 0 };
                // Who has emptied a position leaves with all of it, so that the list stays short in effect.
                let part = if part > WHOLE / 2 { WHOLE } else { part };
                let liquidity = (held - kept) / u128::from(WHOLE) * u128::from(part);
                self.modify(key, LiquidityChange::Remove(if part == WHOLE { held - kept } else { liquidity }))?;
            }
            Operation::Swap { direction, kind, log_part, limit_ticks } => {
                let side = usize::from((direction == OneForZero) == (kind == SwapKind::ExactIn));
                // Of the position over all prices: a part of what narrow ranges add could be more than all there is beyond them.
                let price = root(self.exact.sqrt_price().unwrap());
                let reserve = float(self.base) * if side == 0 { 1.0 / price } else { price };
                let amount = U256::from(reserve * 10_f64.powf(log_part));
                let mut exact = self.exact.unlimited(direction, kind, amount);
                let mut fast = self.fast.unlimited(direction, kind, tokens(amount));
                if let Some(ticks) = limit_ticks {
                    let signed = if direction == ZeroForOne { -ticks } else { ticks };
                    let tick = (self.exact.tick().unwrap() + signed).clamp(tick_math::MIN_TICK + 1, tick_math::MAX_TICK - 1);
                    exact = Trade { sqrt_price_limit: tick_math::sqrt_price_at_tick(tick).unwrap(), ..exact };
                    fast = Trade { sqrt_price_limit: fast_at(tick), ..fast };
                }
                self.swap(&exact, &fast)?;
            }
            Operation::Donate { parts } => {
                let gift = [0, 1].map(|side| self.exact.balances()[side] / U256::from(WHOLE) * U256::from(parts[side]));
                let (exactly, closely) = (self.exact.donate(gift), self.fast.donate(gift.map(tokens)));
                prop_assert_eq!(exactly, closely);
            }
            Operation::ProtocolFee { pips } => {
                self.exact.set_protocol_fee(pips).unwrap();
                self.fast.set_protocol_fee(pips).unwrap();
            }
            Operation::CollectProtocol { side } => {
                self.exact.collect_protocol_fees(side, U256::ZERO).unwrap();
                self.fast.collect_protocol_fees(side, 0.0).unwrap();
            }
            Operation::LpFee { pips } => {
                self.exact.hooks_mut().pips = pips;
                self.fast.hooks_mut().pips = pips;
            }
        }
        self.done += 1;
        self.observe();
        self.over = self.scale.iter().any(|amount| *amount > 1e37 * WEI);
        if !self.over && self.fast.tick() != self.exact.tick() && self.is_at_a_tick() {
            // Where the contract's units are coarse, the lanes may be many ticks apart.
            self.over = self.bound() > COARSE;
            if !self.over {
                self.reunite()?;
            }
        }
        if self.over { Ok(()) } else { self.compare() }
    }

    fn modify(&mut self, key: PositionKey, change: LiquidityChange) -> TestCaseResult {
        if let Ok(exactly) = self.exact.modify_liquidity(key, change) {
            let closely = self.fast.modify_liquidity(key, change);
            prop_assert!(closely.is_ok(), "{closely:?}");
            self.observe();
            for side in 0..2 {
                let difference = (closely.unwrap().fees[side] - tokens(exactly.fees[side])).abs();
                let bound = (self.bound() + f64::EPSILON) * self.scale[side] + 2.0 * WEI;
                prop_assert!(difference <= bound, "fees {side}: {closely:?} and {exactly:?}, bound {bound:e}");
            }
        }
        Ok(())
    }

    fn swap(&mut self, exact: &Trade<Exact>, fast: &Trade<Fast>) -> TestCaseResult {
        let Momentum { pips, last } = *self.exact.hooks();
        let fee = f64::from(if last == Some(exact.direction) { 2 * pips } else { pips }) * 1e-6;
        if let Ok(exactly) = self.exact.swap(exact) {
            // With the protocol's thousandth. An input that is all fee buys nothing, and is the same in both lanes.
            if fee < 1.0 {
                self.least_kept = self.least_kept.min((1.0 - fee) * 0.999);
            }
            let quoted = self.fast.quote(fast);
            let traded = self.fast.swap(fast);
            prop_assert!(traded.is_ok() && quoted == traded, "{traded:?}");
            self.observe();
            prop_assert!(traded.unwrap().filled == exactly.filled || self.smallest[0].min(self.smallest[1]) < 1e9);
        }
        Ok(())
    }

    /// The lanes are on two sides of a tick, and both are right. A swap up to halfway to the next brings them together.
    fn reunite(&mut self) -> TestCaseResult {
        let tick = self.exact.tick().unwrap().max(self.fast.tick().unwrap());
        let limit =
            (tick_math::sqrt_price_at_tick(tick).unwrap() + tick_math::sqrt_price_at_tick(tick + 1).unwrap()) / U256::from(2);
        let exact = Trade { sqrt_price_limit: limit, ..self.exact.unlimited(OneForZero, SwapKind::ExactIn, U256::MAX >> 1) };
        let fast = Trade { sqrt_price_limit: root(limit), ..self.fast.unlimited(OneForZero, SwapKind::ExactIn, 1e30) };
        self.swap(&exact, &fast)?;
        self.done += 1;
        self.observe();
        Ok(())
    }

    fn is_at_a_tick(&self) -> bool {
        let (tick, price) = (self.exact.tick().unwrap(), root(self.exact.sqrt_price().unwrap()));
        [tick, tick + 1].into_iter().any(|tick| (price / at(tick) - 1.0).abs() <= self.bound())
    }

    fn compare(&mut self) -> TestCaseResult {
        let (exact, fast, bound) = (&self.exact, &self.fast, self.bound());
        prop_assert_eq!(fast.tick(), exact.tick());
        prop_assert_eq!(fast.liquidity(), exact.liquidity());
        prop_assert_eq!(fast.hooks(), exact.hooks());
        let price = root(exact.sqrt_price().unwrap());
        let difference = (fast.sqrt_price().unwrap() / price - 1.0).abs();
        prop_assert!(difference <= bound, "square root price {difference:e} apart, bound {bound:e}");
        for side in 0..2 {
            let close = |name: &str, fast: f64, exact: U256| {
                let difference = (fast - tokens(exact)).abs();
                let bound = bound * self.scale[side];
                prop_assert!(difference <= bound, "{name} {side}: {fast} and {exact}, {difference:e} apart, bound {bound:e}");
                Ok(())
            };
            close("balance", fast.balances()[side], exact.balances()[side])?;
            close("protocol fees", fast.protocol_fees()[side], exact.protocol_fees()[side])?;
        }
        self.farthest = self.farthest.max(difference);
        Ok(())
    }

    /// The books of ticks, which are too long to compare after each of 10,000 operations.
    fn compare_ticks(&self) -> TestCaseResult {
        let books = |number: i32, gross: u128, net: i128| (number, gross, net);
        let exact: Vec<_> = self.exact.ticks().map(|(n, tick)| books(n, tick.liquidity_gross(), tick.liquidity_net())).collect();
        let fast: Vec<_> = self.fast.ticks().map(|(n, tick)| books(n, tick.liquidity_gross(), tick.liquidity_net())).collect();
        prop_assert_eq!(fast, exact);
        Ok(())
    }
}

fn sequence(start: i32, log_base: f64, pips: u32, operations: &[Operation]) -> Result<Twins, TestCaseError> {
    let twins = Twins::new(start, U256::from(10_f64.powf(log_base)).to(), pips);
    let mut twins = twins.ok_or_else(|| TestCaseError::reject("more than 128 bits"))?;
    for operation in operations {
        twins.run(operation)?;
        if twins.over {
            break;
        }
    }
    if !twins.over {
        twins.compare_ticks()?;
    }
    Ok(twins)
}

/// A book of ticks, and a pool of each lane that goes on from the same state with it.
fn same_state(start: i32, book: &[(i32, i32, u128)], fraction: f64) -> (Snapshot, Pool<Exact>, Pool<Fast>) {
    let price = at(start) + (at(start + 1) - at(start)) * fraction;
    let sqrt_price_x96 = U256::from(price * TWO_96);
    let mut ticks = std::collections::BTreeMap::<i32, (u128, i128)>::new();
    let mut liquidity = 0;
    let full = TickRange::full(SPACING);
    for (lower, width, amount) in book.iter().copied().chain([(full.lower, full.upper - full.lower, 1_000_000)]) {
        let lower = if width > 10_000 { lower } else { (start.div_euclid(SPACING) + lower) * SPACING };
        let range = TickRange::new(lower, if width > 10_000 { full.upper } else { lower + width * SPACING });
        let signed = i128::try_from(amount).unwrap();
        for (tick, net) in [(range.lower, signed), (range.upper, -signed)] {
            let entry = ticks.entry(tick).or_default();
            *entry = (entry.0 + amount, entry.1 + net);
        }
        if range.contains(start) {
            liquidity += amount;
        }
    }
    let ticks = ticks.into_iter().map(|(tick, (gross, net))| TickLiquidity { tick, gross, net }).collect();
    let snapshot = Snapshot { sqrt_price_x96, tick: start, liquidity, ticks, balances: None };
    let hooks = Momentum { pips: 3000, last: Some(ZeroForOne) };
    let mut exact = Pool::with_hooks(DYNAMIC_FEE_FLAG, SPACING, [18, 18], hooks.clone()).unwrap();
    let mut fast = Pool::with_hooks(DYNAMIC_FEE_FLAG, SPACING, [18, 18], hooks).unwrap();
    exact.restore(&snapshot).unwrap();
    fast.restore(&snapshot).unwrap();
    (snapshot, exact, fast)
}

/// The largest virtual reserves between two square root prices, in wei, and the ticks crossed.
fn on_the_way(snapshot: &Snapshot, from: f64, to: f64) -> ([f64; 2], f64) {
    let (low, high) = (from.min(to), from.max(to));
    let (mut liquidity, mut most, mut crossed) = (0_i128, [0.0_f64; 2], 0.0);
    for (place, tick) in snapshot.ticks.iter().enumerate() {
        liquidity += tick.net;
        let (lower, upper) = (at(tick.tick), snapshot.ticks.get(place + 1).map_or(0.0, |next| at(next.tick)));
        if upper >= low && lower <= high {
            let here = float(liquidity.unsigned_abs());
            most = [most[0].max(here / lower.max(low)), most[1].max(here * upper.min(high))];
            crossed += 1.0;
        }
    }
    (most, crossed)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, ..ProptestConfig::default() })]

    /// Prices over half of all ticks, liquidity from nearly nothing to 10^14 tokens in up to six positions, swaps from a wei to all.
    #[test]
    fn one_swap(
        start in -400_000..400_000_i32,
        fraction in 0.01..0.99_f64,
        book in prop::collection::vec((-40..40_i32, 1..60_i32, 0.0..32.0_f64), 0..6),
        direction in prop::sample::select(vec![ZeroForOne, OneForZero]),
        kind in prop::sample::select(vec![SwapKind::ExactIn, SwapKind::ExactOut]),
        log_part in -20.0..1.0_f64,
        limit_ticks in 1..1000_i32,
        protocol in 0..=1000_u16,
    ) {
        let book: Vec<_> = book.iter().map(|(lower, width, log)| (*lower, *width, U256::from(10_f64.powf(*log)).to::<u128>())).collect();
        let (snapshot, mut exact, mut fast) = same_state(start, &book, fraction);
        exact.set_protocol_fee([protocol, 1000 - protocol]).unwrap();
        fast.set_protocol_fee([protocol, 1000 - protocol]).unwrap();
        let fixed = usize::from((direction == OneForZero) == (kind == SwapKind::ExactIn));
        let price = root(snapshot.sqrt_price_x96);
        let reserve = float(snapshot.liquidity) * if fixed == 0 { 1.0 / price } else { price };
        let amount = U256::from(reserve * 10_f64.powf(log_part)).clamp(U256::from(1), U256::from(1e37));
        let signed = if direction == ZeroForOne { -limit_ticks } else { limit_ticks };
        let limit = tick_math::sqrt_price_at_tick(start + signed).unwrap();
        let exactly = exact.swap(&Trade { sqrt_price_limit: limit, ..exact.unlimited(direction, kind, amount) });
        // Only what does not fit 128 bits is refused.
        prop_assert!(exactly.is_ok() || matches!(exactly, Err(ConcentratedError::AmountTooLarge { .. })), "{exactly:?}");
        prop_assume!(exactly.is_ok());
        let closely = fast.swap(&Trade { sqrt_price_limit: fast_at(start + signed), ..fast.unlimited(direction, kind, tokens(amount)) });
        let (exactly, closely) = (exactly.unwrap(), closely.unwrap());
        let to = root(exactly.sqrt_price);
        let (most, crossed) = on_the_way(&snapshot, price, to);
        let words = f64::from((exactly.tick - start).abs() / (256 * SPACING)) + 1.0;
        let paid = side_in(direction);
        let lowest = price.min(to);
        // A wei of token 1 is worth 1/P of token 0.
        let worth = [1.0 / (lowest * lowest), price.max(to).powi(2)];
        for (side, exactly, closely) in [(paid, exactly.amount_in, closely.amount_in), (1 - paid, exactly.amount_out, closely.amount_out)] {
            let floats = (crossed + 2.0) * (16.0 * f64::EPSILON + 1.0 / (TWO_96 * lowest)) * most[side];
            let units = 3.0 * (crossed + words + 2.0) * (1.0 + worth[side]);
            let (difference, bound) = ((closely - tokens(exactly)).abs(), (floats + units) * WEI);
            prop_assert!(difference <= bound, "token {side}: {closely} and {exactly}, {difference:e} apart, bound {bound:e}");
        }
    }

    /// The same states; what liquidity costs and what it brings.
    #[test]
    fn one_change_of_liquidity(
        start in -400_000..400_000_i32,
        fraction in 0.01..0.99_f64,
        lower in -60..60_i32,
        width in 1..100_i32,
        log_liquidity in 0.0..33.0_f64,
    ) {
        let (snapshot, mut exact, mut fast) = same_state(start, &[], fraction);
        let lower = (start.div_euclid(SPACING) + lower) * SPACING;
        let range = TickRange::new(lower, lower + width * SPACING);
        let key = PositionKey::new(Owner::new(1), range);
        let liquidity: u128 = U256::from(10_f64.powf(log_liquidity)).to();
        let price = root(snapshot.sqrt_price_x96);
        let (low, high) = (at(range.lower), at(range.upper));
        let most = [float(liquidity) / low, float(liquidity) * high];
        for change in [LiquidityChange::Add(liquidity), LiquidityChange::Remove(liquidity)] {
            let (exactly, closely) = (exact.modify_liquidity(key, change), fast.modify_liquidity(key, change));
            prop_assume!(exactly.is_ok());
            let (exactly, closely) = (exactly.unwrap(), closely.unwrap());
            prop_assert_eq!((closely.fees, exactly.fees), ([0.0; 2], [U256::ZERO; 2]));
            for side in 0..2 {
                let floats = 8.0 * (f64::EPSILON + 1.0 / (TWO_96 * low.min(price))) * most[side];
                let (difference, bound) = ((closely.amounts[side] - tokens(exactly.amounts[side])).abs(), (floats + 2.0) * WEI);
                prop_assert!(difference <= bound, "token {side}: {closely:?} and {exactly:?}, bound {bound:e}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Prices from 5e-5 to 2e4, liquidity from a token to 10^12 tokens, swaps from a billionth to a third of what is in range at
    /// least.
    #[test]
    fn ten_thousand_operations(
        start in -100_000..100_000_i32,
        log_base in 18.0..30.0_f64,
        pips in 0..20_000_u32,
        operations in prop::bool::ANY
            .prop_flat_map(|limited| prop::collection::vec(operation(-9.0..-0.5, if limited { 0.5 } else { 0.001 }), 10_000)),
    ) {
        let twins = sequence(start, log_base, pips, &operations)?;
        let whole = !twins.over && twins.done >= 10_000;
        prop_assert!(whole, "over after {} operations, bound {:e}", twins.done, twins.bound());
        println!("{} operations: prices up to {:e} apart, bound {:e}", twins.done, twins.farthest, twins.bound());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Prices over half of all ticks, liquidity from a few wei to the limit of a tick, swaps from nothing to tenfold the virtual reserve.
    #[test]
    fn extreme_sequences(
        start in -440_000..440_000_i32,
        log_base in 4.0..32.0_f64,
        pips in 0..=500_000_u32,
        operations in prop::collection::vec(operation(-20.0..1.0, 0.5), 1..60),
    ) {
        sequence(start, log_base, pips, &operations)?;
    }
}
