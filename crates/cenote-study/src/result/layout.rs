//! Which column is what.

use std::borrow::Cow;
use std::fmt;

use crate::error::StudyError;
use crate::spec::StudySpec;

/// What a metric is a metric of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A position.
    Position,
    /// A pool.
    Pool,
    /// A token, whose price at the horizon is a control variate.
    Token,
}

impl Subject {
    /// The name of its table in results: `positions`, `pools`, `tokens`.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Position => "positions",
            Self::Pool => "pools",
            Self::Token => "tokens",
        }
    }
}

/// A column: a metric of a position or a pool, or a control variate. Shown as `positions.full range.net_return`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ColumnKey {
    /// Of what kind that is which it is of.
    pub subject: Subject,
    /// Name of that position, pool or token.
    pub name: String,
    /// Name of the metric; of a metric by risk `lost_to.NAME`.
    pub metric: Cow<'static, str>,
}

impl fmt::Display for ColumnKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.subject.table(), self.name, self.metric)
    }
}

/// The columns of a study: for every position the selected metrics of positions and of each risk and bridge, then for every pool those of pools, all
/// in the order of the study file and of the registry; then the control variates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnLayout {
    keys: Vec<ColumnKey>,
    /// How many of them are of positions and pools.
    measured: usize,
}

impl ColumnLayout {
    /// The columns of this study.
    pub fn of(study: &StudySpec) -> Self {
        fn key(subject: Subject, name: &str, metric: impl Into<Cow<'static, str>>) -> ColumnKey {
            ColumnKey { subject, name: name.to_owned(), metric: metric.into() }
        }
        let wanted = study.metrics.risks();
        let by_risk: Vec<String> = study
            .risk_sources()
            .flat_map(|(source, metrics)| {
                let metrics = metrics.into_iter().filter(|metric| wanted.contains(metric));
                metrics.map(move |metric| format!("{metric}.{source}"))
            })
            .collect();
        let by_risk = by_risk.as_slice();
        let positions = study.positions.iter().flat_map(|position| {
            let metrics = study.metrics.positions().iter();
            let metrics = metrics.map(move |metric| key(Subject::Position, &position.name, metric.name()));
            metrics.chain(by_risk.iter().map(move |metric| key(Subject::Position, &position.name, metric.clone())))
        });
        let pools = study.pools.iter().flat_map(|pool| {
            let metrics = study.metrics.pools().iter();
            metrics.map(move |metric| key(Subject::Pool, &pool.name, metric.name()))
        });
        let mut keys: Vec<ColumnKey> = positions.chain(pools).collect();
        let measured = keys.len();
        let controls = study.control_variates.iter();
        keys.extend(controls.map(|control| key(Subject::Token, control.token.as_str(), control.metric())));
        Self { keys, measured }
    }

    /// How many columns are of positions and pools; control variates come behind.
    pub fn measured(&self) -> usize {
        self.measured
    }

    /// The columns in their order.
    pub fn keys(&self) -> &[ColumnKey] {
        &self.keys
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether nothing is measured.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The place of a column.
    ///
    /// # Errors
    /// [`StudyError::NotInResult`], with the names that would do.
    pub fn find(&self, subject: Subject, name: &str, metric: &str) -> Result<usize, StudyError> {
        let of_subject = |key: &&ColumnKey| key.subject == subject;
        if let Some(column) = self.keys.iter().position(|key| key.subject == subject && key.name == name && key.metric == metric) {
            return Ok(column);
        }
        let mut known: Vec<String> = self.keys.iter().filter(of_subject).map(|key| key.name.clone()).collect();
        known.dedup();
        if known.iter().any(|known| known == name) {
            let metrics = self.keys.iter().filter(of_subject).filter(|key| key.name == name);
            let known = metrics.map(|key| key.metric.clone().into_owned()).collect();
            return Err(StudyError::NotInResult { what: "metric", name: metric.to_owned(), known });
        }
        let what = match subject {
            Subject::Position => "position",
            Subject::Pool => "pool",
            Subject::Token => "token",
        };
        Err(StudyError::NotInResult { what, name: name.to_owned(), known })
    }
}
