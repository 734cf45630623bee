//! Bootstraps that resample several files jointly: `joint = "NAME"`.

use std::collections::BTreeMap;

use cenote_paths::{PathError, PriceHistory};

use super::{CorrelationSpec, HistoryFile, ProcessSpec, StudySpec, TokenSpec};
use crate::problem::{Checked, Problem};

/// What a bootstrap says of the ones that it goes with.
#[derive(Debug, Clone)]
pub(crate) struct Joint<'a> {
    /// The name that they have in common.
    pub(crate) name: &'a str,
    /// What they have to have in common besides.
    pub(crate) blocks: String,
    /// What is each one's own.
    pub(crate) history: &'a HistoryFile,
}

impl StudySpec {
    /// That what is resampled jointly can be: alike blocks, rows at the same times. Returns the correlations of the files' returns, which
    /// are those of the steps inside their intervals.
    pub(crate) fn check_joints(&self) -> Checked<Vec<CorrelationSpec>> {
        let mut groups: BTreeMap<&str, Vec<(&TokenSpec, Joint<'_>)>> = BTreeMap::new();
        for token in &self.tokens {
            if let Some(joint) = token.price.as_ref().and_then(ProcessSpec::joint) {
                groups.entry(joint.name).or_default().push((token, joint));
            }
        }
        let mut correlations = Vec::new();
        for (name, members) in &groups {
            self.check_joint(name, members, &mut correlations)?;
        }
        Ok(correlations)
    }

    fn check_joint(&self, name: &str, members: &[(&TokenSpec, Joint<'_>)], correlations: &mut Vec<CorrelationSpec>) -> Checked<()> {
        let (first, joint) = &members[0];
        let problem = |token: &TokenSpec, message: String| {
            Problem::new(token.path().key("price").key("joint"), message)
                .with_found(format!("{name:?}"))
                .with_example(format!("joint = {name:?}"))
        };
        if members.len() == 1 {
            return Err(problem(first, format!("{} is alone in {name:?}: nothing is resampled with it", first.symbol))
                .with_expected("the same `joint` at two bootstraps or more"));
        }
        let mut loaded: Vec<(&TokenSpec, &HistoryFile, PriceHistory)> = Vec::with_capacity(members.len());
        for (token, other) in members {
            if other.blocks != joint.blocks {
                let [here, there] = [&other.blocks, &joint.blocks];
                return Err(problem(
                    token,
                    format!("{} has {here}, {} has {there}: their blocks do not go together", token.symbol, first.symbol),
                )
                .with_expected("the same process with the same blocks"));
            }
            let history = other.history.load(&self.folder, &token.path().key("price"))?;
            for (earlier, file, with) in &loaded {
                let misaligned = |error: PathError| {
                    problem(token, format!("{:?} and {:?} cannot be resampled jointly: {error}", other.history.file, file.file))
                        .with_expected("files with rows at the same times")
                        .with_cause(error)
                };
                let value = history.correlation(with).map_err(misaligned)?;
                correlations.push(CorrelationSpec::new(earlier.symbol.clone(), token.symbol.clone(), value));
            }
            loaded.push((token, other.history, history));
        }
        Ok(())
    }
}
