//! Concentrated liquidity: one step, and swaps in a pool with an initialized tick list, beside `uniswap-v3-sdk`.

use std::hint::black_box;

use cenote_amm::concentrated::swap_math::{StepRequest, StepRule, swap_step};
use cenote_amm::concentrated::{FeeTier, TickRange, tick_math};
use cenote_amm::{
    Concentrated, ConcentratedV4, Direction, Exact, Fast, Lane, OneForZero, Owner, Pool, RangedLiquidity, SwapKind, SwapRequest,
    U256, ZeroForOne,
};
use criterion::{Criterion, Throughput};

use crate::amount;
use crate::reference::{self, SdkPool};

const ALICE: Owner = Owner::new(1);
const PIPS: u32 = 500;
const SPACING: i32 = 10;

/// The shapes of a step: what it is called, its direction, what is fixed, whether it gets to its target.
const STEPS: [(&str, Direction, SwapKind, bool); 8] = [
    ("in, down, short", ZeroForOne, SwapKind::ExactIn, false),
    ("in, up, short", OneForZero, SwapKind::ExactIn, false),
    ("in, down, reached", ZeroForOne, SwapKind::ExactIn, true),
    ("in, up, reached", OneForZero, SwapKind::ExactIn, true),
    ("out, down, short", ZeroForOne, SwapKind::ExactOut, false),
    ("out, up, short", OneForZero, SwapKind::ExactOut, false),
    ("out, down, reached", ZeroForOne, SwapKind::ExactOut, true),
    ("out, up, reached", OneForZero, SwapKind::ExactOut, true),
];

/// ETH at 2000 USDC, 4 million USDC within 10% of the price.
fn steps(c: &mut Criterion) {
    let mut group = c.benchmark_group("v3 step");
    let at = |tick: i32| tick_math::sqrt_price_at_tick(tick).expect("a tick");
    let liquidity = 900_000_000_000_000_000_u128;
    for (name, direction, kind, reaches) in STEPS {
        let down = direction == ZeroForOne;
        let (sqrt_price, target) = (at(-200_311), at(if down { -200_320 } else { -200_300 }));
        // Of the token that is given: 0.1 ETH or 200 USDC do not get there, 100 ETH or 200 000 USDC do.
        let in_eth = down == (kind == SwapKind::ExactIn);
        let remaining = amount::<Exact>(if reaches { 1000.0 } else { 1.0 }, if in_eth { 17 } else { 6 });
        let remaining = if in_eth { remaining } else { remaining * U256::from(200) };
        let request = StepRequest { sqrt_price, target, liquidity, kind, remaining, fee_pips: PIPS };
        let given = reference::specified(kind == SwapKind::ExactIn, remaining);
        let (from, to) = (reference::price(sqrt_price), reference::price(target));

        let ours = swap_step(&request, StepRule::V3).expect("a step");
        let theirs = reference::step(from, to, liquidity, given, PIPS);
        assert_eq!((ours.sqrt_price, ours.amount_out), (theirs.0.to(), theirs.2), "{name}");
        assert_eq!(ours.sqrt_price == target, reaches, "{name}");

        group.bench_function(format!("{name}, exact"), |b| b.iter(|| swap_step(black_box(&request), StepRule::V3)));
        group.bench_function(format!("{name}, uniswap-v3-sdk"), |b| {
            b.iter(|| reference::step(black_box(from), black_box(to), black_box(liquidity), black_box(given), PIPS));
        });
    }
    group.finish();
}

/// A pool at 2000 USDC per ETH with 100 positions around the price, twenty ticks wide each and ten apart.
macro_rules! fill {
    ($pool:ident, $lane:ty) => {{
        let price = 2000.0 * <$lane>::scale(6) / <$lane>::scale(18);
        $pool.initialize_at_price(price).expect("a price");
        let start = $pool.tick().expect("a tick").div_euclid(SPACING) * SPACING;
        for place in -50..50 {
            let lower = start + place * SPACING;
            let amounts = [amount::<$lane>(100.0, 18), amount::<$lane>(200_000.0, 6)];
            $pool.mint(ALICE, TickRange::new(lower, lower + 2 * SPACING), amounts).expect("a mint");
        }
    }};
}

