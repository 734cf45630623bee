//! How much of a loss came from which risk: by hand, and by parts that add up.

use std::sync::Arc;

use cenote_amm::concentrated::FeeTier;
use cenote_amm::{ConcentratedModel, RangeRule};
use cenote_paths::{Constant, PriceModel};
use cenote_sim::{
    ChainSetup, Column, CoverTerms, FarmSetup, LendingSetup, PoolSetup, PositionMetric as M, PositionSetup, RiskKind,
    RiskMetric as R, RiskSetup, RiskSource, RiskTarget, Scenario, Staked, TokenSetup, Utilisation, VaultSetup,
};
use cenote_strategy::{
    Action, ChainId, Entry, FarmId, Farming, FixedRange, InVault, Lend, LendingId, Market, PoolId, Position, Rewards, Stake,
    Strategy, TokenId, VaultId, Wake,
};
use cenote_tests::scenes::{arbitrageur, constant_product, duration, every, gbm};
use cenote_tests::statistics::assert_agrees;
use cenote_tests::table::{Table, run, run_alone};
use cenote_yield::emission::Emission;
use cenote_yield::farm::MasterChefModel;
use cenote_yield::lending::{Collateral, RateModel, ReserveModel};

const ETH: TokenId = TokenId(0);
const USDC: TokenId = TokenId(1);
const CAKE: TokenId = TokenId(2);
const MAIN: PoolId = PoolId(0);
const FARM: FarmId = FarmId(0);
const DOLLARS: LendingId = LendingId(0);
const ETHERS: LendingId = LendingId(1);
const SEED: u64 = 7;

fn constant(price: f64) -> Arc<dyn PriceModel> {
    Arc::new(Constant::new(price).unwrap())
}

fn lending(name: &str, token: TokenId) -> LendingSetup {
    let rates =
        RateModel::new("0%".parse().unwrap(), "4%".parse().unwrap(), "60%".parse().unwrap(), "90%".parse().unwrap()).unwrap();
    LendingSetup {
        name: name.to_owned(),
        chain: ChainId(0),
        token,
        model: ReserveModel::new(rates, "10%".parse().unwrap(), 1e9, "80%".parse().unwrap()).unwrap(),
        utilisation: Utilisation::Constant,
        collateral: Collateral::new(7_500, 8_000, 10_500).unwrap(),
    }
}

/// A pool and its farm, two markets, prices that stand still, and nothing that goes wrong.
fn still() -> Scenario {
    let farm = FarmSetup {
        name: "main".to_owned(),
        chain: ChainId(0),
        stake: Stake::Pool(MAIN),
        rewards: vec![CAKE],
        model: Arc::new(MasterChefModel::new(Emission::constant(1e6).unwrap())),
        staked: Staked::Share(0.6),
        crowd: None,
        inflow: None,
        deposit_fee: 0.0,
        withdrawal_fee: 0.0,
        lock: None,
    };
    Scenario {
        tokens: vec![
            TokenSetup::priced("ETH", 18, constant(2000.0)),
            TokenSetup::numeraire("USDC", 6),
            TokenSetup::priced("CAKE", 18, constant(2.5)),
        ],
        numeraire: USDC,
        pools: vec![
            PoolSetup::new("main", [ETH, USDC], constant_product(3000), 10e6),
            PoolSetup::new("cakes", [CAKE, USDC], constant_product(2500), 5e6),
        ],
        farms: vec![farm],
        lending: vec![lending("usdc", USDC), lending("eth", ETH)],
        audit: true,
        ..Scenario::new(ChainSetup::new("bsc", every("6h")), duration("60d"))
    }
}

fn risk(name: &str, kind: RiskKind, targets: &[RiskTarget], rate: f64) -> RiskSetup {
    RiskSetup { name: name.to_owned(), kind, targets: targets.to_vec(), rate, contagion: 0.5 }
}

fn farming() -> Farming {
    Farming::new(FARM, Stake::Pool(MAIN)).markets(vec![MAIN, PoolId(1)])
}

/// Does these things at the start, and then nothing.
#[derive(Clone, Debug)]
struct Once(Entry, Vec<Action>, usize);

impl Strategy for Once {
    fn entry(&self) -> Entry {
        self.0.clone()
    }

    fn act(&mut self, _: &dyn Market, _: &Position<'_>) -> Option<Action> {
        self.2 += 1;
        self.1.get(self.2 - 1).copied()
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::NEVER
    }
}

fn once(entry: Entry, actions: &[Action]) -> PositionSetup {
    PositionSetup::new("once", Arc::new(Once(entry, actions.to_vec(), 0)), 10e3)
}

