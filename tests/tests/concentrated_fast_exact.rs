//! The fast lane of concentrated pools against the exact lane: whole sequences of operations, each lane on its own state.
//!
//! Ticks and liquidity are integers in both lanes and must be equal. For the rest, with ε = 2^-52, n operations, κ the largest virtual
//! reserve (L/√P or L·√P) so far over the smallest of that token, w the smallest of all in wei and q = 2^-96/√P the spacing of the exact lane's square root prices, the bound is r = n·κ·(32 ε + 4 q + 8/w):
//! - the square root price is within r, relative;
//!   (where that does not tell on which side of a tick the price is, the comparison ends);
//! - balances, protocol fees and what positions are owed are within r of the largest virtual reserve or the largest amount paid in.
//!
//! After 60 operations at ordinary prices, with κ = 100, r is 4e-11.

use cenote_amm::concentrated::{FeeTier, Formulas, ProtocolFeeScheme, TickRange, Trade, V3Pool, tick_math};
use cenote_amm::{Direction, Exact, Fast, OneForZero, Owner, SwapKind, U256, ZeroForOne};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

const WEI: f64 = 1e-18;
const TWO_96: f64 = 79_228_162_514_264_337_593_543_950_336.0;
const SPACING: i32 = 10;

#[derive(Clone, Debug)]
enum Operation {
    /// The range in multiples of the spacing, from the tick at which the pool began; the liquidity as a part of the base position's.
    Mint {
        owner: u32,
        lower: i32,
        width: i32,
        part: u32,
    },
    Burn {
        position: usize,
        part: u32,
    },
    Collect {
        position: usize,
    },
    /// The amount as a part of the virtual reserve, on a logarithmic scale; maybe stopped after so many ticks.
    Swap {
        direction: Direction,
        kind: SwapKind,
        log_part: f64,
        limit_ticks: Option<i32>,
    },
    ProtocolFee {
        numbers: [u16; 2],
    },
    CollectProtocol,
    Wait {
        seconds: u32,
    },
}

/// Parts are in thousandths.
const WHOLE: u32 = 1000;

fn operations(log_parts: std::ops::Range<f64>) -> impl Strategy<Value = Vec<Operation>> {
    use Operation::{Burn, Collect, CollectProtocol, Mint, ProtocolFee, Swap, Wait};
    let direction = || prop::sample::select(vec![ZeroForOne, OneForZero]);
    let kind = || prop::sample::select(vec![SwapKind::ExactIn, SwapKind::ExactOut]);
    prop::collection::vec(
        prop_oneof![
            4 => (1..4_u32, -50..50_i32, 1..60_i32, 1..5 * WHOLE)
                .prop_map(|(owner, lower, width, part)| Mint { owner, lower, width, part }),
            2 => (any::<usize>(), 0..=WHOLE).prop_map(|(position, part)| Burn { position, part }),
            1 => any::<usize>().prop_map(|position| Collect { position }),
            9 => (direction(), kind(), log_parts, prop::option::of(1..400_i32))
                .prop_map(|(direction, kind, log_part, limit_ticks)| Swap { direction, kind, log_part, limit_ticks }),
            1 => prop::sample::select(vec![[0, 0], [4, 10], [6, 0]]).prop_map(|numbers| ProtocolFee { numbers }),
            1 => Just(CollectProtocol),
            1 => (1..1_000_000_u32).prop_map(|seconds| Wait { seconds }),
        ],
        1..60,
    )
}

fn tokens(amount: U256) -> f64 {
    f64::from(amount) * WEI
}

fn sqrt_price(pool: &V3Pool<Exact>) -> f64 {
    f64::from(pool.sqrt_price().unwrap()) / TWO_96
}

/// The two lanes side by side, of tokens with 18 decimals each.
struct Twins {
    exact: V3Pool<Exact>,
    fast: V3Pool<Fast>,
    base: u128,
    start: i32,
    /// The smallest and the largest virtual reserves so far, in wei, and the smallest square root price.
    smallest: [f64; 2],
    largest: [f64; 2],
    lowest: f64,
    /// The largest virtual reserve or balance so far, in tokens.
    scale: [f64; 2],
    done: u32,
    /// The exact price is so near to a tick that the fast lane cannot know its side, or amounts are so large that the contract's
    /// 128-bit slots may wrap.
    over: bool,
}

