//! The seam between the lanes: what a lending market computes, as opposed to what it remembers.

use cenote_amm::{Exact, Fast, Lane};

use super::config::ReserveConfig;
use super::error::ArithmeticError;

/// The supply and the borrow rate of a reserve, per year: with 27 decimals in [`Exact`], plain fractions in [`Fast`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates<A> {
    /// What suppliers earn.
    pub supply: A,
    /// What borrowers pay.
    pub borrow: A,
}

/// What a liquidation moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seizure<A> {
    /// Debt that the liquidator pays back.
    pub repaid: A,
    /// Collateral that the liquidator receives.
    pub collateral: A,
    /// Collateral that the treasury receives.
    pub protocol_fee: A,
}

/// A result, or a number that the lane cannot hold.
pub type Computed<L> = Result<<L as Lane>::Amount, ArithmeticError>;

/// The leaf formulas of a lending market, written once per lane.
///
/// Implemented by [`Exact`] and [`Fast`] only. Amounts are the lane's amounts. What is a rate, an index, a price, a weight or a health
/// factor is a number of the same type, scaled as each function says in the exact lane and plain in the fast lane.
pub trait Formulas: Lane {
    /// An index of one: 10^27, or 1.
    const ONE: Self::Amount;
    /// A health factor of one: 10^18, or 1.
    const BRINK: Self::Amount;
    /// The health factor up to which all of a debt can be liquidated at once, 0.95; above it, half of it.
    const CLOSE_FACTOR_THRESHOLD: Self::Amount;

    /// An amount over an index: what is stored.
    ///
    /// # Errors
    /// It does not fit.
    fn to_scaled(amount: Self::Amount, index: Self::Amount) -> Computed<Self>;

    /// [`to_scaled`](Self::to_scaled) of an amount that is taken out of `scaled`. The fast lane takes all of it where nothing but a
    /// rounding would be left.
    ///
    /// # Errors
    /// It does not fit.
    fn to_scaled_out_of(scaled: Self::Amount, amount: Self::Amount, index: Self::Amount) -> Computed<Self>;

    /// What a stored amount has become.
    ///
    /// # Errors
    /// It does not fit.
    fn from_scaled(scaled: Self::Amount, index: Self::Amount) -> Computed<Self>;

    /// `a − b`. In the fast lane a difference that is negative by no more than roundings is nothing.
    ///
    /// # Errors
    /// It is negative.
    fn less(a: Self::Amount, b: Self::Amount) -> Computed<Self>;

    /// What an index is multiplied with after this time at a supply rate: simple interest.
    ///
    /// # Errors
    /// It does not fit.
    fn linear_interest(rate: Self::Amount, seconds: u64) -> Computed<Self>;

    /// What an index is multiplied with after this time at a borrow rate: interest compounded every second, the first three terms of
    /// the binomial series.
    ///
    /// # Errors
    /// It does not fit.
    fn compounded_interest(rate: Self::Amount, seconds: u64) -> Computed<Self>;

    /// An index, grown.
    ///
    /// # Errors
    /// It does not fit.
    fn grown(interest: Self::Amount, index: Self::Amount) -> Computed<Self>;

    /// The share in basis points of an amount.
    ///
    /// # Errors
    /// It does not fit.
    fn share(amount: Self::Amount, bp: u16) -> Computed<Self>;

    /// The rates of a reserve that holds `liquidity` and is owed `debt`.
    ///
    /// # Errors
    /// They do not fit.
    fn rates(config: &ReserveConfig, liquidity: Self::Amount, debt: Self::Amount) -> Result<Rates<Self::Amount>, ArithmeticError>;

    /// What an amount is worth in the base currency. The price is the base currency's amount per whole token.
    ///
    /// # Errors
    /// It does not fit.
    fn value(amount: Self::Amount, price: Self::Amount, decimals: u8) -> Computed<Self>;

    /// A value times a weight in basis points, to be added up and [averaged](Self::average).
    ///
    /// # Errors
    /// It does not fit.
    fn weighted(value: Self::Amount, bp: u16) -> Computed<Self>;

    /// A sum of weighted values over the sum of the values, zero over zero: basis points rounded down, or a fraction.
    fn average(weighted: Self::Amount, values: Self::Amount) -> Self::Amount;

    /// A value times an average weight.
    ///
    /// # Errors
    /// It does not fit.
    fn portion(value: Self::Amount, average: Self::Amount) -> Computed<Self>;

    /// A value over an average weight, which is not zero.
    ///
    /// # Errors
    /// It does not fit.
    fn cover(value: Self::Amount, average: Self::Amount) -> Computed<Self>;

    /// Collateral over debt, 18 decimals in the exact lane.
    ///
    /// # Errors
    /// It does not fit.
    fn health_factor(collateral: Self::Amount, debt: Self::Amount) -> Computed<Self>;

    /// A health factor as a number to read.
    fn health_to_f64(health_factor: Self::Amount) -> f64;

    /// What a liquidator who pays `repaid` of a debt receives of a balance of `balance`, and how much less he pays where that is not
    /// enough. `debt` and `collateral` are the two reserves, each with its price.
    ///
    /// # Errors
    /// It does not fit.
    fn seizure(
        repaid: Self::Amount,
        balance: Self::Amount,
        debt: (&ReserveConfig, Self::Amount),
        collateral: (&ReserveConfig, Self::Amount),
    ) -> Result<Seizure<Self::Amount>, ArithmeticError>;

    /// A cap in whole tokens as an amount; `None` for 0, which is no cap.
    fn cap(tokens: u64, decimals: u8) -> Option<Self::Amount>;

    /// Whether a balance fits the contract's 128 bits.
    fn fits(balance: Self::Amount) -> bool;
}

/// The two lanes, so that [`Formulas`] can be used as a bound.
const _: fn() = || {
    fn implemented<L: Formulas>() {}
    implemented::<Exact>();
    implemented::<Fast>();
};
