//! Jumps and a fee: what continuous moves lose in Poisson blocks, and what each jump loses beyond the band.
//!
//! (σ²/8)/(1 + √2 g) + (λδ²/8) Ψ(γ/δ) a year, Ψ(z) = 2((1 + z²)Q(z) − zφ(z)), for normal log jumps of deviation δ and mean zero.
//!
//! The sum leaves out what a jump does to the moves around it: it leaves the price at the band's edge, or carries it there. To first order in
//! λ that is λ(E[w(z + J)] − E[w(z)]) less the sum's own term, w(z) being by how much the future loses more from a log mispricing z on, and z of
//! its stationary law. With D the rate of loss without jumps, ℓ that of blocks and k = √(2ℓ)/σ, (σ²/2)w'' + ℓ(loss + w(after) − w) = D gives
//!
//! > w(z) = Dz²/σ² inside the band, and Dγ²/σ² + u²/8 + (2Dγ/kσ²)(1 − e^{−ku}) at a distance u outside it.
//!
//! Source: Bundi (2608.30321), theorem 2 and table 3; the remainder is derived above.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use super::{Case, Check, Effort, Published, of_pool, published, run_study, scaled};

pub(super) const BY_INTERVAL: Case = Case { ids: &["bundi-blocktimes"], in_tests: true, run: by_interval };
pub(super) const BY_RATE: Case = Case { ids: &["bundi-table3"], in_tests: true, run: by_rate };

const STUDY: &str = r#"
schema = 1

[study]
paths     = 512
warm_up   = "10min"
numeraire = "USDC"
horizon   = "1d"
metrics   = ["arbitrage_profit_rate"]

[chains.blocks]
block_time = "12s"
native     = "ETH"

[tokens]
USDC = { decimals = 6 }
ETH  = { decimals = 18, price = { process = "constant", initial = "2000 USDC" } }

[pools.main]
kind         = "uniswap-v3"
chain        = "blocks"
tokens       = ["ETH", "USDC"]
fee          = "5bp"
tick_spacing = 1
tvl          = "10_000_000 USDC"

[[agents]]
kind  = "arbitrageur"
pools = ["main"]
"#;

const PIPS: f64 = 500.0;
/// Basis points.
const BP: f64 = 1e4;

/// Rates are per year of 365.25 days.
struct Model {
    volatility: f64,
    rate: f64,
    jump: f64,
    gamma: f64,
    /// Seconds.
    interval: f64,
    /// Seconds.
    year: f64,
}

impl Model {
    fn diffusion(&self) -> f64 {
        let g = self.gamma / (self.volatility * (self.interval / self.year).sqrt());
        BP * self.volatility.powi(2) / 8.0 / (1.0 + std::f64::consts::SQRT_2 * g)
    }

    fn jumps(&self) -> f64 {
        let (normal, z) = (Normal::standard(), self.gamma / self.jump);
        let beyond = 2.0 * ((1.0 + z * z) * normal.sf(z) - z * normal.pdf(z));
        BP * self.rate * self.jump.powi(2) / 8.0 * beyond
    }

    fn loss(&self) -> f64 {
        self.diffusion() + self.jumps()
    }

    /// What the sum leaves out, to first order in the number of jumps.
    fn remainder(&self) -> f64 {
        let (gamma, variance, year_blocks) = (self.gamma, self.volatility.powi(2), self.year / self.interval);
        let k = (2.0 * year_blocks).sqrt() / self.volatility;
        let rate = variance / 8.0 / (1.0 + k * gamma);
        let w = |z: f64| {
            let beyond = z.abs() - gamma;
            if beyond <= 0.0 {
                return rate * z * z / variance;
            }
            rate * gamma * gamma / variance + beyond * beyond / 8.0 + 2.0 * rate * gamma / (k * variance) * -(-k * beyond).exp_m1()
        };
        // Where the mispricing is: evenly inside the band, exponentially beyond; half of it, the other half being its mirror image.
        let points = 200_i32;
        let share = |i: i32| (f64::from(i) + 0.5) / f64::from(points);
        let inside = k * gamma / (1.0 + k * gamma);
        let place = |i: i32| [(share(i) * gamma, inside), (gamma - share(i).ln() / k, 1.0 - inside)];
        // Midpoints of a thirtieth of the band, to eight deviations of a jump.
        let step = gamma / 30.0;
        let last = (8.0 * self.jump / step).round();
        #[expect(clippy::cast_possible_truncation, reason = "some thousands")]
        let last = last as i32;
        let density = |jump: f64| Normal::standard().pdf(jump / self.jump) / self.jump * step;
        let mut difference = 0.0;
        for j in -last..last {
            let jump = (f64::from(j) + 0.5) * step;
            let mean: f64 =
                (0..points).flat_map(place).map(|(z, weight)| weight * (w(z + jump) - w(z))).sum::<f64>() / f64::from(points);
            let alone = (jump.abs() - gamma).max(0.0).powi(2) / 8.0;
            difference += density(jump) * (mean - alone);
        }
        BP * self.rate * difference
    }

