use cenote_amm::AnyPool;
use cenote_strategy::TokenId;
use cenote_units::{LaneList, Lanes, kernel};

use super::PositionState;
use crate::account::PoolAccount;

/// What holdings are worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holdings<'a, const L: usize> {
    pub(crate) prices: &'a [Lanes<L>],
    pub(crate) accounts: &'a [PoolAccount<L>],
    /// Settled.
    pub(crate) pools: &'a [AnyPool<L>],
    /// The tokens of each pool.
    pub(crate) tokens: &'a [Vec<TokenId>],
}

impl<const L: usize> PositionState<L> {
    /// Values everything at outside prices.
    pub(crate) fn mark(&mut self, market: &Holdings<'_, L>) {
        let Holdings { prices, accounts, pools, tokens, .. } = market;
        negative(&self.books.gas, &mut self.value);
        self.hedge.add_value(prices, &mut self.value);
        for ((held, amount), price) in self.held.iter().zip(&self.wallet).zip(*prices) {
            if *held {
                add_value(amount, price, &mut self.value);
            }
        }
        self.elsewhere.add_value(prices, &mut self.value);
        self.venues.add_value(prices, &mut self.value);
        for (stake, account) in self.stakes.iter().zip(*accounts) {
            if stake.used {
                add_value(&stake.share, &account.value, &mut self.value);
            }
        }
        for range in &self.ranges {
            if let Some(pool) = pools[range.pool].ranged().filter(|_| range.used) {
                let lanes = pool.position(range.number);
                for (i, token) in tokens[range.pool].iter().enumerate() {
                    add_range_value(&lanes.amounts[i], &lanes.owed[i], &prices[token.index()], &mut self.value);
                }
            }
        }
    }

    /// The same in lanes in which alone something was done since.
    pub(crate) fn mark_lanes(&mut self, market: &Holdings<'_, L>, lanes: &LaneList<L>) {
        let Holdings { prices, accounts, pools, tokens, .. } = market;
        for l in lanes.iter() {
            // In the order of `mark`, so that the bits are the same.
            let mut value = self.hedge.plus_value(l, prices, -self.books.gas[l]);
            for ((held, amount), price) in self.held.iter().zip(&self.wallet).zip(*prices) {
                if *held {
                    value += amount[l] * price[l];
                }
            }
            value = self.elsewhere.plus_value(l, prices, value);
            value = self.venues.plus_value(l, prices, value);
            for (stake, account) in self.stakes.iter().zip(*accounts) {
                if stake.used {
                    value += stake.share[l] * account.value[l];
                }
            }
            for range in &self.ranges {
                if let Some(pool) = pools[range.pool].ranged().filter(|_| range.used) {
                    let lanes = pool.position(range.number);
                    for (i, token) in tokens[range.pool].iter().enumerate() {
                        value += lanes.amounts[i][l] * prices[token.index()][l];
                        value += lanes.owed[i][l] * prices[token.index()][l];
                    }
                }
            }
            self.value[l] = value;
        }
    }

    /// Remembers how far the value is below its maximum, at the end of a block.
    pub(crate) fn watch_drawdown(&mut self, active: &Lanes<L>) {
        watch_drawdown(&self.value, active, &mut self.peak, &mut self.drawdown);
    }
}

kernel! {
    fn negative<const L: usize>(of: &Lanes<L>, value: &mut Lanes<L>) {
        for l in 0..L {
            value[l] = -of[l];
        }
    }
}

kernel! {
    fn add_value<const L: usize>(amount: &Lanes<L>, price: &Lanes<L>, value: &mut Lanes<L>) {
        for l in 0..L {
            value[l] += amount[l] * price[l];
        }
    }
}

kernel! {
    /// What a range is, then what it is owed.
    fn add_range_value<const L: usize>(amount: &Lanes<L>, owed: &Lanes<L>, price: &Lanes<L>, value: &mut Lanes<L>) {
        for l in 0..L {
            value[l] = (value[l] + amount[l] * price[l]) + owed[l] * price[l];
        }
    }
}

kernel! {
    fn watch_drawdown<const L: usize>(value: &Lanes<L>, active: &Lanes<L>, peak: &mut Lanes<L>, drawdown: &mut Lanes<L>) {
        for l in 0..L {
            let (now, before, deepest, counts) = (value[l], peak[l], drawdown[l], active[l] != 0.0);
            let top = if (now > before) & counts { now } else { before };
            let below = 1.0 - now / top;
            peak[l] = top;
            drawdown[l] = if (below > deepest) & counts { below } else { deepest };
        }
    }
}
