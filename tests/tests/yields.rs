//! Farms, lending markets and what goes wrong with them, in the loop: by hand, by theory, and by books that add up on every path.

use std::sync::Arc;

use cenote_amm::concentrated::FeeTier;
use cenote_amm::{ConcentratedModel, PriceRange, RangeRule};
use cenote_paths::{Constant, Gbm, Ou, PriceModel};
use cenote_sim::{
    AgentSetup, ChainSetup, Clock, CoverTerms, FarmCrowd, FarmSetup, GasPrice, GasUnits, LendingSetup, PoolSetup,
    PositionMetric as M, PositionSetup, RewardLock, RewardSellers, RiskKind, RiskSetup, RiskTarget, Scenario, Staked,
    StrategyModel, TokenSetup, Utilisation, VaultSetup, VoteTerms, World,
};
use cenote_strategy::{
    Action, Asset, BestYield, ChainId, Entry, FarmId, Farming, Guard, Guarded, InVault, Lend, LendingId, Looping, Market, PoolId,
    Portfolio, Position, RangeId, Rewards, Stake, Strategy, TokenId, Trigger, VaultId, Wake,
};
use cenote_tests::scenes::{arbitrageur, constant_product, duration, every, gbm, noise};
use cenote_tests::statistics::assert_agrees;
use cenote_yield::emission::Emission;
use cenote_yield::farm::{Boost, GaugeModel, MasterChefModel, StakingRewardsModel};
use cenote_yield::lending::{Collateral, RateModel, ReserveModel, utilisation_to_logit};

const ETH: TokenId = TokenId(0);
const USDC: TokenId = TokenId(1);
const CAKE: TokenId = TokenId(2);
const MAIN: PoolId = PoolId(0);
const CAKES: PoolId = PoolId(1);
const FARM: FarmId = FarmId(0);
const SYRUP: FarmId = FarmId(1);
const DOLLARS: LendingId = LendingId(0);
const ETHERS: LendingId = LendingId(1);

const CAKE_PRICE: f64 = 2.5;
/// CAKE per year.
const RATE: f64 = 1_000_000.0;

fn constant(price: f64) -> Arc<dyn PriceModel> {
    Arc::new(Constant::new(price).unwrap())
}

fn fraction(text: &str) -> cenote_units::Fraction {
    text.parse().unwrap()
}

fn reserve(utilisation: &str) -> ReserveModel {
    let rates = RateModel::new("0%".parse().unwrap(), "4%".parse().unwrap(), "60%".parse().unwrap(), fraction("90%")).unwrap();
    ReserveModel::new(rates, fraction("10%"), 1e9, fraction(utilisation)).unwrap()
}

fn farm(name: &str, stake: Stake, staked: Staked) -> FarmSetup {
    FarmSetup {
        name: name.to_owned(),
        chain: ChainId(0),
        stake,
        rewards: vec![CAKE],
        model: Arc::new(MasterChefModel::new(Emission::constant(RATE).unwrap())),
        staked,
        crowd: None,
        inflow: None,
        deposit_fee: 0.0,
        withdrawal_fee: 0.0,
        lock: None,
    }
}

fn lending(name: &str, token: TokenId, utilisation: Utilisation) -> LendingSetup {
    LendingSetup {
        name: name.to_owned(),
        chain: ChainId(0),
        token,
        model: reserve("80%"),
        utilisation,
        collateral: Collateral::new(7_500, 8_000, 10_500).unwrap(),
    }
}

/// Nothing moves: a farm of LP tokens, one of CAKE, markets of both other tokens.
fn still(horizon: &str) -> Scenario {
    Scenario {
        tokens: vec![
            TokenSetup::priced("ETH", 18, constant(2000.0)),
            TokenSetup::numeraire("USDC", 6),
            TokenSetup::priced("CAKE", 18, constant(CAKE_PRICE)),
        ],
        numeraire: USDC,
        pools: vec![
            PoolSetup::new("main", [ETH, USDC], constant_product(3000), 10e6),
            PoolSetup::new("cakes", [CAKE, USDC], constant_product(2500), 5e6),
        ],
        farms: vec![farm("main", Stake::Pool(MAIN), Staked::Share(0.6)), farm("syrup", Stake::Token(CAKE), Staked::Amount(1e6))],
        lending: vec![lending("usdc", USDC, Utilisation::Constant), lending("eth", ETH, Utilisation::Constant)],
        audit: true,
        ..Scenario::new(ChainSetup::new("bsc", every("1h")), duration(horizon))
    }
}

