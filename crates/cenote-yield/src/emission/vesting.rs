//! Tokens that vest linearly.

use super::EmissionError;
use crate::farm::Arithmetic;

/// Tokens for one recipient that vest in proportion to time, from a start to an end.
///
/// Source: `VestingEscrowSimple.vy` of Curve's DAO contracts.
///
/// ```
/// use cenote_amm::{Exact, U256};
/// use cenote_yield::emission::VestingEscrow;
///
/// let mut escrow = VestingEscrow::<Exact>::new(U256::from(1000), 100, 300)?;
/// escrow.set_block_timestamp(150)?;
/// assert_eq!(escrow.claim()?, U256::from(250));
/// assert_eq!(escrow.locked()?, U256::from(750));
/// # Ok::<(), cenote_yield::emission::EmissionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct VestingEscrow<L: Arithmetic> {
    amount: L::Amount,
    start: u64,
    end: u64,
    block_timestamp: u64,
    claimed: L::Amount,
    disabled_at: Option<u64>,
}

impl<L: Arithmetic> VestingEscrow<L> {
    /// `amount` that vests from `start` to `end`, in Unix seconds. The contract takes any two times, and divides by zero for ever after if
    /// they are equal.
    ///
    /// # Errors
    /// [`EmissionError::EndsTooSoon`]; [`EmissionError::InvalidRate`] of what is no amount.
    pub fn new(amount: L::Amount, start: u64, end: u64) -> Result<Self, EmissionError> {
        if end <= start {
            return Err(EmissionError::EndsTooSoon { start, end });
        }
        if !L::is_valid(amount) {
            return Err(EmissionError::InvalidRate { rate: L::amount_to_f64(amount) });
        }
        Ok(Self { amount, start, end, block_timestamp: 0, claimed: L::ZERO, disabled_at: None })
    }

    /// Moves to a later block.
    ///
    /// # Errors
    /// [`EmissionError::ClockRunsBack`].
    pub fn set_block_timestamp(&mut self, block_timestamp: u64) -> Result<(), EmissionError> {
        if block_timestamp < self.block_timestamp {
            return Err(EmissionError::ClockRunsBack { now: self.block_timestamp, to: block_timestamp });
        }
        self.block_timestamp = block_timestamp;
        Ok(())
    }

    fn vested_at(&self, time: u64) -> Result<L::Amount, EmissionError> {
        if time < self.start {
            return Ok(L::ZERO);
        }
        let (elapsed, length) = (u128::from(time - self.start), u128::from(self.end - self.start));
        Ok(L::least(L::over(L::times(self.amount, elapsed)?, length)?, self.amount))
    }

    /// All that has vested by now: `vestedOf`.
    ///
    /// # Errors
    /// A product does not fit.
    pub fn vested(&self) -> Result<L::Amount, EmissionError> {
        self.vested_at(self.block_timestamp)
    }

    /// All that has not: `lockedOf`.
    ///
    /// # Errors
    /// A product does not fit.
    pub fn locked(&self) -> Result<L::Amount, EmissionError> {
        Ok(L::difference(self.amount, self.vested()?)?)
    }

    /// What was claimed: `total_claimed`.
    pub fn claimed(&self) -> L::Amount {
        self.claimed
    }

    /// Pays what has vested and was not claimed: `claim`. What was paid.
    ///
    /// # Errors
    /// A product does not fit.
    pub fn claim(&mut self) -> Result<L::Amount, EmissionError> {
        let vested = self.vested_at(self.disabled_at.unwrap_or(self.block_timestamp))?;
        let claimable = L::difference(vested, self.claimed)?;
        self.claimed = L::sum(self.claimed, claimable)?;
        Ok(claimable)
    }

    /// Stops vesting now, or lets it go on as if it had never stopped: `toggle_disable`. What has vested stays the recipient's.
    pub fn toggle_disable(&mut self) {
        self.disabled_at = if self.disabled_at.is_none() { Some(self.block_timestamp) } else { None };
    }
}
