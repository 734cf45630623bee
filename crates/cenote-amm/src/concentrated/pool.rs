//! The pool as a user of the router and of the position manager sees it.

use core::marker::PhantomData;

use cenote_units::SimTime;

use super::contract::Contract;
use super::core::Appraisal;
use super::error::ConcentratedError;
use super::fee_tier::FeeTier;
use super::formulas::{F, Formulas, SqrtPrice};
use super::position::PositionKey;
use super::protocol_fee::{ProtocolFeeScheme, Share};
use super::sqrt_price_math::Rounding;
use super::tick::TickRange;
use super::v3::V3Pool;
use super::v4::{Hooks, NoHooks, V4Pool};
use super::walk::{Trade, Traded};
use crate::error::{LiquidityError, SwapError};
use crate::lane::Lane;
use crate::pool::{
    Direction, OneForZero, Owner, Pool, RangedLiquidity, RangedOutcome, RangedPosition, SwapKind, SwapOutcome, SwapRequest,
    TokenIndex, ZeroForOne,
};

/// A concentrated-liquidity pool of two tokens, used through a router and a position manager: liquidity is computed from amounts, and
/// swaps have no price limit.
///
/// ```
/// use cenote_amm::concentrated::FeeTier;
/// use cenote_amm::{Concentrated, Fast, Owner, Pool, RangedLiquidity, SwapRequest, ZeroForOne};
///
/// let mut pool = Concentrated::<Fast>::uniswap_v3(FeeTier::BP_5).with_decimals([18, 6]);
/// pool.initialize_at_price(2000.0)?;
/// let range = pool.range_between(1800.0, 2200.0).ok_or("no such range")?;
/// let minted = pool.mint(Owner::new(1), range, [100.0, 200_000.0])?;
/// assert!(minted.amounts[0] <= 100.0 && minted.amounts[1] <= 200_000.0);
///
/// let outcome = pool.swap(&SwapRequest::exact_in(ZeroForOne, 1.0))?;
/// assert!((outcome.amount_out - 1998.0).abs() < 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Concentrated<L: Lane, C: Contract<L> = V3Pool<L>> {
    pool: C,
    lane: PhantomData<L>,
}

/// A pool of Uniswap v4, with [`Hooks`] or (the default) without, used through a router and a position manager.
pub type ConcentratedV4<L, H = NoHooks> = Concentrated<L, V4Pool<L, H>>;

impl<L: Lane> Concentrated<L> {
    /// A Uniswap v3 pool without a price; the protocol fee is off.
    pub fn uniswap_v3(tier: FeeTier) -> Self {
        Self::over(V3Pool::new(tier, ProtocolFeeScheme::UniswapV3, DECIMALS))
    }

    /// A `PancakeSwap` v3 pool without a price; the protocol takes about a third of the fees.
    pub fn pancakeswap_v3(tier: FeeTier) -> Self {
        Self::over(V3Pool::new(tier, ProtocolFeeScheme::PancakeSwapV3, DECIMALS))
    }

    /// The contract below.
    pub fn v3(&self) -> &V3Pool<L> {
        &self.pool
    }

    /// The contract below, to be called as a contract.
    pub fn v3_mut(&mut self) -> &mut V3Pool<L> {
        &mut self.pool
    }
}

impl<L: Lane> ConcentratedV4<L> {
    /// A Uniswap v4 pool without hooks and without a price; the protocol fee is off.
    ///
    /// # Errors
    /// Those of [`V4Pool::new`].
    pub fn uniswap_v4(fee: u32, tick_spacing: i32) -> Result<Self, ConcentratedError> {
        Self::uniswap_v4_with_hooks(fee, tick_spacing, NoHooks)
    }
}

impl<L: Lane, H: Hooks<L>> ConcentratedV4<L, H> {
    /// A Uniswap v4 pool with hooks, without a price; the protocol fee is off. See [`Hooks`] for an example.
    ///
    /// # Errors
    /// Those of [`V4Pool::new`].
    pub fn uniswap_v4_with_hooks(fee: u32, tick_spacing: i32, hooks: H) -> Result<Self, ConcentratedError> {
        Ok(Self::over(V4Pool::with_hooks(fee, tick_spacing, DECIMALS, hooks)?))
    }

