//! Farms: SushiSwap's `MasterChef`, and `StakingRewards`.

use anyhow::{Context, Result};
use revm::primitives::{Address, U256};
use serde_json::{Map, Value, json};

use super::{Family, text};
use crate::abi::{self, Argument};
use crate::artifacts::Artifacts;
use crate::evm::{Chain, Outcome};
use crate::random::Random;
use crate::stage::{Answer, Call, GOVERNOR, Stage, Step};

const STAKERS: u32 = 4;
/// LP tokens.
const TOKENS: usize = 3;
/// Seconds between the chain's blocks.
const BLOCK_TIME: u64 = 12;
/// Who works on the farm.
const DEV: u32 = 98;

fn staker(random: &mut Random) -> u32 {
    1 + u32::try_from(random.below(STAKERS.into())).unwrap_or(0)
}

/// A stage on which everybody lets the farm take the first `tokens` tokens.
fn stage(artifacts: &Artifacts) -> Result<Stage> {
    let actor = artifacts.compiled("Actor")?;
    Stage::new(Chain::new(1_700_000_000), artifacts, (&actor, &[]), (TOKENS, STAKERS))
}

fn approve(stage: &mut Stage, farm: Address) -> Result<()> {
    for token in stage.tokens.clone() {
        for actor in 1..=STAKERS {
            stage.prepare_as(actor, Call::new(token, "approve(address,uint256)", &[farm.into(), U256::MAX.into()]))?;
        }
    }
    Ok(())
}

/// What a view returns, if it does not revert.
fn view(chain: &mut Chain, to: Address, signature: &str, arguments: &[Argument]) -> Result<Option<U256>> {
    match chain.ask(to, abi::call(signature, arguments))? {
        Outcome::Returned(answer) => Ok(abi::words(&answer)?.first().copied()),
        Outcome::Reverted(_) => Ok(None),
    }
}

fn maybe(word: Option<U256>) -> Value {
    word.map_or(Value::Null, text)
}

struct Chef {
    stage: Stage,
    contract: Address,
    reward: Address,
    per_block: U256,
    start_block: u64,
    bonus_end_block: u64,
    seen: Seen,
}

/// What the next operation depends on.
#[derive(Default)]
struct Seen {
    /// What each staker has in each pool.
    amounts: Vec<[U256; STAKERS as usize]>,
    /// Whether a pool can no longer be updated.
    stuck: bool,
}

pub(super) fn masterchef(artifacts: &Artifacts, random: &mut Random) -> Result<Box<dyn Family>> {
    let mut stage = stage(artifacts)?;
    let reward = stage.chain.deploy(&artifacts.package("@sushiswap/core/build/contracts/SushiToken.json")?, &[])?;
    let now = stage.chain.time() / BLOCK_TIME;
    let start_block = now - 50 + random.below(100);
    let bonus_end_block = now - 50 + random.below(20_000);
    let per_block = if random.one_in(10) { random.word(160) } else { random.word(75) };
    let arguments =
        [reward.into(), stage.address(DEV).into(), per_block.into(), start_block.into(), Argument::from(bonus_end_block)];
    let contract = stage.chain.deploy(&artifacts.package("@sushiswap/core/build/contracts/MasterChef.json")?, &arguments)?;
    stage.prepare(reward, "transferOwnership(address)", &[contract.into()])?;
    let governor = stage.address(GOVERNOR);
    stage.prepare(contract, "transferOwnership(address)", &[governor.into()])?;
    approve(&mut stage, contract)?;
    Ok(Box::new(Chef { stage, contract, reward, per_block, start_block, bonus_end_block, seen: Seen::default() }))
}

impl Chef {
    fn step(&self, name: &'static str, actor: u32, inputs: Value, signature: &str, arguments: &[Argument]) -> Step {
        let calls = vec![Call::new(self.contract, signature, arguments)];
        let answer = Answer::Change { name: "reward_paid", tokens: vec![self.reward], lost: false, list: false };
        Step { name, actor: Some(actor), inputs, calls, answer }
    }

