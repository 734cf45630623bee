//! A mainnet pool with all its ticks (WBTC/WETH, 0.3 %, 458 initialized ticks), where `CENOTE_SHARED` names the folder it lies in.
//!
//! Swaps of 10^-7 to all of the pool's balance run through the real ticks, both ways, exact and fast side by side. What must hold:
//! - both lanes end at the same tick with the same liquidity in range; amounts differ by 10^-12, relative, and by what the contract's
//!   rounding makes: at each of its stops (ticks crossed, edges of words of 256 ticks, the end) it rounds what goes in and the fee up,
//!   two units, and what comes out down, one unit, which may be worth many units of the other token;
//! - the pool's balances change by exactly what was paid in and out;
//! - a trade in ten parts is the trade, but for rounding: fees do not compound in the pool;
//! - there and back returns between (1 − f)² and 1 − f of what was paid, f the fee;
//! - v4 with the same liquidity differs from v3 by rounding only.

use cenote_amm::concentrated::{FeeTier, ProtocolFeeScheme, Snapshot, TickLiquidity, Trade, Traded, V3Pool, V4Pool};
use cenote_amm::{
    Concentrated, Direction, Exact, Fast, Lane, OneForZero, Pool, SwapKind, SwapRequest, TokenIndex, U256, ZeroForOne,
};
use cenote_tests::shared::{needed, shared_or_leave_out};
use serde_json::Value;

const DECIMALS: [u8; 2] = [8, 18];
const FEE: f64 = 0.003;
const SPACING: i32 = 60;
const RELATIVE: f64 = 1e-12;
/// Of the balance, in powers of ten.
const PARTS: [f64; 9] = [-7.0, -6.0, -5.0, -4.0, -3.0, -2.0, -1.0, -0.3, 0.0];

/// An integer that floats would spoil: the digits after `"key":`.
fn digits(text: &str, key: &str) -> U256 {
    let start = text.find(&format!("\"{key}\"")).unwrap_or_else(|| panic!("no {key}")) + key.len() + 2;
    let digits = text[start..].trim_start_matches([':', ' ']);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    U256::from_str_radix(&digits[..end], 10).unwrap_or_else(|error| panic!("{key}: {error}"))
}

fn snapshot() -> Option<Snapshot> {
    let folder = shared_or_leave_out("swaps through the ticks of a mainnet pool")?;
    let text = std::fs::read_to_string(needed(&folder, "fixtures/uniswap-v3/wbtc_weth_block_24407242.json")).unwrap();
    let fixture: Value = serde_json::from_str(&text).unwrap();
    let number = |value: &Value| value.as_i64().unwrap_or_else(|| panic!("{value} is no integer of 64 bits"));
    assert_eq!(number(&fixture["scalars"]["fee"]), 3000);
    assert_eq!(number(&fixture["scalars"]["tick_spacing"]), i64::from(SPACING));
    let ticks = fixture["tick_data"].as_object().unwrap().iter().map(|(tick, entry)| TickLiquidity {
        tick: tick.parse().unwrap(),
        gross: u128::try_from(number(&entry[0])).unwrap(),
        net: number(&entry[1]).into(),
    });
    Some(Snapshot {
        sqrt_price_x96: digits(&text, "sqrt_price_x96"),
        tick: i32::try_from(number(&fixture["scalars"]["tick"])).unwrap(),
        liquidity: u128::try_from(number(&fixture["scalars"]["liquidity"])).unwrap(),
        ticks: ticks.collect(),
        balances: Some([digits(&text, "balance_token0"), digits(&text, "balance_token1")]),
    })
}

fn v3<L: Lane>(snapshot: &Snapshot) -> V3Pool<L> {
    let mut pool = V3Pool::new(FeeTier::BP_30, ProtocolFeeScheme::UniswapV3, DECIMALS);
    pool.restore(snapshot).unwrap();
    pool
}

