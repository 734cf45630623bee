//! Every way to get a risk wrong, what is said about it, and what becomes of one that is right.

use cenote_sim::{Column, RiskKind, RiskMetric, RiskSource, RiskTarget};
use cenote_strategy::{FarmId, LendingId, PoolId, TokenId};

use crate::PoolLane;
use crate::spec::venue_world::{accepted, refused};

const VENUES: &str = r#"[farms.main]
kind = "masterchef"
stake = "v2"
reward = "CAKE"
emission = { rate = "4_000 CAKE per day" }
staked = "60%"
[lending.usdc]
kind = "aave-v3"
chain = "bsc"
token = "USDC"
utilisation = "80%"
rates = { base = "0%", slope1 = "4%", slope2 = "60%", optimal = "90%" }
[risks.it]
"#;

fn risk(keys: &str) -> String {
    format!("{VENUES}{keys}\n")
}

#[test]
fn risks_become_setups() {
    let setup = |keys: &str| accepted(&risk(keys)).scenario(PoolLane::Fast, false).unwrap().risks.remove(0);
    let one = setup("target = \"farms.main\"\nrate = \"2% per year\"");
    assert_eq!((one.rate, one.contagion, &*one.targets), (0.02, 0.0, &[RiskTarget::Farm(FarmId(0))][..]));
    assert_eq!(one.kind, RiskKind::Exploit { severity: 1.0, recovered: 0.0 });
    let many = "targets = [\"pools.v2\", \"lending.usdc\", \"farms.main\"]\nrate = \"3 per year\"\ncontagion = \"20%\"\n\
                loss_severity = \"40%\"\nrecovered = \"25%\"";
    let many = setup(many);
    let targets = [RiskTarget::Pool(PoolId(0)), RiskTarget::Lending(LendingId(0)), RiskTarget::Farm(FarmId(0))];
    assert_eq!((many.rate, many.contagion, &*many.targets), (3.0, 0.2, &targets[..]));
    assert_eq!(many.kind, RiskKind::Exploit { severity: 0.4, recovered: 0.25 });
    let kind = |kind: &str, target: &str, keys: &str| {
        setup(&format!("kind = \"{kind}\"\ntarget = \"{target}\"\nrate = \"10% per year\"\n{keys}")).kind
    };
    assert_eq!(kind("rug-pull", "pools.cake", ""), RiskKind::RugPull { severity: 1.0, token: TokenId(1) });
    assert_eq!(kind("rug-pull", "pools.v2", "token = \"ETH\""), RiskKind::RugPull { severity: 1.0, token: TokenId(0) });
    let month = Some("30d".parse().unwrap());
    let depeg = kind("depeg", "tokens.ETH", "loss_severity = \"60%\"\nrecovery = \"30d\"");
    assert_eq!(depeg, RiskKind::Depeg { severity: 0.6, recovery: month });
    assert_eq!(kind("halt", "farms.main", "duration = \"30d\""), RiskKind::Halt { duration: month });
    assert_eq!(kind("freeze", "lending.usdc", ""), RiskKind::Freeze { duration: None });
    assert_eq!(kind("oracle-failure", "lending.usdc", ""), RiskKind::OracleFailure { duration: None });
    let oracle = kind("oracle-manipulation", "lending.usdc", "loss_severity = \"30%\"");
    assert_eq!(oracle, RiskKind::OracleManipulation { severity: 0.3 });
}

/// What a result says of each kind, in its names and in the simulator's columns.
#[test]
fn results_say_what_there_is_to_say() {
    let said = |kind: &str, target: &str, keys: &str| {
        let text = format!("kind = \"{kind}\"\ntarget = \"{target}\"\nrate = \"10% per year\"\n{keys}");
        let study = accepted(&risk(&text));
        let scenario = study.scenario(PoolLane::Fast, false).unwrap();
        let columns = scenario.columns().filter_map(|column| match column {
            Column::Risk(_, RiskSource::Risk(0), metric) => Some(metric),
            _ => None,
        });
        let columns: Vec<RiskMetric> = columns.collect();
        let named: Vec<RiskMetric> = study
            .spec()
            .risk_sources()
            .flat_map(|(name, metrics)| {
                assert_eq!(name, "it");
                metrics
            })
            .collect();
        assert_eq!(columns, named.repeat(scenario.positions.len()), "{kind}");
        named
    };
    let (all, besides) = (RiskMetric::ALL, [RiskMetric::HitBy, RiskMetric::CostOf]);
    assert_eq!(said("exploit", "farms.main", ""), all[..3]);
    assert_eq!(said("rug-pull", "pools.cake", ""), all);
    assert_eq!(said("depeg", "tokens.ETH", "loss_severity = \"60%\""), besides);
    assert_eq!(said("halt", "farms.main", ""), besides);
    assert_eq!(said("freeze", "lending.usdc", ""), [RiskMetric::HitBy]);
    assert_eq!(said("oracle-failure", "lending.usdc", ""), besides);
    assert_eq!(said("oracle-manipulation", "lending.usdc", "loss_severity = \"30%\""), besides);
}

