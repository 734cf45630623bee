//! Vaults: `[vaults.NAME]`.

use cenote_units::{Fraction, Rate, SimDuration, TokenAmount};
use serde::Serialize;

use super::quantity::require_fee;
use super::{FarmSpec, GasUnits, HarvestSpec, StudySpec};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};

/// A vault: it stakes what everybody puts in, and turns rewards into more of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VaultSpec {
    /// Its name: that of the table.
    #[serde(skip)]
    pub name: String,
    /// The farm that it stakes in.
    pub farm: String,
    /// When it puts rewards back to work.
    pub every: HarvestSpec,
    /// Part of the rewards that it keeps; 0% unless given.
    pub performance_fee: Fraction,
    /// Part of everything that it keeps, per year; 0% unless given.
    pub management_fee: Rate,
    /// What others have in it at the start.
    pub tvl: TokenAmount,
    /// Gas units of what it does, which all in it pay.
    pub gas: GasUnits,
}

const KEYS: &[Key] = &[
    Key::new("farm", "\"main\""),
    Key::new("every", "\"1d\""),
    Key::new("performance_fee", "\"10%\""),
    Key::new("management_fee", "\"2% per year\""),
    Key::new("tvl", "\"1_000_000 USDC\""),
    Key::new("gas", "{ claim = 180_000, swap = 150_000, mint = 200_000, deposit = 250_000 }"),
];

impl VaultSpec {
    /// A vault without fees and gas.
    pub fn new(name: impl Into<String>, farm: impl Into<String>, every: SimDuration, tvl: TokenAmount) -> Self {
        Self {
            name: name.into(),
            farm: farm.into(),
            every: every.into(),
            performance_fee: Fraction::ZERO,
            management_fee: Rate::ZERO,
            tvl,
            gas: GasUnits::default(),
        }
    }

    pub(super) fn read(name: &str, item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[KEYS])?;
        Ok(Self {
            name: name.to_owned(),
            farm: fields.required("farm")?,
            every: fields.with("every", &HarvestSpec::read)?,
            performance_fee: fields.or("performance_fee", Fraction::ZERO)?,
            management_fee: fields.or("management_fee", Rate::ZERO)?,
            tvl: fields.required("tvl")?,
            gas: fields.optional_with("gas", &GasUnits::read)?.unwrap_or_default(),
        })
    }

    pub(super) fn path(&self) -> KeyPath {
        KeyPath::root().key("vaults").key(&self.name)
    }

    /// The farm that it stakes in.
    pub(crate) fn farm<'a>(&self, study: &'a StudySpec) -> Option<&'a FarmSpec> {
        study.farms.iter().find(|farm| farm.name == self.farm)
    }

    pub(super) fn check(&self, study: &StudySpec) -> Checked<()> {
        let path = self.path();
        let farm = study.require_farm(&self.farm, &path.key("farm"))?;
        if farm.takes_ranges(study) {
            return Err(Problem::new(
                path.key("farm"),
                "a vault takes LP tokens or tokens, and liquidity of this farm's pool has ranges",
            )
            .with_found(format!("{:?}", self.farm))
            .with_expected("a farm of a token, or of a pool with LP tokens")
            .with_example("farm = \"main\""));
        }
        self.every.check(&path.key("every"), self.gas.harvest(farm, None, study), study)?;
        require_fee(self.performance_fee, path.key("performance_fee"), "a performance fee", "performance_fee = \"10%\"")?;
        if !(0.0..1.0).contains(&self.management_fee.per_year()) {
            return Err(Problem::new(path.key("management_fee"), format!("a management fee of {}", self.management_fee))
                .with_found(format!("\"{}\"", self.management_fee))
                .with_expected("from 0% to below 100% per year")
                .with_example("management_fee = \"2% per year\""));
        }
        study.require_value(&self.tvl, &path.key("tvl"), "a vault", "tvl = \"1_000_000 USDC\"")
    }
}
