//! Positions enter, and do what their strategies want.

use cenote_amm::{AnyPool, FewTrades, PriceRange, RangeRule};
use cenote_strategy::{ActionKind, ActionLanes, Entry, RangeId, Refusal, TokenId, token_index};
use cenote_units::{LaneList, Lanes};

use super::venues::Spender;
use super::{Engine, MOST_ACTS, pool_id, supply, token_at};
use crate::agent::{OrderKind, Phase};
use crate::elsewhere::Where;
use crate::error::{SimError, SimErrorKind};
use crate::ledger::Account;
use crate::observer::{Actor, Event};

impl<const L: usize> Engine<L> {
    /// Positions enter with their deposits.
    pub(super) fn begin_measuring(&mut self) -> Result<(), SimError> {
        self.measuring = true;
        self.reset_accounts();
        // Vaults first: others are in them before anybody comes.
        for i in (self.visible..self.positions.len()).chain(0..self.visible) {
            self.positions[i].start_clock(self.clock.time());
            self.lock_votes(i);
            let entry = self.positions[i].strategy.entry();
            self.hand_over(i, &entry, self.positions[i].deposit);
            self.market.priority_fee = self.scenario.positions[i].priority_fee;
            self.each_chain(|world| world.act(i))?;
            self.mark(i);
        }
        self.begin_venues();
        self.audit()
    }

    /// Hands over tokens worth `value`.
    fn hand_over(&mut self, i: usize, entry: &Entry, value: f64) {
        match entry {
            Entry::Tokens(tokens) => {
                for &(token, weight) in tokens {
                    let mut amount = Lanes::ZERO;
                    for l in 0..L {
                        amount[l] = value * weight / self.market.prices[token.index()][l];
                    }
                    self.endow(i, token, &amount);
                }
            }
            Entry::Pool(pool) if self.market.pools[pool.index()].ranged().is_some() => {
                self.endow_range(i, pool.index(), RangeRule::Full, value);
            }
            Entry::Range(pool, rule) => self.endow_range(i, pool.index(), *rule, value),
            Entry::Pool(pool) => {
                let p = pool.index();
                for k in 0..self.market.pool_tokens[p].len() {
                    let (index, token) = (token_at(k), self.market.pool_tokens[p][k]);
                    let mut amount = *self.market.pools[p].reserves(index, &mut Lanes::default());
                    for l in 0..L {
                        amount[l] *= value / self.accounts[p].value[l];
                    }
                    self.endow(i, token, &amount);
                }
            }
            Entry::Mix(parts) => {
                for (entry, weight) in parts {
                    // Each part on its own chain; tokens at home.
                    let home = self.positions[i].home();
                    let tokens = matches!(entry, Entry::Tokens(_));
                    let place = Where::On(if tokens { home } else { self.scenario.home_of(entry) });
                    self.positions[i].visit(place);
                    self.hand_over(i, entry, value * weight);
                    self.positions[i].visit(place);
                }
            }
        }
    }

    pub(super) fn endow(&mut self, position: usize, token: TokenId, amount: &Lanes<L>) {
        self.positions[position].endow(token, amount, &self.market.prices[token.index()]);
        if let Some(ledger) = &mut self.ledger {
            ledger.transfer(Account::Outside, Account::Position(position), token.index(), amount);
        }
    }

    /// Strategies that want to see every block act.
    pub(super) fn provide(&mut self) -> Result<(), SimError> {
        for i in 0..self.positions.len() {
            self.provide_of(i)?;
        }
        Ok(())
    }

    /// What one position does in a block.
    pub(super) fn provide_of(&mut self, i: usize) -> Result<(), SimError> {
        if !self.measuring {
            return Ok(());
        }
        self.arrive(i);
        if self.market.chain != self.positions[i].home() {
            // Only what waits for a block of this chain.
            if self.positions[i].strategy.waits() {
                self.mark(i);
                self.act(i)?;
            }
            return Ok(());
        }
        if self.positions[i].strategy.watches_value() {
            self.mark(i);
        }
        self.market.priority_fee = self.scenario.positions[i].priority_fee;
        let position = &mut self.positions[i];
        if position.strategy.wakes(&self.market.view(&self.clock), &position.value) {
            match position.strategy.due() {
                Some(lanes) => self.mark_lanes(i, &lanes),
                None => self.mark(i),
            }
            self.act(i)?;
        }
        Ok(())
    }

