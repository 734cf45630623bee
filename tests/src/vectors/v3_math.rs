//! The libraries of Uniswap v3, function by function.

use cenote_amm::concentrated::swap_math::{StepRequest, StepRule};
use cenote_amm::concentrated::{ConcentratedError, full_math, sqrt_price_math, swap_math, tick_math};
use cenote_amm::{OneForZero, SwapKind, U256, ZeroForOne};
use serde_json::{Map, Value};

use super::v3::signed;
use super::{Fault, Operation, Outcome, Replayer};

struct Libraries;

/// The libraries have no state.
#[allow(clippy::unnecessary_wraps, reason = "one of many ways to make a replayer, others of which fail")]
pub(super) fn new(_header: &Map<String, Value>) -> Result<Box<dyn Replayer>, Fault> {
    Ok(Box::new(Libraries))
}

/// The arguments of a call.
struct Arguments<'a>(&'a [Value]);

impl Arguments<'_> {
    fn at(&self, index: usize) -> Result<&Value, Fault> {
        self.0.get(index).ok_or_else(|| Fault::Malformed(format!("argument {index} is missing")))
    }

    fn signed(&self, index: usize) -> Result<(bool, U256), Fault> {
        signed(self.at(index)?)
    }

    fn word(&self, index: usize) -> Result<U256, Fault> {
        match self.signed(index)? {
            (false, word) => Ok(word),
            (true, word) => Err(Fault::Malformed(format!("argument {index} is negative: -{word}"))),
        }
    }

    /// A square root price, of which the library's interface takes 160 bits.
    fn price(&self, index: usize) -> Result<U256, Fault> {
        let [a, b, c, _] = *self.word(index)?.as_limbs();
        Ok(U256::from_limbs([a, b, c & u64::from(u32::MAX), 0]))
    }

    fn small<N: TryFrom<U256>>(&self, index: usize) -> Result<N, Fault> {
        N::try_from(self.word(index)?).map_err(|_| Fault::Malformed(format!("argument {index} is too large")))
    }

    fn tick(&self, index: usize) -> Result<i32, Fault> {
        let value = self.at(index)?;
        let tick = value.as_str().and_then(|text| text.parse().ok().filter(|tick: &i32| tick.to_string() == text));
        tick.ok_or_else(|| Fault::Malformed(format!("argument {index} is {value}, no tick")))
    }

    fn flag(&self, index: usize) -> Result<bool, Fault> {
        self.at(index)?.as_bool().ok_or_else(|| Fault::Malformed(format!("argument {index} is neither true nor false")))
    }

    fn count(&self, count: usize) -> Result<(), Fault> {
        if self.0.len() == count {
            Ok(())
        } else {
            Err(Fault::Malformed(format!("{count} arguments are due, {} came", self.0.len())))
        }
    }
}

fn one(word: U256) -> Vec<String> {
    vec![word.to_string()]
}

fn call(name: &str, arguments: &Arguments<'_>) -> Result<Option<Result<Vec<String>, ConcentratedError>>, Fault> {
    let a = arguments;
    let direction = |index| Ok(if a.flag(index)? { ZeroForOne } else { OneForZero });
    let rounding = |index| Ok(if a.flag(index)? { sqrt_price_math::Rounding::Up } else { sqrt_price_math::Rounding::Down });
    let (count, result) = match name {
        "mulDiv" => (3, full_math::mul_div(a.word(0)?, a.word(1)?, a.word(2)?).map(one)),
        "mulDivRoundingUp" => (3, full_math::mul_div_rounding_up(a.word(0)?, a.word(1)?, a.word(2)?).map(one)),
        "getSqrtRatioAtTick" => (1, tick_math::sqrt_price_at_tick(a.tick(0)?).map(one)),
        "getTickAtSqrtRatio" => (1, tick_math::tick_at_sqrt_price(a.price(0)?).map(|tick| vec![tick.to_string()])),
        "getAmount0Delta" => (4, sqrt_price_math::amount0_delta(a.price(0)?, a.price(1)?, a.small(2)?, rounding(3)?).map(one)),
        "getAmount1Delta" => (4, sqrt_price_math::amount1_delta(a.price(0)?, a.price(1)?, a.small(2)?, rounding(3)?).map(one)),
        "getNextSqrtPriceFromInput" => {
            (4, sqrt_price_math::next_sqrt_price_from_input(a.price(0)?, a.small(1)?, a.word(2)?, direction(3)?).map(one))
        }
        "getNextSqrtPriceFromOutput" => {
            (4, sqrt_price_math::next_sqrt_price_from_output(a.price(0)?, a.small(1)?, a.word(2)?, direction(3)?).map(one))
        }
        "computeSwapStep" => {
            let (negative, remaining) = a.signed(3)?;
            let request = StepRequest {
                sqrt_price: a.price(0)?,
                target: a.price(1)?,
                liquidity: a.small(2)?,
                kind: if negative { SwapKind::ExactOut } else { SwapKind::ExactIn },
                remaining,
                fee_pips: a.small(4)?,
            };
            let step = swap_math::swap_step(&request, StepRule::V3);
            (5, step.map(|step| [step.sqrt_price, step.amount_in, step.amount_out, step.fee].map(|word| word.to_string()).to_vec()))
        }
        _ => return Ok(None),
    };
    a.count(count)?;
    Ok(Some(result))
}

impl Replayer for Libraries {
    fn run(&mut self, operation: &Operation<'_>) -> Result<Outcome, Fault> {
        operation.expect_inputs(&[])?;
        let result = call(operation.name, &Arguments(operation.arguments))?.ok_or_else(|| operation.unknown())?;
        Ok(match result {
            Ok(words) => Outcome::Returned(words.into_iter().map(Value::String).collect()),
            Err(error) => {
                let code = error.revert_code();
                let code = code.ok_or_else(|| Fault::Malformed("an input is out of the library's range".to_owned()))?;
                Outcome::Reverted(code.to_owned())
            }
        })
    }

    fn state(&self) -> Option<Value> {
        None
    }
}
