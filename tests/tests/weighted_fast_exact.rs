//! Weighted pools: the fast lane against the exact lane, one operation from the same state and whole sequences.
//!
//! The contracts round powers by 10⁻¹⁴ in the pool's favour, and the fast lane does not; that is most of the difference. Bounds, with
//! everything in tokens of 18 decimals:
//! - **One swap** from the same balances: an output is within 1.2e-14 of the output balance and 4 wei; an input within 1.3e-14 of the
//!   input balance and the input together, over 1 − fee, times 1 + a fortieth of the output's weight over the input's, and a few wei.
//! - **A sequence** of n operations, each lane on its own state: balances and LP tokens are within n·c·(1e-13/w + 100/m) of the largest
//!   that quantity has been, w the smallest weight, m the smallest balance or supply so far in wei, and c the most that any balance has
//!   shrunk to a part of itself: what is left of a balance of which nearly all was taken is known to fewer digits.
//!
//! What the exact lane accepts the fast lane accepts too, but for amounts within rounding of v3's minimums. The reverse fails only where
//! a balance outgrows the vault's integers.

use cenote_amm::weighted::{Version, Weighted, Weights};
use cenote_amm::{Exact, Fast, FungibleLiquidity, Owner, Pool, SwapKind, SwapRequest, TokenIndex, U256};
use cenote_units::Fee;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

const WEI: f64 = 1e-18;
const ALICE: Owner = Owner::new(1);

fn tokens(amount: U256) -> f64 {
    f64::from(amount) * WEI
}

fn wei(exponent: f64) -> U256 {
    U256::from(10_f64.powf(exponent))
}

fn part_of(amount: U256, part: u32) -> U256 {
    amount * U256::from(part) / U256::from(WHOLE)
}

/// Parts are in billionths.
const WHOLE: u32 = 1_000_000_000;

#[derive(Clone, Debug)]
enum Operation {
    Swap { tokens: [u8; 2], kind: SwapKind, part: u32 },
    Mint { part: u32 },
    JoinExactTokens { parts: Vec<u32> },
    JoinSingleToken { token: u8, part: u32 },
    Burn { part: u32 },
    ExitSingleToken { token: u8, part: u32 },
    ExitExactTokens { parts: Vec<u32>, token: u8 },
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    use Operation::*;
    // Small parts and large ones; what is beyond a limit both lanes refuse.
    let part = || prop_oneof![3 => 0.0..0.3_f64, 2 => (-8.0..0.0_f64).prop_map(|log| 10_f64.powf(log))];
    let part = move || part().prop_map(|part| U256::from(part * f64::from(WHOLE)).to::<u32>() + 1);
    let parts = move || prop::collection::vec(part(), 8);
    let token = || 0..8_u8;
    let kind = || prop::sample::select(vec![SwapKind::ExactIn, SwapKind::ExactOut]);
    let operation = prop_oneof![
        6 => ([token(), token()], kind(), part()).prop_map(|(tokens, kind, part)| Swap { tokens, kind, part }),
        1 => part().prop_map(|part| Mint { part }),
        1 => parts().prop_map(|parts| JoinExactTokens { parts }),
        1 => (token(), part()).prop_map(|(token, part)| JoinSingleToken { token, part }),
        1 => part().prop_map(|part| Burn { part }),
        1 => (token(), part()).prop_map(|(token, part)| ExitSingleToken { token, part }),
        1 => (parts(), token()).prop_map(|(parts, token)| ExitExactTokens { parts, token }),
    ];
    prop::collection::vec(operation, 1..50)
}

/// Weights of at least this many percent for 2 to 8 tokens.
fn weights(percent: u64) -> impl Strategy<Value = Weights> {
    prop::collection::vec(0..1_000_000_u64, 2..=8).prop_map(move |shares| {
        let least = percent * 10_000_000_000_000_000;
        let spare = 1_000_000_000_000_000_000 - shares.iter().map(|_| least).sum::<u64>();
        let sum = shares.iter().sum::<u64>() + 1;
        let mut wads: Vec<u64> = shares.iter().map(|share| least + spare / sum * share).collect();
        let rest = 1_000_000_000_000_000_000 - wads.iter().sum::<u64>();
        wads[0] += rest;
        Weights::new(&wads).unwrap()
    })
}

fn fees() -> impl Strategy<Value = Fee> {
    prop_oneof![Just(Fee::ZERO), (0..100_000_u32).prop_map(|pips| Fee::from_pips(pips).unwrap())]
}

fn versions() -> impl Strategy<Value = Version> {
    prop::sample::select(vec![Version::V2, Version::V3])
}

/// The two lanes side by side. Inputs come from the exact lane's state; the fast lane gets the same numbers and keeps its own state.
struct Twins {
    exact: Weighted<Exact>,
    fast: Weighted<Fast>,
    smallest_weight: f64,
    /// The smallest balance so far, in wei.
    smallest: f64,
    /// The largest balances and supply so far, in tokens.
    largest: Vec<f64>,
    /// The most that any of them has shrunk from there.
    shrunk: f64,
    done: u32,
}

