//! Studies in text, and what an agent of one did.

use std::sync::{Arc, Mutex};

use cenote_sim::{Actor, Event, EventKey, Observer};
use cenote_strategy::{PoolId, TokenId};
use cenote_study::{PoolLane, Study, StudyResult};

/// A study of two weeks of hourly blocks with these tables added; `settings` are further lines of `[study]`.
pub(crate) fn study(settings: &str, tables: &str) -> Study {
    let text = format!("{}\n{tables}", HEAD.replace("SETTINGS", settings));
    Study::parse(&text, "agents.toml", &[]).unwrap_or_else(|error| panic!("{error}"))
}

const HEAD: &str = r#"schema = 1
[study]
horizon   = "14d"
numeraire = "USDC"
SETTINGS
[chains.ethereum]
block_time = "1h"
native     = "ETH"
gas_price  = "10 gwei"
[tokens.USDC]
decimals = 6
"#;

/// ETH at a price that does not move.
pub(crate) const STILL: &str = "[tokens.ETH]\ndecimals = 18\nprice = { process = \"constant\", initial = \"2000 USDC\" }\n";
/// ETH at one that does.
pub(crate) const MOVING: &str =
    "[tokens.ETH]\ndecimals = 18\nprice = { process = \"gbm\", initial = \"2000 USDC\", drift = \"0%\", volatility = \"80%\" }\n";

/// A Uniswap v2 pool of these tokens.
pub(crate) fn pool(name: &str, tokens: [&str; 2], fee: &str, tvl: &str) -> String {
    format!("[pools.{name}]\nkind = \"uniswap-v2\"\nchain = \"ethereum\"\ntokens = {tokens:?}\nfee = \"{fee}\"\ntvl = \"{tvl}\"\n")
}

/// An agent of these keys.
pub(crate) fn agent(kind: &str, keys: &str) -> String {
    format!("[[agents]]\nkind = \"{kind}\"\n{keys}\n")
}

/// That the mean of a pool's metric agrees with what is expected.
pub(crate) fn assert_metric(result: &StudyResult, pools: &[&str], metric: &str, expected: f64) {
    let paths = result.paths();
    let mut sample = vec![0.0; paths];
    for pool in pools {
        let column = result.column(cenote_study::Subject::Pool, pool, metric).unwrap();
        for (sum, value) in sample.iter_mut().zip(column) {
            *sum += value;
        }
    }
    cenote_tests::statistics::assert_agrees(&format!("{metric} of {pools:?}"), &sample, expected);
}

/// A swap of one agent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Swap {
    pub(crate) time: u64,
    pub(crate) pool: PoolId,
    pub(crate) token_in: TokenId,
    pub(crate) token_out: TokenId,
    pub(crate) amount_in: f64,
    pub(crate) amount_out: f64,
    /// Of the pool's first token in its second, after it.
    pub(crate) spot_price: f64,
}

#[derive(Clone, Debug)]
struct Recorder {
    agent: usize,
    swaps: Arc<Mutex<Vec<Swap>>>,
    prices: Arc<Mutex<Vec<(u64, f64)>>>,
}

impl Observer for Recorder {
    fn event(&mut self, _: u32, key: EventKey, event: &Event) {
        let time = key.time.as_nanos();
        match *event {
            Event::Swap { actor, pool, token_in, token_out, amount_in, amount_out, spot_price, .. }
                if actor == Actor::Agent(self.agent) =>
            {
                self.swaps.lock().unwrap().push(Swap { time, pool, token_in, token_out, amount_in, amount_out, spot_price });
            }
            Event::Price { token: TokenId(1), price } => self.prices.lock().unwrap().push((time, price)),
            _ => {}
        }
    }
}

/// All swaps of the agent at this place, on one path, and the prices of the second token at all blocks.
pub(crate) fn history(study: &Study, path: u32, agent: usize) -> (Vec<Swap>, Vec<(u64, f64)>) {
    let (swaps, prices) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
    let recorder = Recorder { agent, swaps: Arc::clone(&swaps), prices: Arc::clone(&prices) };
    study.replay(path, PoolLane::Fast, vec![Box::new(recorder)]).unwrap_or_else(|error| panic!("{error}"));
    let (swaps, prices) = (swaps.lock().unwrap().clone(), prices.lock().unwrap().clone());
    (swaps, prices)
}

/// All swaps of the agent at this place, on one path.
pub(crate) fn swaps(study: &Study, path: u32, agent: usize) -> Vec<Swap> {
    history(study, path, agent).0
}
