//! Traces of the real contracts, replayed against the exact lane.
//!
//! A trace is JSON lines: a header that names the protocol, then one line per operation with its inputs, its result and the whole
//! state after it. For every line the engine's own version of that line is built and the two are compared field by field, so a field
//! that is missing, unknown or different by one digit is a fault. One file per protocol family sits beside this one; [`REGISTRY`] names them.

mod aave_v3;
mod balancer;
mod curve;
mod erc4626;
mod masterchef;
mod masterchef_v3;
mod staking_rewards;
mod v2;
mod v3;
mod v3_math;
mod v4;

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use ruint::aliases::U256;
use serde_json::{Map, Value};

/// A pool, farm or library that operations of a trace can be run against.
pub trait Replayer {
    /// Runs one operation. A revert is an [`Outcome`]; an error means that the trace cannot be understood.
    ///
    /// # Errors
    /// The operation or one of its inputs is unknown or malformed.
    fn run(&mut self, operation: &Operation<'_>) -> Result<Outcome, Fault>;

    /// All state variables as the trace writes them; `None` for protocols without state.
    fn state(&self) -> Option<Value>;

    /// The whole engine as the trace's `dump` lines write it; `None` if the protocol has none.
    fn dump(&self) -> Option<Map<String, Value>> {
        None
    }
}

/// Makes a replayer from the trace's header.
pub type NewReplayer = fn(&Map<String, Value>) -> Result<Box<dyn Replayer>, Fault>;

/// The protocols that can be replayed.
pub const REGISTRY: &[(&str, NewReplayer)] = &[
    ("v2", v2::new),
    ("pancake-v1", v2::new),
    ("pancake-v2", v2::new),
    ("v3", v3::new),
    ("pancake-v3", v3::new),
    ("v3-math", v3_math::new),
    ("v4", v4::new),
    ("balancer-v2-math", balancer::new),
    ("balancer-v3-math", balancer::new),
    ("curve-susd", curve::new),
    ("curve2", curve::new),
    ("curve3", curve::new),
    ("curve-ng2", curve::new),
    ("curve-ng3", curve::new),
    ("masterchef", masterchef::new),
    ("pancake-masterchef-v3", masterchef_v3::new),
    ("staking-rewards", staking_rewards::new),
    ("aave-v3", aave_v3::new),
    ("erc4626", erc4626::new),
];

/// What an operation did.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It passed and returned these fields.
    Passed(Map<String, Value>),
    /// It passed and returned these values: a library's function, whose arguments have no names either.
    Returned(Vec<Value>),
    /// It reverted with this reason.
    Reverted(String),
}

/// One operation of a trace.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// Its name.
    pub name: &'a str,
    /// Unix seconds of its block, where the trace has times.
    pub time: Option<u64>,
    /// Number of its block, where the trace has numbers.
    pub block: Option<u64>,
    /// Who calls, where that matters.
    pub actor: Option<u64>,
    /// Its inputs in order, where they have no names; empty where they have.
    pub arguments: &'a [Value],
    inputs: &'a Map<String, Value>,
}