impl Twins {
    fn new(version: Version, weights: &Weights, fee: Fee, balances: &[U256]) -> Option<Self> {
        let mut exact = Weighted::new(version, weights, fee);
        let mut fast = Weighted::new(version, weights, fee);
        exact.mint(ALICE, balances).ok()?;
        fast.mint(ALICE, &balances.iter().copied().map(tokens).collect::<Vec<_>>()).unwrap();
        let smallest_weight = (0..weights.count()).map(|token| weights.fraction(token).unwrap()).fold(1.0, f64::min);
        let largest = vec![0.0; weights.count() + 1];
        let mut twins = Self { exact, fast, smallest_weight, smallest: f64::INFINITY, largest, shrunk: 1.0, done: 1 };
        twins.observe();
        Some(twins)
    }

    fn observe(&mut self) {
        let count = self.exact.token_count();
        for quantity in 0..=count {
            let now = self.exact.balances().get(quantity).copied().unwrap_or(self.exact.total_supply());
            self.smallest = self.smallest.min(f64::from(now));
            self.largest[quantity] = self.largest[quantity].max(tokens(now));
            self.shrunk = self.shrunk.max(self.largest[quantity] / tokens(now));
        }
    }

    fn token(&self, token: u8) -> TokenIndex {
        TokenIndex(token % u8::try_from(self.exact.token_count()).unwrap())
    }

    fn parts(&self, parts: &[u32]) -> Vec<U256> {
        self.exact.balances().iter().zip(parts).map(|(balance, part)| part_of(*balance, *part)).collect()
    }

    /// Runs the operation in both lanes. Where the exact lane refuses, the fast one is put back too.
    fn run(&mut self, operation: &Operation) -> Result<(), TestCaseError> {
        let before = (self.exact.clone(), self.fast.clone());
        let floats = |amounts: &[U256]| amounts.iter().copied().map(tokens).collect::<Vec<_>>();
        let supply = self.exact.total_supply();
        let (exact, fast) = match operation {
            Operation::Swap { tokens: sides, kind, part } => {
                let sides = sides.map(|token| self.token(token));
                if sides[0] == sides[1] {
                    return Ok(());
                }
                let side = if *kind == SwapKind::ExactIn { sides[0] } else { sides[1] };
                let amount = part_of(self.exact.reserve(side).unwrap(), *part);
                let sides = (sides[0], sides[1]);
                let (exact, fast) = match kind {
                    SwapKind::ExactIn => (SwapRequest::exact_in(sides, amount), SwapRequest::exact_in(sides, tokens(amount))),
                    SwapKind::ExactOut => (SwapRequest::exact_out(sides, amount), SwapRequest::exact_out(sides, tokens(amount))),
                };
                (self.exact.swap(&exact).is_ok(), self.fast.swap(&fast).map_err(|error| error.revert_code()).err())
            }
            Operation::Mint { part } => {
                let amounts: Vec<U256> = self.exact.balances().iter().map(|balance| part_of(*balance, *part)).collect();
                (
                    self.exact.mint(ALICE, &amounts).is_ok(),
                    self.fast.mint(ALICE, &floats(&amounts)).map_err(|error| error.revert_code()).err(),
                )
            }
            Operation::JoinExactTokens { parts } => {
                let amounts = self.parts(parts);
                (
                    self.exact.join_exact_tokens(ALICE, &amounts).is_ok(),
                    self.fast.join_exact_tokens(ALICE, &floats(&amounts)).map_err(|error| error.revert_code()).err(),
                )
            }
            Operation::JoinSingleToken { token, part } => {
                let (token, liquidity) = (self.token(*token), part_of(supply, *part));
                let fast = self.fast.join_single_token(ALICE, token, tokens(liquidity));
                (self.exact.join_single_token(ALICE, token, liquidity).is_ok(), fast.map_err(|error| error.revert_code()).err())
            }
            Operation::Burn { part } => {
                let liquidity = part_of(supply, *part);
                (
                    self.exact.burn(ALICE, liquidity).is_ok(),
                    self.fast.burn(ALICE, tokens(liquidity)).map_err(|error| error.revert_code()).err(),
                )
            }
            Operation::ExitSingleToken { token, part } => {
                let (token, liquidity) = (self.token(*token), part_of(supply, *part));
                let fast = self.fast.exit_single_token(ALICE, token, tokens(liquidity));
                (self.exact.exit_single_token(ALICE, token, liquidity).is_ok(), fast.map_err(|error| error.revert_code()).err())
            }
            Operation::ExitExactTokens { parts, token } => {
                let mut amounts = self.parts(parts);
                if self.exact.version() == Version::V3 {
                    let token = self.token(*token).get();
                    amounts
                        .iter_mut()
                        .enumerate()
                        .for_each(|(other, amount)| *amount = if other == token { *amount } else { U256::ZERO });
                }
                (
                    self.exact.exit_exact_tokens(ALICE, &amounts).is_ok(),
                    self.fast.exit_exact_tokens(ALICE, &floats(&amounts)).map_err(|error| error.revert_code()).err(),
                )
            }
        };
        // At v3's minimums a rounding error decides.
        let at_limit = matches!(fast, Some(Some("TradeAmountTooSmall" | "TokenBalanceBelowMin")));
        prop_assert!(fast.is_none() || !exact || at_limit, "the fast lane refuses {operation:?}: {fast:?}");
        self.done += 1;
        if !exact || at_limit {
            (self.exact, self.fast) = before;
        }
        self.observe();
        self.compare()
    }

