//! Arbitrage on random and on equal blocks, fees kept outside the pool, a log price without drift.
//!
//! γ = −ln(1 − fee), `σ_b` the volatility of a (mean) block, g = γ/`σ_b`. A trade finds the log price γ + o from the pool's, is worth
//! e^{γ/2}(cosh(o/2) − 1) and pays sinh(γ/2)(1 − e^{−o/2}), both of the pool's value at the outside price just before.
//!
//! Source: Milionis, Moallemi, Roughgarden (2305.14604), theorems 1, 2 and 4, for Poisson blocks; Nezlobin, Tassy (2505.05113) for equal
//! ones, where [`leave`] solves the integral equation behind their asymptotics.

use std::f64::consts::SQRT_2;

use cenote_study::StudyResult;
use cenote_study::stats::Estimate;
use statrs::function::gamma::ln_gamma;

use super::{Case, Check, Effort, of_pool, published, run_study, scaled};
use crate::walk::{OVERSHOOT, leave};

pub(super) const RANDOM_TABLE: Case = Case { ids: &["mmr-table1"], in_tests: true, run: random_table };
pub(super) const RANDOM_EXACT: Case =
    Case { ids: &["mmr-cpmm-exact-a", "mmr-cpmm-exact-b", "mmr-cpmm-exact-c"], in_tests: true, run: random_exact };
pub(super) const EQUAL_WALK: Case =
    Case { ids: &["det-blocks-g0.1", "det-blocks-g0.5", "det-blocks-g1", "det-blocks-g5"], in_tests: true, run: equal_walk };
pub(super) const EQUAL_TABLE: Case = Case { ids: &["det-table1", "det-table-arb"], in_tests: true, run: equal_table };
pub(super) const EQUAL_EXACT: Case = Case { ids: &["det-blocks-12s-30bp"], in_tests: true, run: equal_exact };

pub(super) const GAMMA: Case = Case { ids: &["random-blocks-gamma", "nt-constant"], in_tests: true, run: gamma_blocks };

/// A pool of the whole range, whose fees wait outside it, and an arbitrageur.
const STUDY: &str = r#"
schema = 1

[study]
horizon   = "10d"
numeraire = "USDC"
metrics   = ["arbitrage_trade_rate", "arbitrage_profit_rate", "fees_rate"]

[chains.blocks]
block_time = "12s"
native     = "ETH"

[tokens]
USDC = { decimals = 6 }
ETH  = { decimals = 18, price = { process = "gbm", initial = "2000 USDC", log_drift = "0%", volatility = "5% per sqrt day" } }

[pools.main]
kind         = "uniswap-v3"
chain        = "blocks"
tokens       = ["ETH", "USDC"]
fee          = "30bp"
tick_spacing = 1
tvl          = "10_000_000 USDC"

[[agents]]
kind  = "arbitrageur"
pools = ["main"]
"#;

const DAY: f64 = 86_400.0;
const PATHS: f64 = 512.0;

/// A fee in millionths, and blocks.
#[derive(Clone, Copy)]
pub(super) struct Blocks {
    pips: f64,
    /// Per square root of a day.
    volatility: f64,
    /// Seconds.
    interval: f64,
}

impl Blocks {
    /// The fee whose band is next to γ.
    pub(super) fn new(gamma: f64, volatility: f64, interval: f64) -> Self {
        Self { pips: (-(-gamma).exp_m1() * 1e6).round(), volatility, interval }
    }

    /// Blocks of 12 seconds in which exactly this fee is g deviations wide.
    pub(super) fn of_width(pips: f64, g: f64) -> Self {
        let gamma = -(-pips * 1e-6).ln_1p();
        Self { pips, volatility: gamma / g * (DAY / 12.0).sqrt(), interval: 12.0 }
    }

    /// γ of the fee.
    pub(super) fn gamma(self) -> f64 {
        -(-self.pips * 1e-6).ln_1p()
    }

    pub(super) fn deviation(self) -> f64 {
        self.volatility * (self.interval / DAY).sqrt()
    }

    pub(super) fn width(self) -> f64 {
        self.gamma() / self.deviation()
    }

    pub(super) fn per_day(self) -> f64 {
        DAY / self.interval
    }

    /// σ²/8 a day.
    pub(super) fn no_fee_rate(self) -> f64 {
        self.volatility * self.volatility / 8.0
    }

