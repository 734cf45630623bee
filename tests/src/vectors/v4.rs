//! Uniswap v4 pools: without hooks, or with the hook that was written to be recorded.

use cenote_amm::concentrated::{
    ConcentratedError, HookRefusal, Hooks, LiquidityChange, LpFee, NoHooks, OVERRIDE_FEE_FLAG, PositionKey, Tick, Trade, Traded,
    V4Pool, V4State,
};
use cenote_amm::{Direction, Exact, OneForZero, Owner, U256, ZeroForOne};
use serde_json::{Map, Value, json};

use super::v3::{fields, integer, negative, range, signed, small, trade};
use super::{Fault, Operation, Outcome, Replayer, compare};

/// A hook that a trace can talk to.
trait Recorded: Hooks<Exact> + 'static {
    /// The operation `set_hook`; false if there is no such hook.
    fn set(&mut self, pips: u32, overrides: bool) -> bool;
}

impl Recorded for NoHooks {
    fn set(&mut self, _pips: u32, _overrides: bool) -> bool {
        false
    }
}

/// The recorded hook contract: overrides the fee with its own, doubled for a swap in the direction of the last, and refuses donations
/// after a swap that paid token 1.
#[derive(Clone, Debug, Default, PartialEq)]
struct Momentum {
    pips: u32,
    overrides: bool,
    last: Option<Direction>,
}

impl Recorded for Momentum {
    fn set(&mut self, pips: u32, overrides: bool) -> bool {
        (self.pips, self.overrides) = (pips, overrides);
        true
    }
}

impl Hooks<Exact> for Momentum {
    fn before_swap(&self, _pool: &V4State<Exact>, trade: &Trade<Exact>) -> Result<LpFee, HookRefusal> {
        let fee = if self.last == Some(trade.direction) { 2 * self.pips } else { self.pips };
        Ok(LpFee::from_contract(if self.overrides { fee | OVERRIDE_FEE_FLAG } else { 0 }))
    }

    fn after_swap(&mut self, _pool: &V4State<Exact>, trade: &Trade<Exact>, _traded: &Traded<Exact>) {
        self.last = Some(trade.direction);
    }

    fn before_donate(&self, _pool: &V4State<Exact>, _amounts: [U256; 2]) -> Result<(), HookRefusal> {
        if self.last == Some(OneForZero) { Err(HookRefusal::new("not after a purchase")) } else { Ok(()) }
    }
}

struct PoolReplayer<H> {
    pool: V4Pool<Exact, H>,
    /// The position that the last operation was about.
    touched: Option<PositionKey>,
}

/// A pool as the header describes it, with its first price.
pub(super) fn new(header: &Map<String, Value>) -> Result<Box<dyn Replayer>, Fault> {
    match header.get("hook").map(|hook| hook.as_str()) {
        None => with_hook(header, NoHooks),
        Some(Some("momentum")) => with_hook(header, Momentum::default()),
        Some(_) => Err(Fault::Unknown(format!("hook {}", header["hook"]))),
    }
}

fn with_hook<H: Recorded>(header: &Map<String, Value>, hook: H) -> Result<Box<dyn Replayer>, Fault> {
    let malformed = |error: ConcentratedError| Fault::Malformed(format!("the header's pool: {error}"));
    let (fee, spacing) = (small(header, "fee")?, small(header, "tick_spacing")?);
    let mut pool = V4Pool::with_hooks(fee, spacing, [18, 18], hook).map_err(malformed)?;
    let (negative, price) = signed(header.get("initial_sqrt_price_x96").unwrap_or(&Value::Null))?;
    if negative {
        return Err(Fault::Malformed("the header's price is negative".to_owned()));
    }
    pool.initialize(price).map_err(malformed)?;
    let replayer = PoolReplayer { pool, touched: None };
    compare(header.get("state").unwrap_or(&Value::Null), &replayer.pool_state())?;
    Ok(Box::new(replayer))
}

