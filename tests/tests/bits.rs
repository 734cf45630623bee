//! Same study, same seed: the same bits, for any number of threads, alone or in a pack, whatever else lives in the study.

use std::sync::{Arc, Mutex};

use cenote_sim::{Actor, Event, EventKey, Observer};
use cenote_study::{ColumnKey, PoolLane, RunOptions, Study, StudyResult};
use cenote_units::SimTime;

/// Relative names of files start from the studies that ship.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../studies/bits.toml");

const CLOCKS: [&str; 2] = [r#""1h""#, r#"{ poisson = "1h" }"#];
const GBM: &str = r#"{ process = "gbm", initial = "2000 USDC", drift = "5%", volatility = "80%" }"#;
const PRICES: [&str; 3] = [
    GBM,
    r#"{ process = "stationary-bootstrap", file = "data/synthetic-1h.csv", mean_block = "2d", initial = "2000 USDC" }"#,
    r#"{ process = "constant", initial = "2000 USDC" }"#,
];
/// Three packs and a part of one.
const PATHS: u32 = 200;

/// A study of which everything can be varied: its text in tables, in any order.
#[derive(Clone)]
struct Text {
    study: String,
    tables: Vec<String>,
}

impl Text {
    fn new(clock: &str, price: &str) -> Self {
        let table = |text: &str| text.replace("CLOCK", clock).replace("PRICE", price);
        Self {
            study: format!("paths = {PATHS}\nseed = 3\nhorizon = \"5d\"\nwarm_up = \"1d\"\nnumeraire = \"USDC\"\n"),
            tables: [
                "[chains.ethereum]\nblock_time = CLOCK\nnative = \"ETH\"\ngas_price = \"20 gwei\"\n",
                "[tokens.ETH]\ndecimals = 18\nprice = PRICE\n",
                "[tokens.USDC]\ndecimals = 6\n",
                "[pools.main]\nkind = \"uniswap-v2\"\nchain = \"ethereum\"\ntokens = [\"ETH\", \"USDC\"]\nfee = \"30bp\"\ntvl = \"10_000_000 USDC\"\n",
                "[[agents]]\nkind = \"arbitrageur\"\npools = [\"main\"]\ngas = 150_000\n",
                NOISE,
                "[[positions]]\nname = \"full range\"\nstrategy = \"passive\"\npool = \"main\"\ndeposit = \"100_000 USDC\"\n",
                HOLD,
            ]
            .map(table)
            .to_vec(),
        }
    }

    fn with(mut self, table: &str) -> Self {
        self.tables.push(table.to_owned());
        self
    }

    fn study(&self) -> Study {
        let text = format!("schema = 1\n[study]\n{}\n{}", self.study, self.tables.join("\n"));
        Study::parse(&text, FILE, &[]).unwrap_or_else(|error| panic!("{error}"))
    }
}

const NOISE: &str = "[[agents]]\nkind = \"noise-traders\"\npools = [\"main\"]\narrivals = \"60 per day\"\n\
     size = { distribution = \"lognormal\", median = \"3_000 USDC\", sigma = 1.2 }\n";
const HOLD: &str =
    "[[positions]]\nname = \"hold\"\nstrategy = \"hold\"\ntokens = [\"ETH\", \"USDC\"]\ndeposit = \"100_000 USDC\"\n";

/// Every combination of clock and price.
fn texts() -> impl Iterator<Item = Text> {
    CLOCKS.into_iter().flat_map(|clock| PRICES.into_iter().map(move |price| Text::new(clock, price)))
}

fn run_on(threads: usize, study: &Study) -> StudyResult {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| study.run()).unwrap()
}

/// The bits of every column, with its name.
fn bits(result: &StudyResult) -> Vec<(ColumnKey, Vec<u64>)> {
    let column =
        |key: &ColumnKey| result.column(key.subject, &key.name, &key.metric).unwrap().iter().map(|x| x.to_bits()).collect();
    result.layout().keys().iter().map(|key| (key.clone(), column(key))).collect()
}

