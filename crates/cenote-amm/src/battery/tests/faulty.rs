//! A home-made constant product in integers, sound or with one fault.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::error::{LiquidityError, MathError, SwapError};
use crate::pool::{FungibleLiquidity, LiquidityOutcome, Owner, Pool, SwapKind, SwapOutcome, SwapRequest, TokenIndex};
use crate::{Exact, U256};

/// What may be wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Outputs are rounded up.
    RoundsOutputUp,
    /// Inputs are rounded down.
    RoundsInputDown,
    /// One unit of anything comes for nothing.
    FreeUnit,
    /// The fee is added to what counts as paid instead of taken from it.
    FeeHasWrongSign,
    /// No fee on token 1, which `swap_to` does not know.
    FeeOnOneSide,
    /// The fee is neither in the reserves nor anywhere else.
    FeeVanishes,
    /// A fee of 2% above a tenth of the reserve: parts are cheaper.
    FeeGrowsWithSize,
    /// A fee of 10% up to a tenth of the reserve and none above: the last third of a swap is cheaper than the first.
    DiscountForSize,
    /// The quote forgets the fee.
    QuoteForgetsFee,
    /// The quote counts quotes.
    QuoteCounts,
    /// A swap that fails has taken the payment.
    FailureTakesPayment,
    /// A large swap panics.
    Panics,
    /// A swap takes one unit more than was said.
    TakesOneMore,
    /// A mint takes as much as the more plentiful token allows.
    MintTakesMore,
    /// A mint gives LP tokens for the more plentiful token.
    MintGivesMore,
    /// Every second mint gives a hundredth less.
    MintsTakeTurns,
    /// A burn pays by the supply that is left.
    BurnPaysMore,
    /// A burn leaves the supply as it was.
    BurnForgetsSupply,
    /// A transfer leaves the sender what was sent.
    TransferCopies,
    /// The spot price is upside down.
    PriceInverted,
    /// There is never anything to arbitrage.
    NeverSwapsTo,
    /// The arbitrageur is told to trade half as much again.
    SwapsToFar,
    /// Everything is refused.
    RefusesAll,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Homemade {
    fault: Option<Fault>,
    reserves: [U256; 2],
    lp: BTreeMap<Owner, U256>,
    supply: U256,
    mints: u32,
    quotes: Cell<u32>,
}

fn n(number: u64) -> U256 {
    U256::from(number)
}

/// a·b/c, rounded down.
fn share(a: U256, b: U256, c: U256) -> Result<U256, MathError> {
    a.checked_mul(b).ok_or(MathError::MulOverflow)?.checked_div(c).ok_or(MathError::DivisionByZero)
}

/// a·b/c, rounded up.
fn share_up(a: U256, b: U256, c: U256) -> Result<U256, MathError> {
    let down = share(a, b, c)?;
    Ok(if down * c == a * b { down } else { down + n(1) })
}

impl Homemade {
    pub(super) fn sound() -> Self {
        Self::default()
    }

