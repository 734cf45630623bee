//! Liquidity between two prices: positions enter, leave and collect.

use cenote_amm::{AnyPool, PriceRange, RangeLanes, RangeRule};
use cenote_strategy::{PoolId, RangeId};
use cenote_units::Lanes;

use super::{PositionState, World};
use crate::error::{SimError, SimErrorKind};
use crate::ledger::Account;
use crate::observer::Event;

impl<const L: usize> World<L> {
    /// Brings the ranges of all pools up to date.
    pub(super) fn settle_ranges(&mut self) {
        for pool in &mut self.market.pools {
            if let AnyPool::Ranged(pool) = pool {
                pool.settle();
            }
        }
    }

    /// Before a block's trades and after its prices: what the trades of the block before and the move of prices did to ranges.
    pub(super) fn book_ranges(&mut self) {
        if !self.positions.iter().any(PositionState::has_ranges) {
            return;
        }
        self.settle_ranges();
        for position in &mut self.positions {
            if position.has_ranges() {
                position.book_ranges(&self.market.pools, &self.market.pool_tokens, &self.before, &self.market.prices);
                if self.time_in_range {
                    position.watch_ranges(&self.market.pools, self.clock.time());
                }
            }
        }
    }

    /// Hands over a deposit in the proportions of a range around the outside price.
    pub(super) fn endow_range(&mut self, i: usize, p: usize, rule: RangeRule) {
        let [token0, token1] = [0, 1].map(|k| self.market.pool_tokens[p][k]);
        let mut amounts = [Lanes::ZERO; 2];
        if let Some(pool) = self.market.pools[p].ranged() {
            for l in 0..L {
                let prices = [token0, token1].map(|token| self.market.prices[token.index()][l]);
                let (unit, _) = pool.proportions(l, rule.at(prices[0] / prices[1]));
                let liquidity = self.positions[i].deposit / (unit[0] * prices[0] + unit[1] * prices[1]);
                (amounts[0][l], amounts[1][l]) = (unit[0] * liquidity, unit[1] * liquidity);
            }
        }
        self.endow(i, token0, &amounts[0]);
        self.endow(i, token1, &amounts[1]);
    }

    /// The place of a position's range, and what it is now.
    fn range(&mut self, i: usize, pool: PoolId, id: RangeId) -> Result<(usize, RangeLanes<L>), SimError> {
        let Some(k) = self.positions[i].range(pool, id) else {
            let who = format!("position {:?}", self.positions[i].name);
            let what = format!("range number {} of pool {:?}", id.0, self.scenario.pools[pool.index()].name);
            return Err(self.error(0, SimErrorKind::Unknown { who, what }));
        };
        self.settle_ranges();
        let number = self.positions[i].ranges[k].number;
        let now = self.market.pools[pool.index()].ranged().map_or(RangeLanes::EMPTY, |pool| pool.position(number).clone());
        Ok((k, now))
    }

    pub(super) fn mint_range(
        &mut self,
        i: usize,
        pool: PoolId,
        id: RangeId,
        range: &[PriceRange; L],
        fraction: &Lanes<L>,
    ) -> Result<(), SimError> {
        let p = pool.index();
        let (k, was) = self.range(i, pool, id)?;
        let tokens = [0, 1].map(|k| self.market.pool_tokens[p][k].index());
        let mut amounts = tokens.map(|t| self.positions[i].wallet[t]);
        for amount in &mut amounts {
            for l in 0..L {
                amount[l] *= fraction[l].clamp(0.0, 1.0);
            }
        }
        let number = self.positions[i].ranges[k].number;
        let mut minted = Lanes::ZERO;
        if let AnyPool::Ranged(lanes) = &mut self.market.pools[p] {
            lanes.mint(number, range, &mut amounts, &mut minted);
        }
        self.change_range(
            i,
            p,
            k,
            &was,
            &minted,
            |position, t, amount, price| {
                position.settle_token(t, price, &minted);
                position.spend(t, amount);
            },
            &amounts,
            1.0,
        );
        let gas = self.market.view(&self.clock).gas_cost(self.positions[i].gas_units.mint);
        let position = &mut self.positions[i];
        position.count_mint(&minted);
        position.pay_gas(|l| minted[l] > 0.0, &gas);
        self.tell_liquidity(&minted, |liquidity| Event::Mint { position: i, pool, liquidity });
        Ok(())
    }

