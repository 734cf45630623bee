//! What holds after any sequence of operations, in either lane.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::concentrated::tick_math::{MAX_TICK, MIN_TICK};
use crate::concentrated::{
    ConcentratedError, DYNAMIC_FEE_FLAG, FeeTier, Formulas, Hooks, LiquidityChange, PositionKey, ProtocolFeeScheme, TickRange,
    Trade, V3Pool, V4Pool,
};
use crate::{
    Concentrated, Direction, Exact, Fast, Lane, OneForZero, Owner, Pool, SwapKind, SwapRequest, TokenIndex, U256, ZeroForOne,
};

#[derive(Clone, Debug)]
pub(super) enum Operation {
    Mint { owner: u32, range: TickRange, liquidity: u128 },
    Burn { position: usize, part: u32 },
    Collect { position: usize, part: u32 },
    Swap { direction: Direction, kind: SwapKind, log_amount: f64, limit_ticks: Option<i32> },
    Flash { parts: [u32; 2], tips: [u32; 2] },
    ProtocolFee { numbers: [u16; 2] },
    CollectProtocol { part: u32 },
    Wait { seconds: u32 },
    Remember { cardinality: u16 },
}

/// Parts are in thousandths.
const WHOLE: u32 = 1000;

fn ranges(spacing: i32) -> impl Strategy<Value = TickRange> {
    let tick = move |tick: i32| tick * spacing;
    prop_oneof![
        8 => (-40..40_i32, 1..40_i32).prop_map(move |(lower, width)| TickRange::new(tick(lower), tick(lower + width))),
        2 => (-800..800_i32, 1..800_i32).prop_map(move |(lower, width)| TickRange::new(tick(lower), tick(lower + width))),
        2 => Just(TickRange::full(spacing)),
        // Nonsense.
        1 => (MIN_TICK - 9..MAX_TICK + 9, MIN_TICK - 9..MAX_TICK + 9).prop_map(|(lower, upper)| TickRange::new(lower, upper)),
    ]
}

pub(super) fn operations(spacing: i32) -> impl Strategy<Value = Vec<Operation>> {
    use Operation::{Burn, Collect, CollectProtocol, Flash, Mint, ProtocolFee, Remember, Swap, Wait};
    let part = || 0..=WHOLE;
    let direction = || prop::sample::select(vec![ZeroForOne, OneForZero]);
    let kind = || prop::sample::select(vec![SwapKind::ExactIn, SwapKind::ExactOut]);
    prop::collection::vec(
        prop_oneof![
            5 => (1..4_u32, ranges(spacing), 0..100_u32).prop_map(|(owner, range, bits)| Mint { owner, range, liquidity: (1 << bits) + 12_345 }),
            3 => (any::<usize>(), part()).prop_map(|(position, part)| Burn { position, part }),
            2 => (any::<usize>(), part()).prop_map(|(position, part)| Collect { position, part }),
            8 => (direction(), kind(), 0.0..30.0_f64, prop::option::of(-500..500_i32))
                .prop_map(|(direction, kind, log_amount, limit_ticks)| Swap { direction, kind, log_amount, limit_ticks }),
            1 => ([part(), part()], [part(), part()]).prop_map(|(parts, tips)| Flash { parts, tips }),
            1 => prop::sample::select(vec![[0, 0], [4, 10], [6, 0], [3, 4]]).prop_map(|numbers| ProtocolFee { numbers }),
            1 => part().prop_map(|part| CollectProtocol { part }),
            1 => (1..1_000_000_u32).prop_map(|seconds| Wait { seconds }),
            1 => (0..20_u16).prop_map(|cardinality| Remember { cardinality }),
        ],
        1..60,
    )
}

/// A pool of tokens without decimals: one lane's whole token is the other's unit.
pub(super) fn pool<L: Lane>(tier: FeeTier, price: f64) -> V3Pool<L> {
    let mut pool = Concentrated::<L>::uniswap_v3(tier).with_decimals([0, 0]);
    pool.initialize_at_price(price).unwrap();
    pool.v3().clone()
}

