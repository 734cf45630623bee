//! Thousands of paths in parallel.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use cenote_paths::PACK;
use cenote_sim::{Observer, Scenario, SimError, SimErrorKind, World};
use cenote_strategy::TokenId;
use cenote_units::Lanes;
use rayon::prelude::*;

use crate::error::StudyError;
use crate::lower::PoolLane;
use crate::result::{ColumnLayout, RawColumns, StudyResult};
use crate::spec::ControlVariate;
use crate::study::Study;

/// How a study is run. None of this changes a number.
#[derive(Default, Clone)]
pub struct RunOptions<'a> {
    /// Follow every token of every path in a ledger, and stop at the first that is created or lost.
    pub audit: bool,
    /// Stop soon after this is set, with [`StudyError::Interrupted`].
    pub interrupt: Option<Arc<AtomicBool>>,
    /// Called after every pack with the number of paths in it, from any thread.
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

impl std::fmt::Debug for RunOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunOptions").field("audit", &self.audit).finish_non_exhaustive()
    }
}

impl Study {
    /// Run all paths on the threads of the current rayon pool.
    ///
    /// The result has the same bits for any number of threads: packs of paths share nothing, and every number stands at its
    /// path's place.
    ///
    /// # Errors
    /// [`StudyError::Scenario`] for what the simulator refuses, [`StudyError::Simulation`] with the first path that went wrong.
    pub fn run(&self) -> Result<StudyResult, StudyError> {
        self.run_with(&RunOptions::default())
    }

    /// The same with options.
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`StudyError::Interrupted`].
    pub fn run_with(&self, options: &RunOptions<'_>) -> Result<StudyResult, StudyError> {
        let started = now();
        let scenario = self.scenario(PoolLane::Fast, options.audit)?;
        let (seed, paths) = (self.spec().seed, self.spec().paths);
        let layout = ColumnLayout::of(self.spec());
        let (columns, measured) = (layout.len(), layout.measured());
        let controls = self.controls();
        let count = usize::try_from(paths).unwrap_or(usize::MAX);
        let mut data = room(count, columns)?;
        // Built here once, so that what cannot be built is said before the threads start.
        World::<PACK>::new(&scenario, seed)?;
        let (blocks, failure) = (AtomicU64::new(0), Failure::default());
        data.par_chunks_exact_mut((columns * PACK).max(1)).enumerate().for_each_init(
            || world(&scenario, seed, options),
            |world, (pack, results)| {
                // Paths are counted with 32 bits.
                let first = u32::try_from(pack * PACK).unwrap_or(u32::MAX);
                let lanes = LANES.min(paths - first);
                let Ok(world) = world else { return };
                if failure.is_before(first) {
                    return;
                }
                let indices = std::array::from_fn(|lane| first.wrapping_add(u32::try_from(lane).unwrap_or(0)));
                let (results, known) = results.split_at_mut(measured * PACK);
                match world.run(indices, usize::try_from(lanes).unwrap_or(PACK), results) {
                    Ok(ran) => {
                        control(&controls, world.prices(), known);
                        blocks.fetch_add(ran, Ordering::Relaxed);
                        if let Some(progress) = options.progress {
                            progress(u64::from(lanes));
                        }
                    }
                    Err(error) => failure.record(first, error),
                }
            },
        );
        failure.into_result()?;
        let raw = RawColumns::new(count, columns, data)?;
        StudyResult::new(self, raw, blocks.into_inner(), started.elapsed().as_secs_f64())
    }

    /// Run one path again, with observers that see its every event, and return its numbers in the order of
    /// [`ColumnLayout`]. In the fast lane they have the bits that [`run`](Self::run) gave this path.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn replay(&self, path: u32, lane: PoolLane, observers: Vec<Box<dyn Observer>>) -> Result<Vec<f64>, StudyError> {
        self.replay_until(path, lane, observers, None)
    }

    /// The same, until `interrupt` is set.
    ///
    /// # Errors
    /// As [`replay`](Self::replay), and [`StudyError::Interrupted`].
    pub fn replay_until(
        &self,
        path: u32,
        lane: PoolLane,
        observers: Vec<Box<dyn Observer>>,
        interrupt: Option<Arc<AtomicBool>>,
    ) -> Result<Vec<f64>, StudyError> {
        let scenario = self.scenario(lane, true)?;
        let mut world = World::<1>::new(&scenario, self.spec().seed)?;
        if let Some(flag) = interrupt {
            world.interrupt_on(flag);
        }
        for observer in observers {
            world.observe(observer);
        }
        let layout = ColumnLayout::of(self.spec());
        let mut results = vec![0.0; layout.len()];
        let (measured, known) = results.split_at_mut(layout.measured());
        world.run([path], 1, measured).map_err(stopped)?;
        control(&self.controls(), world.prices(), known);
        Ok(results)
    }

    /// The control variates with the places of their tokens.
    fn controls(&self) -> Vec<(&ControlVariate, usize)> {
        let place = |control: &ControlVariate| self.spec().token_id(control.token.as_str()).map_or(usize::MAX, TokenId::index);
        self.spec().control_variates.iter().map(|control| (control, place(control))).collect()
    }
}