    /// The contract below.
    pub fn v4(&self) -> &V4Pool<L, H> {
        &self.pool
    }

    /// The contract below, to be called as a contract.
    pub fn v4_mut(&mut self) -> &mut V4Pool<L, H> {
        &mut self.pool
    }
}

/// Decimals of both tokens where nobody says otherwise.
const DECIMALS: [u8; 2] = [18, 18];
/// All of it.
const WHOLE: Share = Share { numerator: 1, denominator: 1 };

impl<L: Lane, C: Contract<L>> Concentrated<L, C> {
    fn over(pool: C) -> Self {
        Self { pool, lane: PhantomData }
    }

    /// A new pool like this one for tokens with these decimals.
    ///
    /// Only the fast lane cares: ticks count the price in smallest units, amounts are whole tokens.
    #[must_use]
    pub fn with_decimals(self, decimals: [u8; 2]) -> Self {
        Self::over(self.pool.renewed(decimals))
    }

    /// Sets the first price, token 1 per token 0 in the lane's units (whole tokens in [`Fast`](crate::Fast), smallest units in
    /// [`Exact`](crate::Exact)).
    ///
    /// # Errors
    /// [`ConcentratedError::InvalidPrice`], [`ConcentratedError::AlreadyInitialized`], [`ConcentratedError::InvalidSqrtPrice`].
    pub fn initialize_at_price(&mut self, price: f64) -> Result<(), ConcentratedError> {
        let sqrt_price = F::<L>::sqrt_price_of(price, false, WHOLE, Rounding::Down);
        self.pool.set_first_price(sqrt_price.ok_or(ConcentratedError::InvalidPrice { price })?)
    }

    fn sqrt_price(&self) -> Option<SqrtPrice<L>> {
        self.pool.core().slot.map(|slot| slot.sqrt_price)
    }

    #[inline(always)]
    fn unlimited(&self, direction: Direction, kind: SwapKind, amount: L::Amount) -> Trade<L> {
        Trade { direction, kind, amount, sqrt_price_limit: self.pool.core().outermost_limit(direction) }
    }

    #[inline(always)]
    fn direction(token_in: TokenIndex, token_out: TokenIndex) -> Result<Direction, SwapError> {
        for token in [token_in, token_out] {
            if token.get() >= 2 {
                return Err(SwapError::UnknownToken { index: token.0, tokens: 2 });
            }
        }
        match (token_in, token_out) {
            (TokenIndex::ZERO, TokenIndex::ONE) => Ok(ZeroForOne),
            (TokenIndex::ONE, TokenIndex::ZERO) => Ok(OneForZero),
            _ => Err(SwapError::SameToken { index: token_in.0 }),
        }
    }

    #[inline(always)]
    fn trade(&self, request: &SwapRequest<L>) -> Result<Trade<L>, SwapError> {
        let direction = Self::direction(request.token_in, request.token_out)?;
        if !L::is_valid(request.amount) {
            return Err(SwapError::InvalidAmount { amount: L::amount_to_f64(request.amount) });
        }
        Ok(self.unlimited(direction, request.kind, request.amount))
    }

    /// An exact output must come out in full: the router sees to that.
    #[inline(always)]
    fn outcome(request: &SwapRequest<L>, traded: &Traded<L>) -> Result<SwapOutcome<L>, SwapError> {
        if request.kind == SwapKind::ExactOut && !traded.filled {
            return Err(SwapError::InsufficientLiquidity {
                amount_out: L::amount_to_f64(request.amount),
                reserve: L::amount_to_f64(traded.amount_out),
            });
        }
        Ok(SwapOutcome { amount_in: traded.amount_in, amount_out: traded.amount_out, fee: traded.fee })
    }
}

impl<L: Lane, C: Contract<L>> Pool for Concentrated<L, C> {
    type Lane = L;

    fn token_count(&self) -> usize {
        2
    }

    fn begin_block(&mut self, time: SimTime) {
        self.pool.begin_block(time);
    }

