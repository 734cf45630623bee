//! How rates follow utilisation: two slopes and a kink.

use cenote_units::{Decimal, Fraction, Rate, U256};

use super::error::LendingError;
use super::wad_ray_math::RAY;

/// The borrow rate as a function of utilisation: `base + slope1·U/U_opt` up to the optimal utilisation, and above it
/// `base + slope1 + slope2·(U − U_opt)/(1 − U_opt)`. The supply rate is what borrowers pay, spread over all supply, less the reserve
/// factor: `borrow·U·(1 − reserve factor)`.
///
/// Rates are per year of 365 days. Parameters are kept both with 27 decimals and as floats, one for each lane.
///
/// ```
/// use cenote_yield::lending::RateModel;
/// let model = RateModel::new("0%".parse()?, "4%".parse()?, "75%".parse()?, "80%".parse()?)?;
/// assert_eq!(model.borrow_rate(0.4), 0.02);
/// assert_eq!(model.borrow_rate(0.9), 0.415);
/// assert_eq!(model.supply_rate(0.9, 0.1), 0.33615);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: Aave v3 `DefaultReserveInterestRateStrategy.sol`; the stable rate, which no market offers any more, is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateModel {
    pub(super) rays: Parameters<U256>,
    pub(super) fractions: Parameters<f64>,
}

/// The four numbers, in either arithmetic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parameters<A> {
    pub(super) base: A,
    pub(super) slope1: A,
    pub(super) slope2: A,
    pub(super) optimal: A,
}

impl RateModel {
    /// A model of rates per year and an optimal utilisation. In the exact lane the decimals as written are taken to the 27 that the
    /// contract has: 4% is 4·10^25.
    ///
    /// # Errors
    /// [`LendingError::InvalidParameter`] unless rates are from 0 to 100,000% and the optimal utilisation is above 0 and at most 100%.
    pub fn new(base: Rate, slope1: Rate, slope2: Rate, optimal: Fraction) -> Result<Self, LendingError> {
        let rate = |name, rate: Rate| ray(name, rate.per_year(), MOST_PER_YEAR, "a rate per year from 0% to 100000%");
        let rays = Parameters {
            base: rate("base", base)?,
            slope1: rate("slope1", slope1)?,
            slope2: rate("slope2", slope2)?,
            optimal: ray("optimal", optimal.get(), 1.0, OPTIMAL)?,
        };
        let fractions =
            Parameters { base: base.per_year(), slope1: slope1.per_year(), slope2: slope2.per_year(), optimal: optimal.get() };
        if rays.optimal.is_zero() {
            return Err(LendingError::InvalidParameter { name: "optimal", given: fractions.optimal, expected: OPTIMAL });
        }
        Ok(Self { rays, fractions })
    }

    /// A model as its contract has it: with 27 decimals, in the order of the constructor's `variable` parameters.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_rays(optimal: U256, base: U256, slope1: U256, slope2: U256) -> Result<Self, LendingError> {
        let rates = [("base", base), ("slope1", slope1), ("slope2", slope2)];
        if let Some((name, rate)) = rates.into_iter().find(|(_, rate)| fraction(*rate) > MOST_PER_YEAR) {
            return Err(LendingError::InvalidParameter {
                name,
                given: fraction(rate),
                expected: "a rate per year from 0% to 100000%",
            });
        }
        if optimal.is_zero() || optimal > RAY {
            return Err(LendingError::InvalidParameter { name: "optimal", given: fraction(optimal), expected: OPTIMAL });
        }
        let rays = Parameters { base, slope1, slope2, optimal };
        let fractions =
            Parameters { base: fraction(base), slope1: fraction(slope1), slope2: fraction(slope2), optimal: fraction(optimal) };
        Ok(Self { rays, fractions })
    }

    /// The borrow rate per year at this utilisation, from 0 to 1.
    pub fn borrow_rate(&self, utilisation: f64) -> f64 {
        let Parameters { base, slope1, slope2, optimal } = self.fractions;
        if utilisation > optimal {
            base + slope1 + slope2 * ((utilisation - optimal) / (1.0 - optimal))
        } else {
            base + slope1 * utilisation / optimal
        }
    }

    /// The supply rate per year at this utilisation, from 0 to 1, after the reserve factor's share, from 0 to 1.
    pub fn supply_rate(&self, utilisation: f64, reserve_factor: f64) -> f64 {
        self.borrow_rate(utilisation) * utilisation * (1.0 - reserve_factor)
    }

    /// The utilisation above which the second slope begins.
    pub fn optimal(&self) -> f64 {
        self.fractions.optimal
    }
}

const MOST_PER_YEAR: f64 = 1000.0;
const OPTIMAL: &str = "a utilisation above 0% and at most 100%";

/// The float nearest to a number with 27 decimals.
fn fraction(ray: U256) -> f64 {
    // The standard library rounds decimal text correctly; two conversions in a row would not.
    format!("{ray}e-27").parse().unwrap_or(f64::INFINITY)
}

/// The shortest decimal that is this float, with 27 decimals.
fn ray(name: &'static str, fraction: f64, most: f64, expected: &'static str) -> Result<U256, LendingError> {
    let invalid = LendingError::InvalidParameter { name, given: fraction, expected };
    if !(0.0..=most).contains(&fraction) {
        return Err(invalid);
    }
    let decimal = Decimal::try_from(fraction).map_err(|_| invalid)?;
    let mantissa = U256::try_from(decimal.mantissa()).map_err(|_| invalid)?;
    let denominator = U256::from(10).pow(U256::from(decimal.scale()));
    // 1000 rays are below 2^100, and a mantissa below 2^96.
    mantissa.checked_mul(RAY).and_then(|product| product.checked_div(denominator)).ok_or(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(optimal: &str) -> Result<RateModel, LendingError> {
        let rate = |text: &str| text.parse::<Rate>().unwrap();
        RateModel::new(rate("1%"), rate("7%"), rate("300%"), optimal.parse().unwrap())
    }

    #[test]
    fn decimals_as_written_are_the_contract_s() {
        let ray = |text: &str| U256::from_str_radix(text, 10).unwrap();
        let by_hand = RateModel::from_rays(
            ray("450000000000000000000000000"),
            ray("10000000000000000000000000"),
            ray("70000000000000000000000000"),
            ray("3000000000000000000000000000"),
        );
        assert_eq!(model("45%"), by_hand);
    }

    #[test]
    fn the_kink_may_lie_at_full_utilisation() {
        let model = model("100%").unwrap();
        assert_eq!(model.borrow_rate(1.0), 0.08);
        assert_eq!(model.optimal(), 1.0);
    }

    #[test]
    fn what_is_no_model_is_refused() {
        for optimal in ["0%", "-5%", "100.01%", "1e-40%"] {
            assert!(matches!(model(optimal), Err(LendingError::InvalidParameter { name: "optimal", .. })), "{optimal}");
        }
        let zero = Rate::ZERO;
        let negative = Rate::from_per_year(-0.01).unwrap();
        let huge = Rate::from_per_year(1000.5).unwrap();
        for slope in [negative, huge] {
            let error = RateModel::new(zero, slope, zero, Fraction::ONE).unwrap_err();
            assert!(matches!(error, LendingError::InvalidParameter { name: "slope1", .. }));
        }
        assert!(RateModel::from_rays(RAY + U256::ONE, RAY, RAY, RAY).is_err());
        assert!(RateModel::from_rays(RAY, RAY, RAY, U256::MAX).is_err());
    }
}
