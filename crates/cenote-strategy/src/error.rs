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
}
