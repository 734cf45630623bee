//! Farms, lending markets, and what can go wrong with them.

use std::sync::Arc;

use cenote_sim::{
    CoverTerms, FarmCrowd, FarmSetup, LendingSetup, RewardLock, RiskKind, RiskSetup, RiskTarget, Staked, VaultSetup, VoteTerms,
};
use cenote_strategy::{FarmId, Farming, LendingId, Rewards, Stake, TokenId, VaultId};
use cenote_units::Fraction;

use super::{chain_id, gas_table, gas_units, pool_id, token_id};
use crate::error::StudyError;
use crate::problem::Checked;
use crate::spec::{
    CoverSpec, FarmSpec, HarvestSpec, Place, RiskKindSpec, RiskSpec, StakedSpec, StudySpec, VaultSpec, VestingSpec, VotesSpec,
};
use crate::study::Study;

impl Study {
    pub(super) fn farm(&self, f: usize) -> Checked<FarmSetup> {
        let (spec, farm) = (self.spec(), &self.spec().farms[f]);
        Ok(FarmSetup {
            name: farm.name.clone(),
            chain: chain_id(spec, farm.chain(spec).unwrap_or_default()),
            stake: stake(spec, farm),
            rewards: farm.rewards.iter().map(|reward| token_id(spec, reward)).collect(),
            model: farm.model(&farm.path())?,
            staked: match &farm.staked {
                StakedSpec::Share(share) => Staked::Share(share.get()),
                StakedSpec::Amount(amount) => Staked::Amount(amount.to_f64()),
            },
            crowd: farm.crowd.map(|crowd| FarmCrowd { target_apr: crowd.target_apr.per_year(), response: crowd.response }),
            inflow: self.inflow(f).cloned(),
            deposit_fee: farm.deposit_fee.get(),
            withdrawal_fee: farm.withdrawal_fee.get(),
            lock: farm.lock.map(|lock| RewardLock {
                duration: lock.duration,
                linear: lock.vesting == VestingSpec::Linear,
                penalty: lock.penalty.map(Fraction::get),
            }),
        })
    }

    pub(super) fn lending(&self, i: usize) -> Checked<LendingSetup> {
        let (spec, lending) = (self.spec(), &self.spec().lending[i]);
        let path = lending.path();
        Ok(LendingSetup {
            name: lending.name.clone(),
            chain: chain_id(spec, &lending.chain),
            token: token_id(spec, &lending.token),
            model: lending.reserve(&path)?,
            utilisation: self.utilisation(i),
            collateral: lending.collateral_model(&path)?,
        })
    }

    pub(super) fn vault(&self, vault: &VaultSpec) -> Result<VaultSetup, StudyError> {
        let spec = self.spec();
        let farm = farm_id(spec, &vault.farm);
        let (stake, chain) = vault.farm(spec).map_or((NO_STAKE, None), |farm| (stake(spec, farm), farm.chain(spec)));
        let strategy = Farming::new(farm, stake).markets(self.markets(chain));
        let strategy = match vault.every {
            HarvestSpec::Every(interval) => strategy.every(Rewards::Compound, interval)?,
            HarvestSpec::Optimal => {
                let gas = vault.farm(spec).map_or(0, |farm| vault.gas.harvest(farm, None, spec));
                strategy.optimal(Rewards::Compound, gas_units(gas))?
            }
        };
        Ok(VaultSetup {
            name: vault.name.clone(),
            farm,
            strategy: Arc::new(strategy),
            performance_fee: vault.performance_fee.get(),
            management_fee: vault.management_fee.per_year(),
            value: self.value(&vault.tvl),
            gas: gas_table(&vault.gas),
        })
    }

    pub(super) fn votes(&self, votes: &VotesSpec) -> VoteTerms {
        let place = self.spec().farms.iter().position(|farm| farm.name == votes.farm);
        let farm = FarmId(place.and_then(|place| u16::try_from(place).ok()).unwrap_or(u16::MAX));
        VoteTerms { farm, locked: votes.locked, duration: votes.duration }
    }

    pub(super) fn cover(&self, cover: &CoverSpec) -> CoverTerms {
        CoverTerms {
            targets: cover.targets.iter().map(|target| risk_target(self.spec(), target)).collect(),
            premium: cover.premium.per_year(),
            pays: cover.pays.get(),
        }
    }

    pub(super) fn risk(&self, risk: &RiskSpec) -> RiskSetup {
        let spec = self.spec();
        let kind = match &risk.kind {
            RiskKindSpec::Exploit { loss_severity, recovered } => {
                RiskKind::Exploit { severity: loss_severity.get(), recovered: recovered.get() }
            }
            RiskKindSpec::RugPull { loss_severity, .. } => RiskKind::RugPull {
                severity: loss_severity.get(),
                token: risk.rugged(spec).map_or(TokenId(u16::MAX), |token| token_id(spec, token)),
            },
            RiskKindSpec::Depeg { loss_severity, recovery } => {
                RiskKind::Depeg { severity: loss_severity.get(), recovery: *recovery }
            }
            RiskKindSpec::Halt { duration } => RiskKind::Halt { duration: *duration },
            RiskKindSpec::Freeze { duration } => RiskKind::Freeze { duration: *duration },
            RiskKindSpec::OracleFailure { duration } => RiskKind::OracleFailure { duration: *duration },
            RiskKindSpec::OracleManipulation { loss_severity } => RiskKind::OracleManipulation { severity: loss_severity.get() },
        };
        RiskSetup {
            name: risk.name.clone(),
            kind,
            targets: risk.targets.iter().map(|target| risk_target(spec, target)).collect(),
            rate: risk.rate.per_year(),
            contagion: risk.contagion.get(),
        }
    }
}

/// What no farm takes: the checks of a study leave no farm without a stake.
pub(super) const NO_STAKE: Stake = Stake::Token(TokenId(u16::MAX));

/// What a farm takes.
pub(super) fn stake(spec: &StudySpec, farm: &FarmSpec) -> Stake {
    match spec.place(&farm.stake) {
        Some(Place::Token(token)) => Stake::Token(token_id(spec, &token.symbol)),
        Some(Place::Pool(pool)) => Stake::Pool(pool_id(spec, &pool.name)),
        _ => NO_STAKE,
    }
}

/// The places of a farm and a lending market that the checks of the study left known.
pub(super) fn farm_id(spec: &StudySpec, name: &str) -> FarmId {
    spec.farm_id(name).unwrap_or(FarmId(u16::MAX))
}

pub(super) fn lending_id(spec: &StudySpec, name: &str) -> LendingId {
    spec.lending_id(name).unwrap_or(LendingId(u16::MAX))
}

pub(super) fn vault_id(spec: &StudySpec, name: &str) -> VaultId {
    spec.vault_id(name).unwrap_or(VaultId(u16::MAX))
}

/// What can be hit.
pub(super) fn risk_target(spec: &StudySpec, name: &str) -> RiskTarget {
    match spec.place(name) {
        Some(Place::Token(token)) => RiskTarget::Token(token_id(spec, &token.symbol)),
        Some(Place::Pool(pool)) => RiskTarget::Pool(pool_id(spec, &pool.name)),
        Some(Place::Farm(farm)) => RiskTarget::Farm(farm_id(spec, &farm.name)),
        Some(Place::Lending(lending)) => RiskTarget::Lending(lending_id(spec, &lending.name)),
        Some(Place::Vault(_)) | None => RiskTarget::Token(TokenId(u16::MAX)),
    }
}
