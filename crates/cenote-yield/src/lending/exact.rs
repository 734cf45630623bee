//! The formulas in the contracts' integers.
#![deny(clippy::arithmetic_side_effects)]

use cenote_amm::Exact;
use cenote_units::U256;

use super::config::ReserveConfig;
use super::error::ArithmeticError;
use super::formulas::{Computed, Formulas, Rates, Seizure};
use super::wad_ray_math::{
    PERCENTAGE_FACTOR, RAY, WAD, percent_div, percent_mul, ray_div, ray_mul, to_uint128, wad_div, wad_to_ray,
};

const SECONDS_PER_YEAR: U256 = U256::from_limbs([31_536_000, 0, 0, 0]);
/// Its square.
const SQUARE_OF_YEAR: U256 = U256::from_limbs([31_536_000 * 31_536_000, 0, 0, 0]);

fn sum(a: U256, b: U256) -> Result<U256, ArithmeticError> {
    a.checked_add(b).ok_or(ArithmeticError::Overflow)
}

fn difference(a: U256, b: U256) -> Result<U256, ArithmeticError> {
    a.checked_sub(b).ok_or(ArithmeticError::Overflow)
}

fn product(a: U256, b: U256) -> Result<U256, ArithmeticError> {
    a.checked_mul(b).ok_or(ArithmeticError::Overflow)
}

fn ratio(a: U256, b: U256) -> Result<U256, ArithmeticError> {
    a.checked_div(b).ok_or(ArithmeticError::Overflow)
}

/// 10^decimals, of at most 36.
fn unit(decimals: u8) -> U256 {
    U256::from(10).wrapping_pow(U256::from(decimals))
}

/// Source: `MathUtils.calculateLinearInterest`.
fn linear_interest(rate: U256, seconds: u64) -> Result<U256, ArithmeticError> {
    let interest = ratio(product(rate, U256::from(seconds))?, SECONDS_PER_YEAR)?;
    sum(RAY, interest)
}

/// Source: `MathUtils.calculateCompoundedInterest`: its divisions truncate in this order.
fn compounded_interest(rate: U256, seconds: u64) -> Result<U256, ArithmeticError> {
    if seconds == 0 {
        return Ok(RAY);
    }
    let (n, n_less_one, n_less_two) = (seconds, seconds.saturating_sub(1), seconds.saturating_sub(2));
    let [n, n_less_one, n_less_two] = [n, n_less_one, n_less_two].map(|count| U256::from(count));
    let square = ratio(ray_mul(rate, rate)?, SQUARE_OF_YEAR)?;
    let cube = ratio(ray_mul(square, rate)?, SECONDS_PER_YEAR)?;
    let pairs = product(n, n_less_one)?;
    let second = product(pairs, square)?.wrapping_shr(1);
    let third = ratio(product(product(pairs, n_less_two)?, cube)?, U256::from(6))?;
    let first = ratio(product(rate, n)?, SECONDS_PER_YEAR)?;
    sum(sum(sum(RAY, first)?, second)?, third)
}

impl Formulas for Exact {
    const ONE: U256 = RAY;
    const BRINK: U256 = WAD;
    const CLOSE_FACTOR_THRESHOLD: U256 = U256::from_limbs([950_000_000_000_000_000, 0, 0, 0]);

    fn to_scaled(amount: U256, index: U256) -> Computed<Self> {
        to_uint128(ray_div(amount, index)?)
    }

    fn to_scaled_out_of(_scaled: U256, amount: U256, index: U256) -> Computed<Self> {
        Self::to_scaled(amount, index)
    }

    fn from_scaled(scaled: U256, index: U256) -> Computed<Self> {
        ray_mul(scaled, index)
    }

    fn less(a: U256, b: U256) -> Computed<Self> {
        difference(a, b)
    }

    fn linear_interest(rate: U256, seconds: u64) -> Computed<Self> {
        linear_interest(rate, seconds)
    }

    fn compounded_interest(rate: U256, seconds: u64) -> Computed<Self> {
        compounded_interest(rate, seconds)
    }

    fn grown(interest: U256, index: U256) -> Computed<Self> {
        ray_mul(interest, index)
    }

    fn share(amount: U256, bp: u16) -> Computed<Self> {
        percent_mul(amount, U256::from(bp))
    }

    /// Source: `DefaultReserveInterestRateStrategy.calculateInterestRates`, without stable and unbacked debt.
    fn rates(config: &ReserveConfig, liquidity: U256, debt: U256) -> Result<Rates<U256>, ArithmeticError> {
        let model = &config.rates.rays;
        if debt.is_zero() {
            return Ok(Rates { supply: U256::ZERO, borrow: to_uint128(model.base)? });
        }
        let usage = ray_div(debt, sum(liquidity, debt)?)?;
        let slope = if usage > model.optimal {
            let excess = ray_div(difference(usage, model.optimal)?, difference(RAY, model.optimal)?)?;
            sum(model.slope1, ray_mul(model.slope2, excess)?)?
        } else {
            ray_div(ray_mul(model.slope1, usage)?, model.optimal)?
        };
        let borrow = sum(model.base, slope)?;
        // `_getOverallBorrowRate`: the average over all debt, which with one kind of debt is its rate but for roundings.
        let debt = wad_to_ray(debt)?;
        let overall = ray_div(ray_mul(debt, borrow)?, debt)?;
        let kept = PERCENTAGE_FACTOR.saturating_sub(config.reserve_factor_bp);
        let supply = percent_mul(ray_mul(overall, usage)?, U256::from(kept))?;
        Ok(Rates { supply: to_uint128(supply)?, borrow: to_uint128(borrow)? })
    }

