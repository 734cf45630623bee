//! Deposits and withdrawals: in any proportion, in the pool's, or in one coin.

use super::Coins;
use super::amplification::Generation;
use super::formulas::Formulas;
use super::plain_pool::{PlainPool, add, sub};
use crate::error::{LiquidityError, MathError};
use crate::lane::Lane;
use crate::pool::{Owner, TokenIndex};

/// Balances after a deposit or withdrawal, and the fee it paid for being out of proportion.
struct Charged<A> {
    /// Balances less the protocol's part of the fees: what the pool goes on with.
    balances: Coins<A>,
    admin_balances: Coins<A>,
    /// Balances less all fees, and D of them: what LP tokens are counted by.
    after_fees: Coins<A>,
    invariant: A,
}

/// What an exit into one coin pays.
struct OneCoin<A> {
    amount: A,
    /// In units of the coin.
    fee: A,
    scaled: Coins<A>,
    invariant: A,
}

impl<L: Lane> PlainPool<L> {
    /// Deposits `amounts` in any proportion and mints LP tokens to `to`: `add_liquidity`. Returns the LP tokens minted.
    ///
    /// # Errors
    /// In the contract's order: [`LiquidityError::InitialDepositIncomplete`], [`LiquidityError::InvariantNotIncreased`], what its
    /// checked arithmetic refuses, [`LiquidityError::MintBelowMinimum`].
    pub fn add_liquidity(
        &mut self,
        to: Owner,
        amounts: &[L::Amount],
        minimum_mint: L::Amount,
    ) -> Result<L::Amount, LiquidityError> {
        self.check_amounts(amounts)?;
        let supply = self.lp.total_supply();
        let old = self.balances;
        if supply == L::ZERO && amounts.contains(&L::ZERO) {
            return Err(LiquidityError::InitialDepositIncomplete);
        }
        // The first generation does not ask for D before there are LP tokens.
        let ng = self.generation == Generation::Ng;
        let before = if ng || supply > L::ZERO { self.invariant_of(&old)? } else { L::ZERO };
        let new = Coins::try_from_fn(old.len(), |coin| add::<L>(old[coin], amounts[coin]))?;
        let after = self.invariant_of(&new)?;
        if after <= before {
            return Err(LiquidityError::InvariantNotIncreased);
        }
        let (minted, balances, admin_balances) = if supply == L::ZERO {
            if ng {
                L::StableSwap::check_stored_invariant(after)?;
            }
            (after, new, self.admin_balances)
        } else {
            let charged = self.charge(&old, &new, [before, after])?;
            let gained = sub::<L>(charged.invariant, before)?;
            if ng {
                L::StableSwap::check_oracles(self.curve(), &self.scaled(&charged.after_fees)?, charged.invariant)?;
            }
            (L::StableSwap::share(supply, gained, before)?, charged.balances, charged.admin_balances)
        };
        if minted < minimum_mint {
            let [minted, minimum] = [minted, minimum_mint].map(L::amount_to_f64);
            return Err(LiquidityError::MintBelowMinimum { minted, minimum });
        }
        self.lp.mint_all(&[(to, minted)])?;
        self.balances = balances;
        self.admin_balances = admin_balances;
        Ok(minted)
    }

