//! `cenote calibrate`: parameters from a file of prices, or of times of events.

mod paste;
mod report;

use std::fs::File;
use std::io::{BufReader, Write};
use std::sync::atomic::AtomicBool;

use anyhow::anyhow;
use cenote_paths::calibration::{EventTimes, Fit, HawkesParameters, PriceFit, PriceProcessKind, Returns, fit_hawkes, fit_poisson};
use cenote_paths::history::read_times;
use cenote_paths::{PathError, PriceHistory};
use serde_json::{Value, json};

use crate::args::{CalibrateArgs, ProcessName};
use crate::number::percent;
use crate::output::{Output, print};

/// The share of steps without any move from which on likelihoods mean little.
const MANY_UNMOVED: f64 = 0.1;

pub(crate) fn calibrate(args: &CalibrateArgs) -> anyhow::Result<()> {
    let kind = match args.process {
        Some(ProcessName::Hawkes) => return events(args),
        Some(ProcessName::Gbm) => Some(PriceProcessKind::Gbm),
        Some(ProcessName::Merton) => Some(PriceProcessKind::Merton),
        Some(ProcessName::Ou) => Some(PriceProcessKind::Ou),
        Some(ProcessName::ExpOu) => Some(PriceProcessKind::ExpOu),
        Some(ProcessName::Garch) => Some(PriceProcessKind::Garch),
        Some(ProcessName::RegimeSwitching) => Some(PriceProcessKind::RegimeSwitching),
        None => None,
    };
    let history = PriceHistory::read_csv(open(args)?, args.column.as_deref()).map_err(|error| about(args, &error))?;
    let returns = Returns::new(&history).map_err(|error| about(args, &error))?;
    let mut fits = Vec::new();
    let mut refused = Vec::new();
    for candidate in PriceProcessKind::ALL.into_iter().filter(|candidate| kind.is_none_or(|kind| kind == *candidate)) {
        match candidate.fit(&returns) {
            Ok(fit) => fits.push(fit),
            Err(error) => refused.push((candidate, error)),
        }
    }
    fits.sort_by(|a, b| a.quality().bic().total_cmp(&b.quality().bic()));
    let Some(best) = fits.first() else {
        // The first is the simplest process.
        let reason = refused.first().map_or_else(String::new, |(_, error)| error.to_string());
        return Err(anyhow!("{}: {reason}", args.file.display()));
    };
    let initial = returns.last_price();
    let toml = |fit: &PriceFit| paste::price(fit, initial, &args.numeraire);
    if let Some(output) = &args.json {
        let value = json!({
            "cenote": env!("CARGO_PKG_VERSION"),
            "file": args.file.display().to_string(),
            "rows": history.report().rows(),
            "interval": history.interval().to_string(),
            "gaps": history.report().gaps(),
            "missing": history.report().missing(),
            "last_price": initial,
            "unmoved": returns.unmoved(),
            "fits": fits.iter().map(|fit| report::json_of_price(fit, &toml(fit))).collect::<Vec<_>>(),
            "refused": refused.iter().map(|(kind, error)| json!({ "process": kind.name(), "reason": error.to_string() })).collect::<Vec<_>>(),
        });
        write_json(output, &value)?;
        if *output == Output::Stdout {
            return Ok(());
        }
    }
    print(|out| {
        writeln!(out, "{}: {}\n", args.file.display(), history.report())?;
        if returns.unmoved() > MANY_UNMOVED {
            let share = percent(returns.unmoved(), 0);
            writeln!(
                out,
                "Careful: in {share} of its steps the price did not move at all. Prices on a coarse grid have no density:"
            )?;
            writeln!(out, "take likelihoods, criteria and what they rank with a grain of salt\n")?;
        }
        if kind.is_none() {
            report::ranking(&fits, &refused, out)?;
        }
        report::price(best, initial, &args.numeraire, out)?;
        writeln!(out, "\nTo paste into [tokens.NAME]:\n\n{}", toml(best))
    })
}

fn events(args: &CalibrateArgs) -> anyhow::Result<()> {
    let times = read_times(open(args)?, args.column.as_deref()).map_err(|error| about(args, &error))?;
    let events = EventTimes::new(&times).map_err(|error| about(args, &error))?;
    let (fit, poisson) = (fit_hawkes(&events), fit_poisson(&events));
    let toml = paste::arrivals(&fit.parameters);
    if let Some(output) = &args.json {
        let value = json!({
            "cenote": env!("CARGO_PKG_VERSION"),
            "file": args.file.display().to_string(),
            "events": times.len(),
            "ties": events.ties(),
            "fits": [report::json_of_fit("hawkes", &fit, &toml)],
            "poisson": report::json_of_quality(&poisson.quality),
        });
        write_json(output, &value)?;
        if *output == Output::Stdout {
            return Ok(());
        }
    }
    print(|out| {
        let [first, .., last] = &times[..] else { return Ok(()) };
        writeln!(out, "{}: {} events from {first} to {last}\n", args.file.display(), times.len())?;
        write_events(&events, &fit, out)?;
        let gain = poisson.quality.bic() - fit.quality.bic();
        writeln!(out, "A Poisson process of the same rate: BIC {:.1}, {:+.1} against this", poisson.quality.bic(), gain)?;
        writeln!(out, "\nTo paste into [[agents]]:\n\n{toml}")
    })
}

fn write_events(events: &EventTimes, fit: &Fit<HawkesParameters>, out: &mut dyn Write) -> std::io::Result<()> {
    report::fit("hawkes", "events after the first", fit, None, out)?;
    if events.ties() > 0 {
        let seconds = events.resolution() * 31_536_000.0;
        writeln!(out, "{} events have the time of the one before: each group is spread over {seconds} s", events.ties())?;
    }
    Ok(())
}

fn open(args: &CalibrateArgs) -> anyhow::Result<BufReader<File>> {
    let shown = args.file.display();
    File::open(&args.file).map(BufReader::new).map_err(|error| anyhow!("cannot read {shown}: {error}"))
}

/// An error with the file it is about.
fn about(args: &CalibrateArgs, error: &PathError) -> anyhow::Error {
    anyhow!("{}: {error}", args.file.display())
}

fn write_json(output: &Output, value: &Value) -> anyhow::Result<()> {
    output.write(&AtomicBool::new(false), |out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        writeln!(out)
    })
}
