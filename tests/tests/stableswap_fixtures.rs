//! `StableSwap` mathematics against recorded numbers: the oracle's lines and the state of a pool in use, where `CENOTE_SHARED` has them.

use cenote_amm::stableswap::{Curve, Generation, balance_at, invariant};
use cenote_amm::{Exact, Fast, TokenIndex, U256};
use cenote_tests::shared::{self, shared_or_leave_out};

const ORACLE: &str = "curve/stableswap-oracle.txt";
const POOL: &str = "curve/tripool_block_24407242.json";

/// The text of a fixture, if there are fixtures.
fn fixture(name: &str) -> Option<String> {
    let path = shared::needed(&shared_or_leave_out(name)?.join("fixtures"), name);
    Some(std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn amount(text: &str) -> U256 {
    U256::from_str_radix(text, 10).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn amounts(list: &str) -> Vec<U256> {
    list.trim_matches(['[', ']']).split(',').map(amount).collect()
}

fn token(text: &str) -> TokenIndex {
    TokenIndex(text.parse().unwrap())
}

/// The oracle's A in its two readings: as stored, a hundred times `A()`, or as `A()` itself.
fn curve(a: &str, stored: bool) -> Curve {
    let a: u64 = a.parse().unwrap();
    Curve::new(Generation::Ng, if stored { a / 100 } else { a }).unwrap()
}

/// The answer of this library to a line of the oracle; `None` for the functions of other pools (crypto pools, and invariants with rates).
fn answer(question: &[&str]) -> Option<U256> {
    let solve = |curve: Curve, scaled: &[U256], coin: &str, d: U256| balance_at::<Exact>(curve, scaled, token(coin), d).unwrap();
    Some(match *question {
        ["get_d", _, list, a, _, "100", "1" | "2"] => invariant::<Exact>(curve(a, true), &amounts(list)).unwrap(),
        ["get_y", _, i, j, x, list, a, _, "100", variant, _] => {
            let (curve, mut scaled) = (curve(a, variant == "1"), amounts(list));
            let d = invariant::<Exact>(curve, &scaled).unwrap();
            scaled[token(i).get()] = amount(x);
            solve(curve, &scaled, j, d)
        }
        ["get_y_d", _, a, i, list, d, _, "100", variant @ ("1" | "2")] => {
            solve(curve(a, variant == "2"), &amounts(list), i, amount(d))
        }
        ["get_d", _, _, _, _, _, "6"] | ["newton_y" | "reduction", ..] => return None,
        _ => panic!("unknown question {question:?}"),
    })
}

#[test]
fn oracle() {
    let Some(text) = fixture(ORACLE) else { return };
    let mut asked = 0;
    for line in text.lines() {
        let (question, expected) = line.split_once(" = ").unwrap();
        let Some(got) = answer(&question.split(' ').collect::<Vec<_>>()) else { continue };
        assert_eq!(got, amount(expected), "{line}");
        asked += 1;
    }
    assert!(asked >= 30, "only {asked} lines");
}

/// The whole numbers behind a field's name; they are too large for a JSON reader that knows floats only.
fn numbers(text: &str, field: &str) -> Vec<U256> {
    let (_, rest) = text.split_once(&format!("\"{field}\":")).unwrap_or_else(|| panic!("{field} is missing"));
    let end = if rest.trim_start().starts_with('[') { ']' } else { ',' };
    let list = rest.split(end).next().unwrap_or_default();
    list.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).map(amount).collect()
}

/// DAI, USDC and USDT, A = 4000 in the contract: D per LP token is its virtual price, to the last digit.
#[test]
fn virtual_price_of_a_pool_in_use() {
    let Some(text) = fixture(POOL) else { return };
    let number = |field: &str| numbers(&text, field)[0];
    let to_scaled = [1, 10_u64.pow(12), 10_u64.pow(12)].map(U256::from);
    let scaled: Vec<U256> =
        numbers(&text, "balances").into_iter().zip(to_scaled).map(|(balance, factor)| balance * factor).collect();
    let curve = Curve::new(Generation::Ng, number("a_coefficient").to()).unwrap();
    let d = invariant::<Exact>(curve, &scaled).unwrap();
    assert_eq!(
        d * U256::from(10_u64.pow(18)) / numbers(&text.replace('}', ","), "lp_token_total_supply")[0],
        number("virtual_price")
    );

    let whole: Vec<f64> = scaled.iter().map(|balance| f64::from(*balance) / 1e18).collect();
    let fast = invariant::<Fast>(curve, &whole).unwrap();
    assert!((fast / (f64::from(d) / 1e18) - 1.0).abs() < 1e-15, "{fast} and {d}");
}
