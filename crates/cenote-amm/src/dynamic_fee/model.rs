use core::fmt::Debug;
use core::marker::PhantomData;

use crate::concentrated::{ConcentratedError, ConcentratedV4, DYNAMIC_FEE_FLAG, Hooks};
use crate::error::LiquidityError;
use crate::lane::{Exact, Fast, Lane};
use crate::lanes::{AnyPool, BuildPool, LiftedRanges, PoolModel, PoolStart, RangeRule};

/// A Uniswap v4 pool whose fee its hook says, as a pool of a world: in the fast lane, or in the exact one.
///
/// Every path has a hook of its own, which begins as the one given here.
///
/// ```
/// use cenote_amm::dynamic_fee::{FeeHook, HookedModel, SidesFee};
/// use cenote_amm::{BuildPool, PoolStart, RangeRule};
///
/// let hook = FeeHook::new(SidesFee::new(0.003, 0.0005)?);
/// let model = HookedModel::new(hook, 10, vec![(RangeRule::Full, 1.0)])?;
/// let start = PoolStart { value: 4_000_000.0, prices: &[2000.0, 1.0], decimals: &[18, 6] };
/// let pool = BuildPool::<1>::build(&model, &start)?;
/// assert_eq!(pool.token_count(), 2);
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
#[derive(Clone, Debug)]
pub struct HookedModel<H, L = Fast> {
    hooks: H,
    tick_spacing: i32,
    liquidity: Vec<(RangeRule, f64)>,
    lane: PhantomData<L>,
}

impl<H> HookedModel<H> {
    /// A pool with this hook, its liquidity by others split over ranges by these shares. Ranges begin and end at multiples of the tick
    /// spacing.
    ///
    /// # Errors
    /// [`ConcentratedError::InvalidTickSpacing`] unless 0 < spacing < 32768.
    pub fn new(hooks: H, tick_spacing: i32, liquidity: Vec<(RangeRule, f64)>) -> Result<Self, ConcentratedError> {
        // What the contract says of the spacing.
        ConcentratedV4::<Fast>::uniswap_v4(DYNAMIC_FEE_FLAG, tick_spacing)?;
        Ok(Self { hooks, tick_spacing, liquidity, lane: PhantomData })
    }

    /// The same pool in the exact lane.
    pub fn exact(self) -> HookedModel<H, Exact> {
        HookedModel { hooks: self.hooks, tick_spacing: self.tick_spacing, liquidity: self.liquidity, lane: PhantomData }
    }
}

impl<H: Hooks<L> + Sync + 'static, L: Lane> PoolModel for HookedModel<H, L> {
    fn token_count(&self) -> usize {
        2
    }

    fn is_ranged(&self) -> bool {
        true
    }
}

impl<H: Hooks<L> + Sync + 'static, L: Lane, const N: usize> BuildPool<N> for HookedModel<H, L> {
    fn build(&self, start: &PoolStart<'_>) -> Result<AnyPool<N>, LiquidityError> {
        start.check(2)?;
        let blank = ConcentratedV4::<L, H>::uniswap_v4_with_hooks(DYNAMIC_FEE_FLAG, self.tick_spacing, self.hooks.clone())?
            .with_decimals([start.decimals[0], start.decimals[1]]);
        let initialize = |pool: &mut ConcentratedV4<L, H>, price: f64| Ok(pool.initialize_at_price(price)?);
        BuildPool::<N>::build(&LiftedRanges::new(blank, initialize, 0.0, self.liquidity.clone()), start)
    }
}
