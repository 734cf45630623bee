//! Pools: `[pools.NAME]`.
//!
//! To add a family: a struct with its parameters, a variant of [`PoolFamily`], an entry in `FAMILIES`.

mod concentrated;
mod constant_product;
mod custom;
mod dynamic_fee;
mod stableswap;
mod weighted;

use cenote_units::{Fee, Symbol, TokenAmount};
use serde::Serialize;

pub use concentrated::{ConcentratedSpec, LiquiditySpec, RangeSpec};
pub use constant_product::ConstantProductSpec;
pub use custom::CustomPoolSpec;
pub use dynamic_fee::{DynamicFeeSpec, ImbalanceFeeSpec, VolatilityFeeSpec};
pub use stableswap::StableSwapSpec;
pub use weighted::WeightedSpec;

use super::StudySpec;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key, Kind};

/// A pool and the liquidity that others provide to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolSpec {
    /// Its name: that of the table.
    #[serde(skip)]
    pub name: String,
    /// What kind of pool it is, with the parameters of that kind.
    #[serde(flatten)]
    pub family: PoolFamily,
    /// The chain that it lives on.
    pub chain: String,
    /// Its tokens; of two, prices read "second per first".
    pub tokens: Vec<Symbol>,
}

/// The families of pools, by the contract that they follow.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PoolFamily {
    /// `uniswap-v2`: constant product, 30bp unless given.
    UniswapV2(ConstantProductSpec),
    /// `pancakeswap-v2`: constant product, 25bp unless given.
    PancakeswapV2(ConstantProductSpec),
    /// `uniswap-v3`: liquidity in ranges of prices.
    UniswapV3(ConcentratedSpec),
    /// `pancakeswap-v3`: the same, with a protocol fee unless it is switched off.
    PancakeswapV3(ConcentratedSpec),
    /// `uniswap-v4`: the same, with a fee that may move and no other hooks.
    UniswapV4(ConcentratedSpec),
    /// `stableswap`: Curve's first generation, two to four coins.
    #[serde(rename = "stableswap")]
    StableSwap(StableSwapSpec),
    /// `stableswap-ng`: Curve's new generation, two to eight coins.
    #[serde(rename = "stableswap-ng")]
    StableSwapNg(StableSwapSpec),
    /// `balancer-weighted`: two to eight tokens.
    BalancerWeighted(WeightedSpec),
    /// A pool of the program's own; it has no spelling in a study file.
    Custom(CustomPoolSpec),
}

const KIND: Key = Key::new("kind", "\"uniswap-v2\"");
const COMMON: &[Key] = &[KIND, Key::new("chain", "\"ethereum\""), Key::new("tokens", "[\"ETH\", \"USDC\"]")];

/// The families that a study file can name.
const FAMILIES: &[Kind<PoolFamily>] = &[
    Kind {
        name: "uniswap-v2",
        keys: constant_product::KEYS,
        read: |fields| ConstantProductSpec::read(fields, "30bp").map(PoolFamily::UniswapV2),
    },
    Kind {
        name: "pancakeswap-v2",
        keys: constant_product::KEYS,
        read: |fields| ConstantProductSpec::read(fields, "25bp").map(PoolFamily::PancakeswapV2),
    },
    Kind {
        name: "uniswap-v3",
        keys: concentrated::KEYS,
        read: |fields| ConcentratedSpec::read(fields, false).map(PoolFamily::UniswapV3),
    },
    Kind {
        name: "pancakeswap-v3",
        keys: concentrated::KEYS,
        read: |fields| ConcentratedSpec::read(fields, true).map(PoolFamily::PancakeswapV3),
    },
    Kind {
        name: "uniswap-v4",
        keys: concentrated::V4_KEYS,
        read: |fields| ConcentratedSpec::read_v4(fields).map(PoolFamily::UniswapV4),
    },
    Kind {
        name: "stableswap",
        keys: stableswap::KEYS,
        read: |fields| StableSwapSpec::read(fields, false).map(PoolFamily::StableSwap),
    },
    Kind {
        name: "stableswap-ng",
        keys: stableswap::NG_KEYS,
        read: |fields| StableSwapSpec::read(fields, true).map(PoolFamily::StableSwapNg),
    },
    Kind {
        name: "balancer-weighted",
        keys: weighted::KEYS,
        read: |fields| WeightedSpec::read(fields).map(PoolFamily::BalancerWeighted),
    },
];

