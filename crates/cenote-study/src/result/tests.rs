use std::fs;

use cenote_paths::PACK;

use super::*;
use crate::metrics::{MetricSelection, PoolMetric, PositionMetric};

const STUDY: &str = r#"
schema = 1
[study]
name = "two positions, one pool"
paths = 70
seed = 7
horizon = "10d"
numeraire = "USDC"
metrics = ["net_return", "fees"]
[chains.ethereum]
block_time = "1h"
native = "ETH"
[tokens]
USDC = { decimals = 6 }
ETH = { decimals = 18, price = { process = "constant", initial = "2000 USDC" } }
[pools.main]
kind = "uniswap-v2"
chain = "ethereum"
tokens = ["ETH", "USDC"]
tvl = "1_000_000 USDC"
[[positions]]
name = "full, range"
strategy = "passive"
pool = "main"
deposit = "10_000 USDC"
[[positions]]
name = "hold"
strategy = "hold"
tokens = ["ETH", "USDC"]
deposit = "10_000 USDC"
"#;

/// Path p of column c holds 100 c + p; lanes without a path hold what nobody may see.
fn raw(paths: usize, metrics: usize) -> RawColumns {
    let mut data = vec![f64::NAN; RawColumns::size(paths, metrics)];
    for path in 0..paths {
        for metric in 0..metrics {
            data[(path / PACK * metrics + metric) * PACK + path % PACK] = crate::convert::count(100 * metric + path);
        }
    }
    RawColumns::new(paths, metrics, data).unwrap()
}

fn result() -> StudyResult {
    let study = Study::parse(STUDY, "two.toml", &[]).unwrap();
    StudyResult::new(&study, raw(70, 5), 16_800, 1.5).unwrap()
}

#[test]
fn columns_come_in_path_order() {
    let raw = raw(130, 3);
    let expected: Vec<f64> = (0..130).map(|path| f64::from(100 + path)).collect();
    assert_eq!(raw.column(1), expected);
    assert_eq!(raw.value(129, 2), Some(329.0));
    assert_eq!((raw.value(130, 0), raw.value(0, 3)), (None, None));
    assert!(raw.column(3).is_empty());
    assert!(matches!(RawColumns::new(130, 3, vec![0.0; 390]), Err(StudyError::ColumnSize { expected: 768, found: 390, .. })));
}

#[test]
fn the_layout_is_positions_then_pools() {
    let result = result();
    let names: Vec<String> = result.layout().keys().iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        [
            "positions.full, range.net_return",
            "positions.full, range.fees",
            "positions.hold.net_return",
            "positions.hold.fees",
            "pools.main.fees"
        ]
    );
    assert_eq!(result.position("hold", "fees").unwrap().min, 300.0);
    assert_eq!(result.pool("main", "fees").unwrap().max, 469.0);
    let error = result.position("hold", "apr").unwrap_err();
    assert_eq!(error.to_string(), "the result has no metric \"apr\", it has net_return, fees");
    let error = result.pool("mian", "fees").unwrap_err();
    assert_eq!(error.to_string(), "the result has no pool \"mian\", it has main");
}

#[test]
fn comparing_pairs_the_paths() {
    let lead = result().compare("hold", "full, range", "net_return").unwrap();
    assert_eq!((lead.difference.mean.mean, lead.difference.mean.standard_error), (200.0, 0.0));
}

#[test]
fn json_has_the_shape_of_the_contract() {
    let json = result().to_json();
    let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["cenote", "study", "seed", "paths", "elapsed_seconds", "blocks", "positions", "pools"]);
    assert_eq!(json["cenote"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&json["seed"], &json["paths"], &json["blocks"]), (&7.into(), &70.into(), &16_800.into()));
    assert_eq!(json["elapsed_seconds"], 1.5);
    assert_eq!(json["study"]["pools"]["main"]["fee"], "30bp");
    let positions: Vec<_> = json["positions"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(positions, ["full, range", "hold"]);
    let metric = &json["positions"]["hold"]["net_return"];
    assert_eq!(metric["mean"], 234.5);
    assert_eq!(metric["quantiles"]["0.5"]["value"], 234.0);
    assert_eq!(metric["probability_positive"]["mean"], 1.0);
    assert!(json["pools"]["main"]["fees"]["expected_shortfall"]["0.05"]["value"].is_number());
}

#[test]
fn every_metric_is_there_unless_a_study_chooses() {
    let study = Study::parse(&STUDY.replace("metrics = [\"net_return\", \"fees\"]\n", ""), "x.toml", &[]);
    let layout = ColumnLayout::of(study.unwrap().spec());
    assert_eq!(layout.len(), 2 * PositionMetric::ALL.len() + PoolMetric::ALL.len());
    assert_eq!(MetricSelection::default(), MetricSelection::all());
}