    /// Values a position as things stand.
    pub(super) fn mark(&mut self, i: usize) {
        self.mark_vaults(i);
        if self.positions[i].has_ranges() {
            self.settle_ranges();
        }
        self.positions[i].mark(&self.market.holdings(&self.accounts));
    }

    /// The same in lanes in which alone something was done since.
    fn mark_lanes(&mut self, i: usize, lanes: &LaneList<L>) {
        self.mark_vaults(i);
        if self.positions[i].has_ranges() {
            self.settle_ranges_in(lanes);
        }
        self.positions[i].mark_lanes(&self.market.holdings(&self.accounts), lanes);
    }

    /// A position does all it wants to do now.
    fn act(&mut self, i: usize) -> Result<(), SimError> {
        let mut action = self.action.take().unwrap_or_else(|| Box::new(ActionLanes::nothing()));
        for _ in 0..MOST_ACTS {
            if !self.positions[i].decide(&self.market.view(&self.clock), &mut action) {
                self.action = Some(action);
                return Ok(());
            }
            self.perform(i, &action);
            self.mark_lanes(i, &action.asked);
        }
        let who = format!("position {:?}", self.positions[i].name);
        Err(self.error(0, SimErrorKind::Endless { who, count: MOST_ACTS }))
    }

    /// Does what is asked for, lane by lane, or says why not.
    fn perform(&mut self, i: usize, action: &ActionLanes<L>) {
        let lanes = &action.asked;
        let place = Where::On(action.kind.chain(&self.market.view(&self.clock)).unwrap_or(self.market.chain));
        self.positions[i].visit(place);
        let mut refused = std::mem::take(&mut self.refused);
        refused.resize(L, None);
        for l in lanes.iter() {
            refused[l] = self.objection(i, action, l);
        }
        let can = lanes.also(|l| refused[l].is_none());
        self.positions[i].visit(place);
        if let ActionKind::Hedge(token) = action.kind {
            self.hedge(i, token, &only(&action.amount, &can), lanes, &mut refused);
        } else if let ActionKind::Bridge(bridge, token) = action.kind {
            if !can.is_empty() {
                self.bridge(i, bridge, token, &only(&action.amount, &can), &mut refused);
            }
        } else if !can.is_empty() {
            self.positions[i].visit(place);
            let done = self.provide_or_trade(i, action, &can);
            self.positions[i].visit(place);
            if done.count() < can.count() {
                let mut done = done.iter().peekable();
                for l in can.iter() {
                    if done.next_if_eq(&l).is_none() {
                        refused[l] = Some(action.kind.pool().map_or(Refusal::Nothing, |pool| Refusal::Pool { pool }));
                    }
                }
            }
        }
        self.positions[i].answer(lanes, &refused);
        let rank = self.rank_of(Phase::Liquidity);
        for l in lanes.iter() {
            if let Some(refusal) = refused[l].take()
                && l < self.used
            {
                self.tell(rank, l, &Event::Refused { position: i, refusal });
            }
        }
        self.refused = refused;
    }

    /// What can be said against an action before it is tried.
    fn objection(&self, i: usize, action: &ActionLanes<L>, l: usize) -> Option<Refusal> {
        if let ActionKind::Bridge(bridge, token) = action.kind {
            let amount = action.amount[l];
            let Some(there) = self.positions[i].wallet.get(token.index()).filter(|_| bridge.index() < self.market.bridges.len())
            else {
                return Some(Refusal::UnknownBridge { bridge });
            };
            if amount.is_nan() || amount <= 0.0 {
                return Some(Refusal::NotPositive { amount });
            }
            let there = there[l];
            return (amount > there * (1.0 + 1e-9)).then_some(Refusal::MoreThanThere { wanted: amount, there });
        }
        let Some(pool) = action.kind.pool() else { return self.venue_objection(i, action, l) };
        let Some(lanes) = self.market.pools.get(pool.index()) else { return Some(Refusal::UnknownPool { pool }) };
        let amount = action.amount[l];
        if amount.is_nan() || amount <= 0.0 {
            return Some(Refusal::NotPositive { amount });
        }
        let most = match action.kind {
            ActionKind::Swap(_, token_in, token_out) => {
                let tokens = &self.market.pool_tokens[pool.index()];
                if token_in == token_out || token_index(tokens, token_in).and(token_index(tokens, token_out)).is_none() {
                    return Some(Refusal::UnknownPair { pool, token_in, token_out });
                }
                self.positions[i].wallet[token_in.index()][l]
            }
            _ => 1.0,
        };
        // Rounding may ask for a little more than all.
        if amount > most * (1.0 + 1e-9) {
            return Some(Refusal::MoreThanThere { wanted: amount, there: most });
        }
        let id = match action.kind {
            ActionKind::MintRange(_, id) | ActionKind::BurnRange(_, id) | ActionKind::Collect(_, id) => id,
            ActionKind::Mint(_) | ActionKind::Burn(_) if lanes.ranged().is_some() => RangeId(0),
            _ => return None,
        };
        if lanes.ranged().is_none() {
            return Some(Refusal::NoRanges { pool });
        }
        let PriceRange { lower, upper } = action.range[l];
        if matches!(action.kind, ActionKind::MintRange(..)) && !action.range[l].is_valid() {
            return Some(Refusal::BadRange { lower, upper });
        }
        self.positions[i].range(pool, id).is_none().then_some(Refusal::UnknownRange { pool, id })
    }

