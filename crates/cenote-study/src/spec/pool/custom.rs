//! A pool that a program brings along.

use std::sync::Arc;

use cenote_amm::PoolModel;
use cenote_units::TokenAmount;
use serde::Serialize;

use crate::spec::Custom;

/// Any [`PoolModel`], for example a one-path pool that is [lifted](cenote_amm::Lifted).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CustomPoolSpec {
    /// The pool.
    #[serde(flatten)]
    pub pool: Custom<dyn PoolModel>,
    /// Value of the liquidity that others provide at the start, split evenly over the tokens.
    pub tvl: TokenAmount,
}

impl CustomPoolSpec {
    /// This pool with this much liquidity.
    pub fn new(model: impl PoolModel + 'static, tvl: TokenAmount) -> Self {
        Self { pool: Custom::new(Arc::new(model)), tvl }
    }
}
