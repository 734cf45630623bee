//! What can go wrong: `[risks.NAME]`.
//!
//! To add a kind: a variant of [`RiskKindSpec`], an entry in `KINDS`, and what it can hit in [`RiskKindSpec::tables`].

mod rate;
#[cfg(test)]
mod tests;

use cenote_sim::RiskSource;
use cenote_units::{Fraction, SimDuration, Symbol};
use serde::Serialize;

pub use rate::HazardSpec;

use super::quantity::{require_part, require_time};
use super::{Place, StudySpec};
use crate::key_path::KeyPath;
use crate::metrics::RiskMetric;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key, Kind};

/// Events that come at a rate, independently of everything else, and hit what they hit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RiskSpec {
    /// Its name: that of the table.
    #[serde(skip)]
    pub name: String,
    /// What happens.
    #[serde(flatten)]
    pub kind: RiskKindSpec,
    /// What it happens to: `"farms.main"`, `"pools.main"`, `"lending.usdt"` or `"tokens.UST"`. Of several each event hits one that is
    /// drawn, and every other with the probability `contagion`.
    pub targets: Vec<String>,
    /// How often.
    pub rate: HazardSpec,
    /// The probability that an event hits a target other than the one drawn for it; 0% unless given.
    pub contagion: Fraction,
}

/// What happens to a target. Severities are parts of what is there.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RiskKindSpec {
    /// `exploit`: a part of what is there is stolen, and a farm pays no more rewards.
    Exploit {
        /// The part; 100% unless given.
        loss_severity: Fraction,
        /// The part of the loss that is given back at once; 0% unless given.
        recovered: Fraction,
    },
    /// `rug-pull`: a pool's liquidity is stolen, and the price of one of its tokens falls by the same part, for good.
    RugPull {
        /// The part; 100% unless given.
        loss_severity: Fraction,
        /// The token; the first of the pool's that is not the numeraire unless given.
        #[serde(skip_serializing_if = "Option::is_none")]
        token: Option<Symbol>,
    },
    /// `depeg`: the price of a token falls.
    Depeg {
        /// By this part.
        loss_severity: Fraction,
        /// Half-life of the deviation; without it, the price stays down.
        #[serde(skip_serializing_if = "Option::is_none")]
        recovery: Option<SimDuration>,
    },
    /// `halt`: a farm pays no rewards.
    Halt {
        /// For how long; for good without it.
        #[serde(skip_serializing_if = "Option::is_none")]
        duration: Option<SimDuration>,
    },
    /// `freeze`: nobody can take anything out.
    Freeze {
        /// For how long; for good without it.
        #[serde(skip_serializing_if = "Option::is_none")]
        duration: Option<SimDuration>,
    },
    /// `oracle-failure`: a lending market goes on with the price of its token at the moment of failure.
    OracleFailure {
        /// For how long; for good without it.
        #[serde(skip_serializing_if = "Option::is_none")]
        duration: Option<SimDuration>,
    },
    /// `oracle-manipulation`: a lending market takes its token for less than it is worth, for a moment: loans against it are liquidated.
    OracleManipulation {
        /// By this part.
        loss_severity: Fraction,
    },
}

const KIND: Key = Key::new("kind", "\"exploit\"");
const COMMON: &[Key] = &[
    KIND,
    Key::new("target", "\"farms.main\""),
    Key::new("targets", "[\"farms.main\", \"pools.main\"]"),
    Key::new("rate", "\"2% per year\""),
    Key::new("contagion", "\"20%\""),
];
const SEVERITY: Key = Key::new("loss_severity", "\"100%\"");
const DURATION: Key = Key::new("duration", "\"3d\"");

