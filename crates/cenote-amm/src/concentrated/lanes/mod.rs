//! Concentrated liquidity, `L` paths wide.

mod kernels;
mod model;
mod others;
mod place;
#[cfg(test)]
mod tests;
mod trades;
mod walk;

use cenote_units::{LaneList, Lanes};

use crate::lanes::{
    DepthLanes, FewTrades, FlowLanes, PoolLanes, PriceRange, RangeChange, RangeIncome, RangeLanes, RangedLanes, TickScale,
};
use crate::pool::TokenIndex;

use kernels::Together;
use place::{EARNED, LOSS, Place, SUMS};

pub use model::ConcentratedModel;

/// Liquidity in ranges of prices, `L` paths wide: Uniswap v3 and its kin in floating point.
///
/// Everything is a function of s, the square root of the price of token 0 in token 1. Between two ends of positions the pool is a
/// constant product of liquidity ℓ: a move from s to s' takes ℓ(s' − s) of token 1 and gives ℓ(1/s − 1/s') of token 0. Moves that stay
/// between the nearest ends are computed for all lanes at once; a lane that crosses an end is walked on its own.
///
/// Fees stay outside the liquidity. A swap's fee is paid per unit of liquidity it used, so two running sums of fee per unit of
/// liquidity serve all positions: a position in range earns its liquidity times their growth. Two more are the books: what the liquidity
/// lost against rebalancing, and what its fees came to, at the outside prices of each trade. So trades cost the same however many positions
/// there are, and a position costs nothing until it is looked at.
///
/// Source: "Uniswap v3 Core" (2021), section 6.
#[derive(Clone, Debug)]
pub struct ConcentratedLanes<const L: usize> {
    /// Square root of the price, token 1 per token 0 in whole tokens.
    s: Lanes<L>,
    /// 1/s, to some units in the last place.
    inverse: Lanes<L>,
    /// Where the present stretch of constant liquidity begins and ends; 0 and infinity where no position does.
    lo: Lanes<L>,
    hi: Lanes<L>,
    /// Liquidity of that stretch.
    liquidity: Lanes<L>,
    /// Sums per unit of liquidity so far: providers' fees in token 0 and in token 1, loss-versus-rebalancing, and fees as they were worth.
    growth: [Lanes<L>; SUMS],
    /// What tokens are worth outside.
    worth: [Lanes<L>; 2],
    /// What the liquidity is less what it would be, were it everywhere that of the present stretch: the reserves but for ℓ/s and ℓs.
    beyond: [Lanes<L>; 2],
    protocol_fees: [Lanes<L>; 2],
    /// Room for positions: first those of others, which never move, then those of a world.
    places: Vec<Place<L>>,
    /// How many of the places are others'.
    others: usize,
    /// Whether what the world sees of its places is as of now.
    settled: bool,
    /// Where trades of all lanes work.
    room: Box<[Lanes<L>; 2]>,
    /// Where a few lanes trade.
    together: Box<Together>,
    /// For so many arbitrages nobody looks whether they are few: when last looked at, they were not.
    crowded: u32,
    initial: f64,
    terms: Terms,
    ticks: TickScale,
}

/// What a swap costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Terms {
    /// Fee over input.
    fee: f64,
    /// Input that trades over input: 1 − fee.
    keep: f64,
    /// Input over input that trades: as the other, an edge of the no-arbitrage band over the outside price.
    gross: f64,
    /// Providers' fee over input that trades.
    earned: f64,
    protocol_share: f64,
}

/// Who is nearer to the edge of the band than this, relatively, is there: far more than what is rounded on the way.
const NEAR: f64 = 1e-12;

impl Terms {
    fn new(fee: f64, protocol_share: f64) -> Self {
        let keep = 1.0 - fee;
        Self { fee, keep, gross: 1.0 / keep, earned: fee / keep * (1.0 - protocol_share), protocol_share }
    }
}

