//! Places in the text.

use super::*;
use crate::key_path::KeyPath;
use crate::problem::{Place, Problem};

fn place(text: &str, path: KeyPath) -> (usize, usize, usize) {
    let document = Document::parse("x.toml", text).unwrap();
    match document.locate(Problem::new(path, "here")).place() {
        Place::File { line, column, width, .. } => (*line, *column, *width),
        other => panic!("{other:?}"),
    }
}

#[test]
fn columns_count_characters() {
    let text = "name = \"±20%\"\r\n\"größe\" = { \"ä\" = 1, b = 22 }\r\n";
    assert_eq!(place(text, KeyPath::root().key("name")), (1, 8, 6));
    assert_eq!(place(text, KeyPath::root().key("größe").key("b")), (2, 26, 2));
    let document = Document::parse("x.toml", text).unwrap();
    let problem = document.locate(Problem::of_key(KeyPath::root().key("größe").key("b"), "odd"));
    let shown = problem.to_string();
    assert!(shown.contains("\n 2 | \"größe\" = { \"ä\" = 1, b = 22 }\n   |                      ^\n"), "{shown}");
}

#[test]
fn a_value_of_several_lines_is_shown_by_its_first() {
    let text = "list = [\n  1,\n  2,\n]\n";
    assert_eq!(place(text, KeyPath::root().key("list")), (1, 8, 1));
    assert_eq!(place(text, KeyPath::root().key("list").index(1)), (3, 3, 1));
}

#[test]
fn what_is_missing_is_placed_at_its_table() {
    let text = "a = 1\n[x.y]\nb = 2\n[[z]]\n[[z]]\nc = 3\n";
    assert_eq!(place(text, KeyPath::root().key("x").key("y").key("missing").key("deep")), (2, 1, 5));
    assert_eq!(place(text, KeyPath::root().key("z").index(1).key("missing")), (5, 1, 5));
    assert_eq!(place(text, KeyPath::root().key("missing")), (1, 1, 1));
}

#[test]
fn the_caret_stands_below_its_text_behind_tabs() {
    let document = Document::parse("x.toml", "[t]\n\tkey\t= 5\n").unwrap();
    let shown = document.locate(Problem::new(KeyPath::root().key("t").key("key"), "odd")).to_string();
    assert!(shown.contains("\n 2 | \tkey\t= 5\n   | \t   \t  ^\n"), "{shown}");
}

#[test]
fn numbers_of_all_spellings_are_read() {
    let document = Document::parse("x.toml", "a = 1_000\nb = 0xff\nc = 1_0.5e1\nd = 99999999999999999999\n").unwrap();
    let table = document.table();
    let number = |key: &str| table.get(key).unwrap().read::<f64>().unwrap();
    assert_eq!([number("a"), number("b"), number("c"), number("d")], [1000.0, 255.0, 105.0, 1e20]);
    assert_eq!(table.get("b").unwrap().read::<u64>().unwrap(), 255);
    assert!(table.get("d").unwrap().read::<u64>().is_err());
    assert!(table.get("c").unwrap().read::<u32>().is_err());
}

#[test]
fn a_number_is_never_a_quantity() {
    let document = Document::parse("x.toml", "a = 5\nb = 5.0\nc = true\n").unwrap();
    for key in ["a", "b", "c"] {
        let problem = document.table().get(key).unwrap().read::<cenote_units::SimDuration>().unwrap_err();
        assert!(problem.expected().is_some() && problem.found().is_some(), "{problem}");
    }
}

#[test]
fn suggestions_are_the_nearest() {
    let known = ["tvl", "tokens", "tick_spacing"];
    assert_eq!(suggestion("tlv", known).as_deref(), Some("did you mean `tvl`?"));
    assert_eq!(suggestion("Tick-Spacing", known).as_deref(), Some("did you mean `tick_spacing`?"));
    assert_eq!(suggestion("q", known).as_deref(), Some("the nearest known one is `tvl`"));
    assert_eq!(suggestion("q", []), None);
    assert_eq!(listed(["a"]), "`a`");
    assert_eq!(listed(["a", "b"]), "one of a, b");
}
