//! When a position leaves for good.

use cenote_units::{Fraction, SimDuration};
use serde::Serialize;

use super::StrategySpec;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// `stop_loss`, `take_profit`, `stop_impermanent_loss`, `leave_after`: keys of any position with liquidity in a pool, with a stake
/// or with a loan. It then sells all it has, for the numeraire where its pool has it or it has no pool, otherwise for the pool's last token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct GuardSpec {
    /// Leaves when this part of the deposit's value is gone: "25%" is a value of at most 75% of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_loss: Option<Fraction>,
    /// Leaves when this part of the deposit's value has been gained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub take_profit: Option<Fraction>,
    /// Leaves when the value is this part below that of the tokens put in, fees counted in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_impermanent_loss: Option<Fraction>,
    /// Leaves after this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leave_after: Option<SimDuration>,
}

pub(super) const KEYS: &[Key] = &[
    Key::new("stop_loss", "\"25%\""),
    Key::new("take_profit", "\"50%\""),
    Key::new("stop_impermanent_loss", "\"10%\""),
    Key::new("leave_after", "\"30d\""),
];

impl GuardSpec {
    /// Whether there is nothing to watch.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            stop_loss: fields.optional("stop_loss")?,
            take_profit: fields.optional("take_profit")?,
            stop_impermanent_loss: fields.optional("stop_impermanent_loss")?,
            leave_after: fields.optional("leave_after")?,
        })
    }

    pub(super) fn check(&self, path: &KeyPath, strategy: &StrategySpec, study: &StudySpec) -> Checked<()> {
        if self.is_empty() {
            return Ok(());
        }
        if !strategy.can_leave() {
            let name = self.first_key();
            return Err(Problem::of_key(path.key(name), "only a position in a pool, a farm, a vault or a market can leave it")
                .with_expected("a strategy with a `pool`, `farm`, `vault` or `market`")
                .with_example("strategy = \"passive\""));
        }
        if self.stop_impermanent_loss.is_some() && strategy.liquidity(study).is_none() {
            return Err(Problem::of_key(path.key("stop_impermanent_loss"), "only liquidity in a pool has an impermanent loss")
                .with_expected("a strategy with liquidity, or `stop_loss`")
                .with_example("stop_loss = \"10%\""));
        }
        let below_all = |fraction: Fraction| fraction.get() < 1.0;
        check_share("stop_loss", self.stop_loss, path, below_all, "above 0% and below 100% of the deposit")?;
        check_share("take_profit", self.take_profit, path, |_| true, "a part of the deposit above 0%")?;
        let what = "above 0% and below 100% of the value of holding";
        check_share("stop_impermanent_loss", self.stop_impermanent_loss, path, below_all, what)
    }

    /// The first key that is there.
    fn first_key(&self) -> &'static str {
        if self.stop_loss.is_some() {
            "stop_loss"
        } else if self.take_profit.is_some() {
            "take_profit"
        } else if self.stop_impermanent_loss.is_some() {
            "stop_impermanent_loss"
        } else {
            "leave_after"
        }
    }
}

fn check_share(
    name: &'static str,
    share: Option<Fraction>,
    path: &KeyPath,
    allowed: impl Fn(Fraction) -> bool,
    expected: &str,
) -> Checked<()> {
    match share.filter(|&share| share.get() <= 0.0 || !allowed(share)) {
        None => Ok(()),
        Some(share) => Err(Problem::new(path.key(name), format!("a {} that cannot be", name.replace('_', " ")))
            .with_found(format!("\"{share}\""))
            .with_expected(expected)
            .with_example(format!("{name} = \"25%\""))),
    }
}
