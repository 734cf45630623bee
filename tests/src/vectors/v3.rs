//! Uniswap v3 and PancakeSwap v3 pools.

use std::collections::BTreeSet;

use cenote_amm::concentrated::{ConcentratedError, FeeTier, PositionKey, ProtocolFeeScheme, Tick, TickRange, Trade, V3Pool};
use cenote_amm::{Exact, OneForZero, Owner, SwapKind, U256, ZeroForOne};
use serde_json::{Map, Value, json};

use super::{Fault, Operation, Outcome, Replayer};

struct PoolReplayer {
    pool: V3Pool<Exact>,
    /// The position that the last operation was about.
    touched: Option<(Owner, TickRange)>,
    /// Every tick that ever was the bound of a position: dumps list them, cleared or not.
    ticks: BTreeSet<i32>,
}

/// A pool as the header describes it.
pub(super) fn new(header: &Map<String, Value>) -> Result<Box<dyn Replayer>, Fault> {
    let scheme = match header["protocol"].as_str() {
        Some("v3") => ProtocolFeeScheme::UniswapV3,
        Some("pancake-v3") => ProtocolFeeScheme::PancakeSwapV3,
        other => return Err(Fault::Unknown(format!("protocol {other:?} of a v3 pool"))),
    };
    let tier = FeeTier::new(small(header, "fee")?, small(header, "tick_spacing")?)
        .map_err(|error| Fault::Malformed(format!("the header's fee or spacing: {error}")))?;
    let pool = V3Pool::new(tier, scheme, [18, 18]);
    let (theirs, ours) = (header.get("max_liquidity_per_tick").unwrap_or(&Value::Null), pool.max_liquidity_per_tick().to_string());
    if *theirs != ours {
        return Err(Fault::Differs { field: "max_liquidity_per_tick".to_owned(), expected: theirs.to_string(), got: ours });
    }
    Ok(Box::new(PoolReplayer { pool, touched: None, ticks: BTreeSet::new() }))
}

/// A number of the header.
pub(super) fn small<N: TryFrom<i64>>(header: &Map<String, Value>, name: &str) -> Result<N, Fault> {
    let value = header.get(name).and_then(Value::as_i64).and_then(|value| N::try_from(value).ok());
    value.ok_or_else(|| Fault::Malformed(format!("the header lacks the number `{name}`")))
}

/// A small number, negative maybe.
pub(super) fn integer<N: TryFrom<i64>>(operation: &Operation<'_>, name: &str) -> Result<N, Fault> {
    let value = operation.input(name)?;
    let number = value.as_i64().and_then(|value| N::try_from(value).ok());
    number.ok_or_else(|| Fault::Malformed(format!("input `{name}` is {value}, not a number of the right size")))
}

/// A decimal string with a sign maybe: the sign and the amount.
pub(super) fn signed(value: &Value) -> Result<(bool, U256), Fault> {
    let malformed = || Fault::Malformed(format!("{value} is no decimal number in quotes"));
    let text = value.as_str().ok_or_else(malformed)?;
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let amount = U256::from_str_radix(digits, 10).map_err(|_| malformed())?;
    if amount.to_string() == digits && !(negative && amount.is_zero()) { Ok((negative, amount)) } else { Err(malformed()) }
}

/// A 128-bit integer.
pub(super) fn liquidity(operation: &Operation<'_>) -> Result<u128, Fault> {
    let amount = operation.amount("liquidity")?;
    u128::try_from(amount).map_err(|_| Fault::Malformed(format!("liquidity {amount} has more than 128 bits")))
}

pub(super) fn range(operation: &Operation<'_>) -> Result<TickRange, Fault> {
    Ok(TickRange::new(integer(operation, "tick_lower")?, integer(operation, "tick_upper")?))
}

fn owner(operation: &Operation<'_>) -> Result<Owner, Fault> {
    Ok(Owner::new(integer(operation, "owner")?))
}

/// The amount with a minus sign, unless it is zero.
pub(super) fn negative(amount: U256) -> String {
    if amount.is_zero() { amount.to_string() } else { format!("-{amount}") }
}

pub(super) fn fields<const N: usize>(named: [(&str, String); N]) -> Map<String, Value> {
    named.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
}

fn pair([amount0, amount1]: [U256; 2]) -> Map<String, Value> {
    fields([("amount0", amount0.to_string()), ("amount1", amount1.to_string())])
}

/// The trade of a `swap` line; `exact_in` says whether its amount is paid in.
pub(super) fn trade(operation: &Operation<'_>, exact_in: bool, amount: U256) -> Result<Trade<Exact>, Fault> {
    Ok(Trade {
        direction: if operation.flag("zero_for_one")? { ZeroForOne } else { OneForZero },
        kind: if exact_in { SwapKind::ExactIn } else { SwapKind::ExactOut },
        amount,
        sqrt_price_limit: operation.amount("sqrt_price_limit_x96")?,
    })
}

