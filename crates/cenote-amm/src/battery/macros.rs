//! A test in one line.

/// A `#[test]` that runs the whole [`Battery`](crate::battery::Battery) on a pool.
///
/// ```text
/// proptest_pool!(MyPool::new());                                       a pool with LP tokens; the test is called proptest_pool
/// proptest_pool!(my_test: MyPool::new());                              by another name
/// proptest_pool!(my_test: MyPool::new(), Battery::new().cases(1000));  with a battery of one's own
/// proptest_pool!(my_test in my_pools());                               a strategy that generates pools, with a battery or without
/// proptest_pool!(ranged my_test: MyPool::at_price(1.0));               ranged liquidity, likewise in all forms with a name
/// ```
///
/// Failing cases are remembered in `proptest-regressions`, as proptest does for its own tests.
///
/// ```
/// use cenote_amm::battery::{Battery, Checker};
/// use cenote_amm::{Concentrated, ConstantProduct, Exact, concentrated::FeeTier};
/// use proptest::prelude::*;
///
/// fn at_any_price() -> impl Strategy<Value = Concentrated<Exact>> {
///     (-20.0..20.0_f64).prop_map(|log_price| {
///         let mut pool = Concentrated::uniswap_v3(FeeTier::BP_30);
///         pool.initialize_at_price(log_price.exp()).expect("a price in range");
///         pool
///     })
/// }
///
/// cenote_amm::proptest_pool!(ConstantProduct::<Exact>::uniswap_v2());
/// cenote_amm::proptest_pool!(quick: ConstantProduct::<Exact>::uniswap_v2(), Battery::new().cases(10).without(Checker::SwapTo));
/// cenote_amm::proptest_pool!(ranged v3 in at_any_price(), Battery::new().decimals(&[18, 18]));
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! proptest_pool {
    (ranged $name:ident in $pools:expr $(, $battery:expr)? $(,)?) => {
        $crate::proptest_pool!(@test $name, ranged, $pools $(, $battery)?);
    };
    (ranged $name:ident : $pool:expr $(, $battery:expr)? $(,)?) => {
        $crate::proptest_pool!(@test $name, ranged_pool, $pool $(, $battery)?);
    };
    ($name:ident in $pools:expr $(, $battery:expr)? $(,)?) => {
        $crate::proptest_pool!(@test $name, fungible, $pools $(, $battery)?);
    };
    ($name:ident : $pool:expr $(, $battery:expr)? $(,)?) => {
        $crate::proptest_pool!(@test $name, fungible_pool, $pool $(, $battery)?);
    };
    (@test $name:ident, $run:ident, $pool:expr) => {
        $crate::proptest_pool!(@test $name, $run, $pool, $crate::battery::Battery::new());
    };
    (@test $name:ident, $run:ident, $pool:expr, $battery:expr) => {
        #[test]
        fn $name() {
            let battery = $battery.source(file!(), concat!(module_path!(), "::", stringify!($name)));
            battery.$run($pool).assert_passed();
        }
    };
    ($pool:expr $(, $battery:expr)? $(,)?) => {
        $crate::proptest_pool!(@test proptest_pool, fungible_pool, $pool $(, $battery)?);
    };
}
