mod rates;
mod way;

use cenote_units::{SimDuration, SimTime};

use self::rates::Fees;
use self::way::Crossing;
use crate::asset::{Asset, Chain, Shift};
use crate::balance::Balance;
use crate::error::StrategyError;
use crate::farming::PATIENCE;
use crate::market::{BridgeId, ChainId, Market, PoolId};
use crate::sale::Sale;
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::wake::Wake;

/// Everything in the asset with the best yield, looked at on a timer: it moves when another yields more by a margin, and when what that
/// gains pays for the way.
///
/// The yield of an asset is what is known of it at a look, per year: of a farm its APR in rewards, of a vault that less its fees, of a
/// loan the supply rate, nothing of a token; and of liquidity, in a farm or not, its fees besides, as an exponential mean of the growth
/// of the pool's invariant per LP token between looks, or in a pool of ranges of what its full range was paid (nothing at first).
///
/// What the way costs is its gas, what its swaps lose against outside prices and what a bridge keeps or loses; it has to be gained back
/// within the `patience`. Rewards are claimed, and put where the rest goes, when it moves. Assets may be on several chains where there are
/// bridges between them: then everything is sold for one token, which is sent, and spent on the other side. What is frozen stays where it
/// is until a later look.
#[derive(Clone, Debug, PartialEq)]
pub struct BestYield {
    balance: Balance,
    assets: Vec<Asset>,
    markets: Vec<PoolId>,
    bridges: Vec<BridgeId>,
    every: SimDuration,
    hysteresis: f64,
    patience: SimDuration,
    memory: SimDuration,
    gas: MoveGas,
    /// Where everything is, or is going.
    present: usize,
    /// By asset.
    fees: Vec<Fees>,
    state: State,
    /// The last look; `None` before the first.
    last: Option<SimTime>,
}

/// Gas units of the transactions of a move.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MoveGas {
    /// Putting a stake into a farm or vault, or supplying to a lending market.
    pub deposit: f64,
    /// Taking it out.
    pub withdraw: f64,
    /// A swap.
    pub swap: f64,
    /// Adding liquidity to a pool.
    pub mint: f64,
    /// Taking it out.
    pub burn: f64,
    /// Sending a token over a bridge.
    pub bridge: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    /// Out of a farm or vault and into another of the same liquidity: the first leaves nothing to swap.
    Shifting(Shift),
    Balancing,
    Resting,
    /// Out of the asset, and into the token that is sent.
    Leaving(Crossing, Chain, Sale),
    /// It is on the way.
    Arriving(Crossing, Sent),
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Sent {
    /// Arrives not before this.
    at: SimTime,
    /// Whole tokens that were there before.
    had: f64,
    /// Whether it is known to be on the way.
    accepted: bool,
}

impl BestYield {
    /// These assets, looked at this often; it begins in the first.
    ///
    /// # Errors
    /// No assets, or an interval of zero.
    pub fn new(assets: Vec<Asset>, every: SimDuration) -> Result<Self, StrategyError> {
        if every.is_zero() {
            return Err(StrategyError::NoInterval);
        }
        let weights = (0_u8..=1).rev().chain(std::iter::repeat(0)).map(f64::from);
        let holdings: Vec<(Asset, f64)> = assets.iter().copied().zip(weights).collect();
        let balance = Balance::new(holdings, Vec::new())?;
        Ok(Self {
            balance,
            fees: vec![Fees::default(); assets.len()],
            assets,
            markets: Vec::new(),
            bridges: Vec::new(),
            every,
            hysteresis: 0.0,
            patience: SimDuration::from_nanos(30 * PATIENCE.as_nanos()),
            memory: SimDuration::from_nanos(7 * PATIENCE.as_nanos()),
            gas: MoveGas::default(),
            present: 0,
            state: State::Balancing,
            last: None,
        })
    }

    /// Pools to swap in.
    pub fn markets(mut self, markets: Vec<PoolId>) -> Self {
        self.markets.extend(markets);
        self
    }

