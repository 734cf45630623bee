//! What no sequence of operations may break, in either lane.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use ruint::aliases::U512;

use crate::{
    ConstantProduct, Direction, Exact, Fast, FungibleLiquidity, Lane, OneForZero, Owner, Pool, SwapKind, SwapRequest, TokenIndex,
    U256, ZeroForOne,
};

/// Reserves and LP token supply.
type Worth<L> = ([<L as Lane>::Amount; 2], <L as Lane>::Amount);

/// How far subtraction may have carried reserves and supply in floating point: 16 units in the last place of the larger amount, relative
/// to the smaller one that is left.
fn drift<L: Lane>((before, supply_before): Worth<L>, (after, supply_after): Worth<L>) -> f64 {
    let one = |before: L::Amount, after: L::Amount| {
        let (before, after) = (L::amount_to_f64(before), L::amount_to_f64(after));
        if after > 0.0 { 16.0 * f64::EPSILON * (before + after) / after } else { 1.0 }
    };
    one(before[0], after[0]) + one(before[1], after[1]) + one(supply_before, supply_after)
}

/// How much rounding each lane is allowed: none in integers.
trait Judge: Lane {
    /// The amount at `position` in 0..=1 of the lane's range, on a logarithmic scale.
    fn amount(position: f64) -> Self::Amount;
    /// `numerator/1000` of an amount.
    fn part(amount: Self::Amount, numerator: u16) -> Self::Amount;
    /// Whether √(product)/supply did not fall, by more than the relative `drift` that rounding explains.
    fn worth_kept(before: Worth<Self>, after: Worth<Self>, drift: f64) -> bool;
    /// Whether `paid_in - paid_out` is `balance`.
    fn conserved(paid_in: Self::Amount, paid_out: Self::Amount, balance: Self::Amount) -> bool;
    /// Whether no more came back than was paid into `reserve`, but for rounding.
    fn no_profit(paid: Self::Amount, back: Self::Amount, reserve: Self::Amount) -> bool;
}

impl Judge for Exact {
    fn amount(position: f64) -> U256 {
        Self::amount_from_f64(10_f64.powf(34.0 * position)).unwrap()
    }

    fn part(amount: U256, numerator: u16) -> U256 {
        amount / U256::from(1000) * U256::from(numerator)
    }

    fn worth_kept((before, supply_before): Worth<Self>, (after, supply_after): Worth<Self>, _drift: f64) -> bool {
        let side = |reserves: [U256; 2], supply: U256| {
            let [x, y] = reserves.map(U512::from);
            let supply = U512::from(supply);
            x.checked_mul(y)?.checked_mul(supply)?.checked_mul(supply)
        };
        // Where the squares do not fit 512 bits there is nothing to compare with.
        match (side(after, supply_before), side(before, supply_after)) {
            (Some(now), Some(then)) => now >= then,
            _ => true,
        }
    }

    fn conserved(paid_in: U256, paid_out: U256, balance: U256) -> bool {
        paid_in - paid_out == balance
    }

    fn no_profit(paid: U256, back: U256, _reserve: U256) -> bool {
        back <= paid
    }
}

impl Judge for Fast {
    fn amount(position: f64) -> f64 {
        10_f64.powf(30.0 * position - 12.0)
    }

    fn part(amount: f64, numerator: u16) -> f64 {
        amount * (f64::from(numerator) / 1000.0)
    }

    fn worth_kept((before, supply_before): Worth<Self>, (after, supply_after): Worth<Self>, drift: f64) -> bool {
        let worth = |[x, y]: [f64; 2], supply: f64| x.sqrt() * y.sqrt() / supply;
        worth(after, supply_after) >= worth(before, supply_before) * (1.0 - drift)
    }

    fn conserved(paid_in: f64, paid_out: f64, balance: f64) -> bool {
        (paid_in - paid_out - balance).abs() <= 1e-14 * (paid_in + paid_out)
    }

    fn no_profit(paid: f64, back: f64, reserve: f64) -> bool {
        back <= paid + 16.0 * f64::EPSILON * (paid + reserve)
    }
}

