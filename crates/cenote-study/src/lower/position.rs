//! Positions: from a strategy's parameters to the strategy.

use std::sync::Arc;

use cenote_sim::{GasUnits, PositionSetup, StrategyModel};
use cenote_strategy::{FixedRange, Guard, Guarded, Hold, Passive, Recentre, Strategy, StrategyError, TokenId, Trigger};
use cenote_units::{SimDuration, SimTime};

use super::{gas_units, pool_id, token_id};
use crate::error::StudyError;
use crate::spec::{PositionSpec, StrategySpec, TriggerSpec};
use crate::study::Study;

impl Study {
    pub(super) fn position(&self, position: &PositionSpec) -> Result<PositionSetup, StudyError> {
        let spec = self.spec();
        let strategy: Arc<dyn StrategyModel> = match &position.strategy {
            StrategySpec::Hold(hold) => {
                let tokens = hold.tokens.iter().map(|token| token_id(spec, token));
                Arc::new(Hold::weighted(tokens.zip(hold.shares()).collect())?)
            }
            StrategySpec::Passive(passive) => self.guarded(position, Passive::new(pool_id(spec, &passive.pool)))?,
            StrategySpec::Range(range) => {
                self.guarded(position, FixedRange::new(pool_id(spec, &range.pool), range.range.rule()))?
            }
            StrategySpec::Recentre(recentre) => {
                let strategy = Recentre::new(pool_id(spec, &recentre.pool), recentre.width.get())?
                    .trigger(match recentre.trigger {
                        TriggerSpec::OutOfRange => Trigger::OutOfRange,
                        TriggerSpec::OffCentre(distance) => Trigger::OffCentre(distance.get()),
                        TriggerSpec::Every(interval) => Trigger::Every(interval),
                    })?
                    .cooldown(recentre.cooldown);
                self.guarded(position, strategy)?
            }
            StrategySpec::Custom(strategy) => Arc::clone(strategy.model()),
        };
        let gas = &position.gas;
        Ok(PositionSetup {
            name: position.name.clone(),
            strategy,
            deposit: self.value(&position.deposit),
            priority_fee: position.priority_fee.native_per_gas(),
            gas: GasUnits {
                mint: gas_units(gas.mint),
                burn: gas_units(gas.burn),
                collect: gas_units(gas.collect),
                swap: gas_units(gas.swap),
            },
            hedge: None,
        })
    }

    /// A strategy with the exits of its position.
    fn guarded(&self, position: &PositionSpec, strategy: impl Strategy) -> Result<Arc<dyn StrategyModel>, StrategyError> {
        let spec = self.spec();
        let pool = position.strategy.pool().and_then(|name| spec.pools.iter().find(|pool| pool.name == name));
        let Some(pool) = pool.filter(|_| !position.guard.is_empty()) else { return Ok(Arc::new(strategy)) };
        let into = pool.tokens.iter().find(|token| **token == spec.numeraire).or(pool.tokens.last());
        let into = into.map_or(TokenId(u16::MAX), |token| token_id(spec, token));
        let mut guard = Guard::new(pool_id(spec, &pool.name), into);
        let exits = &position.guard;
        if let Some(fraction) = exits.stop_loss {
            guard = guard.stop_loss(fraction.get())?;
        }
        if let Some(fraction) = exits.take_profit {
            guard = guard.take_profit(fraction.get())?;
        }
        if let Some(fraction) = exits.stop_impermanent_loss {
            guard = guard.stop_impermanent_loss(fraction.get())?;
        }
        if let Some(time) = exits.leave_after {
            let after = spec.warm_up.checked_add(time).map_or(u64::MAX, SimDuration::as_nanos);
            guard = guard.leave_at(SimTime::from_nanos(after));
        }
        Ok(Arc::new(Guarded::new(strategy, guard)))
    }
}
