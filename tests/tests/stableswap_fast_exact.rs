//! `StableSwap` in the fast lane against the exact lane: one operation from the same state, and whole sequences of operations.
//!
//! A unit of a scarce coin is worth more than a unit of D, and one of a plentiful coin less. So what rounding to units can do is counted
//! in D: a *grain* is what one unit and two scaled units of every coin, and four units of D, add to D. A fee that depends on the balances
//! is rounded to 10^-10 in the contract and not rounded here: there δ = 1e-9, else δ = 0. With ε = 2^-52:
//! - **One operation** from the same balances, from pools in balance to pools with coins 10^6 times scarcer than others: a swap's output
//!   is within 512 ε + δ relative and 2 grains of the exact lane's; its input for a given output likewise, relative to what that output
//!   is worth at the end of the swap; LP tokens minted or burned are within 1024 ε + δ of the supply and 4 grains; an exit into one coin
//!   is within 1024 ε + δ of its balance and 4 grains.
//! - **A sequence** of n operations, each lane on its own state, in a pool whose coins stay within a factor of a thousand of one another:
//!   balances and LP tokens, each at its worth in D, are within n · ((2e-13 + δ) D + 8 grains), D the largest so far, and a unit of a coin
//!   counted as the share of the pool that it is: so much a deposit in proportion depends on it.

use cenote_amm::stableswap::{Curve, Generation, PlainPool, PoolFee, invariant};
use cenote_amm::{Exact, Fast, FungibleLiquidity, Lane, Owner, Pool, StableSwap, SwapRequest, TokenIndex, U256};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

const EPSILON: f64 = f64::EPSILON;
const ALICE: Owner = Owner::new(1);
const BOB: Owner = Owner::new(2);

/// A pool to be.
#[derive(Clone, Debug)]
struct Plan {
    generation: Generation,
    decimals: Vec<u8>,
    amplification: u64,
    fee: u64,
    multiplier: u64,
    /// In units of each coin.
    balances: Vec<U256>,
}

/// Balances of 10 to 10^9 tokens, apart by up to `skew` decades.
fn plans(skew: f64) -> impl Strategy<Value = Plan> {
    let coin = move || (prop::sample::select(vec![6_u8, 8, 18]), -skew..skew);
    let generation = prop::sample::select(vec![Generation::First, Generation::Ng]);
    let coins = prop::collection::vec(coin(), 2..=8);
    (generation, coins, 4.0..6.0_f64, 0.3..5.0_f64, 0..50_000_000_u64, 10_000_000_000..100_000_000_000_u64).prop_map(
        |(generation, mut coins, size, log_a, fee, multiplier)| {
            coins.truncate(generation.max_coins());
            let balance = |(decimals, skew): &(u8, f64)| U256::from(10_f64.powf(size + 0.5 * skew) * Exact::scale(*decimals));
            Plan {
                generation,
                amplification: U256::from(10_f64.powf(log_a)).to::<u64>(),
                fee,
                multiplier,
                balances: coins.iter().map(balance).collect(),
                decimals: coins.iter().map(|coin| coin.0).collect(),
            }
        },
    )
}

fn pool<L: Lane>(plan: &Plan) -> StableSwap<L> {
    let fee = PoolFee::from_parts(plan.fee).unwrap();
    match plan.generation {
        Generation::First => StableSwap::first_generation(&plan.decimals, plan.amplification, fee)
            .and_then(|pool| pool.with_admin_fee(PoolFee::from_parts(3_333_333_333)?)),
        _ => StableSwap::ng(&plan.decimals, plan.amplification, fee)
            .and_then(|pool| pool.with_offpeg_fee_multiplier(plan.multiplier)),
    }
    .unwrap()
}

/// What the contract's rounding of a dynamic fee can do.
fn delta(plan: &Plan) -> f64 {
    if plan.generation == Generation::Ng && plan.multiplier > PoolFee::DENOMINATOR { 1e-9 } else { 0.0 }
}