fn part_of<L: Lane>(amount: L::Amount, part: u32) -> L::Amount {
    L::amount_from_f64(L::amount_to_f64(amount) * f64::from(part) / f64::from(WHOLE)).unwrap_or(L::ZERO)
}

/// What went into the pool and what came out of it.
pub(super) type Moved<L> = ([<L as Lane>::Amount; 2], [<L as Lane>::Amount; 2]);

/// Runs an operation.
pub(super) fn run<L: Lane>(pool: &mut V3Pool<L>, operation: &Operation) -> Result<Moved<L>, ConcentratedError> {
    let nothing = [L::ZERO; 2];
    let keys: Vec<PositionKey> = pool.positions().map(|(key, _)| *key).collect();
    let key = |position: usize| keys.get(position % keys.len().max(1)).copied();
    let none = PositionKey::new(Owner::new(9), TickRange::new(-10, 10));
    Ok(match *operation {
        Operation::Mint { owner, range, liquidity } => (pool.mint(Owner::new(owner), range, liquidity)?, nothing),
        Operation::Burn { position, part } => {
            let key = key(position).unwrap_or(none);
            let liquidity = pool.position(key.owner, key.range).liquidity() / u128::from(WHOLE) * u128::from(part);
            pool.burn(key.owner, key.range, liquidity)?;
            (nothing, nothing)
        }
        Operation::Collect { position, part } => {
            let key = key(position).unwrap_or(none);
            let owed = pool.position(key.owner, key.range).tokens_owed();
            (nothing, pool.collect(key.owner, key.range, owed.map(|owed| part_of::<L>(owed, part)))?)
        }
        Operation::Swap { direction, kind, log_amount, limit_ticks } => {
            let mut trade = pool.unlimited(direction, kind, L::amount_from_f64(10_f64.powf(log_amount)).unwrap());
            if let (Some(ticks), Some(tick)) = (limit_ticks, pool.tick()) {
                let units = L::Concentrated::units([0, 0]);
                trade.sqrt_price_limit = L::Concentrated::sqrt_price_at_tick(&units, (tick + ticks).clamp(MIN_TICK, MAX_TICK))?;
            }
            let quoted = pool.quote(&trade);
            let traded = pool.swap(&trade);
            assert_eq!(quoted, traded, "quote is not swap");
            let traded = traded?;
            assert!(traded.amount_in <= trade.amount || kind == SwapKind::ExactOut);
            assert!(traded.amount_out <= trade.amount || kind == SwapKind::ExactIn);
            let (mut paid, mut out) = (nothing, nothing);
            let side = usize::from(direction == OneForZero);
            (paid[side], out[1 - side]) = (traded.amount_in, traded.amount_out);
            (paid, out)
        }
        Operation::Flash { parts, tips } => {
            let loan = [0, 1].map(|side| part_of::<L>(pool.balances()[side], parts[side]));
            let paid = [0, 1].map(|side| {
                let tip = part_of::<L>(loan[side], tips[side]);
                L::checked_add(loan[side], tip).unwrap_or(loan[side])
            });
            pool.flash(loan, paid)?;
            (paid, loan)
        }
        Operation::ProtocolFee { numbers } => {
            pool.set_protocol_fee(numbers)?;
            (nothing, nothing)
        }
        Operation::CollectProtocol { part } => {
            let requested = pool.protocol_fees().map(|fees| part_of::<L>(fees, part));
            (nothing, pool.collect_protocol(requested)?)
        }
        Operation::Wait { seconds } => {
            pool.set_block_timestamp(pool.block_timestamp() + u64::from(seconds));
            (nothing, nothing)
        }
        Operation::Remember { cardinality } => {
            pool.increase_observation_cardinality_next(cardinality)?;
            (nothing, nothing)
        }
    })
}

