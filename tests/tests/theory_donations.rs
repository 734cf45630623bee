//! Why loss-versus-rebalancing in a v2 pool exceeds σ²/8: a reinvested fee is a donation to the side of the input, and moves the price.
//!
//! With m the outside price, x and y the reserves and u = ln(m x / y), the pool is worth 2 √(m x y) cosh(u/2). A swap net of its fee keeps
//! x y, so it loses 1 − e^Δ of the value, Δ the change of h = ln cosh(u/2). Three things move u: prices, swaps, and fees that join a
//! reserve. h telescopes over all three, so with Δ summed over each kind, and h starting at zero,
//!
//! > Σ_swaps (1 − e^Δ) = Σ_prices Δ + Σ_fees Δ − Σ_swaps (e^Δ − 1 − Δ) − h at the end.
//!
//! A price move from u adds q(u) = E[ln cosh((u + ξ)/2)] − ln cosh(u/2) in the mean, ξ the log return: σ²dt/8 to first order. What stands
//! after it does not vanish with the length of blocks: noise moves u away from zero and its fees move it further; arbitrage moves
//! it back to the band's edge and its fees further back. In the year of [`a_year`] noise wins: donations add 0.12% to σ²/8, large
//! trades (whose Δ is no small number) take a quarter of that away again.
//!
//! The deviations Δ − q of the prices have mean zero exactly; less them, a sample of a few hundred paths knows the rate to 10⁻⁵.

use std::sync::{Arc, Mutex};

use cenote_sim::{AgentSetup, Event, EventKey, NoiseTraders, Observer, PoolMetric, Scenario};
use cenote_study::stats::Moments;
use cenote_tests::scenes::{ETH, MAIN, POOL_VALUE, PRICE, a_year, arbitrageur, constant_product, noise};
use cenote_tests::statistics::{assert_agrees, assert_differs};
use cenote_tests::table::run_pack;
use rayon::prelude::*;

const VOLATILITY: f64 = 0.8;
const BLOCKS: f64 = 8760.0;
const SEED: u64 = 2208;

/// ln cosh v without cancellation.
fn ln_cosh(v: f64) -> f64 {
    (2.0 * (0.5 * v).sinh().powi(2)).ln_1p()
}

/// One path's pool, followed by its events alone.
#[derive(Clone, Debug)]
struct Pool {
    price: f64,
    reserves: [f64; 2],
    /// Σ (1 − e^Δ) over swaps.
    loss: f64,
    swaps: f64,
    fees: f64,
    prices: f64,
    /// Σ q(u).
    expected: f64,
}

impl Pool {
    fn new() -> Self {
        let reserves = [0.5 * POOL_VALUE / PRICE, 0.5 * POOL_VALUE];
        Self { price: PRICE, reserves, loss: 0.0, swaps: 0.0, fees: 0.0, prices: 0.0, expected: 0.0 }
    }

    fn u(&self) -> f64 {
        (self.price * self.reserves[0] / self.reserves[1]).ln()
    }

    fn height(&self) -> f64 {
        ln_cosh(0.5 * self.u())
    }

    /// What stands beside the sum over prices.
    fn excess(&self) -> f64 {
        let convexity = -self.loss - self.swaps;
        self.fees - convexity - self.height()
    }

    fn event(&mut self, event: &Event) {
        let (u, before) = (self.u(), self.height());
        match *event {
            Event::Price { price, .. } => {
                self.price = price;
                self.prices += self.height() - before;
                self.expected += mean_price_move(u);
            }
            Event::Swap { token_in, amount_in, amount_out, fee, .. } => {
                let (i, o) = if token_in == ETH { (0, 1) } else { (1, 0) };
                self.reserves[i] += amount_in - fee;
                self.reserves[o] -= amount_out;
                let traded = self.height();
                self.loss -= (traded - before).exp_m1();
                self.swaps += traded - before;
                self.reserves[i] += fee;
                self.fees += self.height() - traded;
            }
            _ => {}
        }
    }
}

/// q(u) of an hour: Gauss-Hermite on three points, exact to the fifth power of the return.
fn mean_price_move(u: f64) -> f64 {
    let mean = -0.5 * VOLATILITY * VOLATILITY / BLOCKS;
    let deviation = VOLATILITY / BLOCKS.sqrt();
    let at = |z: f64| ln_cosh(0.5 * (u + mean + deviation * z));
    let root3 = 3.0_f64.sqrt();
    (4.0 * at(0.0) + at(root3) + at(-root3)) / 6.0 - ln_cosh(0.5 * u)
}