/// Units per whole token.
fn scale(decimals: u8) -> f64 {
    Exact::scale(decimals)
}

/// The pool in both lanes, each on its own state. Inputs come from the exact lane's; the fast lane gets the same numbers.
#[derive(Clone)]
struct Twins {
    exact: StableSwap<Exact>,
    fast: StableSwap<Fast>,
    decimals: Vec<u8>,
    delta: f64,
    done: f64,
    largest_d: f64,
    largest_grain: f64,
}

/// The exact pool in floating point, in whole tokens: balances, D, and what a token of each coin adds to it.
struct View {
    balances: Vec<f64>,
    d: f64,
    values: Vec<f64>,
}

impl View {
    /// What rounding to units can do to D.
    fn grain(&self, decimals: &[u8]) -> f64 {
        let coins: f64 = self.values.iter().zip(decimals).map(|(value, decimals)| value * (1.0 / scale(*decimals) + 2e-18)).sum();
        coins + 4e-18
    }

    /// The same where a unit of a coin counts as the whole pool it is the share of: in a deposit in proportion.
    fn coarse_grain(&self, decimals: &[u8]) -> f64 {
        let parts: f64 =
            self.balances.iter().zip(decimals).map(|(balance, decimals)| (1.0 / scale(*decimals) + 2e-18) / balance).sum();
        self.d * parts + 4e-18
    }

    fn spread(&self) -> f64 {
        let (least, most) = self.balances.iter().fold((f64::INFINITY, 0.0_f64), |(least, most), b| (least.min(*b), most.max(*b)));
        most / least
    }
}

impl Twins {
    /// `None` if the contract cannot compute D: far off balance its products overflow, or its steps go to and fro across the root.
    fn new(plan: &Plan) -> Option<Self> {
        let mut twins = Self {
            exact: pool(plan),
            fast: pool(plan),
            decimals: plan.decimals.clone(),
            delta: delta(plan),
            done: 0.0,
            largest_d: 0.0,
            largest_grain: 0.0,
        };
        let tokens = twins.tokens(&plan.balances);
        twins.exact.mint(ALICE, &plan.balances).ok()?;
        twins.fast.mint(ALICE, &tokens).unwrap();
        Some(twins)
    }

    fn token(&self, amount: U256, coin: usize) -> f64 {
        f64::from(amount) / scale(self.decimals[coin])
    }

    fn tokens(&self, amounts: &[U256]) -> Vec<f64> {
        (0..amounts.len()).map(|coin| self.token(amounts[coin], coin)).collect()
    }

    fn contract(&self) -> &PlainPool<Exact> {
        self.exact.contract()
    }

    #[allow(clippy::cast_precision_loss)]
    fn view(&self) -> View {
        let balances = self.tokens(self.contract().balances());
        let curve: Curve = self.contract().curve();
        let d = invariant::<Fast>(curve, &balances).unwrap();
        let n = balances.len() as f64;
        let ann = curve.stored() as f64 / curve.generation().precision() as f64 * n;
        let k = balances.iter().fold(d, |k, x| k * d / (n * x));
        let values = balances.iter().map(|x| (ann + k / x) / (ann - 1.0 + (n + 1.0) * k / d)).collect();
        View { balances, d, values }
    }

    /// How far apart two amounts of a coin may be: this relative error of `size`, and grains at the lower worth of the coin.
    fn coin_bound(&self, coin: usize, relative: f64, size: f64, grains: f64, views: [&View; 2]) -> f64 {
        let grain = views[0].grain(&self.decimals).max(views[1].grain(&self.decimals));
        relative * size + grains * grain / views[0].values[coin].min(views[1].values[coin])
    }
}

