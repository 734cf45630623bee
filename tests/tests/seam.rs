//! What a user writes for one path runs in the lockstep world unchanged; and whatever is lifted lane by lane agrees with what is built in.

use std::sync::Arc;

use cenote_amm::constant_product::{ProtocolFee, SwapFee};
use cenote_amm::{
    Amount, ConstantProduct, ConstantProductModel, Fast, FungibleLiquidity, Lifted, LiquidityError, LiquidityOutcome, Owner, Pool,
    PoolModel, SwapError, SwapKind, SwapOutcome, SwapRequest, TokenIndex,
};
use cenote_paths::{PathStep, PriceProcess, Stream};
use cenote_sim::{
    Agent, AgentSetup, Column, GasPrice, GasUnits, Order, Phase, PoolMetric, PositionMetric, PositionSetup, Scenario,
};
use cenote_strategy::{Action, Entry, Market, Position, Strategy};
use cenote_tests::scenes::{ETH, MAIN, USDC, a_year, arbitrageur, duration, every, gbm, noise, passive, poisson, scene};
use cenote_tests::table::{Table, run, run_alone};
use cenote_units::math;
use rand_distr::{Distribution, Exp1, StudentT};

const SEED: u64 = 17;

/// A constant product of one's own, from the textbook: x y = k, fee on the input, nobody's contract.
#[derive(Clone, Debug)]
struct Textbook {
    reserves: [f64; 2],
    fee: f64,
    owners: Vec<(Owner, f64)>,
}

impl Textbook {
    fn new(fee: f64) -> Self {
        Self { reserves: [0.0; 2], fee, owners: Vec::new() }
    }

    fn balance(&mut self, owner: Owner) -> &mut f64 {
        let place = self.owners.iter().position(|(o, _)| *o == owner).unwrap_or_else(|| {
            self.owners.push((owner, 0.0));
            self.owners.len() - 1
        });
        &mut self.owners[place].1
    }
}

impl Pool for Textbook {
    type Lane = Fast;

    fn token_count(&self) -> usize {
        2
    }

    fn quote(&self, request: &SwapRequest<Fast>) -> Result<SwapOutcome<Fast>, SwapError> {
        let (x, y) = (self.reserves[request.token_in.get()], self.reserves[request.token_out.get()]);
        let kept = 1.0 - self.fee;
        let (paid, out) = match request.kind {
            SwapKind::ExactIn => (request.amount, y - x * y / (x + request.amount * kept)),
            SwapKind::ExactOut if request.amount < y => ((x * y / (y - request.amount) - x) / kept, request.amount),
            SwapKind::ExactOut => return Err(SwapError::InsufficientLiquidity { amount_out: request.amount, reserve: y }),
        };
        if paid > 0.0 { Ok(SwapOutcome::new(paid, out, paid * self.fee)) } else { Err(SwapError::InsufficientInputAmount) }
    }

    fn swap(&mut self, request: &SwapRequest<Fast>) -> Result<SwapOutcome<Fast>, SwapError> {
        let outcome = self.quote(request)?;
        self.reserves[request.token_in.get()] += outcome.amount_in;
        self.reserves[request.token_out.get()] -= outcome.amount_out;
        Ok(outcome)
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex) -> Option<f64> {
        Some(self.reserves[quote.get()] / self.reserves[base.get()])
    }

    fn swap_to(&self, base: TokenIndex, quote: TokenIndex, target: f64) -> Option<SwapRequest<Fast>> {
        let (x, y, kept) = (self.reserves[base.get()], self.reserves[quote.get()], 1.0 - self.fee);
        let sell = ((kept * x * y / target).sqrt() - x) / kept;
        let buy = ((kept * x * y * target).sqrt() - y) / kept;
        if sell > 0.0 {
            Some(SwapRequest::exact_in((base, quote), sell))
        } else {
            (buy > 0.0).then(|| SwapRequest::exact_in((quote, base), buy))
        }
    }
}

impl FungibleLiquidity for Textbook {
    fn mint(&mut self, owner: Owner, amounts: &[Amount<Self>]) -> Result<LiquidityOutcome<Fast>, LiquidityError> {
        let (supply, [x, y]) = (self.total_supply(), self.reserves);
        let share = if supply > 0.0 { (amounts[0] / x).min(amounts[1] / y) } else { 1.0 };
        let taken = if supply > 0.0 { [x * share, y * share] } else { [amounts[0], amounts[1]] };
        let minted = if supply > 0.0 { supply * share } else { (amounts[0] * amounts[1]).sqrt() };
        if minted > 0.0 {
            self.reserves = [x + taken[0], y + taken[1]];
            *self.balance(owner) += minted;
            Ok(LiquidityOutcome::new(minted, taken.to_vec()))
        } else {
            Err(LiquidityError::InsufficientLiquidityMinted)
        }
    }

