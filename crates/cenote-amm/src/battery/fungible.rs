//! Operations on pools with one fungible LP token: generated relative to the state they will meet.

use core::fmt;

use proptest::prelude::*;

use super::checks::Flows;
use super::lane::BatteryLane;
use super::size::{Deposits, Size, sizes};
use super::slack::tokens;
use crate::error::AmmError;
use crate::lane::Lane;
use crate::pool::{Amount, FungibleLiquidity, Owner, Pool, SwapKind, SwapRequest, TokenIndex};

/// An operation relative to the state it meets. Tokens are counted around: token 5 of a pool of two is token 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FungibleOperation {
    /// A swap of a part of the reserve on the side that `kind` fixes.
    Swap {
        /// The token paid in.
        token_in: u8,
        /// The token paid out: so many further, the first of them next to `token_in`.
        token_out: u8,
        /// Which side is fixed.
        kind: SwapKind,
        /// How much of its reserve.
        size: Size,
    },
    /// The swap of an arbitrageur to an outside price.
    SwapTo {
        /// The token priced.
        base: u8,
        /// The token it is priced in: so many further.
        quote: u8,
        /// By how many thousandths the outside price exceeds the pool's.
        thousandths: i32,
    },
    /// A swap between any two numbers, whether tokens or not, the same or not.
    StraySwap {
        /// What should be paid in.
        token_in: u8,
        /// What should be paid out.
        token_out: u8,
        /// How much of the reserve, if there is one.
        size: Size,
    },
    /// A mint of the same part of every reserve, or of each its own.
    Mint {
        /// Who gets the LP tokens.
        owner: u8,
        /// How much of each token: the first for all if there is only one.
        offers: Vec<Size>,
    },
    /// A burn of a part of the owner's LP tokens.
    Burn {
        /// Whose.
        owner: u8,
        /// How much of the owner's.
        size: Size,
    },
    /// A transfer of a part of the owner's LP tokens.
    Transfer {
        /// Who had them.
        from: u8,
        /// Who gets them.
        to: u8,
        /// How much of the owner's.
        size: Size,
    },
}

/// Exact input or exact output.
pub(super) fn kinds() -> BoxedStrategy<SwapKind> {
    prop::sample::select(vec![SwapKind::ExactIn, SwapKind::ExactOut]).boxed()
}

/// By how many thousandths an outside price exceeds a pool's.
pub(super) fn outside_prices() -> BoxedStrategy<i32> {
    prop_oneof![4 => -100..=100_i32, 1 => -900..=9000_i32].boxed()
}

/// Sequences of operations, at most `length` of them after a first deposit.
pub fn fungible_operations(deposits: &Deposits, length: usize) -> BoxedStrategy<Vec<FungibleOperation>> {
    use FungibleOperation::{Burn, Mint, StraySwap, Swap, SwapTo, Transfer};
    let token = || 0..8_u8;
    let owner = || 1..4_u8;
    let each = prop::collection::vec(sizes(), 8);
    let all = sizes().prop_map(|size| vec![size]);
    let operation = prop_oneof![
        10 => (token(), token(), kinds(), sizes())
            .prop_map(|(token_in, token_out, kind, size)| Swap { token_in, token_out, kind, size }),
        4 => (owner(), prop_oneof![2 => all, 1 => each]).prop_map(|(owner, offers)| Mint { owner, offers }),
        4 => (owner(), sizes()).prop_map(|(owner, size)| Burn { owner, size }),
        3 => (token(), token(), outside_prices()).prop_map(|(base, quote, thousandths)| SwapTo { base, quote, thousandths }),
        1 => (owner(), owner(), sizes()).prop_map(|(from, to, size)| Transfer { from, to, size }),
        1 => (0..10_u8, 0..10_u8, sizes()).prop_map(|(token_in, token_out, size)| StraySwap { token_in, token_out, size }),
    ];
    let first = deposits.sizes(8).prop_map(|offers| Mint { owner: 1, offers });
    (first, prop::collection::vec(operation, 0..=length.max(1)))
        .prop_map(|(first, mut operations)| {
            operations.insert(0, first);
            operations
        })
        .boxed()
}

/// An operation in numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum FungibleCall<L: Lane> {
    /// [`Pool::swap`].
    Swap(SwapRequest<L>),
    /// [`Pool::swap`] of what [`Pool::swap_to`] says, if it says anything.
    SwapTo {
        /// The token priced.
        base: TokenIndex,
        /// The token it is priced in.
        quote: TokenIndex,
        /// The outside price.
        target: f64,
        /// What the pool says.
        request: Option<SwapRequest<L>>,
    },
    /// [`FungibleLiquidity::mint`].
    Mint(Owner, Vec<L::Amount>),
    /// [`FungibleLiquidity::burn`].
    Burn(Owner, L::Amount),
    /// [`FungibleLiquidity::transfer`], from and to.
    Transfer(Owner, Owner, L::Amount),
}

/// Two different tokens of a pool of `count`, the second so many further than the first.
pub(super) fn pair(count: usize, first: u8, further: u8) -> Option<(TokenIndex, TokenIndex)> {
    let count = u8::try_from(count).ok().filter(|count| *count >= 2)?;
    let first = first % count;
    Some((TokenIndex(first), TokenIndex((first + 1 + further % (count - 1)) % count)))
}

/// `spot` and so many thousandths.
pub(super) fn outside_price(spot: f64, thousandths: i32) -> f64 {
    spot * (1.0 + f64::from(thousandths) / 1000.0)
}

