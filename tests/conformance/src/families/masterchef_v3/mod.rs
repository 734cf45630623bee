//! PancakeSwap's `MasterChefV3` with pools of PancakeSwap v3 whose positions it farms.
//!
//! Farm and pools are the packaged bytecode. What stands between a pool and the farm (`LmPool.sol`) and the position manager
//! (`Positions.sol`) are in no package: they are written anew here, with the packaged libraries.

mod state;

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use revm::primitives::{Address, U256};
use serde_json::{Map, Value, json};

use crate::abi::{self, Argument};
use crate::artifacts::Artifacts;
use crate::evm::Chain;
use crate::families::concentrated::{first_price, liquidity, price_limit, range};
use crate::families::{Family, text};
use crate::random::Random;
use crate::stage::{Answer, Call, GOVERNOR, Stage, Step};

/// Owners of positions, who trade too.
const TRADERS: u32 = 3;
/// Most pools of a farm.
const POOLS: usize = 3;
/// The reward token, after the two that are traded.
const REWARD: usize = 2;
const DAY: u64 = 86_400;

/// A pool and what the next operation depends on.
#[derive(Clone, Copy)]
struct Farmed {
    pool: Address,
    lm_pool: Address,
    fee: u32,
    spacing: i32,
    most_per_tick: u128,
    price: U256,
    tick: i32,
    balances: [U256; 2],
}

/// A position as it was after the last operation that was about it.
#[derive(Clone, Copy)]
struct Known {
    /// Who owns it, or owned it when he staked it.
    owner: u32,
    staked: bool,
    liquidity: u128,
}

struct Chef {
    stage: Stage,
    contract: Address,
    positions: Address,
    deployer: Address,
    booster: Option<Address>,
    pool_code: Vec<u8>,
    pools: Vec<Farmed>,
    /// The pool that `add` is to open next.
    next_pool: Option<Farmed>,
    known: Vec<Known>,
    /// The position that the last operation is about.
    touched: Option<u64>,
    /// The ends that a new position is to have.
    ends: Option<(u32, i32, i32)>,
    ticks: BTreeSet<(u32, i32)>,
}

pub(super) fn deploy(artifacts: &Artifacts, random: &mut Random) -> Result<Box<dyn Family>> {
    let actor = artifacts.compiled("Actor")?;
    let mut stage = Stage::new(Chain::new(1_700_000_000), artifacts, (&actor, &[]), (3, TRADERS))?;
    stage.chain.name_errors(&["InvalidPid()", "NotOwner()", "NoLiquidity()", "InvalidNFT()", "InvalidPeriodDuration()"]);
    let [token0, token1, reward] = [stage.tokens[0], stage.tokens[1], stage.tokens[REWARD]];
    let governor = stage.address(GOVERNOR);
    let positions = stage.chain.deploy(&artifacts.compiled("Positions")?, &[])?;
    let code = artifacts.package("@pancakeswap/masterchef-v3/artifacts/contracts/MasterChefV3.sol/MasterChefV3.json")?;
    // Nobody has wrapped ether.
    let chef = stage.chain.deploy(&code, &[reward.into(), positions.into(), Address::repeat_byte(0xee).into()])?;
    let pool_deployer = stage.chain.deploy(&artifacts.compiled("PancakeV3Deployer")?, &[])?;
    let lm_pool = artifacts.compiled("LmPool")?;
    let arguments = [chef.into(), pool_deployer.into(), Argument::Bytes(lm_pool.to_vec())];
    let deployer = stage.chain.deploy(&artifacts.compiled("LmPoolDeployer")?, &arguments)?;
    stage.prepare(chef, "setLMPoolDeployer(address)", &[deployer.into()])?;
    stage.prepare_as(GOVERNOR, Call::new(reward, "approve(address,uint256)", &[chef.into(), U256::MAX.into()]))?;
    stage.prepare(chef, "setReceiver(address)", &[governor.into()])?;
    let booster = if random.one_in(3) { None } else { Some(stage.chain.deploy(&artifacts.compiled("Booster")?, &[])?) };
    if let Some(booster) = booster {
        stage.prepare(chef, "updateFarmBoostContract(address)", &[booster.into()])?;
    }
    stage.prepare(chef, "transferOwnership(address)", &[governor.into()])?;
    for trader in 1..=TRADERS {
        for (token, spender) in [(token0, chef), (token1, chef), (token0, positions), (token1, positions)] {
            stage.prepare_as(trader, Call::new(token, "approve(address,uint256)", &[spender.into(), U256::MAX.into()]))?;
        }
    }
    let pool_code = artifacts.package("@pancakeswap/v3-core/artifacts/contracts/PancakeV3Pool.sol/PancakeV3Pool.json")?.to_vec();
    Ok(Box::new(Chef {
        stage,
        contract: chef,
        positions,
        deployer,
        booster,
        pool_code,
        pools: Vec::new(),
        next_pool: None,
        known: Vec::new(),
        touched: None,
        ends: None,
        ticks: BTreeSet::new(),
    }))
}

