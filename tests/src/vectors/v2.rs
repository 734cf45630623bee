//! Uniswap v2 and PancakeSwap v1 and v2 pairs.

use cenote_amm::constant_product::{Pair, ProtocolFee, SwapFee, amount_in, amount_out, proportional};
use cenote_amm::{Exact, LiquidityError, Owner, SwapError, U256};
use serde_json::{Map, Value, json};

use super::{Fault, Operation, Outcome, Replayer};

/// Actors whose LP tokens the state lists: address 0, three traders, and the receiver of protocol fees.
const ACTORS: u32 = 5;
const FEE_TO: Owner = Owner::new(4);

struct PairReplayer {
    pair: Pair<Exact>,
    /// What stands before the pair's revert reasons.
    contract: &'static str,
}

/// A pair as the header describes it.
pub(super) fn new(header: &Map<String, Value>) -> Result<Box<dyn Replayer>, Fault> {
    let (fee, protocol_fee, contract) = match header["protocol"].as_str() {
        Some("v2") => (SwapFee::UNISWAP_V2, ProtocolFee::UNISWAP_V2, "UniswapV2"),
        Some("pancake-v1") => (SwapFee::PANCAKESWAP_V1, ProtocolFee::PANCAKESWAP_V1, "Pancake"),
        Some("pancake-v2") => (SwapFee::PANCAKESWAP_V2, ProtocolFee::PANCAKESWAP_V2, "Pancake"),
        other => return Err(Fault::Unknown(format!("protocol {other:?} of a pair"))),
    };
    for (name, ours) in [("fee_num", fee.numerator()), ("fee_den", fee.denominator())] {
        let theirs = header.get(name).unwrap_or(&Value::Null);
        if *theirs != ours {
            return Err(Fault::Differs { field: name.to_owned(), expected: theirs.to_string(), got: ours.to_string() });
        }
    }
    Ok(Box::new(PairReplayer { pair: Pair::new(fee, protocol_fee), contract }))
}