fn assert_within(what: &str, fast: f64, exact: f64, bound: f64) -> TestCaseResult {
    prop_assert!(
        (fast - exact).abs() <= bound,
        "{what}: fast {fast}, exact {exact}, {:e} apart, bound {bound:e}",
        (fast - exact).abs()
    );
    Ok(())
}

fn part_of(amount: U256, part: u32) -> U256 {
    amount * U256::from(part) / U256::from(1_000_000)
}

fn lp_tokens(amount: U256) -> f64 {
    f64::from(amount) / 1e18
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn one_operation(plan in plans(6.0), sides in (0..8_usize, 0..8_usize), part in 1..900_000_u32, exponent in 0..6_u32) {
        let Some(twins) = Twins::new(&plan) else { return Ok(()) };
        let coins = plan.decimals.len();
        let (i, j) = (sides.0 % coins, sides.1 % coins);
        let token = |coin: usize| TokenIndex(u8::try_from(coin).unwrap());
        let part = (part / 10_u32.pow(exponent)).max(1);
        let before = twins.view();
        let grain = before.grain(&plan.decimals);

        assert_within("D", twins.fast.invariant(), lp_tokens(twins.contract().invariant().unwrap()), 16.0 * EPSILON * before.d + grain)?;
        if i != j {
            let price = twins.exact.spot_price(token(i), token(j)).unwrap() * scale(plan.decimals[i]) / scale(plan.decimals[j]);
            assert_within("price", twins.fast.spot_price(token(i), token(j)).unwrap(), price, 256.0 * EPSILON * price)?;

            let amount = part_of(plan.balances[i], part);
            let mut after = twins.clone();
            if let Ok(outcome) = after.exact.swap(&SwapRequest::exact_in((token(i), token(j)), amount)) {
                let request = SwapRequest::exact_in((token(i), token(j)), twins.token(amount, i));
                let fast = twins.fast.quote(&request).unwrap();
                let out = twins.token(outcome.amount_out, j);
                let bound = twins.coin_bound(j, 512.0 * EPSILON + delta(&plan), out, 2.0, [&before, &after.view()]);
                assert_within("output", fast.amount_out, out, bound)?;
            }

            let wanted = part_of(plan.balances[j], part / 2);
            let mut after = twins.clone();
            if let Ok(outcome) = after.exact.swap(&SwapRequest::exact_out((token(i), token(j)), wanted)) {
                prop_assert!(outcome.amount_out >= wanted);
                let request = SwapRequest::exact_out((token(i), token(j)), twins.token(outcome.amount_out, j));
                let fast = twins.fast.quote(&request).unwrap();
                let paid = twins.token(outcome.amount_in, i);
                let after = after.view();
                // Relative to what the output is worth at the end of the trade, where it costs most.
                let worth = twins.token(outcome.amount_out, j) * after.values[j] / after.values[i];
                let bound = twins.coin_bound(i, 512.0 * EPSILON + delta(&plan), paid.max(worth), 2.0, [&before, &after]);
                assert_within("input", fast.amount_in, paid, bound)?;
            }
        }

        let supply = lp_tokens(twins.exact.total_supply());
        let lp_bound = |after: &View| (1024.0 * EPSILON + delta(&plan)) * supply + 4.0 * grain.max(after.grain(&plan.decimals)) * supply / before.d;
        let mut amounts = vec![U256::ZERO; coins];
        amounts[i] = part_of(plan.balances[i], part);
        amounts[j] = part_of(plan.balances[j], part / 3);
        let fast_amounts = twins.tokens(&amounts);
        let mut exact = twins.exact.clone();
        if let Ok(minted) = exact.contract_mut().add_liquidity(BOB, &amounts, U256::ZERO) {
            let after = Twins { exact, ..twins.clone() }.view();
            let fast = twins.fast.clone().contract_mut().add_liquidity(BOB, &fast_amounts, 0.0).unwrap_or(0.0);
            assert_within("minted", fast, lp_tokens(minted), lp_bound(&after))?;
        }
        let mut exact = twins.exact.clone();
        if let Ok(burned) = exact.contract_mut().remove_liquidity_imbalance(ALICE, &amounts, U256::MAX) {
            let after = Twins { exact, ..twins.clone() }.view();
            let fast = twins.fast.clone().contract_mut().remove_liquidity_imbalance(ALICE, &fast_amounts, f64::INFINITY);
            assert_within("burned", fast.unwrap_or(0.0), lp_tokens(burned), lp_bound(&after))?;
        }
        let mut exact = twins.exact.clone();
        let burn = part_of(twins.exact.total_supply(), part);
        if let Ok(paid) = exact.contract_mut().remove_liquidity_one_coin(ALICE, burn, token(i), U256::ZERO) {
            let after = Twins { exact, ..twins.clone() }.view();
            let fast = twins.fast.contract().calc_withdraw_one_coin(lp_tokens(burn), token(i)).unwrap();
            let bound = twins.coin_bound(i, 1024.0 * EPSILON + delta(&plan), before.balances[i], 4.0, [&before, &after]);
            assert_within("one coin", fast, twins.token(paid, i), bound)?;
        }
    }
}