impl Twins {
    /// One position over all prices, so that there always is liquidity.
    fn new(start: i32, base: u128) -> Self {
        let tier = FeeTier::BP_5;
        let mut exact = V3Pool::new(tier, ProtocolFeeScheme::UniswapV3, [18, 18]);
        let mut fast = V3Pool::new(tier, ProtocolFeeScheme::UniswapV3, [18, 18]);
        let between = tick_math::sqrt_price_at_tick(start).unwrap() + tick_math::sqrt_price_at_tick(start + 1).unwrap();
        exact.initialize(between / U256::from(2)).unwrap();
        fast.initialize(f64::from(exact.sqrt_price().unwrap()) / TWO_96).unwrap();
        let full = TickRange::full(SPACING);
        exact.mint(Owner::new(1), full, base).unwrap();
        fast.mint(Owner::new(1), full, base).unwrap();
        let mut twins = Self {
            exact,
            fast,
            base,
            start,
            smallest: [f64::INFINITY; 2],
            largest: [0.0; 2],
            lowest: f64::INFINITY,
            scale: [0.0; 2],
            done: 0,
            over: false,
        };
        twins.observe();
        twins
    }

    /// L/√P and L·√P, in wei.
    #[allow(clippy::cast_precision_loss)]
    fn virtual_reserves(&self) -> [f64; 2] {
        let (liquidity, price) = (self.exact.liquidity() as f64, sqrt_price(&self.exact));
        [liquidity / price, liquidity * price]
    }

    fn observe(&mut self) {
        let reserves = self.virtual_reserves();
        self.lowest = self.lowest.min(sqrt_price(&self.exact));
        for side in 0..2 {
            self.smallest[side] = self.smallest[side].min(reserves[side]);
            self.largest[side] = self.largest[side].max(reserves[side]);
            let balance = tokens(self.exact.balances()[side]);
            self.scale[side] = self.scale[side].max(balance).max(reserves[side] * WEI);
        }
    }

    fn bound(&self) -> f64 {
        let condition = (self.largest[0] / self.smallest[0]).max(self.largest[1] / self.smallest[1]);
        let unit = self.smallest[0].min(self.smallest[1]).recip();
        f64::from(self.done) * condition * (32.0 * f64::EPSILON + 4.0 / (TWO_96 * self.lowest) + 8.0 * unit)
    }

    fn key(&self, position: usize) -> (Owner, TickRange) {
        let keys: Vec<_> = self.exact.positions().map(|(key, _)| (key.owner, key.range)).collect();
        keys[position % keys.len()]
    }

    /// Runs the operation in both lanes. What the exact lane accepts the fast lane must accept.
    fn run(&mut self, operation: &Operation) -> TestCaseResult {
        match *operation {
            Operation::Mint { owner, lower, width, part } => {
                let lower = (self.start.div_euclid(SPACING) + lower) * SPACING;
                let range = TickRange::new(lower, lower + width * SPACING);
                let liquidity = self.base / u128::from(WHOLE) * u128::from(part);
                if self.exact.mint(Owner::new(owner), range, liquidity).is_ok() {
                    let minted = self.fast.mint(Owner::new(owner), range, liquidity);
                    prop_assert!(minted.is_ok(), "{minted:?}");
                }
            }
            Operation::Burn { position, part } => {
                let (owner, range) = self.key(position);
                let held = self.exact.position(owner, range).liquidity();
                let kept = if range == TickRange::full(SPACING) { self.base } else { 0 };
                let liquidity = (held - kept) / u128::from(WHOLE) * u128::from(part);
                let burned = (self.exact.burn(owner, range, liquidity).is_ok(), self.fast.burn(owner, range, liquidity).is_ok());
                prop_assert_eq!(burned.0, burned.1);
            }
            Operation::Collect { position } => {
                let (owner, range) = self.key(position);
                self.exact.collect(owner, range, [U256::MAX; 2]).unwrap();
                self.fast.collect(owner, range, [f64::MAX; 2]).unwrap();
            }
            Operation::Swap { direction, kind, log_part, limit_ticks } => {
                let paid_side = usize::from((direction == OneForZero) == (kind == SwapKind::ExactIn));
                let amount = U256::from(self.virtual_reserves()[paid_side] * 10_f64.powf(log_part));
                let mut exact = self.exact.unlimited(direction, kind, amount);
                let mut fast = self.fast.unlimited(direction, kind, tokens(amount));
                if let Some(ticks) = limit_ticks {
                    let signed = if direction == ZeroForOne { -ticks } else { ticks };
                    let tick = (self.exact.tick().unwrap() + signed).clamp(tick_math::MIN_TICK + 1, tick_math::MAX_TICK - 1);
                    exact = Trade { sqrt_price_limit: tick_math::sqrt_price_at_tick(tick).unwrap(), ..exact };
                    let limit = Fast::sqrt_price_at_tick(&Fast::units([18, 18]), tick).unwrap();
                    fast = Trade { sqrt_price_limit: limit, ..fast };
                }
                if let Ok(exactly) = self.exact.swap(&exact) {
                    let traded = self.fast.swap(&fast);
                    prop_assert!(traded.is_ok(), "{traded:?}");
                    prop_assert!(traded.unwrap().filled == exactly.filled || self.smallest[0].min(self.smallest[1]) < 1e9);
                }
            }
            Operation::ProtocolFee { numbers } => {
                self.exact.set_protocol_fee(numbers).unwrap();
                self.fast.set_protocol_fee(numbers).unwrap();
            }
            Operation::CollectProtocol => {
                self.exact.collect_protocol([U256::MAX; 2]).unwrap();
                self.fast.collect_protocol([f64::MAX; 2]).unwrap();
            }
            Operation::Wait { seconds } => {
                let now = self.exact.block_timestamp() + u64::from(seconds);
                self.exact.set_block_timestamp(now);
                self.fast.set_block_timestamp(now);
            }
        }
        self.done += 1;
        self.observe();
        let wraps = self.scale.iter().any(|amount| *amount > 1e37 * WEI);
        self.over = wraps || (self.fast.tick() != self.exact.tick() && self.is_at_a_tick());
        if self.over { Ok(()) } else { self.compare() }
    }