    /// Source: `GenericLogic._getUserBalanceInBaseCurrency`.
    fn value(amount: U256, price: U256, decimals: u8) -> Computed<Self> {
        ratio(product(amount, price)?, unit(decimals))
    }

    fn weighted(value: U256, bp: u16) -> Computed<Self> {
        product(value, U256::from(bp))
    }

    fn average(weighted: U256, values: U256) -> U256 {
        weighted.checked_div(values).unwrap_or(U256::ZERO)
    }

    fn portion(value: U256, average: U256) -> Computed<Self> {
        percent_mul(value, average)
    }

    fn cover(value: U256, average: U256) -> Computed<Self> {
        percent_div(value, average)
    }

    fn health_factor(collateral: U256, debt: U256) -> Computed<Self> {
        wad_div(collateral, debt)
    }

    fn health_to_f64(health_factor: U256) -> f64 {
        f64::from(health_factor) / 1e18
    }

    /// Source: `LiquidationLogic._calculateAvailableCollateralToLiquidate`.
    fn seizure(
        repaid: U256,
        balance: U256,
        debt: (&ReserveConfig, U256),
        collateral: (&ReserveConfig, U256),
    ) -> Result<Seizure<U256>, ArithmeticError> {
        let ((debt, debt_price), (config, collateral_price)) = (debt, collateral);
        let (debt_unit, collateral_unit) = (unit(debt.decimals), unit(config.decimals));
        let bonus = U256::from(config.collateral.liquidation_bonus_bp());
        let base = ratio(product(product(debt_price, repaid)?, collateral_unit)?, product(collateral_price, debt_unit)?)?;
        let most = percent_mul(base, bonus)?;
        let (amount, repaid) = if most > balance {
            let value = product(product(collateral_price, balance)?, debt_unit)?;
            (balance, percent_div(ratio(value, product(debt_price, collateral_unit)?)?, bonus)?)
        } else {
            (most, repaid)
        };
        if config.liquidation_protocol_fee_bp == 0 {
            return Ok(Seizure { repaid, collateral: amount, protocol_fee: U256::ZERO });
        }
        let gain = difference(amount, percent_div(amount, bonus)?)?;
        let protocol_fee = percent_mul(gain, U256::from(config.liquidation_protocol_fee_bp))?;
        Ok(Seizure { repaid, collateral: difference(amount, protocol_fee)?, protocol_fee })
    }

    fn cap(tokens: u64, decimals: u8) -> Option<U256> {
        // At most 2^36 · 10^36.
        (tokens != 0).then(|| U256::from(tokens).wrapping_mul(unit(decimals)))
    }

    fn fits(balance: U256) -> bool {
        to_uint128(balance).is_ok()
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    /// 5% over a year without an operation. The coefficient of the third term is cut from 3.986 to 3 in the 27th decimal, and with it
    /// a quarter of that term is lost.
    #[test]
    fn a_year_s_interest() {
        let five_percent = RAY / U256::from(20);
        assert_eq!(linear_interest(five_percent, 31_536_000), Ok(RAY + five_percent));
        let n = U256::from(31_536_000);
        let square = U256::from(2_513_777_269_u64);
        let (second, third) = (
            n * (n - U256::ONE) * square / U256::from(2),
            n * (n - U256::ONE) * (n - U256::from(2)) * U256::from(3) / U256::from(6),
        );
        let compounded = compounded_interest(five_percent, 31_536_000).unwrap();
        assert_eq!(compounded, RAY + five_percent + second + third);
        let series = 1.0 + 0.05 + 0.05 * 0.05 / 2.0 + 0.05_f64.powi(3) / 6.0;
        let lost = series - f64::from(compounded) / 1e27;
        assert!((4e-6..6e-6).contains(&lost), "{lost}");
        let fast = <cenote_amm::Fast as Formulas>::compounded_interest(0.05, 31_536_000).unwrap();
        assert!((f64::from(compounded) / 1e27 - fast).abs() < 1e-15);
    }

    #[test]
    fn the_first_seconds_have_fewer_terms() {
        let rate = RAY;
        let second = RAY / SECONDS_PER_YEAR;
        assert_eq!(compounded_interest(rate, 0), Ok(RAY));
        assert_eq!(compounded_interest(rate, 1), Ok(RAY + second));
        let square = RAY / SQUARE_OF_YEAR;
        assert_eq!(compounded_interest(rate, 2), Ok(RAY + (rate * U256::from(2)) / SECONDS_PER_YEAR + square));
    }
}
