//! Random streams, price processes and price histories.
//!
//! ```
//! use cenote_paths::{Gbm, PriceModel, BuildPrice, Step, StreamKey};
//! use cenote_units::Lanes;
//!
//! let eth = Gbm::per_year(2000.0, 0.0, 0.8)?; // dollars per ETH; drift and volatility per year
//! let mut lanes: Box<dyn cenote_paths::PriceLanes<64>> = eth.build(&StreamKey::new(42, "tokens.ETH.price").into());
//! let mut price = Lanes::ZERO;
//! lanes.start(std::array::from_fn(|path| path as u32), &mut price); // paths 0 to 63, side by side
//! let hour = 3_600_000_000_000;
//! for block in 0..24 {
//!     let (nanos, end) = ([hour; 64], [hour * u64::from(block + 1); 64]);
//!     let years = 1.0 / 8760.0;
//!     lanes.step(&Step { block, nanos: &nanos, end: &end, years: &Lanes::splat(years), shared: Some(years) }, &mut price);
//! }
//! println!("after a day: {:.2} on path 0, {:.2} on path 63", price[0], price[63]);
//! # assert!((1000.0..3000.0).contains(&price[0]) && price[0] != price[63]);
//! # Ok::<(), cenote_paths::PathError>(())
//! ```
//!
//! # What is here
//!
//! | | |
//! |---|---|
//! | [`Stream`], [`StreamLanes`], [`StreamKey`] | counter-based random streams, one for each path, component and block |
//! | [`GammaVariates`] | gamma variates in lanes |
//! | [`PriceStreams`] | what a price draws from: its own streams, and normals that may be correlated with those of others |
//! | [`CorrelationMatrix`] | which correlations those normals have |
//! | [`PriceProcess`] | a process of one's own: one path, two methods |
//! | [`PriceModel`], [`BuildPrice`], [`PriceLanes`], [`Step`] | the description of a price, and the lanes built from it that run in lockstep |
//! | [`Constant`], [`Gbm`] | prices that stand still or diffuse |
//! | [`Merton`], [`Kou`], [`VarianceGamma`] | prices that jump |
//! | [`SharedEvents`] | times at which several prices jump |
//! | [`Heston`], [`Garch`], [`RegimeSwitching`] | prices whose volatility is a process of its own |
//! | [`Ou`], [`ExpOu`], [`Peg`] | values, prices and pegs that go back to a mean |
//! | [`Replay`], [`StationaryBootstrap`], [`CircularBootstrap`] | observed prices, as they were or resampled |
//! | [`Shocked`] | any of them, with stresses at known times |
//! | [`PriceHistory`] | observed prices, read from CSV and checked |
//! | [`arrivals`], [`sizes`] | how many events a block has, and how large each is: trades, failures |
//! | [`calibration`] | parameters of processes from what was observed, with their standard errors |
//!
//! A path has the same bits alone, in a pack of any size, on every instruction set and on every platform. Sampled
//! values are frozen by tests: a change of them is a value-breaking change of this crate.
//!
//! # Random streams: layout, version 1
//!
//! Every random number is a word of Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011) and depends on nothing but:
//!
//! | | |
//! |---|---|
//! | key words 0, 1 | the master seed: low 32 bits, high 32 bits |
//! | counter word 0 | draw: number of the call within the block |
//! | counter word 1 | block |
//! | counter word 2 | component: 32-bit FNV-1a hash of its *name*, such as `tokens.ETH.price` |
//! | counter word 3 | path |
//!
//! One call gives four 32-bit words w0 w1 w2 w3; as 64-bit words w0 + 2³² w1 and w2 + 2³² w3. Of a 64-bit word:
//!
//! | | |
//! |---|---|
//! | a uniform | (2k + 1)/2⁵³ with k the upper 52 bits: never 0, never 1 |
//! | an exponential | −ln of that uniform |
//! | two normals | the Box-Muller transform r (cos a, sin a): r from bits 0-39, a from bits 40-59, 62 and 63 |
//! | two coins | bits 60 and 61, for the first and the second of the normals |
//! | a coin beside a uniform | bit 0 |
//!
//! So a call is four normals. [`normal_pair`](cenote_units::math::normal_pair) defines them to the bit, and says what 40 bits of
//! radius and 22 of angle do to the distribution: no more than cutting it at 7.54 standard deviations.
//!
//! Any path can be replayed by its index alone, any block of it started at once, and adding a component changes
//! nobody else's numbers. The block is in the counter because rejection samplers draw a varying number of words. What
//! each process draws is said in its own documentation: [`Gbm`] takes one call for four blocks,
//! the bootstraps one for each interval of its history, a [`PriceProcess`] what it asks its stream for.
//!
//! # Where rand and `rand_distr` serve
//!
//! [`Stream`] implements rand's core trait (`rand::TryRng`, and through it `rand::Rng` and `rand::RngExt`): a process
//! of one's own samples any distribution of `rand_distr` from the stream it is handed. The generators of rand are not
//! used (`StdRng` and `SmallRng` are documented as not portable), and the processes of this crate use the formulas
//! above instead of `rand_distr`, because its samplers branch: they neither run in lanes nor promise the same bits
//! from version to version. In this crate's tests `rand_distr` is the reference.
//!
//! # What this crate does not do
//!
//! It knows no pools, no chains, no files by name and no threads. It does not fill gaps of a history.

// Helpers of kernels must be compiled with each kernel's instruction set.
#![allow(clippy::inline_always)]

pub mod arrivals;
mod block_normals;
pub mod calibration;
mod convert;
mod correlation;
mod error;
mod gamma;
pub mod history;
mod jump_counts;
mod jump_times;
mod parameters;
mod philox;
mod price_streams;
mod process;
mod processes;
mod sampling;
pub mod sizes;
mod sobol;
mod stream;
mod stream_lanes;
mod uniform;

pub use cenote_units::PACK;
pub use correlation::CorrelationMatrix;
pub use error::PathError;
pub use gamma::GammaVariates;
pub use history::PriceHistory;
pub use jump_times::SharedEvents;
pub use price_streams::PriceStreams;
pub use process::{BuildPrice, DiffusionClock, PathStep, PerLane, PriceLanes, PriceModel, PriceProcess, Step};
pub use processes::{
    BusinessTime, CircularBootstrap, Clustering, Constant, Depeg, Drift, ExpOu, ExponentialJumps, Garch, Gbm, Heston, Kou, Merton,
    NormalJumps, Ou, Peg, Recovery, Regime, RegimeSwitching, Replay, Shock, Shocked, StationaryBootstrap, StochasticVariance,
    VarianceGamma,
};
pub use sampling::Sampling;
pub use sobol::{ScrambledSobol, Sobol};
pub use stream::{Stream, StreamKey};
pub use stream_lanes::StreamLanes;
