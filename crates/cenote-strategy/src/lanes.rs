use std::fmt::Debug;

use cenote_amm::PriceRange;
use cenote_units::{LaneList, Lanes};

use crate::action_lanes::{ActionKind, ActionLanes};
use crate::alarm::Alarm;
use crate::market::{ChainId, MarketLanes, PoolId};
use crate::refusal::Refusal;
use crate::strategy::{Action, Entry, Position, RangeId, RangePosition, Strategy};
use crate::venue::{FarmPosition, HoldingLanes, LendingPosition, MAX_REWARDS};

/// A position of `L` paths, as its strategy sees it.
#[derive(Clone, Copy, Debug)]
pub struct PositionLanes<'a, const L: usize> {
    /// Value handed over at the start, in the numeraire.
    pub deposit_value: f64,
    /// Value of everything it has at outside prices, costs so far paid.
    pub value: &'a Lanes<L>,
    /// The chain that it is at home on.
    pub home: ChainId,
    /// Whole tokens in the wallet there, by [`TokenId`](crate::TokenId).
    pub wallet: &'a [Lanes<L>],
    /// The same on other chains, by [`ChainId`]; empty where there is one chain.
    pub elsewhere: &'a [Vec<Lanes<L>>],
    /// Whole LP tokens, by [`PoolId`], those in farms included.
    pub lp: &'a [Lanes<L>],
    /// What it has in farms, lending markets and vaults.
    pub holdings: &'a HoldingLanes<L>,
    /// Where its ranges are, those without liquidity too. The pools are settled.
    pub ranges: &'a [RangePlace],
    /// Whole tokens bought (negative: sold) outside, by [`TokenId`](crate::TokenId).
    pub hedge: &'a [Lanes<L>],
    /// Why each lane's last action was not done.
    pub refused: &'a [Option<Refusal>; L],
}

/// Where one of a position's ranges is.
#[derive(Clone, Copy, Debug)]
pub struct RangePlace {
    /// The pool.
    pub pool: PoolId,
    /// The number that the strategy gave it.
    pub id: RangeId,
    /// The number that the pool gave it.
    pub number: usize,
}

/// A strategy of `L` paths in lockstep. [`Strategy`] is the one-path form that most people write; every one of them is a model of
/// this, through [`BuildStrategy`].
pub trait StrategyLanes<const L: usize>: Debug + Send {
    /// Begins new paths.
    fn start(&mut self);

    /// In which tokens the deposit is handed over.
    fn entry(&self) -> Entry;

    /// How many ranges it has in one pool at most.
    fn ranges(&self) -> u8;

    /// Whether [`wakes`](Self::wakes) looks at the position's value.
    fn watches_value(&self) -> bool;

    /// Whether something that was wanted waits for a block of another chain than the position's own.
    fn waits(&self) -> bool {
        false
    }

    /// Whether any lane wants to act in this block.
    fn wakes(&mut self, market: &MarketLanes<'_, L>, value: &Lanes<L>) -> bool;

    /// After it [woke](Self::wakes), the lanes that will be asked; `None` if it cannot say. What a position is worth is right for these.
    fn due(&self) -> Option<LaneList<L>> {
        None
    }

    /// Writes the next action now, or returns `false` when no lane wants anything more.
    fn act(&mut self, market: &MarketLanes<'_, L>, position: &PositionLanes<'_, L>, action: &mut ActionLanes<L>) -> bool;
}

/// Makes strategies for worlds of `L` lanes.
pub trait BuildStrategy<const L: usize> {
    /// A fresh one, not yet started.
    fn build(&self) -> Box<dyn StrategyLanes<L>>;
}

impl<S: Strategy, const L: usize> BuildStrategy<L> for S {
    fn build(&self) -> Box<dyn StrategyLanes<L>> {
        Box::new(PerLane::<S, L> {
            fresh: self.clone(),
            lanes: vec![self.clone(); L],
            wanted: [None; L],
            waits: false,
            awake: Vec::with_capacity(L),
            alarm: Alarm::new(),
            wallet: Vec::new(),
            elsewhere: Vec::new(),
            lp: Vec::new(),
            farms: Vec::new(),
            lending: Vec::new(),
            vaults: Vec::new(),
            ranges: Vec::new(),
            hedge: Vec::new(),
        })
    }
}

/// A one-path strategy in every lane.
#[derive(Debug)]
struct PerLane<S, const L: usize> {
    fresh: S,
    lanes: Vec<S>,
    /// What a lane wants and has not been done yet.
    wanted: [Option<Action>; L],
    /// Whether some of it waits for a block of its chain.
    waits: bool,
    /// The lanes that are to be asked in this block: found at the first call in it.
    awake: Vec<usize>,
    alarm: Alarm<L>,
    /// The lane's own holdings while it is asked.
    wallet: Vec<f64>,
    elsewhere: Vec<Vec<f64>>,
    lp: Vec<f64>,
    farms: Vec<FarmPosition>,
    lending: Vec<LendingPosition>,
    vaults: Vec<f64>,
    ranges: Vec<RangePosition>,
    hedge: Vec<f64>,
}

impl<S: Strategy, const L: usize> StrategyLanes<L> for PerLane<S, L> {
    fn start(&mut self) {
        for lane in &mut self.lanes {
            lane.clone_from(&self.fresh);
        }
        self.wanted = [None; L];
        self.waits = false;
        self.awake.clear();
        self.alarm = Alarm::new();
    }

