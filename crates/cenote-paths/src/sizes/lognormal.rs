use cenote_units::{Lanes, kernel, math};

use super::{BuildSizes, Marks, SizeLanes, SizeModel, Trade, trade_one};
use crate::error::PathError;
use crate::parameters::check;
use crate::stream::StreamKey;
use crate::stream_lanes::StreamLanes;

/// Sizes whose logarithm is normal: median × exp(σ Z).
///
/// **Streams.** Draw 1 + ⌊j/4⌋ of a block gives the normals and the coins of four events, j among them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lognormal {
    median: f64,
    sigma: f64,
}

impl Lognormal {
    /// Half of the sizes are below `median`; `sigma` is the standard deviation of their logarithm.
    ///
    /// # Errors
    /// A median that is not above zero and finite; a sigma that is not from 0 to 20.
    pub fn new(median: f64, sigma: f64) -> Result<Self, PathError> {
        check("median", median, median > 0.0 && median.is_finite(), "a size above zero")?;
        // Ten standard deviations of the log size have to stay within what a float can hold.
        check("sigma", sigma, (0.0..=20.0).contains(&sigma), "a standard deviation of the log size, from 0 to 20")?;
        Ok(Self { median, sigma })
    }
}

impl SizeModel for Lognormal {
    /// median × exp(σ²/2).
    fn mean(&self) -> f64 {
        self.median * math::exp(0.5 * self.sigma * self.sigma)
    }
}

impl<const L: usize> BuildSizes<L> for Lognormal {
    fn build(&self, key: StreamKey) -> Box<dyn SizeLanes<L>> {
        Box::new(LognormalLanes::<L> {
            sizes: Lanes::ZERO,
            normals: [Lanes::ZERO; 4],
            coins: [[0; L]; 4],
            held: None,
            streams: StreamLanes::new(key, [0; L]),
            model: *self,
        })
    }
}

#[derive(Clone, Debug)]
struct LognormalLanes<const L: usize> {
    sizes: Lanes<L>,
    /// Of four events.
    normals: [Lanes<L>; 4],
    coins: [[u64; L]; 4],
    /// Block and draw that they are from.
    held: Option<(u32, u32)>,
    streams: StreamLanes<L>,
    model: Lognormal,
}

impl<const L: usize> SizeLanes<L> for LognormalLanes<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
        self.held = None;
    }

    fn of(&mut self, block: u32, event: u32) -> Marks<'_, L> {
        let of_four = self.draw(block, event);
        let Lognormal { median, sigma } = self.model;
        sizes_of(&self.normals[of_four], median, sigma, &mut self.sizes);
        Marks { sizes: &self.sizes, coins: &self.coins[of_four] }
    }

    fn trade(&mut self, block: u32, event: u32, prices: [&Lanes<L>; 2], trade: Trade<'_, L>) {
        let of_four = self.draw(block, event);
        let Lognormal { median, sigma } = self.model;
        let (normals, coins) = (&self.normals[of_four], &self.coins[of_four]);
        trade_of(normals, coins, [median, sigma], f64::from(event), prices, trade.counts, trade.base_in, trade.amount_in);
    }
}

impl<const L: usize> LognormalLanes<L> {
    /// Has the draw of an event at hand; returns its place among four.
    #[inline]
    fn draw(&mut self, block: u32, event: u32) -> usize {
        let draw = 1 + event / 4;
        if self.held != Some((block, draw)) {
            self.streams.normal_quad_with_bits(block, draw, &mut self.normals, &mut self.coins);
            self.held = Some((block, draw));
        }
        (event & 3) as usize
    }
}

kernel! {
    fn sizes_of<const L: usize>(normals: &Lanes<L>, median: f64, sigma: f64, sizes: &mut Lanes<L>) {
        for l in 0..L {
            sizes[l] = median * math::exp(sigma * normals[l]);
        }
    }
}

kernel! {
    /// Sizes and amounts in one pass: divisions are done while exponentials are.
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one")]
    fn trade_of<const L: usize>(
        normals: &Lanes<L>,
        coins: &[u64; L],
        [median, sigma]: [f64; 2],
        event: f64,
        [base_price, quote_price]: [&Lanes<L>; 2],
        counts: &Lanes<L>,
        base_in: &mut [u64; L],
        amount_in: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let size = median * math::exp(sigma * normals[l]);
            (base_in[l], amount_in[l]) = trade_one(size, coins[l], event, base_price[l], quote_price[l], counts[l]);
        }
    }
}
