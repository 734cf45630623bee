//! Every way to get a lending market wrong, what is said about it, and what becomes of one that is right.

use cenote_paths::{BuildPrice, PriceStreams, StreamKey};
use cenote_sim::Utilisation;
use cenote_strategy::{ChainId, TokenId};
use cenote_units::Lanes;

use crate::spec::venue_world::{WORLD, accepted, refused, table};
use crate::{PoolLane, Study};

const KEYS: &[&str] = &[
    "kind = \"aave-v3\"",
    "chain = \"base\"",
    "token = \"USDC\"",
    "utilisation = \"80%\"",
    "rates = { base = \"0%\", slope1 = \"4%\", slope2 = \"60%\", optimal = \"90%\" }",
    "reserve_factor = \"10%\"",
];

fn market(change: &str) -> String {
    table("[lending.usdc]", KEYS, change)
}

#[test]
fn a_market_becomes_a_setup() {
    let study = accepted(&market("collateral = { ltv = \"75%\", threshold = \"80%\", bonus = \"5%\" }"));
    let setup = &study.scenario(PoolLane::Fast, false).unwrap().lending[0];
    assert_eq!((setup.chain, setup.token), (ChainId(1), TokenId(2)));
    assert_eq!((setup.model.supplied(), setup.model.utilisation(), setup.model.reserve_factor()), (1e9, 0.8, 0.1));
    assert!((setup.model.rates().supply_rate(0.8, 0.1) - 0.04 * 0.8 / 0.9 * 0.8 * 0.9).abs() < 1e-15);
    assert_eq!((setup.collateral.ltv_bp(), setup.collateral.liquidation_threshold_bp()), (7_500, 8_000));
    assert_eq!(setup.collateral.liquidation_bonus_bp(), 10_500);
    assert!(matches!(setup.utilisation, Utilisation::Constant));
    let study = accepted(&market("supplied = \"5_000_000 USDC\""));
    let setup = &study.scenario(PoolLane::Fast, false).unwrap().lending[0];
    assert_eq!((setup.model.supplied(), setup.collateral.ltv_bp()), (5e6, 0));
}

#[test]
fn what_drives_utilisation() {
    let driver = |utilisation: &str| {
        let study = accepted(&market(&format!("utilisation = {utilisation}")));
        let setup = study.scenario(PoolLane::Fast, false).unwrap().lending.remove(0);
        (setup.utilisation, setup.model.utilisation())
    };
    let ou = |initial: &str| {
        let (utilisation, start) =
            driver(&format!("{{ process = \"ou\", mean = \"80%\", half_life = \"7d\", volatility = \"20%\"{initial} }}"));
        let Utilisation::Logit(model) = utilisation else { panic!("{utilisation:?}") };
        let mut process = BuildPrice::<1>::build(&*model, &PriceStreams::from(StreamKey::new(1, "x")));
        let mut level: Lanes<1> = Lanes::ZERO;
        process.start([0], &mut level);
        (level[0], start)
    };
    // Where it begins: ln(0.8/0.2), ln(0.5/0.5).
    let (level, start) = ou("");
    assert!((level - 4.0_f64.ln()).abs() < 1e-15 && start == 0.8);
    assert_eq!(ou(", initial = \"50%\""), (0.0, 0.5));
    let (utilisation, start) = driver("{ borrowers = { willing = \"5%\", response = \"7d\" }, initial = \"70%\" }");
    assert!(matches!(utilisation, Utilisation::Borrowers(_)) && start == 0.7);
    let (utilisation, start) = driver("{ initial = \"70%\" }");
    assert!(matches!(utilisation, Utilisation::Free) && start == 0.7);
}

