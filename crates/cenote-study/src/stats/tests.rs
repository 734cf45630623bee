//! Estimators against closed forms and reference distributions. Statistical tests use fixed seeds and |z| <= 4.

#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]

use statrs::distribution::{Binomial, DiscreteCDF};

use super::*;

/// Normal deviates for tests: `SplitMix64` and Box-Muller.
struct Normals(u64);

impl Normals {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 * (-53f64).exp2() + (-54f64).exp2()
    }

    fn column(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()).collect()
    }
}

fn z(estimate: f64, expected: f64, standard_error: f64) -> f64 {
    (estimate - expected).abs() / standard_error
}

#[test]
fn ranks_are_those_of_the_theory_case() {
    // mc-quantile-ci
    for (n, lower, upper, coverage) in [(1_000, 37, 65, 0.958_095_268_222_654_9), (10_000, 458, 544, 0.951_528_054_654_335_1)] {
        let ranks = Ranks::new(n, 0.05, 0.05);
        assert_eq!((ranks.lower(), ranks.upper()), (lower, upper));
        assert!((ranks.coverage() / coverage - 1.0).abs() < 1e-9, "{}", ranks.coverage());
    }
}

#[test]
fn ranks_agree_with_a_reference_binomial() {
    for n in [2_u64, 3, 10, 57, 100, 999, 4_096] {
        for p in [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999] {
            let binomial = Binomial::new(p, n).unwrap();
            let ranks = Ranks::new(n as usize, p, 0.05);
            let lower = (0..=n).find(|k| binomial.cdf(*k) >= 0.025).unwrap().clamp(1, n);
            let upper = ((0..=n).find(|k| binomial.cdf(*k) >= 0.975).unwrap() + 1).clamp(1, n);
            assert_eq!((ranks.lower() as u64, ranks.upper() as u64), (lower, upper), "n {n}, p {p}");
        }
    }
}

#[test]
fn ranks_of_many_paths_are_near_the_normal_approximation() {
    let ranks = Ranks::new(1_000_000, 0.5, 0.05);
    // 500,000 -+ 1.96 x 500
    assert_eq!((ranks.lower(), ranks.upper()), (499_020, 500_981));
    let ranks = Ranks::new(u32::MAX as usize, 0.5, 0.05);
    assert!((ranks.coverage() - 0.95).abs() < 1e-4);
}

#[test]
fn the_interval_holds_its_point_for_every_sample_size() {
    let mut normals = Normals(5);
    for n in 1..=300 {
        let summary = Summary::of(&normals.column(n));
        for q in &summary.quantiles {
            assert!(q.low <= q.value && q.value <= q.high, "n {n}: {q:?}");
        }
    }
}

#[test]
fn quantiles_are_order_statistics() {
    // numpy.quantile([1, 2, 4, 8], [0.25, 0.5, 0.75, 0.95], method="inverted_cdf") = [1, 2, 4, 8]
    let summary = Summary::of(&[8.0, 1.0, 4.0, 2.0]);
    let value = |p| summary.quantile(p).unwrap().value;
    assert_eq!([value(0.25), value(0.5), value(0.75), value(0.95)], [1.0, 2.0, 4.0, 8.0]);
    assert_eq!((summary.min, summary.max), (1.0, 8.0));
    let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
    let levels = Levels::new(&[0.07, 0.29, 0.57]).unwrap();
    let summary = Summarizer::new(100, &levels).summarize(&hundred);
    let values: Vec<f64> = summary.quantiles.iter().map(|q| q.value).collect();
    assert_eq!(values, [7.0, 29.0, 57.0]);
}

