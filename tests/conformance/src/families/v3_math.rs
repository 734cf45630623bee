//! The libraries of Uniswap v3.

use anyhow::Result;
use revm::primitives::{Address, U256};
use serde_json::{Map, Value, json};

use super::{Family, text};
use crate::abi::{self, Argument};
use crate::artifacts::Artifacts;
use crate::evm::Chain;
use crate::random::Random;
use crate::stage::{Answer, Call, Stage, Step};

/// The last tick that has a price, either way.
const LAST_TICK: i32 = 887_272;

struct Libraries {
    stage: Stage,
    library: Address,
}

pub(super) fn deploy(artifacts: &Artifacts, _random: &mut Random) -> Result<Box<dyn Family>> {
    let actor = artifacts.compiled("Actor")?;
    let mut stage = Stage::new(Chain::new(1_700_000_000), artifacts, (&actor, &[]), (0, 0))?;
    let library = stage.chain.deploy(&artifacts.compiled("V3Math")?, &[])?;
    Ok(Box::new(Libraries { stage, library }))
}

impl Libraries {
    /// A square root price that a pool can have, anywhere from tick to tick.
    fn price(&mut self, random: &mut Random) -> Result<U256> {
        let tick = random.between(-LAST_TICK, LAST_TICK - 1);
        let mut at = |tick: i32| self.stage.chain.word(self.library, "getSqrtRatioAtTick(int24)", &[tick.into()]);
        let (low, high) = (at(tick)?, at(tick + 1)?);
        Ok(match random.below(8) {
            0 => random.word(160),
            1..4 => low,
            4 => low.saturating_sub(U256::from(1)),
            _ => low + random.part(high - low),
        })
    }

    /// A price that a swap may go to from `price`.
    fn next_to(&mut self, price: U256, random: &mut Random) -> Result<U256> {
        if random.one_in(3) {
            return self.price(random);
        }
        let distance = price >> usize::try_from(random.below(60)).unwrap_or(0);
        let moved = if random.one_in(2) { price.saturating_add(distance) } else { price.saturating_sub(distance) };
        Ok(moved.min(U256::MAX >> 96))
    }
}

/// A library's argument on both sides.
fn given(words: &[U256]) -> (Vec<Value>, Vec<Argument>) {
    words.iter().map(|word| (text(word), Argument::from(*word))).unzip()
}

impl Family for Libraries {
    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn header(&mut self) -> Result<Map<String, Value>> {
        Ok(Map::from_iter([("protocol".to_owned(), "v3-math".into())]))
    }

    fn next(&mut self, random: &mut Random) -> Result<Step> {
        let name = random.weighted(&[
            (6, "computeSwapStep"),
            (3, "getTickAtSqrtRatio"),
            (3, "getSqrtRatioAtTick"),
            (2, "mulDiv"),
            (2, "mulDivRoundingUp"),
            (2, "getAmount0Delta"),
            (2, "getAmount1Delta"),
            (2, "getNextSqrtPriceFromInput"),
            (2, "getNextSqrtPriceFromOutput"),
        ]);
        let price = self.price(random)?;
        let liquidity = random.word(128);
        let (types, (inputs, arguments)) = match name {
            "getTickAtSqrtRatio" => ("uint160", given(&[price])),
            "getSqrtRatioAtTick" => {
                let beyond = if random.one_in(8) { 3 } else { 0 };
                let tick = random.between(-LAST_TICK - beyond, LAST_TICK + beyond);
                ("int24", (vec![text(tick)], vec![tick.into()]))
            }
            "mulDiv" | "mulDivRoundingUp" => {
                let factors = [random.word(256), random.word(256)];
                let least = factors[0].bit_len() + factors[1].bit_len();
                let divisor = random.word(256) << least.saturating_sub(256 + 120).min(200);
                ("uint256,uint256,uint256", given(&[factors[0], factors[1], divisor]))
            }
            "getAmount0Delta" | "getAmount1Delta" => {
                let (mut inputs, mut arguments) = given(&[price, self.next_to(price, random)?, liquidity]);
                let up = random.one_in(2);
                inputs.push(up.into());
                arguments.push(up.into());
                ("uint160,uint160,uint128,bool", (inputs, arguments))
            }
            "computeSwapStep" => {
                let target = self.next_to(price, random)?;
                let (mut inputs, mut arguments) = given(&[price, target, liquidity]);
                let amount = random.word(255);
                let amount = if random.one_in(2) { amount.wrapping_neg() } else { amount };
                let fee = random.pick(&[0, 100, 500, 2500, 3000, 10_000, 999_999]);
                inputs.extend([Value::String(abi::signed_text(amount)), text(fee)]);
                arguments.extend([Argument::from(amount), Argument::from(fee)]);
                ("uint160,uint160,uint128,int256,uint24", (inputs, arguments))
            }
            _ => {
                let (mut inputs, mut arguments) = given(&[price, liquidity, random.word(256)]);
                let down = random.one_in(2);
                inputs.push(down.into());
                arguments.push(down.into());
                ("uint160,uint128,uint256,bool", (inputs, arguments))
            }
        };
        Ok(Step {
            name,
            actor: None,
            inputs: json!(inputs),
            calls: vec![Call::new(self.library, &format!("{name}({types})"), &arguments)],
            answer: Answer::Unnamed { signed: name == "getTickAtSqrtRatio" },
        })
    }

    fn state(&mut self, _passed: bool) -> Result<Option<Value>> {
        Ok(None)
    }
}
