//! Pools: `[pools.NAME]`.
//!
//! To add a family: a struct with its parameters, a variant of [`PoolFamily`], an entry in `FAMILIES`.

mod constant_product;
mod custom;

use cenote_units::{Fee, Symbol, TokenAmount};
use serde::Serialize;

pub use constant_product::ConstantProductSpec;
pub use custom::CustomPoolSpec;

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
];

impl PoolFamily {
    /// Value of the liquidity that others provide at the start.
    pub fn tvl(&self) -> &TokenAmount {
        match self {
            Self::UniswapV2(pool) | Self::PancakeswapV2(pool) => &pool.tvl,
            Self::Custom(pool) => &pool.tvl,
        }
    }

    /// How many tokens a pool of this family has.
    fn token_count(&self) -> usize {
        match self {
            Self::UniswapV2(_) | Self::PancakeswapV2(_) => 2,
            Self::Custom(pool) => pool.pool.model().token_count(),
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
        let count = self.family.token_count();
        if self.tokens.len() != count {
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
        study.require_value(self.family.tvl(), &path.key("tvl"), "liquidity", "tvl = \"10_000_000 USDC\"")
    }
}
