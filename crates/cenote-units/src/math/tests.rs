use super::*;

/// Distance in units in the last place of the reference.
fn ulps(got: f64, want: f64) -> f64 {
    if got == want || (got.is_nan() && want.is_nan()) {
        return 0.0;
    }
    let unit = (f64::from_bits(want.abs().to_bits() + 1) - want.abs()).max(f64::from_bits(1));
    (got - want).abs() / unit
}

/// A fixed sequence of arguments spread evenly over an interval, irregular in the low bits.
#[allow(clippy::cast_precision_loss)]
fn spread(low: f64, high: f64) -> impl Iterator<Item = f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..200_000).map(move |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + (high - low) * ((state >> 11) as f64 / 9_007_199_254_740_992.0)
    })
}

/// Largest error of `f` against `reference`, which is itself within one unit of the truth.
fn worst(low: f64, high: f64, f: impl Fn(f64) -> f64, reference: impl Fn(f64) -> f64) -> f64 {
    spread(low, high).map(|x| ulps(f(x), reference(x))).fold(0.0, f64::max)
}

#[test]
fn whole_numbers_are_the_nearest() {
    for (x, want) in [(0.4, 0.0), (0.6, 1.0), (-0.6, -1.0), (2.5, 2.0), (3.5, 4.0), (-2.5, -2.0), (1e15 + 0.25, 1e15)] {
        assert_eq!(nearest(x), want, "{x}");
    }
}

#[test]
fn exp_is_within_its_bound() {
    for (low, high) in [(-1.0, 1.0), (-0.01, 0.01), (-20.0, 20.0), (-700.0, 709.7), (-708.0, -700.0)] {
        let worst = worst(low, high, exp, f64::exp);
        assert!(worst <= 1.0, "exp on [{low}, {high}]: {worst} ulp");
    }
}

#[test]
fn exp_m1_is_within_its_bound() {
    for (low, high) in [(-1.0, 1.0), (-1e-3, 1e-3), (-1e-9, 1e-9), (-60.0, 60.0), (-700.0, 709.0)] {
        let worst = worst(low, high, exp_m1, f64::exp_m1);
        assert!(worst <= 2.0, "exp_m1 on [{low}, {high}]: {worst} ulp");
    }
}

#[test]
fn ln_is_within_its_bound() {
    for (low, high) in [(0.0, 1.0), (0.5, 2.0), (0.99, 1.01), (0.0, 1e6), (1e-300, 1e300), (0.0, 1e-307)] {
        let worst = worst(low, high, ln, f64::ln);
        assert!(worst <= 1.0, "ln on [{low}, {high}]: {worst} ulp");
    }
}

#[test]
fn ln_1p_is_within_its_bound() {
    for (low, high) in [(-0.9, 1.0), (-1e-3, 1e-3), (-1e-9, 1e-9), (0.0, 1e9)] {
        let worst = worst(low, high, ln_1p, f64::ln_1p);
        assert!(worst <= 2.0, "ln_1p on [{low}, {high}]: {worst} ulp");
    }
}

#[test]
fn sin_cos_turns_are_within_their_bound() {
    for u in spread(0.0, 0.125) {
        let (sin, cos) = sin_cos_turns(u);
        // The reference takes radians: give it back, to first order, what rounding 2πu to a double lost.
        let angle = std::f64::consts::TAU * u;
        let lost = std::f64::consts::TAU.mul_add(u, -angle) + 2.449_293_598_294_706_4e-16 * u;
        assert!(ulps(sin, angle.sin() + angle.cos() * lost) <= 2.0, "sin at {u}");
        assert!(ulps(cos, angle.cos() - angle.sin() * lost) <= 2.0, "cos at {u}");
    }
}

#[test]
fn sin_cos_turns_have_the_circle_s_symmetries() {
    for i in 0..(1 << 14) {
        let u = f64::from(i) / f64::from(1 << 14);
        let (sin, cos) = sin_cos_turns(u);
        assert_eq!(sin_cos_turns(u + 0.25), (cos, -sin));
        assert_eq!(sin_cos_turns(u + 1024.0), (sin, cos));
        assert_eq!(sin_cos_turns(-u), (-sin, cos));
    }
    assert_eq!(sin_cos_turns(0.25), (1.0, 0.0));
}

