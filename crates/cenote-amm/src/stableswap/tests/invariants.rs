//! What no sequence of operations may break, in either lane and either generation.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use ruint::aliases::U512;

use crate::stableswap::curve_section::{ann, product_term};
use crate::stableswap::{Generation, PoolFee, invariant};
use crate::{Exact, Fast, FungibleLiquidity, Lane, Owner, Pool, StableSwap, SwapKind, SwapRequest, TokenIndex, U256};

/// What the tests need to know of a lane.
trait Judge: Lane {
    /// So many whole tokens of a coin.
    fn amount(tokens: f64, decimals: u8) -> Self::Amount;

    /// This part of an amount.
    fn part(amount: Self::Amount, thousandths: u16) -> Self::Amount;

    /// How far rounding may move a balance of a coin in one operation, in scaled units: a unit of the coin and one of the scale, or an
    /// error of floating point.
    fn grain(scaled: f64, rate: f64) -> f64;

    /// `a / b >= c / d`, if `a` is given `slack` more.
    fn no_less(a: Self::Amount, b: Self::Amount, c: Self::Amount, d: Self::Amount, slack: f64) -> bool;

    /// Whether what came in is what went out and what is there.
    fn conserved(paid_in: Self::Amount, paid_out: Self::Amount, there: Self::Amount) -> bool;
}

impl Judge for Exact {
    fn amount(tokens: f64, decimals: u8) -> U256 {
        U256::from(tokens * Exact::scale(decimals))
    }

    fn part(amount: U256, thousandths: u16) -> U256 {
        amount.saturating_mul(U256::from(thousandths)) / U256::from(1000)
    }

    fn grain(_scaled: f64, rate: f64) -> f64 {
        rate.max(1.0) + 2.0
    }

    fn no_less(a: U256, b: U256, c: U256, d: U256, slack: f64) -> bool {
        (U512::from(a) + U512::from(slack.ceil())) * U512::from(d) >= U512::from(c) * U512::from(b)
    }

    fn conserved(paid_in: U256, paid_out: U256, there: U256) -> bool {
        paid_in == paid_out + there
    }
}

impl Judge for Fast {
    fn amount(tokens: f64, _decimals: u8) -> f64 {
        tokens
    }

    fn part(amount: f64, thousandths: u16) -> f64 {
        amount * (f64::from(thousandths) / 1000.0)
    }

    fn grain(scaled: f64, _rate: f64) -> f64 {
        // K, of degree n + 1 in D, carries that many errors of D into the balance.
        64.0 * f64::EPSILON * scaled
    }

    fn no_less(a: f64, b: f64, c: f64, d: f64, slack: f64) -> bool {
        (a + slack) / b >= c / d * (1.0 - 16.0 * f64::EPSILON)
    }

    fn conserved(paid_in: f64, paid_out: f64, there: f64) -> bool {
        (paid_in - paid_out - there).abs() <= 1e-13 * paid_in
    }
}

const OWNERS: std::ops::Range<u32> = 1..4;

/// A pool to be: decimals, A, fee and off-peg multiplier in units of 10^-10, the first deposit in whole tokens.
#[derive(Clone, Debug)]
struct Plan {
    generation: Generation,
    decimals: Vec<u8>,
    amplification: u64,
    fee: u64,
    multiplier: u64,
    balances: Vec<f64>,
}

#[derive(Clone, Debug)]
enum Operation {
    /// Thousandths of a balance of coin `i` for coin `j`, or of the balance of `j` out of it.
    Swap {
        i: u8,
        j: u8,
        kind: SwapKind,
        thousandths: u16,
    },
    /// One unit or a tiny amount.
    Dust {
        i: u8,
        j: u8,
    },
    Arbitrage {
        i: u8,
        j: u8,
        log_price: f64,
    },
    /// Thousandths of every balance, each coin its own.
    Add {
        to: u32,
        thousandths: [u16; 8],
    },
    Mint {
        to: u32,
        thousandths: [u16; 8],
    },
    Burn {
        from: u32,
        thousandths: u16,
    },
    Imbalance {
        from: u32,
        thousandths: [u16; 8],
    },
    OneCoin {
        from: u32,
        coin: u8,
        thousandths: u16,
    },
    Transfer {
        from: u32,
        to: u32,
        thousandths: u16,
    },
    WithdrawAdminFees,
}

