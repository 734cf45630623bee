//! Curve's inflation: a rate per second that falls once a year by the fourth root of two.

use cenote_amm::MathError;

use super::EmissionError;
use crate::farm::Arithmetic;

const YEAR: u64 = 365 * 86_400;

/// `ERC20CRV`'s supply schedule: 279,636,603 tokens in the first year, and 2^(−1/4) of it in each that follows.
///
/// Source: `ERC20CRV.vy` of Curve's DAO contracts.
///
/// ```
/// use cenote_amm::Fast;
/// use cenote_yield::emission::CurveInflation;
///
/// let mut crv = CurveInflation::<Fast>::new(1_600_000_000)?;
/// let first = crv.rate();
/// crv.set_block_timestamp(1_600_000_000 + 365 * 86_400)?;
/// assert!(crv.update_mining_parameters()?);
/// assert!((crv.rate() / first - 0.5_f64.powf(0.25)).abs() < 1e-15);
/// # Ok::<(), cenote_yield::emission::EmissionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CurveInflation<L: Arithmetic> {
    block_timestamp: u64,
    start_epoch_time: u64,
    epoch: u64,
    rate: L::Amount,
    start_epoch_supply: L::Amount,
}

impl<L: Arithmetic> CurveInflation<L> {
    /// `RATE_REDUCTION_COEFFICIENT`, 2^(1/4) times 10^18.
    const COEFFICIENT: u64 = 1_189_207_115_002_721_024;
    const DENOMINATOR: u64 = 1_000_000_000_000_000_000;

    /// The schedule of a token that was created at this time, in Unix seconds.
    ///
    /// # Errors
    /// Never: its numbers fit both lanes.
    pub fn new(block_timestamp: u64) -> Result<Self, EmissionError> {
        Ok(Self {
            block_timestamp,
            start_epoch_time: block_timestamp,
            epoch: 0,
            rate: Self::initial_rate()?,
            start_epoch_supply: tokens::<L>(1_272_727_273)?,
        })
    }

    /// `INITIAL_RATE`: 279,636,603 tokens over a year, a second's part of it, rounded down in the exact lane.
    ///
    /// # Errors
    /// Never: it fits both lanes.
    pub fn initial_rate() -> Result<L::Amount, EmissionError> {
        Ok(L::over(tokens::<L>(279_636_603)?, YEAR.into())?)
    }

    /// Units a second in the present epoch.
    pub fn rate(&self) -> L::Amount {
        self.rate
    }

    /// How many times the rate has been reduced.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// When the present epoch began, in Unix seconds.
    pub fn start_epoch_time(&self) -> u64 {
        self.start_epoch_time
    }

    /// When the next epoch begins: `future_epoch_time_write`, without what that writes.
    pub fn future_epoch_time(&self) -> u64 {
        self.start_epoch_time.saturating_add(YEAR)
    }

    /// Moves to a later block. The epoch changes only when somebody [asks for it](Self::update_mining_parameters).
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

    /// Begins the next epoch if it is due, one at a time: `update_mining_parameters`. Whether it was due.
    ///
    /// # Errors
    /// The supply does not fit, which takes longer than time lasts.
    pub fn update_mining_parameters(&mut self) -> Result<bool, EmissionError> {
        let due = self.future_epoch_time();
        if self.block_timestamp < due {
            return Ok(false);
        }
        let rate = scaled::<L>(self.rate, Self::DENOMINATOR, Self::COEFFICIENT)?;
        self.start_epoch_supply = L::sum(self.start_epoch_supply, L::times(self.rate, YEAR.into())?)?;
        self.start_epoch_time = due;
        self.epoch = self.epoch.saturating_add(1);
        self.rate = rate;
        Ok(true)
    }

    /// Tokens in existence, claimed or not: `available_supply`.
    ///
    /// # Errors
    /// It does not fit.
    pub fn available_supply(&self) -> Result<L::Amount, EmissionError> {
        let elapsed = self.block_timestamp.saturating_sub(self.start_epoch_time);
        Ok(L::sum(self.start_epoch_supply, L::times(self.rate, elapsed.into())?)?)
    }

    /// Tokens that can be minted between two times, in Unix seconds: `mintable_in_timeframe`.
    ///
    /// Rates of past epochs are computed back from the present one, as the contract does, and so are rounded a little below what they were.
    ///
    /// # Errors
    /// [`EmissionError::EndsTooSoon`]; [`EmissionError::TooFarAhead`] beyond the end of the next epoch; [`EmissionError::BeforeTheFirst`].
    pub fn mintable_in_timeframe(&self, start: u64, end: u64) -> Result<L::Amount, EmissionError> {
        if start > end {
            return Err(EmissionError::EndsTooSoon { start, end });
        }
        let (mut epoch_time, mut rate) = (self.start_epoch_time, self.rate);
        if end > epoch_time.saturating_add(YEAR) {
            epoch_time = epoch_time.saturating_add(YEAR);
            rate = scaled::<L>(rate, Self::DENOMINATOR, Self::COEFFICIENT)?;
        }
        let latest = epoch_time.saturating_add(YEAR);
        if end > latest {
            return Err(EmissionError::TooFarAhead { time: end, latest });
        }
        let mut minted = L::ZERO;
        // The contract goes back 999 epochs at most, and asserts that no rate exceeds the first one: that none is from before it.
        for _ in 0..999 {
            if end >= epoch_time {
                let (from, to) = (start.max(epoch_time), end.min(epoch_time.saturating_add(YEAR)));
                minted = L::sum(minted, L::times(rate, to.saturating_sub(from).into())?)?;
                if start >= epoch_time {
                    break;
                }
            }
            epoch_time = epoch_time.checked_sub(YEAR).ok_or(MathError::SubUnderflow)?;
            rate = scaled::<L>(rate, Self::COEFFICIENT, Self::DENOMINATOR)?;
            if epoch_time < self.start_epoch_time.saturating_sub(self.epoch.saturating_mul(YEAR)) {
                return Err(EmissionError::BeforeTheFirst { time: start, earliest: epoch_time.saturating_add(YEAR) });
            }
        }
        Ok(minted)
    }
}

/// `rate · numerator / denominator`, rounded down in the exact lane.
fn scaled<L: Arithmetic>(rate: L::Amount, numerator: u64, denominator: u64) -> Result<L::Amount, MathError> {
    L::over(L::times(rate, numerator.into())?, denominator.into())
}

/// Whole tokens of 18 decimals.
fn tokens<L: Arithmetic>(count: u128) -> Result<L::Amount, MathError> {
    L::times(L::amount_from_f64(L::scale(18)).ok_or(MathError::MulOverflow)?, count)
}
