//! The pair contract: reserves against balances, mint, burn, swap, skim and sync, in the contract's order of checks.

use super::fee::SwapFee;
use super::formulas::Formulas;
use super::lp_token::LpToken;
use super::protocol_fee::ProtocolFee;
use crate::error::{LiquidityError, MathError, SwapError};
use crate::lane::Lane;
use crate::pool::Owner;

/// A token pair with the semantics of `UniswapV2Pair.sol`, in either lane.
///
/// The contract sees payments as the difference between its token *balances* and its stored *reserves*. Here every operation that is
/// paid for takes the payment with it, as if token transfer and call were one transaction; a payment made earlier is a
/// [`donate`](Self::donate), and counts just as it does there. Tokens outside the pair are the caller's to account for.
///
/// Every `Err` leaves the pair as it was. Two amounts in a row are always (token 0, token 1).
///
/// ```
/// use cenote_amm::constant_product::{Pair, ProtocolFee, SwapFee};
/// use cenote_amm::{Fast, Owner};
///
/// let mut pair = Pair::<Fast>::new(SwapFee::UNISWAP_V2, ProtocolFee::UNISWAP_V2);
/// pair.mint(Owner::new(1), [10.0, 20_000.0])?;
/// pair.donate([1.0, 0.0])?;                         // balances move, reserves do not
/// assert_eq!((pair.balances(), pair.reserves()), ([11.0, 20_000.0], [10.0, 20_000.0]));
/// assert_eq!(pair.skim(), [1.0, 0.0]);
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
///
/// Source: `@uniswap/v2-core`, `contracts/UniswapV2Pair.sol`; the `PancakeSwap` pairs differ in constants only.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair<L: Lane> {
    fee: SwapFee,
    protocol_fee: ProtocolFee,
    minimum_liquidity: L::Amount,
    fee_to: Option<Owner>,
    reserves: [L::Amount; 2],
    balances: [L::Amount; 2],
    k_last: L::Amount,
    block_timestamp: u64,
    block_timestamp_last: u32,
    price_cumulative: [L::Amount; 2],
    lp: LpToken<L>,
}

/// Where the amounts of a swap come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The caller, who may ask for anything.
    Caller,
    /// The router's formulas, for these reserves.
    Router,
}

impl<L: Lane> Pair<L> {
    /// An empty pair. In the fast lane both tokens are taken to have 18 decimals, see [`with_decimals`](Self::with_decimals).
    pub fn new(fee: SwapFee, protocol_fee: ProtocolFee) -> Self {
        Self {
            fee,
            protocol_fee,
            minimum_liquidity: L::ConstantProduct::minimum_liquidity([18, 18]),
            fee_to: None,
            reserves: [L::ZERO; 2],
            balances: [L::ZERO; 2],
            k_last: L::ZERO,
            block_timestamp: 0,
            block_timestamp_last: 0,
            price_cumulative: [L::ZERO; 2],
            lp: LpToken::default(),
        }
    }

    /// The same pair for tokens with these decimals.
    ///
    /// Only the fast lane cares: the minimum liquidity of 1000 smallest LP units is 1000·10^-((d0+d1)/2) in whole tokens.
    #[must_use]
    pub fn with_decimals(mut self, decimals: [u8; 2]) -> Self {
        self.minimum_liquidity = L::ConstantProduct::minimum_liquidity(decimals);
        self
    }

    /// The swap fee.
    pub fn fee(&self) -> &SwapFee {
        &self.fee
    }

    /// The protocol's share of the fees, taken while [`fee_to`](Self::fee_to) is set.
    pub fn protocol_fee(&self) -> ProtocolFee {
        self.protocol_fee
    }

    /// LP tokens that the first mint locks at [`Owner::ZERO`] forever, in the lane's unit.
    pub fn minimum_liquidity(&self) -> L::Amount {
        self.minimum_liquidity
    }

    /// Who receives the protocol's LP tokens; `None` while the protocol fee is off.
    pub fn fee_to(&self) -> Option<Owner> {
        self.fee_to
    }

    /// Switches the protocol fee on (`Some`) or off (`None`): `UniswapV2Factory.setFeeTo`. Takes effect at the next mint or burn.
    pub fn set_fee_to(&mut self, fee_to: Option<Owner>) {
        self.fee_to = fee_to.filter(|owner| *owner != Owner::ZERO);
    }

