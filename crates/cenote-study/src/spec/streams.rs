//! The names of random streams.
//!
//! A stream belongs to a path and a component of the world. A component is known by its name, of which the 32-bit FNV-1a
//! hash enters the counter of the generator:
//!
//! | component | name |
//! |---|---|
//! | price of a token | `tokens.SYM.price` |
//! | clock of a chain | `chains.NAME.clock` |
//! | price of a chain's gas | `chains.NAME.gas_price` |
//! | events that prices share | `events.NAME` |
//! | choices of a joint bootstrap | `joint.NAME` |
//! | sets of paths that are sampled together | `study.sampling` |
//! | failures of a bridge for a position | `bridges.NAME@POSITION` |
//! | others who come to a farm and go | `farms.NAME.inflow` |
//! | utilisation of a lending market | `lending.NAME.utilisation` |
//! | what can go wrong | `risks.NAME` |
//! | agent | `agents.NAME`, with the agent's own name or the one it gets from its kind and pools |
//!
//! Adding, removing or moving a component changes nobody else's random numbers. Two names with the same hash would share
//! theirs; that is an error before a study runs.

use std::collections::{BTreeMap, BTreeSet};

use cenote_paths::{Sampling, StreamKey};
use cenote_units::Symbol;

use super::StudySpec;
use crate::error::StudyError;

/// Name of the stream which moves the price of a token.
pub fn price_stream(token: &Symbol) -> String {
    format!("tokens.{token}.price")
}

/// Name of the stream which times the blocks of a chain.
pub fn clock_stream(chain: &str) -> String {
    format!("chains.{chain}.clock")
}

/// Name of the stream which times events that prices share.
pub fn events_stream(name: &str) -> String {
    format!("events.{name}")
}

/// Name of the stream which chooses for bootstraps that are joint.
pub fn joint_stream(name: &str) -> String {
    format!("joint.{name}")
}

/// Name of the stream of an agent.
pub fn agent_stream(name: &str) -> String {
    format!("agents.{name}")
}

/// Names of all components that may draw random numbers.
fn streams(study: &StudySpec) -> impl Iterator<Item = String> + '_ {
    let prices = study.tokens.iter().map(|token| price_stream(&token.symbol));
    let clocks = study.chains.iter().map(|chain| clock_stream(&chain.name));
    let agents = study.agents.iter().filter_map(|agent| agent.name.as_deref()).map(agent_stream);
    let events = study.events.iter().map(|events| events_stream(&events.name));
    let joints: BTreeSet<_> =
        study.tokens.iter().filter_map(|token| Some(joint_stream(token.price.as_ref()?.joint()?.name))).collect();
    let gas = study.chains.iter().map(|chain| format!("chains.{}.gas_price", chain.name));
    let bridges = study
        .bridges
        .iter()
        .flat_map(|bridge| study.positions.iter().map(move |position| format!("bridges.{}@{}", bridge.name, position.name)));
    let farms = study.farms.iter().map(|farm| format!("farms.{}.inflow", farm.name));
    let lending = study.lending.iter().map(|lending| format!("lending.{}.utilisation", lending.name));
    let risks = study.risks.iter().map(|risk| format!("risks.{}", risk.name));
    let venues = farms.chain(lending).chain(risks);
    prices
        .chain(venues)
        .chain(clocks)
        .chain(gas)
        .chain(bridges)
        .chain(agents)
        .chain(events)
        .chain(joints)
        .chain([Sampling::STREAM.to_owned()])
}

/// That no two components share a stream.
pub(crate) fn check_streams(study: &StudySpec) -> Result<(), StudyError> {
    let mut owners: BTreeMap<u32, String> = BTreeMap::new();
    for name in streams(study) {
        let hash = StreamKey::new(study.seed, &name).component();
        if let Some(first) = owners.insert(hash, name.clone()) {
            return Err(StudyError::StreamCollision { first, second: name, hash });
        }
    }
    Ok(())
}