#[test]
fn special_values() {
    assert_eq!(exp(0.0), 1.0);
    assert_eq!(exp(f64::INFINITY), f64::INFINITY);
    assert_eq!(exp(710.0), f64::INFINITY);
    assert_eq!(exp(f64::NEG_INFINITY), 0.0);
    assert_eq!(exp(-709.0), 0.0);
    assert!(exp(f64::NAN).is_nan());
    assert_eq!(exp_m1(0.0), 0.0);
    assert!(exp_m1(-0.0).is_sign_negative());
    assert_eq!(exp_m1(1e-300), 1e-300);
    assert_eq!(exp_m1(f64::INFINITY), f64::INFINITY);
    assert_eq!(exp_m1(f64::NEG_INFINITY), -1.0);
    assert!(exp_m1(f64::NAN).is_nan());
    assert_eq!(ln(1.0), 0.0);
    assert_eq!(ln(0.0), f64::NEG_INFINITY);
    assert_eq!(ln(f64::INFINITY), f64::INFINITY);
    assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan());
    assert!(ulps(ln(f64::from_bits(1)), f64::from_bits(1).ln()) <= 1.0);
    assert_eq!(ln_1p(-1.0), f64::NEG_INFINITY);
    assert_eq!(ln_1p(1e-300), 1e-300);
    assert!(ln_1p(-2.0).is_nan() && ln_1p(f64::NAN).is_nan());
    assert_eq!(ln_1p(f64::INFINITY), f64::INFINITY);
}

/// Frozen bits: a change here changes every simulated number and is value-breaking.
#[test]
fn bits_are_frozen() {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |x: f64| hash = (hash ^ x.to_bits()).wrapping_mul(0x0000_0100_0000_01b3);
    for x in spread(-30.0, 30.0) {
        take(exp(x));
        take(exp_m1(x * 0.01));
        take(ln(x.abs()));
        take(ln_1p(x.abs() * 0.01));
        let (sin, cos) = sin_cos_turns(x);
        take(sin);
        take(cos);
    }
    assert_eq!(hash, 0xdb64_1be0_47e7_e10f, "{hash:#018x}");
}

/// Powers of both sides of one, with exponents that carry the result from the smallest to the largest floats.
#[test]
fn powf_is_within_its_bound() {
    for (low, high) in [(0.0, 1.0), (0.99, 1.01), (0.7, 1.5), (1.0 - 1e-9, 1.0 + 1e-9), (0.0, 1e6), (1e-300, 1e300), (0.0, 1e-307)]
    {
        for reach in [1e-12, 0.01, 1.0, 30.0, 300.0, 700.0] {
            let (mut worst, mut at) = (0.0, (0.0, 0.0));
            let exponents = spread(-1.0, 1.0).skip(7);
            for (x, u) in spread(low, high).zip(exponents) {
                // An exponent for which |y ln x| is up to `reach`, within what the reference resolves.
                let y = u * reach / x.ln().abs();
                if y.is_finite() && y.abs() < 1e300 {
                    let error = ulps(powf(x, y), x.powf(y));
                    if error > worst {
                        (worst, at) = (error, (x, y));
                    }
                }
            }
            assert!(worst <= 2.0, "powf on [{low}, {high}], |y ln x| up to {reach}: {worst} ulp at {at:?}");
        }
    }
}

/// The powers that pools take: ratios of weights of a few units, of balances near one another and far apart.
#[test]
fn powf_of_weights_is_within_its_bound() {
    for y in [0.01, 0.05, 0.2, 1.0 / 3.0, 0.5, 0.8, 0.99, 1.0, 2.0, 4.0, 19.0, 99.0, -0.25, -4.0] {
        for (low, high) in [(0.5, 2.0), (0.999, 1.001), (1.0, 1e3), (1e-3, 1.0)] {
            let worst = worst(low, high, |x| powf(x, y), |x| x.powf(y));
            assert!(worst <= 2.0, "powf of [{low}, {high}] to {y}: {worst} ulp");
        }
    }
}

#[test]
fn special_powers() {
    let inf = f64::INFINITY;
    for x in [0.0, -0.0, 5e-324, 0.5, 1.0, 2.0, 1e300, inf, f64::NAN, -3.0] {
        assert_eq!(powf(x, 0.0), 1.0, "{x}");
        assert_eq!(powf(x, -0.0), 1.0, "{x}");
    }
    for y in [-inf, -1e300, -1.0, 1e-320, 2.0, 1e300, inf, f64::NAN] {
        assert_eq!(powf(1.0, y), 1.0, "{y}");
    }
    let table = [
        (0.0, 2.0, 0.0),
        (0.0, 1e-320, 0.0),
        (0.0, -2.0, inf),
        (-0.0, 3.0, 0.0),
        (inf, 0.5, inf),
        (inf, -0.5, 0.0),
        (2.0, inf, inf),
        (2.0, -inf, 0.0),
        (0.5, inf, 0.0),
        (0.5, -inf, inf),
        (inf, inf, inf),
        (0.0, inf, 0.0),
        (2.0, 1e300, inf),
        (2.0, -1e300, 0.0),
        (0.5, 1e308, 0.0),
        (1.5, 1e305, inf),
        (2.0, 1024.0, inf),
        (2.0, 1023.0, 8.988_465_674_311_58e307),
        (2.0, -1024.0, 0.0),
        (2.0, 10.0, 1024.0),
        (9.0, 0.5, 3.0),
        (4.0, -0.5, 0.5),
    ];
    for (x, y, want) in table {
        assert!(ulps(powf(x, y), want) <= 1.0, "{x} to the {y} is {:e}, not {want:e}", powf(x, y));
    }
    assert!(powf(-2.0, 2.0).is_nan() && powf(f64::NAN, 1.0).is_nan() && powf(2.0, f64::NAN).is_nan());
    assert!(powf(0.0, f64::NAN).is_nan() && powf(inf, f64::NAN).is_nan());
}

