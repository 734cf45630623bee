//! The contracts that are run, one file per family.

mod aave;
mod balancer;
mod concentrated;
mod curve;
mod erc4626;
mod farms;
mod masterchef_v3;
mod v2;
mod v3;
mod v3_math;
mod v4;

use anyhow::Result;
use serde_json::{Map, Value};

use crate::artifacts::Artifacts;
use crate::random::Random;
use crate::stage::{Stage, Step};

/// A deployed contract, what is done to it, and what it says of itself. Fields are named as traces name them.
pub trait Family {
    /// Where it stands.
    fn stage(&mut self) -> &mut Stage;

    /// The header of a trace of it: from this the exact lane makes its own.
    fn header(&mut self) -> Result<Map<String, Value>>;

    /// The next operation.
    fn next(&mut self, random: &mut Random) -> Result<Step>;

    /// All state variables after the last operation, which passed or did not; `None` for libraries.
    fn state(&mut self, passed: bool) -> Result<Option<Value>>;

    /// Whether it is in a state in which next to nothing passes any more, so that a new one had better be deployed.
    fn is_stuck(&self) -> bool {
        false
    }

    /// The reason of a revert as the contract itself gives it: what a token says when it is not there is the token's own.
    fn reason(&self, reason: String) -> String {
        reason
    }

    /// The whole contract, where its state after an operation is not all of it.
    fn dump(&mut self) -> Result<Option<Value>> {
        Ok(None)
    }
}

/// How a family is deployed, with parameters by chance.
pub type Deploy = fn(&Artifacts, &mut Random) -> Result<Box<dyn Family>>;

/// A family that can be run.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name on the command line.
    pub name: &'static str,
    /// How it is deployed.
    pub deploy: Deploy,
}

/// All of them.
pub const FAMILIES: &[Entry] = &[
    Entry { name: "v2", deploy: v2::uniswap },
    Entry { name: "pancake-v1", deploy: v2::pancake_v1 },
    Entry { name: "pancake-v2", deploy: v2::pancake_v2 },
    Entry { name: "v3", deploy: v3::uniswap },
    Entry { name: "pancake-v3", deploy: v3::pancake },
    Entry { name: "v3-math", deploy: v3_math::deploy },
    Entry { name: "v4", deploy: v4::deploy },
    Entry { name: "curve", deploy: curve::first },
    Entry { name: "curve-ng", deploy: curve::ng },
    Entry { name: "balancer-v2", deploy: balancer::v2 },
    Entry { name: "balancer-v3", deploy: balancer::v3 },
    Entry { name: "masterchef", deploy: farms::masterchef },
    Entry { name: "staking-rewards", deploy: farms::staking_rewards },
    Entry { name: "masterchef-v3", deploy: masterchef_v3::deploy },
    Entry { name: "aave-v3", deploy: aave::market },
    Entry { name: "erc4626", deploy: erc4626::deploy },
];

/// A number as traces write it.
pub(crate) fn text<N: Copy + ToString>(number: N) -> Value {
    Value::String(number.to_string())
}