impl Operation<'_> {
    /// Refuses inputs other than these.
    ///
    /// # Errors
    /// An input is missing or unknown.
    pub fn expect_inputs(&self, names: &[&str]) -> Result<(), Fault> {
        for name in names {
            self.input(name)?;
        }
        match self.inputs.keys().find(|key| !names.contains(&key.as_str())) {
            Some(key) => Err(Fault::Unknown(format!("input `{key}` of operation `{}`", self.name))),
            None => Ok(()),
        }
    }

    /// The input `name`.
    ///
    /// # Errors
    /// It is missing.
    pub fn input(&self, name: &str) -> Result<&Value, Fault> {
        self.inputs.get(name).ok_or_else(|| Fault::Malformed(format!("operation `{}` lacks the input `{name}`", self.name)))
    }

    /// The input `name`, an amount: a decimal string.
    ///
    /// # Errors
    /// It is missing or no such string.
    pub fn amount(&self, name: &str) -> Result<U256, Fault> {
        let value = self.input(name)?;
        value
            .as_str()
            .and_then(|text| U256::from_str_radix(text, 10).ok().filter(|amount| amount.to_string() == text))
            .ok_or_else(|| Fault::Malformed(format!("input `{name}` is {value}, not a decimal amount in quotes")))
    }

    /// The input `name`, a small number.
    ///
    /// # Errors
    /// It is missing or no such number.
    pub fn number(&self, name: &str) -> Result<u64, Fault> {
        let value = self.input(name)?;
        value.as_u64().ok_or_else(|| Fault::Malformed(format!("input `{name}` is {value}, not a number")))
    }

    /// The input `name`, true or false.
    ///
    /// # Errors
    /// It is missing or neither.
    pub fn flag(&self, name: &str) -> Result<bool, Fault> {
        let value = self.input(name)?;
        value.as_bool().ok_or_else(|| Fault::Malformed(format!("input `{name}` is {value}, neither true nor false")))
    }

    /// The operation is not one of the protocol's.
    pub fn unknown(&self) -> Fault {
        Fault::Unknown(format!("operation `{}`", self.name))
    }
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Engine and trace differ.
    Differs {
        /// The field, `state.lp[1]` say.
        field: String,
        /// What the trace says.
        expected: String,
        /// What the engine says.
        got: String,
    },
    /// The trace says something this replayer does not know.
    Unknown(String),
    /// The trace breaks its own format.
    Malformed(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs { field, expected, got } => write!(f, "{field}: expected {expected}, got {got}"),
            Self::Unknown(what) => write!(f, "unknown {what}: add a replayer for it"),
            Self::Malformed(what) => write!(f, "malformed trace: {what}"),
        }
    }
}

/// A trace that does not replay: where, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceError {
    /// The file, or the folder.
    pub file: String,
    /// The line, counted from 1; 0 if it is not about a line.
    pub line: usize,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.fault)
    }
}

impl std::error::Error for TraceError {}

/// A trace that replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The protocol of its header.
    pub protocol: String,
    /// Each operation's line as the engine writes it.
    pub operations: Vec<Value>,
}

/// Every trace in `folder`, sorted by name.
///
/// # Errors
/// The folder cannot be read, or holds no trace.
pub fn traces_in(folder: &Path) -> Result<Vec<PathBuf>, TraceError> {
    let fail = |what: String| TraceError { file: folder.display().to_string(), line: 0, fault: Fault::Malformed(what) };
    let mut traces = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| fail(format!("the folder cannot be read: {error}")))? {
        let path = entry.map_err(|error| fail(error.to_string()))?.path();
        let unpacked = if is_packed(&path) { path.file_stem().map(Path::new) } else { Some(path.as_path()) };
        if unpacked.and_then(Path::extension) == Some(OsStr::new("jsonl")) {
            traces.push(path);
        }
    }
    traces.sort();
    if traces.is_empty() { Err(fail("the folder holds no .jsonl or .jsonl.gz file".to_owned())) } else { Ok(traces) }
}

fn is_packed(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("gz"))
}

/// The text of a trace, unpacked if its name ends in `.gz`.
///
/// # Errors
/// The file cannot be read.
pub fn read_trace(path: &Path) -> Result<String, TraceError> {
    let read = || -> std::io::Result<String> {
        let mut reader = BufReader::new(File::open(path)?);
        let mut text = String::new();
        if is_packed(path) {
            MultiGzDecoder::new(reader).read_to_string(&mut text)?;
        } else {
            reader.read_to_string(&mut text)?;
        }
        Ok(text)
    };
    read().map_err(|error| TraceError { file: path.display().to_string(), line: 0, fault: Fault::Malformed(error.to_string()) })
}