/// Writes the control variates of a pack, from prices at the horizon.
fn control<const L: usize>(controls: &[(&ControlVariate, usize)], prices: &[Lanes<L>], rows: &mut [f64]) {
    for ((control, token), row) in controls.iter().zip(rows.chunks_exact_mut(L)) {
        // The checks of the study left no unknown token.
        let Some(prices) = prices.get(*token) else { continue };
        for (value, price) in row.iter_mut().zip(prices.iter()) {
            *value = control.of(*price);
        }
    }
}

/// A run that was asked to stop did not go wrong.
fn stopped(error: SimError) -> StudyError {
    if error.source == SimErrorKind::Interrupted { StudyError::Interrupted } else { error.into() }
}

/// Zeros for every number of a run.
fn room(paths: usize, metrics: usize) -> Result<Vec<f64>, StudyError> {
    let numbers = RawColumns::size(paths, metrics);
    // Asked for on trial: memory that is not there would end the process. Then taken anew: zeroed memory is free until used.
    match Vec::<f64>::new().try_reserve_exact(numbers) {
        Ok(()) => Ok(vec![0.0; numbers]),
        Err(_) => Err(StudyError::Memory { paths, metrics, numbers }),
    }
}

/// [`PACK`] as the number of paths it is.
#[expect(clippy::cast_possible_truncation, reason = "far below 2³²")]
const LANES: u32 = PACK as u32;

fn world(scenario: &Scenario, seed: u64, options: &RunOptions<'_>) -> Result<World<PACK>, StudyError> {
    let mut world = World::new(scenario, seed)?;
    if let Some(flag) = &options.interrupt {
        world.interrupt_on(Arc::clone(flag));
    }
    Ok(world)
}

/// The failure of the lowest pack: the one that a run without threads would have met first.
#[derive(Default)]
struct Failure {
    first: Mutex<Option<(u32, SimError)>>,
}

impl Failure {
    fn record(&self, pack: u32, error: SimError) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.as_ref().is_none_or(|(before, _)| pack < *before) {
            *first = Some((pack, error));
        }
    }

    /// Whether a pack before this one failed: then this one need not run.
    fn is_before(&self, pack: u32) -> bool {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        first.as_ref().is_some_and(|(failed, _)| *failed < pack)
    }

    fn into_result(self) -> Result<(), StudyError> {
        match self.first.into_inner().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(()),
            Some((_, error)) => Err(stopped(error)),
        }
    }
}

/// How long a run took is told to people; no number depends on it.
#[expect(clippy::disallowed_methods, reason = "stated above")]
fn now() -> Instant {
    Instant::now()
}