    fn is_at_a_tick(&self) -> bool {
        let (tick, price) = (self.exact.tick().unwrap(), sqrt_price(&self.exact));
        [tick, tick + 1].into_iter().any(|tick| {
            let at = f64::from(tick_math::sqrt_price_at_tick(tick).unwrap()) / TWO_96;
            (price / at - 1.0).abs() <= self.bound()
        })
    }

    fn compare(&self) -> TestCaseResult {
        let (exact, fast, bound) = (&self.exact, &self.fast, self.bound());
        prop_assert_eq!(fast.tick(), exact.tick());
        prop_assert_eq!(fast.liquidity(), exact.liquidity());
        let books = |number: i32, gross: u128, net: i128| (number, gross, net);
        let exact_ticks: Vec<_> = exact.ticks().map(|(n, tick)| books(n, tick.liquidity_gross(), tick.liquidity_net())).collect();
        let fast_ticks: Vec<_> = fast.ticks().map(|(n, tick)| books(n, tick.liquidity_gross(), tick.liquidity_net())).collect();
        prop_assert_eq!(fast_ticks, exact_ticks);
        // The clock, the tick and the liquidity being equal, so is the oracle.
        prop_assert_eq!(fast.oracle(), exact.oracle());

        let price = sqrt_price(exact);
        let difference = (fast.sqrt_price().unwrap() / price - 1.0).abs();
        prop_assert!(difference <= bound, "square root price {difference:e} apart, bound {bound:e}");
        for side in 0..2 {
            let close = |name: &str, fast: f64, exact: U256| {
                let difference = (fast - tokens(exact)).abs();
                let bound = bound * self.scale[side];
                prop_assert!(
                    difference <= bound,
                    "{name} {side}: fast {fast}, exact {exact}, {difference:e} apart, bound {bound:e}"
                );
                Ok(())
            };
            close("balance", fast.balances()[side], exact.balances()[side])?;
            close("protocol fees", fast.protocol_fees()[side], exact.protocol_fees()[side])?;
            for ((_, fast), (_, exact)) in fast.positions().zip(exact.positions()) {
                close("owed", fast.tokens_owed()[side], exact.tokens_owed()[side])?;
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Prices from 5e-5 to 2e4, liquidity from a token to 10^12 tokens, swaps from a billionth to a third of the virtual reserve.
    #[test]
    fn ordinary_sequences(start in -100_000..100_000_i32, log_base in 18.0..30.0_f64, operations in operations(-9.0..-0.5)) {
        let mut twins = Twins::new(start, U256::from(10_f64.powf(log_base)).to());
        for operation in &operations {
            twins.run(operation)?;
            if twins.over {
                break;
            }
        }
    }

    /// Prices over half of all ticks, liquidity from a few wei to the limit of a tick, swaps from nothing to tenfold the virtual reserve.
    #[test]
    fn extreme_sequences(start in -440_000..440_000_i32, log_base in 4.0..32.0_f64, operations in operations(-20.0..1.0)) {
        let mut twins = Twins::new(start, U256::from(10_f64.powf(log_base)).to());
        for operation in &operations {
            twins.run(operation)?;
            if twins.over {
                break;
            }
        }
    }
}
