use core::fmt::Debug;

use cenote_units::{PACK, SimDuration, SimTime};

use super::{Boost, FarmLanes, ShareLanes};
use crate::emission::{Emission, EmissionError, years};

/// What a farm of a world begins with.
#[derive(Clone, Copy, Debug)]
pub struct FarmStart {
    /// How many accounts the world's positions need.
    pub accounts: usize,
    /// What others have staked, in whole tokens of what is staked.
    pub others: f64,
}

/// Builds farms for worlds of `L` lanes.
pub trait BuildFarm<const L: usize> {
    /// A farm in which nobody but others has staked yet.
    ///
    /// # Errors
    /// The others' stake is no amount: [`EmissionError::InvalidRate`].
    fn build(&self, start: &FarmStart) -> Result<Box<dyn FarmLanes<L>>, EmissionError>;
}

/// What becomes of rewards that are emitted while nobody has staked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// They are never minted.
    Unminted,
    /// They stay in the farm for ever, paid in by whoever funded it.
    Stuck,
}

/// The description of a farm: its kind and parameters, immutable, shared by threads.
pub trait FarmModel: Debug + Send + Sync + BuildFarm<1> + BuildFarm<PACK> {
    /// How many reward tokens it hands out.
    fn reward_count(&self) -> usize;

    /// What becomes of rewards that reach nobody.
    fn empty(&self) -> Empty;
}

fn check(start: &FarmStart) -> Result<(), EmissionError> {
    if (0.0..f64::INFINITY).contains(&start.others) { Ok(()) } else { Err(EmissionError::InvalidRate { rate: start.others }) }
}

/// A pool of a [`MasterChef`](crate::farm::MasterChef): one reward token, minted by a schedule of which the pool has its part.
#[derive(Clone, Debug, PartialEq)]
pub struct MasterChefModel {
    emission: Emission,
}

impl MasterChefModel {
    /// A pool that gets this emission: its part by allocation points, stakers' share only.
    pub fn new(emission: Emission) -> Self {
        Self { emission }
    }
}

impl<const L: usize> BuildFarm<L> for MasterChefModel {
    fn build(&self, start: &FarmStart) -> Result<Box<dyn FarmLanes<L>>, EmissionError> {
        check(start)?;
        Ok(Box::new(ShareLanes::<L>::new(start.accounts, start.others, core::slice::from_ref(&self.emission))))
    }
}

impl FarmModel for MasterChefModel {
    fn reward_count(&self) -> usize {
        1
    }

    fn empty(&self) -> Empty {
        Empty::Unminted
    }
}

/// A [`StakingRewards`](crate::farm::StakingRewards) contract for each reward token: amounts paid in, each handed out evenly over a period.
#[derive(Clone, Debug, PartialEq)]
pub struct StakingRewardsModel {
    emissions: Vec<Emission>,
}

impl StakingRewardsModel {
    /// For each reward token the amounts of the periods that follow one another from the start on, and how long a period is.
    ///
    /// # Errors
    /// [`EmissionError::NoTime`], [`EmissionError::NoSteps`], [`EmissionError::InvalidRate`].
    pub fn new(rewards: &[Vec<f64>], period: SimDuration) -> Result<Self, EmissionError> {
        let nanos = period.as_nanos();
        if nanos == 0 {
            return Err(EmissionError::NoTime { what: "the period" });
        }
        let emission = |amounts: &Vec<f64>| {
            let mut steps = Vec::new();
            let mut begin = 0_u64;
            for amount in amounts {
                steps.push((SimDuration::from_nanos(begin), amount / years(nanos)));
                begin = begin.saturating_add(nanos);
            }
            Emission::table(&steps)?.ending(SimTime::from_nanos(begin))
        };
        Ok(Self { emissions: rewards.iter().map(emission).collect::<Result<_, _>>()? })
    }

    /// Any schedules at all, one for each reward token: whoever funds the contract tops it up in time.
    ///
    /// # Errors
    /// [`EmissionError::NoSteps`] if there is none.
    pub fn with_emissions(emissions: Vec<Emission>) -> Result<Self, EmissionError> {
        if emissions.is_empty() { Err(EmissionError::NoSteps) } else { Ok(Self { emissions }) }
    }
}

impl<const L: usize> BuildFarm<L> for StakingRewardsModel {
    fn build(&self, start: &FarmStart) -> Result<Box<dyn FarmLanes<L>>, EmissionError> {
        check(start)?;
        Ok(Box::new(ShareLanes::<L>::new(start.accounts, start.others, &self.emissions)))
    }
}

impl FarmModel for StakingRewardsModel {
    fn reward_count(&self) -> usize {
        self.emissions.len()
    }

    fn empty(&self) -> Empty {
        Empty::Stuck
    }
}

/// A gauge: inflation by boosted stakes, and any other rewards by stakes as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct GaugeModel {
    inflation: Emission,
    rewards: Vec<Emission>,
    boost: Boost,
}

impl GaugeModel {
    /// A gauge that gets this part of the inflation. Reward 0 is the inflation.
    pub fn new(inflation: Emission, rewards: Vec<Emission>, boost: Boost) -> Self {
        Self { inflation, rewards, boost }
    }
}

impl<const L: usize> BuildFarm<L> for GaugeModel {
    fn build(&self, start: &FarmStart) -> Result<Box<dyn FarmLanes<L>>, EmissionError> {
        check(start)?;
        let farm = ShareLanes::<L>::boosted(start.accounts, start.others, &self.inflation, &self.rewards, self.boost);
        Ok(Box::new(farm))
    }
}

impl FarmModel for GaugeModel {
    fn reward_count(&self) -> usize {
        1 + self.rewards.len()
    }

    /// Inflation that no gauge has claimed is never minted. Other rewards of an empty gauge are stuck in it.
    fn empty(&self) -> Empty {
        Empty::Unminted
    }
}
