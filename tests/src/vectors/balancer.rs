//! The libraries of Balancer's weighted pools, v2 and v3: functions without state.

use cenote_amm::weighted::{FixedPoint, Formulas, Side, Version, View, WeightedError, balance_for_growth, invariant_up};
use cenote_amm::{Exact, U256};
use serde_json::{Map, Value};

use super::{Fault, Operation, Outcome, Replayer};

struct Library {
    version: Version,
}

/// The library as the header names it.
pub(super) fn new(header: &Map<String, Value>) -> Result<Box<dyn Replayer>, Fault> {
    let version = match header["protocol"].as_str() {
        Some("balancer-v2-math") => Version::V2,
        Some("balancer-v3-math") => Version::V3,
        other => return Err(Fault::Unknown(format!("protocol {other:?} of a weighted pool"))),
    };
    Ok(Box::new(Library { version }))
}

fn malformed(value: &Value, wanted: &str) -> Fault {
    Fault::Malformed(format!("argument {value} is not {wanted}"))
}

fn word(value: &Value) -> Result<U256, Fault> {
    let word = value.as_str().and_then(|text| U256::from_str_radix(text, 10).ok().filter(|word| word.to_string() == text));
    word.ok_or_else(|| malformed(value, "a decimal number in quotes"))
}

fn words(value: &Value) -> Result<Vec<U256>, Fault> {
    value.as_array().ok_or_else(|| malformed(value, "an array"))?.iter().map(word).collect()
}

impl Library {
    fn pool<'a>(&self, balances: &'a [U256], weights: &'a [U256], supply: U256, fee: U256) -> View<'a, U256, U256> {
        View { version: self.version, balances, weights, minimums: &[], supply, fee }
    }

    fn call(&self, operation: &Operation<'_>) -> Result<Result<U256, WeightedError>, Fault> {
        let version = self.version;
        let math = FixedPoint(version);
        let side = |balance: &Value, weight: &Value| Ok(Side { balance: word(balance)?, weight: word(weight)? });
        Ok(match (version, operation.name, operation.arguments) {
            (_, "mulDown", [a, b]) => math.mul_down(word(a)?, word(b)?),
            (_, "mulUp", [a, b]) => math.mul_up(word(a)?, word(b)?),
            (_, "divDown", [a, b]) => math.div_down(word(a)?, word(b)?),
            (_, "divUp", [a, b]) => math.div_up(word(a)?, word(b)?),
            (_, "powDown", [x, y]) => math.pow_down(word(x)?, word(y)?),
            (_, "powUp", [x, y]) => math.pow_up(word(x)?, word(y)?),
            (_, "outGivenIn", [balance_in, weight_in, balance_out, weight_out, amount]) => {
                Exact::amount_out(version, side(balance_in, weight_in)?, side(balance_out, weight_out)?, word(amount)?)
            }
            (_, "inGivenOut", [balance_in, weight_in, balance_out, weight_out, amount]) => {
                Exact::amount_in(version, side(balance_in, weight_in)?, side(balance_out, weight_out)?, word(amount)?)
            }
            (_, "invariant", [weights, balances]) => {
                let (weights, balances) = (words(weights)?, words(balances)?);
                Exact::invariant(&self.pool(&balances, &weights, U256::ZERO, U256::ZERO))
            }
            (Version::V3, "invariantUp", [weights, balances]) => invariant_up(&words(balances)?, &words(weights)?),
            (Version::V3, "balanceOutGivenInvariant", [balance, weight, growth]) => {
                balance_for_growth(side(balance, weight)?, word(growth)?)
            }
            (Version::V2, "bptOutGivenExactTokensIn" | "bptInGivenExactTokensOut", [balances, weights, amounts, supply, fee]) => {
                let (balances, weights, amounts) = (words(balances)?, words(weights)?, words(amounts)?);
                let pool = self.pool(&balances, &weights, word(supply)?, word(fee)?);
                let priced = if operation.name == "bptOutGivenExactTokensIn" {
                    Exact::liquidity_for_tokens(&pool, &amounts)
                } else {
                    Exact::liquidity_from_tokens(&pool, &amounts)
                };
                priced.map(|priced| priced.amount)
            }
            (Version::V2, "tokenInGivenExactBptOut" | "tokenOutGivenExactBptIn", [balance, weight, liquidity, supply, fee]) => {
                // A pool of one token: the others do not matter.
                let (balances, weights, liquidity) = ([word(balance)?], [word(weight)?], word(liquidity)?);
                let pool = self.pool(&balances, &weights, word(supply)?, word(fee)?);
                let priced = if operation.name == "tokenInGivenExactBptOut" {
                    Exact::token_for_liquidity(&pool, 0, liquidity)
                } else {
                    Exact::token_from_liquidity(&pool, 0, liquidity)
                };
                priced.map(|priced| priced.amount)
            }
            _ => return Err(operation.unknown()),
        })
    }
}

impl Replayer for Library {
    fn run(&mut self, operation: &Operation<'_>) -> Result<Outcome, Fault> {
        Ok(match self.call(operation)? {
            Ok(word) => Outcome::Returned(vec![Value::String(word.to_string())]),
            Err(error) => Outcome::Reverted(error.revert_code().to_owned()),
        })
    }

    fn state(&self) -> Option<Value> {
        None
    }
}