/// Everything moves, and everything goes wrong.
fn lively(horizon: &str) -> Scenario {
    use RiskTarget::{Farm, Lending, Pool, Token};

    let mut scenario = still(horizon);
    scenario.tokens[0].price = Some(gbm(0.0, 0.9));
    scenario.tokens[2].price = Some(Arc::new(Gbm::per_year(CAKE_PRICE, -0.4, 0.95).unwrap()));
    scenario.chains[0].native = Some(ETH);
    scenario.chains[0].gas_price = GasPrice::Constant(1e-9);
    scenario.chains[0].clock = Clock::Poisson(duration("1h"));
    let logit = utilisation_to_logit(0.8);
    let process = Ou::new(logit, logit, duration("7d"), "300%".parse().unwrap()).unwrap();
    scenario.lending[0].utilisation = Utilisation::Logit(Arc::new(process));
    scenario.farms[0].model = Arc::new(MasterChefModel::new(Emission::halving(RATE, duration("10d")).unwrap()));
    scenario.farms[0].crowd = Some(FarmCrowd { target_apr: 0.25, response: duration("5d") });
    scenario.farms[0].deposit_fee = 0.001;
    scenario.farms[0].withdrawal_fee = 0.002;
    scenario.farms[1].lock = Some(RewardLock { duration: duration("3d"), linear: true, penalty: None });
    scenario.farms[1].inflow = Some(gbm(0.0, 0.5));
    scenario.agents = vec![arbitrageur(0.0), noise()];
    let risk = |name: &str, kind, targets: &[RiskTarget]| RiskSetup {
        name: name.to_owned(),
        kind,
        targets: targets.to_vec(),
        rate: 10.0,
        contagion: 0.5,
    };
    let some = Some(duration("2d"));
    scenario.risks = vec![
        risk("halt", RiskKind::Halt { duration: some }, &[Farm(FARM), Farm(SYRUP)]),
        risk("freeze", RiskKind::Freeze { duration: some }, &[Farm(FARM), Lending(DOLLARS)]),
        risk("depeg", RiskKind::Depeg { severity: 0.3, recovery: some }, &[Token(CAKE)]),
        risk("theft", RiskKind::Exploit { severity: 0.4, recovered: 0.25 }, &[Farm(FARM), Pool(MAIN), Lending(DOLLARS)]),
        risk("rug", RiskKind::RugPull { severity: 0.2, token: CAKE }, &[Pool(CAKES)]),
        risk("oracle", RiskKind::OracleManipulation { severity: 0.4 }, &[Lending(ETHERS)]),
        risk("stale", RiskKind::OracleFailure { duration: some }, &[Lending(ETHERS), Lending(DOLLARS)]),
    ];
    scenario
}

const GAS: GasUnits =
    GasUnits { deposit: 250e3, claim: 180e3, withdraw: 250e3, swap: 150e3, mint: 200e3, approve: 50e3, ..GasUnits::FREE };

/// Does a little of everything, every ten hours.
#[derive(Clone, Debug)]
struct Busy {
    next: u64,
    stage: usize,
}

impl Strategy for Busy {
    fn entry(&self) -> Entry {
        Entry::Tokens(vec![(ETH, 0.5), (USDC, 0.5)])
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if market.time().as_nanos() < self.next {
            return None;
        }
        let wallet = |token: TokenId| position.wallet[token.index()];
        let owed = position.lending[DOLLARS.index()].owed;
        self.stage += 1;
        let action = match self.stage {
            1 => Action::Mint { pool: MAIN, fraction: 0.7 },
            2 => Action::Stake { farm: FARM, fraction: 0.9 },
            3 => Action::Claim { farm: FARM },
            4 => Action::Stake { farm: SYRUP, fraction: 0.5 },
            5 => Action::Swap { pool: CAKES, token_in: CAKE, token_out: USDC, amount_in: 0.8 * wallet(CAKE) },
            6 => Action::Supply { lending: ETHERS, amount: 0.8 * wallet(ETH) },
            7 => Action::Borrow { lending: DOLLARS, amount: 850.0 },
            8 => Action::Supply { lending: DOLLARS, amount: 0.5 * wallet(USDC) },
            9 => Action::Repay { lending: DOLLARS, amount: (0.1 * owed).min(wallet(USDC)) },
            10 => Action::Withdraw { lending: DOLLARS, amount: 0.7 * position.lending[0].supplied },
            11 => Action::Withdraw { lending: ETHERS, amount: 0.2 * position.lending[1].supplied },
            12 => Action::Unstake { farm: SYRUP, fraction: 0.3 },
            13 => Action::Unstake { farm: FARM, fraction: 0.5 },
            14 => Action::Burn { pool: MAIN, fraction: 0.6 },
            _ => {
                (self.stage, self.next) = (0, market.time().as_nanos() + duration("10h").as_nanos());
                return None;
            }
        };
        Some(action)
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::at(cenote_units::SimTime::from_nanos(self.next))
    }
}

fn busy() -> PositionSetup {
    PositionSetup {
        gas: GAS,
        cover: Some(CoverTerms { targets: vec![RiskTarget::Farm(FARM)], premium: 0.03, pays: 0.8 }),
        ..PositionSetup::new("busy", Arc::new(Busy { next: 0, stage: 0 }), 10e3)
    }
}

/// Does these things at the start, one after the other, and then nothing.
#[derive(Clone, Debug)]
struct Once {
    entry: Entry,
    actions: Vec<Action>,
    done: usize,
}

impl Once {
    fn setup(name: &str, entry: Entry, actions: &[Action]) -> PositionSetup {
        let strategy = Self { entry, actions: actions.to_vec(), done: 0 };
        PositionSetup::new(name, Arc::new(strategy), 10e3)
    }
}

impl Strategy for Once {
    fn entry(&self) -> Entry {
        self.entry.clone()
    }

    fn act(&mut self, _: &dyn Market, _: &Position<'_>) -> Option<Action> {
        self.done += 1;
        self.actions.get(self.done - 1).copied()
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::NEVER
    }
}

