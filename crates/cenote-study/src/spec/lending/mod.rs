//! Lending markets: `[lending.NAME]`.

mod history;
#[cfg(test)]
mod tests;
mod utilisation;

use cenote_sim::Utilisation;
use cenote_units::{Decimal, Fraction, Rate, Symbol, TokenAmount};
use cenote_yield::lending::{Collateral, LendingError, RateModel, ReserveModel};
use serde::Serialize;

pub use history::RateFileSpec;
pub use utilisation::{BorrowersSpec, LogitProcessSpec, UtilisationSpec};

use super::StudySpec;
use super::quantity::require_part;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key, Kind};

/// A lending market of one token.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LendingSpec {
    /// Its name: that of the table.
    #[serde(skip)]
    pub name: String,
    /// What kind of contract it is.
    #[serde(flatten)]
    pub kind: LendingKind,
    /// The chain that it is on.
    pub chain: String,
    /// What is lent.
    pub token: Symbol,
    /// How rates follow utilisation; recorded ones do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates: Option<RatesSpec>,
    /// The treasury's share of the interest; 0% unless given.
    pub reserve_factor: Fraction,
    /// What others have supplied at the start; a billion tokens unless given.
    pub supplied: TokenAmount,
    /// How much of it is lent out.
    pub utilisation: UtilisationSpec,
    /// What it is worth as collateral; without it, nothing can be borrowed against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collateral: Option<CollateralSpec>,
}

/// The kinds of lending markets, by the contract that they follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LendingKind {
    /// `aave-v3`: rates of two slopes, interest compounded all the time.
    AaveV3,
}

/// `{ base = "0%", slope1 = "4%", slope2 = "60%", optimal = "90%" }`: borrowers pay base + slope1 U/U* up to the optimal utilisation U*,
/// and base + slope1 + slope2 (U − U*)/(1 − U*) above it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RatesSpec {
    /// At no utilisation.
    pub base: Rate,
    /// What is added up to the optimal utilisation.
    pub slope1: Rate,
    /// What is added from there to full utilisation.
    pub slope2: Rate,
    /// The optimal utilisation.
    pub optimal: Fraction,
}

/// `{ ltv = "75%", threshold = "80%", bonus = "5%" }`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CollateralSpec {
    /// What can be borrowed against it, in parts of its value.
    pub ltv: Fraction,
    /// From where on a loan against it is liquidated.
    pub threshold: Fraction,
    /// What a liquidator gets on top of what he pays.
    pub bonus: Fraction,
}

const KIND: Key = Key::new("kind", "\"aave-v3\"");
const COMMON: &[Key] = &[
    KIND,
    Key::new("chain", "\"ethereum\""),
    Key::new("token", "\"USDC\""),
    Key::new("rates", "{ base = \"0%\", slope1 = \"4%\", slope2 = \"60%\", optimal = \"90%\" }"),
    Key::new("reserve_factor", "\"10%\""),
    Key::new("supplied", "\"1_000_000_000 USDC\""),
    Key::new("utilisation", "{ process = \"ou\", mean = \"80%\", half_life = \"7d\", volatility = \"20%\" }"),
    Key::new("collateral", "{ ltv = \"75%\", threshold = \"80%\", bonus = \"5%\" }"),
];
const KINDS: &[Kind<LendingKind>] = &[Kind { name: "aave-v3", keys: &[], read: |_| Ok(LendingKind::AaveV3) }];
const RATES_KEYS: &[Key] =
    &[Key::new("base", "\"0%\""), Key::new("slope1", "\"4%\""), Key::new("slope2", "\"60%\""), Key::new("optimal", "\"90%\"")];
const COLLATERAL_KEYS: &[Key] = &[Key::new("ltv", "\"75%\""), Key::new("threshold", "\"80%\""), Key::new("bonus", "\"5%\"")];

impl LendingSpec {
    /// What others have supplied where a study does not say: a market so deep that it does not feel anybody.
    const DEEP: i64 = 1_000_000_000;

