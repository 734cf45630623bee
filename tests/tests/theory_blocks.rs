//! Arbitrage at block resolution: how often, for how much, at which edge, and on which clock.
//!
//! Let z = ln(outside price / pool price), γ = −ln(1 − fee) the band, and k = √2 / (σ √E[block]). In Poisson blocks a driftless log price
//! moves by a Laplace variable between blocks, which has no memory: whatever happened before, a trade finds |z| = γ + o with o
//! exponential of rate k. From trade to trade z is a random walk of variance 2/k² per block, so (optional stopping of z² − 2n/k²)
//!
//! > 1/P(trade) = (k²/2) (E[(γ + o)²] − E[z₊²]), z₊ the mispricing just after a trade.
//!
//! With fees kept outside, |z₊| = γ and P = 1/(1 + kγ). In a v2 pool the fee joins the reserve of the input and carries the price a
//! little past the edge: with w = e^{o/2}, z₊ = γ + o − ln(1 + (w − 1)/φ) − ln w. That is exact, and so are profit and fee per trade,
//! e^γ (w − 1)² / (1 + e^{γ+o}) and (e^γ − 1)(w − 1) / (1 + e^{γ+o}) of the pool's value just before.
//!
//! In equal blocks the walk has normal steps of deviation s; 1/P is the mean number of them from z₊ out of the band, an integral
//! equation that [`leave`] solves. For bands of several steps it tends to √2 (γ/s + 0.5826).
//!
//! Source of the clocks' formulas: Milionis, Moallemi, Roughgarden, "Automated market making and arbitrage profits in the presence of
//! fees" (2023), theorem 1; for equal blocks Nezlobin and Tassy (2025). The correction for reinvested fees is derived above.
//!
//! Seeds are fixed, one for every set of blocks. Where a statistic fails after a change of the random numbers, run it once more with
//! another [`SEED`]: two failures are a fault, one is chance (one statistic in 16,000).

use cenote_sim::{Clock, PoolMetric, Scenario};
use cenote_tests::scenes::{arbitrageur, constant_product, driftless_log, every, poisson, scene};
use cenote_tests::shared::{needed, shared_or_leave_out};
use cenote_tests::statistics::{assert_agrees, assert_differs, mean_over_exponential};
use cenote_tests::table::{Table, run};
use cenote_tests::walk::{OVERSHOOT, leave};
use serde_json::Value;

const SEED: u64 = 2305;
/// The pool is built in line with the outside price; by then it has forgotten.
const WARM_UP: &str = "1d";

#[derive(Clone, Copy)]
struct Blocks {
    /// Millionths.
    fee: u32,
    /// Per square root of a day.
    volatility: f64,
    /// Seconds.
    interval: u32,
}

impl Blocks {
    fn fee(self) -> f64 {
        f64::from(self.fee) * 1e-6
    }

    /// γ.
    fn band(self) -> f64 {
        -(1.0 - self.fee()).ln()
    }

    /// Deviation of the log price over a mean block.
    fn deviation(self) -> f64 {
        self.volatility * (f64::from(self.interval) / 86_400.0).sqrt()
    }

    fn blocks_per_day(self) -> f64 {
        86_400.0 / f64::from(self.interval)
    }

    fn poisson(self, horizon: &str, paths: u32) -> Table {
        self.run(poisson(&format!("{}s", self.interval)), horizon, paths)
    }

    fn equal(self, horizon: &str, paths: u32) -> Table {
        self.run(every(&format!("{}s", self.interval)), horizon, paths)
    }

    fn run(self, clock: Clock, horizon: &str, paths: u32) -> Table {
        let price = driftless_log(self.volatility * 365.0_f64.sqrt());
        let scenario = Scenario {
            agents: vec![arbitrageur(0.0)],
            warm_up: WARM_UP.parse().unwrap(),
            ..scene(clock, price, constant_product(self.fee), horizon)
        };
        // Samples of the same streams would err together.
        run(&scenario, SEED + u64::from(self.fee) * u64::from(self.interval), paths)
    }