/// The ticks and the liquidity in range are those of the positions; the price is where the tick says.
fn check_books<L: Lane>(pool: &V3Pool<L>) -> TestCaseResult {
    let (tick, price) = (pool.tick().unwrap(), pool.sqrt_price().unwrap());
    let mut in_range = 0;
    let mut net = std::collections::BTreeMap::<i32, (u128, i128)>::new();
    for (key, position) in pool.positions() {
        let liquidity = position.liquidity();
        if key.range.contains(tick) {
            in_range += liquidity;
        }
        if liquidity > 0 {
            let signed = i128::try_from(liquidity).unwrap();
            for (number, net_change) in [(key.range.lower, signed), (key.range.upper, -signed)] {
                let entry = net.entry(number).or_default();
                *entry = (entry.0 + liquidity, entry.1 + net_change);
            }
        }
    }
    prop_assert_eq!(pool.liquidity(), in_range);
    let ticks: Vec<_> = pool.ticks().map(|(number, info)| (number, (info.liquidity_gross(), info.liquidity_net()))).collect();
    prop_assert_eq!(ticks, net.into_iter().collect::<Vec<_>>());
    let units = L::Concentrated::units([0, 0]);
    let at = |tick| L::Concentrated::sqrt_price_at_tick(&units, tick);
    // Coming down to a tick leaves the price on it and the tick below it.
    prop_assert!(tick < MIN_TICK || at(tick).unwrap() <= price);
    prop_assert!(tick >= MAX_TICK || price <= at(tick + 1).unwrap());
    Ok(())
}

/// Everybody leaves: the pool pays all it owes, and keeps no more than rounding.
fn liquidate<L: Lane>(pool: &mut V3Pool<L>) -> Result<(), ConcentratedError> {
    let keys: Vec<PositionKey> = pool.positions().map(|(key, _)| *key).collect();
    for key in keys {
        let liquidity = pool.position(key.owner, key.range).liquidity();
        if liquidity > 0 {
            pool.burn(key.owner, key.range, liquidity)?;
        }
        let owed = pool.position(key.owner, key.range).tokens_owed();
        assert_eq!(pool.collect(key.owner, key.range, owed)?, owed);
    }
    let fees = pool.protocol_fees();
    pool.collect_protocol(fees)?;
    Ok(())
}

/// L/√P and L·√P: a float of the price knows amounts to so many digits of these, however little of them is real.
fn virtual_reserves(pool: &V3Pool<Fast>) -> [f64; 2] {
    let (liquidity, price) = (pool.liquidity_to_f64(pool.liquidity()), pool.sqrt_price().unwrap());
    [liquidity / price, liquidity * price]
}

fn add<L: Lane>(a: [L::Amount; 2], b: [L::Amount; 2]) -> [L::Amount; 2] {
    [0, 1].map(|side| L::checked_add(a[side], b[side]).unwrap())
}

