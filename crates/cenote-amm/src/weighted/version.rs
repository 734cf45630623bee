//! Which generation of the contracts.

use core::fmt;

/// Balancer's second or third generation. Both have the same curve; rounding, limits, fees of joins and exits and the reasons of
/// reverts differ.
///
/// | | [`V2`](Self::V2) | [`V3`](Self::V3) |
/// |---|---|---|
/// | powers | always by logarithm and exponential, rounded by 10⁻¹⁴ | exponents 1, 2 and 4 by multiplication |
/// | swap fee | on the payment, in the token's smallest units | on the payment, with 18 decimals |
/// | fee of a join or exit | on what exceeds the *arithmetic* mean of the growth | on what exceeds the growth of the invariant |
/// | first LP tokens | invariant × number of tokens | invariant |
/// | limits of joins and exits | single-token ones: 0.7 to 3 times the supply | all but proportional ones: 0.7 to 3 times the invariant |
/// | smallest trade, smallest balance | none | 10⁶ units of 18 decimals |
/// | protocol's share | of the growth of the invariant, at joins and exits | of each fee |
/// | reasons of reverts | `BAL#304` | `MaxInRatio` |
///
/// Sources: `@balancer-labs/v2-pool-weighted` 2.0.1, `v2-pool-utils` and `v2-solidity-utils` 2.0.0; `@balancer-labs/v3-pool-weighted`,
/// `v3-vault` and `v3-solidity-utils` 1.0.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// Balancer v2.
    V2,
    /// Balancer v3.
    V3,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V2 => "Balancer v2",
            Self::V3 => "Balancer v3",
        })
    }
}