    /// Bridges to cross.
    pub fn bridges(mut self, bridges: Vec<BridgeId>) -> Self {
        self.bridges.extend(bridges);
        self
    }

    /// It moves only for more than so much more yield a year: 0.02 is two percentage points.
    ///
    /// # Errors
    /// Negative or not finite.
    pub fn hysteresis(mut self, hysteresis: f64) -> Result<Self, StrategyError> {
        if !(0.0..f64::INFINITY).contains(&hysteresis) {
            return Err(StrategyError::Share { what: "hysteresis", share: hysteresis });
        }
        self.hysteresis = hysteresis;
        Ok(self)
    }

    /// Within which time a move has to pay; without this, 30 days.
    ///
    /// # Errors
    /// No time at all.
    pub fn patience(mut self, patience: SimDuration) -> Result<Self, StrategyError> {
        if patience.is_zero() {
            return Err(StrategyError::NoInterval);
        }
        self.patience = patience;
        Ok(self)
    }

    /// After which time the mean of fees has forgotten all but 1/e of what was before; without this, 7 days.
    ///
    /// # Errors
    /// No time at all.
    pub fn memory(mut self, memory: SimDuration) -> Result<Self, StrategyError> {
        if memory.is_zero() {
            return Err(StrategyError::NoInterval);
        }
        self.memory = memory;
        Ok(self)
    }

    /// What transactions of a move burn; without this, nothing.
    ///
    /// # Errors
    /// Gas that is negative or not finite.
    pub fn gas(mut self, gas: MoveGas) -> Result<Self, StrategyError> {
        let MoveGas { deposit, withdraw, swap, mint, burn, bridge } = gas;
        if let Some(gas) = [deposit, withdraw, swap, mint, burn, bridge].into_iter().find(|gas| !(0.0..f64::INFINITY).contains(gas))
        {
            return Err(StrategyError::Gas { gas });
        }
        self.gas = gas;
        Ok(self)
    }

    /// Back into this asset.
    fn stay(&mut self, k: usize) {
        self.present = k;
        self.balance.choose(k);
        self.state = State::Balancing;
    }

    /// Begins to move if it pays.
    fn look(&mut self, market: &dyn Market, position: &Position<'_>) {
        self.measure(market);
        // Where it is, and not where it was to be, should something have been refused on the way.
        let value = |k: usize| self.assets[k].value(market, &seen(position, self.chain(market, position, k)));
        let (mut here, mut most) = (self.present, value(self.present));
        for k in 0..self.assets.len() {
            let value = value(k);
            if value > most {
                (here, most) = (k, value);
            }
        }
        self.present = here;
        let rates: Vec<Option<f64>> = (0..self.assets.len()).map(|k| self.rate(market, k)).collect();
        let Some(present) = rates[self.present] else { return };
        let best = rates.iter().enumerate().filter_map(|(k, rate)| Some((k, (*rate)?)));
        let Some((to, best)) = best.reduce(|a, b| if b.1 > a.1 { b } else { a }) else { return };
        if to == self.present || best - present <= self.hysteresis || !self.can_leave(market, position) {
            return;
        }
        let Some(way) = self.way(market, position, to, most) else { return };
        let pays = (best - present) * most * self.patience.as_years() > way.cost;
        if !pays || most <= 0.0 {
            return;
        }
        let from = std::mem::replace(&mut self.present, to);
        self.balance.choose(to);
        self.state = match way.crossing {
            None if self.assets[from].shifts_to(self.assets[to]) => State::Shifting(Shift::new(self.assets[from], self.assets[to])),
            None => State::Balancing,
            Some(crossing) => State::Leaving(crossing, Chain::out(self.assets[from], 1.0), Sale::new(crossing.carrier, Vec::new())),
        };
    }
}

