//! What the tests of farms share: seeded choices, and the comparison of the two lanes.

use cenote_amm::U256;

use super::arithmetic::float;

/// `SplitMix64`.
pub(super) struct Choices(pub(super) u64);

impl Choices {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(limit)) >> 64).unwrap_or(0)
    }

    /// A number of grains of any size, up to four million tokens.
    pub(super) fn grains(&mut self) -> u64 {
        let bits = self.below(40);
        self.next() >> (63 - bits)
    }
}

/// What both lanes can say without rounding: 2^-18 of a token, 5^18 units.
pub(super) const GRAIN: u64 = 3_814_697_265_625;

/// An amount in both lanes.
pub(super) fn both(grains: u64) -> (U256, f64) {
    (U256::from(grains) * U256::from(GRAIN), float(grains.into()) / 262_144.0)
}

/// Whole tokens.
pub(super) fn tokens(amount: U256) -> f64 {
    f64::from(amount) / 1e18
}

/// How far the lanes are apart in what they pay, as a multiple of what they may be: `rounded` is what the contract's own rounding makes,
/// in whole tokens, and floats have 10^-12 of a typical payout on top.
pub(super) fn apart(exact: U256, fast: f64, typical: f64, rounded: f64) -> f64 {
    let exact = tokens(exact);
    (exact - fast).abs() / (exact.max(typical) * 1e-12 + rounded)
}
