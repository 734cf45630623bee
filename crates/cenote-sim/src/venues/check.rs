//! That farms, lending markets, vaults and risks make sense.

use cenote_strategy::{Stake, TokenId};

use super::{CoverTerms, FarmSetup, LendingSetup, RiskKind, RiskSetup, RiskTarget, Staked, Utilisation, VaultSetup};
use crate::error::ScenarioError;
use crate::scenario::{Scenario, known};

/// A number that has to be in a range.
fn value(ok: bool, what: impl FnOnce() -> String, value: f64, expected: &'static str) -> Result<(), ScenarioError> {
    if ok { Ok(()) } else { Err(ScenarioError::Value { what: what(), value, expected }) }
}

fn part(x: f64, what: impl FnOnce() -> String) -> Result<(), ScenarioError> {
    value((0.0..=1.0).contains(&x), what, x, "a fraction from 0 to 1")
}

fn part_below_one(x: f64, what: impl FnOnce() -> String) -> Result<(), ScenarioError> {
    value((0.0..1.0).contains(&x), what, x, "a fraction from 0 to 1, not 1 itself")
}

impl Scenario {
    /// Checks everything that is not a pool.
    pub(crate) fn check_venues(&self) -> Result<(), ScenarioError> {
        self.farms.iter().try_for_each(|farm| self.check_farm(farm))?;
        self.lending.iter().try_for_each(|lending| self.check_lending(lending))?;
        self.vaults.iter().try_for_each(|vault| self.check_vault(vault))?;
        self.risks.iter().try_for_each(|risk| self.check_risk(risk))?;
        for position in &self.positions {
            if let Some(votes) = position.votes {
                known(&format!("votes of {:?}", position.name), "farm", votes.farm.index(), self.farms.len())?;
                let ok = votes.locked >= 0.0 && votes.locked.is_finite() && !votes.duration.is_zero();
                value(ok, || format!("votes of {:?}", position.name), votes.locked, "an amount, locked for some time")?;
            }
        }
        let covers = self.positions.iter().filter_map(|position| Some((&position.name, position.cover.as_ref()?)));
        covers.into_iter().try_for_each(|(name, cover)| self.check_cover(name, cover))
    }

    fn check_farm(&self, farm: &FarmSetup) -> Result<(), ScenarioError> {
        let who = || format!("farm {:?}", farm.name);
        known(&who(), "chain", farm.chain.index(), self.chains.len())?;
        match farm.stake {
            Stake::Token(token) => self.priced_token(&who(), token)?,
            Stake::Pool(pool) => {
                known(&who(), "pool", pool.index(), self.pools.len())?;
                if self.pools[pool.index()].chain != farm.chain {
                    let (pool, farm) = (self.pools[pool.index()].name.clone(), farm.name.clone());
                    return Err(ScenarioError::OtherChain { farm, pool });
                }
            }
        }
        for &token in &farm.rewards {
            self.priced_token(&who(), token)?;
        }
        let (count, expected) = (farm.rewards.len(), farm.model.reward_count());
        if count != expected || count > cenote_strategy::MAX_REWARDS {
            return Err(ScenarioError::Rewards { farm: farm.name.clone(), count, expected });
        }
        match farm.staked {
            Staked::Share(share) => part(share, || format!("share of {} staked by others", who()))?,
            Staked::Amount(amount) => {
                value(amount >= 0.0 && amount.is_finite(), || format!("stake of others in {}", who()), amount, "an amount")?;
            }
        }
        if let Some(crowd) = farm.crowd {
            let ok = crowd.target_apr > 0.0 && crowd.target_apr.is_finite();
            value(ok, || format!("target APR of {}", who()), crowd.target_apr, "a rate above zero")?;
            value(!crowd.response.is_zero(), || format!("response of the crowd of {}", who()), 0.0, "a duration above zero")?;
        }
        if let Some(inflow) = &farm.inflow {
            let initial = inflow.initial();
            value(initial > 0.0 && initial.is_finite(), || format!("inflow of {}", who()), initial, "a positive initial value")?;
        }
        if let Some(lock) = farm.lock {
            value(!lock.duration.is_zero(), || format!("lock of rewards of {}", who()), 0.0, "a duration above zero")?;
            lock.penalty.map_or(Ok(()), |penalty| part(penalty, || format!("penalty of {}", who())))?;
        }
        part_below_one(farm.deposit_fee, || format!("deposit fee of {}", who()))?;
        part_below_one(farm.withdrawal_fee, || format!("withdrawal fee of {}", who()))
    }

