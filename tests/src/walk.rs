//! A walk of standard normal steps that leaves an interval: how long it takes, and how far it jumps beyond.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// −ζ(1/2)/√(2π): by how much a walk of standard normal steps overshoots a distant level in the mean, in steps.
///
/// Source: Siegmund, "Corrected diffusion approximations in certain random walk problems" (1979).
pub const OVERSHOOT: f64 = 0.582_597_157_939_010_7;

/// How a walk leaves an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leaving {
    /// Mean number of steps, the one that leaves included.
    pub steps: f64,
    /// E\[o\], E\[o²\], E\[o³\] of the distance o beyond the edge.
    pub overshoot: [f64; 3],
}

impl Leaving {
    /// Of a walk that goes on from the edge that it has left, as often as it leaves: the mean of o^power per step.
    pub fn per_step(&self, power: usize) -> f64 {
        self.overshoot[power - 1] / self.steps
    }
}

/// Points of Simpson's rule over the interval.
const POINTS: usize = 401;
/// Right-hand sides solved at once: steps and three moments.
const SIDES: usize = 4;

/// A walk of standard normal steps leaves [−edge, edge], started at `from` inside it.
///
/// h(z) = r(z) + ∫ φ(y − z) h(y) dy over the interval, with r = 1 for the number of steps and the mean of o^n over one step for the
/// moments: Simpson's rule on 401 points makes it a linear system. Good to nine digits for edges up to ten steps.
pub fn leave(edge: f64, from: f64) -> Leaving {
    let step = 2.0 * edge / 400.0;
    let weights: [f64; POINTS] = std::array::from_fn(|i| {
        step / 3.0
            * if i == 0 || i == POINTS - 1 {
                1.0
            } else if i % 2 == 1 {
                4.0
            } else {
                2.0
            }
    });
    let mut points = [-edge; POINTS];
    for i in 1..POINTS {
        points[i] = points[i - 1] + step;
    }
    let normal = Normal::standard();
    // Rows of (I − K | r), eliminated; diagonally dominant, as some steps leave from everywhere.
    let mut rows: Vec<Vec<f64>> = (0..POINTS)
        .map(|i| {
            let kernel = (0..POINTS).map(|j| f64::from(u8::from(i == j)) - weights[j] * normal.pdf(points[j] - points[i]));
            kernel.chain(one_step(&normal, edge, points[i])).collect()
        })
        .collect();
    for pivot in 0..POINTS {
        let (above, below) = rows.split_at_mut(pivot + 1);
        let row = &above[pivot];
        for other in below {
            let factor = other[pivot] / row[pivot];
            for k in pivot..POINTS + SIDES {
                other[k] -= factor * row[k];
            }
        }
    }
    let mut solution = [[0.0; POINTS]; SIDES];
    for side in 0..SIDES {
        for i in (0..POINTS).rev() {
            let rest: f64 = (i + 1..POINTS).map(|j| rows[i][j] * solution[side][j]).sum();
            solution[side][i] = (rows[i][POINTS + side] - rest) / rows[i][i];
        }
    }
    let first = one_step(&normal, edge, from);
    let at = |side: usize| {
        let later: f64 = (0..POINTS).map(|j| weights[j] * normal.pdf(points[j] - from) * solution[side][j]).sum();
        first[side] + later
    };
    Leaving { steps: at(0), overshoot: [at(1), at(2), at(3)] }
}

/// What the next step from z adds: itself, and the moments of the overshoot if it leaves.
fn one_step(normal: &Normal, edge: f64, z: f64) -> [f64; SIDES] {
    let up = beyond(normal, edge - z);
    let down = beyond(normal, edge + z);
    [1.0, up[0] + down[0], up[1] + down[1], up[2] + down[2]]
}

/// E[(Z − d)₊ⁿ] for n = 1, 2, 3.
fn beyond(normal: &Normal, d: f64) -> [f64; 3] {
    let (density, tail) = (normal.pdf(d), normal.sf(d));
    [density - d * tail, (1.0 + d * d) * tail - d * density, (2.0 + d * d) * density - (3.0 * d + d * d * d) * tail]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_of_one_step_and_of_many() {
        // An interval of nothing: left at once, by half a normal.
        let at_once = leave(1e-9, 0.0);
        assert!((at_once.steps - 1.0).abs() < 1e-8);
        assert!((at_once.overshoot[0] - (2.0 / std::f64::consts::PI).sqrt()).abs() < 1e-8, "{at_once:?}");
        assert!((at_once.overshoot[1] - 1.0).abs() < 1e-8);
        // Wide: from the edge, P = (1/√2)/(g + c). And ARB = 1 − 2 g E[o], for any width.
        for edge in [0.5, 2.0, 8.0] {
            let leaving = leave(edge, edge);
            let identity = 1.0 - 2.0 * edge * leaving.per_step(1);
            // The quadrature is good to seven digits where the interval is wide.
            assert!((leaving.per_step(2) - identity).abs() < 1e-7, "{edge}: {leaving:?} {identity}");
            let steps = std::f64::consts::SQRT_2 * (edge + OVERSHOOT);
            assert!(edge < 1.0 || (leaving.steps / steps - 1.0).abs() < 1e-4);
        }
    }
}
