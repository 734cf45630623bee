//! How a pool that reinvests its fees grows in the long run, arbitraged all the time: a limit of short blocks.
//!
//! The log mispricing is a Brownian motion between −b and b, b = −ln(1 − fee). With θ = 2ν/σ², ν the drift of the log price, the edges push at
//! the rates U = ν e^{θb}/(2 sinh θb) and D = ν e^{−θb}/(2 sinh θb), and the log of a pool with weight w of the risky token grows by
//! wν + w(1 − w) f [U/(w + φ(1 − w)) + D/(1 − w + φw)], f the fee and φ = 1 − f. All but wν is growth of the invariant per LP token.
//!
//! In blocks of deviation `σ_b` a trade finds the price beyond the edge: growth is less, by 1/(1 + 0.5826/g) with g = b/`σ_b`, but for
//! what falls exponentially in g and for terms of the order of b²/g² (a trade of finite size). So the inverse of the growth is
//! linear in 1/g, and two runs give the limit.
//!
//! Source: Tassy and White (2020); Evans, Angeris, Chitra (2104.00446); the pushes of the edges from the reflected Brownian motion.

use cenote_study::Subject;
use cenote_study::stats::Estimate;

use super::{Case, Check, Effort, published, run_study};

pub(super) const CONSTANT_PRODUCT: Case = Case { ids: &["tw-growth-cpmm"], in_tests: true, run: constant_product };
pub(super) const DRIFT: Case = Case { ids: &["tw-growth-drift"], in_tests: true, run: drift };
pub(super) const WEIGHTED: Case = Case { ids: &["g3m-growth"], in_tests: true, run: weighted };
pub(super) const CONSTANT_MIX: Case = Case { ids: &["constant-mix-limit"], in_tests: true, run: constant_mix };

const STUDY: &str = r#"
schema = 1

[study]
paths     = 512
horizon   = "1d"
numeraire = "USDC"
metrics   = ["fees", "final_value"]

[chains.blocks]
block_time = "12s"
native     = "ETH"

[tokens]
USDC = { decimals = 6 }
ETH  = { decimals = 18, price = { process = "gbm", initial = "2000 USDC", log_drift = "0%", volatility = "80%" } }

[[agents]]
kind  = "arbitrageur"
pools = ["main"]

[[positions]]
name     = "it"
strategy = "passive"
pool     = "main"
deposit  = "1 USDC"
"#;

/// Width of the band, in deviations of a block, at which the limit is almost reached.
const FINE: f64 = 12.0;

struct Model {
    volatility: f64,
    /// Of the log price, a year.
    drift: f64,
    fee: f64,
    /// Of the risky token.
    weight: f64,
}

impl Model {
    fn of(case: super::Published, fee: f64, drift: f64, weight: f64) -> Self {
        Self { volatility: case.input("sigma"), drift, fee, weight }
    }

    fn band(&self) -> f64 {
        -(-self.fee).ln_1p()
    }

    /// Growth of the invariant per LP token, a year.
    fn of_invariant(&self) -> f64 {
        let (b, w, kept) = (self.band(), self.weight, 1.0 - self.fee);
        let variance = self.volatility * self.volatility;
        let theta_b = 2.0 * self.drift * b / variance;
        // ν/(2 sinh θb) tends to σ²/4b.
        let push = if theta_b == 0.0 { variance / (4.0 * b) } else { self.drift / (2.0 * theta_b.sinh()) };
        let (up, down) = (push * theta_b.exp(), push * (-theta_b).exp());
        w * (1.0 - w) * self.fee * (up / (w + kept * (1.0 - w)) + down / (1.0 - w + kept * w))
    }

    /// Growth of the log of wealth, a year.
    fn growth(&self) -> f64 {
        self.weight * self.drift + self.of_invariant()
    }

    fn pool(&self) -> String {
        let common = format!(
            "chain = \"blocks\", tokens = [\"ETH\", \"USDC\"], fee = \"{} pips\", tvl = \"10_000_000 USDC\"",
            (1e6 * self.fee).round()
        );
        if self.weight == 0.5 {
            return format!("pools.main={{ kind = \"uniswap-v2\", {common} }}");
        }
        let percent = (100.0 * self.weight).round();
        format!("pools.main={{ kind = \"balancer-weighted\", {common}, weights = [\"{percent}%\", \"{}%\"] }}", 100.0 - percent)
    }