    /// The amounts that price swaps, in the lane's unit.
    #[inline]
    pub fn reserves(&self) -> [L::Amount; 2] {
        self.reserves
    }

    /// The reserves of the token on this side, which is 0 or 1, and of the other.
    #[inline(always)]
    pub(super) fn reserves_from(&self, side: usize) -> (L::Amount, L::Amount) {
        // By index: read as a pair, they would wait until the last swap's two writes have got to memory.
        (self.reserves[side & 1], self.reserves[(side & 1) ^ 1])
    }

    /// The balances of the token on this side, which is 0 or 1, and of the other.
    #[inline(always)]
    pub(super) fn balances_from(&self, side: usize) -> (L::Amount, L::Amount) {
        (self.balances[side & 1], self.balances[(side & 1) ^ 1])
    }

    /// The tokens that are really there: reserves and donations, in the lane's unit.
    #[inline]
    pub fn balances(&self) -> [L::Amount; 2] {
        self.balances
    }

    /// The product of the reserves after the last mint or burn with the protocol fee on; zero otherwise.
    pub fn k_last(&self) -> L::Amount {
        self.k_last
    }

    /// Unix seconds of the block in which operations run now.
    pub fn block_timestamp(&self) -> u64 {
        self.block_timestamp
    }

    /// Moves the clock to a block at `timestamp`, in Unix seconds.
    pub fn set_block_timestamp(&mut self, timestamp: u64) {
        self.block_timestamp = timestamp;
    }

    /// Seconds, modulo 2^32, of the block in which the reserves were last updated.
    pub fn block_timestamp_last(&self) -> u32 {
        self.block_timestamp_last
    }

    /// Time-weighted sums of (token 1 per token 0, token 0 per token 1), in price · seconds.
    ///
    /// Exact lane: `UQ112x112` numbers (scaled by 2^112), modulo 2^256. Fast lane: plain.
    pub fn price_cumulative(&self) -> [L::Amount; 2] {
        self.price_cumulative
    }

    /// The pair's LP tokens.
    pub fn lp(&self) -> &LpToken<L> {
        &self.lp
    }

    /// Moves LP tokens between owners; to [`Owner::POOL`] for a burn to come.
    ///
    /// # Errors
    /// [`LiquidityError::InsufficientBalance`] if `from` has fewer.
    pub fn transfer_lp(&mut self, from: Owner, to: Owner, amount: L::Amount) -> Result<(), LiquidityError> {
        self.lp.transfer(from, to, amount)
    }

    /// Sends tokens to the pair without a call: they lie above the reserves until a swap, mint or sync counts them or a skim takes them.
    ///
    /// # Errors
    /// An amount is no amount, or the balance does not fit.
    pub fn donate(&mut self, amounts: [L::Amount; 2]) -> Result<(), LiquidityError> {
        self.balances = self.balances_with(amounts)?;
        Ok(())
    }

    /// Pays `amounts` and mints LP tokens to `to` for what is now above the reserves. Returns the LP tokens minted to `to`.
    ///
    /// What is not in proportion is a gift to all LPs; [`FungibleLiquidity::mint`](crate::FungibleLiquidity::mint) avoids that.
    ///
    /// # Errors
    /// In the contract's order: overflows of `SafeMath`, [`LiquidityError::InsufficientLiquidityMinted`], [`LiquidityError::Overflow`].
    pub fn mint(&mut self, to: Owner, amounts: [L::Amount; 2]) -> Result<L::Amount, LiquidityError> {
        let balances = self.balances_with(amounts)?;
        let amounts = [self.surplus(0, amounts[0])?, self.surplus(1, amounts[1])?];
        let protocol = self.protocol_liquidity()?;
        let supply = add::<L>(self.lp.total_supply(), protocol)?;
        let (liquidity, locked) = if supply == L::ZERO {
            (L::ConstantProduct::initial_liquidity(amounts, self.minimum_liquidity)?, self.minimum_liquidity)
        } else {
            let by_token0 = L::ConstantProduct::share(amounts[0], supply, self.reserves[0])?;
            let by_token1 = L::ConstantProduct::share(amounts[1], supply, self.reserves[1])?;
            (if by_token0 < by_token1 { by_token0 } else { by_token1 }, L::ZERO)
        };
        if liquidity == L::ZERO {
            return Err(LiquidityError::InsufficientLiquidityMinted);
        }
        add::<L>(add::<L>(supply, locked)?, liquidity)?;
        Self::check_fit(balances).map_err(|balance| LiquidityError::Overflow { balance })?;
        let k = self.next_k_last(balances)?;
        self.lp.mint_all(&[(self.fee_to.unwrap_or(Owner::ZERO), protocol), (Owner::ZERO, locked), (to, liquidity)])?;
        self.update(balances);
        self.k_last = k;
        Ok(liquidity)
    }

