//! Constant product, x·y = k: Uniswap v2 and its relatives.
//!
//! [`ConstantProduct`] is the pool as a user of the router sees it: it implements [`Pool`] and [`FungibleLiquidity`].
//! Below it lies [`Pair`], the contract itself, with donations, skim, sync and the price oracle. [`amount_out`], [`amount_in`]
//! and [`proportional`] are the router's library, for reserves that live elsewhere.

mod exact;
mod fast;
mod fee;
mod formulas;
mod lanes;
mod lp_token;
mod pair;
mod protocol_fee;
mod quote;
#[cfg(test)]
mod tests;

pub use fee::SwapFee;
pub use formulas::{Arbitrage, Formulas, OrdinarySwap};
pub use lanes::{ConstantProductLanes, ConstantProductModel};
pub use lp_token::LpToken;
pub use pair::Pair;
pub use protocol_fee::ProtocolFee;
pub use quote::{amount_in, amount_out, proportional};

use crate::error::{LiquidityError, SwapError};
use crate::lane::Lane;
use crate::pool::{FungibleLiquidity, LiquidityOutcome, Owner, Pool, SwapKind, SwapOutcome, SwapRequest, TokenIndex};
use pair::Origin;

/// A constant-product pool of two tokens, used through a router: amounts are computed, payments and calls are atomic.
///
/// ```
/// use cenote_amm::{ConstantProduct, Fast, FungibleLiquidity, Owner, Pool, SwapRequest, ZeroForOne};
///
/// let mut pool = ConstantProduct::<Fast>::uniswap_v2().with_decimals([18, 6]);
/// pool.mint(Owner::new(1), &[1000.0, 2_000_000.0])?;
/// let outcome = pool.swap(&SwapRequest::exact_in(ZeroForOne, 1.0))?;
/// assert!((outcome.amount_out - 1992.01).abs() < 0.01);
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ConstantProduct<L: Lane> {
    pair: Pair<L>,
}

impl<L: Lane> ConstantProduct<L> {
    /// An empty Uniswap v2 pool: fee 30 bp, protocol share 1/6 (off until [`Pair::set_fee_to`]).
    pub fn uniswap_v2() -> Self {
        Self::new(SwapFee::UNISWAP_V2, ProtocolFee::UNISWAP_V2)
    }

    /// An empty `PancakeSwap` v1 pool: fee 20 bp, protocol share 1/4.
    pub fn pancakeswap_v1() -> Self {
        Self::new(SwapFee::PANCAKESWAP_V1, ProtocolFee::PANCAKESWAP_V1)
    }

    /// An empty `PancakeSwap` v2 pool: fee 25 bp, protocol share 8/25.
    pub fn pancakeswap_v2() -> Self {
        Self::new(SwapFee::PANCAKESWAP_V2, ProtocolFee::PANCAKESWAP_V2)
    }

    /// An empty pool like Uniswap v2 with another fee.
    pub fn with_fee(fee: SwapFee) -> Self {
        Self::new(fee, ProtocolFee::UNISWAP_V2)
    }

    /// An empty pool.
    pub fn new(fee: SwapFee, protocol_fee: ProtocolFee) -> Self {
        Self { pair: Pair::new(fee, protocol_fee) }
    }

    /// The same pool for tokens with these decimals; see [`Pair::with_decimals`].
    #[must_use]
    pub fn with_decimals(self, decimals: [u8; 2]) -> Self {
        Self { pair: self.pair.with_decimals(decimals) }
    }

    /// The pair contract below.
    pub fn pair(&self) -> &Pair<L> {
        &self.pair
    }

    /// The pair contract below, to be called as a contract.
    pub fn pair_mut(&mut self) -> &mut Pair<L> {
        &mut self.pair
    }