/// Of every position, behind its own metrics; a bridge that nobody uses has a row like any.
#[test]
fn losses_have_the_names_of_risks_and_bridges() {
    let text = STUDY.replace("metrics = [\"net_return\", \"fees\"]", "metrics = [\"hit_by\", \"lost_to\", \"lost_to_exploit\"]")
        + "[chains.base]\nblock_time = \"2s\"\nnative = \"ETH\"\n\
           [bridges.over]\nfrom = \"ethereum\"\nto = \"base\"\n\
           [risks.theft]\ntarget = \"pools.main\"\nrate = \"5 per year\"\n\
           [risks.halving]\nkind = \"depeg\"\ntarget = \"tokens.ETH\"\nloss_severity = \"50%\"\nrate = \"1% per year\"\n";
    let study = Study::parse(&text, "risky.toml", &[]).unwrap();
    assert_eq!(study.spec().metrics.names(), ["lost_to_exploit", "lost_to", "hit_by"]);
    let result = study.run().unwrap();
    let names: Vec<String> = result.layout().keys().iter().map(ToString::to_string).collect();
    let expected =
        ["lost_to_exploit", "lost_to.theft", "hit_by.theft", "hit_by.halving", "lost_to.bridges.over", "hit_by.bridges.over"];
    let expected = |name: &str| expected.map(|metric| format!("positions.{name}.{metric}"));
    assert_eq!(names, [expected("full, range"), expected("hold")].concat());
    let json = result.to_json();
    let (lost, total) = (&json["positions"]["full, range"]["lost_to.theft"], &json["positions"]["full, range"]["lost_to_exploit"]);
    assert_eq!(lost, total);
    assert!(lost["mean"].as_f64().unwrap() > 0.0 && lost["standard_error"].as_f64().unwrap() > 0.0);
    let struck = result.position("full, range", "hit_by.theft").unwrap().probability_positive;
    assert!(struck.mean > 0.0 && struck.mean < 1.0);
    assert_eq!(result.position("hold", "lost_to.theft").unwrap().max, 0.0);
}

#[test]
fn csv_holds_every_number() {
    let mut bytes = Vec::new();
    result().csv(&mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 71);
    assert_eq!(
        lines[0],
        "path,\"positions.full, range.net_return\",\"positions.full, range.fees\",positions.hold.net_return,\
         positions.hold.fees,pools.main.fees"
    );
    assert_eq!(lines[70], "69,69.0,169.0,269.0,369.0,469.0");
}

#[test]
fn files_are_whole_or_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result.json");
    result().write_json(&path).unwrap();
    let first = fs::read_to_string(&path).unwrap();
    assert!(first.ends_with("}\n"));
    assert_eq!(first.trim_end(), format!("{:#}", result().to_json()));

    let failing = write_atomically(&path, |file| {
        file.write_all(b"half")?;
        Err(std::io::Error::other("the disk is full"))
    });
    let error = failing.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot write {}: the disk is full", path.display()));
    assert_eq!(fs::read_to_string(&path).unwrap(), first);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left of the attempt");

    let missing = folder.path().join("no/such/folder/result.csv");
    assert!(matches!(result().write_csv(&missing), Err(StudyError::Write { .. })));
}

#[cfg(unix)]
#[test]
fn files_can_be_read_by_others() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (ours, usual) = (folder.path().join("ours.csv"), folder.path().join("usual"));
    result().write_csv(&ours).unwrap();
    fs::write(&usual, "").unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&ours), mode(&usual));
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_written_not_replaced() {
    use std::io::Read;
    use std::os::{fd::AsRawFd, unix::fs::symlink};
    let (mut reader, writer) = std::io::pipe().unwrap();
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).map(|_| text)
    });
    result().write_csv(format!("/dev/fd/{}", writer.as_raw_fd()).as_ref()).unwrap();
    drop(writer);
    assert!(reading.join().unwrap().unwrap().starts_with("path,"));

    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("result.json"), folder.path().join("latest.json"));
    fs::write(&file, "older").unwrap();
    symlink(&file, &link).unwrap();
    result().write_json(&link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&file).unwrap().starts_with('{'));
}

#[test]
fn a_folder_says_beforehand_whether_it_takes_a_file() {
    let folder = tempfile::tempdir().unwrap();
    AtomicFile::check(&folder.path().join("result.json")).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "asking leaves nothing");
    let error = AtomicFile::check(&folder.path().join("no/result.json")).unwrap_err();
    assert!(error.to_string().starts_with("cannot write "), "{error}");
    assert!(!error.to_string().contains(".cenote-"), "{error}");
    assert!(AtomicFile::check(folder.path()).is_err());
}