    fn burn(&mut self, owner: Owner, liquidity: Amount<Self>) -> Result<LiquidityOutcome<Fast>, LiquidityError> {
        let balance = *self.balance(owner);
        if liquidity > balance {
            return Err(LiquidityError::InsufficientBalance { owner: owner.id(), balance, amount: liquidity });
        }
        let share = liquidity / self.total_supply();
        let paid = self.reserves.map(|reserve| reserve * share);
        self.reserves = [self.reserves[0] - paid[0], self.reserves[1] - paid[1]];
        *self.balance(owner) -= liquidity;
        Ok(LiquidityOutcome::new(liquidity, paid.to_vec()))
    }

    fn transfer(&mut self, from: Owner, to: Owner, amount: Amount<Self>) -> Result<(), LiquidityError> {
        *self.balance(from) -= amount;
        *self.balance(to) += amount;
        Ok(())
    }

    fn total_supply(&self) -> Amount<Self> {
        self.owners.iter().map(|(_, balance)| balance).sum()
    }

    fn balance_of(&self, owner: Owner) -> Amount<Self> {
        self.owners.iter().find(|(o, _)| *o == owner).map_or(0.0, |(_, balance)| *balance)
    }

    fn reserve(&self, token: TokenIndex) -> Option<Amount<Self>> {
        self.reserves.get(token.get()).copied()
    }

    fn invariant(&self) -> f64 {
        (self.reserves[0] * self.reserves[1]).sqrt()
    }
}

/// A price with fat tails.
#[derive(Clone, Debug)]
struct FatTails {
    log_price: f64,
}

impl PriceProcess for FatTails {
    fn start(&mut self) -> f64 {
        self.log_price = 0.0;
        2000.0
    }

    fn step(&mut self, step: &PathStep, stream: &mut Stream) -> f64 {
        let t: f64 = StudentT::new(4.0).unwrap().sample(stream);
        self.log_price += 0.5 * step.years.sqrt() * t;
        2000.0 * math::exp(self.log_price)
    }
}

/// Follows the pool's last move: an agent with a memory and random numbers of its own. It trades up to three times in a block.
#[derive(Clone, Debug)]
struct Follower {
    last: Option<f64>,
}

impl Agent for Follower {
    fn phase(&self) -> Phase {
        Phase::Flow
    }

    fn gas(&self) -> f64 {
        90_000.0
    }

    fn order(&mut self, market: &dyn Market, round: u32, stream: &mut Stream) -> Option<Order> {
        let price = market.spot_price(MAIN, ETH, USDC);
        // A mint in proportion moves the price by rounding alone.
        let rose = self.last.replace(price).is_none_or(|last| price > last * (1.0 + 1e-9));
        let size: f64 = Exp1.sample(stream);
        (round < 3 && size > 0.7).then(|| {
            let value = 2000.0 * size;
            if rose {
                Order::Swap { pool: MAIN, token_in: USDC, token_out: ETH, amount_in: value }
            } else {
                Order::Swap { pool: MAIN, token_in: ETH, token_out: USDC, amount_in: value / market.price(ETH) }
            }
        })
    }
}

/// Leaves when a tenth of the deposit is gone, and comes back when the price has recovered.
#[derive(Clone, Debug)]
struct Cautious {
    entered: bool,
    left_at: Option<f64>,
}

impl Strategy for Cautious {
    fn entry(&self) -> Entry {
        Entry::Pool(MAIN)
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let (inside, price) = (position.lp[MAIN.index()] > 0.0, market.price(ETH));
        let back = self.left_at.is_some_and(|left_at| price > 1.02 * left_at);
        if !self.entered || (!inside && back) {
            (self.entered, self.left_at) = (true, None);
            return Some(Action::Mint { pool: MAIN, fraction: 1.0 });
        }
        if inside && position.value < 0.9 * position.deposit_value {
            self.left_at = Some(price);
            return Some(Action::Burn { pool: MAIN, fraction: 1.0 });
        }
        None
    }
}

fn cautious() -> PositionSetup {
    let strategy = Arc::new(Cautious { entered: false, left_at: None });
    let gas = GasUnits { mint: 200_000.0, burn: 150_000.0, ..GasUnits::default() };
    PositionSetup { gas, ..PositionSetup::new("cautious", strategy, 50e3) }
}

fn follower() -> AgentSetup {
    AgentSetup::new("agents.follower", Arc::new(Follower { last: None }))
}

/// Everything of one's own but the arbitrageur.
fn own_world(pool: Arc<dyn PoolModel>, random_blocks: bool) -> Scenario {
    let clock = if random_blocks { poisson("1h") } else { every("1h") };
    let mut scenario = Scenario {
        agents: vec![arbitrageur(100_000.0), follower()],
        positions: vec![cautious(), passive()],
        warm_up: duration("30h"),
        audit: true,
        ..scene(clock, Arc::new(FatTails { log_price: 0.0 }), pool, "60d")
    };
    scenario.chains[0].native = Some(ETH);
    scenario.chains[0].gas_price = GasPrice::Constant(20e-9);
    scenario
}