#[derive(Clone, Debug)]
enum Operation {
    /// Parts are in millionths: of the balance of the coin in, or half of that of the coin out.
    SwapIn {
        i: usize,
        j: usize,
        part: u32,
    },
    SwapOut {
        i: usize,
        j: usize,
        part: u32,
    },
    Add {
        part: u32,
        other: u32,
        i: usize,
        j: usize,
    },
    Mint {
        part: u32,
    },
    Burn {
        part: u32,
    },
    Imbalance {
        part: u32,
        i: usize,
    },
    OneCoin {
        part: u32,
        i: usize,
    },
    WithdrawAdminFees,
    Ramp {
        up: bool,
    },
    Wait {
        seconds: u32,
    },
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    use Operation::*;
    let (coin, part) = (|| 0..8_usize, || 1..500_000_u32);
    prop::collection::vec(
        prop_oneof![
            5 => (coin(), coin(), part()).prop_map(|(i, j, part)| SwapIn { i, j, part }),
            2 => (coin(), coin(), part()).prop_map(|(i, j, part)| SwapOut { i, j, part }),
            2 => (part(), part(), coin(), coin()).prop_map(|(part, other, i, j)| Add { part, other, i, j }),
            1 => part().prop_map(|part| Mint { part }),
            1 => part().prop_map(|part| Burn { part }),
            1 => (part(), coin()).prop_map(|(part, i)| Imbalance { part: part / 4, i }),
            1 => (part(), coin()).prop_map(|(part, i)| OneCoin { part: part / 4, i }),
            1 => Just(WithdrawAdminFees),
            1 => any::<bool>().prop_map(|up| Ramp { up }),
            1 => (1..1_000_000_u32).prop_map(|seconds| Wait { seconds }),
        ],
        1..40,
    )
}

impl Twins {
    /// Runs the operation in both lanes, if it leaves the pool in some balance. Where the exact lane refuses, the fast lane is not asked;
    /// where it accepts, so must the fast lane.
    fn run(&mut self, operation: &Operation) -> TestCaseResult {
        let before = self.exact.clone();
        if !self.run_exact(operation) {
            self.exact = before;
            return Ok(());
        }
        if self.view().spread() > 1e3 {
            self.exact = before;
            return Ok(());
        }
        let after = std::mem::replace(&mut self.exact, before);
        self.run_fast(operation)?;
        self.exact = after;
        self.compare()
    }

    fn token_of(&self, coin: usize) -> TokenIndex {
        TokenIndex(u8::try_from(coin % self.decimals.len()).unwrap())
    }

