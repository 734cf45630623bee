//! What every pool can do: [`Pool`] swaps, [`FungibleLiquidity`] has LP tokens. Both traits are dyn-compatible.

use core::fmt;

use cenote_units::SimTime;

use crate::concentrated::TickRange;
use crate::error::{LiquidityError, SwapError};
use crate::lane::Lane;

/// An amount in the arithmetic of pool `P`.
pub type Amount<P> = <<P as Pool>::Lane as Lane>::Amount;

/// Which of a pool's tokens: 0 is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenIndex(pub u8);

impl TokenIndex {
    /// The first token (the contracts' `token0`).
    pub const ZERO: Self = Self(0);
    /// The second token (the contracts' `token1`).
    pub const ONE: Self = Self(1);

    /// The index into an array of reserves.
    #[inline]
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl fmt::Display for TokenIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token {}", self.0)
    }
}

/// The two directions of a pool of two tokens: sugar for the pairs (0, 1) and (1, 0) of token indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Token 0 in, token 1 out.
    ZeroForOne,
    /// Token 1 in, token 0 out.
    OneForZero,
}

pub use Direction::{OneForZero, ZeroForOne};

impl From<Direction> for (TokenIndex, TokenIndex) {
    #[inline]
    fn from(direction: Direction) -> Self {
        match direction {
            ZeroForOne => (TokenIndex::ZERO, TokenIndex::ONE),
            OneForZero => (TokenIndex::ONE, TokenIndex::ZERO),
        }
    }
}

/// Which side of a swap is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SwapKind {
    /// The amount paid in is given.
    ExactIn,
    /// The amount paid out is given.
    ExactOut,
}

/// A swap that somebody asks for.
///
/// ```
/// use cenote_amm::{Fast, SwapRequest, TokenIndex, ZeroForOne};
///
/// let sell = SwapRequest::<Fast>::exact_in(ZeroForOne, 1.5);
/// let same = SwapRequest::<Fast>::exact_in((TokenIndex(0), TokenIndex(1)), 1.5);
/// assert_eq!(sell, same);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SwapRequest<L: Lane> {
    /// The token paid in.
    pub token_in: TokenIndex,
    /// The token paid out.
    pub token_out: TokenIndex,
    /// Which side `amount` fixes.
    pub kind: SwapKind,
    /// The fixed amount, in the lane's unit of that side's token.
    pub amount: L::Amount,
}

impl<L: Lane> SwapRequest<L> {
    /// Pay in exactly `amount`, take what it buys.
    #[inline]
    pub fn exact_in(tokens: impl Into<(TokenIndex, TokenIndex)>, amount: L::Amount) -> Self {
        let (token_in, token_out) = tokens.into();
        Self { token_in, token_out, kind: SwapKind::ExactIn, amount }
    }

    /// Take out exactly `amount`, pay what it costs.
    #[inline]
    pub fn exact_out(tokens: impl Into<(TokenIndex, TokenIndex)>, amount: L::Amount) -> Self {
        let (token_in, token_out) = tokens.into();
        Self { token_in, token_out, kind: SwapKind::ExactOut, amount }
    }
}

/// What a swap did, or would do.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SwapOutcome<L: Lane> {
    /// Paid in by the trader, fee included, in the lane's unit of the input token.
    pub amount_in: L::Amount,
    /// Paid out to the trader, in the lane's unit of the output token.
    pub amount_out: L::Amount,
    /// The part of `amount_in` that is fee, in the lane's unit of the input token.
    pub fee: L::Amount,
}

impl<L: Lane> SwapOutcome<L> {
    /// What a pool of one's own returns.
    #[inline]
    pub fn new(amount_in: L::Amount, amount_out: L::Amount, fee: L::Amount) -> Self {
        Self { amount_in, amount_out, fee }
    }
}

/// A market maker with two or more tokens.
///
/// Prices are `f64`, in units of `quote` per unit of `base`, in the lane's own units: whole tokens in [`Fast`](crate::Fast), smallest
/// units in [`Exact`](crate::Exact) (divide by `scale(quote decimals) / scale(base decimals)` for a price in whole tokens).
pub trait Pool: Send {
    /// The arithmetic of this pool.
    type Lane: Lane;

    /// How many tokens the pool holds; valid indices are below it.
    fn token_count(&self) -> usize;

    /// A block begins at `time`, before anything happens in it. A pool knows no clock: whoever runs one tells pools that want to know.
    fn begin_block(&mut self, time: SimTime) {
        let _ = time;
    }

    /// What [`swap`](Self::swap) would return now. Reads only.
    ///
    /// # Errors
    /// Whatever [`swap`](Self::swap) would fail with.
    fn quote(&self, request: &SwapRequest<Self::Lane>) -> Result<SwapOutcome<Self::Lane>, SwapError>;

