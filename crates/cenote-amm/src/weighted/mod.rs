//! Weighted pools, Π balanceᵢ^weightᵢ constant: Balancer v2 and v3, with 2 to 8 tokens.
//!
//! [`Weighted`] is the pool and its part of the vault: it implements [`Pool`] and [`FungibleLiquidity`], and has the joins and exits out
//! of proportion as methods. [`Formulas`] are the contracts' functions, for balances that live elsewhere, and [`FixedPoint`] is
//! their arithmetic.
//!
//! # Theory
//! The spot price is `(balance_quote/weight_quote) / (balance_base/weight_base)`. A pool that arbitrage keeps at prices that have moved by rᵢ is worth
//! Π rᵢ^wᵢ / Σ wᵢ rᵢ of what holding would be: impermanent loss r^w/(w r + 1 − w) − 1 for two tokens. Its loss against rebalancing grows
//! at w (1 − w) σ²/2 of its value per unit of time.
//!
//! Sources: Martinelli and Mushegian, "Balancer whitepaper" (2019); Evans, "Liquidity provider returns in geometric mean markets"
//! (2020); Milionis, Moallemi, Roughgarden, Zhang, "Automated market making and loss-versus-rebalancing" (2022).

mod error;
mod exact;
mod fast;
mod formulas;
mod liquidity;
mod state;
#[cfg(test)]
mod tests;
mod version;
mod weights;

pub use error::{Reason, WeightedError};
pub use exact::{FixedPoint, balance_for_growth, invariant_up, log_exp};
pub use formulas::{Formulas, Priced, Side, View};
pub use state::Weighted;
pub use version::Version;
pub use weights::Weights;

use cenote_units::math::{exp_m1, ln, powf};

use crate::error::{LiquidityError, SwapError};
use crate::lane::Lane;
use crate::pool::{FungibleLiquidity, LiquidityOutcome, Owner, Pool, SwapOutcome, SwapRequest, TokenIndex};

/// The contracts' limit of a payment after fee, as a multiple of the balance, less what rounding may add.
const LARGEST_PAYMENT: f64 = 0.3 * (1.0 - 8.0 * f64::EPSILON);

impl<L: Lane> Weighted<L> {
    /// A token's balance and weight.
    fn holding(&self, token: usize) -> Option<(f64, f64)> {
        let balance = L::amount_to_f64(*self.balances.get(token)?);
        (balance > 0.0).then_some((balance, self.weights.fraction(token)?))
    }
}

impl<L: Lane> Pool for Weighted<L> {
    type Lane = L;

    fn token_count(&self) -> usize {
        self.weights.count()
    }

    #[inline]
    fn quote(&self, request: &SwapRequest<L>) -> Result<SwapOutcome<L>, SwapError> {
        Ok(self.plan_swap(request)?.outcome)
    }

    #[inline]
    fn swap(&mut self, request: &SwapRequest<L>) -> Result<SwapOutcome<L>, SwapError> {
        let planned = self.plan_swap(request)?;
        self.execute(planned)
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex) -> Option<f64> {
        let (base, quote) = self.sides(base, quote).ok()?;
        let ((base, base_weight), (quote, quote_weight)) = (self.holding(base)?, self.holding(quote)?);
        Some((quote / base) * (base_weight / quote_weight))
    }

    /// The closed form: a payment that multiplies the marginal price by r > 1 multiplies its balance by
    /// `r^(weight_out/(weight_in + weight_out))`.
    ///
    /// The contracts take no more than 30% of a balance at once; where the edge of the band lies beyond, this is the largest payment
    /// they do take, and the same call after it gives the next. The exact lane stops 4·10⁻¹⁵ of the balance before the edge, within
    /// which a trade is lost in the contracts' rounding.
    fn swap_to(&self, base: TokenIndex, quote: TokenIndex, target: f64) -> Option<SwapRequest<L>> {
        let price = self.spot_price(base, quote)?;
        if !(target > 0.0 && target < f64::INFINITY) {
            return None;
        }
        let keep = 1.0 - self.fee().fraction();
        let (buy, sell) = (keep * (target / price), keep * (price / target));
        let (token_in, token_out, ratio) = if buy > sell { (quote, base, buy) } else { (base, quote, sell) };
        if ratio.is_nan() || ratio <= 1.0 {
            return None;
        }
        let ((balance, weight_in), (_, weight_out)) = (self.holding(token_in.get())?, self.holding(token_out.get())?);
        let growth = exp_m1(ln(ratio) * (weight_out / (weight_in + weight_out))).min(LARGEST_PAYMENT);
        let amount = L::amount_from_f64(balance * (growth - L::Weighted::BAND_MARGIN) / keep)?;
        let request = SwapRequest::exact_in((token_in, token_out), amount);
        let planned = self.plan_swap(&request).ok()?;
        (planned.outcome.amount_out > L::ZERO).then_some(request)
    }
}

impl<L: Lane> FungibleLiquidity for Weighted<L> {
    /// [`initialize`](Self::initialize) at first, then [`join_proportional`](Self::join_proportional) for as many LP tokens as `amounts` allow.
    fn mint(&mut self, owner: Owner, amounts: &[L::Amount]) -> Result<LiquidityOutcome<L>, LiquidityError> {
        if self.lp.total_supply() == L::ZERO { self.initialize(owner, amounts) } else { self.join_within(owner, amounts) }
    }

    /// [`exit_proportional`](Self::exit_proportional).
    fn burn(&mut self, owner: Owner, liquidity: L::Amount) -> Result<LiquidityOutcome<L>, LiquidityError> {
        self.exit_proportional(owner, liquidity)
    }

    fn transfer(&mut self, from: Owner, to: Owner, amount: L::Amount) -> Result<(), LiquidityError> {
        self.lp.transfer(from, to, amount)
    }

    fn total_supply(&self) -> L::Amount {
        self.lp.total_supply()
    }

    fn balance_of(&self, owner: Owner) -> L::Amount {
        self.lp.balance_of(owner)
    }

    fn reserve(&self, token: TokenIndex) -> Option<L::Amount> {
        self.balances.get(token.get()).copied()
    }

    /// Π balanceᵢ^weightᵢ.
    fn invariant(&self) -> f64 {
        let powers = self.balances.iter().zip(self.weights.wads());
        powers.map(|(balance, wad)| powf(L::amount_to_f64(*balance), weights::fraction(*wad))).product()
    }
}
