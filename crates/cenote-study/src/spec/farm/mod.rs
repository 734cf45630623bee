//! Farms: `[farms.NAME]`.
//!
//! To add a kind: a variant of [`FarmKind`], an entry in `KINDS`, and its model in [`FarmSpec::model`].

mod emission;
mod stakers;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use cenote_paths::PriceModel;
use cenote_strategy::MAX_REWARDS;
use cenote_units::{Fraction, Symbol};
use cenote_yield::farm::{Boost, FarmModel, GaugeModel, MasterChefModel, StakingRewardsModel};
use serde::Serialize;

pub use emission::{EmissionSpec, EpochSpec, ScheduleSpec};
pub use stakers::{BoostSpec, FarmCrowdSpec, LockSpec, StakedSpec, VestingSpec};

use super::quantity::{require_fee, require_part};
use super::{Place, ProcessSpec, StudySpec};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key, Kind};

/// A farm: who stakes in it is paid in rewards.
#[derive(Debug, Clone, Serialize)]
pub struct FarmSpec {
    /// Its name: that of the table.
    #[serde(skip)]
    pub name: String,
    /// What kind of contract it is.
    #[serde(flatten)]
    pub kind: FarmKind,
    /// The chain that it is on, of a farm that takes a token. Others are on that of their pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// What it takes: the name of a pool, for its LP tokens, or of a token.
    pub stake: String,
    /// What it pays in.
    pub rewards: Vec<Symbol>,
    /// What it pays over time, in the order of `rewards`.
    pub emission: Vec<EmissionSpec>,
    /// What others have staked at the start.
    pub staked: StakedSpec,
    /// How they come and go with what it pays; without it, they stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crowd: Option<FarmCrowdSpec>,
    /// What their stake follows besides, relative to its own initial value: a process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inflow: Option<ProcessSpec>,
    /// Part of what is staked that the farm keeps on the way in; 0% unless given.
    pub deposit_fee: Fraction,
    /// Part of what is staked that the farm keeps on the way out; 0% unless given.
    pub withdrawal_fee: Fraction,
    /// How claimed rewards are locked; without it, they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<LockSpec>,
}

/// The kinds of farms, by the contract that they follow.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FarmKind {
    /// `masterchef`: one reward, minted by a schedule. On a pool of ranges it is `PancakeSwap`'s for v3.
    Masterchef {
        /// The part of the emission that this pool gets, by allocation points; 100% unless given.
        allocation: Fraction,
    },
    /// `staking-rewards`: Synthetix's, one contract for each reward, topped up in time.
    StakingRewards,
    /// `uniswap-v3-staker`: ranges are paid while the price is in them.
    UniswapV3Staker,
    /// `gauge`: Curve's; the first reward is the inflation, which votes boost.
    Gauge {
        /// How others are boosted; without it nobody is.
        #[serde(skip_serializing_if = "Option::is_none")]
        boost: Option<BoostSpec>,
    },
}

const KIND: Key = Key::new("kind", "\"masterchef\"");
const COMMON: &[Key] = &[
    KIND,
    Key::new("chain", "\"bsc\""),
    Key::new("stake", "\"main\""),
    Key::new("reward", "\"CAKE\""),
    Key::new("rewards", "[\"CAKE\"]"),
    Key::new("emission", "{ rate = \"4_000 CAKE per day\", schedule = { halving = \"90d\" } }"),
    Key::new("staked", "\"60%\""),
    Key::new("crowd", "{ target_apr = \"25%\", response = \"14d\" }"),
    Key::new("inflow", "{ process = \"gbm\", initial = \"1 TVL\", drift = \"0%\", volatility = \"60%\" }"),
    Key::new("deposit_fee", "\"0.5%\""),
    Key::new("withdrawal_fee", "\"0.1%\""),
    Key::new("lock", "{ duration = \"90d\", vesting = \"linear\", penalty = \"50%\" }"),
];