    /// Growth of the invariant per LP token in blocks so short that the band is `g` deviations wide.
    fn measure(&self, g: f64, seed: u64, blocks: f64) -> Estimate {
        let years = (self.band() / g / self.volatility).powi(2);
        let nanos = (years * 365.0 * 86_400e9).round();
        let horizon = (blocks / 512.0).round();
        let changes = [
            format!("study.seed={seed}"),
            format!("study.horizon={}ns", nanos * horizon),
            format!("study.warm_up={}ns", nanos * (2.0 * g * g).round()),
            format!("chains.blocks.block_time={nanos}ns"),
            format!("tokens.ETH.price.volatility={}%", 100.0 * self.volatility),
            format!("tokens.ETH.price.log_drift={}%", 100.0 * self.drift),
            self.pool(),
        ];
        let result = run_study(STUDY, &changes);
        let column = |metric| result.column(Subject::Position, "it", metric).expect("a metric of the study");
        // fees = V (1 − k0/k), k the invariant per LP token.
        let logs: Vec<f64> =
            column("fees").iter().zip(column("final_value")).map(|(fees, value)| -(-fees / value).ln_1p()).collect();
        let length = horizon * nanos / (365.0 * 86_400e9);
        super::scaled(Estimate::of(&logs), 1.0 / length)
    }

    /// The limit, from two lengths of blocks; and how that came about.
    fn limit(&self, seed: u64, effort: Effort) -> (Estimate, String) {
        let widths = [3.0, FINE];
        // The error at the finer one weighs 4/3, that at the coarser a third. Weighted pools take their time over a power.
        let blocks = if self.weight == 0.5 { effort.pick([1e6, 2e7], [1e7, 3e8]) } else { effort.pick([2e5, 4e6], [2e6, 3e7]) };
        let measured: Vec<Estimate> =
            [(0, 0), (1, 1)].map(|(i, place)| self.measure(widths[i], effort.seed(10 * seed + place), blocks[i])).into();
        let steps = format!("limit of {:.4}, {:.4} at g = {}, {}", measured[0].mean, measured[1].mean, widths[0], widths[1]);
        let [coarse, fine] = [0, 1].map(|i| (1.0 / measured[i].mean, measured[i].standard_error / measured[i].mean.powi(2)));
        let (weight_fine, weight_coarse) = (widths[1] / (widths[1] - widths[0]), widths[0] / (widths[1] - widths[0]));
        let inverse = weight_fine * fine.0 - weight_coarse * coarse.0;
        let error = (weight_fine * fine.1).hypot(weight_coarse * coarse.1);
        (Estimate { mean: 1.0 / inverse, standard_error: error / (inverse * inverse) }, steps)
    }

    fn check(&self, id: &'static str, published: f64, quantity: &str, seed: u64, effort: Effort) -> Check {
        let (of_invariant, steps) = self.limit(seed, effort);
        let estimate = Estimate { mean: self.weight * self.drift + of_invariant.mean, ..of_invariant };
        // b²/g² of the finer run, and its first power in a pool that is not even.
        let step = self.band() / FINE;
        let tolerance = self.of_invariant() * (step * step + (self.weight - 0.5).abs() * step);
        let quantity = format!("log growth a year, {quantity}: {steps}");
        Check::new(id, quantity, estimate, self.growth()).published(published).within(tolerance)
    }
}

fn constant_product(effort: Effort) -> Vec<Check> {
    const ID: &str = "tw-growth-cpmm";
    let case = published(ID);
    let check = |(place, fee): (u64, f64)| {
        let model = Model::of(case, fee, case.input("nu"), 0.5);
        let value = case.confirms(&place.to_string(), model.growth(), 1e-9);
        model.check(ID, value, &format!("fee {fee}"), 403 + place, effort)
    };
    (0..).zip(case.inputs("fee")).map(check).collect()
}

fn drift(effort: Effort) -> Vec<Check> {
    const ID: &str = "tw-growth-drift";
    let case = published(ID);
    let check = |(place, drift): (u64, f64)| {
        let model = Model::of(case, case.input("fee"), drift, 0.5);
        let value = case.confirms(&place.to_string(), model.growth(), 1e-9);
        model.check(ID, value, &format!("log drift {drift}"), 413 + place, effort)
    };
    (0..).zip(case.inputs("nu")).map(check).collect()
}

fn weighted(effort: Effort) -> Vec<Check> {
    const ID: &str = "g3m-growth";
    let case = published(ID);
    let check = |(place, weight): (u64, f64)| {
        let model = Model::of(case, case.input("fee"), case.input("nu"), weight);
        let value = case.confirms(&place.to_string(), model.growth(), 1e-9);
        model.check(ID, value, &format!("weight {weight}"), 423 + place, effort)
    };
    (0..).zip(case.inputs("w")).map(check).collect()
}

/// Without fee a pool is the portfolio of constant weights, wν + w(1 − w)σ²/2: what a fee of a basis point has almost reached.
fn constant_mix(effort: Effort) -> Vec<Check> {
    const ID: &str = "constant-mix-limit";
    let case = published(ID);
    let check = |(place, weight): (u64, f64)| {
        let of_fee = |fee: f64| Model::of(case, fee, case.input("nu"), weight);
        // First order in the fee is what differs.
        let value = case.confirms(&place.to_string(), of_fee(1e-10).growth(), 1e-9);
        of_fee(1e-4).check(ID, value, &format!("weight {weight}, fee 0.0001"), 433 + place, effort)
    };
    (0..).zip(case.inputs("w")).map(check).collect()
}