    /// Does it in these lanes, and returns those in which it was done.
    fn provide_or_trade(&mut self, i: usize, action: &ActionLanes<L>, lanes: &LaneList<L>) -> LaneList<L> {
        let wanted = (lanes, &action.amount);
        let Some(pool) = action.kind.pool() else {
            return lanes.also_positive(&self.use_venue(i, action.kind, &only(&action.amount, lanes)));
        };
        let p = pool.index();
        let ranged = self.market.pools[p].ranged().is_some();
        match action.kind {
            ActionKind::Mint(_) if ranged => self.mint_range(i, pool, RangeId(0), |_| PriceRange::FULL, wanted),
            ActionKind::Burn(_) if ranged => self.burn_range(i, pool, RangeId(0), wanted),
            ActionKind::Mint(_) => lanes.also_positive(&self.mint(i, p, &only(&action.amount, lanes))),
            ActionKind::Burn(_) => lanes.also_positive(&self.burn(i, p, &only(&action.amount, lanes))),
            ActionKind::MintRange(_, id) => self.mint_range(i, pool, id, |l| action.range[l], wanted),
            ActionKind::BurnRange(_, id) => self.burn_range(i, pool, id, wanted),
            ActionKind::Collect(_, id) => self.collect(i, pool, id, lanes),
            ActionKind::Swap(_, token_in, token_out) => self.swap(i, p, token_in, token_out, wanted),
            _ => LaneList::EMPTY,
        }
    }

    /// LP tokens that the protocol takes when liquidity next changes, and how many there are then.
    pub(super) fn protocol_due(&self, p: usize) -> (Lanes<L>, Lanes<L>) {
        let Some(pool) = self.market.pools[p].fungible() else { return (Lanes::ZERO, Lanes::splat(1.0)) };
        let (mut due, mut supply) = (Lanes::ZERO, *pool.supply());
        pool.pending_protocol_liquidity(&mut due);
        for l in 0..L {
            supply[l] += due[l];
        }
        (due, supply)
    }

    /// Takes over the pool's new supply, and its new value after `amounts` were added (or taken, if negative).
    pub(super) fn after_supply_changed(&mut self, p: usize, amounts: &[Lanes<L>], sign: f64) {
        let account = &mut self.accounts[p];
        account.set_supply(&supply(&self.market.pools[p]));
        for (amount, token) in amounts.iter().zip(&self.market.pool_tokens[p]) {
            let price = &self.market.prices[token.index()];
            for l in 0..L {
                account.value[l] += sign * amount[l] * price[l];
            }
        }
        for position in &mut self.positions {
            position.set_share(p, &account.inverse_supply);
        }
    }

    pub(super) fn invariant_per_lp(&self, p: usize) -> Lanes<L> {
        let mut per_lp = Lanes::ZERO;
        let Some(pool) = self.market.pools[p].fungible() else { return per_lp };
        pool.invariant(&mut per_lp);
        for l in 0..L {
            per_lp[l] *= self.accounts[p].inverse_supply[l];
        }
        per_lp
    }

