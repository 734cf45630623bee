//! The pool contract: its state, what it shows of it, and the swap.

use super::amplification::{Curve, Generation, Ramp};
use super::fee::PoolFee;
use super::formulas::{Exchange, Formulas, Market};
use super::governance::Commitment;
use super::{Coins, MAX_COINS};
use crate::constant_product::LpToken;
use crate::error::{AmmError, LiquidityError, MathError, SwapError};
use crate::lane::Lane;
use crate::pool::TokenIndex;

/// A pool of plain coins with the semantics of Curve's contracts, in either lane: `Stableswap.vy` or `CurveStableSwapNG.vy`.
///
/// Every operation that is paid for takes the payment with it. Tokens outside the pool are the caller's to account for; who may call
/// the functions of the administrator is not checked. Every `Err` leaves the pool as it was.
///
/// The protocol's share of the fees lies in the pool but outside the balances that price swaps: [`admin_balances`](Self::admin_balances).
///
/// ```
/// use cenote_amm::stableswap::{Generation, PlainPool, PoolFee};
/// use cenote_amm::{Exact, Owner, TokenIndex, U256};
///
/// // Three stablecoins with 18, 6 and 6 decimals, A = 2000 as the contract reports it, 1 basis point.
/// let mut pool = PlainPool::<Exact>::new(Generation::Ng, &[18, 6, 6], 2000, PoolFee::from_parts(1_000_000)?)?;
/// let million = |decimals: u32| U256::from(1_000_000) * U256::from(10).pow(U256::from(decimals));
/// pool.add_liquidity(Owner::new(1), &[million(18), million(6), million(6)], U256::ZERO)?;
/// assert_eq!(pool.virtual_price()?, U256::from(10).pow(U256::from(18)));
/// let exchange = pool.exchange(TokenIndex(1), TokenIndex(2), U256::from(1_000_000), U256::ZERO)?;
/// assert_eq!(exchange.amount_out, U256::from(999_899));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PlainPool<L: Lane> {
    pub(super) generation: Generation,
    pub(super) ramp: Ramp,
    pub(super) fee: PoolFee,
    pub(super) admin_fee: PoolFee,
    pub(super) offpeg_fee_multiplier: u64,
    pub(super) rates: Coins<L::Amount>,
    pub(super) balances: Coins<L::Amount>,
    pub(super) admin_balances: Coins<L::Amount>,
    pub(super) lp: LpToken<L>,
    pub(super) block_timestamp: u64,
    pub(super) commitment: Option<Commitment>,
}

impl<L: Lane> PlainPool<L> {
    /// An empty pool for coins with these decimals, one entry per coin, with the amplification that the contract's `A()` reports.
    ///
    /// The protocol takes no share of the fees in the first generation, and one half in NG pools. The fast lane counts whole tokens
    /// and does not need the decimals, only how many there are.
    ///
    /// # Errors
    /// [`AmmError::CoinCount`] unless there are 2 to 4 coins (8 in NG pools), [`AmmError::InvalidDecimals`] above 18,
    /// [`AmmError::InvalidAmplification`] unless `1 <= amplification <= 10^6`.
    pub fn new(generation: Generation, decimals: &[u8], amplification: u64, fee: PoolFee) -> Result<Self, AmmError> {
        let (coins, maximum) = (decimals.len(), generation.max_coins().min(MAX_COINS));
        if coins < 2 || coins > maximum {
            return Err(AmmError::CoinCount { coins, maximum });
        }
        if let Some(&largest) = decimals.iter().max().filter(|largest| **largest > 18) {
            return Err(AmmError::InvalidDecimals { given: coins, tokens: coins, largest });
        }
        let curve = Curve::new(generation, amplification)?;
        let mut rates = Coins::filled(L::ZERO, coins);
        for (rate, decimals) in rates.iter_mut().zip(decimals) {
            *rate = L::StableSwap::rate(*decimals);
        }
        Ok(Self {
            generation,
            ramp: Ramp::constant(curve.stored()),
            fee,
            admin_fee: if generation == Generation::Ng { PoolFee::HALF } else { PoolFee::ZERO },
            offpeg_fee_multiplier: PoolFee::DENOMINATOR,
            rates,
            balances: Coins::filled(L::ZERO, coins),
            admin_balances: Coins::filled(L::ZERO, coins),
            lp: LpToken::default(),
            block_timestamp: 0,
            commitment: None,
        })
    }

