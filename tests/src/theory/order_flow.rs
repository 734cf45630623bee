//! Order flow that answers to fees: takers come in continuous time at rates that fall with the price they see, fee included.
//!
//! A constant product of depth x y = 10⁸ moves along a grid of prices 100 − j/10, j = −20..20, while the outside price S stands still.
//! At j, with D the amount of token y to the next grid point and Z the price of it, buyers come at the rate λ exp(k(S − Z(1 + m))D) and
//! sellers at λ exp(k(Z(1 − p) − S)D); a trade pays m Z D or p Z D. With `v_j(t)` what the pool will still earn, the best fee is
//! m Z D = 1/k − (`v_{j−1}` − `v_j`); v' = −Σ rate (fee + change of v), v(T) = 0, is solved by Runge and Kutta's method.
//!
//! Rates change with every trade only. So blocks come as a Poisson process faster than all takers together, and a block has a taker with
//! the probability that is left: continuous time exactly, trade by trade. Blocks of equal length with at most one buyer and one seller
//! are not: [`Pace::Steps`] shows by how much.
//!
//! Source: 2603.09669, sections 3 and 4, the case of one pool; 2506.02869.

use std::sync::{Arc, Mutex};

use cenote_amm::concentrated::FeeTier;
use cenote_amm::{ConcentratedModel, Lifted, PoolModel, RangeRule};
use cenote_paths::{Constant, PACK, Stream};
use cenote_sim::{Agent, AgentSetup, Clock, Event, EventKey, Observer, Order, Phase, PoolSetup, Scenario, TokenSetup};
use cenote_strategy::{Market, TokenId};
use cenote_study::stats::Estimate;
use cenote_units::SimDuration;
use rand_distr::{Distribution, StandardUniform};
use rayon::prelude::*;

use super::grid_pool::GridPool;
use super::{Case, Check, Effort, Published, published};
use crate::scenes::{MAIN, scene};
use crate::table::run_pack;

pub(super) const ORDER_FLOW: Case =
    Case { ids: &["dynfee-ctmc-l100-k2", "dynfee-ctmc-l150-k2", "dynfee-ctmc-l100-k1"], in_tests: true, run: order_flow };

/// The asset that is priced, and the numeraire.
const ASSET: TokenId = TokenId(0);
const CASH: TokenId = TokenId(1);
/// Grid points.
const POINTS: usize = 41;
const MIDDLE: usize = POINTS / 2;
/// x y.
pub(super) const DEPTH: f64 = 1e8;
/// S.
const OUTSIDE: f64 = 100.0;
/// Steps of time in which fees are known.
const STEPS: usize = 1000;

type Grid = [f64; POINTS];

/// Fees at every grid point: of a buyer, and of a seller.
#[derive(Clone, Copy, Debug)]
struct Fees {
    buy: Grid,
    sell: Grid,
}

/// A trade to the next grid point: how much of the asset, and its price.
#[derive(Clone, Copy, Debug)]
struct Trade {
    amount: f64,
    price: f64,
}

/// λ and k.
#[derive(Clone, Copy, Debug)]
struct Takers {
    rate: f64,
    slope: f64,
}

/// The asset in the pool at grid point j, if that is one.
pub(super) fn asset_at(j: usize) -> Option<f64> {
    (j < POINTS).then(|| (DEPTH / (OUTSIDE - 0.1 * (to_f64(j) - to_f64(MIDDLE)))).sqrt())
}

/// The grid point with so much of the asset.
pub(super) fn place(asset: f64) -> usize {
    // Prices fall by a tenth from point to point.
    let place = (OUTSIDE - DEPTH / (asset * asset)) * 10.0 + to_f64(MIDDLE);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a grid point")]
    let place = place.round() as usize;
    place
}

/// From a grid point to one next to it.
fn step(from: usize, to: usize) -> Option<(usize, Trade)> {
    let (before, after) = (asset_at(from)?, asset_at(to)?);
    Some((to, Trade { amount: (after - before).abs(), price: DEPTH / (before * after) }))
}

/// Buying the asset takes it out: the grid point before. There is none before the first.
fn buy_from(j: usize) -> Option<(usize, Trade)> {
    step(j, j.checked_sub(1)?)
}

fn sell_from(j: usize) -> Option<(usize, Trade)> {
    step(j, j + 1)
}

impl Takers {
    fn buyers(self, trade: Trade, fee: f64) -> f64 {
        self.rate * (self.slope * (OUTSIDE - trade.price * (1.0 + fee)) * trade.amount).exp()
    }

