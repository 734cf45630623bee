use super::EmissionError;

/// Rates from given times on, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Steps {
    /// When each begins, in nanoseconds, and tokens per year from then on.
    steps: Vec<(u64, f64)>,
}

impl Steps {
    pub(super) fn new(steps: &[(u64, f64)]) -> Result<Self, EmissionError> {
        if steps.is_empty() {
            return Err(EmissionError::NoSteps);
        }
        if let Some(pair) = steps.windows(2).find(|pair| pair[1].0 <= pair[0].0) {
            return Err(EmissionError::StepsOutOfOrder { before: pair[0].0, next: pair[1].0 });
        }
        Ok(Self { steps: steps.to_vec() })
    }

    /// The rate at `time`, and until when it holds.
    pub(super) fn at(&self, time: u64) -> (f64, u64) {
        let begun = self.steps.partition_point(|(begin, _)| *begin <= time);
        let rate = begun.checked_sub(1).map_or(0.0, |last| self.steps[last].1);
        (rate, self.steps.get(begun).map_or(u64::MAX, |(begin, _)| *begin))
    }
}