    /// The two sides of a trade, if these are two different tokens of this pool.
    #[inline]
    fn sides(token_in: TokenIndex, token_out: TokenIndex) -> Result<(usize, usize), SwapError> {
        for token in [token_in, token_out] {
            if token.get() >= 2 {
                return Err(SwapError::UnknownToken { index: token.0, tokens: 2 });
            }
        }
        if token_in == token_out { Err(SwapError::SameToken { index: token_in.0 }) } else { Ok((token_in.get(), token_out.get())) }
    }

    /// The outcome of a request, and the balances of the pair after it.
    #[inline(always)]
    fn plan(&self, request: &SwapRequest<L>) -> Result<(SwapOutcome<L>, [L::Amount; 2]), SwapError> {
        let (side_in, _) = Self::sides(request.token_in, request.token_out)?;
        if request.kind == SwapKind::ExactOut {
            return self.plan_exact_out(side_in, request.amount);
        }
        let (reserve_in, reserve_out) = self.pair.reserves_from(side_in);
        let (balance_in, balance_out) = self.pair.balances_from(side_in);
        let (reserves, fee) = ([reserve_in, reserve_out], self.pair.fee());
        if let Some(swap) = L::ConstantProduct::ordinary_swap(request.amount, reserves, [balance_in, balance_out], fee) {
            let [balance_in, balance_out] = swap.balances;
            let balances = if side_in == 0 { [balance_in, balance_out] } else { [balance_out, balance_in] };
            return Ok((SwapOutcome { amount_in: request.amount, amount_out: swap.amount_out, fee: swap.fee }, balances));
        }
        let out = amount_out::<L>(request.amount, reserve_in, reserve_out, self.pair.fee())?;
        self.plan_payments(side_in, request.amount, out)
    }

    /// [`plan`](Self::plan) for an exact output.
    #[inline(always)]
    fn plan_exact_out(&self, side_in: usize, amount: L::Amount) -> Result<(SwapOutcome<L>, [L::Amount; 2]), SwapError> {
        let (reserve_in, reserve_out) = self.pair.reserves_from(side_in);
        if amount >= reserve_out && reserve_out > L::ZERO {
            return Err(SwapError::InsufficientLiquidity {
                amount_out: L::amount_to_f64(amount),
                reserve: L::amount_to_f64(reserve_out),
            });
        }
        let paid = amount_in::<L>(amount, reserve_in, reserve_out, self.pair.fee())?;
        self.plan_payments(side_in, paid, amount)
    }

    /// The outcome of paying one amount in and one out, and the balances of the pair after it.
    #[inline(always)]
    fn plan_payments(
        &self,
        side_in: usize,
        amount_in: L::Amount,
        amount_out: L::Amount,
    ) -> Result<(SwapOutcome<L>, [L::Amount; 2]), SwapError> {
        let balances = if side_in == 0 {
            self.pair.balances_after([amount_in, L::ZERO], [L::ZERO, amount_out], Origin::Router)?
        } else {
            self.pair.balances_after([L::ZERO, amount_in], [amount_out, L::ZERO], Origin::Router)?
        };
        Ok((SwapOutcome { amount_in, amount_out, fee: L::ConstantProduct::fee_part(amount_in, self.pair.fee()) }, balances))
    }

    /// The amounts of a deposit in the pool's proportions, none above `desired`: the router's `_addLiquidity`.
    fn proportional_deposit(&self, desired: [L::Amount; 2]) -> Result<[L::Amount; 2], SwapError> {
        let [reserve0, reserve1] = self.pair.reserves();
        if reserve0 == L::ZERO && reserve1 == L::ZERO {
            return Ok(desired);
        }
        let amount1 = proportional::<L>(desired[0], reserve0, reserve1)?;
        if amount1 <= desired[1] {
            return Ok([desired[0], amount1]);
        }
        let amount0 = proportional::<L>(desired[1], reserve1, reserve0)?;
        // Rounding to nearest may carry the fast lane a unit in the last place above what was offered.
        Ok([if amount0 < desired[0] { amount0 } else { desired[0] }, desired[1]])
    }
}

impl<L: Lane> Pool for ConstantProduct<L> {
    type Lane = L;

