use cenote_amm::PriceRange;
use cenote_units::{SimDuration, SimTime};

use crate::asset::{of_whole, wallet};
use crate::error::StrategyError;
use crate::exit::Exit;
use crate::market::{Market, PoolId, TokenId};
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::venue::{FarmId, Stake};
use crate::wake::Wake;

/// Any strategy, with a part of the deposit only, or put in little by little, or taken out little by little (dollar-cost averaging).
///
/// The strategy sees the part of the wallet that it has been given. The rest waits, in the tokens that were handed over, and so does
/// what was taken out. It takes strategies that know what to do with more ([`Strategy::funded`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Staged<S> {
    strategy: S,
    /// Pools to sell in: its own first.
    markets: Vec<PoolId>,
    part: f64,
    way_in: Parts,
    way_out: Option<WayOut>,
    begun: Option<SimTime>,
    /// Parts put in, and parts taken out.
    done: [u32; 2],
    endowment: Vec<f64>,
    /// Whole tokens that the strategy has not been given or has given back, by token.
    kept: Vec<f64>,
    /// The way out of the part that is being taken out.
    leaving: Option<Exit>,
    /// When something was frozen that was to be taken out.
    frozen: Option<SimTime>,
    /// What the strategy sees of the wallet.
    wallet: Vec<f64>,
}

/// So many equal parts over a time: the first at its beginning, the last one interval before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// How many.
    pub count: u32,
    /// Over how long.
    pub over: SimDuration,
}

/// How a strategy is left, part by part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WayOut {
    /// When the first part is taken out, counted from the entry.
    pub from: SimDuration,
    /// The parts.
    pub parts: Parts,
    /// What is taken out is sold for this token, in the strategy's pool; `None` keeps the tokens that come.
    pub into: Option<TokenId>,
}

impl Parts {
    /// All at once.
    pub const ONE: Self = Self { count: 1, over: SimDuration::ZERO };

    fn check(self) -> Result<(), StrategyError> {
        if self.count == 0 || (self.count > 1 && self.over.is_zero()) { Err(StrategyError::NoInterval) } else { Ok(()) }
    }

    /// When part `k` is due, counted from the beginning; never where there is no such part.
    fn due(self, k: u32) -> Option<SimDuration> {
        let nanos = u128::from(self.over.as_nanos()) * u128::from(k) / u128::from(self.count.max(1));
        (k < self.count).then(|| SimDuration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }
}

impl<S> Staged<S> {
    /// This strategy, whose pool is this one, with this part of the deposit.
    ///
    /// # Errors
    /// A part that is not above 0 and at most 1.
    pub fn new(strategy: S, pool: PoolId, part: f64) -> Result<Self, StrategyError> {
        if !(part > 0.0 && part <= 1.0) {
            return Err(StrategyError::Share { what: "part", share: part });
        }
        Ok(Self {
            strategy,
            markets: vec![pool],
            part,
            way_in: Parts::ONE,
            way_out: None,
            begun: None,
            done: [0; 2],
            endowment: Vec::new(),
            kept: Vec::new(),
            leaving: None,
            frozen: None,
            wallet: Vec::new(),
        })
    }

    /// More pools to sell in on the way out, than its own: rewards, for example, that it does not trade.
    pub fn markets(mut self, markets: Vec<PoolId>) -> Self {
        self.markets.extend(markets);
        self
    }

    /// Put in little by little.
    ///
    /// # Errors
    /// No parts, or several in no time.
    pub fn way_in(mut self, parts: Parts) -> Result<Self, StrategyError> {
        parts.check()?;
        self.way_in = parts;
        Ok(self)
    }

    /// Taken out little by little. From then on nothing more is put in.
    ///
    /// # Errors
    /// No parts, or several in no time.
    pub fn way_out(mut self, way_out: WayOut) -> Result<Self, StrategyError> {
        way_out.parts.check()?;
        self.way_out = Some(way_out);
        Ok(self)
    }

    fn time_of_part_in(&self) -> SimTime {
        let due = self.way_in.due(self.done[0]).filter(|_| self.done[1] == 0 && self.frozen.is_none());
        due.zip(self.begun).and_then(|(due, begun)| begun.checked_add(due)).unwrap_or(SimTime::MAX)
    }

    fn time_of_part_out(&self) -> SimTime {
        let due = self.way_out.and_then(|way| way.from.checked_add(way.parts.due(self.done[1])?));
        due.zip(self.begun).and_then(|(due, begun)| begun.checked_add(due)).unwrap_or(SimTime::MAX)
    }

    fn is_over(&self) -> bool {
        self.leaving.is_none() && self.way_out.is_some_and(|way| self.done[1] == way.parts.count)
    }

    /// What the strategy sees.
    fn look(&mut self, position: &Position<'_>) {
        self.wallet.clear();
        self.wallet.extend(position.wallet.iter().zip(&self.kept).map(|(have, kept)| (have - kept).max(0.0)));
    }

