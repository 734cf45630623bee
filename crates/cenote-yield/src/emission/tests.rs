use cenote_amm::{Exact, Fast, U256};
use cenote_units::{SimDuration, SimTime};
use proptest::prelude::*;

use super::*;

const DAY: u64 = 86_400_000_000_000;

fn days(count: u64) -> SimDuration {
    SimDuration::from_nanos(count * DAY)
}

fn day(count: u64) -> SimTime {
    SimTime::from_nanos(count * DAY)
}

fn schedules() -> Vec<Emission> {
    vec![
        Emission::constant(1000.0).unwrap(),
        Emission::halving(1000.0, days(30)).unwrap(),
        Emission::halving(1000.0, days(1)).unwrap().starting(day(17)),
        Emission::decay(1000.0, days(40)).unwrap(),
        Emission::table(&[(days(5), 100.0), (days(50), 0.0), (days(60), 3000.0)]).unwrap(),
        Emission::reducing(1000.0, 0.5_f64.sqrt().sqrt(), days(365), 10).unwrap(),
        Emission::constant(500.0).unwrap().starting(day(10)).ending(day(80)).unwrap(),
        Emission::decay(1000.0, days(3)).unwrap().starting(day(20)).ending(day(30)).unwrap(),
    ]
}

proptest! {
    /// However a stretch of time is cut, its parts add up; and each is the sum of its rates.
    #[test]
    fn amounts_are_integrals(from in 0..400 * DAY, length in 0..400 * DAY, cut in 0..1_000_000_u64) {
        for emission in schedules() {
            let to = from + length;
            let middle = from + cut * (length / 1_000_000);
            let (whole, parts) = (emission.amount(from, to), emission.amount(from, middle) + emission.amount(middle, to));
            prop_assert!((whole - parts).abs() <= 1e-13 * whole.max(1e-9), "{emission:?}: {whole} {parts}");
            prop_assert!(whole >= 0.0 && emission.amount(to, from) == 0.0);
            if let Some(Piece { rate, until }) = emission.piece(from) {
                prop_assert_eq!(rate, emission.rate_at(from));
                let end = until.min(to);
                prop_assert_eq!(emission.amount(from, end), rate * years(end.saturating_sub(from)));
            }
        }
    }

    /// The midpoint rule, away from where rates jump.
    #[test]
    fn rates_are_derivatives(at in 1..400 * DAY) {
        for emission in schedules() {
            let (from, to) = (at - 500, at + 500);
            let constant = emission.piece(from).is_none_or(|piece| piece.until >= to);
            if constant && (emission.rate_at(from) > 0.0) == (emission.rate_at(to) > 0.0) {
                let slope = emission.amount(from, to) / years(1000);
                prop_assert!((slope - emission.rate_at(at)).abs() <= 1e-9 * slope, "{emission:?}: {slope}");
            }
        }
    }
}

#[test]
fn closed_forms() {
    let halving = Emission::halving(365.0, days(10)).unwrap();
    assert!((halving.between(day(0), day(10_000)) - 20.0).abs() < 1e-12);
    assert!((halving.between(day(5), day(25)) - (5.0 + 5.0 + 1.25)).abs() < 1e-12);
    let decay = Emission::decay(365.0, days(10)).unwrap();
    assert!((decay.between(day(0), day(10)) - 0.5 * 10.0 / core::f64::consts::LN_2).abs() < 1e-12);
    assert!((decay.rate(day(20)) - 365.0 / 4.0).abs() < 1e-10);
    // A nanosecond after 30 years: no digits are lost.
    let late = decay.between(SimTime::from_nanos(10_000 * DAY), SimTime::from_nanos(10_000 * DAY + 1));
    assert!((late / (decay.rate(day(10_000)) * years(1)) - 1.0).abs() < 1e-12);
}

#[test]
fn what_is_no_schedule() {
    assert_eq!(Emission::constant(-1.0), Err(EmissionError::InvalidRate { rate: -1.0 }));
    assert!(matches!(Emission::constant(f64::NAN), Err(EmissionError::InvalidRate { .. })));
    assert_eq!(Emission::halving(1.0, days(0)), Err(EmissionError::NoTime { what: "the time between halvings" }));
    assert!(Emission::decay(1.0, days(0)).is_err() && Emission::reducing(1.0, 0.5, days(0), 3).is_err());
    assert_eq!(Emission::table(&[]), Err(EmissionError::NoSteps));
    assert_eq!(Emission::table(&[(days(1), 1.0), (days(1), 2.0)]), Err(EmissionError::StepsOutOfOrder { before: DAY, next: DAY }));
    let late = Emission::constant(1.0).unwrap().starting(day(3)).ending(day(3));
    assert_eq!(late, Err(EmissionError::EndsTooSoon { start: 3 * DAY, end: 3 * DAY }));
    assert!(VestingEscrow::<Exact>::new(U256::ONE, 5, 5).is_err());
    assert!(VestingEscrow::<Fast>::new(f64::NAN, 5, 6).is_err());
    assert_eq!(RewardLocker::<Exact>::new(1, 1, (2, 1)), Err(EmissionError::NotAFraction { given: 2, whole: 1 }));
    assert!(RewardLocker::<Exact>::new(0, 1, (0, 1)).is_err());
}

