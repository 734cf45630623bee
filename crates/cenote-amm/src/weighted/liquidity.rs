//! Joins and exits, in proportion and out of it.

use super::error::Reason;
use super::formulas::{Formulas, Side, View};
use super::state::{Factor, Weighted, check_amount};
use super::version::Version;
use crate::error::LiquidityError;
use crate::lane::Lane;
use crate::pool::{LiquidityOutcome, Owner, TokenIndex};

/// What a join or exit moves, with 18 decimals, and the fees within (v3; empty where there are none).
struct Move<A> {
    liquidity: A,
    amounts: Vec<A>,
    fees: Vec<A>,
}

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

type MoveOf<L> = Result<Move<<L as Lane>::Amount>, LiquidityError>;
type ViewOf<'a, L> = View<'a, <L as Lane>::Amount, Factor<L>>;

impl<L: Lane> Weighted<L> {
    /// The first join: takes all of `amounts`, one per token and none of them zero, and sets the prices.
    ///
    /// 10⁶ units of LP tokens (10⁻¹² of one) are locked at [`Owner::ZERO`] forever.
    ///
    /// # Errors
    /// [`Reason::AlreadyInitialized`], [`Reason::ZeroInvariant`], [`Reason::BalanceBelowMin`], [`Reason::SupplyTooLow`], powers out of
    /// bounds, balances too large.
    pub fn initialize(&mut self, owner: Owner, amounts: &[L::Amount]) -> Result<LiquidityOutcome<L>, LiquidityError> {
        self.check_amounts(amounts)?;
        if self.lp.total_supply() != L::ZERO {
            return Err(self.fail(Reason::AlreadyInitialized).into());
        }
        let scaled = self.upscale(amounts)?;
        let view = self.view(&scaled);
        let (supply, locked) = (L::Weighted::initial_liquidity(&view)?, L::Weighted::minimum());
        let invariant = L::Weighted::invariant(&view)?;
        if supply < locked {
            return Err(self.fail(Reason::SupplyTooLow { supply: L::amount_to_f64(supply) }).into());
        }
        let liquidity = self.sub(supply, locked)?;
        self.check_fit(amounts)?;
        self.lp.mint_all(&[(Owner::ZERO, locked), (owner, liquidity)])?;
        self.balances = amounts.to_vec();
        self.last_invariant = invariant;
        Ok(LiquidityOutcome { liquidity, amounts: amounts.to_vec() })
    }

    /// Pays what `liquidity` LP tokens cost in the pool's proportions. No fee.
    ///
    /// # Errors
    /// As `joinPool` with `ALL_TOKENS_IN_FOR_EXACT_BPT_OUT`, or `addLiquidity` with `PROPORTIONAL`.
    pub fn join_proportional(&mut self, owner: Owner, liquidity: L::Amount) -> Result<LiquidityOutcome<L>, LiquidityError> {
        check_amount::<L>(liquidity)?;
        self.join(owner, |view| Ok(Move { liquidity, amounts: L::Weighted::proportional_in(view, liquidity)?, fees: Vec::new() }))
    }

    /// Pays exactly `amounts`, one per token, in any proportion, for as many LP tokens as that gives. What is out of proportion
    /// pays the swap fee.
    ///
    /// # Errors
    /// As `joinPool` with `EXACT_TOKENS_IN_FOR_BPT_OUT`, or `addLiquidity` with `UNBALANCED`.
    pub fn join_exact_tokens(&mut self, owner: Owner, amounts: &[L::Amount]) -> Result<LiquidityOutcome<L>, LiquidityError> {
        self.check_amounts(amounts)?;
        let amounts = self.upscale(amounts)?;
        self.join(owner, |view| {
            let priced = L::Weighted::liquidity_for_tokens(view, &amounts)?;
            Ok(Move { liquidity: priced.amount, amounts, fees: priced.fees })
        })
    }

    /// Pays what exactly `liquidity` LP tokens cost in one token. What is out of proportion pays the swap fee.
    ///
    /// # Errors
    /// As `joinPool` with `TOKEN_IN_FOR_EXACT_BPT_OUT`, or `addLiquidity` with `SINGLE_TOKEN_EXACT_OUT`.
    pub fn join_single_token(
        &mut self,
        owner: Owner,
        token: TokenIndex,
        liquidity: L::Amount,
    ) -> Result<LiquidityOutcome<L>, LiquidityError> {
        check_amount::<L>(liquidity)?;
        let token = self.known(token)?;
        self.join(owner, |view| {
            let priced = L::Weighted::token_for_liquidity(view, token, liquidity)?;
            Ok(Move { liquidity, amounts: alone::<L>(view, token, priced.amount), fees: priced.fees })
        })
    }

