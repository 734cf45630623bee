use cenote_paths::{Stream, StreamKey};
use cenote_units::math;

use super::*;
use crate::stats::{Levels, PairedDifference, Summarizer};

/// Independent standard normals.
fn normals(name: &str, paths: u32) -> Vec<f64> {
    (0..paths).map(|path| Stream::new(StreamKey::new(42, name), path, 0).normal_pair().0).collect()
}

/// S(1) of a martingale with 80% volatility that starts at 1.
fn price(z: f64) -> f64 {
    math::exp(-0.32 + 0.8 * z)
}

fn control(column: Vec<f64>, expected: f64) -> Control {
    Control { name: "c".to_owned(), column, expected }
}

fn summarizer(paths: usize, controls: &[Control]) -> Summarizer {
    Summarizer::new(paths, &Levels::default()).controlled(Controls::new(controls, Grouping::Independent))
}

/// The value of a pool without fee, √S, with S for a control: coefficient 0.388333, variance ratio 0.085657 (in closed form; theory
/// case `mc-control-variate`), each within 4 standard errors.
#[test]
fn a_pool_s_value_is_controlled_by_the_price() {
    let prices: Vec<f64> = normals("price", 100_000).into_iter().map(price).collect();
    let values: Vec<f64> = prices.iter().map(|s| s.sqrt()).collect();
    let (mean, saved) = summarizer(values.len(), &[control(prices, 1.0)]).mean(&values);
    let saved = saved.unwrap();
    let z = (saved.ratio - 0.085_656_688_882_697_3) / saved.standard_error;
    println!("ratio {} ± {}, z = {z:.2}; coefficient {}", saved.ratio, saved.standard_error, saved.coefficients[0].1);
    assert!(z.abs() < 4.0 && saved.standard_error < 0.003, "{saved:?}");
    // The coefficient's own standard error is about 0.0025: √(Var[(c − μ) e]/n)/Var c, e the residual.
    assert!((saved.coefficients[0].1 - 0.388_332_659_369_912_07).abs() < 0.01);
    let expected = math::exp(-0.08);
    assert!((mean.mean - expected).abs() < 4.0 * mean.standard_error, "{mean:?}");
    let plain = saved.uncontrolled.unwrap();
    assert!((mean.standard_error / plain.standard_error - saved.ratio.sqrt()).abs() < 1e-12);
    assert_eq!(plain, Estimate::of(&values));
}

/// What is linear in controls is known exactly, whatever the sample.
#[test]
fn linear_columns_are_known() {
    let (x, y) = (normals("x", 50), normals("y", 50));
    let column: Vec<f64> = x.iter().zip(&y).map(|(x, y)| 3.0 + 2.0 * x - 0.5 * y).collect();
    let controls = [control(x.clone(), 0.0), control(y.clone(), 0.0), control(x.iter().map(|x| 7.0 * x - 1.0).collect(), -1.0)];
    for grouping in [Grouping::Independent, Grouping::Pairs, Grouping::Sets(10)] {
        let controls = Controls::new(&controls, grouping);
        let controlled = controls.control(&column);
        assert!((controlled.mean.mean - 3.0).abs() < 1e-13 && controlled.mean.standard_error < 1e-13, "{controlled:?}");
        // The third control says nothing new.
        let [a, b, c] = controlled.coefficients[..] else { panic!("three controls") };
        assert!((a - 2.0).abs() < 1e-12 && (b + 0.5).abs() < 1e-12 && c == 0.0);
        assert_eq!(controls.degrees_of_freedom(), grouping.groups(50) - 3);
    }
}

