use core::fmt::Debug;
use core::ops::{Deref, DerefMut};

use cenote_units::PACK;

use super::{FungibleLanes, Lifted, PoolLanes, RangedLanes};
use crate::concentrated::ConcentratedModel;
use crate::constant_product::{ConstantProduct, ConstantProductModel};
use crate::dynamic_fee::{DynamicFee, FeeHook, HookedModel};
use crate::error::LiquidityError;
use crate::lane::{Exact, Fast};
use crate::stableswap::{StableSwap, StableSwapModel};
use crate::weighted::Weighted;

/// A pool of a world: what it is decides how liquidity is provided.
#[derive(Debug)]
pub enum AnyPool<const L: usize> {
    /// With LP tokens.
    Fungible(Box<dyn FungibleLanes<L>>),
    /// With positions between two prices.
    Ranged(Box<dyn RangedLanes<L>>),
}

impl<const L: usize> AnyPool<L> {
    /// The pool, if it has LP tokens.
    pub fn fungible(&self) -> Option<&dyn FungibleLanes<L>> {
        match self {
            Self::Fungible(pool) => Some(&**pool),
            Self::Ranged(_) => None,
        }
    }

    /// The pool, if it has positions between two prices.
    pub fn ranged(&self) -> Option<&dyn RangedLanes<L>> {
        match self {
            Self::Fungible(_) => None,
            Self::Ranged(pool) => Some(&**pool),
        }
    }
}

impl<const L: usize> Deref for AnyPool<L> {
    type Target = dyn PoolLanes<L>;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Fungible(pool) => &**pool,
            Self::Ranged(pool) => &**pool,
        }
    }
}

impl<const L: usize> DerefMut for AnyPool<L> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Self::Fungible(pool) => &mut **pool,
            Self::Ranged(pool) => &mut **pool,
        }
    }
}

/// What a pool begins with: liquidity by others, at outside prices.
#[derive(Clone, Copy, Debug)]
pub struct PoolStart<'a> {
    /// What the liquidity is worth.
    pub value: f64,
    /// What each of the pool's tokens is worth, in the unit of `value`.
    pub prices: &'a [f64],
    /// Decimals of each of the pool's tokens.
    pub decimals: &'a [u8],
}

impl PoolStart<'_> {
    /// The value split by `weights`, as whole tokens.
    ///
    /// # Errors
    /// There are not as many prices and decimals as weights, or an amount is not positive and finite.
    pub fn split(&self, weights: &[f64]) -> Result<Vec<f64>, LiquidityError> {
        self.check(weights.len())?;
        let total: f64 = weights.iter().sum();
        let amounts: Vec<f64> =
            weights.iter().zip(self.prices).map(|(weight, price)| self.value * weight / total / price).collect();
        match amounts.iter().find(|&&amount| !(amount > 0.0 && amount < f64::INFINITY)) {
            Some(&amount) => Err(LiquidityError::InvalidAmount { amount }),
            None => Ok(amounts),
        }
    }

    /// Whether it speaks of this many tokens.
    ///
    /// # Errors
    /// It does not.
    pub fn check(&self, tokens: usize) -> Result<(), LiquidityError> {
        match [self.prices.len(), self.decimals.len()].into_iter().find(|&given| given != tokens) {
            Some(given) => Err(LiquidityError::AmountCount { given, tokens }),
            None => Ok(()),
        }
    }
}

/// Builds pools for worlds of `L` lanes.
pub trait BuildPool<const L: usize> {
    /// A pool with the same liquidity in every lane, provided by others.
    ///
    /// # Errors
    /// The start does not make a pool.
    fn build(&self, start: &PoolStart<'_>) -> Result<AnyPool<L>, LiquidityError>;
}

/// The description of a pool: its family and parameters, immutable, shared by threads.
pub trait PoolModel: Debug + Send + Sync + BuildPool<1> + BuildPool<PACK> {
    /// How many tokens it takes.
    fn token_count(&self) -> usize;

    /// Whether its liquidity lies in ranges of prices, rather than being LP tokens.
    fn is_ranged(&self) -> bool {
        false
    }
}

cenote_units::shared! {
    PoolModel:
        ConcentratedModel,
        ConstantProductModel,
        HookedModel<FeeHook<DynamicFee>, Exact>,
        HookedModel<FeeHook<DynamicFee>, Fast>,
        Lifted<ConstantProduct<Exact>>,
        Lifted<StableSwap<Exact>>,
        Lifted<Weighted<Exact>>,
        Lifted<Weighted<Fast>>,
        StableSwapModel;
}
