//! What a pool says of itself.

use anyhow::Result;
use revm::primitives::{U256, keccak256};
use serde_json::{Value, json};

use super::{Key, Pool, Seen};
use crate::abi;
use crate::families::text;

impl Pool {
    pub(super) fn position_words(&mut self, (owner, lower, upper): Key) -> Result<Vec<U256>> {
        let [lower, upper] = [lower, upper].map(i32::to_be_bytes);
        let packed = [self.stage.address(owner).as_slice(), &lower[1..], &upper[1..]].concat();
        self.stage.chain.read(self.contract, "positions(bytes32)", &[U256::from_be_bytes(keccak256(packed).0).into()])
    }

    pub(super) fn position_state(&mut self, key: Key) -> Result<Value> {
        let words = self.position_words(key)?;
        let (owner, lower, upper) = key;
        Ok(json!({
            "owner": owner,
            "tick_lower": lower,
            "tick_upper": upper,
            "liquidity": text(words[0]),
            "fee_growth_inside0_last_x128": text(words[1]),
            "fee_growth_inside1_last_x128": text(words[2]),
            "tokens_owed0": text(words[3]),
            "tokens_owed1": text(words[4]),
        }))
    }

    pub(super) fn tick_state(&mut self, tick: i32) -> Result<Value> {
        let words = self.stage.chain.read(self.contract, "ticks(int24)", &[tick.into()])?;
        Ok(json!({
            "tick": tick,
            "liquidity_gross": text(words[0]),
            "liquidity_net": abi::signed_text(words[1]),
            "fee_growth_outside0_x128": text(words[2]),
            "fee_growth_outside1_x128": text(words[3]),
            "tick_cumulative_outside": abi::signed_text(words[4]),
            "seconds_per_liquidity_outside_x128": text(words[5]),
            "seconds_outside": text(words[6]),
            "initialized": !words[7].is_zero(),
        }))
    }

    pub(super) fn observation(&mut self, index: u64) -> Result<Value> {
        let words = self.stage.chain.read(self.contract, "observations(uint256)", &[index.into()])?;
        Ok(json!({
            "index": index,
            "block_timestamp": text(words[0]),
            "tick_cumulative": abi::signed_text(words[1]),
            "seconds_per_liquidity_cumulative_x128": text(words[2]),
            "initialized": !words[3].is_zero(),
        }))
    }

    pub(super) fn pool_state(&mut self) -> Result<Value> {
        let (pool, chain) = (self.contract, &mut self.stage.chain);
        let slot = chain.read(pool, "slot0()", &[])?;
        let fees = chain.read(pool, "protocolFees()", &[])?;
        let liquidity = chain.word(pool, "liquidity()", &[])?;
        let growth0 = chain.word(pool, "feeGrowthGlobal0X128()", &[])?;
        let growth1 = chain.word(pool, "feeGrowthGlobal1X128()", &[])?;
        let balances = self.stage.balances(pool)?;
        let (tick, index) = (abi::signed(slot[1])?, u64::try_from(slot[2])?);
        let (balances, protocol_fees) = ([balances[0], balances[1]], [fees[0], fees[1]]);
        self.seen = Seen { price: slot[0], tick, balances, protocol_fees };
        Ok(json!({
            "sqrt_price_x96": text(slot[0]),
            "tick": tick,
            "observation_index": index,
            "observation_cardinality": u64::try_from(slot[3])?,
            "observation_cardinality_next": u64::try_from(slot[4])?,
            "fee_protocol": u64::try_from(slot[5])?,
            "liquidity": text(liquidity),
            "fee_growth_global0_x128": text(growth0),
            "fee_growth_global1_x128": text(growth1),
            "protocol_fees0": text(fees[0]),
            "protocol_fees1": text(fees[1]),
            "balance0": text(balances[0]),
            "balance1": text(balances[1]),
            "observation": self.observation(index)?,
        }))
    }
}
