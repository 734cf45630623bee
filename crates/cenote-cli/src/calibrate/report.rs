//! Fits for people, and as JSON.

use std::io::{self, Write};

use cenote_paths::PathError;
use cenote_paths::calibration::{Fit, Parameter, Parameters, PriceFit, PriceProcessKind, Quality, Unit, Warning};
use cenote_units::Symbol;
use serde_json::{Map, Value, json};

use super::paste::Shown;
use crate::number::grouped;
use crate::table::Table;

const CAVEAT: &str = "p-values are of parameters known beforehand; these were fitted to the same data, so true ones are smaller";

/// All fits, the best first.
pub(super) fn ranking(fits: &[PriceFit], refused: &[(PriceProcessKind, PathError)], out: &mut dyn Write) -> io::Result<()> {
    let header = ["process", "parameters", "log likelihood", "AIC", "BIC", "KS distance", "p-value"];
    let mut table = Table::new("Processes, by Schwarz's criterion (BIC): the smallest first", header);
    for fit in fits {
        let quality = fit.quality();
        table.row([
            fit.kind().name().to_owned(),
            quality.parameters.to_string(),
            grouped(quality.log_likelihood, 1),
            grouped(quality.aic(), 1),
            grouped(quality.bic(), 1),
            format!("{:.4}", quality.goodness.distance),
            p_value(quality.goodness.p_value),
        ]);
    }
    write!(out, "{table}")?;
    for fit in fits {
        for warning in fit.warnings() {
            writeln!(out, "{}: {warning}", fit.kind().name())?;
        }
    }
    for (kind, error) in refused {
        writeln!(out, "{} is not fitted: {error}", kind.name())?;
    }
    writeln!(out)
}

/// One fit of prices.
pub(super) fn price(fit: &PriceFit, initial: f64, numeraire: &Symbol, out: &mut dyn Write) -> io::Result<()> {
    body(fit.kind().name(), "returns", &fit.parameters(), fit.quality(), fit.warnings(), Some(numeraire), out)?;
    writeln!(out, "The last price is {initial} {numeraire}")
}

/// One fit of anything.
pub(super) fn fit<P: Parameters>(
    name: &str,
    observed: &str,
    fit: &Fit<P>,
    numeraire: Option<&Symbol>,
    out: &mut dyn Write,
) -> io::Result<()> {
    body(name, observed, &fit.parameters.list(), &fit.quality, &fit.warnings, numeraire, out)
}

fn body(
    name: &str,
    observed: &str,
    parameters: &[Parameter],
    quality: &Quality,
    warnings: &[Warning],
    numeraire: Option<&Symbol>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = format!("{name}, fitted to {} {observed}", grouped_count(quality.observations));
    let mut table = Table::new(title, ["parameter", "estimate", "standard error", "in"]);
    for Parameter { name, unit, estimate } in parameters {
        let shown = Shown::new(*estimate, *unit, numeraire.map_or("", Symbol::as_str));
        let decimals = shown.decimals(2);
        let error = if shown.error.is_finite() { grouped(shown.error, decimals) } else { "unknown".to_owned() };
        table.row([(*name).to_owned(), grouped(shown.value, decimals), error, in_words(*unit, &shown.suffix)]);
    }
    write!(out, "{table}")?;
    let (likelihood, aic, bic) = (grouped(quality.log_likelihood, 1), grouped(quality.aic(), 1), grouped(quality.bic(), 1));
    writeln!(out, "Log likelihood {likelihood}, AIC {aic}, BIC {bic}")?;
    let (distance, p) = (quality.goodness.distance, p_value(quality.goodness.p_value));
    writeln!(out, "Goodness of fit: Kolmogorov-Smirnov distance {distance:.4}, p-value {p} ({CAVEAT})")?;
    for warning in warnings {
        writeln!(out, "Careful: {warning}")?;
    }
    Ok(())
}

fn in_words(unit: Unit, suffix: &str) -> String {
    match unit {
        Unit::PerYear => "% per year".to_owned(),
        Unit::PerSqrtYear => "% per sqrt year".to_owned(),
        _ => suffix.trim().to_owned(),
    }
}

fn grouped_count(count: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a count of rows is far below 2^53")]
    let count = count as f64;
    grouped(count, 0)
}

fn p_value(p: f64) -> String {
    match p {
        p if p >= 0.001 => format!("{p:.3}"),
        p if p >= 1e-99 => format!("{p:.1e}"),
        _ => "below 1e-99".to_owned(),
    }
}

pub(super) fn json_of_price(fit: &PriceFit, toml: &str) -> Value {
    object(fit.kind().name(), &fit.parameters(), fit.quality(), fit.warnings(), toml)
}

pub(super) fn json_of_fit<P: Parameters>(name: &str, fit: &Fit<P>, toml: &str) -> Value {
    object(name, &fit.parameters.list(), &fit.quality, &fit.warnings, toml)
}

pub(super) fn json_of_quality(quality: &Quality) -> Value {
    json!({
        "observations": quality.observations,
        "log_likelihood": quality.log_likelihood,
        "aic": quality.aic(),
        "bic": quality.bic(),
        "kolmogorov_smirnov": { "distance": quality.goodness.distance, "p_value": quality.goodness.p_value },
    })
}

fn object(name: &str, parameters: &[Parameter], quality: &Quality, warnings: &[Warning], toml: &str) -> Value {
    let parameters: Map<String, Value> = parameters
        .iter()
        .map(|Parameter { name, unit, estimate }| {
            let unit = match unit {
                Unit::PerYear => "per year",
                Unit::PerSqrtYear => "per sqrt year",
                Unit::Fraction => "fraction",
                Unit::EventsPerYear => "events per year",
                Unit::Years => "years",
                Unit::Price => "price",
                Unit::Number => "number",
            };
            // What is not a number is null.
            ((*name).to_owned(), json!({ "value": estimate.value, "standard_error": estimate.standard_error, "unit": unit }))
        })
        .collect();
    let mut object = json!({ "process": name, "parameters": parameters });
    if let (Value::Object(object), Value::Object(quality)) = (&mut object, json_of_quality(quality)) {
        object.extend(quality);
        object.insert("warnings".to_owned(), warnings.iter().map(ToString::to_string).collect());
        object.insert("toml".to_owned(), toml.into());
    }
    object
}
