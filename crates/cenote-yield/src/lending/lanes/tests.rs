//! Reserves in lanes: against closed forms, against the contract, alone and in packs.

use cenote_amm::{Exact, Lane, Owner, U256};
use cenote_units::{Lanes, Rate, SimDuration};

use super::*;
use crate::lending::{Collateral, Market, RateModel, ReserveConfig};

const HOUR: u64 = 3_600_000_000_000;
const YEAR: u64 = 8760 * HOUR;

fn rates() -> RateModel {
    let rate = |text: &str| text.parse().unwrap();
    RateModel::new(rate("1%"), rate("4%"), rate("75%"), "80%".parse().unwrap()).unwrap()
}

fn model(utilisation: &str) -> ReserveModel {
    ReserveModel::new(rates(), "10%".parse().unwrap(), 1e6, utilisation.parse().unwrap()).unwrap()
}

fn reserve<const L: usize>(utilisation: &str) -> ReserveLanes<L> {
    ReserveLanes::new(&model(utilisation), 2)
}

fn balance<const L: usize>(reserve: &ReserveLanes<L>, account: usize) -> f64 {
    let mut out = Lanes::ZERO;
    reserve.balance(account, &mut out);
    out[0]
}

fn debt<const L: usize>(reserve: &ReserveLanes<L>, account: usize) -> f64 {
    let mut out = Lanes::ZERO;
    LendingLanes::debt(reserve, account, &mut out);
    out[0]
}

/// A cheap stream of irregular numbers from 0 to 1.
struct Irregular(u64);

impl Irregular {
    #[allow(clippy::cast_precision_loss)]
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / 9_007_199_254_740_992.0
    }
}

#[test]
fn rates_follow_the_model() {
    let mut reserve = reserve::<8>("50%");
    let utilisation = Lanes([0.0, 0.2, 0.5, 0.8, 0.9, 1.0, 1.5, f64::NAN]);
    reserve.set_utilisation(&utilisation);
    let mut reached = Lanes::ZERO;
    reserve.utilisation(&mut reached);
    for (l, expected) in [0.0, 0.2, 0.5, 0.8, 0.9, 1.0, 1.0, 0.0].into_iter().enumerate() {
        assert!((reached[l] - expected).abs() < 1e-15);
        assert!((reserve.borrow_rate()[l] - rates().borrow_rate(expected)).abs() < 1e-15, "{expected}");
        assert!((reserve.supply_rate()[l] - rates().supply_rate(expected, 0.1)).abs() < 1e-15, "{expected}");
    }
    // A kink at full utilisation has no second slope.
    let kinked = RateModel::new(Rate::ZERO, "4%".parse().unwrap(), "75%".parse().unwrap(), "100%".parse().unwrap()).unwrap();
    let model = ReserveModel::new(kinked, "0%".parse().unwrap(), 1.0, "100%".parse().unwrap()).unwrap();
    assert_eq!(ReserveLanes::<1>::new(&model, 0).borrow_rate()[0], 0.04);
}

/// At a utilisation that stays, balances grow by e to the rate, however often they are looked at.
#[test]
fn interest_compounds_continuously() {
    for steps in [1, 7, 365, 8760] {
        let mut reserve = reserve::<1>("50%");
        reserve.supply(0, &mut Lanes([100.0]));
        reserve.borrow(1, &mut Lanes([50.0]));
        let utilisation = Lanes([0.9]);
        reserve.set_utilisation(&utilisation);
        for step in 1..=steps {
            reserve.advance(&[YEAR / steps * step], &utilisation);
        }
        let (supply, borrow) = (rates().supply_rate(0.9, 0.1), rates().borrow_rate(0.9));
        assert!((balance(&reserve, 0) / (100.0 * supply.exp()) - 1.0).abs() < 1e-12, "{steps}");
        assert!((debt(&reserve, 1) / (50.0 * borrow.exp()) - 1.0).abs() < 1e-12, "{steps}");
        assert!((reserve.supply_index()[0] / supply.exp() - 1.0).abs() < 1e-12);
        assert!((reserve.borrow_index()[0] / borrow.exp() - 1.0).abs() < 1e-12);
    }
}

/// The largest amount of an operation.
const TURNOVER: f64 = 1e4;

