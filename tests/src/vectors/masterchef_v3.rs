//! PancakeSwap's `MasterChefV3`: farms for positions, beside the pools that the positions are in.

use std::collections::{BTreeMap, BTreeSet};

use cenote_amm::concentrated::{ConcentratedError, FeeTier};
use cenote_amm::{Concentrated, Exact, LiquidityError, Owner, RangedLiquidity, TickRange, U256};
use cenote_yield::farm::MasterChefV3;
use cenote_yield::farm::masterchef_v3::{ChefV3Error, ChefV3Position, LmTick};
use serde_json::{Map, Value, json};

use super::v3::{integer, liquidity, range, signed, small, trade};
use super::{Fault, Operation, Outcome, Replayer};

/// Who holds all positions in the pools: the position manager.
const MANAGER: Owner = Owner::new(97);
/// Operations in which something has happened already when the farm refuses: the transaction is undone as a whole.
const COMPOUND: [&str; 4] = ["swap", "increase_liquidity", "decrease_liquidity", "boost"];

/// A position as the position manager knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    owner: Owner,
    staked: bool,
    pid: u32,
    range: TickRange,
    liquidity: u128,
}

/// Everything there is, as one thing that an operation changes or leaves as it is.
#[derive(Clone, PartialEq)]
struct Scene {
    pools: Vec<Concentrated<Exact>>,
    farm: MasterChefV3<Exact>,
    positions: BTreeMap<u64, Held>,
    boosts: BTreeMap<u64, u64>,
}

struct ChefReplayer {
    scene: Scene,
    /// The position that the last operation was about.
    touched: Option<u64>,
    /// Every tick of each pool that ever was the end of a position.
    ticks: BTreeSet<(u32, i32)>,
}

/// A farm without pools, as the header describes it.
pub(super) fn new(header: &Map<String, Value>) -> Result<Box<dyn Replayer>, Fault> {
    let (pools, positions, boosts) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    let mut farm = MasterChefV3::new();
    farm.set_period_duration(small(header, "period_duration")?).map_err(|error| Fault::Malformed(error.to_string()))?;
    let scene = Scene { pools, farm, positions, boosts };
    Ok(Box::new(ChefReplayer { scene, touched: None, ticks: BTreeSet::new() }))
}

