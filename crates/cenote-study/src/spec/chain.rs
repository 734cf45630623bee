//! Chains: `[chains.NAME]`.

use std::sync::Arc;

use cenote_paths::PriceModel;
use cenote_sim::Phase;
use cenote_units::{GasPrice, SimDuration, Symbol};
use serde::{Serialize, Serializer};

use super::{ProcessSpec, StudySpec};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};

/// A chain: a clock of blocks, and what a transaction costs on it.
#[derive(Debug, Clone, Serialize)]
pub struct ChainSpec {
    /// Its name: that of the table.
    #[serde(skip)]
    pub name: String,
    /// When its blocks come.
    pub block_time: BlockTime,
    /// The token that gas is paid in.
    pub native: Symbol,
    /// What a unit of gas costs; 0 gwei unless given.
    pub gas_price: GasPriceSpec,
    /// What a transaction pays for the publication of its data on another chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l1_data: Option<DataSpec>,
    /// The order of things inside a block.
    pub order: BlockOrder,
}

/// The order of things inside a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockOrder {
    /// A list of phases.
    Phases(Vec<Phase>),
    /// `"priority-fee"`: informed traders and prices first, then all transactions, the highest priority fee first.
    PriorityFee,
}

impl Default for BlockOrder {
    fn default() -> Self {
        Self::Phases(Phase::ORDER.to_vec())
    }
}

impl BlockOrder {
    /// The phases.
    pub fn phases(&self) -> &[Phase] {
        match self {
            Self::Phases(phases) => phases,
            Self::PriorityFee => &Phase::ORDER,
        }
    }

    fn read(item: &Item<'_>) -> Checked<Self> {
        if item.read::<String>().is_ok() {
            return item.word("order", &["priority-fee"], |word| word).map(|_| Self::PriorityFee);
        }
        let phase = |item: &Item<'_>| item.word("phase", &Phase::ORDER, |phase| phase.name()).copied();
        let mut phases = item.elements()?.iter().map(phase).collect::<Checked<Vec<_>>>()?;
        // Who trades on what is about to come comes first, and goes without saying.
        if !phases.contains(&Phase::Informed) {
            phases.insert(0, Phase::Informed);
        }
        Ok(Self::Phases(phases))
    }
}

impl Serialize for BlockOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Phases(phases) => serializer.collect_seq(phases.iter().map(|phase| phase.name())),
            Self::PriorityFee => serializer.serialize_str("priority-fee"),
        }
    }
}

/// What a unit of gas costs.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum GasPriceSpec {
    /// `"20 gwei"`: always the same.
    Constant(GasPrice),
    /// `{ process = "exp-ou", initial = "20 gwei", ... }`: any process of prices, in gwei.
    Process(Box<ProcessSpec>),
}

/// What a transaction pays for the publication of its data on another chain: gas there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DataSpec {
    /// Units of it.
    pub gas: u64,
    /// What a unit of it costs.
    #[serde(flatten)]
    pub price: DataPriceSpec,
}

/// What a unit of another chain's gas costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataPriceSpec {
    /// `price = "20 gwei"`: always the same, in the native token of the chain that pays.
    Price(GasPrice),
    /// `chain = "ethereum"`: what it costs there now.
    Chain(String),
}

/// When blocks come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BlockTime {
    /// `{ poisson = "12s" }`: exponential times between blocks, with this mean.
    Poisson(SimDuration),
    /// `{ gamma = "12s", shape = 4 }`: gamma distributed times between blocks, with this mean.
    #[serde(untagged)]
    Gamma {
        /// The mean.
        #[serde(rename = "gamma")]
        mean: SimDuration,
        /// 1 is Poisson; the larger, the more even.
        shape: f64,
    },
    /// `"12s"`: one block every interval, the first one interval after the start.
    #[serde(untagged)]
    Fixed(SimDuration),
}

