use core::fmt::Debug;

use cenote_units::{Lanes, mask};

use super::scale::scale_position;
use super::{Copies, others, positions};
use crate::concentrated::TickRange;
use crate::error::LiquidityError;
use crate::lane::Lane;
use crate::lanes::price_range::{TickScale, unit_amounts};
use crate::lanes::{FlowLanes, PoolLanes, PriceRange, RangeChange, RangeIncome, RangeLanes, RangedLanes};
use crate::pool::{Amount, Owner, RangedLiquidity, TokenIndex};

/// A one-path pool with positions between two prices in every lane.
#[derive(Debug)]
pub struct PerLaneRanges<P: RangedLiquidity, const L: usize> {
    copies: Copies<P, L>,
    ticks: TickScale,
    /// Contract liquidity per unit of √(token 0 · token 1) in whole tokens.
    liquidity_scale: f64,
    /// Ranges of the liquidity that is there from the start; place n belongs to the n-th of the others.
    others: Vec<TickRange>,
    places: Vec<Place<P, L>>,
    reserves: [Lanes<L>; 2],
    protocol_share: f64,
    protocol_fees: [Lanes<L>; 2],
    /// What tokens are worth outside.
    worth: [Lanes<L>; 2],
}

/// Room for a position in every lane.
#[derive(Debug)]
struct Place<P: RangedLiquidity, const L: usize> {
    seen: RangeLanes<L>,
    income: [RangeIncome; L],
    ticks: [TickRange; L],
    liquidity: [u128; L],
    /// Fees that a contract paid out unasked, when liquidity changed: still owed, as far as the position knows.
    kept: [[Amount<P>; 2]; L],
}

impl<P: RangedLiquidity, const L: usize> Place<P, L> {
    fn empty() -> Self {
        Self {
            seen: RangeLanes::EMPTY,
            income: [RangeIncome::default(); L],
            ticks: [TickRange::new(0, 0); L],
            liquidity: [0; L],
            kept: [[P::Lane::ZERO; 2]; L],
        }
    }
}

impl<P: RangedLiquidity + Clone + Debug, const L: usize> PerLaneRanges<P, L> {
    /// Copies of `pool`, which has a price, in every lane, after others have put these whole tokens into these ranges.
    ///
    /// # Errors
    /// The pool refused a mint.
    pub fn new(
        mut pool: P,
        protocol_share: f64,
        liquidity: &[(PriceRange, [f64; 2])],
        decimals: [u8; 2],
    ) -> Result<Self, LiquidityError> {
        let ticks = TickScale::new(pool.tick_spacing(), decimals);
        let scale = decimals.map(P::Lane::scale);
        let mut ranges = Vec::with_capacity(liquidity.len());
        for (n, (range, amounts)) in liquidity.iter().enumerate() {
            let range = ticks.nearest(*range);
            let raw = |i: usize| {
                P::Lane::amount_from_f64(amounts[i] * scale[i]).ok_or(LiquidityError::InvalidAmount { amount: amounts[i] })
            };
            pool.mint(others(n), range, [raw(0)?, raw(1)?])?;
            ranges.push(range);
        }
        let units = decimals.map(crate::lane::power_of_ten);
        let mut lifted = Self {
            copies: Copies::new(pool, scale.to_vec()),
            ticks,
            liquidity_scale: units[0].sqrt() * units[1].sqrt(),
            others: ranges,
            places: Vec::new(),
            reserves: [Lanes::ZERO; 2],
            protocol_share,
            protocol_fees: [Lanes::ZERO; 2],
            worth: [Lanes::ZERO; 2],
        };
        lifted.start();
        Ok(lifted)
    }

    /// What a position is and is owed, in whole tokens.
    fn look(&self, l: usize, owner: Owner, range: TickRange) -> ([f64; 2], [f64; 2]) {
        let whole = |amounts: [Amount<P>; 2]| [0, 1].map(|i| P::Lane::amount_to_f64(amounts[i]) / self.copies.scale[i]);
        self.copies.lanes[l]
            .position(owner, range)
            .map_or(([0.0; 2], [0.0; 2]), |position| (whole(position.amounts), whole(position.owed)))
    }

    /// After anything but a trade.
    fn refresh(&mut self, l: usize) {
        self.look_again(l, 0.0);
    }

    /// After a trade: what it did to positions is booked.
    fn refresh_traded(&mut self, l: usize) {
        self.look_again(l, 1.0);
    }