/// Whole tokens of a side.
fn tokens(amount: U256, side: usize) -> f64 {
    f64::from(amount) / Exact::scale(DECIMALS[side])
}

/// Where the contract rounds between two ticks, at most.
fn stops(snapshot: &Snapshot, from: i32, to: i32) -> f64 {
    let (low, high) = (from.min(to), from.max(to));
    let crossed = snapshot.ticks.iter().filter(|tick| (low..=high).contains(&tick.tick)).count();
    let words = (high - low) / (256 * SPACING) + 2;
    f64::from(words) + f64::from(u32::try_from(crossed).unwrap())
}

/// What a unit of each token is worth in units of the other, at most, between two ticks.
fn unit_worth(from: i32, to: i32, side: usize) -> f64 {
    let best = if side == 1 { from.max(to) } else { -from.min(to) };
    1.0001_f64.powi(best + 1)
}

struct Case {
    direction: Direction,
    kind: SwapKind,
    amount: U256,
}

fn cases(snapshot: &Snapshot) -> Vec<Case> {
    let mut cases = Vec::new();
    let balances = snapshot.balances.unwrap();
    for direction in [ZeroForOne, OneForZero] {
        for kind in [SwapKind::ExactIn, SwapKind::ExactOut] {
            for part in PARTS {
                let side = usize::from((direction == OneForZero) == (kind == SwapKind::ExactIn));
                cases.push(Case { direction, kind, amount: U256::from(f64::from(balances[side]) * 10_f64.powf(part)) });
            }
        }
    }
    cases
}

fn sides(direction: Direction) -> (usize, usize) {
    if direction == ZeroForOne { (0, 1) } else { (1, 0) }
}

#[test]
fn exact_and_fast_walk_the_same_ticks() {
    let Some(snapshot) = snapshot() else { return };
    let (exact, fast) = (v3::<Exact>(&snapshot), v3::<Fast>(&snapshot));
    assert_eq!((exact.ticks().count(), fast.ticks().count()), (458, 458));
    let price = fast.sqrt_price().unwrap().powi(2);
    assert!((20.0..60.0).contains(&price), "{price} WETH per WBTC");

    let (mut most_stops, mut most_used) = (0.0_f64, 0.0_f64);
    for Case { direction, kind, amount } in cases(&snapshot) {
        let (paid, out) = sides(direction);
        let (mut exact, mut fast) = (exact.clone(), fast.clone());
        let fixed = if kind == SwapKind::ExactIn { paid } else { out };
        let exactly = exact.unlimited(direction, kind, amount);
        let closely = fast.unlimited(direction, kind, tokens(amount, fixed));
        let quoted = exact.quote(&exactly);
        let traded = exact.swap(&exactly).unwrap();
        assert_eq!(quoted, Ok(traded));
        let in_floats = fast.swap(&closely).unwrap();

        assert_eq!((in_floats.tick, in_floats.filled), (traded.tick, traded.filled), "{direction:?} {kind:?} {amount}");
        assert_eq!(fast.liquidity(), exact.liquidity());
        let stops = stops(&snapshot, snapshot.tick, traded.tick);
        most_stops = most_stops.max(stops);
        for (side, exactly, closely) in
            [(paid, traded.amount_in, in_floats.amount_in), (out, traded.amount_out, in_floats.amount_out)]
        {
            let units = stops * (2.0 + unit_worth(snapshot.tick, traded.tick, side));
            let exactly_in_tokens = tokens(exactly, side);
            let difference = (closely - exactly_in_tokens).abs();
            let bound = RELATIVE * exactly_in_tokens + units / Exact::scale(DECIMALS[side]);
            assert!(difference <= bound, "{direction:?} {kind:?} {amount}: {closely} and {exactly_in_tokens}, bound {bound:e}");
            most_used = most_used.max(difference / bound);
        }
        // To the wei: what the pool has is what it had and got less what it gave.
        let mut balances = snapshot.balances.unwrap();
        balances[paid] += traded.amount_in;
        balances[out] -= traded.amount_out;
        assert_eq!(exact.balances(), balances);
        assert!(
            (tokens(traded.fee, paid) - FEE * tokens(traded.amount_in, paid)).abs()
                <= 1e-12 * tokens(traded.amount_in, paid) + 2.0 * stops / Exact::scale(DECIMALS[paid])
        );
    }
    println!("up to {most_stops} stops; lanes differ by up to {most_used:.2} of the bound");
    assert!(most_stops > 200.0);
}

