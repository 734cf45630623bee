//! What liquidity is worth in the end, where the price is all that matters: pools without fee that are arbitraged.

use cenote_study::StudyResult;
use cenote_study::Subject;
use cenote_study::stats::Estimate;
use statrs::distribution::{ContinuousCDF, Normal};

use super::{Case, Check, Effort, Published, of_pool, published, run_study, scaled};
use crate::statistics::mean_over_normal;

pub(super) const MOMENTS: Case =
    Case { ids: &["gbm-lp-moments-a", "gbm-lp-moments-b", "gbm-lp-moments-c"], in_tests: true, run: moments };
pub(super) const RANGES: Case = Case { ids: &["gbm-v3-ev-a", "gbm-v3-ev-b"], in_tests: true, run: ranges };
pub(super) const DEPEG: Case = Case { ids: &["depeg-cpmm", "depeg-stableswap"], in_tests: true, run: depegs };

/// A pool without fee, an arbitrageur in every block, and a position that is in the pool from the first to the last.
const STUDY: &str = r#"
schema = 1

[study]
horizon   = "365d"
numeraire = "USD"
metrics   = ["net_return", "impermanent_loss", "divergence", "arbitrage_profit"]

[chains.blocks]
block_time = "36.5d"
native     = "ETH"

[tokens]
USD = { decimals = 18 }
ETH = { decimals = 18, price = { process = "gbm", initial = "1 USD", drift = "0%", volatility = "80%" } }

[[agents]]
kind  = "arbitrageur"
pools = ["main"]
"#;

const POOL_VALUE: f64 = 10e6;

fn run(pool: &str, position: &str, changes: &[String]) -> StudyResult {
    let text = format!("{STUDY}\n[pools.main]\nchain = \"blocks\"\ntokens = [\"ETH\", \"USD\"]\nfee = \"0bp\"\n{pool}\n{position}");
    run_study(&text, changes)
}

/// One dollar in the pool.
fn position(strategy: &str) -> String {
    format!("[[positions]]\nname = \"it\"\npool = \"main\"\ndeposit = \"1 USD\"\n{strategy}\n")
}

fn column(result: &StudyResult, metric: &str) -> Vec<f64> {
    result.column(Subject::Position, "it", metric).expect("a metric of the study")
}

fn values(result: &StudyResult) -> Vec<f64> {
    column(result, "net_return").iter().map(|net| 1.0 + net).collect()
}

/// ln S(T) is normal: mean and deviation.
fn log_price(case: Published) -> (f64, f64) {
    let (drift, volatility, years) = (case.input("mu"), case.input("sigma"), case.input("T"));
    ((drift - 0.5 * volatility * volatility) * years, volatility * years.sqrt())
}

fn price(case: Published) -> String {
    let (drift, volatility) = (100.0 * case.input("mu"), 100.0 * case.input("sigma"));
    format!("tokens.ETH.price={{ process = \"gbm\", initial = \"1 USD\", drift = \"{drift}%\", volatility = \"{volatility}%\" }}")
}

/// Ten blocks of the case's time.
fn blocks(case: Published) -> [String; 2] {
    let days = 365.0 * case.input("T");
    [format!("study.horizon={days}d"), format!("chains.blocks.block_time={}d", days / 10.0)]
}

/// A share w of the risky token stays one: V(T) = S(T)^w e^{…} without chance beyond the price's.
fn moments(effort: Effort) -> Vec<Check> {
    let mut checks = Vec::new();
    for (place, id) in (0..).zip(MOMENTS.ids) {
        let case = published(id);
        let (weight, (mean, deviation)) = (case.input("w"), log_price(case));
        let pool = if weight == 0.5 {
            "kind = \"uniswap-v2\"".to_owned()
        } else {
            let percent = (100.0 * weight).round();
            format!("kind = \"balancer-weighted\"\nweights = [\"{percent}%\", \"{}%\"]", 100.0 - percent)
        };
        let [horizon, block] = blocks(case);
        let changes = [
            format!("study.seed={}", effort.seed(700 + place)),
            format!("study.paths={}", effort.pick(100_000, 1_000_000)),
            horizon,
            block,
            price(case),
        ];
        let result = run(&format!("{pool}\ntvl = \"10_000_000 USD\""), &position("strategy = \"passive\""), &changes);
        let value = values(&result);
        // V/hold − 1 is what impermanent loss is without fees: hold is V over one plus that.
        let loss = column(&result, "impermanent_loss");
        let hold: Vec<f64> = value.iter().zip(&loss).map(|(value, loss)| value / (1.0 + loss)).collect();
        let moment = |power: f64| (power * weight * mean + 0.5 * (power * weight * deviation).powi(2)).exp();
        let expected_mean = case.confirms("mean_value", moment(1.0), 1e-9);
        let expected_variance = case.confirms("var_value", moment(2.0) - moment(1.0).powi(2), 1e-9);
        let of_hold = |z: f64| weight * (mean + deviation * z).exp() + 1.0 - weight;
        let ratio = mean_over_normal(|z| (weight * (mean + deviation * z)).exp() / of_hold(z) - 1.0);
        let expected_hold = case.confirms("mean_hold", weight * (mean + 0.5 * deviation * deviation).exp() + 1.0 - weight, 1e-9);
        let squares: Vec<f64> = value.iter().map(|value| (value - expected_mean).powi(2)).collect();
        let logs: Vec<f64> = value.iter().map(|value| value.ln()).collect();
        let mut check = |quantity: &str, sample: &[f64], value: f64| {
            // What a share of a ten-millionth moves.
            checks.push(Check::new(id, quantity, Estimate::of(sample), value).published(value).within(1e-6 * value.abs()));
        };
        check("E[V(T)/V(0)]", &value, expected_mean);
        check("its variance", &squares, expected_variance);
        check("E[hold(T)/V(0)]", &hold, expected_hold);
        check("E[V(T)/hold(T) − 1]", &loss, case.confirms("mean_il_ratio", ratio, 1e-8));
        check("E[log V(T)/V(0)]", &logs, case.confirms("mean_log_value", weight * mean, 1e-9));
    }
    checks
}

