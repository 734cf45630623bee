//! The search for a maximum.

use crate::convert::index_to_f64;

/// Where a function is looked at along one coordinate, and how far apart to begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    /// What it is the coordinate of.
    pub(super) parameter: &'static str,
    pub(super) low: f64,
    pub(super) high: f64,
    /// The first step of the search.
    pub(super) step: f64,
    /// What it means to be at the lower and at the upper end.
    pub(super) meaning: [&'static str; 2],
}

impl Axis {
    pub(super) const fn new(parameter: &'static str, [low, high]: [f64; 2], step: f64, meaning: [&'static str; 2]) -> Self {
        Self { parameter, low, high, step, meaning }
    }
}

/// A point and the value there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Maximum {
    pub(super) point: Vec<f64>,
    pub(super) value: f64,
}

/// What of a log likelihood is not worth looking for: a 2000th of a standard error.
const TOLERANCE: f64 = 1e-7;

/// The highest point that is found from these starts: a short search from each, then a long one from the best.
///
/// Log likelihoods have several maxima; which of them is found depends on the starts alone, and ties go to the first.
pub(super) fn maximise(f: &impl Fn(&[f64]) -> f64, axes: &[Axis], starts: &[&[f64]]) -> Maximum {
    let mut best: Option<Maximum> = None;
    for start in starts {
        let found = simplex(f, axes, start, 1.0, 0.05);
        if best.as_ref().is_none_or(|best| found.value > best.value) {
            best = Some(found);
        }
    }
    let mut best = best.unwrap_or_else(|| Maximum { point: axes.iter().map(|axis| axis.low).collect(), value: f64::NEG_INFINITY });
    // A simplex may have fallen flat: begin again, smaller, until nothing is gained.
    let mut scale = 0.3;
    for _ in 0..20 {
        let next = simplex(f, axes, &best.point, scale, TOLERANCE);
        let gained = next.value - best.value;
        if gained > 0.0 {
            best = next;
        }
        if gained < TOLERANCE {
            break;
        }
        scale *= 0.7;
    }
    best
}

/// Nelder and Mead (1965), "A simplex method for function minimization", upside down; outside of the axes there is nothing.
fn simplex(f: &impl Fn(&[f64]) -> f64, axes: &[Axis], start: &[f64], scale: f64, tolerance: f64) -> Maximum {
    let n = axes.len();
    let at = |point: Vec<f64>| {
        let inside = point.iter().zip(axes).all(|(x, axis)| (axis.low..=axis.high).contains(x));
        let value = if inside { f(&point) } else { f64::NEG_INFINITY };
        Maximum { point, value: if value.is_nan() { f64::NEG_INFINITY } else { value } }
    };
    let start: Vec<f64> = start.iter().zip(axes).map(|(x, axis)| x.clamp(axis.low, axis.high)).collect();
    let mut corners = vec![at(start.clone())];
    for (i, axis) in axes.iter().enumerate() {
        let mut corner = start.clone();
        let step = scale * axis.step;
        corner[i] += if corner[i] + step <= axis.high { step } else { -step };
        corners.push(at(corner));
    }
    for _ in 0..400 * n {
        corners.sort_by(|a, b| b.value.total_cmp(&a.value));
        if corners[0].value - corners[n].value <= tolerance {
            break;
        }
        let centre: Vec<f64> =
            (0..n).map(|i| corners[..n].iter().map(|corner| corner.point[i]).sum::<f64>() / index_to_f64(n)).collect();
        let worst = corners[n].clone();
        let towards = |t: f64| at(centre.iter().zip(&worst.point).map(|(c, w)| c + t * (c - w)).collect());
        let reflected = towards(1.0);
        let better = if reflected.value > corners[0].value {
            let expanded = towards(2.0);
            Some(if expanded.value > reflected.value { expanded } else { reflected })
        } else if reflected.value > corners[n - 1].value {
            Some(reflected)
        } else {
            let contracted = towards(if reflected.value > worst.value { 0.5 } else { -0.5 });
            (contracted.value > worst.value.max(reflected.value)).then_some(contracted)
        };
        if let Some(corner) = better {
            corners[n] = corner;
        } else {
            let best = corners[0].point.clone();
            for corner in &mut corners[1..] {
                *corner = at(corner.point.iter().zip(&best).map(|(x, b)| b + 0.5 * (x - b)).collect());
            }
        }
    }
    corners.sort_by(|a, b| b.value.total_cmp(&a.value));
    corners.swap_remove(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(low: f64, high: f64) -> Axis {
        Axis::new("x", [low, high], 0.5, ["", ""])
    }

    #[test]
    fn finds_the_top_of_a_banana() {
        let f = |p: &[f64]| -(100.0 * (p[1] - p[0] * p[0]).powi(2) + (1.0 - p[0]).powi(2));
        let found = maximise(&f, &[axis(-5.0, 5.0), axis(-5.0, 5.0)], &[&[-1.2, 1.0], &[0.0, 0.0]]);
        assert!((found.point[0] - 1.0).abs() < 2e-3 && (found.point[1] - 1.0).abs() < 4e-3, "{found:?}");
    }

    #[test]
    fn finds_the_higher_of_two_and_the_end_of_an_axis() {
        let f = |p: &[f64]| -((p[0] * p[0] - 1.0).powi(2)) + 0.3 * p[0] + p[1];
        let found = maximise(&f, &[axis(-2.0, 2.0), axis(0.0, 3.0)], &[&[-1.0, 1.0], &[1.0, 1.0]]);
        assert!((found.point[0] - 1.036).abs() < 1e-2 && found.point[1] > 3.0 - 1e-4, "{found:?}");
    }

    #[test]
    fn what_is_no_number_is_no_maximum() {
        let f = |p: &[f64]| if p[0] > 0.5 { f64::NAN } else { -p[0] * p[0] };
        let found = maximise(&f, &[axis(-2.0, 2.0)], &[&[0.4]]);
        assert!(found.point[0].abs() < 1e-3, "{found:?}");
    }
}
