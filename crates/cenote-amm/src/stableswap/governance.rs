//! What the administrator may change: A over time, fees after a delay, and the protocol's balances.

use super::Coins;
use super::amplification::{Curve, Generation, MAX_AMPLIFICATION, Ramp};
use super::fee::PoolFee;
use super::plain_pool::PlainPool;
use crate::error::GovernanceError;
use crate::lane::Lane;

/// `MIN_RAMP_TIME`, in seconds: a ramp lasts a day or more, and so does the wait for the next.
const MIN_RAMP_TIME: u64 = 86_400;
/// `MAX_A_CHANGE`: a ramp changes A by a factor of ten at most.
const MAX_A_CHANGE: u64 = 10;
/// `admin_actions_delay`, in seconds.
const ADMIN_ACTIONS_DELAY: u64 = 3 * 86_400;

/// Parameters that wait for their deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Commitment {
    amplification: u64,
    fee: PoolFee,
    admin_fee: PoolFee,
    /// Unix seconds.
    deadline: u64,
}

impl<L: Lane> PlainPool<L> {
    /// Leads A in a straight line to `amplification` at `future_time`, Unix seconds: `ramp_A` of NG pools.
    ///
    /// # Errors
    /// In the contract's order: [`GovernanceError::TooSoon`] within a day of the last ramp's start or for an end within a day,
    /// [`GovernanceError::InvalidAmplification`], [`GovernanceError::RampTooSteep`]. The first generation has no ramps.
    pub fn ramp_a(&mut self, amplification: u64, future_time: u64) -> Result<(), GovernanceError> {
        self.expect(Generation::Ng, "a ramp of A")?;
        let now = self.block_timestamp;
        let earliest = self.ramp.initial_time.saturating_add(MIN_RAMP_TIME);
        if now < earliest {
            return Err(GovernanceError::TooSoon { time: now, earliest });
        }
        let earliest = now.saturating_add(MIN_RAMP_TIME);
        if future_time < earliest {
            return Err(GovernanceError::TooSoon { time: future_time, earliest });
        }
        // Here the contract's bound is strict.
        if amplification == 0 || amplification >= MAX_AMPLIFICATION {
            return Err(GovernanceError::InvalidAmplification { amplification, maximum: MAX_AMPLIFICATION.saturating_sub(1) });
        }
        let initial = self.curve().stored();
        let future = amplification.saturating_mul(self.generation.precision());
        let (small, large) = if future < initial { (future, initial) } else { (initial, future) };
        if small.saturating_mul(MAX_A_CHANGE) < large {
            let current = Curve::from_stored(self.generation, initial).amplification();
            return Err(GovernanceError::RampTooSteep { current, amplification });
        }
        self.ramp = Ramp { initial, future, initial_time: now, future_time };
        Ok(())
    }

    /// Leaves A where it is now: `stop_ramp_A` of NG pools.
    ///
    /// # Errors
    /// The first generation has no ramps.
    pub fn stop_ramp_a(&mut self) -> Result<(), GovernanceError> {
        self.expect(Generation::Ng, "a ramp of A")?;
        let now = self.block_timestamp;
        let current = self.curve().stored();
        self.ramp = Ramp { initial: current, future: current, initial_time: now, future_time: now };
        Ok(())
    }

    /// Sets the fee at the peg and its multiplier off the peg, in units of 10^-10: `set_new_fee` of NG pools.
    ///
    /// # Errors
    /// [`GovernanceError::FeeTooHigh`] if the two together exceed one half. The first generation changes fees by
    /// [`commit_new_parameters`](Self::commit_new_parameters).
    pub fn set_new_fee(&mut self, fee: PoolFee, offpeg_fee_multiplier: u64) -> Result<(), GovernanceError> {
        self.expect(Generation::Ng, "a change of the fee at once")?;
        let product = u128::from(offpeg_fee_multiplier).saturating_mul(u128::from(fee.parts()));
        let highest = u128::from(PoolFee::HALF.parts()).saturating_mul(u128::from(PoolFee::DENOMINATOR));
        if product > highest {
            return Err(GovernanceError::FeeTooHigh { fee: fee.parts(), multiplier: offpeg_fee_multiplier });
        }
        self.fee = fee;
        self.offpeg_fee_multiplier = offpeg_fee_multiplier;
        Ok(())
    }

    /// Announces new parameters, to be applied in three days: `commit_new_parameters` of the first generation.
    ///
    /// # Errors
    /// In the contract's order: [`GovernanceError::AlreadyCommitted`], [`GovernanceError::InvalidAmplification`] above the maximum.
    /// (The contract takes A = 0 and then reverts in every function that needs D; so does this pool.) NG pools have no such function.
    pub fn commit_new_parameters(&mut self, amplification: u64, fee: PoolFee, admin_fee: PoolFee) -> Result<(), GovernanceError> {
        self.expect(Generation::First, "a change of parameters by announcement")?;
        if let Some(Commitment { deadline, .. }) = self.commitment {
            return Err(GovernanceError::AlreadyCommitted { deadline });
        }
        if amplification > MAX_AMPLIFICATION {
            return Err(GovernanceError::InvalidAmplification { amplification, maximum: MAX_AMPLIFICATION });
        }
        let deadline = self.block_timestamp.saturating_add(ADMIN_ACTIONS_DELAY);
        self.commitment = Some(Commitment { amplification, fee, admin_fee, deadline });
        Ok(())
    }

    /// Puts announced parameters into force: `apply_new_parameters` of the first generation.
    ///
    /// # Errors
    /// [`GovernanceError::NothingCommitted`], [`GovernanceError::TooSoon`] before the deadline.
    pub fn apply_new_parameters(&mut self) -> Result<(), GovernanceError> {
        let Commitment { amplification, fee, admin_fee, deadline } = self.commitment.ok_or(GovernanceError::NothingCommitted)?;
        if self.block_timestamp < deadline {
            return Err(GovernanceError::TooSoon { time: self.block_timestamp, earliest: deadline });
        }
        self.ramp = Ramp::constant(amplification);
        self.fee = fee;
        self.admin_fee = admin_fee;
        self.commitment = None;
        Ok(())
    }

    /// Takes an announcement back: `revert_new_parameters` of the first generation.
    pub fn revert_new_parameters(&mut self) {
        self.commitment = None;
    }

    /// Pays out the protocol's balances, and says how much that was: `withdraw_admin_fees`. Unit: the lane's of each coin.
    pub fn withdraw_admin_fees(&mut self) -> Vec<L::Amount> {
        let amounts = self.admin_balances.to_vec();
        self.admin_balances = Coins::filled(L::ZERO, amounts.len());
        amounts
    }

    fn expect(&self, generation: Generation, operation: &'static str) -> Result<(), GovernanceError> {
        if self.generation == generation { Ok(()) } else { Err(GovernanceError::Unsupported { operation }) }
    }
}
