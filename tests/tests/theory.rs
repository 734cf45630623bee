//! Closed forms of a pool without fees, through the general engine.
//!
//! Seeds are fixed. Where a statistic fails after a change of the random numbers, run it once more with another [`SEED`]: two failures
//! are a fault, one is chance (one statistic in 16,000).

use cenote_sim::{Clock, PoolMetric, PositionMetric, Scenario};
use cenote_tests::scenes::{POOL_VALUE, arbitrageur, constant_product, duration, every, gbm, hold, passive, scene};
use cenote_tests::shared::{needed, shared_or_leave_out};
use cenote_tests::statistics::{assert_agrees, assert_differs, mean_over_normal};
use cenote_tests::table::{Table, run};
use cenote_units::SimDuration;
use serde_json::Value;

const SEED: u64 = 2208;

/// A pool without fee under continuous rebalancing: V(T) = V(0) √(S(T)/S(0)), whatever the blocks.
struct NoFee {
    drift: f64,
    volatility: f64,
    years: f64,
}

impl NoFee {
    /// ln √(S(T)/S(0)) is normal with this mean and deviation.
    fn log_value(&self) -> (f64, f64) {
        let nu = self.drift - 0.5 * self.volatility * self.volatility;
        (0.5 * nu * self.years, 0.5 * self.volatility * self.years.sqrt())
    }

    /// E[(V(T)/V(0))^power].
    fn moment(&self, power: f64) -> f64 {
        let (mean, deviation) = self.log_value();
        (power * mean + 0.5 * power * power * deviation * deviation).exp()
    }

    fn variance(&self) -> f64 {
        self.moment(2.0) - self.moment(1.0).powi(2)
    }

    /// E[V(T)/H(T) − 1] = E[sech(x/2) − 1], x the log return.
    fn impermanent_loss(&self) -> f64 {
        let (mean, deviation) = self.log_value();
        mean_over_normal(|z| 1.0 / (mean + deviation * z).cosh() - 1.0)
    }

    /// E[sum of arbitrage profits] / V(0) without drift: what the value loses in the mean, however few the blocks.
    fn arbitrage(&self) -> f64 {
        assert_eq!(self.drift, 0.0);
        1.0 - (-self.volatility * self.volatility * self.years / 8.0).exp()
    }

    /// A pool where an arbitrageur trades in every one of `blocks` blocks; one position that provides, one that holds.
    fn scenario(&self, blocks: u64) -> Scenario {
        let year = duration("365d").as_nanos();
        // Years come in halves.
        let horizon = if self.years == 1.0 { year } else { year / 2 };
        let clock = Clock::Fixed(SimDuration::from_nanos(horizon / blocks));
        Scenario {
            agents: vec![arbitrageur(0.0)],
            positions: vec![passive(), hold()],
            horizon: SimDuration::from_nanos(horizon),
            ..scene(clock, gbm(self.drift, self.volatility), constant_product(0), "1d")
        }
    }

    fn run(&self, blocks: u64, paths: u32) -> Table {
        run(&self.scenario(blocks), SEED, paths)
    }
}

const A: NoFee = NoFee { drift: 0.0, volatility: 0.8, years: 1.0 };
const B: NoFee = NoFee { drift: 0.1, volatility: 0.6, years: 0.5 };

#[test]
fn moments_of_the_value_and_impermanent_loss() {
    for (name, model) in [("a", A), ("b", B)] {
        let table = model.run(10, 200_000);
        let value: Vec<f64> = table.position(0, PositionMetric::NetReturn).iter().map(|r| 1.0 + r).collect();
        assert_agrees(&format!("{name}: mean value"), &value, model.moment(1.0));
        let squares: Vec<f64> = value.iter().map(|v| (v - model.moment(1.0)).powi(2)).collect();
        assert_agrees(&format!("{name}: variance"), &squares, model.variance());
        let logs: Vec<f64> = value.iter().map(|v| v.ln()).collect();
        assert_agrees(&format!("{name}: mean log value"), &logs, model.log_value().0);
        let held: Vec<f64> = table.position(1, PositionMetric::NetReturn).iter().map(|r| 1.0 + r).collect();
        assert_agrees(&format!("{name}: hold"), &held, 0.5 + 0.5 * (model.drift * model.years).exp());
        assert_agrees(&format!("{name}: IL"), table.position(0, PositionMetric::ImpermanentLoss), model.impermanent_loss());
    }
}

