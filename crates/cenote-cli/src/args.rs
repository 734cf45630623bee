//! The command line.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::anyhow;
use cenote_study::{PoolLane, Study};
use cenote_units::Symbol;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::new::BUILTIN;
use crate::output::Output;

/// Simulates liquidity pools: what providing liquidity brings, over thousands of possible futures.
///
/// Without a command it runs the built-in study: a year in an ETH/USDC pool.
#[derive(Debug, Parser)]
#[command(name = "cenote", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a study and show what came out
    Run(RunArgs),
    /// Check a study and print it with every default filled in
    Check(CheckArgs),
    /// Write a commented study to start from
    New(NewArgs),
    /// Run one path of a study again and show its numbers
    Replay(ReplayArgs),
    /// Fit processes to a file of prices, or of times of events, and print what to paste into a study
    Calibrate(CalibrateArgs),
}

#[derive(Debug, Args, Default)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Run this many paths: the same as --set study.paths=N
    #[arg(long, value_name = "N", value_parser = whole::<u32>)]
    pub(crate) paths: Option<u32>,
    /// Draw from this seed: the same as --set study.seed=S
    #[arg(long, value_name = "S", value_parser = whole::<u64>)]
    pub(crate) seed: Option<u64>,
    /// Use this many threads; 0 for all cores. The numbers are the same for any
    // A thousand threads start in a moment; a hundred thousand would keep the machine busy with starting them.
    #[arg(long, value_name = "T", value_parser = clap::value_parser!(u16).range(0..=1024))]
    pub(crate) threads: Option<u16>,
    /// Write the whole result as JSON into this file, or to standard output instead of the tables
    #[arg(long, value_name = "FILE|-")]
    pub(crate) json: Option<Output>,
    /// Write every number of every path as CSV into this file, or to standard output instead of the tables
    #[arg(long, value_name = "FILE|-")]
    pub(crate) csv: Option<Output>,
    /// Follow every token in a ledger and stop at the first that is created or lost (slower)
    #[arg(long)]
    pub(crate) audit: bool,
    /// Show neither tables nor progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The study file; - for standard input
    #[arg(value_name = "STUDY.toml")]
    pub(crate) study: PathBuf,
    /// Change a value of the study, for example pools.main.fee=5bp
    #[arg(long = "set", value_name = "KEY.PATH=VALUE")]
    pub(crate) overrides: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// Name of the study: NAME.toml is written, never over an older one; - prints it
    #[arg(default_value = "study")]
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    #[command(flatten)]
    pub(crate) input: Input,
    /// Which path, counted from 0
    #[arg(long, value_name = "I", value_parser = whole::<u32>)]
    pub(crate) path: u32,
    /// Draw from this seed: the same as --set study.seed=S
    #[arg(long, value_name = "S", value_parser = whole::<u64>)]
    pub(crate) seed: Option<u64>,
    /// In which arithmetic. With exact both lanes run, and their difference is shown
    #[arg(long, value_enum, default_value_t = Lane::Fast)]
    pub(crate) lane: Lane,
    /// Write every event of the path into this file, one JSON object per line
    #[arg(long, value_name = "FILE.jsonl")]
    pub(crate) events: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CalibrateArgs {
    /// A CSV file with a header and a column of times
    #[arg(value_name = "FILE.csv")]
    pub(crate) file: PathBuf,
    /// Fit this process: gbm, merton, ou, exp-ou, garch, regime-switching; hawkes for times of events. Without it, all processes of
    /// prices are fitted and ranked
    #[arg(long, value_name = "NAME", value_enum, hide_possible_values = true)]
    pub(crate) process: Option<ProcessName>,
    /// The column of prices, if it is neither close nor price; for hawkes that of times
    #[arg(long, value_name = "NAME")]
    pub(crate) column: Option<String>,
    /// The token that prices are in
    #[arg(long, value_name = "SYMBOL", default_value = "USDC")]
    pub(crate) numeraire: Symbol,
    /// Write the fits as JSON into this file, or to standard output instead of the tables
    #[arg(long, value_name = "FILE|-")]
    pub(crate) json: Option<Output>,
}

/// What can be calibrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProcessName {
    Gbm,
    Merton,
    Ou,
    ExpOu,
    Garch,
    RegimeSwitching,
    Hawkes,
}

#[derive(Debug, Args, Default)]
pub(crate) struct Input {
    /// The study file; - for standard input, nothing for the built-in study
    #[arg(value_name = "STUDY.toml")]
    pub(crate) study: Option<PathBuf>,
    /// Change a value of the study, for example pools.main.fee=5bp
    #[arg(long = "set", value_name = "KEY.PATH=VALUE")]
    overrides: Vec<String>,
}

impl Input {
    /// The study, with what the options behind `keys` say about it.
    pub(crate) fn load(&self, options: &[(&str, Option<u64>)]) -> anyhow::Result<Study> {
        let options = options.iter().filter_map(|(key, value)| value.map(|value| format!("{key}={value}")));
        let overrides: Vec<String> = self.overrides.iter().cloned().chain(options).collect();
        match &self.study {
            Some(file) => load(file, &overrides),
            None => Ok(Study::parse(BUILTIN, "the built-in study", &borrowed(&overrides))?),
        }
    }
}

/// Read a study from a file or, named `-`, from standard input.
pub(crate) fn load(file: &Path, overrides: &[String]) -> anyhow::Result<Study> {
    if file != "-" {
        return Ok(Study::load(file, &borrowed(overrides))?);
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|error| anyhow!("cannot read standard input: {error}"))?;
    Ok(Study::parse(&text, "standard input", &borrowed(overrides))?)
}

fn borrowed(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// Which arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lane {
    /// Floating point
    Fast,
    /// The integers of the deployed contracts
    Exact,
}

impl Lane {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Exact => "exact",
        }
    }
}

impl From<Lane> for PoolLane {
    fn from(lane: Lane) -> Self {
        match lane {
            Lane::Fast => Self::Fast,
            Lane::Exact => Self::Exact,
        }
    }
}

/// A whole number, spelled as in a study file: `10_000`.
fn whole<T: FromStr>(text: &str) -> Result<T, T::Err> {
    text.replace('_', "").parse()
}
