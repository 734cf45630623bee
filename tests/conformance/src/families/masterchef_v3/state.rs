//! What the farm, its pools and the position manager say of themselves.

use anyhow::{Context, Result};
use revm::primitives::{Address, U256};
use serde_json::{Value, json};

use super::{Chef, Farmed, Known, REWARD, TRADERS};
use crate::abi;
use crate::families::text;

fn address(word: U256) -> Address {
    Address::from_word(word.into())
}

impl Chef {
    fn trader_at(&self, address: Address) -> Option<u32> {
        (1..=TRADERS).find(|id| self.stage.address(*id) == address)
    }

    pub(super) fn read_state(&mut self, passed: bool) -> Result<Value> {
        if let (true, Some(mut pool)) = (passed, self.next_pool.take()) {
            pool.lm_pool = address(self.stage.chain.word(pool.pool, "lmPool()", &[])?);
            self.pools.push(pool);
        }
        if let (true, Some((pid, lower, upper))) = (passed, self.ends.take()) {
            // What a new position is remembered as is read with it.
            self.known.push(Known { owner: 0, staked: false, liquidity: 0 });
            self.ticks.extend([(pid, lower), (pid, upper)]);
            self.position_state(self.known.len() as u64)?;
        }
        let contract = self.contract;
        let pools = (0..self.pools.len()).map(|index| self.pool_state(index)).collect::<Result<Vec<_>>>()?;
        let position = self.touched.map(|token| self.position_state(token)).transpose()?;
        let reward = self.stage.tokens[REWARD];
        let held = self.stage.balance(reward, contract)?;
        let chain = &mut self.stage.chain;
        anyhow::ensure!(held == chain.word(contract, "cakeAmountBelongToMC()", &[])?, "the farm's rewards are not all its own");
        Ok(json!({
            "total_alloc_point": text(chain.word(contract, "totalAllocPoint()", &[])?),
            "reward_per_second": text(chain.word(contract, "latestPeriodCakePerSecond()", &[])?),
            "period_end": text(chain.word(contract, "latestPeriodEndTime()", &[])?),
            "reward_balance": text(held),
            "pools": pools,
            "position": position,
        }))
    }

    fn pool_state(&mut self, index: usize) -> Result<Value> {
        let Farmed { pool, lm_pool, .. } = self.pools[index];
        let balances = [0, 1].map(|side| self.stage.balance(self.stage.tokens[side], pool));
        let chain = &mut self.stage.chain;
        let slot = chain.read(pool, "slot0()", &[])?;
        let info = chain.read(self.contract, "poolInfo(uint256)", &[(index as u64 + 1).into()])?;
        let tick = abi::signed(slot[1])?;
        let [balance0, balance1] = balances;
        self.pools[index] = Farmed { price: slot[0], tick, balances: [balance0?, balance1?], ..self.pools[index] };
        Ok(json!({
            "sqrt_price_x96": text(slot[0]),
            "tick": tick,
            "liquidity": text(chain.word(pool, "liquidity()", &[])?),
            "alloc_point": text(info[0]),
            "total_liquidity": text(info[5]),
            "total_boost_liquidity": text(info[6]),
            "lm_liquidity": text(chain.word(lm_pool, "lmLiquidity()", &[])?),
            "reward_growth_global_x128": text(chain.word(lm_pool, "rewardGrowthGlobalX128()", &[])?),
            "last_reward_timestamp": text(chain.word(lm_pool, "lastRewardTimestamp()", &[])?),
        }))
    }

    pub(super) fn position_state(&mut self, token: u64) -> Result<Value> {
        let held = self.stage.chain.read(self.positions, "held(uint256)", &[token.into()])?;
        let staked = self.stage.chain.read(self.contract, "userPositionInfos(uint256)", &[token.into()])?;
        let pending = self.stage.chain.word(self.contract, "pendingCake(uint256)", &[token.into()])?;
        let (owner, user) = (self.trader_at(address(held[0])), self.trader_at(address(staked[6])));
        let index = usize::try_from(token)?.wrapping_sub(1);
        if let Some(known) = self.known.get_mut(index) {
            let owner = user.or(owner).context("a position that nobody has")?;
            *known = Known { owner, staked: user.is_some(), liquidity: held[4].try_into()? };
        }
        let staked = match user {
            None => Value::Null,
            Some(user) => json!({
                "user": user,
                "pid": text(staked[7]),
                "tick_lower": abi::signed(staked[2])?,
                "tick_upper": abi::signed(staked[3])?,
                "liquidity": text(staked[0]),
                "boost_liquidity": text(staked[1]),
                "boost_multiplier": text(staked[8]),
                "reward_growth_inside": text(staked[4]),
                "reward": text(staked[5]),
                "pending": text(pending),
            }),
        };
        Ok(json!({ "token": token, "owner": owner, "liquidity": text(held[4]), "staked": staked }))
    }

    pub(super) fn tick_state(&mut self, (pid, tick): (u32, i32)) -> Result<Value> {
        let index = usize::try_from(pid)?.wrapping_sub(1);
        let lm_pool = self.pools.get(index).context("a tick of no pool")?.lm_pool;
        let words = self.stage.chain.read(lm_pool, "lmTicks(int24)", &[tick.into()])?;
        Ok(json!({
            "pid": pid,
            "tick": tick,
            "liquidity_gross": text(words[0]),
            "liquidity_net": abi::signed_text(words[1]),
            "reward_growth_outside_x128": text(words[2]),
        }))
    }
}
