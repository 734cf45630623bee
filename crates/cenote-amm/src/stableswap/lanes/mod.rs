//! `StableSwap` pools of two coins, `L` paths wide.

mod kernels;
mod model;
mod section;
#[cfg(test)]
mod tests;

use cenote_units::Lanes;

use crate::lanes::{FlowLanes, FungibleLanes, PoolLanes};
use crate::pool::TokenIndex;

use kernels::Places;
use section::Section;

pub use model::StableSwapModel;

/// A `StableSwap` pool of two coins in floating point, `L` paths wide.
///
/// At a fixed D the pool is a curve: u = x/D fixes v = y/D through a quadratic, and with them the marginal price, which falls in u. A
/// swap goes along the curve; an arbitrage finds the place with the price it wants by Newton's method from where the pool is, a fixed
/// number of steps for all lanes at once, and lanes that moved far are finished one by one. Then the fee that stays raises D: two more
/// steps of Newton's method.
///
/// Source: `get_D`, `get_y` and `exchange` of the first generation's contracts; Egorov, "`StableSwap`" (2019).
#[derive(Clone, Debug)]
pub struct StableSwapLanes<const L: usize> {
    /// Balances and supply that it was built with.
    initial: [f64; 3],
    x: Lanes<L>,
    y: Lanes<L>,
    d: Lanes<L>,
    supply: Lanes<L>,
    /// What the admin fee has taken.
    taken: [Lanes<L>; 2],
    terms: Terms,
    /// Room for where an arbitrage goes.
    places: Places<L>,
}

/// Parameters of a pool.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Terms {
    section: Section,
    /// Fee over what would be paid out without it.
    fee: f64,
    keep: f64,
    /// The admin's part of the fee.
    admin: f64,
}

impl<const L: usize> StableSwapLanes<L> {
    /// A pool of these balances with `supply` LP tokens, owned by others: A as the contract reports it, fee on what is paid out, and the
    /// admin's part of it. Balances are to be positive and finite.
    fn new(balances: [f64; 2], amplification: f64, fee: f64, admin: f64) -> Self {
        let section = Section::new(amplification);
        let d = section.invariant(balances[0], balances[1], balances[0] + balances[1]);
        let mut pool = Self {
            // The first deposit mints D.
            initial: [balances[0], balances[1], d],
            x: Lanes::ZERO,
            y: Lanes::ZERO,
            d: Lanes::ZERO,
            supply: Lanes::ZERO,
            taken: [Lanes::ZERO; 2],
            terms: Terms { section, fee, keep: 1.0 - fee, admin },
            places: Places { u: Lanes::ZERO, v: Lanes::ZERO, aim: Lanes::ZERO },
        };
        pool.start();
        pool
    }

    fn sides(&self, base: TokenIndex) -> (&Lanes<L>, &Lanes<L>) {
        if base == TokenIndex::ZERO { (&self.x, &self.y) } else { (&self.y, &self.x) }
    }

    /// Finishes D where a swap moved it `far`, and books the admin fee.
    fn after_swap(&mut self, flow: &FlowLanes<L>, far: bool) {
        if far {
            for l in 0..L {
                if self.d[l] < 0.0 {
                    self.d[l] = self.terms.section.invariant(self.x[l], self.y[l], -self.d[l]);
                }
            }
        }
        let share = self.terms.admin;
        if share > 0.0 {
            for l in 0..L {
                let out = if flow.base_in[l] != 0 { flow.quote } else { flow.base };
                self.taken[out.get()][l] += flow.to_admin(l, share);
            }
        }
    }
}

impl<const L: usize> PoolLanes<L> for StableSwapLanes<L> {
    fn start(&mut self) {
        let [x, y, d] = self.initial;
        self.x = Lanes::splat(x);
        self.y = Lanes::splat(y);
        self.d = Lanes::splat(d);
        self.supply = Lanes::splat(d);
        self.taken = [Lanes::ZERO; 2];
    }

    fn token_count(&self) -> usize {
        2
    }

    fn reserve(&self, token: TokenIndex, lane: usize) -> f64 {
        self.sides(token).0[lane]
    }

    fn reserves<'a>(&'a self, token: TokenIndex, _: &'a mut Lanes<L>) -> &'a Lanes<L> {
        self.sides(token).0
    }

    fn balance(&self, token: TokenIndex, out: &mut Lanes<L>) {
        *out = *self.sides(token).0;
        for l in 0..L {
            out[l] += self.taken[token.get()][l];
        }
    }

