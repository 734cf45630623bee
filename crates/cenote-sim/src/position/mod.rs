//! A position: what it owns and does, the books kept of it, what it is worth, and what it comes to.

mod books;
mod outcome;
mod value;

use std::sync::Arc;

use cenote_amm::{AnyPool, RangedLanes};
use cenote_strategy::{
    ActionLanes, ChainId, MarketLanes, PoolId, PositionLanes, RangeId, RangePlace, Refusal, StrategyLanes, TokenId,
};
use cenote_units::{LaneList, Lanes, kernel};

use crate::account::{Income, PoolAccount};
use crate::elsewhere::{Elsewhere, Where};
use crate::hedge_book::HedgeBook;
use crate::range_book::RangeBook;
use crate::risk_book::RiskBook;
use crate::scenario::{GasUnits, PositionSetup};
use crate::venue_book::{Places, VenueBook};

use self::books::{Books, Stake};

pub(crate) use self::books::Terms;
pub(crate) use self::outcome::End;
pub(crate) use self::value::Holdings;

/// A position of `L` paths: what it owns, and the books that explain its result.
///
/// Sums are settled when a holding changes and at the end, from the prices and the per-LP-token sums of the pools since the last
/// settlement: holdings that do not change cost nothing per block.
#[derive(Debug)]
pub(crate) struct PositionState<const L: usize> {
    pub(crate) name: String,
    pub(crate) strategy: Box<dyn StrategyLanes<L>>,
    pub(crate) gas_units: GasUnits,
    pub(crate) deposit: f64,
    /// The chain that it is at home on.
    home: ChainId,
    /// Whole tokens on its own chain, by token.
    pub(crate) wallet: Vec<Lanes<L>>,
    /// Outside prices at the last settlement of each token of the wallet.
    wallet_mark: Vec<Lanes<L>>,
    /// Tokens the wallet has ever held.
    held: Vec<bool>,
    /// Tokens on other chains, and on the way between them.
    pub(crate) elsewhere: Elsewhere<L>,
    /// Whole LP tokens, by pool.
    pub(crate) lp: Vec<Lanes<L>>,
    stakes: Vec<Stake<L>>,
    /// Its places in pools of ranges.
    pub(crate) ranges: Vec<RangeBook<L>>,
    /// Where they are.
    places: Vec<RangePlace>,
    /// Up to when the time in range is known, in nanoseconds.
    range_clock: [u64; L],
    /// Fees of ranges taken into the wallet, by token.
    collected: Vec<Lanes<L>>,
    /// What it has in farms, lending markets and vaults.
    pub(crate) venues: VenueBook<L>,
    /// Its account outside.
    pub(crate) hedge: HedgeBook<L>,
    /// What its cover has paid, less premiums.
    cover: Lanes<L>,
    /// What bridges lost, what was stolen, and what else risks did.
    pub(crate) risks: RiskBook<L>,
    /// Its part of what has happened to vaults.
    shared: [Terms; L],
    /// Of a vault: what was put in by positions and not taken out, at the values of those moments.
    inflow: Lanes<L>,
    /// Why the last action was not done.
    refused: [Option<Refusal>; L],
    /// The token amounts first put in.
    endowment: Vec<Lanes<L>>,
    books: Books<L>,
    /// Value at the last mark.
    pub(crate) value: Lanes<L>,
    peak: Lanes<L>,
    drawdown: Lanes<L>,
}

/// How many of everything there are in a world.
#[derive(Debug)]
pub(crate) struct WorldSize {
    pub(crate) tokens: usize,
    pub(crate) pools: usize,
    pub(crate) chains: usize,
    pub(crate) vaults: usize,
    /// Risks and bridges.
    pub(crate) sources: usize,
    pub(crate) venues: Arc<Places>,
}

