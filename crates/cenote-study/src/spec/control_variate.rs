//! Control variates: `control_variates` in `[study]`.

use std::fmt;
use std::sync::Arc;

use cenote_paths::PriceModel;
use cenote_units::Symbol;
use serde::{Serialize, Serializer};

use super::StudySpec;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::Item;

/// A number of each path whose mean is known: `"ETH"` is the price of ETH at the horizon, `"sqrt(ETH)"` its root.
///
/// What is held is linear in prices at the horizon; what a constant-product pool without fee is worth is linear in a root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlVariate {
    /// The token.
    pub token: Symbol,
    /// Whether it is the root of the price.
    pub root: bool,
}

const EXAMPLE: &str = "control_variates = [\"ETH\", \"sqrt(ETH)\"]";

impl ControlVariate {
    /// The price of a token at the horizon.
    pub fn price(token: Symbol) -> Self {
        Self { token, root: false }
    }

    /// The root of the price of a token at the horizon.
    pub fn root_of_price(token: Symbol) -> Self {
        Self { token, root: true }
    }

    /// What the price is raised to.
    pub fn power(&self) -> f64 {
        if self.root { 0.5 } else { 1.0 }
    }

    /// Its value at a price.
    pub fn of(&self, price: f64) -> f64 {
        if self.root { price.sqrt() } else { price }
    }

    /// The name of its column.
    pub const fn metric(&self) -> &'static str {
        if self.root { "root_final_price" } else { "final_price" }
    }

    pub(super) fn read_all(item: &Item<'_>) -> Checked<Vec<Self>> {
        item.elements()?.iter().map(Self::read).collect()
    }

    fn read(item: &Item<'_>) -> Checked<Self> {
        let text: String = item.read()?;
        let inner = text.strip_prefix("sqrt(").and_then(|rest| rest.strip_suffix(')'));
        let token = Symbol::new(inner.unwrap_or(&text).trim()).map_err(|error| {
            item.problem(error.to_string())
                .with_expected("a token, or sqrt(TOKEN): its price at the horizon, or the root of that")
                .with_example(EXAMPLE)
                .with_cause(error)
        })?;
        Ok(Self { token, root: inner.is_some() })
    }
}

impl fmt::Display for ControlVariate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.root { write!(f, "sqrt({})", self.token) } else { self.token.fmt(f) }
    }
}

impl Serialize for ControlVariate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl StudySpec {
    pub(super) fn check_control_variates(&self) -> Checked<()> {
        let at = KeyPath::root().key("study").key("control_variates");
        for (i, control) in self.control_variates.iter().enumerate() {
            self.require_price(&control.token, &at.index(i), "a control variate needs its mean")?;
            if self.control_variates[..i].contains(control) {
                return Err(Problem::new(at.index(i), format!("{control} is a control variate already"))
                    .with_found(format!("\"{control}\""))
                    .with_expected("each once")
                    .with_example(EXAMPLE));
            }
        }
        let groups = self.sampling.grouping().groups(usize::try_from(self.paths).unwrap_or(usize::MAX));
        if !self.control_variates.is_empty() && groups < self.control_variates.len() + 3 {
            return Err(Problem::new(at, format!("{groups} groups of paths are too few for this many control variates"))
                .with_found(self.control_variates.len().to_string())
                .with_expected("at most as many as there are independent paths, pairs or sets, less three")
                .with_example("paths = 10_000"));
        }
        Ok(())
    }

    /// The means of the control variates, in their order.
    pub(crate) fn control_means(&self, prices: &[(Symbol, Arc<dyn PriceModel>)]) -> Checked<Vec<f64>> {
        let at = KeyPath::root().key("study").key("control_variates");
        self.control_variates.iter().enumerate().map(|(i, control)| self.control_mean(control, prices, &at.index(i))).collect()
    }

    fn control_mean(&self, control: &ControlVariate, prices: &[(Symbol, Arc<dyn PriceModel>)], at: &KeyPath) -> Checked<f64> {
        let unknown = |why: String| {
            Problem::new(at.clone(), why)
                .with_found(format!("\"{control}\""))
                .with_expected(
                    "a price in the numeraire whose process has a closed form for this mean: of the price itself, most have",
                )
                .with_example(EXAMPLE)
        };
        let token = &control.token;
        // The sum was checked not to overflow.
        let time = self.horizon.checked_add(self.warm_up).unwrap_or(self.horizon);
        let Some((_, model)) = prices.iter().find(|(symbol, _)| symbol == token) else {
            return Err(unknown(format!("{token} is the numeraire: its price is always 1")));
        };
        let quote = self.tokens.iter().find(|other| other.symbol == *token).map(|token| token.quote(&self.numeraire));
        if quote.is_some_and(|quote| *quote != self.numeraire) {
            return Err(unknown(format!("the price of {token} is in another token: its mean in the numeraire is not known")));
        }
        let mean = model.moment(control.power(), time).filter(|mean| mean.is_finite());
        mean.ok_or_else(|| {
            unknown(format!("the mean of {control} at the horizon has no closed form under the price process of {token}"))
        })
    }
}