#[derive(Clone, Debug)]
enum Operation {
    Mint { to: u32, amounts: [f64; 2] },
    MintAtPair { to: u32, amounts: [f64; 2] },
    Burn { from: u32, thousandths: u16 },
    Transfer { from: u32, to: u32, thousandths: u16 },
    Swap { direction: Direction, kind: SwapKind, amount: f64 },
    SwapPart { direction: Direction, kind: SwapKind, thousandths: u16 },
    Arbitrage { log_price: f64 },
    Donate { amounts: [f64; 2] },
    Skim,
    Sync,
    ProtocolFee { on: bool },
    Wait { seconds: u32 },
}

const PROTOCOL: Owner = Owner::new(9);
/// Owners 1 to 3 trade; `u32::MAX` is the pool itself.
const OWNERS: [u32; 4] = [1, 2, 3, u32::MAX];

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    use Operation::*;
    let position = || 0.0..1.0_f64;
    let thousandths = || 0_u16..=1000;
    let owner = || prop::sample::select(OWNERS.to_vec());
    let direction = || prop::sample::select(vec![ZeroForOne, OneForZero]);
    let kind = || prop::sample::select(vec![SwapKind::ExactIn, SwapKind::ExactOut]);
    let operation = prop_oneof![
        3 => (1..4_u32, [position(), position()]).prop_map(|(to, amounts)| Mint { to, amounts }),
        1 => (1..4_u32, [position(), position()]).prop_map(|(to, amounts)| MintAtPair { to, amounts }),
        3 => (1..4_u32, thousandths()).prop_map(|(from, thousandths)| Burn { from, thousandths }),
        1 => (owner(), owner(), thousandths()).prop_map(|(from, to, thousandths)| Transfer { from, to, thousandths }),
        2 => (direction(), kind(), position()).prop_map(|(direction, kind, amount)| Swap { direction, kind, amount }),
        5 => (direction(), kind(), thousandths()).prop_map(|(direction, kind, thousandths)| SwapPart { direction, kind, thousandths }),
        2 => (-2.0..2.0_f64).prop_map(|log_price| Arbitrage { log_price }),
        1 => [position(), position()].prop_map(|amounts| Donate { amounts }),
        1 => Just(Skim),
        1 => Just(Sync),
        1 => any::<bool>().prop_map(|on| ProtocolFee { on }),
        1 => (0..1_000_000_u32).prop_map(|seconds| Wait { seconds }),
    ];
    // A pool worth operating on first: the two deposits are near one another, the rest is as it comes.
    (0.3..0.9_f64, -0.2..0.2_f64, prop::collection::vec(operation, 1..40)).prop_map(|(size, skew, mut operations)| {
        operations.insert(0, Mint { to: 1, amounts: [size, (size + skew).clamp(0.0, 1.0)] });
        operations
    })
}

/// A pool and the accounts of everybody who deals with it.
struct Bench<L: Judge> {
    pool: ConstantProduct<L>,
    paid_in: [L::Amount; 2],
    paid_out: [L::Amount; 2],
    /// Reserves and supply after the last mint or burn: what an LP token was worth, the protocol's claim settled.
    anchor: Option<Worth<L>>,
    /// What rounding explains since then.
    drift: f64,
}

impl<L: Judge> Bench<L> {
    fn new() -> Self {
        Self { pool: ConstantProduct::uniswap_v2(), paid_in: [L::ZERO; 2], paid_out: [L::ZERO; 2], anchor: None, drift: 0.0 }
    }

    fn pay(&mut self, amounts_in: [L::Amount; 2], amounts_out: [L::Amount; 2]) {
        for side in 0..2 {
            self.paid_in[side] = L::checked_add(self.paid_in[side], amounts_in[side]).unwrap();
            self.paid_out[side] = L::checked_add(self.paid_out[side], amounts_out[side]).unwrap();
        }
    }

    fn worth(&self) -> Worth<L> {
        (self.pool.pair().reserves(), self.pool.total_supply())
    }