    fn look_again(&mut self, l: usize, traded: f64) {
        let mut reserves = [0.0; 2];
        for (n, &range) in self.others.iter().enumerate() {
            let (amounts, _) = self.look(l, others(n), range);
            reserves = [reserves[0] + amounts[0], reserves[1] + amounts[1]];
        }
        for n in 0..self.places.len() {
            let place = &self.places[n];
            let (amounts, owed) =
                if place.liquidity[l] > 0 { self.look(l, positions(n), place.ticks[l]) } else { Default::default() };
            let tick = self.copies.lanes[l].tick();
            let scale = &self.copies.scale;
            let place = &mut self.places[n];
            place.seen.inside[l] =
                f64::from(u8::from(place.liquidity[l] > 0 && tick.is_some_and(|tick| place.ticks[l].contains(tick))));
            for i in 0..2 {
                let (owed, worth) = (owed[i] + P::Lane::amount_to_f64(place.kept[l][i]) / scale[i], traded * self.worth[i][l]);
                place.income[l].loss_versus_rebalancing -= (amounts[i] - place.seen.amounts[i][l]) * worth;
                place.income[l].fees += (owed - place.seen.owed[i][l]) * worth;
                place.seen.amounts[i][l] = amounts[i];
                place.seen.owed[i][l] = owed;
                reserves[i] += amounts[i];
            }
        }
        for i in 0..2 {
            self.reserves[i][l] = reserves[i];
        }
    }

    fn book_protocol_fee(&mut self, l: usize, flow: &FlowLanes<L>) {
        let token = if flow.base_in[l] != 0 { flow.base } else { flow.quote };
        self.protocol_fees[token.get()][l] += flow.fee[l] * self.protocol_share;
        self.refresh_traded(l);
    }

    /// Nothing, where the pool refuses.
    fn try_mint(&mut self, number: usize, l: usize, range: PriceRange, amounts: [f64; 2]) -> Option<RangeChange> {
        let raw = |i: usize| P::Lane::amount_from_f64(amounts[i] * self.copies.scale[i]);
        let raw = [raw(0)?, raw(1)?];
        let place = &self.places[number];
        let ticks = match place.liquidity[l] {
            0 if range.is_valid() => self.ticks.nearest(range),
            0 => return None,
            _ => place.ticks[l],
        };
        if raw == [P::Lane::ZERO; 2] {
            return None;
        }
        let outcome = self.copies.lanes[l].mint(positions(number), ticks, raw).ok()?;
        let [lower, upper] = self.ticks.sqrt_prices(ticks);
        let place = &mut self.places[number];
        place.ticks[l] = ticks;
        place.liquidity[l] += outcome.liquidity;
        place.seen.lower[l] = lower * lower;
        place.seen.upper[l] = upper * upper;
        for i in 0..2 {
            place.kept[l][i] = P::Lane::checked_add(place.kept[l][i], outcome.paid_out[i]).unwrap_or(place.kept[l][i]);
        }
        self.see_liquidity(number, l);
        let amounts = std::array::from_fn(|i| P::Lane::amount_to_f64(outcome.amounts[i]) / self.copies.scale[i]);
        Some(RangeChange { liquidity: self.whole_liquidity(outcome.liquidity), amounts, fees: [0.0; 2] })
    }

    /// Nothing, where the pool refuses.
    fn try_burn(&mut self, number: usize, l: usize, wanted: f64) -> Option<RangeChange> {
        let place = &self.places[number];
        let (owned, owned_whole, ticks) = (place.liquidity[l], place.seen.liquidity[l], place.ticks[l]);
        if wanted.is_nan() || wanted <= 0.0 || owned == 0 {
            return None;
        }
        // All of it means all of it, whatever a float can say of its last units.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive; saturates above the owned amount")]
        let raw = if wanted >= owned_whole { owned } else { ((wanted * self.liquidity_scale) as u128).min(owned) };
        let pool = &mut self.copies.lanes[l];
        let outcome = pool.burn(positions(number), ticks, raw).ok()?;
        let collected = pool.collect(positions(number), ticks).unwrap_or([P::Lane::ZERO; 2]);
        let place = &mut self.places[number];
        let kept = std::mem::replace(&mut place.kept[l], [P::Lane::ZERO; 2]);
        place.liquidity[l] = owned - raw;
        self.see_liquidity(number, l);
        let mut change = RangeChange { liquidity: self.whole_liquidity(raw), ..RangeChange::default() };
        for i in 0..2 {
            let paid = [collected[i], outcome.paid_out[i], kept[i]].map(P::Lane::amount_to_f64).iter().sum::<f64>();
            let principal = P::Lane::amount_to_f64(outcome.amounts[i]);
            change.amounts[i] = principal / self.copies.scale[i];
            change.fees[i] = (paid - principal).max(0.0) / self.copies.scale[i];
        }
        Some(change)
    }

