//! Every event of a path, one JSON object per line.

use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cenote_sim::{Actor, Event, EventKey, Observer, Phase};
use cenote_study::{AtomicFile, ColumnLayout, Study, StudyError, StudySpec, Subject};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::args::Lane;

/// A file of events that is whole or not there: a header, the events in their order, the numbers of the path.
#[derive(Debug)]
pub(crate) struct EventFile {
    shared: Arc<Mutex<Sink>>,
}

/// What the observer inside the world and the file outside share.
#[derive(Debug)]
struct Sink {
    file: AtomicFile,
    names: Names,
    /// What went wrong first: an observer cannot say so itself.
    failure: Option<io::Error>,
    /// Set when something went wrong: the rest of the path would be for nothing.
    stop: Arc<AtomicBool>,
}

/// What the places of a scenario are called.
#[derive(Debug)]
struct Names {
    tokens: Vec<String>,
    pools: Vec<String>,
    agents: Vec<String>,
    /// Positions, and after them the world's vaults, which act as positions.
    positions: Vec<String>,
    farms: Vec<String>,
    lending: Vec<String>,
    vaults: Vec<String>,
    bridges: Vec<String>,
    risks: Vec<String>,
    phases: Vec<Phase>,
}

impl EventFile {
    /// Begin a file with its header. `stop` is set when writing fails.
    pub(crate) fn create(file: &Path, study: &Study, path: u32, lane: Lane, stop: Arc<AtomicBool>) -> Result<Self, StudyError> {
        let (names, header) = (Names::of(study.spec()), header(study.spec(), path, lane));
        let mut sink = Sink { file: AtomicFile::create(file)?, names, failure: None, stop };
        sink.line(&header);
        Ok(Self { shared: Arc::new(Mutex::new(sink)) })
    }

    /// Writes what it sees into this file.
    pub(crate) fn observer(&self) -> Box<dyn Observer> {
        Box::new(Writer { shared: Arc::clone(&self.shared) })
    }

    /// What went wrong while events were written.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).failure.take()
    }

    /// Write the numbers of the path and let the file take its name.
    pub(crate) fn finish(self, path: u32, layout: &ColumnLayout, numbers: &[f64]) -> anyhow::Result<()> {
        let sink = Arc::into_inner(self.shared).expect("the observer went with its world");
        let mut sink = sink.into_inner().unwrap_or_else(PoisonError::into_inner);
        sink.line(&result(path, layout, numbers));
        match sink.failure {
            Some(error) => Err(error.into()),
            None => Ok(sink.file.commit()?),
        }
    }
}

#[derive(Debug)]
struct Writer {
    shared: Arc<Mutex<Sink>>,
}

impl Observer for Writer {
    fn event(&mut self, _path: u32, key: EventKey, event: &Event) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).event(key, event);
    }
}

impl Sink {
    fn event(&mut self, key: EventKey, event: &Event) {
        let names = &self.names;
        let (kind, what) = names.describe(event);
        // A place in the block is a phase, unless priority fees make the order.
        let phase = match event {
            Event::Swap { phase, .. } => Some(phase.name()),
            _ => names.phases.get(usize::from(key.rank)).map(|phase| phase.name()),
        };
        let line = Line { kind, time_ns: key.time.as_nanos(), rank: key.rank, phase, seq: key.seq, what };
        let written = write_line(&mut self.file, &line);
        self.note(written);
    }

    fn line(&mut self, line: &Value) {
        let written = write_line(&mut self.file, line);
        self.note(written);
    }

