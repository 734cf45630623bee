/// Compiles free functions once per instruction set and picks the widest at run time.
///
/// A default `cargo build` targets the oldest processors of a platform; loops over [`Lanes`](crate::Lanes) inside this macro use
/// AVX-512 or AVX2 where the machine has them. The results have the same bits everywhere: nothing in a kernel is
/// reassociated or fused. Helpers called inside must be `#[inline(always)]`, or they keep the old instructions.
///
/// ```
/// use cenote_units::{Lanes, kernel, math};
/// kernel! {
///     /// Exponentials of a pack.
///     fn exponentials<const L: usize>(x: &Lanes<L>, out: &mut Lanes<L>) {
///         for l in 0..L {
///             out[l] = math::exp(x[l]);
///         }
///     }
/// }
/// let mut out = Lanes::<16>::ZERO;
/// exponentials(&Lanes::splat(1.0), &mut out);
/// assert_eq!(out[7], math::exp(1.0));
/// ```
#[macro_export]
macro_rules! kernel {
    ($(#[$meta:meta])* $visibility:vis fn $($rest:tt)*) => {
        #[$crate::multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+bmi2", "x86_64+avx2+bmi2"))]
        $(#[$meta])*
        $visibility fn $($rest)*
    };
}