/// What the caller gets: the second amount less the first.
fn delta(due_to_pool: U256, due_to_caller: U256) -> String {
    if due_to_pool > due_to_caller { negative(due_to_pool - due_to_caller) } else { (due_to_caller - due_to_pool).to_string() }
}

fn change(operation: &Operation<'_>) -> Result<LiquidityChange, Fault> {
    let (negative, amount) = signed(operation.input("liquidity_delta")?)?;
    let amount = u128::try_from(amount).map_err(|_| Fault::Malformed(format!("a liquidity of {amount} has more than 128 bits")))?;
    Ok(if negative || amount == 0 { LiquidityChange::Remove(amount) } else { LiquidityChange::Add(amount) })
}

impl<H: Recorded> PoolReplayer<H> {
    fn execute(&mut self, operation: &Operation<'_>) -> Result<Result<Map<String, Value>, ConcentratedError>, Fault> {
        let zero = U256::ZERO;
        Ok(match operation.name {
            "modify_liquidity" => {
                operation.expect_inputs(&["tick_lower", "tick_upper", "liquidity_delta", "salt"])?;
                let owner = operation.actor.and_then(|actor| u32::try_from(actor).ok());
                let owner = owner.ok_or_else(|| Fault::Malformed("the line lacks `actor`".to_owned()))?;
                let key = PositionKey { owner: Owner::new(owner), range: range(operation)?, salt: operation.number("salt")? };
                let change = change(operation)?;
                self.touched = Some(key);
                self.pool.modify_liquidity(key, change).map(|modified| {
                    let amounts = [0, 1].map(|side| match change {
                        LiquidityChange::Add(_) => delta(modified.amounts[side], modified.fees[side]),
                        LiquidityChange::Remove(_) => delta(zero, modified.amounts[side] + modified.fees[side]),
                    });
                    let [amount0, amount1] = amounts;
                    let [fees0, fees1] = modified.fees.map(|fee| fee.to_string());
                    fields([("amount0", amount0), ("amount1", amount1), ("fees_accrued0", fees0), ("fees_accrued1", fees1)])
                })
            }
            "swap" => {
                operation.expect_inputs(&["zero_for_one", "amount_specified", "sqrt_price_limit_x96"])?;
                let (negative, amount) = signed(operation.input("amount_specified")?)?;
                let trade = trade(operation, negative, amount)?;
                let quoted = self.pool.quote(&trade);
                let traded = self.pool.swap(&trade);
                if quoted != traded {
                    return Err(Fault::Malformed(format!("quote and swap differ: {quoted:?}, {traded:?}")));
                }
                traded.map(|traded| {
                    let (paid, out) = (delta(traded.amount_in, zero), delta(zero, traded.amount_out));
                    let (amount0, amount1) = if trade.direction == ZeroForOne { (paid, out) } else { (out, paid) };
                    fields([("amount0", amount0), ("amount1", amount1)])
                })
            }
            "donate" => {
                operation.expect_inputs(&["amount0", "amount1"])?;
                let amounts = [operation.amount("amount0")?, operation.amount("amount1")?];
                let [amount0, amount1] = amounts.map(negative);
                self.pool.donate(amounts).map(|()| fields([("amount0", amount0), ("amount1", amount1)]))
            }
            "set_protocol_fee" => {
                operation.expect_inputs(&["protocol_fee", "zero_for_one", "one_for_zero"])?;
                let pips: [u16; 2] = [integer(operation, "zero_for_one")?, integer(operation, "one_for_zero")?];
                let packed = u64::from(pips[0]) | (u64::from(pips[1]) << 12);
                if operation.number("protocol_fee")? != packed {
                    return Err(Fault::Malformed(format!("the packed protocol fee is not {packed}")));
                }
                self.pool.set_protocol_fee(pips).map(|()| Map::new())
            }
            "collect_protocol_fees" => {
                operation.expect_inputs(&["currency", "amount"])?;
                let side: u8 = integer(operation, "currency")?;
                let collected = self.pool.collect_protocol_fees(side.into(), operation.amount("amount")?);
                collected.map(|amount| fields([("amount", amount.to_string())]))
            }
            "update_lp_fee" => {
                operation.expect_inputs(&["pips"])?;
                self.pool.set_lp_fee(integer(operation, "pips")?).map(|()| Map::new())
            }
            "set_hook" => {
                operation.expect_inputs(&["pips", "overrides"])?;
                if !self.pool.hooks_mut().set(integer(operation, "pips")?, operation.flag("overrides")?) {
                    return Err(operation.unknown());
                }
                Ok(Map::new())
            }
            _ => return Err(operation.unknown()),
        })
    }

