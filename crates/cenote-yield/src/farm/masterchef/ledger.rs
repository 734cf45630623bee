use cenote_amm::MathError;

use crate::farm::Arithmetic;

/// What has become of a farm's emission.
///
/// `minted = paid + what the farm still holds for rewards`, donations aside; that holding covers all that is pending, what emergencies gave up,
/// and what rounding left over. `forgone` was never minted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ledger<L: Arithmetic> {
    minted: L::Amount,
    dev: L::Amount,
    paid: L::Amount,
    capped: L::Amount,
    forgone: L::Amount,
}

impl<L: Arithmetic> Default for Ledger<L> {
    fn default() -> Self {
        Self { minted: L::ZERO, dev: L::ZERO, paid: L::ZERO, capped: L::ZERO, forgone: L::ZERO }
    }
}

impl<L: Arithmetic> Ledger<L> {
    /// Minted for stakers.
    pub fn minted(&self) -> L::Amount {
        self.minted
    }

    /// Minted on top, for who works on the farm.
    pub fn dev(&self) -> L::Amount {
        self.dev
    }

    /// Paid to stakers.
    pub fn paid(&self) -> L::Amount {
        self.paid
    }

    /// Due to stakers, and lost to them because the farm did not hold as much.
    pub fn capped(&self) -> L::Amount {
        self.capped
    }

    /// Never minted, because nobody had staked in a pool: only its last block moves.
    pub fn forgone(&self) -> L::Amount {
        self.forgone
    }

    /// The reward token's total supply, if it is minted here only.
    pub fn total_supply(&self) -> L::Amount {
        L::checked_add(self.minted, self.dev).unwrap_or(self.minted)
    }

    /// Whether the token can mint as much more: `dev` first, and `minted` after it.
    #[inline]
    pub(super) fn check_mint(&self, dev: L::Amount, minted: L::Amount) -> Result<(), MathError> {
        L::sum(L::sum(self.total_supply(), dev)?, minted)?;
        Ok(())
    }

    #[inline]
    pub(super) fn mint(&mut self, dev: L::Amount, minted: L::Amount, forgone: L::Amount) {
        self.minted = saturating::<L>(self.minted, minted);
        self.dev = saturating::<L>(self.dev, dev);
        self.forgone = saturating::<L>(self.forgone, forgone);
    }

    #[inline]
    pub(super) fn pay(&mut self, paid: L::Amount, due: L::Amount) {
        self.paid = saturating::<L>(self.paid, paid);
        self.capped = saturating::<L>(self.capped, L::checked_sub(due, paid).unwrap_or(L::ZERO));
    }
}

/// `a + b`. Sums of what was minted were seen to fit; a sum of what was never minted need not, and then stays where it is.
#[inline]
fn saturating<L: Arithmetic>(a: L::Amount, b: L::Amount) -> L::Amount {
    L::checked_add(a, b).unwrap_or(a)
}
