//! Numbers for people: as many digits as the error bars support.

use cenote_study::stats::Estimate;

/// More decimals than this nobody reads.
const MOST_DECIMALS: usize = 8;

/// How many decimals show `digits` significant digits of an uncertainty; `otherwise` where there is none.
pub(crate) fn decimals(uncertainty: f64, digits: usize, otherwise: usize) -> usize {
    // From 9.5 on two digits are shown, rounded: 10.
    let enough = match digits {
        0 | 1 => 0.95,
        _ => 9.5,
    };
    let mut scaled = uncertainty;
    for decimals in 0..=MOST_DECIMALS {
        if scaled >= enough {
            return decimals;
        }
        scaled *= 10.0;
    }
    otherwise
}

/// A number with this many decimals and with commas between thousands: `-12,345.60`.
pub(crate) fn grouped(x: f64, decimals: usize) -> String {
    if !x.is_finite() {
        return if x.is_nan() { "n/a".to_owned() } else { x.to_string() };
    }
    let text = format!("{:.decimals$}", x.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::new();
    // What is shown as zero has no sign.
    if x < 0.0 && text.contains(|c: char| c.is_ascii_digit() && c != '0') {
        out.push('-');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// The same with a plus before what is above zero.
pub(crate) fn signed(x: f64, decimals: usize) -> String {
    let text = grouped(x, decimals);
    let positive = x > 0.0 && text.contains(|c: char| c.is_ascii_digit() && c != '0');
    if positive { format!("+{text}") } else { text }
}

/// A fraction in percent.
pub(crate) fn percent(x: f64, decimals: usize) -> String {
    with_unit(100.0 * x, decimals, "%")
}

/// A number directly followed by its unit, if it is a number.
fn with_unit(x: f64, decimals: usize, unit: &str) -> String {
    let text = grouped(x, decimals);
    if x.is_nan() { text } else { text + unit }
}

/// A mean with its standard error, two digits of which are shown: `1.23% ± 0.45%`. `scale` turns the mean into `unit`.
pub(crate) fn estimate(estimate: &Estimate, scale: f64, unit: &str) -> String {
    let (mean, error) = (scale * estimate.mean, scale * estimate.standard_error);
    let known = decimals(error, 2, usize::MAX);
    if known == usize::MAX {
        // Nothing varies, or there is a single path: nothing to say about the error.
        let plain = if unit.is_empty() && mean.fract() == 0.0 { 0 } else { 2 };
        return with_unit(mean, plain, unit);
    }
    format!("{} ± {}", with_unit(mean, known, unit), with_unit(error, known, unit))
}

/// A probability in percent, with no more digits than its standard error allows.
pub(crate) fn probability(estimate: &Estimate) -> String {
    percent(estimate.mean, decimals(100.0 * estimate.standard_error, 1, 0))
}

/// A level such as 0.05 as `5%`.
pub(crate) fn level(probability: f64) -> String {
    let text = format!("{:.6}", 100.0 * probability);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A large count in words: `26.1 million`.
pub(crate) fn in_words(x: f64) -> String {
    match x {
        x if x >= 1e9 => format!("{} billion", grouped(x / 1e9, 2)),
        x if x >= 1e6 => format!("{} million", grouped(x / 1e6, 1)),
        x => grouped(x, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let cases = [
            (0.0, 0, "0"),
            (999.0, 0, "999"),
            (1000.0, 0, "1,000"),
            (-1_234_567.891, 2, "-1,234,567.89"),
            (999_999.5, 0, "1,000,000"),
            (-0.004, 2, "0.00"),
            (0.1, 3, "0.100"),
            (f64::NAN, 2, "n/a"),
            (f64::INFINITY, 2, "inf"),
        ];
        for (x, decimals, text) in cases {
            assert_eq!(grouped(x, decimals), text);
        }
        assert_eq!((signed(12.0, 0), signed(-12.0, 0), signed(0.2, 0)), ("+12".into(), "-12".into(), "0".into()));
    }

    #[test]
    fn the_error_says_how_many_digits() {
        let text = |mean, standard_error, scale, unit| estimate(&Estimate { mean, standard_error }, scale, unit);
        assert_eq!(text(0.003_507, 0.004_01, 100.0, "%"), "0.35% ± 0.40%");
        assert_eq!(text(-475.753, 412.2, 1.0, ""), "-476 ± 412");
        assert_eq!(text(8850.287, 5.62, 1.0, ""), "8,850.3 ± 5.6");
        assert_eq!(text(1.0, 0.0996, 1.0, ""), "1.00 ± 0.10");
        assert_eq!(text(0.5, 0.0, 100.0, "%"), "50.00%");
        assert_eq!(text(0.5, f64::NAN, 100.0, "%"), "50.00%");
        assert_eq!(text(3.0, 0.0, 1.0, ""), "3");
        assert_eq!(text(f64::NAN, f64::NAN, 100.0, "%"), "n/a");
        // Rounding is no spread.
        assert_eq!(text(0.5, 1e-17, 100.0, "%"), "50.00%");
    }

    #[test]
    fn levels_are_plain() {
        assert_eq!([0.05, 0.5, 0.07, 0.001, 0.999].map(level), ["5%", "50%", "7%", "0.1%", "99.9%"]);
        assert_eq!([999.0, 26.04e6, 1.234e9].map(in_words), ["999", "26.0 million", "1.23 billion"]);
    }
}