    pub(super) fn burn_range(&mut self, i: usize, pool: PoolId, id: RangeId, fraction: &Lanes<L>) -> Result<(), SimError> {
        let p = pool.index();
        let (k, was) = self.range(i, pool, id)?;
        let number = self.positions[i].ranges[k].number;
        let mut burned = was.liquidity;
        for l in 0..L {
            burned[l] *= fraction[l].clamp(0.0, 1.0);
        }
        let (mut amounts, mut fees) = ([Lanes::ZERO; 2], [Lanes::ZERO; 2]);
        if let AnyPool::Ranged(lanes) = &mut self.market.pools[p] {
            lanes.burn(number, &mut burned, &mut amounts, &mut fees);
        }
        self.change_range(
            i,
            p,
            k,
            &was,
            &burned,
            |position, t, amount, price| {
                position.settle_token(t, price, &burned);
                for l in 0..L {
                    position.wallet[t][l] += amount[l];
                }
            },
            &amounts,
            -1.0,
        );
        self.receive_fees(i, p, &fees);
        let gas = self.market.view(&self.clock).gas_cost(self.positions[i].gas_units.burn);
        self.positions[i].pay_gas(|l| burned[l] > 0.0, &gas);
        self.tell_liquidity(&burned, |liquidity| Event::Burn { position: i, pool, liquidity });
        Ok(())
    }

    pub(super) fn collect(&mut self, i: usize, pool: PoolId, id: RangeId, wanted: &Lanes<L>) -> Result<(), SimError> {
        let p = pool.index();
        let (k, was) = self.range(i, pool, id)?;
        let number = self.positions[i].ranges[k].number;
        let mut done = *wanted;
        for l in 0..L {
            done[l] = if wanted[l] > 0.0 && was.owed[0][l] + was.owed[1][l] > 0.0 { 1.0 } else { 0.0 };
        }
        let mut fees = [Lanes::ZERO; 2];
        if let AnyPool::Ranged(lanes) = &mut self.market.pools[p] {
            lanes.collect(number, &done, &mut fees);
        }
        self.change_range(i, p, k, &was, &done, |position, t, _, price| position.settle_token(t, price, &done), &fees, 0.0);
        self.receive_fees(i, p, &fees);
        let gas = self.market.view(&self.clock).gas_cost(self.positions[i].gas_units.collect);
        self.positions[i].pay_gas(|l| done[l] > 0.0, &gas);
        self.tell_liquidity(&done, |_| Event::Collect { position: i, pool });
        Ok(())
    }

    /// Books a change of one of a position's ranges where `done` is positive: what trades did until now, then what `amounts` went
    /// into the pool (`sign` 1), came out of it (−1), or leave its liquidity alone (0).
    #[expect(clippy::too_many_arguments, reason = "one change, seen from the range, the wallet, the pool and the ledger")]
    fn change_range(
        &mut self,
        i: usize,
        p: usize,
        k: usize,
        was: &RangeLanes<L>,
        done: &Lanes<L>,
        pay: impl Fn(&mut PositionState<L>, usize, &Lanes<L>, &Lanes<L>),
        amounts: &[Lanes<L>; 2],
        sign: f64,
    ) {
        let tokens = [0, 1].map(|k| self.market.pool_tokens[p][k].index());
        let prices = tokens.map(|t| &self.market.prices[t]);
        let position = &mut self.positions[i];
        position.book_range_trades(k, was, done, prices);
        for side in 0..2 {
            pay(position, tokens[side], &amounts[side], prices[side]);
            for l in 0..L {
                self.accounts[p].value[l] += sign * amounts[side][l] * prices[side][l];
            }
            if let Some(ledger) = &mut self.ledger
                && sign != 0.0
            {
                let (from, to) =
                    if sign > 0.0 { (Account::Position(i), Account::Pool(p)) } else { (Account::Pool(p), Account::Position(i)) };
                ledger.transfer(from, to, tokens[side], &amounts[side]);
            }
        }
        if let Some(pool) = self.market.pools[p].ranged() {
            let book = &mut position.ranges[k];
            book.take_over(pool.position(book.number), done);
        }
    }

    fn receive_fees(&mut self, i: usize, p: usize, fees: &[Lanes<L>; 2]) {
        for (side, fees) in fees.iter().enumerate() {
            let t = self.market.pool_tokens[p][side].index();
            self.positions[i].receive_fees(t, fees);
            if let Some(ledger) = &mut self.ledger {
                ledger.transfer(Account::Pool(p), Account::Position(i), t, fees);
            }
        }
    }
}
