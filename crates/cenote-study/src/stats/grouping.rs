//! Which paths are independent of one another.

use super::moments::{Estimate, Moments, Sum};
use crate::convert::count;

/// How the paths of a column hang together: only groups of paths are independent of one another, and a standard error comes from
/// the means of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grouping {
    /// Every path is a group of its own.
    #[default]
    Independent,
    /// Paths 2k and 2k + 1 are a group.
    Pairs,
    /// So many groups: path p is in group p mod that number.
    Sets(usize),
}

impl Grouping {
    /// How many groups `paths` paths are.
    pub fn groups(self, paths: usize) -> usize {
        match self {
            Self::Independent => paths,
            Self::Pairs => paths / 2,
            Self::Sets(sets) => sets,
        }
    }

    /// Mean of a value of each path, with the standard error that groups tell.
    ///
    /// The groups' means m are independent, so the variance of their mean is Σ (m − mean)²/(g (g − 1)) over g groups, whatever
    /// the paths of a group do to one another. Paths that are not whole groups have no standard error.
    ///
    /// ```
    /// use cenote_study::stats::Grouping;
    /// let column = [1.0, -1.1, 0.5, -0.4]; // two antithetic pairs
    /// let mean = Grouping::Pairs.estimate(column.len(), column.iter().copied());
    /// assert!((mean.mean - 0.0).abs() < 1e-12 && (mean.standard_error - 0.05).abs() < 1e-12);
    /// ```
    pub fn estimate(self, paths: usize, values: impl Iterator<Item = f64> + Clone) -> Estimate {
        let mean = Moments::of_values(paths, values.clone()).mean();
        match self.deviations(paths, values) {
            None => mean,
            Some(deviations) => Estimate { standard_error: Moments::of(&deviations).mean().standard_error, ..mean },
        }
    }

    /// The means of groups less the first path's value, exactly zero for a column that does not vary; nothing for paths that are
    /// groups themselves.
    fn deviations(self, paths: usize, mut values: impl Iterator<Item = f64> + Clone) -> Option<Vec<f64>> {
        if self == Self::Independent {
            return None;
        }
        let first = values.clone().next().unwrap_or(f64::NAN);
        let groups = self.groups(paths);
        let size = paths.checked_div(groups).unwrap_or(0);
        if size * groups != paths {
            return Some(vec![f64::NAN; 2]);
        }
        let mut sums = vec![Sum::default(); groups];
        let mut path = 0;
        values.by_ref().for_each(|x| {
            sums[self.group(path)].add(x - first);
            path += 1;
        });
        Some(sums.iter().map(|sum| sum.total() / count(size)).collect())
    }

    /// The group that a path is in.
    pub(super) fn group(self, path: usize) -> usize {
        match self {
            Self::Independent => path,
            Self::Pairs => path / 2,
            Self::Sets(sets) => path % sets,
        }
    }

    /// The means of groups less the first path's value.
    pub(super) fn means(self, column: &[f64]) -> Vec<f64> {
        let first = column.first().copied().unwrap_or(f64::NAN);
        let values = column.iter().copied();
        self.deviations(column.len(), values).unwrap_or_else(|| column.iter().map(|x| x - first).collect())
    }
}

#[cfg(test)]
mod tests;