    /// Fees on the differences between `new` and `old` balances in the proportion of the two invariants, `[before, after]`.
    fn charge(
        &self,
        old: &[L::Amount],
        new: &[L::Amount],
        [before, after]: [L::Amount; 2],
    ) -> Result<Charged<L::Amount>, MathError> {
        let market = self.market();
        let base = L::StableSwap::imbalance_fee(self.fee, old.len())?;
        let coins = u32::try_from(old.len()).unwrap_or(u32::MAX);
        let mean = L::StableSwap::part(add::<L>(before, after)?, coins);
        let (mut balances, mut admin_balances, mut after_fees) =
            (Coins::from_slice(new), self.admin_balances, Coins::from_slice(new));
        for coin in 0..old.len() {
            let ideal = L::StableSwap::share(after, old[coin], before)?;
            let difference = if ideal > new[coin] { sub::<L>(ideal, new[coin])? } else { sub::<L>(new[coin], ideal)? };
            let fee = if market.dynamic().is_some() {
                let both = L::StableSwap::scaled(add::<L>(old[coin], new[coin])?, self.rates[coin])?;
                L::StableSwap::dynamic_fee(&market, base, both, mean)?
            } else {
                base
            };
            let fee = L::StableSwap::fee_on(difference, fee)?;
            let admin = L::StableSwap::admin_part(fee, self.admin_fee)?;
            balances[coin] = sub::<L>(new[coin], admin)?;
            admin_balances[coin] = add::<L>(admin_balances[coin], admin)?;
            after_fees[coin] = sub::<L>(new[coin], fee)?;
        }
        let invariant = self.invariant_of(&after_fees)?;
        Ok(Charged { balances, admin_balances, after_fees, invariant })
    }

    /// Burns `burn` LP tokens of `from` for their share of every coin: `remove_liquidity`. Returns the amounts paid out.
    ///
    /// NG pools pay out the protocol's balances along with it, as the contract does unless told otherwise.
    ///
    /// # Errors
    /// In the contract's order: [`LiquidityError::InsufficientLiquidityBurned`] for nothing to burn (NG only), a division by zero if
    /// there are no LP tokens, [`LiquidityError::WithdrawalBelowMinimum`], [`LiquidityError::InsufficientBalance`].
    pub fn remove_liquidity(
        &mut self,
        from: Owner,
        burn: L::Amount,
        minimum_amounts: &[L::Amount],
    ) -> Result<Vec<L::Amount>, LiquidityError> {
        self.check_amounts(minimum_amounts)?;
        Self::check_amount(burn)?;
        if burn == L::ZERO && self.generation == Generation::Ng {
            return Err(LiquidityError::InsufficientLiquidityBurned);
        }
        let supply = self.lp.total_supply();
        let mut balances = self.balances;
        let mut amounts = Vec::with_capacity(balances.len());
        for (balance, minimum) in balances.iter_mut().zip(minimum_amounts) {
            let amount = L::StableSwap::share(burn, *balance, supply)?;
            if amount < *minimum {
                let [amount, minimum] = [amount, *minimum].map(L::amount_to_f64);
                return Err(LiquidityError::WithdrawalBelowMinimum { amount, minimum });
            }
            *balance = sub::<L>(*balance, amount)?;
            amounts.push(amount);
        }
        self.lp.burn(from, burn)?;
        self.balances = balances;
        if self.generation == Generation::Ng {
            self.withdraw_admin_fees();
        }
        Ok(amounts)
    }

