//! Every trace of the real contracts replays to the last digit; and the replay would notice if it did not.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use cenote_tests::vectors::{Fault, TraceError, compare, read_trace, replay, traces_in};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors");
/// A folder of further traces.
const VARIABLE: &str = "CENOTE_VECTORS";

/// Replays all traces of a folder; every fault of every file, or the protocols seen.
fn replay_folder(folder: &Path) -> Result<BTreeSet<String>, String> {
    let mut protocols = BTreeSet::new();
    let mut faults = Vec::new();
    for path in traces_in(folder).map_err(|error| error.to_string())? {
        match read_trace(&path).and_then(|text| replay(&path.display().to_string(), &text)) {
            Ok(replayed) => {
                assert!(!replayed.operations.is_empty());
                protocols.insert(replayed.protocol);
            }
            Err(error) => faults.push(error.to_string()),
        }
    }
    if faults.is_empty() { Ok(protocols) } else { Err(faults.join("\n")) }
}

fn shipped(name: &str) -> String {
    read_trace(&Path::new(SHIPPED).join(name)).unwrap()
}

fn fault(text: &str) -> TraceError {
    replay("trace", text).expect_err("the change goes unnoticed")
}

#[test]
fn shipped_traces_replay() {
    let protocols = replay_folder(Path::new(SHIPPED)).unwrap_or_else(|faults| panic!("{faults}"));
    for protocol in [
        "v2",
        "pancake-v1",
        "pancake-v2",
        "balancer-v2-math",
        "balancer-v3-math",
        "curve-susd",
        "curve2",
        "curve3",
        "curve-ng2",
        "curve-ng3",
        "v3",
        "v3-math",
        "pancake-v3",
        "v4",
        "masterchef",
        "staking-rewards",
        "aave-v3",
        "erc4626",
    ] {
        assert!(protocols.contains(protocol), "no trace of {protocol} is shipped");
    }
}

/// The folder that the environment names, if it names one.
#[test]
fn named_traces_replay() {
    if let Some(folder) = std::env::var_os(VARIABLE) {
        replay_folder(Path::new(&folder)).unwrap_or_else(|faults| panic!("{faults}"));
    }
}

#[test]
fn a_folder_without_traces_fails() {
    let folder = tempfile::tempdir().unwrap();
    assert!(replay_folder(&folder.path().join("missing")).unwrap_err().contains("cannot be read"));
    std::fs::write(folder.path().join("README.md"), "no trace").unwrap();
    assert!(replay_folder(folder.path()).unwrap_err().contains("holds no"));
}

#[test]
fn plain_and_packed_traces_are_found_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let text = shipped("pancake-v2-seed1.jsonl.gz");
    std::fs::write(folder.path().join("b.jsonl"), &text).unwrap();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    std::fs::write(folder.path().join("a.jsonl.gz"), packed.finish().unwrap()).unwrap();
    let names: Vec<_> = traces_in(folder.path()).unwrap().iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["a.jsonl.gz", "b.jsonl"]);
    assert_eq!(replay_folder(folder.path()).unwrap(), BTreeSet::from(["pancake-v2".to_owned()]));

    std::fs::write(folder.path().join("c.jsonl"), text.replacen("pancake-v2", "pancake-v9", 1)).unwrap();
    std::fs::write(folder.path().join("d.jsonl.gz"), "not packed").unwrap();
    let faults = replay_folder(folder.path()).unwrap_err();
    assert!(faults.contains("c.jsonl:1: unknown protocol `pancake-v9`") && faults.contains("d.jsonl.gz:0:"), "{faults}");
}

