//! Curve's `StableSwap` pools.

use cenote_units::{Fee, Fraction, TokenAmount};
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};

/// Parameters of a `StableSwap` pool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StableSwapSpec {
    /// A, as the contract's function `A()` reports it.
    pub amplification: u64,
    /// The part of what a trade pays out that the pool keeps.
    pub fee: Fee,
    /// The protocol's part of the fees: half of them in NG pools, always.
    pub admin_fee: Fraction,
    /// By how much the fee grows when the pool is far out of balance; NG pools only, 1 is not at all.
    #[serde(skip_serializing_if = "is_one")]
    pub offpeg_fee_multiplier: f64,
    /// Value of the liquidity that others provide at the start, the same in each token.
    pub tvl: TokenAmount,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
fn is_one(x: &f64) -> bool {
    *x == 1.0
}

pub(super) const KEYS: &[Key] = &[
    Key::new("amplification", "200"),
    Key::new("fee", "\"4bp\""),
    Key::new("admin_fee", "\"50%\""),
    Key::new("tvl", "\"50_000_000 USDT\""),
];
pub(super) const NG_KEYS: &[Key] =
    &[Key::new("amplification", "200"), Key::new("fee", "\"4bp\""), OFFPEG, Key::new("tvl", "\"50_000_000 USDT\"")];
const OFFPEG: Key = Key::new("offpeg_fee_multiplier", "20");

/// What NG contracts allow: fee × multiplier at most 100%, and this.
const MOST_OFFPEG: f64 = 1e6;

impl StableSwapSpec {
    /// A pool without an admin fee.
    pub fn new(amplification: u64, fee: Fee, tvl: TokenAmount) -> Self {
        Self { amplification, fee, admin_fee: Fraction::ZERO, offpeg_fee_multiplier: 1.0, tvl }
    }

    pub(super) fn read(fields: &Fields<'_>, ng: bool) -> Checked<Self> {
        Ok(Self {
            amplification: fields.required("amplification")?,
            fee: fields.required("fee")?,
            admin_fee: if ng { Fraction::new(0.5).unwrap_or(Fraction::ONE) } else { fields.or("admin_fee", Fraction::ZERO)? },
            offpeg_fee_multiplier: if ng { fields.or("offpeg_fee_multiplier", 1.0)? } else { 1.0 },
            tvl: fields.required("tvl")?,
        })
    }

    pub(super) fn check(&self, path: &KeyPath) -> Checked<()> {
        let offpeg = self.offpeg_fee_multiplier;
        if !(1.0..=MOST_OFFPEG).contains(&offpeg) || offpeg * self.fee.fraction() > 1.0 {
            return Err(Problem::new(
                path.key("offpeg_fee_multiplier"),
                "a fee that falls off the peg, or exceeds all that is paid",
            )
            .with_found(offpeg.to_string())
            .with_expected("a number of at least 1 that leaves the fee below 100%")
            .with_example("offpeg_fee_multiplier = 20"));
        }
        let admin = self.admin_fee.get();
        if !(0.0..=1.0).contains(&admin) {
            return Err(Problem::new(path.key("admin_fee"), "the protocol cannot take such a part of the fees")
                .with_found(format!("\"{}\"", self.admin_fee))
                .with_expected("from 0% to 100%")
                .with_example("admin_fee = \"50%\""));
        }
        Ok(())
    }
}