impl PoolReplayer {
    fn execute(&mut self, operation: &Operation<'_>) -> Result<Result<Map<String, Value>, ConcentratedError>, Fault> {
        let nothing = Map::new();
        let amounts = |names: [&str; 2]| Ok([operation.amount(names[0])?, operation.amount(names[1])?]);
        Ok(match operation.name {
            "initialize" => {
                operation.expect_inputs(&["sqrt_price_x96"])?;
                self.pool.initialize(operation.amount("sqrt_price_x96")?).map(|()| nothing)
            }
            "mint" | "burn" => {
                operation.expect_inputs(&["owner", "tick_lower", "tick_upper", "liquidity"])?;
                let (owner, range, liquidity) = (owner(operation)?, range(operation)?, liquidity(operation)?);
                self.touched = Some((owner, range));
                let mints = operation.name == "mint";
                let moved = if mints { self.pool.mint(owner, range, liquidity) } else { self.pool.burn(owner, range, liquidity) };
                moved.map(pair)
            }
            "collect" => {
                operation.expect_inputs(&["owner", "tick_lower", "tick_upper", "amount0_requested", "amount1_requested"])?;
                let (owner, range) = (owner(operation)?, range(operation)?);
                self.touched = Some((owner, range));
                self.pool.collect(owner, range, amounts(["amount0_requested", "amount1_requested"])?).map(pair)
            }
            "swap" => {
                operation.expect_inputs(&["zero_for_one", "amount_specified", "sqrt_price_limit_x96"])?;
                let (sign, amount) = signed(operation.input("amount_specified")?)?;
                let trade = trade(operation, !sign, amount)?;
                let quoted = self.pool.quote(&trade);
                let traded = self.pool.swap(&trade);
                if quoted != traded {
                    return Err(Fault::Malformed(format!("quote and swap differ: {quoted:?}, {traded:?}")));
                }
                traded.map(|traded| {
                    let (paid, out) = (traded.amount_in.to_string(), negative(traded.amount_out));
                    let (amount0, amount1) = if trade.direction == ZeroForOne { (paid, out) } else { (out, paid) };
                    fields([("amount0", amount0), ("amount1", amount1)])
                })
            }
            "flash" => {
                operation.expect_inputs(&["amount0", "amount1", "pay0", "pay1"])?;
                self.pool.flash(amounts(["amount0", "amount1"])?, amounts(["pay0", "pay1"])?).map(|()| nothing)
            }
            "set_fee_protocol" => {
                operation.expect_inputs(&["fee_protocol0", "fee_protocol1"])?;
                let numbers = [integer(operation, "fee_protocol0")?, integer(operation, "fee_protocol1")?];
                self.pool.set_protocol_fee(numbers).map(|()| nothing)
            }
            "collect_protocol" => {
                operation.expect_inputs(&["amount0_requested", "amount1_requested"])?;
                self.pool.collect_protocol(amounts(["amount0_requested", "amount1_requested"])?).map(pair)
            }
            "increase_observation_cardinality_next" => {
                operation.expect_inputs(&["observation_cardinality_next"])?;
                let next = integer(operation, "observation_cardinality_next")?;
                self.pool.increase_observation_cardinality_next(next).map(|()| nothing)
            }
            "observe" => {
                operation.expect_inputs(&["seconds_agos"])?;
                self.observe(operation.input("seconds_agos")?)?
            }
            "snapshot_cumulatives_inside" => {
                operation.expect_inputs(&["tick_lower", "tick_upper"])?;
                self.pool.snapshot_cumulatives_inside(range(operation)?).map(|inside| {
                    fields([
                        ("tick_cumulative_inside", inside.cumulatives.tick.to_string()),
                        ("seconds_per_liquidity_inside_x128", inside.cumulatives.seconds_per_liquidity_x128.to_string()),
                        ("seconds_inside", inside.seconds.to_string()),
                    ])
                })
            }
            _ => return Err(operation.unknown()),
        })
    }