fn farmer() -> PositionSetup {
    let actions = [Action::Mint { pool: MAIN, fraction: 1.0 }, Action::Stake { farm: FARM, fraction: 1.0 }];
    Once::setup("farmer", Entry::Pool(MAIN), &actions)
}

fn lender() -> PositionSetup {
    Once::setup("lender", Entry::Tokens(vec![(USDC, 1.0)]), &[Action::Supply { lending: DOLLARS, amount: 10e3 }])
}

/// A metric of the only position in 128 paths from `first` on.
fn pack(scenario: &Scenario, first: u32, metrics: &[M]) -> Vec<Vec<f64>> {
    let scenario = Scenario { position_metrics: metrics.to_vec(), risk_metrics: vec![], pool_metrics: vec![], ..scenario.clone() };
    let mut results = vec![0.0; scenario.columns().count() * 128];
    let paths = std::array::from_fn(|l| first + u32::try_from(l).unwrap());
    World::<128>::new(&scenario, 42).unwrap().run(paths, 128, &mut results).unwrap();
    results.chunks_exact(128).map(<[f64]>::to_vec).collect()
}

fn alone(scenario: &Scenario, path: u32) -> Vec<f64> {
    let mut results = vec![0.0; scenario.columns().count()];
    World::<1>::new(scenario, 42).unwrap().run([path], 1, &mut results).unwrap();
    results
}

fn metrics(scenario: &Scenario, path: u32, metrics: &[M]) -> Vec<f64> {
    alone(&Scenario { position_metrics: metrics.to_vec(), risk_metrics: vec![], pool_metrics: vec![], ..scenario.clone() }, path)
}

/// The run itself stops where the books of a position do not add up, or a token is created or lost.
#[test]
fn books_add_up_whatever_happens() {
    let mut scenario = lively("30d");
    scenario.positions = vec![busy(), farmer(), lender()];
    let columns = pack(&scenario, 0, &[M::Rewards, M::Interest, M::LostToExploit, M::Liquidations, M::Hedge, M::RewardsSold]);
    let some = |column: &[f64]| column.iter().filter(|&&x| x != 0.0).count();
    for (column, what) in columns.iter().zip(["rewards", "interest", "lost", "liquidations", "cover", "sold"]) {
        assert!(some(column) > 10, "{what} of {} paths only", some(column));
    }
}

#[test]
fn a_path_has_the_same_bits_alone_and_in_a_pack() {
    let mut scenario = lively("10d");
    scenario.warm_up = duration("2d");
    scenario.positions = vec![busy(), farmer(), lender()];
    let mut together = vec![0.0; scenario.columns().count() * 128];
    let paths = std::array::from_fn(|l| u32::try_from(l).unwrap());
    World::<128>::new(&scenario, 42).unwrap().run(paths, 128, &mut together).unwrap();
    for path in [0, 5, 99] {
        let here: Vec<u64> = alone(&scenario, path).iter().map(|x| x.to_bits()).collect();
        let there: Vec<u64> = together.chunks_exact(128).map(|column| column[path as usize].to_bits()).collect();
        assert_eq!(here, there);
    }
}

#[test]
fn a_farm_pays_by_the_share_of_the_stake() {
    let mut scenario = still("73d");
    scenario.positions = vec![farmer()];
    let values = metrics(&scenario, 0, &[M::Rewards, M::RewardApr, M::FinalValue, M::AdvertisedApy, M::BreakEvenRewardPrice]);
    // Others' 60% of the ten millions there were, and ten thousand of ten.
    let share = 10e3 / (6e6 + 10e3);
    let rewards = RATE * CAKE_PRICE * 0.2 * share;
    assert!((values[0] / rewards - 1.0).abs() < 1e-9, "{} {rewards}", values[0]);
    assert!((values[1] - rewards / 10e3 / 0.2).abs() < 1e-9);
    assert!((values[2] - 10e3 - rewards).abs() < 1e-6);
    let apr = RATE * CAKE_PRICE / (6e6 + 10e3);
    assert!((values[3] - ((1.0 + apr / 365.0_f64).powi(365) - 1.0)).abs() < 1e-9);
    // It earns nothing else than the rewards, so that they are all it is better by.
    assert!(values[4].abs() < 1e-6);
}

#[test]
fn a_market_pays_what_borrowers_do_less_its_part() {
    let mut scenario = still("73d");
    scenario.positions = vec![lender()];
    let values = metrics(&scenario, 0, &[M::Interest, M::NetReturn, M::HoldReturn]);
    // 80% of the optimum of 90% at the first slope of 4%; of that, 80% reaches suppliers, and 90% of it past the treasury.
    let rate = 0.04 * 0.8 / 0.9 * 0.8 * 0.9;
    let expected = 10e3 * ((rate * 0.2_f64).exp() - 1.0);
    // Until the first block after it, its own deposit takes a hundred-thousandth off the rate.
    assert!((values[0] / expected - 1.0).abs() < 1e-7, "{} {expected}", values[0]);
    assert!((values[1] - values[0] / 10e3).abs() < 1e-12 && values[2].abs() < 1e-12);
}

