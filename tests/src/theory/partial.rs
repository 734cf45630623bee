//! A pool of one's own: of its reserves only a part `active` takes part in a block, without fee; then all is one again.
//!
//! An arbitrageur brings the active part to the outside price, which closes about that part of the gap z = ln(price / pool price). So
//! between trades z is a walk with z' = (1 − a) z + ξ: its variance before trades is σ²dt/(a(2 − a)), the loss per value a block a/8 of
//! it, and the log of the liquidity √(xy) grows by (1 − a)·a/8 of it. Corrections are of the order of σ²dt.
//!
//! Source: 2602.09887, proposition 2 and corollaries 2 and 3.

use std::sync::{Arc, Mutex};

use cenote_amm::{Fast, Lifted, Pool, SwapError, SwapKind, SwapOutcome, SwapRequest, TokenIndex};
use cenote_sim::{Event, EventKey, Observer, PoolMetric, PositionMetric, Scenario};
use cenote_study::stats::Estimate;

use super::reserves::{Reserves, provides_liquidity};
use super::{Case, Check, Effort, published};
use crate::scenes::{arbitrageur, driftless_log, every, passive, scene};
use crate::table::{run, run_pack};

pub(super) const PARTIAL: Case = Case { ids: &["pa-amm"], in_tests: true, run: partial };

/// x y = k on the active part of the reserves.
#[derive(Clone, Debug)]
struct PartiallyActive {
    active: f64,
    reserves: Reserves,
}

impl PartiallyActive {
    fn new(active: f64) -> Self {
        Self { active, reserves: Reserves::default() }
    }
}

impl Pool for PartiallyActive {
    type Lane = Fast;

    fn token_count(&self) -> usize {
        2
    }

    fn quote(&self, request: &SwapRequest<Fast>) -> Result<SwapOutcome<Fast>, SwapError> {
        let (x, y) = (
            self.active * self.reserves.amounts[request.token_in.get()],
            self.active * self.reserves.amounts[request.token_out.get()],
        );
        let (paid, out) = match request.kind {
            SwapKind::ExactIn => (request.amount, y * request.amount / (x + request.amount)),
            SwapKind::ExactOut if request.amount < y => (x * request.amount / (y - request.amount), request.amount),
            SwapKind::ExactOut => return Err(SwapError::InsufficientLiquidity { amount_out: request.amount, reserve: y }),
        };
        if paid > 0.0 { Ok(SwapOutcome::new(paid, out, 0.0)) } else { Err(SwapError::InsufficientInputAmount) }
    }

    fn swap(&mut self, request: &SwapRequest<Fast>) -> Result<SwapOutcome<Fast>, SwapError> {
        let outcome = self.quote(request)?;
        self.reserves.amounts[request.token_in.get()] += outcome.amount_in;
        self.reserves.amounts[request.token_out.get()] -= outcome.amount_out;
        Ok(outcome)
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex) -> Option<f64> {
        Some(self.reserves.amounts[quote.get()] / self.reserves.amounts[base.get()])
    }

    fn swap_to(&self, base: TokenIndex, quote: TokenIndex, target: f64) -> Option<SwapRequest<Fast>> {
        let (x, y) = (self.active * self.reserves.amounts[base.get()], self.active * self.reserves.amounts[quote.get()]);
        let (sell, buy) = ((x * y / target).sqrt() - x, (x * y * target).sqrt() - y);
        if sell > 0.0 {
            Some(SwapRequest::exact_in((base, quote), sell))
        } else {
            (buy > 0.0).then(|| SwapRequest::exact_in((quote, base), buy))
        }
    }
}

provides_liquidity!(PartiallyActive);

/// Sums the squares of the gap before trades, path by path.
#[derive(Debug)]
struct Gaps {
    first: u32,
    prices: Vec<(f64, f64)>,
    sums: Arc<Mutex<Vec<(f64, f64)>>>,
}

