use cenote_amm::MathError;

use crate::farm::{Arithmetic, FarmError};

/// Rewards per block as a function of the block number.
#[derive(Clone, Debug, PartialEq)]
pub enum BlockRewards<L: Arithmetic> {
    /// `per_block` always, times `factor` until block `end`: SushiSwap's `getMultiplier`, whose factor is 10.
    Bonus {
        /// Rewards per block without the bonus.
        per_block: L::Amount,
        /// What the bonus multiplies by.
        factor: u64,
        /// The block at which the bonus ends.
        end: u64,
    },
    /// `per_block · multiplier`: PancakeSwap's `getMultiplier`.
    ///
    /// A new multiplier applies to all blocks since a pool was last updated, those before the change included, as in the contract.
    Multiplier {
        /// Rewards per block.
        per_block: L::Amount,
        /// What they are multiplied by.
        multiplier: u64,
    },
    /// Steps: the rate of the last step that has begun.
    Steps(BlockSteps<L>),
}

impl<L: Arithmetic> BlockRewards<L> {
    /// All rewards from block `from` to block `to`, which is not before it.
    ///
    /// # Errors
    /// They do not fit.
    #[inline]
    pub fn between(&self, from: u64, to: u64) -> Result<L::Amount, MathError> {
        match self {
            Self::Bonus { per_block, factor, end } => {
                let early = u128::from(to.min(*end).saturating_sub(from));
                let late = u128::from(to.saturating_sub(from.max(*end)));
                // Two counts of 64 bits and a factor of 64 bits: the sum fits but for absurd numbers, which the contract refuses too.
                let weighted = early.checked_mul(u128::from(*factor)).and_then(|early| early.checked_add(late));
                L::times(*per_block, weighted.ok_or(MathError::MulOverflow)?)
            }
            Self::Multiplier { per_block, multiplier } => {
                L::times(*per_block, u128::from(to.saturating_sub(from)) * u128::from(*multiplier))
            }
            Self::Steps(steps) => steps.between(from, to),
        }
    }
}

/// A table of rewards per block: each step holds from its block on until the next one begins. Nothing is emitted before the first.
///
/// ```
/// use cenote_amm::{Exact, U256};
/// use cenote_yield::farm::masterchef::BlockSteps;
///
/// // 40 a block, halved every 100 blocks, twice.
/// let steps = BlockSteps::<Exact>::halving(U256::from(40), 0, 100, 2)?;
/// assert_eq!(steps.between(90, 210)?, U256::from(10 * 40 + 100 * 20 + 10 * 10));
/// # Ok::<(), cenote_yield::farm::FarmError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BlockSteps<L: Arithmetic> {
    steps: Vec<(u64, L::Amount)>,
}

impl<L: Arithmetic> BlockSteps<L> {
    /// Steps in order of the blocks at which they begin.
    ///
    /// # Errors
    /// There is none, one does not begin after the one before, or a rate is no amount.
    pub fn new(steps: &[(u64, L::Amount)]) -> Result<Self, FarmError> {
        if steps.is_empty() {
            return Err(FarmError::TooShort { what: "a table of rewards", given: 0, least: 1 });
        }
        if let Some(pair) = steps.windows(2).find(|pair| pair[1].0 <= pair[0].0) {
            return Err(FarmError::TooShort { what: "the block of a step", given: pair[1].0, least: pair[0].0.saturating_add(1) });
        }
        match steps.iter().find(|(_, rate)| !L::is_valid(*rate)) {
            Some((_, rate)) => Err(FarmError::InvalidAmount { amount: L::amount_to_f64(*rate) }),
            None => Ok(Self { steps: steps.to_vec() }),
        }
    }

    /// `per_block` from block `start` on, halved `halvings` times, each time after `period` blocks. [`Exact`](cenote_amm::Exact) rounds
    /// each half down.
    ///
    /// # Errors
    /// `period` is zero, the last step begins beyond the last block, or `per_block` is no amount.
    pub fn halving(per_block: L::Amount, start: u64, period: u64, halvings: u32) -> Result<Self, FarmError> {
        if period == 0 {
            return Err(FarmError::TooShort { what: "the blocks between halvings", given: 0, least: 1 });
        }
        let mut steps = vec![(start, per_block)];
        let (mut begin, mut rate) = (start, per_block);
        for _ in 0..halvings {
            begin = begin.checked_add(period).ok_or(MathError::AddOverflow)?;
            rate = L::over(rate, 2)?;
            steps.push((begin, rate));
        }
        Self::new(&steps)
    }

    /// All rewards from block `from` to block `to`.
    ///
    /// # Errors
    /// They do not fit.
    pub fn between(&self, from: u64, to: u64) -> Result<L::Amount, MathError> {
        let ends = self.steps.iter().skip(1).map(|(begin, _)| *begin).chain([u64::MAX]);
        let mut sum = L::ZERO;
        for ((begin, rate), end) in self.steps.iter().zip(ends) {
            let blocks = to.min(end).saturating_sub(from.max(*begin));
            sum = L::sum(sum, L::times(*rate, blocks.into())?)?;
        }
        Ok(sum)
    }
}