    /// Withdraws exactly `amounts` for at most `maximum_burn` LP tokens of `from`: `remove_liquidity_imbalance`. Returns the LP tokens
    /// burned.
    ///
    /// The exact lane refuses here what NG pools refuse: the contract hands its price oracles the balances in the coins' own units,
    /// where every other function hands them scaled ones. A coin of 6 decimals then counts 10^-12 of what it is, and the oracle's
    /// `D_r = D^(n+1) / (n^n Πx)` grows by 10^12 for each of them. For 18 and 6 decimals everything still fits. For 18, 6 and 6, near
    /// balance, `10^18 D_r x_0/x_i` is 10^72 times what the pool is worth in whole coins, and 256 bits end at 1.2·10^77: in any pool
    /// worth more than some 100 000 every such withdrawal reverts (in much larger or lopsided ones `D_r x_0` overflows before). This
    /// rule is what reproduces the recorded runs of the contract. If all coins have 18 decimals nothing is amiss. The fast lane counts
    /// whole tokens and does not know this limit.
    ///
    /// # Errors
    /// In the contract's order: what its checked arithmetic refuses, [`LiquidityError::InsufficientLiquidityBurned`],
    /// [`LiquidityError::BurnAboveMaximum`], [`LiquidityError::InsufficientBalance`].
    pub fn remove_liquidity_imbalance(
        &mut self,
        from: Owner,
        amounts: &[L::Amount],
        maximum_burn: L::Amount,
    ) -> Result<L::Amount, LiquidityError> {
        self.check_amounts(amounts)?;
        let supply = self.lp.total_supply();
        if supply == L::ZERO {
            return Err(MathError::DivisionByZero.into());
        }
        let ng = self.generation == Generation::Ng;
        let old = self.balances;
        let before = self.invariant_of(&old)?;
        let new = Coins::try_from_fn(old.len(), |coin| sub::<L>(old[coin], amounts[coin]))?;
        let after = self.invariant_of(&new)?;
        let charged = self.charge(&old, &new, [before, after])?;
        if ng {
            L::StableSwap::check_oracles(self.curve(), &charged.after_fees, charged.invariant)?;
        }
        let lost = L::StableSwap::difference(before, charged.invariant)?;
        let extra = if ng { L::StableSwap::UNIT } else { L::ZERO };
        let burn = add::<L>(L::StableSwap::share(lost, supply, before)?, extra)?;
        if burn <= extra {
            return Err(LiquidityError::InsufficientLiquidityBurned);
        }
        if burn > maximum_burn {
            let [burned, maximum] = [burn, maximum_burn].map(L::amount_to_f64);
            return Err(LiquidityError::BurnAboveMaximum { burned, maximum });
        }
        self.lp.burn(from, burn)?;
        self.balances = charged.balances;
        self.admin_balances = charged.admin_balances;
        Ok(burn)
    }

    /// Burns `burn` LP tokens of `from` for one coin: `remove_liquidity_one_coin` of NG pools. Returns the amount paid out.
    ///
    /// # Errors
    /// [`LiquidityError::Unsupported`] in the first generation. In the contract's order: [`LiquidityError::InsufficientLiquidityBurned`]
    /// for nothing to burn, what its checked arithmetic refuses, [`LiquidityError::OneCoinBelowMinimum`],
    /// [`LiquidityError::InsufficientBalance`].
    pub fn remove_liquidity_one_coin(
        &mut self,
        from: Owner,
        burn: L::Amount,
        coin: TokenIndex,
        minimum_out: L::Amount,
    ) -> Result<L::Amount, LiquidityError> {
        Self::check_amount(burn)?;
        if burn == L::ZERO {
            return Err(LiquidityError::InsufficientLiquidityBurned);
        }
        let exit = self.one_coin(burn, coin)?;
        if exit.amount < minimum_out {
            let [amount, minimum] = [exit.amount, minimum_out].map(L::amount_to_f64);
            return Err(LiquidityError::OneCoinBelowMinimum { amount, minimum });
        }
        let admin = L::StableSwap::admin_part(exit.fee, self.admin_fee)?;
        let coin = coin.get();
        let balance = sub::<L>(sub::<L>(self.balances[coin], exit.amount)?, admin)?;
        let admin_balance = add::<L>(self.admin_balances[coin], admin)?;
        L::StableSwap::check_oracles(self.curve(), &exit.scaled, exit.invariant)?;
        self.lp.burn(from, burn)?;
        self.balances[coin] = balance;
        self.admin_balances[coin] = admin_balance;
        Ok(exit.amount)
    }

    /// What `burn` LP tokens pay in one coin: `calc_withdraw_one_coin` of NG pools.
    ///
    /// # Errors
    /// As [`remove_liquidity_one_coin`](Self::remove_liquidity_one_coin), but for its last two.
    pub fn calc_withdraw_one_coin(&self, burn: L::Amount, coin: TokenIndex) -> Result<L::Amount, LiquidityError> {
        Self::check_amount(burn)?;
        Ok(self.one_coin(burn, coin)?.amount)
    }