/// Touched every hour, the contract's reserve earns what the lanes' does, up to (r/8760)²/2 an hour: simple interest against compounded.
#[test]
fn lanes_follow_the_contract() {
    let [others, whale, alice, bob] = [1, 2, 3, 4].map(Owner::new);
    let unit = U256::from(10).pow(U256::from(18));
    let tokens = |amount: f64| Exact::amount_from_f64(amount * 1e18).unwrap();
    let mut market = Market::<Exact>::new();
    let config = ReserveConfig::new(18, rates()).unwrap().with_reserve_factor_bp(1000).unwrap();
    let usd = market.add_reserve(config, unit).unwrap();
    let collateral = config.with_collateral(Collateral::new(7_500, 8_000, 10_500).unwrap());
    let ether = market.add_reserve(collateral, unit).unwrap();
    market.set_time(1).unwrap();
    market.supply(others, usd, tokens(1e6)).unwrap();
    for owner in [whale, bob] {
        market.supply(owner, ether, tokens(1e9)).unwrap();
    }
    market.borrow(whale, usd, tokens(7e5)).unwrap();

    let mut reserve = reserve::<1>("70%");
    let mut random = Irregular(7);
    let mut allowed = 0.0;
    for hour in 1..=1000_u64 {
        market.set_time(1 + hour * 3600).unwrap();
        market.supply(others, usd, U256::from(1)).unwrap();
        allowed += (reserve.supply_rate()[0] / 8760.0).powi(2) / 2.0;
        reserve.accrue(&[hour * HOUR]);
        let amount = TURNOVER * random.next();
        let (wei, mut lane) = (tokens(amount), Lanes([amount]));
        let passed = match hour % 7 {
            0 => (market.supply(alice, usd, wei).is_ok(), reserve.supply(0, &mut lane)).0,
            1 => (market.withdraw(alice, usd, wei).is_ok(), reserve.withdraw(0, &mut lane)).0,
            2 | 3 => (market.borrow(bob, usd, wei).is_ok(), reserve.borrow(1, &mut lane)).0,
            4 => (market.repay(bob, usd, wei).is_ok(), reserve.repay(1, &mut lane)).0,
            _ => continue,
        };
        assert_eq!(passed, lane[0] > 0.0, "{hour}");
        let whole = |amount: U256| Exact::amount_to_f64(amount) / 1e18;
        let near = |exact: f64, lanes: f64, what: &str| {
            assert!(
                (exact - lanes).abs() <= 2.0 * allowed * (exact.abs() + TURNOVER) + 1e-9 * exact.abs(),
                "{hour}: {what} {exact} {lanes}"
            );
        };
        near(whole(market.balance(alice, usd).unwrap()), balance(&reserve, 0), "balance");
        near(whole(market.debt(bob, usd).unwrap()), debt(&reserve, 1), "debt");
        let exact = market.reserve(usd).unwrap();
        near(whole(exact.liquidity()), reserve.liquidity()[0], "liquidity");
        near(whole(exact.total_debt(market.time()).unwrap()), reserve.total_debt()[0], "total debt");
        near(Exact::amount_to_f64(exact.rates().supply) / 1e27, reserve.supply_rate()[0], "supply rate");
        let mut treasury = Lanes::ZERO;
        reserve.treasury(&mut treasury);
        let minted = Exact::amount_to_f64(exact.treasury_scaled()) / 1e18 * reserve.supply_index()[0];
        assert!((treasury[0] / minted - 1.0).abs() < 1e-3, "{} {minted}", treasury[0]);
    }
    assert!(allowed < 1e-5, "{allowed}");
    // Both refused some, or the comparison said nothing of refusals.
    assert!(balance(&reserve, 0) > 0.0 && debt(&reserve, 1) > 0.0);
}

/// What an operation of the test below does in each lane.
fn amounts<const L: usize>(first: usize, step: u64) -> Lanes<L> {
    let mut amount = Lanes::ZERO;
    for l in 0..L {
        let mut random = Irregular(((first + l) as u64) << 32 | step);
        random.next();
        amount[l] = match (random.next() * 8.0).floor() {
            0.0 => 0.0,
            1.0 => -1.0,
            2.0 => f64::NAN,
            3.0 => 1e9,
            _ => 1e4 * random.next(),
        };
    }
    amount
}

