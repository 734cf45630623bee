//! The price of a recorded pool.

use std::sync::Arc;

use cenote_paths::{PriceModel, Replay};
use cenote_units::TokenAmount;
use serde::Serialize;

use super::{INITIAL, Process, history, refused};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;
use crate::spec::activity_file::load_activity;

/// `{ process = "pool-activity", file = "activity.csv", token = 1 }`: the price that a recorded pool of this token and the one that
/// the price is in had at the end of every row; at the start, that of the first row's opening tick. With `initial` it is scaled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolActivitySpec {
    /// The file; a relative path starts from the folder of the study file.
    pub file: String,
    /// Which of the recorded pool's tokens this one is: 0 or 1.
    pub token: u8,
    /// The price of one token at the start, in the pool's other token; without it, that of the file, in the numeraire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial: Option<TokenAmount>,
}

pub(super) const KEYS: &[Key] = &[history::FILE, Key::new("token", "1"), INITIAL];

impl PoolActivitySpec {
    /// The price of token 0 or 1 of the pool in this file.
    pub fn new(file: impl Into<String>, token: u8) -> Self {
        Self { file: file.into(), token, initial: None }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { file: fields.required("file")?, token: fields.required("token")?, initial: fields.optional("initial")? })
    }
}

impl Process for PoolActivitySpec {
    fn initial(&self) -> Option<&TokenAmount> {
        self.initial.as_ref()
    }

    fn model(&self, study: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        if self.token > 1 {
            return Err(Problem::new(path.key("token"), "a pool of two tokens has a token 0 and a token 1")
                .with_found(self.token.to_string())
                .with_expected("0 or 1")
                .with_example("token = 1"));
        }
        let quote = self.initial.as_ref().map_or(&study.numeraire, TokenAmount::symbol);
        let of = |wanted: &dyn Fn(&&crate::spec::TokenSpec) -> bool| study.tokens.iter().find(wanted).map(|token| token.decimals);
        // A price stands at a token, and the checks of the study left its quote known.
        let own = of(&|token| token.path().key("price") == *path).unwrap_or(18);
        let other = of(&|token| token.symbol == *quote).unwrap_or(18);
        let decimals = if self.token == 0 { [own, other] } else { [other, own] };
        let activity = load_activity(&self.file, &study.folder, path)?;
        let prices = activity.prices(decimals, self.token).map_err(|error| refused(path, error))?;
        let replay = Replay::new(&prices);
        Ok(Arc::new(match &self.initial {
            Some(initial) => replay.with_initial(initial.to_f64()).map_err(|error| refused(path, error))?,
            None => replay,
        }))
    }
}

impl From<PoolActivitySpec> for super::ProcessSpec {
    fn from(process: PoolActivitySpec) -> Self {
        Self::PoolActivity(process)
    }
}