    /// `_calc_withdraw_one_coin`: D falls by the LP tokens' share; every coin pays a fee on the way it is from its proportional balance.
    fn one_coin(&self, burn: L::Amount, coin: TokenIndex) -> Result<OneCoin<L::Amount>, LiquidityError> {
        if self.generation != Generation::Ng {
            return Err(LiquidityError::Unsupported { operation: "an exit into one coin" });
        }
        let (index, coins) = (coin.get(), self.coin_count());
        if index >= coins {
            return Err(LiquidityError::UnknownToken { index: coin.0, tokens: coins });
        }
        let (market, curve) = (self.market(), self.curve());
        let mut scaled = self.scaled(&self.balances)?;
        let before = L::StableSwap::invariant(curve, &scaled)?;
        let after = L::StableSwap::difference(before, L::StableSwap::share(burn, before, self.lp.total_supply())?)?;
        let without_fee = L::StableSwap::balance_at(curve, &scaled, index, after)?;
        let base = L::StableSwap::imbalance_fee(self.fee, coins)?;
        let parts = u32::try_from(coins.saturating_mul(2)).unwrap_or(u32::MAX);
        let mean = L::StableSwap::part(add::<L>(before, after)?, parts);
        let mut reduced = scaled;
        for other in 0..coins {
            let proportional = L::StableSwap::share(after, scaled[other], before)?;
            let (way, middle) = if other == index {
                let way = L::StableSwap::difference(proportional, without_fee)?;
                (way, L::StableSwap::part(add::<L>(scaled[other], without_fee)?, 2))
            } else {
                (L::StableSwap::difference(scaled[other], proportional)?, scaled[other])
            };
            let fee = L::StableSwap::dynamic_fee(&market, base, middle, mean)?;
            reduced[other] = sub::<L>(scaled[other], L::StableSwap::fee_on(way, fee)?)?;
        }
        let with_fee = L::StableSwap::balance_at(curve, &reduced, index, after)?;
        let paid = sub::<L>(L::StableSwap::difference(reduced[index], with_fee)?, L::StableSwap::UNIT)?;
        let rate = self.rates[index];
        let fair = L::StableSwap::unscaled(L::StableSwap::difference(scaled[index], without_fee)?, rate)?;
        let amount = L::StableSwap::unscaled(paid, rate)?;
        let fee = L::StableSwap::difference(fair, amount)?;
        scaled[index] = without_fee;
        Ok(OneCoin { amount, fee, scaled, invariant: after })
    }

    /// LP tokens for a deposit or withdrawal of `amounts`, fees left out: `calc_token_amount` of the first generation.
    ///
    /// # Errors
    /// [`LiquidityError::Unsupported`] in NG pools, which leave it to another contract; what the checked arithmetic refuses.
    pub fn calc_token_amount(&self, amounts: &[L::Amount], deposit: bool) -> Result<L::Amount, LiquidityError> {
        self.check_amounts(amounts)?;
        if self.generation != Generation::First {
            return Err(LiquidityError::Unsupported { operation: "an estimate of LP tokens without fees" });
        }
        let old = self.balances;
        let before = self.invariant_of(&old)?;
        let new = Coins::try_from_fn(old.len(), |coin| {
            if deposit { add::<L>(old[coin], amounts[coin]) } else { sub::<L>(old[coin], amounts[coin]) }
        })?;
        let after = self.invariant_of(&new)?;
        let change = if deposit { L::StableSwap::difference(after, before) } else { L::StableSwap::difference(before, after) }?;
        Ok(L::StableSwap::share(change, self.lp.total_supply(), before)?)
    }

    /// Moves LP tokens between owners.
    ///
    /// # Errors
    /// [`LiquidityError::InsufficientBalance`] if `from` has fewer.
    pub fn transfer_lp(&mut self, from: Owner, to: Owner, amount: L::Amount) -> Result<(), LiquidityError> {
        self.lp.transfer(from, to, amount)
    }
}