    pub(super) fn with(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Thousandths of the input that are not fee.
    fn kept(&self, side: usize, amount: U256, quoting: bool) -> u64 {
        let large = amount > self.reserves[side] / n(10);
        match self.fault {
            Some(Fault::FeeHasWrongSign) => 1003,
            Some(Fault::FeeOnOneSide) if side == 1 => 1000,
            Some(Fault::QuoteForgetsFee) if quoting => 1000,
            Some(Fault::FeeGrowsWithSize) if large => 980,
            Some(Fault::DiscountForSize) => {
                if large {
                    1000
                } else {
                    900
                }
            }
            _ => 997,
        }
    }

    /// Paid in and out.
    fn plan(&self, request: &SwapRequest<Exact>, quoting: bool) -> Result<SwapOutcome<Exact>, SwapError> {
        let (i, o) = (request.token_in.get(), request.token_out.get());
        if i > 1 || o > 1 || i == o {
            return Err(SwapError::UnknownToken { index: request.token_in.0.max(request.token_out.0), tokens: 2 });
        }
        let (x, y, amount) = (self.reserves[i], self.reserves[o], request.amount);
        if x.is_zero() || y.is_zero() {
            return Err(SwapError::EmptyReserve);
        }
        let limit = U256::from(1) << 112;
        if x > limit || y > limit || amount > limit {
            return Err(SwapError::Overflow { balance: f64::from(amount) });
        }
        let (paid, out) = match request.kind {
            SwapKind::ExactIn => {
                let counted = amount * n(self.kept(i, amount, quoting));
                let up = self.has(Fault::RoundsOutputUp);
                let out = if up { share_up } else { share }(counted, y, x * n(1000) + counted)?;
                (amount, out)
            }
            SwapKind::ExactOut if amount >= y => {
                return Err(SwapError::InsufficientLiquidity { amount_out: f64::from(amount), reserve: f64::from(y) });
            }
            SwapKind::ExactOut => {
                let kept = n(self.kept(i, share(amount, x, y - amount)?, quoting));
                let down = self.has(Fault::RoundsInputDown);
                (if down { share } else { share_up }(x * amount, n(1000), (y - amount) * kept)?, amount)
            }
        };
        let out = if self.has(Fault::FreeUnit) && out.is_zero() { n(1) } else { out };
        let paid = if self.has(Fault::TakesOneMore) { paid + n(1) } else { paid };
        if out.is_zero() || out >= y {
            return Err(SwapError::InsufficientOutputAmount);
        }
        assert!(!self.has(Fault::Panics) || paid < x, "more than there is");
        Ok(SwapOutcome::new(paid, out, share(paid, n(3), n(1000))?))
    }

    fn credit(&mut self, owner: Owner, liquidity: U256) {
        *self.lp.entry(owner).or_default() += liquidity;
        self.supply += liquidity;
    }
}

impl Pool for Homemade {
    type Lane = Exact;

    fn token_count(&self) -> usize {
        2
    }

    fn quote(&self, request: &SwapRequest<Exact>) -> Result<SwapOutcome<Exact>, SwapError> {
        if self.has(Fault::QuoteCounts) {
            self.quotes.set(self.quotes.get() + 1);
        }
        self.plan(request, true)
    }

    fn swap(&mut self, request: &SwapRequest<Exact>) -> Result<SwapOutcome<Exact>, SwapError> {
        let planned = self.plan(request, false);
        let (i, o) = (request.token_in.get(), request.token_out.get());
        if planned.is_err() && self.has(Fault::FailureTakesPayment) && i < 2 {
            self.reserves[i] = self.reserves[i].saturating_add(request.amount);
        }
        let outcome = planned?;
        self.reserves[i] += outcome.amount_in - if self.has(Fault::FeeVanishes) { outcome.fee } else { n(0) };
        self.reserves[o] -= outcome.amount_out;
        Ok(outcome)
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex) -> Option<f64> {
        let (base, quote) = if self.has(Fault::PriceInverted) { (quote, base) } else { (base, quote) };
        let [base, quote] = [base, quote].map(|token| self.reserve(token).map_or(0.0, f64::from));
        (base > 0.0 && quote > 0.0).then(|| quote / base)
    }

