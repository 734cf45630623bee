//! Strategies of farms, lending markets and vaults.

use cenote_strategy::{
    Asset, BestYield, BridgeId, Farming, InVault, Lend, LendingId, Looping, MoveGas, PoolId, Rewards, StrategyError, TokenId,
};

use cenote_units::SimDuration;

use super::venue::{NO_STAKE, farm_id, lending_id, stake, vault_id};
use super::{gas_units, pool_id, token_id};
use crate::spec::{
    BestYieldSpec, FarmSpec, FarmStrategySpec, HarvestSpec, InVaultSpec, LendSpec, LendingSpec, LoopSpec, Place, PositionSpec,
    RewardsAction, StudySpec, VaultSpec,
};
use crate::study::Study;

impl Study {
    /// The pools to swap in: those on a chain, or all.
    pub(super) fn markets(&self, chain: Option<&str>) -> Vec<PoolId> {
        let spec = self.spec();
        let there = spec.pools.iter().filter(|pool| chain.is_none_or(|chain| pool.chain == chain));
        there.map(|pool| pool_id(spec, &pool.name)).collect()
    }

    pub(super) fn farming(&self, strategy: &FarmStrategySpec, position: &PositionSpec) -> Result<Farming, StrategyError> {
        let spec = self.spec();
        let id = farm_id(spec, &strategy.farm);
        let Some(farm) = spec.farms.iter().find(|farm| farm.name == strategy.farm) else { return Ok(Farming::new(id, NO_STAKE)) };
        let mut farming = Farming::new(id, stake(spec, farm)).markets(self.markets(farm.chain(spec)));
        if let Some(range) = &strategy.range {
            farming = farming.range(range.rule());
        }
        if let Some(trigger) = strategy.trigger {
            farming = farming.recentre(trigger.trigger(), strategy.cooldown.unwrap_or(SimDuration::ZERO))?;
        }
        let Some(harvest) = &strategy.rewards else { return Ok(farming) };
        let sold_for = harvest.sold_for(farm, spec);
        let (rewards, gas) = match (harvest.action, sold_for) {
            (RewardsAction::Sell, Some(into)) => {
                (Rewards::Sell { into: token_id(spec, into) }, position.gas.harvest(farm, sold_for, spec))
            }
            (RewardsAction::Compound, _) => (Rewards::Compound, position.gas.harvest(farm, None, spec)),
            (RewardsAction::Hold | RewardsAction::Sell, _) => (Rewards::Hold, position.gas.claim),
        };
        match harvest.every {
            HarvestSpec::Every(interval) => farming.every(rewards, interval),
            HarvestSpec::Optimal => farming.optimal(rewards, gas_units(gas)),
        }
    }

    pub(super) fn lend(&self, strategy: &LendSpec) -> Lend {
        let (lending, token) = self.lent(&strategy.market);
        Lend::new(lending, token).markets(self.markets(self.chain_of(&strategy.market)))
    }

    pub(super) fn looping(&self, strategy: &LoopSpec) -> Result<Looping, StrategyError> {
        let [collateral, debt] = [&strategy.market, &strategy.borrow].map(|market| self.lent(market));
        let mut looping = Looping::new(collateral, debt, strategy.ltv.get())?
            .loops(strategy.loops)?
            .markets(self.markets(self.chain_of(&strategy.market)));
        if let Some(bounds) = strategy.bounds {
            looping = looping.bounds(bounds.low.get(), bounds.high.get())?;
        }
        if let Some(every) = strategy.every {
            looping = looping.every(every)?;
        }
        Ok(looping)
    }

    pub(super) fn in_vault(&self, strategy: &InVaultSpec) -> InVault {
        let spec = self.spec();
        let farm = spec.vaults.iter().find(|vault| vault.name == strategy.vault).and_then(|vault| vault.farm(spec));
        let taken = farm.map_or(NO_STAKE, |farm| stake(spec, farm));
        let markets = self.markets(farm.and_then(|farm| farm.chain(spec)));
        InVault::new(vault_id(spec, &strategy.vault), taken).markets(markets)
    }

    pub(super) fn best_yield(&self, strategy: &BestYieldSpec, position: &PositionSpec) -> Result<BestYield, StrategyError> {
        let (spec, gas) = (self.spec(), &position.gas);
        let assets = strategy.between.iter().map(|name| asset(spec, name)).collect();
        let bridges = spec.bridges.iter().filter_map(|bridge| spec.bridge_id(&bridge.name)).collect::<Vec<BridgeId>>();
        BestYield::new(assets, strategy.every)?
            .markets(self.markets(None))
            .bridges(bridges)
            .hysteresis(strategy.hysteresis.get())?
            .patience(strategy.patience)?
            .memory(strategy.memory)?
            .gas(MoveGas {
                deposit: gas_units(gas.deposit),
                withdraw: gas_units(gas.withdraw),
                swap: gas_units(gas.swap),
                mint: gas_units(gas.mint),
                burn: gas_units(gas.burn),
                bridge: gas_units(gas.bridge),
            })
    }

    /// A lending market and its token.
    fn lent(&self, name: &str) -> (LendingId, TokenId) {
        let spec = self.spec();
        let market = spec.lending.iter().find(|lending| lending.name == name);
        (lending_id(spec, name), market.map_or(TokenId(u16::MAX), |market| token_id(spec, &market.token)))
    }

    /// The chain of a lending market.
    fn chain_of(&self, name: &str) -> Option<&str> {
        let market: Option<&LendingSpec> = self.spec().lending.iter().find(|lending| lending.name == name);
        market.map(|market| market.chain.as_str())
    }
}

/// Where a deposit can be.
pub(super) fn asset(spec: &StudySpec, name: &str) -> Asset {
    let taken = |farm: Option<&FarmSpec>| farm.map_or(NO_STAKE, |farm| stake(spec, farm));
    let vault = |vault: &VaultSpec| Asset::Vault { vault: vault_id(spec, &vault.name), stake: taken(vault.farm(spec)) };
    match spec.place(name) {
        Some(Place::Token(token)) => Asset::Token(token_id(spec, &token.symbol)),
        Some(Place::Pool(pool)) => Asset::Pool(pool_id(spec, &pool.name)),
        Some(Place::Farm(farm)) => Asset::Farm { farm: farm_id(spec, &farm.name), stake: taken(Some(farm)) },
        Some(Place::Lending(lending)) => {
            Asset::Lending { lending: lending_id(spec, &lending.name), token: token_id(spec, &lending.token) }
        }
        Some(Place::Vault(place)) => vault(place),
        None => Asset::Pool(PoolId(u16::MAX)),
    }
}
