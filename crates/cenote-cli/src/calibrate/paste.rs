//! Fits in the spelling of study files.

use cenote_paths::calibration::{Estimate, HawkesParameters, Parameters, PriceFit, Unit};
use cenote_units::Symbol;

/// A line for `[tokens.NAME]`.
pub(super) fn price(fit: &PriceFit, initial: f64, numeraire: &Symbol) -> String {
    let value = |estimate, unit| spelled(estimate, unit, numeraire);
    let initial = format!("\"{initial} {numeraire}\"");
    let name = fit.kind().name();
    let PriceFit::RegimeSwitching(switching) = fit else {
        let mut fields = vec![format!("process = \"{name}\""), format!("initial = {initial}")];
        if let PriceFit::Garch(garch) = fit {
            fields.push(format!("interval = \"{}\"", garch.parameters.interval));
        }
        let mut jumps = Vec::new();
        for parameter in fit.parameters() {
            let value = value(parameter.estimate, parameter.unit);
            match parameter.name.strip_prefix("jumps.") {
                Some(name) => jumps.push(format!("{name} = {value}")),
                None => fields.push(format!("{} = {value}", parameter.name)),
            }
        }
        if !jumps.is_empty() {
            fields.push(format!("jumps = {{ {} }}", jumps.join(", ")));
        }
        let fields = fields.join(", ");
        return format!("price = {{ {fields} }}");
    };
    let parameters = &switching.parameters;
    let drift = value(parameters.log_drift, Unit::PerYear);
    let regime = |name: &str, regime: &cenote_paths::calibration::RegimeParameters, other: &str| {
        let (volatility, switches) = (value(regime.volatility, Unit::PerSqrtYear), value(regime.switches, Unit::EventsPerYear));
        format!("{name} = {{ log_drift = {drift}, volatility = {volatility}, to = {{ {other} = {switches} }} }}")
    };
    let start = if parameters.wild_at_the_end > 0.5 { "wild" } else { "calm" };
    let (calm, wild) = (regime("calm", &parameters.calm, "wild"), regime("wild", &parameters.wild, "calm"));
    format!("price = {{ process = \"{name}\", initial = {initial}, start = \"{start}\", regimes = {{ {calm}, {wild} }} }}")
}

/// A line for `[[agents]]`.
pub(super) fn arrivals(parameters: &HawkesParameters) -> String {
    let fields: Vec<String> = parameters
        .list()
        .iter()
        .map(|parameter| format!("{} = {}", parameter.name, text(parameter.estimate, parameter.unit, "")))
        .collect();
    format!("arrivals = {{ process = \"hawkes\", {} }}", fields.join(", "))
}

/// An estimate as TOML, with three digits of its standard error.
fn spelled(estimate: Estimate, unit: Unit, numeraire: &Symbol) -> String {
    text(estimate, unit, numeraire.as_str())
}

fn text(estimate: Estimate, unit: Unit, symbol: &str) -> String {
    let shown = Shown::new(estimate, unit, symbol);
    let number = Shown::cut(shown.value, shown.decimals(3));
    if unit == Unit::Number { number } else { format!("\"{number}{}\"", shown.suffix) }
}

/// An estimate in the unit that people write it in.
pub(super) struct Shown {
    pub(super) value: f64,
    pub(super) error: f64,
    /// What comes behind the number.
    pub(super) suffix: String,
}

impl Shown {
    pub(super) fn new(estimate: Estimate, unit: Unit, symbol: &str) -> Self {
        let Estimate { value, standard_error } = estimate;
        let (scale, suffix) = match unit {
            Unit::PerYear | Unit::PerSqrtYear | Unit::Fraction => (100.0, "%".to_owned()),
            Unit::EventsPerYear if value >= 730.0 => (1.0 / 365.0, " per day".to_owned()),
            Unit::EventsPerYear => (1.0, " per year".to_owned()),
            Unit::Years => {
                let seconds = value * 31_536_000.0;
                let (unit, length) = match seconds {
                    s if s < 120.0 => ("s", 1.0),
                    s if s < 7_200.0 => ("min", 60.0),
                    s if s < 172_800.0 => ("h", 3_600.0),
                    _ => ("d", 86_400.0),
                };
                (31_536_000.0 / length, unit.to_owned())
            }
            Unit::Price => (1.0, format!(" {symbol}")),
            Unit::Number => (1.0, String::new()),
        };
        Self { value: value * scale, error: standard_error * scale, suffix }
    }

    /// Decimals that show so many digits of the standard error; of the value, where there is none.
    pub(super) fn decimals(&self, digits: i32) -> usize {
        let (size, digits) =
            if self.error > 0.0 && self.error.is_finite() { (self.error, digits) } else { (self.value.abs(), digits + 2) };
        if size <= 0.0 {
            return 0;
        }
        // Durations are whole nanoseconds: nine decimals of any unit of theirs are.
        (0..9_i32).find(|&decimals| size * 10_f64.powi(decimals) >= 10_f64.powi(digits - 1) * 0.9995).map_or(9, i32::unsigned_abs)
            as usize
    }

    /// Cut off, not rounded: what has to stay below one does.
    fn cut(value: f64, decimals: usize) -> String {
        let exact = format!("{value:.*}", decimals + 8);
        let kept = exact.len() - if decimals == 0 { 9 } else { 8 };
        let kept = &exact[..kept];
        if kept.contains('.') { kept.trim_end_matches('0').trim_end_matches('.').to_owned() } else { kept.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: f64, standard_error: f64, unit: Unit) -> String {
        text(Estimate { value, standard_error }, unit, "USDC")
    }

    #[test]
    fn as_many_digits_as_the_error_supports() {
        assert_eq!(shown(0.673_456_789, 0.002_93, Unit::PerSqrtYear), "\"67.345%\"");
        assert_eq!(shown(-0.123_456, 0.66, Unit::PerYear), "\"-12.3%\"");
        assert_eq!(shown(283.345, 21.5, Unit::EventsPerYear), "\"283.3 per year\"");
        assert_eq!(shown(1234.567 * 365.0, 3000.0, Unit::EventsPerYear), "\"1234.56 per day\"");
        assert_eq!(shown(5.0 / 8760.0, 0.1 / 8760.0, Unit::Years), "\"5h\"");
        assert_eq!(shown(3.456 / 365.0, 0.25 / 365.0, Unit::Years), "\"3.456d\"");
        assert_eq!(shown(1.000_234_5, 0.000_012_3, Unit::Price), "\"1.0002345 USDC\"");
        assert_eq!(shown(0.929_999_9, 0.001, Unit::Number), "0.92999");
        assert_eq!(shown(0.5, f64::NAN, Unit::Fraction), "\"50%\"");
        assert_eq!(shown(1_234_567.8, 1e5, Unit::Price), "\"1234567 USDC\"");
    }
}