    /// An Aave v3 market of a token, from which others have borrowed this much.
    pub fn aave_v3(
        name: impl Into<String>,
        chain: impl Into<String>,
        token: &Symbol,
        rates: RatesSpec,
        utilisation: impl Into<UtilisationSpec>,
    ) -> Self {
        Self {
            name: name.into(),
            kind: LendingKind::AaveV3,
            chain: chain.into(),
            token: token.clone(),
            rates: Some(rates),
            reserve_factor: Fraction::ZERO,
            supplied: deep(token),
            utilisation: utilisation.into(),
            collateral: None,
        }
    }

    /// With a share of the interest for the treasury.
    pub fn reserve_factor(mut self, reserve_factor: Fraction) -> Self {
        self.reserve_factor = reserve_factor;
        self
    }

    /// As collateral.
    pub fn collateral(mut self, collateral: CollateralSpec) -> Self {
        self.collateral = Some(collateral);
        self
    }

    pub(super) fn read(name: &str, item: &Item<'_>) -> Checked<Self> {
        let table = item.table()?;
        let kind = table.kind(KIND, "kind of lending market", KINDS)?;
        let fields = table.fields(&[COMMON, kind.keys])?;
        let token: Symbol = fields.required("token")?;
        let utilisation = fields.with("utilisation", &UtilisationSpec::read)?;
        let rates = match utilisation {
            UtilisationSpec::Recorded { .. } => fields.optional_with("rates", &RatesSpec::read)?,
            _ => Some(fields.with("rates", &RatesSpec::read)?),
        };
        Ok(Self {
            name: name.to_owned(),
            kind: (kind.read)(&fields)?,
            chain: fields.required("chain")?,
            rates,
            reserve_factor: fields.or("reserve_factor", Fraction::ZERO)?,
            supplied: fields.optional("supplied")?.unwrap_or_else(|| deep(&token)),
            utilisation,
            collateral: fields.optional_with("collateral", &CollateralSpec::read)?,
            token,
        })
    }

    pub(crate) fn path(&self) -> KeyPath {
        KeyPath::root().key("lending").key(&self.name)
    }

    pub(super) fn check(&self, study: &StudySpec) -> Checked<()> {
        let path = self.path();
        study.require_chain(&self.chain, &path.key("chain"))?;
        study.require_price(&self.token, &path.key("token"), "it is lent")?;
        require_part(self.reserve_factor, path.key("reserve_factor"), "a reserve factor", "reserve_factor = \"10%\"")?;
        let at = path.key("supplied");
        if *self.supplied.symbol() != self.token {
            return Err(Problem::new(at, format!("{} supplied to a market of {}", self.supplied.symbol(), self.token))
                .with_found(format!("\"{}\"", self.supplied))
                .with_expected(format!("an amount of {}", self.token))
                .with_example(format!("supplied = \"1_000_000_000 {}\"", self.token)));
        }
        let example = format!("supplied = \"1_000_000_000 {}\"", self.token);
        study.require_value(&self.supplied, &at, "others' supply", &example)?;
        self.utilisation.check(&path.key("utilisation"))?;
        self.reserve(&path)?;
        self.collateral_model(&path).map(|_| ())
    }

    /// Its rates, and what others have supplied.
    pub(crate) fn reserve(&self, path: &KeyPath) -> Checked<ReserveModel> {
        let rates = match &self.rates {
            Some(rates) => rates.model(&path.key("rates"))?,
            None => RatesSpec { base: Rate::ZERO, slope1: Rate::ZERO, slope2: Rate::ZERO, optimal: half() }.model(path)?,
        };
        let initial = self.utilisation.initial();
        ReserveModel::new(rates, self.reserve_factor, self.supplied.to_f64(), initial).map_err(|error| refused(error, path))
    }

    /// What drives its utilisation; a file of rates is read.
    pub(crate) fn driver(&self, study: &StudySpec) -> Checked<Utilisation> {
        let needed = study.horizon.checked_add(study.warm_up).unwrap_or(study.horizon);
        self.utilisation.driver(&study.folder, needed, &self.path().key("utilisation"))
    }