/// The kinds that a study file can name.
const KINDS: &[Kind<FarmKind>] = &[
    Kind {
        name: "masterchef",
        keys: &[Key::new("allocation", "\"10%\"")],
        read: |fields| Ok(FarmKind::Masterchef { allocation: fields.or("allocation", Fraction::ONE)? }),
    },
    Kind { name: "staking-rewards", keys: &[], read: |_| Ok(FarmKind::StakingRewards) },
    Kind { name: "uniswap-v3-staker", keys: &[], read: |_| Ok(FarmKind::UniswapV3Staker) },
    Kind {
        name: "gauge",
        keys: &[Key::new("boost", "{ votes = 1_000_000, others = \"40%\" }")],
        read: |fields| Ok(FarmKind::Gauge { boost: fields.optional_with("boost", &BoostSpec::read)? }),
    },
];

impl FarmKind {
    /// The word that selects it.
    fn word(&self) -> &'static str {
        match self {
            Self::Masterchef { .. } => "masterchef",
            Self::StakingRewards => "staking-rewards",
            Self::UniswapV3Staker => "uniswap-v3-staker",
            Self::Gauge { .. } => "gauge",
        }
    }
}

impl FarmSpec {
    /// A farm that takes this stake and pays one reward, with this much staked by others.
    pub fn new(
        name: impl Into<String>,
        kind: FarmKind,
        stake: impl Into<String>,
        emission: EmissionSpec,
        staked: StakedSpec,
    ) -> Self {
        Self {
            name: name.into(),
            kind,
            chain: None,
            stake: stake.into(),
            rewards: emission.reward().into_iter().cloned().collect(),
            emission: vec![emission],
            staked,
            crowd: None,
            inflow: None,
            deposit_fee: Fraction::ZERO,
            withdrawal_fee: Fraction::ZERO,
            lock: None,
        }
    }

    /// With others who come and go.
    pub fn crowd(mut self, crowd: FarmCrowdSpec) -> Self {
        self.crowd = Some(crowd);
        self
    }

    pub(super) fn read(name: &str, item: &Item<'_>) -> Checked<Self> {
        let table = item.table()?;
        let kind = table.kind(KIND, "kind of farm", KINDS)?;
        let fields = table.fields(&[COMMON, kind.keys])?;
        let one = |item: &Item<'_>| Ok(vec![item.read()?]);
        Ok(Self {
            name: name.to_owned(),
            kind: (kind.read)(&fields)?,
            chain: fields.optional("chain")?,
            stake: fields.required("stake")?,
            rewards: fields.one_of(("reward", &one), ("rewards", &Item::read))?,
            emission: fields.with("emission", &EmissionSpec::read_all)?,
            staked: fields.with("staked", &StakedSpec::read)?,
            crowd: fields.optional_with("crowd", &FarmCrowdSpec::read)?,
            inflow: fields.optional_with("inflow", &ProcessSpec::read)?,
            deposit_fee: fields.or("deposit_fee", Fraction::ZERO)?,
            withdrawal_fee: fields.or("withdrawal_fee", Fraction::ZERO)?,
            lock: fields.optional_with("lock", &LockSpec::read)?,
        })
    }

    pub(crate) fn path(&self) -> KeyPath {
        KeyPath::root().key("farms").key(&self.name)
    }

    /// The chain that it is on: that of its pool, or the one given, or the only one.
    pub(crate) fn chain<'a>(&'a self, study: &'a StudySpec) -> Option<&'a str> {
        match study.place(&self.stake) {
            Some(Place::Pool(pool)) => Some(&pool.chain),
            _ => self.chain.as_deref().or_else(|| match &*study.chains {
                [only] => Some(&only.name),
                _ => None,
            }),
        }
    }

    /// Whether it takes liquidity in ranges.
    pub(super) fn takes_ranges(&self, study: &StudySpec) -> bool {
        matches!(study.place(&self.stake), Some(Place::Pool(pool)) if pool.family.is_ranged())
    }

