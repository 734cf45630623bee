//! What hooks see, and what they may do.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::invariants::{Operation, operations, run_v4};
use crate::concentrated::{
    ConcentratedError, DYNAMIC_FEE_FLAG, Formulas, HookRefusal, Hooks, LiquidityChange, LiquidityModified, LpFee, NoHooks,
    PositionKey, SqrtPrice, TickRange, Trade, Traded, V4Pool, V4State,
};
use crate::{
    ConcentratedV4, Direction, Exact, Fast, Lane, OneForZero, Owner, Pool, RangedLiquidity, SwapKind, SwapRequest, TokenIndex,
    U256, ZeroForOne,
};

/// A fee that doubles for whoever follows in the direction of the last swap.
#[derive(Clone, Debug, PartialEq)]
struct Momentum {
    pips: u32,
    last: Option<Direction>,
}

impl Momentum {
    fn fee(&self, direction: Direction) -> u32 {
        if self.last == Some(direction) { 2 * self.pips } else { self.pips }
    }
}

impl<L: Lane> Hooks<L> for Momentum {
    fn before_swap(&self, _pool: &V4State<L>, trade: &Trade<L>) -> Result<LpFee, HookRefusal> {
        Ok(LpFee::Override(self.fee(trade.direction)))
    }

    fn after_swap(&mut self, _pool: &V4State<L>, trade: &Trade<L>, _traded: &Traded<L>) {
        self.last = Some(trade.direction);
    }
}