    /// Sends `liquidity` LP tokens of `from` to the pair and burns all that are there. Returns the tokens paid out.
    ///
    /// The fast lane resolves reserves to 1e-16 of their size: when everything but the locked minimum is burned, nothing is left to
    /// price a later mint by, which then fails with [`MathError::DivisionByZero`].
    ///
    /// # Errors
    /// In the contract's order: [`LiquidityError::InsufficientBalance`], overflows of `SafeMath`,
    /// [`LiquidityError::InsufficientLiquidityBurned`], [`LiquidityError::Overflow`].
    pub fn burn(&mut self, from: Owner, liquidity: L::Amount) -> Result<[L::Amount; 2], LiquidityError> {
        let mut lp = self.lp.clone();
        lp.transfer(from, Owner::POOL, liquidity)?;
        let liquidity = lp.balance_of(Owner::POOL);
        let protocol = self.protocol_liquidity()?;
        lp.mint_all(&[(self.fee_to.unwrap_or(Owner::ZERO), protocol)])?;
        let supply = lp.total_supply();
        let amounts = [
            L::ConstantProduct::share(liquidity, self.balances[0], supply)?,
            L::ConstantProduct::share(liquidity, self.balances[1], supply)?,
        ];
        if amounts[0] == L::ZERO || amounts[1] == L::ZERO {
            return Err(LiquidityError::InsufficientLiquidityBurned);
        }
        lp.burn(Owner::POOL, liquidity)?;
        let balances = [sub::<L>(self.balances[0], amounts[0])?, sub::<L>(self.balances[1], amounts[1])?];
        Self::check_fit(balances).map_err(|balance| LiquidityError::Overflow { balance })?;
        self.k_last = self.next_k_last(balances)?;
        self.lp = lp;
        self.update(balances);
        Ok(amounts)
    }

    /// Pays `amounts_in`, takes `amounts_out`. Returns what the contract counts as input: the payment and whatever lay above the reserves.
    ///
    /// # Errors
    /// In the contract's order: [`SwapError::InsufficientOutputAmount`], [`SwapError::InsufficientLiquidity`],
    /// [`SwapError::InsufficientInputAmount`], overflows of `SafeMath`, [`SwapError::K`], [`SwapError::Overflow`].
    pub fn swap(&mut self, amounts_in: [L::Amount; 2], amounts_out: [L::Amount; 2]) -> Result<[L::Amount; 2], SwapError> {
        let balances = self.balances_after(amounts_in, amounts_out, Origin::Caller)?;
        let counted = [self.surplus(0, amounts_in[0])?, self.surplus(1, amounts_in[1])?];
        self.update(balances);
        Ok(counted)
    }

    /// All checks of a swap, and what it leaves behind if it passes them.
    #[inline(always)]
    pub(super) fn balances_after(
        &self,
        paid: [L::Amount; 2],
        out: [L::Amount; 2],
        origin: Origin,
    ) -> Result<[L::Amount; 2], SwapError> {
        for amount in [paid[0], paid[1], out[0], out[1]] {
            if !L::is_valid(amount) {
                return Err(SwapError::InvalidAmount { amount: L::amount_to_f64(amount) });
            }
        }
        let paid_up = [add::<L>(self.balances[0], paid[0])?, add::<L>(self.balances[1], paid[1])?];
        if L::is_zero(out[0]) && L::is_zero(out[1]) {
            return Err(SwapError::InsufficientOutputAmount);
        }
        for side in 0..2 {
            if out[side] >= self.reserves[side] {
                return Err(SwapError::InsufficientLiquidity {
                    amount_out: L::amount_to_f64(out[side]),
                    reserve: L::amount_to_f64(self.reserves[side]),
                });
            }
        }
        // balance + paid - out over reserve - out, what the contract counts as input, is paid + (balance - reserve): no output in it.
        let amounts_in = [self.surplus(0, paid[0])?, self.surplus(1, paid[1])?];
        if L::is_zero(amounts_in[0]) && L::is_zero(amounts_in[1]) {
            return Err(SwapError::InsufficientInputAmount);
        }
        let balances = [sub::<L>(paid_up[0], out[0])?, sub::<L>(paid_up[1], out[1])?];
        let sure = origin == Origin::Router && L::ConstantProduct::surely_keeps_k(balances, &self.fee);
        if !sure && !L::ConstantProduct::keeps_k(self.reserves, balances, amounts_in, &self.fee)? {
            return Err(SwapError::K);
        }
        Self::check_fit(balances).map_err(|balance| SwapError::Overflow { balance })?;
        Ok(balances)
    }

