//! Farms, lending markets, and what happens to them.

mod actions;
mod damage;
mod farms;
mod hazards;
mod lending;
mod losses;
mod vaults;

use cenote_paths::{BuildPrice, PriceModel};
use cenote_strategy::{FarmTerms, LendingTerms, Vault, VenueLanes};
use cenote_units::Lanes;
use cenote_yield::farm::{BuildFarm, FarmModel};

pub(super) use self::actions::Spender;
use self::farms::FarmState;
use self::hazards::Hazards;
use self::lending::LendingState;
use self::vaults::VaultState;
use super::{Engine, MarketState};
use crate::error::ScenarioError;
use crate::scenario::Scenario;

/// The farms and lending markets of a world.
#[derive(Debug)]
pub(super) struct Venues<const L: usize> {
    farms: Vec<FarmState<L>>,
    lending: Vec<LendingState<L>>,
    vaults: Vec<VaultState<L>>,
    pub(super) hazards: Hazards<L>,
    /// Whether somebody has cover.
    covered: bool,
    /// Contracts that positions have allowed to take tokens, where that costs something: who, by whom, and what.
    approvals: Vec<((usize, Spender, usize), [bool; L])>,
}

impl<const L: usize> Venues<L>
where
    dyn PriceModel: BuildPrice<L>,
    dyn FarmModel: BuildFarm<L>,
{
    /// Of a world whose pools are built.
    /// Those of vaults are the last of the scenario's positions, after `visible` ones.
    pub(super) fn new(scenario: &Scenario, visible: usize, market: &MarketState<L>, seed: u64) -> Result<Self, ScenarioError> {
        let farms = scenario.farms.iter().map(|farm| FarmState::new(scenario, farm, market, seed)).collect::<Result<_, _>>()?;
        let lending = scenario.lending.iter().map(|lending| LendingState::new(scenario, lending, seed)).collect();
        let vaults = scenario.vaults.iter().zip(visible..).map(|(vault, i)| VaultState::new(vault, i, visible)).collect();
        let covered = scenario.positions.iter().any(|position| position.cover.is_some());
        Ok(Self { farms, lending, vaults, hazards: Hazards::new(scenario, seed), covered, approvals: Vec::new() })
    }
}

/// What everybody sees of them, before anything has happened.
pub(super) fn terms<const L: usize>(scenario: &Scenario) -> VenueLanes<L> {
    let farm = |farm: &crate::FarmSetup| FarmTerms {
        chain: farm.chain,
        stake: farm.stake,
        rewards: farm.rewards.clone(),
        apr: Lanes::ZERO,
        earned_by_others: vec![Lanes::ZERO; farm.rewards.len()],
        open: Lanes::splat(1.0),
    };
    let lending = |lending: &crate::LendingSetup| LendingTerms {
        chain: lending.chain,
        token: lending.token,
        supply_rate: Lanes::ZERO,
        borrow_rate: Lanes::ZERO,
        liquidity: Lanes::ZERO,
        loan_to_value: f64::from(lending.collateral.ltv_bp()) / 1e4,
    };
    let vault = |vault: &crate::VaultSetup| Vault {
        farm: vault.farm,
        performance_fee: vault.performance_fee,
        management_fee: vault.management_fee,
    };
    VenueLanes {
        farms: scenario.farms.iter().map(farm).collect(),
        lending: scenario.lending.iter().map(lending).collect(),
        vaults: scenario.vaults.iter().map(vault).collect(),
    }
}

impl<const L: usize> Venues<L> {
    fn is_empty(&self) -> bool {
        self.farms.is_empty() && self.lending.is_empty() && self.hazards.is_empty() && !self.covered
    }
}

impl<const L: usize> Engine<L> {
    /// Begins new paths.
    pub(super) fn start_venues(&mut self, paths: [u32; L]) {
        if self.venues.is_empty() {
            return;
        }
        self.venues.approvals.clear();
        self.venues.hazards.start(paths);
        for farm in &mut self.venues.farms {
            farm.start(paths);
        }
        for lending in &mut self.venues.lending {
            lending.start(paths);
        }
        for vault in &mut self.venues.vaults {
            vault.start();
        }
    }

    /// What everybody sees of them at the start. The pools' accounts are open.
    pub(super) fn show_venues(&mut self) {
        if !self.venues.is_empty() {
            self.weigh_ranges();
            self.show();
        }
    }

    /// Positions have entered; from now on things go wrong.
    pub(super) fn begin_venues(&mut self) {
        if self.venues.is_empty() {
            return;
        }
        self.show();
        for i in 0..self.positions.len() {
            self.note_advertised(i);
        }
        self.begin_vaults();
        self.venues.hazards.begin(self.clock.time());
    }

    /// What time and the move of prices did to farms, lending markets, and what positions have there; then what goes wrong; then others
    /// come and go.
    pub(super) fn step_venues(&mut self) {
        if self.venues.is_empty() {
            return;
        }
        // Risks and cover go by what is in ranges.
        if !self.venues.hazards.is_empty() || self.venues.covered {
            self.settle_ranges();
        }
        if !self.venues.hazards.is_empty() {
            self.count_falls();
        }
        self.accrue_farms();
        self.accrue_lending();
        if !self.venues.hazards.is_empty() {
            self.count_missed();
        }
        self.suffer();
        self.liquidate();
        self.free_rewards();
        self.move_crowds();
        self.weigh_ranges();
        self.show();
    }

    fn show(&mut self) {
        self.show_farms();
        self.show_vaults();
        for (terms, lending) in self.market.venues.lending.iter_mut().zip(&self.venues.lending) {
            lending.show(self.clock.time(), terms);
        }
    }
}
