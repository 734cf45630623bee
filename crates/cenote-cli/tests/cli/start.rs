//! `cenote new` and `cenote check`: a study to start from, and what it says in full.

use crate::{Folder, builtin};

#[test]
fn a_new_study_runs() {
    let folder = Folder::new();
    let out = folder.cenote("new").ok();
    assert!(out.contains("cenote run study.toml"), "{out}");
    assert_eq!(folder.names(), ["study.toml"]);
    assert_eq!(folder.read("study.toml"), builtin());
    let out = folder.cenote("run study.toml --paths 64").ok();
    assert!(out.contains("full range beats holding in ") && !out.contains("built-in"), "{out}");
}

#[test]
fn a_new_study_never_replaces_an_old_one() {
    let folder = Folder::new();
    folder.write("mine.toml", "precious");
    for name in ["mine", "mine.toml"] {
        let error = folder.cenote(&format!("new {name}")).failed(1);
        assert!(error.contains("mine.toml is there already"), "{error}");
    }
    assert_eq!(folder.read("mine.toml"), "precious");
    folder.cenote("new pool-v1.2").ok();
    assert_eq!(folder.names(), ["mine.toml", "pool-v1.2.toml"]);
    let error = folder.cenote("new no/such/folder/study").failed(1);
    assert!(error.contains("cannot write no/such/folder/study.toml"), "{error}");
    folder.cenote("new ..").failed(1);
}

#[test]
fn a_checked_study_is_a_study_and_says_the_same() {
    let folder = Folder::new();
    folder.write("study.toml", &builtin());
    let resolved = folder.cenote("check study.toml --set pools.main.fee=5bp").ok();
    assert!(resolved.contains("fee = \"5bp\"") && resolved.contains("warm_up"), "{resolved}");
    folder.write("resolved.toml", &resolved);
    assert_eq!(folder.cenote("check resolved.toml").ok(), resolved);

    // And it runs to the same numbers.
    let result = |words: &str| {
        let json = folder.cenote(&format!("run {words} --paths 64 --set study.horizon=5d --json -")).ok();
        let mut json: serde_json::Value = serde_json::from_str(&json).unwrap();
        json["elapsed_seconds"] = serde_json::Value::Null;
        json
    };
    assert_eq!(result("study.toml --set pools.main.fee=5bp"), result("resolved.toml"));
}

#[test]
fn help_and_version_are_there() {
    let folder = Folder::new();
    let help = folder.cenote("--help").ok();
    for command in ["run", "check", "new", "replay"] {
        assert!(help.contains(command), "{help}");
        assert!(folder.cenote(&format!("{command} --help")).ok().contains("Usage: cenote"));
    }
    assert_eq!(folder.cenote("--version").ok(), format!("cenote {}\n", env!("CARGO_PKG_VERSION")));
}
