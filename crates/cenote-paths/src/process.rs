//! What a price process is: one path, `L` paths in lockstep, and the description both are built from.

use std::fmt::Debug;

use cenote_units::{Lanes, PACK, SimDuration, SimTime};

use crate::error::PathError;
use crate::history::is_price;
use crate::price_streams::PriceStreams;
use crate::stream::{Stream, StreamKey};

/// One step of the clock, lane by lane.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a, const L: usize> {
    /// Index of the block that ends the step: the `block` word of the streams.
    pub block: u32,
    /// Length of the step in nanoseconds; 0 = this lane does not move (it is past its horizon).
    pub nanos: &'a [u64; L],
    /// Time at the end of the step, in nanoseconds since the start.
    pub end: &'a [u64; L],
    /// Length of the step in years of 365 days.
    pub years: &'a Lanes<L>,
    /// The same in all lanes, if it is (a fixed clock): then processes compute what depends on it once.
    pub shared: Option<f64>,
}

impl<const L: usize> Step<'_, L> {
    /// The step as one lane sees it.
    pub fn lane(&self, lane: usize) -> PathStep {
        PathStep {
            block: self.block,
            time: SimTime::from_nanos(self.end[lane]),
            length: SimDuration::from_nanos(self.nanos[lane]),
            years: self.years[lane],
        }
    }
}

/// One step of the clock on one path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathStep {
    /// Index of the block that ends the step.
    pub block: u32,
    /// Time at the end of the step, since the start.
    pub time: SimTime,
    /// Length of the step, above zero.
    pub length: SimDuration,
    /// The same length in years of 365 days.
    pub years: f64,
}

/// `L` paths of a price in lockstep: what a world runs.
///
/// Implementations are elementwise: a path has the same bits alone (`L` = 1) and in any pack. A lane whose step is
/// 0 ns keeps the bits of its price.
pub trait PriceLanes<const L: usize>: Debug + Send {
    /// (Re)starts on these paths and writes the price at the start.
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>);

    /// Moves on by one step and writes the price at its end. `price` comes as the last call left it.
    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>);
}

/// A price process of one's own: the state of one path.
///
/// Whatever implements this is a [`PriceModel`] and runs in packs, lane by lane.
///
/// ```
/// use cenote_paths::{PathStep, PriceProcess, Stream};
/// use rand_distr::{Distribution, StudentT};
///
/// /// A price whose daily log returns have fat tails.
/// #[derive(Clone, Debug)]
/// struct FatTails {
///     log_price: f64,
/// }
///
/// impl PriceProcess for FatTails {
///     fn start(&mut self) -> f64 {
///         self.log_price = 0.0;
///         1.0
///     }
///     fn step(&mut self, step: &PathStep, stream: &mut Stream) -> f64 {
///         let t: f64 = StudentT::new(4.0).expect("4 degrees of freedom are enough").sample(stream);
///         self.log_price += 0.02 * (step.years * 365.0).sqrt() * t;
///         cenote_units::math::exp(self.log_price)
///     }
/// }
/// ```
pub trait PriceProcess: Debug + Clone + Send + Sync + 'static {
    /// (Re)starts and returns the price at the start.
    fn start(&mut self) -> f64;

    /// Moves on by one step, which is longer than zero, and returns the price at its end.
    ///
    /// `stream` is the path's own random stream for the block that ends the step. All randomness is to come from it.
    fn step(&mut self, step: &PathStep, stream: &mut Stream) -> f64;
}

/// The description of a price: validated, immutable, shared by threads. It builds the lanes that run.
///
/// ```
/// use cenote_paths::{BuildPrice, Gbm, PACK, PriceModel, StreamKey};
/// let model: Box<dyn PriceModel> = Box::new(Gbm::per_year(2000.0, 0.0, 0.8)?);
/// assert_eq!(model.initial(), 2000.0);
/// let streams = StreamKey::new(42, "tokens.ETH.price").into();
/// let pack = BuildPrice::<PACK>::build(&*model, &streams);
/// let alone = BuildPrice::<1>::build(&*model, &streams);
/// # let _ = (pack, alone);
/// # Ok::<(), cenote_paths::PathError>(())
/// ```
pub trait PriceModel: Debug + Send + Sync + BuildPrice<1> + BuildPrice<PACK> {
    /// The price at the start.
    fn initial(&self) -> f64;

