//! When events come: how many each block has, on `L` paths in lockstep.
//!
//! | | |
//! |---|---|
//! | [`Poisson`] | events that know nothing of each other, at one pace or with a [`Profile`] over the day or the week |
//! | [`Hawkes`] | events that bring on others: clusters |
//!
//! ```
//! use cenote_paths::StreamKey;
//! use cenote_paths::arrivals::{ArrivalLanes, BuildArrivals, Poisson, Window};
//! use cenote_units::Lanes;
//!
//! let trades = Poisson::new("150 per day".parse()?)?;
//! let mut lanes: Box<dyn ArrivalLanes<4>> = trades.build(StreamKey::new(42, "agents.retail"));
//! lanes.start([0, 1, 2, 3]);
//! let (hour, years) = (3_600_000_000_000, 1.0 / 8760.0);
//! let mut counts = Lanes::ZERO;
//! let window =
//!     Window { block: 0, end: &[hour; 4], years: &Lanes::splat(years), shared: Some(years), active: &Lanes::splat(1.0) };
//! let most = lanes.count(&window, &mut counts);
//! assert!(counts.iter().all(|count| *count <= f64::from(most)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Sizes of the events are drawn by [`sizes`](crate::sizes), from the same stream: arrivals take its draw 0 (and, where a block
//! has very many, those from 2³¹ on), sizes the draws from 1 on.

mod hawkes;
mod poisson;
mod profile;

use std::fmt::Debug;

use cenote_units::{Lanes, PACK};

use crate::stream::StreamKey;

pub use hawkes::Hawkes;
pub use poisson::Poisson;
pub use profile::Profile;

/// The time from the block before up to a block, lane by lane.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a, const L: usize> {
    /// Index of the block: the `block` word of the streams.
    pub block: u32,
    /// Time of the block, in nanoseconds since the start.
    pub end: &'a [u64; L],
    /// Length of the window, in years of 365 days.
    pub years: &'a Lanes<L>,
    /// The same in all lanes, if it is (a fixed clock).
    pub shared: Option<f64>,
    /// 1 where there is a block, 0 where there is none: the lane is past its horizon.
    pub active: &'a Lanes<L>,
}

/// Arrivals on `L` paths in lockstep.
///
/// Implementations are elementwise: a path has the same counts alone and in any pack.
pub trait ArrivalLanes<const L: usize>: Debug + Send {
    /// (Re)starts on these paths.
    fn start(&mut self, paths: [u32; L]);

    /// Writes how many events came within the window, a whole number in each lane and 0 in those that are not active. Returns the
    /// largest. Windows follow one another.
    fn count(&mut self, window: &Window<'_, L>, counts: &mut Lanes<L>) -> u32;
}

/// The description of arrivals: validated, immutable, shared by threads.
pub trait ArrivalModel: Debug + Send + Sync + BuildArrivals<1> + BuildArrivals<PACK> {
    /// Expected events per year, in the long run.
    fn rate(&self) -> f64;

    /// The largest that the expected number of events per year gets, known in advance: with a profile, where it is highest.
    fn peak_rate(&self) -> f64 {
        self.rate()
    }
}

/// Builds the lanes of an [`ArrivalModel`].
pub trait BuildArrivals<const L: usize> {
    /// Lanes that draw from the streams of `key`. They run after [`ArrivalLanes::start`].
    fn build(&self, key: StreamKey) -> Box<dyn ArrivalLanes<L>>;
}

cenote_units::shared! { ArrivalModel: Hawkes, Poisson; }