    fn points(random: &mut Random) -> u64 {
        match random.below(8) {
            0 => 0,
            1 => random.word(64).as_limbs()[0],
            _ => 1 + random.below(5000),
        }
    }

    fn pid(&self, random: &mut Random) -> u64 {
        let unknown = u64::from(random.one_in(20));
        random.below(self.seen.amounts.len() as u64 + unknown)
    }

    fn add(&self, random: &mut Random) -> Step {
        let (points, with_update) = (Self::points(random), !random.one_in(4));
        // Two pools may stake the same token.
        let lp = random.below(TOKENS as u64);
        let token = self.stage.tokens[usize::try_from(lp).unwrap_or(0)];
        let inputs = json!({ "lp": lp, "alloc_point": points, "with_update": with_update });
        let arguments = [points.into(), token.into(), with_update.into()];
        self.step("add", GOVERNOR, inputs, "add(uint256,address,bool)", &arguments)
    }

    fn set(&self, random: &mut Random) -> Step {
        let (pid, points, with_update) = (self.pid(random), Self::points(random), !random.one_in(4));
        let inputs = json!({ "pid": pid, "alloc_point": points, "with_update": with_update });
        self.step("set", GOVERNOR, inputs, "set(uint256,uint256,bool)", &[pid.into(), points.into(), with_update.into()])
    }

    fn deposit(&mut self, random: &mut Random) -> Step {
        let (actor, pid) = (staker(random), self.pid(random));
        // Everybody is rich: a tenth of the supply at most, so that no transfer fails.
        let bits = if random.one_in(12) { 240 } else { 85 };
        let amount = if random.one_in(6) { U256::ZERO } else { random.word(bits) };
        let inputs = json!({ "pid": pid, "amount": text(amount) });
        self.step("deposit", actor, inputs, "deposit(uint256,uint256)", &[pid.into(), amount.into()])
    }

    fn withdraw(&mut self, random: &mut Random) -> Step {
        let (actor, pid) = (staker(random), self.pid(random));
        let staked =
            usize::try_from(pid).ok().and_then(|pid| self.seen.amounts.get(pid)).map(|amounts| amounts[actor as usize - 1]);
        let amount = if random.one_in(5) { U256::ZERO } else { random.part(staked.unwrap_or_default()) };
        let inputs = json!({ "pid": pid, "amount": text(amount) });
        self.step("withdraw", actor, inputs, "withdraw(uint256,uint256)", &[pid.into(), amount.into()])
    }

    fn donate(&mut self, random: &mut Random) -> Step {
        let lp = random.below(TOKENS as u64);
        let amount = random.word(80);
        let token = self.stage.tokens[usize::try_from(lp).unwrap_or(0)];
        Step {
            calls: vec![Call::new(token, "transfer(address,uint256)", &[self.contract.into(), amount.into()])],
            ..self.step("donate", staker(random), json!({ "lp": lp, "amount": text(amount) }), "", &[])
        }
    }
}

impl Family for Chef {
    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn header(&mut self) -> Result<Map<String, Value>> {
        let header = json!({
            "protocol": "masterchef",
            "reward_per_block": text(self.per_block),
            "start_block": self.start_block,
            "bonus_end_block": self.bonus_end_block,
            "bonus_multiplier": 10,
            "block_time": BLOCK_TIME,
        });
        header.as_object().cloned().context("a header is an object")
    }

    fn next(&mut self, random: &mut Random) -> Result<Step> {
        let pools = self.seen.amounts.len();
        if pools == 0 || (pools < 5 && random.one_in(80)) {
            return Ok(self.add(random));
        }
        Ok(match random.below(100) {
            0..40 => self.deposit(random),
            40..75 => self.withdraw(random),
            75..80 => self.set(random),
            80..86 => {
                let pid = self.pid(random);
                self.step("update_pool", staker(random), json!({ "pid": pid }), "updatePool(uint256)", &[pid.into()])
            }
            86..90 => self.step("mass_update_pools", staker(random), json!({}), "massUpdatePools()", &[]),
            90..95 => {
                let pid = self.pid(random);
                self.step("emergency_withdraw", staker(random), json!({ "pid": pid }), "emergencyWithdraw(uint256)", &[pid.into()])
            }
            _ => self.donate(random),
        })
    }