/// Every number of a pack, lane by lane, after irregular operations with amounts that are refused among them.
fn history<const L: usize>(first: usize) -> Vec<[u64; L]> {
    let mut reserve = reserve::<L>("60%");
    let mut bits = Vec::new();
    for step in 0..200_u64 {
        let mut time = [0; L];
        let mut utilisation = Lanes::ZERO;
        for l in 0..L {
            time[l] = step * HOUR + ((first + l) as u64 * step * 1_000_003) % HOUR;
            utilisation[l] = Irregular((first + l) as u64 ^ step).next();
        }
        if step % 3 == 0 {
            reserve.advance(&time, &utilisation);
        } else {
            reserve.accrue(&time);
        }
        let mut amount = amounts::<L>(first, step);
        match step % 4 {
            0 => reserve.supply(0, &mut amount),
            1 => reserve.withdraw(0, &mut amount),
            2 => reserve.borrow(1, &mut amount),
            _ => reserve.repay(1, &mut amount),
        }
        let (mut held, mut owed) = (Lanes::ZERO, Lanes::ZERO);
        reserve.balance(0, &mut held);
        LendingLanes::debt(&reserve, 1, &mut owed);
        for lanes in
            [&amount, &held, &owed, reserve.liquidity(), reserve.total_debt(), reserve.supply_rate(), reserve.borrow_rate()]
        {
            bits.push(lanes.0.map(f64::to_bits));
        }
        let mut treasury = Lanes::ZERO;
        reserve.treasury(&mut treasury);
        for l in 0..L {
            assert!(treasury[l] > -1e-6, "{}", treasury[l]);
            assert!(reserve.liquidity()[l] >= 0.0 && held[l] >= 0.0 && owed[l] >= 0.0);
            // Of a billion tokens.
            let roundings = 1e-4;
            assert!(held[l] <= reserve.total_supply()[l] + roundings && owed[l] <= reserve.total_debt()[l] + roundings);
        }
    }
    bits
}

#[test]
fn a_path_has_the_same_bits_alone_and_in_a_pack() {
    let pack = history::<128>(0);
    for lane in [0, 1, 5, 77, 127] {
        let alone = history::<1>(lane);
        for (together, alone) in pack.iter().zip(&alone) {
            assert_eq!(together[lane], alone[0]);
        }
    }
}

#[test]
fn zero_is_an_exact_no_op_and_what_is_refused_too() {
    let mut reserve = reserve::<1>("85%");
    reserve.supply(0, &mut Lanes([123.456]));
    reserve.borrow(1, &mut Lanes([77.7]));
    reserve.accrue(&[HOUR]);
    reserve.set_utilisation(&Lanes([0.33]));
    let before = reserve.clone();
    for amount in [0.0, -0.0, -1.0, f64::NAN, f64::NEG_INFINITY, f64::INFINITY] {
        let operations: [fn(&mut ReserveLanes<1>, &mut Lanes<1>); 4] = [
            |reserve, amount| reserve.supply(0, amount),
            |reserve, amount| reserve.withdraw(0, amount),
            |reserve, amount| reserve.borrow(1, amount),
            |reserve, amount| reserve.repay(1, amount),
        ];
        for (place, operation) in operations.into_iter().enumerate() {
            if place == 3 && amount == f64::INFINITY {
                continue;
            }
            let mut amount = Lanes([amount]);
            operation(&mut reserve, &mut amount);
            assert_eq!(amount[0], 0.0);
        }
    }
    reserve.accrue(&[HOUR]);
    assert_eq!(reserve, before);
    // More than there is, on the other hand, is repaid as far as it goes.
    let mut amount = Lanes([f64::INFINITY]);
    reserve.repay(1, &mut amount);
    assert!(amount[0] > 77.7 && debt(&reserve, 1) == 0.0);
    reserve.start();
    assert_eq!(reserve, ReserveLanes::new(&model("85%"), 2));
}

#[test]
fn all_of_it_leaves_nothing() {
    let mut reserve = reserve::<1>("10%");
    reserve.supply(0, &mut Lanes([1.0 / 3.0]));
    reserve.advance(&[YEAR / 7], &Lanes([0.7]));
    let mut all = Lanes([balance(&reserve, 0)]);
    let wanted = all[0];
    reserve.withdraw(0, &mut all);
    assert_eq!((all[0], balance(&reserve, 0)), (wanted, 0.0));
    assert_eq!(reserve.accounts(), 2);
    // At full utilisation nobody can leave, or borrow.
    reserve.supply(0, &mut Lanes([5.0]));
    reserve.set_utilisation(&Lanes([1.0]));
    let (mut out, mut loan) = (Lanes([1.0]), Lanes([1.0]));
    reserve.withdraw(0, &mut out);
    reserve.borrow(1, &mut loan);
    assert_eq!((out[0], loan[0]), (0.0, 0.0));
}

