//! Every form of arrivals and sizes: read, printed, built, refused.

use super::*;

const STUDY: &str = r#"schema = 1

[study]
horizon   = "2d"
numeraire = "USDC"

[chains.ethereum]
block_time = "1h"
native     = "ETH"

[tokens]
ETH  = { decimals = 18, price = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" } }
USDC = { decimals = 6 }

[pools.main]
kind   = "uniswap-v2"
chain  = "ethereum"
tokens = ["ETH", "USDC"]
tvl    = "10_000_000 USDC"

[[agents]]
kind     = "noise-traders"
pools    = ["main"]
arrivals = ARRIVALS
size     = SIZE
"#;
const RATE: &str = "\"150 per day\"";
const SIZE: &str = "\"500 USDC\"";

fn parse(arrivals: &str, size: &str, file: &str) -> Result<Study, StudyError> {
    Study::parse(&STUDY.replace("ARRIVALS", arrivals).replace("SIZE", size), file, &[])
}

fn traders(study: &Study) -> &NoiseTradersSpec {
    let AgentKind::NoiseTraders(traders) = &study.spec().agents[0].kind else { panic!("{:?}", study.spec().agents) };
    traders
}

#[test]
fn every_form_of_arrivals_is_read_and_printed() {
    let rate = "150 per day".parse().unwrap();
    let profile = ProfileSpec { rate, profile: vec![1.0, 2.5, 0.0], period: "1d".parse().unwrap() };
    let week = ProfileSpec { period: "7d".parse().unwrap(), ..profile.clone() };
    let hawkes = HawkesSpec { rate, branching: "60%".parse().unwrap(), half_life: "10min".parse().unwrap() };
    for (text, expected) in [
        (RATE, ArrivalsSpec::Poisson(rate)),
        ("{ rate = \"150 per day\" }", ArrivalsSpec::Poisson(rate)),
        ("{ process = \"poisson\", rate = \"150 per day\" }", ArrivalsSpec::Poisson(rate)),
        ("{ rate = \"150 per day\", profile = [1, 2.5, 0] }", ArrivalsSpec::Profile(profile)),
        ("{ rate = \"150 per day\", profile = [1, 2.5, 0], period = \"7d\" }", ArrivalsSpec::Profile(week)),
        (
            "{ process = \"hawkes\", rate = \"150 per day\", branching = \"60%\", half_life = \"10min\" }",
            ArrivalsSpec::Hawkes(hawkes),
        ),
    ] {
        let study = parse(text, SIZE, "a.toml").unwrap();
        assert_eq!(traders(&study).arrivals.as_ref(), Some(&expected));
        let again = Study::parse(&study.to_toml().unwrap(), "b.toml", &[]).unwrap();
        assert_eq!(again.to_json().unwrap(), study.to_json().unwrap());
        assert_eq!(traders(&again).arrivals, Some(expected));
        study.scenario(PoolLane::Fast, true).unwrap();
    }
}

#[test]
fn every_form_of_size_is_read_and_printed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trades.csv"), "when,amount\n1,10\n2,0\n3,2000\n").unwrap();
    let file = folder.path().join("a.toml");
    let amount = |text: &str| text.parse().unwrap();
    for (text, expected) in [
        (SIZE, SizeSpec::Constant(amount("500 USDC"))),
        (
            "{ distribution = \"lognormal\", median = \"1 ETH\", sigma = 1.2 }",
            SizeSpec::Lognormal { median: amount("1 ETH"), sigma: 1.2 },
        ),
        (
            "{ distribution = \"pareto\", minimum = \"200 USDC\", tail = 2.5 }",
            SizeSpec::Pareto { minimum: amount("200 USDC"), tail: 2.5 },
        ),
        (
            "{ distribution = \"empirical\", file = \"trades.csv\", column = \"amount\", unit = \"0.5 USDC\" }",
            SizeSpec::Empirical { file: "trades.csv".into(), column: "amount".into(), unit: amount("0.5 USDC") },
        ),
    ] {
        let study = parse(RATE, text, &file.to_string_lossy()).unwrap();
        assert_eq!(traders(&study).size, Some(expected));
        let again = Study::parse(&study.to_toml().unwrap(), &file.to_string_lossy(), &[]).unwrap();
        assert_eq!(again.to_json().unwrap(), study.to_json().unwrap());
        study.scenario(PoolLane::Fast, true).unwrap();
    }
}