/// ln(stake / its equilibrium) decays like e^(−t/response).
#[test]
fn a_crowd_comes_until_the_farm_pays_its_target() {
    let response = 10.0 / 365.0;
    let mut scenario = still("40d");
    scenario.farms[0].crowd = Some(FarmCrowd { target_apr: 0.25, response: duration("10d") });
    scenario.positions = vec![farmer()];
    let rewards = metrics(&scenario, 0, &[M::Rewards])[0];
    // By fine steps of the same equation: the farmer's share is that of ten thousand.
    let (mut stake, mut expected) = (6e6, 0.0);
    let steps = 400_000;
    let dt = 40.0 / 365.0 / f64::from(steps);
    for _ in 0..steps {
        let paid = RATE * CAKE_PRICE;
        expected += paid * dt * 10e3 / (stake + 10e3);
        stake *= (dt / response * (paid / (stake + 10e3) / 0.25_f64).ln()).exp();
    }
    assert!((stake / (RATE * CAKE_PRICE / 0.25) - 1.0).abs() < 0.02);
    // The world's steps are hours.
    assert!((rewards / expected - 1.0).abs() < 1e-3, "{rewards} {expected}");
}

/// Significance 6e-5, two-sided.
#[test]
fn exploits_come_at_their_rate_and_take_their_part() {
    let mut scenario = still("180d");
    let theft = RiskKind::Exploit { severity: 0.6, recovered: 0.5 };
    scenario.risks =
        vec![RiskSetup { name: "farm".to_owned(), kind: theft, targets: vec![RiskTarget::Farm(FARM)], rate: 0.5, contagion: 0.0 }];
    scenario.chains[0].clock = every("1d");
    scenario.positions = vec![farmer()];
    let mut hit = Vec::new();
    for first in 0..16 {
        let columns = pack(&scenario, 128 * first, &[M::LostToExploit, M::DepositValue]);
        for &lost in &columns[0] {
            // A second one finds what the first has left.
            hit.push(if lost > 0.0 { 1.0 } else { 0.0 });
            assert!(lost == 0.0 || lost > 0.3 * 10e3, "{lost}");
        }
    }
    let expected = 1.0 - (-0.5 * 180.0 / 365.0_f64).exp();
    assert_agrees("share of paths with an exploit", &hit, expected);
}

#[test]
fn cover_pays_its_part_and_costs_its_premium() {
    let mut scenario = still("365d");
    let theft = RiskKind::Exploit { severity: 1.0, recovered: 0.0 };
    scenario.chains[0].clock = every("1d");
    scenario.risks =
        vec![RiskSetup { name: "farm".to_owned(), kind: theft, targets: vec![RiskTarget::Farm(FARM)], rate: 1.0, contagion: 0.0 }];
    scenario.farms[0].model = Arc::new(MasterChefModel::new(Emission::constant(0.0).unwrap()));
    let cover = Some(CoverTerms { targets: vec![], premium: 0.05, pays: 0.8 });
    scenario.positions = vec![PositionSetup { cover, ..farmer() }];
    let columns = pack(&scenario, 0, &[M::LostToExploit, M::Hedge]);
    for (lost, hedge) in columns[0].iter().zip(&columns[1]) {
        if *lost == 0.0 {
            assert!((hedge + 500.0).abs() < 1e-6, "{hedge}");
        } else {
            assert!((lost - 10e3).abs() < 1e-6);
            assert!(*hedge < 8e3 && *hedge > 7.5e3 - 1e-6, "{hedge}");
        }
    }
}

/// What the collateral does not secure any more is paid back by others, who take it with 5% on top.
#[test]
fn a_loan_is_liquidated_when_its_collateral_falls() {
    let mut scenario = still("10d");
    scenario.lending[1].utilisation = Utilisation::Constant;
    let fall = RiskKind::Depeg { severity: 0.2, recovery: None };
    scenario.risks =
        vec![RiskSetup { name: "fall".to_owned(), kind: fall, targets: vec![RiskTarget::Token(ETH)], rate: 300.0, contagion: 0.0 }];
    let actions = [Action::Supply { lending: ETHERS, amount: 5.0 }, Action::Borrow { lending: DOLLARS, amount: 7_400.0 }];
    scenario.positions = vec![Once::setup("borrower", Entry::Tokens(vec![(ETH, 1.0)]), &actions)];
    scenario.chains[0].clock = every("600s");
    let values = metrics(&scenario, 0, &[M::Liquidations, M::TradingCosts, M::FinalValue]);
    assert!(values[0] >= 1.0, "{values:?}");
    assert!(values[1] > 0.0 && values[2] > 0.0);
}

#[test]
fn rewards_wait_in_their_lock_and_leaving_early_costs() {
    let mut scenario = still("30d");
    scenario.farms[0].model = Arc::new(StakingRewardsModel::with_emissions(vec![Emission::constant(RATE).unwrap()]).unwrap());
    let claims = |lock| {
        let mut scenario = scenario.clone();
        scenario.farms[0].lock = Some(lock);
        let strategy = Weekly { next: 0, staked: false };
        scenario.positions = vec![PositionSetup::new("weekly", Arc::new(strategy), 10e3)];
        metrics(&scenario, 0, &[M::Rewards, M::RewardsSold, M::FinalValue, M::TradingCosts])
    };
    let waiting = claims(RewardLock { duration: duration("365d"), linear: false, penalty: None });
    let leaving = claims(RewardLock { duration: duration("365d"), linear: false, penalty: Some(0.5) });
    let slowly = claims(RewardLock { duration: duration("14d"), linear: true, penalty: None });
    // All earn the same; who waits sells nothing, and has it all in the end; who does not gets half of what it claims.
    assert_eq!(waiting[0], leaving[0]);
    assert_eq!(waiting[1], 0.0);
    assert!((waiting[2] - 10e3 - waiting[0]).abs() < 1e-6);
    let claimed = 28.0 / 30.0 * leaving[0];
    assert!((leaving[1] / (0.5 * claimed) - 1.0).abs() < 0.01, "{leaving:?}");
    assert!(leaving[3] > 0.5 * claimed);
    assert!(slowly[1] > 0.4 * claimed && slowly[1] < claimed, "{slowly:?}");
}