/// As [`bits_are_frozen`].
#[test]
fn bits_of_powers_are_frozen() {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |x: f64| hash = (hash ^ x.to_bits()).wrapping_mul(0x0000_0100_0000_01b3);
    for x in spread(-30.0, 30.0) {
        take(powf(x.abs(), x));
        take(powf(1.0 + x * 1e-3, 100.0 * x));
    }
    assert_eq!(hash, 0xd7de_cdde_b372_0fd8, "{hash:#018x}");
}

/// Quantiles computed with 40 digits, at probabilities that are floats.
#[test]
fn normal_quantiles_are_within_their_bound() {
    let table = [
        (0.500_000_1, 2.506_628_273_311_648e-07),
        (0.6, 0.253_347_103_135_799_7),
        (0.75, 0.674_489_750_196_081_7),
        (0.9, 1.281_551_565_544_600_6),
        (0.925, 1.439_531_470_938_456_1),
        (0.925_000_000_1, 1.439_531_471_644_893_5),
        (0.95, 1.644_853_626_951_472_2),
        (0.975, 1.959_963_984_540_053_8),
        (0.99, 2.326_347_874_040_840_8),
        (0.999, 3.090_232_306_167_813),
        (0.3, -0.524_400_512_708_040_8),
        (0.1, -1.281_551_565_544_600_4),
        (0.074_9, -1.440_238_267_527_963_7),
        (0.01, -2.326_347_874_040_841),
        (0.001, -3.090_232_306_167_813_6),
        (1e-06, -4.753_424_308_822_899),
        (1e-10, -6.361_340_902_404_057),
        (1.4e-11, -6.656_723_091_518_184),
        (1.3e-11, -6.667_611_456_510_741),
        (1e-12, -7.034_483_825_301_132),
        (1e-16, -8.222_082_216_130_435),
        (1.110_223_024_625_156_5e-16, -8.209_536_151_601_387),
        (1e-20, -9.262_340_089_798_407),
        (1e-50, -14.933_337_534_788_489),
        (1e-100, -21.273_453_560_965_326),
        (1e-300, -37.047_096_299_361_2),
        (2.225_073_858_507_201_4e-308, -37.519_379_347_144_5),
    ];
    for (p, want) in table {
        let got = normal_quantile(p);
        assert!((got - want).abs() <= 1e-15 * want.abs(), "{p}: {got} for {want}");
    }
    assert_eq!(normal_quantile(0.5), 0.0);
    assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
    assert_eq!(normal_quantile(1.0), f64::INFINITY);
    for p in [-0.1, 1.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(normal_quantile(p).is_nan(), "{p}");
    }
}

/// Odd about one half, and rising, also where one formula gives way to another.
#[test]
fn normal_quantiles_are_odd_and_rise() {
    for i in 1..=(1 << 16) {
        let p = f64::from(i) / f64::from(1 << 17);
        assert_eq!(normal_quantile(1.0 - p), -normal_quantile(p));
    }
    for edge in [0.075, 1.388_794_386_496_402_1e-11, 0.5] {
        let (low, high) = (edge * (1.0 - 1e-12), edge * (1.0 + 1e-12));
        assert!(normal_quantile(low) < normal_quantile(high), "at {edge}");
        assert!((normal_quantile(high) - normal_quantile(low)).abs() < 1e-11, "at {edge}");
    }
    let mut last = f64::NEG_INFINITY;
    for i in -1070..0 {
        let p = powf(2.0, f64::from(i));
        assert!(p == 0.0 || normal_quantile(p) > last);
        last = normal_quantile(p);
    }
}

/// As [`bits_are_frozen`].
#[test]
fn bits_of_normal_quantiles_are_frozen() {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for p in spread(0.0, 1.0) {
        for p in [p, p * p * p * p * 1e-9] {
            hash = (hash ^ normal_quantile(p).to_bits()).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    assert_eq!(hash, 0x2a35_5334_fb02_a136, "{hash:#018x}");
}