    /// The changes to a study: enough blocks to know a rate to this relative error, after a warm-up that forgets the start.
    ///
    /// The mispricing forgets in about g²/5 blocks; what trades are worth varies by a few times itself.
    pub(super) fn changes(self, clock: &str, seed: u64, error: f64, most: f64) -> Vec<String> {
        let g = self.width();
        let blocks = ((6.0 + g * g) / (error * error)).min(most) / PATHS;
        let nanos = |blocks: f64| (blocks * self.interval * 1e9).round();
        let interval = format!("{}ns", nanos(1.0));
        let block_time = if clock == "fixed" { format!("\"{interval}\"") } else { clock.replace("MEAN", &interval) };
        vec![
            format!("study.seed={seed}"),
            format!("study.paths={PATHS}"),
            format!("study.horizon={}ns", nanos(blocks.max(40.0).round())),
            format!("study.warm_up={}ns", nanos((2.0 * g * g + 40.0).round())),
            format!("chains.blocks.block_time={block_time}"),
            format!("tokens.ETH.price.volatility={}% per sqrt day", 100.0 * self.volatility),
            format!("pools.main.fee={} pips", self.pips),
        ]
    }

    fn run(self, clock: &str, seed: u64, error: f64) -> StudyResult {
        run_study(STUDY, &self.changes(clock, seed, error, 1e9))
    }
}

const POISSON: &str = "{ poisson = \"MEAN\" }";

/// Of γ and the deviation of a mean block.
type Formula = fn(f64, f64) -> f64;

/// √2 over the volatility of a mean block: the rate of the exponential tails.
fn tail(deviation: f64) -> f64 {
    SQRT_2 / deviation
}

/// 1/(1 + kγ).
fn random_trade_rate(gamma: f64, deviation: f64) -> f64 {
    1.0 / (1.0 + tail(deviation) * gamma)
}

/// (σ²/8) P e^{γ/2} / (1 − `σ_b`²/8): arbitrage profit, in units of σ²/8.
fn random_profit(gamma: f64, deviation: f64) -> f64 {
    random_trade_rate(gamma, deviation) * (0.5 * gamma).exp() / (1.0 - deviation * deviation / 8.0)
}

/// P sinh(γ/2)/(2k + 1) a block, in units of σ²/8.
fn random_fees(gamma: f64, deviation: f64) -> f64 {
    let per_block = random_trade_rate(gamma, deviation) * (0.5 * gamma).sinh() / (2.0 * tail(deviation) + 1.0);
    per_block / (deviation * deviation / 8.0)
}

fn random_table(effort: Effort) -> Vec<Check> {
    const ID: &str = "mmr-table1";
    let case = published(ID);
    let volatility = case.input("sigma_per_day");
    let mut checks = Vec::new();
    for (row, interval) in (0_u64..).zip(case.inputs("mean_block_time_s")) {
        for (column, basis_points) in (0_u64..).zip(case.inputs("gamma_bp")) {
            let gamma = basis_points * 1e-4;
            let formula = random_trade_rate(gamma, volatility * (interval / DAY).sqrt());
            let value = case.confirms(&format!("{row}/{column}"), formula, 1e-9);
            if !effort.is_full() && !matches!((row, column), (0 | 4, 0) | (2, 1 | 3) | (3, 2)) {
                continue;
            }
            let blocks = Blocks::new(gamma, volatility, interval);
            let seed = effort.seed(2305 + 10 * row + column);
            let result = blocks.run(POISSON, seed, effort.pick(0.01, 0.003));
            let quantity = format!("P(trade), {basis_points} bp, Poisson {interval} s");
            let expected = random_trade_rate(blocks.gamma(), blocks.deviation());
            checks.push(Check::new(ID, quantity, of_pool(&result, "arbitrage_trade_rate"), expected).published(value));
        }
    }
    checks
}

fn random_exact(effort: Effort) -> Vec<Check> {
    let mut checks = Vec::new();
    for (seed, id) in (2306..).zip(RANDOM_EXACT.ids) {
        let case = published(id);
        let (gamma, volatility) = (case.input("gamma"), case.input("sigma_per_day"));
        let interval = case.input("mean_block_time_s");
        let deviation = volatility * (interval / DAY).sqrt();
        let blocks = Blocks::new(gamma, volatility, interval);
        let result = blocks.run(POISSON, effort.seed(1000 * seed), effort.pick(0.005, 0.001));
        let quantities: [(&str, &str, Formula, f64); 3] = [
            ("p_trade", "arbitrage_trade_rate", random_trade_rate, 1.0),
            ("arb_over_lvr", "arbitrage_profit_rate", random_profit, 1.0 / blocks.no_fee_rate()),
            ("fee_over_lvr", "fees_rate", random_fees, 1.0 / blocks.no_fee_rate()),
        ];
        for (name, metric, formula, unit) in quantities {
            let value = case.confirms(name, formula(gamma, deviation), 1e-9);
            let quantity = format!("{name}, gamma {gamma}, Poisson {interval} s");
            let expected = formula(blocks.gamma(), blocks.deviation());
            checks.push(Check::new(id, quantity, scaled(of_pool(&result, metric), unit), expected).published(value));
        }
        let per_day = case.confirms("arb_rate_over_V", random_profit(gamma, deviation) * blocks.no_fee_rate(), 1e-9);
        assert!(per_day > 0.0);
    }
    checks
}