    /// Books all that has happened to a position without ranges so far, in these lanes.
    pub(super) fn settle_position_in(&mut self, i: usize, lanes: &LaneList<L>) {
        let mut done = Lanes::ZERO;
        for l in lanes.iter() {
            done[l] = 1.0;
        }
        for p in 0..self.market.pools.len() {
            if self.positions[i].uses_pool(p) {
                let (due, supply) = self.protocol_due(p);
                self.accounts[p].close(&done, &due, &supply);
                self.positions[i].settle_pool(p, &self.accounts[p], &done);
            }
        }
        self.positions[i].settle_wallet_in(&self.market.prices, lanes);
    }

    /// The invariant over so many LP tokens.
    pub(super) fn invariant_per_lp_of(&self, p: usize, supply: &Lanes<L>) -> Lanes<L> {
        let mut per_lp = Lanes::ZERO;
        let Some(pool) = self.market.pools[p].fungible() else { return per_lp };
        pool.invariant(&mut per_lp);
        for l in 0..L {
            per_lp[l] /= supply[l];
        }
        per_lp
    }

    fn mint(&mut self, i: usize, p: usize, fraction: &Lanes<L>) -> Lanes<L> {
        let (due, supply) = self.protocol_due(p);
        let tokens = self.market.pool_tokens[p].clone();
        let mut amounts: Vec<Lanes<L>> = Vec::with_capacity(tokens.len());
        for &token in &tokens {
            let mut amount = self.positions[i].wallet[token.index()];
            for l in 0..L {
                amount[l] *= fraction[l].clamp(0.0, 1.0);
            }
            amounts.push(amount);
        }
        let mut minted = Lanes::ZERO;
        let AnyPool::Fungible(pool) = &mut self.market.pools[p] else { return minted };
        pool.mint(&mut amounts, &mut minted);
        self.accounts[p].close(&minted, &due, &supply);
        self.positions[i].settle_pool(p, &self.accounts[p], &minted);
        for (amount, &token) in amounts.iter().zip(&tokens) {
            self.positions[i].settle_token(token.index(), &self.market.prices[token.index()], &minted);
            self.positions[i].spend(token.index(), amount);
            if let Some(ledger) = &mut self.ledger {
                ledger.transfer(Account::Position(i), Account::Pool(p), token.index(), amount);
            }
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.transfer(Account::Pool(p), Account::Position(i), self.scenario.tokens.len() + p, &minted);
        }
        self.after_supply_changed(p, &amounts, 1.0);
        let per_lp = self.invariant_per_lp(p);
        let gas = self.market.gas_cost(p, self.positions[i].gas_units.mint);
        let position = &mut self.positions[i];
        position.add_liquidity(p, &minted, &per_lp, self.clock.time());
        position.set_share(p, &self.accounts[p].inverse_supply);
        position.pay_gas(|l| minted[l] > 0.0, &gas);
        for token in &tokens {
            self.approve(i, Spender::Pool(p), token.index(), &LaneList::positive(&minted));
        }
        self.tell_liquidity(&minted, |liquidity| Event::Mint { position: i, pool: pool_id(p), liquidity });
        minted
    }

    fn burn(&mut self, i: usize, p: usize, fraction: &Lanes<L>) -> Lanes<L> {
        let (due, supply) = self.protocol_due(p);
        let tokens = self.market.pool_tokens[p].clone();
        let (per_lp, mut value) = (self.invariant_per_lp_of(p, &supply), self.accounts[p].value);
        let mut burned = self.positions[i].lp[p];
        for l in 0..L {
            value[l] /= supply[l];
            if fraction[l] > 0.0 {
                // What is in farms cannot be burned.
                let staked = self.positions[i].venues.staked_lp(p, l);
                burned[l] = if staked > 0.0 { (burned[l] - staked).max(0.0) } else { burned[l] };
            }
            burned[l] *= fraction[l].clamp(0.0, 1.0);
        }
        let AnyPool::Fungible(pool) = &mut self.market.pools[p] else { return Lanes::ZERO };
        let mut amounts = vec![Lanes::ZERO; tokens.len()];
        pool.burn(&burned, &mut amounts);
        for l in 0..L {
            // A burn that the pool refuses pays nothing and does not happen.
            burned[l] = if amounts.iter().any(|amount| amount[l] > 0.0) { burned[l] } else { 0.0 };
        }
        self.accounts[p].close(&burned, &due, &supply);
        let position = &mut self.positions[i];
        position.settle_pool(p, &self.accounts[p], &burned);
        for &token in &tokens {
            position.settle_token(token.index(), &self.market.prices[token.index()], &burned);
        }
        position.remove_liquidity(p, &burned, &value, &per_lp, self.clock.time());
        for (amount, &token) in amounts.iter().zip(&tokens) {
            let wallet = &mut position.wallet[token.index()];
            for l in 0..L {
                wallet[l] += amount[l];
            }
            if let Some(ledger) = &mut self.ledger {
                ledger.transfer(Account::Pool(p), Account::Position(i), token.index(), amount);
            }
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.transfer(Account::Position(i), Account::Pool(p), self.scenario.tokens.len() + p, &burned);
        }
        self.after_supply_changed(p, &amounts, -1.0);
        let gas = self.market.gas_cost(p, self.positions[i].gas_units.burn);
        self.positions[i].pay_gas(|l| burned[l] > 0.0, &gas);
        self.tell_liquidity(&burned, |liquidity| Event::Burn { position: i, pool: pool_id(p), liquidity });
        burned
    }

