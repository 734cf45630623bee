use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use cenote_units::{Lanes, PACK};

use super::Engine;
use crate::clock::WARM_UP;
use crate::error::{ScenarioError, SimError};
use crate::observer::Observer;
use crate::scenario::Scenario;

/// `L` paths of a scenario in lockstep: one, or [`PACK`].
///
/// One code for one path and for a pack: every number of a path has the same bits in a world of one lane and in any lane of a wider
/// one. A world is reused from pack to pack and allocates nothing per block.
#[derive(Debug)]
pub struct World<const L: usize> {
    engine: Box<dyn Run<L>>,
}

/// The engine behind a world: what is called once a run.
trait Run<const L: usize>: Debug + Send {
    fn run(&mut self, paths: [u32; L], used: usize, results: &mut [f64]) -> Result<u64, SimError>;
    fn prices(&self) -> &[Lanes<L>];
    fn interrupt_on(&mut self, flag: Arc<AtomicBool>);
    fn observe(&mut self, observer: Box<dyn Observer>);
    fn take_observers(&mut self) -> Vec<Box<dyn Observer>>;
}

/// Builds worlds of this width. The engine is compiled here, for the two widths there are: who uses worlds need not compile it again.
pub trait BuildWorld<const L: usize> {
    /// A world of this scenario, with this master seed.
    ///
    /// # Errors
    /// As [`World::new`].
    fn build(&self, seed: u64) -> Result<World<L>, ScenarioError>;
}

impl BuildWorld<1> for Scenario {
    fn build(&self, seed: u64) -> Result<World<1>, ScenarioError> {
        Ok(World { engine: Box::new(Engine::<1>::new(self, seed)?) })
    }
}

impl BuildWorld<PACK> for Scenario {
    fn build(&self, seed: u64) -> Result<World<PACK>, ScenarioError> {
        Ok(World { engine: Box::new(Engine::<PACK>::new(self, seed)?) })
    }
}

impl<const L: usize> World<L>
where
    Scenario: BuildWorld<L>,
{
    /// A world of this scenario, with this master seed.
    ///
    /// # Errors
    /// The scenario does not check, or a pool cannot be built from its amounts.
    pub fn new(scenario: &Scenario, seed: u64) -> Result<Self, ScenarioError> {
        scenario.build(seed)
    }
}

impl<const L: usize> World<L> {
    /// Outside prices of all tokens in the numeraire; after a [`run`](Self::run), those at its horizon.
    pub fn prices(&self) -> &[Lanes<L>] {
        self.engine.prices()
    }

    /// Stops the run soon after `flag` is set, with [`SimErrorKind::Interrupted`](crate::SimErrorKind::Interrupted).
    pub fn interrupt_on(&mut self, flag: Arc<AtomicBool>) {
        self.engine.interrupt_on(flag);
    }

    /// Adds somebody who sees every event.
    pub fn observe(&mut self, observer: Box<dyn Observer>) {
        self.engine.observe(observer);
    }

    /// Gives the observers back.
    pub fn take_observers(&mut self) -> Vec<Box<dyn Observer>> {
        self.engine.take_observers()
    }

    /// Simulates `paths` from start to horizon and writes their results: column by column as
    /// [`Scenario::columns`] lists them, `L` values each. Only the first `used` lanes matter; the others pad a pack.
    /// Returns the number of blocks of the measured time, summed over the used lanes.
    ///
    /// # Errors
    /// The first used lane that went wrong, with what is needed to replay it.
    pub fn run(&mut self, paths: [u32; L], used: usize, results: &mut [f64]) -> Result<u64, SimError> {
        self.engine.run(paths, used, results)
    }
}

impl<const L: usize> Run<L> for Engine<L> {
    fn run(&mut self, paths: [u32; L], used: usize, results: &mut [f64]) -> Result<u64, SimError> {
        self.start(paths, used);
        self.clock.begin_leg(WARM_UP, self.scenario.warm_up);
        self.run_leg()?;
        // Before positions enter: lanes that stood still at the end of the warm-up are active again.
        self.clock.begin_leg(0, self.scenario.horizon);
        self.begin_measuring()?;
        self.run_leg()?;
        self.finish(results)
    }

    fn prices(&self) -> &[Lanes<L>] {
        &self.market.prices
    }

    fn interrupt_on(&mut self, flag: Arc<AtomicBool>) {
        self.interrupt = Some(flag);
    }

    fn observe(&mut self, observer: Box<dyn Observer>) {
        self.observers.push(observer);
    }

    fn take_observers(&mut self) -> Vec<Box<dyn Observer>> {
        std::mem::take(&mut self.observers)
    }
}
