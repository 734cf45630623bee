//! Liquidity between P e^{−b} and P e^b: how long the price stays, how often the range is moved, and what a cycle leaves of the value.
//!
//! Theory watches all the time; here ranges are watched at block ends, when the price is beyond the edge by 0.5826 deviations of a block in
//! the mean. To first order that is a continuous watch of edges so much further out (Broadie, Glasserman, Kou, "A continuity correction for
//! discrete barrier options", 1997); what it leaves is of the order of a block's variance over b².
//!
//! Survival: Darling and Siegert, "The first passage problem for a continuous Markov process" (1953). Cycles: optional stopping of a price
//! that is a martingale.

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::{Arc, Mutex};

use cenote_amm::concentrated::FeeTier;
use cenote_amm::{ConcentratedModel, RangeRule};
use cenote_paths::{Gbm, PACK};
use cenote_sim::{Event, EventKey, Observer, PositionSetup, Scenario, TokenSetup};
use cenote_strategy::Recentre;
use cenote_study::stats::Estimate;
use cenote_study::{StudyResult, Subject};
use cenote_units::SimDuration;
use rayon::prelude::*;
use statrs::function::erf::erf;

use super::{Case, Check, Effort, Published, published, run_study};
use crate::scenes::{MAIN, arbitrageur, scene};
use crate::table::run_pack;
use crate::walk::OVERSHOOT;

pub(super) const SURVIVAL: Case = Case { ids: &["range-survival"], in_tests: true, run: survival };
pub(super) const TIME_INSIDE: Case = Case { ids: &["time-in-range"], in_tests: true, run: time_inside };
pub(super) const COUNT: Case = Case { ids: &["reset-count"], in_tests: true, run: count };
pub(super) const CYCLE: Case = Case { ids: &["reset-cycle-a"], in_tests: true, run: cycle };

/// A pool without fee that follows the price, whose ticks are a basis point apart and begin at the price of the start.
const STUDY: &str = r#"
schema = 1

[study]
horizon   = "36.5d"
numeraire = "USD"
metrics   = ["rebalances", "time_in_range"]

[chains.blocks]
block_time = "1min"
native     = "ETH"

[tokens]
USD = { decimals = 18 }
ETH = { decimals = 18, price = { process = "gbm", initial = "1 USD", log_drift = "0%", volatility = "80%" } }

[pools.main]
kind         = "uniswap-v3"
chain        = "blocks"
tokens       = ["ETH", "USD"]
fee          = "0bp"
tick_spacing = 1
tvl          = "10_000_000 USD"

[[agents]]
kind  = "arbitrageur"
pools = ["main"]
"#;

fn run(case: Published, years: f64, minutes: f64, seed: u64, paths: f64, position: &str) -> StudyResult {
    let changes = [
        format!("study.seed={seed}"),
        format!("study.paths={}", paths.round()),
        format!("study.horizon={}s", (years * 365.0 * 86_400.0).round()),
        format!("chains.blocks.block_time={minutes}min"),
        format!("tokens.ETH.price.volatility={}%", 100.0 * case.input("sigma")),
    ];
    let position = format!("{STUDY}\n[[positions]]\nname = \"it\"\npool = \"main\"\ndeposit = \"1 USD\"\n{position}\n");
    run_study(&position, &changes)
}

/// Follows the price whenever it leaves the range.
fn recentred(b: f64) -> String {
    format!("strategy = \"recentre\"\nwidth = \"{}%\"", 100.0 * b.exp_m1())
}

/// Half the width of a range around a tick, b being rounded to a whole number of ticks.
fn snapped(b: f64) -> f64 {
    let tick = 1e-4_f64.ln_1p();
    (b / tick).round() * tick
}

/// Deviation of the log price over a block.
fn deviation(case: Published, minutes: f64) -> f64 {
    case.input("sigma") * (minutes / 525_600.0).sqrt()
}

/// P(|W| < b all the time until T), v = σ²T/b² being the time in units of the way out.
fn stays(v: f64) -> f64 {
    let term = |n: i32| {
        let odd = f64::from(2 * n + 1);
        let sign = if n % 2 == 0 { 1.0 } else { -1.0 };
        sign / odd * (-odd * odd * PI * PI * v / 8.0).exp()
    };
    4.0 / PI * (0..200).map(term).sum::<f64>()
}