fn plans() -> impl Strategy<Value = Plan> {
    let coin = || (prop::sample::select(vec![6_u8, 8, 18]), 0.0..9.0_f64);
    let generation = prop::sample::select(vec![Generation::First, Generation::Ng]);
    // Most pools are near balance; some are far off it.
    let skew = prop_oneof![3 => Just(0.1), 1 => Just(1.0)];
    let fee = prop_oneof![1 => Just(0), 2 => 0..100_000_000_u64];
    (generation, prop::collection::vec(coin(), 2..=8), 0.0..5.0_f64, fee, 10_000_000_000..200_000_000_000_u64, skew).prop_map(
        |(generation, mut coins, log_a, fee, multiplier, skew)| {
            coins.truncate(generation.max_coins());
            let size = coins[0].1;
            Plan {
                generation,
                amplification: U256::from(10_f64.powf(log_a)).to::<u64>().max(2),
                fee,
                multiplier: multiplier
                    .min(u64::try_from(50_000_000_000_000_000_000_u128 / u128::from(fee.max(1))).unwrap_or(u64::MAX)),
                decimals: coins.iter().map(|coin| coin.0).collect(),
                balances: coins.iter().map(|coin| 10_f64.powf(size + skew * (coin.1 - size))).collect(),
            }
        },
    )
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    use Operation::*;
    let (coin, owner, thousandths) = (|| 0..8_u8, || OWNERS, || 0..=1000_u16);
    let each = || prop::array::uniform8(prop_oneof![2 => 0..=1000_u16, 1 => Just(0_u16)]);
    let kind = || prop::sample::select(vec![SwapKind::ExactIn, SwapKind::ExactOut]);
    prop::collection::vec(
        prop_oneof![
            6 => (coin(), coin(), kind(), thousandths()).prop_map(|(i, j, kind, thousandths)| Swap { i, j, kind, thousandths }),
            1 => (coin(), coin()).prop_map(|(i, j)| Dust { i, j }),
            2 => (coin(), coin(), -1.0..1.0_f64).prop_map(|(i, j, log_price)| Arbitrage { i, j, log_price }),
            2 => (owner(), each()).prop_map(|(to, thousandths)| Add { to, thousandths }),
            2 => (owner(), prop::array::uniform8(1..=1000_u16)).prop_map(|(to, thousandths)| Mint { to, thousandths }),
            2 => (owner(), thousandths()).prop_map(|(from, thousandths)| Burn { from, thousandths }),
            2 => (owner(), each()).prop_map(|(from, parts)| Imbalance { from, thousandths: parts.map(|part| part / 4) }),
            2 => (owner(), coin(), thousandths()).prop_map(|(from, coin, thousandths)| OneCoin { from, coin, thousandths }),
            1 => (owner(), owner(), thousandths()).prop_map(|(from, to, thousandths)| Transfer { from, to, thousandths }),
            1 => Just(WithdrawAdminFees),
        ],
        1..30,
    )
}

/// A pool and the accounts of everybody who deals with it.
struct Bench<L: Judge> {
    pool: StableSwap<L>,
    decimals: Vec<u8>,
    paid_in: Vec<L::Amount>,
    paid_out: Vec<L::Amount>,
}

/// What a pool is worth: D, LP tokens, and each coin's scaled balance with what a unit of it adds to D.
struct Worth<L: Lane> {
    invariant: L::Amount,
    supply: L::Amount,
    coins: Vec<(f64, f64)>,
    rates: Vec<f64>,
}

impl<L: Judge> Worth<L> {
    /// How much of D rounding may make or lose on the way between two states: a grain of every coin where it is worth more, one of D
    /// itself, and one of LP tokens.
    fn slack(&self, other: &Self) -> f64 {
        let grain = |coin: usize| {
            let ((here, value), (there, value_there)) = (self.coins[coin], other.coins[coin]);
            L::grain(here.max(there), self.rates[coin]) * value.max(value_there)
        };
        let coins: f64 = (0..self.coins.len()).map(grain).sum();
        let d = L::amount_to_f64(self.invariant).max(L::amount_to_f64(other.invariant));
        let per_lp = d / L::amount_to_f64(self.supply).min(L::amount_to_f64(other.supply));
        4.0 * (coins + L::grain(d, 1.0) + L::grain(0.0, 1.0) * per_lp)
    }
}