    /// What it is worth as collateral.
    pub(crate) fn collateral_model(&self, path: &KeyPath) -> Checked<Collateral> {
        self.collateral.map_or(Ok(Collateral::NONE), |collateral| collateral.model(&path.key("collateral")))
    }
}

fn deep(token: &Symbol) -> TokenAmount {
    // A whole number of nine zeros is an amount of any token.
    TokenAmount::new(Decimal::from(LendingSpec::DEEP), token.clone()).expect("a billion is not negative")
}

fn half() -> Fraction {
    Fraction::new(0.5).unwrap_or(Fraction::ONE)
}

/// A parameter that the market itself refuses.
fn refused(error: LendingError, path: &KeyPath) -> Box<Problem> {
    let (at, expected) = match error {
        LendingError::InvalidParameter { name, expected, .. } => (path.key(name), expected),
        _ => (path.clone(), "a market that can be"),
    };
    Problem::new(at, error.to_string())
        .with_expected(expected)
        .with_example("rates = { base = \"0%\", slope1 = \"4%\", slope2 = \"60%\", optimal = \"90%\" }")
        .with_cause(error)
}

impl RatesSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[RATES_KEYS])?;
        Ok(Self {
            base: fields.required("base")?,
            slope1: fields.required("slope1")?,
            slope2: fields.required("slope2")?,
            optimal: fields.required("optimal")?,
        })
    }

    fn model(&self, path: &KeyPath) -> Checked<RateModel> {
        let optimal = self.optimal.get();
        if !(optimal > 0.0 && optimal < 1.0) {
            return Err(Problem::new(path.key("optimal"), format!("an optimal utilisation of {}", self.optimal))
                .with_found(format!("\"{}\"", self.optimal))
                .with_expected("above 0% and below 100%: one slope on each side of it")
                .with_example("optimal = \"90%\""));
        }
        RateModel::new(self.base, self.slope1, self.slope2, self.optimal).map_err(|error| refused(error, path))
    }
}

impl CollateralSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[COLLATERAL_KEYS])?;
        Ok(Self { ltv: fields.required("ltv")?, threshold: fields.required("threshold")?, bonus: fields.required("bonus")? })
    }

    fn model(&self, path: &KeyPath) -> Checked<Collateral> {
        let bp = |key: &'static str, fraction: Fraction| {
            basis_points(fraction).ok_or_else(|| {
                Problem::new(path.key(key), format!("{fraction} is no whole number of basis points"))
                    .with_found(format!("\"{fraction}\""))
                    .with_expected("whole basis points from 0% to 100%, as the contract counts them")
                    .with_example(format!("{key} = \"75%\""))
            })
        };
        let (ltv, threshold, bonus) = (bp("ltv", self.ltv)?, bp("threshold", self.threshold)?, bp("bonus", self.bonus)?);
        Collateral::new(ltv, threshold, 10_000 + bonus).map_err(|error| {
            let key = match error {
                LendingError::InvalidParameter { name: "ltv_bp", .. } => "ltv",
                LendingError::InvalidParameter { name: "liquidation_threshold_bp", .. } => "threshold",
                _ => "bonus",
            };
            Problem::new(path.key(key), "collateral that no market takes")
                .with_found(format!("ltv = \"{}\", threshold = \"{}\", bonus = \"{}\"", self.ltv, self.threshold, self.bonus))
                .with_expected("ltv at most the threshold, a bonus above 0%, and (1 + bonus) x threshold at most 100%")
                .with_example("collateral = { ltv = \"75%\", threshold = \"80%\", bonus = \"5%\" }")
                .with_cause(error)
        })
    }
}

/// A fraction from 0 to 1 in whole basis points.
fn basis_points(fraction: Fraction) -> Option<u16> {
    let scaled = fraction.get() * 1e4;
    let whole = scaled.round();
    if !(0.0..=1e4).contains(&whole) || (scaled - whole).abs() > 1e-9 {
        return None;
    }
    // Between 0 and 10000.
    u16::try_from(crate::convert::index(whole)).ok()
}