/// The kinds that a study file can name; the first without a name.
const KINDS: &[Kind<RiskKindSpec>] = &[
    Kind {
        name: "exploit",
        keys: &[SEVERITY, Key::new("recovered", "\"50%\"")],
        read: |fields| {
            Ok(RiskKindSpec::Exploit {
                loss_severity: fields.or("loss_severity", Fraction::ONE)?,
                recovered: fields.or("recovered", Fraction::ZERO)?,
            })
        },
    },
    Kind {
        name: "rug-pull",
        keys: &[SEVERITY, Key::new("token", "\"MEME\"")],
        read: |fields| {
            Ok(RiskKindSpec::RugPull {
                loss_severity: fields.or("loss_severity", Fraction::ONE)?,
                token: fields.optional("token")?,
            })
        },
    },
    Kind {
        name: "depeg",
        keys: &[SEVERITY, Key::new("recovery", "\"30d\"")],
        read: |fields| {
            Ok(RiskKindSpec::Depeg { loss_severity: fields.required("loss_severity")?, recovery: fields.optional("recovery")? })
        },
    },
    Kind { name: "halt", keys: &[DURATION], read: |fields| Ok(RiskKindSpec::Halt { duration: fields.optional("duration")? }) },
    Kind { name: "freeze", keys: &[DURATION], read: |fields| Ok(RiskKindSpec::Freeze { duration: fields.optional("duration")? }) },
    Kind {
        name: "oracle-failure",
        keys: &[DURATION],
        read: |fields| Ok(RiskKindSpec::OracleFailure { duration: fields.optional("duration")? }),
    },
    Kind {
        name: "oracle-manipulation",
        keys: &[SEVERITY],
        read: |fields| Ok(RiskKindSpec::OracleManipulation { loss_severity: fields.required("loss_severity")? }),
    },
];

impl StudySpec {
    /// What positions can lose something to, by name, with what results say of each: risks, and then bridges as `bridges.NAME`.
    pub fn risk_sources(&self) -> impl Iterator<Item = (String, Vec<RiskMetric>)> + '_ {
        let risks = self.risks.iter().map(|risk| (risk.name.clone(), risk.kind.metrics()));
        let bridges = self.bridges.iter().map(|bridge| (format!("bridges.{}", bridge.name), RiskSource::BRIDGE.to_vec()));
        risks.chain(bridges)
    }
}

impl RiskKindSpec {
    /// What there is to say of a risk of this kind: [`RiskKind::has`](cenote_sim::RiskKind::has).
    fn metrics(&self) -> Vec<RiskMetric> {
        use RiskMetric::{CostOf, HitBy, LostTo, PaidBack};
        match self {
            Self::Exploit { .. } => vec![LostTo, PaidBack, HitBy],
            Self::RugPull { .. } => vec![LostTo, PaidBack, HitBy, CostOf],
            Self::Freeze { .. } => vec![HitBy],
            Self::Depeg { .. } | Self::Halt { .. } | Self::OracleFailure { .. } | Self::OracleManipulation { .. } => {
                vec![HitBy, CostOf]
            }
        }
    }

    /// The tables of what it can hit.
    fn tables(&self) -> &'static [&'static str] {
        match self {
            Self::Exploit { .. } => &["farms", "pools", "lending"],
            Self::RugPull { .. } => &["pools"],
            Self::Depeg { .. } => &["tokens"],
            Self::Halt { .. } => &["farms"],
            Self::Freeze { .. } => &["farms", "lending"],
            Self::OracleFailure { .. } | Self::OracleManipulation { .. } => &["lending"],
        }
    }

    fn check(&self, path: &KeyPath) -> Checked<()> {
        let severity =
            |part: Fraction| require_part(part, path.key("loss_severity"), "a loss severity", "loss_severity = \"100%\"");
        let time = |time: Option<SimDuration>, key: &str, what: &str| {
            time.map_or(Ok(()), |time| require_time(time, path.key(key), what, &format!("{key} = \"3d\"")))
        };
        match self {
            Self::Exploit { loss_severity, recovered } => {
                severity(*loss_severity)?;
                require_part(*recovered, path.key("recovered"), "a recovery", "recovered = \"50%\"")
            }
            Self::RugPull { loss_severity, .. } | Self::OracleManipulation { loss_severity } => severity(*loss_severity),
            Self::Depeg { loss_severity, recovery } => {
                severity(*loss_severity)?;
                time(*recovery, "recovery", "a depeg that is over at once")
            }
            Self::Halt { duration } | Self::Freeze { duration } | Self::OracleFailure { duration } => {
                time(*duration, "duration", "an event that is over at once")
            }
        }
    }
}

