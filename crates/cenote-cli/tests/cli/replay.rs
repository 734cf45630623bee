//! `cenote replay`: one path with its events, and how far floats are from integers.

use serde_json::Value;

use crate::Folder;

/// The numbers of a line of events, as they are written: a JSON reader may round.
fn numbers(result: &str) -> Vec<f64> {
    let metrics = result.split_once("\"metrics\":").unwrap().1;
    let texts = metrics.split("\":").filter(|text| text.starts_with(|c: char| c == '-' || c.is_ascii_digit()));
    texts.map(|text| text.split([',', '}']).next().unwrap().parse().unwrap()).collect()
}

fn lines(events: &str) -> Vec<Value> {
    events.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_path_replayed_has_the_bits_of_the_run() {
    let folder = Folder::new();
    folder.cenote("run --paths 130 --set study.horizon=20d --csv paths.csv --quiet").ok();
    let csv = folder.read("paths.csv");
    for path in [0, 63, 77, 129] {
        folder.cenote(&format!("replay --path {path} --set study.horizon=20d --events events.jsonl")).ok();
        let events = folder.read("events.jsonl");
        let row = csv.lines().nth(path + 1).unwrap();
        let expected: Vec<f64> = row.split(',').skip(1).map(|field| field.parse().unwrap()).collect();
        let found = numbers(events.lines().last().unwrap());
        assert!(expected.len() > 50);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.to_bits(), expected.to_bits(), "path {path}: {found} and {expected}");
        }
    }
}

#[test]
fn events_are_complete_and_in_order() {
    let folder = Folder::new();
    let out = folder.cenote("replay --path 5 --seed 9 --set study.horizon=2d --events events.jsonl").ok();
    assert!(out.contains("Path 5, seed 9") && out.contains("net_return") && out.contains("Events in events.jsonl"), "{out}");
    assert_eq!(folder.names(), ["events.jsonl"]);
    let lines = lines(&folder.read("events.jsonl"));
    let (header, rest) = lines.split_first().unwrap();
    let (result, events) = rest.split_last().unwrap();

    assert_eq!((&header["type"], &header["lane"], &header["path"]), (&"header".into(), &"fast".into(), &5.into()));
    assert_eq!((&header["seed"], &header["cenote"]), (&9.into(), &env!("CARGO_PKG_VERSION").into()));
    assert_eq!(header["study"], "A year in an ETH/USDC pool");
    assert_eq!(header["pools"][0]["name"], "main");
    assert_eq!(header["positions"][1], "hold");
    assert_eq!(header["tokens"][1]["decimals"], 6);

    let of = |kind: &str| events.iter().filter(|event| event["type"] == kind).collect::<Vec<_>>();
    assert_eq!((of("price").len(), of("mark").len(), of("mint").len()), (48, 2 * 48, 1));
    let swaps = of("swap");
    let arbitrage = swaps.iter().filter(|swap| swap["actor"] == "arbitrageur@main").count();
    let metrics = &result["metrics"]["pools"]["main"];
    assert_eq!((swaps.len(), arbitrage), (count(&metrics["trades"]), count(&metrics["arbitrage_trades"])));
    assert!(swaps.iter().all(|swap| swap["pool"] == "main" && swap["actor_type"] == "agent"));
    let fees: f64 = swaps.iter().filter(|swap| swap["token_in"] == "USDC").map(|swap| swap["fee"].as_f64().unwrap()).sum();
    assert!(0.0 < fees && fees < metrics["fees"].as_f64().unwrap());

    let key = |event: &Value| ["time_ns", "rank", "seq"].map(|part| event[part].as_u64().unwrap());
    assert!(events.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
    assert_eq!(result["type"], "result");
    assert!(result["metrics"]["positions"]["full range"]["net_return"].is_number());
}

fn count(number: &Value) -> usize {
    number.to_string().trim_end_matches(".0").parse().unwrap()
}

#[test]
fn the_fast_lane_is_next_to_the_exact_one() {
    let folder = Folder::new();
    let net_return = |lane: &str| {
        let out = folder.cenote(&format!("replay --path 3 --lane {lane} --set study.horizon=5d --events {lane}.jsonl")).ok();
        let lines = lines(&folder.read(&format!("{lane}.jsonl")));
        assert_eq!(lines[0]["lane"], lane);
        (out, lines.last().unwrap()["metrics"]["positions"]["full range"]["net_return"].as_f64().unwrap())
    };
    let ((plain, fast), (compared, exact)) = (net_return("fast"), net_return("exact"));
    assert!((fast - exact).abs() <= 1e-6 * exact.abs(), "{fast} and {exact}");
    assert_ne!(fast, exact, "integers round");
    assert!(!plain.contains("exact"));
    assert!(compared.contains("relative difference") && compared.contains("The fast lane is off by at most "), "{compared}");
}

#[test]
fn a_path_that_is_not_there_is_refused() {
    let folder = Folder::new();
    let error = folder.cenote("replay --path 10000").failed(1);
    assert!(error.contains("there is no path 10000") && error.contains("study.paths=10001"), "{error}");
    let error = folder.cenote("replay --path 0 --events no/such/events.jsonl").failed(1);
    assert!(error.contains("cannot write no/such/events.jsonl"), "{error}");
    folder.cenote("replay").failed(2);
    assert_eq!(folder.names(), [""; 0]);
}