/// Mean number of exits from the middle of (−b, b) by then, but for what falls exponentially.
fn exits(v: f64) -> f64 {
    v - 1.0 / 6.0
}

fn survival(effort: Effort) -> Vec<Check> {
    const ID: &str = "range-survival";
    let case = published(ID);
    let (b, minutes) = (case.input("b"), effort.pick(4.0, 1.0));
    let wider = snapped(b) + OVERSHOOT * deviation(case, minutes);
    let check = |(place, years): (u64, f64)| {
        let variance = case.input("sigma").powi(2) * years;
        let value = case.confirms(&place.to_string(), stays(variance / (b * b)), 1e-9);
        let paths = effort.pick(5e7, 4e8) / (years * 525_600.0 / minutes);
        let result = run(case, years, minutes, effort.seed(50 + place), paths, &recentred(b));
        let moved = result.column(Subject::Position, "it", "rebalances").expect("a metric of the study");
        let stayed: Vec<f64> = moved.iter().map(|&times| f64::from(u8::from(times == 0.0))).collect();
        let quantity = format!("P(not left by {years} years), watched every {minutes} min");
        let tolerance = value * (deviation(case, minutes) / b).powi(2);
        Check::new(ID, quantity, Estimate::of(&stayed), stays(variance / (wider * wider))).published(value).within(tolerance)
    };
    (0..).zip(case.inputs("T")).map(check).collect()
}

/// Share of the time with |log(P/P0)| < b. What the pool's price is after a block it is until the next.
fn time_inside(effort: Effort) -> Vec<Check> {
    const ID: &str = "time-in-range";
    const BLOCKS: u32 = 2000;
    let case = published(ID);
    let b = case.input("b");
    let position = format!("strategy = \"range\"\nrange = [\"{}%\", \"{}%\"]", 100.0 * (-b).exp_m1(), 100.0 * b.exp_m1());
    let check = |(place, years): (u64, f64)| {
        let deviation = case.input("sigma") * years.sqrt();
        // The integral over [0, 1] of P(|W(t)| < b), by the substitution t = u² that makes it smooth.
        let points = 20_000;
        let inside = |b: f64, t: f64| if t > 0.0 { erf(b / deviation / (2.0 * t).sqrt()) } else { 1.0 };
        let integral = (0..points).map(|i| (f64::from(i) + 0.5) / f64::from(points)).map(|u| 2.0 * u * inside(b, u * u));
        let value = case.confirms(&place.to_string(), integral.sum::<f64>() / f64::from(points), 1e-6);
        let expected = (0..BLOCKS).map(|n| inside(snapped(b), f64::from(n) / f64::from(BLOCKS))).sum::<f64>() / f64::from(BLOCKS);
        let minutes = years * 525_600.0 / f64::from(BLOCKS);
        let result = run(case, years, minutes, effort.seed(60 + place), effort.pick(2e4, 2e5), &position);
        let estimate = result.position("it", "time_in_range").expect("a metric of the study").mean;
        let quantity = format!("share of {years} years, {BLOCKS} blocks");
        Check::new(ID, quantity, estimate, expected).published(value)
    };
    (0..).zip(case.inputs("T")).map(check).collect()
}

fn count(effort: Effort) -> Vec<Check> {
    const ID: &str = "reset-count";
    let case = published(ID);
    let (b, minutes) = (case.input("b"), effort.pick(5.0, 2.0));
    let wider = b + OVERSHOOT * deviation(case, minutes);
    let check = |(place, years): (u64, f64)| {
        let variance = case.input("sigma").powi(2) * years;
        // Exponentially small at the shortest time: 10⁻⁵.
        let value = case.confirms(&place.to_string(), exits(variance / (b * b)), 1e-5);
        let paths = effort.pick(5e7, 4e8) / (years * 525_600.0 / minutes);
        let result = run(case, years, minutes, effort.seed(70 + place), paths, &recentred(b));
        let estimate = result.position("it", "rebalances").expect("a metric of the study").mean;
        let quantity = format!("moves in {years} years, watched every {minutes} min");
        // The correction's own error; and new ranges begin at the nearest tick.
        let tolerance = value * ((deviation(case, minutes) / b).powi(2) + 1e-6);
        Check::new(ID, quantity, estimate, exits(variance / (wider * wider))).published(value).within(tolerance)
    };
    (0..).zip(case.inputs("T")).map(check).collect()
}