#[test]
fn what_cannot_be_says_where_and_what() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trades.csv"), "when,amount\n1,10\n2,-5\n").unwrap();
    std::fs::write(folder.path().join("none.csv"), "when,amount\n1,0\n").unwrap();
    let file = folder.path().join("a.toml");
    let size = |text: &'static str| (RATE, text);
    let arrivals = |text: &'static str| (text, SIZE);
    for ((arrivals, size), says) in [
        (arrivals("150"), &["\"150\" has no unit", "a.toml:24:12", "arrivals = \"150 per day\""][..]),
        (
            arrivals("{ rate = \"1 per day\", profile = [] }"),
            &["profile must be from 1 to 100,000 weights", "agents[0].arrivals.profile"],
        ),
        (arrivals("{ rate = \"1 per day\", profile = [1, -1] }"), &["profile must be weights from 0", "-1", "a.toml:24:44"]),
        (arrivals("{ rate = \"1 per day\", profile = [0, 0] }"), &["at least one weight above zero"]),
        (arrivals("{ rate = \"1 per day\", period = \"1d\" }"), &["a period without a profile", "a.toml:24:34"]),
        (arrivals("{ rate = \"1 per day\", profile = [1], period = \"0s\" }"), &["longer than 0s", "arrivals.period"]),
        (arrivals("{ process = \"hawkes\", rate = \"1 per day\", half_life = \"1h\" }"), &["missing key `branching`"]),
        (
            arrivals("{ process = \"hawkes\", rate = \"1 per day\", branching = \"100%\", half_life = \"1h\" }"),
            &["branching must be from 0% to less than 100%", "arrivals.branching", "branching = \"60%\""],
        ),
        (arrivals("{ process = \"hawks\", rate = \"1 per day\" }"), &["did you mean `hawkes`?"]),
        (arrivals("{ process = \"hawkes\", rate = \"1 per day\", profile = [1] }"), &["unknown key `profile`"]),
        (size("500"), &["\"500\"", "a.toml:25:12", "agents[0].size"]),
        (size("\"500 BTC\""), &["there is no token `BTC`"]),
        (size("\"0 USDC\""), &["size of zero"]),
        (
            size("{ distribution = \"pareto\", minimum = \"1 USDC\", tail = 1 }"),
            &["a tail that cannot be", "size.tail", "found: 1", "tail = 2.5"],
        ),
        (size("{ distribution = \"lognormal\", median = \"1 USDC\", sigma = 21 }"), &["a spread of sizes that cannot be"]),
        (
            size("{ distribution = \"empirical\", file = \"no.csv\", column = \"amount\", unit = \"1 USDC\" }"),
            &["cannot read", "no.csv", "size.file"],
        ),
        (
            size("{ distribution = \"empirical\", file = \"trades.csv\", column = \"size\", unit = \"1 USDC\" }"),
            &["there is no size column", "size.column", "found: \"size\""],
        ),
        (
            size("{ distribution = \"empirical\", file = \"trades.csv\", column = \"amount\", unit = \"1 USDC\" }"),
            &["line 3: \"-5\" in column \"amount\""],
        ),
        (
            size("{ distribution = \"empirical\", file = \"none.csv\", column = \"amount\", unit = \"1 USDC\" }"),
            &["above zero, at least one of them"],
        ),
        (size("{ distribution = \"empirical\", file = \"trades.csv\", column = \"amount\" }"), &["missing key `unit`"]),
    ] {
        let message = parse(arrivals, size, &file.to_string_lossy()).expect_err(size).to_string();
        for part in says.iter().chain(&["--> ", "= expected: ", "= example: "]) {
            assert!(message.contains(part), "{part:?} is missing:\n{message}");
        }
    }
}
