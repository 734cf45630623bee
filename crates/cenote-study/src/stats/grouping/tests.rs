use cenote_paths::{Stream, StreamKey};
use cenote_units::math;

use super::*;
use crate::stats::{Levels, Summarizer};

fn normal(name: &str, path: u32) -> f64 {
    Stream::new(StreamKey::new(42, name), path, 0).normal_pair().0
}

fn price(z: f64) -> f64 {
    math::exp(-0.32 + 0.8 * z)
}

/// Values of antithetic pairs.
fn pairs(paths: u32, f: impl Fn(f64) -> f64) -> Vec<f64> {
    (0..paths).map(|path| f(if path % 2 == 0 { normal("z", path) } else { -normal("z", path - 1) })).collect()
}

fn summarizer(paths: usize, grouping: Grouping) -> Summarizer {
    Summarizer::new(paths, &Levels::default()).grouped(grouping)
}

/// The value of a pool without fee: the mean of a pair has 0.147856 of the variance of that of two independent paths (in closed form;
/// theory case `mc-antithetic`), within 4 standard errors.
#[test]
fn antithetic_pairs_of_a_pool_s_value() {
    let values = pairs(200_000, |z| price(z).sqrt());
    let (mean, saved) = summarizer(values.len(), Grouping::Pairs).mean(&values);
    let saved = saved.unwrap();
    let z = (saved.ratio - 0.147_856_211_033_788_65) / saved.standard_error;
    println!("ratio {} ± {}, z = {z:.2}", saved.ratio, saved.standard_error);
    assert!(z.abs() < 4.0 && saved.standard_error < 0.003);
    assert!((mean.mean - math::exp(-0.08)).abs() < 4.0 * mean.standard_error);
    assert!(!saved.hurts());
}

/// What is even in the normal has twice the variance: both paths of a pair say the same.
#[test]
fn antithetic_pairs_hurt_what_is_even() {
    let values = pairs(20_000, |z| 1.0 - 1.0 / z.cosh());
    let saved = summarizer(values.len(), Grouping::Pairs).mean(&values).1.unwrap();
    assert!((saved.ratio - 2.0).abs() < 1e-3 && saved.hurts(), "{saved:?}");
    // And what is odd has none.
    let values = pairs(20_000, |z| z);
    let (mean, saved) = summarizer(values.len(), Grouping::Pairs).mean(&values);
    assert!(mean.mean.abs() < 1e-15 && mean.standard_error < 1e-15 && saved.unwrap().ratio < 1e-25);
}

#[test]
fn groups_of_paths() {
    let column: Vec<f64> = (0..12).map(f64::from).collect();
    assert_eq!(Grouping::Pairs.means(&column), [0.5, 2.5, 4.5, 6.5, 8.5, 10.5]);
    assert_eq!(Grouping::Sets(3).means(&column), [4.5, 5.5, 6.5]);
    assert_eq!(Grouping::Independent.means(&column), column);
    let estimate = Grouping::Sets(3).estimate(12, column.iter().copied());
    assert!((estimate.mean - 5.5).abs() < 1e-14 && (estimate.standard_error - (1.0_f64 / 3.0).sqrt()).abs() < 1e-14);
    // A constant has no variance, to the last bit.
    assert_eq!(Grouping::Sets(3).estimate(12, [0.1; 12].into_iter()).standard_error, 0.0);
    // Paths that are not whole groups have no standard error.
    assert!(Grouping::Pairs.estimate(5, [1.0, 2.0, 3.0, 4.0, 5.0].into_iter()).standard_error.is_nan());
}

/// The ratio's standard error is that of the ratio: over 300 samples of heavy-tailed pairs its z has a mean square of about one
/// (4 standard errors of a mean of 300 squares are 0.33; outliers widen that).
#[test]
fn ratios_know_their_error() {
    let mut squares = 0.0;
    for sample in 0..300_u32 {
        let values: Vec<f64> = (0..4000)
            .map(|path| {
                let z = normal(&format!("sample {sample}"), path & !1);
                price(if path % 2 == 0 { z } else { -z }).sqrt()
            })
            .collect();
        let saved = summarizer(values.len(), Grouping::Pairs).mean(&values).1.unwrap();
        squares += ((saved.ratio - 0.147_856_211_033_788_65) / saved.standard_error).powi(2) / 300.0;
    }
    println!("mean square of z: {squares:.3}");
    assert!((0.6..1.5).contains(&squares), "{squares}");
}

/// Intervals of quantiles, tails and probabilities of grouped paths cover: 1,000 samples of 100 sets of 8 paths that share half of
/// their variance. As if independent, they would not.
#[test]
fn intervals_of_grouped_quantiles_cover() {
    let (mut quantiles, mut naive, mut shares, mut tails) = (0, 0, 0, 0);
    for sample in 0..1000_u32 {
        let (common, own) = (format!("common {sample}"), format!("own {sample}"));
        let column: Vec<f64> =
            (0..800).map(|path| (normal(&common, path % 100) + normal(&own, path)) * std::f64::consts::FRAC_1_SQRT_2).collect();
        let summary = summarizer(800, Grouping::Sets(100)).summarize(&column);
        let inside = |q: &crate::stats::Quantile| q.low <= 0.674_489_75 && 0.674_489_75 <= q.high;
        quantiles += i32::from(inside(summary.quantile(0.75).unwrap()));
        naive += i32::from(inside(summarizer(800, Grouping::Independent).summarize(&column).quantile(0.75).unwrap()));
        shares += i32::from((summary.probability_positive.mean - 0.5).abs() < 1.984 * summary.probability_positive.standard_error);
        // The mean below the 5% quantile of a standard normal.
        let tail = summary.shortfall(0.05).unwrap();
        tails += i32::from((tail.value + 2.062_712_8).abs() < 1.984 * tail.standard_error);
    }
    println!("quantile {quantiles}, as if independent {naive}, share {shares}, tail {tails} of 1000");
    // Four standard errors of a coverage of 95% are 2.8%; tails of 40 paths are skewed.
    assert!((quantiles - 950).abs() < 28, "{quantiles}");
    assert!((shares - 950).abs() < 28, "{shares}");
    assert!((880..978).contains(&tails), "{tails}");
    assert!(naive < 850, "{naive}");
}

#[test]
fn what_is_saved_is_written() {
    let values = pairs(100, price);
    let json = serde_json::to_value(summarizer(100, Grouping::Pairs).summarize(&values)).unwrap();
    assert!(json["variance_reduction"]["ratio"].as_f64().unwrap() < 1.0);
    assert!(json["variance_reduction"]["uncontrolled"].is_null());
    let json = serde_json::to_value(summarizer(100, Grouping::Independent).summarize(&values)).unwrap();
    assert!(json.get("variance_reduction").is_none());
}
