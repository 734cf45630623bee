//! Running worlds by hand: a table of numbers per path.

use std::ops::Range;

use cenote_paths::PACK;
use cenote_sim::{Column, Observer, PoolMetric, PositionMetric, RiskMetric, RiskSource, Scenario, SimError, World};
use rayon::prelude::*;

/// What paths of a scenario came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What each column is.
    pub columns: Vec<Column>,
    /// One vector per column, in path order.
    pub values: Vec<Vec<f64>>,
    /// Blocks over all paths.
    pub blocks: u64,
}

impl Table {
    /// A metric of a position on every path.
    ///
    /// # Panics
    /// The scenario does not report it.
    pub fn position(&self, place: usize, metric: PositionMetric) -> &[f64] {
        self.column(Column::Position(place, metric))
    }

    /// A metric of a pool on every path.
    ///
    /// # Panics
    /// The scenario does not report it.
    pub fn pool(&self, place: usize, metric: PoolMetric) -> &[f64] {
        self.column(Column::Pool(place, metric))
    }

    /// A metric of a position by what went wrong, on every path.
    ///
    /// # Panics
    /// The scenario does not report it.
    pub fn risk(&self, place: usize, source: RiskSource, metric: RiskMetric) -> &[f64] {
        self.column(Column::Risk(place, source, metric))
    }

    fn column(&self, column: Column) -> &[f64] {
        let place = self.columns.iter().position(|&c| c == column).unwrap_or_else(|| panic!("no column {column:?}"));
        &self.values[place]
    }

    /// The bits of every number.
    pub fn bits(&self) -> Vec<Vec<u64>> {
        self.values.iter().map(|column| column.iter().map(|x| x.to_bits()).collect()).collect()
    }
}

/// Runs `paths` in packs, on all threads.
///
/// # Errors
/// The first pack that failed.
///
/// # Panics
/// A scenario that does not check.
pub fn try_run(scenario: &Scenario, seed: u64, paths: Range<u32>) -> Result<Table, SimError> {
    let columns: Vec<Column> = scenario.columns().collect();
    let starts: Vec<u32> = paths.clone().step_by(PACK).collect();
    let packs = starts.into_par_iter().map(|first| run_pack(scenario, seed, first..paths.end, Vec::new()));
    let packs: Vec<(Vec<Vec<f64>>, u64)> = packs.collect::<Result<_, _>>()?;
    let mut table = Table { values: vec![Vec::new(); columns.len()], columns, blocks: 0 };
    for (pack, blocks) in packs {
        table.blocks += blocks;
        for (column, values) in table.values.iter_mut().zip(pack) {
            column.extend(values);
        }
    }
    Ok(table)
}

/// The first pack of `paths`, watched by `observers`: its columns and its blocks.
///
/// # Errors
/// What went wrong.
///
/// # Panics
/// A scenario that does not check.
pub fn run_pack(
    scenario: &Scenario,
    seed: u64,
    paths: Range<u32>,
    observers: Vec<Box<dyn Observer>>,
) -> Result<(Vec<Vec<f64>>, u64), SimError> {
    let mut world = World::<PACK>::new(scenario, seed).expect("the scenario checks");
    for observer in observers {
        world.observe(observer);
    }
    let used = paths.len().min(PACK);
    let indices = std::array::from_fn(|lane| paths.start + u32::try_from(lane).expect("lanes are few"));
    let mut results = vec![0.0; scenario.columns().count() * PACK];
    let blocks = world.run(indices, used, &mut results)?;
    Ok((results.chunks_exact(PACK).map(|row| row[..used].to_vec()).collect(), blocks))
}

/// Runs paths 0, 1, … in packs, on all threads.
///
/// # Panics
/// A scenario that does not check, or a path that fails.
pub fn run(scenario: &Scenario, seed: u64, paths: u32) -> Table {
    try_run(scenario, seed, 0..paths).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs one path alone: a world of one lane.
///
/// # Panics
/// A scenario that does not check, or a path that fails.
pub fn run_alone(scenario: &Scenario, seed: u64, path: u32) -> Table {
    let mut world = World::<1>::new(scenario, seed).expect("the scenario checks");
    let columns: Vec<Column> = scenario.columns().collect();
    let mut results = vec![0.0; columns.len()];
    let blocks = world.run([path], 1, &mut results).unwrap_or_else(|error| panic!("{error}"));
    Table { columns, values: results.into_iter().map(|x| vec![x]).collect(), blocks }
}