fn trader(random: &mut Random) -> u32 {
    1 + u32::try_from(random.below(TRADERS.into())).unwrap_or(0)
}

fn points(random: &mut Random) -> u64 {
    match random.below(8) {
        0 => 0,
        1 => random.word(64).as_limbs()[0],
        _ => 1 + random.below(5000),
    }
}

impl Chef {
    fn step(name: &'static str, actor: u32, inputs: Value, call: Call) -> Step {
        Step { name, actor: Some(actor), inputs, calls: vec![call], answer: Answer::Nothing }
    }

    fn call(&self, signature: &str, arguments: &[Argument]) -> Call {
        Call::new(self.contract, signature, arguments)
    }

    /// Number of a pool and the pool.
    fn pool(&self, random: &mut Random) -> Result<(u32, Farmed)> {
        let index = usize::try_from(random.below(self.pools.len() as u64))?;
        Ok((u32::try_from(index + 1)?, *self.pools.get(index).context("a farm without pools")?))
    }

    /// A pool's number, rarely of none.
    fn pid(&self, random: &mut Random) -> u64 {
        if random.one_in(20) { random.pick(&[0, 9]) } else { 1 + random.below(self.pools.len() as u64) }
    }

    /// A position and who may act for it; rarely one that is none, or somebody else.
    fn token(&mut self, staked: bool, random: &mut Random) -> (u64, u32, u128) {
        let wanted: Vec<u64> =
            (1_u64..).zip(&self.known).filter(|(_, known)| known.staked == staked).map(|(token, _)| token).collect();
        let some = usize::try_from(random.below(wanted.len() as u64)).unwrap_or(0);
        let token = match wanted.get(some) {
            Some(token) if !random.one_in(30) => *token,
            _ => 1 + random.below(self.known.len() as u64 + 1),
        };
        self.touched = Some(token);
        let known = usize::try_from(token).ok().and_then(|token| self.known.get(token.wrapping_sub(1)));
        let owner = known.map_or(1, |known| known.owner);
        (token, if random.one_in(30) { trader(random) } else { owner }, known.map_or(0, |known| known.liquidity))
    }

    /// Opens a pool and initializes it; `add` follows.
    fn add(&mut self, random: &mut Random) -> Result<Step> {
        let tiers: Vec<(u32, i32)> = [(100, 1), (500, 10), (2500, 50), (10_000, 200), (3001, 60), (77, 7)]
            .into_iter()
            .filter(|(fee, _)| self.pools.iter().all(|pool| pool.fee != *fee))
            .collect();
        let (fee, spacing) = random.pick(&tiers);
        let [token0, token1] = [self.stage.tokens[0], self.stage.tokens[1]];
        let arguments =
            [token0.into(), token1.into(), fee.into(), spacing.into(), Argument::Bytes(std::mem::take(&mut self.pool_code))];
        let created = self.stage.prepare(self.deployer, "create(address,address,uint24,int24,bytes)", &arguments)?;
        if let [.., Argument::Bytes(code)] = arguments {
            self.pool_code = code;
        }
        let pool = Address::from_word((*created.first().context("no pool was created")?).into());
        // A price that is none initializes nothing.
        let price = loop {
            let price = first_price(random);
            let answer = self.stage.chain.send(pool, abi::call("initialize(uint160)", &[price.into()]))?;
            if matches!(answer, crate::evm::Outcome::Returned(_)) {
                break price;
            }
        };
        let most_per_tick = self.stage.chain.word(pool, "maxLiquidityPerTick()", &[])?.try_into()?;
        let lm_pool = Address::ZERO;
        self.next_pool = Some(Farmed { pool, lm_pool, fee, spacing, most_per_tick, price, tick: 0, balances: [U256::ZERO; 2] });
        let (points, with_update) = (points(random), !random.one_in(4));
        let inputs = json!({
            "fee": fee, "tick_spacing": spacing, "sqrt_price_x96": text(price),
            "alloc_point": points, "with_update": with_update,
        });
        let call = self.call("add(uint256,address,bool)", &[points.into(), pool.into(), with_update.into()]);
        Ok(Self::step("add", GOVERNOR, inputs, call))
    }