    fn swap_to(&self, base: TokenIndex, quote: TokenIndex, target: f64) -> Option<SwapRequest<Exact>> {
        if self.has(Fault::NeverSwapsTo) {
            return None;
        }
        // √(x y target φ) is where the marginal price is the target, with the fee left out of the reserves.
        let into = |token_in: TokenIndex, token_out: TokenIndex, worth: f64| {
            let (x, y) = (f64::from(self.reserve(token_in)?), f64::from(self.reserve(token_out)?));
            let amount = ((x * y * 0.997 * worth).sqrt() - x) / 0.997;
            let amount = if self.has(Fault::SwapsToFar) { amount * 1.5 } else { amount };
            let request = SwapRequest::exact_in((token_in, token_out), U256::from(amount.max(0.0)));
            self.plan(&request, false).is_ok().then_some(request)
        };
        into(quote, base, target).or_else(|| into(base, quote, 1.0 / target))
    }
}

impl FungibleLiquidity for Homemade {
    fn mint(&mut self, owner: Owner, offers: &[U256]) -> Result<LiquidityOutcome<Exact>, LiquidityError> {
        let &[a, b] = offers else { return Err(LiquidityError::AmountCount { given: offers.len(), tokens: 2 }) };
        let limit = U256::from(1) << 112;
        let [x, y] = self.reserves;
        if [a, b, x.saturating_add(a), y.saturating_add(b)].iter().any(|amount| *amount > limit) {
            return Err(LiquidityError::Overflow { balance: f64::from(a.max(b)) });
        }
        let (liquidity, amounts) = if self.supply.is_zero() {
            ((a * b).root(2), [a, b])
        } else {
            let (by_a, by_b) = (share(a, self.supply, x)?, share(b, self.supply, y)?);
            let (less, more) = (by_a.min(by_b), by_a.max(by_b));
            let liquidity = if self.has(Fault::MintTakesMore) { more } else { less };
            let amounts = [share_up(liquidity, x, self.supply)?, share_up(liquidity, y, self.supply)?];
            let second = self.has(Fault::MintsTakeTurns) && self.mints % 2 == 1;
            (
                if self.has(Fault::MintGivesMore) {
                    more
                } else if second {
                    liquidity * n(99) / n(100)
                } else {
                    liquidity
                },
                amounts,
            )
        };
        if liquidity.is_zero() || self.has(Fault::RefusesAll) {
            return Err(LiquidityError::InsufficientLiquidityMinted);
        }
        self.mints += u32::from(self.has(Fault::MintsTakeTurns));
        self.reserves = [x + amounts[0], y + amounts[1]];
        self.credit(owner, liquidity);
        Ok(LiquidityOutcome::new(liquidity, amounts.to_vec()))
    }

    fn burn(&mut self, owner: Owner, liquidity: U256) -> Result<LiquidityOutcome<Exact>, LiquidityError> {
        let balance = self.balance_of(owner);
        if liquidity > balance || liquidity.is_zero() {
            let [balance, amount] = [balance, liquidity].map(f64::from);
            return Err(LiquidityError::InsufficientBalance { owner: owner.id(), balance, amount });
        }
        let left = self.supply - liquidity;
        let whole = if self.has(Fault::BurnPaysMore) { left.max(liquidity) } else { self.supply };
        let amounts = [share(liquidity, self.reserves[0], whole)?, share(liquidity, self.reserves[1], whole)?];
        self.reserves = [self.reserves[0] - amounts[0], self.reserves[1] - amounts[1]];
        self.lp.insert(owner, balance - liquidity);
        if !self.has(Fault::BurnForgetsSupply) {
            self.supply = left;
        }
        Ok(LiquidityOutcome::new(liquidity, amounts.to_vec()))
    }

    fn transfer(&mut self, from: Owner, to: Owner, amount: U256) -> Result<(), LiquidityError> {
        let balance = self.balance_of(from);
        if amount > balance {
            let [balance, amount] = [balance, amount].map(f64::from);
            return Err(LiquidityError::InsufficientBalance { owner: from.id(), balance, amount });
        }
        self.lp.insert(from, if self.has(Fault::TransferCopies) { balance } else { balance - amount });
        *self.lp.entry(to).or_default() += amount;
        Ok(())
    }

    fn total_supply(&self) -> U256 {
        self.supply
    }

    fn balance_of(&self, owner: Owner) -> U256 {
        self.lp.get(&owner).copied().unwrap_or_default()
    }

    fn reserve(&self, token: TokenIndex) -> Option<U256> {
        self.reserves.get(token.get()).copied()
    }

    fn invariant(&self) -> f64 {
        let [x, y] = self.reserves.map(f64::from);
        x.sqrt() * y.sqrt()
    }
}