    /// Which contract this is.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// How many coins the pool holds.
    pub fn coin_count(&self) -> usize {
        self.balances.len()
    }

    /// The balances that price swaps and that LP tokens have a claim on, in the lane's unit of each coin.
    #[inline]
    pub fn balances(&self) -> &[L::Amount] {
        &self.balances
    }

    /// What lies in the pool for the protocol, in the lane's unit of each coin.
    ///
    /// NG pools keep these numbers; in the first generation they are the tokens there less [`balances`](Self::balances).
    pub fn admin_balances(&self) -> &[L::Amount] {
        &self.admin_balances
    }

    /// The pool's LP tokens.
    pub fn lp(&self) -> &LpToken<L> {
        &self.lp
    }

    /// The curve of this block: generation and amplification now.
    #[inline]
    pub fn curve(&self) -> Curve {
        Curve::from_stored(self.generation, self.ramp.at(self.block_timestamp))
    }

    /// The fee of a swap between coins at the peg.
    pub fn fee(&self) -> PoolFee {
        self.fee
    }

    /// The protocol's share of the fees.
    pub fn admin_fee(&self) -> PoolFee {
        self.admin_fee
    }

    /// By how much the fee grows far off the peg, in units of 10^-10.
    pub fn offpeg_fee_multiplier(&self) -> u64 {
        self.offpeg_fee_multiplier
    }

    /// Unix seconds of the block in which operations run now.
    pub fn block_timestamp(&self) -> u64 {
        self.block_timestamp
    }

    /// Moves the clock to a block at `timestamp`, in Unix seconds: A ramps with it.
    pub fn set_block_timestamp(&mut self, timestamp: u64) {
        self.block_timestamp = timestamp;
    }