/// Others cannot repay what an account owes.
#[test]
fn utilisation_is_at_least_what_accounts_owe() {
    let mut reserve = reserve::<1>("10%");
    reserve.borrow(0, &mut Lanes([500_000.0]));
    reserve.borrow(1, &mut Lanes([100_000.0]));
    reserve.set_utilisation(&Lanes([0.2]));
    let mut reached = Lanes::ZERO;
    reserve.utilisation(&mut reached);
    assert!((reached[0] - 0.6).abs() < 1e-12);
    assert!((reserve.borrow_rate()[0] - rates().borrow_rate(0.6)).abs() < 1e-12);
    assert!((reserve.total_debt()[0] - 600_000.0).abs() < 1e-6);
}

#[test]
fn recorded_rates_stay() {
    let mut reserve = reserve::<1>("50%");
    reserve.supply(0, &mut Lanes([100.0]));
    reserve.set_rates(&Lanes([0.1]), &Lanes([0.2]));
    reserve.advance(&[YEAR], &Lanes([0.9]));
    reserve.supply(0, &mut Lanes([0.0]));
    assert_eq!((reserve.supply_rate()[0], reserve.borrow_rate()[0]), (0.1, 0.2));
    assert!((balance(&reserve, 0) - 100.0 * 0.1_f64.exp()).abs() < 1e-11);
    reserve.start();
    assert!((reserve.borrow_rate()[0] - rates().borrow_rate(0.5)).abs() < 1e-15);
}

/// In the long run the borrow rate is what borrowers are willing to pay.
#[test]
fn the_crowd_settles() {
    for (start, willing) in [("5%", 0.03), ("99%", 0.03), ("50%", 0.4)] {
        let crowd = BorrowerCrowd::new(Rate::from_per_year(willing).unwrap(), "3d".parse().unwrap()).unwrap();
        let mut reserve = reserve::<1>(start);
        for hour in 1..2000 {
            let (mut utilisation, mut next) = (Lanes::ZERO, Lanes::ZERO);
            reserve.utilisation(&mut utilisation);
            crowd.next(&utilisation, reserve.borrow_rate(), &[HOUR], &mut next);
            reserve.advance(&[hour * HOUR], &next);
        }
        assert!((reserve.borrow_rate()[0] - willing).abs() < 1e-6, "{start}: {}", reserve.borrow_rate()[0]);
    }
    assert!(BorrowerCrowd::new(Rate::ZERO, "3d".parse().unwrap()).is_err());
    assert!(BorrowerCrowd::new("3%".parse().unwrap(), SimDuration::from_nanos(0)).is_err());
}

/// The values' liquidation is the market's.
#[test]
fn liquidations_in_values_are_the_market_s() {
    use crate::lending::Liquidation;
    use cenote_amm::Fast;
    let terms = Collateral::new(7_500, 8_000, 10_500).unwrap();
    for price in [2000.0, 1880.0, 1875.0, 1800.0, 1700.0, 1600.0, 1200.0, 500.0] {
        let [alice, bob, carol] = [1, 2, 3].map(Owner::new);
        let mut market = Market::<Fast>::new();
        let config = ReserveConfig::new(18, rates()).unwrap();
        let ether = market.add_reserve(config.with_collateral(terms), 2000.0).unwrap();
        let usd = market.add_reserve(config, 1.0).unwrap();
        market.supply(alice, usd, 1e6).unwrap();
        market.supply(bob, ether, 1.0).unwrap();
        market.borrow(bob, usd, 1500.0).unwrap();
        market.set_price(ether, price).unwrap();
        assert!((market.account(bob).unwrap().health() - terms.health(price, 1500.0)).abs() < 1e-12);
        let who = Liquidation { liquidator: carol, owner: bob, debt: usd, collateral: ether, receive_atoken: false };
        let seized = market.liquidate(&who, 1e9).map_or((0.0, 0.0), |seizure| (seizure.repaid, seizure.collateral * price));
        let (repaid, value) = terms.liquidation(price, 1500.0);
        assert!((seized.0 - repaid).abs() < 1e-9 && (seized.1 - value).abs() < 1e-9, "{price}: {seized:?} {repaid} {value}");
    }
    assert_eq!(terms.liquidation(0.0, 0.0), (0.0, 0.0));
    assert_eq!(terms.borrowable(100.0, 80.0), 0.0);
}

#[test]
fn what_is_no_model_is_refused() {
    let fraction = |text: &str| text.parse().unwrap();
    for (factor, supplied, utilisation) in
        [("101%", 1.0, "50%"), ("10%", 0.0, "50%"), ("10%", f64::INFINITY, "50%"), ("10%", 1.0, "-1%"), ("10%", f64::NAN, "1%")]
    {
        assert!(ReserveModel::new(rates(), fraction(factor), supplied, fraction(utilisation)).is_err());
    }
}
