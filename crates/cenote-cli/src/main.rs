//! The `cenote` command: run liquidity-pool studies.
//!
//! Exit status: 0 when all went well, 1 when something is wrong with the study or the machine, 2 for a command line that
//! cannot be understood, 130 after an interrupt.

mod args;
mod calibrate;
mod check;
mod events;
mod interrupt;
mod new;
mod number;
mod output;
mod progress;
mod replay;
mod run;
mod summary;
mod table;

use std::io;
use std::process::ExitCode;

use anyhow::Error;
use cenote_study::StudyError;
use clap::Parser;

use crate::args::{Cli, Command, RunArgs};

fn main() -> ExitCode {
    let outcome = match Cli::parse().command.unwrap_or_else(|| Command::Run(RunArgs::default())) {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::check(&args),
        Command::Calibrate(args) => calibrate::calibrate(&args),
        Command::New(args) => new::new(&args),
        Command::Replay(args) => replay::replay(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if stops_reading(&error) => ExitCode::SUCCESS,
        Err(error) if matches!(error.downcast_ref(), Some(StudyError::Interrupted)) => {
            output::complain(&error.to_string());
            ExitCode::from(interrupt::STATUS)
        }
        Err(error) => {
            output::complain(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Whether all that went wrong is that nobody reads on, as in `cenote check study.toml | head -3`.
fn stops_reading(error: &Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
