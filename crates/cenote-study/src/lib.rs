//! Study files, thousands of paths in parallel, statistics.
//!
//! A study says what the world is, who acts in it, and whose return is asked for. It is read from a TOML file or built
//! by a program; either way it passes the same checks, and what is wrong is said with its place, what was expected and
//! an example:
//!
//! ```
//! use cenote_study::Study;
//!
//! let text = r#"
//! schema = 1
//!
//! [study]
//! paths     = 10_000
//! seed      = 42
//! horizon   = "365d"
//! numeraire = "USDC"
//!
//! [chains.ethereum]
//! block_time = "1h"
//! native     = "ETH"
//! gas_price  = "20 gwei"
//!
//! [tokens.ETH]
//! decimals = 18
//! price    = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" }
//!
//! [tokens.USDC]
//! decimals = 6
//!
//! [pools.main]
//! kind   = "uniswap-v2"
//! chain  = "ethereum"
//! tokens = ["ETH", "USDC"]
//! tvl    = "10_000_000 USDC"
//!
//! [[agents]]
//! kind  = "arbitrageur"
//! pools = ["main"]
//!
//! [[positions]]
//! name     = "full range"
//! strategy = "passive"
//! pool     = "main"
//! deposit  = "100_000 USDC"
//! "#;
//! let study = Study::parse(text, "pool.toml", &["pools.main.fee=5bp"])?;
//! assert_eq!(study.spec().pools[0].tokens[0], "ETH");
//!
//! let error = Study::parse(&text.replace("tvl ", "tlv "), "pool.toml", &[]).unwrap_err();
//! assert!(error.to_string().contains("--> pool.toml:26:1"));
//! assert!(error.to_string().contains("did you mean `tvl`?"));
//! # Ok::<(), cenote_study::StudyError>(())
//! ```
//!
//! # What is here
//!
//! - [`Study`]: a study that can run; [`StudySpec`] is its description, one struct per table.
//! - [`Problem`]: what is wrong with a study, and where.
//! - [`PositionMetric`], [`RiskMetric`], [`PoolMetric`]: what can be measured, with definitions.
//! - [`stats`]: from one number per path to a distribution with error bars.
//! - [`StudyResult`]: the columns, their summaries, and the JSON and CSV files that hold them.
//!
//! # What this crate does not do
//!
//! It simulates nothing itself: a path is the business of `cenote-sim`. It draws no plots and prints no tables.

mod convert;
mod error;
mod key_path;
mod lower;
mod metrics;
mod names;
mod problem;
mod reader;
mod result;
mod run;
mod spec;
pub mod stats;
mod study;

pub use cenote_sim::Phase;
pub use error::StudyError;
pub use key_path::KeyPath;
pub use lower::PoolLane;
pub use metrics::{MetricSelection, MetricUnit, PoolMetric, PositionMetric, RiskMetric};
pub use problem::{Place, Problem};
pub use result::{AtomicFile, ColumnKey, ColumnLayout, RawColumns, StudyResult, Subject, write_atomically};
pub use run::RunOptions;
pub use spec::{
    AgentKind, AgentSpec, ArbitrageurSpec, ArrivalsSpec, BlockOrder, BlockTime, BridgeCost, BridgeSpec, ChainSpec,
    CircularBootstrapSpec, CompoundSpec, ConcentratedSpec, ConstantProductSpec, ConstantSpec, ControlVariate, CorrelationSpec,
    Custom, CustomPoolSpec, CyclicArbitrageurSpec, DataPriceSpec, DataSpec, DcaSpec, DepegSpec, DynamicFeeSpec, EventsSpec,
    ExpOuSpec, ExponentialJumpsSpec, GarchSpec, GasPriceSpec, GasUnits, GbmSpec, GuardSpec, HawkesSpec, HedgeSpec, HestonSpec,
    HistoryFile, HistorySpec, HoldSpec, ImbalanceFeeSpec, JumpTimesSpec, KouSpec, LatencySpec, LiquiditySpec, ManagementSpec,
    MertonSpec, NoiseTradersSpec, NormalJumpsSpec, OuSpec, PassiveSpec, PegSpec, PoolFamily, PoolSpec, PortfolioSpec, PositionSpec,
    ProcessSpec, ProfileSpec, RangeOrderSpec, RangeSpec, RangeStrategySpec, RebalanceSpec, RecentreSpec, RecoverySpec, RegimeSpec,
    RegimeSwitchingSpec, SamplingSpec, ShapeSpec, ShockSpec, ShockedSpec, SizeSpec, StableSwapSpec, StationaryBootstrapSpec,
    StrategySpec, StudySpec, TokenSpec, TriggerSpec, VarianceGammaSpec, VolatilityFeeSpec, VolatilityWidthSpec, WeightedSpec,
    WidthSpec, agent_stream, clock_stream, events_stream, joint_stream, price_stream,
};
pub use spec::{
    BestYieldSpec, BoundsSpec, CoverSpec, FarmStrategySpec, HarvestSpec, InVaultSpec, LendSpec, LoopSpec, RewardsAction,
    RewardsSpec, VaultSpec, VotesSpec,
};
pub use spec::{
    BoostSpec, EmissionSpec, EpochSpec, FarmCrowdSpec, FarmKind, FarmSpec, LockSpec, ScheduleSpec, StakedSpec, VestingSpec,
};
pub use spec::{
    BorrowersSpec, CollateralSpec, LendingKind, LendingSpec, LogitProcessSpec, RateFileSpec, RatesSpec, UtilisationSpec,
};
pub use spec::{HazardSpec, RiskKindSpec, RiskSpec};
pub use spec::{InformedTradersSpec, InformedTrading, WhaleDirection, WhaleSize, WhalesSpec};
pub use spec::{JitSpec, LiquidityCrowdSpec, PoolActivitySpec, ReplaySpec, RewardSellersSpec, SandwichSpec};
pub use study::Study;
