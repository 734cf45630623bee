//! `cenote run`: tables, files, and the same numbers however it is run.

use std::io::Read;

use serde_json::Value;

use crate::{Folder, builtin};

/// Everything but what a clock says.
fn untimed(json: &str) -> Value {
    let mut json: Value = serde_json::from_str(json).unwrap();
    json["elapsed_seconds"] = Value::Null;
    json
}

#[test]
fn the_builtin_study_runs_without_a_file() {
    let out = Folder::new().cenote("run --paths 64").ok();
    for text in [
        "A year in an ETH/USDC pool\n",
        "64 paths of 365d, 8,760 blocks each, seed 42: ",
        "│ position   │",
        "net return",
        "P(beats hold)",
        "Where it comes from: mean over all paths, in USDC\n",
        "= result",
        "blocks with arbitrage",
        "full range beats holding in ",
        "cenote new",
    ] {
        assert!(out.contains(text), "{text:?} is missing in\n{out}");
    }
    assert!(!out.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn the_row_of_a_result_adds_up() {
    let out = Folder::new().cenote("run --paths 100").ok();
    let table = out.split("Where it comes from").nth(1).unwrap().split("Pools").next().unwrap();
    let rows: Vec<Vec<f64>> = table
        .lines()
        .filter(|line| line.starts_with("│ full") || line.starts_with("│ hold"))
        .map(|line| line.split('│').filter_map(|cell| cell.trim().replace([',', '+'], "").parse().ok()).collect())
        .collect();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let (result, terms) = row.split_last().unwrap();
        assert!(terms.len() >= 3, "{out}");
        assert!((terms.iter().sum::<f64>() - result).abs() < 1e-9, "{out}");
    }
}

#[test]
fn json_on_standard_output_is_all_there_is() {
    let out = Folder::new().cenote("run --paths 64 --seed 7 --json -").ok();
    let json: Value = serde_json::from_str(&out).unwrap();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["cenote", "study", "seed", "paths", "elapsed_seconds", "blocks", "positions", "pools"]);
    assert_eq!((&json["seed"], &json["paths"], &json["blocks"]), (&7.into(), &64.into(), &(64 * 8760).into()));
    assert_eq!(json["study"]["study"]["seed"], 7);
    let metric = &json["positions"]["full range"]["net_return"];
    for key in ["mean", "standard_error", "standard_deviation", "min", "max"] {
        assert!(metric[key].is_number(), "{key}");
    }
    for key in ["value", "low", "high"] {
        assert!(metric["quantiles"]["0.05"][key].is_number(), "{key}");
    }
    for key in ["value", "standard_error"] {
        assert!(metric["expected_shortfall"]["0.05"][key].is_number(), "{key}");
    }
    for table in ["probability_negative", "probability_positive"] {
        assert!(metric[table]["mean"].is_number() && metric[table]["standard_error"].is_number(), "{table}");
    }
    assert!(json["pools"]["main"]["arbitrage_trade_rate"]["mean"].is_number());
}

#[test]
fn quiet_says_nothing_and_writes_files() {
    let folder = Folder::new();
    let out = folder.cenote("run --paths 70 --set study.horizon=5d --quiet --json result.json --csv paths.csv").ok();
    assert_eq!(out, "");
    assert_eq!(folder.names(), ["paths.csv", "result.json"]);
    let json: Value = serde_json::from_str(&folder.read("result.json")).unwrap();
    assert_eq!(json["paths"], 70);
    let csv = folder.read("paths.csv");
    assert_eq!(csv.lines().count(), 71);
    assert!(csv.starts_with("path,positions.full range.deposit_value,"));
}

#[test]
fn csv_on_standard_output_is_all_there_is() {
    let out = Folder::new().cenote("run --paths 3 --set study.horizon=5d --csv -").ok();
    assert_eq!(out.lines().count(), 4);
    assert!(out.starts_with("path,"));
}