    fn observe(&self, seconds_agos: &Value) -> Result<Result<Map<String, Value>, ConcentratedError>, Fault> {
        let malformed = || Fault::Malformed(format!("{seconds_agos} is no list of seconds"));
        let (mut ticks, mut seconds) = (Vec::new(), Vec::new());
        for ago in seconds_agos.as_array().ok_or_else(malformed)? {
            let ago = ago.as_u64().and_then(|ago| u32::try_from(ago).ok()).ok_or_else(malformed)?;
            match self.pool.observe(ago) {
                Ok(cumulatives) => {
                    ticks.push(cumulatives.tick.to_string());
                    seconds.push(cumulatives.seconds_per_liquidity_x128.to_string());
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok([("tick_cumulatives", ticks), ("seconds_per_liquidity_cumulative_x128s", seconds)]
            .into_iter()
            .map(|(name, values)| (name.to_owned(), json!(values)))
            .collect()))
    }

    fn pool_state(&self) -> Value {
        let pool = &self.pool;
        let (growth, fees, balances) = (pool.fee_growth_global(), pool.protocol_fees(), pool.balances());
        let oracle = pool.oracle();
        let index = oracle.index();
        json!({
            "sqrt_price_x96": pool.sqrt_price().unwrap_or_default().to_string(),
            "tick": pool.tick().unwrap_or_default(),
            "observation_index": index,
            "observation_cardinality": oracle.cardinality(),
            "observation_cardinality_next": oracle.cardinality_next(),
            "fee_protocol": pool.protocol_fee().packed(),
            "liquidity": pool.liquidity().to_string(),
            "fee_growth_global0_x128": growth[0].to_string(),
            "fee_growth_global1_x128": growth[1].to_string(),
            "protocol_fees0": fees[0].to_string(),
            "protocol_fees1": fees[1].to_string(),
            "balance0": balances[0].to_string(),
            "balance1": balances[1].to_string(),
            "observation": observation(index.into(), oracle.newest().copied().unwrap_or_default()),
        })
    }

    fn position(&self, key: &PositionKey) -> Value {
        let position = self.pool.position(key.owner, key.range);
        let (growth, owed) = (position.fee_growth_inside_last(), position.tokens_owed());
        json!({
            "owner": key.owner.id(),
            "tick_lower": key.range.lower,
            "tick_upper": key.range.upper,
            "liquidity": position.liquidity().to_string(),
            "fee_growth_inside0_last_x128": growth[0].to_string(),
            "fee_growth_inside1_last_x128": growth[1].to_string(),
            "tokens_owed0": owed[0].to_string(),
            "tokens_owed1": owed[1].to_string(),
        })
    }
}

fn observation(index: usize, observation: cenote_amm::concentrated::Observation) -> Value {
    json!({
        "index": index,
        "block_timestamp": observation.block_timestamp.to_string(),
        "tick_cumulative": observation.cumulatives.tick.to_string(),
        "seconds_per_liquidity_cumulative_x128": observation.cumulatives.seconds_per_liquidity_x128.to_string(),
        "initialized": observation.initialized,
    })
}

fn tick_state(number: i32, tick: Option<&Tick<Exact>>) -> Value {
    let growth = tick.map(Tick::fee_growth_outside).unwrap_or_default();
    json!({
        "tick": number,
        "liquidity_gross": tick.map_or(0, Tick::liquidity_gross).to_string(),
        "liquidity_net": tick.map_or(0, Tick::liquidity_net).to_string(),
        "fee_growth_outside0_x128": growth[0].to_string(),
        "fee_growth_outside1_x128": growth[1].to_string(),
        "tick_cumulative_outside": tick.map_or(0, Tick::tick_cumulative_outside).to_string(),
        "seconds_per_liquidity_outside_x128": tick.map(Tick::seconds_per_liquidity_outside_x128).unwrap_or_default().to_string(),
        "seconds_outside": tick.map_or(0, Tick::seconds_outside).to_string(),
        "initialized": tick.is_some(),
    })
}

impl Replayer for PoolReplayer {
    fn run(&mut self, operation: &Operation<'_>) -> Result<Outcome, Fault> {
        let time = operation.time.ok_or_else(|| Fault::Malformed("the line lacks `t`".to_owned()))?;
        if time < self.pool.block_timestamp() {
            return Err(Fault::Malformed(format!("time {time} is before that of the line above")));
        }
        self.pool.set_block_timestamp(time);
        self.touched = None;
        let before = self.pool.clone();
        match self.execute(operation)? {
            Ok(out) => {
                self.ticks.extend(self.touched.iter().flat_map(|(_, range)| [range.lower, range.upper]));
                Ok(Outcome::Passed(out))
            }
            Err(error) => {
                self.touched = None;
                if self.pool != before {
                    return Err(Fault::Malformed(format!("an error changed the pool: {error}")));
                }
                let code = error.revert_code();
                let code = code.ok_or_else(|| Fault::Malformed("an input is out of every contract's range".to_owned()))?;
                Ok(Outcome::Reverted(code.to_owned()))
            }
        }
    }

    fn state(&self) -> Option<Value> {
        let mut state = self.pool_state();
        if let (Some((owner, range)), Some(state)) = (self.touched, state.as_object_mut()) {
            state.insert("position".to_owned(), self.position(&PositionKey::new(owner, range)));
            state.insert("tick_lower".to_owned(), tick_state(range.lower, self.pool.tick_info(range.lower)));
            state.insert("tick_upper".to_owned(), tick_state(range.upper, self.pool.tick_info(range.upper)));
        }
        Some(state)
    }

    fn dump(&self) -> Option<Map<String, Value>> {
        let positions: Vec<_> = self.pool.positions().map(|(key, _)| self.position(key)).collect();
        let ticks: Vec<_> = self.ticks.iter().map(|number| tick_state(*number, self.pool.tick_info(*number))).collect();
        let observations: Vec<_> =
            self.pool.oracle().observations().iter().enumerate().map(|(index, entry)| observation(index, *entry)).collect();
        let dump = json!({
            "t": self.pool.block_timestamp(),
            "state": self.pool_state(),
            "positions": positions,
            "ticks": ticks,
            "observations": observations,
        });
        dump.as_object().cloned()
    }
}
