//! What the pools are measured against: the formulas in plain `ruint`, and the crate `uniswap-v3-sdk`.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use alloy_primitives::aliases::U24;
use alloy_primitives::{I256, U160};
use cenote_amm::U256;
use uniswap_v3_sdk::prelude::{SwapState, Tick, TickListDataProvider, compute_swap_step, v3_swap};

/// `getAmountOut` of the 30 bp pool, in wei.
pub(crate) fn amount_out(amount_in: U256, reserve_in: U256, reserve_out: U256) -> U256 {
    let kept = amount_in * U256::from(997);
    kept * reserve_out / (reserve_in * U256::from(1000) + kept)
}

/// The check of k that the pair makes besides.
fn keeps_k(before: [U256; 2], after: [U256; 2], paid_in: U256) -> bool {
    let adjusted = [after[0] * U256::from(1000) - paid_in * U256::from(3), after[1] * U256::from(1000)];
    adjusted[0] * adjusted[1] >= before[0] * before[1] * U256::from(1_000_000)
}

/// A swap in the pair: reserves of (in, out) afterwards, and the output.
pub(crate) fn swap(amount_in: U256, [x, y]: [U256; 2]) -> Option<([U256; 2], U256)> {
    let out = amount_out(amount_in, x, y);
    let after = [x + amount_in, y - out];
    keeps_k([x, y], after, amount_in).then_some((after, out))
}

/// A price of at most 160 bits.
pub(crate) fn price(value: U256) -> U160 {
    value.to()
}

/// Positive for an exact input, negative for an exact output.
pub(crate) fn specified(exact_in: bool, amount: U256) -> I256 {
    let amount = I256::from_raw(amount);
    if exact_in { amount } else { -amount }
}

/// `computeSwapStep`: the price afterwards, amount in, amount out and fee.
pub(crate) fn step(sqrt_price: U160, target: U160, liquidity: u128, remaining: I256, pips: u32) -> (U160, U256, U256, U256) {
    compute_swap_step(sqrt_price, target, liquidity, remaining, U24::from(pips)).expect("a step")
}

/// A pool as the crate sees it. It keeps no fees, no balances, no oracle.
pub(crate) struct SdkPool {
    pub(crate) sqrt_price: U160,
    pub(crate) tick: i32,
    pub(crate) liquidity: u128,
    pub(crate) spacing: i32,
    pub(crate) pips: u32,
    ticks: TickListDataProvider,
}

impl SdkPool {
    /// Ticks are (number, gross, net).
    pub(crate) fn new(sqrt_price: U160, tick: i32, liquidity: u128, spacing: i32, pips: u32, ticks: &[(i32, u128, i128)]) -> Self {
        let ticks = ticks.iter().map(|(tick, gross, net)| Tick::new(*tick, *gross, *net)).collect();
        let ticks = TickListDataProvider::new(ticks, spacing);
        Self { sqrt_price, tick, liquidity, spacing, pips, ticks }
    }

    /// A swap without a price limit.
    pub(crate) fn swap(&mut self, zero_for_one: bool, amount: I256) -> I256 {
        let fee = U24::from(self.pips);
        let swap = v3_swap(fee, self.sqrt_price, self.tick, self.liquidity, self.spacing, &self.ticks, zero_for_one, amount, None);
        let SwapState { sqrt_price_x96, tick_current, liquidity, amount_calculated, .. } = now(swap).expect("a swap");
        (self.sqrt_price, self.tick, self.liquidity) = (sqrt_price_x96, tick_current, liquidity);
        amount_calculated
    }
}

/// The value of a future that has nothing to wait for.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the ticks are in memory"),
    }
}
