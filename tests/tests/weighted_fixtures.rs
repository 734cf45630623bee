//! Recorded results of Balancer's contracts and pools as they stand on a chain, where the environment names a folder of them.

use std::path::PathBuf;

use cenote_amm::weighted::log_exp::{Signed, exp, ln, log, pow};
use cenote_amm::weighted::{FixedPoint, Formulas, Side, Version, View, Weighted, WeightedError, Weights};
use cenote_amm::{Exact, Fast, FungibleLiquidity, Lane, Owner, Pool, SwapRequest, TokenIndex, U256};
use cenote_units::Fee;
use serde_json::Value;

const ALICE: Owner = Owner::new(1);

/// The text of a fixture; `None` where there are none.
fn fixture(name: &str) -> Option<String> {
    let shared = PathBuf::from(std::env::var_os("CENOTE_SHARED")?);
    let path = shared.join("fixtures/balancer").join(name);
    Some(std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn u256(text: &str) -> U256 {
    U256::from_str_radix(text, 10).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn list(text: &str) -> Vec<U256> {
    text.trim_matches(['[', ']']).split(',').map(|item| u256(item.trim())).collect()
}

/// The oracle's two versions are of the power function: the first is that of v2, the second that of v3.
fn version(name: &str) -> Version {
    match name {
        "V1" => Version::V2,
        "V2" => Version::V3,
        _ => panic!("version {name}"),
    }
}

fn shown(signed: Signed) -> String {
    format!("{}{}", if signed.negative && !signed.size.is_zero() { "-" } else { "" }, signed.size)
}

/// One line of the oracle as the exact lane has it; `None` for what the contracts do not take.
fn answer(function: &str, given: &[&str]) -> Option<Result<String, WeightedError>> {
    let math = FixedPoint(Version::V2);
    let number = |i: usize| u256(given[i]);
    let plain = |answer: Result<U256, WeightedError>| Some(answer.map(|value| value.to_string()));
    let side = |i: usize| Side { balance: number(i), weight: number(i + 1) };
    match function {
        "fp_add" => plain(math.add(number(0), number(1))),
        "fp_sub" => plain(math.sub(number(0), number(1))),
        // The oracle's product is unbounded here, the contracts' is not.
        "fp_mul_down" if number(0).checked_mul(number(1)).is_none() => None,
        "fp_mul_down" => plain(math.mul_down(number(0), number(1))),
        "fp_mul_up" => plain(math.mul_up(number(0), number(1))),
        "fp_div_down" => plain(math.div_down(number(0), number(1))),
        "fp_div_up" => plain(math.div_up(number(0), number(1))),
        "fp_complement" => plain(Ok(math.complement(number(0)))),
        "fp_pow_down" => plain(FixedPoint(version(given[2])).pow_down(number(0), number(1))),
        "fp_pow_up" => plain(FixedPoint(version(given[2])).pow_up(number(0), number(1))),
        // A power with a negative exponent is more than the contracts' unsigned one can ask for.
        "lm_pow" if given[1].starts_with('-') => None,
        "lm_pow" => plain(Ok(pow(number(0), number(1)).unwrap())),
        "lm_exp" => plain(Ok(exp(Signed { negative: false, size: number(0) }).unwrap())),
        "lm_ln" => Some(Ok(shown(ln(number(0)).unwrap()))),
        "lm_log" => Some(Ok(shown(log(number(0), number(1)).unwrap()))),
        "wm_invariant" => {
            let (weights, balances) = (list(given[0]), list(given[1]));
            let (supply, fee) = (U256::ZERO, U256::ZERO);
            plain(Exact::invariant(&View {
                version: version(given[2]),
                balances: &balances,
                weights: &weights,
                minimums: &[],
                supply,
                fee,
            }))
        }
        "wm_out_given_in" => plain(Exact::amount_out(version(given[5]), side(0), side(2), number(4))),
        "wm_in_given_out" => plain(Exact::amount_in(version(given[5]), side(0), side(2), number(4))),
        "wm_sub_fee" => plain(math.mul_up(number(0), number(1)).and_then(|fee| math.sub(number(0), fee))),
        "wm_add_fee" => plain(Exact::with_fee(Version::V2, number(0), number(1))),
        _ => None,
    }
}

#[test]
fn weighted_fixed_point_oracle() {
    let Some(text) = fixture("fixed-point-oracle.txt") else { return };
    let mut compared = 0;
    for line in text.lines().filter(|line| !line.starts_with("sm_")) {
        let (question, expected) = line.split_once(" = ").unwrap();
        let mut parts = question.split(' ');
        let function = parts.next().unwrap();
        let Some(got) = answer(function, &parts.collect::<Vec<_>>()) else { continue };
        let got = got.unwrap_or_else(|error| {
            let name = match error.revert_code() {
                "BAL#001" => "SUB_OVERFLOW",
                "BAL#003" => "MUL_OVERFLOW",
                "BAL#004" => "ZERO_DIVISION",
                other => other,
            };
            format!("ERROR:{name}")
        });
        assert_eq!(got, expected, "{question}");
        compared += 1;
    }
    assert!(compared > 230, "only {compared} lines were understood");
}

/// Swaps, joins and exits with fees on a test network, each from the same state.
#[test]
fn weighted_recorded_operations() {
    let Some(text) = fixture("11155111-7439300-Weighted-USDC-DAI.json") else { return };
    let record: Value = serde_json::from_str(&text).unwrap();
    let state = &record["pool"];
    let amount = |value: &Value| u256(value.as_str().unwrap());
    let amounts = |value: &Value| value.as_array().unwrap().iter().map(amount).collect::<Vec<_>>();
    let scaling = amounts(&state["scalingFactors"]);
    let weights: Vec<u64> = amounts(&state["weights"]).into_iter().map(|weight| weight.to()).collect();
    let decimals: Vec<u8> = scaling.iter().map(|factor| 18 - u8::try_from(factor.to_string().len() - 1).unwrap()).collect();
    let balances: Vec<U256> =
        amounts(&state["balancesLiveScaled18"]).iter().zip(&scaling).map(|(live, factor)| live / factor).collect();
    assert_eq!(state["aggregateSwapFee"], "0");
    let fee = Fee::from_wad(amount(&state["swapFee"]).to()).unwrap();
    let pool = Weighted::<Exact>::balancer_v3(&Weights::new(&weights).unwrap(), fee)
        .with_decimals(&decimals)
        .unwrap()
        .with_state(ALICE, &balances, amount(&state["totalSupply"]))
        .unwrap();
    let token = |address: &Value| {
        let same = |other: &Value| other.as_str().unwrap().eq_ignore_ascii_case(address.as_str().unwrap());
        TokenIndex(u8::try_from(state["tokens"].as_array().unwrap().iter().position(same).unwrap()).unwrap())
    };

    for swap in record["swaps"].as_array().unwrap() {
        let tokens = (token(&swap["tokenIn"]), token(&swap["tokenOut"]));
        let given = amount(&swap["amountRaw"]);
        let got = match swap["swapKind"].as_u64() {
            Some(0) => pool.quote(&SwapRequest::exact_in(tokens, given)).unwrap().amount_out,
            Some(1) => pool.quote(&SwapRequest::exact_out(tokens, given)).unwrap().amount_in,
            _ => panic!("{swap}"),
        };
        assert_eq!(got, amount(&swap["outputRaw"]), "{swap}");
    }
    let only = |amounts: &[U256]| TokenIndex(u8::try_from(amounts.iter().position(|amount| !amount.is_zero()).unwrap()).unwrap());
    for add in record["adds"].as_array().unwrap() {
        let (paid, minted) = (amounts(&add["inputAmountsRaw"]), amount(&add["bptOutRaw"]));
        let mut pool = pool.clone();
        let got = match add["kind"].as_str().unwrap() {
            "Unbalanced" => pool.join_exact_tokens(ALICE, &paid),
            "SingleToken" => pool.join_single_token(ALICE, only(&paid), minted),
            _ => panic!("{add}"),
        };
        let got = got.unwrap();
        assert_eq!((got.amounts, got.liquidity), (paid, minted), "{add}");
    }
    for remove in record["removes"].as_array().unwrap() {
        let (taken, burned) = (amounts(&remove["amountsOutRaw"]), amount(&remove["bptInRaw"]));
        let mut pool = pool.clone();
        let got = match remove["kind"].as_str().unwrap() {
            "Proportional" => pool.exit_proportional(ALICE, burned),
            "SingleTokenExactIn" => pool.exit_single_token(ALICE, only(&taken), burned),
            "SingleTokenExactOut" => pool.exit_exact_tokens(ALICE, &taken),
            _ => panic!("{remove}"),
        };
        let got = got.unwrap();
        assert_eq!((got.amounts, got.liquidity), (taken, burned), "{remove}");
    }
}

/// The integers of a list in a state file: more digits than a JSON reader keeps.
fn integers(text: &str, key: &str) -> Vec<U256> {
    let (_, rest) = text.split_once(&format!("\"{key}\": [")).unwrap();
    list(&rest[..rest.find(']').unwrap()].split_whitespace().collect::<String>())
}

/// Pools of the main network: both lanes agree on swaps of every size in every direction, and liquidity goes in and out.
#[test]
fn weighted_pools_on_chain() {
    for name in ["dai_gp_weth_usdt_4_token", "dai_weth_40_60", "sdvecrv_crv_90_10", "usdc_weth_50_50"] {
        let Some(text) = fixture(&format!("balancer_weighted_{name}.json")) else { return };
        let state: Value = serde_json::from_str(&text).unwrap();
        let (balances, weights) = (integers(&text, "balances"), integers(&text, "weights"));
        let weights = Weights::new(&weights.into_iter().map(|weight| weight.to()).collect::<Vec<u64>>()).unwrap();
        let decimals: Vec<u8> = state["tokens"]
            .as_array()
            .unwrap()
            .iter()
            .map(|token| u8::try_from(token["decimals"].as_u64().unwrap()).unwrap())
            .collect();
        let (numerator, denominator) = state["fee"].as_str().unwrap().split_once('/').unwrap();
        let fee = numerator.parse::<u64>().unwrap() * (1_000_000_000_000_000_000 / denominator.parse::<u64>().unwrap());
        let fee = Fee::from_wad(fee).unwrap();
        let scale = |token: usize, amount: U256| f64::from(amount) / Exact::scale(decimals[token]);
        let whole: Vec<f64> = balances.iter().enumerate().map(|(token, balance)| scale(token, *balance)).collect();

        let mut exact = Weighted::<Exact>::balancer_v2(&weights, fee).with_decimals(&decimals).unwrap();
        let mut fast = Weighted::<Fast>::balancer_v2(&weights, fee).with_decimals(&decimals).unwrap();
        exact.mint(ALICE, &balances).unwrap();
        fast.mint(ALICE, &whole).unwrap();
        let count = balances.len();
        for (token_in, token_out) in (0..count).flat_map(|a| (0..count).map(move |b| (a, b))).filter(|(a, b)| a != b) {
            let tokens = (TokenIndex(u8::try_from(token_in).unwrap()), TokenIndex(u8::try_from(token_out).unwrap()));
            for part in [1_000_000_u64, 10_000, 100, 7, 4] {
                let amount = balances[token_in] / U256::from(part);
                let sold = exact.quote(&SwapRequest::exact_in(tokens, amount)).unwrap();
                let twin = fast.quote(&SwapRequest::exact_in(tokens, scale(token_in, amount))).unwrap();
                let unit = 1.0 / Exact::scale(decimals[token_out]);
                let difference = (scale(token_out, sold.amount_out) - twin.amount_out).abs();
                let slack = 2.0 * unit + whole[token_out] / f64::from(balances[token_in]);
                assert!(difference <= 1.2e-14 * whole[token_out] + slack, "{name}: {difference:e}");
                // What buys the same costs no less, but for a unit, and for the power by which the first was rounded in the pool's favour.
                if let Ok(bought) = exact.quote(&SwapRequest::exact_out(tokens, sold.amount_out)) {
                    let spared = f64::from(amount) - f64::from(bought.amount_in);
                    let ratio = weights.fraction(token_out).unwrap() / weights.fraction(token_in).unwrap();
                    let unit = 4.0 / f64::from(balances[token_out]);
                    assert!(spared <= 2.0 + f64::from(balances[token_in]) * ratio * (unit + 2e-14), "{name}: {spared}");
                }
            }
        }
        let minted = exact.join_exact_tokens(ALICE, &balances).unwrap();
        let twin = fast.join_exact_tokens(ALICE, &whole).unwrap();
        assert!((f64::from(minted.liquidity) * 1e-18 / twin.liquidity - 1.0).abs() < 1e-12);
        let supply = exact.total_supply();
        exact.exit_single_token(ALICE, TokenIndex::ONE, supply / U256::from(50)).unwrap();
    }
}
