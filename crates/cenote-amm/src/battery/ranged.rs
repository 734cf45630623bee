//! Operations on pools of ranged liquidity.

use core::fmt;

use proptest::prelude::*;

use super::checks::Flows;
use super::fungible::{kinds, outside_price, outside_prices, pair, swap_flows, write_amounts, write_swap};
use super::lane::BatteryLane;
use super::size::{Deposits, Size, sizes};
use crate::concentrated::TickRange;
use crate::concentrated::tick_math::{MAX_TICK, MIN_TICK};
use crate::error::AmmError;
use crate::lane::Lane;
use crate::pool::{Amount, Owner, RangedLiquidity, SwapKind, SwapRequest, TokenIndex};

/// A range relative to the pool's price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeSize {
    /// From `offset` tick spacings off the price, `width` spacings wide.
    Near {
        /// Where it begins.
        offset: i32,
        /// How wide it is.
        width: i32,
    },
    /// As wide as can be.
    Full,
    /// Between any two numbers.
    Stray(i32, i32),
}

impl RangeSize {
    /// The range in a pool with this tick and this tick spacing.
    pub fn of(self, tick: i32, spacing: i32) -> TickRange {
        match self {
            Self::Near { offset, width } => {
                let lower = tick.div_euclid(spacing.max(1)).saturating_add(offset).saturating_mul(spacing);
                TickRange::new(lower, lower.saturating_add(width.saturating_mul(spacing)))
            }
            Self::Full => TickRange::full(spacing),
            Self::Stray(lower, upper) => TickRange::new(lower, upper),
        }
    }
}

fn ranges() -> BoxedStrategy<RangeSize> {
    let near = |(offset, width): (i32, i32)| RangeSize::Near { offset, width };
    prop_oneof![
        3 => Just(RangeSize::Full),
        8 => (-20..=10_i32, 1..=30_i32).prop_map(near),
        3 => (-500..=500_i32, 1..=800_i32).prop_map(near),
        1 => (MIN_TICK - 9..=MAX_TICK + 9, MIN_TICK - 9..=MAX_TICK + 9).prop_map(|(lower, upper)| RangeSize::Stray(lower, upper)),
    ]
    .boxed()
}

/// An operation relative to the state it meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RangedOperation {
    /// A swap of a part of what all positions have on the side that `kind` fixes.
    Swap {
        /// The token paid in.
        token_in: u8,
        /// Which side is fixed.
        kind: SwapKind,
        /// How much of what positions have of it.
        size: Size,
    },
    /// The swap of an arbitrageur to an outside price of token 0 or 1.
    SwapTo {
        /// The token priced.
        base: u8,
        /// By how many thousandths the outside price exceeds the pool's.
        thousandths: i32,
    },
    /// A swap between any two numbers, whether tokens or not, the same or not.
    StraySwap {
        /// What should be paid in.
        token_in: u8,
        /// What should be paid out.
        token_out: u8,
        /// How much.
        size: Size,
    },
    /// A mint into a range.
    Mint {
        /// Whose.
        owner: u8,
        /// Where.
        range: RangeSize,
        /// Up to how much of each token, as parts of what all positions have.
        offers: [Size; 2],
    },
    /// A burn of a part of a position's liquidity.
    Burn {
        /// Which of the positions, counted around.
        position: u8,
        /// How much of its liquidity.
        size: Size,
    },
    /// Collects what a position is owed.
    Collect {
        /// Which of the positions, counted around.
        position: u8,
    },
}

/// Sequences of operations, at most `length` of them after a first deposit around the price.
pub fn ranged_operations(deposits: &Deposits, length: usize) -> BoxedStrategy<Vec<RangedOperation>> {
    use RangedOperation::{Burn, Collect, Mint, StraySwap, Swap, SwapTo};
    let owner = || 1..4_u8;
    let operation = prop_oneof![
        10 => (0..2_u8, kinds(), sizes()).prop_map(|(token_in, kind, size)| Swap { token_in, kind, size }),
        6 => (owner(), ranges(), [sizes(), sizes()]).prop_map(|(owner, range, offers)| Mint { owner, range, offers }),
        4 => (any::<u8>(), sizes()).prop_map(|(position, size)| Burn { position, size }),
        3 => any::<u8>().prop_map(|position| Collect { position }),
        3 => (0..2_u8, outside_prices()).prop_map(|(base, thousandths)| SwapTo { base, thousandths }),
        1 => (0..4_u8, 0..4_u8, sizes()).prop_map(|(token_in, token_out, size)| StraySwap { token_in, token_out, size }),
    ];
    let around = prop_oneof![
        2 => Just(RangeSize::Full),
        3 => (-200..=0_i32, 1..=200_i32).prop_map(|(offset, more)| RangeSize::Near { offset, width: more - offset }),
    ];
    let first = (around, deposits.sizes(2)).prop_map(|(range, offers)| Mint { owner: 1, range, offers: [offers[0], offers[1]] });
    (first, prop::collection::vec(operation, 0..=length.max(1)))
        .prop_map(|(first, mut operations)| {
            operations.insert(0, first);
            operations
        })
        .boxed()
}

/// A position by owner and range.
pub type Place = (Owner, TickRange);

/// An operation in numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum RangedCall<L: Lane> {
    /// [`Pool::swap`](crate::Pool::swap).
    Swap(SwapRequest<L>),
    /// [`Pool::swap`](crate::Pool::swap) of what [`Pool::swap_to`](crate::Pool::swap_to) says, if it says anything.
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
    /// [`RangedLiquidity::mint`].
    Mint(Place, [L::Amount; 2]),
    /// [`RangedLiquidity::burn`].
    Burn(Place, u128),
    /// [`RangedLiquidity::collect`].
    Collect(Place),
}

