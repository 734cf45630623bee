//! A reserve as a study describes it.

use cenote_units::Fraction;
use cenote_units::math::{exp, ln};

use crate::lending::{LendingError, RateModel};

/// A lending market of one token as a study describes it: how rates follow utilisation, and how much others have supplied and borrowed.
///
/// ```
/// use cenote_yield::lending::{RateModel, ReserveModel};
/// let rates = RateModel::new("0%".parse()?, "4%".parse()?, "60%".parse()?, "90%".parse()?)?;
/// // Others have supplied a billion tokens, of which four fifths are lent out.
/// let model = ReserveModel::new(rates, "10%".parse()?, 1e9, "80%".parse()?)?;
/// assert_eq!(model.supplied(), 1e9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReserveModel {
    pub(super) rates: RateModel,
    pub(super) reserve_factor: f64,
    pub(super) supplied: f64,
    pub(super) utilisation: f64,
}

impl ReserveModel {
    /// A market of which others have supplied `supplied` whole tokens and lent out the share `utilisation` at the start. A market that is
    /// deep against the accounts in it barely feels them.
    ///
    /// # Errors
    /// [`LendingError::InvalidParameter`] unless `reserve_factor` and `utilisation` are from 0 to 100% and `supplied` is positive and
    /// finite.
    pub fn new(rates: RateModel, reserve_factor: Fraction, supplied: f64, utilisation: Fraction) -> Result<Self, LendingError> {
        for (name, given) in [("reserve_factor", reserve_factor.get()), ("utilisation", utilisation.get())] {
            if !(0.0..=1.0).contains(&given) {
                return Err(LendingError::InvalidParameter { name, given, expected: "from 0% to 100%" });
            }
        }
        if !(supplied > 0.0 && supplied < f64::INFINITY) {
            return Err(LendingError::InvalidParameter { name: "supplied", given: supplied, expected: "positive and finite" });
        }
        Ok(Self { rates, reserve_factor: reserve_factor.get(), supplied, utilisation: utilisation.get() })
    }

    /// How rates follow utilisation.
    pub fn rates(&self) -> &RateModel {
        &self.rates
    }

    /// The treasury's share of the interest.
    pub fn reserve_factor(&self) -> f64 {
        self.reserve_factor
    }

    /// What others have supplied at the start, in whole tokens.
    pub fn supplied(&self) -> f64 {
        self.supplied
    }

    /// The share of it that is lent out at the start.
    pub fn utilisation(&self) -> f64 {
        self.utilisation
    }
}

/// The utilisation with this logit: 1/(1 + e⁻ˣ). A process on the logit stays between 0 and 1 by itself.
///
/// ```
/// use cenote_yield::lending::{utilisation_from_logit, utilisation_to_logit};
/// assert_eq!(utilisation_from_logit(0.0), 0.5);
/// assert!((utilisation_from_logit(utilisation_to_logit(0.8)) - 0.8).abs() < 1e-15);
/// ```
#[inline(always)]
pub fn utilisation_from_logit(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// The logit of a utilisation: ln(U/(1 − U)).
#[inline(always)]
pub fn utilisation_to_logit(utilisation: f64) -> f64 {
    ln(utilisation / (1.0 - utilisation))
}
