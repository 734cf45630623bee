//! Drives lanes through a clock.

use cenote_paths::{BuildPrice, PACK, PriceLanes, PriceStreams, Step, StreamKey};
use cenote_units::{Lanes, SimDuration};

pub(crate) const HOUR: u64 = 3_600_000_000_000;
pub(crate) const DAY: u64 = 24 * HOUR;

pub(crate) fn years(nanos: u64) -> f64 {
    SimDuration::from_nanos(nanos).as_years()
}

pub(crate) fn key() -> StreamKey {
    StreamKey::new(42, "tokens.ETH.price")
}

/// Lanes with a clock of their own: `step` moves on by one block.
#[derive(Debug)]
pub(crate) struct Runner<const L: usize> {
    lanes: Box<dyn PriceLanes<L>>,
    end: [u64; L],
    pub(crate) block: u32,
    pub(crate) price: Lanes<L>,
}

impl<const L: usize> Runner<L> {
    pub(crate) fn new(model: &(impl BuildPrice<L> + ?Sized), first_path: u32) -> Self {
        Self::drawing(model, &key().into(), first_path)
    }

    pub(crate) fn drawing(model: &(impl BuildPrice<L> + ?Sized), streams: &PriceStreams, first_path: u32) -> Self {
        let mut lanes = model.build(streams);
        let mut price = Lanes::ZERO;
        lanes.start(std::array::from_fn(|l| first_path + l as u32), &mut price);
        Self { lanes, end: [0; L], block: 0, price }
    }

    /// The same length in all lanes, and saying so.
    pub(crate) fn fixed(&mut self, nanos: u64) -> &Lanes<L> {
        self.go([nanos; L], Some(years(nanos)))
    }

    /// A length for each lane.
    pub(crate) fn free(&mut self, nanos: [u64; L]) -> &Lanes<L> {
        self.go(nanos, None)
    }

    fn go(&mut self, nanos: [u64; L], shared: Option<f64>) -> &Lanes<L> {
        for l in 0..L {
            self.end[l] += nanos[l];
        }
        let lengths = Lanes(nanos.map(years));
        let step = Step { block: self.block, nanos: &nanos, end: &self.end, years: &lengths, shared };
        self.lanes.step(&step, &mut self.price);
        self.block += 1;
        &self.price
    }
}

/// The price of each of `64 * packs` paths after steps of these lengths.
pub(crate) fn sample(model: &impl BuildPrice<64>, packs: u32, steps: &[u64]) -> Vec<f64> {
    let mut prices = Vec::with_capacity(64 * packs as usize);
    for pack in 0..packs {
        let mut runner = Runner::<64>::new(model, 64 * pack);
        for &nanos in steps {
            runner.fixed(nanos);
        }
        prices.extend_from_slice(&runner.price.0);
    }
    prices
}

/// ln(price/initial).
pub(crate) fn log_returns(prices: &[f64], initial: f64) -> Vec<f64> {
    prices.iter().map(|price| (price / initial).ln()).collect()
}

/// A price after each of these steps, on path 3: alone, and in a pack.
#[track_caller]
pub(crate) fn assert_frozen(model: &(impl BuildPrice<PACK> + BuildPrice<1>), steps: &[u64], expected: &[f64]) {
    let mut pack = Runner::<PACK>::new(model, 0);
    let mut alone = Runner::<1>::new(model, 3);
    let prices: Vec<f64> = steps.iter().map(|&nanos| pack.fixed(nanos)[3]).collect();
    assert_eq!(prices, expected);
    assert_eq!(steps.iter().map(|&nanos| alone.free([nanos])[0]).collect::<Vec<_>>(), expected);
}
