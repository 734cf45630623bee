//! Aave v3: a market of a few reserves, three users and their accounts.

use cenote_amm::{Exact, Owner, U256};
use cenote_yield::lending::{Collateral, LendingError, Liquidation, Market, RateModel, ReserveConfig, ReserveId};
use serde_json::{Map, Value, json};

use super::{Fault, Operation, Outcome, Replayer};

/// Actors whose positions the state lists.
const ACTORS: [u32; 3] = [1, 2, 3];
/// With these words the traces' token refuses to pay out more than there is.
const TOKEN_REFUSES: &str = "ds-math-sub-underflow";

struct AaveReplayer {
    market: Market<Exact>,
}

/// A market as the header describes it.
pub(super) fn new(header: &Map<String, Value>) -> Result<Box<dyn Replayer>, Fault> {
    let reserves = header
        .get("reserves")
        .and_then(Value::as_array)
        .ok_or_else(|| Fault::Malformed("the header lists no `reserves`".to_owned()))?;
    let mut market = Market::new();
    for reserve in reserves {
        let (config, price) = config(reserve)?;
        market.add_reserve(config, price).map_err(|error| refused(&error))?;
    }
    let time = header.get("t").and_then(Value::as_u64).ok_or_else(|| Fault::Malformed("the header lacks `t`".to_owned()))?;
    market.set_time(time).map_err(|error| refused(&error))?;
    Ok(Box::new(AaveReplayer { market }))
}

fn refused(error: &LendingError) -> Fault {
    Fault::Malformed(error.to_string())
}

fn config(reserve: &Value) -> Result<(ReserveConfig, U256), Fault> {
    let malformed = |name: &str| Fault::Malformed(format!("`{name}` of a reserve in the header"));
    let amount = |name: &str| {
        let text = reserve.get(name).and_then(Value::as_str);
        text.and_then(|text| U256::from_str_radix(text, 10).ok()).ok_or_else(|| malformed(name))
    };
    // Fields that older traces do not have are zero.
    let number = |name: &str| match reserve.get(name) {
        None => Ok(0),
        Some(value) => value.as_u64().ok_or_else(|| malformed(name)),
    };
    let bp = |name: &str| number(name)?.try_into().map_err(|_| malformed(name));
    let slope = |which: &str| amount(&format!("variable_rate_slope{which}"));
    let rates =
        RateModel::from_rays(amount("optimal_usage_ratio")?, amount("base_variable_borrow_rate")?, slope("1")?, slope("2")?);
    let decimals = number("decimals")?.try_into().map_err(|_| malformed("decimals"))?;
    let mut config = rates.and_then(|rates| ReserveConfig::new(decimals, rates)).map_err(|error| refused(&error))?;
    if bp("liquidation_threshold")? != 0 {
        let collateral = Collateral::new(bp("ltv")?, bp("liquidation_threshold")?, bp("liquidation_bonus")?);
        config = config.with_collateral(collateral.map_err(|error| refused(&error))?);
    }
    let config = config
        .with_reserve_factor_bp(bp("reserve_factor")?)
        .and_then(|config| config.with_caps(number("supply_cap").unwrap_or(0), number("borrow_cap").unwrap_or(0)))
        .map_err(|error| refused(&error))?
        .with_liquidation_protocol_fee_bp(bp("liquidation_protocol_fee")?);
    Ok((config.map_err(|error| refused(&error))?, amount("price")?))
}

/// What an operation returned, by its name in the trace.
type Returned = Result<Map<String, Value>, LendingError>;

fn nothing(answer: Result<(), LendingError>) -> Returned {
    answer.map(|()| Map::new())
}

fn amount(answer: Result<U256, LendingError>) -> Returned {
    Ok(Map::from_iter([("amount".to_owned(), Value::String(answer?.to_string()))]))
}

fn owner(id: u64) -> Result<Owner, Fault> {
    u32::try_from(id).map(Owner::new).map_err(|_| Fault::Malformed(format!("actor {id} is too large")))
}

fn reserve(operation: &Operation<'_>, name: &str) -> Result<ReserveId, Fault> {
    let number = operation.number(name)?;
    number.try_into().map(ReserveId).map_err(|_| Fault::Malformed(format!("reserve {number} is too large")))
}