    fn pool_state(&self) -> Value {
        let pool = &self.pool;
        let (growth, fees, balances) = (pool.fee_growth_global(), pool.protocol_fees(), pool.balances());
        json!({
            "sqrt_price_x96": pool.sqrt_price().unwrap_or_default().to_string(),
            "tick": pool.tick().unwrap_or_default(),
            "protocol_fee": pool.packed_protocol_fee(),
            "lp_fee": pool.lp_fee_pips(),
            "fee_growth_global0_x128": growth[0].to_string(),
            "fee_growth_global1_x128": growth[1].to_string(),
            "liquidity": pool.liquidity().to_string(),
            "protocol_fees0": fees[0].to_string(),
            "protocol_fees1": fees[1].to_string(),
            "balance0": balances[0].to_string(),
            "balance1": balances[1].to_string(),
        })
    }

    fn tick_state(&self, number: i32) -> Value {
        let tick = self.pool.tick_info(number);
        let growth = tick.map(Tick::fee_growth_outside).unwrap_or_default();
        json!({
            "tick": number,
            "liquidity_gross": tick.map_or(0, Tick::liquidity_gross).to_string(),
            "liquidity_net": tick.map_or(0, Tick::liquidity_net).to_string(),
            "fee_growth_outside0_x128": growth[0].to_string(),
            "fee_growth_outside1_x128": growth[1].to_string(),
        })
    }

    fn position_state(&self, key: &PositionKey) -> Value {
        let position = self.pool.position(key);
        let growth = position.fee_growth_inside_last();
        json!({
            "owner": key.owner.id(),
            "tick_lower": key.range.lower,
            "tick_upper": key.range.upper,
            "salt": key.salt,
            "liquidity": position.liquidity().to_string(),
            "fee_growth_inside0_last_x128": growth[0].to_string(),
            "fee_growth_inside1_last_x128": growth[1].to_string(),
        })
    }
}

impl<H: Recorded> Replayer for PoolReplayer<H> {
    fn run(&mut self, operation: &Operation<'_>) -> Result<Outcome, Fault> {
        self.touched = None;
        let before = self.pool.clone();
        match self.execute(operation)? {
            Ok(out) => Ok(Outcome::Passed(out)),
            Err(error) => {
                self.touched = None;
                if self.pool != before {
                    return Err(Fault::Malformed(format!("an error changed the pool: {error}")));
                }
                let name = error.v4_name();
                let name = name.ok_or_else(|| Fault::Malformed("an input is out of every contract's range".to_owned()))?;
                Ok(Outcome::Reverted(name.to_owned()))
            }
        }
    }

    fn state(&self) -> Option<Value> {
        let mut state = self.pool_state();
        if let (Some(key), Some(state)) = (self.touched, state.as_object_mut()) {
            state.insert("position".to_owned(), self.position_state(&key));
            state.insert("tick_lower".to_owned(), self.tick_state(key.range.lower));
            state.insert("tick_upper".to_owned(), self.tick_state(key.range.upper));
        }
        Some(state)
    }

    fn dump(&self) -> Option<Map<String, Value>> {
        let positions: Vec<_> = self.pool.positions().map(|(key, _)| self.position_state(key)).collect();
        let ticks: Vec<_> = self.pool.ticks().map(|(number, _)| self.tick_state(number)).collect();
        json!({ "state": self.pool_state(), "positions": positions, "ticks": ticks }).as_object().cloned()
    }
}