    fn spot_price(&self, base: TokenIndex, _quote: TokenIndex, lane: usize) -> f64 {
        let ((x, y), d) = (self.sides(base), self.d[lane]);
        self.terms.section.price(x[lane] / d, y[lane] / d)
    }

    fn quote(&self, lane: usize, token_in: TokenIndex, _token_out: TokenIndex, amount_in: f64) -> f64 {
        let (x, y) = self.sides(token_in);
        let d = self.d[lane];
        let other = self.terms.section.other((x[lane] + amount_in) / d) * d;
        ((y[lane] - other) * self.terms.keep).max(0.0)
    }

    fn lane(&self, lane: usize) -> Option<Box<dyn PoolLanes<1> + '_>> {
        let alone = |lanes: &Lanes<L>| Lanes([lanes[lane]]);
        Some(Box::new(StableSwapLanes {
            initial: self.initial,
            x: alone(&self.x),
            y: alone(&self.y),
            d: alone(&self.d),
            supply: alone(&self.supply),
            taken: self.taken.each_ref().map(alone),
            places: Places { u: Lanes::ZERO, v: Lanes::ZERO, aim: Lanes::ZERO },
            terms: self.terms,
        }))
    }

    fn swap(&mut self, flow: &mut FlowLanes<L>) {
        let (x, y) = if flow.base == TokenIndex::ZERO { (&mut self.x, &mut self.y) } else { (&mut self.y, &mut self.x) };
        let far = kernels::swap(x, y, &mut self.d, &self.terms, flow);
        self.after_swap(flow, far);
    }

    fn arbitrage(&mut self, price: &Lanes<L>, min_profit: &Lanes<L>, flow: &mut FlowLanes<L>) {
        let (x, y) = if flow.base == TokenIndex::ZERO { (&mut self.x, &mut self.y) } else { (&mut self.y, &mut self.x) };
        let places = &mut self.places;
        if kernels::aim(x, y, &self.d, &self.terms, price, places) {
            let section = self.terms.section;
            for l in 0..L {
                if places.aim[l].is_nan() {
                    let u = section.place_in_band(x[l] / self.d[l], y[l] / self.d[l], price[l], self.terms.keep);
                    (places.u[l], places.v[l]) = (u, section.other(u));
                }
            }
        }
        let far = kernels::arbitrage(x, y, &mut self.d, &self.terms, price, min_profit, places, flow);
        self.after_swap(flow, far);
    }
}

impl<const L: usize> FungibleLanes<L> for StableSwapLanes<L> {
    fn supply(&self) -> &Lanes<L> {
        &self.supply
    }

    fn invariant(&self, out: &mut Lanes<L>) {
        *out = self.d;
    }

    fn mint(&mut self, amounts: &mut [Lanes<L>], minted: &mut Lanes<L>) {
        for l in 0..L {
            // In proportion: D, which is homogeneous, grows by the same share, and there is no fee for balance.
            let share = (amounts[0][l] / self.x[l]).min(amounts[1][l] / self.y[l]);
            if !(share > 0.0 && share < f64::INFINITY) {
                (amounts[0][l], amounts[1][l], minted[l]) = (0.0, 0.0, 0.0);
                continue;
            }
            amounts[0][l] = self.x[l] * share;
            amounts[1][l] = self.y[l] * share;
            minted[l] = self.supply[l] * share;
            self.x[l] += amounts[0][l];
            self.y[l] += amounts[1][l];
            self.d[l] += self.d[l] * share;
            self.supply[l] += minted[l];
        }
    }

    fn burn(&mut self, liquidity: &Lanes<L>, amounts: &mut [Lanes<L>]) {
        for l in 0..L {
            if liquidity[l].is_nan() || liquidity[l] <= 0.0 {
                (amounts[0][l], amounts[1][l]) = (0.0, 0.0);
                continue;
            }
            let share = liquidity[l] / self.supply[l];
            amounts[0][l] = self.x[l] * share;
            amounts[1][l] = self.y[l] * share;
            self.x[l] -= amounts[0][l];
            self.y[l] -= amounts[1][l];
            self.d[l] -= self.d[l] * share;
            self.supply[l] -= liquidity[l];
        }
    }

    fn pending_protocol_liquidity(&self, out: &mut Lanes<L>) {
        *out = Lanes::ZERO;
    }

    fn admin_share(&self) -> f64 {
        self.terms.admin
    }
}
