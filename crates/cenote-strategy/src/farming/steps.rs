//! What it does, step by step.

use cenote_amm::{PriceRange, RangeRule};

use super::purse::Source;
use super::{Farming, PATIENCE, Rewards, State};
use crate::asset::{free, is_ranged, is_staked, of_whole, units_in, wallet};
use crate::level::level;
use crate::market::{Market, PoolId, TokenId};
use crate::prices::{DUST, NOT_WORTH_A_SWAP, Slice, held, swap_into, two_tokens};
use crate::route::{exchange, one_way};
use crate::sale::Sale;
use crate::strategy::{Action, Position, RangeId};
use crate::venue::Stake;

/// The part of rewards that may wait for the next harvest rather than be swapped.
const NEXT_TIME: f64 = 0.01;

impl Farming {
    /// Takes a range that is to be moved out of the farm.
    pub(super) fn leave(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        self.state = State::Removing;
        let staked = matches!(self.stake, Stake::Pool(pool) if is_staked(market, position, pool));
        staked.then_some(Action::Unstake { farm: self.farm, fraction: 1.0 })
    }

    /// And out of the pool. What the farm has paid stays apart.
    pub(super) fn remove(&mut self, position: &Position<'_>) -> Option<Action> {
        self.source = Source::Principal;
        let (Stake::Pool(pool), None) = (self.stake, position.refused) else {
            self.state = State::Resting;
            return None;
        };
        self.state = State::Fitting(0);
        Some(Action::BurnRange { pool, id: RangeId(0), fraction: 1.0 })
    }

    /// The swap, in the pool itself, into the proportions of its range.
    fn level(&self, market: &dyn Market, pool: PoolId, position: &Position<'_>, range: PriceRange) -> Option<Action> {
        if self.rule == RangeRule::Full {
            return level(market, pool, position);
        }
        let slice = Slice::near(market, pool, RangeId(0), range)?;
        swap_into(market, pool, &[slice], held(position, two_tokens(market, pool)))
    }

    pub(super) fn claim(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let (rewards, _) = self.harvest?;
        self.source = Source::Rewards;
        let [_, pending] = self.principal_and_pending(market, position);
        self.earned += pending;
        let farm = self.farm;
        let mut action = Action::Claim { farm };
        self.state = match (rewards, self.stake) {
            (Rewards::Hold, _) => State::Resting,
            (Rewards::Sell { into }, _) => State::Selling(Sale::new(into, Vec::new())),
            (Rewards::Compound, Stake::Token(_)) => State::Fitting(0),
            (Rewards::Compound, Stake::Pool(pool)) => {
                // Whoever adds to ranges takes them out of the farm first, which pays the rewards too.
                if is_ranged(market, pool) {
                    action = Action::Unstake { farm, fraction: 1.0 };
                }
                State::Fitting(0)
            }
        };
        Some(action)
    }

    /// The next swap of rewards for the token they are sold for, or for that of the stake.
    pub(super) fn sell(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let purse = self.purse(position);
        let State::Selling(sale) = &mut self.state else { return None };
        let seen = Position { wallet: &purse, ..*position };
        let swap = sale.next(market, &seen, &self.markets);
        if swap.is_none() {
            self.state = State::Resting;
        }
        swap
    }

    /// The next swap into the proportions of the stake.
    pub(super) fn fit(&mut self, market: &dyn Market, position: &Position<'_>, tried: usize) -> Option<Action> {
        self.state = State::Opening;
        let purse = self.purse(position);
        let worth: f64 = (0_u16..).zip(&purse).filter(|(_, x)| **x > 0.0).map(|(t, x)| x * market.price(TokenId(t))).sum();
        let needed: Vec<(TokenId, f64)> = match self.stake {
            Stake::Token(token) => vec![(token, worth / market.price(token))],
            Stake::Pool(pool) => units_in(market, pool, self.place(market, position, pool), worth).collect(),
        };
        let rewards = market.farm(self.farm).map_or(0, |terms| terms.rewards.len());
        if tried > 2 * (needed.len() + rewards) {
            return None;
        }
        // What belongs to the pool already is fitted by a swap in it that counts in how it moves the pool.
        if let (Source::Principal, Stake::Pool(pool)) = (self.source, self.stake) {
            let foreign = |(t, x): (u16, &f64)| {
                let token = TokenId(t);
                !market.pool_tokens(pool).contains(&token) && x * market.price(token) > NOT_WORTH_A_SWAP * worth
            };
            if !(0_u16..).zip(&purse).any(foreign) {
                let seen = Position { wallet: &purse, ..*position };
                let swap = self.level(market, pool, &seen, self.place(market, position, pool))?;
                self.state = State::Fitting(tried + 1);
                return Some(swap);
            }
        }
        let mut lacks: Vec<f64> = purse.iter().map(|have| -have).collect();
        for (token, unit) in needed {
            if let Some(lack) = lacks.get_mut(token.index()) {
                *lack += unit;
            }
        }
        // A little that does not fit is put to work the next time.
        let least = if self.source == Source::Rewards { NEXT_TIME } else { NOT_WORTH_A_SWAP } * worth;
        let hop = one_way(market, &self.markets, &lacks, least).or_else(|| exchange(market, &self.markets, &lacks, least))?;
        self.state = State::Fitting(tried + 1);
        let amount_in = hop.amount_in.min(purse[hop.token_in.index()]);
        Some(Action::Swap { pool: hop.pool, token_in: hop.token_in, token_out: hop.token_out, amount_in })
    }

    /// Takes ranges out of the farm, to add to them.
    pub(super) fn open(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        self.state = State::Minting;
        let staked = matches!(self.stake, Stake::Pool(pool) if is_ranged(market, pool) && is_staked(market, position, pool));
        (staked && self.is_open(market)).then_some(Action::Unstake { farm: self.farm, fraction: 1.0 })
    }

    pub(super) fn mint(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        self.state = State::Staking;
        let Stake::Pool(pool) = self.stake else { return None };
        if is_ranged(market, pool) && is_staked(market, position, pool) {
            // The farm does not give them back now. Rewards have time until the next harvest.
            self.state = State::Resting;
            if self.source == Source::Principal {
                self.again = market.time().checked_add(PATIENCE);
            }
            return None;
        }
        let range = self.place(market, position, pool);
        let fraction = of_whole(market, position, pool, range, &self.purse(position), 1.0);
        if self.present(position).is_none() {
            self.watch.placed(market, pool);
        }
        let action = match self.rule {
            RangeRule::Full => Action::Mint { pool, fraction },
            _ => Action::MintRange { pool, id: RangeId(0), range, fraction },
        };
        (fraction > 0.0).then_some(action)
    }

    pub(super) fn put(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        self.state = State::Resting;
        let farm = self.farm;
        let fraction = match self.stake {
            Stake::Pool(pool) if free(market, position, pool) > 0.0 => 1.0,
            Stake::Pool(_) => 0.0,
            Stake::Token(token) => {
                let have = self.purse(position).get(token.index()).copied().unwrap_or(0.0);
                let all = wallet(position, token);
                if have > DUST * all { (have / all).min(1.0) } else { 0.0 }
            }
        };
        self.again = None;
        (fraction > 0.0).then_some(Action::Stake { farm, fraction })
    }
}
