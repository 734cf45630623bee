//! `StableSwap`: Curve's pools of coins that are worth nearly the same, of the first generation and NG.
//!
//! [`StableSwap`] is the pool as a user sees it: it implements [`Pool`] and [`FungibleLiquidity`] for any number of coins. Below it lies
//! [`PlainPool`], the contract itself: deposits and withdrawals out of proportion, exits into one coin, limits, ramps of A, the
//! protocol's balances. [`invariant`] and [`balance_at`] are its mathematics alone.
//!
//! # Which A
//! The amplification is always what the deployed contract's function `A()` reports. That is the whitepaper's A times n^(n−1): for two
//! coins `A()` is twice the whitepaper's A. Stored values (`A_precise` of NG pools) are another hundred times that.

mod amplification;
mod coins;
mod curve_section;
mod exact;
mod fast;
mod fee;
mod formulas;
mod governance;
mod lanes;
mod liquidity;
mod plain_pool;
mod revert;
mod sizing;
#[cfg(test)]
mod tests;

pub use amplification::{Curve, Generation, MAX_AMPLIFICATION};
pub use coins::MAX_COINS;
pub use fee::PoolFee;
pub use formulas::{Exchange, Formulas, Market};
pub use lanes::{StableSwapLanes, StableSwapModel};
pub use plain_pool::PlainPool;
pub use revert::{liquidity_revert_reason, swap_revert_reason};

use crate::error::{AmmError, LiquidityError, MathError, SwapError};
use crate::lane::Lane;
use crate::pool::{FungibleLiquidity, LiquidityOutcome, Owner, Pool, SwapKind, SwapOutcome, SwapRequest, TokenIndex};
use coins::Coins;
use curve_section::CurveSection;
use fast::FeeRule;
use plain_pool::PlannedExchange;
use sizing::Trade;

/// Rounds of Newton's method before the contracts give up; they need four or so.
const MAX_ITERATIONS: u32 = 255;

/// What part of an exact output has to come out: all of it, but for rounding in the fast lane.
const FULLY_BOUGHT: f64 = 1.0 - 1e-9;

/// D of scaled balances, `get_D`: what they would sum to in equal parts. Unit: that of the balances.
///
/// ```
/// use cenote_amm::stableswap::{Curve, Generation, invariant};
/// use cenote_amm::Fast;
///
/// // The whitepaper's A = 85 is 170 in a contract of two coins.
/// let curve = Curve::new(Generation::First, 170)?;
/// assert!((invariant::<Fast>(curve, &[1000.0, 2000.0])? - 2998.904705806604).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A product does not fit, or the iteration does not converge.
pub fn invariant<L: Lane>(curve: Curve, scaled: &[L::Amount]) -> Result<L::Amount, MathError> {
    L::StableSwap::invariant(curve, scaled)
}

/// The scaled balance of `coin` at which D is `invariant`, the other coins' balances given: `get_y`, `get_y_D`. Its own entry is not read.
///
/// # Errors
/// A product does not fit, or the iteration does not converge.
pub fn balance_at<L: Lane>(
    curve: Curve,
    scaled: &[L::Amount],
    coin: TokenIndex,
    invariant: L::Amount,
) -> Result<L::Amount, MathError> {
    L::StableSwap::balance_at(curve, scaled, coin.get(), invariant)
}

/// A `StableSwap` pool of two or more coins.
///
/// The fee is taken from what is paid out; [`SwapOutcome::fee`] is the part of the input that corresponds to it. The contracts have
/// no exact-output swap: asked for one, the pool pays in the least amount that buys at least so much, and pays out all that it buys.
///
/// ```
/// use cenote_amm::stableswap::PoolFee;
/// use cenote_amm::{Fast, FungibleLiquidity, Owner, Pool, StableSwap, SwapRequest, TokenIndex};
///
/// // Three coins, A = 2000 as the contract reports it, 1 basis point.
/// let mut pool = StableSwap::<Fast>::ng(&[18, 6, 6], 2000, PoolFee::from_parts(1_000_000)?)?;
/// pool.mint(Owner::new(1), &[1e6, 2e6, 3e6])?;
/// let outcome = pool.swap(&SwapRequest::exact_in((TokenIndex(0), TokenIndex(2)), 1000.0))?;
/// assert!((outcome.amount_out - 1000.787).abs() < 0.001);
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StableSwap<L: Lane> {
    pool: PlainPool<L>,
}

impl<L: Lane> StableSwap<L> {
    /// An empty pool of the first generation for coins with these decimals, the protocol's share of the fees zero.
    ///
    /// # Errors
    /// As [`PlainPool::new`].
    pub fn first_generation(decimals: &[u8], amplification: u64, fee: PoolFee) -> Result<Self, AmmError> {
        Ok(Self { pool: PlainPool::new(Generation::First, decimals, amplification, fee)? })
    }

