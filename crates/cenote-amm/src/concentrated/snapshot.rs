//! A pool as it stands on a chain, to go on from.

use std::collections::BTreeMap;

use ruint::aliases::U256;
use thiserror::Error;

use super::core::{Core, Slot};
use super::error::ConcentratedError;
use super::formulas::{F, FeeGrowth, Formulas};
use super::sqrt_price_math::{Rounding, amount0_delta, amount1_delta};
use super::tick::{Tick, read};
use super::tick_map::TickMap;
use super::tick_math;
use crate::lane::Lane;

/// The liquidity of an initialized tick, as `ticks(number)` of the contract tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TickLiquidity {
    /// The tick.
    pub tick: i32,
    /// The liquidity of all positions that begin or end here.
    pub gross: u128,
    /// What the liquidity in range gains when the price rises across the tick.
    pub net: i128,
}

/// Price and liquidity of a pool on a chain, in the contract's integers for both lanes.
///
/// [`V3Pool::restore`](super::V3Pool::restore) and [`V4Pool::restore`](super::V4Pool::restore) go on from it. Whose the liquidity is
/// it does not say: it belongs to nobody, stays where it is, and earns its fees. Fee growth, protocol fees and the oracle begin anew.
///
/// ```
/// use cenote_amm::concentrated::{FeeTier, Snapshot, TickLiquidity, tick_math};
/// use cenote_amm::{Concentrated, Fast, Pool, SwapRequest, ZeroForOne};
///
/// let ticks = [(-600, 5_000_000, 5_000_000), (600, 5_000_000, -5_000_000)];
/// let snapshot = Snapshot {
///     sqrt_price_x96: tick_math::sqrt_price_at_tick(0)?,
///     tick: 0,
///     liquidity: 5_000_000,
///     ticks: ticks.into_iter().map(|(tick, gross, net)| TickLiquidity { tick, gross, net }).collect(),
///     balances: None,
/// };
/// let mut pool = Concentrated::<Fast>::uniswap_v3(FeeTier::BP_30).with_decimals([0, 0]);
/// pool.v3_mut().restore(&snapshot)?;
/// let outcome = pool.swap(&SwapRequest::exact_in(ZeroForOne, 1000.0))?;
/// assert!((outcome.amount_out - 996.8).abs() < 0.01);
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The square root price, token 1 per token 0 in smallest units, Q64.96: `slot0.sqrtPriceX96`.
    pub sqrt_price_x96: U256,
    /// `slot0.tick`.
    pub tick: i32,
    /// The liquidity in range: `liquidity()`.
    pub liquidity: u128,
    /// All initialized ticks, in any order.
    pub ticks: Vec<TickLiquidity>,
    /// The tokens in the pool, in smallest units of token 0 and token 1; if it is not said, just what the liquidity is.
    pub balances: Option<[U256; 2]>,
}

/// Why a pool cannot go on from a snapshot: mostly because no pool could be in that state.
///
/// An error of its own, because results of the formulas are the faster the smaller their errors are.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// Ticks or prices that no pool of this spacing has, or a pool that has a price already.
    #[error(transparent)]
    Concentrated(#[from] ConcentratedError),
    /// The tick is not the price's.
    #[error("the snapshot is no state of a pool: its tick is {tick}, and its price is that of tick {at_price}")]
    Tick {
        /// The tick given.
        tick: i32,
        /// The greatest tick whose price is at most the price given.
        at_price: i32,
    },
    /// A tick comes twice.
    #[error("the snapshot is no state of a pool: tick {tick} comes twice")]
    Repeated {
        /// The tick.
        tick: i32,
    },
    /// No positions add up to this gross and net liquidity.
    #[error(
        "the snapshot is no state of a pool: no positions give tick {tick} a gross liquidity of {gross} and a net liquidity of {net}"
    )]
    Liquidity {
        /// The tick.
        tick: i32,
        /// Its gross liquidity.
        gross: f64,
        /// Its net liquidity.
        net: f64,
    },
    /// More liquidity ends than began, or some never ends: ticks are missing.
    #[error("the snapshot is no state of a pool: liquidity above tick {tick} would be {liquidity}: ticks are missing")]
    Unbalanced {
        /// The tick.
        tick: i32,
        /// The sum of all net liquidity up to there.
        liquidity: f64,
    },
    /// The liquidity in range is not what the ticks say.
    #[error("the snapshot is no state of a pool: its liquidity in range is {given}, and its ticks give {counted}")]
    InRange {
        /// The liquidity given.
        given: f64,
        /// The sum of the net liquidity of all ticks up to the price's.
        counted: f64,
    },
    /// There are fewer tokens than the liquidity is.
    #[error("the snapshot is no state of a pool: its balance of token {token} is {balance}, and its liquidity alone is {worth}")]
    Balance {
        /// The token, 0 or 1.
        token: u8,
        /// The balance given, in smallest units.
        balance: f64,
        /// The tokens that the liquidity is, in smallest units.
        worth: f64,
    },
}

