//! Runs a family's contract and the exact lane side by side and compares them after every operation.
//!
//! An operation becomes the line that a trace of the contract would have for it. The exact lane writes its own version of that line,
//! just as when recorded traces are replayed, and the two have to be equal: result or reason, and the whole state after it.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Result, anyhow, ensure};
use cenote_tests::vectors::{self, Fault, REGISTRY, Replayer};
use serde_json::{Map, Value};

use crate::artifacts::Artifacts;
use crate::families::{Entry, Family};
use crate::random::Random;
use crate::sabotage::change_a_digit;

/// Operations on one deployment, before the next one starts afresh with other parameters.
const EPISODE: u64 = 500;
/// Operations between two comparisons of the whole engine.
const DUMP_EVERY: u64 = 25;
/// One operation in this many has to pass, or the run says nothing.
const PASSING: u64 = 4;

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many operations.
    pub operations: u64,
    /// The seed of all choices.
    pub seed: u64,
    /// Only this episode.
    pub episode: Option<u64>,
    /// After this many operations a digit of what Cenote says is changed.
    pub sabotage: Option<u64>,
}

/// What was run.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many operations.
    pub operations: u64,
    /// How many deployments.
    pub episodes: u64,
    /// How many times each operation passed.
    pub passed: BTreeMap<&'static str, u64>,
    /// How many times each operation reverted for each reason.
    pub reverted: BTreeMap<(&'static str, String), u64>,
}

impl Tally {
    /// How many operations reverted.
    pub fn reverts(&self) -> u64 {
        self.reverted.values().sum()
    }
}

/// Contract and Cenote differ: all that is needed to see it again.
#[derive(Clone, Debug)]
pub struct Difference {
    family: &'static str,
    seed: u64,
    episode: u64,
    index: u64,
    what: String,
    header: Value,
    contract: Value,
    cenote: Value,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { family, seed, episode, index, what, .. } = self;
        let part = |line: &Value, key: &str| line.get(key).map_or_else(String::new, Value::to_string);
        writeln!(f, "{family}: contract and Cenote differ\n")?;
        writeln!(f, "  what       {what}")?;
        writeln!(f, "  seed       {seed}, episode {episode}, operation {index} of it")?;
        writeln!(f, "  again      tests/conformance/run --seed {seed} --episode {episode} {family}")?;
        writeln!(f, "  pool       {}", self.header)?;
        writeln!(f, "  operation  {} {}", part(&self.contract, "op"), part(&self.contract, "in"))?;
        writeln!(f, "  contract   {}", self.contract)?;
        write!(f, "  Cenote     {}", self.cenote)
    }
}

impl std::error::Error for Difference {}

/// Runs a family.
///
/// # Errors
/// A [`Difference`], or what keeps the contract from being run.
pub fn run(entry: &Entry, artifacts: &Artifacts, options: &Options) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut episode = options.episode.unwrap_or(0);
    while tally.operations < options.operations {
        let operations = EPISODE.min(options.operations - tally.operations);
        Episode::new(entry, artifacts, options, episode)?.play(operations, &mut tally)?;
        tally.episodes += 1;
        if options.episode.is_some() {
            break;
        }
        episode += 1;
    }
    let passed: u64 = tally.passed.values().sum();
    ensure!(
        tally.operations < EPISODE || passed >= tally.operations / PASSING,
        "{}: only {passed} of {} operations pass: that shows too little",
        entry.name,
        tally.operations
    );
    Ok(tally)
}

/// One deployment on both sides.
struct Episode<'a> {
    entry: &'a Entry,
    options: &'a Options,
    number: u64,
    header: Map<String, Value>,
    family: Box<dyn Family>,
    replayer: Box<dyn Replayer>,
    random: Random,
}

