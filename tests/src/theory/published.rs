//! Published values: identifier, inputs and expected numbers of every case.

use std::sync::LazyLock;

use serde_json::Value;

static TABLE: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let table: Value = serde_json::from_str(include_str!("published.json")).expect("the table is JSON");
    table.as_array().expect("the table is a list").clone()
});

/// One case of the table.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    case: &'static Value,
}

/// The case of this name.
///
/// # Panics
/// There is none.
pub fn published(id: &str) -> Published {
    let case = TABLE.iter().find(|case| case["id"] == id).unwrap_or_else(|| panic!("no published case {id}"));
    Published { case }
}

impl Published {
    /// All cases.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|case| Self { case })
    }

    /// Its name.
    ///
    /// # Panics
    /// It has none.
    pub fn id(self) -> &'static str {
        self.case["id"].as_str().expect("a name")
    }

    /// Everything about it.
    pub fn value(self) -> &'static Value {
        self.case
    }

    /// A number among its inputs, by JSON pointer without the first slash: `"sigma"`, `"block_s/2"`.
    ///
    /// # Panics
    /// There is none.
    pub fn input(self, pointer: &str) -> f64 {
        self.number(&format!("/inputs/{pointer}"))
    }

    /// Likewise a list of numbers.
    ///
    /// # Panics
    /// There is none.
    pub fn inputs(self, pointer: &str) -> Vec<f64> {
        let place = format!("/inputs/{pointer}");
        let list = self.case.pointer(&place).and_then(Value::as_array).unwrap_or_else(|| panic!("{}: no list {place}", self.id()));
        list.iter().map(|number| number.as_f64().unwrap_or_else(|| panic!("{}: {place} has no numbers", self.id()))).collect()
    }

    /// A number among what is expected.
    ///
    /// # Panics
    /// There is none.
    pub fn expected(self, pointer: &str) -> f64 {
        self.number(&format!("/expected/{pointer}"))
    }

    /// That a formula gives what is published, to this relative error.
    ///
    /// # Panics
    /// It does not.
    pub fn confirms(self, pointer: &str, formula: f64, relative: f64) -> f64 {
        let value = self.expected(pointer);
        assert!((formula - value).abs() <= relative * value.abs(), "{} {pointer}: formula {formula}, published {value}", self.id());
        value
    }

    fn number(self, place: &str) -> f64 {
        self.case.pointer(place).and_then(Value::as_f64).unwrap_or_else(|| panic!("{}: no number {place}", self.id()))
    }
}
