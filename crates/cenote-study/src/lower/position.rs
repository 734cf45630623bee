//! Positions: from a strategy's parameters to the strategy.

use std::sync::Arc;

use cenote_sim::{HedgeInstrument, HedgeTerms, PositionSetup, StrategyModel};
use cenote_strategy::{
    AnyStrategy, Bins, Compounding, EnterWith, FixedRange, Guard, Guarded, Hedged, Hold, Parts, Passive, PoolId, Portfolio,
    RangeOrder, Recentre, Staged, Strategy, StrategyError, TokenId, WayOut,
};
use cenote_units::{Fraction, Rate, SimDuration, SimTime};

use super::yields::asset;
use super::{chain_id, gas_table, gas_units, pool_id, token_id};
use crate::error::StudyError;
use crate::spec::{
    CompoundSpec, GuardSpec, HedgeSpec, PoolSpec, PortfolioSpec, PositionSpec, RecentreSpec, StrategySpec, WidthSpec,
};
use crate::study::Study;

impl Study {
    pub(super) fn position(&self, position: &PositionSpec) -> Result<PositionSetup, StudyError> {
        let spec = self.spec();
        Ok(PositionSetup {
            name: position.name.clone(),
            strategy: self.strategy(position)?,
            deposit: self.value(&position.deposit),
            priority_fee: position.priority_fee.native_per_gas(),
            gas: gas_table(&position.gas),
            // Liquidity finds its chain by itself.
            home: match position.strategy.pool() {
                Some(_) => None,
                None => position.strategy.chain(spec).map(|chain| chain_id(spec, chain)),
            },
            votes: position.votes.as_ref().map(|votes| self.votes(votes)),
            cover: position.cover.as_ref().map(|cover| self.cover(cover)),
            hedge: position.management.hedge.as_ref().map(terms),
        })
    }

    fn strategy(&self, position: &PositionSpec) -> Result<Arc<dyn StrategyModel>, StrategyError> {
        let spec = self.spec();
        match &position.strategy {
            StrategySpec::Hold(hold) => {
                let tokens = hold.tokens.iter().map(|token| token_id(spec, token));
                self.managed(position, Hold::weighted(tokens.zip(hold.shares()).collect())?)
            }
            StrategySpec::Passive(passive) => self.managed(position, Passive::new(pool_id(spec, &passive.pool))),
            StrategySpec::Range(range) => self.managed(position, FixedRange::new(pool_id(spec, &range.pool), range.range.rule())),
            StrategySpec::RangeOrder(order) => {
                self.managed(position, RangeOrder::new(pool_id(spec, &order.pool), order.range.rule()))
            }
            StrategySpec::Recentre(recentre) => self.managed(position, self.recentre(recentre)?),
            StrategySpec::Portfolio(portfolio) => self.managed(position, self.portfolio(portfolio, position.strategy.chain(spec))?),
            StrategySpec::Farm(farm) | StrategySpec::SingleStake(farm) => self.managed(position, self.farming(farm, position)?),
            StrategySpec::Lend(lend) => self.managed(position, self.lend(lend)),
            StrategySpec::Loop(looping) => self.managed(position, self.looping(looping)?),
            StrategySpec::Vault(vault) => self.managed(position, self.in_vault(vault)),
            StrategySpec::BestYield(best) => self.managed(position, self.best_yield(best, position)?),
            StrategySpec::Custom(strategy) => Ok(Arc::clone(strategy.model())),
        }
    }

    fn recentre(&self, recentre: &RecentreSpec) -> Result<Recentre, StrategyError> {
        let pool = pool_id(self.spec(), &recentre.pool);
        let strategy = match &recentre.width {
            WidthSpec::Fixed(width) => Recentre::new(pool, width.get())?,
            WidthSpec::Volatility(width) => Recentre::by_volatility(pool, width.rule())?,
        };
        let bins = Bins::new(recentre.bins, recentre.shape.shape())?;
        Ok(strategy.bins(bins).trigger(recentre.trigger.trigger())?.cooldown(recentre.cooldown))
    }

    fn portfolio(&self, portfolio: &PortfolioSpec, chain: Option<&str>) -> Result<Portfolio, StrategyError> {
        let spec = self.spec();
        let holdings = portfolio.weights.iter().map(|(name, weight)| (asset(spec, name), weight.get())).collect();
        let markets = self.markets(chain);
        let mut strategy = Portfolio::new(holdings, markets)?;
        if let Some(rebalance) = portfolio.rebalance {
            if let Some(drift) = rebalance.drift {
                strategy = strategy.drift(drift.get())?;
            }
            if let Some(every) = rebalance.every {
                strategy = strategy.every(every)?;
            }
        }
        Ok(strategy)
    }