    /// Whether the process can run this long: a replayed history must not end, a price must stay a float.
    ///
    /// # Errors
    /// [`PathError::HorizonExceedsHistory`] and [`PathError::PriceOverflow`].
    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        let _ = horizon;
        Ok(())
    }

    /// E\[S(T)^power\] at a time T, where it has a closed form: what a control variate has to know.
    fn moment(&self, power: f64, time: SimDuration) -> Option<f64> {
        let _ = (power, time);
        None
    }

    /// How the normals of its diffusion are numbered, if it has any: prices whose normals are numbered alike can be correlated.
    fn diffusion(&self) -> Option<DiffusionClock> {
        None
    }
}

/// What the normals of a diffusion belong to: those of two prices can only be correlated one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffusionClock {
    /// One for each block of the chain.
    Blocks,
    /// One for each interval of this length since the start, whatever the blocks.
    Intervals(SimDuration),
    /// One for each block, in between prices at the ends of intervals of this length that have no diffusion: those of a history.
    Bridges(SimDuration),
}

/// Builds the lanes of a [`PriceModel`]: its own trait, so that a `dyn PriceModel` builds one lane and [`PACK`].
pub trait BuildPrice<const L: usize> {
    /// Lanes of this price that draw from these streams. They run after [`PriceLanes::start`].
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>>;
}

impl<P: PriceProcess> PriceModel for P {
    fn initial(&self) -> f64 {
        self.clone().start()
    }
}

impl<P: PriceProcess, const L: usize> BuildPrice<L> for P {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(PerLane::<P, L>::new(self, streams.key()))
    }
}

/// Lifts a process of one path to `L` lanes, each with its own state and its own stream.
#[derive(Clone, Debug)]
pub struct PerLane<P, const L: usize> {
    lanes: [P; L],
    paths: [u32; L],
    key: StreamKey,
}

impl<P: PriceProcess, const L: usize> PerLane<P, L> {
    /// Lanes of copies of `process` that draw from the streams of `key`.
    pub fn new(process: &P, key: StreamKey) -> Self {
        Self { lanes: std::array::from_fn(|_| process.clone()), paths: [0; L], key }
    }
}

impl<P: PriceProcess, const L: usize> PriceLanes<L> for PerLane<P, L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.paths = paths;
        for l in 0..L {
            price[l] = self.lanes[l].start();
        }
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        for l in 0..L {
            if step.nanos[l] > 0 {
                let mut stream = Stream::new(self.key, self.paths[l], step.block);
                price[l] = self.lanes[l].step(&step.lane(l), &mut stream);
            }
        }
    }
}

/// The largest log price that is held: e^±700 are floats with room to spare.
const LOG_PRICE_LIMIT: f64 = 700.0;

/// The price at the start of a process.
pub(crate) fn check_initial(value: f64) -> Result<f64, PathError> {
    if is_price(value) {
        return Ok(value);
    }
    Err(PathError::Parameter { name: "initial", value, expected: "a price above zero (1e-150 to 1e150)" })
}

/// That a log price stays a float up to ten standard deviations: nobody meets one beyond (1.5e-23).
pub(crate) fn check_log_price(horizon: SimDuration, initial: f64, mean: f64, deviation: f64) -> Result<(), PathError> {
    let log_price = cenote_units::math::ln(initial).abs() + mean.abs() + 10.0 * deviation;
    if log_price <= LOG_PRICE_LIMIT {
        return Ok(());
    }
    Err(PathError::PriceOverflow { horizon, log_price, limit: LOG_PRICE_LIMIT })
}