    fn check_lending(&self, lending: &LendingSetup) -> Result<(), ScenarioError> {
        let who = || format!("lending market {:?}", lending.name);
        known(&who(), "chain", lending.chain.index(), self.chains.len())?;
        self.priced_token(&who(), lending.token)?;
        if let Utilisation::Recorded(history) = &lending.utilisation {
            let (from, to) = history.span();
            let needed = self.warm_up.as_nanos().saturating_add(self.horizon.as_nanos());
            let years = |nanos| cenote_units::SimDuration::from_nanos(nanos).as_years();
            value(
                to - from >= needed,
                || format!("years recorded of {}", who()),
                years(to - from),
                "at least the horizon and the warm-up",
            )?;
        }
        Ok(())
    }

    fn check_vault(&self, vault: &VaultSetup) -> Result<(), ScenarioError> {
        let who = || format!("vault {:?}", vault.name);
        known(&who(), "farm", vault.farm.index(), self.farms.len())?;
        let ok = vault.value > 0.0 && vault.value.is_finite();
        value(ok, || format!("what others have in {}", who()), vault.value, "a positive value")?;
        if let Stake::Pool(pool) = self.farms[vault.farm.index()].stake
            && self.pools[pool.index()].model.is_ranged()
        {
            let reason = "a vault takes LP tokens or tokens, and the liquidity of its farm's pool has ranges".to_owned();
            return Err(ScenarioError::Venue { what: who(), reason });
        }
        part_below_one(vault.performance_fee, || format!("performance fee of {}", who()))?;
        part_below_one(vault.management_fee, || format!("management fee of {}", who()))
    }

    fn check_risk(&self, risk: &RiskSetup) -> Result<(), ScenarioError> {
        let who = || format!("risk {:?}", risk.name);
        value(risk.rate >= 0.0 && risk.rate.is_finite(), || format!("rate of {}", who()), risk.rate, "events per year")?;
        part(risk.contagion, || format!("contagion of {}", who()))?;
        value(!risk.targets.is_empty(), || format!("number of targets of {}", who()), 0.0, "at least one target")?;
        let severity = match risk.kind {
            RiskKind::Exploit { severity, recovered } => {
                part(recovered, || format!("recovered part of {}", who()))?;
                severity
            }
            RiskKind::RugPull { severity, token } => {
                self.priced_token(&who(), token)?;
                severity
            }
            RiskKind::Depeg { severity, .. } | RiskKind::OracleManipulation { severity } => severity,
            RiskKind::Halt { .. } | RiskKind::Freeze { .. } | RiskKind::OracleFailure { .. } => 1.0,
        };
        part(severity, || format!("severity of {}", who()))?;
        risk.targets.iter().try_for_each(|&target| {
            self.check_target(&who(), target)?;
            let fits = match risk.kind {
                RiskKind::Exploit { .. } => !matches!(target, RiskTarget::Token(_)),
                RiskKind::RugPull { .. } => matches!(target, RiskTarget::Pool(_)),
                RiskKind::Depeg { .. } => matches!(target, RiskTarget::Token(token) if token != self.numeraire),
                RiskKind::Halt { .. } => matches!(target, RiskTarget::Farm(_)),
                RiskKind::Freeze { .. } => matches!(target, RiskTarget::Farm(_) | RiskTarget::Lending(_)),
                RiskKind::OracleManipulation { .. } | RiskKind::OracleFailure { .. } => matches!(target, RiskTarget::Lending(_)),
            };
            if fits { Ok(()) } else { Err(ScenarioError::RiskTarget { risk: risk.name.clone() }) }
        })
    }

    fn check_target(&self, who: &str, target: RiskTarget) -> Result<(), ScenarioError> {
        match target {
            RiskTarget::Token(token) => self.priced_token(who, token),
            RiskTarget::Pool(pool) => known(who, "pool", pool.index(), self.pools.len()),
            RiskTarget::Farm(farm) => known(who, "farm", farm.index(), self.farms.len()),
            RiskTarget::Lending(lending) => known(who, "lending market", lending.index(), self.lending.len()),
        }
    }

    fn check_cover(&self, position: &str, cover: &CoverTerms) -> Result<(), ScenarioError> {
        let who = || format!("cover of {position:?}");
        value(cover.premium >= 0.0 && cover.premium.is_finite(), || format!("premium of the {}", who()), cover.premium, "a rate")?;
        part(cover.pays, || format!("what the {} pays", who()))?;
        cover.targets.iter().try_for_each(|&target| self.check_target(&who(), target))
    }

    /// Whether something can happen to a token's price.
    pub(crate) fn can_fall(&self, token: usize) -> bool {
        self.risks.iter().any(|risk| match risk.kind {
            RiskKind::RugPull { token: falls, .. } => falls.index() == token,
            RiskKind::Depeg { .. } => {
                risk.targets.iter().any(|target| matches!(target, RiskTarget::Token(t) if t.index() == token))
            }
            _ => false,
        })
    }

    /// Tokens that a farm pays in.
    pub(crate) fn is_reward(&self, token: TokenId) -> bool {
        self.farms.iter().any(|farm| farm.rewards.contains(&token))
    }
}
