//! Runs the real contracts in an EVM beside Cenote's exact lane, operation by operation, and compares everything.
//!
//! The script `run` beside this package installs the contracts first. The program exits with 1 at the first difference.

mod abi;
mod artifacts;
mod evm;
mod families;
mod random;
mod runner;
mod sabotage;
mod stage;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::Parser;

use crate::artifacts::Artifacts;
use crate::families::{Entry, FAMILIES};
use crate::runner::{Options, Tally};

/// Runs the real contracts beside Cenote's exact lane and compares everything.
#[derive(Debug, Parser)]
#[command(name = "run")]
struct Arguments {
    /// Operations per family
    #[arg(long, default_value_t = 100_000)]
    operations: u64,
    /// Seed of all choices
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Run this episode only, as a difference names it
    #[arg(long)]
    episode: Option<u64>,
    /// Change one digit of what Cenote says after this many operations, which has to be found
    #[arg(long, value_name = "OPERATION")]
    sabotage: Option<u64>,
    /// Say how often each operation passed, and why it reverted
    #[arg(long)]
    verbose: bool,
    /// Families to run; all if none is named
    #[arg(value_parser = family)]
    families: Vec<Entry>,
}

fn family(name: &str) -> Result<Entry, String> {
    let names = || FAMILIES.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ");
    FAMILIES.iter().copied().find(|entry| entry.name == name).ok_or_else(|| format!("there is {}", names()))
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let artifacts = Artifacts::new(Path::new(env!("CARGO_MANIFEST_DIR")));
    let Arguments { operations, seed, episode, sabotage, .. } = arguments;
    let options = Options { operations, seed, episode, sabotage };
    let families = if arguments.families.is_empty() { FAMILIES.to_vec() } else { arguments.families };
    for entry in &families {
        #[allow(clippy::disallowed_methods, reason = "how long a run takes is for the reader, no result depends on it")]
        let start = Instant::now();
        let tally = runner::run(entry, &artifacts, &options)?;
        let Tally { operations, episodes, .. } = tally;
        println!(
            "{:<15} {operations:>9} operations, {:>7} of them reverts, {episodes:>5} deployments, {:>6.1} s: no difference",
            entry.name,
            tally.reverts(),
            start.elapsed().as_secs_f64()
        );
        if arguments.verbose {
            tell(&tally);
        }
    }
    Ok(())
}

fn tell(tally: &Tally) {
    for (name, count) in &tally.passed {
        println!("    {count:>8}  {name}");
    }
    for ((name, reason), count) in &tally.reverted {
        println!("    {count:>8}  {name} reverts: `{reason}`");
    }
}
