//! `cenote run`: thousands of paths, and what came out.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::anyhow;
use cenote_study::{RunOptions, Study, StudyError, StudyResult};
use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::args::{Cli, RunArgs};
use crate::interrupt;
use crate::output::{Output, print};
use crate::progress::Progress;
use crate::summary::Summary;

pub(crate) fn run(args: &RunArgs) -> anyhow::Result<()> {
    refuse_one_place_for_two(args);
    let study = args.input.load(&[("study.paths", args.paths.map(u64::from)), ("study.seed", args.seed)])?;
    for output in outputs(args) {
        output.check()?;
    }
    let interrupt = interrupt::flag()?;
    let result = {
        let progress = Progress::new(study.spec().paths, args.quiet);
        let options =
            RunOptions { audit: args.audit, interrupt: Some(interrupt.clone()), progress: Some(&|paths| progress.advance(paths)) };
        with_threads(args.threads, || study.run_with(&options))??
    };
    write(args, &study, &result, &interrupt)
}

/// Files first: they are what the run was for, and a table may break off when nobody reads on.
fn write(args: &RunArgs, study: &Study, result: &StudyResult, interrupt: &AtomicBool) -> anyhow::Result<()> {
    if interrupt.load(Ordering::Relaxed) {
        return Err(StudyError::Interrupted.into());
    }
    // The long one first: as long as it can be interrupted, nothing is written.
    if let Some(csv) = &args.csv {
        csv.write(interrupt, |out| result.csv(out))?;
    }
    if let Some(json) = &args.json {
        json.write(&AtomicBool::new(false), |out| write_json(result, out))?;
    }
    if args.quiet || outputs(args).any(|output| *output == Output::Stdout) {
        return Ok(());
    }
    print(|stdout| {
        write!(stdout, "{}", Summary { study, result })?;
        let notes = notes(args);
        if !notes.is_empty() {
            writeln!(stdout, "\n{}", notes.join("\n"))?;
        }
        Ok(())
    })
}

/// What else there is to say.
fn notes(args: &RunArgs) -> Vec<String> {
    let mut notes = Vec::new();
    if args.audit {
        notes.push("Audited: no token was created or lost on any path.".to_owned());
    }
    for (what, output) in [("Result", &args.json), ("All paths", &args.csv)] {
        notes.extend(output.as_ref().map(|output| format!("{what} in {output}")));
    }
    if args.input.study.is_none() {
        notes.push("This was the built-in study. For a copy of your own to change: cenote new".to_owned());
    }
    notes
}

fn write_json(result: &StudyResult, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &result.to_json())?;
    writeln!(out)
}

fn outputs(args: &RunArgs) -> impl Iterator<Item = &Output> {
    args.json.iter().chain(&args.csv)
}

/// Two results in one place would be none.
fn refuse_one_place_for_two(args: &RunArgs) {
    if args.json.is_some() && args.json == args.csv {
        let message = "--json and --csv have the same place to go to: give them two";
        Cli::command().error(ErrorKind::ArgumentConflict, message).exit();
    }
}

/// Do something on so many threads, 0 being all cores.
fn with_threads<T: Send>(threads: Option<u16>, work: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
    let Some(threads) = threads else { return Ok(work()) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build();
    pool.map(|pool| pool.install(work)).map_err(|error| anyhow!("cannot start {threads} threads: {error}"))
}