impl<const L: usize> PositionState<L> {
    pub(crate) fn new(
        setup: &PositionSetup,
        strategy: Box<dyn StrategyLanes<L>>,
        size: &WorldSize,
        places: Vec<RangePlace>,
        home: ChainId,
    ) -> Self {
        let &WorldSize { tokens, pools, chains, vaults, sources, ref venues } = size;
        let stake = Stake { used: false, share: Lanes::ZERO, principal: Lanes::ZERO, mark: Income::default(), since: [0; L] };
        Self {
            name: setup.name.clone(),
            strategy,
            gas_units: setup.gas,
            deposit: setup.deposit,
            wallet: vec![Lanes::ZERO; tokens],
            wallet_mark: vec![Lanes::ZERO; tokens],
            held: vec![false; tokens],
            home,
            elsewhere: Elsewhere::new(chains, tokens),
            lp: vec![Lanes::ZERO; pools],
            stakes: vec![stake; pools],
            ranges: places.iter().map(RangeBook::new).collect(),
            places,
            range_clock: [0; L],
            collected: vec![Lanes::ZERO; tokens],
            venues: VenueBook::new(venues, vaults),
            hedge: HedgeBook::new(setup.hedge, tokens),
            cover: Lanes::ZERO,
            risks: RiskBook::new(sources),
            shared: [Terms::default(); L],
            inflow: Lanes::ZERO,
            refused: [None; L],
            endowment: vec![Lanes::ZERO; tokens],
            books: Books::default(),
            value: Lanes::ZERO,
            peak: Lanes::ZERO,
            drawdown: Lanes::ZERO,
        }
    }

    /// Begins new paths with nothing.
    pub(crate) fn clear(&mut self) {
        self.strategy.start();
        self.wallet.fill(Lanes::ZERO);
        self.wallet_mark.fill(Lanes::ZERO);
        self.held.fill(false);
        self.elsewhere.clear();
        self.venues.clear();
        self.cover = Lanes::ZERO;
        self.risks.clear();
        self.shared = [Terms::default(); L];
        self.inflow = Lanes::ZERO;
        self.lp.fill(Lanes::ZERO);
        self.collected.fill(Lanes::ZERO);
        self.endowment.fill(Lanes::ZERO);
        self.hedge.clear();
        self.refused = [None; L];
        self.range_clock = [0; L];
        for range in &mut self.ranges {
            range.clear();
        }
        for stake in &mut self.stakes {
            stake.used = false;
            stake.share = Lanes::ZERO;
            stake.principal = Lanes::ZERO;
            stake.mark = Income::default();
        }
        self.books = Books::default();
        self.value = Lanes::splat(self.deposit);
        self.peak = Lanes::splat(self.deposit);
        self.drawdown = Lanes::ZERO;
    }

    /// The next thing its strategy wants to do now, if there is something.
    pub(crate) fn decide(&mut self, market: &MarketLanes<'_, L>, action: &mut ActionLanes<L>) -> bool {
        let (value, wallet, lp, ranges) = (&self.value, &*self.wallet, &*self.lp, &*self.places);
        let (hedge, refused) = (self.hedge.units(), &self.refused);
        let (home, elsewhere) = (self.home, self.elsewhere.wallets());
        let holdings = &self.venues.holdings;
        let view =
            PositionLanes { deposit_value: self.deposit, value, home, wallet, elsewhere, lp, holdings, ranges, hedge, refused };
        self.strategy.act(market, &view, action)
    }

    /// The chain that it is at home on.
    pub(crate) fn home(&self) -> ChainId {
        self.home
    }

    /// Exchanges its wallet with that on another chain, or on the way: whatever is done then is done there. Done twice, it is at home.
    pub(crate) fn visit(&mut self, place: Where) {
        if place != Where::On(self.home) {
            self.elsewhere.exchange(place, &mut self.wallet, &mut self.wallet_mark, &mut self.held);
        }
    }

    /// Whole tokens of a kind, wherever they are.
    pub(crate) fn tokens(&self, t: usize) -> Lanes<L> {
        let mut sum = self.wallet[t];
        for amounts in self.elsewhere.amounts(t) {
            for l in 0..L {
                sum[l] += amounts[l];
            }
        }
        sum
    }

    /// Books what its cover paid for a loss, or was paid in premiums.
    pub(crate) fn book_cover(&mut self, l: usize, value: f64) {
        self.cover[l] += value;
    }

    /// Counts a liquidation.
    pub(crate) fn count_liquidation(&mut self, l: usize) {
        self.books.liquidations[l] += 1.0;
    }

