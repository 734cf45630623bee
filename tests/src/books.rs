//! The books of positions in one constant-product pool, kept the slow and obvious way from the events of one path: every holding at
//! every event, token by token. What the engine's own sums are compared with.

use std::sync::{Arc, Mutex};

use cenote_sim::{Actor, Event, EventKey, GasUnits, Observer};
use cenote_strategy::Entry;
use cenote_units::SimTime;

use crate::scenes::{ETH, POOL_VALUE, PRICE};

/// A position as its owner would describe it.
#[derive(Clone, Debug)]
pub struct Holder {
    deposit: f64,
    entry: Entry,
    gas_units: GasUnits,
    /// ETH and USDC.
    wallet: [f64; 2],
    lp: f64,
    /// What the engine calls `price`.
    pub price: f64,
    /// What the engine calls `loss_versus_rebalancing`.
    pub loss: f64,
    /// What the engine calls `fees_booked`.
    pub fees: f64,
    /// What the engine calls `gas`.
    pub gas: f64,
    /// What the engine calls `trading_costs`.
    pub costs: f64,
    /// What the engine calls `hold_value`, as tokens.
    endowment: [f64; 2],
}

impl Holder {
    /// A position that begins with `deposit` USDC worth of what `entry` says.
    pub fn new(deposit: f64, entry: Entry, gas_units: GasUnits) -> Self {
        let (wallet, endowment) = ([0.0; 2], [0.0; 2]);
        Self { deposit, entry, gas_units, wallet, lp: 0.0, price: 0.0, loss: 0.0, fees: 0.0, gas: 0.0, costs: 0.0, endowment }
    }
}

/// A path's pool and its holders.
#[derive(Clone, Debug)]
pub struct Books {
    /// By place in the scenario.
    pub holders: Vec<Holder>,
    prices: [f64; 2],
    reserves: [f64; 2],
    supply: f64,
    root_k_last: f64,
    /// The protocol's n and a: it takes n / (n + a) of the growth of √k.
    protocol: Option<[f64; 2]>,
    /// Native token per gas unit; the native token is ETH.
    gas_price: f64,
    /// When positions enter.
    warm_up: SimTime,
    entered: bool,
}

impl Books {
    /// Before the first event of a path of a [`scene`](crate::scenes::scene).
    pub fn new(holders: Vec<Holder>, protocol: Option<[f64; 2]>, gas_price: f64, warm_up: SimTime) -> Self {
        let reserves = [0.5 * POOL_VALUE / PRICE, 0.5 * POOL_VALUE];
        let root_k = (reserves[0] * reserves[1]).sqrt();
        Self {
            holders,
            prices: [PRICE, 1.0],
            reserves,
            supply: root_k,
            root_k_last: root_k,
            protocol,
            gas_price,
            warm_up,
            entered: false,
        }
    }

    fn worth(&self, amounts: [f64; 2]) -> f64 {
        amounts[0] * self.prices[0] + amounts[1] * self.prices[1]
    }

    fn root_k(&self) -> f64 {
        (self.reserves[0] * self.reserves[1]).sqrt()
    }

    /// Everybody receives the deposit, at the prices of the moment.
    fn enter(&mut self) {
        self.entered = true;
        for i in 0..self.holders.len() {
            let holder = &self.holders[i];
            let amounts = match &holder.entry {
                Entry::Pool(_) => self.reserves.map(|reserve| reserve * holder.deposit / self.worth(self.reserves)),
                Entry::Tokens(weights) => {
                    let mut amounts = [0.0; 2];
                    for (token, weight) in weights {
                        amounts[token.index()] += holder.deposit * weight / self.prices[token.index()];
                    }
                    amounts
                }
                Entry::Range(..) | Entry::Mix(_) => unreachable!("a constant-product pool has no ranges"),
            };
            self.holders[i].wallet = amounts;
            self.holders[i].endowment = amounts;
        }
    }

    /// The protocol mints itself what it is due, at everybody's expense.
    fn dilute(&mut self) {
        let Some([n, a]) = self.protocol else { return };
        let (root_k, last) = (self.root_k(), self.root_k_last);
        let due = (self.supply * (root_k - last) * n / (root_k * a + last * n)).max(0.0);
        let value = self.worth(self.reserves);
        for holder in &mut self.holders {
            holder.fees -= holder.lp * value / self.supply - holder.lp * value / (self.supply + due);
        }
        self.supply += due;
    }

    fn pay_gas(&mut self, i: usize, units: f64) {
        self.holders[i].gas += units * self.gas_price * self.prices[0];
    }

    fn event(&mut self, key: EventKey, event: &Event) {
        if !self.entered && key.time >= self.warm_up && matches!(event, Event::Mint { .. }) {
            self.enter();
        }
        match *event {
            Event::Price { token, price } => {
                let t = token.index();
                let moved = price - self.prices[t];
                for holder in &mut self.holders {
                    holder.price += (holder.wallet[t] + holder.lp / self.supply * self.reserves[t]) * moved;
                }
                self.prices[t] = price;
            }
            Event::Swap { actor, token_in, amount_in, amount_out, fee, .. } => {
                let (i, o) = if token_in == ETH { (0, 1) } else { (1, 0) };
                let fee = fee * self.prices[i];
                let loss = amount_out * self.prices[o] - amount_in * self.prices[i] + fee;
                for holder in &mut self.holders {
                    holder.loss += loss * holder.lp / self.supply;
                    holder.fees += fee * holder.lp / self.supply;
                }
                self.reserves[i] += amount_in;
                self.reserves[o] -= amount_out;
                if let Actor::Position(p) = actor {
                    let cost = amount_in * self.prices[i] - amount_out * self.prices[o];
                    let holder = &mut self.holders[p];
                    holder.wallet[i] -= amount_in;
                    holder.wallet[o] += amount_out;
                    holder.costs += cost;
                    self.pay_gas(p, self.holders[p].gas_units.swap);
                }
            }
            Event::Mint { position, liquidity, .. } => {
                self.change_liquidity(position, liquidity);
                self.pay_gas(position, self.holders[position].gas_units.mint);
            }
            Event::Burn { position, liquidity, .. } => {
                self.change_liquidity(position, -liquidity);
                self.pay_gas(position, self.holders[position].gas_units.burn);
            }
            _ => {}
        }
    }

    fn change_liquidity(&mut self, position: usize, liquidity: f64) {
        self.dilute();
        let share = liquidity / self.supply;
        for t in 0..2 {
            let amount = self.reserves[t] * share;
            self.holders[position].wallet[t] -= amount;
            self.reserves[t] += amount;
        }
        self.holders[position].lp += liquidity;
        self.supply += liquidity;
        self.root_k_last = self.root_k();
    }

    /// Closes the books: at the horizon, the protocol's due taken off.
    pub fn close(&mut self) {
        self.dilute();
    }

    /// What leaving now would be worth. The books are closed.
    pub fn value(&self, position: usize) -> f64 {
        let holder = &self.holders[position];
        self.worth(holder.wallet) + holder.lp / self.supply * self.worth(self.reserves) - holder.gas
    }

    /// What the tokens first put in would be worth.
    pub fn hold_value(&self, position: usize) -> f64 {
        self.worth(self.holders[position].endowment)
    }
}

/// Keeps the books of one path while it is simulated.
#[derive(Clone, Debug)]
pub struct Bookkeeper(pub Arc<Mutex<Books>>);

impl Observer for Bookkeeper {
    fn event(&mut self, _: u32, key: EventKey, event: &Event) {
        self.0.lock().expect("nobody panicked").event(key, event);
    }
}