/// Liquidity of one unit between two prices.
#[derive(Clone, Copy)]
struct Range {
    lower: f64,
    upper: f64,
}

impl Range {
    /// With ends on the nearest ticks.
    fn snapped(self) -> Self {
        let tick = 1e-4_f64.ln_1p();
        let snap = |price: f64| ((price.ln() / tick).round() * tick).exp();
        Self { lower: snap(self.lower), upper: snap(self.upper) }
    }

    /// Amounts at this price: of the risky token, and of the other.
    fn amounts(self, price: f64) -> [f64; 2] {
        let root = price.clamp(self.lower, self.upper).sqrt();
        [1.0 / root - 1.0 / self.upper.sqrt(), root - self.lower.sqrt()]
    }

    fn value(self, price: f64) -> f64 {
        let [risky, other] = self.amounts(price);
        risky * price + other
    }

    /// E[value] where the log of the price is normal.
    fn mean_value(self, (mean, deviation): (f64, f64)) -> f64 {
        let normal = Normal::standard();
        // E[S^power; S < edge].
        let below = |power: f64, edge: f64| {
            let moment = (power * mean + 0.5 * (power * deviation).powi(2)).exp();
            moment * normal.cdf((edge.ln() - mean - power * deviation * deviation) / deviation)
        };
        let between = |power: f64| below(power, self.upper) - below(power, self.lower);
        let (a, b) = (self.lower.sqrt(), self.upper.sqrt());
        (1.0 / a - 1.0 / b) * below(1.0, self.lower) + 2.0 * between(0.5) - a * between(0.0) - between(1.0) / b
            + (b - a) * (1.0 - below(0.0, self.upper))
    }

    /// P(the price is inside).
    fn inside(self, (mean, deviation): (f64, f64)) -> f64 {
        let normal = Normal::standard();
        let below = |edge: f64| normal.cdf((edge.ln() - mean) / deviation);
        below(self.upper) - below(self.lower)
    }
}

/// One number, or one over another: `"1/1.2"`.
fn ratio(case: Published, name: &str) -> f64 {
    let text = case.value()["inputs"][name].as_str().map(|text| text.split('/').map(str::parse::<f64>).collect::<Vec<_>>());
    match text.as_deref() {
        Some([Ok(over), Ok(under)]) => over / under,
        _ => case.input(name),
    }
}

/// A position between two prices that is left alone.
fn ranges(effort: Effort) -> Vec<Check> {
    let mut checks = Vec::new();
    for (place, id) in (0..).zip(RANGES.ids) {
        let case = published(id);
        let first = case.input("P0");
        let range = Range { lower: ratio(case, "pa") / first, upper: ratio(case, "pb") / first };
        let law = log_price(case);
        let mean = case.confirms("mean_value_over_V0", range.mean_value(law) / range.value(1.0), 1e-9);
        let inside = case.confirms("p_in_range", range.inside(law), 1e-9);
        let percent = |price: f64| format!("{}%", 100.0 * (price - 1.0));
        let ends = format!("range = [\"{}\", \"{}\"]", percent(range.lower), percent(range.upper));
        let [horizon, block] = blocks(case);
        let changes = [
            format!("study.seed={}", effort.seed(710 + place)),
            format!("study.paths={}", effort.pick(100_000, 1_000_000)),
            horizon,
            block,
            price(case),
        ];
        let pool = "kind = \"uniswap-v3\"\ntick_spacing = 1\ntvl = \"10_000_000 USD\"";
        let result = run(pool, &position(&format!("strategy = \"range\"\n{ends}")), &changes);
        // From here on the range as its ticks are.
        let snapped = range.snapped();
        let start = snapped.value(1.0);
        let value = values(&result);
        let expected = snapped.mean_value(law) / start;
        checks.push(Check::new(id, "E[V(T)/V(0)]", Estimate::of(&value), expected).published(mean).within(1e-6));
        // The value rises with the price up to the upper end, and then no more.
        let edges = [snapped.lower, snapped.upper].map(|edge| snapped.value(edge) / start);
        let within = |value: &f64| f64::from(u8::from(*value > edges[0] && *value < edges[1] * (1.0 - 1e-9)));
        let share: Vec<f64> = value.iter().map(within).collect();
        checks.push(Check::new(id, "P(price in range)", Estimate::of(&share), snapped.inside(law)).published(inside));
        // What is in the range at the start, held.
        let [risky, other] = snapped.amounts(1.0);
        let growth = (case.input("mu") * case.input("T")).exp();
        let [plain_risky, plain_other] = range.amounts(1.0);
        let hold = case.confirms("mean_hold_over_V0", (plain_risky * growth + plain_other) / range.value(1.0), 1e-9);
        let held: Vec<f64> = value.iter().zip(column(&result, "divergence")).map(|(value, d)| value - d).collect();
        checks.push(
            Check::new(id, "E[hold(T)/V(0)]", Estimate::of(&held), (risky * growth + other) / start).published(hold).within(1e-6),
        );
        if case.input("mu") == 0.0 {
            // Prices are a martingale: what the range loses is all profit of arbitrageurs.
            let lost = case.confirms("mean_lvr_over_V0_if_mu0", 1.0 - range.mean_value(law) / range.value(1.0), 1e-9);
            let pool = format!("kind = \"uniswap-v3\"\ntick_spacing = 1\nliquidity = [{{ {ends}, value = \"10_000_000 USD\" }}]");
            let result = run(&pool, "", &changes);
            let profit = scaled(of_pool(&result, "arbitrage_profit"), 1.0 / POOL_VALUE);
            checks.push(Check::new(id, "profit/V(0)", profit, 1.0 - expected).published(lost).within(1e-6));
        }
    }
    checks
}

