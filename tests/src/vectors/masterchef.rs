//! MasterChef farms.

use cenote_amm::{Exact, Owner, U256};
use cenote_yield::farm::masterchef::StakeToken;
use cenote_yield::farm::{FarmError, MasterChef};
use serde_json::{Map, Value, json};

use super::{Fault, Operation, Outcome, Replayer};

/// Actors whose stakes the state lists.
const STAKERS: [u32; 4] = [1, 2, 3, 4];

struct ChefReplayer {
    farm: MasterChef<Exact>,
    /// Seconds between blocks, where operations are told by their times.
    block_time: Option<u64>,
}

/// A farm as the header describes it.
pub(super) fn new(header: &Map<String, Value>) -> Result<Box<dyn Replayer>, Fault> {
    let malformed = |name: &str| Fault::Malformed(format!("`{name}` in the header"));
    let number = |name: &str| header.get(name).and_then(Value::as_u64).ok_or_else(|| malformed(name));
    let per_block = header.get("reward_per_block").and_then(Value::as_str).and_then(|text| U256::from_str_radix(text, 10).ok());
    let per_block = per_block.ok_or_else(|| malformed("reward_per_block"))?;
    if number("bonus_multiplier")? != 10 {
        return Err(Fault::Unknown("bonus other than the contract's".to_owned()));
    }
    let farm = MasterChef::sushiswap(per_block, number("start_block")?, number("bonus_end_block")?);
    let farm = farm.map_err(|error| Fault::Malformed(error.to_string()))?;
    let block_time = header.get("block_time").map(|_| number("block_time")).transpose()?;
    Ok(Box::new(ChefReplayer { farm, block_time }))
}

fn reward(paid: U256) -> Map<String, Value> {
    Map::from_iter([("reward_paid".to_owned(), Value::String(paid.to_string()))])
}

fn token(number: u64) -> Result<StakeToken, Fault> {
    u32::try_from(number).map(StakeToken::Lp).map_err(|_| Fault::Malformed(format!("token {number} is too large")))
}

impl ChefReplayer {
    fn execute(&mut self, operation: &Operation<'_>) -> Result<Result<U256, FarmError>, Fault> {
        let actor = operation.actor.and_then(|id| u32::try_from(id).ok()).map(Owner::new);
        let actor = actor.ok_or_else(|| Fault::Malformed("the line lacks `actor`".to_owned()))?;
        // The contract takes any number and reverts; so does the farm for any pool it does not have.
        let pid = || Ok(u32::try_from(operation.number("pid")?).unwrap_or(u32::MAX));
        let farm = &mut self.farm;
        let nothing = U256::ZERO;
        Ok(match operation.name {
            "add" => {
                operation.expect_inputs(&["lp", "alloc_point", "with_update"])?;
                let token = token(operation.number("lp")?)?;
                farm.add(operation.number("alloc_point")?, token, operation.flag("with_update")?).map(|()| nothing)
            }
            "set" => {
                operation.expect_inputs(&["pid", "alloc_point", "with_update"])?;
                farm.set(pid()?, operation.number("alloc_point")?, operation.flag("with_update")?).map(|()| nothing)
            }
            "deposit" => {
                operation.expect_inputs(&["pid", "amount"])?;
                farm.deposit(actor, pid()?, operation.amount("amount")?)
            }
            "withdraw" => {
                operation.expect_inputs(&["pid", "amount"])?;
                farm.withdraw(actor, pid()?, operation.amount("amount")?)
            }
            "emergency_withdraw" => {
                operation.expect_inputs(&["pid"])?;
                farm.emergency_withdraw(actor, pid()?).map(|_| nothing)
            }
            "update_pool" => {
                operation.expect_inputs(&["pid"])?;
                farm.update_pool(pid()?).map(|()| nothing)
            }
            "mass_update_pools" => {
                operation.expect_inputs(&[])?;
                farm.mass_update_pools().map(|()| nothing)
            }
            "donate" => {
                operation.expect_inputs(&["lp", "amount"])?;
                farm.donate(token(operation.number("lp")?)?, operation.amount("amount")?).map(|()| nothing)
            }
            _ => return Err(operation.unknown()),
        })
    }
}

impl Replayer for ChefReplayer {
    fn run(&mut self, operation: &Operation<'_>) -> Result<Outcome, Fault> {
        let by_time = || Some(operation.time? / self.block_time?);
        let block = operation.block.or_else(by_time).ok_or_else(|| Fault::Malformed("the line lacks `block`".to_owned()))?;
        self.farm.set_block_number(block).map_err(|error| Fault::Malformed(error.to_string()))?;
        let before = self.farm.clone();
        match self.execute(operation)? {
            Ok(paid) => Ok(Outcome::Passed(reward(paid))),
            Err(error) if self.farm != before => Err(Fault::Malformed(format!("an error changed the farm: {error}"))),
            Err(error) => match error.revert_reason() {
                Some(reason) => Ok(Outcome::Reverted(reason.to_owned())),
                None => Err(Fault::Malformed(format!("no contract could be asked this: {error}"))),
            },
        }
    }

    fn state(&self) -> Option<Value> {
        let farm = &self.farm;
        let text = |amount: U256| amount.to_string();
        let pools: Vec<Value> = (0_u32..)
            .zip(farm.pools())
            .map(|(pid, pool)| {
                let user = |id: &u32| {
                    let (owner, stake) = (Owner::new(*id), farm.stake(Owner::new(*id), pid));
                    json!({
                        "amount": text(stake.amount()),
                        "reward_debt": text(stake.reward_debt()),
                        // The view reverts where an update would.
                        "pending": farm.pending(owner, pid).map(text).ok(),
                    })
                };
                json!({
                    "alloc_point": pool.alloc_point().to_string(),
                    "last_reward_block": pool.last_reward_block().to_string(),
                    "acc_per_share": text(pool.acc_per_share()),
                    "lp_balance": text(farm.balance_of(pool.token())),
                    "users": STAKERS.iter().map(user).collect::<Vec<_>>(),
                })
            })
            .collect();
        Some(json!({
            "total_alloc_point": farm.total_alloc_point().to_string(),
            "reward_total_supply": text(farm.ledger().total_supply()),
            "reward_balance": text(farm.reward_balance()),
            "dev_balance": text(farm.ledger().dev()),
            "pools": pools,
        }))
    }
}