    pub(super) fn check(&self, study: &StudySpec) -> Checked<()> {
        let path = self.path();
        self.check_stake(&path, study)?;
        self.check_rewards(&path, study)?;
        if let FarmKind::Masterchef { allocation } = self.kind {
            require_part(allocation, path.key("allocation"), "an allocation", "allocation = \"10%\"")?;
        }
        self.crowd.map_or(Ok(()), |crowd| crowd.check(&path.key("crowd")))?;
        if let Some(inflow) = &self.inflow {
            inflow.check(&path.key("inflow"), &study.numeraire)?;
        }
        let followers = [("crowd", self.crowd.is_some()), ("inflow", self.inflow.is_some())];
        if let Some((key, _)) = followers.into_iter().find(|(_, there)| *there && self.staked.is_nothing()) {
            return Err(Problem::of_key(path.key(key), "nothing staked grows to nothing")
                .with_expected("`staked` above zero, for others to come and go from there")
                .with_example("staked = \"60%\""));
        }
        for (key, what, fee) in
            [("deposit_fee", "a deposit fee", self.deposit_fee), ("withdrawal_fee", "a withdrawal fee", self.withdrawal_fee)]
        {
            require_fee(fee, path.key(key), what, &format!("{key} = \"0.5%\""))?;
            if fee.get() > 0.0 && self.takes_ranges(study) {
                return Err(Problem::new(path.key(key), "ranges are staked whole: no part of one can be kept")
                    .with_found(format!("\"{fee}\""))
                    .with_expected("0%, or a farm of a token or of a pool with LP tokens")
                    .with_example(format!("{key} = \"0%\"")));
            }
        }
        self.lock.map_or(Ok(()), |lock| lock.check(&path.key("lock")))?;
        self.model(&path)?;
        if self.staked.is_nothing() && !self.emission.iter().all(EmissionSpec::is_nothing) && !study.is_farmed(&self.name) {
            return Err(Problem::new(path.key("staked"), "nobody stakes here: rewards would go to nobody")
                .with_found("nothing, and no position in this farm")
                .with_expected("a stake of others above zero, or a position that stakes")
                .with_example("staked = \"60%\""));
        }
        Ok(())
    }

    fn check_stake(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let place = study.require_place(&self.stake, &path.key("stake"), &["pools", "tokens"])?;
        if let Some(chain) = &self.chain {
            study.require_chain(chain, &path.key("chain"))?;
        }
        let ranged = self.takes_ranges(study);
        let (fits, expected) = match self.kind {
            FarmKind::Masterchef { .. } => (true, ""),
            FarmKind::UniswapV3Staker => (ranged, "a pool of kind uniswap-v3, pancakeswap-v3 or uniswap-v4"),
            FarmKind::StakingRewards | FarmKind::Gauge { .. } => (!ranged, "a token, or a pool with LP tokens"),
        };
        if !fits {
            let what = format!("`{}` is nothing that a farm of kind {} takes", self.stake, self.kind.word());
            return Err(Problem::new(path.key("stake"), what)
                .with_found(format!("{:?}", self.stake))
                .with_expected(expected)
                .with_example("stake = \"main\""));
        }
        match place {
            Place::Pool(pool) => {
                if let Some(chain) = self.chain.as_ref().filter(|chain| **chain != pool.chain) {
                    return Err(Problem::new(path.key("chain"), format!("pool `{}` is on chain `{}`", pool.name, pool.chain))
                        .with_found(format!("{chain:?}"))
                        .with_expected("the chain of the pool, or no `chain`")
                        .with_example(format!("chain = {:?}", pool.chain)));
                }
                match &self.staked {
                    StakedSpec::Share(share) => require_part(*share, path.key("staked"), "a share", "staked = \"60%\""),
                    StakedSpec::Amount(amount) => {
                        Err(Problem::new(path.key("staked"), "others' part of a pool is a share of its liquidity")
                            .with_found(format!("\"{amount}\""))
                            .with_expected("from 0% to 100%")
                            .with_example("staked = \"60%\""))
                    }
                }
            }
            Place::Token(token) => {
                study.require_price(&token.symbol, &path.key("stake"), "it is staked")?;
                if self.chain(study).is_none() {
                    return Err(Problem::new(path.key("chain"), "missing key `chain`: a token is on every chain")
                        .with_expected("the chain of the farm")
                        .with_example(study.chains.first().map_or_else(String::new, |chain| format!("chain = {:?}", chain.name))));
                }
                match &self.staked {
                    StakedSpec::Amount(amount) if *amount.symbol() == token.symbol => Ok(()),
                    StakedSpec::Amount(_) | StakedSpec::Share(_) => {
                        Err(Problem::new(path.key("staked"), format!("what others stake is an amount of {}", token.symbol))
                            .with_found(match &self.staked {
                                StakedSpec::Share(share) => format!("\"{share}\""),
                                StakedSpec::Amount(amount) => format!("\"{amount}\""),
                            })
                            .with_expected(format!("an amount of {}", token.symbol))
                            .with_example(format!("staked = \"1_000_000 {}\"", token.symbol)))
                    }
                }
            }
            Place::Farm(_) | Place::Lending(_) | Place::Vault(_) => Ok(()),
        }
    }