impl<const L: usize> ConcentratedLanes<L> {
    /// A pool at `price` (token 1 per token 0, whole tokens) with a fee on input, of which the protocol takes its share, and liquidity
    /// of others: square roots of prices where it begins and ends, and how much.
    fn new(price: f64, fee: f64, protocol_share: f64, ticks: TickScale, others: &[([f64; 2], f64)]) -> Self {
        let mut pool = Self {
            s: Lanes::ZERO,
            inverse: Lanes::ZERO,
            lo: Lanes::ZERO,
            hi: Lanes::ZERO,
            liquidity: Lanes::ZERO,
            growth: [Lanes::ZERO; SUMS],
            worth: [Lanes::ZERO; 2],
            beyond: [Lanes::ZERO; 2],
            protocol_fees: [Lanes::ZERO; 2],
            places: others.iter().map(|&(bounds, liquidity)| Place::others(bounds, liquidity)).collect(),
            others: others.len(),
            settled: false,
            room: Box::new([Lanes::ZERO; 2]),
            together: Box::new(Together::new()),
            crowded: 0,
            initial: price.sqrt(),
            terms: Terms::new(fee, protocol_share),
            ticks,
        };
        pool.start();
        pool
    }

    /// Brings one place up to date in a lane in which it alone has changed.
    fn settle_lane(&mut self, n: usize, l: usize) {
        let growth = self.growth_of(l);
        self.places[n].settle_lane(l, self.s[l], self.lo[l], growth);
    }

    /// The stretch is another, the reserves are these, and the place is of now.
    fn after_change(&mut self, n: usize, l: usize, reserves: [f64; 2]) {
        self.find_stretch(l);
        self.set_reserves(l, reserves);
        let growth = self.growth_of(l);
        self.places[n].mark(l, growth);
        self.settle_lane(n, l);
    }

    fn growth_of(&self, l: usize) -> [f64; SUMS] {
        self.growth.each_ref().map(|sum| sum[l])
    }

    fn reserves_of(&self, l: usize) -> [f64; 2] {
        [self.beyond[0][l] + self.liquidity[l] * self.inverse[l], self.beyond[1][l] + self.liquidity[l] * self.s[l]]
    }

    fn set_reserves(&mut self, l: usize, reserves: [f64; 2]) {
        self.beyond[0][l] = reserves[0] - self.liquidity[l] * self.inverse[l];
        self.beyond[1][l] = reserves[1] - self.liquidity[l] * self.s[l];
    }

    fn bounds(&self, range: PriceRange) -> [f64; 2] {
        self.ticks.sqrt_prices(self.ticks.nearest(range))
    }
}

impl<const L: usize> PoolLanes<L> for ConcentratedLanes<L> {
    fn start(&mut self) {
        self.s = Lanes::splat(self.initial);
        self.inverse = Lanes::splat(1.0 / self.initial);
        self.lo = Lanes::ZERO;
        self.hi = Lanes::ZERO;
        self.growth = [Lanes::ZERO; SUMS];
        self.worth = [Lanes::ZERO; 2];
        self.protocol_fees = [Lanes::ZERO; 2];
        let mut reserves = [0.0; 2];
        for place in &mut self.places[..self.others] {
            place.restart();
            let amounts = place.amounts(0, self.initial);
            reserves = [reserves[0] + amounts[0], reserves[1] + amounts[1]];
        }
        for place in &mut self.places[self.others..] {
            *place = Place::empty();
        }
        (self.settled, self.crowded) = (false, 0);
        for l in 0..L {
            self.find_stretch(l);
            self.set_reserves(l, reserves);
        }
    }

    fn token_count(&self) -> usize {
        2
    }

    fn reserve(&self, token: TokenIndex, lane: usize) -> f64 {
        self.reserves_of(lane)[token.get()]
    }

