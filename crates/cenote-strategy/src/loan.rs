//! Debts and what secures them.

use crate::market::{Market, PoolId, TokenId};
use crate::prices::DUST;
use crate::refusal::Refusal;
use crate::route::first_hop;
use crate::strategy::{Action, Position};
use crate::venue::{Lending, LendingId, LendingPosition};

/// How many steps a way out of loans has at most.
const STEPS: u32 = 60;

/// Of the collateral that is not needed: rounding must not make it too little.
pub(crate) const SAFE: f64 = 1.0 - 1e-9;

/// Out of lending markets: debts are paid back with what the wallet has, then with collateral, as much of it at a time as the loan can
/// spare, sold where it is another token; what secures nothing any more is withdrawn.
///
/// What is still owed at the end, because nothing was left to pay it with, stays owed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unwinding {
    /// What is to be left of supplies and debts, by market.
    goal: Vec<LendingPosition>,
    /// Tokens of the wallet that are not to be spent, by token.
    kept: Vec<f64>,
    /// The debt that collateral was taken out for, and out of which market.
    paying: Option<(LendingId, TokenId)>,
    steps: u32,
    frozen: bool,
    /// Supplies withdrawn at the end, from this one on.
    withdrawn: usize,
}

impl Unwinding {
    /// Out with a fraction of all supplies and debts; of the wallet, `kept` is not spent.
    pub(crate) fn new(position: &Position<'_>, fraction: f64, kept: Vec<f64>) -> Self {
        let left = |own: &LendingPosition| {
            let rest = 1.0 - fraction;
            LendingPosition { supplied: rest * own.supplied, owed: rest * own.owed }
        };
        Self::down_to(position.lending.iter().map(left).collect(), kept)
    }

    /// Down to these supplies and debts.
    pub(crate) fn down_to(goal: Vec<LendingPosition>, kept: Vec<f64>) -> Self {
        Self { goal, kept, paying: None, steps: 0, frozen: false, withdrawn: 0 }
    }