impl FungibleOperation {
    /// The operation in numbers, in the state of `pool`; `deposits` knows the tokens' decimals. None if the pool has no price to go by.
    pub fn call<P>(&self, pool: &P, deposits: &Deposits) -> Option<FungibleCall<P::Lane>>
    where
        P: FungibleLiquidity,
        P::Lane: BatteryLane,
    {
        let reserve = |token| pool.reserve(token).unwrap_or(P::Lane::ZERO);
        let amount = |token, size: Size| size.of::<P::Lane>(reserve(token), deposits.decimals_of(token));
        let owned = |owner, size: Size| size.of::<P::Lane>(pool.balance_of(owner), 18);
        let owner = |owner: u8| Owner::new(owner.into());
        Some(match self {
            Self::Swap { token_in, token_out, kind, size } => {
                let (token_in, token_out) = pair(pool.token_count(), *token_in, *token_out)?;
                let side = if *kind == SwapKind::ExactIn { token_in } else { token_out };
                FungibleCall::Swap(SwapRequest { token_in, token_out, kind: *kind, amount: amount(side, *size) })
            }
            Self::SwapTo { base, quote, thousandths } => {
                let (base, quote) = pair(pool.token_count(), *base, *quote)?;
                let target = outside_price(pool.spot_price(base, quote)?, *thousandths);
                FungibleCall::SwapTo { base, quote, target, request: pool.swap_to(base, quote, target) }
            }
            Self::StraySwap { token_in, token_out, size } => {
                let (token_in, token_out) = (TokenIndex(*token_in), TokenIndex(*token_out));
                FungibleCall::Swap(SwapRequest::exact_in((token_in, token_out), amount(token_in, *size)))
            }
            Self::Mint { owner: to, offers } => {
                let offer = |token: TokenIndex| offers.get(token.get()).or(offers.last()).map(|size| amount(token, *size));
                FungibleCall::Mint(owner(*to), tokens(pool).map(offer).collect::<Option<_>>()?)
            }
            Self::Burn { owner: from, size } => FungibleCall::Burn(owner(*from), owned(owner(*from), *size)),
            Self::Transfer { from, to, size } => FungibleCall::Transfer(owner(*from), owner(*to), owned(owner(*from), *size)),
        })
    }
}

impl<L: Lane> FungibleCall<L> {
    /// Carries it out. Returns what it moved.
    ///
    /// # Errors
    /// The pool's.
    pub fn run<P: FungibleLiquidity<Lane = L>>(&self, pool: &mut P) -> Result<Flows<Amount<P>>, AmmError> {
        let none = vec![L::ZERO; pool.token_count()];
        let (paid_in, paid_out) = match self {
            Self::Swap(request) | Self::SwapTo { request: Some(request), .. } => {
                return Ok(swap_flows(pool, request)?);
            }
            Self::SwapTo { request: None, .. } => (none.clone(), none),
            Self::Mint(owner, amounts) => (pool.mint(*owner, amounts)?.amounts, none),
            Self::Burn(owner, liquidity) => (none, pool.burn(*owner, *liquidity)?.amounts),
            Self::Transfer(from, to, amount) => {
                pool.transfer(*from, *to, *amount)?;
                (none.clone(), none)
            }
        };
        Ok(Flows { paid_in, paid_out })
    }

    /// The swap it is, if it is one.
    pub fn swap(&self) -> Option<&SwapRequest<L>> {
        match self {
            Self::Swap(request) | Self::SwapTo { request: Some(request), .. } => Some(request),
            _ => None,
        }
    }
}

/// Swaps, and says what that moved.
pub(super) fn swap_flows<P: Pool>(pool: &mut P, request: &SwapRequest<P::Lane>) -> Result<Flows<Amount<P>>, crate::SwapError> {
    let none = vec![P::Lane::ZERO; pool.token_count()];
    let outcome = pool.swap(request)?;
    let mut flows = Flows { paid_in: none.clone(), paid_out: none };
    if let (Some(paid), Some(out)) =
        (flows.paid_in.get_mut(request.token_in.get()), flows.paid_out.get_mut(request.token_out.get()))
    {
        (*paid, *out) = (outcome.amount_in, outcome.amount_out);
    }
    Ok(flows)
}

/// A request in words.
pub(super) fn write_swap<L: Lane>(f: &mut fmt::Formatter<'_>, request: &SwapRequest<L>) -> fmt::Result {
    let SwapRequest { token_in, token_out, amount, .. } = request;
    match request.kind {
        SwapKind::ExactIn => write!(f, "swap exactly {amount} of {token_in} for {token_out}"),
        SwapKind::ExactOut => write!(f, "swap {token_in} for exactly {amount} of {token_out}"),
    }
}

/// Amounts in a row.
pub(super) fn write_amounts<A: fmt::Display>(amounts: &[A]) -> String {
    amounts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ")
}

impl<L: Lane> fmt::Display for FungibleCall<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Swap(request) => write_swap(f, request),
            Self::SwapTo { base, quote, target, request } => {
                write!(f, "swap to {target:e} {quote} per {base}: ")?;
                match request {
                    Some(request) => write_swap(f, request),
                    None => f.write_str("nothing"),
                }
            }
            Self::Mint(owner, amounts) => write!(f, "{owner} mints with {}", write_amounts(amounts)),
            Self::Burn(owner, liquidity) => write!(f, "{owner} burns {liquidity} LP tokens"),
            Self::Transfer(from, to, amount) => write!(f, "{from} transfers {amount} LP tokens to {to}"),
        }
    }
}