/// Claims and sells every week.
#[derive(Clone, Debug)]
struct Weekly {
    next: u64,
    staked: bool,
}

impl Strategy for Weekly {
    fn entry(&self) -> Entry {
        Entry::Pool(MAIN)
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let day = duration("1d").as_nanos();
        if !self.staked {
            if position.lp[0] == 0.0 {
                self.next = market.time().as_nanos() + 7 * day;
                return Some(Action::Mint { pool: MAIN, fraction: 1.0 });
            }
            self.staked = true;
            return Some(Action::Stake { farm: FARM, fraction: 1.0 });
        }
        if market.time().as_nanos() >= self.next {
            self.next += 7 * day;
            return Some(Action::Claim { farm: FARM });
        }
        let amount_in = position.wallet[CAKE.index()];
        (amount_in > 0.0).then_some(Action::Swap { pool: CAKES, token_in: CAKE, token_out: USDC, amount_in })
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::EVERY_BLOCK
    }
}

/// In a farm of a pool of ranges, liquidity is paid while the price is in it: a tenth of the width earns ten times as much and more,
/// until the price leaves it.
#[test]
fn liquidity_is_paid_while_the_price_is_in_it() {
    let mut scenario = still("73d");
    let others = vec![(RangeRule::Full, 0.5), (RangeRule::Relative { lower: -0.2, upper: 0.25 }, 0.5)];
    scenario.pools[0].model = Arc::new(ConcentratedModel::uniswap_v3(FeeTier::BP_30, others));
    scenario.agents = vec![arbitrageur(0.0)];
    let narrow = RangeRule::Relative { lower: -0.1, upper: 0.1 };
    let range = PriceRange::new(1800.0, 2200.0);
    let stake = Action::Stake { farm: FARM, fraction: 1.0 };
    let full = Once::setup("full", Entry::Pool(MAIN), &[Action::Mint { pool: MAIN, fraction: 1.0 }, stake]);
    let mint = Action::MintRange { pool: MAIN, id: RangeId(0), range, fraction: 1.0 };
    let ranged = Once::setup("range", Entry::Range(MAIN, narrow), &[mint, stake]);
    let loose = Once::setup("loose", Entry::Range(MAIN, narrow), &[mint]);
    scenario.positions = vec![full, ranged, loose];
    let rewards = |scenario: &Scenario| metrics(scenario, 0, &[M::Rewards]);
    let inside = rewards(&scenario);
    // The liquidity that a value is, over that of the full range. Ends are at ticks that can be used: 0.3% off at most, of a tenth.
    let [low, high] = [0.9_f64, 1.1].map(f64::sqrt);
    let times = 2.0 / ((1.0 - low) + (1.0 - 1.0 / high));
    assert!((inside[1] / inside[0] / times - 1.0).abs() < 0.03, "{inside:?} {times}");
    assert_eq!(inside[2], 0.0);
    // Of all that is paid, 60% of others' liquidity takes its part.
    let full_liquidity = 10e3;
    let crowd = 0.6 * 10e6 * (0.5 + 0.5 * 2.0 / ((1.0 - 0.8_f64.sqrt()) + (1.0 - 1.25_f64.sqrt().recip())));
    let expected = RATE * CAKE_PRICE * 0.2 * full_liquidity / (crowd + full_liquidity * (1.0 + times));
    assert!((inside[0] / expected - 1.0).abs() < 0.02, "{inside:?} {expected}");
    // The price leaves within hours, and what is left is the full range's.
    let fall = RiskKind::Depeg { severity: 0.3, recovery: None };
    let risk =
        RiskSetup { name: "fall".to_owned(), kind: fall, targets: vec![RiskTarget::Token(ETH)], rate: 1000.0, contagion: 0.0 };
    scenario.risks = vec![risk];
    scenario.horizon = duration("1d");
    let outside = rewards(&scenario);
    assert!(outside[1] < outside[0] * times * 0.9 && outside[1] > 0.0, "{outside:?}");
}

