//! Philox4x32-10, the counter-based generator under every random stream.
//!
//! Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011: ten rounds of a keyed
//! bijection on 128 bits. A generator without state: the draw *is* its counter, so any path and any block can start
//! at once, and lanes are independent.

/// Multipliers of the two halves (table 2 of the paper).
const MULTIPLIER: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// Weyl increments of the key: the golden ratio and √3 − 1.
const WEYL: [u64; 2] = [0x9E37_79B9, 0xBB67_AE85];
const LOW: u64 = 0xffff_ffff;

/// Four 32-bit words for a counter and a key, each in the low half of a `u64`; the upper halves of the *result* are
/// undefined, and [`words`] clears them.
///
/// Rubbish travels in the upper halves from round to round because a multiplication reads only the low ones: so a
/// lane costs one widening multiplication per half and round on every vector instruction set.
#[inline(always)]
pub(crate) fn philox4x32_10(counter: [u64; 4], key: [u64; 2]) -> [u64; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..10 {
        let p0 = (c0 & LOW) * MULTIPLIER[0];
        let p1 = (c2 & LOW) * MULTIPLIER[1];
        c0 = (p1 >> 32) ^ (c1 ^ k0);
        c1 = p1;
        c2 = (p0 >> 32) ^ (c3 ^ k1);
        c3 = p0;
        k0 += WEYL[0];
        k1 += WEYL[1];
    }
    [c0, c1, c2, c3]
}

/// The four words alone.
#[inline(always)]
pub(crate) fn words(raw: [u64; 4]) -> [u64; 4] {
    [raw[0] & LOW, raw[1] & LOW, raw[2] & LOW, raw[3] & LOW]
}

/// Two 64-bit words: the first word of each pair is the low half.
#[inline(always)]
pub(crate) fn wide(raw: [u64; 4]) -> [u64; 2] {
    [(raw[1] << 32) | (raw[0] & LOW), (raw[3] << 32) | (raw[2] & LOW)]
}

#[cfg(test)]
mod tests {
    use super::{philox4x32_10, wide, words};

    /// The known answers published with the reference implementation (Random123, `philox4x32 10`).
    #[test]
    fn known_answers() {
        let cases = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([0xffff_ffff; 4], [0xffff_ffff; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in cases {
            let raw = philox4x32_10(counter, key);
            assert_eq!(words(raw), expected);
            assert_eq!(wide(raw)[0], (expected[1] << 32) | expected[0]);
            assert_eq!(wide(raw)[1], (expected[3] << 32) | expected[2]);
        }
    }
}
