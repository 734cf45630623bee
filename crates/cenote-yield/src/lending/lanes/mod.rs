//! Lending markets of `L` paths in lockstep: the seam between the simulator's world and every reserve, built-in or user-written.
//!
//! Amounts are whole tokens, lane by lane. A lane in which nothing is to happen gets the amount zero, and a zero amount is an exact
//! no-op; so nothing here takes a mask, and one path has the same bits alone (`L` = 1) and in any pack.

mod crowd;
mod kernels;
mod model;
mod reserve;
mod risk;
#[cfg(test)]
mod tests;

use core::fmt::Debug;

use cenote_units::Lanes;

pub use crowd::BorrowerCrowd;
pub use model::{ReserveModel, utilisation_from_logit, utilisation_to_logit};
pub use reserve::ReserveLanes;

/// One token that can be lent and borrowed, `L` paths wide: accounts of the simulated, and everybody else.
///
/// Others touch a reserve all the time, so interest compounds continuously: both indices grow by e to the rate times the time. Rates are
/// per year of 365 days, plain. Whether collateral covers a loan is the caller's to ask, who knows prices:
/// [`Collateral::borrowable`](super::Collateral::borrowable).
///
/// Object safe: a world holds boxes of it, and one virtual call serves `L` paths.
pub trait LendingLanes<const L: usize>: Debug + Send {
    /// Begins new paths: back to the state it was built in, at time 0.
    fn start(&mut self);

    /// How many accounts it keeps.
    fn accounts(&self) -> usize;

    /// Lets interest run to `time`, in nanoseconds since the start, at the rates since the last change; then rates follow utilisation.
    /// At the time it already is, nothing happens.
    fn accrue(&mut self, time: &[u64; L]);

    /// Others borrow or repay until this share of all supply is lent out, from 0 to 1; what is outside is taken for the nearer end, and
    /// what is no number for 0. They cannot repay what accounts owe: utilisation does not fall below that.
    fn set_utilisation(&mut self, utilisation: &Lanes<L>);

    /// [`accrue`](Self::accrue) to `time`, and then [`set_utilisation`](Self::set_utilisation).
    fn advance(&mut self, time: &[u64; L], utilisation: &Lanes<L>) {
        self.accrue(time);
        self.set_utilisation(utilisation);
    }

    /// Sets both rates, which from then on do not follow utilisation: they have been recorded.
    fn set_rates(&mut self, supply: &Lanes<L>, borrow: &Lanes<L>);

    /// An account supplies. On return `amount` is what was supplied: a supply that is refused, because it is negative or no finite
    /// number, is one that does not happen, and its amount becomes zero.
    fn supply(&mut self, account: usize, amount: &mut Lanes<L>);

    /// An account withdraws. On return `amount` is what was withdrawn: zero where it was more than the account's balance, or than the
    /// reserve holds.
    fn withdraw(&mut self, account: usize, amount: &mut Lanes<L>);

    /// An account loses this part of what it has supplied, from 0 to 1: somebody has stolen it, out of what is not lent out as far as
    /// that goes. On return `part` is what was lost, in tokens.
    fn write_off(&mut self, account: usize, part: &mut Lanes<L>);

    /// An account borrows. On return `amount` is what was borrowed: zero where it was more than the reserve holds.
    fn borrow(&mut self, account: usize, amount: &mut Lanes<L>);

    /// An account repays, at most what it owes. On return `amount` is what was repaid.
    fn repay(&mut self, account: usize, amount: &mut Lanes<L>);

    /// What suppliers earn, per year.
    fn supply_rate(&self) -> &Lanes<L>;

    /// What borrowers pay, per year.
    fn borrow_rate(&self) -> &Lanes<L>;

    /// What an account could withdraw if the reserve held it.
    fn balance(&self, account: usize, out: &mut Lanes<L>);

    /// What an account owes.
    fn debt(&self, account: usize, out: &mut Lanes<L>);

    /// What the reserve holds and has not lent out.
    fn liquidity(&self) -> &Lanes<L>;

    /// What everybody owes.
    fn total_debt(&self) -> &Lanes<L>;

    /// What everybody has supplied, with interest.
    fn total_supply(&self) -> &Lanes<L>;

    /// Debt over debt and liquidity, from 0 to 1.
    fn utilisation(&self, out: &mut Lanes<L>);

    /// The treasury's share of the interest: liquidity and debt less what suppliers own. Recorded rates may leave it below zero, where
    /// they pay suppliers more than borrowers are charged.
    fn treasury(&self, out: &mut Lanes<L>) {
        let (liquidity, debt, supply) = (self.liquidity(), self.total_debt(), self.total_supply());
        for l in 0..L {
            out[l] = liquidity[l] + debt[l] - supply[l];
        }
    }
}