fn by(table: &Table, position: usize, risk: usize, metric: R) -> &[f64] {
    table.risk(position, RiskSource::Risk(risk), metric)
}

/// Everything goes wrong, several places at a time, for a farmer, a lender, a holder of shares of a vault and one with cover.
fn everything() -> Scenario {
    use RiskTarget::{Farm, Lending, Pool, Token};

    let mut scenario = still();
    scenario.tokens[0].price = Some(gbm(0.0, 0.9));
    scenario.agents = vec![arbitrageur(0.0)];
    let some = Some(duration("2d"));
    scenario.risks = vec![
        risk("theft", RiskKind::Exploit { severity: 0.4, recovered: 0.25 }, &[Farm(FARM), Pool(MAIN), Lending(DOLLARS)], 3.0),
        risk("rug", RiskKind::RugPull { severity: 0.2, token: ETH }, &[Pool(MAIN)], 3.0),
        risk("other theft", RiskKind::Exploit { severity: 0.3, recovered: 0.0 }, &[Farm(FARM)], 3.0),
        risk("halt", RiskKind::Halt { duration: some }, &[Farm(FARM)], 10.0),
        risk("freeze", RiskKind::Freeze { duration: some }, &[Farm(FARM), Lending(DOLLARS)], 10.0),
        risk("depeg", RiskKind::Depeg { severity: 0.3, recovery: some }, &[Token(CAKE)], 10.0),
    ];
    let strategy = Arc::new(farming().every(Rewards::Compound, duration("1d")).unwrap());
    let gas = cenote_sim::GasUnits::FREE;
    scenario.vaults = vec![VaultSetup {
        name: "auto".to_owned(),
        farm: FARM,
        strategy,
        performance_fee: 0.1,
        management_fee: 0.01,
        value: 1e5,
        gas,
    }];
    let cover = Some(CoverTerms { targets: vec![Farm(FARM)], premium: 0.03, pays: 0.8 });
    let farmer = Arc::new(farming().every(Rewards::Sell { into: USDC }, duration("7d")).unwrap());
    scenario.positions = vec![
        PositionSetup { cover, ..PositionSetup::new("farmer", farmer, 10e3) },
        PositionSetup::new("lender", Arc::new(Lend::new(DOLLARS, USDC)), 10e3),
        PositionSetup::new("saver", Arc::new(InVault::new(VaultId(0), Stake::Pool(MAIN))), 10e3),
    ];
    scenario
}

#[test]
fn the_parts_of_a_loss_are_all_of_it_to_the_last_bit() {
    let scenario = everything();
    let table = run(&scenario, SEED, 128);
    for i in 0..3 {
        let (total, parts) = (table.position(i, M::LostToExploit), [0, 1, 2].map(|r| by(&table, i, r, R::LostTo)));
        for (path, total) in total.iter().enumerate() {
            let sum: f64 = parts.iter().map(|part| part[path]).sum();
            assert_eq!(sum.to_bits(), total.to_bits(), "{i}, path {path}");
        }
        // A lender is robbed by the first alone.
        let struck = |part: &[f64]| part.iter().filter(|&&x| x > 0.0).count();
        let some = parts.map(|part| struck(part) > 10);
        assert_eq!(some, [true, i != 1, i != 1], "{i}");
    }
    // Cover pays for what the farm lost, and for no other place: parts of it.
    for r in [0, 2] {
        let (lost, paid) = (by(&table, 0, r, R::LostTo), by(&table, 0, r, R::PaidBack));
        assert!(lost.iter().zip(paid).all(|(lost, paid)| *paid <= 0.8 * lost * (1.0 + 1e-12)));
        let whole = |(lost, paid): (&f64, &f64)| *lost > 0.0 && (paid / lost - 0.8).abs() < 1e-12;
        assert!(lost.iter().zip(paid).filter(|&pair| whole(pair)).count() > 5);
    }
    assert!(by(&table, 0, 1, R::PaidBack).iter().chain(by(&table, 2, 0, R::PaidBack)).all(|&paid| paid == 0.0));
}

#[test]
fn a_path_has_the_same_losses_alone_in_a_pack_and_beside_others() {
    let scenario = everything();
    let all = run(&scenario, SEED, 128);
    for path in [0, 17, 127] {
        for (column, alone) in all.columns.iter().zip(run_alone(&scenario, SEED, path).values) {
            let here = all.values[all.columns.iter().position(|c| c == column).unwrap()][path as usize];
            assert_eq!(here.to_bits(), alone[0].to_bits(), "path {path}, {column:?}");
        }
    }
    // What is measured changes nothing that is measured.
    let less = Scenario { risk_metrics: vec![], ..scenario.clone() };
    let less = run(&less, SEED, 128);
    for (column, values) in less.columns.iter().zip(&less.values) {
        let same = all.columns.iter().position(|c| c == column).unwrap();
        assert!(values.iter().zip(&all.values[same]).all(|(a, b)| a.to_bits() == b.to_bits()), "{column:?}");
    }
    assert!(!less.columns.iter().any(|column| matches!(column, Column::Risk(..))));
}