fn exact_in<L: Lane>(pool: &mut V3Pool<L>, direction: Direction, amount: L::Amount) -> Traded<L> {
    let trade: Trade<L> = pool.unlimited(direction, SwapKind::ExactIn, amount);
    pool.swap(&trade).unwrap()
}

#[test]
fn there_and_back_loses_the_fees() {
    let Some(snapshot) = snapshot() else { return };
    for direction in [ZeroForOne, OneForZero] {
        let (paid, _) = sides(direction);
        let back = if direction == ZeroForOne { OneForZero } else { ZeroForOne };
        for part in PARTS.into_iter().filter(|part| *part > -6.0) {
            let amount = U256::from(f64::from(snapshot.balances.unwrap()[paid]) * 10_f64.powf(part));
            let (mut exact, mut fast) = (v3::<Exact>(&snapshot), v3::<Fast>(&snapshot));
            let there = exact_in(&mut exact, direction, amount);
            let returned = exact_in(&mut exact, back, there.amount_out).amount_out;
            let ratio = f64::from(returned) / f64::from(there.amount_in);
            // Rounding is in the pool's favour, so there is none to add above; below, each stop loses a unit on both ways.
            let stops = stops(&snapshot, snapshot.tick, there.tick);
            let lost = 2.0 * stops * (1.0 + unit_worth(snapshot.tick, there.tick, paid)) / f64::from(amount);
            assert!(ratio <= 1.0 - FEE && ratio >= (1.0 - FEE).powi(2) - lost, "{direction:?} {amount}: {ratio} came back");

            let there = exact_in(&mut fast, direction, tokens(amount, paid));
            let ratio = exact_in(&mut fast, back, there.amount_out).amount_out / there.amount_in;
            assert!(ratio <= (1.0 - FEE) * (1.0 + RELATIVE) && ratio >= (1.0 - FEE).powi(2) * (1.0 - RELATIVE), "{ratio}");
        }
    }
}

#[test]
fn a_trade_in_parts_is_the_trade() {
    let Some(snapshot) = snapshot() else { return };
    for direction in [ZeroForOne, OneForZero] {
        let (paid, out) = sides(direction);
        let amount = snapshot.balances.unwrap()[paid] / U256::from(2);
        let mut whole = v3::<Exact>(&snapshot);
        let traded = exact_in(&mut whole, direction, amount);
        let mut parts = v3::<Exact>(&snapshot);
        let (mut left, mut bought) = (amount, U256::ZERO);
        for count in (1..=10_u64).rev() {
            let part = left / U256::from(count);
            bought += exact_in(&mut parts, direction, part).amount_out;
            left -= part;
        }
        assert!(left.is_zero() && bought <= traded.amount_out);
        let lost = f64::from(traded.amount_out - bought);
        let units = 20.0 * (1.0 + unit_worth(snapshot.tick, traded.tick, out));
        assert!(lost <= units, "{lost} units lost in ten parts, {units} can be rounding");
        assert!((parts.tick().unwrap() - traded.tick).abs() <= 1);
    }
}