    fn sellers(self, trade: Trade, fee: f64) -> f64 {
        self.rate * (self.slope * (trade.price * (1.0 - fee) - OUTSIDE) * trade.amount).exp()
    }

    /// The best fees if this is what the pool will still earn.
    fn best(self, value: &Grid) -> Fees {
        let mut fees = Fees { buy: [0.0; POINTS], sell: [0.0; POINTS] };
        for j in 0..POINTS {
            let fee = |(to, trade): (usize, Trade)| (1.0 / self.slope - (value[to] - value[j])) / (trade.price * trade.amount);
            fees.buy[j] = buy_from(j).map_or(0.0, fee);
            fees.sell[j] = sell_from(j).map_or(0.0, fee);
        }
        fees
    }

    /// What the pool earns, per unit of time: `of` a trade at a fee, and the change of `value` that comes with it.
    fn earns(self, value: &Grid, fees: &Fees, of: impl Fn(bool, Trade, f64) -> f64) -> Grid {
        std::array::from_fn(|j| {
            let buy = buy_from(j)
                .map_or(0.0, |(to, trade)| self.buyers(trade, fees.buy[j]) * (of(true, trade, fees.buy[j]) + value[to] - value[j]));
            let sell = sell_from(j).map_or(0.0, |(to, trade)| {
                self.sellers(trade, fees.sell[j]) * (of(false, trade, fees.sell[j]) + value[to] - value[j])
            });
            buy + sell
        })
    }

    /// The best fees for every step of time, the first one first, and what they earn from the middle of the grid.
    fn optimum(self) -> (Vec<Fees>, f64) {
        let (value, values) = integrate(|value| self.earns(value, &self.best(value), revenue));
        let mut schedule: Vec<Fees> = values.iter().map(|value| self.best(value)).collect();
        schedule.reverse();
        (schedule, value[MIDDLE])
    }

    /// The mean over unit time of something that trades bring at a constant fee.
    fn mean(self, fee: f64, of: impl Fn(bool, Trade, f64) -> f64 + Copy) -> f64 {
        let fees = Fees { buy: [fee; POINTS], sell: [fee; POINTS] };
        integrate(|value| self.earns(value, &fees, of)).0[MIDDLE]
    }
}

fn revenue(_: bool, trade: Trade, fee: f64) -> f64 {
    fee * trade.price * trade.amount
}

/// Solves v' = f(v) from zero over unit time, to twelve digits; also v in the middle of each of [`STEPS`].
fn integrate(f: impl Fn(&Grid) -> Grid) -> (Grid, Vec<Grid>) {
    let half = 0.5 / to_f64(STEPS);
    let plus = |v: &Grid, h: f64, slope: &Grid| -> Grid { std::array::from_fn(|j| v[j] + h * slope[j]) };
    let mut value = [0.0; POINTS];
    let mut middles = Vec::with_capacity(STEPS);
    for n in 0..2 * STEPS {
        if n % 2 == 1 {
            middles.push(value);
        }
        let a = f(&value);
        let b = f(&plus(&value, 0.5 * half, &a));
        let c = f(&plus(&value, 0.5 * half, &b));
        let d = f(&plus(&value, half, &c));
        value = std::array::from_fn(|j| value[j] + half / 6.0 * (a[j] + 2.0 * b[j] + 2.0 * c[j] + d[j]));
    }
    (value, middles)
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn to_f64(n: usize) -> f64 {
    n as f64
}

/// How takers come to blocks.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// Blocks are a Poisson process of this rate; each has at most one taker.
    Arrivals(f64),
    /// Blocks are equal, so many in unit time; each has at most one buyer and one seller, as the rates at its beginning say.
    Steps(f64),
}

impl Pace {
    /// Faster than all takers at any grid point, at fees about those that are best.
    pub const FAST: Self = Self::Arrivals(500.0);

    fn clock(self) -> Clock {
        let interval = |per_time: f64| SimDuration::from_nanos(to_nanos(to_f64(UNIT_NANOS) / per_time));
        match self {
            Self::Arrivals(rate) => Clock::Poisson(interval(rate)),
            Self::Steps(steps) => Clock::Fixed(interval(steps)),
        }
    }
}

/// Unit time is a day.
const UNIT_NANOS: usize = 86_400_000_000_000;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, below 2⁵³")]
fn to_nanos(nanos: f64) -> u64 {
    nanos.round() as u64
}