    /// Basis points a year, from so many blocks.
    fn measure(&self, seed: u64, blocks: f64) -> cenote_study::stats::Estimate {
        // Numbers of a study are per year of 365 days.
        let years = 365.0 * 86_400.0 / self.year;
        let process = format!(
            "tokens.ETH.price={{ process = \"merton\", initial = \"2000 USDC\", log_drift = \"0%\", volatility = \"{}%\", jumps = {{ \
             rate = \"{} per year\", mean = \"0%\", deviation = \"{}%\" }} }}",
            100.0 * self.volatility * years.sqrt(),
            self.rate * years,
            100.0 * self.jump
        );
        let nanos = |seconds: f64| (1e9 * seconds).round();
        let changes = [
            format!("study.seed={seed}"),
            format!("study.horizon={}ns", nanos(blocks / 512.0 * self.interval)),
            format!("study.warm_up={}ns", nanos(2000.0 * self.interval)),
            format!("chains.blocks.block_time={{ poisson = \"{}ns\" }}", nanos(self.interval)),
            process,
        ];
        scaled(of_pool(&run_study(STUDY, &changes), "arbitrage_profit_rate"), BP * self.year / 86_400.0)
    }

    fn check(&self, id: &'static str, seed: u64, blocks: f64, quantity: String, value: f64) -> Check {
        let ours = Self { gamma: -(-PIPS * 1e-6).ln_1p(), ..*self };
        // A trade is worth e^{γ/2}(cosh(o/2) − 1): the sum has o²/8. Overshoots are jumps, at most.
        let expected = (0.5 * ours.gamma).exp() * (ours.loss() + ours.remainder());
        let tolerance = expected * 5.0 * self.jump.powi(2) / 48.0;
        Check::new(id, quantity, ours.measure(seed, blocks), expected).published(value).within(tolerance)
    }
}

fn model(case: Published) -> Model {
    Model {
        volatility: 0.0,
        rate: 0.0,
        jump: case.input("jump_sd"),
        gamma: case.input("gamma"),
        interval: 12.0,
        year: 365.25 * 86_400.0,
    }
}

fn by_interval(effort: Effort) -> Vec<Check> {
    const ID: &str = "bundi-blocktimes";
    let case = published(ID);
    let base = Model { volatility: case.input("sigma"), rate: case.input("lam"), year: case.input("year_s"), ..model(case) };
    let mut checks = Vec::new();
    for (place, interval) in (0_u64..).zip(case.inputs("block_s")) {
        let model = Model { interval, ..base };
        let value = case.confirms(&format!("{place}/total_bp"), model.loss(), 1e-9);
        case.confirms(&format!("{place}/jump_floor_bp"), model.jumps(), 1e-9);
        case.confirms(&format!("{place}/diffusion_share"), model.diffusion() / model.loss(), 1e-9);
        // As the paper bounds it at 12 s.
        assert!(interval != 12.0 || (-0.65..0.85).contains(&model.remainder()), "{}", model.remainder());
        if effort.is_full() || interval == 12.0 {
            let blocks = effort.pick(4e7, if interval == 12.0 { 1e9 } else { 1.5e9 });
            checks.push(model.check(ID, effort.seed(283 + place), blocks, format!("loss, bp a year, Poisson {interval} s"), value));
        }
    }
    checks
}

fn by_rate(effort: Effort) -> Vec<Check> {
    const ID: &str = "bundi-table3";
    let case = published(ID);
    let mut checks = Vec::new();
    for (row, volatility) in (0_u64..).zip(case.inputs("sigma")) {
        for (column, rate) in (0_u64..).zip(case.inputs("lam")) {
            let model = Model { volatility, rate, interval: case.input("block_s"), ..model(case) };
            let value = case.confirms(&format!("{row}/{column}"), model.loss(), 1e-9);
            if effort.is_full() || matches!((row, column), (0, 3) | (1, 1) | (2, 2)) {
                let quantity = format!("loss, bp a year, volatility {volatility}, {rate} jumps");
                checks.push(model.check(ID, effort.seed(300 + 10 * row + column), effort.pick(2e7, 3e8), quantity, value));
            }
        }
    }
    checks
}