    /// After the liquidity of a position has changed.
    fn see_liquidity(&mut self, number: usize, l: usize) {
        self.places[number].seen.liquidity[l] = self.whole_liquidity(self.places[number].liquidity[l]);
        self.refresh(l);
    }

    fn whole_liquidity(&self, liquidity: u128) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
        let liquidity = liquidity as f64;
        liquidity / self.liquidity_scale
    }
}

impl<P: RangedLiquidity + Clone + Debug, const L: usize> PoolLanes<L> for PerLaneRanges<P, L> {
    fn start(&mut self) {
        self.copies.start();
        self.protocol_fees = [Lanes::ZERO; 2];
        self.worth = [Lanes::ZERO; 2];
        for place in &mut self.places {
            *place = Place::empty();
        }
        for l in 0..L {
            self.refresh(l);
        }
    }

    fn begin_block(&mut self, time: &[u64; L], active: &Lanes<L>) {
        self.copies.begin_block(time, active);
    }

    fn token_count(&self) -> usize {
        2
    }

    fn reserve(&self, token: TokenIndex, lane: usize) -> f64 {
        self.reserves[token.get()][lane]
    }

    fn reserves<'a>(&'a self, token: TokenIndex, _: &'a mut Lanes<L>) -> &'a Lanes<L> {
        &self.reserves[token.get()]
    }

    fn balance(&self, token: TokenIndex, out: &mut Lanes<L>) {
        let i = token.get();
        for l in 0..L {
            out[l] = self.reserves[i][l] + self.protocol_fees[i][l];
            for (n, &range) in self.others.iter().enumerate() {
                out[l] += self.look(l, others(n), range).1[i];
            }
            for place in &self.places {
                out[l] += place.seen.owed[i][l];
            }
        }
    }

    fn unit(&self, token: TokenIndex) -> f64 {
        self.copies.unit(token)
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex, lane: usize) -> f64 {
        self.copies.spot_price(base, quote, lane)
    }

    fn quote(&self, lane: usize, token_in: TokenIndex, token_out: TokenIndex, amount_in: f64) -> f64 {
        self.copies.quote(lane, token_in, token_out, amount_in)
    }

    fn lane(&self, lane: usize) -> Option<Box<dyn PoolLanes<1> + '_>> {
        let both = |lanes: &[Lanes<L>; 2]| lanes.each_ref().map(|lanes| Lanes([lanes[lane]]));
        Some(Box::new(PerLaneRanges::<P, 1> {
            copies: self.copies.alone(lane),
            ticks: self.ticks,
            liquidity_scale: self.liquidity_scale,
            others: self.others.clone(),
            // Whose liquidity it is is of no concern to a trade.
            places: Vec::new(),
            reserves: both(&self.reserves),
            protocol_share: self.protocol_share,
            protocol_fees: both(&self.protocol_fees),
            worth: both(&self.worth),
        }))
    }

    fn swap(&mut self, flow: &mut FlowLanes<L>) {
        for l in 0..L {
            if self.copies.swap(l, flow) {
                self.book_protocol_fee(l, flow);
            }
        }
    }

    fn arbitrage(&mut self, price: &Lanes<L>, min_profit: &Lanes<L>, flow: &mut FlowLanes<L>) {
        for l in 0..L {
            if self.copies.arbitrage(l, price[l], min_profit[l], flow) {
                self.book_protocol_fee(l, flow);
            }
        }
    }
}

impl<P: RangedLiquidity + Clone + Debug, const L: usize> RangedLanes<L> for PerLaneRanges<P, L> {
    fn add_position(&mut self) -> usize {
        self.places.push(Place::empty());
        self.places.len() - 1
    }

    fn position(&self, number: usize) -> &RangeLanes<L> {
        &self.places[number].seen
    }

    fn income(&self, number: usize, lane: usize) -> RangeIncome {
        self.places[number].income[lane]
    }

    /// Every change refreshes what it changed.
    fn settle(&mut self) {}

    fn value_at(&mut self, token: TokenIndex, price: &Lanes<L>) {
        self.worth[token.get()] = *price;
    }