    /// Swaps amounts of the wallet in these lanes; the lanes in which it happened.
    fn swap(
        &mut self,
        i: usize,
        p: usize,
        token_in: TokenId,
        token_out: TokenId,
        (lanes, wanted): (&LaneList<L>, &Lanes<L>),
    ) -> LaneList<L> {
        let mut done = LaneList::EMPTY;
        let tokens = &self.market.pool_tokens[p];
        let (Some(a), Some(b)) = (token_index(tokens, token_in), token_index(tokens, token_out)) else { return done };
        let order = &mut self.order;
        (order.kind, order.pool) = (OrderKind::Swap, pool_id(p));
        // Who reacts looks at all lanes.
        order.few = lanes.count() <= FewTrades::<L>::MOST && !self.reactions.some;
        (order.flow.base, order.flow.quote) = (a, b);
        let amount = |l: usize| wanted[l].min(self.positions[i].wallet[token_in.index()][l]);
        if order.few {
            let FewTrades { lanes: here, flow } = &mut order.trades;
            (flow.base, flow.quote) = (a, b);
            here.clone_from(lanes);
            for (k, l) in lanes.iter().enumerate() {
                (flow.base_in[k], flow.amount_in[k]) = (u64::MAX, amount(l));
            }
        } else {
            (order.flow.base_in, order.flow.amount_in) = ([u64::MAX; L], Lanes::ZERO);
            for l in lanes.iter() {
                order.flow.amount_in[l] = amount(l);
            }
        }
        self.execute(Actor::Position(i), Phase::Liquidity, self.rank_of(Phase::Liquidity));
        let few = std::mem::take(&mut self.order.few);
        let (price_in, price_out) = (&self.market.prices[token_in.index()], &self.market.prices[token_out.index()]);
        let (flow, trades) = (&self.order.flow, &self.order.trades.flow);
        let sells_rewards = self.scenario.is_reward(token_in);
        let position = &mut self.positions[i];
        for (k, l) in lanes.iter().enumerate() {
            let (paid, received) =
                if few { (trades.amount_in[k], trades.amount_out[k]) } else { (flow.amount_in[l], flow.amount_out[l]) };
            if paid <= 0.0 {
                continue;
            }
            done.push(l);
            position.settle_token_lane(token_in.index(), price_in, l);
            position.settle_token_lane(token_out.index(), price_out, l);
            position.spend_lane(token_in.index(), l, paid);
            position.wallet[token_out.index()][l] += received;
            position.book_trading_cost(l, paid * price_in[l] - received * price_out[l]);
            if sells_rewards {
                position.book_rewards_sold(l, received * price_out[l]);
            }
            position.count_move(l, self.clock.time()[l], false);
        }
        self.approve(i, Spender::Pool(p), token_in.index(), &done);
        self.pay_gas(i, p, self.positions[i].gas_units.swap, &done);
        done
    }
}

/// The amounts of these lanes, and zero in others.
fn only<const L: usize>(amount: &Lanes<L>, lanes: &LaneList<L>) -> Lanes<L> {
    let mut some = Lanes::ZERO;
    for l in lanes.iter() {
        some[l] = amount[l];
    }
    some
}