/// A farm of a pool of ranges: the strategy's range earns what one put there by hand does, by the seconds that the price is in it; one that
/// follows the price goes on earning, with what it already had, and books add up wherever the price goes.
#[test]
fn a_farm_of_ranges_pays_for_the_range_that_is_chosen() {
    let mut scenario = still("60d");
    let others = vec![(RangeRule::Full, 0.5), (RangeRule::Relative { lower: -0.2, upper: 0.25 }, 0.5)];
    scenario.pools[0].model = Arc::new(ConcentratedModel::uniswap_v3(FeeTier::BP_30, others));
    scenario.tokens[0].price = Some(gbm(0.0, 0.8));
    scenario.agents = vec![arbitrageur(0.0), noise()];
    let narrow = RangeRule::Relative { lower: -0.1, upper: 0.1 };
    let farming = || Farming::new(FARM, Stake::Pool(MAIN)).markets(vec![MAIN, CAKES]).range(narrow);
    let range = PriceRange::new(1800.0, 2200.0);
    let mint = Action::MintRange { pool: MAIN, id: RangeId(0), range, fraction: 1.0 };
    let by_hand = Once::setup("by hand", Entry::Range(MAIN, narrow), &[mint, Action::Stake { farm: FARM, fraction: 1.0 }]);
    let follow = |rewards| farming().every(rewards, duration("1d")).unwrap().recentre(Trigger::OutOfRange, duration("6h")).unwrap();
    scenario.positions = vec![
        by_hand,
        PositionSetup::new("farm", Arc::new(farming()), 10e3),
        position("sell", farming().every(Rewards::Sell { into: USDC }, duration("7d")).unwrap()),
        position("follow", follow(Rewards::Sell { into: USDC })),
        position("grow", follow(Rewards::Compound)),
    ];
    let asked = [M::Rewards, M::TimeInRange, M::Rebalances, M::RefusedActions, M::NetReturn];
    let columns = pack(&scenario, 0, &asked);
    let of = |i: usize, k: usize| &columns[i * asked.len() + k];
    for l in 0..128 {
        let (hand, farm) = (of(0, 0)[l], of(1, 0)[l]);
        assert!((hand / farm - 1.0).abs() < 1e-9, "{hand} {farm}");
        assert!((of(0, 1)[l] - of(1, 1)[l]).abs() < 1e-12);
        assert!(of(2, 3)[l] + of(3, 3)[l] + of(4, 3)[l] == 0.0, "refused");
    }
    let mean = |i: usize, k: usize| of(i, k).iter().sum::<f64>() / 128.0;
    let left: Vec<usize> = (0..128).filter(|&l| of(1, 1)[l] < 0.2).collect();
    let stayed: Vec<usize> = (0..128).filter(|&l| of(1, 1)[l] > 0.4).collect();
    let paid = |lanes: &[usize]| {
        let of_time = |&l: &usize| [of(1, 0)[l] / of(1, 1)[l], 1.0];
        let [sum, count] = lanes.iter().map(of_time).fold([0.0; 2], |sum, one| [sum[0] + one[0], sum[1] + one[1]]);
        sum / count
    };
    assert!(left.len() > 20 && stayed.len() > 10, "{} {}", left.len(), stayed.len());
    // Paid for the time inside, and for no other: all others' ranges are inside then too.
    assert!((paid(&left) / paid(&stayed) - 1.0).abs() < 0.05, "{} {}", paid(&left), paid(&stayed));
    for i in [3, 4] {
        assert!(mean(i, 1) > 0.98 && mean(i, 2) > 3.0, "{} {}", mean(i, 1), mean(i, 2));
        assert!(mean(i, 0) > 1.5 * mean(2, 0), "{} {}", mean(i, 0), mean(2, 0));
    }
    // Alone and in a pack.
    let path = 11;
    let here: Vec<u64> = metrics(&scenario, path, &asked).iter().map(|x| x.to_bits()).collect();
    let there: Vec<u64> = columns.iter().map(|column| column[path as usize].to_bits()).collect();
    assert_eq!(here, there);
}

/// Curve's: with a twentieth of the votes a stake of a hundredth counts two and a half times as much as without any.
#[test]
fn votes_boost_a_stake_in_a_gauge() {
    let mut scenario = still("10d");
    let boost = Boost::curve(1e6, 0.4).unwrap();
    scenario.farms[0].model = Arc::new(GaugeModel::new(Emission::constant(RATE).unwrap(), vec![], boost));
    let mut boosted = farmer();
    boosted.name = "boosted".to_owned();
    boosted.votes = Some(VoteTerms { farm: FARM, locked: 50e3, duration: duration("1460d") });
    scenario.positions = vec![farmer(), boosted];
    let rewards = metrics(&scenario, 0, &[M::Rewards]);
    assert!((rewards[1] / rewards[0] - 2.5).abs() < 1e-9, "{rewards:?}");
    // Half of the time gives half of the votes: 1 + 1.5 times what they weigh against the stake, at most 2.5.
    scenario.positions[1].votes = Some(VoteTerms { farm: FARM, locked: 1.0, duration: duration("730d") });
    let rewards = metrics(&scenario, 0, &[M::Rewards]);
    let total = 6e6 + 20e3;
    let expected = 1.0 + 1.5 * (0.5 / (1e6 + 0.5)) * total / 10e3;
    assert!((rewards[1] / rewards[0] / expected - 1.0).abs() < 1e-3, "{rewards:?} {expected}");
}