    /// Burns exactly `liquidity` LP tokens for their share of every token. No fee.
    ///
    /// # Errors
    /// As `exitPool` with `EXACT_BPT_IN_FOR_TOKENS_OUT`, or `removeLiquidity` with `PROPORTIONAL`.
    pub fn exit_proportional(&mut self, owner: Owner, liquidity: L::Amount) -> Result<LiquidityOutcome<L>, LiquidityError> {
        check_amount::<L>(liquidity)?;
        self.exit(owner, |view| Ok(Move { liquidity, amounts: L::Weighted::proportional_out(view, liquidity)?, fees: Vec::new() }))
    }

    /// Burns exactly `liquidity` LP tokens for one token. What is out of proportion pays the swap fee.
    ///
    /// # Errors
    /// As `exitPool` with `EXACT_BPT_IN_FOR_ONE_TOKEN_OUT`, or `removeLiquidity` with `SINGLE_TOKEN_EXACT_IN`.
    pub fn exit_single_token(
        &mut self,
        owner: Owner,
        token: TokenIndex,
        liquidity: L::Amount,
    ) -> Result<LiquidityOutcome<L>, LiquidityError> {
        check_amount::<L>(liquidity)?;
        let token = self.known(token)?;
        self.exit(owner, |view| {
            let priced = L::Weighted::token_from_liquidity(view, token, liquidity)?;
            Ok(Move { liquidity, amounts: alone::<L>(view, token, priced.amount), fees: priced.fees })
        })
    }

    /// Takes exactly `amounts`, one per token, for as many LP tokens as that costs. What is out of proportion pays the swap fee.
    /// In v3 one amount only may be above zero.
    ///
    /// # Errors
    /// As `exitPool` with `BPT_IN_FOR_EXACT_TOKENS_OUT`, or `removeLiquidity` with `SINGLE_TOKEN_EXACT_OUT`.
    pub fn exit_exact_tokens(&mut self, owner: Owner, amounts: &[L::Amount]) -> Result<LiquidityOutcome<L>, LiquidityError> {
        self.check_amounts(amounts)?;
        let amounts = self.upscale(amounts)?;
        self.exit(owner, |view| {
            let priced = L::Weighted::liquidity_from_tokens(view, &amounts)?;
            Ok(Move { liquidity: priced.amount, amounts, fees: priced.fees })
        })
    }

    /// Joins in the pool's proportions with no more than `amounts`: as many LP tokens as that gives.
    pub(super) fn join_within(&mut self, owner: Owner, amounts: &[L::Amount]) -> Result<LiquidityOutcome<L>, LiquidityError> {
        self.check_amounts(amounts)?;
        let limits = self.upscale(amounts)?;
        self.join(owner, |view| {
            let liquidity = L::Weighted::proportional_liquidity(view, &limits)?;
            if liquidity == L::ZERO {
                return Err(LiquidityError::InsufficientLiquidityMinted);
            }
            let mut amounts = L::Weighted::proportional_in(view, liquidity)?;
            for (amount, limit) in amounts.iter_mut().zip(&limits) {
                // Rounding to nearest may carry the fast lane a unit in the last place above what was offered.
                *amount = if *amount > *limit { *limit } else { *amount };
            }
            Ok(Move { liquidity, amounts, fees: Vec::new() })
        })
    }

    fn known(&self, token: TokenIndex) -> Result<usize, LiquidityError> {
        let tokens = self.weights.count();
        if token.get() < tokens { Ok(token.get()) } else { Err(LiquidityError::UnknownToken { index: token.0, tokens }) }
    }

