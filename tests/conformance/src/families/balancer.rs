//! The mathematics of Balancer's weighted pools, v2 and v3.

use anyhow::Result;
use revm::primitives::{Address, U256};
use serde_json::{Map, Value, json};

use super::{Family, text};
use crate::abi::Argument;
use crate::artifacts::Artifacts;
use crate::evm::Chain;
use crate::random::{Random, scale};
use crate::stage::{Answer, Call, Stage, Step};

/// One, in these contracts.
const ONE: u64 = 1_000_000_000_000_000_000;
/// What both versions have.
const FUNCTIONS: &[(u64, &str)] = &[
    (8, "outGivenIn"),
    (6, "inGivenOut"),
    (3, "powDown"),
    (3, "powUp"),
    (1, "mulDown"),
    (1, "mulUp"),
    (1, "divDown"),
    (1, "divUp"),
    (3, "invariant"),
];
const FUNCTIONS_V2: &[(u64, &str)] = &[
    (4, "bptOutGivenExactTokensIn"),
    (3, "bptInGivenExactTokensOut"),
    (3, "tokenInGivenExactBptOut"),
    (3, "tokenOutGivenExactBptIn"),
];
const FUNCTIONS_V3: &[(u64, &str)] = &[(3, "invariantUp"), (4, "balanceOutGivenInvariant")];
/// The errors of v3's libraries.
const ERRORS: &[&str] = &[
    "MaxOutRatio()",
    "MaxInRatio()",
    "ZeroInvariant()",
    "ZeroDivision()",
    "BaseOutOfBounds()",
    "ExponentOutOfBounds()",
    "ProductOutOfBounds()",
    "InvalidExponent()",
    "OutOfBounds()",
];