    fn note(&mut self, written: io::Result<()>) {
        if let Err(error) = written
            && self.failure.is_none()
        {
            self.failure = Some(error);
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}

fn write_line(file: &mut AtomicFile, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *file, line)?;
    file.write_all(b"\n")
}

/// An event as it is written. Lines are in the order of (`time_ns`, `rank`, `seq`).
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    time_ns: u64,
    rank: u8,
    phase: Option<&'static str>,
    seq: u32,
    #[serde(flatten)]
    what: What<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum What<'a> {
    Price {
        token: &'a str,
        price: f64,
    },
    Swap {
        actor: &'a str,
        actor_type: &'static str,
        pool: &'a str,
        token_in: &'a str,
        token_out: &'a str,
        amount_in: f64,
        amount_out: f64,
        fee: f64,
        spot_price: f64,
    },
    Liquidity {
        position: &'a str,
        pool: &'a str,
        liquidity: f64,
    },
    Others {
        agent: &'a str,
        pool: &'a str,
        value: f64,
    },
    Mark {
        position: &'a str,
        value: f64,
    },
    Collect {
        position: &'a str,
        pool: &'a str,
    },
    Hedge {
        position: &'a str,
        token: &'a str,
        units: f64,
    },
    Refused {
        position: &'a str,
        reason: String,
    },
    Farm {
        position: &'a str,
        farm: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        amount: Option<f64>,
    },
    Lending {
        position: &'a str,
        lending: &'a str,
        amount: f64,
    },
    Vault {
        position: &'a str,
        vault: &'a str,
        amount: f64,
    },
    Liquidation {
        position: &'a str,
        repaid: f64,
        seized: f64,
    },
    Bridge {
        position: &'a str,
        bridge: &'a str,
        token: &'a str,
        amount: f64,
    },
    Risk {
        risk: &'a str,
    },
    Other {
        event: String,
    },
}

impl Names {
    fn of(spec: &StudySpec) -> Self {
        Self {
            tokens: spec.tokens.iter().map(|token| token.symbol.to_string()).collect(),
            pools: spec.pools.iter().map(|pool| pool.name.clone()).collect(),
            agents: spec.agents.iter().map(|agent| agent.name.clone().unwrap_or_default()).collect(),
            positions: spec
                .positions
                .iter()
                .map(|position| position.name.clone())
                .chain(spec.vaults.iter().map(|vault| format!("vaults.{}", vault.name)))
                .collect(),
            farms: spec.farms.iter().map(|farm| farm.name.clone()).collect(),
            lending: spec.lending.iter().map(|lending| lending.name.clone()).collect(),
            vaults: spec.vaults.iter().map(|vault| vault.name.clone()).collect(),
            bridges: spec.bridges.iter().map(|bridge| bridge.name.clone()).collect(),
            risks: spec.risks.iter().map(|risk| risk.name.clone()).collect(),
            // The order is one for all chains.
            phases: spec.chains.first().map(|chain| chain.order.phases().to_vec()).unwrap_or_default(),
        }
    }

    /// An event by names instead of places.
    fn describe(&self, event: &Event) -> (&'static str, What<'_>) {
        let (tokens, pools) = (&self.tokens, &self.pools);
        match *event {
            Event::Price { token, price } => ("price", What::Price { token: name(tokens, token.index()), price }),
            Event::Swap { actor, phase: _, pool, token_in, token_out, amount_in, amount_out, fee, spot_price } => {
                let (actor, actor_type) = match actor {
                    Actor::Agent(i) => (name(&self.agents, i), "agent"),
                    Actor::Position(i) => (name(&self.positions, i), "position"),
                };
                let (pool, token_in) = (name(pools, pool.index()), name(tokens, token_in.index()));
                let token_out = name(tokens, token_out.index());
                ("swap", What::Swap { actor, actor_type, pool, token_in, token_out, amount_in, amount_out, fee, spot_price })
            }
            Event::Mint { position, pool, liquidity } => ("mint", self.liquidity(position, pool.index(), liquidity)),
            Event::Burn { position, pool, liquidity } => ("burn", self.liquidity(position, pool.index(), liquidity)),
            Event::OthersLiquidity { agent, pool, value } => {
                let (agent, pool) = (name(&self.agents, agent), name(pools, pool.index()));
                ("others", What::Others { agent, pool, value })
            }
            Event::Mark { position, value } => ("mark", What::Mark { position: name(&self.positions, position), value }),
            Event::Collect { position, pool } => {
                ("collect", What::Collect { position: name(&self.positions, position), pool: name(pools, pool.index()) })
            }
            Event::Hedge { position, token, units } => {
                let (position, token) = (name(&self.positions, position), name(tokens, token.index()));
                ("hedge", What::Hedge { position, token, units })
            }
            Event::Refused { position, refusal } => {
                ("refused", What::Refused { position: name(&self.positions, position), reason: refusal.to_string() })
            }
            Event::Staked { position, farm, amount } => ("stake", self.farm(position, farm.index(), Some(amount))),
            Event::Unstaked { position, farm, amount } => ("unstake", self.farm(position, farm.index(), Some(amount))),
            Event::Claimed { position, farm } => ("claim", self.farm(position, farm.index(), None)),
            Event::Supplied { position, lending, amount } => ("supply", self.lending(position, lending.index(), amount)),
            Event::Withdrawn { position, lending, amount } => ("withdraw", self.lending(position, lending.index(), amount)),
            Event::Borrowed { position, lending, amount } => ("borrow", self.lending(position, lending.index(), amount)),
            Event::Repaid { position, lending, amount } => ("repay", self.lending(position, lending.index(), amount)),
            Event::Deposited { position, vault, amount } => ("deposit", self.vault(position, vault.index(), amount)),
            Event::Redeemed { position, vault, amount } => ("redeem", self.vault(position, vault.index(), amount)),
            Event::Liquidated { position, repaid, seized } => {
                ("liquidation", What::Liquidation { position: name(&self.positions, position), repaid, seized })
            }
            Event::Sent { position, bridge, token, amount } => {
                ("sent", self.bridge(position, bridge.index(), token.index(), amount))
            }
            Event::Arrived { position, bridge, token, amount } => {
                ("arrived", self.bridge(position, bridge.index(), token.index(), amount))
            }
            Event::Lost { position, bridge, token, amount } => {
                ("lost", self.bridge(position, bridge.index(), token.index(), amount))
            }
            Event::Risk { risk } => ("risk", What::Risk { risk: name(&self.risks, risk) }),
            ref other => ("other", What::Other { event: format!("{other:?}") }),
        }
    }

