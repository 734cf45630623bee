//! Whatever is done to a pool: quotes are swaps, nothing is created or lost, an LP token never loses worth, nobody profits from a
//! round trip, and what fails leaves no trace.

use cenote_units::Fee;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::{ALICE, VERSIONS, tokens};
use crate::weighted::{Version, Weighted, Weights};
use crate::{Exact, Fast, FungibleLiquidity, Lane, Owner, Pool, SwapKind, SwapRequest, TokenIndex, U256};

/// What the tests ask of a lane beyond [`Lane`].
trait Judge: Lane {
    /// What rounding may take from the worth of an LP token in one operation, relative, if no balance shrinks.
    const DRIFT: f64;
    /// Whether `paid_in - paid_out` is `there`.
    fn conserved(paid_in: Self::Amount, paid_out: Self::Amount, there: Self::Amount) -> bool;
    /// Whether no more came back than was paid into a balance, but for rounding.
    fn no_profit(paid: Self::Amount, back: Self::Amount, balance: Self::Amount) -> bool;
}

impl Judge for Exact {
    /// Only the measure of the worth is in floats.
    const DRIFT: f64 = 2e-14;

    fn conserved(paid_in: U256, paid_out: U256, there: U256) -> bool {
        paid_in - paid_out == there
    }

    fn no_profit(paid: U256, back: U256, _balance: U256) -> bool {
        back <= paid
    }
}

impl Judge for Fast {
    const DRIFT: f64 = 2e-14;

    fn conserved(paid_in: f64, paid_out: f64, there: f64) -> bool {
        (paid_in - paid_out - there).abs() <= 1e-14 * (paid_in + paid_out)
    }

    fn no_profit(paid: f64, back: f64, balance: f64) -> bool {
        back <= paid + 64.0 * f64::EPSILON * (paid + balance)
    }
}

/// Parts are powers of ten: 10^-`size` of what there is.
#[derive(Clone, Debug)]
enum Operation {
    Swap { tokens: [usize; 2], kind: SwapKind, size: f64 },
    Arbitrage { tokens: [usize; 2], log_price: f64 },
    Mint { owner: u32, sizes: Vec<f64> },
    JoinProportional { owner: u32, size: f64 },
    JoinExactTokens { owner: u32, sizes: Vec<f64> },
    JoinSingleToken { owner: u32, token: usize, size: f64 },
    Burn { owner: u32, size: f64 },
    ExitSingleToken { owner: u32, token: usize, size: f64 },
    ExitExactTokens { owner: u32, sizes: Vec<f64>, token: Option<usize> },
    Transfer { from: u32, to: u32, size: f64 },
}

#[derive(Clone, Debug)]
struct Scenario {
    version: Version,
    weights: Weights,
    fee: Fee,
    balances: Vec<f64>,
    operations: Vec<Operation>,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    use Operation::*;
    let size = || prop_oneof![4 => 0.5..3.0_f64, 2 => 0.0..18.0_f64, 1 => Just(0.0)];
    let sizes = || prop::collection::vec(prop_oneof![2 => size(), 1 => Just(f64::INFINITY)], 8);
    let owner = || 1..4_u32;
    let token = || 0..8_usize;
    let kind = || prop::sample::select(vec![SwapKind::ExactIn, SwapKind::ExactOut]);
    let operation = prop_oneof![
        8 => ([token(), token()], kind(), size()).prop_map(|(tokens, kind, size)| Swap { tokens, kind, size }),
        2 => ([token(), token()], -1.0..1.0_f64).prop_map(|(tokens, log_price)| Arbitrage { tokens, log_price }),
        2 => (owner(), sizes()).prop_map(|(owner, sizes)| Mint { owner, sizes }),
        1 => (owner(), size()).prop_map(|(owner, size)| JoinProportional { owner, size }),
        2 => (owner(), sizes()).prop_map(|(owner, sizes)| JoinExactTokens { owner, sizes }),
        2 => (owner(), token(), size()).prop_map(|(owner, token, size)| JoinSingleToken { owner, token, size }),
        2 => (owner(), size()).prop_map(|(owner, size)| Burn { owner, size }),
        2 => (owner(), token(), size()).prop_map(|(owner, token, size)| ExitSingleToken { owner, token, size }),
        2 => (owner(), sizes(), prop::option::of(token())).prop_map(|(owner, sizes, token)| ExitExactTokens { owner, sizes, token }),
        1 => (owner(), owner(), size()).prop_map(|(from, to, size)| Transfer { from, to, size }),
    ];
    prop::collection::vec(operation, 1..40)
}

