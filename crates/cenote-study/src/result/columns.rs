//! Numbers as a run leaves them: pack by pack.

use cenote_paths::PACK;

use crate::error::StudyError;

/// A number per path and metric, laid out as a run writes them: `[pack][metric][lane]`, with [`PACK`] lanes to a pack.
/// Path `p` is lane `p % PACK` of pack `p / PACK`; the lanes of the last pack that are past the last path hold nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct RawColumns {
    paths: usize,
    metrics: usize,
    data: Vec<f64>,
}

impl RawColumns {
    /// Take the numbers of a run.
    ///
    /// # Errors
    /// [`StudyError::ColumnSize`] unless there is a row of [`PACK`] numbers for every metric of every pack.
    pub fn new(paths: usize, metrics: usize, data: Vec<f64>) -> Result<Self, StudyError> {
        let columns = Self { paths, metrics, data };
        columns.check(paths, metrics)?;
        Ok(columns)
    }

    /// How many numbers a run of this size leaves.
    pub fn size(paths: usize, metrics: usize) -> usize {
        paths.div_ceil(PACK).saturating_mul(metrics).saturating_mul(PACK)
    }

    /// That these are the columns of a study of this size.
    pub(super) fn check(&self, paths: usize, metrics: usize) -> Result<(), StudyError> {
        let (expected, found) = (Self::size(paths, metrics), self.data.len());
        if (self.paths, self.metrics, found) == (paths, metrics, expected) {
            Ok(())
        } else {
            Err(StudyError::ColumnSize { paths, metrics, expected, found })
        }
    }

    /// How many paths there are.
    pub fn paths(&self) -> usize {
        self.paths
    }

    /// How many numbers each path has.
    pub fn metrics(&self) -> usize {
        self.metrics
    }

    /// One metric on every path, in path order. A metric that is not there is on no path.
    pub fn iter(&self, metric: usize) -> impl Iterator<Item = f64> + '_ {
        let packs = if metric < self.metrics { self.data.chunks_exact(self.metrics * PACK) } else { [].chunks_exact(1) };
        packs.flat_map(move |pack| pack[metric * PACK..][..PACK].iter().copied()).take(self.paths)
    }

    /// One metric on every path, in path order, as a vector.
    pub fn column(&self, metric: usize) -> Vec<f64> {
        self.iter(metric).collect()
    }

    /// One number.
    pub fn value(&self, path: usize, metric: usize) -> Option<f64> {
        let inside = path < self.paths && metric < self.metrics;
        inside.then(|| self.data[(path / PACK * self.metrics + metric) * PACK + path % PACK])
    }
}
