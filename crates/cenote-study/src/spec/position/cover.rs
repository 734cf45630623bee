//! Cover against exploits.

use cenote_units::{Fraction, Rate};
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};
use crate::spec::StudySpec;
use crate::spec::quantity::require_part;

/// `cover = { premium = "2.5% per year", pays = "80%", targets = ["farms.main"] }`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CoverSpec {
    /// Paid on the value of what is covered.
    pub premium: Rate,
    /// The part of a loss that is paid; 100% unless given.
    pub pays: Fraction,
    /// Where it holds; anywhere without it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
}

const KEYS: &[Key] =
    &[Key::new("premium", "\"2.5% per year\""), Key::new("pays", "\"80%\""), Key::new("targets", "[\"farms.main\"]")];

impl CoverSpec {
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[KEYS])?;
        Ok(Self {
            premium: fields.required("premium")?,
            pays: fields.or("pays", Fraction::ONE)?,
            targets: fields.or("targets", Vec::new())?,
        })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        if self.premium.per_year() < 0.0 {
            return Err(Problem::new(path.key("premium"), "cover that pays for being taken")
                .with_found(format!("\"{}\"", self.premium))
                .with_expected("a rate from 0% on")
                .with_example("premium = \"2.5% per year\""));
        }
        require_part(self.pays, path.key("pays"), "a cover", "pays = \"80%\"")?;
        for (i, target) in self.targets.iter().enumerate() {
            study.require_place(target, &path.key("targets").index(i), &["farms", "pools", "lending"])?;
        }
        Ok(())
    }
}