/// Coefficients are those of a regression on all controls at once: the residuals are orthogonal to each.
#[test]
fn residuals_are_orthogonal_to_controls() {
    let (x, noise) = (normals("x", 400), normals("noise", 400));
    let root: Vec<f64> = x.iter().map(|x| price(*x).sqrt()).collect();
    let whole: Vec<f64> = x.iter().map(|x| price(*x)).collect();
    let column: Vec<f64> = x.iter().zip(&noise).map(|(x, e)| x.max(0.2) + 0.3 * e).collect();
    let controls = Controls::new(&[control(whole.clone(), 1.0), control(root.clone(), 0.9)], Grouping::Independent);
    let controlled = controls.control(&column);
    for known in [&whole, &root] {
        let products = controlled.residuals.iter().zip(known.iter()).map(|(e, c)| e * c);
        assert!(sum(products).abs() < 1e-10);
    }
    let fitted: Vec<f64> = (0..400)
        .map(|i| column[i] - controlled.coefficients[0] * whole[i] - controlled.coefficients[1] * root[i] - controlled.residuals[i])
        .collect();
    assert!(Moments::of(&fitted).variance() < 1e-24, "what is left is a constant");
}

/// Standard errors are honest where groups are few: over 4,000 samples of 8 groups with two controls, Student's interval with 5
/// degrees of freedom holds the mean in 95% (4 standard errors: ±1.4%). The normal one does not.
#[test]
fn intervals_of_few_groups_cover() {
    let (x, y, noise) = (normals("x", 32_000), normals("y", 32_000), normals("noise", 32_000));
    let (mut covered, mut by_normal) = (0, 0);
    for sample in 0..4000 {
        let part = |column: &[f64]| column[8 * sample..][..8].to_vec();
        let column: Vec<f64> = (0..8).map(|i| 1.0 + part(&x)[i] - part(&y)[i] + 0.5 * part(&noise)[i]).collect();
        let summarizer = summarizer(8, &[control(part(&x), 0.0), control(part(&y), 0.0)]);
        let mean = summarizer.mean(&column).0;
        let (low, high) = summarizer.interval(&mean);
        covered += u32::from(low < 1.0 && 1.0 < high);
        by_normal += u32::from((mean.mean - 1.0).abs() < 1.96 * mean.standard_error);
    }
    println!("covered {covered} of 4000, by the normal law {by_normal}");
    assert!((f64::from(covered) / 4000.0 - 0.95).abs() < 0.014, "{covered}");
    assert!(f64::from(by_normal) / 4000.0 < 0.92, "{by_normal}");
}

/// A control that has nothing to do with a column costs a degree of freedom, no more.
#[test]
fn useless_controls_save_nothing() {
    let (x, noise) = (normals("x", 1000), normals("noise", 1000));
    let (_, saved) = summarizer(1000, &[control(x, 0.0)]).mean(&noise);
    let saved = saved.unwrap();
    assert!((saved.ratio - 1.0).abs() < 0.02 && !saved.hurts(), "{saved:?}");
}

#[test]
fn too_few_groups_have_no_standard_error() {
    let x = normals("x", 3);
    let controls = [control(vec![1.0, 2.0, 4.0], 0.0), control(vec![3.0, 1.0, 1.0], 0.0)];
    let mean = summarizer(3, &controls).mean(&x).0;
    assert!(mean.standard_error.is_nan());
}

/// Differences are controlled too, and the three means add up: regression is linear.
#[test]
fn differences_of_controlled_columns() {
    let z = normals("price", 2000);
    let (price, root): (Vec<f64>, Vec<f64>) = z.iter().map(|z| (price(*z), price(*z).sqrt())).unzip();
    let noisy: Vec<f64> = root.iter().zip(normals("noise", 2000)).map(|(r, e)| r + 0.01 * e).collect();
    let summarizer = summarizer(2000, &[control(price, 1.0)]);
    let lead = PairedDifference::by(&summarizer, &noisy, &root).unwrap();
    let apart = summarizer.mean(&noisy).0.mean - summarizer.mean(&root).0.mean;
    assert!((lead.difference.mean.mean - apart).abs() < 1e-15);
    assert!(lead.low < lead.difference.mean.mean && lead.difference.mean.mean < lead.high);
}