impl PoolFamily {
    /// What others provide at the start, part by part.
    pub fn liquidity(&self) -> Vec<&TokenAmount> {
        match self {
            Self::UniswapV2(pool) | Self::PancakeswapV2(pool) => vec![&pool.tvl],
            Self::UniswapV3(pool) | Self::PancakeswapV3(pool) | Self::UniswapV4(pool) => {
                pool.liquidity.iter().map(|liquidity| &liquidity.value).collect()
            }
            Self::StableSwap(pool) | Self::StableSwapNg(pool) => vec![&pool.tvl],
            Self::BalancerWeighted(pool) => vec![&pool.tvl],
            Self::Custom(pool) => vec![&pool.tvl],
        }
    }

    /// Whether liquidity lies in ranges of prices.
    pub fn is_ranged(&self) -> bool {
        match self {
            Self::UniswapV3(_) | Self::PancakeswapV3(_) | Self::UniswapV4(_) => true,
            Self::Custom(pool) => pool.pool.model().is_ranged(),
            _ => false,
        }
    }

    /// Ticks between which ranges begin and end, where there are ranges.
    pub fn tick_spacing(&self) -> Option<u32> {
        match self {
            Self::UniswapV3(pool) | Self::PancakeswapV3(pool) | Self::UniswapV4(pool) => Some(pool.tick_spacing),
            _ => None,
        }
    }

    /// How many tokens a pool of this family has: at least and at most.
    fn token_count(&self) -> (usize, usize) {
        match self {
            Self::StableSwap(_) => (2, 4),
            Self::StableSwapNg(_) | Self::BalancerWeighted(_) => (2, 8),
            Self::Custom(pool) => (pool.pool.model().token_count(), pool.pool.model().token_count()),
            _ => (2, 2),
        }
    }
}

impl PoolSpec {
    /// A pool of some family on a chain.
    pub fn new(name: impl Into<String>, chain: impl Into<String>, tokens: &[Symbol], family: PoolFamily) -> Self {
        Self { name: name.into(), family, chain: chain.into(), tokens: tokens.to_vec() }
    }

    /// A Uniswap v2 pool on a chain, with this much liquidity by others.
    pub fn uniswap_v2(name: impl Into<String>, chain: impl Into<String>, tokens: &[Symbol], fee: Fee, tvl: TokenAmount) -> Self {
        Self::new(name, chain, tokens, PoolFamily::UniswapV2(ConstantProductSpec::new(fee, tvl)))
    }

    pub(super) fn read(name: &str, item: &Item<'_>) -> Checked<Self> {
        let table = item.table()?;
        let kind = table.kind(KIND, "kind of pool", FAMILIES)?;
        let fields = table.fields(&[COMMON, kind.keys])?;
        Ok(Self {
            name: name.to_owned(),
            chain: fields.required("chain")?,
            tokens: fields.required("tokens")?,
            family: (kind.read)(&fields)?,
        })
    }

    pub(super) fn path(&self) -> KeyPath {
        KeyPath::root().key("pools").key(&self.name)
    }

    pub(super) fn check(&self, study: &StudySpec) -> Checked<()> {
        let path = self.path();
        study.require_chain(&self.chain, &path.key("chain"))?;
        let at = path.key("tokens");
        let (least, most) = self.family.token_count();
        if !(least..=most).contains(&self.tokens.len()) {
            let count = if least == most { least.to_string() } else { format!("{least} to {most}") };
            return Err(Problem::new(at, format!("a pool of this kind has {count} tokens, not {}", self.tokens.len()))
                .with_found(format!("{:?}", self.tokens))
                .with_expected(format!("{count} tokens"))
                .with_example("tokens = [\"ETH\", \"USDC\"]"));
        }
        for (i, token) in self.tokens.iter().enumerate() {
            if self.tokens[..i].contains(token) {
                return Err(Problem::new(at.index(i), format!("{token} is in the pool twice"))
                    .with_found(format!("\"{token}\""))
                    .with_expected("every token once")
                    .with_example("tokens = [\"ETH\", \"USDC\"]"));
            }
            study.require_price(token, &at.index(i), "it is in a pool")?;
        }
        let tvl = |tvl| study.require_value(tvl, &path.key("tvl"), "liquidity", "tvl = \"10_000_000 USDC\"");
        match &self.family {
            PoolFamily::UniswapV2(pool) | PoolFamily::PancakeswapV2(pool) => tvl(&pool.tvl),
            PoolFamily::UniswapV3(pool) | PoolFamily::PancakeswapV3(pool) | PoolFamily::UniswapV4(pool) => {
                pool.check(&path, self, study)
            }
            PoolFamily::StableSwap(pool) | PoolFamily::StableSwapNg(pool) => {
                pool.check(&path)?;
                tvl(&pool.tvl)
            }
            PoolFamily::BalancerWeighted(pool) => {
                pool.check(&path, self)?;
                tvl(&pool.tvl)
            }
            PoolFamily::Custom(pool) => tvl(&pool.tvl),
        }
    }
}