fn tiers() -> impl Strategy<Value = FeeTier> {
    prop::sample::select(vec![FeeTier::BP_1, FeeTier::BP_5, FeeTier::BP_30, FeeTier::BP_100, FeeTier::new(0, 7).unwrap()])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// An error changes nothing; nothing is created or lost; whoever leaves is paid.
    #[test]
    fn exact_books_balance(tier in tiers(), price in -8.0..8.0_f64, operations in operations(10)) {
        let mut pool = pool::<Exact>(tier, 10_f64.powf(price));
        let (mut paid, mut out) = ([U256::ZERO; 2], [U256::ZERO; 2]);
        for operation in &operations {
            let before = pool.clone();
            if let Ok(moved) = run(&mut pool, operation) {
                (paid, out) = (add::<Exact>(paid, moved.0), add::<Exact>(out, moved.1));
            } else {
                prop_assert_eq!(&pool, &before, "an error changed the pool");
            }
            for side in 0..2 {
                prop_assert_eq!(pool.balances()[side], paid[side] - out[side]);
            }
            check_books(&pool)?;
        }
        let outcome = liquidate(&mut pool);
        prop_assert!(outcome.is_ok(), "{outcome:?}");
    }

    #[test]
    fn fast_books_balance(tier in tiers(), price in -8.0..8.0_f64, operations in operations(10)) {
        let mut pool = pool::<Fast>(tier, 10_f64.powf(price));
        let (mut paid, mut out, mut largest) = ([0.0_f64; 2], [0.0_f64; 2], [0.0_f64; 2]);
        for operation in &operations {
            let before = pool.clone();
            if let Ok(moved) = run(&mut pool, operation) {
                (paid, out) = (add::<Fast>(paid, moved.0), add::<Fast>(out, moved.1));
            } else {
                prop_assert_eq!(&pool, &before, "an error changed the pool");
            }
            let after = virtual_reserves(&pool);
            for (side, before) in virtual_reserves(&before).into_iter().enumerate() {
                largest[side] = largest[side].max(paid[side]).max(before).max(after[side]);
                prop_assert!((pool.balances()[side] - (paid[side] - out[side])).abs() <= 1e-12 * largest[side]);
            }
            check_books(&pool)?;
        }
        let outcome = liquidate(&mut pool);
        prop_assert!(outcome.is_ok(), "{outcome:?}");
    }

    /// There and back again, in one step or in two: never a profit.
    #[test]
    fn round_trips_never_profit(
        tier in tiers(),
        operations in operations(10),
        direction in prop::sample::select(vec![ZeroForOne, OneForZero]),
        log_amount in 0.0..25.0_f64,
        split in 1..WHOLE,
    ) {
        let mut pool = pool::<Exact>(tier, 1.0);
        for operation in &operations {
            let _ = run(&mut pool, operation);
        }
        let amount = U256::from(10_f64.powf(log_amount));
        let there = pool.unlimited(direction, SwapKind::ExactIn, amount);
        let mut once = pool.clone();
        if let Ok(traded) = once.swap(&there) {
            let back = if direction == ZeroForOne { OneForZero } else { ZeroForOne };
            let mut returned = once.clone();
            if let Ok(again) = returned.swap(&once.unlimited(back, SwapKind::ExactIn, traded.amount_out)) {
                prop_assert!(again.amount_out <= traded.amount_in);
            }
            let first = amount * U256::from(split) / U256::from(WHOLE);
            let mut twice = pool.clone();
            let a = twice.swap(&Trade { amount: first, ..there });
            let b = twice.swap(&Trade { amount: amount - first, ..there });
            if let (Ok(a), Ok(b)) = (a, b) {
                // Rounding may favour the split by the units it saves at a tick, but the price is no better.
                let slack = U256::from(1 + twice.ticks().count());
                prop_assert!(a.amount_out + b.amount_out <= traded.amount_out + slack || b.amount_in + a.amount_in > traded.amount_in);
            }
        }
    }

    /// The trade to an outside price stops at the edge of the band, in both lanes, whichever token is the base.
    #[test]
    fn arbitrage_stops_at_the_edge(tier in tiers(), operations in operations(10), log_target in -0.5..0.5_f64, upside_down: bool) {
        let mut exact = Concentrated::<Exact>::uniswap_v3(tier).with_decimals([0, 0]);
        exact.initialize_at_price(1.0).unwrap();
        for operation in operations.iter().filter(|operation| !matches!(operation, Operation::Swap { .. })) {
            let _ = run(exact.v3_mut(), operation);
        }
        let target = 10_f64.powf(log_target);
        let (base, quote) = if upside_down { (TokenIndex::ONE, TokenIndex::ZERO) } else { (TokenIndex::ZERO, TokenIndex::ONE) };
        let keep = 1.0 - f64::from(tier.fee_pips()) * 1e-6;
        if let Some(request) = exact.swap_to(base, quote, target) {
            let buys = request.token_in == quote;
            let price_before = exact.spot_price(base, quote).unwrap();
            prop_assert!(if buys { price_before < target * keep } else { price_before * keep > target }, "inside the band");
            let outcome = exact.swap(&request).unwrap();
            prop_assert_eq!(outcome.amount_in, request.amount);
            let price = exact.spot_price(base, quote).unwrap();
            let edge = if buys { target * keep } else { target / keep };
            let beyond = if buys { price / edge - 1.0 } else { edge / price - 1.0 };
            prop_assert!(beyond <= 1e-12, "beyond by {beyond:e}");
            // The same again has nothing left to do but a unit or two.
            if let Some(rest) = exact.swap_to(base, quote, target) {
                prop_assert!(exact.v3().liquidity() < 1_000_000_000 || rest.amount <= request.amount);
            }
        }
    }

    /// Fees of a position are its liquidity's share of the fees of swaps inside its range, whoever else comes and goes.
    #[test]
    fn a_poke_changes_nothing_but_the_book(tier in tiers(), operations in operations(10)) {
        let mut pool = pool::<Exact>(tier, 1.0);
        for operation in &operations {
            let _ = run(&mut pool, operation);
        }
        let keys: Vec<PositionKey> = pool.positions().filter(|(_, position)| position.liquidity() > 0).map(|(key, _)| *key).collect();
        let mut poked = pool.clone();
        for key in &keys {
            poked.burn(key.owner, key.range, 0).unwrap();
        }
        let mut twice = poked.clone();
        for key in &keys {
            twice.burn(key.owner, key.range, 0).unwrap();
        }
        prop_assert_eq!(&twice, &poked);
        prop_assert_eq!(pool.balances(), poked.balances());
        prop_assert_eq!(pool.sqrt_price(), poked.sqrt_price());
    }
}

