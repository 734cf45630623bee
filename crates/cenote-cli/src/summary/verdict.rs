//! The answer in a sentence.

use cenote_study::PositionMetric;
use cenote_study::stats::{Estimate, Summary as Distribution};

use super::Summary;
use crate::number::{decimals, percent, probability};

impl Summary<'_> {
    /// For every position that is not itself a hold: how it fares against holding.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = String> {
        self.position_names().filter_map(|name| {
            let excess = self.position(name, PositionMetric::ExcessReturn)?;
            let is_hold = excess.min == 0.0 && excess.max == 0.0;
            (!is_hold && excess.mean.mean.is_finite()).then(|| verdict(name, excess, self.result.interval(&excess.mean)))
        })
    }
}

/// A mean whose 95% interval holds zero is not told from it.
fn verdict(name: &str, excess: &Distribution, (low, high): (f64, f64)) -> String {
    let often = probability(&excess.probability_positive);
    let Estimate { mean, standard_error } = excess.mean;
    let beats = format!("{name} beats holding in {often} of the paths");
    if standard_error.is_nan() {
        return beats;
    }
    let digits = decimals(100.0 * standard_error, 2, 2);
    let by = format!("{} ± {} of the deposit", percent(mean.abs(), digits), percent(standard_error, digits));
    let on_average = if low <= 0.0 && 0.0 <= high {
        format!("on average the two cannot be told apart (by {by})")
    } else if mean > 0.0 {
        format!("on average it is {by} ahead")
    } else {
        format!("on average it is {by} behind")
    };
    format!("{beats}; {on_average}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_how_sure_it_is() {
        let column = |shift: f64| (0..100).map(|i| f64::from(i % 2) / 100.0 + shift).collect::<Vec<f64>>();
        let of = |name, distribution: Distribution| verdict(name, &distribution, distribution.mean.interval());
        let sentence = |shift| of("full range", Distribution::of(&column(shift)));
        assert_eq!(
            sentence(0.001),
            "full range beats holding in 100% of the paths; on average it is 0.600% ± 0.050% of the deposit ahead."
        );
        assert_eq!(
            sentence(-0.0085),
            "full range beats holding in 50% of the paths; on average it is 0.350% ± 0.050% of the deposit behind."
        );
        assert_eq!(
            sentence(-0.0051),
            "full range beats holding in 50% of the paths; on average the two cannot be told apart (by 0.010% ± 0.050% of the deposit)."
        );
        assert_eq!(of("x", Distribution::of(&[0.1])), "x beats holding in 100% of the paths");
    }
}
