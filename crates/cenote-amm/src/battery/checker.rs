//! The properties by name: what each of them says, how much rounding it forgives, and when it does not apply.

use core::fmt;

use super::lane::BatteryLane;
use super::slack::Slack;

/// A property that every pool should have.
///
/// What is said of tolerances is the default; [`Battery::slack`](super::Battery::slack) sets another. "Nothing" is none at all, to the
/// smallest unit. In the fast lane the default is 128 ε (2.8·10⁻¹⁴) of the reserves that an operation touches, see [`Slack`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Checker {
    /// No operation panics. Tolerance: none in either lane.
    NoPanic,
    /// What was paid in, less what was paid out, is the change of the reserves, per token and operation.
    ///
    /// Exact: nothing. Where a protocol takes its part of the fees out of the reserves, say what the pool holds altogether with
    /// [`Battery::holdings`](super::Battery::holdings), or that tokens may leave with
    /// [`Battery::protocol_takes`](super::Battery::protocol_takes): then nothing may be created, but something may leave. Pools of
    /// ranged liquidity have no reserves to ask for: without `holdings` this is left to [`Solvency`](Self::Solvency).
    Conservation,
    /// The LP tokens of all owners are the supply; the liquidity of all positions in range is the liquidity in range.
    ///
    /// Owners 0 to 16 and [`Owner::POOL`](crate::Owner::POOL) are counted: give protocol and fee receivers numbers among these. Exact:
    /// nothing; liquidity is an integer in both lanes.
    Shares,
    /// The invariant (√k, D, ...) does not fall in a swap.
    ///
    /// Exact: nothing, as far as the `f64` of [`invariant`](crate::FungibleLiquidity::invariant) can tell (4·10⁻¹⁴ of it; in pools of a
    /// few thousand units, which the battery tries, that is any unit). Switch it off where a protocol takes more out of the reserves
    /// than the fee.
    InvariantInSwap,
    /// The invariant per LP token, those counted that are due to a protocol, does not fall whatever happens.
    ///
    /// Exact: as [`InvariantInSwap`](Self::InvariantInSwap), and 2 LP units where a protocol is due some. Switch it off where a protocol is paid at mints and burns in tokens instead
    /// of LP tokens: then this measures the protocol's part.
    InvariantPerLpToken,
    /// Whoever swaps there and at once back again has no more than before, whether the way back is for the exact output of the way
    /// there or for the exact input.
    ///
    /// Exact: nothing. Never switch it off.
    RoundTrip,
    /// A swap in two parts pays out no more (exact input), or costs no less (exact output), than the same in one.
    ///
    /// Exact: 2 units. Switch it off where the fee depends on the state of the pool, and where a fee on the *output* stays in the
    /// reserves: the second part then trades against the fee of the first.
    SplitTrade,
    /// Dust does not pay: nothing is paid out for nothing, and swaps of 1, 2, 3, 10 and 100 units obey
    /// [`RoundTrip`](Self::RoundTrip) (and, in pools of LP tokens, [`InvariantInSwap`](Self::InvariantInSwap)).
    ///
    /// Exact: nothing. In the fast lane a unit is 10^-decimals of a token.
    RoundingFavoursPool,
    /// A quote is the swap that follows it, in success and in failure; quoting twice says the same twice, and changes nothing.
    ///
    /// Tolerance: none in either lane.
    QuoteEqualsSwap,
    /// The outcome is what was asked for: no more in than the exact input, no less out than the exact output, a fee no larger than what
    /// was paid in, a deposit of no more than was offered; all amounts are amounts.
    ///
    /// Exact: nothing.
    OutcomeHonoursRequest,
    /// Prices are monotone and convex: more in never buys less; each further third of a swap buys no more than the third before (or
    /// costs no less); no swap is better than the spot price; a swap does not make what it bought cheaper.
    ///
    /// Exact: 2 units. Spot prices may be off by 10⁻⁹. Switch it off where the fee may fall in the course of a trade.
    PricesConvex,
    /// An operation that fails leaves the pool as it was, by its `Debug` text or [`Battery::snapshot`](super::Battery::snapshot).
    ///
    /// Tolerance: none in either lane.
    FailureChangesNothing,
    /// Minting and at once burning pays back no more of any token; burning and at once minting with the proceeds gives no more LP tokens.
    ///
    /// Exact: nothing. Switch it off for pools that take deposits out of proportion.
    MintBurn,
    /// The order of two mints, or of two burns, does not matter.
    ///
    /// Exact: 2 units of each token and of the LP token, and what these change of the pool's proportions.
    /// Switch it off where a deposit moves prices or pays a fee.
    OrderOfLiquidity,
    /// [`Pool::swap_to`](crate::Pool::swap_to) says the best trade there is at an outside price: it goes through, gains, gains no less
    /// than a hundredth less would; once it says `None`, no small trade gains in either direction; at the pool's own price it is `None`.
    ///
    /// Exact: 2 units. Pools that allow only small trades get 64 steps. Switch it off for pools that do not implement it.
    SwapTo,
    /// Of ranged liquidity: at any time everybody can burn and collect everything, and all together get no more than was paid in.
    ///
    /// Exact: nothing. A pool that has liquidity before the battery begins needs [`Battery::holdings`](super::Battery::holdings).
    Solvency,
    /// Of ranged liquidity: what a position is owed is not lowered by anything that its owner did not do to it.
    ///
    /// Exact: nothing; where 2^128 units and more could be owed, which contracts count from zero again, nothing is checked.
    FeesOwed,
}

