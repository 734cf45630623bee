//! `StakingRewards` farms.

use cenote_amm::{Exact, Owner, U256};
use cenote_yield::farm::{FarmError, StakingRewards};
use serde_json::{Map, Value, json};

use super::{Fault, Operation, Outcome, Replayer};

/// Actors whose stakes the state lists.
const STAKERS: [u32; 4] = [1, 2, 3, 4];

struct RewardsReplayer {
    farm: StakingRewards<Exact>,
}

/// A farm as the header describes it.
pub(super) fn new(header: &Map<String, Value>) -> Result<Box<dyn Replayer>, Fault> {
    let duration = header.get("rewards_duration").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let duration = duration.ok_or_else(|| Fault::Malformed("`rewards_duration` in the header".to_owned()))?;
    let farm = StakingRewards::new(duration).map_err(|error| Fault::Malformed(error.to_string()))?;
    Ok(Box::new(RewardsReplayer { farm }))
}

fn reward(paid: U256) -> Map<String, Value> {
    Map::from_iter([("reward_paid".to_owned(), Value::String(paid.to_string()))])
}

impl RewardsReplayer {
    fn execute(&mut self, operation: &Operation<'_>) -> Result<Result<U256, FarmError>, Fault> {
        let actor = operation.actor.and_then(|id| u32::try_from(id).ok()).map(Owner::new);
        let actor = actor.ok_or_else(|| Fault::Malformed("the line lacks `actor`".to_owned()))?;
        let farm = &mut self.farm;
        let nothing = U256::ZERO;
        Ok(match operation.name {
            "stake" => {
                operation.expect_inputs(&["amount"])?;
                farm.stake(actor, operation.amount("amount")?).map(|()| nothing)
            }
            "withdraw" => {
                operation.expect_inputs(&["amount"])?;
                farm.withdraw(actor, operation.amount("amount")?).map(|()| nothing)
            }
            "get_reward" => {
                operation.expect_inputs(&[])?;
                farm.get_reward(actor)
            }
            "exit" => {
                operation.expect_inputs(&[])?;
                farm.exit(actor)
            }
            "notify_reward_amount" => {
                operation.expect_inputs(&["reward", "fund"])?;
                let reward = operation.amount("reward")?;
                // Payment and call are one transaction.
                let mut funded = farm.clone();
                let paid = if operation.flag("fund")? { funded.fund(reward) } else { Ok(()) };
                paid.and_then(|()| funded.notify_reward_amount(reward)).map(|()| {
                    *farm = funded;
                    nothing
                })
            }
            "fund" => {
                operation.expect_inputs(&["amount"])?;
                farm.fund(operation.amount("amount")?).map(|()| nothing)
            }
            _ => return Err(operation.unknown()),
        })
    }
}

impl Replayer for RewardsReplayer {
    fn run(&mut self, operation: &Operation<'_>) -> Result<Outcome, Fault> {
        let time = operation.time.ok_or_else(|| Fault::Malformed("the line lacks `t`".to_owned()))?;
        self.farm.set_block_timestamp(time).map_err(|error| Fault::Malformed(error.to_string()))?;
        let before = self.farm.clone();
        match self.execute(operation)? {
            Ok(paid) => Ok(Outcome::Passed(reward(paid))),
            Err(error) if self.farm != before => Err(Fault::Malformed(format!("an error changed the farm: {error}"))),
            // Of tokens that it does not have the farm knows nothing: the token's transfer fails.
            Err(FarmError::InsufficientTokens { .. }) => Ok(Outcome::Reverted("SafeERC20: low-level call failed".to_owned())),
            Err(error) => match error.revert_reason() {
                Some(reason) => Ok(Outcome::Reverted(reason.to_owned())),
                None => Err(Fault::Malformed(format!("no contract could be asked this: {error}"))),
            },
        }
    }

    fn state(&self) -> Option<Value> {
        let farm = &self.farm;
        let text = |amount: U256| amount.to_string();
        let user = |id: &u32| {
            let stake = farm.stake_of(Owner::new(*id));
            json!({
                "balance": text(stake.balance()),
                "rewards": text(stake.rewards()),
                "user_reward_per_token_paid": text(stake.reward_per_token_paid()),
                // Views revert where calls would.
                "earned": farm.earned(Owner::new(*id)).map(text).ok(),
            })
        };
        Some(json!({
            "total_supply": text(farm.total_supply()),
            "reward_rate": text(farm.reward_rate()),
            "period_finish": farm.period_finish().to_string(),
            "last_update_time": farm.last_update_time().to_string(),
            "reward_per_token_stored": text(farm.reward_per_token_stored()),
            "reward_per_token": farm.reward_per_token().map(text).ok(),
            "reward_balance": text(farm.reward_balance()),
            "users": STAKERS.iter().map(user).collect::<Vec<_>>(),
        }))
    }
}