    /// Executes the swap. Its result always equals that of a [`quote`](Self::quote) just before it.
    ///
    /// # Errors
    /// The contract would have reverted; the pool is untouched.
    fn swap(&mut self, request: &SwapRequest<Self::Lane>) -> Result<SwapOutcome<Self::Lane>, SwapError>;

    /// The marginal price of `base` in `quote`, before fee; `None` if the pool is empty or has no such tokens.
    fn spot_price(&self, base: TokenIndex, quote: TokenIndex) -> Option<f64>;

    /// The swap an arbitrageur makes against an outside price: the one whose *last* unit trades at `target`, fee included.
    ///
    /// With `p` the spot price and φ = 1 − fee, a trader buys `base` at p/φ and sells it at p·φ, at the margin. Outside that
    /// no-arbitrage band this is the exact-input request that carries the trader's marginal price to `target`, i.e. the nearer edge of
    /// the band to `target`: buying `base` if `target > p/φ`, selling it if `target < p·φ`. It maximises the profit of a trader
    /// who can deal at `target` outside, without gas. Inside the band, or if the trade rounds to nothing, it is `None`.
    ///
    /// In the exact lane the amount is rounded toward zero: the swap stops at the edge or just before it.
    ///
    /// Source: Angeris, Kao, Chiang, Noyes, Chitra, "An analysis of Uniswap markets" (2019), section 2.
    fn swap_to(&self, base: TokenIndex, quote: TokenIndex, target: f64) -> Option<SwapRequest<Self::Lane>>;
}

/// Who owns LP tokens. Owners are small numbers that the caller gives out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(u32);

impl Owner {
    /// Nobody: address 0, where the contract locks its minimum liquidity.
    pub const ZERO: Self = Self(0);
    /// The pool itself: LP tokens sent here are burned by whoever burns next.
    pub const POOL: Self = Self(u32::MAX);

    /// The owner with this number. 0 is [`Owner::ZERO`] and `u32::MAX` is [`Owner::POOL`]; all others are free to use.
    pub const fn new(id: u32) -> Self {
        Self(id)
    }

    /// The number.
    pub const fn id(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "owner {}", self.0)
    }
}

/// What a mint or a burn of LP tokens moved.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LiquidityOutcome<L: Lane> {
    /// LP tokens minted to, or burned from, the owner.
    pub liquidity: L::Amount,
    /// Tokens taken from the owner (mint) or paid to the owner (burn), one amount per token.
    pub amounts: Vec<L::Amount>,
}

impl<L: Lane> LiquidityOutcome<L> {
    /// What a pool of one's own returns.
    pub fn new(liquidity: L::Amount, amounts: Vec<L::Amount>) -> Self {
        Self { liquidity, amounts }
    }
}

/// A pool whose liquidity is one fungible LP token.
pub trait FungibleLiquidity: Pool {
    /// Adds liquidity in the pool's proportions, spending at most `amounts` (one per token), and mints LP tokens to `owner`.
    ///
    /// The first mint takes all of `amounts` and sets the price.
    ///
    /// # Errors
    /// The contract would have reverted; the pool is untouched.
    fn mint(&mut self, owner: Owner, amounts: &[Amount<Self>]) -> Result<LiquidityOutcome<Self::Lane>, LiquidityError>;

    /// Burns `liquidity` LP tokens of `owner` and pays out their share of every token.
    ///
    /// # Errors
    /// The contract would have reverted; the pool is untouched.
    fn burn(&mut self, owner: Owner, liquidity: Amount<Self>) -> Result<LiquidityOutcome<Self::Lane>, LiquidityError>;

    /// Moves LP tokens between owners.
    ///
    /// # Errors
    /// `from` has fewer than `amount`; the ledger is untouched.
    fn transfer(&mut self, from: Owner, to: Owner, amount: Amount<Self>) -> Result<(), LiquidityError>;

    /// All LP tokens there are, in the lane's unit.
    fn total_supply(&self) -> Amount<Self>;

    /// The LP tokens of `owner`, in the lane's unit.
    fn balance_of(&self, owner: Owner) -> Amount<Self>;

    /// The pool's reserve of `token`; `None` if it has no such token.
    fn reserve(&self, token: TokenIndex) -> Option<Amount<Self>>;

    /// The family's invariant in the lane's units, homogeneous of degree one in the reserves: √(r₀ r₁) for the constant product, D for
    /// `StableSwap`. Per LP token it never falls but for a protocol fee, and its growth is the fees of liquidity providers.
    fn invariant(&self) -> f64;