#[test]
fn wrong_risks() {
    let refused = |keys: &str, place: &str, key: &str, message: &str| {
        let line: i64 = place.split_once(':').unwrap().0.parse().unwrap();
        let place = format!("{}:{}", line + 13, place.split_once(':').unwrap().1);
        refused(&risk(keys), &place, &format!("risks.it.{key}"), message);
    };
    let farm = |keys: &str| format!("target = \"farms.main\"\nrate = \"2% per year\"\n{keys}");
    refused(&farm("loss_severity = \"110%\""), "3:17", "loss_severity", "a loss severity of 110%");
    refused(&farm("recovered = \"-1%\""), "3:13", "recovered", "a recovery of -1%");
    refused(&farm("contagion = \"150%\""), "3:13", "contagion", "a contagion of 150%");
    refused(&farm("kind = \"exploid\""), "3:8", "kind", "did you mean `exploit`?");
    refused(&farm("recovery = \"3d\""), "3:1", "recovery", "did you mean `recovered`?");
    refused("target = \"farms.mian\"\nrate = \"2% per year\"", "1:10", "target", "did you mean `farms.main`?");
    refused(
        "target = \"farms.mian\"\nrate = \"2% per year\"",
        "1:10",
        "target",
        "there is no farm, pool or lending market `farms.mian`",
    );
    refused("target = \"tokens.ETH\"\nrate = \"2% per year\"", "1:10", "target", "there is no farm, pool or lending market");
    refused("targets = []\nrate = \"2% per year\"", "1:11", "targets", "a risk of nothing");
    refused("targets = [\"pools.v2\", \"pools.v4\"]\nrate = \"2% per year\"", "1:24", "targets[1]", "there is no farm");
    refused("target = \"farms.main\"", "0:1", "rate", "missing key `rate`");
    refused("target = \"farms.main\"\nrate = \"300% per year\"", "2:8", "rate", "a hazard of 300% per year");
    refused("target = \"farms.main\"\nrate = \"1% per day\"", "2:8", "rate", "or a number of events: \"3 per year\"");
    refused("target = \"farms.main\"\nrate = \"-1% per year\"", "2:8", "rate", "a hazard of -1% per year");
    refused("target = \"farms.main\"\nrate = 0.02", "2:8", "rate", "has no unit");
    let kind =
        |kind: &str, target: &str, keys: &str| format!("kind = \"{kind}\"\ntarget = \"{target}\"\nrate = \"2% per year\"\n{keys}");
    refused(&kind("depeg", "tokens.USDC", "loss_severity = \"5%\""), "2:10", "target", "what everything is counted in");
    refused(&kind("depeg", "tokens.POINTS", "loss_severity = \"5%\""), "2:10", "target", "POINTS has no price");
    refused(&kind("depeg", "tokens.ETH", ""), "0:1", "loss_severity", "missing key `loss_severity`");
    refused(&kind("depeg", "tokens.ETH", "loss_severity = \"5%\"\nrecovery = \"0d\""), "5:12", "recovery", "over at once");
    refused(&kind("freeze", "farms.main", "duration = \"0d\""), "4:12", "duration", "over at once");
    refused(&kind("rug-pull", "pools.cake", "token = \"ETH\""), "4:9", "token", "no token that pool `cake` can make worthless");
    refused(&kind("rug-pull", "pools.cake", "token = \"USDC\""), "4:9", "token", "can make worthless");
    refused(&kind("rug-pull", "farms.main", ""), "2:10", "target", "there is no pool `farms.main`");
    refused(&kind("halt", "lending.usdc", ""), "2:10", "target", "there is no farm `lending.usdc`");
}
