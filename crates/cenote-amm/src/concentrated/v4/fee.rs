//! Fees in pips: that of liquidity providers, static or dynamic, and the protocol's.

use crate::concentrated::error::ConcentratedError;

/// All of the input, in pips: `LPFeeLibrary.MAX_LP_FEE`.
pub(super) const WHOLE_PIPS: u32 = 1_000_000;
/// `ProtocolFeeLibrary.MAX_PROTOCOL_FEE`: a thousandth of the input.
const MAX_PROTOCOL_PIPS: u16 = 1000;

/// The fee of a pool whose fee is dynamic: zero at first, then what its hook says. Source: `LPFeeLibrary.DYNAMIC_FEE_FLAG`.
pub const DYNAMIC_FEE_FLAG: u32 = 0x80_0000;
/// The bit by which a hook's answer overrides the stored fee. Source: `LPFeeLibrary.OVERRIDE_FEE_FLAG`.
pub const OVERRIDE_FEE_FLAG: u32 = 0x40_0000;

/// Which fee of liquidity providers a swap pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LpFee {
    /// The pool's own.
    Stored,
    /// This one, in millionths of what the protocol leaves of the input, in this swap only.
    Override(u32),
}

/// The fee parameters of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fees {
    pub(super) is_dynamic: bool,
    pub(super) lp_pips: u32,
    /// Of swaps that pay token 0 and token 1.
    pub(super) protocol_pips: [u16; 2],
}

impl Fees {
    /// Those of a new pool whose key has this fee: `LPFeeLibrary.getInitialLPFee`.
    pub(super) fn initial(fee: u32) -> Result<Self, ConcentratedError> {
        let is_dynamic = fee == DYNAMIC_FEE_FLAG;
        let lp_pips = if is_dynamic { 0 } else { validated(fee)? };
        Ok(Self { is_dynamic, lp_pips, protocol_pips: [0; 2] })
    }

    /// Those of a pool like this before anything happened.
    pub(super) fn renewed(self) -> Self {
        Self { lp_pips: if self.is_dynamic { 0 } else { self.lp_pips }, protocol_pips: [0; 2], ..self }
    }

    /// `ProtocolFees.setProtocolFee`.
    pub(super) fn with_protocol(self, pips: [u16; 2]) -> Result<Self, ConcentratedError> {
        if pips.iter().any(|pips| *pips > MAX_PROTOCOL_PIPS) {
            return Err(ConcentratedError::InvalidProtocolFee { fee0: pips[0].into(), fee1: pips[1].into() });
        }
        Ok(Self { protocol_pips: pips, ..self })
    }

    /// `PoolManager.updateDynamicLPFee`.
    pub(super) fn with_lp(self, pips: u32) -> Result<Self, ConcentratedError> {
        if !self.is_dynamic {
            return Err(ConcentratedError::StaticFee { pips: self.lp_pips });
        }
        Ok(Self { lp_pips: validated(pips)?, ..self })
    }

    /// The fee of liquidity providers that a swap pays. A static fee cannot be overridden, whatever the hook says.
    ///
    /// Source: `Hooks.beforeSwap` (which heeds the answer of dynamic-fee pools only) and `Pool.swap`.
    #[inline]
    pub(super) fn lp(&self, answer: LpFee) -> Result<u32, ConcentratedError> {
        match answer {
            LpFee::Override(pips) if self.is_dynamic => validated(pips),
            _ => Ok(self.lp_pips),
        }
    }

    /// Both fees together: `ProtocolFeeLibrary.calculateSwapFee`.
    #[inline]
    pub(super) fn swap_pips(&self, side_in: usize, lp: u32) -> u32 {
        let protocol = u32::from(self.protocol_pips[side_in & 1]);
        // Both are at most 10^6, and the protocol's at most 10^3: the product fits.
        protocol + lp - protocol * lp / WHOLE_PIPS
    }
}

#[inline]
fn validated(pips: u32) -> Result<u32, ConcentratedError> {
    if pips > WHOLE_PIPS { Err(ConcentratedError::InvalidFee { pips }) } else { Ok(pips) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_fees_together() {
        let fees = Fees::initial(3000).unwrap().with_protocol([1000, 1]).unwrap();
        assert_eq!((fees.swap_pips(0, 3000), fees.swap_pips(1, 3000)), (3997, 3001));
        assert_eq!((fees.swap_pips(0, 1_000_000), fees.swap_pips(1, 0)), (1_000_000, 1));
        assert!(Fees::initial(1_000_001).is_err() && fees.with_protocol([0, 1001]).is_err());
    }

    #[test]
    fn only_a_dynamic_fee_changes() {
        let (fixed, dynamic) = (Fees::initial(500).unwrap(), Fees::initial(DYNAMIC_FEE_FLAG).unwrap());
        assert_eq!(fixed.with_lp(1), Err(ConcentratedError::StaticFee { pips: 500 }));
        assert_eq!((fixed.lp(LpFee::Override(7)), dynamic.lp(LpFee::Override(7))), (Ok(500), Ok(7)));
        // What is no fee is no error either where nobody heeds it.
        assert_eq!(fixed.lp(LpFee::Override(2_000_000)), Ok(500));
        assert_eq!(dynamic.lp(LpFee::Override(1_000_001)), Err(ConcentratedError::InvalidFee { pips: 1_000_001 }));
        assert_eq!(dynamic.with_lp(900).unwrap().lp(LpFee::Stored), Ok(900));
        assert_eq!(dynamic.with_lp(900).unwrap().renewed(), dynamic);
        // The flag of dynamic fees in an override is no fee: the mask takes off the other flag only.
        assert_eq!(LpFee::from_contract(DYNAMIC_FEE_FLAG | OVERRIDE_FEE_FLAG | 1), LpFee::Override(DYNAMIC_FEE_FLAG | 1));
    }
}