/// From one mint of a range to the exit from it.
#[derive(Clone, Copy, Debug)]
struct Cycle {
    path: u32,
    years: f64,
    /// The value at the end over that at the start.
    ratio: f64,
    up: bool,
}

/// What an observer knows of a path's present cycle.
#[derive(Clone, Copy, Debug)]
struct Present {
    /// When it began, what was there then, and at which price.
    began: (f64, f64, f64),
    price: f64,
    left: bool,
}

/// Price and deposit of the start are one.
const START: Present = Present { began: (0.0, 1.0, 1.0), price: 1.0, left: false };

/// Collects cycles, path by path.
#[derive(Debug)]
struct Cycles {
    first: u32,
    present: Vec<Present>,
    done: Arc<Mutex<Vec<Cycle>>>,
}

impl Observer for Cycles {
    fn event(&mut self, path: u32, key: EventKey, event: &Event) {
        let present = &mut self.present[usize::try_from(path - self.first).expect("a lane")];
        let years = SimDuration::from_nanos(key.time.as_nanos()).as_years();
        match *event {
            Event::Price { price, .. } => present.price = price,
            Event::Burn { .. } => present.left = true,
            // After the new range was minted: without fee and in a deep pool nothing was lost on the way.
            Event::Mark { value, .. } if present.left => {
                let (since, before, price) = present.began;
                let cycle = Cycle { path, years: years - since, ratio: value / before, up: present.price > price };
                self.done.lock().expect("nobody panicked").push(cycle);
                present.began = (years, value, present.price);
                present.left = false;
            }
            _ => {}
        }
    }
}

/// Cycles of the built-in strategy, of a price without drift.
fn cycles(b: f64, volatility: f64, minutes: u32, years: f64, paths: u32, seed: u64) -> Vec<Cycle> {
    let price = Arc::new(Gbm::per_year(1.0, 0.0, volatility).expect("parameters in range"));
    let pool = ConcentratedModel::uniswap_v3(FeeTier::new(0, 1).expect("a tier"), vec![(RangeRule::Full, 1.0)]);
    let strategy = Recentre::new(MAIN, b.exp_m1()).expect("a width");
    let block = SimDuration::from_nanos(u64::from(minutes) * 60_000_000_000);
    let scenario = Scenario {
        tokens: vec![TokenSetup::priced("ETH", 18, Arc::clone(&price) as _), TokenSetup::numeraire("USD", 18)],
        agents: vec![arbitrageur(0.0)],
        positions: vec![PositionSetup::new("it", Arc::new(strategy), 1.0)],
        position_metrics: vec![],
        pool_metrics: vec![],
        ..scene(cenote_sim::Clock::Fixed(block), price, Arc::new(pool), &format!("{}s", (years * 31_536_000.0).round()))
    };
    let packs: Vec<u32> = (0..paths).step_by(PACK).collect();
    let watched = packs.into_par_iter().map(|first| {
        let done = Arc::new(Mutex::new(Vec::new()));
        let observer = Cycles { first, present: vec![START; PACK], done: Arc::clone(&done) };
        let last = first + u32::try_from(PACK).expect("a pack is small");
        run_pack(&scenario, seed, first..last, vec![Box::new(observer)]).unwrap_or_else(|error| panic!("{error}"));
        done.lock().expect("nobody panicked").clone()
    });
    watched.collect::<Vec<_>>().concat()
}

/// So many first cycles of every path count: a number known beforehand, so that long ones are not passed over.
const CYCLES: usize = 4;