const BLOCK_TIME: Key = Key::new("block_time", "\"12s\"");
const KEYS: &[Key] = &[
    BLOCK_TIME,
    Key::new("native", "\"ETH\""),
    Key::new("gas_price", "\"20 gwei\""),
    Key::new("l1_data", "{ gas = 1_600, price = \"20 gwei\" }"),
    Key::new("order", "[\"price\", \"arbitrage\", \"flow\", \"liquidity\", \"observers\"]"),
];
const POISSON: &[Key] = &[Key::new("poisson", "\"12s\"")];
const GAMMA: &[Key] = &[Key::new("gamma", "\"12s\""), Key::new("shape", "4")];
const DATA: &[Key] = &[Key::new("gas", "1_600"), Key::new("price", "\"20 gwei\""), Key::new("chain", "\"ethereum\"")];

impl BlockTime {
    /// The interval between blocks, or its mean.
    pub const fn mean(self) -> SimDuration {
        match self {
            Self::Fixed(interval) | Self::Poisson(interval) | Self::Gamma { mean: interval, .. } => interval,
        }
    }

    fn read(item: &Item<'_>) -> Checked<Self> {
        if item.is_table() {
            let fields = item.table()?.fields(&[POISSON, GAMMA])?;
            match (fields.optional("poisson")?, fields.optional("gamma")?) {
                (Some(mean), None) => match fields.optional::<f64>("shape")? {
                    None => Ok(Self::Poisson(mean)),
                    Some(_) => Err(item.problem("a Poisson clock has no shape").with_expected("`gamma` with a shape")),
                },
                (None, Some(mean)) => Ok(Self::Gamma { mean, shape: fields.required("shape")? }),
                _ => Err(item.unexpected("one of `poisson` and `gamma`")),
            }
        } else {
            item.read().map(Self::Fixed)
        }
    }
}

impl GasPriceSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        if item.is_table() {
            ProcessSpec::read(item).map(|process| Self::Process(Box::new(process)))
        } else {
            item.read().map(Self::Constant)
        }
    }

    /// Whether gas costs something.
    pub fn is_free(&self) -> bool {
        matches!(self, Self::Constant(price) if *price == GasPrice::ZERO)
    }
}

impl From<GasPrice> for GasPriceSpec {
    fn from(price: GasPrice) -> Self {
        Self::Constant(price)
    }
}

impl From<ProcessSpec> for GasPriceSpec {
    fn from(process: ProcessSpec) -> Self {
        Self::Process(Box::new(process))
    }
}

impl DataSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[DATA])?;
        let price = match (fields.optional("price")?, fields.optional("chain")?) {
            (Some(price), None) => DataPriceSpec::Price(price),
            (None, Some(chain)) => DataPriceSpec::Chain(chain),
            _ => return Err(item.unexpected("one of `price` and `chain`")),
        };
        Ok(Self { gas: fields.required("gas")?, price })
    }
}

impl ChainSpec {
    /// A chain with free gas and the usual order of phases.
    pub fn new(name: impl Into<String>, block_time: BlockTime, native: Symbol) -> Self {
        let gas_price = GasPriceSpec::Constant(GasPrice::ZERO);
        Self { name: name.into(), block_time, native, gas_price, l1_data: None, order: BlockOrder::default() }
    }

    /// With a price of gas.
    pub fn gas_price(mut self, gas_price: impl Into<GasPriceSpec>) -> Self {
        self.gas_price = gas_price.into();
        self
    }

    /// With transactions whose data are published on another chain.
    pub fn l1_data(mut self, data: DataSpec) -> Self {
        self.l1_data = Some(data);
        self
    }

    /// With another order of things inside a block.
    pub fn order(mut self, order: BlockOrder) -> Self {
        self.order = order;
        self
    }