impl<L: Judge> Bench<L> {
    fn new(plan: &Plan) -> Option<Self> {
        let fee = PoolFee::from_parts(plan.fee).unwrap();
        let pool = match plan.generation {
            Generation::First => StableSwap::first_generation(&plan.decimals, plan.amplification, fee)
                .and_then(|pool| pool.with_admin_fee(PoolFee::from_parts(plan.multiplier % 5_000_000_001).unwrap())),
            Generation::Ng => StableSwap::ng(&plan.decimals, plan.amplification, fee)
                .and_then(|pool| pool.with_offpeg_fee_multiplier(plan.multiplier)),
        };
        let none = vec![L::ZERO; plan.decimals.len()];
        let mut bench = Self { pool: pool.unwrap(), decimals: plan.decimals.clone(), paid_in: none.clone(), paid_out: none };
        let amounts: Vec<_> = plan.balances.iter().zip(&plan.decimals).map(|(tokens, d)| L::amount(*tokens, *d)).collect();
        bench.pool.mint(Owner::new(1), &amounts).ok()?;
        bench.pay(&amounts, true);
        Some(bench)
    }

    fn pay(&mut self, amounts: &[L::Amount], into: bool) {
        for (sum, amount) in if into { &mut self.paid_in } else { &mut self.paid_out }.iter_mut().zip(amounts) {
            *sum = L::checked_add(*sum, *amount).unwrap();
        }
    }

    fn only(&self, coin: usize, amount: L::Amount) -> Vec<L::Amount> {
        let mut amounts = vec![L::ZERO; self.decimals.len()];
        amounts[coin] = amount;
        amounts
    }

    /// With ∂D/∂x = (Ann + K/x) / (Ann − 1 + (n + 1) K/D). `None` of an empty pool.
    fn worth(&self) -> Option<Worth<L>> {
        let contract = self.pool.contract();
        let value = contract.invariant().ok().filter(|value| *value > L::ZERO)?;
        let rates: Vec<f64> = (0..self.decimals.len()).map(|coin| self.pool.rate(coin)).collect();
        let scaled: Vec<f64> =
            contract.balances().iter().zip(&rates).map(|(balance, rate)| L::amount_to_f64(*balance) * rate).collect();
        let d = invariant::<Fast>(contract.curve(), &scaled).ok()?;
        let (ann, k) = (ann(contract.curve(), scaled.len()), product_term(&scaled, d));
        #[allow(clippy::cast_precision_loss)]
        let denominator = ann - 1.0 + (scaled.len() as f64 + 1.0) * k / d;
        let coins = scaled.iter().map(|x| (*x, (ann + k / x) / denominator)).collect();
        let supply = self.pool.total_supply();
        (supply > L::ZERO).then_some(Worth { invariant: value, supply, coins, rates })
    }

    fn check_worth(before: Option<Worth<L>>, after: Option<Worth<L>>, operation: &Operation) -> TestCaseResult {
        let (Some(before), Some(after)) = (before, after) else { return Ok(()) };
        let slack = before.slack(&after);
        prop_assert!(
            L::no_less(after.invariant, after.supply, before.invariant, before.supply, slack),
            "D per LP token fell in {operation:?}: {} / {} to {} / {}, slack {slack}",
            before.invariant,
            before.supply,
            after.invariant,
            after.supply,
        );
        Ok(())
    }

    fn swap(&mut self, request: &SwapRequest<L>) -> Result<bool, TestCaseError> {
        let (i, j) = (request.token_in.get(), request.token_out.get());
        let before = self.worth();
        let quoted = self.pool.quote(request);
        let done = self.pool.swap(request);
        prop_assert_eq!(quoted, done, "quote and swap differ");
        let Ok(outcome) = done else { return Ok(false) };
        prop_assert!(outcome.fee <= outcome.amount_in);
        if request.kind == SwapKind::ExactOut {
            let short = L::amount_to_f64(request.amount) - L::amount_to_f64(outcome.amount_out);
            prop_assert!(
                short <= 1e-9 * L::amount_to_f64(self.pool.contract().balances()[j]).max(outcome_size(&outcome)),
                "{short}"
            );
        }
        self.pay(&self.only(i, outcome.amount_in), true);
        self.pay(&self.only(j, outcome.amount_out), false);
        // There and back again does not pay.
        let back = SwapRequest::exact_in((request.token_out, request.token_in), outcome.amount_out);
        if let (Ok(back), Some(before), Some(after)) = (self.pool.quote(&back), before, self.worth()) {
            let gain = L::amount_to_f64(back.amount_out) - L::amount_to_f64(outcome.amount_in);
            let slack = 2.0 * before.slack(&after) / before.coins[i].1.min(after.coins[i].1) / before.rates[i];
            prop_assert!(gain <= slack, "{request:?} paid {}, got back {}, slack {slack}", outcome.amount_in, back.amount_out);
        }
        Ok(true)
    }