impl RiskSpec {
    /// Something that happens to this target at this rate.
    pub fn new(name: impl Into<String>, kind: RiskKindSpec, target: impl Into<String>, rate: HazardSpec) -> Self {
        Self { name: name.into(), kind, targets: vec![target.into()], rate, contagion: Fraction::ZERO }
    }

    pub(super) fn read(name: &str, item: &Item<'_>) -> Checked<Self> {
        let table = item.table()?;
        let kind = if table.get("kind").is_some() { table.kind(KIND, "kind of risk", KINDS)? } else { &KINDS[0] };
        let fields = table.fields(&[COMMON, kind.keys])?;
        let one = |item: &Item<'_>| Ok(vec![item.read()?]);
        Ok(Self {
            name: name.to_owned(),
            kind: (kind.read)(&fields)?,
            targets: fields.one_of(("target", &one), ("targets", &Item::read))?,
            rate: fields.with("rate", &HazardSpec::read)?,
            contagion: fields.or("contagion", Fraction::ZERO)?,
        })
    }

    pub(crate) fn path(&self) -> KeyPath {
        KeyPath::root().key("risks").key(&self.name)
    }

    pub(super) fn check(&self, study: &StudySpec) -> Checked<()> {
        let path = self.path();
        if self.targets.is_empty() {
            return Err(Problem::new(path.key("targets"), "a risk of nothing")
                .with_found("[]")
                .with_expected("at least one target")
                .with_example("target = \"farms.main\""));
        }
        for (i, name) in self.targets.iter().enumerate() {
            let at = if self.targets.len() == 1 { path.key("target") } else { path.key("targets").index(i) };
            let place = study.require_place(name, &at, self.kind.tables())?;
            if let (RiskKindSpec::Depeg { .. }, Place::Token(token)) = (&self.kind, place) {
                study.require_price(&token.symbol, &at, "it can lose its peg")?;
                if token.symbol == study.numeraire {
                    return Err(Problem::new(
                        at,
                        format!("{} is what everything is counted in: its price does not move", token.symbol),
                    )
                    .with_found(format!("{name:?}"))
                    .with_expected("a token with a price")
                    .with_example("target = \"tokens.UST\""));
                }
            }
            self.check_rug(&path, place, study)?;
        }
        self.rate.check(&path.key("rate"))?;
        require_part(self.contagion, path.key("contagion"), "a contagion", "contagion = \"20%\"")?;
        self.kind.check(&path)
    }

    /// A rug pull is of one of the pool's own tokens.
    fn check_rug(&self, path: &KeyPath, place: Place<'_>, study: &StudySpec) -> Checked<()> {
        let (RiskKindSpec::RugPull { token: Some(token), .. }, Place::Pool(pool)) = (&self.kind, place) else { return Ok(()) };
        let at = path.key("token");
        study.require_token(token, &at)?;
        if pool.tokens.contains(token) && *token != study.numeraire {
            return Ok(());
        }
        Err(Problem::new(at, format!("{token} is no token that pool `{}` can make worthless", pool.name))
            .with_found(format!("\"{token}\""))
            .with_expected("a token of the pool, not the numeraire")
            .with_example(format!("token = \"{}\"", pool.tokens[0])))
    }

    /// The token that a rug pull makes worthless.
    pub(crate) fn rugged<'a>(&'a self, study: &'a StudySpec) -> Option<&'a Symbol> {
        let RiskKindSpec::RugPull { token, .. } = &self.kind else { return None };
        token.as_ref().or_else(|| match study.place(self.targets.first()?)? {
            Place::Pool(pool) => pool.tokens.iter().find(|token| **token != study.numeraire),
            _ => None,
        })
    }
}
