/// Why a strategy cannot be what it was asked to be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StrategyError {
    /// A weight that is no weight.
    #[error("a weight of {weight} is not a share of a deposit: give numbers of at least zero, for example 50% and 50%")]
    Weight {
        /// The weight.
        weight: f64,
    },
    /// Nothing to hold.
    #[error("nothing to hold: give at least one token a positive weight")]
    NoWeight,
    /// A width of a range that is none.
    #[error("a width of {width} is no width: give a positive fraction of the price, for example 10%")]
    Width {
        /// The width.
        width: f64,
    },
    /// Bounds of a width that cross.
    #[error("a width of at least {min} and at most {max} is none: give the smaller bound first, for example 2% and 50%")]
    Clamp {
        /// Not narrower than this.
        min: f64,
        /// Not wider than this.
        max: f64,
    },
    /// A number of ranges side by side.
    #[error("{count} bins are none that a position can have: give 1 to 100")]
    Bins {
        /// How many.
        count: u8,
    },
    /// A timer that never stops ringing.
    #[error("an interval of zero is always over: give a positive one, for example 1d")]
    NoInterval,
    /// Gas that is none.
    #[error("{gas} units of gas are none that something can burn: give a number of at least zero")]
    Gas {
        /// Units.
        gas: f64,
    },
    /// A share that is none.
    #[error("a {what} of {share} is no part of a deposit: give a fraction, for example 25%")]
    Share {
        /// Of what kind.
        what: &'static str,
        /// The share.
        share: f64,
    },
    /// A number of loans on top of each other.
    #[error("{loops} loops are none that a loan can be taken in: give 1 to 20")]
    Loops {
        /// How many.
        loops: u32,
    },
    /// Bounds of a debt that cross, or that no debt keeps to.
    #[error("no debt stays between {low} and {high} of its collateral: give the smaller bound first, for example 50% and 70%")]
    Bounds {
        /// Not less than this.
        low: f64,
        /// Not more than this.
        high: f64,
    },
}
