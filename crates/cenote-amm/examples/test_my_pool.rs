//! A pool of one's own, and all that it takes to test it.
//!
//! ```sh
//! cargo run -p cenote-amm --example test_my_pool --features proptest    # prints a report on a sound pool and on a faulty one
//! cargo test -p cenote-amm --example test_my_pool --features proptest   # the same as a test
//! ```

use cenote_amm::battery::Battery;
use cenote_amm::{
    Fast, FungibleLiquidity, LiquidityError, LiquidityOutcome, Owner, Pool, SwapError, SwapKind, SwapOutcome, SwapRequest,
    TokenIndex,
};
use std::collections::BTreeMap;

/// Two tokens at one to one, x + y = constant, with a fee on what is paid in. It stays in the reserves.
#[derive(Clone, Debug, Default)]
struct ConstantSum {
    keep: f64,
    reserves: [f64; 2],
    lp: BTreeMap<Owner, f64>,
}

impl ConstantSum {
    fn with_fee(fee: f64) -> Self {
        Self { keep: 1.0 - fee, ..Self::default() }
    }

    fn sides(a: TokenIndex, b: TokenIndex) -> Result<(usize, usize), SwapError> {
        match (a.get(), b.get()) {
            (i @ 0..2, o @ 0..2) if i != o => Ok((i, o)),
            _ => Err(SwapError::UnknownToken { index: a.0.max(b.0), tokens: 2 }),
        }
    }
}

impl Pool for ConstantSum {
    type Lane = Fast;

    fn token_count(&self) -> usize {
        2
    }

    fn quote(&self, request: &SwapRequest<Fast>) -> Result<SwapOutcome<Fast>, SwapError> {
        let (_, o) = Self::sides(request.token_in, request.token_out)?;
        let amount = request.amount;
        if !(amount > 0.0 && amount < f64::INFINITY) {
            return Err(SwapError::InvalidAmount { amount });
        }
        let (paid, out) = match request.kind {
            SwapKind::ExactIn => (amount, amount * self.keep),
            SwapKind::ExactOut => (amount / self.keep, amount),
        };
        if out > self.reserves[o] {
            return Err(SwapError::InsufficientLiquidity { amount_out: out, reserve: self.reserves[o] });
        }
        Ok(SwapOutcome::new(paid, out, paid - out))
    }

    fn swap(&mut self, request: &SwapRequest<Fast>) -> Result<SwapOutcome<Fast>, SwapError> {
        let outcome = self.quote(request)?;
        self.reserves[request.token_in.get()] += outcome.amount_in;
        self.reserves[request.token_out.get()] -= outcome.amount_out;
        Ok(outcome)
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex) -> Option<f64> {
        Self::sides(base, quote).ok()?;
        (self.invariant() > 0.0).then_some(1.0)
    }

    /// All there is, or nothing.
    fn swap_to(&self, base: TokenIndex, quote: TokenIndex, target: f64) -> Option<SwapRequest<Fast>> {
        let (b, q) = Self::sides(base, quote).ok()?;
        let (tokens, left) = if target > 1.0 / self.keep {
            ((quote, base), self.reserves[b])
        } else if target < self.keep {
            ((base, quote), self.reserves[q])
        } else {
            return None;
        };
        let request = SwapRequest::exact_out(tokens, left);
        // A unit in the last place less, or the fee taken off again might be more than there is.
        let amount = self.quote(&request).ok()?.amount_in * (1.0 - f64::EPSILON);
        Some(SwapRequest::exact_in(tokens, amount))
    }
}

impl FungibleLiquidity for ConstantSum {
    fn mint(&mut self, owner: Owner, offers: &[f64]) -> Result<LiquidityOutcome<Fast>, LiquidityError> {
        let &[a, b] = offers else { return Err(LiquidityError::AmountCount { given: offers.len(), tokens: 2 }) };
        if let Some(amount) = [a, b].into_iter().find(|amount| !(0.0..f64::INFINITY).contains(amount)) {
            return Err(LiquidityError::InvalidAmount { amount });
        }
        let supply = self.total_supply();
        // As much of both tokens as the scarcer one allows.
        let part = |offer: f64, reserve: f64| if reserve > 0.0 { offer / reserve } else { f64::INFINITY };
        let share = part(a, self.reserves[0]).min(part(b, self.reserves[1]));
        let (liquidity, amounts) = if supply > 0.0 {
            (supply * share, [(self.reserves[0] * share).min(a), (self.reserves[1] * share).min(b)])
        } else {
            (a + b, [a, b])
        };
        // Infinite where LP tokens are left, but floats have rounded the reserves away.
        if !(liquidity > 0.0 && liquidity < f64::INFINITY) {
            return Err(LiquidityError::InsufficientLiquidityMinted);
        }
        self.reserves = [self.reserves[0] + amounts[0], self.reserves[1] + amounts[1]];
        *self.lp.entry(owner).or_default() += liquidity;
        Ok(LiquidityOutcome::new(liquidity, amounts.to_vec()))
    }

    fn burn(&mut self, owner: Owner, liquidity: f64) -> Result<LiquidityOutcome<Fast>, LiquidityError> {
        let share = liquidity / self.total_supply();
        self.transfer(owner, Owner::POOL, liquidity)?;
        self.lp.remove(&Owner::POOL);
        let amounts = self.reserves.map(|reserve| reserve * share);
        self.reserves = [self.reserves[0] - amounts[0], self.reserves[1] - amounts[1]];
        Ok(LiquidityOutcome::new(liquidity, amounts.to_vec()))
    }

    fn transfer(&mut self, from: Owner, to: Owner, amount: f64) -> Result<(), LiquidityError> {
        let balance = self.balance_of(from);
        if !(amount > 0.0 && amount <= balance) {
            return Err(LiquidityError::InsufficientBalance { owner: from.id(), balance, amount });
        }
        self.lp.insert(from, balance - amount);
        *self.lp.entry(to).or_default() += amount;
        Ok(())
    }

    fn total_supply(&self) -> f64 {
        self.lp.values().sum()
    }

    fn balance_of(&self, owner: Owner) -> f64 {
        self.lp.get(&owner).copied().unwrap_or(0.0)
    }

    fn reserve(&self, token: TokenIndex) -> Option<f64> {
        self.reserves.get(token.get()).copied()
    }

    fn invariant(&self) -> f64 {
        self.reserves[0] + self.reserves[1]
    }
}

fn main() {
    println!("5 basis points: {}", Battery::new().fungible_pool(ConstantSum::with_fee(0.0005)));
    println!("minus a tenth of one: {}", Battery::new().fungible_pool(ConstantSum::with_fee(-1e-5)));
}

/// A line each.
#[cfg(test)]
mod tests {
    use super::*;
    use cenote_amm::battery::Checker;

    cenote_amm::proptest_pool!(ConstantSum::with_fee(0.0005));
    cenote_amm::proptest_pool!(without_fee: ConstantSum::with_fee(0.0), Battery::new().cases(64));

    #[test]
    fn a_negative_fee_is_found() {
        let failed = Battery::new().cases(64).seed(1).fungible_pool(ConstantSum::with_fee(-1e-5)).failed();
        assert!(failed.contains(&Checker::RoundTrip) && failed.contains(&Checker::InvariantInSwap), "{failed:?}");
    }
}
