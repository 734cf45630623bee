//! A farm at work.

use cenote_paths::{BuildPrice, PriceLanes, PriceModel, PriceStreams, StreamKey};
use cenote_strategy::Stake;
use cenote_units::{LaneList, Lanes, SimDuration, math};
use cenote_yield::farm::{BuildFarm, FarmLanes, FarmModel, FarmStart};

use crate::error::ScenarioError;
use crate::scenario::Scenario;
use crate::venues::{FarmCrowd, FarmSetup, Staked};
use crate::world::MarketState;

/// A farm at work.
#[derive(Debug)]
pub(in crate::world) struct FarmState<const L: usize> {
    pub(in crate::world) lanes: Box<dyn FarmLanes<L>>,
    pub(in crate::world) stake: Stake,
    /// The pool of ranges whose liquidity it weighs, and the share of others' that is staked.
    pub(super) ranged: Option<(usize, f64)>,
    pub(super) others_at_start: f64,
    /// What others have staked.
    pub(in crate::world) others: Lanes<L>,
    pub(super) crowd: Option<FarmCrowd>,
    pub(super) inflow: Option<Inflow<L>>,
    /// When others last came or went.
    pub(super) moved: [u64; L],
    /// Until when it pays nothing, and until when it gives nothing back.
    pub(super) halted: [u64; L],
    pub(in crate::world) frozen: [u64; L],
    /// The risk that keeps it from paying the longest.
    pub(in crate::world) stopped_by: [usize; L],
    /// 1 where it pays.
    pub(super) paying: Lanes<L>,
    /// Whether it does not pay in some lane.
    pub(super) stopped: bool,
    /// What others had staked when it stopped paying.
    pub(super) others_then: Lanes<L>,
    /// What had reached nobody when somebody last looked, by reward, where it does not pay.
    pub(super) unpaid: Vec<Lanes<L>>,
    /// All that was emitted so far, by reward, for the ledger.
    pub(super) emitted: Vec<Lanes<L>>,
    /// What an account has earned and not claimed, while somebody looks.
    pub(in crate::world) pending: Vec<Lanes<L>>,
}

/// Money of others that follows a process.
#[derive(Debug)]
pub(super) struct Inflow<const L: usize> {
    pub(super) process: Box<dyn PriceLanes<L>>,
    pub(super) level: Lanes<L>,
    before: Lanes<L>,
}

/// A crowd never runs faster than e^±3 in its response time: where nothing at all is paid, it would be gone at once.
const FASTEST: f64 = 3.0;

impl<const L: usize> FarmState<L>
where
    dyn PriceModel: BuildPrice<L>,
    dyn FarmModel: BuildFarm<L>,
{
    pub(in crate::world) fn new(
        scenario: &Scenario,
        setup: &FarmSetup,
        market: &MarketState<L>,
        seed: u64,
    ) -> Result<Self, ScenarioError> {
        let pool = match setup.stake {
            Stake::Pool(pool) => Some(&market.pools[pool.index()]),
            Stake::Token(_) => None,
        };
        let share = match setup.staked {
            Staked::Share(share) => share,
            Staked::Amount(_) => 0.0,
        };
        let is_ranged = pool.is_some_and(|pool| pool.ranged().is_some());
        let refuse = |reason: String| ScenarioError::Venue { what: format!("farm {:?}", setup.name), reason };
        if let (Staked::Amount(_), true) | (Staked::Share(_), false) = (setup.staked, pool.is_some())
            && (is_ranged || pool.is_none())
        {
            let reason = "others' stake is a share of the liquidity of a pool of ranges, and an amount of a token";
            return Err(refuse(reason.to_owned()));
        }
        if is_ranged && (setup.deposit_fee > 0.0 || setup.withdrawal_fee > 0.0) {
            return Err(refuse("a farm of ranges takes no fees: they are staked whole".to_owned()));
        }
        let others = match (setup.staked, pool.and_then(|pool| pool.fungible())) {
            (Staked::Amount(amount), _) => amount,
            (Staked::Share(share), Some(pool)) => share * pool.supply()[0],
            (Staked::Share(_), None) => 0.0,
        };
        let built = BuildFarm::<L>::build(&*setup.model, &FarmStart { accounts: scenario.positions.len(), others });
        let lanes = built.map_err(|error| refuse(error.to_string()))?;
        let stream = || PriceStreams::from(StreamKey::new(seed, &format!("farms.{}.inflow", setup.name)));
        let inflow = |model: &std::sync::Arc<dyn PriceModel>| Inflow {
            process: BuildPrice::<L>::build(&**model, &stream()),
            level: Lanes::ZERO,
            before: Lanes::ZERO,
        };
        Ok(Self {
            lanes,
            stake: setup.stake,
            ranged: match setup.stake {
                Stake::Pool(pool) if is_ranged => Some((pool.index(), share)),
                _ => None,
            },
            others_at_start: others,
            others: Lanes::ZERO,
            crowd: setup.crowd,
            inflow: setup.inflow.as_ref().map(inflow),
            moved: [0; L],
            halted: [0; L],
            frozen: [0; L],
            stopped_by: [0; L],
            paying: Lanes::splat(1.0),
            stopped: false,
            others_then: Lanes::ZERO,
            unpaid: vec![Lanes::ZERO; setup.rewards.len()],
            emitted: vec![Lanes::ZERO; setup.rewards.len()],
            pending: vec![Lanes::ZERO; setup.rewards.len()],
        })
    }
}

