//! Fees by hand, and pools that charge them.

use cenote_units::{Lanes, SimTime};

use super::*;
use crate::concentrated::{DYNAMIC_FEE_FLAG, TickRange};
use crate::{
    BuildPool, ConcentratedV4, Exact, Fast, FlowLanes, Lane, LiquidityError, OneForZero, Owner, Pool, PoolStart, RangeRule,
    RangedLiquidity, SwapError, SwapRequest, TokenIndex, ZeroForOne,
};

fn at(seconds: u64) -> SimTime {
    SimTime::from_nanos(seconds * 1_000_000_000)
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-14 + 1e-12 * b.abs(), "{a} is not {b}");
}

#[test]
fn volatility_is_an_exponentially_weighted_mean() {
    let new = || VolatilityFee::new(0.001, 0.002, "1h".parse().unwrap(), "50%".parse().unwrap()).unwrap();
    let mut rule = new();
    close(rule.fee(1.0, ZeroForOne), 0.001 + 0.002 * 0.5);
    // The first block has nothing before it to compare with.
    rule.begin_block(at(600), 100.0);
    close(rule.volatility(), 0.5);
    rule.begin_block(at(1800), 100.0 * 0.01_f64.exp());
    // 20 minutes in a window of an hour, and a move of 1% in them.
    let (kept, years) = ((-1.0_f64 / 3.0).exp(), 1200.0 / 31_536_000.0);
    let variance = 0.25 * kept + 1e-4 / years * (1.0 - kept);
    close(rule.volatility(), variance.sqrt());
    close(rule.fee(1.0, OneForZero), 0.001 + 0.002 * variance.sqrt());
    // Nothing moves any more, and it calms down; two short blocks are one long one.
    let mut other = rule.clone();
    rule.begin_block(at(5400), 100.0 * 0.01_f64.exp());
    other.begin_block(at(3000), 100.0 * 0.01_f64.exp());
    other.begin_block(at(5400), 100.0 * 0.01_f64.exp());
    close(rule.volatility(), (variance * (-1.0_f64).exp()).sqrt());
    close(rule.volatility(), other.volatility());
    // Bounds bind.
    let bounded = new().between(0.0015, 0.0018).unwrap();
    close(bounded.fee(1.0, ZeroForOne), 0.0018);
    close(new().between(0.003, 0.01).unwrap().fee(1.0, ZeroForOne), 0.003);
}

#[test]
fn imbalance_charges_the_direction_that_leads_away() {
    let mut rule = ImbalanceFee::new(0.003, 0.5, Reference::BlockStart).unwrap();
    rule.begin_block(at(12), 2000.0);
    close(rule.fee(2000.0, ZeroForOne), 0.003);
    close(rule.fee(2000.0, OneForZero), 0.003);
    let up = 2000.0 * 0.002_f64.exp();
    close(rule.fee(up, OneForZero), 0.004);
    close(rule.fee(up, ZeroForOne), 0.002);
    // Back for nothing, if it is far.
    assert_eq!(rule.fee(2000.0 * 0.02_f64.exp(), ZeroForOne), 0.0);
    rule.begin_block(at(24), up);
    close(rule.fee(up, OneForZero), 0.003);
    let mut average = ImbalanceFee::new(0.003, 0.5, Reference::MovingAverage("1min".parse().unwrap())).unwrap();
    average.begin_block(at(12), 2000.0);
    average.begin_block(at(24), up);
    // Of the step of 20 bp a window of five blocks has taken over 1 − e^(−1/5).
    let behind = 0.002 * (-0.2_f64).exp();
    close(average.fee(up, OneForZero), 0.003 + 0.5 * behind);
    let bounded = average.between(0.0025, 0.0032).unwrap();
    close(bounded.fee(up, OneForZero), 0.0032);
    close(bounded.fee(up, ZeroForOne), 0.0025);
}

#[test]
fn bad_parameters_are_errors() {
    let (hour, calm) = ("1h".parse().unwrap(), "50%".parse().unwrap());
    let wrong = [
        VolatilityFee::new(1.0, 0.0, hour, calm).map(drop),
        VolatilityFee::new(f64::NAN, 0.0, hour, calm).map(drop),
        VolatilityFee::new(0.0, -1.0, hour, calm).map(drop),
        VolatilityFee::new(0.0, 1.0, cenote_units::SimDuration::ZERO, calm).map(drop),
        VolatilityFee::new(0.0, 1.0, hour, calm).and_then(|rule| rule.between(0.2, 0.1)).map(drop),
        ImbalanceFee::new(0.003, f64::INFINITY, Reference::BlockStart).map(drop),
        ImbalanceFee::new(0.003, 1.0, Reference::MovingAverage(cenote_units::SimDuration::ZERO)).map(drop),
        ImbalanceFee::new(0.003, 1.0, Reference::BlockStart).and_then(|rule| rule.between(0.004, 0.1)).map(drop),
        FirstTradeFee::new(0.01, -0.01).map(drop),
        SidesFee::new(1.5, 0.0).map(drop),
    ];
    for (i, result) in wrong.into_iter().enumerate() {
        assert!(matches!(result, Err(AmmError::InvalidFeeRule { .. })), "{i}: {result:?}");
    }
    assert!(HookedModel::new(FeeHook::new(SidesFee::new(0.0, 0.0).unwrap()), 0, vec![]).is_err());
}