    /// Books what was received for tokens that farms pay in.
    pub(crate) fn book_rewards_sold(&mut self, l: usize, value: f64) {
        self.venues.sums.rewards_sold[l] += value;
    }

    /// Remembers what farms and markets promised at the start, per year, in parts of the deposit.
    pub(crate) fn note_advertised(&mut self, apr: Lanes<L>) {
        self.books.advertised = apr;
    }

    /// What its shares of a vault are worth.
    pub(crate) fn set_vault_value(&mut self, v: usize, value: &Lanes<L>) {
        self.venues.set_vault_value(v, value);
    }

    /// Whether it ever had LP tokens of a pool on these paths.
    pub(crate) fn uses_pool(&self, p: usize) -> bool {
        self.stakes[p].used
    }

    /// Books the moves of prices on all of its wallet, in these lanes.
    pub(crate) fn settle_wallet_in(&mut self, prices: &[Lanes<L>], lanes: &LaneList<L>) {
        for (t, price) in prices.iter().enumerate() {
            if self.held[t] {
                self.settle_token_in(t, price, lanes);
            }
        }
    }

    /// The terms of its attribution so far. Everything is settled.
    pub(crate) fn terms(&self, l: usize) -> Terms {
        let (books, sums, shared) = (&self.books, &self.venues.sums, &self.shared[l]);
        Terms {
            price: books.price[l] + sums.price[l] + shared.price,
            loss_versus_rebalancing: books.loss_versus_rebalancing[l] + shared.loss_versus_rebalancing,
            fees: books.fees_booked[l] + shared.fees,
            rewards: sums.rewards[l] + shared.rewards,
            gas: books.gas[l] + shared.gas,
            trading_costs: books.trading_costs[l] + shared.trading_costs,
        }
    }

    /// Books its part of what has happened to a vault from one moment to another.
    pub(crate) fn book_shared(&mut self, l: usize, now: &Terms, before: &Terms, part: f64) {
        self.shared[l].add(now, before, part);
    }

    /// Books what others have put into it, or taken out of it.
    pub(crate) fn book_inflow(&mut self, l: usize, value: f64) {
        self.inflow[l] += value;
    }

    /// Value handed over at the start.
    pub(crate) fn deposit(&self) -> f64 {
        self.deposit
    }