impl Snapshot {
    /// Whether a pool could be in this state; its balances.
    fn checked(&self, spacing: i32, maximum: u128) -> Result<[U256; 2], SnapshotError> {
        let at_price = tick_math::tick_at_sqrt_price(self.sqrt_price_x96)?;
        // Coming down to a tick leaves the price on it and the tick below it.
        let came_down =
            at_price - 1 == self.tick && tick_math::sqrt_price_at_tick(at_price).is_ok_and(|price| price == self.sqrt_price_x96);
        if at_price != self.tick && !came_down {
            return Err(SnapshotError::Tick { tick: self.tick, at_price });
        }
        let sections = self.sections(spacing, maximum)?;
        let counted =
            sections.iter().find(|(lower, upper, _)| (*lower..*upper).contains(&self.tick)).map_or(0, |(.., liquidity)| *liquidity);
        if counted != self.liquidity {
            return Err(SnapshotError::InRange { given: read(self.liquidity), counted: read(counted) });
        }
        let least = self.worth(&sections, Rounding::Down)?;
        let Some(balances) = self.balances else { return Ok(self.worth(&sections, Rounding::Up)?) };
        for token in 0..2_u8 {
            let (balance, worth) = (balances[usize::from(token)], least[usize::from(token)]);
            if balance < worth {
                return Err(SnapshotError::Balance { token, balance: f64::from(balance), worth: f64::from(worth) });
            }
        }
        Ok(balances)
    }

    /// Liquidity between each two neighbouring ticks, from below.
    fn sections(&self, spacing: i32, maximum: u128) -> Result<Vec<(i32, i32, u128)>, SnapshotError> {
        let mut ticks = BTreeMap::new();
        for TickLiquidity { tick, gross, net } in self.ticks.iter().copied() {
            tick_math::sqrt_price_at_tick(tick)?;
            if tick % spacing != 0 {
                return Err(ConcentratedError::TickMisaligned { tick, spacing }.into());
            }
            if gross > maximum {
                let (liquidity, maximum) = (read(gross), read(maximum));
                return Err(ConcentratedError::TickLiquidityOverflow { tick, liquidity, maximum }.into());
            }
            // Gross and net are sum and difference of what begins and what ends here.
            if gross == 0 || net.unsigned_abs() > gross || (gross - net.unsigned_abs()) % 2 != 0 {
                let sign = if net < 0 { -1.0 } else { 1.0 };
                return Err(SnapshotError::Liquidity { tick, gross: read(gross), net: sign * read(net.unsigned_abs()) });
            }
            if ticks.insert(tick, net).is_some() {
                return Err(SnapshotError::Repeated { tick });
            }
        }
        let (mut sections, mut liquidity) = (Vec::with_capacity(ticks.len()), 0_u128);
        let mut upper_bounds = ticks.keys().copied().skip(1);
        for (tick, net) in &ticks {
            let sum = liquidity.checked_add_signed(*net);
            let upper = upper_bounds.next();
            liquidity = sum.filter(|sum| upper.is_some() || *sum == 0).ok_or_else(|| {
                let sign = if *net < 0 { -1.0 } else { 1.0 };
                SnapshotError::Unbalanced { tick: *tick, liquidity: read(liquidity) + sign * read(net.unsigned_abs()) }
            })?;
            if let Some(upper) = upper {
                sections.push((*tick, upper, liquidity));
            }
        }
        Ok(sections)
    }

    /// The tokens that the liquidity is.
    fn worth(&self, sections: &[(i32, i32, u128)], rounding: Rounding) -> Result<[U256; 2], ConcentratedError> {
        let mut worth = [U256::ZERO; 2];
        let add = |worth: &mut U256, amount: U256| -> Result<(), ConcentratedError> {
            *worth = worth.checked_add(amount).ok_or(ConcentratedError::BalanceOverflow)?;
            Ok(())
        };
        for (lower, upper, liquidity) in sections.iter().copied().filter(|(.., liquidity)| *liquidity > 0) {
            let (lower, upper) = (tick_math::sqrt_price_at_tick(lower)?, tick_math::sqrt_price_at_tick(upper)?);
            let price = self.sqrt_price_x96.clamp(lower, upper);
            add(&mut worth[0], amount0_delta(price, upper, liquidity, rounding)?)?;
            add(&mut worth[1], amount1_delta(lower, price, liquidity, rounding)?)?;
        }
        Ok(worth)
    }
}

impl<L: Lane> Core<L> {
    /// Takes over the snapshot's price and liquidity. Returns the pool's balances.
    pub(super) fn restore(&mut self, snapshot: &Snapshot) -> Result<[L::Amount; 2], SnapshotError> {
        if self.slot.is_some() {
            return Err(ConcentratedError::AlreadyInitialized.into());
        }
        let spacing = self.ticks.spacing();
        let balances = snapshot.checked(spacing, self.max_liquidity_per_tick)?;
        let mut ticks = TickMap::new(spacing);
        let mut sorted = snapshot.ticks.clone();
        sorted.sort_unstable_by_key(|tick| tick.tick);
        for TickLiquidity { tick, gross, net } in sorted {
            let mut restored = Tick::blank(F::<L>::sqrt_price_at_tick(&self.units, tick)?);
            (restored.liquidity_gross, restored.liquidity_net) = (gross, net);
            ticks.set(tick, restored);
        }
        let sqrt_price = F::<L>::sqrt_price_from_x96(&self.units, snapshot.sqrt_price_x96);
        self.slot = Some(Slot { sqrt_price, tick: snapshot.tick, above: ticks.count_up_to(snapshot.tick) });
        (self.liquidity, self.in_lane) = (snapshot.liquidity, F::<L>::liquidity(&self.units, snapshot.liquidity));
        self.fee_growth_global = [FeeGrowth::<L>::default(); 2];
        self.ticks = ticks;
        Ok([0, 1].map(|side| F::<L>::amount_from_integer(&self.units, side, balances[side])))
    }
}
