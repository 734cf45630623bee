//! What a weighted pool remembers, and the checks of the vault around the formulas: written once for both lanes.

use cenote_units::Fee;

use super::error::{Reason, WeightedError};
use super::formulas::{Formulas, Side, View};
use super::version::Version;
use super::weights::Weights;
use crate::constant_product::LpToken;
use crate::error::{AmmError, LiquidityError, SwapError};
use crate::lane::Lane;
use crate::pool::{Owner, SwapKind, SwapOutcome, SwapRequest, TokenIndex};

/// A fraction in the lane of `L`.
pub(super) type Factor<L> = <<L as Lane>::Weighted as Formulas>::Factor;

/// A Balancer weighted pool with its part of the vault.
///
/// The trading function is Π balanceᵢ^weightᵢ. Amounts cross its border in each token's own smallest units in the exact lane, in whole
/// tokens in the fast lane; LP tokens have 18 decimals. Token rates, hooks, pausing and the surcharge of v3 on a join and exit in one
/// transaction are not there.
///
/// Every `Err` leaves the pool as it was.
///
/// ```
/// use cenote_amm::{Fast, FungibleLiquidity, Owner, Pool, SwapRequest, ZeroForOne};
/// use cenote_amm::weighted::{Weighted, Weights};
///
/// // 80% BAL, 20% WETH, 1% fee.
/// let mut pool = Weighted::<Fast>::balancer_v3(&Weights::percent(&[80, 20])?, "1%".parse().unwrap());
/// pool.mint(Owner::new(1), &[1000.0, 50.0])?;
/// let outcome = pool.swap(&SwapRequest::exact_in(ZeroForOne, 10.0))?;
/// assert!((outcome.amount_out - 1.931948750948).abs() < 1e-12);
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Weighted<L: Lane> {
    pub(super) version: Version,
    pub(super) weights: Weights,
    pub(super) weight_factors: Vec<Factor<L>>,
    pub(super) scaling: Vec<Factor<L>>,
    pub(super) minimums: Vec<L::Amount>,
    fee: Fee,
    pub(super) fee_factor: Factor<L>,
    protocol_share: Fee,
    pub(super) protocol_factor: Factor<L>,
    pub(super) balances: Vec<L::Amount>,
    pub(super) protocol_fees: Vec<L::Amount>,
    pub(super) last_invariant: L::Amount,
    pub(super) lp: LpToken<L>,
}

/// What a swap will leave behind, once it is known to pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlannedSwap<L: Lane> {
    pub(super) outcome: SwapOutcome<L>,
    side_in: usize,
    side_out: usize,
    balance_in: L::Amount,
    balance_out: L::Amount,
    protocol_fee: L::Amount,
}

impl<L: Lane> Weighted<L> {
    /// An empty Balancer v2 pool for tokens with 18 decimals, see [`with_decimals`](Self::with_decimals).
    pub fn balancer_v2(weights: &Weights, fee: Fee) -> Self {
        Self::new(Version::V2, weights, fee)
    }

    /// An empty Balancer v3 pool for tokens with 18 decimals, see [`with_decimals`](Self::with_decimals).
    pub fn balancer_v3(weights: &Weights, fee: Fee) -> Self {
        Self::new(Version::V3, weights, fee)
    }

    /// An empty pool for tokens with 18 decimals, without a share for the protocol.
    ///
    /// The contracts allow fees from 0.0001% (v2) or 0.001% (v3) to 10%; here any will do, none included.
    pub fn new(version: Version, weights: &Weights, fee: Fee) -> Self {
        let count = weights.count();
        Self {
            version,
            weights: weights.clone(),
            weight_factors: weights.wads().iter().map(|&wad| L::Weighted::factor(wad)).collect(),
            scaling: vec![L::Weighted::scaling(18); count],
            minimums: vec![L::Weighted::minimum_balance(version, 18); count],
            fee,
            fee_factor: L::Weighted::factor(fee.wad()),
            protocol_share: Fee::ZERO,
            protocol_factor: L::Weighted::factor(0),
            balances: vec![L::ZERO; count],
            protocol_fees: vec![L::ZERO; count],
            last_invariant: L::ZERO,
            lp: LpToken::default(),
        }
    }

