use super::ln;
use crate::lanes::{mask, select};

/// Half the width of the region about the median.
const CENTRE: f64 = 0.425;
/// Where the tail ends and the far tail begins, in √(−ln p).
const FAR: f64 = 5.0;

/// A ratio of two polynomials of degree 7, lowest power first: three regions, coefficients as published.
type Ratio = ([f64; 8], [f64; 8]);

/// Of 0.425² − (p − ½)², about the median.
const MIDDLE: Ratio = (
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
);
/// Of √(−ln p) − 1.6.
const TAIL: Ratio = (
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
);
/// Of √(−ln p) − 5.
const FAR_TAIL: Ratio = (
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_887_9,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
);

#[inline(always)]
fn ratio((above, below): &Ratio, x: f64) -> f64 {
    let horner = |c: &[f64; 8]| {
        let mut y = c[7];
        let mut i = 7;
        while i > 0 {
            i -= 1;
            y = y * x + c[i];
        }
        y
    };
    horner(above) / horner(below)
}

/// The quantile of the standard normal distribution, Φ⁻¹(p): the number below which a standard normal falls with probability `p`.
///
/// Wichura 1988, "Algorithm AS 241: the percentage points of the normal distribution" (its PPND16), within 10⁻¹⁵ relative. Odd
/// about ½ wherever 1 − p is exact. 0 gives −∞, 1 gives ∞, what is no probability gives NaN.
#[inline(always)]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    let central = q * ratio(&MIDDLE, CENTRE * CENTRE - q * q);
    let smaller = if q < 0.0 { p } else { 1.0 - p };
    let r = (-ln(smaller)).sqrt();
    // A loop over lanes evaluates all regions and chooses.
    let tail = select(mask(r <= FAR), ratio(&TAIL, r - 1.6), ratio(&FAR_TAIL, r - FAR));
    // Beyond every float the ratio itself is no number.
    let tail = if r == f64::INFINITY { r } else { tail };
    let tail = if q < 0.0 { -tail } else { tail };
    select(mask(q.abs() <= CENTRE), central, tail)
}