    fn reserves<'a>(&'a self, token: TokenIndex, room: &'a mut Lanes<L>) -> &'a Lanes<L> {
        let root = if token == TokenIndex::ZERO { &self.inverse } else { &self.s };
        kernels::reserves(&self.beyond[token.get()], &self.liquidity, root, room);
        room
    }

    /// From the positions one by one, not from flows: what an audit compares flows with.
    fn balance(&self, token: TokenIndex, out: &mut Lanes<L>) {
        let i = token.get();
        for l in 0..L {
            out[l] = self.protocol_fees[i][l];
            for place in &self.places {
                out[l] += place.amounts(l, self.s[l])[i] + place.so_far(l, self.lo[l], self.growth_of(l))[i];
            }
        }
    }

    fn spot_price(&self, base: TokenIndex, _quote: TokenIndex, lane: usize) -> f64 {
        let root = if base == TokenIndex::ZERO { self.s[lane] } else { self.inverse[lane] };
        root * root
    }

    fn spot_prices(&self, base: TokenIndex, _quote: TokenIndex, out: &mut Lanes<L>) {
        kernels::squares(if base == TokenIndex::ZERO { &self.s } else { &self.inverse }, out);
    }

    fn quote(&self, lane: usize, token_in: TokenIndex, _token_out: TokenIndex, amount_in: f64) -> f64 {
        if amount_in > 0.0 { self.walk_amount(lane, token_in == TokenIndex::ZERO, amount_in).amount_out } else { 0.0 }
    }

    fn depth(&self, [base, _]: [TokenIndex; 2], base_in: &[u64; L], _: &Lanes<L>, depth: &mut DepthLanes<L>) {
        let flip = if base == TokenIndex::ZERO { 0 } else { u64::MAX };
        kernels::depth(&self.s, &self.inverse, &self.lo, &self.hi, &self.liquidity, self.terms.keep, flip, base_in, depth);
    }

    fn lane(&self, lane: usize) -> Option<Box<dyn PoolLanes<1> + '_>> {
        Some(Box::new(self.alone(lane)))
    }

    fn swap(&mut self, flow: &mut FlowLanes<L>) {
        self.swap_all(flow);
    }

    fn swap_few(&mut self, few: &mut FewTrades<L>) {
        self.swap_listed(few);
    }

    fn arbitrage_few(&mut self, price: &Lanes<L>, min_profit: &Lanes<L>, few: &mut FewTrades<L>) -> bool {
        few.flow.base == TokenIndex::ZERO && self.arbitrage_some(price, min_profit, few)
    }

    fn arbitrage(&mut self, price: &Lanes<L>, min_profit: &Lanes<L>, flow: &mut FlowLanes<L>) {
        if flow.base == TokenIndex::ZERO {
            self.arbitrage_token0(price, min_profit, flow);
        } else {
            // The same trade, told of token 0 in token 1.
            let (mut target, mut least) = (*price, *min_profit);
            for l in 0..L {
                target[l] = 1.0 / price[l];
                least[l] = min_profit[l] * target[l];
            }
            self.arbitrage_token0(&target, &least, flow);
            for l in 0..L {
                flow.base_in[l] = !flow.base_in[l];
            }
        }
        self.book_protocol(flow);
    }
}

impl<const L: usize> RangedLanes<L> for ConcentratedLanes<L> {
    fn add_position(&mut self) -> usize {
        self.places.push(Place::empty());
        self.places.len() - 1 - self.others
    }

    fn position(&self, number: usize) -> &RangeLanes<L> {
        &self.places[self.others + number].seen
    }

    fn liquidity(&self, out: &mut Lanes<L>) {
        *out = self.liquidity;
    }

    fn others(&self, out: &mut Lanes<L>) {
        self.others_in_range(out);
    }

    /// What others have earned stays with the pool: nothing is paid out.
    fn scale_others(&mut self, factor: &Lanes<L>, amounts: &mut [Lanes<L>; 2], fees: &mut [Lanes<L>; 2]) {
        *fees = [Lanes::ZERO; 2];
        self.scale_places(factor, amounts);
    }

