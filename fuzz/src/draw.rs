//! Amounts drawn from bytes, and accounts of them.

use std::sync::OnceLock;

use arbitrary::{Result, Unstructured};
use cenote_amm::concentrated::{Formulas, tick_math};
use cenote_amm::{Exact, Fast, Lane, U256};

use crate::ranged::PricedLane;

/// What a target needs of a lane besides its arithmetic.
pub trait FuzzLane: Lane {
    /// An amount, often near `reference`, sometimes absurd, in the fast lane sometimes no amount at all.
    ///
    /// # Errors
    /// The bytes are used up.
    fn draw(u: &mut Unstructured<'_>, reference: Self::Amount) -> Result<Self::Amount>;

    /// `mantissa` times 10^`exponent` smallest units of a token with 18 decimals.
    fn ordinary(mantissa: u16, exponent: u8) -> Self::Amount;

    /// A balance after `amount` came in (or went out).
    fn posted(balance: Self::Amount, amount: Self::Amount, into: bool) -> Self::Amount;

    /// Whether two numbers that should be one are, `scale` being the largest number they are made of.
    fn agree(a: Self::Amount, b: Self::Amount, scale: f64) -> bool;
}

impl FuzzLane for Exact {
    fn draw(u: &mut Unstructured<'_>, reference: U256) -> Result<U256> {
        let reference = if reference.is_zero() { Self::ordinary(1, 18) } else { reference };
        Ok(match u.int_in_range(0..=9_u8)? {
            0..=3 => reference.wrapping_mul(U256::from(u.arbitrary::<u16>()?)) >> 16,
            4 => reference.saturating_mul(U256::from(u.arbitrary::<u8>()?)),
            5 => U256::from(u.arbitrary::<u16>()?),
            6 => (U256::from(1) << usize::from(u.arbitrary::<u8>()?))
                .wrapping_add(U256::from(u.arbitrary::<u8>()?))
                .wrapping_sub(U256::from(128)),
            7 => U256::from_be_bytes(u.arbitrary::<[u8; 32]>()?),
            8 => reference.wrapping_add(U256::from(u.arbitrary::<u8>()?)).wrapping_sub(U256::from(128)),
            _ => U256::from(u.arbitrary::<u16>()?).wrapping_mul(U256::from(10).wrapping_pow(U256::from(u.arbitrary::<u8>()? % 60))),
        })
    }

    fn ordinary(mantissa: u16, exponent: u8) -> U256 {
        U256::from(mantissa).wrapping_mul(U256::from(10).wrapping_pow(U256::from(exponent)))
    }

    /// Modulo 2^256: the sum of all that ever moved may be longer, and equal balances are equal all the same.
    fn posted(balance: U256, amount: U256, into: bool) -> U256 {
        if into { balance.wrapping_add(amount) } else { balance.wrapping_sub(amount) }
    }

    fn agree(a: U256, b: U256, _scale: f64) -> bool {
        a == b
    }
}

impl FuzzLane for Fast {
    fn draw(u: &mut Unstructured<'_>, reference: f64) -> Result<f64> {
        let reference = if reference == 0.0 { 1.0 } else { reference };
        Ok(match u.int_in_range(0..=9_u8)? {
            0..=3 => reference * (f64::from(u.arbitrary::<u16>()?) / 65_536.0),
            4 => reference * f64::from(u.arbitrary::<u8>()?),
            5 => f64::from(u.arbitrary::<u16>()?) * 1e-18,
            6 => 2_f64.powi(i32::from(u.arbitrary::<i8>()?)),
            7 => f64::from_bits(u.arbitrary()?),
            8 => {
                [reference.next_up(), reference.next_down(), -reference, -0.0, f64::INFINITY, f64::NAN, f64::MAX, f64::MIN_POSITIVE]
                    [usize::from(u.arbitrary::<u8>()? % 8)]
            }
            _ => f64::from(u.arbitrary::<u16>()?) * 10_f64.powi(i32::from(u.arbitrary::<u8>()? % 60) - 18),
        })
    }

    fn ordinary(mantissa: u16, exponent: u8) -> f64 {
        f64::from(mantissa) * 10_f64.powi(i32::from(exponent) - 18)
    }

    fn posted(balance: f64, amount: f64, into: bool) -> f64 {
        if into { balance + amount } else { balance - amount }
    }

