use std::fmt;

use cenote_units::math;

use super::goodness::GoodnessOfFit;
use super::information::Covariance;
use crate::convert::index_to_f64;

/// A parameter and how well it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The most likely value.
    pub value: f64,
    /// Its standard error; NaN where the observations do not say, as at a bound.
    pub standard_error: f64,
}

/// A fitted process.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit<P> {
    /// Its parameters.
    pub parameters: P,
    /// How well it describes the observations.
    pub quality: Quality,
    /// What to know before using it.
    pub warnings: Vec<Warning>,
}

/// How well a process describes the observations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Observations that the likelihood is of.
    pub observations: usize,
    /// Parameters that were fitted.
    pub parameters: usize,
    /// Logarithm of the density of the observed log prices (of the times of events), at its maximum.
    pub log_likelihood: f64,
    /// Whether the observations could be from this process.
    pub goodness: GoodnessOfFit,
}

impl Quality {
    /// Akaike's criterion, 2 k − 2 ln L: the smaller the better, likely to take one parameter too many.
    pub fn aic(&self) -> f64 {
        2.0 * index_to_f64(self.parameters) - 2.0 * self.log_likelihood
    }

    /// Schwarz's criterion, k ln n − 2 ln L: the smaller the better, and finds the right process among the candidates as n grows.
    pub fn bic(&self) -> f64 {
        index_to_f64(self.parameters) * math::ln(index_to_f64(self.observations)) - 2.0 * self.log_likelihood
    }
}

/// What to know before using a fit.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// A parameter stands at the end of what was looked at: the likelihood would rise beyond, or the observations say nothing of it.
    AtBound {
        /// The parameter.
        parameter: &'static str,
        /// What that means.
        meaning: &'static str,
    },
    /// An `ou` price with these parameters could become negative, ten standard deviations out: studies refuse it.
    Negative,
    /// The likelihood does not determine all parameters: there are no standard errors.
    NotDetermined,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtBound { parameter, meaning } => write!(f, "{parameter} is at a bound: {meaning}"),
            Self::Negative => {
                f.write_str("with these parameters the price could become negative, which studies refuse: use exp-ou")
            }
            Self::NotDetermined => f.write_str("the observations do not determine all parameters: no standard errors"),
        }
    }
}

/// What a number is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A fraction per year.
    PerYear,
    /// A fraction per square root of a year.
    PerSqrtYear,
    /// A fraction.
    Fraction,
    /// Events per year.
    EventsPerYear,
    /// Years.
    Years,
    /// The unit of the price.
    Price,
    /// A number.
    Number,
}

/// A parameter by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The key in study files, with a dot where it stands in a table.
    pub name: &'static str,
    /// What its value is in.
    pub unit: Unit,
    /// The value.
    pub estimate: Estimate,
}

/// The parameters of a process, as a list.
pub trait Parameters {
    /// All of them, in the order of the study file.
    fn list(&self) -> Vec<Parameter>;
}

/// Estimates of functions of the point that the likelihood is highest at, by the delta method.
pub(super) fn estimates<const N: usize>(
    point: &[f64],
    covariance: &Covariance,
    functions: impl Fn(&[f64]) -> [f64; N],
) -> [Estimate; N] {
    let values = functions(point);
    let errors = covariance.standard_errors(point, &functions);
    std::array::from_fn(|i| Estimate { value: values[i], standard_error: errors[i] })
}