    fn state(&mut self, _passed: bool) -> Result<Option<Value>> {
        let (contract, reward, dev) = (self.contract, self.reward, self.stage.address(DEV));
        let stakers: Vec<Address> = (1..=STAKERS).map(|id| self.stage.address(id)).collect();
        let chain = &mut self.stage.chain;
        let count = u64::try_from(chain.word(contract, "poolLength()", &[])?)?;
        (self.seen.amounts, self.seen.stuck) = (Vec::new(), false);
        let mut pools = Vec::new();
        for pid in 0..count {
            let pool = chain.read(contract, "poolInfo(uint256)", &[pid.into()])?;
            let token = Address::from_word(pool[0].into());
            let mut users = Vec::new();
            let mut amounts = [U256::ZERO; STAKERS as usize];
            for (index, staker) in stakers.iter().enumerate() {
                let user = chain.read(contract, "userInfo(uint256,address)", &[pid.into(), (*staker).into()])?;
                let pending = view(chain, contract, "pendingSushi(uint256,address)", &[pid.into(), (*staker).into()])?;
                self.seen.stuck |= pending.is_none();
                amounts[index] = user[0];
                users.push(json!({ "amount": text(user[0]), "reward_debt": text(user[1]), "pending": maybe(pending) }));
            }
            self.seen.amounts.push(amounts);
            pools.push(json!({
                "alloc_point": text(pool[1]),
                "last_reward_block": text(pool[2]),
                "acc_per_share": text(pool[3]),
                "lp_balance": text(chain.word(token, "balanceOf(address)", &[contract.into()])?),
                "users": users,
            }));
        }
        Ok(Some(json!({
            "total_alloc_point": text(chain.word(contract, "totalAllocPoint()", &[])?),
            "reward_total_supply": text(chain.word(reward, "totalSupply()", &[])?),
            "reward_balance": text(chain.word(reward, "balanceOf(address)", &[contract.into()])?),
            "dev_balance": text(chain.word(reward, "balanceOf(address)", &[dev.into()])?),
            "pools": pools,
        })))
    }

    fn is_stuck(&self) -> bool {
        // Without allocation points nothing passes either, but those can be set again.
        self.seen.stuck && self.per_block.bit_len() > 100
    }
}

struct Rewards {
    stage: Stage,
    contract: Address,
    stuck: bool,
    balances: [U256; STAKERS as usize],
    held: U256,
}

pub(super) fn staking_rewards(artifacts: &Artifacts, _random: &mut Random) -> Result<Box<dyn Family>> {
    let mut stage = stage(artifacts)?;
    let arguments = [stage.address(GOVERNOR).into(), stage.tokens[1].into(), Argument::from(stage.tokens[0])];
    let contract = stage.chain.deploy(&artifacts.package("@uniswap/liquidity-staker/build/StakingRewards.json")?, &arguments)?;
    approve(&mut stage, contract)?;
    Ok(Box::new(Rewards { stage, contract, stuck: false, balances: Default::default(), held: U256::ZERO }))
}

impl Rewards {
    fn step(&self, name: &'static str, actor: u32, inputs: Value, calls: Vec<Call>) -> Step {
        // Whoever pays in gains nothing; what he pays is no reward.
        let tokens = vec![if actor == GOVERNOR { self.stage.tokens[2] } else { self.stage.tokens[1] }];
        Step {
            name,
            actor: Some(actor),
            inputs,
            calls,
            answer: Answer::Change { name: "reward_paid", tokens, lost: false, list: false },
        }
    }

    fn call(&self, signature: &str, arguments: &[Argument]) -> Call {
        Call::new(self.contract, signature, arguments)
    }