/// All takers: an agent who knows the fees, and pays them.
#[derive(Clone, Debug)]
struct Flow {
    takers: Takers,
    pace: Pace,
    /// For equal steps of unit time.
    schedule: Arc<Vec<Fees>>,
    /// Whether a seller comes after the block's buyer.
    seller_waits: bool,
}

impl Flow {
    fn new(takers: Takers, pace: Pace, schedule: Vec<Fees>) -> Self {
        Self { takers, pace, schedule: Arc::new(schedule), seller_waits: false }
    }

    /// The fees of this moment.
    fn fees(&self, market: &dyn Market) -> &Fees {
        let nanos = usize::try_from(market.time().as_nanos()).unwrap_or(usize::MAX);
        &self.schedule[(nanos / (UNIT_NANOS / self.schedule.len())).min(self.schedule.len() - 1)]
    }

    /// Whether a buyer and whether a seller comes in this block.
    fn arrivals(&self, j: usize, fees: &Fees, stream: &mut Stream) -> (bool, bool) {
        let buyers = buy_from(j).map_or(0.0, |(_, trade)| self.takers.buyers(trade, fees.buy[j]));
        let sellers = sell_from(j).map_or(0.0, |(_, trade)| self.takers.sellers(trade, fees.sell[j]));
        let mut uniform = || -> f64 { StandardUniform.sample(stream) };
        match self.pace {
            Pace::Arrivals(rate) => {
                assert!(buyers + sellers <= rate, "{buyers} buyers and {sellers} sellers are more than {rate}");
                let u = uniform() * rate;
                (u < buyers, u >= buyers && u < buyers + sellers)
            }
            Pace::Steps(steps) => (uniform() < -(-buyers / steps).exp_m1(), uniform() < -(-sellers / steps).exp_m1()),
        }
    }
}

impl Agent for Flow {
    fn phase(&self) -> Phase {
        Phase::Flow
    }

    fn order(&mut self, market: &dyn Market, round: u32, stream: &mut Stream) -> Option<Order> {
        let asset = market.reserve(MAIN, ASSET);
        let j = place(asset);
        let fees = self.fees(market);
        let (buys, sells) = match round {
            0 => self.arrivals(j, fees, stream),
            1 => (false, self.seller_waits),
            _ => (false, false),
        };
        let (buy_fee, sell_fee) = (fees.buy[j], fees.sell[j]);
        self.seller_waits = buys && sells;
        if buys {
            let cash = DEPTH / asset_at(j.checked_sub(1)?)? - market.reserve(MAIN, CASH);
            return Some(Order::Swap { pool: MAIN, token_in: CASH, token_out: ASSET, amount_in: cash * (1.0 + buy_fee) });
        }
        if sells {
            let amount = asset_at(j + 1)? - asset;
            return Some(Order::Swap { pool: MAIN, token_in: ASSET, token_out: CASH, amount_in: amount * (1.0 + sell_fee) });
        }
        None
    }
}

/// Trades of a path: how many of each kind, what they paid, and how much.
#[derive(Clone, Copy, Debug, Default)]
struct Earned {
    buys: f64,
    sells: f64,
    fees: f64,
    volume: f64,
}

#[derive(Debug)]
struct Till {
    first: u32,
    paths: Arc<Mutex<Vec<Earned>>>,
}

impl Observer for Till {
    fn event(&mut self, path: u32, _: EventKey, event: &Event) {
        let Event::Swap { token_in, amount_in, amount_out, fee, .. } = *event else { return };
        let earned = &mut self.paths.lock().expect("nobody panicked")[usize::try_from(path - self.first).expect("a lane")];
        if token_in == CASH {
            earned.buys += 1.0;
            earned.fees += fee;
            earned.volume += amount_in - fee;
        } else {
            // A fee in the asset, at the price of the trade.
            earned.sells += 1.0;
            earned.fees += fee * amount_out / (amount_in - fee);
            earned.volume += amount_out;
        }
    }
}