/// The 5% quantile by its frequency, the mean below it, and P(IL < −10%): all of normal distributions.
#[test]
fn tail_of_the_value() {
    /// Standard normal quantile and distribution at what is needed.
    const Z05: f64 = -1.644_853_626_951_472_9;
    let (mean, deviation) = A.log_value();
    let q05 = (mean + deviation * Z05).exp();
    let table = A.run(4, 200_000);
    let value: Vec<f64> = table.position(0, PositionMetric::NetReturn).iter().map(|r| 1.0 + r).collect();
    let below: Vec<f64> = value.iter().map(|&v| if v <= q05 { 1.0 } else { 0.0 }).collect();
    assert_agrees("P(V <= q05)", &below, 0.05);

    // E[V; V <= q05] is the mean times the normal probability shifted by the deviation.
    let shortfall = A.moment(1.0) * normal_below(Z05 - deviation) / 0.05;
    let tail: Vec<f64> = value.iter().map(|&v| if v <= q05 { v / 0.05 } else { 0.0 }).collect();
    assert_agrees("expected shortfall", &tail, shortfall);

    // sech(x/2) < 0.9 outside ±2 arcosh(1/0.9); x has twice the mean and deviation of ln V.
    let edge = 2.0 * (1.0_f64 / 0.9).acosh();
    let inside = normal_below((edge - 2.0 * mean) / (2.0 * deviation)) - normal_below((-edge - 2.0 * mean) / (2.0 * deviation));
    let lost: Vec<f64> =
        table.position(0, PositionMetric::ImpermanentLoss).iter().map(|&il| if il < -0.1 { 1.0 } else { 0.0 }).collect();
    assert_agrees("P(IL < -10%)", &lost, 1.0 - inside);

    if let Some(folder) = shared_or_leave_out("the published cases of a pool without fee") {
        let cases: Value = serde_json::from_str(&std::fs::read_to_string(needed(&folder, "theory/cases.json")).unwrap()).unwrap();
        let expected = |id: &str, key: &str| {
            let cases = cases["cases"].as_array().or_else(|| cases.as_array()).expect("a list of cases");
            let case = cases.iter().find(|case| case["id"] == id).unwrap_or_else(|| panic!("no case {id}"));
            case["expected"][key].as_f64().unwrap_or_else(|| panic!("{id} has no number {key}"))
        };
        for (id, model) in [("gbm-lp-moments-a", A), ("gbm-lp-moments-b", B)] {
            close(model.moment(1.0), expected(id, "mean_value"));
            close(model.variance(), expected(id, "var_value"));
            close(model.impermanent_loss(), expected(id, "mean_il_ratio"));
            close(model.log_value().0, expected(id, "mean_log_value"));
        }
        close(q05, expected("gbm-lp-tail", "q05"));
        close(shortfall, expected("gbm-lp-tail", "es05"));
        close(1.0 - inside, expected("gbm-lp-tail", "p_il_below_minus10pct"));
    }
}

fn close(ours: f64, published: f64) {
    assert!((ours - published).abs() <= 1e-9 * published.abs(), "{ours} against {published}");
}

/// Distribution function of the standard normal.
fn normal_below(z: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF, Normal};
    Normal::new(0.0, 1.0).unwrap().cdf(z)
}

/// The sum of arbitrage profits has the same mean for any block schedule, one block included: prices are a martingale and all that
/// the pool's value loses against it goes to arbitrageurs.
#[test]
fn arbitrage_profits_telescope() {
    for (blocks, paths) in [(1, 400_000), (10, 200_000), (1000, 20_000)] {
        let scenario = Scenario { positions: vec![], ..A.scenario(blocks) };
        let table = run(&scenario, SEED, paths);
        let profit: Vec<f64> = table.pool(0, PoolMetric::ArbitrageProfit).iter().map(|p| p / POOL_VALUE).collect();
        assert_agrees(&format!("profit over {blocks} blocks"), &profit, A.arbitrage());
        // Without fee all of it is loss-versus-rebalancing, path by path.
        for (profit, loss) in profit.iter().zip(table.pool(0, PoolMetric::LossVersusRebalancing)) {
            assert!((profit - loss / POOL_VALUE).abs() < 1e-12);
        }
    }
}

/// LVR per value is σ²/8 without fee. With hourly blocks E[1 − sech(x/2)] of each, 2·10⁻⁵ less; at daily ones that shows.
#[test]
fn rate_of_loss_versus_rebalancing() {
    for (interval, blocks_per_day, paths) in [("1h", 24.0, 2000), ("1d", 1.0, 40_000)] {
        let model = NoFee { drift: 0.0, volatility: 0.8, years: 1.0 };
        let scenario =
            Scenario { agents: vec![arbitrageur(0.0)], ..scene(every(interval), gbm(0.0, 0.8), constant_product(0), "365d") };
        let table = run(&scenario, SEED, paths);
        let (mean, deviation) = model.log_value();
        let blocks: f64 = blocks_per_day * 365.0;
        let per_block = mean_over_normal(|z| 1.0 - 1.0 / (mean / blocks + deviation / blocks.sqrt() * z).cosh());
        let rate = table.pool(0, PoolMetric::LossVersusRebalancingRate);
        assert_agrees(&format!("LVR per day, blocks of {interval}"), rate, per_block * blocks_per_day);
        let continuous: f64 = 0.8 * 0.8 / 8.0 / 365.0;
        let relative = per_block * blocks_per_day / continuous - 1.0;
        assert!(relative < 0.0 && relative > -1e-3, "{relative}");
        // Pools of σ²/4 or σ²/16, the usual slips.
        assert_differs("twice the rate", rate, 2.0 * continuous);
    }
}