    fn swap(&mut self, request: &SwapRequest<L>) -> Result<bool, TestCaseError> {
        let before = self.worth();
        let gift_pending = self.pool.pair().balances() != self.pool.pair().reserves();
        let quoted = self.pool.quote(request);
        let done = self.pool.swap(request);
        prop_assert_eq!(quoted, done, "quote and swap differ");
        let Ok(outcome) = done else { return Ok(false) };
        prop_assert!(
            L::worth_kept(before, self.worth(), drift::<L>(before, self.worth())),
            "k fell from {before:?} to {:?}",
            self.worth()
        );
        prop_assert!(outcome.fee <= outcome.amount_in);
        let (mut paid, mut taken) = ([L::ZERO; 2], [L::ZERO; 2]);
        paid[request.token_in.get()] = outcome.amount_in;
        taken[request.token_out.get()] = outcome.amount_out;
        self.pay(paid, taken);

        // There and back again does not pay, unless the first swap counted a donation that nobody had traded on.
        if gift_pending {
            return Ok(true);
        }
        let back = SwapRequest::exact_in((request.token_out, request.token_in), outcome.amount_out);
        if let Ok(back) = self.pool.quote(&back) {
            let reserve = before.0[request.token_in.get()];
            prop_assert!(
                L::no_profit(outcome.amount_in, back.amount_out, reserve),
                "paid {}, got back {}",
                outcome.amount_in,
                back.amount_out
            );
        }
        Ok(true)
    }

    /// Runs one operation; whether it passed.
    fn run(&mut self, operation: &Operation) -> Result<bool, TestCaseError> {
        let before = self.worth();
        let passed = self.execute(operation)?;
        self.drift += drift::<L>(before, self.worth());
        if passed && self.settles(operation) {
            self.check_worth()?;
            self.anchor = Some(self.worth());
            self.drift = 0.0;
        }
        Ok(passed)
    }

    fn execute(&mut self, operation: &Operation) -> Result<bool, TestCaseError> {
        let part = |amount: L::Amount, thousandths: u16| L::part(amount, thousandths);
        Ok(match *operation {
            Operation::Mint { to, amounts } => match self.pool.mint(Owner::new(to), &amounts.map(L::amount)) {
                Ok(outcome) => {
                    prop_assert!(outcome.amounts[0] <= L::amount(amounts[0]) && outcome.amounts[1] <= L::amount(amounts[1]));
                    self.pay([outcome.amounts[0], outcome.amounts[1]], [L::ZERO; 2]);
                    true
                }
                Err(_) => false,
            },
            Operation::MintAtPair { to, amounts } => match self.pool.pair_mut().mint(Owner::new(to), amounts.map(L::amount)) {
                Ok(_) => {
                    self.pay(amounts.map(L::amount), [L::ZERO; 2]);
                    true
                }
                Err(_) => false,
            },
            Operation::Burn { from, thousandths } => {
                let owner = Owner::new(from);
                match self.pool.burn(owner, part(self.pool.balance_of(owner), thousandths)) {
                    Ok(outcome) => {
                        self.pay([L::ZERO; 2], [outcome.amounts[0], outcome.amounts[1]]);
                        true
                    }
                    Err(_) => false,
                }
            }
            Operation::Transfer { from, to, thousandths } => {
                let (from, to) = (Owner::new(from), Owner::new(to));
                self.pool.transfer(from, to, part(self.pool.balance_of(from), thousandths)).is_ok()
            }
            Operation::Swap { direction, kind, amount } => {
                self.swap(&SwapRequest { kind, ..SwapRequest::exact_in(direction, L::amount(amount)) })?
            }
            Operation::SwapPart { direction, kind, thousandths } => {
                let (token_in, token_out): (TokenIndex, TokenIndex) = direction.into();
                let side = if kind == SwapKind::ExactIn { token_in } else { token_out };
                let amount = part(self.pool.reserve(side).unwrap(), thousandths);
                self.swap(&SwapRequest { kind, ..SwapRequest::exact_in(direction, amount) })?
            }
            Operation::Arbitrage { log_price } => {
                let Some(price) = self.pool.spot_price(TokenIndex::ZERO, TokenIndex::ONE) else { return Ok(false) };
                let target = price * 10_f64.powf(log_price);
                let Some(request) = self.pool.swap_to(TokenIndex::ZERO, TokenIndex::ONE, target) else { return Ok(false) };
                prop_assert!(self.swap(&request)?, "an arbitrage trade was refused");
                true
            }
            Operation::Donate { amounts } => {
                let passed = self.pool.pair_mut().donate(amounts.map(L::amount)).is_ok();
                if passed {
                    self.pay(amounts.map(L::amount), [L::ZERO; 2]);
                }
                passed
            }
            Operation::Skim => {
                let amounts = self.pool.pair_mut().skim();
                self.pay([L::ZERO; 2], amounts);
                true
            }
            Operation::Sync => self.pool.pair_mut().sync().is_ok(),
            Operation::ProtocolFee { on } => {
                self.pool.pair_mut().set_fee_to(on.then_some(PROTOCOL));
                true
            }
            Operation::Wait { seconds } => {
                let now = self.pool.pair().block_timestamp();
                self.pool.pair_mut().set_block_timestamp(now + u64::from(seconds));
                true
            }
        })
    }