    /// The same pool for tokens with these decimals.
    ///
    /// # Errors
    /// [`AmmError::InvalidDecimals`] unless there is one per token and none is above 18: the contracts take no others.
    pub fn with_decimals(mut self, decimals: &[u8]) -> Result<Self, AmmError> {
        let largest = decimals.iter().copied().max().unwrap_or(0);
        if decimals.len() != self.weights.count() || largest > 18 {
            return Err(AmmError::InvalidDecimals { given: decimals.len(), tokens: self.weights.count(), largest });
        }
        self.scaling = decimals.iter().map(|&decimals| L::Weighted::scaling(decimals)).collect();
        self.minimums = decimals.iter().map(|&decimals| L::Weighted::minimum_balance(self.version, decimals)).collect();
        Ok(self)
    }

    /// A pool as it stands on a chain: balances in each token's own units, and LP tokens that belong to `owner`.
    ///
    /// In v2 the protocol's claim starts from here.
    ///
    /// # Errors
    /// Amounts that are no amounts or too many or too few of them, balances that the pool could not have.
    pub fn with_state(mut self, owner: Owner, balances: &[L::Amount], supply: L::Amount) -> Result<Self, LiquidityError> {
        self.check_amounts(balances)?;
        self.check_fit(balances)?;
        let scaled = self.upscale(balances)?;
        let invariant = L::Weighted::invariant(&self.view(&scaled))?;
        self.lp = LpToken::default();
        self.lp.mint_all(&[(owner, supply)])?;
        self.balances = balances.to_vec();
        self.last_invariant = invariant;
        Ok(self)
    }

    /// Which generation.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The weights.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// The swap fee, on what is paid in.
    pub fn fee(&self) -> Fee {
        self.fee
    }

    /// What the pool holds of each token, the protocol's part not included, in the lane's unit.
    pub fn balances(&self) -> &[L::Amount] {
        &self.balances
    }

    /// What was set aside for the protocol of each token since the pool was made, in the lane's unit.
    pub fn protocol_fees(&self) -> &[L::Amount] {
        &self.protocol_fees
    }

    /// The invariant after the last join or exit, with 18 decimals in the exact lane: where v2 counts the protocol's share from.
    pub fn last_invariant(&self) -> L::Amount {
        self.last_invariant
    }

    /// The pool's LP tokens.
    pub fn lp(&self) -> &LpToken<L> {
        &self.lp
    }

    /// The protocol's part of the fees.
    pub fn protocol_share(&self) -> Fee {
        self.protocol_share
    }

    /// Sets the protocol's part of the fees: in v2 of the growth of the invariant since the last join or exit, in v3 of each fee from now.
    pub fn set_protocol_share(&mut self, share: Fee) {
        self.protocol_share = share;
        self.protocol_factor = L::Weighted::factor(share.wad());
    }

    pub(super) fn fail(&self, reason: Reason) -> WeightedError {
        WeightedError { version: self.version, reason }
    }

    /// What the formulas of joins and exits see.
    pub(super) fn view<'a>(&'a self, balances: &'a [L::Amount]) -> View<'a, L::Amount, Factor<L>> {
        View {
            version: self.version,
            balances,
            weights: &self.weight_factors,
            minimums: &self.minimums,
            supply: self.lp.total_supply(),
            fee: self.fee_factor,
        }
    }

    /// Amounts in the tokens' own units, with 18 decimals.
    pub(super) fn upscale(&self, amounts: &[L::Amount]) -> Result<Vec<L::Amount>, WeightedError> {
        amounts.iter().zip(&self.scaling).map(|(amount, scaling)| L::Weighted::mul_down(self.version, *amount, *scaling)).collect()
    }

    /// One valid amount per token.
    pub(super) fn check_amounts(&self, amounts: &[L::Amount]) -> Result<(), LiquidityError> {
        let tokens = self.weights.count();
        if amounts.len() != tokens {
            return Err(LiquidityError::AmountCount { given: amounts.len(), tokens });
        }
        amounts.iter().try_for_each(|amount| check_amount::<L>(*amount))
    }

    pub(super) fn check_fit(&self, balances: &[L::Amount]) -> Result<(), WeightedError> {
        for balance in balances {
            if !L::Weighted::fits(self.version, *balance) {
                return Err(self.fail(Reason::BalanceOverflow { balance: L::amount_to_f64(*balance) }));
            }
        }
        Ok(())
    }