    /// Runs one operation; whether it passed.
    fn run(&mut self, operation: &Operation) -> Result<bool, TestCaseError> {
        let coins = self.decimals.len();
        let coin = |coin: u8| usize::from(coin) % coins;
        let token = |index: usize| TokenIndex(u8::try_from(index).unwrap());
        let balances = self.pool.contract().balances().to_vec();
        let parts = |thousandths: [u16; 8]| -> Vec<_> {
            balances.iter().zip(thousandths).map(|(balance, thousandths)| L::part(*balance, thousandths)).collect()
        };
        let share = |from: u32, thousandths: u16| L::part(self.pool.balance_of(Owner::new(from)), thousandths);
        Ok(match *operation {
            Operation::Swap { i, j, kind, thousandths } => {
                let (i, j) = (coin(i), coin(j));
                let amount = L::part(balances[if kind == SwapKind::ExactIn { i } else { j }], thousandths);
                self.swap(&SwapRequest { kind, ..SwapRequest::exact_in((token(i), token(j)), amount) })?
            }
            Operation::Dust { i, j } => {
                let amount = if L::NAME == "exact" { L::amount(1.0, 0) } else { L::amount(1e-18, 0) };
                self.swap(&SwapRequest::exact_in((token(coin(i)), token(coin(j))), amount))?
            }
            Operation::Arbitrage { i, j, log_price } => {
                let (base, quote) = (token(coin(i)), token(coin(j)));
                let Some(price) = self.pool.spot_price(base, quote) else { return Ok(false) };
                match self.pool.swap_to(base, quote, price * 10_f64.powf(log_price)) {
                    Some(request) => {
                        prop_assert!(self.swap(&request)?, "an arbitrage trade was refused");
                        true
                    }
                    None => false,
                }
            }
            Operation::Add { to, thousandths } => {
                let amounts = parts(thousandths);
                let added = self.pool.contract_mut().add_liquidity(Owner::new(to), &amounts, L::ZERO);
                if added.is_ok() {
                    self.pay(&amounts, true);
                }
                added.is_ok()
            }
            Operation::Mint { to, thousandths } => {
                let offered = parts(thousandths);
                match self.pool.mint(Owner::new(to), &offered) {
                    Ok(outcome) => {
                        prop_assert!(outcome.amounts.iter().zip(offered).all(|(taken, offered)| *taken <= offered));
                        self.pay(&outcome.amounts, true);
                        true
                    }
                    Err(_) => false,
                }
            }
            Operation::Burn { from, thousandths } => {
                let earned = self.pool.contract().admin_balances().to_vec();
                match self.pool.burn(Owner::new(from), share(from, thousandths)) {
                    Ok(outcome) => {
                        self.pay(&outcome.amounts, false);
                        if self.pool.contract().generation() == Generation::Ng {
                            self.pay(&earned, false);
                        }
                        true
                    }
                    Err(_) => false,
                }
            }
            Operation::Imbalance { from, thousandths } => {
                let amounts = parts(thousandths);
                let supply = self.pool.total_supply();
                let burned = self.pool.contract_mut().remove_liquidity_imbalance(Owner::new(from), &amounts, supply);
                if burned.is_ok() {
                    self.pay(&amounts, false);
                }
                burned.is_ok()
            }
            Operation::OneCoin { from, coin: index, thousandths } => {
                let (index, burn) = (coin(index), share(from, thousandths));
                let foreseen = self.pool.contract().calc_withdraw_one_coin(burn, token(index));
                match self.pool.contract_mut().remove_liquidity_one_coin(Owner::new(from), burn, token(index), L::ZERO) {
                    Ok(paid) => {
                        prop_assert_eq!(foreseen, Ok(paid));
                        self.pay(&self.only(index, paid), false);
                        true
                    }
                    Err(_) => false,
                }
            }
            Operation::Transfer { from, to, thousandths } => {
                self.pool.transfer(Owner::new(from), Owner::new(to), share(from, thousandths)).is_ok()
            }
            Operation::WithdrawAdminFees => {
                let paid = self.pool.contract_mut().withdraw_admin_fees();
                self.pay(&paid, false);
                true
            }
        })
    }