    fn set(&self, random: &mut Random) -> Step {
        let (pid, points, with_update) = (self.pid(random), points(random), !random.one_in(4));
        let inputs = json!({ "pid": pid, "alloc_point": points, "with_update": with_update });
        let call = self.call("set(uint256,uint256,bool)", &[pid.into(), points.into(), with_update.into()]);
        Self::step("set", GOVERNOR, inputs, call)
    }

    fn update_pools(&self, random: &mut Random) -> Step {
        let pids: Vec<u64> = (1..=self.pools.len() as u64).filter(|_| random.one_in(2)).collect();
        let call = self.call("updatePools(uint256[])", &[pids.as_slice().into()]);
        Self::step("update_pools", GOVERNOR, json!({ "pids": pids }), call)
    }

    fn upkeep(&self, random: &mut Random) -> Step {
        let amount = if random.one_in(10) { random.word(110) } else { random.word(85) };
        let duration = match random.below(4) {
            0 => random.pick(&[0, 1, DAY - 1, DAY, 30 * DAY, 30 * DAY + 1]),
            _ => DAY + random.below(29 * DAY),
        };
        let with_update = !random.one_in(4);
        let inputs = json!({ "amount": text(amount), "duration": duration, "with_update": with_update });
        let call = self.call("upkeep(uint256,uint256,bool)", &[amount.into(), duration.into(), with_update.into()]);
        Self::step("upkeep", GOVERNOR, inputs, call)
    }

    fn set_period_duration(&self, random: &mut Random) -> Step {
        let duration = random.below(32 * DAY);
        let call = self.call("setPeriodDuration(uint256)", &[duration.into()]);
        Self::step("set_period_duration", GOVERNOR, json!({ "duration": duration }), call)
    }

    fn swap(&self, random: &mut Random) -> Result<Step> {
        let (actor, (pid, pool)) = (trader(random), self.pool(random)?);
        let (zero_for_one, exact_in) = (random.one_in(2), random.one_in(2));
        let side = usize::from(zero_for_one != exact_in);
        let amount = random.near(pool.balances[side], 200);
        // Most swaps cross a few ticks, so that positions stay in reach.
        let amount = if random.one_in(5) { amount } else { (amount >> usize::try_from(random.below(20))?).max(U256::from(1)) };
        let amount = if exact_in { amount } else { amount.wrapping_neg() };
        let limit = price_limit(pool.price, zero_for_one, random);
        let to = self.stage.address(actor);
        let arguments = [to.into(), zero_for_one.into(), amount.into(), limit.into(), Argument::Bytes(Vec::new())];
        let inputs = json!({
            "pid": pid,
            "zero_for_one": zero_for_one,
            "amount_specified": abi::signed_text(amount),
            "sqrt_price_limit_x96": text(limit),
        });
        let call = Call::new(pool.pool, "swap(address,bool,int256,uint160,bytes)", &arguments);
        Ok(Self::step("swap", actor, inputs, call))
    }

    fn mint(&mut self, random: &mut Random) -> Result<Step> {
        let (actor, (pid, pool)) = (trader(random), self.pool(random)?);
        let (lower, upper) = range(pool.tick, pool.spacing, random);
        let liquidity = liquidity(pool.most_per_tick, random);
        self.ends = Some((pid, lower, upper));
        let inputs = json!({ "pid": pid, "tick_lower": lower, "tick_upper": upper, "liquidity": text(liquidity) });
        let arguments = [pool.pool.into(), lower.into(), upper.into(), liquidity.into()];
        let call = Call::new(self.positions, "mint(address,int24,int24,uint128)", &arguments);
        Ok(Step { answer: Answer::Words(&["token"]), ..Self::step("mint", actor, inputs, call) })
    }

    /// More liquidity for a position: through the farm, or past it.
    fn increase(&mut self, name: &'static str, random: &mut Random) -> Step {
        let fund = name == "fund";
        let (token, _, _) = self.token(!fund || !random.one_in(3), random);
        let token = if fund { token.clamp(1, self.known.len() as u64) } else { token };
        self.touched = Some(token);
        let amounts = [random.word(100), random.word(100)];
        let zero = Argument::from(U256::ZERO);
        let arguments = [token.into(), amounts[0].into(), amounts[1].into(), zero.clone(), zero.clone(), zero];
        let to = if fund { self.positions } else { self.contract };
        let call = Call::new(to, "increaseLiquidity((uint256,uint256,uint256,uint256,uint256,uint256))", &arguments);
        let inputs = json!({ "token": token, "amount0": text(amounts[0]), "amount1": text(amounts[1]) });
        let answer = Answer::Words(&["liquidity", "amount0", "amount1"]);
        Step { answer, ..Self::step(name, trader(random), inputs, call) }
    }