    /// v3's vault refuses amounts between nothing and 10⁶ units, and nothing too where a swap is concerned.
    pub(super) fn check_trade_amount(&self, amount: L::Amount) -> Result<(), WeightedError> {
        if self.version == Version::V3 && amount < L::Weighted::minimum() {
            return Err(self.fail(Reason::TradeAmountTooSmall { amount: L::amount_to_f64(amount) }));
        }
        Ok(())
    }

    /// The two sides of a trade, if these are two different tokens of this pool.
    #[inline]
    pub(super) fn sides(&self, token_in: TokenIndex, token_out: TokenIndex) -> Result<(usize, usize), SwapError> {
        let tokens = self.weights.count();
        for token in [token_in, token_out] {
            if token.get() >= tokens {
                return Err(SwapError::UnknownToken { index: token.0, tokens });
            }
        }
        if token_in == token_out { Err(SwapError::SameToken { index: token_in.0 }) } else { Ok((token_in.get(), token_out.get())) }
    }

    fn side(&self, token: usize) -> Result<Side<L::Amount, Factor<L>>, WeightedError> {
        let balance = L::Weighted::mul_down(self.version, self.balances[token], self.scaling[token])?;
        Ok(Side { balance, weight: self.weight_factors[token] })
    }

    /// All checks of a swap, in the contracts' order.
    #[inline]
    pub(super) fn plan_swap(&self, request: &SwapRequest<L>) -> Result<PlannedSwap<L>, SwapError> {
        if !L::is_valid(request.amount) {
            return Err(SwapError::InvalidAmount { amount: L::amount_to_f64(request.amount) });
        }
        let (side_in, side_out) = self.sides(request.token_in, request.token_out)?;
        if self.version == Version::V3 && self.lp.total_supply() == L::ZERO {
            return Err(self.fail(Reason::NotInitialized).into());
        }
        if request.amount == L::ZERO {
            return Err(self.fail(Reason::AmountGivenZero).into());
        }
        let outcome = match (self.version, request.kind) {
            (Version::V2, SwapKind::ExactIn) => self.exact_in_v2(side_in, side_out, request.amount)?,
            (Version::V2, SwapKind::ExactOut) => self.exact_out_v2(side_in, side_out, request.amount)?,
            (Version::V3, SwapKind::ExactIn) => self.exact_in_v3(side_in, side_out, request.amount)?,
            (Version::V3, SwapKind::ExactOut) => self.exact_out_v3(side_in, side_out, request.amount)?,
        };
        let protocol_fee = match self.version {
            Version::V2 => L::ZERO,
            Version::V3 => L::Weighted::mul_down(self.version, outcome.fee, self.protocol_factor)?,
        };
        let balance_in = self.sub(self.add(self.balances[side_in], outcome.amount_in)?, protocol_fee)?;
        let balance_out = self.sub(self.balances[side_out], outcome.amount_out)?;
        self.check_fit(&[balance_in])?;
        Ok(PlannedSwap { outcome, side_in, side_out, balance_in, balance_out, protocol_fee })
    }

    /// Carries out a swap that has passed its checks on this very state.
    #[inline]
    pub(super) fn execute(&mut self, planned: PlannedSwap<L>) -> Result<SwapOutcome<L>, SwapError> {
        let protocol_fees = self.add(self.protocol_fees[planned.side_in], planned.protocol_fee)?;
        self.protocol_fees[planned.side_in] = protocol_fees;
        self.balances[planned.side_in] = planned.balance_in;
        self.balances[planned.side_out] = planned.balance_out;
        Ok(planned.outcome)
    }

    /// `BaseMinimalSwapInfoPool.onSwap`: the fee is taken before the token's units are scaled.
    #[inline]
    fn exact_in_v2(&self, side_in: usize, side_out: usize, amount: L::Amount) -> Result<SwapOutcome<L>, WeightedError> {
        let fee = L::Weighted::mul_up(self.version, amount, self.fee_factor)?;
        let net = self.sub(amount, fee)?;
        let (token_in, token_out) = (self.side(side_in)?, self.side(side_out)?);
        let net = L::Weighted::mul_down(self.version, net, self.scaling[side_in])?;
        let out = L::Weighted::amount_out(self.version, token_in, token_out, net)?;
        let amount_out = L::Weighted::div_down(self.version, out, self.scaling[side_out])?;
        Ok(SwapOutcome { amount_in: amount, amount_out, fee })
    }