    fn check(&self) -> TestCaseResult {
        let contract = self.pool.contract();
        for coin in 0..self.decimals.len() {
            let there = L::checked_add(contract.balances()[coin], contract.admin_balances()[coin]).unwrap();
            let (paid_in, paid_out) = (self.paid_in[coin], self.paid_out[coin]);
            prop_assert!(L::conserved(paid_in, paid_out, there), "coin {coin}: {paid_in} in, {paid_out} out, {there} there");
        }
        let held = contract.lp().balances().fold(L::ZERO, |sum, (_, amount)| L::checked_add(sum, amount).unwrap());
        prop_assert_eq!(held, self.pool.total_supply(), "LP tokens created or lost");
        Ok(())
    }
}

fn outcome_size<L: Lane>(outcome: &crate::SwapOutcome<L>) -> f64 {
    L::amount_to_f64(outcome.amount_out)
}

fn hold<L: Judge>(plan: &Plan, operations: &[Operation]) -> TestCaseResult {
    let Some(mut bench) = Bench::<L>::new(plan) else { return Ok(()) };
    for operation in operations {
        let (pool, worth) = (bench.pool.clone(), bench.worth());
        if bench.run(operation)? {
            bench.check()?;
            Bench::check_worth(worth, bench.worth(), operation)?;
        } else {
            prop_assert_eq!(&bench.pool, &pool, "a failed operation left a trace: {:?}", operation);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn exact_invariants_hold(plan in plans(), operations in operations()) {
        hold::<Exact>(&plan, &operations)?;
    }

    #[test]
    fn fast_invariants_hold(plan in plans(), operations in operations()) {
        hold::<Fast>(&plan, &operations)?;
    }

    /// The trade to an outside price leaves nothing to trade at that price, gains, and gains more than a little less or more would.
    #[test]
    fn arbitrage_is_the_best_trade(plan in plans(), log_price in -0.5..0.5_f64) {
        let Some(mut bench) = Bench::<Fast>::new(&plan) else { return Ok(()) };
        let pool = &mut bench.pool;
        let (base, quote) = (TokenIndex::ZERO, TokenIndex::ONE);
        let target = pool.spot_price(base, quote).unwrap() * 10_f64.powf(log_price);
        let Some(request) = pool.swap_to(base, quote, target) else { return Ok(()) };
        let profit = |part: f64| {
            let outcome = pool.quote(&SwapRequest { amount: request.amount * part, ..request }).unwrap();
            let worth = if request.token_in == base { [target, 1.0] } else { [1.0, target] };
            let [paid, received] = [outcome.amount_in * worth[0], outcome.amount_out * worth[1]];
            (received - paid, received.max(paid))
        };
        let ((best, size), (less, _), (more, _)) = (profit(1.0), profit(0.99), profit(1.01));
        prop_assert!(best >= less - 1e-13 * size && best >= more - 1e-13 * size, "{less}, {best}, {more}");
        prop_assert!(best >= -1e-13 * size);
        // The last unit trades at the target.
        let target = if request.token_in == base { target } else { 1.0 / target };
        let trade = pool.trade(pool.contract().sides(request.token_in, request.token_out).unwrap()).unwrap();
        prop_assert!((trade.marginal_output(request.amount) / target - 1.0).abs() < 1e-12);
        // Steps that are small against what is left of the output coin: there the price changes fast.
        let left = trade.section.land(request.amount).after[1];
        let step = 1e-4 * request.amount.min(left / target);
        let output = |amount: f64| pool.quote(&SwapRequest { amount, ..request }).unwrap().amount_out;
        let difference = (output(request.amount + step) - output(request.amount - step)) / (2.0 * step);
        let noise = 1e-15 * size / step;
        prop_assert!((difference - target).abs() <= 1e-5 * target + noise, "{difference} against {target}");
    }
}
