use cenote_strategy::{FarmId, LendingId, PoolId, TokenId};
use cenote_units::SimDuration;

use crate::metrics::RiskMetric;

/// Something that can go wrong: events that come at a rate, independently of everything else. Its stream is `risks.NAME`.
#[derive(Clone, Debug, PartialEq)]
pub struct RiskSetup {
    /// Its name.
    pub name: String,
    /// What happens then.
    pub kind: RiskKind,
    /// What it happens to. Of several targets each event hits one that is drawn, and every other one with the probability
    /// [`contagion`](Self::contagion): so losses in different places come together.
    pub targets: Vec<RiskTarget>,
    /// Events per year.
    pub rate: f64,
    /// The probability that an event hits a target other than the one drawn for it.
    pub contagion: f64,
}

/// What can be hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RiskTarget {
    /// A token: its price.
    Token(TokenId),
    /// The liquidity in a pool, wherever its LP tokens are.
    Pool(PoolId),
    /// Stakes in a farm.
    Farm(FarmId),
    /// What is supplied to a lending market.
    Lending(LendingId),
}

/// What happens to a target. Severities are fractions: 1 is everything.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum RiskKind {
    /// This part of what is there is stolen, and a farm pays no more rewards.
    Exploit {
        /// The part.
        severity: f64,
        /// The part of the loss that is given back at once.
        recovered: f64,
    },
    /// As an exploit of a pool's liquidity; and the price of the pool's `token` falls by the same part, for good.
    RugPull {
        /// The part.
        severity: f64,
        /// The token that becomes worthless.
        token: TokenId,
    },
    /// The price of a token falls by this part.
    Depeg {
        /// The part.
        severity: f64,
        /// Half-life of the deviation; `None` if it stays.
        recovery: Option<SimDuration>,
    },
    /// A farm pays no rewards.
    Halt {
        /// For how long; `None` if for good.
        duration: Option<SimDuration>,
    },
    /// Nobody can take anything out.
    Freeze {
        /// For how long; `None` if for good.
        duration: Option<SimDuration>,
    },
    /// A lending market takes its token for this part less than it is worth, for a moment: loans against it are liquidated.
    OracleManipulation {
        /// The part.
        severity: f64,
    },
    /// A lending market goes on with the price of its token at the moment of failure.
    OracleFailure {
        /// For how long; `None` if for good.
        duration: Option<SimDuration>,
    },
}

impl RiskKind {
    /// Whether there is such a number of a risk of this kind.
    pub fn has(&self, metric: RiskMetric) -> bool {
        let takes = matches!(self, Self::Exploit { .. } | Self::RugPull { .. });
        match metric {
            RiskMetric::LostTo | RiskMetric::PaidBack => takes,
            RiskMetric::HitBy => true,
            // What comes of not getting out in time is a price that moves, up or down; and what a farm that was robbed would have paid,
            // nobody knows.
            RiskMetric::CostOf => !matches!(self, Self::Freeze { .. } | Self::Exploit { .. }),
        }
    }
}

/// Cover against exploits: who has bought it is paid for a part of what is stolen.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverTerms {
    /// Where it holds; anywhere if empty.
    pub targets: Vec<RiskTarget>,
    /// Paid for it, per year, on the value of what is covered.
    pub premium: f64,
    /// The part of a loss that is paid.
    pub pays: f64,
}