    fn quote(&self, request: &SwapRequest<L>) -> Result<SwapOutcome<L>, SwapError> {
        Self::outcome(request, &self.pool.quote_trade(&self.trade(request)?)?)
    }

    /// An exact input that finds no liquidity any more is not used up, as in the contract: [`SwapOutcome::amount_in`] says how much was.
    fn swap(&mut self, request: &SwapRequest<L>) -> Result<SwapOutcome<L>, SwapError> {
        let trade = self.trade(request)?;
        if request.kind == SwapKind::ExactOut {
            Self::outcome(request, &self.pool.quote_trade(&trade)?)?;
        }
        Self::outcome(request, &self.pool.swap_trade(&trade)?)
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex) -> Option<f64> {
        let price = F::<L>::price(self.sqrt_price()?);
        match Self::direction(base, quote).ok()? {
            ZeroForOne => Some(price),
            OneForZero => Some(1.0 / price),
        }
    }

    /// The walk to the edge of the band says what it takes. Where the exact lane's rounding then leads a unit beyond the edge, it is a
    /// unit less.
    fn swap_to(&self, base: TokenIndex, quote: TokenIndex, target: f64) -> Option<SwapRequest<L>> {
        let inverse = Self::direction(base, quote).ok()? == OneForZero;
        // Of the input's millionths, those that are not fee.
        let kept = |direction| 1_000_000_u32.checked_sub(self.pool.swap_fee_pips(direction)).filter(|kept| *kept > 0);
        let keep = |kept| Share { numerator: kept, denominator: 1_000_000 };
        let over_keep = |kept| Share { numerator: 1_000_000, denominator: kept };
        // With t the outside price of token 0, buying token 0 raises the price to t·φ, and selling it lowers the price to t/φ.
        let highest_bought = kept(OneForZero).and_then(|kept| self.edge(target, inverse, keep(kept), Rounding::Down));
        let lowest_sold = kept(ZeroForOne).and_then(|kept| self.edge(target, inverse, over_keep(kept), Rounding::Up));
        let price = self.sqrt_price()?;
        let (direction, edge) = match (highest_bought, lowest_sold) {
            (Some(edge), _) if price < edge => (OneForZero, edge),
            (_, Some(edge)) if price > edge => (ZeroForOne, edge),
            _ => return None,
        };
        let trade = Trade { direction, kind: SwapKind::ExactIn, amount: F::<L>::unlimited(), sqrt_price_limit: edge };
        let traded = self.pool.quote_trade(&trade).ok()?;
        let amount = self.not_beyond(edge, direction, traded.amount_in)?;
        Some(SwapRequest::exact_in(direction, amount))
    }
}

impl<L: Lane, C: Contract<L>> Concentrated<L, C> {
    /// The square root of `target^(±1) · scale`; the outermost price where that lies beyond all ticks. None if there is no such price.
    fn edge(&self, target: f64, inverse: bool, scale: Share, rounding: Rounding) -> Option<SqrtPrice<L>> {
        let [lowest, highest] = F::<L>::price_limits(&self.pool.core().units);
        match F::<L>::sqrt_price_of(target, inverse, scale, rounding) {
            Some(root) if root < lowest => Some(lowest),
            Some(root) if root > highest => Some(highest),
            Some(root) => Some(root),
            // Of all numbers above zero these are beyond what the lane can represent.
            None if target > 0.0 && target < f64::INFINITY => Some(if (target > 1.0) == inverse { lowest } else { highest }),
            None => None,
        }
    }

    /// The largest input not above `amount`, and at most a few units below it, that does not carry the price beyond `edge`.
    fn not_beyond(&self, edge: SqrtPrice<L>, direction: Direction, amount: L::Amount) -> Option<L::Amount> {
        let mut amount = amount;
        for _ in 0..4 {
            let traded = self.pool.quote_trade(&self.unlimited(direction, SwapKind::ExactIn, amount)).ok()?;
            if traded.amount_out == L::ZERO {
                return None;
            }
            let beyond = if direction == OneForZero { traded.sqrt_price > edge } else { traded.sqrt_price < edge };
            match F::<L>::one_unit_less(amount).filter(|_| beyond) {
                Some(less) => amount = less,
                None => return Some(amount),
            }
        }
        None
    }