    fn token_count(&self) -> usize {
        2
    }

    #[inline]
    fn quote(&self, request: &SwapRequest<L>) -> Result<SwapOutcome<L>, SwapError> {
        Ok(self.plan(request)?.0)
    }

    #[inline]
    fn swap(&mut self, request: &SwapRequest<L>) -> Result<SwapOutcome<L>, SwapError> {
        let (outcome, balances) = self.plan(request)?;
        self.pair.update(balances);
        Ok(outcome)
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex) -> Option<f64> {
        let (base, quote) = Self::sides(base, quote).ok()?;
        let reserves = self.pair.reserves();
        if reserves[base] == L::ZERO || reserves[quote] == L::ZERO {
            return None;
        }
        Some(L::amount_to_f64(reserves[quote]) / L::amount_to_f64(reserves[base]))
    }

    fn swap_to(&self, base: TokenIndex, quote: TokenIndex, target: f64) -> Option<SwapRequest<L>> {
        let (base_side, quote_side) = Self::sides(base, quote).ok()?;
        let reserves = self.pair.reserves();
        let request = match L::ConstantProduct::arbitrage(reserves[base_side], reserves[quote_side], target, self.pair.fee())? {
            Arbitrage::BuyBase(amount) => SwapRequest::exact_in((quote, base), amount),
            Arbitrage::SellBase(amount) => SwapRequest::exact_in((base, quote), amount),
        };
        self.plan(&request).is_ok().then_some(request)
    }
}

impl<L: Lane> FungibleLiquidity for ConstantProduct<L> {
    /// The router's `addLiquidity` without slippage limits, then [`Pair::mint`].
    fn mint(&mut self, owner: Owner, amounts: &[L::Amount]) -> Result<LiquidityOutcome<L>, LiquidityError> {
        let &[amount0, amount1] = amounts else {
            return Err(LiquidityError::AmountCount { given: amounts.len(), tokens: 2 });
        };
        let amounts = self.proportional_deposit([amount0, amount1]).map_err(|error| match error {
            SwapError::Math(math) => LiquidityError::Math(math),
            SwapError::InvalidAmount { amount } => LiquidityError::InvalidAmount { amount },
            // The rest of what the router's `quote` can say: nothing is offered, or one reserve is empty.
            _ => LiquidityError::InsufficientLiquidityMinted,
        })?;
        let liquidity = self.pair.mint(owner, amounts)?;
        Ok(LiquidityOutcome { liquidity, amounts: amounts.to_vec() })
    }

    /// [`Pair::burn`]: LP tokens that others left at the pair are burned along, as in the contract.
    fn burn(&mut self, owner: Owner, liquidity: L::Amount) -> Result<LiquidityOutcome<L>, LiquidityError> {
        let amounts = self.pair.burn(owner, liquidity)?;
        Ok(LiquidityOutcome { liquidity, amounts: amounts.to_vec() })
    }

    fn transfer(&mut self, from: Owner, to: Owner, amount: L::Amount) -> Result<(), LiquidityError> {
        self.pair.transfer_lp(from, to, amount)
    }

    fn total_supply(&self) -> L::Amount {
        self.pair.lp().total_supply()
    }

    fn balance_of(&self, owner: Owner) -> L::Amount {
        self.pair.lp().balance_of(owner)
    }

    fn reserve(&self, token: TokenIndex) -> Option<L::Amount> {
        self.pair.reserves().get(token.get()).copied()
    }

    fn invariant(&self) -> f64 {
        let [reserve0, reserve1] = self.pair.reserves().map(L::amount_to_f64);
        // One root each: the product of two amounts in wei may leave the range of floats.
        reserve0.sqrt() * reserve1.sqrt()
    }

    /// What `_mintFee` would mint to `feeTo` now. Zero where the contract would revert, which then keeps every mint and burn out too.
    fn pending_protocol_liquidity(&self) -> L::Amount {
        self.pair.protocol_liquidity().unwrap_or(L::ZERO)
    }
}
