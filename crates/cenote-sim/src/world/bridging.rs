//! Tokens go from chain to chain.

use cenote_paths::Stream;
use cenote_strategy::{BridgeId, Refusal, TokenId};
use cenote_units::{LaneList, Lanes};

use super::Engine;
use crate::agent::Phase;
use crate::elsewhere::{Transfer, Where};
use crate::ledger::Account;
use crate::observer::Event;
use crate::scenario::RiskSource;

impl<const L: usize> Engine<L> {
    /// Sends tokens of a position over a bridge, where `amount` is positive. It is in the wallet on the bridge's one chain.
    pub(super) fn bridge(&mut self, i: usize, id: BridgeId, token: TokenId, amount: &Lanes<L>, refused: &mut [Option<Refusal>]) {
        let (t, bridge) = (token.index(), self.market.bridges[id.index()]);
        let price = self.market.prices[t];
        let (mut sent, mut kept) = (Lanes::ZERO, Lanes::ZERO);
        for l in 0..L {
            let keeps = amount[l] * bridge.fraction + bridge.fixed / price[l];
            if amount[l] > 0.0 && keeps >= amount[l] {
                refused[l] = Some(Refusal::KeptByBridge { bridge: id, amount: amount[l] });
            } else if amount[l] > 0.0 {
                (sent[l], kept[l]) = (amount[l] - keeps, keeps);
            }
        }
        let done = LaneList::positive(&sent);
        let gas = self.market.gas[bridge.from.index()].clone();
        let (units, tip) = (self.positions[i].gas_units.bridge, self.market.priority_fee);
        let position = &mut self.positions[i];
        position.visit(Where::On(bridge.from));
        position.settle_token_in(t, &price, &done);
        for l in done.iter() {
            position.spend_lane(t, l, amount[l].min(position.wallet[t][l]));
            position.book_trading_cost(l, kept[l] * price[l]);
        }
        position.visit(Where::On(bridge.from));
        position.pay_gas_in(&done, |l| gas.cost(units, tip, l, &self.market.prices));
        position.visit(Where::OnTheWay);
        position.settle_token_in(t, &price, &done);
        position.receive(t, &sent, &done);
        position.visit(Where::OnTheWay);
        if let Some(ledger) = &mut self.ledger {
            ledger.transfer(Account::Position(i), Account::Outside, t, &kept);
        }
        let (block, due) = (self.clock.step().block, bridge.delay.as_nanos());
        for l in done.iter() {
            let transfers = &mut self.positions[i].elsewhere.transfers;
            let free = transfers.iter().position(|entry| (entry.bridge, entry.token) == (id, t) && entry.amount[l] == 0.0);
            let k = free.unwrap_or_else(|| {
                transfers.push(Transfer { bridge: id, token: t, amount: Lanes::ZERO, due: [0; L], lost: [false; L] });
                transfers.len() - 1
            });
            // How many of the lane's own are on the way: the same number alone and in a pack.
            let draw = transfers.iter().filter(|entry| entry.amount[l] > 0.0).count();
            let draw = u32::try_from(draw).unwrap_or(u32::MAX);
            let mut stream = Stream::new(self.bridge_keys[i][id.index()], self.paths[l], block).at_draw(draw);
            transfers[k].amount[l] = sent[l];
            transfers[k].due[l] = self.clock.time()[l].saturating_add(due);
            transfers[k].lost[l] = stream.uniform() < bridge.failure;
        }
        self.tell_bridge(&done, |l| Event::Sent { position: i, bridge: id, token, amount: amount[l] });
    }

    /// What has come over bridges to the present chain arrives.
    pub(super) fn arrive(&mut self, i: usize) {
        for k in 0..self.positions[i].elsewhere.transfers.len() {
            let Transfer { bridge: id, token: t, amount, due, lost } = self.positions[i].elsewhere.transfers[k].clone();
            let bridge = self.market.bridges[id.index()];
            if bridge.to != self.market.chain {
                continue;
            }
            let (mut arrived, mut gone) = (Lanes::ZERO, Lanes::ZERO);
            let active = self.clock.turn(bridge.to.index()).active;
            for l in 0..L {
                if amount[l] > 0.0 && due[l] <= self.clock.time()[l] && active[l] != 0.0 {
                    *(if lost[l] { &mut gone[l] } else { &mut arrived[l] }) = amount[l];
                }
            }
            let (come, missing) = (LaneList::positive(&arrived), LaneList::positive(&gone));
            let price = self.market.prices[t];
            let position = &mut self.positions[i];
            position.visit(Where::OnTheWay);
            for lanes in [&come, &missing] {
                position.settle_token_in(t, &price, lanes);
                for l in lanes.iter() {
                    position.spend_lane(t, l, amount[l]);
                    position.elsewhere.transfers[k].amount[l] = 0.0;
                }
            }
            position.visit(Where::OnTheWay);
            let source = self.scenario.source(RiskSource::Bridge(id.index()));
            for l in missing.iter() {
                position.risks.lose(source, l, gone[l] * price[l]);
                position.risks.count(source, l);
            }
            position.visit(Where::On(bridge.to));
            position.settle_token_in(t, &price, &come);
            position.receive(t, &arrived, &come);
            position.visit(Where::On(bridge.to));
            if let Some(ledger) = &mut self.ledger {
                ledger.transfer(Account::Position(i), Account::Outside, t, &gone);
            }
            let token = super::token_id(t);
            self.tell_bridge(&come, |l| Event::Arrived { position: i, bridge: id, token, amount: arrived[l] });
            self.tell_bridge(&missing, |l| Event::Lost { position: i, bridge: id, token, amount: gone[l] });
        }
    }

    fn tell_bridge(&mut self, lanes: &LaneList<L>, event: impl Fn(usize) -> Event) {
        if !self.observers.is_empty() {
            let rank = self.rank_of(Phase::Liquidity);
            for l in lanes.iter().filter(|&l| l < self.used).collect::<Vec<_>>() {
                self.tell(rank, l, &event(l));
            }
        }
    }
}