    fn proportions(&self, lane: usize, range: PriceRange) -> ([f64; 2], PriceRange) {
        let [a, b] = self.ticks.sqrt_prices(self.ticks.nearest(range));
        let spot = self.copies.spot_price(TokenIndex::ZERO, TokenIndex::ONE, lane);
        (unit_amounts(spot.sqrt(), [a, b]), PriceRange::new(a * a, b * b))
    }

    fn mint(&mut self, number: usize, l: usize, range: PriceRange, amounts: [f64; 2]) -> RangeChange {
        self.try_mint(number, l, range, amounts).unwrap_or_default()
    }

    fn burn(&mut self, number: usize, l: usize, liquidity: f64) -> RangeChange {
        self.try_burn(number, l, liquidity).unwrap_or_default()
    }

    fn collect(&mut self, number: usize, l: usize) -> [f64; 2] {
        let place = &self.places[number];
        if place.liquidity[l] == 0 {
            return [0.0; 2];
        }
        let Ok(collected) = self.copies.lanes[l].collect(positions(number), place.ticks[l]) else { return [0.0; 2] };
        let place = &mut self.places[number];
        let kept = std::mem::replace(&mut place.kept[l], [P::Lane::ZERO; 2]);
        let fees = std::array::from_fn(|i| {
            (P::Lane::amount_to_f64(collected[i]) + P::Lane::amount_to_f64(kept[i])) / self.copies.scale[i]
        });
        self.refresh(l);
        fees
    }

    fn liquidity(&self, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = self.whole_liquidity(self.copies.lanes[l].liquidity());
        }
    }

    fn others(&self, out: &mut Lanes<L>) {
        for l in 0..L {
            let pool = &self.copies.lanes[l];
            let inside = self.others.iter().enumerate().filter(|(_, range)| pool.tick().is_some_and(|tick| range.contains(tick)));
            let liquidity = |(n, &range)| pool.position(others(n), range).map_or(0, |position| position.liquidity);
            out[l] = self.whole_liquidity(inside.map(liquidity).sum());
        }
    }

    /// Others collect what they have earned whenever their liquidity changes.
    fn scale_others(&mut self, factor: &Lanes<L>, amounts: &mut [Lanes<L>; 2], fees: &mut [Lanes<L>; 2]) {
        (*amounts, *fees) = ([Lanes::ZERO; 2], [Lanes::ZERO; 2]);
        for l in 0..L {
            if factor[l] == 1.0 || !(factor[l] > 0.0 && factor[l] < f64::INFINITY) {
                continue;
            }
            for (n, &range) in self.others.iter().enumerate() {
                let Some(moved) = scale_position(&mut self.copies.lanes[l], others(n), range, factor[l]) else { continue };
                for i in 0..2 {
                    amounts[i][l] += moved.amounts[i] / self.copies.scale[i];
                    fees[i][l] += moved.fees[i] / self.copies.scale[i];
                }
            }
            self.refresh(l);
        }
    }

    fn move_price(&mut self, price: &Lanes<L>, flow: &mut FlowLanes<L>) {
        let to_raw = self.copies.scale[1] / self.copies.scale[0];
        for l in 0..L {
            flow.clear(l);
            if !(price[l] > 0.0 && price[l] < f64::INFINITY) {
                continue;
            }
            let pool = &mut self.copies.lanes[l];
            let falls = pool.spot_price(TokenIndex::ZERO, TokenIndex::ONE).is_some_and(|spot| price[l] * to_raw < spot);
            // A pool that cannot be driven, or is there already, does not move.
            let Ok(outcome) = pool.move_price(price[l] * to_raw) else { continue };
            let (side_in, side_out) = if falls { (0, 1) } else { (1, 0) };
            let amount_in = P::Lane::amount_to_f64(outcome.amount_in) / self.copies.scale[side_in];
            let amount_out = P::Lane::amount_to_f64(outcome.amount_out) / self.copies.scale[side_out];
            flow.base_in[l] = mask(falls);
            flow.set(l, amount_in, amount_out, 0.0);
            self.refresh_traded(l);
        }
    }

    fn fee_growth(&self, lane: usize) -> Option<[f64; 2]> {
        let growth = self.copies.lanes[lane].fee_growth()?;
        Some([0, 1].map(|i| growth[i] * self.liquidity_scale / self.copies.scale[i]))
    }

    fn protocol_share(&self) -> f64 {
        self.protocol_share
    }
}
