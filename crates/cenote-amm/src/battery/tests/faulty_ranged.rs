//! A concentrated pool in integers, sound or with one fault put around it.

use crate::concentrated::{FeeTier, TickRange};
use crate::error::{LiquidityError, SwapError};
use crate::pool::{Owner, Pool, RangedLiquidity, RangedOutcome, RangedPosition, SwapOutcome, SwapRequest, TokenIndex};
use crate::{Concentrated, Exact, U256};

/// What may be wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RangedFault {
    /// A mint charges two units less of each token.
    MintChargesLess,
    /// Collecting pays twice.
    CollectsTwice,
    /// The liquidity in range is one too many.
    CountsOneMore,
    /// What positions are owed shrinks with every mint of anybody.
    MintsEatFees,
    /// A position cannot be left altogether.
    KeepsTheLast,
    /// Every second mint gets half of the liquidity for its money.
    MintsTakeTurns,
    /// The pool says it holds a unit more after each swap.
    SwapsCreate,
}

#[derive(Clone, Debug)]
pub(super) struct Wrapped {
    fault: Option<RangedFault>,
    pool: Concentrated<Exact>,
    mints: u32,
    swaps: u64,
}

impl Wrapped {
    pub(super) fn new(fault: Option<RangedFault>) -> Self {
        let mut pool = Concentrated::uniswap_v3(FeeTier::BP_100);
        pool.initialize_at_price(1.0).unwrap();
        Self { fault, pool, mints: 0, swaps: 0 }
    }

    fn has(&self, fault: RangedFault) -> bool {
        self.fault == Some(fault)
    }

    pub(super) fn holdings(&self, token: TokenIndex) -> U256 {
        let created = if self.has(RangedFault::SwapsCreate) { self.swaps } else { 0 };
        self.pool.v3().balances()[token.get()] + U256::from(created)
    }
}

impl Pool for Wrapped {
    type Lane = Exact;

    fn token_count(&self) -> usize {
        self.pool.token_count()
    }

    fn quote(&self, request: &SwapRequest<Exact>) -> Result<SwapOutcome<Exact>, SwapError> {
        self.pool.quote(request)
    }

    fn swap(&mut self, request: &SwapRequest<Exact>) -> Result<SwapOutcome<Exact>, SwapError> {
        let outcome = self.pool.swap(request)?;
        self.swaps += u64::from(self.has(RangedFault::SwapsCreate));
        Ok(outcome)
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex) -> Option<f64> {
        self.pool.spot_price(base, quote)
    }

    fn swap_to(&self, base: TokenIndex, quote: TokenIndex, target: f64) -> Option<SwapRequest<Exact>> {
        self.pool.swap_to(base, quote, target)
    }
}

impl RangedLiquidity for Wrapped {
    fn tick_spacing(&self) -> i32 {
        self.pool.tick_spacing()
    }

    fn tick(&self) -> Option<i32> {
        self.pool.tick()
    }

    fn liquidity(&self) -> u128 {
        let more = self.has(RangedFault::CountsOneMore) && self.pool.liquidity() > 0;
        self.pool.liquidity() + u128::from(more)
    }

    fn mint(&mut self, owner: Owner, range: TickRange, amounts: [U256; 2]) -> Result<RangedOutcome<Exact>, LiquidityError> {
        let turn = self.has(RangedFault::MintsTakeTurns) && self.mints % 2 == 1;
        let offered = if turn { amounts.map(|amount| amount / U256::from(2)) } else { amounts };
        let mut minted = self.pool.mint(owner, range, offered)?;
        self.mints += u32::from(self.has(RangedFault::MintsTakeTurns) || self.has(RangedFault::MintsEatFees));
        if self.has(RangedFault::MintChargesLess) {
            minted.amounts = minted.amounts.map(|amount| amount.saturating_sub(U256::from(2)));
        }
        Ok(minted)
    }

    fn burn(&mut self, owner: Owner, range: TickRange, liquidity: u128) -> Result<RangedOutcome<Exact>, LiquidityError> {
        let all = self.pool.position(owner, range).is_some_and(|position| position.liquidity == liquidity);
        if self.has(RangedFault::KeepsTheLast) && all {
            return Err(LiquidityError::InsufficientLiquidityBurned);
        }
        self.pool.burn(owner, range, liquidity)
    }

    fn collect(&mut self, owner: Owner, range: TickRange) -> Result<[U256; 2], LiquidityError> {
        let collected = self.pool.collect(owner, range)?;
        let times = U256::from(if self.has(RangedFault::CollectsTwice) { 2 } else { 1 });
        Ok(collected.map(|amount| amount * times))
    }

    fn position(&self, owner: Owner, range: TickRange) -> Option<RangedPosition<Exact>> {
        let mut position = self.pool.position(owner, range)?;
        if self.has(RangedFault::MintsEatFees) {
            position.owed = position.owed.map(|amount| amount / U256::from(1 + self.mints));
        }
        Some(position)
    }
}
