//! Curve's inflation: a rate per second that falls once a year by the fourth root of two.

use cenote_amm::{Exact, Lane, MathError, U256};

use super::EmissionError;

const YEAR: u64 = 365 * 86_400;

/// `ERC20CRV`'s supply schedule in its integers: 279,636,603 tokens in the first year, and 2^(−1/4) of it in each that follows.
///
/// Source: `ERC20CRV.vy` of Curve's DAO contracts.
///
/// ```
/// use cenote_yield::emission::CurveInflation;
///
/// let mut crv = CurveInflation::new(1_600_000_000);
/// let first = crv.rate();
/// crv.set_block_timestamp(1_600_000_000 + 365 * 86_400)?;
/// assert!(crv.update_mining_parameters());
/// assert!((f64::from(crv.rate()) / f64::from(first) - 0.5_f64.powf(0.25)).abs() < 1e-15);
/// # Ok::<(), cenote_yield::emission::EmissionError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurveInflation {
    block_timestamp: u64,
    start_epoch_time: u64,
    epoch: u64,
    rate: U256,
    start_epoch_supply: U256,
}

impl CurveInflation {
    /// `RATE_REDUCTION_COEFFICIENT`, 2^(1/4) times 10^18.
    const COEFFICIENT: u64 = 1_189_207_115_002_721_024;
    const DENOMINATOR: u64 = 1_000_000_000_000_000_000;

    /// The schedule of a token that was created at this time, in Unix seconds.
    pub fn new(block_timestamp: u64) -> Self {
        Self {
            block_timestamp,
            start_epoch_time: block_timestamp,
            epoch: 0,
            rate: Self::initial_rate(),
            start_epoch_supply: U256::from(1_272_727_273_u64).wrapping_mul(U256::from(Self::DENOMINATOR)),
        }
    }

    /// `INITIAL_RATE`: 279,636,603 tokens over a year, rounded down to units a second.
    pub fn initial_rate() -> U256 {
        let yearly = U256::from(279_636_603_u64).wrapping_mul(U256::from(Self::DENOMINATOR));
        yearly.checked_div(U256::from(YEAR)).unwrap_or(U256::ZERO)
    }

    /// Units a second in the present epoch.
    pub fn rate(&self) -> U256 {
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
    pub fn update_mining_parameters(&mut self) -> bool {
        let due = self.future_epoch_time();
        if self.block_timestamp < due {
            return false;
        }
        // Rates fall, and the sum of all of them is below 2^100.
        let supply = self.rate.wrapping_mul(U256::from(YEAR));
        self.start_epoch_supply = self.start_epoch_supply.wrapping_add(supply);
        self.start_epoch_time = due;
        self.epoch = self.epoch.saturating_add(1);
        self.rate = scaled(self.rate, Self::DENOMINATOR, Self::COEFFICIENT);
        true
    }

    /// Tokens in existence, claimed or not: `available_supply`.
    ///
    /// # Errors
    /// It does not fit.
    pub fn available_supply(&self) -> Result<U256, EmissionError> {
        let elapsed = self.block_timestamp.saturating_sub(self.start_epoch_time);
        let since = self.rate.checked_mul(U256::from(elapsed)).ok_or(MathError::MulOverflow)?;
        Ok(Exact::checked_add(self.start_epoch_supply, since).ok_or(MathError::AddOverflow)?)
    }

    /// Tokens that can be minted between two times, in Unix seconds: `mintable_in_timeframe`.
    ///
    /// Rates of past epochs are computed back from the present one, as the contract does, and so are rounded a little below what they were.
    ///
    /// # Errors
    /// [`EmissionError::EndsTooSoon`]; [`EmissionError::TooFarAhead`] beyond the end of the next epoch; [`EmissionError::BeforeTheFirst`].
    pub fn mintable_in_timeframe(&self, start: u64, end: u64) -> Result<U256, EmissionError> {
        if start > end {
            return Err(EmissionError::EndsTooSoon { start, end });
        }
        let (mut epoch_time, mut rate) = (self.start_epoch_time, self.rate);
        if end > epoch_time.saturating_add(YEAR) {
            epoch_time = epoch_time.saturating_add(YEAR);
            rate = scaled(rate, Self::DENOMINATOR, Self::COEFFICIENT);
        }
        let latest = epoch_time.saturating_add(YEAR);
        if end > latest {
            return Err(EmissionError::TooFarAhead { time: end, latest });
        }
        let mut minted = U256::ZERO;
        // The contract goes back 999 epochs at most, and asserts that no rate exceeds the first one.
        for _ in 0..999 {
            if end >= epoch_time {
                let (from, to) = (start.max(epoch_time), end.min(epoch_time.saturating_add(YEAR)));
                let part = rate.checked_mul(U256::from(to.saturating_sub(from))).ok_or(MathError::MulOverflow)?;
                minted = Exact::checked_add(minted, part).ok_or(MathError::AddOverflow)?;
                if start >= epoch_time {
                    break;
                }
            }
            epoch_time = epoch_time.checked_sub(YEAR).ok_or(MathError::SubUnderflow)?;
            rate = scaled(rate, Self::COEFFICIENT, Self::DENOMINATOR);
            if rate > Self::initial_rate() {
                return Err(EmissionError::BeforeTheFirst { time: start, earliest: epoch_time.saturating_add(YEAR) });
            }
        }
        Ok(minted)
    }
}

/// `rate · numerator / denominator`, rounded down. Rates are below 2^64.
fn scaled(rate: U256, numerator: u64, denominator: u64) -> U256 {
    rate.wrapping_mul(U256::from(numerator)).checked_div(U256::from(denominator)).unwrap_or(U256::ZERO)
}