    /// A strategy with all that its position adds to it: from the inside out entry, compounding, stages, exits, hedge.
    fn managed(&self, position: &PositionSpec, strategy: impl Strategy) -> Result<Arc<dyn StrategyModel>, StrategyError> {
        let (spec, management, guard) = (self.spec(), &position.management, &position.guard);
        if management.is_empty() && guard.is_empty() {
            return Ok(Arc::new(strategy));
        }
        let pool = position.strategy.liquidity(spec);
        // Of a strategy with a pool that is the market; others sell anywhere on their chain.
        let markets = match position.strategy.pool() {
            Some(_) => Vec::new(),
            None => self.markets(position.strategy.chain(spec)),
        };
        let place = pool.map_or(PoolId(u16::MAX), |pool| pool_id(spec, &pool.name));
        let mut strategy = AnyStrategy::new(strategy);
        if let Some(token) = &management.enter_with {
            strategy = AnyStrategy::new(EnterWith::new(strategy, token_id(spec, token)));
        }
        strategy = match management.compound {
            None => strategy,
            Some(CompoundSpec::Every(interval)) => AnyStrategy::new(Compounding::every(strategy, place, interval)?),
            Some(CompoundSpec::Optimal) => {
                AnyStrategy::new(Compounding::optimal(strategy, place, gas_units(CompoundSpec::gas(position)))?)
            }
        };
        if management.part.is_some() || management.dca.is_some() {
            let part = management.part.map_or(1.0, Fraction::get);
            let mut staged = Staged::new(strategy, place, part)?.markets(markets.clone());
            if let Some(dca) = &management.dca {
                let parts = |over| Parts { count: dca.parts, over };
                if let Some(over) = dca.way_in {
                    staged = staged.way_in(parts(over))?;
                }
                if let (Some(over), Some(from)) = (dca.way_out, dca.from) {
                    let into = Some(self.sold_for(position, pool));
                    staged = staged.way_out(WayOut { from, parts: parts(over), into })?;
                }
            }
            strategy = AnyStrategy::new(staged);
        }
        if !guard.is_empty() {
            let guard = self.guard(guard, Guard::new(place, self.sold_for(position, pool)))?;
            strategy = AnyStrategy::new(Guarded::new(strategy, guard).markets(markets));
        }
        if let Some(hedge) = &management.hedge {
            strategy = AnyStrategy::new(self.hedged(strategy, hedge)?);
        }
        Ok(Arc::new(strategy))
    }

    /// What a position in this pool sells for when it leaves.
    fn sold_for(&self, position: &PositionSpec, pool: Option<&PoolSpec>) -> TokenId {
        let spec = self.spec();
        let usual = || pool.map_or(&spec.numeraire, |pool| spec.usual_exit(pool));
        let token = position.management.exit_to.as_ref().unwrap_or_else(usual);
        token_id(spec, token)
    }

    /// When a position leaves.
    fn guard(&self, exits: &GuardSpec, mut guard: Guard) -> Result<Guard, StrategyError> {
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
            let after = self.spec().warm_up.checked_add(time).map_or(u64::MAX, SimDuration::as_nanos);
            guard = guard.leave_at(SimTime::from_nanos(after));
        }
        Ok(guard)
    }

    fn hedged(&self, strategy: AnyStrategy, hedge: &HedgeSpec) -> Result<Hedged<AnyStrategy>, StrategyError> {
        let mut hedged = Hedged::new(strategy, token_id(self.spec(), &hedge.token));
        if let Some(ratio) = hedge.ratio {
            hedged = hedged.ratio(ratio.get())?;
        }
        if let Some(band) = hedge.band {
            hedged = hedged.band(band.get())?;
        }
        if let Some(every) = hedge.every {
            hedged = hedged.every(every)?;
        }
        Ok(hedged)
    }
}

/// On which terms a position hedges.
fn terms(hedge: &HedgeSpec) -> HedgeTerms {
    let instrument = match hedge.interest {
        Some(interest) => HedgeInstrument::Loan { interest: interest.per_year() },
        None => HedgeInstrument::Perpetual { funding: hedge.funding.map_or(0.0, Rate::per_year) },
    };
    HedgeTerms { instrument, fee: hedge.fee.fraction() }
}