    /// An empty NG pool for coins with these decimals; half the fees are the protocol's.
    ///
    /// # Errors
    /// As [`PlainPool::new`].
    pub fn ng(decimals: &[u8], amplification: u64, fee: PoolFee) -> Result<Self, AmmError> {
        Ok(Self { pool: PlainPool::new(Generation::Ng, decimals, amplification, fee)? })
    }

    /// The same pool with another share of the fees for the protocol: what the administrator of a first-generation pool can set.
    ///
    /// # Errors
    /// [`AmmError::Governance`] for NG pools, in which it is always one half.
    pub fn with_admin_fee(mut self, admin_fee: PoolFee) -> Result<Self, AmmError> {
        if self.pool.generation == Generation::Ng {
            return Err(
                crate::error::GovernanceError::Unsupported { operation: "another share for the protocol than one half" }.into()
            );
        }
        self.pool.admin_fee = admin_fee;
        Ok(self)
    }

    /// The same NG pool with a fee that grows off the peg, up to `multiplier` / 10^10 times: 20 000 000 000 is a usual value.
    ///
    /// # Errors
    /// As [`PlainPool::set_new_fee`].
    pub fn with_offpeg_fee_multiplier(mut self, multiplier: u64) -> Result<Self, AmmError> {
        self.pool.set_new_fee(self.pool.fee, multiplier)?;
        Ok(self)
    }

    /// The contract below.
    pub fn contract(&self) -> &PlainPool<L> {
        &self.pool
    }

    /// The contract below, to be called as a contract.
    pub fn contract_mut(&mut self) -> &mut PlainPool<L> {
        &mut self.pool
    }

    /// The outcome of a request, and the exchange that brings it about.
    #[inline]
    fn plan(&self, request: &SwapRequest<L>) -> Result<(SwapOutcome<L>, PlannedExchange<L::Amount>), SwapError> {
        let sides = self.pool.sides(request.token_in, request.token_out)?;
        if !L::is_valid(request.amount) {
            return Err(SwapError::InvalidAmount { amount: L::amount_to_f64(request.amount) });
        }
        let amount_in = match request.kind {
            SwapKind::ExactIn => request.amount,
            SwapKind::ExactOut => {
                let reserve = self.pool.balances[sides.1];
                if request.amount == L::ZERO {
                    return Err(SwapError::InsufficientOutputAmount);
                }
                if request.amount >= reserve {
                    let [amount_out, reserve] = [request.amount, reserve].map(L::amount_to_f64);
                    return Err(SwapError::InsufficientLiquidity { amount_out, reserve });
                }
                L::StableSwap::amount_in(&self.pool.market(), sides, request.amount)?
            }
        };
        let planned = self.pool.plan_exchange(sides, amount_in)?;
        let Exchange { amount_out, fee, .. } = planned.exchange;
        if request.kind == SwapKind::ExactOut && L::amount_to_f64(amount_out) < L::amount_to_f64(request.amount) * FULLY_BOUGHT {
            // Balances a hundred orders of magnitude apart: the input that would buy so much is lost in floats.
            let [amount_out, reserve] = [request.amount, amount_out].map(L::amount_to_f64);
            return Err(SwapError::InsufficientLiquidity { amount_out, reserve });
        }
        Ok((SwapOutcome { amount_in, amount_out, fee }, planned))
    }

    /// The trade from one coin into another in floating point.
    fn trade(&self, (i, j): (usize, usize)) -> Option<Trade> {
        let balances = self.pool.scaled(&self.pool.balances).ok()?;
        let float = |coin: usize| Ok::<_, MathError>(L::amount_to_f64(balances[coin]));
        let scaled: Coins<f64> = Coins::try_from_fn(balances.len(), float).ok()?;
        let curve = self.pool.curve();
        let invariant = invariant::<crate::Fast>(curve, &scaled).ok()?;
        let section = CurveSection::new(curve, &scaled, invariant, (i, j)).ok()?;
        Some(Trade { section, fees: FeeRule::of(&self.pool.market()), before: [scaled[i], scaled[j]] })
    }

    /// Scaled units per unit of a coin.
    fn rate(&self, coin: usize) -> f64 {
        L::amount_to_f64(self.pool.rates[coin]) / L::amount_to_f64(L::StableSwap::ONE)
    }

    /// The amounts of a deposit in the pool's proportions, none above `desired`.
    fn proportional_deposit(&self, desired: &[L::Amount]) -> Result<Vec<L::Amount>, MathError> {
        let balances = self.pool.balances();
        let mut scarce = 0;
        for coin in 1..desired.len() {
            // Rounded down and compared with a whole number: as good as the exact ratio.
            if L::StableSwap::share(desired[coin], balances[scarce], balances[coin])? < desired[scarce] {
                scarce = coin;
            }
        }
        let fitting = |coin: usize| {
            let amount = L::StableSwap::share(desired[scarce], balances[coin], balances[scarce])?;
            // Rounding may carry an amount above what was offered.
            Ok(if amount < desired[coin] { amount } else { desired[coin] })
        };
        (0..desired.len()).map(fitting).collect()
    }
}

