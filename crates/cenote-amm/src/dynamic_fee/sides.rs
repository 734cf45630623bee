use super::{FeeRule, fraction};
use crate::error::AmmError;
use crate::pool::{Direction, OneForZero};

/// One fee for those who buy token 0, another for those who sell it: bid and ask apart.
#[derive(Clone, Debug, PartialEq)]
pub struct SidesFee {
    buy: f64,
    sell: f64,
}

impl SidesFee {
    /// `buy` for trades that take token 0 out, `sell` for those that pay it in.
    ///
    /// # Errors
    /// [`AmmError::InvalidFeeRule`]: a fee that is no fraction.
    pub fn new(buy: f64, sell: f64) -> Result<Self, AmmError> {
        Ok(Self { buy: fraction("fee of those who buy", buy)?, sell: fraction("fee of those who sell", sell)? })
    }
}

impl FeeRule for SidesFee {
    fn fee(&self, _price: f64, direction: Direction) -> f64 {
        if direction == OneForZero { self.buy } else { self.sell }
    }
}