impl<'a> Episode<'a> {
    fn new(entry: &'a Entry, artifacts: &Artifacts, options: &'a Options, number: u64) -> Result<Self> {
        let name = entry.name.bytes().fold(0, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        let mut random = Random::new(&[options.seed, name, number]);
        let mut family = (entry.deploy)(artifacts, &mut random)?;
        let header = family.header()?;
        let protocol = header.get("protocol").and_then(Value::as_str).unwrap_or_default();
        let (_, new) =
            REGISTRY.iter().find(|(name, _)| *name == protocol).ok_or_else(|| anyhow!("`{protocol}` cannot be replayed"))?;
        let replayer = new(&header).map_err(|fault| anyhow!("{}: Cenote refuses {header:?}: {fault}", entry.name))?;
        Ok(Self { entry, options, number, header, family, replayer, random })
    }

    fn play(&mut self, operations: u64, tally: &mut Tally) -> Result<()> {
        for index in 0..operations {
            let pause = self.random.pause();
            let time = self.family.stage().chain.time() + pause;
            self.family.stage().chain.set_time(time);
            let step = self.family.next(&mut self.random)?;
            let performed = self.family.stage().perform(&step)?.map_err(|reason| self.family.reason(reason));

            let mut line = Map::new();
            line.insert("i".to_owned(), index.into());
            line.insert("op".to_owned(), step.name.into());
            if let Some(actor) = step.actor {
                line.insert("t".to_owned(), time.into());
                line.insert("actor".to_owned(), actor.into());
            }
            line.insert("in".to_owned(), step.inputs.clone());
            line.insert("ok".to_owned(), performed.is_ok().into());
            let passed = performed.is_ok();
            match performed {
                Ok(result) => {
                    *tally.passed.entry(step.name).or_default() += 1;
                    line.insert("out".to_owned(), result);
                }
                Err(reason) => {
                    *tally.reverted.entry((step.name, reason.clone())).or_default() += 1;
                    line.insert("revert".to_owned(), reason.into());
                }
            }
            if let Some(state) = self.family.state(passed)? {
                line.insert("state".to_owned(), state);
            }
            tally.operations += 1;
            self.compare(index, line, self.options.sabotage == Some(tally.operations))?;
            let last = index + 1 == operations || self.family.is_stuck();
            if (index + 1) % DUMP_EVERY == 0 || last {
                self.compare_whole(index)?;
            }
            if last {
                break;
            }
        }
        Ok(())
    }

    fn difference(&self, index: u64, what: String, contract: Value, cenote: Value) -> Box<Difference> {
        let Self { entry, options, number, header, .. } = self;
        let header = Value::Object(header.clone());
        Box::new(Difference { family: entry.name, seed: options.seed, episode: *number, index, what, header, contract, cenote })
    }

    /// Compares one operation.
    fn compare(&mut self, index: u64, line: Map<String, Value>, sabotage: bool) -> Result<(), Box<Difference>> {
        let answer = catch_unwind(AssertUnwindSafe(|| vectors::engine_line(self.replayer.as_mut(), index, &line)));
        let contract = Value::Object(line);
        let mut cenote = match answer {
            Ok(Ok(cenote)) => cenote,
            Ok(Err(fault)) => return Err(self.difference(index, fault.to_string(), contract, Value::Null)),
            Err(_) => return Err(self.difference(index, "Cenote panics".to_owned(), contract, Value::Null)),
        };
        if sabotage {
            change_a_digit(&mut cenote, &mut self.random);
        }
        vectors::compare(&contract, &cenote).map_err(|fault| self.difference(index, told(&fault), contract, cenote))
    }

    /// Compares everything there is.
    fn compare_whole(&mut self, index: u64) -> Result<()> {
        let Some(contract) = self.family.dump()? else { return Ok(()) };
        let cenote = self.replayer.dump().map_or(Value::Null, Value::Object);
        Ok(vectors::compare(&contract, &cenote).map_err(|fault| self.difference(index, told(&fault), contract, cenote))?)
    }
}

fn told(fault: &Fault) -> String {
    match fault {
        Fault::Differs { field, expected, got } => format!("{field}: the contract says {expected}, Cenote {got}"),
        other => other.to_string(),
    }
}