/// What a farmer gets where nothing ever goes wrong is what he gets and what halts cost him: the price stands still.
#[test]
fn what_a_halt_costs_is_what_would_have_been_earned() {
    let mut scenario = still();
    scenario.positions = vec![PositionSetup::new("farmer", Arc::new(farming()), 10e3)];
    let without = run_alone(&scenario, SEED, 0).position(0, M::Rewards)[0];
    let halt = |days: &str| RiskKind::Halt { duration: Some(duration(days)) };
    let farm = [RiskTarget::Farm(FARM)];
    scenario.risks = vec![risk("short", halt("2d"), &farm, 12.0), risk("long", halt("5d"), &farm, 12.0)];
    let table = run(&scenario, SEED, 128);
    let (mut short, mut long) = (0, 0);
    for path in 0..128 {
        let missed = [0, 1].map(|r| by(&table, 0, r, R::CostOf)[path]);
        let got = table.position(0, M::Rewards)[path];
        assert!((got + missed[0] + missed[1] - without).abs() < 1e-9 * without, "{got} {missed:?} {without}");
        short += u32::from(missed[0] > 0.0);
        long += u32::from(missed[1] > 0.0);
    }
    assert!(short > 50 && long > 50, "{short} {long}");
    assert!(table.position(0, M::LostToExploit).iter().all(|&lost| lost == 0.0));
}

/// Whoever only holds the token, at a price that does nothing else, has lost just that; who has sold it outside has won it.
#[test]
fn what_a_depeg_costs_is_the_fall_of_what_one_has() {
    let mut scenario = still();
    let depeg = RiskKind::Depeg { severity: 0.3, recovery: None };
    scenario.risks = vec![risk("depeg", depeg, &[RiskTarget::Token(CAKE)], 6.0)];
    scenario.positions = vec![
        once(Entry::Tokens(vec![(CAKE, 0.7), (USDC, 0.3)]), &[]),
        once(Entry::Tokens(vec![(ETH, 1.0)]), &[]),
        once(Entry::Tokens(vec![(ETH, 1.0)]), &[Action::Hedge { token: CAKE, target: -1000.0 }]),
    ];
    scenario.positions[1].name = "elsewhere".to_owned();
    scenario.positions[2].name = "short".to_owned();
    let instrument = cenote_sim::HedgeInstrument::Perpetual { funding: 0.0 };
    scenario.positions[2].hedge = Some(cenote_sim::HedgeTerms { instrument, fee: 0.0 });
    let table = run(&scenario, SEED, 128);
    let mut struck = 0;
    for path in 0..128 {
        let [cost, none, won] = [0, 1, 2].map(|i| by(&table, i, 0, R::CostOf)[path]);
        let lost = 10e3 - table.position(0, M::FinalValue)[path];
        assert!((cost - lost).abs() < 1e-6, "{cost} {lost}");
        assert!(none == 0.0 && by(&table, 1, 0, R::HitBy)[path] == 0.0);
        assert!((won + table.position(2, M::Hedge)[path]).abs() < 1e-6 && (won < 0.0) == (cost > 0.0), "{won}");
        struck += u32::from(cost > 0.0);
    }
    assert!(struck > 50, "{struck}");
}