    /// The numbers of its ranges in a pool.
    pub(crate) fn ranges_in(&self, pool: PoolId) -> impl Iterator<Item = RangeId> + '_ {
        self.places.iter().filter(move |range| range.pool == pool).map(|range| range.id)
    }

    /// Remembers what became of an action in the lanes that asked for it.
    pub(crate) fn answer(&mut self, asked: &LaneList<L>, refused: &[Option<Refusal>]) {
        for l in asked.iter() {
            self.refused[l] = refused[l];
            self.books.refused[l] += if refused[l].is_some() { 1.0 } else { 0.0 };
        }
    }

    /// Its place of this number in a pool of ranges.
    pub(crate) fn range(&self, pool: PoolId, id: RangeId) -> Option<usize> {
        self.places.iter().position(|range| (range.pool, range.id) == (pool, id))
    }

    /// Whether any of its ranges has ever been used on these paths.
    pub(crate) fn has_ranges(&self) -> bool {
        self.ranges.iter().any(|range| range.used)
    }

    /// Books what happened so far to one of its ranges, where its liquidity may be about to change.
    pub(crate) fn look_at_range(&mut self, k: usize, pool: &dyn RangedLanes<L>, lanes: &LaneList<L>, prices: [&Lanes<L>; 2]) {
        self.ranges[k].look(pool, lanes.iter(), prices, &mut self.books.income());
    }

    /// The measured time begins.
    pub(crate) fn start_clock(&mut self, now: &[u64; L]) {
        self.range_clock = *now;
    }

    /// Counts the time since the last call for lanes whose price was in a range all along.
    pub(crate) fn watch_ranges(&mut self, pools: &[AnyPool<L>], now: &[u64; L]) {
        let mut inside: Lanes<L> = Lanes::ZERO;
        for range in &self.ranges {
            if let Some(pool) = pools[range.pool].ranged().filter(|_| range.used) {
                widest(&pool.position(range.number).inside, &mut inside);
            }
        }
        count_time(&inside, now, &mut self.range_clock, &mut self.books.time_in_ranges);
    }

    /// Notes a move: liquidity put somewhere (`provides`) or tokens swapped. What happens at one time is one move.
    pub(crate) fn count_move(&mut self, l: usize, time: u64, provides: bool) {
        let (last, provided) = self.books.last_move[l];
        let again = last == time + 1;
        self.books.moves[l] += if again { 0.0 } else { 1.0 };
        self.books.last_move[l] = (time + 1, provides || (again && provided));
        self.books.provided[l] |= provides;
    }

    /// Pays into a pool from the wallet.
    pub(crate) fn spend(&mut self, t: usize, amount: &Lanes<L>) {
        for l in 0..L {
            self.spend_lane(t, l, amount[l]);
        }
    }

    /// The same in one lane.
    pub(crate) fn spend_lane(&mut self, t: usize, l: usize, amount: f64) {
        let left = self.wallet[t][l] - amount;
        // What is left by rounding alone is nothing.
        self.wallet[t][l] = if left.abs() <= 1e-14 * amount { 0.0 } else { left };
    }

    /// Receives tokens into the wallet.
    pub(crate) fn receive(&mut self, t: usize, amount: &Lanes<L>, lanes: &LaneList<L>) {
        for l in lanes.iter() {
            self.wallet[t][l] += amount[l];
        }
    }

    /// Receives fees of a range.
    pub(crate) fn receive_fees(&mut self, t: usize, l: usize, fee: f64) {
        self.wallet[t][l] += fee;
        self.collected[t][l] += fee;
    }

    /// Receives the deposit.
    pub(crate) fn endow(&mut self, token: TokenId, amount: &Lanes<L>, price: &Lanes<L>) {
        let t = token.index();
        self.settle_token(t, price, &Lanes::splat(1.0));
        for l in 0..L {
            self.endowment[t][l] += amount[l];
            self.wallet[t][l] += amount[l];
        }
    }

    /// Books what outside prices did to a token of the wallet since the last time, where `done` is positive. Before the wallet changes
    /// there, and only there: how often a lane is settled decides the last bits of its sums.
    pub(crate) fn settle_token(&mut self, t: usize, price: &Lanes<L>, done: &Lanes<L>) {
        self.settle_token_in(t, price, &LaneList::positive(done));
    }

    /// The same in these lanes.
    pub(crate) fn settle_token_in(&mut self, t: usize, price: &Lanes<L>, lanes: &LaneList<L>) {
        for l in lanes.iter() {
            self.settle_token_lane(t, price, l);
        }
    }

    /// The same in one lane.
    pub(crate) fn settle_token_lane(&mut self, t: usize, price: &Lanes<L>, l: usize) {
        self.held[t] = true;
        self.books.price[l] += self.wallet[t][l] * (price[l] - self.wallet_mark[t][l]);
        self.wallet_mark[t][l] = price[l];
    }

    /// Books what happened to its LP tokens since the last time, where `done` is positive. Before they change there, and only there;
    /// the account is closed.
    pub(crate) fn settle_pool(&mut self, p: usize, account: &PoolAccount<L>, done: &Lanes<L>) {
        let (stake, lp) = (&mut self.stakes[p], &self.lp[p]);
        stake.used = true;
        let sums = [
            (&mut self.books.price, &mut stake.mark.price, &account.per_lp.price),
            (
                &mut self.books.loss_versus_rebalancing,
                &mut stake.mark.loss_versus_rebalancing,
                &account.per_lp.loss_versus_rebalancing,
            ),
            (&mut self.books.fees_booked, &mut stake.mark.fees, &account.per_lp.fees),
        ];
        for (book, mark, now) in sums {
            for l in 0..L {
                if done[l] > 0.0 {
                    book[l] += lp[l] * (now[l] - mark[l]);
                    mark[l] = now[l];
                }
            }
        }
    }

    /// Receives LP tokens, minted at this invariant per LP token.
    pub(crate) fn add_liquidity(&mut self, p: usize, minted: &Lanes<L>, per_lp: &Lanes<L>, time: &[u64; L]) {
        for l in 0..L {
            if minted[l] > 0.0 {
                if self.lp[p][l] == 0.0 {
                    self.stakes[p].since[l] = time[l];
                }
                self.lp[p][l] += minted[l];
                self.stakes[p].principal[l] += minted[l] * per_lp[l];
                self.count_move(l, time[l], true);
            }
        }
    }

    /// Gives LP tokens back to the pool, whose value per LP token and invariant per LP token are given.
    pub(crate) fn remove_liquidity(&mut self, p: usize, burned: &Lanes<L>, value: &Lanes<L>, per_lp: &Lanes<L>, time: &[u64; L]) {
        for l in 0..L {
            let before = self.lp[p][l];
            if burned[l] > 0.0 && before > 0.0 {
                let fraction = burned[l] / before;
                let stake = &mut self.stakes[p];
                self.books.fees_taken[l] += fraction * value[l] * (before - stake.principal[l] / per_lp[l]);
                stake.principal[l] -= stake.principal[l] * fraction;
                self.lp[p][l] = before - burned[l];
                if self.lp[p][l] == 0.0 {
                    self.books.time_in_range[l] += nanos(time[l] - stake.since[l]);
                }
            }
        }
    }

    /// LP tokens or their supply changed in a pool.
    pub(crate) fn set_share(&mut self, p: usize, inverse_supply: &Lanes<L>) {
        for l in 0..L {
            self.stakes[p].share[l] = self.lp[p][l] * inverse_supply[l];
        }
    }

    /// Pays gas where something was done.
    pub(crate) fn pay_gas(&mut self, done: impl Fn(usize) -> bool, cost: &Lanes<L>) {
        for l in 0..L {
            if done(l) {
                self.books.gas[l] += cost[l];
            }
        }
    }

    /// Pays gas in these lanes.
    pub(crate) fn pay_gas_in(&mut self, lanes: &LaneList<L>, cost: impl Fn(usize) -> f64) {
        for l in lanes.iter() {
            self.books.gas[l] += cost(l);
        }
    }

    /// Books a swap of its own: value paid in less value received.
    pub(crate) fn book_trading_cost(&mut self, l: usize, cost: f64) {
        self.books.trading_costs[l] += cost;
    }

    /// Settles everything, at the horizon. Accounts are closed and their supplies include what the protocol is due.
    pub(crate) fn settle(&mut self, market: &Holdings<'_, L>) {
        let Holdings { prices, accounts, pools, tokens, .. } = market;
        self.settle_wallet(prices);
        for place in self.elsewhere.places() {
            self.visit(place);
            self.settle_wallet(prices);
            self.visit(place);
        }
        for (p, account) in accounts.iter().enumerate() {
            if self.stakes[p].used {
                self.settle_pool(p, account, &Lanes::splat(1.0));
                self.set_share(p, &account.inverse_supply);
            }
        }
        for range in self.ranges.iter_mut().filter(|range| range.used) {
            if let Some(pool) = pools[range.pool].ranged() {
                let prices = [0, 1].map(|side| &prices[tokens[range.pool][side].index()]);
                range.look(pool, 0..L, prices, &mut self.books.income());
            }
        }
        self.mark(market);
    }

    fn settle_wallet(&mut self, prices: &[Lanes<L>]) {
        for (t, price) in prices.iter().enumerate() {
            if self.held[t] {
                self.settle_token(t, price, &Lanes::splat(1.0));
            }
        }
    }
}

kernel! {
    /// Whether any of a position's ranges holds the price.
    fn widest<const L: usize>(inside: &Lanes<L>, any: &mut Lanes<L>) {
        for l in 0..L {
            any[l] = if inside[l] > any[l] { inside[l] } else { any[l] };
        }
    }
}

kernel! {
    /// The time since the clock's counts where somebody is inside, and the clock is now.
    fn count_time<const L: usize>(inside: &Lanes<L>, now: &[u64; L], clock: &mut [u64; L], time: &mut Lanes<L>) {
        for l in 0..L {
            time[l] += inside[l] * nanos(now[l] - clock[l]);
        }
        *clock = *now;
    }
}

/// Durations as floats: for shares of time, where 1e-16 means nothing.
#[expect(clippy::cast_precision_loss, reason = "stated above")]
#[inline(always)]
pub(crate) fn nanos(time: u64) -> f64 {
    time as f64
}