    /// Whether a market has no liquidity for it.
    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen
    }

    fn purse(&self, position: &Position<'_>, token: TokenId) -> f64 {
        let t = token.index();
        let (have, kept) = (position.wallet.get(t).copied().unwrap_or(0.0), self.kept.get(t).copied().unwrap_or(0.0));
        if have - kept > DUST * have { have - kept } else { 0.0 }
    }

    /// The next step; `None` at the end.
    pub(crate) fn next(&mut self, market: &dyn Market, position: &Position<'_>, markets: &[PoolId]) -> Option<Action> {
        // What was refused would be refused again: no debts then, only what secures nothing.
        let stuck = self.steps > 0 && position.refused.is_some();
        if matches!(position.refused, Some(Refusal::Frozen | Refusal::LentOut { .. })) && stuck {
            self.frozen = true;
        }
        if stuck {
            self.steps = self.steps.max(STEPS);
        }
        if self.steps < STEPS {
            self.steps += 1;
            if let Some(action) = self.pay(market, position, markets) {
                return Some(action);
            }
            self.steps = STEPS;
        }
        self.withdraw(market, position)
    }

    /// The next step towards paying a debt.
    fn pay(&mut self, market: &dyn Market, position: &Position<'_>, markets: &[PoolId]) -> Option<Action> {
        for (j, own) in position.lending.iter().enumerate() {
            let debt = LendingId(u16::try_from(j).unwrap_or(u16::MAX));
            let goal = self.goal.get(j).map_or(0.0, |goal| goal.owed);
            let too_much = own.owed - goal;
            let Some(terms) = market.lending(debt) else { continue };
            if too_much <= DUST * own.owed || too_much <= 0.0 {
                continue;
            }
            let have = self.purse(position, terms.token);
            if have > 0.0 {
                self.paying = None;
                return Some(Action::Repay { lending: debt, amount: have.min(too_much) });
            }
            // What was withdrawn for it is sold.
            if let Some((for_debt, token_in)) = self.paying
                && for_debt == debt
            {
                let amount_in = self.purse(position, token_in);
                let hop = first_hop(market, markets, token_in, terms.token, amount_in).filter(|_| amount_in > 0.0)?;
                self.paying = (hop.token_out != terms.token).then_some((debt, hop.token_out));
                return Some(Action::Swap { pool: hop.pool, token_in, token_out: hop.token_out, amount_in });
            }
            return self.take_collateral(market, position, markets, debt, too_much * market.price(terms.token));
        }
        None
    }

    /// Withdraws what the loan can spare, for a debt of which so much value is to be paid: a little more than that, as a swap costs some.
    fn take_collateral(
        &mut self,
        market: &dyn Market,
        position: &Position<'_>,
        markets: &[PoolId],
        debt: LendingId,
        value: f64,
    ) -> Option<Action> {
        let owed_in = market.lending(debt)?.token;
        let spare = headroom(market, position);
        for (i, own) in position.lending.iter().enumerate().filter(|(_, own)| own.supplied > 0.0) {
            let lending = LendingId(u16::try_from(i).unwrap_or(u16::MAX));
            let Some(terms) = market.lending(lending) else { continue };
            let price = market.price(terms.token);
            let mut amount = most_withdrawn(&terms, own, price, spare);
            if terms.liquidity <= 0.0 {
                self.frozen = true;
            }
            let wanted = value / price;
            let wanted = if terms.token == owed_in {
                wanted
            } else {
                let Some(hop) = first_hop(market, markets, terms.token, owed_in, wanted) else { continue };
                // By as much more as it pays less.
                let pays = if hop.token_out == owed_in { hop.pays * market.price(owed_in) / value } else { 0.99 };
                wanted / pays.clamp(0.5, 1.0)
            };
            amount = amount.min(wanted);
            if amount > DUST * own.supplied {
                self.paying = Some((debt, terms.token));
                return Some(Action::Withdraw { lending, amount });
            }
        }
        None
    }

    /// The next withdrawal of what is too much.
    fn withdraw(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        while let Some(own) = position.lending.get(self.withdrawn) {
            let lending = LendingId(u16::try_from(self.withdrawn).unwrap_or(u16::MAX));
            let goal = self.goal.get(self.withdrawn).map_or(0.0, |goal| goal.supplied);
            self.withdrawn += 1;
            let Some(terms) = market.lending(lending) else { continue };
            let wanted = own.supplied - goal;
            if wanted.is_nan() || wanted <= DUST * own.supplied {
                continue;
            }
            self.frozen |= terms.liquidity < wanted;
            let amount = wanted.min(most_withdrawn(&terms, own, market.price(terms.token), headroom(market, position)));
            if amount > 0.0 {
                return Some(Action::Withdraw { lending, amount });
            }
        }
        None
    }
}

/// Value that could still be borrowed; infinite where nothing is owed.
pub(crate) fn headroom(market: &dyn Market, position: &Position<'_>) -> f64 {
    if position.lending.iter().all(|own| own.owed <= 0.0) {
        return f64::INFINITY;
    }
    let of = |(k, own): (u16, &LendingPosition)| {
        market
            .lending(LendingId(k))
            .map_or(0.0, |terms| (own.supplied * terms.loan_to_value - own.owed) * market.price(terms.token))
    };
    (0_u16..).zip(position.lending).map(of).sum()
}

/// Whole tokens that can be withdrawn, if collateral of which so much could be borrowed is not needed.
fn most_withdrawn(terms: &Lending, own: &LendingPosition, price: f64, spare: f64) -> f64 {
    let free = if terms.loan_to_value > 0.0 && spare < f64::INFINITY {
        SAFE * spare.max(0.0) / (terms.loan_to_value * price)
    } else {
        own.supplied
    };
    free.min(own.supplied).min(terms.liquidity)
}
