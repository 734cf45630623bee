//! Prices that move together: `[correlations]`.

use std::sync::Arc;

use cenote_paths::{CorrelationMatrix, DiffusionClock, PathError, PriceModel};
use cenote_units::Symbol;

use super::StudySpec;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::Item;

/// `"ETH,BTC" = 0.7`: the correlation of the diffusion normals of two tokens' prices.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrelationSpec {
    /// Two different tokens, each with a price.
    pub tokens: [Symbol; 2],
    /// From −1 to 1.
    pub value: f64,
}

/// Where a pair is to be mended.
const EXAMPLE: &str = "\"ETH,BTC\" = 0.7";

impl CorrelationSpec {
    /// The correlation of two tokens' prices.
    pub fn new(first: Symbol, second: Symbol, value: f64) -> Self {
        Self { tokens: [first, second], value }
    }

    pub(super) fn read(name: &str, item: &Item<'_>) -> Checked<Self> {
        let problem = |message: &str| {
            Problem::of_key(item.path().clone(), message)
                .with_found(name)
                .with_expected("two tokens with a comma between them")
                .with_example(EXAMPLE)
        };
        let Some((first, second)) = name.split_once(',') else { return Err(problem("a correlation is one of two tokens")) };
        let symbol = |text: &str| Symbol::new(text.trim()).map_err(|error| problem(&error.to_string()).with_cause(error));
        let tokens = [symbol(first)?, symbol(second)?];
        let value = item.read().map_err(|problem| problem.or_example(|| EXAMPLE.to_owned()))?;
        Ok(Self { tokens, value })
    }

    /// The key in a study file.
    pub(super) fn key(&self) -> String {
        let [first, second] = &self.tokens;
        format!("{first},{second}")
    }

    fn path(&self) -> KeyPath {
        KeyPath::root().key("correlations").key(self.key())
    }

    fn check(&self, earlier: &[Self], study: &StudySpec) -> Checked<()> {
        let problem = |message: String| Problem::of_key(self.path(), message).with_found(self.key()).with_example(EXAMPLE);
        let [first, second] = &self.tokens;
        for token in &self.tokens {
            study.require_token(token, &self.path()).map_err(Problem::with_key_at_fault)?;
        }
        if first == second {
            return Err(problem(format!("the correlation of {first} with itself is 1")).with_expected("two different tokens"));
        }
        if let Some(other) = earlier.iter().find(|other| self.tokens.iter().all(|token| other.tokens.contains(token))) {
            return Err(problem(format!(
                "{first} and {second} have a correlation already: `\"{}\" = {}`",
                other.key(),
                other.value
            ))
            .with_expected("each pair once, in either order"));
        }
        if !(-1.0..=1.0).contains(&self.value) {
            return Err(Problem::new(self.path(), "a correlation beyond what there can be")
                .with_found(self.value.to_string())
                .with_expected("a number from -1 to 1")
                .with_example(format!("{:?} = {}", self.key(), if self.value < 0.0 { -0.7 } else { 0.7 })));
        }
        Ok(())
    }
}

impl StudySpec {
    /// The correlations by themselves, before any price is there.
    pub(super) fn check_correlations(&self) -> Checked<()> {
        for (at, correlation) in self.correlations.iter().enumerate() {
            correlation.check(&self.correlations[..at], self)?;
        }
        let place = |symbol: &Symbol| self.tokens.iter().position(|token| token.symbol == *symbol).unwrap_or(usize::MAX);
        let pairs: Vec<_> =
            self.correlations.iter().map(|pair| (place(&pair.tokens[0]), place(&pair.tokens[1]), pair.value)).collect();
        CorrelationMatrix::from_pairs(self.tokens.len(), &pairs).map(|_| ()).map_err(|error| self.impossible(error))
    }

    /// The problem of a matrix that cannot be.
    fn impossible(&self, error: PathError) -> Box<Problem> {
        let path = KeyPath::root().key("correlations");
        let PathError::Indefinite { pairs, nearest } = &error else { return Problem::new(path, error.to_string()) };
        let symbol = |i: usize| self.tokens[i].symbol.as_str();
        // In the order of the file where the pair stands there, with the name that it has there.
        let spelled = |i: usize, j: usize| {
            let two = [symbol(i), symbol(j)];
            let there =
                self.correlations.iter().find(|pair| two.iter().all(|token| pair.tokens.iter().any(|other| other == token)));
            there.map_or_else(|| two.join(","), CorrelationSpec::key)
        };
        let culprits: Vec<String> = pairs.iter().map(|&(i, j)| format!("\"{}\"", spelled(i, j))).collect();
        let lines: Vec<String> = nearest.pairs().map(|(i, j, value)| format!("\"{}\" = {value}", spelled(i, j))).collect();
        let first = pairs.first().map_or(path.clone(), |&(i, j)| path.key(spelled(i, j)));
        Problem::new(first, format!("no prices can have these correlations at once: {} exclude one another", culprits.join(", ")))
            .with_found(format!("correlations = {{ {} }}", self.written()))
            .with_expected("a positive semi-definite matrix; the example is the nearest one (Higham 2002)")
            .with_example(format!("correlations = {{ {} }}", lines.join(", ")))
            .with_cause(error)
    }

    /// All correlations, as they may stand in a study file.
    fn written(&self) -> String {
        let pairs: Vec<String> = self.correlations.iter().map(|pair| format!("\"{}\" = {}", pair.key(), pair.value)).collect();
        pairs.join(", ")
    }

    /// That the prices that are to be correlated are made of normals, and those of steps that belong together.
    pub(crate) fn check_diffusions(&self, prices: &[(Symbol, Arc<dyn PriceModel>)]) -> Checked<()> {
        for pair in &self.correlations {
            let problem = |message: String| Problem::of_key(pair.path(), message).with_found(pair.key());
            let mut clocks = Vec::with_capacity(2);
            for token in &pair.tokens {
                let model = prices.iter().find(|(symbol, _)| symbol == token).map(|(_, model)| model);
                let clock = model.and_then(|model| model.diffusion());
                match clock.filter(|clock| !matches!(clock, DiffusionClock::Bridges(_))) {
                    Some(clock) => clocks.push(clock),
                    None => {
                        return Err(problem(format!("the price of {token} has no diffusion that could be correlated"))
                            .with_expected("tokens whose process has one: neither constant nor history, nor a process of one's own")
                            .with_example(format!("tokens.{token}.price.process = \"gbm\""))
                            .with_help("bootstraps of several files keep the correlations of the files with `joint`"));
                    }
                }
            }
            if clocks[0] != clocks[1] {
                let [first, second] = &pair.tokens;
                let of = |clock: DiffusionClock| match clock {
                    DiffusionClock::Blocks => "each block".to_owned(),
                    DiffusionClock::Intervals(length) | DiffusionClock::Bridges(length) => format!("each interval of {length}"),
                };
                return Err(problem(format!(
                    "{first} has a normal for {}, {second} one for {}: they do not belong together",
                    of(clocks[0]),
                    of(clocks[1])
                ))
                .with_expected("a garch price with a garch price of the same interval, any other with any other")
                .with_example("interval = \"1d\""));
            }
        }
        Ok(())
    }
}