/// The pools of a pack, path by path.
#[derive(Clone, Debug)]
struct Pools {
    first: u32,
    pools: Arc<Mutex<Vec<Pool>>>,
}

impl Observer for Pools {
    fn event(&mut self, path: u32, _: EventKey, event: &Event) {
        let place = usize::try_from(path - self.first).expect("a lane");
        self.pools.lock().expect("nobody panicked")[place].event(event);
    }
}

/// Noise of rather equal sizes, and a fee at which donations weigh.
fn dear_pool() -> Scenario {
    let traders = NoiseTraders::lognormal(MAIN, 150.0 * 365.0, 20_000.0, 0.3).unwrap();
    let noise = AgentSetup { model: Arc::new(traders), ..noise() };
    let mut scenario = Scenario { agents: vec![arbitrageur(0.0), noise], ..a_year() };
    scenario.pools[0].model = constant_product(10_000);
    scenario
}

#[test]
fn donated_fees_explain_the_excess() {
    for (name, scenario, paths, donations) in [("30 bp", a_year(), 384, 0.5e-3..2e-3), ("100 bp", dear_pool(), 192, 2e-2..0.2)] {
        let pools = watch(&scenario, paths);
        let theory = VOLATILITY * VOLATILITY / 8.0;
        let sample = |of: fn(&Pool) -> f64| -> Vec<f64> { pools.iter().map(|(_, pool)| of(pool) / theory).collect() };

        // Path by path: the engine's sum is the one of the events, and the moves telescope.
        for (rate, pool) in &pools {
            assert!((rate * 365.0 / pool.loss - 1.0).abs() < 1e-9, "{rate} {}", pool.loss / 365.0);
            assert!((pool.prices + pool.fees + pool.swaps - pool.height()).abs() < 1e-12);
        }

        assert_agrees(&format!("{name}: LVR, less what is not of prices"), &sample(|pool| pool.loss - pool.excess()), 1.0);
        assert_agrees(&format!("{name}: chance of prices"), &sample(|pool| pool.prices - pool.expected), 0.0);
        let donated = Moments::of(&sample(|pool| pool.fees)).mean();
        println!("{name}: donations {:.2e} ± {:.0e}", donated.mean, donated.standard_error);
        assert!(donations.contains(&donated.mean) && donated.standard_error < 0.1 * donated.mean);

        // Less chance. What is left is of the order of σ²dt/8 = 9e-6, from blocks of finite length and from prices that move from
        // off the centre.
        let sharp = Moments::of(&sample(|pool| pool.loss - pool.excess() - (pool.prices - pool.expected))).mean();
        println!("{name}: less chance {:+.1e} ± {:.0e} of it", sharp.mean - 1.0, sharp.standard_error);
        assert!(sharp.standard_error < 2e-5);
        assert!((sharp.mean - 1.0).abs() <= 4.0 * sharp.standard_error + 2e-5);
        if name == "100 bp" {
            assert_differs("LVR without correction", &sample(|pool| pool.loss - (pool.prices - pool.expected)), 1.0);
        }
    }
}

/// The engine's rate of loss-versus-rebalancing of each path, and the path's pool.
fn watch(scenario: &Scenario, paths: u32) -> Vec<(f64, Pool)> {
    // A pool that nobody joins or leaves.
    let scenario = Scenario { positions: vec![], pool_metrics: vec![PoolMetric::LossVersusRebalancingRate], ..scenario.clone() };
    let packs: Vec<u32> = (0..paths).step_by(64).collect();
    let watched = packs.into_par_iter().map(|first| {
        let pools = Arc::new(Mutex::new(vec![Pool::new(); 64]));
        let observer = Pools { first, pools: Arc::clone(&pools) };
        let (columns, _) = run_pack(&scenario, SEED, first..first + 64, vec![Box::new(observer)]).unwrap();
        let pools = pools.lock().unwrap().clone();
        columns[0].iter().copied().zip(pools).collect::<Vec<_>>()
    });
    watched.collect::<Vec<_>>().concat()
}
