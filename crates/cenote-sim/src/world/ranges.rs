//! Liquidity between two prices: positions enter, leave and collect.

use cenote_amm::{AnyPool, PriceRange, RangeChange, RangeRule};
use cenote_strategy::{PoolId, RangeId};
use cenote_units::{LaneList, Lanes};

use super::venues::Spender;
use super::{Engine, MarketState, indexed};
use crate::ledger::Account;
use crate::observer::Event;
use crate::position::PositionState;

impl<const L: usize> Engine<L> {
    /// Brings the ranges of all pools up to date.
    pub(super) fn settle_ranges(&mut self) {
        for pool in &mut self.market.pools {
            if let AnyPool::Ranged(pool) = pool {
                pool.settle();
            }
        }
    }

    /// The same in lanes in which alone anybody looks.
    pub(super) fn settle_ranges_in(&mut self, lanes: &LaneList<L>) {
        for pool in &mut self.market.pools {
            if let AnyPool::Ranged(pool) = pool {
                pool.settle_in(lanes);
            }
        }
    }

    /// What tokens are worth to the books of ranges. The numeraire's price moves only when there is none yet, at the start.
    pub(super) fn value_ranges(&mut self, start: bool) {
        let MarketState { pools, pool_tokens, prices, numeraire, .. } = &mut self.market;
        for (pool, tokens) in pools.iter_mut().zip(pool_tokens) {
            if let AnyPool::Ranged(pool) = pool {
                for (index, token) in indexed(tokens) {
                    if start || token != *numeraire {
                        pool.value_at(index, &prices[token.index()]);
                    }
                }
            }
        }
    }

    /// The time that has passed counts where the price was in a range.
    pub(super) fn watch_ranges(&mut self) {
        if self.time_in_range && self.positions.iter().any(PositionState::has_ranges) {
            self.settle_ranges();
            for position in self.positions.iter_mut().filter(|position| position.has_ranges()) {
                position.watch_ranges(&self.market.pools, self.clock.time());
            }
        }
    }

    /// Hands over a deposit in the proportions of a range around the outside price.
    pub(super) fn endow_range(&mut self, i: usize, p: usize, rule: RangeRule, value: f64) {
        let [token0, token1] = [0, 1].map(|k| self.market.pool_tokens[p][k]);
        let mut amounts = [Lanes::ZERO; 2];
        if let Some(pool) = self.market.pools[p].ranged() {
            for l in 0..L {
                let prices = [token0, token1].map(|token| self.market.prices[token.index()][l]);
                let (unit, _) = pool.proportions(l, rule.at(prices[0] / prices[1]));
                let liquidity = value / (unit[0] * prices[0] + unit[1] * prices[1]);
                (amounts[0][l], amounts[1][l]) = (unit[0] * liquidity, unit[1] * liquidity);
            }
        }
        self.endow(i, token0, &amounts[0]);
        self.endow(i, token1, &amounts[1]);
    }

    /// The place of a position's range among its ranges, after what trades did to it was booked in these lanes.
    fn begin_change(&mut self, i: usize, pool: PoolId, id: RangeId, lanes: &LaneList<L>) -> Option<usize> {
        let k = self.positions[i].range(pool, id)?;
        self.settle_ranges_in(lanes);
        let p = pool.index();
        let position = &mut self.positions[i];
        if let Some(ranges) = self.market.pools[p].ranged() {
            let prices = [0, 1].map(|side| &self.market.prices[self.market.pool_tokens[p][side].index()]);
            position.look_at_range(k, ranges, lanes, prices);
        }
        Some(k)
    }

    /// Books what went into a range (`sign` 1) or came out of it (−1) in one lane: the wallet's other side, and the pool's value.
    fn book_change(&mut self, i: usize, p: usize, l: usize, amounts: [f64; 2], sign: f64) {
        for (side, amount) in amounts.into_iter().enumerate() {
            let t = self.market.pool_tokens[p][side].index();
            self.accounts[p].value[l] += sign * amount * self.market.prices[t][l];
            if let Some(ledger) = &mut self.ledger {
                let (from, to) = (Account::Position(i), Account::Pool(p));
                let (from, to) = if sign > 0.0 { (from, to) } else { (to, from) };
                ledger.transfer_lane(from, to, t, l, amount);
            }
        }
    }

    /// Takes over what became of the range.
    fn end_change(&mut self, i: usize, p: usize, k: usize, lanes: &LaneList<L>) {
        if let Some(pool) = self.market.pools[p].ranged() {
            let book = &mut self.positions[i].ranges[k];
            let prices = [0, 1].map(|side| &self.market.prices[self.market.pool_tokens[p][side].index()]);
            book.take_over(pool.position(book.number), lanes, prices);
        }
    }

    /// Books the move of prices on what the wallet holds of a pool's tokens, before it changes in a lane.
    fn settle_wallet(&mut self, i: usize, p: usize, l: usize) {
        for token in &self.market.pool_tokens[p] {
            self.positions[i].settle_token_lane(token.index(), &self.market.prices[token.index()], l);
        }
    }