/// In a pool of ranges, what a fall costs and what cover is paid for go by the range of that moment, whether somebody watches it or not:
/// its time in range is counted block by block.
#[test]
fn what_a_range_has_is_that_of_the_moment() {
    let mut scenario = still();
    let model = ConcentratedModel::uniswap_v3(FeeTier::BP_30, vec![(RangeRule::Full, 1.0)]);
    scenario.pools = vec![PoolSetup::new("main", [ETH, USDC], Arc::new(model), 10e6)];
    scenario.tokens[0].price = Some(gbm(0.0, 0.9));
    scenario.agents = vec![arbitrageur(0.0)];
    (scenario.farms, scenario.lending, scenario.vaults) = (vec![], vec![], vec![]);
    let exploit = RiskKind::Exploit { severity: 0.4, recovered: 0.0 };
    scenario.risks = vec![
        risk("depeg", RiskKind::Depeg { severity: 0.3, recovery: None }, &[RiskTarget::Token(ETH)], 6.0),
        risk("theft", exploit, &[RiskTarget::Pool(MAIN)], 3.0),
    ];
    let range = FixedRange::new(MAIN, RangeRule::Relative { lower: -0.2, upper: 0.2 });
    scenario.positions = vec![PositionSetup::new("range", Arc::new(range), 10e3)];
    scenario.positions[0].cover = Some(CoverTerms { targets: vec![RiskTarget::Pool(MAIN)], premium: 0.05, pays: 0.9 });
    let numbers = |metrics: &[M]| {
        let mut scenario = scenario.clone();
        scenario.position_metrics = metrics.to_vec();
        let table = run(&scenario, SEED, 128);
        let risks = [(0, R::CostOf), (1, R::LostTo), (1, R::PaidBack)].map(|(r, metric)| by(&table, 0, r, metric).to_vec());
        (risks, table.position(0, M::Hedge).to_vec())
    };
    let alone = numbers(&[M::Hedge]);
    assert_eq!(alone, numbers(&[M::Hedge, M::TimeInRange]));
    assert!(alone.0[0].iter().filter(|&&cost| cost > 0.0).count() > 30 && alone.1.iter().any(|&hedge| hedge < 0.0));
}

/// Cover costs its premium where there is nothing that could go wrong, too.
#[test]
fn cover_is_paid_for_whatever_happens() {
    let mut scenario = still();
    (scenario.farms, scenario.lending, scenario.vaults) = (vec![], vec![], vec![]);
    scenario.positions = vec![once(Entry::Pool(MAIN), &[Action::Mint { pool: MAIN, fraction: 1.0 }])];
    scenario.positions[0].cover = Some(CoverTerms { targets: vec![RiskTarget::Pool(MAIN)], premium: 0.05, pays: 0.9 });
    let premium = -0.05 * 10e3 * 60.0 / 365.0;
    for &paid in run(&scenario, SEED, 2).position(0, M::Hedge) {
        assert!((paid / premium - 1.0).abs() < 1e-9, "{paid}, not {premium}");
    }
}

/// Of the share of paths that it strikes, and of how often; an event that hits two places of somebody is one. Significance 6e-5 each.
#[test]
fn a_risk_strikes_at_its_rate() {
    let mut scenario = still();
    let freeze = RiskKind::Freeze { duration: Some(duration("1h")) };
    let places = [RiskTarget::Farm(FARM), RiskTarget::Lending(DOLLARS)];
    scenario.risks = vec![RiskSetup { contagion: 1.0, ..risk("freeze", freeze, &places, 4.0) }];
    let half = Entry::Mix(vec![(Entry::Pool(MAIN), 0.5), (Entry::Tokens(vec![(USDC, 0.5), (ETH, 0.5)]), 0.5)]);
    let actions = [
        Action::Mint { pool: MAIN, fraction: 0.5 },
        Action::Stake { farm: FARM, fraction: 1.0 },
        Action::Supply { lending: DOLLARS, amount: 1e3 },
    ];
    scenario.positions = vec![once(half, &actions)];
    scenario.chains[0].clock = every("1d");
    let table = run(&scenario, SEED, 2048);
    let (hits, expected) = (by(&table, 0, 0, R::HitBy), 4.0 * 60.0 / 365.0_f64);
    assert_agrees("hits", hits, expected);
    let struck: Vec<f64> = hits.iter().map(|&hits| f64::from(u8::from(hits > 0.0))).collect();
    assert_agrees("struck", &struck, 1.0 - (-expected).exp());
}

/// A loan that nobody else would have liquidated.
#[test]
fn what_an_oracle_costs_is_what_its_liquidations_do() {
    let mut scenario = still();
    let wrong = RiskKind::OracleManipulation { severity: 0.4 };
    scenario.risks = vec![risk("oracle", wrong, &[RiskTarget::Lending(ETHERS)], 10.0)];
    let actions = [Action::Supply { lending: ETHERS, amount: 5.0 }, Action::Borrow { lending: DOLLARS, amount: 6.5e3 }];
    scenario.positions = vec![once(Entry::Tokens(vec![(ETH, 1.0)]), &actions)];
    let table = run(&scenario, SEED, 128);
    let (cost, all) = (by(&table, 0, 0, R::CostOf), table.position(0, M::TradingCosts));
    assert!(cost.iter().zip(all).all(|(cost, all)| cost.to_bits() == all.to_bits()));
    assert!(cost.iter().filter(|&&cost| cost > 100.0).count() > 30);
}