    /// After a mint or burn an LP token is worth what it was after the last one, or more, whatever the protocol took of the growth.
    fn settles(&self, operation: &Operation) -> bool {
        matches!(operation, Operation::Mint { .. } | Operation::MintAtPair { .. } | Operation::Burn { .. })
            && self.pool.total_supply() > L::ZERO
    }

    fn check_worth(&self) -> TestCaseResult {
        if let Some(anchor) = self.anchor {
            prop_assert!(
                L::worth_kept(anchor, self.worth(), self.drift),
                "√k per LP token fell from {anchor:?} to {:?}",
                self.worth()
            );
        }
        Ok(())
    }

    fn check(&self) -> TestCaseResult {
        self.check_worth()?;
        let pair = self.pool.pair();
        for side in 0..2 {
            let (paid_in, paid_out, balance) = (self.paid_in[side], self.paid_out[side], pair.balances()[side]);
            prop_assert!(L::conserved(paid_in, paid_out, balance), "token {side}: {paid_in} in, {paid_out} out, {balance} there");
            prop_assert!(pair.reserves()[side] <= balance);
        }
        let held = pair.lp().balances().fold(L::ZERO, |sum, (_, amount)| L::checked_add(sum, amount).unwrap());
        prop_assert_eq!(held, pair.lp().total_supply(), "LP tokens created or lost");
        Ok(())
    }
}

fn hold<L: Judge>(operations: &[Operation]) -> TestCaseResult {
    let mut bench = Bench::<L>::new();
    for operation in operations {
        let before = bench.pool.clone();
        if bench.run(operation)? {
            bench.check()?;
        } else {
            prop_assert_eq!(&bench.pool, &before, "a failed operation left a trace: {:?}", operation);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn exact_invariants_hold(operations in operations()) {
        hold::<Exact>(&operations)?;
    }

    #[test]
    fn fast_invariants_hold(operations in operations()) {
        hold::<Fast>(&operations)?;
    }

    /// After the arbitrage trade there is nothing left to trade at that price, and the trade was worth making.
    #[test]
    fn arbitrage_ends_at_the_edge_of_the_band(reserves in [1e3..1e9_f64, 1e3..1e9_f64], log_price in -1.0..1.0_f64) {
        let mut pool = ConstantProduct::<Fast>::uniswap_v2();
        pool.mint(Owner::new(1), &reserves).unwrap();
        let (base, quote) = (TokenIndex::ZERO, TokenIndex::ONE);
        let target = pool.spot_price(base, quote).unwrap() * 10_f64.powf(log_price);
        if let Some(request) = pool.swap_to(base, quote, target) {
            let outcome = pool.swap(&request).unwrap();
            let profit = if request.token_in == base {
                outcome.amount_out - target * outcome.amount_in
            } else {
                target * outcome.amount_out - outcome.amount_in
            };
            let size = if request.token_in == base { outcome.amount_out } else { outcome.amount_in };
            prop_assert!(profit > -1e-12 * size);
        }
        let price = pool.spot_price(base, quote).unwrap();
        let keep = pool.pair().fee().keep();
        let tolerance = 1.0 + 1e-12;
        prop_assert!(target <= price / keep * tolerance && target * tolerance >= price * keep, "{price} is outside the band around {target}");
        if let Some(rest) = pool.swap_to(base, quote, target) {
            prop_assert!(rest.amount <= 1e-12 * pool.reserve(rest.token_in).unwrap());
        }
    }
}
