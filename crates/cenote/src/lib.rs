//! Cenote simulates liquidity pools: exact to the wei, and thousands of price paths at a time.
//!
//! ```
//! use cenote::prelude::*;
//!
//! // A year in an ETH/USDC pool: is providing liquidity better than holding?
//! let (eth, usdc): (Symbol, Symbol) = ("ETH".parse()?, "USDC".parse()?);
//! let study = StudySpec::new("a pool against holding", "365d".parse()?, &usdc)
//!     .paths(256)
//!     .chain(ChainSpec::new("ethereum", BlockTime::Fixed("4h".parse()?), eth.clone()))
//!     .token(TokenSpec::new(eth.clone(), 18).price(Gbm::per_year(2000.0, 0.0, 0.80)?))
//!     .token(TokenSpec::new(usdc.clone(), 6))
//!     .pool(PoolSpec::uniswap_v2("main", "ethereum", &[eth.clone(), usdc.clone()], Fee::bp(30)?, "10_000_000 USDC".parse()?))
//!     .agent(AgentSpec::arbitrageur(&["main"]))
//!     .position(PositionSpec::new("full range", PassiveSpec::new("main").into(), "100_000 USDC".parse()?))
//!     .position(PositionSpec::new("hold", HoldSpec::equal(&[eth, usdc]).into(), "100_000 USDC".parse()?))
//!     .build()?;
//! let result = study.run()?;
//! println!("{}", result.position("full range", "net_return")?.mean.mean);
//! println!("{:?}", result.compare("full range", "hold", "net_return")?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The crates below
//!
//! | crate | what it is |
//! |---|---|
//! | [`study`] | study files, many paths in parallel, statistics |
//! | [`sim`] | the event loop of one path, or of many in lockstep |
//! | [`strategy`] | what a liquidity provider does |
//! | [`yields`] | farms, lending, vaults, emission |
//! | [`amm`] | pools, in the contract's integers and in `f64` |
//! | [`paths`] | random streams, price processes, price histories |
//! | [`units`] | time, rates, fees, tokens, amounts, prices |
//!
//! Each stands alone: a program that wants only the arithmetic of a pool depends on `cenote-amm`.
//!
//! With the feature `proptest` there is also `cenote::battery`, and `cenote::proptest_pool!(MyPool::new())` tests a pool of your own.
//!
//! # What Cenote does not do
//!
//! It does not talk to a chain, fetch data, or trade. It says what would have happened under assumptions that you give.

pub use {
    cenote_amm as amm, cenote_paths as paths, cenote_sim as sim, cenote_strategy as strategy, cenote_study as study,
    cenote_units as units, cenote_yield as yields,
};

#[cfg(feature = "proptest")]
pub use cenote_amm::{battery, proptest_pool};

/// What most programs need: `use cenote::prelude::*`.
pub mod prelude {
    pub use cenote_amm::{
        ConstantProduct, Direction, Exact, Fast, FungibleLiquidity, Lane, Lifted, OneForZero, Owner, Pool, SwapKind, SwapRequest,
        TokenIndex, U256, ZeroForOne,
    };
    pub use cenote_paths::{
        Constant, CorrelationMatrix, Drift, Gbm, PathStep, PriceHistory, PriceModel, PriceProcess, Replay, StationaryBootstrap,
        Stream,
    };
    pub use cenote_sim::{Agent, Arbitrageur, Event, EventKey, NoiseTraders, Observer, Order, Phase, PoolMetric, PositionMetric};
    pub use cenote_strategy::{Action, Entry, Hold, Market, Passive, PoolId, Position, Strategy, TokenId};
    pub use cenote_study::{
        AgentSpec, BlockTime, ChainSpec, ConstantProductSpec, CustomPoolSpec, GbmSpec, HoldSpec, NoiseTradersSpec, PassiveSpec,
        PoolFamily, PoolLane, PoolSpec, PositionSpec, ProcessSpec, RunOptions, StrategySpec, Study, StudyError, StudyResult,
        StudySpec, TokenSpec,
    };
    pub use cenote_units::{
        Fee, Fraction, Frequency, GasPrice, Price, Rate, SimDuration, SimTime, Symbol, Token, TokenAmount, Volatility,
    };
}