/// Of the first cycles of every path. In sixteen mean lengths four of them are not over with a probability of 10⁻⁵.
fn cycle(effort: Effort) -> Vec<Check> {
    const ID: &str = "reset-cycle-a";
    let case = published(ID);
    let (b, volatility) = (case.input("b"), case.input("sigma"));
    let minutes = effort.pick(20, 5);
    let step = deviation(case, f64::from(minutes));
    let theirs = Model { b, exit: b, volatility };
    // Watched at block ends: the edges where it is left, beside those of the range itself.
    let ours = Model { b, exit: b + OVERSHOOT * step, volatility };
    let paths = effort.pick(4096, 16_384);
    let all = cycles(b, volatility, minutes, 16.0 * theirs.time(), paths, effort.seed(2106));
    let firsts = firsts(&all);
    assert!(firsts.len() > 999 * CYCLES * usize::try_from(paths).expect("few") / 1000, "{} cycles", firsts.len());
    let column = |of: &dyn Fn(&Cycle) -> f64| Estimate::of(&firsts.iter().map(of).collect::<Vec<f64>>());
    let only =
        |up: bool| Estimate::of(&firsts.iter().filter(|cycle| cycle.up == up).map(|cycle| cycle.ratio).collect::<Vec<f64>>());
    let small = (step / b).powi(2);
    // New ranges begin at the nearest ticks, half of one away at most: the value per cycle feels the square of it.
    let ticks = 1e-6;
    [
        ("p_up", column(&|cycle| f64::from(u8::from(cycle.up))), Model::up as fn(&Model) -> f64, small),
        ("mean_exit_time", column(&|cycle| cycle.years), Model::time, small),
        ("mean_cycle_value_ratio", column(&|cycle| cycle.ratio), Model::ratio, step * step + ticks),
        ("ratio_up", only(true), Model::ratio_up, ticks),
        ("ratio_down", only(false), Model::ratio_down, step * step + ticks),
        ("loss_rate_per_time", ratio(&firsts, |cycle| 1.0 - cycle.ratio), Model::loss_rate, small),
        ("log_growth_rate", ratio(&firsts, |cycle| cycle.ratio.ln()), Model::growth, small),
    ]
    .map(|(name, estimate, formula, off)| {
        let value = case.confirms(name, formula(&theirs), 1e-9);
        let expected = formula(&ours);
        let quantity = format!("{name}, watched every {minutes} min");
        Check::new(ID, quantity, estimate, expected).published(value).within(off * expected.abs())
    })
    .into()
}

/// The first cycles of every path.
fn firsts(all: &[Cycle]) -> Vec<Cycle> {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    // Of one path they are in order.
    let is_early = |cycle: &&Cycle| {
        let count = counts.entry(cycle.path).or_default();
        *count += 1;
        *count <= CYCLES
    };
    all.iter().filter(is_early).copied().collect()
}

/// The mean of something over cycles per mean time of a cycle, with the error of the quotient.
fn ratio(cycles: &[Cycle], of: impl Fn(&Cycle) -> f64) -> Estimate {
    let mean = |column: Vec<f64>| Estimate::of(&column);
    let (what, time) = (mean(cycles.iter().map(&of).collect()), mean(cycles.iter().map(|cycle| cycle.years).collect()));
    let rate = what.mean / time.mean;
    let residuals = mean(cycles.iter().map(|cycle| of(cycle) - rate * cycle.years).collect());
    Estimate { mean: rate, standard_error: residuals.standard_error / time.mean }
}

/// A range of half-width b in logarithms, left where the log price is `exit` away from its middle.
struct Model {
    b: f64,
    exit: f64,
    volatility: f64,
}

impl Model {
    /// 1/(1 + e^b): E[S] = 1 where it is left.
    fn up(&self) -> f64 {
        1.0 / (1.0 + self.exit.exp())
    }

    /// (2b/σ²) tanh(b/2): E[log S] = −σ²E[τ]/2.
    fn time(&self) -> f64 {
        2.0 * self.exit / self.volatility.powi(2) * (0.5 * self.exit).tanh()
    }

    /// All in the numeraire: (1 + e^{b/2})/2.
    fn ratio_up(&self) -> f64 {
        0.5 * (1.0 + (0.5 * self.b).exp())
    }

    /// All in the token: (e^{b/2} + 1)/2 of it, worth e^{−exit} each.
    fn ratio_down(&self) -> f64 {
        0.5 * ((0.5 * self.b).exp() + 1.0) * (-self.exit).exp()
    }

    fn ratio(&self) -> f64 {
        self.up() * self.ratio_up() + (1.0 - self.up()) * self.ratio_down()
    }

    fn loss_rate(&self) -> f64 {
        (1.0 - self.ratio()) / self.time()
    }

    fn growth(&self) -> f64 {
        (self.up() * self.ratio_up().ln() + (1.0 - self.up()) * self.ratio_down().ln()) / self.time()
    }
}