    /// What the strategy asked of its own wallet, as it has to be asked of the whole.
    fn translate(&self, market: &dyn Market, position: &Position<'_>, action: Action) -> Action {
        match action {
            Action::Mint { pool, fraction } => {
                Action::Mint { pool, fraction: self.of_whole(market, position, pool, PriceRange::FULL, fraction) }
            }
            Action::MintRange { pool, id, range, fraction } => {
                Action::MintRange { pool, id, range, fraction: self.of_whole(market, position, pool, range, fraction) }
            }
            Action::Stake { farm, fraction } => {
                Action::Stake { farm, fraction: self.of_stake(market, position, Some(farm), fraction) }
            }
            Action::Deposit { vault, fraction } => {
                let farm = market.vault(vault).map(|vault| vault.farm);
                Action::Deposit { vault, fraction: self.of_stake(market, position, farm, fraction) }
            }
            other => other,
        }
    }

    /// The part of the wallet that mints as much as `fraction` of what the strategy sees of it.
    fn of_whole(&self, market: &dyn Market, position: &Position<'_>, pool: PoolId, range: PriceRange, fraction: f64) -> f64 {
        if self.kept.iter().all(|&kept| kept == 0.0) {
            return fraction;
        }
        of_whole(market, position, pool, range, &self.wallet, fraction)
    }

    /// The same of what a farm takes, or a vault that puts it into the farm.
    fn of_stake(&self, market: &dyn Market, position: &Position<'_>, farm: Option<FarmId>, fraction: f64) -> f64 {
        match farm.and_then(|farm| market.farm(farm)).map(|terms| terms.stake) {
            Some(Stake::Token(token)) => {
                let seen = self.wallet.get(token.index()).copied().unwrap_or(0.0);
                (fraction * seen / wallet(position, token)).min(1.0)
            }
            _ => fraction,
        }
    }
}

impl<S: Strategy> Strategy for Staged<S> {
    fn entry(&self) -> Entry {
        self.strategy.entry()
    }

    fn ranges(&self) -> u8 {
        self.strategy.ranges()
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if self.begun.is_none() {
            self.begun = Some(market.time());
            self.endowment = position.wallet.to_vec();
            self.kept.clone_from(&self.endowment);
        }
        loop {
            if let Some(exit) = &mut self.leaving {
                let into = self.way_out.and_then(|way| way.into);
                if let Some(step) = exit.next(market, position, &self.markets, into) {
                    return Some(step);
                }
                // What has come of it is not the strategy's any more.
                let before = exit.kept().to_vec();
                if exit.is_frozen() {
                    // The part stays due.
                    self.done[1] -= 1;
                    self.frozen = Some(market.time());
                }
                self.leaving = None;
                for ((kept, have), before) in self.kept.iter_mut().zip(position.wallet).zip(&before) {
                    *kept += (have - before).max(0.0);
                }
            }
            if self.is_over() {
                return None;
            }
            let again = |since| market.time() > since && Exit::can_go_on(market, position);
            if market.time() >= self.time_of_part_out() && self.frozen.is_none_or(again) {
                self.frozen = None;
                let parts = self.way_out.map_or(1, |way| way.parts.count);
                let left = parts - self.done[1];
                self.done[1] += 1;
                // With the last part goes all that the strategy has in its wallet, too.
                let stays = if left == 1 { self.kept.clone() } else { position.wallet.to_vec() };
                self.leaving = Some(Exit::part(1.0 / f64::from(left), stays));
                continue;
            }
            if market.time() >= self.time_of_part_in() {
                let share = self.part / f64::from(self.way_in.count);
                for (kept, endowment) in self.kept.iter_mut().zip(&self.endowment) {
                    *kept = (*kept - share * endowment).max(0.0);
                }
                if self.done[0] > 0 {
                    self.strategy.funded();
                }
                self.done[0] += 1;
            }
            break;
        }
        self.look(position);
        let seen = Position { wallet: &self.wallet, ..*position };
        let action = self.strategy.act(market, &seen)?;
        Some(self.translate(market, position, action))
    }

    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        if self.is_over() {
            return Wake::NEVER;
        }
        let seen = Position { wallet: &self.wallet, ..*position };
        self.strategy
            .wake(market, &seen)
            .or_at(self.time_of_part_in())
            .or_at(self.time_of_part_out())
            .or(if self.frozen.is_some() { Wake::EVERY_BLOCK } else { Wake::NEVER })
    }

    fn funded(&mut self) {
        self.strategy.funded();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_due_at_even_intervals() {
        let parts = Parts { count: 10, over: "30d".parse().unwrap() };
        let days = |k: u32| parts.due(k).map(SimDuration::as_days);
        assert_eq!((days(0), days(1), days(9), days(10)), (Some(0.0), Some(3.0), Some(27.0), None));
        assert_eq!(Parts::ONE.due(0), Some(SimDuration::ZERO));
        assert!(Parts { count: 0, over: SimDuration::ZERO }.check().is_err());
        assert!(Parts { count: 2, over: SimDuration::ZERO }.check().is_err());
    }
}
