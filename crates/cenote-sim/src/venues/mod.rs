//! What a scenario says of farms, lending markets, vaults, and of what can go wrong with them.

mod check;
mod risk;

use std::fmt::Debug;
use std::sync::Arc;

use cenote_paths::PriceModel;
use cenote_strategy::{ChainId, FarmId, Stake, TokenId};
use cenote_units::SimDuration;
use cenote_yield::farm::FarmModel;
use cenote_yield::lending::{BorrowerCrowd, Collateral, RateHistory, ReserveModel};

use crate::scenario::{GasUnits, PositionSetup, StrategyModel};

pub use risk::{CoverTerms, RiskKind, RiskSetup, RiskTarget};

/// A farm: who stakes in it is paid in rewards.
#[derive(Clone, Debug)]
pub struct FarmSetup {
    /// Its name.
    pub name: String,
    /// The chain that it is on: that of the pool whose LP tokens it takes.
    pub chain: ChainId,
    /// What it takes.
    pub stake: Stake,
    /// What it pays in, in the order of its model's rewards.
    pub rewards: Vec<TokenId>,
    /// Its kind and emission.
    pub model: Arc<dyn FarmModel>,
    /// What others have staked at the start.
    pub staked: Staked,
    /// How they come and go with what it pays; they stay where there is none.
    pub crowd: Option<FarmCrowd>,
    /// What others' stake follows besides, relative to its own initial value: money that comes and goes for reasons of its own. Its
    /// stream is `farms.NAME.inflow`.
    pub inflow: Option<Arc<dyn PriceModel>>,
    /// Part of what is staked that the farm keeps on the way in.
    pub deposit_fee: f64,
    /// Part of what is staked that the farm keeps on the way out.
    pub withdrawal_fee: f64,
    /// How claimed rewards are locked; not at all where there is none.
    pub lock: Option<RewardLock>,
}

/// What others have in a farm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Staked {
    /// This share of the LP tokens of others; of a pool of ranges, of their liquidity, whichever it is.
    Share(f64),
    /// So many whole tokens or LP tokens.
    Amount(f64),
}

/// Others who come and go with the rewards: d ln(stake)/dt = ln(APR / target) / response.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FarmCrowd {
    /// The APR of rewards at which they stay, a fraction per year.
    pub target_apr: f64,
    /// How fast they are.
    pub response: SimDuration,
}

/// Claimed rewards come free in equal parts over a time, or all at its end; whoever cannot wait pays for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RewardLock {
    /// How long it takes.
    pub duration: SimDuration,
    /// Whether they come free little by little.
    pub linear: bool,
    /// What a strategy that takes its rewards at once pays, as a part of them; `None` if it has to wait.
    pub penalty: Option<f64>,
}

/// Tokens that the owner of a position has locked for votes when it enters, besides its deposit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VoteTerms {
    /// The gauge whose stake they boost.
    pub farm: FarmId,
    /// Whole tokens.
    pub locked: f64,
    /// For how long; votes fall linearly to nothing at the end.
    pub duration: SimDuration,
}

/// A lending market of one token.
#[derive(Clone, Debug)]
pub struct LendingSetup {
    /// Its name.
    pub name: String,
    /// The chain that it is on.
    pub chain: ChainId,
    /// What is lent.
    pub token: TokenId,
    /// Its rates, and what others have supplied.
    pub model: ReserveModel,
    /// What becomes of its utilisation.
    pub utilisation: Utilisation,
    /// What it is worth as collateral.
    pub collateral: Collateral,
}

/// What drives the utilisation of a lending market. Its stream is `lending.NAME.utilisation`.
#[derive(Clone, Debug)]
pub enum Utilisation {
    /// Nothing: others keep what they have borrowed at the start, and utilisation moves with interest and with what positions do.
    Free,
    /// It stays what it is at the start, whatever positions do.
    Constant,
    /// A process on its logit, ln(U / (1 − U)).
    Logit(Arc<dyn PriceModel>),
    /// Borrowers who respond to the rate.
    Borrowers(BorrowerCrowd),
    /// Rates are those recorded, from the history's first row on.
    Recorded(Arc<RateHistory>),
}

/// A vault: it stakes what everybody puts in, and turns rewards into more of it.
#[derive(Clone, Debug)]
pub struct VaultSetup {
    /// Its name.
    pub name: String,
    /// Where it stakes.
    pub farm: FarmId,
    /// What it does there: liquidity or tokens staked in its farm, rewards put back into the stake.
    pub strategy: Arc<dyn StrategyModel>,
    /// Part of the rewards that it keeps.
    pub performance_fee: f64,
    /// Part of everything that it keeps, per year.
    pub management_fee: f64,
    /// What others have in it at the start, in the numeraire; above zero, since somebody pays its gas.
    pub value: f64,
    /// Gas units of what it does.
    pub gas: GasUnits,
}

impl VaultSetup {
    /// The position that it is: that of its holders together.
    pub(crate) fn position(&self) -> PositionSetup {
        PositionSetup {
            gas: self.gas,
            ..PositionSetup::new(&format!("vaults.{}", self.name), Arc::clone(&self.strategy), self.value)
        }
    }
}