/// Sales of ETH for which the price stays in a range, and for which it crosses some ticks.
const SALES: [(&str, f64); 2] = [("in range", 1.0), ("over 5 ticks", 500.0)];

/// What has to be paid for the price to come back to where it was before `out` was taken.
fn way_back<L: Lane>(out: L::Amount) -> L::Amount {
    L::amount_from_f64(L::amount_to_f64(out) / (1.0 - f64::from(PIPS) * 1e-6)).expect("an amount")
}

fn swaps<P: Pool>(c: &mut Criterion, name: &str, pool: &mut P) {
    let mut group = c.benchmark_group(format!("{name} {}", P::Lane::NAME));
    for (case, eth) in SALES {
        let sell = SwapRequest::exact_in(ZeroForOne, amount::<P::Lane>(eth, 18));
        let out = pool.quote(&sell).expect("a quote").amount_out;
        let buy = SwapRequest::exact_in(OneForZero, way_back::<P::Lane>(out));
        group.throughput(Throughput::Elements(1));
        group
            .bench_function(format!("quote {case}"), |b| b.iter(|| pool.quote(black_box(&sell)).map(|outcome| outcome.amount_out)));
        let mut back = false;
        group.bench_function(format!("swap {case}"), |b| {
            b.iter(|| {
                back = !back;
                pool.swap(black_box(if back { &sell } else { &buy })).map(|outcome| outcome.amount_out)
            });
        });
    }
    group.finish();
}

fn sdk(c: &mut Criterion, pool: &Concentrated<Exact>) {
    let mut group = c.benchmark_group("v3 uniswap-v3-sdk");
    let v3 = pool.v3();
    let ticks: Vec<_> = v3.ticks().map(|(number, tick)| (number, tick.liquidity_gross(), tick.liquidity_net())).collect();
    let price = reference::price(v3.sqrt_price().expect("a price"));
    let fresh = || SdkPool::new(price, v3.tick().expect("a tick"), v3.liquidity(), SPACING, PIPS, &ticks);
    for (case, eth) in SALES {
        let sell = SwapRequest::<Exact>::exact_in(ZeroForOne, amount::<Exact>(eth, 18));
        let out = pool.quote(&sell).expect("a quote").amount_out;
        let (sell, buy) = (reference::specified(true, sell.amount), reference::specified(true, way_back::<Exact>(out)));
        assert_eq!(fresh().swap(true, sell), reference::specified(false, out), "{case}");
        group.throughput(Throughput::Elements(1));
        let (mut theirs, mut back) = (fresh(), false);
        group.bench_function(format!("swap {case}"), |b| {
            b.iter(|| {
                back = !back;
                theirs.swap(back, black_box(if back { sell } else { buy }))
            });
        });
    }
    group.finish();
}

pub(crate) fn all(c: &mut Criterion) {
    steps(c);
    let mut exact = Concentrated::<Exact>::uniswap_v3(FeeTier::BP_5);
    fill!(exact, Exact);
    sdk(c, &exact);
    swaps(c, "v3", &mut exact);
    let mut fast = Concentrated::<Fast>::uniswap_v3(FeeTier::BP_5).with_decimals([18, 6]);
    fill!(fast, Fast);
    swaps(c, "v3", &mut fast);
    let mut exact = ConcentratedV4::<Exact>::uniswap_v4(PIPS, SPACING).expect("a pool");
    fill!(exact, Exact);
    swaps(c, "v4", &mut exact);
    let mut fast = ConcentratedV4::<Fast>::uniswap_v4(PIPS, SPACING).expect("a pool").with_decimals([18, 6]);
    fill!(fast, Fast);
    swaps(c, "v4", &mut fast);
}