    fn check_rewards(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let most = if let FarmKind::Masterchef { .. } = self.kind { 1 } else { MAX_REWARDS };
        let (count, emissions) = (self.rewards.len(), self.emission.len());
        if count == 0 || count > most {
            let expected = if most == 1 { "one reward".to_owned() } else { format!("1 to {most} rewards") };
            return Err(Problem::new(path.key("rewards"), format!("a farm of kind {} with {count} rewards", self.kind.word()))
                .with_found(format!("{:?}", self.rewards.iter().map(Symbol::as_str).collect::<Vec<_>>()))
                .with_expected(expected)
                .with_example("reward = \"CAKE\""));
        }
        if count != emissions {
            return Err(Problem::new(path.key("emission"), format!("{emissions} emissions of {count} rewards"))
                .with_expected("one for each reward, in the same order")
                .with_example("emission = [{ rate = \"4_000 CAKE per day\" }, { rate = \"10 ETH per day\" }]"));
        }
        // One reward is `reward` in most files, and an emission by itself a table: the path finds whichever is there.
        for (i, (reward, emission)) in self.rewards.iter().zip(&self.emission).enumerate() {
            let (at, emits) = if count == 1 {
                (path.key("reward"), path.key("emission"))
            } else {
                (path.key("rewards").index(i), path.key("emission").index(i))
            };
            study.require_price(reward, &at, "a farm pays in it")?;
            emission.check(&emits, reward)?;
        }
        Ok(())
    }

    /// Its kind and emission.
    pub(crate) fn model(&self, path: &KeyPath) -> Checked<Arc<dyn FarmModel>> {
        let at = path.key("emission");
        let part = if let FarmKind::Masterchef { allocation } = self.kind { allocation } else { Fraction::ONE };
        let mut emissions: Vec<_> = self.emission.iter().map(|emission| emission.emission(part, &at)).collect::<Checked<_>>()?;
        let refused = |error: cenote_yield::emission::EmissionError| {
            Problem::new(at.clone(), error.to_string())
                .with_expected("an emission for each reward")
                .with_example("emission = { rate = \"4_000 CAKE per day\" }")
                .with_cause(error)
        };
        if emissions.is_empty() {
            return Err(refused(cenote_yield::emission::EmissionError::NoSteps));
        }
        Ok(match &self.kind {
            FarmKind::Masterchef { .. } => Arc::new(MasterChefModel::new(emissions.swap_remove(0))),
            FarmKind::StakingRewards | FarmKind::UniswapV3Staker => {
                Arc::new(StakingRewardsModel::with_emissions(emissions).map_err(refused)?)
            }
            FarmKind::Gauge { boost } => {
                let boost = match boost {
                    Some(boost) => boost.boost(&path.key("boost"))?,
                    // Everybody at 40%: in proportion to what they stake.
                    None => Boost::curve(0.0, 0.4).map_err(refused)?,
                };
                let inflation = emissions.remove(0);
                Arc::new(GaugeModel::new(inflation, emissions, boost))
            }
        })
    }

    /// The process of its inflow, if it has one.
    pub(crate) fn inflow_model(&self, study: &StudySpec) -> Checked<Option<Arc<dyn PriceModel>>> {
        let Some(process) = &self.inflow else { return Ok(None) };
        let path = self.path().key("inflow");
        let model = process.model(study, &path)?;
        study.check_horizon(&*model, &path)?;
        Ok(Some(model))
    }
}

impl StudySpec {
    /// Whether a position, or a vault, stakes in this farm, or may.
    fn is_farmed(&self, farm: &str) -> bool {
        self.vaults.iter().any(|vault| vault.farm == farm)
            || self.positions.iter().any(|position| position.strategy.stakes_in(farm, self))
    }
}
