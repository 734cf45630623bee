//! Control variates: what is known of one mean improves the estimate of another.

use super::moments::{Estimate, Moments, sum};
use super::{Grouping, student::student_975};
use crate::convert::count;

/// A number of each path whose mean is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// What it is called.
    pub name: String,
    /// Its value on every path, in path order.
    pub column: Vec<f64>,
    /// Its mean.
    pub expected: f64,
}

/// Control variates of the columns of a study (Glasserman 2004, *Monte Carlo Methods in Financial Engineering*, section 4.1).
///
/// The mean of a column y is estimated as ȳ − Σ βⱼ (c̄ⱼ − μⱼ), the controls c having the known means μ. β is the regression of y on
/// the controls, over groups of paths; a control that the ones before it determine (all but 10⁻¹⁰ of its variance) takes no part.
/// The standard error is that of a regression at the known means: its residual variance s² = Σ e²/(g − 1 − k) over g groups and k
/// controls, times 1/g + (c̄ − μ)' S⁻¹ (c̄ − μ), S the sums of squares of the controls: it pays for not knowing β (Lavenberg and
/// Welch 1981, "A perspective on the use of control variables"). Of normal groups that is exact; otherwise the mean has a bias of
/// the order of 1/g, of which the standard error, of the order of 1/√g, takes no notice.
#[derive(Debug, Clone)]
pub struct Controls {
    names: Vec<String>,
    grouping: Grouping,
    groups: usize,
    basis: Vec<Orthogonal>,
    /// Controls that take part.
    active: usize,
}

/// A control less its regression on those before it.
#[derive(Debug, Clone)]
struct Orthogonal {
    /// Over groups; their mean is zero.
    values: Vec<f64>,
    /// Sum of their squares; zero for a control that takes no part.
    squares: f64,
    /// Sample mean less known mean.
    offset: f64,
    /// Regression on each of those before it.
    on_former: Vec<f64>,
}

/// A part of a control's variance below this is rounding.
const NOTHING_NEW: f64 = 1e-10;

/// A mean that controls improved.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Controlled {
    pub(super) mean: Estimate,
    /// What each control is multiplied with.
    pub(super) coefficients: Vec<f64>,
    /// What controls leave of each group's mean.
    pub(super) residuals: Vec<f64>,
}

impl Controls {
    /// Prepares for columns of the same paths.
    pub fn new(controls: &[Control], grouping: Grouping) -> Self {
        let mut basis: Vec<Orthogonal> = Vec::with_capacity(controls.len());
        let mut groups = 0;
        for control in controls {
            let mut values = centred(grouping.means(&control.column));
            groups = values.len();
            let all = squares(&values);
            let mut offset = Moments::of(&control.column).mean().mean - control.expected;
            let mut on_former = Vec::with_capacity(basis.len());
            for former in &basis {
                let slope = former.take_out_of(&mut values);
                offset -= slope * former.offset;
                on_former.push(slope);
            }
            let left = squares(&values);
            let squares = if left > NOTHING_NEW * all { left } else { 0.0 };
            basis.push(Orthogonal { values, squares, offset, on_former });
        }
        let active = basis.iter().filter(|control| control.squares > 0.0).count();
        let names = controls.iter().map(|control| control.name.clone()).collect();
        Self { names, grouping, groups, basis, active }
    }

    /// Their names, in the order given.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many groups there are beyond those that the mean and the coefficients are known from.
    pub(super) fn degrees_of_freedom(&self) -> usize {
        self.groups.saturating_sub(1 + self.active)
    }

    /// Half the width of a 95% interval of a mean in standard errors.
    pub(super) fn half_width(&self) -> f64 {
        student_975(self.degrees_of_freedom())
    }

    /// The mean of a column of the same paths.
    pub(super) fn control(&self, column: &[f64]) -> Controlled {
        let mut residuals = centred(self.grouping.means(column));
        let mut mean = Moments::of(column).mean().mean;
        let mut leverage = 1.0 / count(self.groups);
        let mut slopes = Vec::with_capacity(self.basis.len());
        for control in &self.basis {
            let slope = control.take_out_of(&mut residuals);
            mean -= slope * control.offset;
            slopes.push(slope);
            if control.squares > 0.0 {
                leverage += control.offset * control.offset / control.squares;
            }
        }
        let variance = match self.degrees_of_freedom() {
            0 => f64::NAN,
            degrees => squares(&residuals) / count(degrees),
        };
        // From slopes on what was left of controls to slopes on the controls themselves.
        let mut coefficients = slopes;
        for j in (0..self.basis.len()).rev() {
            for (i, slope) in self.basis[j].on_former.iter().enumerate() {
                coefficients[i] -= slope * coefficients[j];
            }
        }
        let mean = Estimate { mean, standard_error: (variance * leverage).sqrt() };
        Controlled { mean, coefficients, residuals }
    }
}

impl Orthogonal {
    /// Takes the regression on this control out of `values`; returns its slope.
    fn take_out_of(&self, values: &mut [f64]) -> f64 {
        if self.squares == 0.0 {
            return 0.0;
        }
        let slope = sum(self.values.iter().zip(&*values).map(|(q, y)| q * y)) / self.squares;
        for (y, q) in values.iter_mut().zip(&self.values) {
            *y -= slope * q;
        }
        slope
    }
}

fn centred(mut values: Vec<f64>) -> Vec<f64> {
    let mean = sum(values.iter().copied()) / count(values.len());
    for x in &mut values {
        *x -= mean;
    }
    values
}

fn squares(values: &[f64]) -> f64 {
    sum(values.iter().map(|x| x * x))
}

#[cfg(test)]
mod tests;
