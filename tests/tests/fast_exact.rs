//! The fast lane against the exact lane: one operation from the same state, and whole sequences of operations.
//!
//! Bounds, with ε = 2^-52 and everything in wei (both tokens have 18 decimals):
//! - **One operation** from the same reserves: an output or a mint is within 12 ε relative and 1 wei of the exact lane's. An input for
//!   a given output is within 12 ε·y/(y − out) relative, y the output reserve, and 2 wei.
//! - **A sequence** of n operations, each lane on its own state, swaps no larger than the input reserve: reserves, balances and LP
//!   tokens are within n·(2e-14 + 80/w) of the largest that quantity has been, w the smallest reserve or supply so far in wei.
//!   After 60 operations on reserves above a hundredth of a token that is 1.7e-12.

use cenote_amm::constant_product::{Pair, SwapFee, amount_in, amount_out, proportional};
use cenote_amm::{
    ConstantProduct, Direction, Exact, Fast, FungibleLiquidity, OneForZero, Owner, Pool, SwapKind, SwapRequest, U256, ZeroForOne,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

const WEI: f64 = 1e-18;
const PROTOCOL: Owner = Owner::new(9);

/// 10^exponent wei, and some.
fn wei(exponent: f64) -> U256 {
    U256::from(10_f64.powf(exponent))
}

fn tokens(amount: U256) -> f64 {
    f64::from(amount) * WEI
}

fn fees() -> impl Strategy<Value = SwapFee> {
    prop_oneof![
        Just(SwapFee::UNISWAP_V2),
        Just(SwapFee::PANCAKESWAP_V1),
        Just(SwapFee::PANCAKESWAP_V2),
        (0..1_000_000_u32).prop_map(|pips| SwapFee::from_pips(pips).unwrap()),
    ]
}

fn assert_within(fast: f64, exact: U256, relative: f64, slack_in_wei: f64) -> TestCaseResult {
    let exact = tokens(exact);
    prop_assert!((fast - exact).abs() <= relative * exact.max(fast) + slack_in_wei * WEI, "fast {fast}, exact {exact}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    /// All of the contract's range: one wei to 2^112 wei.
    #[test]
    fn one_quote(amount in 0.0..33.7_f64, reserves in [0.0..33.7_f64, 0.0..33.7_f64], fee in fees()) {
        let (amount, [x, y]) = (wei(amount), reserves.map(wei));
        let (fast_amount, [fast_x, fast_y]) = (tokens(amount), [x, y].map(tokens));

        let out = amount_out::<Exact>(amount, x, y, &fee).unwrap();
        assert_within(amount_out::<Fast>(fast_amount, fast_x, fast_y, &fee).unwrap(), out, 12.0 * f64::EPSILON / fee.keep(), 1.0)?;

        let share = proportional::<Exact>(amount, x, y).unwrap();
        assert_within(proportional::<Fast>(fast_amount, fast_x, fast_y).unwrap(), share, 12.0 * f64::EPSILON, 1.0)?;

        // Half a float's precision below the reserve the difference is no longer known; there the fast lane has no answer to give.
        if amount < y && fast_amount < fast_y * (1.0 - 1e-8) {
            let cost = amount_in::<Exact>(amount, x, y, &fee).unwrap();
            let condition = fast_y / (fast_y - fast_amount) / fee.keep();
            assert_within(amount_in::<Fast>(fast_amount, fast_x, fast_y, &fee).unwrap(), cost, 12.0 * f64::EPSILON * condition, 2.0)?;
        }
    }
}

#[derive(Clone, Debug)]
enum Operation {
    /// A swap of this part of the input reserve (exact in) or of half the output reserve (exact out).
    Swap {
        direction: Direction,
        kind: SwapKind,
        part: u32,
    },
    /// A deposit of this part of the reserves, out of proportion by `skew`, through the router.
    Mint {
        owner: u32,
        part: u32,
        skew: u32,
    },
    /// The same at the pair, where what is out of proportion is a gift.
    MintAtPair {
        owner: u32,
        part: u32,
        skew: u32,
    },
    Burn {
        owner: u32,
        part: u32,
    },
    Donate {
        part: u32,
        sync: bool,
    },
    Skim,
    ProtocolFee {
        on: bool,
    },
    Wait {
        seconds: u32,
    },
}

/// Parts are in millionths.
const WHOLE: u32 = 1_000_000;

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    use Operation::*;
    let part = || 1..=WHOLE;
    let owner = || 1..4_u32;
    let direction = || prop::sample::select(vec![ZeroForOne, OneForZero]);
    let kind = || prop::sample::select(vec![SwapKind::ExactIn, SwapKind::ExactOut]);
    prop::collection::vec(
        prop_oneof![
            6 => (direction(), kind(), part()).prop_map(|(direction, kind, part)| Swap { direction, kind, part }),
            2 => (owner(), part(), WHOLE / 2..WHOLE * 2).prop_map(|(owner, part, skew)| Mint { owner, part, skew }),
            1 => (owner(), part(), WHOLE / 2..WHOLE * 2).prop_map(|(owner, part, skew)| MintAtPair { owner, part, skew }),
            2 => (2..4_u32, part()).prop_map(|(owner, part)| Burn { owner, part }),
            1 => (part(), any::<bool>()).prop_map(|(part, sync)| Donate { part, sync }),
            1 => Just(Skim),
            1 => any::<bool>().prop_map(|on| ProtocolFee { on }),
            1 => (1..1_000_000_u32).prop_map(|seconds| Wait { seconds }),
        ],
        1..60,
    )
}

fn part_of(amount: U256, part: u32) -> U256 {
    amount * U256::from(part) / U256::from(WHOLE)
}

/// The two lanes side by side. Inputs come from the exact lane's state; the fast lane gets the same numbers and keeps its own state.
struct Twins {
    exact: ConstantProduct<Exact>,
    fast: ConstantProduct<Fast>,
    /// The smallest reserve or supply so far, in wei.
    smallest: f64,
    /// The largest reserves, balances and supply so far, in tokens.
    largest: [f64; 3],
    done: u32,
}

impl Twins {
    fn new(reserves: [U256; 2]) -> Self {
        let mut twins = Self {
            exact: ConstantProduct::uniswap_v2(),
            fast: ConstantProduct::uniswap_v2(),
            smallest: f64::INFINITY,
            largest: [0.0; 3],
            done: 1,
        };
        twins.exact.mint(Owner::new(1), &reserves).unwrap();
        twins.fast.mint(Owner::new(1), &reserves.map(tokens)).unwrap();
        twins.observe();
        twins
    }

    fn observe(&mut self) {
        let [x, y] = self.exact.pair().reserves().map(f64::from);
        let supply = f64::from(self.exact.total_supply());
        self.smallest = self.smallest.min(x).min(y).min(supply);
        let [bx, by] = self.exact.pair().balances().map(f64::from);
        for (largest, now) in self.largest.iter_mut().zip([bx, by, supply]) {
            *largest = largest.max(now * WEI);
        }
    }

    /// Runs the operation in both lanes. Where the exact lane refuses (amounts round to nothing, a balance outgrows `uint112`) the
    /// fast lane is not asked; where it accepts, so must the fast lane.
    fn run(&mut self, operation: &Operation) -> TestCaseResult {
        let [x, y] = self.exact.pair().reserves();
        let sides = |part: u32, skew: u32| [part_of(x, part), part_of(part_of(y, part), skew)];
        match *operation {
            Operation::Swap { direction, kind, part } => {
                let (side_in, side_out): (usize, usize) = if direction == ZeroForOne { (0, 1) } else { (1, 0) };
                let reserves = [x, y];
                let amount = match kind {
                    SwapKind::ExactIn => part_of(reserves[side_in], part),
                    SwapKind::ExactOut => part_of(reserves[side_out], part / 2),
                };
                let (exact, fast) = match kind {
                    SwapKind::ExactIn => {
                        (SwapRequest::exact_in(direction, amount), SwapRequest::exact_in(direction, tokens(amount)))
                    }
                    SwapKind::ExactOut => {
                        (SwapRequest::exact_out(direction, amount), SwapRequest::exact_out(direction, tokens(amount)))
                    }
                };
                if self.exact.swap(&exact).is_ok() {
                    let outcome = self.fast.swap(&fast);
                    prop_assert!(outcome.is_ok(), "{outcome:?}");
                }
            }
            Operation::Mint { owner, part, skew } => {
                let (owner, amounts) = (Owner::new(owner), sides(part, skew));
                if self.exact.mint(owner, &amounts).is_ok() {
                    let outcome = self.fast.mint(owner, &amounts.map(tokens));
                    prop_assert!(outcome.is_ok(), "{outcome:?}");
                }
            }
            Operation::MintAtPair { owner, part, skew } => {
                let (owner, amounts) = (Owner::new(owner), sides(part, skew));
                if self.exact.pair_mut().mint(owner, amounts).is_ok() {
                    let outcome = self.fast.pair_mut().mint(owner, amounts.map(tokens));
                    prop_assert!(outcome.is_ok(), "{outcome:?}");
                }
            }
            Operation::Burn { owner, part } => {
                let owner = Owner::new(owner);
                let fast = self.fast.balance_of(owner) * (f64::from(part) / f64::from(WHOLE));
                if self.exact.burn(owner, part_of(self.exact.balance_of(owner), part)).is_ok() {
                    let outcome = self.fast.burn(owner, fast);
                    prop_assert!(outcome.is_ok(), "{outcome:?}");
                }
            }
            Operation::Donate { part, sync } => {
                let amounts = sides(part / 10, WHOLE);
                let before = self.exact.clone();
                let passed = self.exact.pair_mut().donate(amounts).is_ok() && (!sync || self.exact.pair_mut().sync().is_ok());
                if passed {
                    self.fast.pair_mut().donate(amounts.map(tokens)).unwrap();
                    if sync {
                        self.fast.pair_mut().sync().unwrap();
                    }
                } else {
                    self.exact = before;
                }
            }
            Operation::Skim => {
                self.exact.pair_mut().skim();
                self.fast.pair_mut().skim();
            }
            Operation::ProtocolFee { on } => {
                self.exact.pair_mut().set_fee_to(on.then_some(PROTOCOL));
                self.fast.pair_mut().set_fee_to(on.then_some(PROTOCOL));
            }
            Operation::Wait { seconds } => {
                let now = self.exact.pair().block_timestamp() + u64::from(seconds);
                self.exact.pair_mut().set_block_timestamp(now);
                self.fast.pair_mut().set_block_timestamp(now);
            }
        }
        self.done += 1;
        self.observe();
        self.compare()
    }

    /// The bound after `done` operations.
    fn bound(&self) -> f64 {
        f64::from(self.done) * (2e-14 + 80.0 / self.smallest)
    }

    fn compare(&self) -> TestCaseResult {
        let bound = self.bound();
        let (exact, fast): (&Pair<Exact>, &Pair<Fast>) = (self.exact.pair(), self.fast.pair());
        let [scale0, scale1, scale_lp] = self.largest;
        let close = |name: &str, fast: f64, exact: U256, scale: f64| {
            let difference = (fast - tokens(exact)).abs();
            prop_assert!(
                difference <= bound * scale,
                "{name}: fast {fast}, exact {exact} wei, {difference:e} apart, bound {:e}",
                bound * scale
            );
            Ok(())
        };
        for (side, scale) in [scale0, scale1].into_iter().enumerate() {
            close("reserve", fast.reserves()[side], exact.reserves()[side], scale)?;
            close("balance", fast.balances()[side], exact.balances()[side], scale)?;
        }
        close("supply", fast.lp().total_supply(), exact.lp().total_supply(), scale_lp)?;
        for owner in [Owner::new(1), Owner::new(2), Owner::new(3), PROTOCOL, Owner::POOL] {
            close("LP tokens", fast.lp().balance_of(owner), exact.lp().balance_of(owner), scale_lp)?;
        }
        prop_assert_eq!(fast.block_timestamp_last(), exact.block_timestamp_last());
        Ok(())
    }

    /// The sums of prices, where the contract's 112 fractional bits are fine enough to say.
    fn compare_oracles(&self) -> TestCaseResult {
        let unit = 2_f64.powi(112);
        for side in 0..2 {
            let exact = f64::from(self.exact.pair().price_cumulative()[side]) / unit;
            let fast = self.fast.pair().price_cumulative()[side];
            // Prices divide one reserve by the other: errors relative to the smallest reserve count, not to the largest.
            prop_assert!((fast - exact).abs() <= 1e-6 * exact, "price · seconds of side {side}: fast {fast}, exact {exact}");
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// A token to a billion tokens on either side.
    #[test]
    fn ordinary_sequences(reserves in [18.0..27.0_f64, 18.0..27.0_f64], operations in operations()) {
        let mut twins = Twins::new(reserves.map(wei));
        for operation in &operations {
            twins.run(operation)?;
        }
        if twins.smallest > 1e15 {
            twins.compare_oracles()?;
        }
    }

    /// A few thousand wei to the contract's limit.
    #[test]
    fn extreme_sequences(reserves in [6.0..33.0_f64, 6.0..33.0_f64], operations in operations()) {
        let mut twins = Twins::new(reserves.map(wei));
        for operation in &operations {
            twins.run(operation)?;
        }
    }
}