    fn move_price(&mut self, price: &Lanes<L>, flow: &mut FlowLanes<L>) {
        self.drive(price, flow);
    }

    fn income(&self, number: usize, lane: usize) -> RangeIncome {
        let so_far = self.places[self.others + number].so_far(lane, self.lo[lane], self.growth_of(lane));
        RangeIncome { loss_versus_rebalancing: so_far[LOSS], fees: so_far[EARNED] }
    }

    fn settle(&mut self) {
        if std::mem::replace(&mut self.settled, true) {
            return;
        }
        for place in &mut self.places[self.others..] {
            if place.used {
                place.settle(&self.s, &self.lo, &self.growth);
            }
        }
    }

    fn value_at(&mut self, token: TokenIndex, price: &Lanes<L>) {
        self.worth[token.get()] = *price;
    }

    fn settle_in(&mut self, lanes: &LaneList<L>) {
        if self.settled {
            return;
        }
        for n in self.others..self.places.len() {
            if self.places[n].used {
                for l in lanes.iter() {
                    self.settle_lane(n, l);
                }
            }
        }
    }

    fn proportions(&self, lane: usize, range: PriceRange) -> ([f64; 2], PriceRange) {
        let [a, b] = self.bounds(range);
        (place::unit_amounts(self.s[lane], [a, b]), PriceRange::new(a * a, b * b))
    }

    fn mint(&mut self, number: usize, l: usize, range: PriceRange, amounts: [f64; 2]) -> RangeChange {
        let n = self.others + number;
        let place = &self.places[n];
        let bounds = if place.seen.liquidity[l] > 0.0 {
            [place.a[l], place.b[l]]
        } else if range.is_valid() {
            self.bounds(range)
        } else {
            return RangeChange::default();
        };
        let unit = place::unit_amounts(self.s[l], bounds);
        let most = |i: usize| if unit[i] > 0.0 { amounts[i] / unit[i] } else { f64::INFINITY };
        let liquidity = most(0).min(most(1));
        if !(liquidity > 0.0 && liquidity < f64::INFINITY) {
            return RangeChange::default();
        }
        self.bank(number, l);
        self.places[n].add(l, bounds, liquidity);
        let (amounts, before) = (unit.map(|unit| unit * liquidity), self.reserves_of(l));
        self.after_change(n, l, [before[0] + amounts[0], before[1] + amounts[1]]);
        RangeChange { liquidity, amounts, fees: [0.0; 2] }
    }

    fn burn(&mut self, number: usize, l: usize, liquidity: f64) -> RangeChange {
        let n = self.others + number;
        let taken = liquidity.min(self.places[n].seen.liquidity[l]);
        if taken.is_nan() || taken <= 0.0 {
            return RangeChange::default();
        }
        self.bank(number, l);
        let place = &mut self.places[n];
        let amounts = place::unit_amounts(self.s[l], [place.a[l], place.b[l]]).map(|unit| unit * taken);
        let fees = [0, 1].map(|i| place.take_banked(i, l));
        place.remove(l, taken);
        let before = self.reserves_of(l);
        self.after_change(n, l, [before[0] - amounts[0], before[1] - amounts[1]]);
        RangeChange { liquidity: taken, amounts, fees }
    }

    fn collect(&mut self, number: usize, l: usize) -> [f64; 2] {
        let n = self.others + number;
        self.bank(number, l);
        let fees = [0, 1].map(|i| self.places[n].take_banked(i, l));
        self.settle_lane(n, l);
        fees
    }

    fn fee_growth(&self, lane: usize) -> Option<[f64; 2]> {
        Some([self.growth[0][lane], self.growth[1][lane]])
    }

    fn protocol_share(&self) -> f64 {
        self.terms.protocol_share
    }
}
