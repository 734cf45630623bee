//! The shape of the house: dependencies between crates point down, and each crate carries only what it needs.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// What each crate may build on. Whoever adds an arrow says so here.
const ARROWS: &[(&str, &[&str])] = &[
    ("cenote-units", &[]),
    ("cenote-amm", &["cenote-units"]),
    ("cenote-paths", &["cenote-units"]),
    ("cenote-yield", &["cenote-amm", "cenote-units"]),
    ("cenote-strategy", &["cenote-yield", "cenote-amm", "cenote-units"]),
    ("cenote-sim", &["cenote-strategy", "cenote-yield", "cenote-paths", "cenote-amm", "cenote-units"]),
    ("cenote-study", &["cenote-sim", "cenote-strategy", "cenote-yield", "cenote-paths", "cenote-amm", "cenote-units"]),
    ("cenote", &["cenote-study", "cenote-sim", "cenote-strategy", "cenote-yield", "cenote-paths", "cenote-amm", "cenote-units"]),
    (
        "cenote-cli",
        &["cenote", "cenote-study", "cenote-sim", "cenote-strategy", "cenote-yield", "cenote-paths", "cenote-amm", "cenote-units"],
    ),
];

/// What must not come along, however indirectly.
const KEPT_OUT: &[(&str, &[&str])] = &[
    ("cenote-units", &["rayon", "toml", "rand", "csv"]),
    ("cenote-amm", &["rayon", "toml", "rand", "csv"]),
    ("cenote-paths", &["rayon", "toml"]),
    ("cenote-yield", &["rayon", "toml", "rand", "csv"]),
    ("cenote-strategy", &["rayon", "toml", "rand"]),
    ("cenote-sim", &["rayon", "toml", "serde_json"]),
    ("cenote-study", &["clap", "indicatif"]),
    ("cenote", &["clap", "indicatif"]),
];

/// Unpublished packages, free to use everything.
const WORKSHOPS: &[&str] = &["cenote-tests", "cenote-benches"];

fn cargo(arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO")).args(arguments).arg("--offline").current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Every package of the workspace with the packages of the workspace it depends on, tests and examples included.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--no-deps", "--format-version", "1"])).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |package: &Value| package["name"].as_str().unwrap().to_owned();
    let ours: BTreeSet<String> = packages.iter().map(name).collect();
    let needs = |package: &Value| -> BTreeSet<String> {
        package["dependencies"].as_array().unwrap().iter().map(name).filter(|dependency| ours.contains(dependency)).collect()
    };
    packages.iter().map(|package| (name(package), needs(package))).collect()
}

#[test]
fn arrows_point_down() {
    let mut arrows = arrows();
    for workshop in WORKSHOPS {
        assert!(arrows.remove(*workshop).is_some(), "{workshop} is gone");
    }
    for (package, needs) in &arrows {
        assert!(!needs.contains("cenote-cli"), "{package} depends on the command line");
        assert!(WORKSHOPS.iter().all(|workshop| !needs.contains(*workshop)), "{package} depends on tests or benches");
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| name == package) else {
            panic!("{package} has no place in the house: add it to ARROWS, below whatever needs it");
        };
        for need in needs {
            assert!(allowed.contains(&&**need), "{package} must not depend on {need}");
        }
    }
    for (package, _) in ARROWS {
        assert!(arrows.contains_key(*package), "{package} is gone");
    }
}

/// The table itself has a bottom and no cycle: every crate stands above all that it may use.
#[test]
fn the_table_is_a_house() {
    for (place, (package, allowed)) in ARROWS.iter().enumerate() {
        for need in *allowed {
            assert!(ARROWS[..place].iter().any(|(below, _)| below == need), "{need} does not stand below {package}");
        }
    }
}

/// Somebody who wants only the mathematics of a pool gets no threads, no files and no random numbers.
#[test]
fn crates_travel_light() {
    for (package, kept_out) in KEPT_OUT {
        let tree = cargo(&["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
        let carried: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert!(carried.contains(package));
        for heavy in *kept_out {
            assert!(!carried.contains(heavy), "{package} brings {heavy} along");
        }
    }
}
