//! The parts that a scenario consists of.

use std::fmt::Debug;
use std::sync::Arc;

use cenote_amm::PoolModel;
use cenote_paths::{PACK, PriceModel};
use cenote_strategy::{Bridge, BuildStrategy, ChainId, PoolId, TokenId};

use crate::agent::{AgentModel, Phase};
use crate::clock::Clock;
use crate::hedge_book::HedgeTerms;
use crate::venues::{CoverTerms, VoteTerms};

/// A chain.
#[derive(Clone, Debug)]
pub struct ChainSetup {
    /// Its name; its streams are `chains.NAME.clock` and `chains.NAME.gas_price`.
    pub name: String,
    /// When it makes blocks.
    pub clock: Clock,
    /// The token that gas is paid in; `None` where gas is free.
    pub native: Option<TokenId>,
    /// Price of a unit of gas in the native token.
    pub gas_price: GasPrice,
    /// What a transaction pays for the publication of its data on another chain.
    pub data: Option<DataCost>,
    /// Phases inside a block. Of several chains, prices move first on all of them.
    pub order: Vec<Phase>,
    /// Whether transactions of arbitrage, flow and liquidity come by their priority fees instead, the highest first, at the place of the
    /// first of these phases; equal ones come in the order of the phases.
    pub by_priority_fee: bool,
}

impl ChainSetup {
    /// A chain with free gas and the usual order of phases.
    pub fn new(name: &str, clock: Clock) -> Self {
        let gas_price = GasPrice::Constant(0.0);
        Self {
            name: name.to_owned(),
            clock,
            native: None,
            gas_price,
            data: None,
            order: Phase::ORDER.to_vec(),
            by_priority_fee: false,
        }
    }
}

/// A bridge from one chain to another.
#[derive(Clone, Debug, PartialEq)]
pub struct BridgeSetup {
    /// Its name; its failures are drawn from streams `bridges.NAME@POSITION`.
    pub name: String,
    /// On which terms.
    pub terms: Bridge,
}

/// The price of a unit of gas, in the native token.
#[derive(Clone, Debug)]
pub enum GasPrice {
    /// Always this.
    Constant(f64),
    /// One that moves.
    Process {
        /// It, in units of its own.
        model: Arc<dyn PriceModel>,
        /// What such a unit is in the native token: 1e-9 for gwei.
        unit: f64,
    },
}

impl GasPrice {
    /// The price at the start.
    pub fn initial(&self) -> f64 {
        match self {
            Self::Constant(price) => *price,
            Self::Process { model, unit } => model.initial() * unit,
        }
    }
}

/// What every transaction of a chain pays for the publication of its data on another: so much gas there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DataCost {
    /// Units of the other chain's gas.
    pub gas: f64,
    /// What a unit of it costs.
    pub price: DataPrice,
}

/// The price of a unit of another chain's gas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DataPrice {
    /// Always this, in the native token of the chain that pays.
    Constant(f64),
    /// What it costs on this chain now.
    Chain(ChainId),
}

/// A token.
#[derive(Clone, Debug)]
pub struct TokenSetup {
    /// Its symbol.
    pub symbol: String,
    /// Its decimals.
    pub decimals: u8,
    /// Its price's stream, for example `tokens.ETH.price`.
    pub stream: String,
    /// Its outside price; `None` for the numeraire itself, whose price is one, and for tokens nobody prices.
    pub price: Option<Arc<dyn PriceModel>>,
    /// The pool that its price is formed in: it is what the pool trades it at, and its process only says what it is at the start. `None`
    /// where the price comes from outside.
    pub formed_in: Option<PoolId>,
    /// The token that its price is in, whose own price it is multiplied by; `None` for the numeraire.
    pub quote: Option<TokenId>,
}

impl TokenSetup {
    /// A token whose outside price moves.
    pub fn priced(symbol: &str, decimals: u8, price: Arc<dyn PriceModel>) -> Self {
        Self { price: Some(price), ..Self::numeraire(symbol, decimals) }
    }

    /// The token that values are counted in.
    pub fn numeraire(symbol: &str, decimals: u8) -> Self {
        Self {
            symbol: symbol.to_owned(),
            decimals,
            stream: format!("tokens.{symbol}.price"),
            price: None,
            formed_in: None,
            quote: None,
        }
    }
}