    /// Pays out what lies above the reserves, and says how much that was.
    pub fn skim(&mut self) -> [L::Amount; 2] {
        let above = |side: usize| L::checked_sub(self.balances[side], self.reserves[side]).unwrap_or(L::ZERO);
        let amounts = [above(0), above(1)];
        self.balances = self.reserves;
        amounts
    }

    /// Sets the reserves to the balances.
    ///
    /// # Errors
    /// [`LiquidityError::Overflow`] if a balance does not fit.
    pub fn sync(&mut self) -> Result<(), LiquidityError> {
        Self::check_fit(self.balances).map_err(|balance| LiquidityError::Overflow { balance })?;
        self.update(self.balances);
        Ok(())
    }

    /// The balances after a payment.
    fn balances_with(&self, amounts: [L::Amount; 2]) -> Result<[L::Amount; 2], LiquidityError> {
        for amount in amounts {
            if !L::is_valid(amount) {
                return Err(LiquidityError::InvalidAmount { amount: L::amount_to_f64(amount) });
            }
        }
        Ok([add::<L>(self.balances[0], amounts[0])?, add::<L>(self.balances[1], amounts[1])?])
    }

    /// What counts as paid: `paid` and what lay above the reserve before.
    #[inline(always)]
    fn surplus(&self, side: usize, paid: L::Amount) -> Result<L::Amount, MathError> {
        add::<L>(sub::<L>(self.balances[side], self.reserves[side])?, paid)
    }

    /// LP tokens due to the protocol now: `_mintFee`.
    pub(super) fn protocol_liquidity(&self) -> Result<L::Amount, MathError> {
        if self.fee_to.is_none() || self.k_last == L::ZERO {
            return Ok(L::ZERO);
        }
        L::ConstantProduct::protocol_liquidity(self.lp.total_supply(), self.reserves, self.k_last, self.protocol_fee)
    }

    /// `kLast` after a mint or burn that leaves `balances`: the product while the protocol fee is on, zero once it is off.
    fn next_k_last(&self, balances: [L::Amount; 2]) -> Result<L::Amount, MathError> {
        if self.fee_to.is_some() { L::ConstantProduct::product(balances) } else { Ok(L::ZERO) }
    }

    /// The first balance that the pair cannot hold, as the error.
    #[inline(always)]
    fn check_fit(balances: [L::Amount; 2]) -> Result<(), f64> {
        for balance in balances {
            if !L::ConstantProduct::fits(balance) {
                return Err(L::amount_to_f64(balance));
            }
        }
        Ok(())
    }

    /// `_update`: price sums with the old reserves, then the new reserves.
    #[inline]
    pub(super) fn update(&mut self, balances: [L::Amount; 2]) {
        let [a, b, c, d, ..] = self.block_timestamp.to_le_bytes();
        let now = u32::from_le_bytes([a, b, c, d]);
        let elapsed = now.wrapping_sub(self.block_timestamp_last);
        let [reserve0, reserve1] = self.reserves;
        if elapsed > 0 && reserve0 != L::ZERO && reserve1 != L::ZERO {
            let [price0, price1] = self.price_cumulative;
            self.price_cumulative = [
                L::ConstantProduct::accumulate(price0, reserve0, reserve1, elapsed),
                L::ConstantProduct::accumulate(price1, reserve1, reserve0, elapsed),
            ];
        }
        self.balances = balances;
        self.reserves = balances;
        self.block_timestamp_last = now;
    }
}

#[inline]
fn add<L: Lane>(a: L::Amount, b: L::Amount) -> Result<L::Amount, MathError> {
    L::checked_add(a, b).ok_or(MathError::AddOverflow)
}

#[inline]
fn sub<L: Lane>(a: L::Amount, b: L::Amount) -> Result<L::Amount, MathError> {
    L::checked_sub(a, b).ok_or(MathError::SubUnderflow)
}
