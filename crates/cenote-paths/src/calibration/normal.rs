//! The normal distribution.

use cenote_units::math;

/// ln √(2π)
pub(super) const LN_SQRT_2_PI: f64 = 0.918_938_533_204_672_8;

/// Φ(x), with 14 digits or more (Hart's approximation as in West 2005, "Better approximations to cumulative normal functions").
pub(super) fn cdf(x: f64) -> f64 {
    const P: [f64; 7] = [
        0.035_262_496_599_891_1,
        0.700_383_064_443_688,
        6.373_962_203_531_65,
        33.912_866_078_383,
        112.079_291_497_871,
        221.213_596_169_931,
        220.206_867_912_376,
    ];
    const Q: [f64; 8] = [
        0.088_388_347_648_318_4,
        1.755_667_163_182_64,
        16.064_177_579_207,
        86.780_732_202_946_1,
        296.564_248_779_674,
        637.333_633_378_831,
        793.826_512_519_948,
        440.413_735_824_752,
    ];
    let z = x.abs();
    let density = math::exp(-0.5 * z * z);
    let polynomial = |coefficients: &[f64]| coefficients.iter().fold(0.0, |sum, c| sum * z + c);
    let tail = if z > 37.0 {
        0.0
    } else if z < 7.071_067_811_865_47 {
        density * polynomial(&P) / polynomial(&Q)
    } else {
        density / (z + 1.0 / (z + 2.0 / (z + 3.0 / (z + 4.0 / (z + 0.65))))) / 2.506_628_274_631
    };
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// ln of the density of a normal number of this mean and variance.
#[inline]
pub(super) fn ln_density(x: f64, mean: f64, variance: f64) -> f64 {
    let z2 = (x - mean) * (x - mean) / variance;
    -LN_SQRT_2_PI - 0.5 * (math::ln(variance) + z2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Continuous, ContinuousCDF, Normal};

    #[test]
    fn agrees_with_the_reference() {
        let law = Normal::new(0.0, 1.0).unwrap();
        for i in -400..400 {
            let x = f64::from(i) * 0.02;
            assert!((cdf(x) - law.cdf(x)).abs() < 1e-10, "{x}");
        }
        // From the C library's complementary error function, which has more digits than that reference.
        for (x, p) in [
            (-2.8, 0.002_555_130_330_427_937),
            (1.0, 0.841_344_746_068_542_9),
            (-5.0, 2.866_515_718_791_946e-7),
            (0.3, 0.617_911_422_188_952_6),
            (-7.5, 3.190_891_672_910_92e-14),
        ] {
            assert!((cdf(x) - p).abs() < 1e-15 && (cdf(x) / p - 1.0).abs() < 2e-8, "{x}: {}", cdf(x));
        }
        assert_eq!((cdf(40.0), cdf(-40.0)), (1.0, 0.0));
        let law = Normal::new(0.3, 2.0).unwrap();
        assert!((ln_density(1.7, 0.3, 4.0) - law.ln_pdf(1.7)).abs() < 1e-14);
    }
}
