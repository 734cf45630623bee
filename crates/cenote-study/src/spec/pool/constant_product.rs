//! Constant product: Uniswap v2 and its descendants.

use cenote_units::{Fee, TokenAmount};
use serde::Serialize;

use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};

/// Parameters of a constant-product pool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConstantProductSpec {
    /// The part of a trade's input that the pool keeps.
    pub fee: Fee,
    /// Value of the liquidity that others provide at the start, half of it in each token.
    pub tvl: TokenAmount,
    /// Whether the protocol takes its part of the fees, minted as LP tokens; no unless given.
    pub protocol_fee: bool,
}

pub(super) const KEYS: &[Key] =
    &[Key::new("fee", "\"30bp\""), Key::new("tvl", "\"10_000_000 USDC\""), Key::new("protocol_fee", "false")];

impl ConstantProductSpec {
    /// A pool without a protocol fee.
    pub fn new(fee: Fee, tvl: TokenAmount) -> Self {
        Self { fee, tvl, protocol_fee: false }
    }

    /// With the protocol's part of the fees.
    pub fn protocol_fee(mut self) -> Self {
        self.protocol_fee = true;
        self
    }

    pub(super) fn read(fields: &Fields<'_>, default_fee: &'static str) -> Checked<Self> {
        let fee = match fields.optional("fee")? {
            Some(fee) => fee,
            None => default_fee.parse().map_err(|error: cenote_units::UnitError| {
                Problem::new(fields.path().key("fee"), error.to_string()).with_cause(error)
            })?,
        };
        Ok(Self { fee, tvl: fields.required("tvl")?, protocol_fee: fields.or("protocol_fee", false)? })
    }
}