    fn decrease(&mut self, random: &mut Random) -> Step {
        let (token, actor, held) = self.token(true, random);
        let liquidity = u128::try_from(random.part(U256::from(held))).unwrap_or(u128::MAX);
        let zero = Argument::from(U256::ZERO);
        let arguments = [token.into(), liquidity.into(), zero.clone(), zero.clone(), zero];
        let call = self.call("decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))", &arguments);
        let inputs = json!({ "token": token, "liquidity": text(liquidity) });
        Step { answer: Answer::Words(&["amount0", "amount1"]), ..Self::step("decrease_liquidity", actor, inputs, call) }
    }

    fn deposit(&mut self, random: &mut Random) -> Step {
        let (token, actor, _) = self.token(false, random);
        let token = token.clamp(1, self.known.len() as u64);
        self.touched = Some(token);
        let arguments = [self.stage.address(actor).into(), self.contract.into(), Argument::from(token)];
        let call = Call::new(self.positions, "safeTransferFrom(address,address,uint256)", &arguments);
        Self::step("deposit", actor, json!({ "token": token }), call)
    }

    /// Harvests or withdraws.
    fn claim(&mut self, name: &'static str, signature: &str, random: &mut Random) -> Step {
        let (token, actor, _) = self.token(true, random);
        let call = self.call(signature, &[token.into(), self.stage.address(actor).into()]);
        let tokens = vec![self.stage.tokens[REWARD]];
        let answer = Answer::Change { name: "reward_paid", tokens, lost: false, list: false };
        Step { answer, ..Self::step(name, actor, json!({ "token": token }), call) }
    }

    fn update_liquidity(&mut self, random: &mut Random) -> Step {
        let (token, actor, _) = self.token(true, random);
        let call = self.call("updateLiquidity(uint256)", &[token.into()]);
        Self::step("update_liquidity", actor, json!({ "token": token }), call)
    }

    fn boost(&mut self, booster: Address, random: &mut Random) -> Step {
        let grant = random.one_in(4);
        let (token, actor, _) = self.token(!grant, random);
        let multiplier = if random.one_in(5) { random.word(64).as_limbs()[0] } else { 1_000_000_000_000 + random.below(1 << 40) };
        let inputs = json!({ "token": token, "multiplier": multiplier });
        if grant {
            let call = Call::new(booster, "grant(uint256,uint256)", &[token.into(), multiplier.into()]);
            return Self::step("grant", actor, inputs, call);
        }
        let arguments = [self.contract.into(), token.into(), Argument::from(multiplier)];
        Self::step("boost", actor, inputs, Call::new(booster, "boost(address,uint256,uint256)", &arguments))
    }
}

impl Family for Chef {
    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn header(&mut self) -> Result<Map<String, Value>> {
        let duration = u64::try_from(self.stage.chain.word(self.contract, "PERIOD_DURATION()", &[])?)?;
        let header = json!({ "protocol": "pancake-masterchef-v3", "period_duration": duration, "boosted": self.booster.is_some() });
        header.as_object().cloned().context("a header is an object")
    }

    fn next(&mut self, random: &mut Random) -> Result<Step> {
        (self.touched, self.ends, self.next_pool) = (None, None, None);
        if self.pools.is_empty() || (self.pools.len() < POOLS && random.one_in(60)) {
            return self.add(random);
        }
        if self.known.len() < 3 {
            return self.mint(random);
        }
        Ok(match (random.below(100), self.booster) {
            (0..30, _) => self.swap(random)?,
            (30..40, _) => self.mint(random)?,
            (40..51, _) => self.deposit(random),
            (51..59, _) => self.claim("harvest", "harvest(uint256,address)", random),
            (59..66, _) => self.claim("withdraw", "withdraw(uint256,address)", random),
            (66..72, _) => self.increase("increase_liquidity", random),
            (72..76, _) => self.increase("fund", random),
            (76..82, _) => self.decrease(random),
            (82..85, _) => self.update_liquidity(random),
            (85..92, _) => self.upkeep(random),
            (92..94, _) => self.set(random),
            (94, _) => self.update_pools(random),
            (95, _) => self.set_period_duration(random),
            (_, Some(booster)) => self.boost(booster, random),
            (_, None) => self.swap(random)?,
        })
    }

    fn state(&mut self, passed: bool) -> Result<Option<Value>> {
        self.read_state(passed).map(Some)
    }

    fn dump(&mut self) -> Result<Option<Value>> {
        let count = self.known.len() as u64;
        let positions = (1..=count).map(|token| self.position_state(token)).collect::<Result<Vec<_>>>()?;
        let ticks = self.ticks.clone().into_iter().map(|tick| self.tick_state(tick)).collect::<Result<Vec<_>>>()?;
        Ok(Some(json!({ "positions": positions, "ticks": ticks })))
    }
}