/// What all of these positions have of each token, liquidity and what they are owed.
pub(super) fn held<P: RangedLiquidity>(pool: &P, places: &[Place]) -> [Amount<P>; 2] {
    let mut sum = [P::Lane::ZERO; 2];
    for (owner, range) in places {
        if let Some(position) = pool.position(*owner, *range) {
            for side in 0..2 {
                for amount in [position.amounts[side], position.owed[side]] {
                    sum[side] = P::Lane::checked_add(sum[side], amount).unwrap_or(sum[side]);
                }
            }
        }
    }
    sum
}

impl RangedOperation {
    /// The operation in numbers, in the state of `pool`, whose positions are at `places`. None if there is no price or position to go by.
    pub fn call<P>(&self, pool: &P, places: &[Place], deposits: &Deposits) -> Option<RangedCall<P::Lane>>
    where
        P: RangedLiquidity,
        P::Lane: BatteryLane,
    {
        let amount = |token: TokenIndex, size: Size| {
            let there = held(pool, places);
            let reference = there.get(token.get()).copied().unwrap_or(P::Lane::ZERO);
            // On the side of the price where there is nothing of a token, as much as the other is worth.
            let reference = if reference > P::Lane::ZERO || token.get() > 1 {
                reference
            } else {
                let other = TokenIndex(1 - token.0);
                let price = pool.spot_price(other, token).unwrap_or(0.0);
                P::Lane::amount_from_f64(P::Lane::amount_to_f64(there[other.get()]) * price).unwrap_or(P::Lane::ZERO)
            };
            size.of::<P::Lane>(reference, deposits.decimals_of(token))
        };
        let place = |position: u8| places.get(usize::from(position) % places.len().max(1)).copied();
        Some(match self {
            Self::Swap { token_in, kind, size } => {
                let (token_in, token_out) = pair(2, *token_in, 0)?;
                let side = if *kind == SwapKind::ExactIn { token_in } else { token_out };
                RangedCall::Swap(SwapRequest { token_in, token_out, kind: *kind, amount: amount(side, *size) })
            }
            Self::SwapTo { base, thousandths } => {
                let (base, quote) = pair(2, *base, 0)?;
                let target = outside_price(pool.spot_price(base, quote)?, *thousandths);
                RangedCall::SwapTo { base, quote, target, request: pool.swap_to(base, quote, target) }
            }
            Self::StraySwap { token_in, token_out, size } => {
                let (token_in, token_out) = (TokenIndex(*token_in), TokenIndex(*token_out));
                RangedCall::Swap(SwapRequest::exact_in((token_in, token_out), amount(token_in, *size)))
            }
            Self::Mint { owner, range, offers } => {
                let range = range.of(pool.tick()?, pool.tick_spacing());
                let offers = [amount(TokenIndex::ZERO, offers[0]), amount(TokenIndex::ONE, offers[1])];
                RangedCall::Mint((Owner::new((*owner).into()), range), offers)
            }
            Self::Burn { position, size } => {
                let (owner, range) = place(*position)?;
                let liquidity = pool.position(owner, range).map_or(0, |position| position.liquidity);
                RangedCall::Burn((owner, range), size.of_integer(liquidity))
            }
            Self::Collect { position } => RangedCall::Collect(place(*position)?),
        })
    }
}

impl<L: Lane> RangedCall<L> {
    /// Carries it out. Returns what it moved.
    ///
    /// # Errors
    /// The pool's.
    pub fn run<P: RangedLiquidity<Lane = L>>(&self, pool: &mut P) -> Result<Flows<Amount<P>>, AmmError> {
        let none = [L::ZERO; 2];
        let (paid_in, paid_out) = match self {
            Self::Swap(request) | Self::SwapTo { request: Some(request), .. } => {
                return Ok(swap_flows(pool, request)?);
            }
            Self::SwapTo { request: None, .. } => (none, none),
            Self::Mint((owner, range), amounts) => {
                let minted = pool.mint(*owner, *range, *amounts)?;
                (minted.amounts, minted.paid_out)
            }
            Self::Burn((owner, range), liquidity) => (none, pool.burn(*owner, *range, *liquidity)?.paid_out),
            Self::Collect((owner, range)) => (none, pool.collect(*owner, *range)?),
        };
        Ok(Flows { paid_in: paid_in.to_vec(), paid_out: paid_out.to_vec() })
    }

    /// The swap it is, if it is one.
    pub fn swap(&self) -> Option<&SwapRequest<L>> {
        match self {
            Self::Swap(request) | Self::SwapTo { request: Some(request), .. } => Some(request),
            _ => None,
        }
    }

    /// The position it changes, if it changes one.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Mint(place, _) | Self::Burn(place, _) | Self::Collect(place) => Some(*place),
            Self::Swap(_) | Self::SwapTo { .. } => None,
        }
    }
}

impl<L: Lane> fmt::Display for RangedCall<L> {
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
            Self::Mint((owner, range), amounts) => write!(f, "{owner} mints in {range} with {}", write_amounts(amounts)),
            Self::Burn((owner, range), liquidity) => write!(f, "{owner} burns {liquidity} of liquidity in {range}"),
            Self::Collect((owner, range)) => write!(f, "{owner} collects in {range}"),
        }
    }
}