/// Rates, epochs and supplies over two hundred years, beside the closed form.
#[test]
fn curves_inflation() {
    let year = 365 * 86_400;
    let start = 1_597_086_251;
    let mut crv = CurveInflation::<Exact>::new(start).unwrap();
    assert_eq!(CurveInflation::<Exact>::initial_rate().unwrap(), U256::from(8_867_218_512_176_560_121_u64));
    let mut minted = U256::ZERO;
    for epoch in 0..200 {
        minted += crv.rate() * U256::from(year);
        assert_eq!(
            crv.mintable_in_timeframe(crv.start_epoch_time(), crv.future_epoch_time()).unwrap(),
            crv.rate() * U256::from(year)
        );
        crv.set_block_timestamp(start + (epoch + 1) * year - 1).unwrap();
        assert_eq!(crv.update_mining_parameters(), Ok(false));
        crv.set_block_timestamp(start + (epoch + 1) * year).unwrap();
        assert_eq!((crv.update_mining_parameters(), crv.update_mining_parameters()), (Ok(true), Ok(false)));
        assert_eq!(crv.available_supply().unwrap(), U256::from(1_272_727_273_u64) * U256::from(10).pow(U256::from(18)) + minted);
    }
    // All there will ever be: 279,636,603 / (1 − 2^(−1/4)) on top, within 10^-15 after two hundred years.
    let total = f64::from(minted) / 1e18;
    assert!((total / (279_636_603.0 / (1.0 - 0.5_f64.powf(0.25))) - 1.0).abs() < 1e-14, "{total}");
    let fast = Emission::reducing(279_636_603.0, 0.5_f64.powf(0.25), days(365), 300).unwrap();
    assert!((fast.between(day(0), day(365 * 200)) / total - 1.0).abs() < 1e-13);
    // Over a border of epochs, and too far ahead.
    let (epoch, rate) = (crv.start_epoch_time(), crv.rate());
    let over = crv.mintable_in_timeframe(epoch - 10, epoch + 10).unwrap();
    assert!(over >= rate * U256::from(20) && over <= rate * U256::from(22));
    assert_eq!(
        crv.mintable_in_timeframe(epoch, epoch + 3 * year),
        Err(EmissionError::TooFarAhead { time: epoch + 3 * year, latest: epoch + 2 * year })
    );
    assert!(crv.mintable_in_timeframe(5, 4).is_err());
    assert_eq!(
        crv.mintable_in_timeframe(start - 1, epoch),
        Err(EmissionError::BeforeTheFirst { time: start - 1, earliest: start })
    );
}

#[test]
fn vesting_can_be_stopped_and_goes_on_as_if_it_had_not() {
    let mut escrow = VestingEscrow::<Exact>::new(U256::from(1000), 100, 200).unwrap();
    assert_eq!(escrow.claim(), Ok(U256::ZERO));
    escrow.set_block_timestamp(150).unwrap();
    escrow.toggle_disable();
    escrow.set_block_timestamp(180).unwrap();
    assert_eq!((escrow.claim(), escrow.claim()), (Ok(U256::from(500)), Ok(U256::ZERO)));
    escrow.toggle_disable();
    assert_eq!(escrow.claim(), Ok(U256::from(300)));
    escrow.set_block_timestamp(10_000).unwrap();
    assert_eq!((escrow.claim(), escrow.claimed(), escrow.locked()), (Ok(U256::from(200)), U256::from(1000), Ok(U256::ZERO)));
    assert_eq!(escrow.set_block_timestamp(9), Err(EmissionError::ClockRunsBack { now: 10_000, to: 9 }));
}

#[test]
fn leaving_early_costs_a_part() {
    let mut locker = RewardLocker::<Exact>::new(7, 21, (1, 2)).unwrap();
    let u = U256::from::<u64>;
    locker.set_block_timestamp(3).unwrap();
    locker.earn(u(100)).unwrap();
    locker.set_block_timestamp(6).unwrap();
    locker.earn(u(10)).unwrap();
    locker.set_block_timestamp(8).unwrap();
    locker.earn(u(40)).unwrap();
    assert_eq!(locker.lots().map(|lot| (lot.amount, lot.unlocks)).collect::<Vec<_>>(), [(u(110), 21), (u(40), 28)]);
    // Of the first lot 20 are given up for 10.
    assert_eq!(locker.withdraw(u(10)), Ok(EarlyExit { paid: u(10), penalty: u(10) }));
    assert_eq!(locker.withdraw(u(1000)), Err(EmissionError::Insufficient { available: 65.0, amount: 1000.0 }));
    locker.set_block_timestamp(21).unwrap();
    assert_eq!((locker.free(), locker.locked()), (u(90), Ok(u(40))));
    // Free rewards cost nothing, those of the second lot the half.
    assert_eq!(locker.withdraw(u(100)), Ok(EarlyExit { paid: u(100), penalty: u(10) }));
    assert_eq!(locker.exit(), Ok(EarlyExit { paid: u(10), penalty: u(10) }));
    assert_eq!(locker.exit(), Ok(EarlyExit { paid: u(0), penalty: u(0) }));
}
