//! The way from one asset to another, and what it costs.

use super::{BestYield, MoveGas};
use crate::asset::Asset;
use crate::market::{Bridge, BridgeId, ChainId, Market, PoolId, TokenId};
use crate::prices::NOT_WORTH_A_SWAP;
use crate::route::{exchange, one_way};
use crate::strategy::Position;
use crate::venue::Stake;

/// A way to another asset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Way {
    pub(super) cost: f64,
    pub(super) crossing: Option<Crossing>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Crossing {
    pub(super) bridge: BridgeId,
    pub(super) from: ChainId,
    pub(super) to: ChainId,
    pub(super) carrier: TokenId,
    /// The asset that is left.
    pub(super) origin: usize,
}

impl BestYield {
    /// The chain of an asset: of a token, that on which everything else would be.
    pub(super) fn chain(&self, market: &dyn Market, position: &Position<'_>, k: usize) -> ChainId {
        let chain = match self.assets.get(k) {
            Some(&Asset::Pool(pool)) => Some(market.chain(pool)),
            Some(&Asset::Farm { farm, .. }) => market.farm(farm).map(|terms| terms.chain),
            Some(&Asset::Lending { lending, .. }) => market.lending(lending).map(|terms| terms.chain),
            Some(&Asset::Vault { vault, .. }) => {
                market.vault(vault).and_then(|terms| market.farm(terms.farm)).map(|terms| terms.chain)
            }
            Some(Asset::Token(_)) | None => None,
        };
        chain.unwrap_or(position.home)
    }

    /// The pools to swap in on a chain, the asset's own with them.
    pub(super) fn markets_on(&self, market: &dyn Market, chain: ChainId) -> Vec<PoolId> {
        let own = self.assets.iter().filter_map(|asset| if let Stake::Pool(pool) = asset.stake() { Some(pool) } else { None });
        let mut pools: Vec<PoolId> = Vec::new();
        for pool in self.markets.iter().copied().chain(own) {
            if market.chain(pool) == chain && !pools.contains(&pool) {
                pools.push(pool);
            }
        }
        pools
    }

    /// Whether what is in an asset can be taken out now.
    pub(super) fn can_leave(&self, market: &dyn Market, position: &Position<'_>) -> bool {
        match self.assets.get(self.present) {
            Some(&Asset::Farm { farm, .. }) => market.farm(farm).is_some_and(|terms| terms.is_open),
            Some(&Asset::Vault { vault, .. }) => {
                market.vault(vault).and_then(|terms| market.farm(terms.farm)).is_some_and(|terms| terms.is_open)
            }
            Some(&Asset::Lending { lending, .. }) => {
                let supplied = position.lending.get(lending.index()).map_or(0.0, |own| own.supplied);
                market.lending(lending).is_some_and(|terms| terms.liquidity >= supplied)
            }
            _ => true,
        }
    }

    /// What swaps on a chain lose, from what is negative to what is positive, and how many there are; `None` if there is no way.
    pub(super) fn swaps(&self, market: &dyn Market, chain: ChainId, mut lacks: Vec<f64>, value: f64) -> Option<(f64, f64)> {
        let (markets, least) = (self.markets_on(market, chain), NOT_WORTH_A_SWAP * value);
        let (mut lost, mut count) = (0.0, 0.0);
        // What swaps lose themselves is lacking at the end, and no swap makes up for it.
        while count < 8.0 {
            let Some(hop) = one_way(market, &markets, &lacks, least).or_else(|| exchange(market, &markets, &lacks, least)) else {
                break;
            };
            lost += hop.amount_in * market.price(hop.token_in) - hop.pays * market.price(hop.token_out);
            count += 1.0;
            lacks[hop.token_in.index()] += hop.amount_in;
            lacks[hop.token_out.index()] -= hop.pays;
        }
        let left = (0_u16..).zip(&lacks).filter(|(_, lack)| **lack < 0.0).map(|(t, lack)| -lack * market.price(TokenId(t)));
        (left.sum::<f64>() <= 0.01 * value).then_some((lost, count))
    }

    /// The best way to an asset with all that is worth so much; `None` if there is none.
    pub(super) fn way(&self, market: &dyn Market, position: &Position<'_>, to: usize, value: f64) -> Option<Way> {
        let (from, goal) = (*self.assets.get(self.present)?, *self.assets.get(to)?);
        let chains = [self.present, to].map(|k| self.chain(market, position, k));
        let tokens = position.wallet.len();
        let difference = |minus: &[(TokenId, f64)], plus: &[(TokenId, f64)]| {
            let mut lacks = vec![0.0; tokens];
            for (sign, units) in [(-1.0, minus), (1.0, plus)] {
                for &(token, unit) in units {
                    if let Some(lack) = lacks.get_mut(token.index()) {
                        *lack += sign * unit;
                    }
                }
            }
            lacks
        };
        let (have, need) = (from.units(market, value), goal.units(market, value));
        let MoveGas { deposit, withdraw, swap, mint, burn, bridge } = self.gas;
        let steps = |asset: Asset, liquidity: f64, stake: f64| {
            let pool = if let Stake::Pool(_) = asset.stake() { liquidity } else { 0.0 };
            pool + if let Asset::Pool(_) | Asset::Token(_) = asset { 0.0 } else { stake }
        };
        let (out, into) = (steps(from, burn, withdraw), steps(goal, mint, deposit));
        if from.shifts_to(goal) {
            let steps = |asset: Asset, stake: f64| if let Asset::Pool(_) | Asset::Token(_) = asset { 0.0 } else { stake };
            let cost = market.gas_cost(chains[0], steps(from, withdraw) + steps(goal, deposit));
            return Some(Way { cost, crossing: None });
        }
        if chains[0] == chains[1] {
            let (lost, count) = self.swaps(market, chains[0], difference(&have, &need), value)?;
            return Some(Way { cost: lost + market.gas_cost(chains[0], out + count * swap + into), crossing: None });
        }
        let mut best: Option<Way> = None;
        let candidates: Vec<TokenId> = have.iter().chain(&need).map(|&(token, _)| token).collect();
        for &id in &self.bridges {
            let Some(Bridge { from: start, to: end, fraction, fixed, failure, .. }) = market.bridge(id) else { continue };
            if [start, end] != chains {
                continue;
            }
            for &carrier in &candidates {
                let all = [(carrier, value / market.price(carrier))];
                let before = self.swaps(market, start, difference(&have, &all), value);
                let after = self.swaps(market, end, difference(&all, &need), value);
                let (Some((lost_before, swaps_before)), Some((lost_after, swaps_after))) = (before, after) else { continue };
                let gas =
                    market.gas_cost(start, out + swaps_before * swap + bridge) + market.gas_cost(end, swaps_after * swap + into);
                let cost = lost_before + lost_after + gas + value * (fraction + failure) + fixed;
                if best.is_none_or(|best| cost < best.cost) {
                    best = Some(Way {
                        cost,
                        crossing: Some(Crossing { bridge: id, from: start, to: end, carrier, origin: self.present }),
                    });
                }
            }
        }
        best
    }
}