/// A pool, with the liquidity of others in it.
#[derive(Clone, Debug)]
pub struct PoolSetup {
    /// Its name.
    pub name: String,
    /// The chain that it is on.
    pub chain: ChainId,
    /// Its tokens, in the pool's order.
    pub tokens: Vec<TokenId>,
    /// Its family and parameters.
    pub model: Arc<dyn PoolModel>,
    /// Value of the liquidity of others at the initial prices, in the numeraire.
    pub value: f64,
}

impl PoolSetup {
    /// A pool on the world's first chain.
    pub fn new(name: &str, tokens: impl Into<Vec<TokenId>>, model: Arc<dyn PoolModel>, value: f64) -> Self {
        Self { name: name.to_owned(), chain: ChainId(0), tokens: tokens.into(), model, value }
    }
}

/// An agent.
#[derive(Clone, Debug)]
pub struct AgentSetup {
    /// Its stream, for example `agents.noise-traders@main`.
    pub stream: String,
    /// Its kind and parameters.
    pub model: Arc<dyn AgentModel>,
    /// What it pays for a unit of gas beyond its price, in the native token.
    pub priority_fee: f64,
}

impl AgentSetup {
    /// An agent without a priority fee, that draws from this stream.
    pub fn new(stream: impl Into<String>, model: Arc<dyn AgentModel>) -> Self {
        Self { stream: stream.into(), model, priority_fee: 0.0 }
    }
}

/// Builds a strategy for one lane and for a pack.
pub trait StrategyModel: Debug + Send + Sync + BuildStrategy<1> + BuildStrategy<PACK> {}
impl<T: Debug + Send + Sync + BuildStrategy<1> + BuildStrategy<PACK>> StrategyModel for T {}

/// A position.
#[derive(Clone, Debug)]
pub struct PositionSetup {
    /// Its name.
    pub name: String,
    /// What it does.
    pub strategy: Arc<dyn StrategyModel>,
    /// Value handed over, in the numeraire.
    pub deposit: f64,
    /// The chain that it is at home on; `None` for that of the first pool it enters, or else the world's first.
    pub home: Option<ChainId>,
    /// Gas units of what it does.
    pub gas: GasUnits,
    /// What it pays for a unit of gas beyond its price, in the native token.
    pub priority_fee: f64,
    /// On which terms it can trade outside with borrowed money or tokens, if it can.
    pub hedge: Option<HedgeTerms>,
    /// Votes that boost its stake in a gauge, if it has some.
    pub votes: Option<VoteTerms>,
    /// Cover against exploits, if it has bought some.
    pub cover: Option<CoverTerms>,
}

impl PositionSetup {
    /// A position that pays no gas.
    pub fn new(name: &str, strategy: Arc<dyn StrategyModel>, deposit: f64) -> Self {
        let gas = GasUnits::default();
        Self { name: name.to_owned(), strategy, deposit, gas, home: None, priority_fee: 0.0, hedge: None, votes: None, cover: None }
    }
}

/// Gas units of a position's actions; zero where gas does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GasUnits {
    /// Adding liquidity.
    pub mint: f64,
    /// Removing liquidity.
    pub burn: f64,
    /// Collecting fees of a range.
    pub collect: f64,
    /// Swapping.
    pub swap: f64,
    /// Putting something into a farm, a lending market or a vault; repaying a loan.
    pub deposit: f64,
    /// Claiming rewards.
    pub claim: f64,
    /// Taking something out of a farm, a lending market or a vault; borrowing.
    pub withdraw: f64,
    /// Allowing a contract to take a token: once for each pool, farm, market or vault, and each token it takes.
    pub approve: f64,
    /// Sending tokens over a bridge.
    pub bridge: f64,
}

impl GasUnits {
    /// Gas does not matter.
    pub const FREE: Self =
        Self { mint: 0.0, burn: 0.0, collect: 0.0, swap: 0.0, deposit: 0.0, claim: 0.0, withdraw: 0.0, approve: 0.0, bridge: 0.0 };
}