    /// Poisson blocks: (k²/2)(E[(γ + o)²] − E[z₊²]) of a pool that leaves |z₊| = `after(o)`.
    fn poisson_trade_rate(self, band: f64, after: impl Fn(f64) -> f64) -> f64 {
        let k = std::f64::consts::SQRT_2 / self.deviation();
        let squares = mean_over_exponential(|e| (band + e / k).powi(2) - after(e / k).powi(2));
        1.0 / (0.5 * k * k * squares)
    }

    /// 1/(1 + kγ).
    fn poisson_fees_outside(self, band: f64) -> f64 {
        self.poisson_trade_rate(band, |_| band)
    }

    /// |z₊| after a trade that found γ + o, when the fee is reinvested.
    fn after_v2(self, o: f64) -> f64 {
        let w = (0.5 * o).exp();
        self.band() + o - (1.0 + (w - 1.0) / (1.0 - self.fee())).ln() - w.ln()
    }

    fn poisson_v2(self) -> f64 {
        self.poisson_trade_rate(self.band(), |o| self.after_v2(o))
    }

    /// Mean over the law of the overshoot of what a trade is worth, per pool value just before.
    fn per_trade(self, part: impl Fn(f64) -> f64) -> f64 {
        let scale = self.deviation() / std::f64::consts::SQRT_2;
        mean_over_exponential(|e| {
            let o = e * scale;
            part((0.5 * o).exp_m1()) / (1.0 + (self.band() + o).exp())
        })
    }

    fn profit_per_trade(self) -> f64 {
        self.per_trade(|gain| self.band().exp() * gain * gain)
    }

    fn fee_per_trade(self) -> f64 {
        self.per_trade(|gain| self.band().exp_m1() * gain)
    }

    /// Equal blocks. To first order z₊ = γ − o (e^γ − 1)/2, and a Gaussian walk overshoots by 1/√2 step in the mean.
    fn equal_v2(self) -> f64 {
        let edge = self.band() / self.deviation();
        1.0 / leave(edge, edge - 0.5 * self.band().exp_m1() / std::f64::consts::SQRT_2).steps
    }
}

/// Cells of the published table (5% a day), and two with fees and blocks at which reinvesting shows.
const POISSON: [(Blocks, &str, u32); 6] = [
    (Blocks { fee: 500, volatility: 0.05, interval: 12 }, "5d", 256),
    (Blocks { fee: 3000, volatility: 0.05, interval: 12 }, "10d", 256),
    (Blocks { fee: 3000, volatility: 0.05, interval: 120 }, "60d", 256),
    (Blocks { fee: 10_000, volatility: 0.05, interval: 600 }, "120d", 512),
    (Blocks { fee: 50_000, volatility: 0.05, interval: 3600 }, "1000d", 1024),
    (Blocks { fee: 100_000, volatility: 0.1, interval: 7200 }, "2000d", 1024),
];

#[test]
fn poisson_blocks() {
    for (blocks, horizon, paths) in POISSON {
        let name = format!("{} pips, {} s", blocks.fee, blocks.interval);
        let table = blocks.poisson(horizon, paths);
        let rate = blocks.poisson_v2();
        assert_agrees(&format!("{name}: P(trade)"), table.pool(0, PoolMetric::ArbitrageTradeRate), rate);
        let trades_per_day = blocks.blocks_per_day() * rate;
        let profit = blocks.profit_per_trade() * trades_per_day;
        assert_agrees(&format!("{name}: ARB"), table.pool(0, PoolMetric::ArbitrageProfitRate), profit);
        let fees = blocks.fee_per_trade() * trades_per_day;
        assert_agrees(&format!("{name}: FEE"), table.pool(0, PoolMetric::FeesRate), fees);
        // The correction stays below the band itself.
        let outside = blocks.poisson_fees_outside(blocks.band());
        assert!(rate < outside && rate > outside * (1.0 - blocks.band()), "{rate} {outside}");
    }
}