impl<L: Lane> Pool for StableSwap<L> {
    type Lane = L;

    fn token_count(&self) -> usize {
        self.pool.coin_count()
    }

    #[inline]
    fn quote(&self, request: &SwapRequest<L>) -> Result<SwapOutcome<L>, SwapError> {
        Ok(self.plan(request)?.0)
    }

    #[inline]
    fn swap(&mut self, request: &SwapRequest<L>) -> Result<SwapOutcome<L>, SwapError> {
        let (outcome, planned) = self.plan(request)?;
        self.pool.execute(planned);
        Ok(outcome)
    }

    /// `(Ann + K/x) / (Ann + K/y)` for base balance x and quote balance y, with `K = D^(n+1) / (n^n Πx)`.
    fn spot_price(&self, base: TokenIndex, quote: TokenIndex) -> Option<f64> {
        let sides = self.pool.sides(base, quote).ok()?;
        let price = self.trade(sides)?.section.land(0.0).price;
        let price = price * (self.rate(sides.0) / self.rate(sides.1));
        // Dust of some 1e-300 tokens has no price that floats could tell.
        (price > 0.0 && price < f64::INFINITY).then_some(price)
    }

    /// The fee counts as it will be after the trade, so with a dynamic fee the last unit's price includes what it changes of the fee on
    /// all the others. Such a fee falls on the way back to balance: a trade that pays only once it has fallen is not looked for.
    ///
    /// The amount is the same in both lanes to some A · 10^-16 of the reserve, and rounded toward zero in the exact one.
    fn swap_to(&self, base: TokenIndex, quote: TokenIndex, target: f64) -> Option<SwapRequest<L>> {
        if !(target > 0.0 && target < f64::INFINITY) {
            return None;
        }
        let (base_side, quote_side) = self.pool.sides(base, quote).ok()?;
        let target = target * (self.rate(quote_side) / self.rate(base_side));
        let request = |sides: (usize, usize), tokens: (TokenIndex, TokenIndex), target: f64| {
            let input = self.trade(sides)?.input_to(target)?;
            let amount = L::amount_from_f64(input / self.rate(sides.0)).filter(|amount| *amount > L::ZERO)?;
            let request = SwapRequest::exact_in(tokens, amount);
            self.plan(&request).is_ok().then_some(request)
        };
        request((base_side, quote_side), (base, quote), target)
            .or_else(|| request((quote_side, base_side), (quote, base), 1.0 / target))
    }
}

impl<L: Lane> FungibleLiquidity for StableSwap<L> {
    /// [`PlainPool::add_liquidity`] in the pool's proportions, so that only rounding pays a fee. The first mint must have every coin.
    fn mint(&mut self, owner: Owner, amounts: &[L::Amount]) -> Result<LiquidityOutcome<L>, LiquidityError> {
        self.pool.check_amounts(amounts)?;
        let amounts = if self.total_supply() == L::ZERO { amounts.to_vec() } else { self.proportional_deposit(amounts)? };
        let liquidity = self.pool.add_liquidity(owner, &amounts, L::ZERO)?;
        Ok(LiquidityOutcome { liquidity, amounts })
    }

    /// [`PlainPool::remove_liquidity`] without limits.
    fn burn(&mut self, owner: Owner, liquidity: L::Amount) -> Result<LiquidityOutcome<L>, LiquidityError> {
        let no_limits: Coins<L::Amount> = Coins::filled(L::ZERO, self.token_count());
        let amounts = self.pool.remove_liquidity(owner, liquidity, &no_limits)?;
        Ok(LiquidityOutcome { liquidity, amounts })
    }

    fn transfer(&mut self, from: Owner, to: Owner, amount: L::Amount) -> Result<(), LiquidityError> {
        self.pool.transfer_lp(from, to, amount)
    }

    fn total_supply(&self) -> L::Amount {
        self.pool.lp.total_supply()
    }

    fn balance_of(&self, owner: Owner) -> L::Amount {
        self.pool.lp.balance_of(owner)
    }

    fn reserve(&self, token: TokenIndex) -> Option<L::Amount> {
        self.pool.balances().get(token.get()).copied()
    }

    /// D; not a number where the contract's iteration fails.
    fn invariant(&self) -> f64 {
        self.pool.invariant().map_or(f64::NAN, L::amount_to_f64)
    }

    fn admin_share(&self) -> f64 {
        self.pool.admin_fee().fraction()
    }
}
