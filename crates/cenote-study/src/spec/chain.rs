//! Chains: `[chains.NAME]`.

use cenote_sim::Phase;
use cenote_units::{GasPrice, SimDuration, Symbol};
use serde::{Serialize, Serializer};

use super::StudySpec;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};

/// A chain: a clock of blocks, and what a transaction costs on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChainSpec {
    /// Its name: that of the table.
    #[serde(skip)]
    pub name: String,
    /// When its blocks come.
    pub block_time: BlockTime,
    /// The token that gas is paid in.
    pub native: Symbol,
    /// What a unit of gas costs; 0 gwei unless given.
    pub gas_price: GasPrice,
    /// The order of things inside a block.
    #[serde(serialize_with = "by_name")]
    pub order: Vec<Phase>,
}

/// When blocks come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BlockTime {
    /// `{ poisson = "12s" }`: exponential times between blocks, with this mean.
    Poisson(SimDuration),
    /// `"12s"`: one block every interval, the first one interval after the start.
    #[serde(untagged)]
    Fixed(SimDuration),
}

const BLOCK_TIME: Key = Key::new("block_time", "\"12s\"");
const KEYS: &[Key] = &[
    BLOCK_TIME,
    Key::new("native", "\"ETH\""),
    Key::new("gas_price", "\"20 gwei\""),
    Key::new("order", "[\"price\", \"arbitrage\", \"flow\", \"liquidity\", \"observers\"]"),
];
const RANDOM_BLOCK_TIMES: &[Key] = &[Key::new("poisson", "\"12s\"")];

impl BlockTime {
    /// The interval between blocks, or its mean.
    pub const fn mean(self) -> SimDuration {
        match self {
            Self::Fixed(interval) | Self::Poisson(interval) => interval,
        }
    }

    fn read(item: &Item<'_>) -> Checked<Self> {
        if item.is_table() {
            item.table()?.fields(&[RANDOM_BLOCK_TIMES])?.required("poisson").map(Self::Poisson)
        } else {
            item.read().map(Self::Fixed)
        }
    }
}

impl ChainSpec {
    /// A chain with free gas and the usual order of phases.
    pub fn new(name: impl Into<String>, block_time: BlockTime, native: Symbol) -> Self {
        Self { name: name.into(), block_time, native, gas_price: GasPrice::ZERO, order: Phase::ORDER.to_vec() }
    }

    /// With a price of gas.
    pub fn gas_price(mut self, gas_price: GasPrice) -> Self {
        self.gas_price = gas_price;
        self
    }

    /// With another order of phases.
    pub fn order(mut self, order: [Phase; 5]) -> Self {
        self.order = order.to_vec();
        self
    }

    pub(super) fn read(name: &str, item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[KEYS])?;
        let phase = |item: &Item<'_>| item.word("phase", &Phase::ORDER, |phase| phase.name()).copied();
        let order = fields.optional_with("order", &|item| item.elements()?.iter().map(phase).collect())?;
        Ok(Self {
            name: name.to_owned(),
            block_time: fields.with("block_time", &BlockTime::read)?,
            native: fields.required("native")?,
            gas_price: fields.or("gas_price", GasPrice::ZERO)?,
            order: order.unwrap_or_else(|| Phase::ORDER.to_vec()),
        })
    }

    pub(super) fn path(&self) -> KeyPath {
        KeyPath::root().key("chains").key(&self.name)
    }

    pub(super) fn check(&self, study: &StudySpec) -> Checked<()> {
        let path = self.path();
        let mean = self.block_time.mean();
        if mean.is_zero() {
            return Err(Problem::new(path.key("block_time"), "blocks without time between them")
                .with_found(mean.to_string())
                .with_expected("a duration above zero")
                .with_example("block_time = \"12s\""));
        }
        self.check_blocks(study)?;
        if self.gas_price == GasPrice::ZERO {
            study.require_token(&self.native, &path.key("native"))?;
        } else {
            study.require_price(&self.native, &path.key("native"), "gas is paid in it")?;
        }
        let complete = self.order.len() == Phase::ORDER.len() && Phase::ORDER.iter().all(|p| self.order.contains(p));
        if complete {
            return Ok(());
        }
        let names = |order: &[Phase]| order.iter().map(|phase| phase.name()).collect::<Vec<_>>().join(", ");
        Err(Problem::new(path.key("order"), "every phase of a block comes exactly once")
            .with_found(names(&self.order))
            .with_expected(format!("all of {}, in any order", names(&Phase::ORDER)))
            .with_example(format!("order = {:?}", Phase::ORDER.map(Phase::name))))
    }

    /// Blocks are counted with 32 bits, and a study has at least one.
    fn check_blocks(&self, study: &StudySpec) -> Checked<()> {
        let mean = self.block_time.mean();
        let total = study.warm_up.as_nanos().saturating_add(study.horizon.as_nanos());
        let blocks = total / mean.as_nanos();
        // A Poisson clock strays from its mean by a few times the root of it: a margin of 1% is more than ten times that.
        if blocks > u64::from(u32::MAX) / 100 * 99 {
            return Err(Problem::new(self.path().key("block_time"), format!("{blocks} blocks are too many"))
                .with_found(mean.to_string())
                .with_expected("at most 4.2e9 blocks: a longer block time or a shorter horizon")
                .with_example("block_time = \"12s\""));
        }
        if matches!(self.block_time, BlockTime::Fixed(interval) if study.horizon < interval) {
            return Err(Problem::new(
                KeyPath::root().key("study").key("horizon"),
                format!("the horizon is shorter than one block of {}", self.name),
            )
            .with_found(study.horizon.to_string())
            .with_expected(format!("at least {mean}"))
            .with_example("horizon = \"365d\""));
        }
        Ok(())
    }
}

fn by_name<S: Serializer>(order: &[Phase], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(order.iter().map(|phase| phase.name()))
}
