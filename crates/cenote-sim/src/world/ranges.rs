//! Liquidity between two prices: positions enter, leave and collect.

use cenote_amm::{AnyPool, PriceRange, RangeRule};
use cenote_strategy::{PoolId, RangeId};
use cenote_units::Lanes;

use super::venues::Spender;
use super::{Engine, MarketState, indexed};
use crate::lane_list::LaneList;
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
            position.look_at_range(k, ranges.position(position.ranges[k].number), lanes, prices);
        }
        Some(k)
    }

    /// Takes over what became of the range, and of the pool's value when `amounts` went in (`sign` 1) or came out (−1).
    fn end_change(&mut self, i: usize, p: usize, k: usize, lanes: &LaneList<L>, amounts: &[Lanes<L>; 2], sign: f64) {
        for (side, amount) in amounts.iter().enumerate() {
            let t = self.market.pool_tokens[p][side].index();
            let price = &self.market.prices[t];
            for l in lanes.iter() {
                self.accounts[p].value[l] += sign * amount[l] * price[l];
            }
            if let Some(ledger) = &mut self.ledger {
                let (from, to) = (Account::Position(i), Account::Pool(p));
                let (from, to) = if sign > 0.0 { (from, to) } else { (to, from) };
                ledger.transfer(from, to, t, amount);
            }
        }
        if let Some(pool) = self.market.pools[p].ranged() {
            let book = &mut self.positions[i].ranges[k];
            let prices = [0, 1].map(|side| &self.market.prices[self.market.pool_tokens[p][side].index()]);
            book.take_over(pool.position(book.number), lanes, prices);
        }
    }

    /// Books the move of prices on what the wallet holds of a pool's tokens, before it changes in lanes where something is done.
    fn settle_wallet(&mut self, i: usize, p: usize, done: &LaneList<L>) {
        for token in &self.market.pool_tokens[p] {
            self.positions[i].settle_token_in(token.index(), &self.market.prices[token.index()], done);
        }
    }

    /// What a transaction with a pool costs, in lanes where something is done.
    pub(super) fn pay_gas(&mut self, i: usize, p: usize, units: f64, done: &LaneList<L>) {
        let (market, chain) = (&self.market, self.market.pool_chains[p].index());
        self.positions[i].pay_gas_in(done, |l| market.gas[chain].cost(units, market.priority_fee, l, &market.prices));
    }

    pub(super) fn mint_range(
        &mut self,
        i: usize,
        pool: PoolId,
        id: RangeId,
        range: &[PriceRange; L],
        fraction: &Lanes<L>,
    ) -> Lanes<L> {
        let (p, lanes) = (pool.index(), LaneList::positive(fraction));
        let Some(k) = self.begin_change(i, pool, id, &lanes) else { return Lanes::ZERO };
        let tokens = [0, 1].map(|side| self.market.pool_tokens[p][side].index());
        let mut amounts = [Lanes::ZERO; 2];
        for l in lanes.iter() {
            for side in 0..2 {
                amounts[side][l] = self.positions[i].wallet[tokens[side]][l] * fraction[l].clamp(0.0, 1.0);
            }
        }
        let mut minted = Lanes::ZERO;
        if let AnyPool::Ranged(pool) = &mut self.market.pools[p] {
            pool.mint(self.positions[i].ranges[k].number, range, &mut amounts, &mut minted);
        }
        let done = lanes.also_positive(&minted);
        self.settle_wallet(i, p, &done);
        for side in 0..2 {
            for l in done.iter() {
                self.positions[i].spend_lane(tokens[side], l, amounts[side][l]);
            }
        }
        self.end_change(i, p, k, &lanes, &amounts, 1.0);
        for l in done.iter() {
            self.positions[i].count_move(l, self.clock.time()[l], true);
        }
        for t in tokens {
            self.approve(i, Spender::Pool(p), t, &done);
        }
        self.pay_gas(i, p, self.positions[i].gas_units.mint, &done);
        self.tell_liquidity(&minted, |liquidity| Event::Mint { position: i, pool, liquidity });
        minted
    }

    pub(super) fn burn_range(&mut self, i: usize, pool: PoolId, id: RangeId, fraction: &Lanes<L>) -> Lanes<L> {
        let (p, lanes) = (pool.index(), LaneList::positive(fraction));
        let Some(k) = self.begin_change(i, pool, id, &lanes) else { return Lanes::ZERO };
        let (mut burned, mut amounts, mut fees) = (Lanes::ZERO, [Lanes::ZERO; 2], [Lanes::ZERO; 2]);
        if let AnyPool::Ranged(pool) = &mut self.market.pools[p] {
            let number = self.positions[i].ranges[k].number;
            let liquidity = &pool.position(number).liquidity;
            for l in lanes.iter() {
                burned[l] = fraction[l].clamp(0.0, 1.0) * liquidity[l];
            }
            pool.burn(number, &mut burned, &mut amounts, &mut fees);
        }
        let done = lanes.also_positive(&burned);
        self.settle_wallet(i, p, &done);
        for (side, amount) in amounts.iter().enumerate() {
            self.positions[i].receive(self.market.pool_tokens[p][side].index(), amount, &done);
        }
        self.end_change(i, p, k, &lanes, &amounts, -1.0);
        self.receive_fees(i, p, &fees, &done);
        self.pay_gas(i, p, self.positions[i].gas_units.burn, &done);
        self.tell_liquidity(&burned, |liquidity| Event::Burn { position: i, pool, liquidity });
        burned
    }

    pub(super) fn collect(&mut self, i: usize, pool: PoolId, id: RangeId, wanted: &Lanes<L>) -> Lanes<L> {
        let (p, lanes) = (pool.index(), LaneList::positive(wanted));
        let Some(k) = self.begin_change(i, pool, id, &lanes) else { return Lanes::ZERO };
        let mut fees = [Lanes::ZERO; 2];
        if let AnyPool::Ranged(pool) = &mut self.market.pools[p] {
            pool.collect(self.positions[i].ranges[k].number, wanted, &mut fees);
        }
        let mut all = Lanes::ZERO;
        for l in lanes.iter() {
            all[l] = fees[0][l] + fees[1][l];
        }
        let done = lanes.also_positive(&all);
        self.settle_wallet(i, p, &done);
        self.end_change(i, p, k, &lanes, &[Lanes::ZERO; 2], 1.0);
        self.receive_fees(i, p, &fees, &done);
        self.pay_gas(i, p, self.positions[i].gas_units.collect, &done);
        self.tell_liquidity(&all, |_| Event::Collect { position: i, pool });
        all
    }

    fn receive_fees(&mut self, i: usize, p: usize, fees: &[Lanes<L>; 2], lanes: &LaneList<L>) {
        for (side, fees) in fees.iter().enumerate() {
            let t = self.market.pool_tokens[p][side].index();
            self.positions[i].receive_fees(t, fees, lanes);
            if let Some(ledger) = &mut self.ledger {
                ledger.transfer(Account::Pool(p), Account::Position(i), t, fees);
            }
        }
    }
}
