//! What every family needs around its contracts: tokens, actors who have plenty of them, and a way to act.

use anyhow::{Context, Result, bail};
use revm::primitives::{Address, U256};
use serde_json::{Map, Value};

use crate::abi::{self, Argument};
use crate::artifacts::Artifacts;
use crate::evm::{Chain, Outcome};

/// The actor that governs.
pub const GOVERNOR: u32 = 99;

/// A chain with tokens and actors.
#[derive(Debug)]
pub struct Stage {
    /// The chain.
    pub chain: Chain,
    /// The tokens, by address.
    pub tokens: Vec<Address>,
    actors: Vec<(u32, Address)>,
}

/// One call of a transaction.
#[derive(Clone, Debug)]
pub struct Call {
    /// The contract.
    pub to: Address,
    /// Function and arguments.
    pub data: Vec<u8>,
}

impl Call {
    /// A call of the function with this signature.
    pub fn new(to: Address, signature: &str, arguments: &[Argument]) -> Self {
        Self { to, data: abi::call(signature, arguments) }
    }
}

/// What of an operation's effect is its result.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Nothing.
    Nothing,
    /// The words that the last call returns, by name.
    Words(&'static [&'static str]),
    /// The same, as signed numbers.
    Signed(&'static [&'static str]),
    /// The words that the last call returns, without names; as signed numbers if so marked.
    Unnamed {
        /// Whether the words are signed.
        signed: bool,
    },
    /// The lists that the last call returns, by name, and whether they are of signed numbers.
    Lists(&'static [(&'static str, bool)]),
    /// How many of each token the actor has gained, or lost, as one number or as a list.
    Change {
        /// Its name.
        name: &'static str,
        /// The tokens.
        tokens: Vec<Address>,
        /// Whether it is the loss that is told.
        lost: bool,
        /// Whether it is told as a list.
        list: bool,
    },
}

/// One operation, as the contract is told of it and as a trace writes it.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name in traces.
    pub name: &'static str,
    /// Who acts; nobody in particular asks a library.
    pub actor: Option<u32>,
    /// Its inputs as traces write them.
    pub inputs: Value,
    /// The calls of its transaction. Without an actor there is one, and it leaves no trace.
    pub calls: Vec<Call>,
    /// What its result is.
    pub answer: Answer,
}

/// What a step did: its result, or the reason of its revert.
pub type Performed = std::result::Result<Value, String>;

impl Stage {
    /// A stage with this many tokens and actors 1, 2 and so on, created by `bytecode` and `arguments`, besides the governor. Each actor
    /// has an equal part of all tokens, whose supply is 2^256 - 1.
    pub fn new(
        mut chain: Chain,
        artifacts: &Artifacts,
        (bytecode, arguments): (&[u8], &[Argument]),
        (tokens, actors): (usize, u32),
    ) -> Result<Self> {
        let token = artifacts.package("@uniswap/v2-core/build/ERC20.json")?;
        let mut tokens: Vec<Address> = (0..tokens).map(|_| chain.deploy(&token, &[U256::MAX.into()])).collect::<Result<_>>()?;
        tokens.sort_unstable();
        let mut stage = Self { chain, tokens, actors: Vec::new() };
        let fortune = U256::MAX / U256::from(actors + 1);
        for id in (1..=actors).chain([GOVERNOR]) {
            let actor = stage.chain.deploy(bytecode, arguments)?;
            stage.actors.push((id, actor));
            for token in stage.tokens.clone() {
                stage.prepare(token, "transfer(address,uint256)", &[actor.into(), fortune.into()])?;
            }
        }
        Ok(stage)
    }

    /// The address of an actor; of anybody else with an id, one that never acts.
    pub fn address(&self, id: u32) -> Address {
        let actor = self.actors.iter().find(|(actor, _)| *actor == id);
        actor.map_or_else(|| Address::from_word(U256::from(id).into()), |(_, address)| *address)
    }

    /// How many of a token somebody has.
    pub fn balance(&mut self, token: Address, of: Address) -> Result<U256> {
        self.chain.word(token, "balanceOf(address)", &[of.into()])
    }

    /// How many of each token somebody has.
    pub fn balances(&mut self, of: Address) -> Result<Vec<U256>> {
        self.tokens.clone().into_iter().map(|token| self.balance(token, of)).collect()
    }