#[test]
fn equal_blocks() {
    for (blocks, horizon, paths) in [
        (Blocks { fee: 500, volatility: 0.05, interval: 12 }, "5d", 256),
        (Blocks { fee: 3000, volatility: 0.05, interval: 12 }, "10d", 256),
        (Blocks { fee: 10_000, volatility: 0.05, interval: 120 }, "60d", 256),
        (Blocks { fee: 10_000, volatility: 0.05, interval: 600 }, "200d", 512),
    ] {
        let table = blocks.equal(horizon, paths);
        let what = format!("{} pips, equal blocks of {} s: P(trade)", blocks.fee, blocks.interval);
        assert_agrees(&what, table.pool(0, PoolMetric::ArbitrageTradeRate), blocks.equal_v2());
    }
}

/// A simulator with another clock, another edge, another band or fees kept outside would give numbers that these samples exclude.
#[test]
fn samples_exclude_the_usual_bugs() {
    let fast = Blocks { fee: 500, volatility: 0.05, interval: 12 };
    let (equal, random) = (fast.equal("5d", 256), fast.poisson("5d", 256));
    let rate = |table: &Table| table.pool(0, PoolMetric::ArbitrageTradeRate).to_vec();
    assert_differs("equal blocks taken for Poisson blocks", &rate(&equal), fast.poisson_v2());
    assert_differs("Poisson blocks taken for equal blocks", &rate(&random), fast.equal_v2());

    let market = fast.poisson_trade_rate(fast.band(), |_| 0.0);
    assert_differs("pool reset to the market price", &rate(&random), market);

    let slow = Blocks { fee: 50_000, volatility: 0.05, interval: 3600 };
    let table = slow.poisson("1000d", 1024);
    assert_differs("fee as a log band", &rate(&table), slow.poisson_trade_rate(slow.fee(), |o| slow.after_v2(o)));
    assert_differs("fees kept outside", &rate(&table), slow.poisson_fees_outside(slow.band()));
    let profit = table.pool(0, PoolMetric::ArbitrageProfitRate);
    let right = slow.profit_per_trade() * slow.blocks_per_day() * slow.poisson_v2();
    assert_differs("profit at the pool's price", profit, right * (0.5 * slow.band()).exp());
}

/// The formulas above are those of the published tables, where the band is the fee.
#[test]
fn formulas_are_the_published_ones() {
    let Some(folder) = shared_or_leave_out("the published tables of trade rates") else { return };
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(needed(&folder, "theory/cases.json")).unwrap()).unwrap();
    let cases = cases["cases"].as_array().or_else(|| cases.as_array()).expect("a list of cases");
    let case = |id: &str| cases.iter().find(|case| case["id"] == id).unwrap_or_else(|| panic!("no case {id}"))["expected"].clone();
    let (random, equal) = (case("mmr-table1"), case("det-table1"));
    for (row, interval) in [600, 120, 12, 2].into_iter().enumerate() {
        for (column, basis_points) in [1, 5, 10, 30, 100].into_iter().enumerate() {
            let blocks = Blocks { fee: 100 * basis_points, volatility: 0.05, interval };
            let ours = blocks.poisson_fees_outside(blocks.fee());
            let published = random[row][column].as_f64().unwrap();
            assert!((ours - published).abs() < 1e-9, "{interval} s, {basis_points} bp: {ours} against {published}");
            let edge = blocks.fee() / blocks.deviation();
            let asymptotic = std::f64::consts::SQRT_2 * (edge + OVERSHOOT);
            let ours = 1.0 / if edge < 10.0 { leave(edge, edge).steps } else { asymptotic };
            let published = equal[row][column].as_f64().unwrap();
            assert!((ours - published).abs() < 1e-6, "{interval} s, {basis_points} bp: {ours} against {published}");
            assert!(edge < 4.0 || (ours * asymptotic - 1.0).abs() < 1e-4, "{ours} {asymptotic}");
        }
    }
}