/// Replays a trace; `file` is its name in errors.
///
/// # Errors
/// The first line on which engine and trace differ, or that cannot be understood.
pub fn replay(file: &str, text: &str) -> Result<Replayed, TraceError> {
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let fail = |line: usize| move |fault: Fault| TraceError { file: file.to_owned(), line, fault };

    let (number, first) = lines.next().ok_or_else(|| fail(0)(Fault::Malformed("the file is empty".to_owned())))?;
    let header = object(first).map_err(fail(number))?;
    let (protocol, count, mut replayer) = open(&header).map_err(fail(number))?;

    let mut operations = Vec::new();
    let mut numbering = Numbering { announced: count, next: 0, widest_gap: 0 };
    let mut last = number;
    for (number, line) in lines {
        last = number;
        let line = object(line).map_err(fail(number))?;
        if line.contains_key("type") {
            numbering.accept_dump(line.get("i")).map_err(fail(number))?;
            check_dump(replayer.as_ref(), line).map_err(fail(number))?;
            continue;
        }
        let index = numbering.accept(line.get("i")).map_err(fail(number))?;
        let engine = engine_line(replayer.as_mut(), index, &line).map_err(fail(number))?;
        compare(&Value::Object(line), &engine).map_err(fail(number))?;
        operations.push(engine);
    }
    numbering.finish().map_err(fail(last))?;
    Ok(Replayed { protocol, operations })
}

/// The operations' numbers: they rise from 0 to one less than the header announces.
///
/// An operation that was drawn but could not be recorded leaves a gap, maybe at the very end. So a trace without gaps must be complete,
/// and one with gaps may end early by the widest of them.
struct Numbering {
    announced: u64,
    next: u64,
    widest_gap: u64,
}

impl Numbering {
    fn accept(&mut self, index: Option<&Value>) -> Result<u64, Fault> {
        let index = index.and_then(Value::as_u64).ok_or_else(|| Fault::Malformed("the line has no number `i`".to_owned()))?;
        if index < self.next || index >= self.announced {
            let (next, announced) = (self.next, self.announced);
            return Err(Fault::Malformed(format!("operation {index} is out of order: {next} or later is due, below {announced}")));
        }
        self.widest_gap = self.widest_gap.max(index - self.next);
        self.next = index + 1;
        Ok(index)
    }

    /// A dump is taken after the operation of its number, or at the very end.
    fn accept_dump(&self, index: Option<&Value>) -> Result<(), Fault> {
        let index = index.and_then(Value::as_u64);
        if index.is_some_and(|index| index + 1 >= self.next && index <= self.announced) {
            return Ok(());
        }
        Err(Fault::Malformed(format!("a dump numbered {index:?} is out of order: operation {} is due next", self.next)))
    }

    fn finish(&self) -> Result<(), Fault> {
        if self.next > 0 && self.next + self.widest_gap >= self.announced {
            return Ok(());
        }
        Err(Fault::Malformed(format!(
            "the header announces {} operations, the trace ends before number {}",
            self.announced, self.next
        )))
    }
}

/// The header's protocol, its number of operations and a replayer for it.
fn open(header: &Map<String, Value>) -> Result<(String, u64, Box<dyn Replayer>), Fault> {
    let field = |name: &str| header.get(name).unwrap_or(&Value::Null);
    if field("type") != "header" || field("format") != 1 {
        return Err(Fault::Unknown(format!("header of type {} and format {}", field("type"), field("format"))));
    }
    let protocol = field("protocol").as_str().ok_or_else(|| Fault::Malformed("the header names no protocol".to_owned()))?;
    let count = field("ops")
        .as_u64()
        .ok_or_else(|| Fault::Malformed("the header does not say how many operations there are".to_owned()))?;
    let (_, new) =
        REGISTRY.iter().find(|(name, _)| *name == protocol).ok_or_else(|| Fault::Unknown(format!("protocol `{protocol}`")))?;
    Ok((protocol.to_owned(), count, new(header)?))
}

fn object(line: &str) -> Result<Map<String, Value>, Fault> {
    serde_json::from_str(line).map_err(|error| Fault::Malformed(error.to_string()))
}