/// That every column which both results have is the same in both; returns how many those are.
fn assert_common_columns_agree(first: &StudyResult, second: &StudyResult, of: impl Fn(&ColumnKey) -> bool) -> usize {
    let (first, second) = (bits(first), bits(second));
    let mut common = 0;
    for (key, column) in first.iter().filter(|(key, _)| of(key)) {
        if let Some((_, other)) = second.iter().find(|(other, _)| other == key) {
            assert!(column == other, "{key} differs");
            common += 1;
        }
    }
    common
}

#[test]
fn for_any_number_of_threads() {
    for text in texts() {
        let study = text.study();
        let one = run_on(1, &study);
        assert!(one.position("full range", "fees").unwrap().min > 0.0);
        assert!(one.summaries().all(|(key, summary)| summary.mean.mean.is_finite() || panic!("{key} is not finite")));
        for threads in [2, 3, 8] {
            let many = run_on(threads, &study);
            assert!(bits(&one) == bits(&many), "{threads} threads");
            assert_eq!(one.blocks(), many.blocks());
        }
    }
}

#[test]
fn for_a_path_alone_and_in_a_pack() {
    for text in texts() {
        let study = text.study();
        let all = bits(&study.run().unwrap());
        for path in [0, 1, 63, 64, 130, PATHS - 1] {
            let alone = study.replay(path, PoolLane::Fast, vec![]).unwrap();
            for ((key, column), alone) in all.iter().zip(alone) {
                assert_eq!(column[path as usize], alone.to_bits(), "{key} of path {path}");
            }
        }
    }
}

#[test]
fn for_the_first_paths_of_a_longer_study() {
    for text in texts() {
        let mut short = text.clone();
        short.study = short.study.replace("paths = 200", "paths = 70");
        for ((key, long), (_, short)) in bits(&text.study().run().unwrap()).iter().zip(bits(&short.study().run().unwrap())) {
            assert_eq!(long[..70], short, "{key}");
        }
    }
}

#[test]
fn with_audit_and_without() {
    for text in texts() {
        let study = text.study();
        let audited = study.run_with(&RunOptions { audit: true, ..RunOptions::default() }).unwrap();
        assert!(bits(&study.run().unwrap()) == bits(&audited));
    }
}

#[test]
fn whatever_is_measured() {
    for text in texts() {
        let all = text.study().run().unwrap();
        for metric in ["net_return", "max_drawdown", "fees_rate", "attribution_residual"] {
            let mut text = text.clone();
            text.study = format!("{}metrics = [\"{metric}\"]\n", text.study);
            let one = text.study().run().unwrap();
            let columns = one.layout().keys().len();
            assert_eq!(assert_common_columns_agree(&one, &all, |_| true), columns);
        }
    }
}

/// A position that only holds touches nothing; all columns of all others keep their bits.
#[test]
fn whoever_else_holds() {
    for text in texts() {
        let more = text.clone().with(&HOLD.replace("name = \"hold\"", "name = \"more\""));
        let (before, after) = (text.study().run().unwrap(), more.study().run().unwrap());
        assert_eq!(assert_common_columns_agree(&before, &after, |_| true), before.layout().keys().len());
        assert!(after.layout().keys().len() > before.layout().keys().len());
    }
}

/// What the random numbers of a path decide: the times and prices of all blocks, and the trades of the noise.
#[derive(Clone, Debug, Default, PartialEq)]
struct Draws {
    prices: Vec<(SimTime, u64)>,
    /// When, which token, how much of it.
    trades: Vec<(SimTime, String, u64)>,
}

#[derive(Clone, Debug)]
struct Recorder {
    tokens: Vec<String>,
    noise: usize,
    draws: Arc<Mutex<Draws>>,
}