#[test]
fn recorded_rates() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<String> = (0..=11).map(|day| format!("2023-08-{:02} 00:00:00,0.0{day:02},0.1\n", day + 1)).collect();
    let rows = rows.concat();
    std::fs::write(folder.path().join("aave.csv"), format!("block_timestamp,liquidity_rate,variable_borrow_rate\n{rows}")).unwrap();
    let study = |horizon: &str, history: &str| {
        let tables = market(&format!("utilisation = {{ history = {{ {history} }} }}"));
        let tables = tables.replace("rates = { base = \"0%\", slope1 = \"4%\", slope2 = \"60%\", optimal = \"90%\" }\n", "");
        let text = format!("{WORLD}{tables}").replace("\"10d\"", horizon);
        Study::parse(&text, &folder.path().join("study.toml").to_string_lossy(), &[])
    };
    let recorded = study("\"10d\"", "file = \"aave.csv\"").unwrap();
    let setup = &recorded.scenario(PoolLane::Fast, false).unwrap().lending[0];
    let Utilisation::Recorded(history) = &setup.utilisation else { panic!("{:?}", setup.utilisation) };
    let day = 86_400_000_000_000;
    assert_eq!(history.span(), (0, 11 * day));
    let rates = history.at(5 * day).unwrap();
    assert_eq!((rates.supply, rates.borrow), (0.005, 0.1));
    let wrong = |horizon: &str, history: &str, key: &str, message: &str| {
        let text = study(horizon, history).expect_err(history).to_string();
        for part in [message, &format!("= key: lending.usdc.utilisation.history.{key}\n"), "= expected: ", "= example: "] {
            assert!(text.contains(part), "{part:?} is missing:\n{text}");
        }
    };
    wrong("\"12d\"", "file = \"aave.csv\"", "file", "it covers 11d, less than the 12d");
    wrong("\"10d\"", "file = \"none.csv\"", "file", "cannot read");
    wrong("\"10d\"", "file = \"aave.csv\", supply_rate = \"rate\"", "supply_rate", "there is no rate column");
    wrong("\"10d\"", "file = \"aave.csv\", borrow_rate = \"rate\"", "borrow_rate", "there is no rate column");
    wrong("\"10d\"", "file = \"aave.csv\", time = \"when\"", "time", "there is no when column");
    wrong("\"10d\"", "file = \"aave.csv\", supply_rate = \"block_timestamp\"", "file", "line 2");
    wrong("\"10d\"", "file = \"aave.csv\", supplyrate = \"x\"", "supplyrate", "did you mean `supply_rate`?");
}

/// Minute files of Aave v3 on Polygon, where they are.
#[test]
fn recorded_files_of_aave() {
    let Ok(shared) = std::env::var("CENOTE_SHARED") else {
        eprintln!("CENOTE_SHARED is not set: recorded rates of Aave are not read");
        return;
    };
    let file = format!("{shared}/data/polygon-aave-v3-usdc-2023-08-14.minute.csv");
    let tables = market(&format!("utilisation = {{ history = {{ file = {file:?} }} }}"));
    let text = format!("{WORLD}{tables}").replace("\"10d\"", "\"23h\"");
    let study = Study::parse(&text, "study.toml", &[]).unwrap_or_else(|error| panic!("{error}"));
    let setup = &study.scenario(PoolLane::Fast, false).unwrap().lending[0];
    let Utilisation::Recorded(history) = &setup.utilisation else { panic!("{:?}", setup.utilisation) };
    let first = history.at(0).unwrap();
    assert!((first.supply - 0.048_602_666_889_132_3).abs() < 1e-15 && (first.borrow - 0.060_159_494_125_793_76).abs() < 1e-15);
}