/// Why an operation does not pass.
enum Refused {
    Reverts(&'static str),
    /// No contract could be asked this, or Cenote itself is at fault.
    Fault(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<ConcentratedError> for Refused {
    fn from(error: ConcentratedError) -> Self {
        error.revert_code().map_or_else(|| Self::Fault(Fault::Malformed(error.to_string())), Self::Reverts)
    }
}

impl From<LiquidityError> for Refused {
    fn from(error: LiquidityError) -> Self {
        error.revert_code().map_or_else(|| Self::Fault(Fault::Malformed(error.to_string())), Self::Reverts)
    }
}

impl From<ChefV3Error> for Refused {
    fn from(error: ChefV3Error) -> Self {
        Self::Reverts(match error {
            ChefV3Error::InvalidPid { .. } => "InvalidPid",
            ChefV3Error::NotOwner { .. } => "NotOwner",
            ChefV3Error::NoLiquidity { .. } => "NoLiquidity",
            ChefV3Error::InvalidNft { .. } => "InvalidNFT",
            ChefV3Error::InvalidPeriodDuration { .. } => "InvalidPeriodDuration",
            ChefV3Error::TickOverflow { .. } => "LO",
            other => return Self::Fault(Fault::Malformed(format!("no contract is asked this: {other}"))),
        })
    }
}

impl Scene {
    fn pool(&mut self, pid: u32) -> Result<&mut Concentrated<Exact>, Fault> {
        let index = usize::try_from(pid).ok().and_then(|pid| pid.checked_sub(1));
        index.and_then(|index| self.pools.get_mut(index)).ok_or_else(|| Fault::Malformed(format!("there is no pool {pid}")))
    }

    fn held(&self, token: u64) -> Result<Held, Fault> {
        self.positions.get(&token).copied().ok_or_else(|| Fault::Malformed(format!("there is no position {token}")))
    }

    /// A staked position changes as the farm's owner of it asks: what is asked before anything moves.
    fn staked_by(&self, caller: Owner, token: u64) -> Result<(), Refused> {
        let owner = self.farm.position(token).map(ChefV3Position::user);
        if owner == Some(caller) { Ok(()) } else { Err(Refused::Reverts("NotOwner")) }
    }

    /// The farm looks at a position that has another liquidity now, or another boost.
    fn look_again(&mut self, token: u64) -> Result<(), Refused> {
        let boost = self.boosts.get(&token).copied().unwrap_or(0);
        let liquidity = self.positions.get(&token).map_or(0, |held| held.liquidity);
        Ok(self.farm.update_liquidity(token, liquidity, boost)?)
    }

    fn increase(&mut self, token: u64, amounts: [U256; 2]) -> Result<Map<String, Value>, Refused> {
        let held = self.held(token)?;
        let added = self.pool(held.pid)?.mint(MANAGER, held.range, amounts)?;
        self.positions.insert(token, Held { liquidity: held.liquidity + added.liquidity, ..held });
        let words = [U256::from(added.liquidity), added.amounts[0], added.amounts[1]];
        Ok(["liquidity", "amount0", "amount1"].into_iter().zip(words).map(|(name, word)| (name.to_owned(), text(word))).collect())
    }

    /// What the farm's owner does.
    fn govern(&mut self, operation: &Operation<'_>) -> Result<Map<String, Value>, Refused> {
        let pid = || integer::<u32>(operation, "pid");
        match operation.name {
            "add" => {
                operation.expect_inputs(&["fee", "tick_spacing", "sqrt_price_x96", "alloc_point", "with_update"])?;
                let tier = FeeTier::new(integer(operation, "fee")?, integer(operation, "tick_spacing")?)?;
                let mut pool = Concentrated::pancakeswap_v3(tier);
                pool.v3_mut().set_block_timestamp(self.farm.block_timestamp());
                pool.v3_mut().initialize(operation.amount("sqrt_price_x96")?)?;
                let (tick, most) = (pool.v3().tick().unwrap_or_default(), pool.v3().max_liquidity_per_tick());
                self.farm.add(operation.number("alloc_point")?, tick, most, operation.flag("with_update")?)?;
                self.pools.push(pool);
            }
            "set" => {
                operation.expect_inputs(&["pid", "alloc_point", "with_update"])?;
                self.farm.set(pid()?, operation.number("alloc_point")?, operation.flag("with_update")?)?;
            }
            "update_pools" => {
                operation.expect_inputs(&["pids"])?;
                let pids = operation.input("pids")?.as_array().into_iter().flatten();
                let pids: Option<Vec<u32>> = pids.map(|pid| pid.as_u64().and_then(|pid| pid.try_into().ok())).collect();
                self.farm.update_pools(&pids.ok_or_else(|| Fault::Malformed("`pids` are no numbers".to_owned()))?)?;
            }
            "upkeep" => {
                operation.expect_inputs(&["amount", "duration", "with_update"])?;
                self.farm.upkeep(operation.amount("amount")?, operation.number("duration")?, operation.flag("with_update")?)?;
            }
            "set_period_duration" => {
                operation.expect_inputs(&["duration"])?;
                self.farm.set_period_duration(operation.number("duration")?)?;
            }
            _ => return Err(operation.unknown().into()),
        }
        Ok(Map::new())
    }

    fn execute(&mut self, caller: Owner, operation: &Operation<'_>) -> Result<Map<String, Value>, Refused> {
        let nothing = Map::new();
        let pid = || integer::<u32>(operation, "pid");
        let token = || operation.number("token");
        Ok(match operation.name {
            "swap" => {
                operation.expect_inputs(&["pid", "zero_for_one", "amount_specified", "sqrt_price_limit_x96"])?;
                let (sign, amount) = signed(operation.input("amount_specified")?)?;
                let trade = trade(operation, !sign, amount)?;
                let pool = self.pool(pid()?)?.v3_mut();
                pool.swap(&trade)?;
                let tick = pool.tick().unwrap_or_default();
                self.farm.swapped(pid()?, tick)?;
                nothing
            }
            "mint" => {
                operation.expect_inputs(&["pid", "tick_lower", "tick_upper", "liquidity"])?;
                let (pid, range, liquidity) = (pid()?, range(operation)?, liquidity(operation)?);
                self.pool(pid)?.v3_mut().mint(MANAGER, range, liquidity)?;
                let token = 1 + self.positions.len() as u64;
                self.positions.insert(token, Held { owner: caller, staked: false, pid, range, liquidity });
                Map::from_iter([("token".to_owned(), Value::String(token.to_string()))])
            }
            "fund" => {
                operation.expect_inputs(&["token", "amount0", "amount1"])?;
                self.increase(token()?, [operation.amount("amount0")?, operation.amount("amount1")?])?
            }
            "increase_liquidity" => {
                operation.expect_inputs(&["token", "amount0", "amount1"])?;
                let token = token()?;
                if self.farm.position(token).is_none() {
                    return Err(Refused::Reverts("InvalidNFT"));
                }
                let added = self.increase(token, [operation.amount("amount0")?, operation.amount("amount1")?])?;
                self.look_again(token)?;
                added
            }
            "decrease_liquidity" => {
                operation.expect_inputs(&["token", "liquidity"])?;
                let (token, liquidity) = (token()?, liquidity(operation)?);
                self.staked_by(caller, token)?;
                let held = self.held(token)?;
                let left = held.liquidity.checked_sub(liquidity).filter(|_| liquidity > 0).ok_or(Refused::Reverts(""))?;
                let [amount0, amount1] = self.pool(held.pid)?.v3_mut().burn(MANAGER, held.range, liquidity)?;
                self.positions.insert(token, Held { liquidity: left, ..held });
                self.look_again(token)?;
                Map::from_iter([("amount0".to_owned(), text(amount0)), ("amount1".to_owned(), text(amount1))])
            }
            "deposit" => {
                operation.expect_inputs(&["token"])?;
                let token = token()?;
                let held = self.held(token)?;
                if held.staked || held.owner != caller {
                    return Err(Refused::Reverts("Not approved"));
                }
                let boost = self.boosts.get(&token).copied().unwrap_or(0);
                self.farm.deposit(caller, token, held.pid, held.range, held.liquidity, boost)?;
                self.positions.insert(token, Held { staked: true, ..held });
                nothing
            }
            "harvest" => {
                operation.expect_inputs(&["token"])?;
                paid(self.farm.harvest(caller, token()?)?)
            }
            "withdraw" => {
                operation.expect_inputs(&["token"])?;
                let token = token()?;
                let reward = self.farm.withdraw(caller, token)?;
                self.positions.insert(token, Held { staked: false, ..self.held(token)? });
                self.boosts.remove(&token);
                paid(reward)
            }
            "update_liquidity" => {
                operation.expect_inputs(&["token"])?;
                self.look_again(token()?)?;
                nothing
            }
            "grant" => {
                operation.expect_inputs(&["token", "multiplier"])?;
                self.boosts.insert(token()?, operation.number("multiplier")?);
                nothing
            }
            "boost" => {
                operation.expect_inputs(&["token", "multiplier"])?;
                self.boosts.insert(token()?, operation.number("multiplier")?);
                self.look_again(token()?)?;
                nothing
            }
            _ => return self.govern(operation),
        })
    }

    fn pools_state(&self) -> Vec<Value> {
        let states = self.pools.iter().zip(self.farm.pools()).map(|(pool, farmed)| {
            json!({
                "sqrt_price_x96": text(pool.v3().sqrt_price().unwrap_or_default()),
                "tick": pool.v3().tick(),
                "liquidity": pool.v3().liquidity().to_string(),
                "alloc_point": farmed.alloc_point().to_string(),
                "total_liquidity": farmed.total_liquidity().to_string(),
                "total_boost_liquidity": farmed.total_boost_liquidity().to_string(),
                "lm_liquidity": farmed.liquidity_in_range().to_string(),
                "reward_growth_global_x128": text(farmed.reward_growth_global()),
                "last_reward_timestamp": farmed.last_reward_timestamp().to_string(),
            })
        });
        states.collect()
    }

    fn position_state(&self, token: u64) -> Value {
        let liquidity = self.positions.get(&token).map_or(0, |held| held.liquidity);
        let owner = self.positions.get(&token).filter(|held| !held.staked).map(|held| held.owner.id());
        let Some(position) = self.farm.position(token) else {
            return json!({ "token": token, "owner": owner, "liquidity": liquidity.to_string(), "staked": null });
        };
        json!({
            "token": token,
            "owner": owner,
            "liquidity": liquidity.to_string(),
            "staked": {
                "user": position.user().id(),
                "pid": position.pid().to_string(),
                "tick_lower": position.range().lower,
                "tick_upper": position.range().upper,
                "liquidity": position.liquidity().to_string(),
                "boost_liquidity": position.boost_liquidity().to_string(),
                "boost_multiplier": position.boost_multiplier().to_string(),
                "reward_growth_inside": text(position.reward_growth_inside()),
                "reward": text(position.reward()),
                "pending": self.farm.pending(token).map(text).ok(),
            },
        })
    }

    fn tick_state(&self, (pid, tick): (u32, i32)) -> Value {
        let index = usize::try_from(pid).ok().and_then(|pid| pid.checked_sub(1));
        let info = index.and_then(|index| self.farm.pools().get(index)).and_then(|pool| pool.tick_info(tick));
        json!({
            "pid": pid,
            "tick": tick,
            "liquidity_gross": info.map_or(0, LmTick::liquidity_gross).to_string(),
            "liquidity_net": info.map_or(0, LmTick::liquidity_net).to_string(),
            "reward_growth_outside_x128": text(info.map(LmTick::reward_growth_outside).unwrap_or_default()),
        })
    }
}

fn text(amount: U256) -> Value {
    Value::String(amount.to_string())
}

fn paid(reward: U256) -> Map<String, Value> {
    Map::from_iter([("reward_paid".to_owned(), text(reward))])
}

impl Replayer for ChefReplayer {
    fn run(&mut self, operation: &Operation<'_>) -> Result<Outcome, Fault> {
        let malformed = |what: &str| Fault::Malformed(format!("the line lacks `{what}`"));
        let caller = operation.actor.and_then(|id| u32::try_from(id).ok()).map(Owner::new).ok_or_else(|| malformed("actor"))?;
        let time = operation.time.ok_or_else(|| malformed("t"))?;
        let scene = &mut self.scene;
        scene.farm.set_block_timestamp(time).map_err(|error| Fault::Malformed(error.to_string()))?;
        for pool in &mut scene.pools {
            pool.v3_mut().set_block_timestamp(time);
        }
        self.touched = operation.number("token").ok();
        let before = scene.clone();
        match scene.execute(caller, operation) {
            Ok(out) => {
                if operation.name == "mint" {
                    let range = range(operation)?;
                    let pid = integer(operation, "pid")?;
                    self.ticks.extend([(pid, range.lower), (pid, range.upper)]);
                }
                Ok(Outcome::Passed(out))
            }
            Err(Refused::Reverts(reason)) => {
                if *scene != before && !COMPOUND.contains(&operation.name) {
                    return Err(Fault::Malformed(format!("an error changed the farm: {reason}")));
                }
                *scene = before;
                Ok(Outcome::Reverted(reason.to_owned()))
            }
            Err(Refused::Fault(fault)) => Err(fault),
        }
    }

    fn state(&self) -> Option<Value> {
        let farm = &self.scene.farm;
        Some(json!({
            "total_alloc_point": farm.total_alloc_point().to_string(),
            "reward_per_second": text(farm.reward_per_second()),
            "period_end": farm.period_end().to_string(),
            "reward_balance": text(farm.reward_balance()),
            "pools": self.scene.pools_state(),
            "position": self.touched.map(|token| self.scene.position_state(token)),
        }))
    }

    fn dump(&self) -> Option<Map<String, Value>> {
        let scene = &self.scene;
        let dump = json!({
            "positions": scene.positions.keys().map(|token| scene.position_state(*token)).collect::<Vec<_>>(),
            "ticks": self.ticks.iter().map(|tick| scene.tick_state(*tick)).collect::<Vec<_>>(),
        });
        dump.as_object().cloned()
    }
}