impl Observer for Gaps {
    fn event(&mut self, path: u32, _: EventKey, event: &Event) {
        let place = usize::try_from(path - self.first).expect("a lane");
        let (outside, pool) = &mut self.prices[place];
        match *event {
            Event::Price { price, .. } => {
                *outside = price;
                // Before the first trade nobody has seen the pool's price.
                if *pool > 0.0 {
                    let gap = (price / *pool).ln();
                    let (sum, count) = &mut self.sums.lock().expect("nobody panicked")[place];
                    (*sum, *count) = (*sum + gap * gap, *count + 1.0);
                }
            }
            Event::Swap { spot_price, .. } => *pool = spot_price,
            _ => {}
        }
    }
}

/// Deviation of the log price over a block.
const DEVIATION: f64 = 1e-3;
const PATHS: u32 = 128;

fn scenario(active: f64, blocks: u32) -> Scenario {
    // Blocks of an hour.
    Scenario {
        agents: vec![arbitrageur(0.0)],
        positions: vec![passive()],
        position_metrics: vec![PositionMetric::Fees, PositionMetric::FinalValue],
        pool_metrics: vec![PoolMetric::LossVersusRebalancingRate],
        warm_up: "200h".parse().expect("a duration"),
        ..scene(
            every("1h"),
            driftless_log(DEVIATION * 8760.0_f64.sqrt()),
            Arc::new(Lifted::new(PartiallyActive::new(active), 2)),
            &format!("{blocks}h"),
        )
    }
}

/// Mean square of the gap on each path of a pack, the warm-up among them: it begins where it ends, at the scale of a few blocks of many.
fn gaps(scenario: &Scenario, seed: u64) -> Vec<f64> {
    let sums = Arc::new(Mutex::new(vec![(0.0, 0.0); PATHS as usize]));
    let observer = Gaps { first: 0, prices: vec![(0.0, 0.0); PATHS as usize], sums: Arc::clone(&sums) };
    run_pack(scenario, seed, 0..PATHS, vec![Box::new(observer)]).unwrap_or_else(|error| panic!("{error}"));
    sums.lock().expect("nobody panicked").iter().map(|(sum, count)| sum / count).collect()
}

fn partial(effort: Effort) -> Vec<Check> {
    const ID: &str = "pa-amm";
    let case = published(ID);
    let quarter = case.input("theta") * (1.0 - case.input("theta"));
    let mut checks = Vec::new();
    for (place, active) in (0_u32..).zip(case.inputs("active")) {
        let gap = 1.0 / (active * (2.0 - active));
        let loss = 0.5 * quarter / (2.0 - active);
        let growth = loss * (1.0 - active);
        let value = |name: &str, formula: f64| case.confirms(&format!("{place}/{name}"), formula, 1e-9);
        let (blocks, seed) = (effort.pick(20_000, 400_000), effort.seed(2602 + u64::from(place)));
        let scenario = scenario(active, blocks);
        let table = run(&scenario, seed, PATHS);
        let variance = DEVIATION * DEVIATION;
        let of = |what: &str, estimate: Estimate, expected: f64, published: f64| {
            // What is left out is of the order of σ²dt; and the first blocks of the gap are those of a pool in line.
            let tolerance = expected * variance + if what == "gap" { 4.0 * expected / (active * f64::from(blocks)) } else { 0.0 };
            Check::new(ID, format!("{what}, a = {active}"), estimate, expected).published(published).within(tolerance)
        };
        let squares: Vec<f64> = gaps(&scenario, seed).iter().map(|square| square / variance).collect();
        checks.push(of("gap", Estimate::of(&squares), gap, value("gap", gap)));
        let rate = Estimate::of(table.pool(0, PoolMetric::LossVersusRebalancingRate));
        checks.push(of("lvr", super::scaled(rate, 1.0 / (24.0 * variance)), loss, value("lvr", loss)));
        let (fees, values) = (table.position(0, PositionMetric::Fees), table.position(0, PositionMetric::FinalValue));
        let logs: Vec<f64> =
            fees.iter().zip(values).map(|(fees, value)| -(-fees / value).ln_1p() / (variance * f64::from(blocks))).collect();
        let check = of("liq_growth", Estimate::of(&logs), growth, value("liq_growth", growth));
        // All active: nothing is left to grow by, but rounding.
        checks.push(if active == 1.0 { check.within(1e-6) } else { check });
    }
    checks
}