#[test]
fn wrong_markets() {
    let at = |key: &str| format!("lending.usdc.{key}");
    refused(&market("kind = \"aave\""), "2:8", &at("kind"), "did you mean `aave-v3`?");
    refused(&market("chain = \"bace\""), "3:9", &at("chain"), "did you mean `base`?");
    refused(&market("token = \"USDT\""), "4:9", &at("token"), "there is no token `USDT`");
    refused(&market("token = \"POINTS\""), "4:9", &at("token"), "POINTS has no price, but it is lent");
    refused(&market("supplied = \"1_000 ETH\""), "8:12", &at("supplied"), "ETH supplied to a market of USDC");
    refused(&market("supplied = \"0 USDC\""), "8:12", &at("supplied"), "others' supply of zero");
    refused(&market("reserve_factor = \"110%\""), "7:18", &at("reserve_factor"), "a reserve factor of 110%");
    refused(&market("").replace(KEYS[4], ""), "1:1", &at("rates"), "missing key `rates`");
    let rates = |change: &str| {
        let keys = ["base = \"0%\"", "slope1 = \"4%\"", "slope2 = \"60%\"", "optimal = \"90%\""];
        let changed = keys.map(|key| if key.split(' ').next() == change.split(' ').next() { change } else { key });
        market(&format!("rates = {{ {} }}", changed.join(", ")))
    };
    for optimal in ["0%", "100%", "120%", "-5%"] {
        let text = rates(&format!("optimal = \"{optimal}\""));
        refused(&text, "6:65", &at("rates.optimal"), &format!("an optimal utilisation of {optimal}"));
    }
    refused(&rates("base = \"-1%\""), "6:18", &at("rates.base"), "base is -0.01");
    refused(&rates("slope2 = \"200000%\""), "6:48", &at("rates.slope2"), "slope2 is 2000");
    let collateral = |ltv: &str, threshold: &str, bonus: &str| {
        market(&format!("collateral = {{ ltv = \"{ltv}\", threshold = \"{threshold}\", bonus = \"{bonus}\" }}"))
    };
    refused(&collateral("85%", "80%", "5%"), "8:22", &at("collateral.ltv"), "no market takes");
    refused(&collateral("0%", "0%", "5%"), "8:40", &at("collateral.threshold"), "no market takes");
    refused(&collateral("75%", "98%", "5%"), "8:56", &at("collateral.bonus"), "no market takes");
    refused(&collateral("75.001%", "80%", "5%"), "8:22", &at("collateral.ltv"), "no whole number of basis points");
    refused(&collateral("75%", "101%", "5%"), "8:41", &at("collateral.threshold"), "no whole number of basis points");
}

#[test]
fn wrong_utilisations() {
    let refused = |utilisation: &str, place: &str, key: &str, message: &str| {
        refused(&market(&format!("utilisation = {utilisation}")), place, &format!("lending.usdc.utilisation{key}"), message);
    };
    refused("\"101%\"", "5:15", "", "a utilisation of 101%");
    refused("0.8", "5:15", "", "\"0.8\" has no unit");
    let ou = |mean: &str, half_life: &str| {
        format!("{{ process = \"ou\", mean = \"{mean}\", half_life = \"{half_life}\", volatility = \"20%\" }}")
    };
    refused(&ou("100%", "7d"), "5:40", ".mean", "never becomes another one");
    refused(&ou("0%", "7d"), "5:40", ".mean", "never becomes another one");
    refused(&ou("80%", "0d"), "5:59", ".half_life", "a half-life of nothing");
    refused("{ process = \"gbm\" }", "5:27", ".process", "unknown process of a utilisation \"gbm\"");
    refused("{ process = \"ou\", mean = \"80%\", half_live = \"7d\" }", "5:47", ".half_live", "did you mean `half_life`?");
    refused("{ start = \"80%\" }", "5:17", ".start", "one of process, borrowers, history, initial");
    refused(
        "{ borrowers = { willing = \"0%\", response = \"7d\" }, initial = \"80%\" }",
        "5:41",
        ".borrowers.willing",
        "never come to rest",
    );
    refused(
        "{ borrowers = { willing = \"5%\", response = \"0d\" }, initial = \"80%\" }",
        "5:58",
        ".borrowers.response",
        "never come to rest",
    );
    refused(
        "{ borrowers = { willing = \"5%\", response = \"7d\" }, initial = \"0%\" }",
        "5:76",
        ".initial",
        "never becomes another one",
    );
    refused("{ borrowers = { willing = \"5%\", response = \"7d\" } }", "5:15", ".initial", "missing key `initial`");
}