/// All that the ticks hold comes out, and what is left are fees that nobody has collected.
#[test]
fn the_pool_can_be_bought_out() {
    let Some(snapshot) = snapshot() else { return };
    let bare = v3::<Exact>(&Snapshot { balances: None, ..snapshot.clone() });
    for direction in [ZeroForOne, OneForZero] {
        let (_, out) = sides(direction);
        let mut pool = v3::<Exact>(&snapshot);
        let traded = exact_in(&mut pool, direction, U256::MAX >> 1);
        assert!(!traded.filled && pool.liquidity() == 0);
        let worth = bare.balances()[out];
        // Rounded down where it is paid out, rounded up where it was counted: two units a stop.
        let rounding = U256::from(2.0 * stops(&snapshot, snapshot.tick, traded.tick));
        assert!(traded.amount_out <= worth && traded.amount_out + rounding >= worth, "{} of {worth}", traded.amount_out);
        let uncollected = pool.balances()[out];
        assert_eq!(uncollected, snapshot.balances.unwrap()[out] - traded.amount_out);
        println!("token {out}: liquidity {worth}, fees and gifts in the pool {uncollected}");
    }
}

#[test]
fn v4_with_the_same_liquidity() {
    let Some(snapshot) = snapshot() else { return };
    for Case { direction, kind, amount } in cases(&snapshot) {
        let (paid, out) = sides(direction);
        let older = v3::<Exact>(&snapshot);
        let mut newer = V4Pool::<Exact>::new(3000, SPACING, DECIMALS).unwrap();
        newer.restore(&snapshot).unwrap();
        let trade = older.unlimited(direction, kind, amount);
        let (older, newer) = (older.quote(&trade).unwrap(), newer.quote(&trade).unwrap());
        assert_eq!((older.filled, older.tick), (newer.filled, newer.tick));
        let stops = stops(&snapshot, snapshot.tick, older.tick);
        for (side, older, newer) in [(paid, older.amount_in, newer.amount_in), (out, older.amount_out, newer.amount_out)] {
            let units = stops * (1.0 + unit_worth(snapshot.tick, snapshot.tick, side));
            assert!(f64::from(older.abs_diff(newer)) <= units, "{direction:?} {kind:?} {amount}: {older} and {newer}");
        }
    }
}

/// An arbitrageur stops at the edge of the band, however many ticks away it is.
#[test]
fn arbitrage_to_an_outside_price() {
    let Some(snapshot) = snapshot() else { return };
    let mut exact = Concentrated::<Exact>::uniswap_v3(FeeTier::BP_30);
    exact.v3_mut().restore(&snapshot).unwrap();
    let mut fast = Concentrated::<Fast>::uniswap_v3(FeeTier::BP_30).with_decimals(DECIMALS);
    fast.v3_mut().restore(&snapshot).unwrap();
    let (base, quote) = (TokenIndex::ZERO, TokenIndex::ONE);
    let scale = Exact::scale(DECIMALS[1]) / Exact::scale(DECIMALS[0]);
    for factor in [0.5, 0.9, 0.99, 1.0, 1.01, 1.1, 2.0] {
        let (mut exact, mut fast) = (exact.clone(), fast.clone());
        let target = fast.spot_price(base, quote).unwrap() * factor;
        let requests = (exact.swap_to(base, quote, target * scale), fast.swap_to(base, quote, target));
        let (Some(exactly), Some(closely)) = requests else {
            assert!(requests.0.is_none() && requests.1.is_none() && factor == 1.0, "{requests:?}");
            continue;
        };
        assert_eq!(exactly.token_in, closely.token_in);
        let in_tokens = tokens(exactly.amount, exactly.token_in.get());
        assert!((in_tokens - closely.amount).abs() <= 1e-6 + 1e-9 * closely.amount, "{in_tokens} and {}", closely.amount);
        let edge = if factor > 1.0 { target * (1.0 - FEE) } else { target / (1.0 - FEE) };
        let run = |pool: &mut dyn Pool<Lane = Exact>, request: &SwapRequest<Exact>| pool.swap(request).unwrap();
        run(&mut exact, &exactly);
        fast.swap(&closely).unwrap();
        for price in [exact.spot_price(base, quote).unwrap() / scale, fast.spot_price(base, quote).unwrap()] {
            assert!((price / edge - 1.0).abs() < 1e-6, "{price} is not {edge}");
        }
    }
}