impl<const L: usize> FarmState<L> {
    pub(in crate::world) fn start(&mut self, paths: [u32; L]) {
        self.lanes.start();
        self.others = Lanes::splat(self.others_at_start);
        if let Some(inflow) = &mut self.inflow {
            inflow.process.start(paths, &mut inflow.level);
            inflow.before = inflow.level;
        }
        self.moved = [0; L];
        self.halted = [0; L];
        self.frozen = [0; L];
        self.paying = Lanes::splat(1.0);
        self.stopped = false;
        self.emitted.fill(Lanes::ZERO);
    }

    /// Sets what an account's stake counts as: nothing while the farm does not pay.
    pub(in crate::world) fn weigh(&mut self, time: &[u64; L], account: usize, staked: &Lanes<L>) {
        let mut weight = *staked;
        for l in 0..L {
            weight[l] *= self.paying[l];
        }
        self.lanes.set_staked(time, account, &weight);
    }

    /// The same in these lanes, the others being as they are.
    pub(in crate::world) fn weigh_in(&mut self, time: &[u64; L], account: usize, staked: &Lanes<L>, lanes: &LaneList<L>) {
        let mut weight = *self.lanes.staked(account);
        for l in lanes.iter() {
            weight[l] = staked[l] * self.paying[l];
        }
        self.lanes.set_staked(time, account, &weight);
    }

    pub(super) fn weigh_others(&mut self, time: &[u64; L]) {
        let mut weight = self.others;
        for l in 0..L {
            weight[l] *= self.paying[l];
        }
        self.lanes.set_others(time, &weight);
    }

    /// It pays nothing until then.
    pub(in crate::world) fn halt(&mut self, l: usize, until: u64, risk: usize) {
        if until > self.halted[l] {
            (self.halted[l], self.stopped_by[l]) = (until, risk);
        }
    }

    /// What others had staked when it stopped paying: while it does not, they go.
    pub(in crate::world) fn others_then(&self) -> &Lanes<L> {
        &self.others_then
    }

    /// Whether it does not pay in some lane.
    pub(in crate::world) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// What of a reward has been emitted to nobody since the last look, where it does not pay.
    pub(in crate::world) fn forgone(&mut self, time: &[u64; L], r: usize) -> Lanes<L> {
        let (mut now, mut forgone) = (Lanes::ZERO, Lanes::ZERO);
        self.lanes.undistributed(time, r, &mut now);
        for l in 0..L {
            if self.paying[l] == 0.0 {
                forgone[l] = now[l] - self.unpaid[r][l];
                self.unpaid[r][l] = now[l];
            }
        }
        forgone
    }

    /// Whether it pays in other lanes than before.
    pub(super) fn turns(&mut self, time: &[u64; L]) -> bool {
        let mut stops = Lanes::<L>::ZERO;
        let mut turns = false;
        self.stopped = false;
        for l in 0..L {
            let pays = if self.halted[l] > time[l] { 0.0 } else { 1.0 };
            self.stopped |= pays == 0.0;
            turns |= pays != self.paying[l];
            stops[l] = self.paying[l] - pays;
            self.paying[l] = pays;
        }
        if turns {
            for l in 0..L {
                self.others_then[l] = if stops[l] > 0.0 { self.others[l] } else { self.others_then[l] };
            }
            for (r, unpaid) in self.unpaid.iter_mut().enumerate() {
                let mut now = Lanes::ZERO;
                self.lanes.undistributed(time, r, &mut now);
                for l in 0..L {
                    unpaid[l] = if stops[l] > 0.0 { now[l] } else { unpaid[l] };
                }
            }
        }
        turns
    }

    /// By how much others' stake is to be multiplied in a block of its chain, since the block before.
    pub(super) fn drift(&mut self, apr: &Lanes<L>, time: &[u64; L], active: &Lanes<L>) -> Option<Lanes<L>> {
        if self.crowd.is_none() && self.inflow.is_none() {
            return None;
        }
        let mut factor = Lanes::splat(1.0);
        for l in 0..L {
            if active[l] == 0.0 {
                continue;
            }
            if let Some(FarmCrowd { target_apr, response }) = self.crowd {
                let years = SimDuration::from_nanos(time[l] - self.moved[l]).as_years();
                let drawn = math::ln(apr[l] / target_apr).clamp(-FASTEST, FASTEST);
                factor[l] = math::exp(years / response.as_years() * drawn);
            }
            if let Some(inflow) = &mut self.inflow {
                factor[l] *= inflow.level[l] / inflow.before[l];
                inflow.before[l] = inflow.level[l];
            }
            self.moved[l] = time[l];
        }
        Some(factor)
    }
}
