//! Curve StableSwap pools: the first generation with two to four coins, and NG plain pools.

use cenote_amm::stableswap::{Generation, PlainPool, PoolFee, liquidity_revert_reason, swap_revert_reason};
use cenote_amm::{Exact, GovernanceError, LiquidityError, Owner, SwapError, TokenIndex, U256};
use serde_json::{Map, Value, json};

use super::{Fault, Operation, Outcome, Replayer};

/// Actors whose LP tokens the state lists.
const ACTORS: [u32; 3] = [1, 2, 3];

struct CurveReplayer {
    pool: PlainPool<Exact>,
}

/// A pool as the header describes it.
pub(super) fn new(header: &Map<String, Value>) -> Result<Box<dyn Replayer>, Fault> {
    let generation = match header["protocol"].as_str() {
        Some("curve-susd" | "curve2" | "curve3") => Generation::First,
        Some("curve-ng2" | "curve-ng3") => Generation::Ng,
        other => return Err(Fault::Unknown(format!("protocol {other:?} of a Curve pool"))),
    };
    let field = |name: &str| header.get(name).ok_or_else(|| Fault::Malformed(format!("the header lacks `{name}`")));
    let malformed = |name: &str| Fault::Malformed(format!("`{name}` in the header"));
    let parts = |name: &str| -> Result<u64, Fault> {
        field(name)?.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| malformed(name))
    };
    let refused = |error: &dyn ToString| Fault::Malformed(error.to_string());

    let decimals: Vec<u8> = serde_json::from_value(field("decimals")?.clone()).map_err(|_| malformed("decimals"))?;
    let amplification = field("A")?.as_u64().ok_or_else(|| malformed("A"))?;
    let fee = PoolFee::from_parts(parts("fee")?).map_err(|error| refused(&error))?;
    let mut pool = PlainPool::new(generation, &decimals, amplification, fee).map_err(|error| refused(&error))?;
    if generation == Generation::Ng {
        pool.set_new_fee(fee, parts("offpeg_fee_multiplier")?).map_err(|error| refused(&error))?;
    }
    let multipliers: Vec<String> = decimals.iter().map(|decimals| power_of_ten(18 - decimals)).collect();
    for (name, ours) in [
        ("n_coins", json!(decimals.len())),
        ("precision_mul", json!(multipliers)),
        ("admin_fee", json!(pool.admin_fee().parts().to_string())),
        ("fee_denominator", json!(PoolFee::DENOMINATOR.to_string())),
    ] {
        let theirs = field(name)?;
        if *theirs != ours {
            return Err(Fault::Differs { field: name.to_owned(), expected: theirs.to_string(), got: ours.to_string() });
        }
    }
    Ok(Box::new(CurveReplayer { pool }))
}

fn power_of_ten(exponent: u8) -> String {
    format!("1{}", "0".repeat(usize::from(exponent)))
}