    fn agree(a: f64, b: f64, scale: f64) -> bool {
        (a - b).abs() <= 1e-9 * scale
    }
}

impl PricedLane for Exact {
    fn inexact_growth(_growth: U256) -> f64 {
        0.0
    }

    fn draw_price(u: &mut Unstructured<'_>, tick: i32, _decimals: [u8; 2]) -> Result<U256> {
        let at =
            |tick: i32| tick_math::sqrt_price_at_tick(tick.clamp(tick_math::MIN_TICK, tick_math::MAX_TICK)).unwrap_or_default();
        Ok(match u.int_in_range(0..=7_u8)? {
            0 => U256::from_be_bytes(u.arbitrary::<[u8; 32]>()?) >> usize::from(u.arbitrary::<u8>()?),
            1 => at(tick).wrapping_add(U256::from(u.arbitrary::<u64>()?)),
            2 => at(tick).wrapping_sub(U256::from(u.arbitrary::<u8>()?)),
            3 => at(if u.arbitrary()? { tick_math::MIN_TICK } else { tick_math::MAX_TICK }).wrapping_add(U256::ONE),
            4 => at(tick_math::MAX_TICK).wrapping_sub(U256::from(u.arbitrary::<u8>()?)),
            _ => at(tick),
        })
    }
}

impl PricedLane for Fast {
    fn inexact_growth(growth: f64) -> f64 {
        growth
    }

    fn draw_price(u: &mut Unstructured<'_>, tick: i32, decimals: [u8; 2]) -> Result<f64> {
        let units = Fast::units(decimals);
        let at =
            |tick: i32| Fast::sqrt_price_at_tick(&units, tick.clamp(tick_math::MIN_TICK, tick_math::MAX_TICK)).unwrap_or(f64::NAN);
        Ok(match u.int_in_range(0..=7_u8)? {
            0 => f64::from_bits(u.arbitrary()?),
            1 => at(tick) * (1.0 + f64::from(u.arbitrary::<u16>()?) * 1e-9),
            2 => at(tick).next_down(),
            3 => at(if u.arbitrary()? { tick_math::MIN_TICK } else { tick_math::MAX_TICK }).next_up(),
            4 => at(tick_math::MAX_TICK).next_down(),
            _ => at(tick),
        })
    }
}

/// Prints what is done if `CENOTE_FUZZ_TRACE` is set: to see what a finding does.
pub fn trace(what: impl FnOnce() -> String) {
    static WANTED: OnceLock<bool> = OnceLock::new();
    if *WANTED.get_or_init(|| std::env::var_os("CENOTE_FUZZ_TRACE").is_some()) {
        eprintln!("{}", what());
    }
}

/// What a pool should hold, from what went in and what came out.
#[derive(Clone, Debug)]
pub struct Ledger<L: FuzzLane> {
    balances: Vec<L::Amount>,
    scales: Vec<f64>,
}

impl<L: FuzzLane> Ledger<L> {
    /// Of an empty pool.
    pub fn new(tokens: usize) -> Self {
        Self { balances: vec![L::ZERO; tokens], scales: vec![0.0; tokens] }
    }

    /// So much of a token went in.
    pub fn pay_in(&mut self, token: usize, amount: L::Amount) {
        self.post(token, amount, true);
    }

    /// So much of a token came out.
    pub fn pay_out(&mut self, token: usize, amount: L::Amount) {
        self.post(token, amount, false);
    }

    fn post(&mut self, token: usize, amount: L::Amount, into: bool) {
        self.balances[token] = L::posted(self.balances[token], amount, into);
        let scale = L::amount_to_f64(amount).max(L::amount_to_f64(self.balances[token]));
        self.scales[token] = self.scales[token].max(scale);
    }

    /// A number of this size took part in the arithmetic of a token's balance.
    pub fn widen(&mut self, token: usize, scale: f64) {
        self.scales[token] = self.scales[token].max(scale);
    }

    /// The largest number so far in the arithmetic of a token's balance.
    pub fn scale(&self, token: usize) -> f64 {
        self.scales[token]
    }

    /// What is there is what should be there.
    ///
    /// # Panics
    /// It is not.
    pub fn check(&self, held: &[L::Amount]) {
        for (token, there) in held.iter().enumerate() {
            assert!(
                L::agree(self.balances[token], *there, self.scales[token]),
                "token {token}: {there} there, {} should be (scale {:e})",
                self.balances[token],
                self.scales[token]
            );
        }
    }
}