/// How an operation fails: on either side of the pair's interface.
enum Revert {
    Pair(Option<&'static str>),
    Library(Option<&'static str>),
}

impl From<SwapError> for Revert {
    fn from(error: SwapError) -> Self {
        Self::Pair(error.revert_code())
    }
}

impl From<LiquidityError> for Revert {
    fn from(error: LiquidityError) -> Self {
        Self::Pair(error.revert_code())
    }
}

/// A quote's answer, whose errors are the library's.
fn quoted(answer: Result<U256, SwapError>) -> Result<Map<String, Value>, Revert> {
    let amount = answer.map_err(|error| Revert::Library(error.revert_code()))?;
    Ok(fields([("amount", amount)]))
}

fn fields<const N: usize>(named: [(&str, U256); N]) -> Map<String, Value> {
    named.into_iter().map(|(name, amount)| (name.to_owned(), Value::String(amount.to_string()))).collect()
}

fn owner(id: u64) -> Result<Owner, Fault> {
    u32::try_from(id).map(Owner::new).map_err(|_| Fault::Malformed(format!("actor {id} is too large")))
}

impl PairReplayer {
    fn execute(&mut self, operation: &Operation<'_>) -> Result<Result<Map<String, Value>, Revert>, Fault> {
        let actor = operation.actor.ok_or_else(|| Fault::Malformed("the line lacks `actor`".to_owned()))?;
        let actor = owner(actor)?;
        let amount = |name: &str| operation.amount(name);
        let to = || owner(operation.number("to")?);
        let nothing = Map::new();
        Ok(match operation.name {
            "mint" => {
                operation.expect_inputs(&["to", "amount0", "amount1"])?;
                let minted = self.pair.mint(to()?, [amount("amount0")?, amount("amount1")?]);
                minted.map(|liquidity| fields([("liquidity", liquidity)])).map_err(Revert::from)
            }
            "burn" => {
                operation.expect_inputs(&["to", "liquidity"])?;
                let burned = self.pair.burn(actor, amount("liquidity")?);
                burned.map(|[amount0, amount1]| fields([("amount0", amount0), ("amount1", amount1)])).map_err(Revert::from)
            }
            "swap" => {
                operation.expect_inputs(&["to", "amount0_in", "amount1_in", "amount0_out", "amount1_out"])?;
                let paid = [amount("amount0_in")?, amount("amount1_in")?];
                let taken = [amount("amount0_out")?, amount("amount1_out")?];
                self.pair.swap(paid, taken).map(|_| nothing).map_err(Revert::from)
            }
            "donate" => {
                operation.expect_inputs(&["amount0", "amount1"])?;
                self.pair.donate([amount("amount0")?, amount("amount1")?]).map(|()| nothing).map_err(Revert::from)
            }
            "skim" => {
                operation.expect_inputs(&["to"])?;
                self.pair.skim();
                Ok(nothing)
            }
            "sync" => {
                operation.expect_inputs(&[])?;
                self.pair.sync().map(|()| nothing).map_err(Revert::from)
            }
            "lp_transfer" => {
                operation.expect_inputs(&["to", "value"])?;
                self.pair.transfer_lp(actor, to()?, amount("value")?).map(|()| nothing).map_err(Revert::from)
            }
            "set_fee_to" => {
                operation.expect_inputs(&["on"])?;
                self.pair.set_fee_to(operation.flag("on")?.then_some(FEE_TO));
                Ok(nothing)
            }
            "get_amount_out" | "get_amount_in" | "quote" => {
                operation.expect_inputs(&["amount", "reserve_in", "reserve_out"])?;
                let (given, reserve_in, reserve_out) = (amount("amount")?, amount("reserve_in")?, amount("reserve_out")?);
                let fee = self.pair.fee();
                quoted(match operation.name {
                    "get_amount_out" => amount_out::<Exact>(given, reserve_in, reserve_out, fee),
                    "get_amount_in" => amount_in::<Exact>(given, reserve_in, reserve_out, fee),
                    _ => proportional::<Exact>(given, reserve_in, reserve_out),
                })
            }
            _ => return Err(operation.unknown()),
        })
    }

    /// The whole reason: `SafeMath`'s stand alone, the others follow the contract's name.
    fn reason(&self, revert: &Revert) -> Result<String, Fault> {
        let (code, origin) = match revert {
            Revert::Pair(code) => (code, ""),
            Revert::Library(code) => (code, "Library"),
        };
        let code = code.ok_or_else(|| Fault::Malformed("an input is out of every contract's range".to_owned()))?;
        if code.is_empty() || code.starts_with("ds-math") {
            Ok(code.to_owned())
        } else {
            Ok(format!("{}{origin}: {code}", self.contract))
        }
    }
}

impl Replayer for PairReplayer {
    fn run(&mut self, operation: &Operation<'_>) -> Result<Outcome, Fault> {
        let time = operation.time.ok_or_else(|| Fault::Malformed("the line lacks `t`".to_owned()))?;
        if time < self.pair.block_timestamp() {
            return Err(Fault::Malformed(format!("time {time} is before that of the line above")));
        }
        self.pair.set_block_timestamp(time);
        match self.execute(operation)? {
            Ok(out) => Ok(Outcome::Passed(out)),
            Err(revert) => Ok(Outcome::Reverted(self.reason(&revert)?)),
        }
    }

    fn state(&self) -> Option<Value> {
        let pair = &self.pair;
        let text = |amount: U256| amount.to_string();
        let lp: Vec<String> = (0..ACTORS).map(|id| text(pair.lp().balance_of(Owner::new(id)))).collect();
        Some(json!({
            "reserve0": text(pair.reserves()[0]),
            "reserve1": text(pair.reserves()[1]),
            "block_timestamp_last": pair.block_timestamp_last().to_string(),
            "balance0": text(pair.balances()[0]),
            "balance1": text(pair.balances()[1]),
            "price0_cumulative": text(pair.price_cumulative()[0]),
            "price1_cumulative": text(pair.price_cumulative()[1]),
            "k_last": text(pair.k_last()),
            "total_supply": text(pair.lp().total_supply()),
            "lp": lp,
            "pair_lp": text(pair.lp().balance_of(Owner::POOL)),
        }))
    }
}