/// Largest difference of two tables: relative, of money against the deposit or the pool at least. Residuals are rounding itself.
fn distance(a: &Table, b: &Table) -> (f64, Option<Column>) {
    assert_eq!(a.columns, b.columns);
    let mut worst = (0.0, None);
    for ((column, a), b) in a.columns.iter().zip(&a.values).zip(&b.values) {
        if let Column::Position(_, PositionMetric::AttributionResidual) = column {
            continue;
        }
        let floor = match column {
            Column::Position(_, metric) if metric.unit() == cenote_sim::MetricUnit::Money => 50e3,
            Column::Pool(_, metric) if metric.unit() == cenote_sim::MetricUnit::Money => 10e6,
            _ => 1.0,
        };
        for (a, b) in a.iter().zip(b) {
            let off = (a - b).abs() / a.abs().max(b.abs()).max(floor);
            if off > worst.0 || off.is_nan() {
                worst = (off, Some(*column));
            }
        }
    }
    worst
}

fn assert_within(what: &str, a: &Table, b: &Table, tolerance: f64) {
    let (off, column) = distance(a, b);
    println!("{what}: {off:.1e} in {column:?}");
    assert!(off <= tolerance, "{what}: {off:e} in {column:?}");
}

#[test]
fn components_of_ones_own_run_in_lockstep() {
    for random_blocks in [false, true] {
        let own = own_world(Arc::new(Lifted::new(Textbook::new(0.003), 2)), random_blocks);
        let all = run(&own, SEED, 100);
        // They did something: left and came back, traded, paid gas.
        let column = |metric| all.position(0, metric);
        assert!(column(PositionMetric::Rebalances).iter().any(|&n| n > 0.0));
        assert!(column(PositionMetric::Exited).contains(&1.0) && column(PositionMetric::Exited).contains(&0.0));
        assert!(column(PositionMetric::Gas).iter().all(|&gas| gas > 0.0));
        let trades = all.pool(0, PoolMetric::Trades).iter().zip(all.pool(0, PoolMetric::ArbitrageTrades));
        assert!(trades.into_iter().all(|(all, arbitrage)| all - arbitrage > 300.0));

        // Alone and in a pack, to the bit.
        for path in [0, 63, 64, 99] {
            let alone = run_alone(&own, SEED, path);
            for ((column, all), alone) in all.columns.iter().zip(all.bits()).zip(alone.bits()) {
                assert_eq!(all[path as usize], alone[0], "{column:?} of path {path}");
            }
        }

        // The textbook is right: the pool that comes along says the same.
        let built_in = own_world(Arc::new(ConstantProductModel::new(SwapFee::UNISWAP_V2, None)), random_blocks);
        assert_within("textbook against built-in", &all, &run(&built_in, SEED, 100), 1e-9);
    }
}

/// A month of noise and arbitrage that pays gas, with a position that comes and goes.
fn month(model: Arc<dyn PoolModel>) -> Scenario {
    let mut scenario = Scenario {
        agents: vec![arbitrageur(120_000.0), noise()],
        positions: vec![cautious(), passive()],
        audit: true,
        ..scene(every("1h"), gbm(0.0, 1.2), model, "30d")
    };
    scenario.chains[0].native = Some(ETH);
    scenario.chains[0].gas_price = GasPrice::Constant(20e-9);
    scenario
}

#[test]
fn a_lifted_pool_agrees_with_its_lanes() {
    let lanes = |protocol| Arc::new(ConstantProductModel::new(SwapFee::PANCAKESWAP_V2, protocol));
    let mut taxed = ConstantProduct::<Fast>::pancakeswap_v2().with_decimals([18, 6]);
    taxed.pair_mut().set_fee_to(Some(Owner::new(77)));
    let free = ConstantProduct::<Fast>::pancakeswap_v2().with_decimals([18, 6]);
    for (what, lifted, protocol) in [("no protocol fee", free, None), ("protocol fee", taxed, Some(ProtocolFee::PANCAKESWAP_V2))] {
        let one = run(&month(Arc::new(Lifted::new(lifted, 2))), SEED, 128);
        let many = run(&month(lanes(protocol)), SEED, 128);
        assert_within(what, &one, &many, 1e-9);
    }
}

#[test]
fn the_exact_lane_agrees_with_the_fast_one() {
    for protocol in [None, Some(ProtocolFee::UNISWAP_V2)] {
        let model = ConstantProductModel::new(SwapFee::UNISWAP_V2, protocol);
        for path in [0, 1, 2] {
            let exact = run_alone(&month(Arc::new(Lifted::new(model.exact([18, 6]), 2))), SEED, path);
            assert_within("exact against fast", &exact, &run_alone(&month(Arc::new(model)), SEED, path), 1e-6);
        }
    }
    // A year, hour by hour.
    let model = ConstantProductModel::new(SwapFee::UNISWAP_V2, None);
    let mut year = a_year();
    year.pools[0].model = Arc::new(Lifted::new(model.exact([18, 6]), 2));
    assert_within("a year", &run_alone(&year, SEED, 3), &run_alone(&a_year(), SEED, 3), 1e-6);
}