/// Equal blocks: P(trade), E[o] and E[o²] per block, o in deviations.
fn equal(g: f64) -> [f64; 3] {
    if g < 10.0 {
        let leaving = leave(g, g);
        return [1.0 / leaving.steps, leaving.per_step(1), leaving.per_step(2)];
    }
    // What is left out falls exponentially in g.
    [0.5f64.sqrt() / (g + OVERSHOOT), 0.5 / (g + OVERSHOOT), OVERSHOOT / (g + OVERSHOOT)]
}

/// Fees a block over the pool's value: sinh(γ/2) E[1 − e^{−sy/2}], s the deviation, y the overshoot in deviations, to its third power.
fn equal_fees(gamma: f64, deviation: f64) -> f64 {
    let g = gamma / deviation;
    let leaving = leave(g, g);
    let half = 0.5 * deviation;
    let series = [half, -half * half / 2.0, half * half * half / 6.0];
    let mean: f64 = (1..=3).map(|power| series[power - 1] * leaving.per_step(power)).sum();
    (0.5 * gamma).sinh() * mean
}

fn equal_walk(effort: Effort) -> Vec<Check> {
    let mut checks = Vec::new();
    for (seed, id) in (2505..).zip(EQUAL_WALK.ids) {
        let case = published(id);
        let g = case.input("gamma_over_sigma_b");
        let [rate, mean, square] = equal(g);
        let rate = (rate, case.confirms("p_trade", rate, 1e-6));
        let profit = (square, case.confirms("arb_over_lvr_leading", square, 1e-6));
        case.confirms("mean_overshoot", mean, 1e-6);
        case.confirms("nt_asymptotic_arb_over_lvr", 1.0 / (1.0 + g / OVERSHOOT), 1e-9);
        let blocks = Blocks::of_width(1000.0, g);
        let result = blocks.run("fixed", effort.seed(seed), effort.pick(0.004, 0.001));
        let estimate = of_pool(&result, "arbitrage_trade_rate");
        checks.push(Check::new(id, format!("P(trade), g {g}"), estimate, rate.0).published(rate.1));
        let estimate = scaled(of_pool(&result, "arbitrage_profit_rate"), 1.0 / blocks.no_fee_rate());
        // The leading order is in `σ_b`; what follows is e^{γ/2}, and `σ_b`²/16 at most.
        let expected = profit.0 * (0.5 * blocks.gamma()).exp();
        let tolerance = expected * blocks.deviation().powi(2) / 16.0;
        checks.push(Check::new(id, format!("ARB/LVR, g {g}"), estimate, expected).published(profit.1).within(tolerance));
    }
    checks
}

fn equal_table(effort: Effort) -> Vec<Check> {
    let (rates, profits) = (published("det-table1"), published("det-table-arb"));
    let volatility = rates.input("sigma_per_day");
    let mut checks = Vec::new();
    for (row, interval) in (0_u64..).zip(rates.inputs("block_time_s")) {
        for (column, basis_points) in (0_u64..).zip(rates.inputs("gamma_bp")) {
            let gamma = basis_points * 1e-4;
            let [rate, _, square] = equal(gamma / (volatility * (interval / DAY).sqrt()));
            let place = format!("{row}/{column}");
            let (published_rate, published_profit) = (rates.confirms(&place, rate, 2e-6), profits.confirms(&place, square, 2e-6));
            if !effort.is_full() && !matches!((row, column), (0, 1) | (1, 4) | (2, 1 | 3) | (3, 0)) {
                continue;
            }
            let blocks = Blocks::new(gamma, volatility, interval);
            let seed = effort.seed(9000 + 10 * row + column);
            let result = blocks.run("fixed", seed, effort.pick(0.01, 0.003));
            let [rate, _, square] = equal(blocks.width());
            let at = format!("{basis_points} bp, blocks of {interval} s");
            let estimate = of_pool(&result, "arbitrage_trade_rate");
            checks.push(Check::new("det-table1", format!("P(trade), {at}"), estimate, rate).published(published_rate));
            let estimate = scaled(of_pool(&result, "arbitrage_profit_rate"), 1.0 / blocks.no_fee_rate());
            let expected = square * (0.5 * blocks.gamma()).exp();
            let check = Check::new("det-table-arb", format!("ARB/LVR, {at}"), estimate, expected).published(published_profit);
            checks.push(check.within(expected * blocks.deviation().powi(2) / 16.0));
        }
    }
    checks
}