    /// Amounts of an operation on single coins, from the exact lane's balances.
    fn amounts(&self, parts: &[(usize, u32)]) -> Vec<U256> {
        let mut amounts = vec![U256::ZERO; self.decimals.len()];
        for (coin, part) in parts {
            let coin = coin % self.decimals.len();
            amounts[coin] = part_of(self.contract().balances()[coin], *part);
        }
        amounts
    }

    fn all(&self, part: u32) -> Vec<U256> {
        self.contract().balances().iter().map(|balance| part_of(*balance, part)).collect()
    }

    fn run_exact(&mut self, operation: &Operation) -> bool {
        let tokens = |i: usize, j: usize| (self.token_of(i), self.token_of(j));
        match *operation {
            Operation::SwapIn { i, j, part } => {
                let amount = self.amounts(&[(i, part)])[self.token_of(i).get()];
                self.exact.swap(&SwapRequest::exact_in(tokens(i, j), amount)).is_ok()
            }
            Operation::SwapOut { i, j, part } => {
                let amount = self.amounts(&[(j, part)])[self.token_of(j).get()];
                self.exact.swap(&SwapRequest::exact_out(tokens(i, j), amount)).is_ok()
            }
            Operation::Add { part, other, i, j } => {
                let amounts = self.amounts(&[(i, part), (j, other)]);
                self.exact.contract_mut().add_liquidity(BOB, &amounts, U256::ZERO).is_ok()
            }
            Operation::Mint { part } => {
                let amounts = self.all(part);
                self.exact.mint(BOB, &amounts).is_ok()
            }
            Operation::Burn { part } => {
                let burn = part_of(self.exact.balance_of(BOB), part);
                self.exact.burn(BOB, burn).is_ok()
            }
            Operation::Imbalance { part, i } => {
                let amounts = self.amounts(&[(i, part)]);
                self.exact.contract_mut().remove_liquidity_imbalance(ALICE, &amounts, U256::MAX).is_ok()
            }
            Operation::OneCoin { part, i } => {
                let (burn, coin) = (part_of(self.exact.balance_of(ALICE), part), self.token_of(i));
                self.exact.contract_mut().remove_liquidity_one_coin(ALICE, burn, coin, U256::ZERO).is_ok()
            }
            Operation::WithdrawAdminFees => {
                self.exact.contract_mut().withdraw_admin_fees();
                true
            }
            Operation::Ramp { up } => govern(self.exact.contract_mut(), up),
            Operation::Wait { seconds } => {
                let now = self.contract().block_timestamp() + u64::from(seconds);
                self.exact.contract_mut().set_block_timestamp(now);
                true
            }
        }
    }

