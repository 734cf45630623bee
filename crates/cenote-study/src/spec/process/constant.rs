//! A price that does not move.

use std::sync::Arc;

use cenote_paths::{Constant, PriceModel};
use cenote_units::TokenAmount;
use serde::Serialize;

use super::{INITIAL, Process, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// `{ process = "constant", initial = "2000 USDC" }`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConstantSpec {
    /// The price of one token, in the numeraire or another token.
    pub initial: TokenAmount,
}

pub(super) const KEYS: &[Key] = &[INITIAL];

impl ConstantSpec {
    /// A constant price.
    pub fn new(initial: TokenAmount) -> Self {
        Self { initial }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { initial: fields.required("initial")? })
    }
}

impl Process for ConstantSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn model(&self, _: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let model = Constant::new(self.initial.to_f64()).map_err(|error| refused(path, error))?;
        Ok(model.into())
    }
}

impl From<ConstantSpec> for super::ProcessSpec {
    fn from(process: ConstantSpec) -> Self {
        Self::Constant(process)
    }
}