impl AaveReplayer {
    fn execute(&mut self, operation: &Operation<'_>) -> Result<Returned, Fault> {
        let actor = owner(operation.actor.ok_or_else(|| Fault::Malformed("the line lacks `actor`".to_owned()))?)?;
        let market = &mut self.market;
        let inputs = |others: &[&str]| {
            operation.expect_inputs(&[&["reserve", "amount"], others].concat())?;
            Ok::<_, Fault>((reserve(operation, "reserve")?, operation.amount("amount")?))
        };
        Ok(match operation.name {
            "supply" => {
                let (reserve, amount) = inputs(&[])?;
                nothing(market.supply(actor, reserve, amount))
            }
            "withdraw" => match inputs(&[])? {
                (reserve, U256::MAX) => amount(market.withdraw_all(actor, reserve)),
                (reserve, some) => amount(market.withdraw(actor, reserve, some)),
            },
            "borrow" => {
                let (reserve, amount) = inputs(&[])?;
                nothing(market.borrow(actor, reserve, amount))
            }
            "repay" => match inputs(&[])? {
                (reserve, U256::MAX) => amount(market.repay_all(actor, reserve)),
                (reserve, some) => amount(market.repay(actor, reserve, some)),
            },
            "atoken_transfer" => {
                let (reserve, amount) = inputs(&["to"])?;
                nothing(market.transfer(actor, owner(operation.number("to")?)?, reserve, amount))
            }
            "mint_to_treasury" => {
                let (reserve, _) = inputs(&[])?;
                market.mint_to_treasury(reserve).map(|_| Map::new())
            }
            "set_collateral" => {
                let (reserve, _) = inputs(&["use"])?;
                nothing(market.set_collateral(actor, reserve, operation.flag("use")?))
            }
            "set_price" => {
                let (reserve, price) = inputs(&[])?;
                nothing(market.set_price(reserve, price))
            }
            "liquidate" => {
                let (collateral, debt_to_cover) = inputs(&["debt", "user", "receive_atoken"])?;
                let who = Liquidation {
                    liquidator: actor,
                    owner: owner(operation.number("user")?)?,
                    debt: reserve(operation, "debt")?,
                    collateral,
                    receive_atoken: operation.flag("receive_atoken")?,
                };
                market.liquidate(&who, debt_to_cover).map(|_| Map::new())
            }
            _ => return Err(operation.unknown()),
        })
    }

    fn reserve_state(&self, id: u8) -> Result<Value, LendingError> {
        let (market, now) = (&self.market, self.market.time());
        let reserve = market.reserve(ReserveId(id))?;
        let mut users = Vec::new();
        for actor in ACTORS.map(Owner::new) {
            let position = reserve.position(actor);
            users.push(json!({
                "a_balance": reserve.balance(actor, now)?.to_string(),
                "a_scaled": position.supplied_scaled.to_string(),
                "debt": reserve.debt(actor, now)?.to_string(),
                "debt_scaled": position.debt_scaled.to_string(),
            }));
        }
        let rates = reserve.rates();
        Ok(json!({
            "liquidity_index": reserve.supply_index().to_string(),
            "liquidity_rate": rates.supply.to_string(),
            "variable_borrow_index": reserve.borrow_index().to_string(),
            "variable_borrow_rate": rates.borrow.to_string(),
            "last_update": reserve.last_update().to_string(),
            "accrued_to_treasury_scaled": reserve.treasury_scaled().to_string(),
            "normalized_income": reserve.normalized_income(now)?.to_string(),
            "normalized_variable_debt": reserve.normalized_debt(now)?.to_string(),
            "a_total_supply": reserve.total_supply(now)?.to_string(),
            "a_scaled_total_supply": reserve.supplied_scaled().to_string(),
            "debt_total_supply": reserve.total_debt(now)?.to_string(),
            "debt_scaled_total_supply": reserve.debt_scaled().to_string(),
            "underlying_balance": reserve.liquidity().to_string(),
            "treasury_a_balance": reserve.balance(market.treasury(), now)?.to_string(),
            "users": users,
        }))
    }

    fn account(&self, actor: Owner) -> Result<Value, LendingError> {
        let account = self.market.account(actor)?;
        Ok(json!({
            "collateral": account.collateral.to_string(),
            "debt": account.debt.to_string(),
            "available_borrows": account.available_borrows()?.to_string(),
            "health_factor": account.health_factor.unwrap_or(U256::MAX).to_string(),
        }))
    }

    fn whole_state(&self) -> Result<Value, LendingError> {
        let count = u8::try_from(self.market.reserves().len()).unwrap_or(u8::MAX);
        let reserves: Result<Vec<Value>, _> = (0..count).map(|id| self.reserve_state(id)).collect();
        let accounts: Result<Vec<Value>, _> = ACTORS.map(Owner::new).into_iter().map(|actor| self.account(actor)).collect();
        Ok(json!({ "reserves": reserves?, "accounts": accounts? }))
    }
}

impl Replayer for AaveReplayer {
    fn run(&mut self, operation: &Operation<'_>) -> Result<Outcome, Fault> {
        let time = operation.time.ok_or_else(|| Fault::Malformed("the line lacks `t`".to_owned()))?;
        self.market.set_time(time).map_err(|error| refused(&error))?;
        match self.execute(operation)? {
            Ok(out) => Ok(Outcome::Passed(out)),
            Err(LendingError::UnderlyingTransferFailed { .. }) => Ok(Outcome::Reverted(TOKEN_REFUSES.to_owned())),
            Err(error) => match error.revert_reason() {
                Some(reason) => Ok(Outcome::Reverted(reason.to_owned())),
                None => Err(refused(&error)),
            },
        }
    }

    fn state(&self) -> Option<Value> {
        // The contract's views revert where a state is beyond its integers.
        Some(self.whole_state().unwrap_or_else(|error| json!({ "reverts": error.revert_reason() })))
    }
}