fn equal_exact(effort: Effort) -> Vec<Check> {
    const ID: &str = "det-blocks-12s-30bp";
    let case = published(ID);
    let (gamma, volatility, interval) = (case.input("gamma"), case.input("sigma_per_day"), case.input("block_time_s"));
    let blocks = Blocks::new(gamma, volatility, interval);
    let profit: Formula = |gamma, deviation| (0.5 * gamma).exp() * deviation * deviation / 8.0 * equal(gamma / deviation)[2];
    let rate: Formula = |gamma, deviation| equal(gamma / deviation)[0];
    let result = blocks.run("fixed", effort.seed(2506), effort.pick(0.005, 0.001));
    [
        ("p_trade", "arbitrage_trade_rate", rate, 1.0),
        ("arb_per_block_over_V", "arbitrage_profit_rate", profit, 1.0 / blocks.per_day()),
        ("fee_per_block_over_V", "fees_rate", equal_fees, 1.0 / blocks.per_day()),
    ]
    .map(|(name, metric, formula, unit)| {
        let value = case.confirms(name, formula(gamma, blocks.deviation()), 1e-6);
        let expected = formula(blocks.gamma(), blocks.deviation());
        Check::new(ID, name, scaled(of_pool(&result, metric), unit), expected).published(value)
    })
    .into()
}

/// The constant c of blocks with gamma-distributed times of this shape: ARB/LVR = 1/(1 + g/c) for bands of some deviations.
///
/// c = −ζ(1/2)/√(2π) + (2π)^{−1/2} Σ n^{−1/2}(1 − E√(mean of n block times)), after Spitzer's identity.
fn overshoot_of_gamma_times(shape: f64) -> f64 {
    // E√ of a gamma variable of shape s and mean one is Γ(s + 1/2)/(Γ(s)√s).
    let lost = |s: f64| {
        if s < 60.0 {
            return 1.0 - (ln_gamma(s + 0.5) - ln_gamma(s)).exp() / s.sqrt();
        }
        1.0 / (8.0 * s) - 1.0 / (128.0 * s * s) - 5.0 / (1024.0 * s.powi(3)) + 21.0 / (32_768.0 * s.powi(4))
    };
    let last = 100_000_u32;
    let head: f64 = (1..=last).map(|n| lost(shape * f64::from(n)) / f64::from(n).sqrt()).sum();
    // Σ n^{−3/2}/8s from there on.
    let tail = 2.0 / (f64::from(last) + 0.5).sqrt() / (8.0 * shape);
    OVERSHOOT + (head + tail) / (2.0 * std::f64::consts::PI).sqrt()
}

fn gamma_blocks(effort: Effort) -> Vec<Check> {
    const ID: &str = "random-blocks-gamma";
    let case = published(ID);
    let constant = published("nt-constant");
    let mut checks = Vec::new();
    let mut measure = |id, what: &str, clock: &str, seed: u64, expected: f64, value: f64| {
        for (place, g) in (0..).zip([3.0, 5.0, 8.0]) {
            if !effort.is_full() && g == 8.0 {
                continue;
            }
            let blocks = Blocks::of_width(1000.0, g);
            let result = blocks.run(clock, effort.seed(seed + place), effort.pick(0.004, 0.0006));
            let ratio = scaled(of_pool(&result, "arbitrage_profit_rate"), (-0.5 * blocks.gamma()).exp() / blocks.no_fee_rate());
            // ARB/LVR = 1/(1 + g/c), solved for c.
            let estimate = Estimate {
                mean: g * ratio.mean / (1.0 - ratio.mean),
                standard_error: g * ratio.standard_error / (1.0 - ratio.mean).powi(2),
            };
            checks.push(Check::new(id, format!("c of {what}, at g {g}"), estimate, expected).published(value));
        }
    };
    for (place, shape) in (0..).zip(case.inputs("shape")) {
        let expected = overshoot_of_gamma_times(shape);
        let value = case.confirms(&place.to_string(), expected, 1e-8);
        let clock = format!("{{ gamma = \"MEAN\", shape = {shape} }}");
        measure(ID, &format!("gamma times of shape {shape}"), &clock, 5040 + 10 * place, expected, value);
    }
    constant.confirms("inv_c", 1.0 / OVERSHOOT, 1e-12);
    constant.confirms("det_over_poisson_large_fee", SQRT_2 * OVERSHOOT, 1e-12);
    measure("nt-constant", "equal times", "fixed", 5090, OVERSHOOT, constant.confirms("c", OVERSHOOT, 1e-15));
    checks
}
