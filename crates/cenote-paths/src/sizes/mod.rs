//! How large events are: the marks of [`arrivals`](crate::arrivals), on `L` paths in lockstep.
//!
//! | | |
//! |---|---|
//! | [`Constant`] | all the same |
//! | [`Lognormal`] | what trades look like in the middle |
//! | [`Pareto`] | what they look like in the tail |
//! | [`Empirical`] | observed ones, drawn with replacement |
//!
//! ```
//! use cenote_paths::StreamKey;
//! use cenote_paths::sizes::{BuildSizes, Pareto, SizeLanes, SizeModel};
//!
//! let losses = Pareto::new(100.0, 2.5)?;
//! assert!((losses.mean() - 100.0 * 2.5 / 1.5).abs() < 1e-12);
//! let mut lanes: Box<dyn SizeLanes<4>> = losses.build(StreamKey::new(42, "risks.bridge"));
//! lanes.start([0, 1, 2, 3]);
//! let first = lanes.of(7, 0); // the first event of block 7
//! assert!(first.sizes.iter().all(|size| *size >= 100.0));
//! # Ok::<(), cenote_paths::PathError>(())
//! ```

mod constant;
mod empirical;
mod lognormal;
mod pareto;
mod uniform_lanes;

use std::fmt::Debug;

use cenote_units::{Lanes, PACK, kernel, select};

use crate::stream::StreamKey;

pub use constant::Constant;
pub use empirical::Empirical;
pub use lognormal::Lognormal;
pub use pareto::Pareto;

/// What there is to know of one event in each of `L` lanes.
#[derive(Clone, Copy, Debug)]
pub struct Marks<'a, const L: usize> {
    /// How large it is.
    pub sizes: &'a Lanes<L>,
    /// A fair coin, 0 or 1: which way it goes.
    pub coins: &'a [u64; L],
}

/// Sizes on `L` paths in lockstep: a size depends on path, block and number of the event alone.
pub trait SizeLanes<const L: usize>: Debug + Send {
    /// (Re)starts on these paths.
    fn start(&mut self, paths: [u32; L]);

    /// The marks of event number `event` of a block, from 0. Events in order are cheapest.
    fn of(&mut self, block: u32, event: u32) -> Marks<'_, L>;

    /// The same event as a trade of that value: a coin of 1 pays in base, one of 0 quote, at these prices of base and quote.
    fn trade(&mut self, block: u32, event: u32, prices: [&Lanes<L>; 2], trade: Trade<'_, L>) {
        let Marks { sizes, coins } = self.of(block, event);
        trade_of(sizes, coins, f64::from(event), prices, trade.counts, trade.base_in, trade.amount_in);
    }
}

/// Where a trade of `L` lanes goes to.
#[derive(Debug)]
pub struct Trade<'a, const L: usize> {
    /// Events of the block: a lane that has fewer has no such trade.
    pub counts: &'a Lanes<L>,
    /// All ones where base is paid in, zero where quote is.
    pub base_in: &'a mut [u64; L],
    /// How much is paid in, in units of what is; zero where there is no trade.
    pub amount_in: &'a mut Lanes<L>,
}

/// Which side pays, and how much.
#[inline(always)]
fn trade_one(size: f64, coin: u64, event: f64, base_price: f64, quote_price: f64, count: f64) -> (u64, f64) {
    // A coin of 1 as a mask.
    let base_in = coin.wrapping_neg();
    let amount = size / select(base_in, base_price, quote_price);
    (base_in, if event < count { amount } else { 0.0 })
}

kernel! {
    fn trade_of<const L: usize>(
        sizes: &Lanes<L>,
        coins: &[u64; L],
        event: f64,
        [base_price, quote_price]: [&Lanes<L>; 2],
        counts: &Lanes<L>,
        base_in: &mut [u64; L],
        amount_in: &mut Lanes<L>,
    ) {
        for l in 0..L {
            (base_in[l], amount_in[l]) = trade_one(sizes[l], coins[l], event, base_price[l], quote_price[l], counts[l]);
        }
    }
}

/// The description of sizes: validated, immutable, shared by threads.
pub trait SizeModel: Debug + Send + Sync + BuildSizes<1> + BuildSizes<PACK> {
    /// The expected size.
    fn mean(&self) -> f64;
}

/// Builds the lanes of a [`SizeModel`].
pub trait BuildSizes<const L: usize> {
    /// Lanes that draw from the streams of `key`. They run after [`SizeLanes::start`].
    fn build(&self, key: StreamKey) -> Box<dyn SizeLanes<L>>;
}

cenote_units::shared! { SizeModel: Constant, Empirical, Lognormal, Pareto; }