    /// The bound after `done` operations.
    fn bound(&self) -> f64 {
        f64::from(self.done) * self.shrunk * (1e-13 / self.smallest_weight + 100.0 / self.smallest)
    }

    fn compare(&self) -> TestCaseResult {
        let count = self.exact.token_count();
        let exact = self.exact.balances().iter().chain([self.exact.lp().balance_of(ALICE)].iter()).copied().collect::<Vec<_>>();
        let fast = self.fast.balances().iter().chain([self.fast.lp().balance_of(ALICE)].iter()).copied().collect::<Vec<_>>();
        for quantity in 0..=count {
            let (fast, exact, scale) = (fast[quantity], tokens(exact[quantity]), self.largest[quantity]);
            let (difference, bound) = ((fast - exact).abs(), self.bound() * scale);
            prop_assert!(
                difference <= bound,
                "quantity {quantity}: fast {fast}, exact {exact}, {difference:e} apart, bound {bound:e}"
            );
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn weighted_one_swap(
        version in versions(),
        weights in weights(1),
        fee in fees(),
        balances in [9.0..31.0_f64, 9.0..31.0_f64],
        part in prop_oneof![0.0..0.3_f64, (-9.0..0.0_f64).prop_map(|log| 10_f64.powf(log))],
    ) {
        let count = weights.count();
        let balances: Vec<U256> = (0..count).map(|token| wei(balances[token.min(1)])).collect();
        let Some(twins) = Twins::new(version, &weights, fee, &balances) else { return Ok(()) };
        let sides = (TokenIndex::ZERO, TokenIndex::ONE);
        let [x, y] = [tokens(balances[0]), tokens(balances[1])];
        let ratio = weights.fraction(1).unwrap() / weights.fraction(0).unwrap();

        let amount = U256::from(f64::from(balances[0]) * part);
        if let (Ok(exact), Ok(fast)) = (
            twins.exact.quote(&SwapRequest::exact_in(sides, amount)),
            twins.fast.quote(&SwapRequest::exact_in(sides, tokens(amount))),
        ) {
            let (exact, fast) = (tokens(exact.amount_out), fast.amount_out);
            prop_assert!((fast - exact).abs() <= 1.2e-14 * y + 4.0 * WEI * (1.0 + y / x / ratio), "out: fast {fast}, exact {exact}, of {y}");
        }
        let amount = U256::from(f64::from(balances[1]) * part);
        if let (Ok(exact), Ok(fast)) = (
            twins.exact.quote(&SwapRequest::exact_out(sides, amount)),
            twins.fast.quote(&SwapRequest::exact_out(sides, tokens(amount))),
        ) {
            let (exact, fast) = (tokens(exact.amount_in), fast.amount_in);
            let keep = 1.0 - fee_of(&twins);
            let bound = 1.3e-14 * (x / keep + exact) * (1.0 + 0.025 * ratio) + 4.0 * WEI * (1.0 + x / y * ratio + exact / x) / keep;
            prop_assert!((fast - exact).abs() <= bound, "in: fast {fast}, exact {exact}, of {x}, bound {bound:e}");
        }
    }
}

fn fee_of(twins: &Twins) -> f64 {
    twins.fast.fee().fraction()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// A token to a billion tokens of each.
    #[test]
    fn weighted_ordinary_sequences(
        version in versions(),
        weights in weights(5),
        fee in fees(),
        balances in prop::collection::vec(18.0..27.0_f64, 8),
        operations in operations(),
    ) {
        run(version, &weights, fee, &balances, &operations)?;
    }

    /// A billion wei to the contract's limit, weights down to 1%.
    #[test]
    fn weighted_extreme_sequences(
        version in versions(),
        weights in weights(1),
        fee in fees(),
        balances in prop::collection::vec(9.0..32.0_f64, 8),
        operations in operations(),
    ) {
        run(version, &weights, fee, &balances, &operations)?;
    }
}

fn run(version: Version, weights: &Weights, fee: Fee, balances: &[f64], operations: &[Operation]) -> TestCaseResult {
    let balances: Vec<U256> = balances.iter().take(weights.count()).map(|exponent| wei(*exponent)).collect();
    let Some(mut twins) = Twins::new(version, weights, fee, &balances) else { return Ok(()) };
    for operation in operations {
        twins.run(operation)?;
    }
    Ok(())
}