#[test]
fn what_is_not_understood_fails() {
    let text = shipped("v2-seed1.jsonl.gz");
    let first_line = |change: &dyn Fn(&mut Value)| {
        let mut lines = text.lines();
        let header = lines.next().unwrap();
        let mut line: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
        change(&mut line);
        fault(&format!("{header}\n{line}\n")).fault
    };
    assert_eq!(first_line(&|line| line["op"] = json!("teleport")), Fault::Unknown("operation `teleport`".to_owned()));
    assert_eq!(first_line(&|line| line["in"]["tip"] = json!("1")), Fault::Unknown("input `tip` of operation `mint`".to_owned()));
    for change in [
        &(|line: &mut Value| line["in"]["amount0"] = json!("07")) as &dyn Fn(&mut Value),
        &|line| line["in"]["amount0"] = json!(7),
        &|line| drop(line["in"].as_object_mut().unwrap().remove("to")),
        &|line| drop(line.as_object_mut().unwrap().remove("t")),
        &|line| line["type"] = json!("dump"),
    ] {
        assert!(!matches!(first_line(change), Fault::Differs { .. }));
    }
    // A field that the engine does not have is a difference, and so is one that the trace does not have.
    for change in [&(|line: &mut Value| line["state"]["unheard_of"] = json!("0")) as &dyn Fn(&mut Value), &|line| {
        drop(line["state"].as_object_mut().unwrap().remove("k_last"));
    }] {
        assert!(matches!(first_line(change), Fault::Differs { .. }));
    }

    for header in [
        text.replacen(r#""protocol":"v2""#, r#""protocol":"v7""#, 1),
        text.replacen(r#""format":1"#, r#""format":2"#, 1),
        text.replacen(r#""type":"header""#, r#""type":"prologue""#, 1),
    ] {
        assert!(matches!(fault(&header).fault, Fault::Unknown(_)));
    }
    assert!(matches!(fault(&text.replacen(r#""fee_num":3"#, r#""fee_num":2"#, 1)).fault, Fault::Differs { .. }));
    // A pool with another hook is another pool, and so is one without.
    let hooked = shipped("v4-hook-seed1.jsonl.gz");
    assert_eq!(fault(&hooked.replacen("momentum", "inertia", 1)).fault, Fault::Unknown("hook \"inertia\"".to_owned()));
    assert!(matches!(fault(&hooked.replacen(r#""hook":"momentum","#, "", 1)).fault, Fault::Unknown(_)));
    assert!(matches!(fault("").fault, Fault::Malformed(_)));
    assert!(matches!(fault("{}\n").fault, Fault::Unknown(_)));
}

#[test]
fn a_trace_cut_short_fails() {
    let text = shipped("v2-seed1.jsonl.gz");
    let lines: Vec<&str> = text.lines().collect();
    for kept in [1, 2, lines.len() / 2, lines.len() - 1] {
        assert!(matches!(fault(&lines[..kept].join("\n")).fault, Fault::Malformed(_)));
    }
    assert!(fault(&format!("{text}\n")).line > lines.len());
}

#[test]
fn a_fault_names_file_line_field_and_both_values() {
    let text =
        shipped("v2-seed1.jsonl.gz").replacen(r#""reserve0":"7956972175034727917""#, r#""reserve0":"7956972175034727918""#, 1);
    assert_eq!(fault(&text).to_string(), r#"trace:2: state.reserve0: expected "7956972175034727918", got "7956972175034727917""#);
    let text = shipped("v2-seed1.jsonl.gz").replacen("UniswapV2: K", "UniswapV2: OVERFLOW", 1);
    assert!(fault(&text).to_string().ends_with(r#"revert: expected "UniswapV2: OVERFLOW", got "UniswapV2: K""#));
}

/// Every single digit of every result and every state, changed on its own, is noticed.
#[test]
fn every_digit_counts() {
    for (name, least) in [
        ("v2-seed1.jsonl.gz", 40_000),
        ("pancake-v1-seed1.jsonl.gz", 40_000),
        ("balancer-v2-math-seed1.jsonl.gz", 3_000),
        ("balancer-v3-math-seed1.jsonl.gz", 3_000),
        ("curve-susd-seed1.jsonl.gz", 40_000),
        ("curve2-seed1.jsonl.gz", 40_000),
        ("curve3-seed1.jsonl.gz", 40_000),
        ("curve-ng2-seed1.jsonl.gz", 40_000),
        ("curve-ng3-seed1.jsonl.gz", 40_000),
        ("v3-seed1.jsonl.gz", 200_000),
        ("v3-seed2.jsonl.gz", 200_000),
        ("v3-math-seed1.jsonl.gz", 5_000),
        ("pancake-v3-seed1.jsonl.gz", 80_000),
        ("v4-seed1.jsonl.gz", 40_000),
        ("masterchef-seed1.jsonl.gz", 20_000),
        ("staking-rewards-seed1.jsonl.gz", 20_000),
        ("v4-hook-seed1.jsonl.gz", 60_000),
        ("v4-hook-seed5.jsonl.gz", 30_000),
        ("aave-v3-seed1.jsonl.gz", 100_000),
        ("erc4626-seed1.jsonl.gz", 10_000),
    ] {
        let text = shipped(name);
        let replayed = replay(name, &text).unwrap();
        let mut changed = 0_usize;
        let operations = text.lines().filter(|line| !line.starts_with(r#"{"type":"#));
        for (line, engine) in operations.zip(&replayed.operations) {
            let results = line.find(r#""ok":"#).unwrap();
            let mut bytes = line.as_bytes().to_vec();
            for at in results..bytes.len() {
                // A digit within a quoted value, not within a key such as "reserve0".
                if !bytes[at].is_ascii_digit() || within_key(&bytes, at) {
                    continue;
                }
                let digit = bytes[at];
                // Not zero: a number that is not in quotes must not begin with it.
                bytes[at] = if digit == b'9' { b'1' } else { digit + 1 };
                let mutated: Value = serde_json::from_slice(&bytes).unwrap();
                assert!(compare(&mutated, engine).is_err(), "{name}: digit {at} of\n{line}");
                bytes[at] = digit;
                changed += 1;
            }
        }
        assert!(changed > least, "{name}: only {changed} digits were tried");
    }
}

fn within_key(bytes: &[u8], at: usize) -> bool {
    let end = (at..bytes.len()).find(|i| bytes[*i] == b'"');
    end.is_some_and(|end| bytes.get(end + 1) == Some(&b':')) && bytes[at..end.unwrap_or(at)].iter().all(u8::is_ascii_alphanumeric)
}

/// Changes of results, of flags, and of inputs of operations that passed, all the way through the replay.
#[test]
fn a_changed_trace_does_not_replay() {
    let text = shipped("v2-seed2.jsonl.gz");
    let lines: Vec<&str> = text.lines().collect();
    let mut tried = 0;
    for (at, line) in lines.iter().enumerate().skip(1).step_by(3) {
        let original: Value = serde_json::from_str(line).unwrap();
        let passed = original["ok"] == true;
        let mut changes: Vec<Change> = vec![
            Box::new(|line| line["ok"] = json!(line["ok"] != true)),
            Box::new(|line| line["i"] = json!(line["i"].as_u64().unwrap() + 1)),
            Box::new(|line| line["state"]["lp"][2] = json!("31")),
            Box::new(|line| bump(&mut line["state"]["reserve1"])),
        ];
        match original["op"].as_str().unwrap() {
            "swap" if passed => {
                changes.push(Box::new(|line| bump(&mut line["in"]["amount0_in"])));
                changes.push(Box::new(|line| bump(&mut line["in"]["amount1_out"])));
            }
            "mint" if passed => {
                changes.push(Box::new(|line| bump(&mut line["in"]["amount0"])));
                changes.push(Box::new(|line| bump(&mut line["out"]["liquidity"])));
            }
            "burn" if passed => {
                changes.push(Box::new(|line| bump(&mut line["in"]["liquidity"])));
                changes.push(Box::new(|line| bump(&mut line["out"]["amount1"])));
            }
            _ if !passed => changes.push(Box::new(|line| line["revert"] = json!("UniswapV2: LOCKED"))),
            _ => {}
        }
        for change in changes {
            let mut line = original.clone();
            change(&mut line);
            let line = line.to_string();
            let mutated: Vec<&str> = lines.iter().enumerate().map(|(i, old)| if i == at { line.as_str() } else { *old }).collect();
            assert!(replay("trace", &mutated.join("\n")).is_err(), "line {}: {line}", at + 1);
            tried += 1;
        }
    }
    assert!(tried > 500);
}

/// A change of one line.
type Change = Box<dyn Fn(&mut Value)>;

/// One more, in the last digit.
fn bump(amount: &mut Value) {
    let text = amount.as_str().unwrap();
    let (head, last) = text.split_at(text.len() - 1);
    let last: u8 = last.parse().unwrap();
    *amount = json!(if last == 9 { format!("{head}8") } else { format!("{head}{}", last + 1) });
}
