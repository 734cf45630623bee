//! How many standard errors an interval takes when these come from few groups.

use super::moments::NORMAL_975;
use crate::convert::count;

/// The 97.5% quantiles of Student's t with 1 to 30 degrees of freedom.
const FEW: [f64; 30] = [
    12.706_204_736_175,
    4.302_652_729_749,
    3.182_446_305_284,
    2.776_445_105_198,
    2.570_581_835_636,
    2.446_911_851_145,
    2.364_624_251_593,
    2.306_004_135_204,
    2.262_157_162_798,
    2.228_138_851_986,
    2.200_985_160_092,
    2.178_812_829_667,
    2.160_368_656_463,
    2.144_786_687_918,
    2.131_449_545_560,
    2.119_905_299_221,
    2.109_815_577_833,
    2.100_922_040_241,
    2.093_024_054_408,
    2.085_963_447_266,
    2.079_613_844_728,
    2.073_873_067_904,
    2.068_657_610_419,
    2.063_898_561_628,
    2.059_538_552_753,
    2.055_529_438_643,
    2.051_830_516_480,
    2.048_407_141_795,
    2.045_229_642_133,
    2.042_272_456_301,
];
/// Coefficients of the inverse powers of the degrees of freedom (Abramowitz and Stegun 26.7.5).
const MANY: [f64; 4] = [2.372_271_230_299, 2.822_498_615_740, 2.555_849_679_508, 1.589_534_053_394];

/// Half the width of a two-sided 95% interval in standard errors: the 97.5% quantile of Student's t, to eight digits.
pub(super) fn student_975(degrees_of_freedom: usize) -> f64 {
    if degrees_of_freedom == 0 {
        return f64::INFINITY;
    }
    FEW.get(degrees_of_freedom - 1).copied().unwrap_or_else(|| {
        let inverse = 1.0 / count(degrees_of_freedom);
        NORMAL_975 + inverse * (MANY[0] + inverse * (MANY[1] + inverse * (MANY[2] + inverse * MANY[3])))
    })
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::student_975;

    #[test]
    fn quantiles_are_those_of_a_reference() {
        for degrees in (1..60).chain([100, 999, 100_000]) {
            let law = StudentsT::new(0.0, 1.0, f64::from(u32::try_from(degrees).unwrap())).unwrap();
            let quantile = student_975(degrees);
            assert!((law.cdf(quantile) - 0.975).abs() < 1e-8, "{degrees}: {quantile}");
        }
        assert_eq!(student_975(0), f64::INFINITY);
    }
}