    /// Sends a transaction that has to pass, on nobody's behalf. Returns the words it returned.
    pub fn prepare(&mut self, to: Address, signature: &str, arguments: &[Argument]) -> Result<Vec<U256>> {
        match self.chain.send(to, abi::call(signature, arguments))? {
            Outcome::Returned(answer) => abi::words(&answer),
            Outcome::Reverted(reason) => bail!("`{signature}` reverts while the stage is set: {reason}"),
        }
    }

    /// Lets an actor call something that has to pass. Returns the words it returned.
    pub fn prepare_as(&mut self, actor: u32, call: Call) -> Result<Vec<U256>> {
        match self.send(actor, &[call])? {
            Outcome::Returned(answer) => abi::words(&answer),
            Outcome::Reverted(reason) => bail!("actor {actor} reverts while the stage is set: {reason}"),
        }
    }

    fn send(&mut self, actor: u32, calls: &[Call]) -> Result<Outcome> {
        let targets: Vec<Address> = calls.iter().map(|call| call.to).collect();
        let data = calls.iter().map(|call| Argument::Bytes(call.data.clone())).collect();
        let run = abi::call("run(address[],bytes[])", &[targets.as_slice().into(), Argument::List(data)]);
        let actor = self.address(actor);
        self.chain.send(actor, run)
    }

    /// Performs a step.
    pub fn perform(&mut self, step: &Step) -> Result<Performed> {
        let before = self.holdings(step)?;
        let outcome = if let Some(actor) = step.actor {
            self.send(actor, &step.calls)?
        } else {
            let call = step.calls.first().context("a step without calls")?;
            self.chain.ask(call.to, call.data.clone())?
        };
        match outcome {
            Outcome::Reverted(reason) => Ok(Err(reason)),
            Outcome::Returned(answer) => {
                let after = self.holdings(step)?;
                result(&step.answer, &answer, &before, &after).map(Ok).with_context(|| format!("the result of {step:?}"))
            }
        }
    }

    /// What the actor has of the tokens that the step's result is told in.
    fn holdings(&mut self, step: &Step) -> Result<Vec<U256>> {
        let (Answer::Change { tokens, .. }, Some(actor)) = (&step.answer, step.actor) else { return Ok(Vec::new()) };
        let actor = self.address(actor);
        tokens.iter().map(|token| self.balance(*token, actor)).collect()
    }
}

fn result(answer: &Answer, bytes: &[u8], before: &[U256], after: &[U256]) -> Result<Value> {
    let text = |signed: bool, word: &U256| Value::String(if signed { abi::signed_text(*word) } else { word.to_string() });
    let named = |names: &[&str], signed: bool| -> Result<Value> {
        let words = abi::words(bytes)?;
        let named: Map<String, Value> =
            names.iter().zip(&words).map(|(name, word)| ((*name).to_owned(), text(signed, word))).collect();
        if named.len() == names.len() { Ok(Value::Object(named)) } else { bail!("{} words for {names:?}", words.len()) }
    };
    match answer {
        Answer::Nothing => Ok(Value::Object(Map::new())),
        Answer::Words(names) => named(names, false),
        Answer::Signed(names) => named(names, true),
        Answer::Unnamed { signed } => Ok(abi::words(bytes)?.iter().map(|word| text(*signed, word)).collect()),
        Answer::Lists(names) => {
            let words = abi::words(bytes)?;
            let list = |(index, (name, signed)): (usize, &(&str, bool))| -> Result<(String, Value)> {
                Ok(((*name).to_owned(), abi::list(&words, index)?.iter().map(|word| text(*signed, word)).collect()))
            };
            names.iter().enumerate().map(list).collect()
        }
        Answer::Change { name, lost, list, .. } => {
            let change = |(before, after): (&U256, &U256)| {
                let change = if *lost { before.checked_sub(*after) } else { after.checked_sub(*before) };
                change.with_context(|| format!("`{name}` goes the other way: from {before} to {after}"))
            };
            let changes = before.iter().zip(after).map(change).collect::<Result<Vec<U256>>>()?;
            let changes: Vec<Value> = changes.iter().map(|change| text(false, change)).collect();
            let value = if *list { Value::Array(changes) } else { changes.into_iter().next().context("a change of no token")? };
            Ok(Value::Object(Map::from_iter([((*name).to_owned(), value)])))
        }
    }
}