    #[inline]
    fn exact_out_v2(&self, side_in: usize, side_out: usize, amount: L::Amount) -> Result<SwapOutcome<L>, WeightedError> {
        let (token_in, token_out) = (self.side(side_in)?, self.side(side_out)?);
        let out = L::Weighted::mul_down(self.version, amount, self.scaling[side_out])?;
        let net = L::Weighted::amount_in(self.version, token_in, token_out, out)?;
        let net = L::Weighted::div_up(self.version, net, self.scaling[side_in])?;
        let amount_in = L::Weighted::with_fee(self.version, net, self.fee_factor)?;
        Ok(SwapOutcome { amount_in, amount_out: amount, fee: self.sub(amount_in, net)? })
    }

    /// `Vault._swap` around `WeightedPool.onSwap`: the fee has 18 decimals.
    #[inline]
    fn exact_in_v3(&self, side_in: usize, side_out: usize, amount: L::Amount) -> Result<SwapOutcome<L>, WeightedError> {
        let gross = L::Weighted::mul_down(self.version, amount, self.scaling[side_in])?;
        let fee = L::Weighted::mul_up(self.version, gross, self.fee_factor)?;
        let net = self.sub(gross, fee)?;
        self.check_trade_amount(net)?;
        let (token_in, token_out) = self.sides_v3(side_in, side_out)?;
        let out = L::Weighted::amount_out(self.version, token_in, token_out, net)?;
        self.check_minimum_balance(side_out, self.sub(token_out.balance, out)?)?;
        self.check_trade_amount(out)?;
        let amount_out = L::Weighted::div_down(self.version, out, self.scaling[side_out])?;
        Ok(SwapOutcome { amount_in: amount, amount_out, fee: L::Weighted::div_down(self.version, fee, self.scaling[side_in])? })
    }

    #[inline]
    fn exact_out_v3(&self, side_in: usize, side_out: usize, amount: L::Amount) -> Result<SwapOutcome<L>, WeightedError> {
        let out = L::Weighted::mul_down(self.version, amount, self.scaling[side_out])?;
        self.check_trade_amount(out)?;
        let (token_in, token_out) = self.sides_v3(side_in, side_out)?;
        let net = L::Weighted::amount_in(self.version, token_in, token_out, out)?;
        self.check_minimum_balance(side_out, self.sub(token_out.balance, out)?)?;
        self.check_trade_amount(net)?;
        let gross = L::Weighted::with_fee(self.version, net, self.fee_factor)?;
        let fee = L::Weighted::div_down(self.version, self.sub(gross, net)?, self.scaling[side_in])?;
        Ok(SwapOutcome { amount_in: L::Weighted::div_up(self.version, gross, self.scaling[side_in])?, amount_out: amount, fee })
    }

    /// The two sides with the input's balance rounded up and seen to be above the pool's minimum.
    #[inline]
    #[allow(clippy::type_complexity, reason = "two of the same")]
    fn sides_v3(
        &self,
        side_in: usize,
        side_out: usize,
    ) -> Result<(Side<L::Amount, Factor<L>>, Side<L::Amount, Factor<L>>), WeightedError> {
        let (mut token_in, token_out) = (self.side(side_in)?, self.side(side_out)?);
        token_in.balance = L::Weighted::balance_in(self.version, token_in.balance)?;
        self.check_minimum_balance(side_in, token_in.balance)?;
        Ok((token_in, token_out))
    }

    #[inline]
    fn check_minimum_balance(&self, token: usize, balance: L::Amount) -> Result<(), WeightedError> {
        let minimum = self.minimums[token];
        if balance < minimum {
            let (balance, minimum) = (L::amount_to_f64(balance), L::amount_to_f64(minimum));
            return Err(self.fail(Reason::BalanceBelowMin { token, balance, minimum }));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn add(&self, a: L::Amount, b: L::Amount) -> Result<L::Amount, WeightedError> {
        L::checked_add(a, b).ok_or(self.fail(Reason::AddOverflow))
    }

    #[inline]
    pub(super) fn sub(&self, a: L::Amount, b: L::Amount) -> Result<L::Amount, WeightedError> {
        L::checked_sub(a, b).ok_or(self.fail(Reason::SubOverflow))
    }
}

pub(super) fn check_amount<L: Lane>(amount: L::Amount) -> Result<(), LiquidityError> {
    if L::is_valid(amount) { Ok(()) } else { Err(LiquidityError::InvalidAmount { amount: L::amount_to_f64(amount) }) }
}