    /// What the formulas read.
    #[inline]
    pub(super) fn market(&self) -> Market<'_, L::Amount> {
        Market {
            curve: self.curve(),
            fee: self.fee,
            admin_fee: self.admin_fee,
            offpeg_fee_multiplier: self.offpeg_fee_multiplier,
            rates: &self.rates,
            balances: &self.balances,
        }
    }

    /// Balances in one common unit: `_xp_mem`.
    pub(super) fn scaled(&self, balances: &[L::Amount]) -> Result<Coins<L::Amount>, MathError> {
        Coins::try_from_fn(balances.len(), |coin| L::StableSwap::scaled(balances[coin], self.rates[coin]))
    }

    /// D of these balances: `get_D_mem`. Unit: 10^-18 in the exact lane, whole tokens in the fast one.
    pub(super) fn invariant_of(&self, balances: &[L::Amount]) -> Result<L::Amount, MathError> {
        L::StableSwap::invariant(self.curve(), &self.scaled(balances)?)
    }

    /// D now: what the balances would sum to in equal parts. Unit: 10^-18 in the exact lane, whole tokens in the fast one.
    ///
    /// # Errors
    /// The contract's iteration overflows or does not converge.
    pub fn invariant(&self) -> Result<L::Amount, MathError> {
        self.invariant_of(&self.balances)
    }

    /// D per LP token, `get_virtual_price`. Unit: 10^-18 in the exact lane.
    ///
    /// # Errors
    /// There are no LP tokens, or as [`invariant`](Self::invariant).
    pub fn virtual_price(&self) -> Result<L::Amount, MathError> {
        L::StableSwap::share(self.invariant()?, L::StableSwap::ONE, self.lp.total_supply())
    }

    /// The two sides of a trade, if these are two different coins of this pool.
    #[inline]
    pub(super) fn sides(&self, token_in: TokenIndex, token_out: TokenIndex) -> Result<(usize, usize), SwapError> {
        for token in [token_in, token_out] {
            if token.get() >= self.coin_count() {
                return Err(SwapError::UnknownToken { index: token.0, tokens: self.coin_count() });
            }
        }
        if token_in == token_out {
            return Err(SwapError::SameToken { index: token_in.0 });
        }
        Ok((token_in.get(), token_out.get()))
    }

    /// All checks of a swap, and the balances after it.
    #[inline]
    pub(super) fn plan_exchange(
        &self,
        (i, j): (usize, usize),
        amount_in: L::Amount,
    ) -> Result<PlannedExchange<L::Amount>, SwapError> {
        if !L::is_valid(amount_in) {
            return Err(SwapError::InvalidAmount { amount: L::amount_to_f64(amount_in) });
        }
        let exchange = L::StableSwap::exchange(&self.market(), (i, j), amount_in)?;
        let balance_in = add::<L>(self.balances[i], amount_in)?;
        let balance_out = sub::<L>(sub::<L>(self.balances[j], exchange.amount_out)?, exchange.admin)?;
        let admin_balance = add::<L>(self.admin_balances[j], exchange.admin)?;
        Ok(PlannedExchange { exchange, sides: (i, j), balance_in, balance_out, admin_balance })
    }

    /// Carries out a swap that has passed its checks on this very state.
    #[inline]
    pub(super) fn execute(&mut self, planned: PlannedExchange<L::Amount>) -> Exchange<L::Amount> {
        let (i, j) = planned.sides;
        self.balances[i] = planned.balance_in;
        self.balances[j] = planned.balance_out;
        self.admin_balances[j] = planned.admin_balance;
        planned.exchange
    }

    /// Swaps `amount_in` of one coin for at least `minimum_out` of another: `exchange`.
    ///
    /// # Errors
    /// In the contract's order: what its checked arithmetic refuses, [`SwapError::OutputBelowMinimum`].
    pub fn exchange(
        &mut self,
        token_in: TokenIndex,
        token_out: TokenIndex,
        amount_in: L::Amount,
        minimum_out: L::Amount,
    ) -> Result<Exchange<L::Amount>, SwapError> {
        let planned = self.plan_exchange(self.sides(token_in, token_out)?, amount_in)?;
        let amount_out = planned.exchange.amount_out;
        if amount_out < minimum_out {
            let [amount_out, minimum] = [amount_out, minimum_out].map(L::amount_to_f64);
            return Err(SwapError::OutputBelowMinimum { amount_out, minimum });
        }
        Ok(self.execute(planned))
    }

    /// The contract's own forecast of a swap, `get_dy`. In the first generation it may differ from [`exchange`](Self::exchange) by a unit.
    ///
    /// # Errors
    /// As the contract's.
    pub fn get_dy(&self, token_in: TokenIndex, token_out: TokenIndex, amount_in: L::Amount) -> Result<L::Amount, SwapError> {
        if !L::is_valid(amount_in) {
            return Err(SwapError::InvalidAmount { amount: L::amount_to_f64(amount_in) });
        }
        L::StableSwap::quoted_output(&self.market(), self.sides(token_in, token_out)?, amount_in)
    }

    /// One amount per coin, each of them an amount.
    pub(super) fn check_amounts(&self, amounts: &[L::Amount]) -> Result<(), LiquidityError> {
        if amounts.len() != self.coin_count() {
            return Err(LiquidityError::AmountCount { given: amounts.len(), tokens: self.coin_count() });
        }
        amounts.iter().try_for_each(|amount| Self::check_amount(*amount))
    }

    /// An amount at all.
    pub(super) fn check_amount(amount: L::Amount) -> Result<(), LiquidityError> {
        if L::is_valid(amount) { Ok(()) } else { Err(LiquidityError::InvalidAmount { amount: L::amount_to_f64(amount) }) }
    }
}

/// A swap that passed every check, ready to be carried out.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlannedExchange<A> {
    pub(super) exchange: Exchange<A>,
    sides: (usize, usize),
    balance_in: A,
    balance_out: A,
    /// Of the coin that goes out.
    admin_balance: A,
}

#[inline]
pub(super) fn add<L: Lane>(a: L::Amount, b: L::Amount) -> Result<L::Amount, MathError> {
    L::checked_add(a, b).ok_or(MathError::AddOverflow)
}

#[inline]
pub(super) fn sub<L: Lane>(a: L::Amount, b: L::Amount) -> Result<L::Amount, MathError> {
    L::checked_sub(a, b).ok_or(MathError::SubUnderflow)
}
