//! Positions trade outside, with borrowed money or tokens.

use cenote_strategy::{Refusal, TokenId};
use cenote_units::{LaneList, Lanes};

use super::Engine;
use crate::agent::Phase;
use crate::observer::Event;

impl<const L: usize> Engine<L> {
    /// What the move of prices did to hedges, and what time cost them.
    pub(super) fn book_hedges(&mut self) {
        if self.measuring {
            let years = self.clock.step().years;
            for position in &mut self.positions {
                position.hedge.accrue(&self.before, &self.market.prices, years);
            }
        }
    }

    /// Brings a hedge to its target.
    pub(super) fn hedge(
        &mut self,
        i: usize,
        token: TokenId,
        target: &Lanes<L>,
        asked: &LaneList<L>,
        refused: &mut [Option<Refusal>],
    ) {
        let t = token.index();
        let market = token != self.market.numeraire && self.scenario.priced_token("", token).is_ok();
        let hedge = &self.positions[i].hedge;
        let done = asked.also(|l| {
            let offered = market && hedge.offers(target[l]);
            if !offered {
                refused[l] = Some(Refusal::NoMarket { token, target: target[l] });
            }
            offered
        });
        if done.is_empty() {
            return;
        }
        self.positions[i].hedge.trade(t, target, &done, &self.market.prices[t]);
        if !self.observers.is_empty() {
            let rank = self.rank_of(Phase::Liquidity);
            for l in done.iter().filter(|&l| l < self.used).collect::<Vec<_>>() {
                self.tell(rank, l, &Event::Hedge { position: i, token, units: target[l] });
            }
        }
    }
}