    fn join(
        &mut self,
        owner: Owner,
        price: impl FnOnce(&ViewOf<'_, L>) -> MoveOf<L>,
    ) -> Result<LiquidityOutcome<L>, LiquidityError> {
        let (outcome, settled) = self.settle(Way::In, price)?;
        self.lp.mint_all(&[(owner, outcome.liquidity)])?;
        self.commit(settled);
        Ok(outcome)
    }

    fn exit(
        &mut self,
        owner: Owner,
        price: impl FnOnce(&ViewOf<'_, L>) -> MoveOf<L>,
    ) -> Result<LiquidityOutcome<L>, LiquidityError> {
        let (outcome, settled) = self.settle(Way::Out, price)?;
        let balance = self.lp.balance_of(owner);
        if outcome.liquidity > balance {
            let (balance, amount) = (L::amount_to_f64(balance), L::amount_to_f64(outcome.liquidity));
            return Err(LiquidityError::InsufficientBalance { owner: owner.id(), balance, amount });
        }
        let supply = self.sub(self.lp.total_supply(), outcome.liquidity)?;
        if self.version == Version::V3 && supply < L::Weighted::minimum() {
            return Err(self.fail(Reason::SupplyTooLow { supply: L::amount_to_f64(supply) }).into());
        }
        self.lp.burn(owner, outcome.liquidity)?;
        self.commit(settled);
        Ok(outcome)
    }

    /// Everything of a join or exit but the LP tokens: `BaseWeightedPool._onJoinPool` and `_onExitPool` with the vault's accounts, or
    /// `Vault._addLiquidity` and `_removeLiquidity`.
    fn settle(
        &self,
        way: Way,
        price: impl FnOnce(&ViewOf<'_, L>) -> MoveOf<L>,
    ) -> Result<(LiquidityOutcome<L>, Settled<L>), LiquidityError> {
        if self.lp.total_supply() == L::ZERO {
            return Err(self.fail(Reason::NotInitialized).into());
        }
        let mut scaled = self.upscale(&self.balances)?;
        let (mut balances, mut protocol_fees) = (self.balances.clone(), self.protocol_fees.clone());
        if self.version == Version::V2 {
            let (token, due) = self.protocol_due(&scaled)?;
            scaled[token] = self.sub(scaled[token], due)?;
            let due = L::Weighted::div_down(self.version, due, self.scaling[token])?;
            balances[token] = self.sub(balances[token], due)?;
            protocol_fees[token] = self.add(protocol_fees[token], due)?;
        }
        let Move { liquidity, amounts, fees } = price(&self.view(&scaled))?;
        if liquidity != L::ZERO {
            self.check_trade_amount(liquidity)?;
        }
        let mut paid = Vec::with_capacity(amounts.len());
        for (token, amount) in amounts.iter().enumerate() {
            if *amount != L::ZERO {
                self.check_trade_amount(*amount)?;
            }
            let scaling = self.scaling[token];
            let raw = match way {
                Way::In => L::Weighted::div_up(self.version, *amount, scaling)?,
                Way::Out => L::Weighted::div_down(self.version, *amount, scaling)?,
            };
            (scaled[token], balances[token]) = match way {
                Way::In => (self.add(scaled[token], *amount)?, self.add(balances[token], raw)?),
                Way::Out => (self.sub(scaled[token], *amount)?, self.sub(balances[token], raw)?),
            };
            if let (Version::V3, Some(fee)) = (self.version, fees.get(token)) {
                let fee = L::Weighted::div_down(self.version, *fee, scaling)?;
                let share = L::Weighted::mul_down(self.version, fee, self.protocol_factor)?;
                balances[token] = self.sub(balances[token], share)?;
                protocol_fees[token] = self.add(protocol_fees[token], share)?;
            }
            paid.push(raw);
        }
        self.check_fit(&balances)?;
        // v3 keeps no invariant, and would not compute one here.
        let last_invariant = match self.version {
            Version::V2 => L::Weighted::invariant(&self.view(&scaled))?,
            Version::V3 => L::ZERO,
        };
        Ok((LiquidityOutcome { liquidity, amounts: paid }, Settled { balances, protocol_fees, last_invariant }))
    }

    /// What v2's protocol is due before a join or exit, with 18 decimals, and in which token.
    fn protocol_due(&self, scaled: &[L::Amount]) -> Result<(usize, L::Amount), LiquidityError> {
        let token = self.weights.heaviest();
        let invariant = L::Weighted::invariant(&self.view(scaled))?;
        if self.protocol_share().wad() == 0 {
            return Ok((token, L::ZERO));
        }
        let side = Side { balance: scaled[token], weight: self.weight_factors[token] };
        Ok((token, L::Weighted::protocol_due(side, self.last_invariant, invariant, self.protocol_factor)?))
    }

    fn commit(&mut self, settled: Settled<L>) {
        self.balances = settled.balances;
        self.protocol_fees = settled.protocol_fees;
        self.last_invariant = settled.last_invariant;
    }
}

/// What a join or exit leaves behind.
struct Settled<L: Lane> {
    balances: Vec<L::Amount>,
    protocol_fees: Vec<L::Amount>,
    last_invariant: L::Amount,
}

/// An amount of one token only.
fn alone<L: Lane>(view: &ViewOf<'_, L>, token: usize, amount: L::Amount) -> Vec<L::Amount> {
    let mut amounts = vec![L::ZERO; view.balances.len()];
    amounts[token] = amount;
    amounts
}