/// One in price until it falls, and then as far down for ever. The engine's pegs may fall more than once: what comes after the first fall is
/// left out.
fn depegs(effort: Effort) -> Vec<Check> {
    let mut checks = Vec::new();
    for (place, id) in (0..).zip(DEPEG.ids) {
        let case = published(id);
        let (rate, size, years) = (case.input("lam"), case.input("J"), case.input("T"));
        let falls = case.confirms("p_depeg", -(-rate * years).exp_m1(), 1e-9);
        let left = case.expected("lp_value_after_depeg_over_V0");
        let mean = case.confirms("mean_lp_value_over_V0", 1.0 - falls * (1.0 - left), 1e-9);
        let hold = case.confirms("mean_hold_over_V0", 1.0 - falls * 0.5 * size, 1e-9);
        let pool = if *id == "depeg-cpmm" {
            "kind = \"uniswap-v2\"".to_owned()
        } else {
            // Of the whitepaper; the contract's function A() reports as many times as much as there are coins.
            format!("kind = \"stableswap\"\namplification = {}", 2.0 * case.input("A"))
        };
        let changes = [
            format!("study.seed={}", effort.seed(720 + place)),
            format!("study.paths={}", effort.pick(200_000, 2_000_000)),
            format!("study.horizon={}d", 365.0 * years),
            format!(
                "tokens.ETH.price={{ process = \"peg\", initial = \"1 USD\", reversion_half_life = \"1d\", volatility = \"0%\", depeg = \
                 {{ rate = \"{rate} per year\", size = \"{}%\" }} }}",
                100.0 * size
            ),
        ];
        let result = run(&format!("{pool}\ntvl = \"10_000_000 USD\""), &position("strategy = \"passive\""), &changes);
        let value = values(&result);
        let held: Vec<f64> =
            value.iter().zip(column(&result, "impermanent_loss")).map(|(value, loss)| value / (1.0 + loss)).collect();
        // The price is what holding half of each says.
        let once = |held: f64| ((2.0 * held - 1.0) - (1.0 - size)).abs() < 1e-9;
        let fallen: Vec<f64> = value.iter().zip(&held).filter(|(_, held)| once(**held)).map(|(value, _)| *value).collect();
        let after = Estimate::of(&fallen);
        let deepest = held.iter().copied().fold(f64::INFINITY, f64::min);
        let stopped = |whole: f64, first: f64, held: f64| if held > 1.0 - 1e-9 { whole } else { first };
        let shares: Vec<f64> = held.iter().map(|held| stopped(0.0, 1.0, *held)).collect();
        let means: Vec<f64> = value.iter().zip(&held).map(|(value, held)| stopped(*value, after.mean, *held)).collect();
        let holds: Vec<f64> = held.iter().map(|held| stopped(*held, 1.0 - 0.5 * size, *held)).collect();
        assert!(deepest < 1.0 - 0.5 * size, "no price fell twice: there was nothing to leave out");
        let digits = 1e-8;
        checks.push(Check::new(id, "P(depeg)", Estimate::of(&shares), falls).published(falls));
        let after = Estimate { standard_error: 0.0, ..after };
        checks.push(Check::new(id, "V/V(0) after the depeg", after, left).published(left).within(digits));
        checks.push(Check::new(id, "E[V(T)/V(0)]", Estimate::of(&means), mean).published(mean).within(digits));
        checks.push(Check::new(id, "E[hold(T)/V(0)]", Estimate::of(&holds), hold).published(hold).within(digits));
    }
    checks
}