/// Overriding the fee of a swap is setting the fee and swapping: to the unit, whatever else happens to the pool.
fn override_is_set<L: Lane>(price: SqrtPrice<L>, pips: u32, operations: &[Operation]) -> TestCaseResult {
    let hooks = Momentum { pips, last: None };
    let mut hooked = V4Pool::<L, Momentum>::with_hooks(DYNAMIC_FEE_FLAG, 10, [0, 0], hooks).unwrap();
    let mut plain = V4Pool::<L>::new(DYNAMIC_FEE_FLAG, 10, [0, 0]).unwrap();
    hooked.initialize(price).unwrap();
    plain.initialize(price).unwrap();
    for operation in operations {
        let Operation::Swap { direction, .. } = operation else {
            let before = hooked.clone();
            let outcomes = (run_v4(&mut hooked, operation), run_v4(&mut plain, operation));
            prop_assert!(outcomes.0 == outcomes.1, "{outcomes:?}");
            prop_assert!(outcomes.0.is_ok() || hooked == before, "an error changed pool or hook");
            continue;
        };
        let stored = plain.lp_fee_pips();
        let fee = hooked.hooks().fee(*direction);
        if fee > 1_000_000 {
            let refused = Err(ConcentratedError::InvalidFee { pips: fee });
            let before = hooked.clone();
            prop_assert_eq!(run_v4(&mut hooked, operation), refused);
            prop_assert!(hooked == before, "an error changed pool or hook");
            continue;
        }
        plain.set_lp_fee(fee).unwrap();
        let outcomes = (run_v4(&mut hooked, operation), run_v4(&mut plain, operation));
        plain.set_lp_fee(stored).unwrap();
        prop_assert!(outcomes.0 == outcomes.1, "{outcomes:?}");
        // What the hook sees, and all that can be read, is the same; and it has not forgotten itself.
        prop_assert!(*hooked == *plain, "states differ after {operation:?}");
        let last = hooked.hooks().last;
        prop_assert!(outcomes.0.is_err() || last == Some(*direction), "{last:?} after {operation:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn override_is_set_exact(pips in 0..=600_000_u32, operations in operations(10)) {
        override_is_set::<Exact>(U256::from(1) << 96, pips, &operations)?;
    }

    #[test]
    fn override_is_set_fast(pips in 0..=600_000_u32, operations in operations(10)) {
        override_is_set::<Fast>(1.0, pips, &operations)?;
    }
}

fn key() -> PositionKey {
    PositionKey::new(Owner::new(1), TickRange::new(-6000, 6000))
}

/// A pool at price 1 with liquidity.
fn funded<L: Lane, H: Hooks<L>>(fee: u32, hooks: H) -> V4Pool<L, H> {
    let mut pool = V4Pool::with_hooks(fee, 60, [18, 18], hooks).unwrap();
    let price = L::Concentrated::sqrt_price_at_tick(&L::Concentrated::units([18, 18]), 0).unwrap();
    pool.initialize(price).unwrap();
    pool.modify_liquidity(key(), LiquidityChange::Add(10_u128.pow(24))).unwrap();
    pool
}

/// The fee in millionths of the input.
fn charged<L: Lane>(traded: &Traded<L>) -> f64 {
    (L::amount_to_f64(traded.fee) / L::amount_to_f64(traded.amount_in) * 1e6).round()
}

fn momentum<L: Lane>() {
    let amount = L::amount_from_f64(L::scale(18)).unwrap();
    for fee in [DYNAMIC_FEE_FLAG, 500] {
        let mut pool = funded::<L, _>(fee, Momentum { pips: 3000, last: None });
        let mut seen = Vec::new();
        for direction in [ZeroForOne, ZeroForOne, OneForZero, OneForZero, OneForZero, ZeroForOne] {
            let trade = pool.unlimited(direction, SwapKind::ExactIn, amount);
            let quoted = pool.quote(&trade);
            let traded = pool.swap(&trade).unwrap();
            assert_eq!(quoted, Ok(traded));
            seen.push(charged(&traded));
        }
        // A static fee is what it is, whatever the hook says.
        let expected = if fee == 500 { [500.0; 6] } else { [3000.0, 6000.0, 3000.0, 6000.0, 6000.0, 3000.0] };
        assert_eq!(seen, expected);
    }
}

#[test]
fn a_fee_with_momentum_in_both_lanes() {
    momentum::<Exact>();
    momentum::<Fast>();
}

/// The protocol's part comes off the input first whatever the hook says, and a hook may leave it nothing to come off of.
#[test]
fn overrides_and_the_protocol() {
    let mut pool = funded::<Exact, _>(DYNAMIC_FEE_FLAG, Momentum { pips: 500_000, last: None });
    pool.set_protocol_fee([1000, 500]).unwrap();
    let amount = U256::from(1_000_000_000);
    let (first, second) =
        (pool.unlimited(ZeroForOne, SwapKind::ExactIn, amount), pool.unlimited(ZeroForOne, SwapKind::ExactOut, amount));
    // 1000 pips of the input, and half of the rest.
    assert_eq!(pool.swap(&first).unwrap().fee, U256::from(500_500_000));
    assert_eq!(pool.protocol_fees(), [U256::from(1_000_000), U256::ZERO]);
    // Twice one half is all of it.
    assert_eq!(pool.quote(&second), Err(ConcentratedError::InvalidFeeForExactOut));
    let all = pool.swap(&first).unwrap();
    assert_eq!((all.amount_in, all.amount_out, all.fee), (amount, U256::ZERO, amount));
    pool.hooks_mut().pips = 500_001;
    let before = pool.clone();
    assert_eq!(pool.swap(&first), Err(ConcentratedError::InvalidFee { pips: 1_000_002 }));
    assert_eq!(pool, before);
}

/// Writes down every call, and refuses where it is told to.
#[derive(Clone, Debug, Default, PartialEq)]
struct Witness {
    after: Vec<String>,
    refuses: Option<&'static str>,
}

impl Witness {
    fn asked(&self, what: &'static str) -> Result<(), HookRefusal> {
        if self.refuses == Some(what) { Err(HookRefusal::new(what)) } else { Ok(()) }
    }
}

impl<L: Lane> Hooks<L> for Witness {
    fn before_initialize(&self, pool: &V4State<L>, _: SqrtPrice<L>) -> Result<(), HookRefusal> {
        assert!(pool.tick().is_none());
        self.asked("initialize")
    }

    fn after_initialize(&mut self, pool: &V4State<L>) {
        self.after.push(format!("initialized at {:?}", pool.tick()));
    }

    fn before_add_liquidity(&self, _: &V4State<L>, _: &PositionKey, _: u128) -> Result<(), HookRefusal> {
        self.asked("add")
    }

    fn after_add_liquidity(&mut self, pool: &V4State<L>, key: &PositionKey, liquidity: u128, _: &LiquidityModified<L>) {
        assert_eq!(pool.position(key).liquidity(), pool.liquidity());
        self.after.push(format!("added {liquidity} to {}", pool.liquidity()));
    }

    fn before_remove_liquidity(&self, _: &V4State<L>, _: &PositionKey, _: u128) -> Result<(), HookRefusal> {
        self.asked("remove")
    }

    fn after_remove_liquidity(&mut self, pool: &V4State<L>, _: &PositionKey, liquidity: u128, modified: &LiquidityModified<L>) {
        self.after.push(format!("removed {liquidity} from {}, fees {:?}", pool.liquidity(), modified.fees.map(L::amount_to_f64)));
    }

    fn before_swap(&self, _: &V4State<L>, trade: &Trade<L>) -> Result<LpFee, HookRefusal> {
        self.asked(if trade.direction == ZeroForOne { "sale" } else { "purchase" }).map(|()| LpFee::Stored)
    }

    fn after_swap(&mut self, pool: &V4State<L>, trade: &Trade<L>, traded: &Traded<L>) {
        assert_eq!(pool.sqrt_price(), Some(traded.sqrt_price));
        self.after.push(format!("swapped {} {:?}", L::amount_to_f64(traded.amount_in), trade.direction));
    }

    fn before_donate(&self, _: &V4State<L>, _: [L::Amount; 2]) -> Result<(), HookRefusal> {
        self.asked("donate")
    }

    fn after_donate(&mut self, _: &V4State<L>, amounts: [L::Amount; 2]) {
        self.after.push(format!("donated {:?}", amounts.map(L::amount_to_f64)));
    }
}

/// Everything that can be done to a pool, by the name that the witness has for it.
fn perform(pool: &mut V4Pool<Fast, Witness>, what: &str) -> Result<(), ConcentratedError> {
    match what {
        "initialize" => pool.initialize(1.0),
        "add" => pool.modify_liquidity(key(), LiquidityChange::Add(10_u128.pow(20))).map(|_| ()),
        "poke" => pool.modify_liquidity(key(), LiquidityChange::Add(0)).map(|_| ()),
        "remove" => pool.modify_liquidity(key(), LiquidityChange::Remove(10_u128.pow(19))).map(|_| ()),
        "sale" => pool.swap(&pool.unlimited(ZeroForOne, SwapKind::ExactIn, 1.0)).map(|_| ()),
        "purchase" => pool.swap(&pool.unlimited(OneForZero, SwapKind::ExactIn, 0.5)).map(|_| ()),
        "donate" => pool.donate([0.25, 0.0]),
        _ => unreachable!("{what}"),
    }
}

const ALL: [&str; 7] = ["initialize", "add", "sale", "purchase", "donate", "poke", "remove"];

#[test]
fn hooks_see_everything() {
    let mut pool = V4Pool::with_hooks(0, 60, [18, 18], Witness::default()).unwrap();
    for what in ALL {
        perform(&mut pool, what).unwrap();
    }
    let expected = [
        "initialized at Some(0)",
        "added 100000000000000000000 to 100000000000000000000",
        "swapped 1 ZeroForOne",
        "swapped 0.5 OneForZero",
        "donated [0.25, 0.0]",
        // Adding nothing is removing nothing, in the contract too.
        "removed 0 from 100000000000000000000, fees [0.25, 0.0]",
        "removed 10000000000000000000 from 90000000000000000000, fees [0.0, 0.0]",
    ];
    assert_eq!(pool.hooks().after, expected);
}

/// A refusal is a typed error, and changes neither pool nor hook; what is not refused goes on.
#[test]
fn hooks_refuse() {
    for refused in ALL.into_iter().filter(|what| *what != "poke") {
        let mut pool = V4Pool::with_hooks(3000, 60, [18, 18], Witness::default()).unwrap();
        for what in ALL {
            pool.hooks_mut().refuses = Some(refused);
            let before = pool.clone();
            // A poke is a removal of nothing.
            if what == refused || (what == "poke" && refused == "remove") {
                let outcome = perform(&mut pool, what);
                assert_eq!(outcome, Err(ConcentratedError::HookRefused { reason: refused }), "{what}");
                assert_eq!(outcome.unwrap_err().v4_name(), Some("HookCallFailed"));
                assert_eq!(pool, before);
                pool.hooks_mut().refuses = None;
            }
            perform(&mut pool, what).unwrap();
        }
    }
}

/// Who may not sell can still be arbitraged the other way, and the arbitrageur counts with the fee that the hook will say.
#[test]
fn arbitrage_asks_the_hook() {
    let refusing = |what| {
        let hooks = Witness { refuses: Some(what), ..Witness::default() };
        let mut pool = ConcentratedV4::<Fast, _>::uniswap_v4_with_hooks(3000, 60, hooks).unwrap();
        pool.initialize_at_price(1.0).unwrap();
        pool.mint(Owner::new(1), key().range, [1e6, 1e6]).unwrap();
        pool
    };
    let targets = |pool: &dyn Pool<Lane = Fast>| [0.9, 1.1].map(|target| pool.swap_to(TokenIndex::ZERO, TokenIndex::ONE, target));
    assert!(matches!(targets(&refusing("sale")), [None, Some(_)]));
    assert!(matches!(targets(&refusing("purchase")), [Some(_), None]));

    for (last, fee) in [(None, 0.003), (Some(OneForZero), 0.006)] {
        let mut pool =
            ConcentratedV4::<Fast, _>::uniswap_v4_with_hooks(DYNAMIC_FEE_FLAG, 60, Momentum { pips: 3000, last }).unwrap();
        pool.initialize_at_price(1.0).unwrap();
        pool.mint(Owner::new(1), key().range, [1e6, 1e6]).unwrap();
        let request = pool.swap_to(TokenIndex::ZERO, TokenIndex::ONE, 1.1).unwrap();
        pool.swap(&request).unwrap();
        let price = pool.spot_price(TokenIndex::ZERO, TokenIndex::ONE).unwrap();
        assert!((price - 1.1 * (1.0 - fee)).abs() < 1e-12, "{price}");
    }
}

/// A hook is carried along: clones and renewed pools have it, and a pool without is a pool whose hook does nothing.
#[test]
fn hooks_travel_with_the_pool() {
    let pool = ConcentratedV4::<Exact, _>::uniswap_v4_with_hooks(500, 10, Momentum { pips: 1, last: Some(ZeroForOne) }).unwrap();
    assert_eq!(pool.clone().with_decimals([6, 6]).v4().hooks().last, Some(ZeroForOne));
    let without: V4Pool<Exact, NoHooks> = funded(500, NoHooks);
    assert_eq!(**pool.v4(), *V4Pool::<Exact>::new(500, 10, [18, 18]).unwrap());
    let mut pool = ConcentratedV4::<Exact>::uniswap_v4(500, 60).unwrap();
    pool.initialize_at_price(1.0).unwrap();
    pool.v4_mut().modify_liquidity(key(), LiquidityChange::Add(10_u128.pow(24))).unwrap();
    assert_eq!(*pool.v4(), without);
    let request = SwapRequest::exact_in(ZeroForOne, U256::from(1_000_000));
    assert_eq!(pool.quote(&request), pool.swap(&request));
}