    /// LP tokens that the protocol is due now and would be minted by the next mint or burn, diluting everybody else.
    ///
    /// Zero unless the family says otherwise.
    fn pending_protocol_liquidity(&self) -> Amount<Self> {
        Self::Lane::ZERO
    }

    /// The part of every swap's fee, from 0 to 1, that leaves the reserves for the protocol at once, in the token that is paid out.
    ///
    /// Zero unless the family says otherwise.
    fn admin_share(&self) -> f64 {
        0.0
    }
}

/// What a change of a ranged position moved.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RangedOutcome<L: Lane> {
    /// Liquidity added to, or removed from, the position, in the contract's integers.
    pub liquidity: u128,
    /// What that liquidity is: paid by the owner (mint) or due to the owner (burn), token 0 and token 1.
    pub amounts: [L::Amount; 2],
    /// What the pool has paid out to the owner already, fees included. Pools that keep it until the owner collects say zero.
    pub paid_out: [L::Amount; 2],
}

impl<L: Lane> RangedOutcome<L> {
    /// What a pool of one's own returns.
    pub fn new(liquidity: u128, amounts: [L::Amount; 2], paid_out: [L::Amount; 2]) -> Self {
        Self { liquidity, amounts, paid_out }
    }
}

/// What a ranged position is, at the pool's price.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RangedPosition<L: Lane> {
    /// Its liquidity, in the contract's integers.
    pub liquidity: u128,
    /// The tokens its liquidity is now, token 0 and token 1.
    pub amounts: [L::Amount; 2],
    /// What it could collect now besides: fees, and burned liquidity that was not collected.
    pub owed: [L::Amount; 2],
}

impl<L: Lane> RangedPosition<L> {
    /// What a pool of one's own returns.
    pub fn new(liquidity: u128, amounts: [L::Amount; 2], owed: [L::Amount; 2]) -> Self {
        Self { liquidity, amounts, owed }
    }
}

/// A pool of two tokens whose liquidity lies in positions between two ticks.
///
/// Liquidity is an integer in both lanes, as in the contract: √(token 0 · token 1) in smallest units.
pub trait RangedLiquidity: Pool {
    /// Positions begin and end at multiples of this tick.
    fn tick_spacing(&self) -> i32;

    /// The tick of the price; none before the pool has one.
    fn tick(&self) -> Option<i32>;

    /// The liquidity in range.
    fn liquidity(&self) -> u128;

    /// Fees so far, in the lane's unit, per unit of the liquidity in range (the contracts' `feeGrowthGlobal0X128` and `1X128`, as
    /// numbers); none if the pool does not keep them.
    fn fee_growth(&self) -> Option<[f64; 2]> {
        None
    }

    /// Adds to the position of `owner` in `range` as much liquidity as `amounts` (token 0 and token 1, at most) buy.
    ///
    /// # Errors
    /// The contract would have reverted; the pool is untouched.
    fn mint(
        &mut self,
        owner: Owner,
        range: TickRange,
        amounts: [Amount<Self>; 2],
    ) -> Result<RangedOutcome<Self::Lane>, LiquidityError>;

    /// Removes liquidity from the position of `owner` in `range`. What it is can be collected, if it was not paid out at once.
    ///
    /// # Errors
    /// The contract would have reverted; the pool is untouched.
    fn burn(&mut self, owner: Owner, range: TickRange, liquidity: u128) -> Result<RangedOutcome<Self::Lane>, LiquidityError>;

    /// Pays `owner` all fees up to now, and all liquidity burned and not collected yet, of the position in `range`.
    ///
    /// # Errors
    /// The contract would have reverted; the pool is untouched.
    fn collect(&mut self, owner: Owner, range: TickRange) -> Result<[Amount<Self>; 2], LiquidityError>;

    /// Drives the marginal price of token 0 in token 1 to `price`, in the lane's units, by a trade that pays no fee. No contract has
    /// this: it is for worlds that follow a record.
    ///
    /// # Errors
    /// The pool cannot be driven at all, which is what this says unless it is implemented; no such price, or the price it has already.
    /// The pool is untouched.
    fn move_price(&mut self, price: f64) -> Result<SwapOutcome<Self::Lane>, SwapError> {
        let _ = price;
        Err(SwapError::Unsupported { operation: "a move of the price free of charge" })
    }

    /// The position of `owner` in `range`; none if there never was one.
    fn position(&self, owner: Owner, range: TickRange) -> Option<RangedPosition<Self::Lane>>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Exact, Fast};

    #[test]
    fn pools_are_objects() {
        fn _takes(_: &mut dyn Pool<Lane = Fast>, _: &dyn FungibleLiquidity<Lane = Exact>, _: &dyn RangedLiquidity<Lane = Fast>) {}
    }
}