/// Runs the operation of `line` and writes the line that the engine would have recorded. Results in `line` are not looked at.
///
/// # Errors
/// The line cannot be understood.
pub fn engine_line(replayer: &mut dyn Replayer, index: u64, line: &Map<String, Value>) -> Result<Value, Fault> {
    let missing = |name: &str| Fault::Malformed(format!("the line lacks `{name}`, or it is of the wrong kind"));
    let given = line.get("in").ok_or_else(|| missing("in"))?;
    let unnamed = Map::new();
    let (inputs, arguments) = match given {
        Value::Object(inputs) => (inputs, [].as_slice()),
        Value::Array(arguments) => (&unnamed, arguments.as_slice()),
        _ => return Err(missing("in")),
    };
    let operation = Operation {
        name: line.get("op").and_then(Value::as_str).ok_or_else(|| missing("op"))?,
        time: line.get("t").and_then(Value::as_u64),
        block: line.get("block").and_then(Value::as_u64),
        actor: line.get("actor").and_then(Value::as_u64),
        arguments,
        inputs,
    };
    let outcome = replayer.run(&operation)?;

    let mut engine = Map::new();
    engine.insert("i".to_owned(), Value::from(index));
    if let Some(time) = operation.time {
        engine.insert("t".to_owned(), Value::from(time));
    }
    if let Some(block) = operation.block {
        engine.insert("block".to_owned(), Value::from(block));
    }
    engine.insert("op".to_owned(), Value::from(operation.name));
    if let Some(actor) = operation.actor {
        engine.insert("actor".to_owned(), Value::from(actor));
    }
    engine.insert("in".to_owned(), given.clone());
    match outcome {
        Outcome::Passed(out) => {
            engine.insert("ok".to_owned(), Value::Bool(true));
            engine.insert("out".to_owned(), Value::Object(out));
        }
        Outcome::Returned(out) => {
            engine.insert("ok".to_owned(), Value::Bool(true));
            engine.insert("out".to_owned(), Value::Array(out));
        }
        Outcome::Reverted(reason) => {
            engine.insert("ok".to_owned(), Value::Bool(false));
            engine.insert("revert".to_owned(), Value::String(reason));
        }
    }
    if let Some(state) = replayer.state() {
        engine.insert("state".to_owned(), state);
    }
    Ok(Value::Object(engine))
}

fn check_dump(replayer: &dyn Replayer, line: Map<String, Value>) -> Result<(), Fault> {
    let kind = line.get("type").cloned().unwrap_or_default();
    let mut dump = match replayer.dump() {
        Some(dump) if kind == "dump" => dump,
        _ => return Err(Fault::Unknown(format!("line of type {kind}"))),
    };
    dump.insert("type".to_owned(), kind);
    dump.insert("i".to_owned(), line.get("i").cloned().unwrap_or_default());
    compare(&Value::Object(line), &Value::Object(dump))
}

/// Compares a line of the trace with the engine's.
///
/// # Errors
/// The first field in which they differ, success or failure before reasons and amounts.
pub fn compare(expected: &Value, got: &Value) -> Result<(), Fault> {
    if let (Some(expected), Some(got)) = (expected.get("ok"), got.get("ok"))
        && expected != got
    {
        let reason = |line: &Value| line.get("revert").map_or(String::new(), |reason| format!(" ({reason})"));
        return Err(Fault::Differs {
            field: "ok".to_owned(),
            expected: expected.to_string(),
            got: format!("{got}{}", reason(got)),
        });
    }
    compare_at("", expected, got)
}

fn compare_at(field: &str, expected: &Value, got: &Value) -> Result<(), Fault> {
    let nothing = Value::Null;
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            for key in expected.keys().chain(got.keys().filter(|key| !expected.contains_key(*key))) {
                let at = if field.is_empty() { key.clone() } else { format!("{field}.{key}") };
                compare_at(&at, expected.get(key).unwrap_or(&nothing), got.get(key).unwrap_or(&nothing))?;
            }
            Ok(())
        }
        (Value::Array(expected), Value::Array(got)) if expected.len() == got.len() => expected
            .iter()
            .zip(got)
            .enumerate()
            .try_for_each(|(i, (expected, got))| compare_at(&format!("{field}[{i}]"), expected, got)),
        _ if expected == got => Ok(()),
        _ => Err(Fault::Differs { field: field.to_owned(), expected: expected.to_string(), got: got.to_string() }),
    }
}