    fn entry(&self) -> Entry {
        self.fresh.entry()
    }

    fn ranges(&self) -> u8 {
        self.fresh.ranges()
    }

    fn watches_value(&self) -> bool {
        self.alarm.watches_value()
    }

    fn wakes(&mut self, market: &MarketLanes<'_, L>, value: &Lanes<L>) -> bool {
        let rings = self.alarm.rings(market, value);
        rings || self.waits
    }

    fn waits(&self) -> bool {
        self.waits
    }

    fn due(&self) -> Option<LaneList<L>> {
        Some(LaneList::of(&self.alarm.due))
    }

    fn act(&mut self, market: &MarketLanes<'_, L>, position: &PositionLanes<'_, L>, action: &mut ActionLanes<L>) -> bool {
        if self.awake.is_empty() {
            // Whoever still wants something from the block before is due too.
            self.awake.extend(LaneList::of(&self.alarm.due).iter());
        }
        for k in 0..self.awake.len() {
            let l = self.awake[k];
            if self.wanted[l].is_some() || !self.alarm.due.has(l) || market.active[l] == 0.0 || market.chain != position.home {
                continue;
            }
            self.look(l, market, position);
            let (deposit_value, value) = (position.deposit_value, position.value[l]);
            let own = Position {
                deposit_value,
                value,
                home: position.home,
                wallet: &self.wallet,
                elsewhere: &self.elsewhere,
                lp: &self.lp,
                farms: &self.farms,
                lending: &self.lending,
                vaults: &self.vaults,
                ranges: &self.ranges,
                hedge: &self.hedge,
                refused: position.refused[l],
            };
            let (strategy, market) = (&mut self.lanes[l], market.lane(l));
            self.wanted[l] = strategy.act(&market, &own);
            if self.wanted[l].is_none() {
                self.alarm.due.put(l, false);
                self.alarm.set(l, &strategy.wake(&market, &own));
            }
        }
        // Lanes that want the same kind of thing do it together; the others wait for the next call, or for a block of their chain.
        let here = |kind: ActionKind| kind.chain(market).is_none_or(|chain| chain == market.chain);
        let possible = |l: usize, kind: ActionKind| market.active[l] != 0.0 && here(kind);
        let mut kinds = self.awake.iter().filter_map(|&l| Some((l, self.wanted[l].as_ref()?.kind())));
        let Some((_, kind)) = kinds.find(|&(l, kind)| possible(l, kind)) else {
            self.alarm.arm();
            self.waits = false;
            for &l in &self.awake {
                let waits = self.wanted[l].is_some();
                if waits {
                    self.alarm.due.put(l, true);
                }
                self.waits |= waits;
            }
            self.awake.clear();
            return false;
        };
        action.kind = kind;
        action.asked.clear();
        for &l in &self.awake {
            let Some(wanted) = self.wanted[l].filter(|wanted| wanted.kind() == kind && possible(l, kind)) else { continue };
            action.asked.push(l);
            action.amount[l] = wanted.amount();
            if let Action::MintRange { range, .. } = wanted {
                action.range[l] = range;
            }
            self.wanted[l] = None;
        }
        true
    }
}

impl<S, const L: usize> PerLane<S, L> {
    /// Copies out what lane `l` has.
    fn look(&mut self, l: usize, market: &MarketLanes<'_, L>, position: &PositionLanes<'_, L>) {
        self.wallet.clear();
        self.wallet.extend(position.wallet.iter().map(|lanes| lanes[l]));
        self.elsewhere.resize_with(position.elsewhere.len(), Vec::new);
        for (own, lanes) in self.elsewhere.iter_mut().zip(position.elsewhere) {
            own.clear();
            own.extend(lanes.iter().map(|lanes| lanes[l]));
        }
        self.lp.clear();
        self.lp.extend(position.lp.iter().map(|lanes| lanes[l]));
        self.farms.clear();
        self.farms.extend(position.holdings.farms.iter().map(|farm| {
            let mut pending = [0.0; MAX_REWARDS];
            for (own, lanes) in pending.iter_mut().zip(&farm.pending) {
                *own = lanes[l];
            }
            FarmPosition { staked: farm.staked[l], pending }
        }));
        self.lending.clear();
        let lending = position.holdings.lending.iter();
        self.lending.extend(lending.map(|lending| LendingPosition { supplied: lending.supplied[l], owed: lending.owed[l] }));
        self.vaults.clear();
        self.vaults.extend(position.holdings.vaults.iter().map(|vault| vault[l]));
        self.hedge.clear();
        self.hedge.extend(position.hedge.iter().map(|lanes| lanes[l]));
        self.ranges.clear();
        self.ranges.extend(position.ranges.iter().filter_map(|&RangePlace { pool, id, number }| {
            let lanes = market.pools.get(pool.index())?.ranged()?.position(number);
            Some(RangePosition {
                pool,
                id,
                range: PriceRange::new(lanes.lower[l], lanes.upper[l]),
                liquidity: lanes.liquidity[l],
                amounts: [lanes.amounts[0][l], lanes.amounts[1][l]],
                owed: [lanes.owed[0][l], lanes.owed[1][l]],
                inside: lanes.inside[l] > 0.0,
            })
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::{Market, TokenId};
    use crate::venue::VenueLanes;

    /// Wants a swap in even lanes and a burn in odd ones, twice.
    #[derive(Clone, Debug)]
    struct Mixed {
        left: u32,
    }

    impl Strategy for Mixed {
        fn entry(&self) -> Entry {
            Entry::Pool(PoolId(0))
        }

        fn act(&mut self, _: &dyn Market, position: &Position<'_>) -> Option<Action> {
            self.left = self.left.checked_sub(1)?;
            let amount = position.wallet[0];
            Some(if amount % 2.0 == 0.0 {
                Action::Swap { pool: PoolId(0), token_in: TokenId(0), token_out: TokenId(1), amount_in: amount }
            } else {
                Action::Burn { pool: PoolId(0), fraction: 0.5 }
            })
        }
    }

    #[test]
    fn lanes_that_want_different_things_get_them_one_kind_at_a_time() {
        let mut strategy: Box<dyn StrategyLanes<4>> = BuildStrategy::<4>::build(&Mixed { left: 2 });
        strategy.start();
        let ones = Lanes::splat(1.0);
        let market = MarketLanes {
            chain: ChainId(0),
            block: 0,
            time: &[0; 4],
            years: &ones,
            shared_years: None,
            // Lane 3 is past its horizon.
            active: &Lanes([1.0, 1.0, 1.0, 0.0]),
            prices: &[],
            upcoming: None,
            pools: &[],
            pool_tokens: &[],
            bridges: &[],
            venues: &VenueLanes::NONE,
            numeraire: TokenId(1),
            pool_chains: &[],
            gas: &[],
            priority_fee: 0.0,
        };
        let wallet = [Lanes([2.0, 3.0, 4.0, 6.0])];
        let position = PositionLanes {
            deposit_value: 1.0,
            value: &ones,
            home: ChainId(0),
            wallet: &wallet,
            elsewhere: &[],
            lp: &[],
            holdings: &HoldingLanes::NONE,
            ranges: &[],
            hedge: &[],
            refused: &[None; 4],
        };
        let mut done = [0.0; 4];
        let mut kinds = Vec::new();
        let mut action = ActionLanes::nothing();
        while strategy.act(&market, &position, &mut action) {
            for l in action.asked.iter() {
                done[l] += action.amount[l];
            }
            kinds.push(action.kind);
        }
        assert_eq!(done, [4.0, 1.0, 8.0, 0.0]);
        assert!(kinds.contains(&ActionKind::Burn(PoolId(0))));
        assert!(kinds.contains(&ActionKind::Swap(PoolId(0), TokenId(0), TokenId(1))));
        // Nobody wants more in this block.
        assert!(!strategy.act(&market, &position, &mut action));
    }
}