#[test]
fn a_normal_tail_has_the_known_shortfall_and_error() {
    // mc-es-se: n Var = Var((q - X)+) / a^2
    let (es, variance_times_n) = (-2.062_712_807_507_426, 6.079_049_931_376_505);
    let n = 400_000;
    let summary = Summary::of(&Normals(11).column(n));
    let tail = summary.shortfall(0.05).unwrap();
    assert!(z(tail.value, es, tail.standard_error) <= 4.0, "{tail:?}");
    let expected: f64 = (variance_times_n / n as f64).sqrt();
    assert!((tail.standard_error / expected - 1.0).abs() < 0.02, "{} {expected}", tail.standard_error);
    // The 1% tail: phi(2.3263) / 0.01.
    let tail = summary.shortfall(0.01).unwrap();
    assert!(z(tail.value, -2.665_214_220_345_808, tail.standard_error) <= 4.0, "{tail:?}");
    assert!(z(summary.mean.mean, 0.0, summary.mean.standard_error) <= 4.0);
    assert!((summary.standard_deviation - 1.0).abs() < 4.0 / (2.0 * n as f64).sqrt());
}

#[test]
fn the_reported_errors_are_the_spread_of_the_estimates() {
    // 400 samples of 2,000: the spread of each estimator over the samples against the error that it reports.
    let mut normals = Normals(13);
    let (mut tails, mut errors, mut covered) = (Vec::new(), Vec::new(), 0);
    for _ in 0..400 {
        let summary = Summary::of(&normals.column(2_000));
        let tail = summary.shortfall(0.05).unwrap();
        tails.push(tail.value);
        errors.push(tail.standard_error);
        let q = summary.quantile(0.05).unwrap();
        covered += usize::from(q.low <= -1.644_853_626_951_472_7 && -1.644_853_626_951_472_7 <= q.high);
    }
    let spread = Moments::of(&tails).standard_deviation();
    let reported = Estimate::of(&errors).mean;
    // A standard deviation of 400 values is known to 3.5%: z <= 4.
    assert!((spread / reported - 1.0).abs() < 0.14, "{spread} {reported}");
    // Coverage 0.953 of Binomial(2000, 0.05): 400 samples, z <= 4.
    assert!((covered as f64 / 400.0 - 0.953).abs() < 4.0 * (0.953 * 0.047 / 400.0_f64).sqrt(), "{covered}");
}

#[test]
fn the_tail_of_a_constant_product_position_is_that_of_the_theory_case() {
    // gbm-lp-tail: V = sqrt(S), S a driftless geometric Brownian motion of 80% over a year.
    let (q05, es05, p_loss) = (0.441_339_238_577_327_2, 0.377_271_105_118_389_35, 0.279_740_732_944_203_65);
    let n = 200_000;
    let x: Vec<f64> = Normals(17).column(n).iter().map(|z| 0.8 * z - 0.32).collect();
    let value: Vec<f64> = x.iter().map(|x| (x / 2.0).exp()).collect();
    let summary = Summary::of(&value);
    let quantile = summary.quantile(0.05).unwrap();
    // An interval of +-1.96 standard errors, widened to +-4.
    assert!(z(quantile.value, q05, (quantile.high - quantile.low) / 3.92) <= 4.0, "{quantile:?}");
    let tail = summary.shortfall(0.05).unwrap();
    assert!(z(tail.value, es05, tail.standard_error) <= 4.0, "{tail:?}");
    let loss: Vec<f64> = x.iter().map(|x| 1.0 / (x / 2.0).cosh() - 1.0 + 0.1).collect();
    let p = Summary::of(&loss).probability_negative;
    assert!(z(p.mean, p_loss, p.standard_error) <= 4.0, "{p:?}");
}

#[test]
fn a_small_tail_counts_its_last_path_in_part() {
    // 50 x 0.05 = 2.5 paths: -25, -24 and half of -23.
    let column: Vec<f64> = (-25..25).map(f64::from).collect();
    let summary = Summary::of(&column);
    let tail = summary.shortfall(0.05).unwrap();
    assert!((tail.value - (-25.0 - 24.0 - 11.5) / 2.5).abs() < 1e-12);
    // Half a path in the 1% tail: the smallest value, and nothing known about its error.
    let tail = summary.shortfall(0.01).unwrap();
    assert_eq!(tail.value, -25.0);
    assert!(tail.standard_error.is_nan());
}