/// What the position is, seen from a chain.
fn seen<'a>(position: &Position<'a>, chain: ChainId) -> Position<'a> {
    let wallet =
        if chain == position.home { position.wallet } else { position.elsewhere.get(chain.index()).map_or(&[][..], Vec::as_slice) };
    Position { wallet, ..*position }
}

impl Strategy for BestYield {
    fn entry(&self) -> Entry {
        self.assets.first().map_or_else(|| Entry::Tokens(Vec::new()), |asset| asset.entry())
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if self.last.is_none() {
            self.measure(market);
        }
        loop {
            match &mut self.state {
                State::Shifting(shift) => {
                    // Refused, it goes the long way.
                    let refused = shift.has_begun() && position.refused.is_some();
                    if let Some(action) = shift.next(market, position).filter(|_| !refused) {
                        return Some(action);
                    }
                    self.state = State::Balancing;
                }
                State::Balancing => {
                    let chain = self.chain(market, position, self.present);
                    self.balance.swap_in(self.markets_on(market, chain));
                    let action = self.balance.next(market, &seen(position, chain));
                    if action.is_none() {
                        self.state = State::Resting;
                    }
                    return action;
                }
                State::Resting => {
                    let due = self.last.and_then(|last| market.time().since(last)).is_some_and(|age| age >= self.every);
                    if !due {
                        return None;
                    }
                    self.look(market, position);
                    if self.state == State::Resting {
                        return None;
                    }
                }
                State::Leaving(crossing, chain, sale) => {
                    let crossing = *crossing;
                    let here = seen(position, crossing.from);
                    if let Some(action) = chain.next(market, &here) {
                        return Some(action);
                    }
                    let mut sale = sale.clone();
                    let swap = sale.next(market, &here, &self.markets_on(market, crossing.from));
                    if let State::Leaving(_, _, kept) = &mut self.state {
                        *kept = sale;
                    }
                    if swap.is_some() {
                        return swap;
                    }
                    let amount = here.wallet.get(crossing.carrier.index()).copied().unwrap_or(0.0);
                    if amount <= 0.0 {
                        self.stay(crossing.origin);
                        return None;
                    }
                    let delay = market.bridge(crossing.bridge).map_or(SimDuration::ZERO, |bridge| bridge.delay);
                    let at = market.time().checked_add(delay).unwrap_or(SimTime::MAX);
                    let had = seen(position, crossing.to).wallet.get(crossing.carrier.index()).copied().unwrap_or(0.0);
                    self.state = State::Arriving(crossing, Sent { at, had, accepted: false });
                    return Some(Action::Bridge { bridge: crossing.bridge, token: crossing.carrier, amount });
                }
                State::Arriving(crossing, sent) => {
                    let crossing = *crossing;
                    if !sent.accepted && position.refused.is_some() {
                        self.stay(crossing.origin);
                        continue;
                    }
                    sent.accepted = true;
                    let have = seen(position, crossing.to).wallet.get(crossing.carrier.index()).copied().unwrap_or(0.0);
                    // What has not come long after is lost.
                    let lost = sent.at.checked_add(PATIENCE).is_some_and(|late| market.time() >= late);
                    if have <= sent.had && !lost {
                        return None;
                    }
                    self.state = State::Balancing;
                }
            }
        }
    }

    fn wake(&self, market: &dyn Market, _: &Position<'_>) -> Wake {
        match self.state {
            State::Arriving(_, Sent { at, .. }) if market.time() < at => Wake::at(at),
            State::Shifting(_) | State::Balancing | State::Leaving(..) | State::Arriving(..) => Wake::EVERY_BLOCK,
            State::Resting => Wake::at(self.last.and_then(|last| last.checked_add(self.every)).unwrap_or(SimTime::MAX)),
        }
    }

    /// Puts what has come where the rest is.
    fn funded(&mut self) {
        self.balance.start();
        if self.state == State::Resting {
            self.state = State::Balancing;
        }
    }
}

#[cfg(test)]
mod tests;