/// The reason of a revert; `None` if no contract could be asked such a thing.
struct Revert(Option<&'static str>);

impl From<SwapError> for Revert {
    fn from(error: SwapError) -> Self {
        Self(swap_revert_reason(&error))
    }
}

impl From<LiquidityError> for Revert {
    fn from(error: LiquidityError) -> Self {
        Self(liquidity_revert_reason(&error))
    }
}

impl From<GovernanceError> for Revert {
    fn from(error: GovernanceError) -> Self {
        Self((!matches!(error, GovernanceError::Unsupported { .. })).then_some(""))
    }
}

/// What an operation returned, by its name in the trace.
type Returned = Result<Map<String, Value>, Revert>;

fn one<E: Into<Revert>>(name: &str, answer: Result<U256, E>) -> Returned {
    let amount = answer.map_err(Into::into)?;
    Ok(Map::from_iter([(name.to_owned(), Value::String(amount.to_string()))]))
}

fn nothing<E: Into<Revert>>(answer: Result<(), E>) -> Returned {
    answer.map_err(Into::into)?;
    Ok(Map::new())
}

fn texts(amounts: &[U256]) -> Vec<String> {
    amounts.iter().map(ToString::to_string).collect()
}

/// A list of decimal amounts in quotes.
fn amounts(operation: &Operation<'_>, name: &str) -> Result<Vec<U256>, Fault> {
    let malformed = || Fault::Malformed(format!("input `{name}` is no list of decimal amounts in quotes"));
    let list = operation.input(name)?.as_array().ok_or_else(malformed)?;
    let amount = |value: &Value| {
        let text = value.as_str()?;
        U256::from_str_radix(text, 10).ok().filter(|amount| amount.to_string() == text)
    };
    list.iter().map(|value| amount(value).ok_or_else(malformed)).collect()
}

/// A coin's index. The contracts take any integer and revert; so does the pool for any index it does not have.
fn coin(operation: &Operation<'_>, name: &str) -> Result<TokenIndex, Fault> {
    Ok(TokenIndex(u8::try_from(operation.number(name)?).unwrap_or(u8::MAX)))
}

fn parts(operation: &Operation<'_>, name: &str) -> Result<Option<PoolFee>, Fault> {
    let amount = operation.amount(name)?;
    Ok(u64::try_from(amount).ok().and_then(|parts| PoolFee::from_parts(parts).ok()))
}

impl CurveReplayer {
    fn execute(&mut self, operation: &Operation<'_>) -> Result<Returned, Fault> {
        let actor = operation.actor.ok_or_else(|| Fault::Malformed("the line lacks `actor`".to_owned()))?;
        let actor = u32::try_from(actor).map(Owner::new).map_err(|_| Fault::Malformed(format!("actor {actor} is too large")))?;
        let amount = |name: &str| operation.amount(name);
        let pool = &mut self.pool;
        Ok(match operation.name {
            "exchange" => {
                operation.expect_inputs(&["i", "j", "dx", "min_dy"])?;
                let (i, j) = (coin(operation, "i")?, coin(operation, "j")?);
                one("dy", pool.exchange(i, j, amount("dx")?, amount("min_dy")?).map(|exchange| exchange.amount_out))
            }
            "get_dy" => {
                operation.expect_inputs(&["i", "j", "dx"])?;
                one("amount", pool.get_dy(coin(operation, "i")?, coin(operation, "j")?, amount("dx")?))
            }
            "add_liquidity" => {
                operation.expect_inputs(&["amounts", "min_mint_amount"])?;
                one("minted", pool.add_liquidity(actor, &amounts(operation, "amounts")?, amount("min_mint_amount")?))
            }
            "remove_liquidity" => {
                operation.expect_inputs(&["amount", "min_amounts"])?;
                match pool.remove_liquidity(actor, amount("amount")?, &amounts(operation, "min_amounts")?) {
                    Ok(paid) => Ok(Map::from_iter([("amounts".to_owned(), json!(texts(&paid)))])),
                    Err(error) => Err(error.into()),
                }
            }
            "remove_liquidity_imbalance" => {
                operation.expect_inputs(&["amounts", "max_burn_amount"])?;
                let wanted = amounts(operation, "amounts")?;
                one("burned", pool.remove_liquidity_imbalance(actor, &wanted, amount("max_burn_amount")?))
            }
            "remove_liquidity_one_coin" => {
                operation.expect_inputs(&["burn_amount", "i", "min_received"])?;
                let (burn, coin) = (amount("burn_amount")?, coin(operation, "i")?);
                one("dy", pool.remove_liquidity_one_coin(actor, burn, coin, amount("min_received")?))
            }
            "calc_withdraw_one_coin" => {
                operation.expect_inputs(&["burn_amount", "i"])?;
                one("amount", pool.calc_withdraw_one_coin(amount("burn_amount")?, coin(operation, "i")?))
            }
            "calc_token_amount" => {
                operation.expect_inputs(&["amounts", "deposit"])?;
                one("amount", pool.calc_token_amount(&amounts(operation, "amounts")?, operation.flag("deposit")?))
            }
            _ => return self.govern(operation),
        })
    }

    fn govern(&mut self, operation: &Operation<'_>) -> Result<Returned, Fault> {
        let pool = &mut self.pool;
        Ok(match operation.name {
            "ramp_A" => {
                operation.expect_inputs(&["future_A", "future_time"])?;
                nothing(pool.ramp_a(operation.number("future_A")?, operation.number("future_time")?))
            }
            "stop_ramp_A" => {
                operation.expect_inputs(&[])?;
                nothing(pool.stop_ramp_a())
            }
            "commit_new_parameters" => {
                operation.expect_inputs(&["A", "fee", "admin_fee"])?;
                match (parts(operation, "fee")?, parts(operation, "admin_fee")?) {
                    (Some(fee), Some(admin_fee)) => nothing(pool.commit_new_parameters(operation.number("A")?, fee, admin_fee)),
                    // No such fee can be made here; the contract refuses it on its own.
                    _ => Err(Revert(Some(""))),
                }
            }
            "apply_new_parameters" => {
                operation.expect_inputs(&[])?;
                nothing(pool.apply_new_parameters())
            }
            "withdraw_admin_fees" => {
                operation.expect_inputs(&[])?;
                pool.withdraw_admin_fees();
                Ok(Map::new())
            }
            _ => return Err(operation.unknown()),
        })
    }
}

impl Replayer for CurveReplayer {
    fn run(&mut self, operation: &Operation<'_>) -> Result<Outcome, Fault> {
        let time = operation.time.ok_or_else(|| Fault::Malformed("the line lacks `t`".to_owned()))?;
        if time < self.pool.block_timestamp() {
            return Err(Fault::Malformed(format!("time {time} is before that of the line above")));
        }
        self.pool.set_block_timestamp(time);
        match self.execute(operation)? {
            Ok(out) => Ok(Outcome::Passed(out)),
            Err(Revert(Some(reason))) => Ok(Outcome::Reverted(reason.to_owned())),
            Err(Revert(None)) => Err(Fault::Malformed("an input is out of every contract's range".to_owned())),
        }
    }

    fn state(&self) -> Option<Value> {
        let pool = &self.pool;
        let held: Vec<U256> = pool.balances().iter().zip(pool.admin_balances()).map(|(pool, admin)| pool + admin).collect();
        let lp: Vec<U256> = ACTORS.iter().map(|id| pool.lp().balance_of(Owner::new(*id))).collect();
        let mut state = json!({
            "balances": texts(pool.balances()),
            "coin_balances": texts(&held),
            "total_supply": pool.lp().total_supply().to_string(),
            "virtual_price": pool.virtual_price().map_or("revert".to_owned(), |price| price.to_string()),
            "lp": texts(&lp),
            "fee": pool.fee().parts().to_string(),
        });
        let stored = pool.curve().stored().to_string();
        if pool.generation() == Generation::First {
            state["A"] = json!(stored);
            state["admin_fee"] = json!(pool.admin_fee().parts().to_string());
        } else {
            state["A_precise"] = json!(stored);
            state["admin_balances"] = json!(texts(pool.admin_balances()));
        }
        Some(state)
    }
}