    fn amount(random: &mut Random) -> U256 {
        if random.one_in(200) { random.word(230) } else { random.word(95) }
    }
}

impl Family for Rewards {
    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn header(&mut self) -> Result<Map<String, Value>> {
        let duration = self.stage.chain.word(self.contract, "rewardsDuration()", &[])?;
        json!({ "protocol": "staking-rewards", "rewards_duration": text(duration) })
            .as_object()
            .cloned()
            .context("a header is an object")
    }

    fn next(&mut self, random: &mut Random) -> Result<Step> {
        let actor = staker(random);
        Ok(match random.below(100) {
            0..35 => {
                let amount = if random.one_in(12) { U256::ZERO } else { Self::amount(random) };
                self.step("stake", actor, json!({ "amount": text(amount) }), vec![self.call("stake(uint256)", &[amount.into()])])
            }
            35..60 => {
                let amount = random.part(self.balances[actor as usize - 1]);
                self.step(
                    "withdraw",
                    actor,
                    json!({ "amount": text(amount) }),
                    vec![self.call("withdraw(uint256)", &[amount.into()])],
                )
            }
            60..76 => self.step("get_reward", actor, json!({}), vec![self.call("getReward()", &[])]),
            76..82 => self.step("exit", actor, json!({}), vec![self.call("exit()", &[])]),
            82..86 => {
                let amount = Self::amount(random);
                let pay = Call::new(self.stage.tokens[1], "transfer(address,uint256)", &[self.contract.into(), amount.into()]);
                self.step("fund", GOVERNOR, json!({ "amount": text(amount) }), vec![pay])
            }
            _ => {
                let fund = random.below(4) != 0;
                let reward = if fund { Self::amount(random) } else { random.near(self.held, 100) };
                let mut calls = Vec::new();
                if fund {
                    calls.push(Call::new(
                        self.stage.tokens[1],
                        "transfer(address,uint256)",
                        &[self.contract.into(), reward.into()],
                    ));
                }
                calls.push(self.call("notifyRewardAmount(uint256)", &[reward.into()]));
                self.step("notify_reward_amount", GOVERNOR, json!({ "reward": text(reward), "fund": fund }), calls)
            }
        })
    }

    fn state(&mut self, _passed: bool) -> Result<Option<Value>> {
        let (contract, reward) = (self.contract, self.stage.tokens[1]);
        let stakers: Vec<Address> = (1..=STAKERS).map(|id| self.stage.address(id)).collect();
        let chain = &mut self.stage.chain;
        let mut users = Vec::new();
        for (index, staker) in stakers.iter().enumerate() {
            let of = [Argument::from(*staker)];
            self.balances[index] = chain.word(contract, "balanceOf(address)", &of)?;
            users.push(json!({
                "balance": text(self.balances[index]),
                "rewards": text(chain.word(contract, "rewards(address)", &of)?),
                "user_reward_per_token_paid": text(chain.word(contract, "userRewardPerTokenPaid(address)", &of)?),
                "earned": maybe(view(chain, contract, "earned(address)", &of)?),
            }));
        }
        let reward_per_token = view(chain, contract, "rewardPerToken()", &[])?;
        self.stuck = reward_per_token.is_none();
        self.held = chain.word(reward, "balanceOf(address)", &[contract.into()])?;
        Ok(Some(json!({
            "total_supply": text(chain.word(contract, "totalSupply()", &[])?),
            "reward_rate": text(chain.word(contract, "rewardRate()", &[])?),
            "period_finish": text(chain.word(contract, "periodFinish()", &[])?),
            "last_update_time": text(chain.word(contract, "lastUpdateTime()", &[])?),
            "reward_per_token_stored": text(chain.word(contract, "rewardPerTokenStored()", &[])?),
            "reward_per_token": maybe(reward_per_token),
            "reward_balance": text(self.held),
            "users": users,
        })))
    }

    fn is_stuck(&self) -> bool {
        self.stuck
    }
}