impl Checker {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::NoPanic,
        Self::Conservation,
        Self::Shares,
        Self::InvariantInSwap,
        Self::InvariantPerLpToken,
        Self::RoundTrip,
        Self::SplitTrade,
        Self::RoundingFavoursPool,
        Self::QuoteEqualsSwap,
        Self::OutcomeHonoursRequest,
        Self::PricesConvex,
        Self::FailureChangesNothing,
        Self::MintBurn,
        Self::OrderOfLiquidity,
        Self::SwapTo,
        Self::Solvency,
        Self::FeesOwed,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoPanic => "no panic",
            Self::Conservation => "conservation",
            Self::Shares => "shares",
            Self::InvariantInSwap => "invariant in a swap",
            Self::InvariantPerLpToken => "invariant per LP token",
            Self::RoundTrip => "round trip",
            Self::SplitTrade => "split trade",
            Self::RoundingFavoursPool => "rounding favours the pool",
            Self::QuoteEqualsSwap => "quote equals swap",
            Self::OutcomeHonoursRequest => "outcome honours the request",
            Self::PricesConvex => "prices are convex",
            Self::FailureChangesNothing => "failure changes nothing",
            Self::MintBurn => "mint and burn",
            Self::OrderOfLiquidity => "order of mints and burns",
            Self::SwapTo => "swap to a price",
            Self::Solvency => "solvency",
            Self::FeesOwed => "fees owed",
        }
    }

    /// Whether pools of one fungible LP token can have this property.
    pub fn is_fungible(self) -> bool {
        !matches!(self, Self::Solvency | Self::FeesOwed)
    }

    /// Whether pools of ranged liquidity can have this property.
    pub fn is_ranged(self) -> bool {
        !matches!(self, Self::InvariantInSwap | Self::InvariantPerLpToken)
    }

    /// What rounding is forgiven by default in lane `L`.
    pub fn default_slack<L: BatteryLane>(self) -> Slack {
        match self {
            Self::NoPanic | Self::QuoteEqualsSwap | Self::FailureChangesNothing => Slack::NONE,
            _ if !L::IS_EXACT => Slack::relative(128.0 * f64::EPSILON),
            Self::InvariantInSwap | Self::InvariantPerLpToken => Slack::relative(4e-14),
            // Profits are computed in floats.
            Self::SwapTo => Slack::units(2.0).and_relative(1e-15),
            Self::SplitTrade | Self::PricesConvex | Self::OrderOfLiquidity => Slack::units(2.0),
            _ => Slack::NONE,
        }
    }
}

impl fmt::Display for Checker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A property that a pool has not: which one, and the numbers that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    checker: Checker,
    message: String,
}

impl Violation {
    /// `checker` is violated, as `message` says with numbers.
    pub fn new(checker: Checker, message: impl Into<String>) -> Self {
        Self { checker, message: message.into() }
    }

    /// The property.
    pub fn checker(&self) -> Checker {
        self.checker
    }

    /// What was seen.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.checker, self.message)
    }
}

impl std::error::Error for Violation {}

/// What a check found: a violation; or whether there was anything to check (a swap that fails cannot be split).
pub type Verdict = Result<bool, Violation>;