struct Mathematics {
    protocol: &'static str,
    functions: Vec<(u64, &'static str)>,
    stage: Stage,
    library: Address,
}

pub(super) fn v2(artifacts: &Artifacts, _random: &mut Random) -> Result<Box<dyn Family>> {
    deploy("balancer-v2-math", "BalancerV2Math", FUNCTIONS_V2, artifacts)
}

pub(super) fn v3(artifacts: &Artifacts, _random: &mut Random) -> Result<Box<dyn Family>> {
    deploy("balancer-v3-math", "BalancerV3Math", FUNCTIONS_V3, artifacts)
}

fn deploy(
    protocol: &'static str,
    contract: &str,
    functions: &[(u64, &'static str)],
    artifacts: &Artifacts,
) -> Result<Box<dyn Family>> {
    let actor = artifacts.compiled("Actor")?;
    let mut stage = Stage::new(Chain::new(1_700_000_000), artifacts, (&actor, &[]), (0, 0))?;
    stage.chain.name_errors(ERRORS);
    let library = stage.chain.deploy(&artifacts.compiled(contract)?, &[])?;
    let functions = [FUNCTIONS, functions].concat();
    Ok(Box::new(Mathematics { protocol, functions, stage, library }))
}

/// Inputs as a trace writes them beside the arguments of the call.
#[derive(Default)]
struct Given {
    inputs: Vec<Value>,
    arguments: Vec<Argument>,
    types: Vec<&'static str>,
}

impl Given {
    fn words(mut self, words: &[U256]) -> Self {
        for word in words {
            self.inputs.push(text(word));
            self.arguments.push((*word).into());
            self.types.push("uint256");
        }
        self
    }

    fn list(mut self, words: &[U256]) -> Self {
        self.inputs.push(words.iter().map(text).collect());
        self.arguments.push(words.into());
        self.types.push("uint256[]");
        self
    }
}

/// Weights of 2 to 8 tokens, 1 % or more each, that sum to one.
fn weights(random: &mut Random) -> Vec<U256> {
    let count = 2 + random.below(7);
    let parts: Vec<u64> = (0..count).map(|_| if random.one_in(3) { 1 } else { 1 + random.below(100) }).collect();
    let least = ONE / 100;
    let (free, sum) = (ONE - least * count, parts.iter().sum());
    let mut weights: Vec<U256> = parts.iter().map(|part| scale(U256::from(free), *part, sum) + U256::from(least)).collect();
    let rest = U256::from(ONE) - weights.iter().fold(U256::ZERO, |sum, weight| sum + weight);
    weights[0] += rest;
    weights
}

/// A balance of a size that pools have, rarely of any other.
fn balance(random: &mut Random) -> U256 {
    if random.one_in(20) { random.word(256) } else { random.word(112).max(U256::from(1)) }
}

/// Something about one.
fn ratio(random: &mut Random) -> U256 {
    match random.below(8) {
        0 => U256::from(ONE),
        1 => random.word(100),
        2 => random.word(256),
        3 | 4 => U256::from(ONE - random.below(ONE / 10)),
        _ => U256::from(ONE + random.below(ONE * 2)),
    }
}

fn exponent(random: &mut Random) -> U256 {
    match random.below(8) {
        0 => U256::from(ONE),
        1 => U256::from(ONE * random.pick(&[2, 4, 3])),
        2 => random.word(80),
        3 => random.word(256),
        _ => U256::from(random.below(ONE * 3)),
    }
}

fn given(name: &str, random: &mut Random) -> Given {
    let given = Given::default();
    let weights = weights(random);
    match name {
        "outGivenIn" | "inGivenOut" => {
            let balances = [balance(random), balance(random)];
            let limit = if name == "outGivenIn" { balances[0] } else { balances[1] };
            let amount = match random.below(10) {
                0 => random.near(limit, 256),
                1 => scale(limit, 3, 10) + random.word(1),
                _ => random.part(scale(limit, 3, 10)),
            };
            given.words(&[balances[0], weights[0], balances[1], weights[1], amount])
        }
        "powDown" | "powUp" => given.words(&[ratio(random), exponent(random)]),
        "mulDown" | "mulUp" | "divDown" | "divUp" => {
            let bits = random.pick(&[128, 192, 256]);
            given.words(&[random.word(bits), random.word(bits)])
        }
        "invariant" | "invariantUp" => {
            let none = if random.one_in(30) { U256::ZERO } else { U256::MAX };
            let balances: Vec<U256> = weights.iter().map(|_| balance(random).min(none)).collect();
            given.list(&weights).list(&balances)
        }
        "balanceOutGivenInvariant" => given.words(&[balance(random), weights[0], ratio(random)]),
        "tokenInGivenExactBptOut" | "tokenOutGivenExactBptIn" => {
            let supply = balance(random);
            let amount = if random.one_in(10) { random.near(supply, 256) } else { random.part(scale(supply, 6, 10)) };
            given.words(&[balance(random), weights[0], amount, supply, fee(random)])
        }
        _ => {
            let balances: Vec<U256> = weights.iter().map(|_| balance(random)).collect();
            let joins = name == "bptOutGivenExactTokensIn";
            let amounts: Vec<U256> = balances
                .iter()
                .map(|balance| match random.below(6) {
                    0 | 1 => U256::ZERO,
                    2 if joins => random.near(*balance, 200),
                    3 => random.part(*balance),
                    _ => random.part(scale(*balance, 1, 5)),
                })
                .collect();
            given.list(&balances).list(&weights).list(&amounts).words(&[balance(random), fee(random)])
        }
    }
}

/// A swap fee that the pools allow: 0.0001 % to 10 %, or none.
fn fee(random: &mut Random) -> U256 {
    if random.one_in(8) { U256::ZERO } else { U256::from(random.below(ONE / 10) + ONE / 1_000_000) }
}

impl Family for Mathematics {
    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn header(&mut self) -> Result<Map<String, Value>> {
        Ok(Map::from_iter([("protocol".to_owned(), self.protocol.into())]))
    }

    fn next(&mut self, random: &mut Random) -> Result<Step> {
        let name = random.weighted(&self.functions);
        let Given { inputs, arguments, types } = given(name, random);
        Ok(Step {
            name,
            actor: None,
            inputs: json!(inputs),
            calls: vec![Call::new(self.library, &format!("{name}({})", types.join(",")), &arguments)],
            answer: Answer::Unnamed { signed: false },
        })
    }

    fn state(&mut self, _passed: bool) -> Result<Option<Value>> {
        Ok(None)
    }
}