/// A v4 operation; the pool's errors are of no interest here, only that they change nothing.
pub(super) fn run_v4<L: Lane, H: Hooks<L>>(pool: &mut V4Pool<L, H>, operation: &Operation) -> Result<Moved<L>, ConcentratedError> {
    let nothing = [L::ZERO; 2];
    let keys: Vec<PositionKey> = pool.positions().map(|(key, _)| *key).collect();
    let none = PositionKey::new(Owner::new(9), TickRange::new(-10, 10));
    Ok(match *operation {
        Operation::Mint { owner, range, liquidity } => {
            let key = PositionKey { owner: Owner::new(owner), range, salt: u64::from(liquidity % 2 == 0) };
            let modified = pool.modify_liquidity(key, LiquidityChange::Add(liquidity))?;
            (modified.amounts, modified.fees)
        }
        Operation::Burn { position, part } => {
            let key = keys.get(position % keys.len().max(1)).copied().unwrap_or(none);
            let liquidity = pool.position(&key).liquidity() / u128::from(WHOLE) * u128::from(part);
            let modified = pool.modify_liquidity(key, LiquidityChange::Remove(liquidity))?;
            (nothing, add::<L>(modified.amounts, modified.fees))
        }
        Operation::Swap { direction, kind, log_amount, .. } => {
            let trade = pool.unlimited(direction, kind, L::amount_from_f64(10_f64.powf(log_amount)).unwrap());
            let quoted = pool.quote(&trade);
            let traded = pool.swap(&trade);
            assert_eq!(quoted, traded, "quote is not swap");
            let traded = traded?;
            let (mut paid, mut out) = (nothing, nothing);
            let side = usize::from(direction == OneForZero);
            (paid[side], out[1 - side]) = (traded.amount_in, traded.amount_out);
            (paid, out)
        }
        Operation::Flash { parts, .. } => {
            let gift = [0, 1].map(|side| part_of::<L>(pool.balances()[side], parts[side] / 10));
            pool.donate(gift)?;
            (gift, nothing)
        }
        Operation::ProtocolFee { numbers } => {
            pool.set_protocol_fee(numbers.map(|number| number * 100))?;
            (nothing, nothing)
        }
        Operation::CollectProtocol { part } => {
            let side = usize::from(part % 2 == 1);
            let mut out = nothing;
            out[side] = pool.collect_protocol_fees(side, part_of::<L>(pool.protocol_fees()[side], part))?;
            (nothing, out)
        }
        Operation::Remember { cardinality } => {
            pool.set_lp_fee(u32::from(cardinality) * 60_000)?;
            (nothing, nothing)
        }
        Operation::Collect { .. } | Operation::Wait { .. } => (nothing, nothing),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn v4_books_balance(fee_pips in 0..=1_000_000_u32, operations in operations(10)) {
        let mut pool = V4Pool::<Exact>::new(DYNAMIC_FEE_FLAG, 10, [0, 0]).unwrap();
        pool.initialize(U256::from(1) << 96).unwrap();
        pool.set_lp_fee(fee_pips).unwrap();
        let (mut paid, mut out) = ([U256::ZERO; 2], [U256::ZERO; 2]);
        for operation in &operations {
            let before = pool.clone();
            if let Ok(moved) = run_v4(&mut pool, operation) {
                (paid, out) = (add::<Exact>(paid, moved.0), add::<Exact>(out, moved.1));
            } else {
                prop_assert_eq!(&pool, &before, "an error changed the pool");
            }
            for side in 0..2 {
                prop_assert_eq!(pool.balances()[side], paid[side] - out[side]);
            }
        }
        // Everybody leaves and is paid, unless what is owed does not fit the contract's 128-bit deltas.
        let keys: Vec<PositionKey> = pool.positions().map(|(key, _)| *key).collect();
        for key in keys {
            let liquidity = pool.position(&key).liquidity();
            if liquidity > 0 {
                match pool.modify_liquidity(key, LiquidityChange::Remove(liquidity)) {
                    Ok(_) => {}
                    Err(ConcentratedError::AmountTooLarge { amount }) if amount >= 1.7e38 => return Ok(()),
                    Err(other) => prop_assert!(false, "{other:?}"),
                }
            }
        }
        prop_assert_eq!((pool.liquidity(), pool.ticks().count()), (0, 0));
        for side in 0..2 {
            pool.collect_protocol_fees(side, U256::ZERO).unwrap();
        }
    }
}

#[test]
fn changes_are_unsigned() {
    assert_eq!(LiquidityChange::Add(1).apply(u128::MAX), Err(ConcentratedError::LiquidityOverflow));
    assert_eq!(LiquidityChange::Remove(1).apply(0), Err(ConcentratedError::LiquidityUnderflow { removed: 1.0, available: 0.0 }));
}

/// Swapping through a request is swapping at the contract.
#[test]
fn the_router_adds_nothing() {
    let mut pool = Concentrated::<Exact>::uniswap_v3(FeeTier::BP_30);
    pool.initialize_at_price(1.0).unwrap();
    pool.v3_mut().mint(Owner::new(1), TickRange::new(-600, 600), 10_u128.pow(18)).unwrap();
    assert_eq!(pool.v3().protocol_fee().scheme(), ProtocolFeeScheme::UniswapV3);
    let request = SwapRequest::exact_in(ZeroForOne, U256::from(1_000_000));
    let quoted = pool.quote(&request).unwrap();
    let trade = pool.v3().unlimited(ZeroForOne, SwapKind::ExactIn, U256::from(1_000_000));
    let mut contract = pool.v3().clone();
    let traded = contract.swap(&trade).unwrap();
    assert_eq!((quoted.amount_in, quoted.amount_out, quoted.fee), (traded.amount_in, traded.amount_out, traded.fee));
    assert_eq!(pool.swap(&request).unwrap(), quoted);
    assert_eq!(*pool.v3(), contract);
}
