//! The formulas in floating point.

use cenote_amm::{Fast, Lane};

use super::config::ReserveConfig;
use super::convert::nearest_f64;
use super::error::ArithmeticError;
use super::formulas::{Computed, Formulas, Rates, Seizure};

const SECONDS_PER_YEAR: f64 = 31_536_000.0;
/// Parts of an amount that roundings may take from it or add to it.
const ROUNDINGS: f64 = 1e-12;

fn finite(number: f64) -> Result<f64, ArithmeticError> {
    if Fast::is_valid(number) { Ok(number) } else { Err(ArithmeticError::Overflow) }
}

fn fraction(bp: u16) -> f64 {
    f64::from(bp) / 1e4
}

impl Formulas for Fast {
    const ONE: f64 = 1.0;
    const BRINK: f64 = 1.0;
    const CLOSE_FACTOR_THRESHOLD: f64 = 0.95;

    fn to_scaled(amount: f64, index: f64) -> Computed<Self> {
        finite(amount / index)
    }

    fn to_scaled_out_of(scaled: f64, amount: f64, index: f64) -> Computed<Self> {
        let part = finite(amount / index)?;
        Ok(if part >= scaled * (1.0 - 4.0 * f64::EPSILON) && part <= scaled * (1.0 + ROUNDINGS) { scaled } else { part })
    }

    fn from_scaled(scaled: f64, index: f64) -> Computed<Self> {
        finite(scaled * index)
    }

    fn less(a: f64, b: f64) -> Computed<Self> {
        if a >= b {
            Ok(a - b)
        } else if b - a <= b * ROUNDINGS {
            Ok(0.0)
        } else {
            Err(ArithmeticError::Overflow)
        }
    }

    fn linear_interest(rate: f64, seconds: u64) -> Computed<Self> {
        finite(1.0 + rate * nearest_f64(seconds) / SECONDS_PER_YEAR)
    }

    /// The contract cuts the coefficients of the second and third term to 27 decimals, which leaves the third at 5% per year no more
    /// than one digit: a year without an operation then earns 5·10⁻⁶ less. The fast lane cuts them too.
    fn compounded_interest(rate: f64, seconds: u64) -> Computed<Self> {
        let n = nearest_f64(seconds);
        let (less_one, less_two) = (nearest_f64(seconds.saturating_sub(1)), nearest_f64(seconds.saturating_sub(2)));
        let square = (rate * rate * 1e27 / (SECONDS_PER_YEAR * SECONDS_PER_YEAR)).floor();
        let cube = ((square * rate).round() / SECONDS_PER_YEAR).floor();
        let pairs = n * less_one / 1e27;
        finite(1.0 + (rate * n / SECONDS_PER_YEAR + pairs * square / 2.0 + pairs * less_two * cube / 6.0))
    }

    fn grown(interest: f64, index: f64) -> Computed<Self> {
        finite(interest * index)
    }

    fn share(amount: f64, bp: u16) -> Computed<Self> {
        finite(amount * fraction(bp))
    }

    fn rates(config: &ReserveConfig, liquidity: f64, debt: f64) -> Result<Rates<f64>, ArithmeticError> {
        let utilisation = if debt == 0.0 { 0.0 } else { finite(debt / (liquidity + debt))? };
        let borrow = config.rates.borrow_rate(utilisation);
        Ok(Rates { supply: borrow * utilisation * (1.0 - fraction(config.reserve_factor_bp)), borrow })
    }

    fn value(amount: f64, price: f64, _decimals: u8) -> Computed<Self> {
        finite(amount * price)
    }

    fn weighted(value: f64, bp: u16) -> Computed<Self> {
        finite(value * fraction(bp))
    }

    fn average(weighted: f64, values: f64) -> f64 {
        if values == 0.0 { 0.0 } else { weighted / values }
    }

    fn portion(value: f64, average: f64) -> Computed<Self> {
        finite(value * average)
    }

    fn cover(value: f64, average: f64) -> Computed<Self> {
        finite(value / average)
    }

    fn health_factor(collateral: f64, debt: f64) -> Computed<Self> {
        finite(collateral / debt)
    }

    fn health_to_f64(health_factor: f64) -> f64 {
        health_factor
    }

    fn seizure(
        repaid: f64,
        balance: f64,
        debt: (&ReserveConfig, f64),
        collateral: (&ReserveConfig, f64),
    ) -> Result<Seizure<f64>, ArithmeticError> {
        let ((_, debt_price), (config, collateral_price)) = (debt, collateral);
        let bonus = fraction(config.collateral.liquidation_bonus_bp());
        let most = finite(repaid * debt_price / collateral_price * bonus)?;
        let (amount, repaid) =
            if most > balance { (balance, finite(balance * collateral_price / debt_price / bonus)?) } else { (most, repaid) };
        let protocol_fee = (amount - amount / bonus) * fraction(config.liquidation_protocol_fee_bp);
        Ok(Seizure { repaid, collateral: amount - protocol_fee, protocol_fee })
    }

    fn cap(tokens: u64, _decimals: u8) -> Option<f64> {
        (tokens != 0).then(|| nearest_f64(tokens))
    }

    fn fits(_balance: f64) -> bool {
        true
    }
}
