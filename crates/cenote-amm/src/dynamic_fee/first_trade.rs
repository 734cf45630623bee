use cenote_units::SimTime;

use super::{FeeRule, fraction};
use crate::error::AmmError;
use crate::pool::Direction;

/// The first trade of every block pays one fee, all that follow another.
///
/// Who comes first in a block is, as a rule, whoever knows the new outside price.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstTradeFee {
    first: f64,
    rest: f64,
    traded: bool,
}

impl FirstTradeFee {
    /// `first` for the first trade of a block, `rest` for the others.
    ///
    /// # Errors
    /// [`AmmError::InvalidFeeRule`]: a fee that is no fraction.
    pub fn new(first: f64, rest: f64) -> Result<Self, AmmError> {
        let (first, rest) = (fraction("fee of the first trade", first)?, fraction("fee of further trades", rest)?);
        Ok(Self { first, rest, traded: false })
    }
}

impl FeeRule for FirstTradeFee {
    fn begin_block(&mut self, _time: SimTime, _price: f64) {
        self.traded = false;
    }

    fn fee(&self, _price: f64, _direction: Direction) -> f64 {
        if self.traded { self.rest } else { self.first }
    }

    fn after_trade(&mut self, _price: f64, _direction: Direction) {
        self.traded = true;
    }
}