/// What others earn and sell moves the price that is formed in the pool, by its invariant; a price from outside stays where it is.
#[test]
fn selling_rewards_moves_a_price_that_is_formed_in_a_pool() {
    let mut scenario = still("73d");
    scenario.pools[1].model = constant_product(0);
    let sellers = RewardSellers::new(FARM, CAKE, CAKES, USDC, 0.5).unwrap();
    scenario.agents = vec![AgentSetup::new("agents.sellers", Arc::new(sellers))];
    let mut holder = Once::setup("holder", Entry::Tokens(vec![(CAKE, 1.0)]), &[]);
    holder.deposit = 100.0;
    scenario.positions = vec![holder];
    assert_eq!(metrics(&scenario, 0, &[M::HoldReturn])[0], 0.0);
    scenario.tokens[2].formed_in = Some(CAKES);
    // Half of what they earn goes into a pool of a million CAKE; the last block's price is that before it.
    let hours = 73.0 * 24.0;
    let sold = 0.5 * RATE * 0.2 * (hours - 1.0) / hours;
    let expected = (1e6 / (1e6 + sold)).powi(2) - 1.0;
    let fell = metrics(&scenario, 0, &[M::HoldReturn])[0];
    assert!((fell / expected - 1.0).abs() < 1e-6, "{fell} {expected}");
}

/// Puts liquidity into a vault, and every three days takes a part of it out or puts everything back.
#[derive(Clone, Debug)]
struct Saver {
    next: u64,
    out: bool,
    started: bool,
}

impl Strategy for Saver {
    fn entry(&self) -> Entry {
        Entry::Pool(MAIN)
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if !self.started {
            if position.lp[0] == 0.0 {
                return Some(Action::Mint { pool: MAIN, fraction: 1.0 });
            }
            self.started = true;
            self.next = market.time().as_nanos() + duration("3d").as_nanos();
            return Some(Action::Deposit { vault: VaultId(0), fraction: 1.0 });
        }
        if market.time().as_nanos() < self.next {
            return None;
        }
        self.next += duration("3d").as_nanos();
        self.out = !self.out;
        let (vault, fraction) = (VaultId(0), if self.out { 0.4 } else { 1.0 });
        Some(if self.out { Action::Redeem { vault, fraction } } else { Action::Deposit { vault, fraction } })
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::EVERY_BLOCK
    }
}

fn saver(name: &str) -> PositionSetup {
    PositionSetup::new(name, Arc::new(Saver { next: 0, out: false, started: false }), 10e3)
}

fn vault(performance_fee: f64, management_fee: f64) -> VaultSetup {
    VaultSetup {
        name: "auto".to_owned(),
        farm: FARM,
        strategy: Arc::new(Weekly { next: 0, staked: false }),
        performance_fee,
        management_fee,
        value: 100e3,
        gas: GasUnits { claim: 180e3, swap: 150e3, ..GasUnits::FREE },
    }
}

#[test]
fn shares_of_a_vault_earn_what_it_does_less_its_fees() {
    let mut scenario = still("28d");
    let put = [Action::Mint { pool: MAIN, fraction: 1.0 }, Action::Deposit { vault: VaultId(0), fraction: 1.0 }];
    let farmed = {
        scenario.positions = vec![farmer()];
        metrics(&scenario, 0, &[M::Rewards, M::NetReturn])
    };
    scenario.positions = vec![Once::setup("saver", Entry::Pool(MAIN), &put)];
    let held = |performance, management| {
        let mut scenario = scenario.clone();
        scenario.vaults = vec![vault(performance, management)];
        metrics(&scenario, 0, &[M::Rewards, M::NetReturn, M::TradingCosts, M::HoldReturn])
    };
    let (free, tenth, yearly) = (held(0.0, 0.0), held(0.1, 0.0), held(0.0, 0.02));
    // A stake of 110,000 dilutes everybody's a little more than one of 10,000.
    assert!((free[0] / farmed[0] * (6e6 + 110e3) / (6e6 + 10e3) - 1.0).abs() < 1e-9, "{free:?} {farmed:?}");
    // It sells on the way, at a cost; fees come on top.
    let fees = |with: &[f64]| with[2] - free[2];
    assert!((fees(&tenth) / (0.1 * free[0]) - 1.0).abs() < 0.05, "{tenth:?} {free:?}");
    assert!((fees(&yearly) / (0.02 * 28.0 / 365.0 * 10e3) - 1.0).abs() < 0.05, "{yearly:?} {free:?}");
    assert!(free[1] > 0.0 && free[3].abs() < 1e-12);
}

#[test]
fn who_comes_and_goes_takes_nothing_from_who_stays() {
    let mut scenario = lively("30d");
    scenario.vaults = vec![vault(0.1, 0.02)];
    scenario.positions = vec![saver("one"), busy(), saver("other")];
    let columns = pack(&scenario, 0, &[M::Rewards, M::LostToExploit, M::Fees]);
    assert!(columns[0].iter().all(|&rewards| rewards > 0.0));
    assert!(columns[1].iter().filter(|&&lost| lost > 0.0).count() > 10);
    let path = 17;
    let here: Vec<u64> = metrics(&scenario, path, &[M::Rewards, M::LostToExploit, M::Fees]).iter().map(|x| x.to_bits()).collect();
    let there: Vec<u64> = columns.iter().map(|column| column[path as usize].to_bits()).collect();
    assert_eq!(here, there);
}

fn position(name: &str, strategy: impl StrategyModel + 'static) -> PositionSetup {
    PositionSetup { gas: GAS, ..PositionSetup::new(name, Arc::new(strategy), 10e3) }
}

