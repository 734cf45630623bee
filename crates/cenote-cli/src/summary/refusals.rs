//! What strategies asked for in vain.

use cenote_study::PositionMetric;

use super::Summary;
use crate::number::grouped;

impl Summary<'_> {
    /// A sentence for each position whose strategy was refused something, if that was counted.
    pub(super) fn refusals(&self) -> Vec<String> {
        let sentence = |name: &str| {
            let refused = self.position(name, PositionMetric::RefusedActions).filter(|refused| refused.max > 0.0)?;
            let mean = grouped(refused.mean.mean, 2);
            Some(format!("{name}: {mean} actions a path were refused; `cenote replay --path I --events FILE` shows which and why"))
        };
        self.position_names().filter_map(sentence).collect()
    }
}
