//! Who looks: marks at block ends, the audit, observers.

use cenote_amm::TokenIndex;
use cenote_strategy::{PoolId, TokenId};
use cenote_units::{Lanes, SimTime};

use super::{Engine, indexed, token_id};
use crate::agent::Phase;
use crate::error::{SimError, SimErrorKind};
use crate::ledger::{Account, Ledger};
use crate::observer::{Actor, Event, EventKey};

impl<const L: usize> Engine<L> {
    /// The end of a block: marks, observers, audit.
    pub(super) fn look(&mut self, rank: usize) -> Result<(), SimError> {
        if self.measuring && (self.drawdowns || !self.observers.is_empty()) {
            for i in 0..self.positions.len() {
                self.mark(i);
                self.positions[i].watch_drawdown(self.clock.active());
                if !self.observers.is_empty() {
                    for l in 0..self.used {
                        let value = self.positions[i].value[l];
                        self.tell(rank, l, &Event::Mark { position: i, value });
                    }
                }
            }
        }
        self.audit()
    }

    /// Compares the ledger with what is there.
    pub(super) fn audit(&self) -> Result<(), SimError> {
        let Some(ledger) = &self.ledger else { return Ok(()) };
        for (p, tokens) in self.market.pool_tokens.iter().enumerate() {
            for (i, token) in indexed(tokens) {
                let mut balance = Lanes::ZERO;
                self.market.pools[p].balance(i, &mut balance);
                self.compare(ledger, Account::Pool(p), token, &balance, self.market.pools[p].unit(i))?;
            }
        }
        for (i, position) in self.positions.iter().enumerate() {
            for t in 0..self.scenario.tokens.len() {
                self.compare(ledger, Account::Position(i), token_id(t), &position.tokens(t), 0.0)?;
            }
            for p in (0..self.market.pools.len()).filter(|&p| self.market.pools[p].fungible().is_some()) {
                let mut free = position.lp[p];
                for l in 0..L {
                    free[l] -= position.venues.staked_lp(p, l);
                }
                self.compare(ledger, Account::Position(i), token_id(self.scenario.tokens.len() + p), &free, 0.0)?;
            }
        }
        self.audit_farms(ledger)
    }

    /// Of an account that counts in whole units of this size, or in floats.
    pub(super) fn compare(
        &self,
        ledger: &Ledger<L>,
        account: Account,
        token: TokenId,
        holds: &Lanes<L>,
        unit: f64,
    ) -> Result<(), SimError> {
        let Some((lane, booked)) = ledger.mismatch(account, token.index(), holds, unit).filter(|&(l, _)| l < self.used) else {
            return Ok(());
        };
        let account = match account {
            Account::Outside => "the outside world".to_owned(),
            Account::Pool(p) => format!("pool {:?}", self.scenario.pools[p].name),
            Account::Position(i) => format!("position {:?}", self.positions[i].name),
            Account::Farm(f) => format!("farm {:?}", self.scenario.farms[f].name),
        };
        let tokens = &self.scenario.tokens;
        let token = match tokens.get(token.index()) {
            Some(token) => token.symbol.clone(),
            None => format!("LP tokens of {:?}", self.scenario.pools[token.index() - tokens.len()].name),
        };
        Err(self.error(lane, SimErrorKind::Ledger { account, token, booked, found: holds[lane] }))
    }

    /// The place in a block of what happens in a phase: of those whose order is that of priority fees, one.
    pub(super) fn rank_of(&self, phase: Phase) -> usize {
        let chain = &self.scenario.chains[self.market.chain.index()];
        let auction = chain.by_priority_fee && phase.has_bidders();
        chain.order.iter().position(|&p| if auction { p.has_bidders() } else { p == phase }).unwrap_or(0)
    }

    pub(super) fn tell(&mut self, rank: usize, lane: usize, event: &Event) {
        let key = EventKey {
            time: SimTime::from_nanos(self.clock.time()[lane]),
            rank: u8::try_from(rank).unwrap_or(u8::MAX),
            seq: self.seq,
        };
        self.seq += 1;
        for observer in &mut self.observers {
            observer.event(self.paths[lane], key, event);
        }
    }

    pub(super) fn tell_swap(&mut self, actor: Actor, phase: Phase, rank: usize, pool: PoolId) {
        let tokens = &self.market.pool_tokens[pool.index()];
        let (base, quote) = (tokens[self.order.flow.base.get()], tokens[self.order.flow.quote.get()]);
        for l in 0..self.used {
            let flow = &self.order.flow;
            if flow.amount_in[l] > 0.0 {
                let (token_in, token_out) = if flow.base_in[l] != 0 { (base, quote) } else { (quote, base) };
                let (amount_in, amount_out, fee) = (flow.amount_in[l], flow.amount_out[l], flow.fee[l]);
                let spot_price = self.market.pools[pool.index()].spot_price(TokenIndex::ZERO, TokenIndex::ONE, l);
                let event = Event::Swap { actor, phase, pool, token_in, token_out, amount_in, amount_out, fee, spot_price };
                self.tell(rank, l, &event);
            }
        }
    }

    pub(super) fn tell_liquidity(&mut self, amount: &Lanes<L>, event: impl Fn(f64) -> Event) {
        if !self.observers.is_empty() {
            let rank = self.rank_of(Phase::Liquidity);
            for l in 0..self.used {
                if amount[l] > 0.0 {
                    self.tell(rank, l, &event(amount[l]));
                }
            }
        }
    }

    /// The same in one lane.
    pub(super) fn tell_done(&mut self, l: usize, event: &Event) {
        if !self.observers.is_empty() && l < self.used {
            self.tell(self.rank_of(Phase::Liquidity), l, event);
        }
    }
}
