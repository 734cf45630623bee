//! What is wrong is said with its place and a way out; nothing is left behind.

use crate::{Folder, builtin};

/// A change of the built-in study, and what the message has to say.
struct Case {
    what: &'static str,
    change: (&'static str, &'static str),
    says: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case { what: "unknown key", change: ("tvl    =", "tlv    ="), says: &["did you mean `tvl`?", "tlv", "key: pools.main.tlv"] },
    Case { what: "no unit", change: ("\"365d\" ", "365 "), says: &["\"365\" has no unit", "example: horizon = \"365d\""] },
    Case { what: "wrong unit", change: ("= \"30bp\"", "= \"30d\""), says: &["30d", "key: pools.main.fee"] },
    Case { what: "zero paths", change: ("= 10_000 ", "= 0 "), says: &["a study of no paths", "example: paths = 10_000"] },
    Case { what: "no block", change: ("\"365d\" ", "\"1s\" "), says: &["shorter than one block", "at least 1h"] },
    Case {
        what: "missing CSV",
        change: (
            "process = \"gbm\", initial = \"2000 USDC\", drift = \"0%\", volatility = \"80%\"",
            "process = \"history\", file = \"no.csv\"",
        ),
        says: &["cannot read no.csv", "example: file = \"prices.csv\""],
    },
    Case {
        what: "unknown pool",
        change: ("pool     = \"main\"", "pool     = \"mian\""),
        says: &["there is no pool `mian`", "did you mean `main`?"],
    },
    Case { what: "not TOML", change: ("schema = 1", "schema = "), says: &["not TOML"] },
    Case { what: "another schema", change: ("schema = 1", "schema = 2"), says: &["key: schema"] },
];

#[test]
fn a_wrong_study_says_where_and_what() {
    for Case { what, change: (from, to), says } in CASES {
        let folder = Folder::new();
        let study = builtin().replacen(from, to, 1);
        assert_ne!(study, builtin(), "{what} changes nothing");
        folder.write("wrong.toml", &study);
        for command in
            ["check wrong.toml", "run wrong.toml --json out.json --csv out.csv", "replay wrong.toml --path 0 --events out.jsonl"]
        {
            let error = folder.cenote(command).failed(1);
            let place = error.split("--> wrong.toml:").nth(1).unwrap_or_else(|| panic!("{what}: no place in\n{error}"));
            let numbers: Vec<usize> = place.lines().next().unwrap().split(':').map(|part| part.parse().unwrap()).collect();
            assert_eq!(numbers.len(), 2, "{what}: {error}");
            for text in *says {
                assert!(error.contains(text), "{what}: {text:?} is missing in\n{error}");
            }
            assert_eq!(folder.names(), ["wrong.toml"], "{what}");
        }
    }
}

#[test]
fn a_wrong_override_says_which() {
    let folder = Folder::new();
    for (words, says) in [
        ("run --paths 0", "--> --set study.paths=0"),
        ("run --set pools.main.fee=30", "--> --set pools.main.fee=30"),
        ("run --set pools.mian.fee=5bp", "did you mean `main`?"),
        ("run --set horizon", "an override without `=`"),
        ("run --seed 18446744073709551615", "study.seed"),
    ] {
        let error = folder.cenote(words).failed(1);
        assert!(error.contains(says), "{words}: {error}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = Folder::new();
    for command in ["run", "check", "replay --path 0"] {
        let error = folder.cenote(&format!("{command} no-such-study.toml")).failed(1);
        assert!(error.starts_with("error: cannot read no-such-study.toml: "), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_named_before_the_run() {
    let folder = Folder::new();
    // Far too long for a test, if it ran.
    let long = "run --paths 4_000_000";
    for (option, file) in [("--json", "no/such/out.json"), ("--csv", "no/such/out.csv"), ("--json", ".")] {
        let error = folder.cenote(&format!("{long} {option} {file}")).failed(1);
        assert!(error.contains(&format!("cannot write {file}: ")), "{error}");
    }
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn a_command_line_that_cannot_be_understood_has_a_status_of_its_own() {
    let folder = Folder::new();
    for words in [
        "walk",
        "run --paths many",
        "run --path 3",
        "run --threads 100_000",
        "run --threads 100000",
        "run a.toml b.toml",
        "check",
        "replay --path 0 --lane slow",
        "run --json - --csv -",
        "run --json out --csv out",
    ] {
        let error = folder.cenote(words).failed(2);
        assert!(error.starts_with("error: "), "{words}: {error}");
    }
}