    /// The same with the same numbers; `self.exact` is as it was before.
    fn run_fast(&mut self, operation: &Operation) -> TestCaseResult {
        let pair = |i: usize, j: usize| (self.token_of(i), self.token_of(j));
        let passed = match *operation {
            Operation::SwapIn { i, j, part } => {
                let amount = self.tokens(&self.amounts(&[(i, part)]))[self.token_of(i).get()];
                self.fast.swap(&SwapRequest::exact_in(pair(i, j), amount)).map(|_| ()).map_err(|error| error.to_string())
            }
            Operation::SwapOut { i, j, part } => {
                // What the exact lane pays out may be a unit more than what was asked of it.
                let amount = self.amounts(&[(j, part)])[self.token_of(j).get()];
                let outcome = self.exact.quote(&SwapRequest::exact_out(pair(i, j), amount)).unwrap();
                let paid = self.token(outcome.amount_in, self.token_of(i).get());
                self.fast.swap(&SwapRequest::exact_in(pair(i, j), paid)).map(|_| ()).map_err(|error| error.to_string())
            }
            Operation::Add { part, other, i, j } => {
                let amounts = self.tokens(&self.amounts(&[(i, part), (j, other)]));
                self.fast.contract_mut().add_liquidity(BOB, &amounts, 0.0).map(|_| ()).map_err(|error| error.to_string())
            }
            Operation::Mint { part } => {
                let amounts = self.tokens(&self.all(part));
                self.fast.mint(BOB, &amounts).map(|_| ()).map_err(|error| error.to_string())
            }
            Operation::Burn { part } => {
                let burn = lp_tokens(part_of(self.exact.balance_of(BOB), part)).min(self.fast.balance_of(BOB));
                self.fast.burn(BOB, burn).map(|_| ()).map_err(|error| error.to_string())
            }
            Operation::Imbalance { part, i } => {
                let amounts = self.tokens(&self.amounts(&[(i, part)]));
                let burned = self.fast.contract_mut().remove_liquidity_imbalance(ALICE, &amounts, f64::INFINITY);
                burned.map(|_| ()).map_err(|error| error.to_string())
            }
            Operation::OneCoin { part, i } => {
                let (burn, coin) = (lp_tokens(part_of(self.exact.balance_of(ALICE), part)), self.token_of(i));
                let paid = self.fast.contract_mut().remove_liquidity_one_coin(ALICE, burn, coin, 0.0);
                paid.map(|_| ()).map_err(|error| error.to_string())
            }
            Operation::WithdrawAdminFees => {
                self.fast.contract_mut().withdraw_admin_fees();
                Ok(())
            }
            Operation::Ramp { up } => govern(self.fast.contract_mut(), up).then_some(()).ok_or_else(|| "no ramp".to_owned()),
            Operation::Wait { seconds } => {
                let now = self.fast.contract().block_timestamp() + u64::from(seconds);
                self.fast.contract_mut().set_block_timestamp(now);
                Ok(())
            }
        };
        prop_assert!(passed.is_ok(), "{operation:?}: {passed:?}");
        Ok(())
    }

    fn compare(&mut self) -> TestCaseResult {
        let view = self.view();
        self.done += 1.0;
        self.largest_d = self.largest_d.max(view.d);
        self.largest_grain = self.largest_grain.max(view.coarse_grain(&self.decimals));
        let bound = self.done * ((2e-13 + self.delta) * self.largest_d + 8.0 * self.largest_grain);
        let (exact, fast) = (self.exact.contract(), self.fast.contract());
        prop_assert_eq!(exact.curve(), fast.curve());
        for coin in 0..self.decimals.len() {
            let worth = |amount: f64| amount * view.values[coin];
            assert_within("balance", worth(fast.balances()[coin]), worth(view.balances[coin]), bound)?;
            let admin = self.token(exact.admin_balances()[coin], coin);
            assert_within("protocol's balance", worth(fast.admin_balances()[coin]), worth(admin), bound)?;
        }
        let supply = lp_tokens(self.exact.total_supply());
        for (fast, exact) in
            [(self.fast.balance_of(ALICE), self.exact.balance_of(ALICE)), (self.fast.balance_of(BOB), self.exact.balance_of(BOB))]
        {
            assert_within("LP tokens", fast * view.d / supply, lp_tokens(exact) * view.d / supply, bound)?;
        }
        Ok(())
    }
}

/// A ramp by half or to double over two days in NG pools; an announcement or its application in the first generation.
fn govern<L: Lane>(pool: &mut PlainPool<L>, up: bool) -> bool {
    let (now, current) = (pool.block_timestamp(), pool.curve().amplification());
    let amplification = if up { current.saturating_mul(2).min(500_000) } else { (current / 2).max(2) };
    match pool.generation() {
        Generation::First if up => pool.apply_new_parameters().is_ok(),
        Generation::First => pool.commit_new_parameters(amplification, pool.fee(), pool.admin_fee()).is_ok(),
        _ => pool.ramp_a(amplification, now + 172_800).is_ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn sequences(plan in plans(2.0), operations in operations()) {
        let Some(mut twins) = Twins::new(&plan) else { return Ok(()) };
        for operation in &operations {
            twins.run(operation)?;
        }
    }
}