/// Weights of 1% and more for 2 to 8 tokens.
fn weights() -> impl Strategy<Value = Weights> {
    prop::collection::vec(0..1_000_000_u64, 2..=8).prop_map(|shares| {
        let least = Weights::MIN_WEIGHT;
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

fn scenarios() -> impl Strategy<Value = Scenario> {
    let balance = prop_oneof![3 => -1.0..9.0_f64, 1 => -8.0..14.0_f64];
    (prop::sample::select(VERSIONS.to_vec()), weights(), fees(), prop::collection::vec(balance, 8), operations()).prop_map(
        |(version, weights, fee, logs, operations)| {
            let balances = logs.into_iter().take(weights.count()).map(|log| 10_f64.powf(log)).collect();
            Scenario { version, weights, fee, balances, operations }
        },
    )
}

fn part<L: Lane>(amount: L::Amount, size: f64) -> L::Amount {
    L::amount_from_f64(L::amount_to_f64(amount) * 10_f64.powf(-size)).unwrap()
}

/// A pool and the accounts of everybody who deals with it.
struct Bench<L: Judge> {
    pool: Weighted<L>,
    paid_in: Vec<L::Amount>,
    paid_out: Vec<L::Amount>,
}

impl<L: Judge> Bench<L> {
    fn pay(&mut self, paid_in: &[L::Amount], paid_out: &[L::Amount]) {
        for token in 0..paid_in.len() {
            self.paid_in[token] = L::checked_add(self.paid_in[token], paid_in[token]).unwrap();
            self.paid_out[token] = L::checked_add(self.paid_out[token], paid_out[token]).unwrap();
        }
    }

    fn parts(&self, sizes: &[f64]) -> Vec<L::Amount> {
        self.pool.balances().iter().zip(sizes).map(|(balance, size)| part::<L>(*balance, *size)).collect()
    }

    fn token(&self, token: usize) -> TokenIndex {
        TokenIndex(u8::try_from(token % self.pool.token_count()).unwrap())
    }

    fn swap(&mut self, request: &SwapRequest<L>) -> Result<bool, TestCaseError> {
        let quoted = self.pool.quote(request);
        let balance = self.pool.reserve(request.token_in).unwrap_or(L::ZERO);
        let done = self.pool.swap(request);
        prop_assert_eq!(quoted, done, "quote and swap differ");
        let Ok(outcome) = done else { return Ok(false) };
        prop_assert!(outcome.fee <= outcome.amount_in);
        let mut paid = vec![L::ZERO; self.pool.token_count()];
        let mut taken = paid.clone();
        paid[request.token_in.get()] = outcome.amount_in;
        taken[request.token_out.get()] = outcome.amount_out;
        self.pay(&paid, &taken);

        let back = SwapRequest::exact_in((request.token_out, request.token_in), outcome.amount_out);
        if let Ok(back) = self.pool.quote(&back) {
            prop_assert!(
                L::no_profit(outcome.amount_in, back.amount_out, balance),
                "paid {}, got back {}",
                outcome.amount_in,
                back.amount_out
            );
        }
        Ok(true)
    }

    /// Runs one operation; whether it passed.
    fn run(&mut self, operation: &Operation) -> Result<bool, TestCaseError> {
        let owned = |pool: &Weighted<L>, owner: u32, size: f64| part::<L>(pool.balance_of(Owner::new(owner)), size);
        let moved = match operation {
            Operation::Swap { tokens, kind, size } => {
                let tokens = tokens.map(|token| self.token(token));
                let side = if *kind == SwapKind::ExactIn { tokens[0] } else { tokens[1] };
                let amount = part::<L>(self.pool.reserve(side).unwrap(), *size);
                return self.swap(&SwapRequest { kind: *kind, ..SwapRequest::exact_in((tokens[0], tokens[1]), amount) });
            }
            Operation::Arbitrage { tokens, log_price } => {
                let [base, quote] = tokens.map(|token| self.token(token));
                let Some(price) = self.pool.spot_price(base, quote) else { return Ok(false) };
                let Some(request) = self.pool.swap_to(base, quote, price * 10_f64.powf(*log_price)) else { return Ok(false) };
                prop_assert!(self.swap(&request)?, "an arbitrage trade was refused");
                return Ok(true);
            }
            Operation::Transfer { from, to, size } => {
                let amount = owned(&self.pool, *from, *size);
                return Ok(self.pool.transfer(Owner::new(*from), Owner::new(*to), amount).is_ok());
            }
            Operation::Mint { owner, sizes } => {
                let offered = self.parts(sizes);
                let outcome = self.pool.mint(Owner::new(*owner), &offered);
                if let Ok(outcome) = &outcome {
                    prop_assert!(outcome.amounts.iter().zip(&offered).all(|(amount, offered)| amount <= offered));
                }
                (true, outcome)
            }
            Operation::JoinProportional { owner, size } => {
                let liquidity = part::<L>(self.pool.total_supply(), *size);
                (true, self.pool.join_proportional(Owner::new(*owner), liquidity))
            }
            Operation::JoinExactTokens { owner, sizes } => {
                let amounts = self.parts(sizes);
                let outcome = self.pool.join_exact_tokens(Owner::new(*owner), &amounts);
                if let Ok(outcome) = &outcome {
                    prop_assert_eq!(&outcome.amounts, &amounts);
                }
                (true, outcome)
            }
            Operation::JoinSingleToken { owner, token, size } => {
                let (owner, token) = (Owner::new(*owner), self.token(*token));
                let liquidity = part::<L>(self.pool.total_supply(), *size);
                let balance = self.pool.reserve(token).unwrap();
                let outcome = self.pool.join_single_token(owner, token, liquidity);
                // Out again through the same door.
                if let Ok(outcome) = &outcome
                    && let Ok(back) = self.pool.clone().exit_single_token(owner, token, liquidity)
                {
                    let (paid, back) = (outcome.amounts[token.get()], back.amounts[token.get()]);
                    prop_assert!(L::no_profit(paid, back, balance), "paid {paid}, got back {back}");
                }
                (true, outcome)
            }
            Operation::Burn { owner, size } => {
                let liquidity = owned(&self.pool, *owner, *size);
                (false, self.pool.burn(Owner::new(*owner), liquidity))
            }
            Operation::ExitSingleToken { owner, token, size } => {
                let (token, liquidity) = (self.token(*token), owned(&self.pool, *owner, *size));
                (false, self.pool.exit_single_token(Owner::new(*owner), token, liquidity))
            }
            Operation::ExitExactTokens { owner, sizes, token } => {
                let mut sizes = sizes.clone();
                if let Some(token) = token {
                    let token = self.token(*token).get();
                    sizes
                        .iter_mut()
                        .enumerate()
                        .for_each(|(other, size)| *size = if other == token { *size } else { f64::INFINITY });
                }
                let amounts = self.parts(&sizes);
                (false, self.pool.exit_exact_tokens(Owner::new(*owner), &amounts))
            }
        };
        let (inward, Ok(outcome)) = moved else { return Ok(false) };
        let amounts = outcome.amounts;
        let nothing = vec![L::ZERO; amounts.len()];
        if inward {
            self.pay(&amounts, &nothing);
        } else {
            self.pay(&nothing, &amounts);
        }
        Ok(true)
    }

    fn check_accounts(&self) -> TestCaseResult {
        for token in 0..self.pool.token_count() {
            let there = L::checked_add(self.pool.balances()[token], self.pool.protocol_fees()[token]).unwrap();
            let (paid_in, paid_out) = (self.paid_in[token], self.paid_out[token]);
            prop_assert!(L::conserved(paid_in, paid_out, there), "token {token}: {paid_in} in, {paid_out} out, {there} there");
        }
        let held = self.pool.lp().balances().fold(L::ZERO, |sum, (_, amount)| L::checked_add(sum, amount).unwrap());
        prop_assert_eq!(held, self.pool.total_supply(), "LP tokens created or lost");
        Ok(())
    }
}

/// The invariant per LP token.
fn worth<L: Lane>(pool: &Weighted<L>) -> f64 {
    pool.invariant() / L::amount_to_f64(pool.total_supply())
}

/// What rounding explains of a change in worth: more where a balance or the supply shrinks to a small part of itself.
fn drift<L: Judge>(before: &Weighted<L>, after: &Weighted<L>) -> f64 {
    let shrunk = |before: L::Amount, after: L::Amount| (L::amount_to_f64(before) / L::amount_to_f64(after)).max(1.0);
    let balances = before.balances().iter().zip(after.balances()).map(|(before, after)| shrunk(*before, *after));
    L::DRIFT * balances.fold(shrunk(before.total_supply(), after.total_supply()), f64::max)
}

fn hold<L: Judge>(scenario: &Scenario, protocol_share: Option<Fee>) -> TestCaseResult {
    let mut pool = Weighted::<L>::new(scenario.version, &scenario.weights, scenario.fee);
    let balances: Vec<L::Amount> = scenario.balances.iter().map(|balance| tokens::<L>(*balance)).collect();
    if pool.mint(ALICE, &balances).is_err() {
        return Ok(());
    }
    pool.set_protocol_share(protocol_share.unwrap_or(Fee::ZERO));
    let nothing = vec![L::ZERO; balances.len()];
    let mut bench = Bench { pool, paid_in: balances, paid_out: nothing };
    for operation in &scenario.operations {
        let before = bench.pool.clone();
        if bench.run(operation)? {
            bench.check_accounts()?;
            if protocol_share.is_none() && bench.pool.invariant() > 0.0 {
                let (then, now) = (worth(&before), worth(&bench.pool));
                prop_assert!(
                    now >= then * (1.0 - drift(&before, &bench.pool)),
                    "an LP token's worth fell from {then:e} to {now:e}, by {:e}, in {operation:?}",
                    1.0 - now / then
                );
            }
        } else {
            prop_assert_eq!(&bench.pool, &before, "a failed operation left a trace: {:?}", operation);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn exact_invariants_hold(scenario in scenarios()) {
        hold::<Exact>(&scenario, None)?;
    }

    #[test]
    fn fast_invariants_hold(scenario in scenarios()) {
        hold::<Fast>(&scenario, None)?;
    }

    #[test]
    fn accounts_hold_with_a_protocol_share(scenario in scenarios(), percent in 1..=50_u32) {
        let share = Fee::bp(100 * percent).unwrap();
        hold::<Exact>(&scenario, Some(share))?;
        hold::<Fast>(&scenario, Some(share))?;
    }

    /// After the arbitrage, in as many steps as the limits ask for, there is next to nothing left to trade at that price; and no step
    /// was at a loss.
    #[test]
    fn arbitrage_settles(weights in weights(), fee in fees(), logs in prop::collection::vec(0.0..6.0_f64, 8), log_price in -2.0..2.0_f64) {
        let balances: Vec<f64> = logs.into_iter().take(weights.count()).map(|log| 10_f64.powf(log)).collect();
        let mut pool = super::pool_of::<Fast>(Version::V3, &weights, fee, &balances);
        let (base, quote) = (TokenIndex::ZERO, TokenIndex::ONE);
        let target = pool.spot_price(base, quote).unwrap() * 10_f64.powf(log_price);
        let mut steps = 0;
        while let Some(request) = pool.swap_to(base, quote, target) {
            if request.amount <= 1e-12 * pool.reserve(request.token_in).unwrap() {
                break;
            }
            let outcome = pool.swap(&request).unwrap();
            let (gain, size) = if request.token_in == base {
                (outcome.amount_out - target * outcome.amount_in, outcome.amount_out)
            } else {
                (target * outcome.amount_out - outcome.amount_in, outcome.amount_in)
            };
            prop_assert!(gain > -1e-12 * size);
            steps += 1;
            prop_assert!(steps < 5000, "no end at {} for {target}", pool.spot_price(base, quote).unwrap());
        }
        let price = pool.spot_price(base, quote).unwrap();
        let keep = 1.0 - fee.fraction();
        let tolerance = 1.0 + 1e-9;
        prop_assert!(target <= price / keep * tolerance && target * tolerance >= price * keep, "{price} is outside the band around {target}");
    }
}