fn pool<L: Lane, R: FeeRule>(rule: R) -> ConcentratedV4<L, FeeHook<R>> {
    let mut pool = ConcentratedV4::<L, _>::uniswap_v4_with_hooks(DYNAMIC_FEE_FLAG, 60, FeeHook::new(rule)).unwrap();
    pool.initialize_at_price(1.0).unwrap();
    let amount = L::amount_from_f64(1e6 * L::scale(18)).unwrap();
    pool.mint(Owner::new(1), TickRange::new(-6000, 6000), [amount; 2]).unwrap();
    pool
}

/// The fee of a swap of 100 tokens, in millionths.
fn charged<L: Lane, R: FeeRule>(pool: &mut ConcentratedV4<L, FeeHook<R>>, direction: Direction) -> f64 {
    let amount = L::amount_from_f64(100.0 * L::scale(18)).unwrap();
    let outcome = pool.swap(&SwapRequest::exact_in(direction, amount)).unwrap();
    (L::amount_to_f64(outcome.fee) / L::amount_to_f64(outcome.amount_in) * 1e6).round()
}

fn charges<L: Lane>() {
    let mut first = pool::<L, _>(FirstTradeFee::new(0.01, 0.0005).unwrap());
    for block in 1..4 {
        first.begin_block(at(12 * block));
        let fees = [OneForZero, OneForZero, ZeroForOne].map(|direction| charged(&mut first, direction));
        assert_eq!(fees, [10_000.0, 500.0, 500.0]);
    }
    let mut sides = pool::<L, _>(SidesFee::new(0.002, 0.0001).unwrap());
    assert_eq!([OneForZero, ZeroForOne].map(|direction| charged(&mut sides, direction)), [2000.0, 100.0]);
    // An arbitrageur's band has two half widths as well.
    let (base, quote) = (TokenIndex::ZERO, TokenIndex::ONE);
    let price = sides.spot_price(base, quote).unwrap();
    assert!(sides.swap_to(base, quote, price * 1.0019).is_none() && sides.swap_to(base, quote, price * 1.0022).is_some());
    assert!(sides.swap_to(base, quote, price * 0.99992).is_none() && sides.swap_to(base, quote, price * 0.99988).is_some());
    // 100 of 10⁶/(1 − e^−0.3) tokens of depth move the price by 5.2e-5: half of that, in millionths, is what the imbalance adds.
    let mut imbalance = pool::<L, _>(ImbalanceFee::new(0.003, 0.5, Reference::BlockStart).unwrap());
    imbalance.begin_block(at(12));
    let fees = [OneForZero, OneForZero, ZeroForOne].map(|direction| charged(&mut imbalance, direction));
    assert_eq!(fees, [3000.0, 3026.0, 2948.0]);
}

#[test]
fn both_lanes_charge_what_the_rule_says() {
    charges::<Fast>();
    charges::<Exact>();
}

/// Says what no fee is.
#[derive(Clone, Debug, PartialEq)]
struct Wrong(f64);

impl FeeRule for Wrong {
    fn fee(&self, _: f64, _: Direction) -> f64 {
        self.0
    }
}

#[test]
fn what_is_no_fee_is_refused() {
    for fee in [f64::NAN, -0.1, 1.0] {
        let mut pool = pool::<Fast, _>(Wrong(fee));
        let before = pool.clone();
        assert!(matches!(pool.swap(&SwapRequest::exact_in(ZeroForOne, 1.0)), Err(SwapError::Concentrated(_))));
        assert_eq!(**pool.v4(), **before.v4());
    }
}

/// Each lane of a world has a rule of its own, told of its own blocks; new paths begin with a fresh one.
#[test]
fn lanes_have_rules_of_their_own() -> Result<(), LiquidityError> {
    let rule = DynamicFee::from(FirstTradeFee::new(0.01, 0.001).unwrap());
    let model = HookedModel::new(FeeHook::new(rule), 60, vec![(RangeRule::Full, 1.0)]).unwrap();
    let start = PoolStart { value: 4e6, prices: &[2000.0, 1.0], decimals: &[18, 6] };
    let mut pool = BuildPool::<1>::build(&model, &start)?;
    let mut exact = BuildPool::<1>::build(&model.exact(), &start)?;
    for pool in [&mut pool, &mut exact] {
        let mut fee = |active: f64| {
            pool.begin_block(&[1], &Lanes::splat(active));
            [0, 1].map(|_| {
                let mut flow = FlowLanes::new(TokenIndex::ZERO, TokenIndex::ONE);
                flow.amount_in = Lanes::splat(1000.0);
                pool.swap(&mut flow);
                (flow.fee[0] / flow.amount_in[0] * 1e6).round()
            })
        };
        assert_eq!(fee(1.0), [10_000.0, 1000.0]);
        assert_eq!(fee(0.0), [1000.0, 1000.0], "no block began");
        assert_eq!(fee(1.0), [10_000.0, 1000.0]);
        pool.start();
        let mut flow = FlowLanes::new(TokenIndex::ZERO, TokenIndex::ONE);
        flow.amount_in = Lanes::splat(1000.0);
        pool.swap(&mut flow);
        assert!((flow.fee[0] - 10.0).abs() < 1e-6);
    }
    Ok(())
}
