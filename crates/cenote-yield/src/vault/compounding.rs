//! How often to compound when each time costs something, and what a rate comes to when it is compounded.

use cenote_units::math::{exp, exp_m1, ln_1p};

use super::error::VaultError;

/// How often interest is added to what earns it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Compounding {
    /// All the time.
    Continuous,
    /// So many times a year.
    TimesPerYear(f64),
}

impl Compounding {
    /// Every second of a year of 365 days.
    pub const EVERY_SECOND: Self = Self::TimesPerYear(31_536_000.0);
    /// Every day of a year of 365 days.
    pub const DAILY: Self = Self::TimesPerYear(365.0);

    /// What a simple rate per year (APR) grows one into over a year, less the one (APY): (1 + r/n)ⁿ − 1, or eʳ − 1.
    ///
    /// ```
    /// use cenote_yield::vault::Compounding;
    /// assert!((Compounding::DAILY.apy(0.10) - 0.105155781616).abs() < 1e-12);
    /// ```
    pub fn apy(self, apr: f64) -> f64 {
        match self {
            Self::Continuous => exp_m1(apr),
            Self::TimesPerYear(n) => exp_m1(n * ln_1p(apr / n)),
        }
    }

    /// The simple rate per year (APR) that grows by `apy` in a year: the inverse of [`apy`](Self::apy).
    pub fn apr(self, apy: f64) -> f64 {
        match self {
            Self::Continuous => ln_1p(apy),
            Self::TimesPerYear(n) => n * exp_m1(ln_1p(apy) / n),
        }
    }
}

/// The compounding interval that makes a position grow fastest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptimalCompounding {
    /// From one compounding to the next, in years.
    pub interval: f64,
    /// What the logarithm of the position's value grows by per year.
    pub growth: f64,
}

/// Below this excess the difference (1 + e) ln(1 + e) − e has lost too many digits, and its series takes over.
const SMALL: f64 = 1e-2;

/// (1 + e) ln(1 + e) − e.
fn excess_cost(e: f64) -> f64 {
    if e < SMALL {
        // Σ (−1)ᵏ eᵏ/(k (k − 1)) from k = 2, whose eleventh term is below 10⁻²⁴ of the first.
        let mut sum = 0.0;
        for k in (2..=12).rev() {
            let k = f64::from(k);
            sum = 1.0 / (k * (k - 1.0)) - e * sum;
        }
        return e * e * sum;
    }
    (1.0 + e) * ln_1p(e) - e
}

impl OptimalCompounding {
    /// The optimum for a position that earns `apr` per year, not compounded on its own, where each compounding costs the fraction
    /// `cost` of its value.
    ///
    /// It maximises ln(1 + r h − c)/h. With u = 1 + r h − c the optimum is where u ln u = u − 1 + c; then h = u ln u/r, and the position
    /// grows at r/u. For a small cost, h ≈ √(2c)/r.
    ///
    /// ```
    /// use cenote_yield::vault::OptimalCompounding;
    /// // 30% a year on 10,000 dollars, and a dollar of gas each time: every 17 days.
    /// let optimal = OptimalCompounding::new(0.30, 1.0 / 10_000.0)?;
    /// assert!((optimal.interval * 365.0 - 17.368).abs() < 1e-3);
    /// assert!((optimal.growth - 0.295807).abs() < 1e-6);
    /// # Ok::<(), cenote_yield::vault::VaultError>(())
    /// ```
    ///
    /// # Errors
    /// [`VaultError::InvalidParameter`] unless `apr` is positive and finite, and `cost` from 0 to 1.
    ///
    /// Source: own derivation.
    pub fn new(apr: f64, cost: f64) -> Result<Self, VaultError> {
        if !(apr > 0.0 && apr < f64::INFINITY) {
            return Err(VaultError::InvalidParameter { name: "apr", given: apr, expected: "positive and finite" });
        }
        if !(0.0..=1.0).contains(&cost) {
            return Err(VaultError::InvalidParameter {
                name: "cost",
                given: cost,
                expected: "a fraction of the value, from 0 to 1",
            });
        }
        // Newton's method on a convex function, from above the root: e²/2 − e³/6 is below the excess.
        let mut e = (2.0 * cost).sqrt() * (1.0 + (2.0 * cost).sqrt());
        while e > 0.0 {
            let next = e - (excess_cost(e) - cost) / ln_1p(e);
            if next >= e {
                break;
            }
            e = next;
        }
        Ok(Self { interval: (e + cost) / apr, growth: apr / (1.0 + e) })
    }

    /// What the logarithm of the position's value grows by per year at some other interval, in years.
    pub fn growth_at(apr: f64, cost: f64, interval: f64) -> f64 {
        ln_1p(apr * interval - cost) / interval
    }

    /// The growth as a yield per year (APY).
    pub fn apy(&self) -> f64 {
        exp(self.growth) - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_near_the_optimum_is_better() {
        for apr in [0.01, 0.3, 5.0] {
            for cost in [1e-12, 1e-6, 1e-4, 0.01, 0.3, 1.0] {
                let optimal = OptimalCompounding::new(apr, cost).unwrap();
                for factor in [0.9, 0.99, 1.01, 1.1] {
                    let other = OptimalCompounding::growth_at(apr, cost, optimal.interval * factor);
                    assert!(other < optimal.growth, "{apr} {cost} {factor}: {other} {}", optimal.growth);
                }
            }
        }
    }

    #[test]
    fn the_condition_holds_at_every_cost() {
        for exponent in -24..=0 {
            let cost = 10f64.powi(exponent);
            let optimal = OptimalCompounding::new(1.0, cost).unwrap();
            let e = optimal.interval - cost;
            // e²/2 − e³/6 + …
            assert!((excess_cost(e) / cost - 1.0).abs() < 1e-12, "{cost}: {e}");
            if cost < 1e-8 {
                assert!((optimal.interval / (2.0 * cost).sqrt() - 1.0).abs() < 1e-4);
            }
        }
        // The two forms of the excess meet.
        let (below, above) = (excess_cost(SMALL * (1.0 - 1e-15)), excess_cost(SMALL));
        assert!((below / above - 1.0).abs() < 1e-11);
    }

    #[test]
    fn what_costs_nothing_is_done_all_the_time() {
        let optimal = OptimalCompounding::new(0.2, 0.0).unwrap();
        assert_eq!(optimal, OptimalCompounding { interval: 0.0, growth: 0.2 });
        assert!((optimal.apy() - Compounding::Continuous.apy(0.2)).abs() < 1e-15);
        assert!(OptimalCompounding::new(0.0, 0.1).is_err());
        assert!(OptimalCompounding::new(0.1, -0.1).is_err());
        assert!(OptimalCompounding::new(0.1, f64::NAN).is_err());
        assert!(OptimalCompounding::new(f64::INFINITY, 0.1).is_err());
    }

    #[test]
    fn rates_come_back() {
        for compounding in [Compounding::Continuous, Compounding::DAILY, Compounding::EVERY_SECOND, Compounding::TimesPerYear(1.0)]
        {
            for apr in [-0.2, 0.0, 1e-9, 0.05, 3.0] {
                assert!((compounding.apr(compounding.apy(apr)) - apr).abs() < 1e-12, "{compounding:?} {apr}");
            }
        }
        assert_eq!(Compounding::TimesPerYear(1.0).apy(0.25), 0.25);
    }
}