impl Observer for Recorder {
    fn event(&mut self, _: u32, key: EventKey, event: &Event) {
        let mut draws = self.draws.lock().unwrap();
        match *event {
            Event::Price { price, .. } => draws.prices.push((key.time, price.to_bits())),
            Event::Swap { actor, token_in, amount_in, .. } if actor == Actor::Agent(self.noise) => {
                draws.trades.push((key.time, self.tokens[token_in.index()].clone(), amount_in.to_bits()));
            }
            _ => {}
        }
    }
}

/// The draws of a path; `noise` is the place of the noise traders in the study.
fn draws(study: &Study, path: u32, noise: usize) -> Draws {
    let draws = Arc::new(Mutex::new(Draws::default()));
    let tokens = study.spec().tokens.iter().map(|token| token.symbol.to_string()).collect();
    let recorder = Recorder { tokens, noise, draws: Arc::clone(&draws) };
    study.replay(path, PoolLane::Fast, vec![Box::new(recorder)]).unwrap();
    let draws = draws.lock().unwrap().clone();
    assert!(draws.prices.len() > 50 && draws.trades.len() > 100, "{} {}", draws.prices.len(), draws.trades.len());
    draws
}

/// Other agents and positions move the pool, and leave everybody's random numbers alone.
#[test]
fn random_numbers_whatever_else_trades() {
    let newcomers = [
        NOISE.replace("pools =", "name = \"whales\"\npools =").replace("3_000", "300_000"),
        "[[positions]]\nname = \"large\"\nstrategy = \"passive\"\npool = \"main\"\ndeposit = \"5_000_000 USDC\"\n".to_owned(),
        "[tokens.BTC]\ndecimals = 8\nprice = { process = \"gbm\", initial = \"60000 USDC\", drift = \"0%\", volatility = \"50%\" }\n\
         [[positions]]\nname = \"gold\"\nstrategy = \"hold\"\ntokens = [\"BTC\"]\ndeposit = \"1_000 USDC\"\n"
            .to_owned(),
    ];
    for text in texts() {
        let before = text.study();
        let hold = |key: &ColumnKey| key.name == "hold";
        for newcomer in &newcomers {
            let after = text.clone().with(newcomer).study();
            let (first, second) = (before.run().unwrap(), after.run().unwrap());
            assert!(assert_common_columns_agree(&first, &second, hold) > 20);
            if newcomer.contains("BTC") {
                // A third price: only the pool's columns can be compared, and all agree.
                assert_eq!(assert_common_columns_agree(&first, &second, |_| true), first.layout().keys().len());
            } else {
                assert_eq!(draws(&before, 77, 1), draws(&after, 77, 1));
            }
        }
    }
}

/// Components are known by name, never by place.
#[test]
fn random_numbers_whatever_the_order_of_tables() {
    for text in texts() {
        let mut reversed = text.clone();
        reversed.tables.reverse();
        let (study, other) = (text.study(), reversed.study());
        assert_eq!(draws(&study, 5, 1), draws(&other, 5, 0));
        let (first, second) = (study.run().unwrap(), other.run().unwrap());
        assert!(assert_common_columns_agree(&first, &second, |key| key.name == "hold") > 20);
    }
}

/// Another seed, another path, another name: other numbers. So the comparisons above can fail.
#[test]
fn random_numbers_differ_where_they_should() {
    let text = Text::new(CLOCKS[0], GBM);
    let study = text.study();
    let base = draws(&study, 5, 1);
    let mut seeded = text.clone();
    seeded.study = seeded.study.replace("seed = 3", "seed = 4");
    let mut renamed = text;
    renamed.tables[5] = NOISE.replace("pools =", "name = \"others\"\npools =");
    for other in [draws(&study, 6, 1), draws(&seeded.study(), 5, 1)] {
        assert!(base.prices != other.prices && base.trades != other.trades);
    }
    let other = draws(&renamed.study(), 5, 1);
    assert!(base.prices == other.prices && base.trades != other.trades);
}