#[test]
fn a_constant_column_has_no_error() {
    let summary = Summary::of(&[0.1; 1000]);
    assert_eq!((summary.mean.mean, summary.mean.standard_error, summary.standard_deviation), (0.1, 0.0, 0.0));
    assert!(summary.quantiles.iter().all(|q| (q.value, q.low, q.high) == (0.1, 0.1, 0.1)));
    assert!(summary.expected_shortfall.iter().all(|s| (s.value, s.standard_error) == (0.1, 0.0)));
    assert_eq!(summary.probability_positive, Estimate { mean: 1.0, standard_error: 0.0 });
}

#[test]
fn a_single_path_and_not_a_number_are_null_in_json() {
    let one = serde_json::to_value(Summary::of(&[0.5])).unwrap();
    assert_eq!(one["mean"], 0.5);
    assert!(one["standard_error"].is_null() && one["standard_deviation"].is_null());
    assert!(one["probability_negative"]["standard_error"].is_null());
    assert_eq!(one["quantiles"]["0.5"], serde_json::json!({ "value": 0.5, "low": 0.5, "high": 0.5 }));
    let nan = serde_json::to_value(Summary::of(&[0.5, f64::NAN, 1.0])).unwrap();
    assert!(nan["mean"].is_null() && nan["quantiles"]["0.5"]["value"].is_null() && nan["max"].is_null());
    assert!(nan["probability_positive"]["mean"].is_null());
    assert!(serde_json::to_value(Summary::of(&[])).unwrap()["mean"].is_null());
}

#[test]
fn a_summary_serialises_to_the_object_of_the_contract() {
    let value = serde_json::to_value(Summary::of(&[-1.0, 0.0, 1.0, 2.0])).unwrap();
    let keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "mean",
            "standard_error",
            "standard_deviation",
            "min",
            "max",
            "quantiles",
            "expected_shortfall",
            "probability_negative",
            "probability_positive"
        ]
    );
    let quantiles: Vec<_> = value["quantiles"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(quantiles, ["0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"]);
    let tails: Vec<_> = value["expected_shortfall"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(tails, ["0.01", "0.05"]);
    assert_eq!(value["probability_negative"]["mean"], 0.25);
    assert_eq!(value["probability_positive"]["mean"], 0.5);
}

#[test]
fn sums_keep_what_rounding_would_lose() {
    let column: Vec<f64> = std::iter::repeat_n([1e16, 1.0, -1e16], 1000).flatten().collect();
    assert_eq!(moments::sum(column.iter().copied()), 1000.0);
    // Spread of a column far from zero: the textbook formula with sums of squares has no digit left here.
    let far: Vec<f64> = (0..1000).map(|i| 1e9 + f64::from(i % 2)).collect();
    let moments = Moments::of(&far);
    assert_eq!(moments.mean().mean, 1e9 + 0.5);
    assert!((moments.variance() - 0.25 * 1000.0 / 999.0).abs() < 1e-12);
}

#[test]
fn pairing_sees_what_two_errors_hide() {
    let mut normals = Normals(19);
    let hold = normals.column(10_000);
    let mine: Vec<f64> = hold.iter().zip(normals.column(10_000)).map(|(x, e)| x + 0.01 + 0.05 * e).collect();
    let lead = PairedDifference::of(&mine, &hold).unwrap();
    assert!(z(lead.difference.mean.mean, 0.01, lead.difference.mean.standard_error) <= 4.0);
    assert!(lead.low > 0.0 && lead.variance_ratio < 0.002);
    assert!(PairedDifference::of(&mine, &hold[1..]).is_err());
}

#[test]
fn levels_are_probabilities() {
    assert_eq!(Levels::new(&[0.9, 0.1, 0.9]).unwrap().quantiles(), [0.1, 0.9]);
    for bad in [0.0, 1.0, -0.1, f64::NAN] {
        assert!(Levels::new(&[0.5, bad]).is_err());
    }
}