/// Every strategy there is for places like these.
fn strategies() -> Vec<PositionSetup> {
    let markets = || vec![MAIN, CAKES];
    let farming = || Farming::new(FARM, Stake::Pool(MAIN)).markets(markets());
    let stake = Asset::Farm { farm: FARM, stake: Stake::Pool(MAIN) };
    let lent = Asset::Lending { lending: DOLLARS, token: USDC };
    let guard = Guard::new(MAIN, USDC).stop_loss(0.25).unwrap().take_profit(0.4).unwrap();
    let week = duration("7d");
    vec![
        position("sell", farming().every(Rewards::Sell { into: USDC }, week).unwrap()),
        position("compound", farming().every(Rewards::Compound, duration("1d")).unwrap()),
        position("compound when it pays", farming().optimal(Rewards::Compound, 730e3).unwrap()),
        position("keep", farming().every(Rewards::Hold, week).unwrap()),
        position("leave", Guarded::new(farming().every(Rewards::Compound, week).unwrap(), guard).markets(markets())),
        position("single", Farming::new(SYRUP, Stake::Token(CAKE)).every(Rewards::Compound, duration("3d")).unwrap()),
        position("lend", Lend::new(DOLLARS, USDC)),
        position("loop", Looping::new((ETHERS, ETH), (DOLLARS, USDC), 0.6).unwrap().bounds(0.5, 0.7).unwrap().markets(markets())),
        position("vault", InVault::new(VaultId(0), Stake::Pool(MAIN))),
        position("best", BestYield::new(vec![stake, lent, Asset::Pool(MAIN)], duration("1d")).unwrap().markets(markets())),
        position(
            "half",
            Portfolio::new(vec![(stake, 0.5), (lent, 0.5)], markets()).unwrap().drift(0.1).unwrap().every(duration("30d")).unwrap(),
        ),
    ]
}

/// Whatever they do, and whatever befalls them, books add up, nothing is asked for over and over, and a path is itself.
#[test]
fn strategies_live_through_everything() {
    for (name, mut scenario) in [("lively", lively("60d")), ("still", still("60d"))] {
        let compounding = Farming::new(FARM, Stake::Pool(MAIN)).markets(vec![MAIN, CAKES]);
        let strategy = Arc::new(compounding.every(Rewards::Compound, duration("1d")).unwrap());
        scenario.vaults = vec![VaultSetup { strategy, ..vault(0.1, 0.01) }];
        scenario.positions = strategies();
        let asked = [M::NetReturn, M::Rewards, M::Interest, M::RefusedActions, M::Rebalances];
        let columns = pack(&scenario, 0, &asked);
        let path = 3;
        let here: Vec<u64> = metrics(&scenario, path, &asked).iter().map(|x| x.to_bits()).collect();
        let there: Vec<u64> = columns.iter().map(|column| column[path as usize].to_bits()).collect();
        assert_eq!(here, there, "{name}");
        for (position, columns) in scenario.positions.iter().zip(columns.chunks_exact(asked.len())) {
            let mean = |k: usize| columns[k].iter().sum::<f64>() / 128.0;
            let means: Vec<f64> = (0..asked.len()).map(mean).collect();
            println!("{name}, {}: {means:?}", position.name);
            let earns = if ["lend", "loop"].contains(&position.name.as_str()) { mean(2) != 0.0 } else { mean(1) > 0.0 };
            assert!(earns, "{name}, {}: {means:?}", position.name);
            assert!(mean(3) < 30.0, "{name}, {}: {} refused", position.name, mean(3));
            if name == "still" {
                assert!(mean(0) > -0.02 && mean(0) < 0.5 && mean(3) < 2.0, "{}: {means:?}", position.name);
            }
        }
    }
}

#[test]
fn the_impossible_is_refused() {
    let mut scenario = still("1d");
    let actions = [
        Action::Stake { farm: FarmId(9), fraction: 1.0 },
        Action::Stake { farm: FARM, fraction: 1.0 },
        Action::Claim { farm: FARM },
        Action::Unstake { farm: FARM, fraction: 2.0 },
        Action::Supply { lending: DOLLARS, amount: 20e3 },
        Action::Withdraw { lending: DOLLARS, amount: 1.0 },
        Action::Borrow { lending: DOLLARS, amount: 1.0 },
        Action::Repay { lending: LendingId(7), amount: 1.0 },
        Action::Supply { lending: DOLLARS, amount: f64::NAN },
    ];
    scenario.positions = vec![Once::setup("wrong", Entry::Pool(MAIN), &actions)];
    let values = metrics(&scenario, 0, &[M::RefusedActions, M::NetReturn]);
    assert_eq!(values[0], 9.0);
    assert!(values[1].abs() < 1e-12);
}

/// Nobody else's random numbers change when something can go wrong somewhere, or somebody farms.
#[test]
fn what_is_added_changes_nobody_elses_numbers() {
    let mut scenario = lively("10d");
    scenario.risks.clear();
    scenario.farms[0].crowd = None;
    scenario.positions = vec![lender()];
    let before = metrics(&scenario, 3, &[M::Interest]);
    scenario.risks = lively("10d").risks.into_iter().filter(|risk| risk.name == "halt").collect();
    scenario.positions.push(farmer());
    let after = metrics(&scenario, 3, &[M::Interest]);
    assert_eq!(before[0].to_bits(), after[0].to_bits());
}