    fn farm(&self, position: usize, farm: usize, amount: Option<f64>) -> What<'_> {
        What::Farm { position: name(&self.positions, position), farm: name(&self.farms, farm), amount }
    }

    fn lending(&self, position: usize, lending: usize, amount: f64) -> What<'_> {
        What::Lending { position: name(&self.positions, position), lending: name(&self.lending, lending), amount }
    }

    fn vault(&self, position: usize, vault: usize, amount: f64) -> What<'_> {
        What::Vault { position: name(&self.positions, position), vault: name(&self.vaults, vault), amount }
    }

    fn bridge(&self, position: usize, bridge: usize, token: usize, amount: f64) -> What<'_> {
        let (bridge, token) = (name(&self.bridges, bridge), name(&self.tokens, token));
        What::Bridge { position: name(&self.positions, position), bridge, token, amount }
    }

    fn liquidity(&self, position: usize, pool: usize, liquidity: f64) -> What<'_> {
        What::Liquidity { position: name(&self.positions, position), pool: name(&self.pools, pool), liquidity }
    }
}

fn name(names: &[String], place: usize) -> &str {
    names.get(place).map_or("?", String::as_str)
}

fn header(spec: &StudySpec, path: u32, lane: Lane) -> Value {
    let tokens = spec.tokens.iter().map(|token| json!({ "symbol": token.symbol.as_str(), "decimals": token.decimals }));
    let pools = spec.pools.iter().map(|pool| {
        let tokens = pool.tokens.iter().map(|token| Value::from(token.as_str()));
        json!({ "name": pool.name, "tokens": Value::Array(tokens.collect()) })
    });
    let names = Names::of(spec);
    json!({
        "type": "header",
        "cenote": env!("CARGO_PKG_VERSION"),
        "study": spec.name,
        "seed": spec.seed,
        "path": path,
        "lane": lane.name(),
        "horizon_ns": spec.horizon.as_nanos(),
        "warm_up_ns": spec.warm_up.as_nanos(),
        "numeraire": spec.numeraire.as_str(),
        "tokens": Value::Array(tokens.collect()),
        "pools": Value::Array(pools.collect()),
        "agents": names.agents,
        "positions": names.positions,
    })
}

/// The numbers of the path, in the shape of a result: `positions`, `pools`, each a table from name to metric.
fn result(path: u32, layout: &ColumnLayout, numbers: &[f64]) -> Value {
    let table = |subject: Subject| {
        let mut table = Map::new();
        for (key, number) in layout.keys().iter().zip(numbers).filter(|(key, _)| key.subject == subject) {
            let metrics = table.entry(key.name.as_str()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(metrics) = metrics {
                metrics.insert(key.metric.clone().into_owned(), Value::from(*number));
            }
        }
        Value::Object(table)
    };
    let metrics = json!({ "positions": table(Subject::Position), "pools": table(Subject::Pool) });
    json!({ "type": "result", "path": path, "metrics": metrics })
}
