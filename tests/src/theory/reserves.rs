//! What every pool of one's own needs: two reserves, and LP tokens in proportion to them.

use cenote_amm::{Fast, LiquidityError, LiquidityOutcome, Owner};

/// Reserves and who owns them.
#[derive(Clone, Debug, Default)]
pub(super) struct Reserves {
    pub(super) amounts: [f64; 2],
    owners: Vec<(Owner, f64)>,
}

impl Reserves {
    pub(super) fn mint(&mut self, owner: Owner, amounts: &[f64]) -> Result<LiquidityOutcome<Fast>, LiquidityError> {
        let (supply, [x, y]) = (self.total_supply(), self.amounts);
        let (minted, taken) = if supply > 0.0 {
            let share = (amounts[0] / x).min(amounts[1] / y);
            (supply * share, [x * share, y * share])
        } else {
            ((amounts[0] * amounts[1]).sqrt(), [amounts[0], amounts[1]])
        };
        if minted.is_nan() || minted <= 0.0 {
            return Err(LiquidityError::InsufficientLiquidityMinted);
        }
        self.amounts = [x + taken[0], y + taken[1]];
        *self.balance(owner) += minted;
        Ok(LiquidityOutcome::new(minted, taken.to_vec()))
    }

    pub(super) fn burn(&mut self, owner: Owner, liquidity: f64) -> Result<LiquidityOutcome<Fast>, LiquidityError> {
        self.covers(owner, liquidity)?;
        let share = liquidity / self.total_supply();
        let paid = self.amounts.map(|amount| amount * share);
        self.amounts = [self.amounts[0] - paid[0], self.amounts[1] - paid[1]];
        *self.balance(owner) -= liquidity;
        Ok(LiquidityOutcome::new(liquidity, paid.to_vec()))
    }

    pub(super) fn transfer(&mut self, from: Owner, to: Owner, amount: f64) -> Result<(), LiquidityError> {
        self.covers(from, amount)?;
        *self.balance(from) -= amount;
        *self.balance(to) += amount;
        Ok(())
    }

    pub(super) fn total_supply(&self) -> f64 {
        self.owners.iter().map(|(_, balance)| balance).sum()
    }

    pub(super) fn balance_of(&self, owner: Owner) -> f64 {
        self.owners.iter().find(|(o, _)| *o == owner).map_or(0.0, |(_, balance)| *balance)
    }

    fn balance(&mut self, owner: Owner) -> &mut f64 {
        let place = self.owners.iter().position(|(o, _)| *o == owner).unwrap_or_else(|| {
            self.owners.push((owner, 0.0));
            self.owners.len() - 1
        });
        &mut self.owners[place].1
    }

    fn covers(&self, owner: Owner, amount: f64) -> Result<(), LiquidityError> {
        let balance = self.balance_of(owner);
        if amount <= balance { Ok(()) } else { Err(LiquidityError::InsufficientBalance { owner: owner.id(), balance, amount }) }
    }

    /// √(x y).
    pub(super) fn invariant(&self) -> f64 {
        (self.amounts[0] * self.amounts[1]).sqrt()
    }
}

/// LP tokens of a pool with a field `reserves`.
macro_rules! provides_liquidity {
    ($pool:ty) => {
        impl cenote_amm::FungibleLiquidity for $pool {
            fn mint(
                &mut self,
                owner: cenote_amm::Owner,
                amounts: &[f64],
            ) -> Result<cenote_amm::LiquidityOutcome<cenote_amm::Fast>, cenote_amm::LiquidityError> {
                self.reserves.mint(owner, amounts)
            }

            fn burn(
                &mut self,
                owner: cenote_amm::Owner,
                liquidity: f64,
            ) -> Result<cenote_amm::LiquidityOutcome<cenote_amm::Fast>, cenote_amm::LiquidityError> {
                self.reserves.burn(owner, liquidity)
            }

            fn transfer(
                &mut self,
                from: cenote_amm::Owner,
                to: cenote_amm::Owner,
                amount: f64,
            ) -> Result<(), cenote_amm::LiquidityError> {
                self.reserves.transfer(from, to, amount)
            }

            fn total_supply(&self) -> f64 {
                self.reserves.total_supply()
            }

            fn balance_of(&self, owner: cenote_amm::Owner) -> f64 {
                self.reserves.balance_of(owner)
            }

            fn reserve(&self, token: cenote_amm::TokenIndex) -> Option<f64> {
                self.reserves.amounts.get(token.get()).copied()
            }

            fn invariant(&self) -> f64 {
                self.reserves.invariant()
            }
        }
    };
}

pub(super) use provides_liquidity;