    /// What a transaction with a pool costs, in lanes where something is done.
    pub(super) fn pay_gas(&mut self, i: usize, p: usize, units: f64, done: &LaneList<L>) {
        let (market, chain) = (&self.market, self.market.pool_chains[p].index());
        self.positions[i].pay_gas_in(done, |l| market.gas[chain].cost(units, market.priority_fee, l, &market.prices));
    }

    /// Mints from a fraction of the wallet, where that is positive; the lanes in which it happened.
    pub(super) fn mint_range(
        &mut self,
        i: usize,
        pool: PoolId,
        id: RangeId,
        range: impl Fn(usize) -> PriceRange,
        (lanes, fraction): (&LaneList<L>, &Lanes<L>),
    ) -> LaneList<L> {
        let p = pool.index();
        let mut done = LaneList::EMPTY;
        let Some(k) = self.begin_change(i, pool, id, lanes) else { return done };
        let tokens = [0, 1].map(|side| self.market.pool_tokens[p][side].index());
        let number = self.positions[i].ranges[k].number;
        for l in lanes.iter() {
            let offered = tokens.map(|t| self.positions[i].wallet[t][l] * fraction[l].clamp(0.0, 1.0));
            let AnyPool::Ranged(lanes) = &mut self.market.pools[p] else { continue };
            let RangeChange { liquidity, amounts, .. } = lanes.mint(number, l, range(l), offered);
            if liquidity <= 0.0 {
                continue;
            }
            done.push(l);
            self.settle_wallet(i, p, l);
            for (t, amount) in tokens.into_iter().zip(amounts) {
                self.positions[i].spend_lane(t, l, amount);
            }
            self.book_change(i, p, l, amounts, 1.0);
            self.positions[i].count_move(l, self.clock.time()[l], true);
            self.tell_done(l, &Event::Mint { position: i, pool, liquidity });
        }
        self.end_change(i, p, k, lanes);
        for t in tokens {
            self.approve(i, Spender::Pool(p), t, &done);
        }
        self.pay_gas(i, p, self.positions[i].gas_units.mint, &done);
        done
    }

    /// Burns a fraction of a range, where that is positive; the lanes in which it happened.
    pub(super) fn burn_range(
        &mut self,
        i: usize,
        pool: PoolId,
        id: RangeId,
        (lanes, fraction): (&LaneList<L>, &Lanes<L>),
    ) -> LaneList<L> {
        let p = pool.index();
        let mut done = LaneList::EMPTY;
        let Some(k) = self.begin_change(i, pool, id, lanes) else { return done };
        let number = self.positions[i].ranges[k].number;
        for l in lanes.iter() {
            let AnyPool::Ranged(lanes) = &mut self.market.pools[p] else { continue };
            let wanted = fraction[l].clamp(0.0, 1.0) * lanes.position(number).liquidity[l];
            let RangeChange { liquidity, amounts, fees } = lanes.burn(number, l, wanted);
            if liquidity <= 0.0 {
                continue;
            }
            done.push(l);
            self.settle_wallet(i, p, l);
            for (side, amount) in amounts.into_iter().enumerate() {
                self.positions[i].wallet[self.market.pool_tokens[p][side].index()][l] += amount;
            }
            self.book_change(i, p, l, amounts, -1.0);
            self.receive_fees(i, p, l, fees);
            self.tell_done(l, &Event::Burn { position: i, pool, liquidity });
        }
        self.end_change(i, p, k, lanes);
        self.pay_gas(i, p, self.positions[i].gas_units.burn, &done);
        done
    }

    /// Collects the fees of a range; the lanes in which there were some.
    pub(super) fn collect(&mut self, i: usize, pool: PoolId, id: RangeId, lanes: &LaneList<L>) -> LaneList<L> {
        let p = pool.index();
        let mut done = LaneList::EMPTY;
        let Some(k) = self.begin_change(i, pool, id, lanes) else { return done };
        let number = self.positions[i].ranges[k].number;
        for l in lanes.iter() {
            let AnyPool::Ranged(lanes) = &mut self.market.pools[p] else { continue };
            let fees = lanes.collect(number, l);
            if fees[0] + fees[1] <= 0.0 {
                continue;
            }
            done.push(l);
            self.settle_wallet(i, p, l);
            self.receive_fees(i, p, l, fees);
            self.tell_done(l, &Event::Collect { position: i, pool });
        }
        self.end_change(i, p, k, lanes);
        self.pay_gas(i, p, self.positions[i].gas_units.collect, &done);
        done
    }

    fn receive_fees(&mut self, i: usize, p: usize, l: usize, fees: [f64; 2]) {
        for (side, fee) in fees.into_iter().enumerate() {
            let t = self.market.pool_tokens[p][side].index();
            self.positions[i].receive_fees(t, l, fee);
            if let Some(ledger) = &mut self.ledger {
                ledger.transfer_lane(Account::Pool(p), Account::Position(i), t, l, fee);
            }
        }
    }
}
