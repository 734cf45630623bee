use cenote_amm::TokenIndex;
use cenote_units::{LaneBits, LaneList, Lanes, kernel};

use crate::market::{MarketLanes, PoolId, TokenId};
use crate::wake::Wake;

/// What `L` paths wait for, as numbers to compare.
#[derive(Debug)]
pub(crate) struct Alarm<const L: usize> {
    /// Lanes to be asked in this block.
    pub(crate) due: LaneBits<L>,
    wakes: [Wake; L],
    /// Lanes that look at every block, or wait for what the others do not: they are tested one by one.
    single: LaneBits<L>,
    at: [u64; L],
    /// The earliest of them.
    first: u64,
    pool_price: Option<(PoolId, Band<L>)>,
    token_price: Option<(TokenId, Band<L>)>,
    value: Option<Band<L>>,
    /// Room for the pool's prices.
    spot: Lanes<L>,
}

/// Wake outside these.
#[derive(Debug)]
struct Band<const L: usize> {
    low: Lanes<L>,
    high: Lanes<L>,
}

impl<const L: usize> Band<L> {
    fn open() -> Self {
        Self { low: Lanes::splat(f64::NEG_INFINITY), high: Lanes::splat(f64::INFINITY) }
    }

    fn set(&mut self, l: usize, (low, high): (f64, f64)) {
        (self.low[l], self.high[l]) = (low, high);
    }

    fn clear(&mut self, l: usize) {
        self.set(l, (f64::NEG_INFINITY, f64::INFINITY));
    }
}

impl<const L: usize> Alarm<L> {
    /// Everybody is asked.
    pub(crate) fn new() -> Self {
        Self {
            due: LaneBits::ALL,
            wakes: [Wake::EVERY_BLOCK; L],
            single: LaneBits::ALL,
            at: [u64::MAX; L],
            first: u64::MAX,
            pool_price: None,
            token_price: None,
            value: None,
            spot: Lanes::ZERO,
        }
    }

    pub(crate) fn watches_value(&self) -> bool {
        self.value.is_some()
    }

    /// What a lane waits for from now on.
    pub(crate) fn set(&mut self, l: usize, wake: &Wake) {
        self.wakes[l] = *wake;
        self.at[l] = wake.at.as_nanos();
        let mut single = wake.every_block;
        watch(&mut self.pool_price, l, wake.pool_price, &mut single);
        watch(&mut self.token_price, l, wake.token_price, &mut single);
        self.single.put(l, single);
        match (&mut self.value, wake.value) {
            (Some(band), Some(bounds)) => band.set(l, bounds),
            (Some(band), None) => band.clear(l),
            (none, Some(bounds)) => {
                let mut band = Band::open();
                band.set(l, bounds);
                *none = Some(band);
            }
            (None, None) => {}
        }
    }

    /// After lanes were set.
    pub(crate) fn arm(&mut self) {
        self.due = LaneBits::NONE;
        self.first = earliest(&self.at);
    }

    /// Finds the lanes that are to be asked now. `value` is read only if it is watched.
    pub(crate) fn rings(&mut self, market: &MarketLanes<'_, L>, value: &Lanes<L>) -> bool {
        if self.single.any() {
            for l in LaneList::of(&self.single).iter() {
                if self.wakes[l].rings(&market.lane(l), value[l]) {
                    self.due.put(l, true);
                }
            }
        }
        if self.first < u64::MAX {
            reached(market.time, &self.at, &mut self.due);
        }
        if let Some((pool, band)) = &self.pool_price
            && let Some(pool) = market.pools.get(pool.index())
        {
            pool.spot_prices(TokenIndex::ZERO, TokenIndex::ONE, &mut self.spot);
            outside(&self.spot, &band.low, &band.high, &mut self.due);
        }
        if let Some((token, band)) = &self.token_price
            && let Some(price) = market.prices.get(token.index())
        {
            outside(price, &band.low, &band.high, &mut self.due);
        }
        if let Some(band) = &self.value {
            outside(value, &band.low, &band.high, &mut self.due);
        }
        self.due.any()
    }
}

/// Watches one thing of a kind for all lanes at once; a lane that wants another is tested on its own.
fn watch<Id: PartialEq + Copy, const L: usize>(
    watched: &mut Option<(Id, Band<L>)>,
    l: usize,
    wanted: Option<(Id, f64, f64)>,
    single: &mut bool,
) {
    match (watched, wanted) {
        (Some((id, band)), Some((wanted, low, high))) if *id == wanted => band.set(l, (low, high)),
        (Some((_, band)), Some(_)) => {
            band.clear(l);
            *single = true;
        }
        (Some((_, band)), None) => band.clear(l),
        (none, Some((id, low, high))) => {
            let mut band = Band::open();
            band.set(l, (low, high));
            *none = Some((id, band));
        }
        (None, None) => {}
    }
}

kernel! {
    fn earliest<const L: usize>(at: &[u64; L]) -> u64 {
        at.iter().fold(u64::MAX, |first, &at| if at < first { at } else { first })
    }
}

kernel! {
    #[expect(clippy::needless_bitwise_bool, reason = "a branch between the conditions keeps the loop from vectorising")]
    fn outside<const L: usize>(x: &Lanes<L>, low: &Lanes<L>, high: &Lanes<L>, due: &mut LaneBits<L>) {
        due.add(|l| (x[l] < low[l]) | (x[l] > high[l]));
    }
}

kernel! {
    fn reached<const L: usize>(time: &[u64; L], at: &[u64; L], due: &mut LaneBits<L>) {
        due.add(|l| time[l] >= at[l]);
    }
}