    pub(super) fn read(name: &str, item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[KEYS])?;
        Ok(Self {
            name: name.to_owned(),
            block_time: fields.with("block_time", &BlockTime::read)?,
            native: fields.required("native")?,
            gas_price: fields.optional_with("gas_price", &GasPriceSpec::read)?.unwrap_or(GasPriceSpec::Constant(GasPrice::ZERO)),
            l1_data: fields.optional_with("l1_data", &DataSpec::read)?,
            order: fields.optional_with("order", &BlockOrder::read)?.unwrap_or_default(),
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
        if let BlockTime::Gamma { shape, .. } = self.block_time
            && !(0.01..=1e6).contains(&shape)
        {
            return Err(Problem::new(path.key("block_time").key("shape"), "a shape that no clock has")
                .with_found(shape.to_string())
                .with_expected("a number from 0.01 to a million: 1 is Poisson, and the larger, the more even are blocks")
                .with_example("block_time = { gamma = \"12s\", shape = 4 }"));
        }
        self.check_data(study)?;
        if self.gas_price.is_free() && self.l1_data.is_none() {
            study.require_token(&self.native, &path.key("native"))?;
        } else {
            study.require_price(&self.native, &path.key("native"), "gas is paid in it")?;
        }
        let phases = self.order.phases();
        let complete = phases.len() == Phase::ORDER.len() && Phase::ORDER.iter().all(|p| phases.contains(p));
        if complete {
            return self.check_order(study);
        }
        let names = |order: &[Phase]| order.iter().map(|phase| phase.name()).collect::<Vec<_>>().join(", ");
        Err(Problem::new(path.key("order"), "every phase of a block comes exactly once")
            .with_found(names(phases))
            .with_expected(format!("all of {}, in any order", names(&Phase::ORDER)))
            .with_example(format!("order = {:?}", Phase::ORDER.map(Phase::name))))
    }

    /// That those come first who trade on what is about to come, and that several chains agree on when prices move.
    fn check_order(&self, study: &StudySpec) -> Checked<()> {
        let before: Vec<_> = self.order.phases().iter().take_while(|&&phase| phase != Phase::Price).collect();
        let problem = |message: &str, expected: &str| {
            Problem::new(self.path().key("order"), message)
                .with_found(before.iter().map(|phase| phase.name()).collect::<Vec<_>>().join(", ") + " before price")
                .with_expected(expected)
                .with_example(format!("order = {:?}", Phase::ORDER.map(Phase::name)))
        };
        if !before.contains(&&Phase::Informed) {
            return Err(problem("informed traders come after the prices that they trade on", "`informed` before `price`"));
        }
        if study.chains.len() > 1 && before.len() > 1 {
            return Err(problem("of several chains, prices move first on all", "nothing but `informed` before `price`"));
        }
        if let Some(other) = study.chains.iter().find(|chain| chain.order != self.order) {
            let expected = format!("the order of {}: it is one for all chains", other.name);
            return Err(problem("chains whose blocks have different orders", &expected));
        }
        Ok(())
    }

    fn check_data(&self, study: &StudySpec) -> Checked<()> {
        let Some(DataSpec { price: DataPriceSpec::Chain(other), .. }) = &self.l1_data else { return Ok(()) };
        let path = self.path().key("l1_data").key("chain");
        let chain = study.require_chain(other, &path)?;
        if chain.name == self.name {
            return Err(Problem::new(path, "a chain that publishes its data on itself")
                .with_found(format!("{other:?}"))
                .with_expected("another chain of this study, or a `price`")
                .with_example("l1_data = { gas = 1_600, price = \"20 gwei\" }"));
        }
        Ok(())
    }

    /// The process of its gas price, if it is one.
    pub(crate) fn gas_process(&self, study: &StudySpec) -> Checked<Option<Arc<dyn PriceModel>>> {
        let GasPriceSpec::Process(process) = &self.gas_price else { return Ok(None) };
        let path = self.path().key("gas_price");
        if let Some(initial) = process.initial()
            && (initial.symbol().as_str() != "gwei" || initial.is_zero())
        {
            return Err(Problem::new(path.key("initial"), "a price of gas is in gwei, and above zero")
                .with_found(initial.to_string())
                .with_expected("a number of gwei: 10⁻⁹ of the native token")
                .with_example("initial = \"20 gwei\""));
        }
        let model = process.model(study, &path)?;
        study.check_horizon(&*model, &path)?;
        Ok(Some(model))
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
