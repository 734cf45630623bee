use cenote_units::SimTime;

use super::{FeeRule, FirstTradeFee, ImbalanceFee, SidesFee, VolatilityFee};
use crate::pool::Direction;

/// Any of the ready rules.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DynamicFee {
    /// It grows with volatility.
    Volatility(VolatilityFee),
    /// It differs by direction, with the distance of the price from a reference.
    Imbalance(ImbalanceFee),
    /// The first trade of a block pays another.
    FirstTrade(FirstTradeFee),
    /// Bid and ask apart.
    Sides(SidesFee),
}

macro_rules! each {
    ($fee:expr, $rule:ident => $call:expr) => {
        match $fee {
            DynamicFee::Volatility($rule) => $call,
            DynamicFee::Imbalance($rule) => $call,
            DynamicFee::FirstTrade($rule) => $call,
            DynamicFee::Sides($rule) => $call,
        }
    };
}

impl FeeRule for DynamicFee {
    fn begin_block(&mut self, time: SimTime, price: f64) {
        each!(self, rule => rule.begin_block(time, price));
    }

    fn fee(&self, price: f64, direction: Direction) -> f64 {
        each!(self, rule => rule.fee(price, direction))
    }

    fn after_trade(&mut self, price: f64, direction: Direction) {
        each!(self, rule => rule.after_trade(price, direction));
    }
}

macro_rules! from {
    ($($variant:ident $rule:ident),*) => {$(
        impl From<$rule> for DynamicFee {
            fn from(rule: $rule) -> Self {
                Self::$variant(rule)
            }
        }
    )*};
}
from!(Volatility VolatilityFee, Imbalance ImbalanceFee, FirstTrade FirstTradeFee, Sides SidesFee);