/// Unit time in a pool that keeps fees apart, on so many paths.
fn run(flow: Flow, pool: Arc<dyn PoolModel>, seed: u64, paths: u32) -> Vec<Earned> {
    let asset = Arc::new(Constant::new(OUTSIDE).expect("a price"));
    let clock = flow.pace.clock();
    let scenario = Scenario {
        tokens: vec![TokenSetup::priced("ASSET", 18, Arc::clone(&asset) as _), TokenSetup::numeraire("CASH", 18)],
        pools: vec![PoolSetup::new("main", [ASSET, CASH], Arc::clone(&pool), 2.0 * (DEPTH * OUTSIDE).sqrt())],
        agents: vec![AgentSetup::new("agents.takers", Arc::new(flow))],
        pool_metrics: vec![],
        ..scene(clock, asset, pool, "1d")
    };
    let starts: Vec<u32> = (0..paths).step_by(PACK).collect();
    let packs = starts.into_par_iter().map(|first| {
        let earned = Arc::new(Mutex::new(vec![Earned::default(); PACK]));
        let till = Till { first, paths: Arc::clone(&earned) };
        run_pack(&scenario, seed, first..paths, vec![Box::new(till)]).unwrap_or_else(|error| panic!("{error}"));
        let used = PACK.min(usize::try_from(paths - first).expect("few"));
        earned.lock().expect("nobody panicked")[..used].to_vec()
    });
    packs.collect::<Vec<_>>().concat()
}

fn takers(case: Published) -> Takers {
    Takers { rate: case.input("lam"), slope: case.input("k") }
}

/// A pool of the whole range that charges a part `fee` of what is traded: in millionths of what is paid in, fee/(1 + fee).
fn constant_fee(fee: f64) -> (f64, ConcentratedModel) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some ten thousand")]
    let pips = (fee / (1.0 + fee) * 1e6).round() as u32;
    let tier = FeeTier::new(pips, 1).expect("a tier");
    (f64::from(pips) / (1e6 - f64::from(pips)), ConcentratedModel::uniswap_v3(tier, vec![(RangeRule::Full, 1.0)]))
}

/// Its name, as measured, and of a trade: whether it buys, what it is, and the fee.
type Quantity = (&'static str, fn(&Earned) -> f64, fn(bool, Trade, f64) -> f64);

fn order_flow(effort: Effort) -> Vec<Check> {
    let mut checks = Vec::new();
    for (seed, id) in (2603..).zip(ORDER_FLOW.ids) {
        let case = published(id);
        let takers = takers(case);
        let paths = effort.pick(4096, 100_000);

        let (schedule, best) = takers.optimum();
        let value = case.confirms("optimal_fee_revenue", best, 1e-9);
        let fees: Vec<f64> = run(
            Flow::new(takers, Pace::FAST, schedule.clone()),
            Arc::new(Lifted::new(GridPool::default(), 2)),
            effort.seed(seed),
            paths,
        )
        .iter()
        .map(|earned| earned.fees)
        .collect();
        // A schedule of a thousand steps that is best to first order earns 10⁻⁶ less than the best.
        checks.push(Check::new(id, "fees, the best at any time", Estimate::of(&fees), best).published(value).within(1e-6 * best));

        let middle = schedule[STEPS / 2 - 1];
        let constant = 0.5 * (middle.buy[MIDDLE] + middle.sell[MIDDLE]);
        let theirs = case.confirms("constant_fee", constant, 1e-4);
        let (fee, pool) = constant_fee(theirs);
        let schedule = vec![Fees { buy: [fee; POINTS], sell: [fee; POINTS] }];
        let earned = run(Flow::new(takers, Pace::FAST, schedule), Arc::new(pool), effort.seed(seed + 1000), paths);
        let quantities: [Quantity; 4] = [
            ("constant_fee_revenue", |earned| earned.fees, revenue),
            ("constant_buys", |earned| earned.buys, |buys, _, _| f64::from(u8::from(buys))),
            ("constant_sells", |earned| earned.sells, |buys, _, _| f64::from(u8::from(!buys))),
            ("constant_volume", |earned| earned.volume, |_, trade, _| trade.price * trade.amount),
        ];
        for (name, measured, formula) in quantities {
            let value = case.confirms(name, takers.mean(theirs, formula), 1e-9);
            let column: Vec<f64> = earned.iter().map(measured).collect();
            checks.push(Check::new(id, name, Estimate::of(&column), takers.mean(fee, formula)).published(value));
        }
    }
    checks
}

/// Fee revenue at the published constant fee (λ = 100, k = 2) at some pace, on every path, and what continuous time earns.
pub fn revenue_at(pace: Pace, paths: u32) -> (Vec<f64>, f64) {
    let case = published("dynfee-ctmc-l100-k2");
    let (fee, pool) = constant_fee(case.expected("constant_fee"));
    let schedule = vec![Fees { buy: [fee; POINTS], sell: [fee; POINTS] }];
    let earned = run(Flow::new(takers(case), pace, schedule), Arc::new(pool), 2603, paths);
    (earned.iter().map(|earned| earned.fees).collect(), takers(case).mean(fee, revenue))
}