    /// The narrowest range of usable ticks that holds all prices from `lower` to `upper`, token 1 per token 0 in the lane's unit; none
    /// if these are no prices in range.
    pub fn range_between(&self, lower: f64, upper: f64) -> Option<TickRange> {
        let units = &self.pool.core().units;
        let tick = |price| F::<L>::tick_at_sqrt_price(units, F::<L>::sqrt_price_of(price, false, WHOLE, Rounding::Down)?).ok();
        let spacing = self.pool.core().ticks.spacing();
        let full = TickRange::full(spacing);
        let lower = tick(lower)?.div_euclid(spacing) * spacing;
        let upper = (tick(upper)?.div_euclid(spacing) + 1) * spacing;
        let range = TickRange::new(lower.max(full.lower), upper.min(full.upper));
        (range.lower < range.upper).then_some(range)
    }

    fn checked(amounts: [L::Amount; 2]) -> Result<(), LiquidityError> {
        match amounts.into_iter().find(|amount| !L::is_valid(*amount)) {
            Some(amount) => Err(LiquidityError::InvalidAmount { amount: L::amount_to_f64(amount) }),
            None => Ok(()),
        }
    }
}

impl<L: Lane, C: Contract<L>> RangedLiquidity for Concentrated<L, C> {
    fn tick_spacing(&self) -> i32 {
        self.pool.core().ticks.spacing()
    }

    fn tick(&self) -> Option<i32> {
        self.pool.core().slot.map(|slot| slot.tick)
    }

    fn liquidity(&self) -> u128 {
        self.pool.core().liquidity
    }

    fn fee_growth(&self) -> Option<[f64; 2]> {
        let core = self.pool.core();
        Some(core.fee_growth_global.map(|growth| F::<L>::growth_to_f64(&core.units, growth)))
    }

    /// The position manager's `mint` without slippage limits.
    fn mint(&mut self, owner: Owner, range: TickRange, amounts: [L::Amount; 2]) -> Result<RangedOutcome<L>, LiquidityError> {
        Self::checked(amounts)?;
        let liquidity = self.pool.core().liquidity_for(range, amounts)?;
        Ok(self.pool.add_liquidity(owner, range, liquidity)?)
    }

    fn burn(&mut self, owner: Owner, range: TickRange, liquidity: u128) -> Result<RangedOutcome<L>, LiquidityError> {
        Ok(self.pool.remove_liquidity(owner, range, liquidity)?)
    }

    /// The position manager's `collect`: brings the fees up to date if there is liquidity to earn them, and takes all that is owed.
    fn collect(&mut self, owner: Owner, range: TickRange) -> Result<[L::Amount; 2], LiquidityError> {
        Ok(self.pool.collect_all(owner, range)?)
    }

    fn move_price(&mut self, price: f64) -> Result<SwapOutcome<L>, SwapError> {
        let limit = F::<L>::sqrt_price_of(price, false, WHOLE, Rounding::Down);
        let limit = limit.ok_or(ConcentratedError::InvalidPrice { price })?;
        let direction = if self.sqrt_price().is_some_and(|now| limit < now) { ZeroForOne } else { OneForZero };
        let trade = Trade { direction, kind: SwapKind::ExactIn, amount: F::<L>::unlimited(), sqrt_price_limit: limit };
        let traded = self.pool.drive(&trade)?;
        Ok(SwapOutcome { amount_in: traded.amount_in, amount_out: traded.amount_out, fee: traded.fee })
    }

    fn position(&self, owner: Owner, range: TickRange) -> Option<RangedPosition<L>> {
        let key = PositionKey::new(owner, range);
        let position = self.pool.core().positions.get(&key)?;
        let Appraisal { amounts, fees } = self.pool.core().appraise(&key).ok()?;
        let owed = position.tokens_owed();
        let owed = [0, 1].map(|side| F::<L>::add_owed(owed[side], fees[side]));
        Some(RangedPosition { liquidity: position.liquidity(), amounts, owed })
    }
}
