//! Shares of a vault.

use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// `strategy = "vault"`: what a vault's farm takes, put into the vault to the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InVaultSpec {
    /// The vault.
    pub vault: String,
}

pub(super) const KEYS: &[Key] = &[Key::new("vault", "\"compounder\"")];

impl InVaultSpec {
    /// In this vault.
    pub fn new(vault: impl Into<String>) -> Self {
        Self { vault: vault.into() }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { vault: fields.required("vault")? })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        study.require_vault(&self.vault, &path.key("vault")).map(|_| ())
    }
}

impl From<InVaultSpec> for super::StrategySpec {
    fn from(strategy: InVaultSpec) -> Self {
        Self::Vault(strategy)
    }
}