#[test]
fn threads_and_audit_change_no_number() {
    let folder = Folder::new();
    let short = "run --paths 200 --set study.horizon=10d --json -";
    let expected = untimed(&folder.cenote(short).ok());
    for more in ["--threads 1", "--threads 3", "--threads 0", "--audit", "--set study.paths=9 --seed 42"] {
        assert_eq!(untimed(&folder.cenote(&format!("{short} {more}")).ok()), expected, "{more}");
    }
    assert_ne!(untimed(&folder.cenote(&format!("{short} --seed 43")).ok()), expected);
}

#[test]
fn an_older_file_is_replaced_as_a_whole() {
    let folder = Folder::new();
    folder.write("result.json", &"x".repeat(1_000_000));
    folder.cenote("run --paths 2 --set study.horizon=2h --quiet --json result.json").ok();
    untimed(&folder.read("result.json"));
}

#[test]
fn what_is_not_computed_is_not_shown_and_what_is_asked_for_is() {
    let folder = Folder::new();
    let run = |metrics: &str| {
        let metrics = format!("study.metrics={metrics}");
        folder.cenote_with(&["run", "--paths", "64", "--set", "study.horizon=5d", "--set", &metrics]).ok()
    };
    let out = run(r#"["max_drawdown", "volume_rate"]"#);
    assert!(out.contains("max_drawdown") && out.contains("volume"), "{out}");
    assert!(!out.contains("net return") && !out.contains("LVR") && !out.contains("beats holding"), "{out}");
    let out = run(r#"["net_return"]"#);
    assert!(out.contains("net return") && !out.contains("Pools") && !out.contains("P(beats hold)"), "{out}");
}

#[test]
fn studies_of_one_path_of_one_block_and_of_no_pool_are_shown() {
    let folder = Folder::new();
    let out = folder.cenote("run --paths 1 --set study.horizon=1h").ok();
    assert!(out.contains("1 paths") || out.contains("1 path"), "{out}");
    assert!(!out.contains("NaN") && !out.contains("inf"), "{out}");

    let study = builtin();
    let start = study.find("# A constant-product pool").unwrap();
    let hold = study.rfind("[[positions]]").unwrap();
    folder.write("hold.toml", &format!("{}{}", &study[..start], &study[hold..]));
    let out = folder.cenote("run hold.toml --paths 64").ok();
    assert!(out.contains("│ hold"), "{out}");
    assert!(!out.contains("Pools"), "{out}");
}

#[test]
fn a_reader_who_stops_reading_is_no_error() {
    let folder = Folder::new();
    for args in [&["run", "--paths", "200", "--csv", "-"][..], &["run", "--paths", "64"], &["new", "-"]] {
        let mut child = folder.command(args).spawn().unwrap();
        // Closed before anything is read.
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_study_comes_from_standard_input_too() {
    use std::io::Write;
    use std::process::Stdio;
    let folder = Folder::new();
    let mut child = folder.command(&["run", "-", "--paths", "2", "--quiet", "--json", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(builtin().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(untimed(&String::from_utf8(output.stdout).unwrap())["paths"], 2);
}

#[test]
fn a_sampled_study_says_what_it_saved_and_what_it_hurt() {
    let folder = Folder::new();
    let run = |settings: &str| {
        folder.cenote_with(&[&["run", "--paths", "2048"][..], &settings.split(' ').collect::<Vec<_>>()].concat()).ok()
    };
    let out = run("--set study.sampling=\"antithetic\"");
    for text in [
        "Sampling: 1,024 antithetic pairs; variance",
        "│ full range │ net_return ",
        "saves",
        "Sampling hurts where plain Monte Carlo",
    ] {
        assert!(out.contains(text), "{text:?} is missing in\n{out}");
    }
    let out = run("--set study.control_variates=[\"ETH\"] --set study.horizon=10d");
    assert!(out.contains("Sampling: control variates ETH; variance"), "{out}");
    let out = run("--set study.sampling=\"sobol\" --set study.horizon=10d");
    assert!(out.contains("Sampling: 16 sobol sets of 128 paths; variance"), "{out}");
    assert!(!run("--set study.horizon=1d").contains("Sampling"));
    let error = folder.cenote("run --paths 2047 --set study.sampling=\"antithetic\"").failed(1);
    assert!(error.contains("antithetic paths come in pairs") && error.contains("paths = 2048"), "{error}");
}
