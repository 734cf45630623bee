//! Tokens: `[tokens.SYM]`.

use cenote_units::{Symbol, Token};
use serde::Serialize;

use super::{ProcessSpec, StudySpec};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};

/// A token and its outside price.
#[derive(Debug, Clone, Serialize)]
pub struct TokenSpec {
    /// Its symbol: the name of the table.
    #[serde(skip)]
    pub symbol: Symbol,
    /// Decimals that its contract counts in, at most 38.
    pub decimals: u8,
    /// The price of one token in the numeraire. The numeraire itself has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<ProcessSpec>,
    /// The pool that its price is formed in: it is what the pool trades it at, and `price` only says what it is at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formed_in: Option<String>,
}

const KEYS: &[Key] = &[
    Key::new("decimals", "18"),
    Key::new("price", "{ process = \"constant\", initial = \"2000 USDC\" }"),
    Key::new("formed_in", "\"cake\""),
];

impl TokenSpec {
    /// A token without a price.
    pub fn new(symbol: Symbol, decimals: u8) -> Self {
        Self { symbol, decimals, price: None, formed_in: None }
    }

    /// With a price: the description of a process, or any price model.
    pub fn price(mut self, process: impl Into<ProcessSpec>) -> Self {
        self.price = Some(process.into());
        self
    }

    pub(super) fn read(name: &str, item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[KEYS])?;
        let symbol = Symbol::new(name)
            .map_err(|error| Problem::of_key(item.path().clone(), error.to_string()).with_found(name).with_cause(error))?;
        let decimals = fields.required("decimals")?;
        let price = fields.optional_with("price", &ProcessSpec::read)?;
        Ok(Self { symbol, decimals, price, formed_in: fields.optional("formed_in")? })
    }

    /// What is said of a price that is formed in a pool.
    pub(super) fn check_formed(&self, study: &StudySpec) -> Checked<()> {
        let Some(name) = &self.formed_in else { return Ok(()) };
        let at = self.path().key("formed_in");
        let pool = study.require_pool(name, &at)?;
        let problem = |at: KeyPath, what: String, expected: &str| {
            Err(Problem::new(at, what).with_found(format!("{name:?}")).with_expected(expected).with_example("formed_in = \"cake\""))
        };
        if !pool.tokens.contains(&self.symbol) {
            return problem(at, format!("pool `{name}` does not trade {}", self.symbol), "a pool that trades it");
        }
        if !matches!(self.price, Some(ProcessSpec::Constant(_))) {
            let expected = "`price = { process = \"constant\", initial = … }`: what it is at the start; from then on the pool says";
            return problem(at, "a price that is formed in a pool, and somewhere else too".to_owned(), expected);
        }
        let others = pool.tokens.iter().filter(|token| **token != self.symbol);
        let formed = |symbol: &Symbol| study.tokens.iter().any(|token| token.symbol == *symbol && token.formed_in.is_some());
        if !others.clone().any(|token| *token == study.numeraire) && others.clone().next().is_some_and(formed) {
            return problem(
                at,
                "a price against a token whose own price is formed in a pool".to_owned(),
                "a pool with the numeraire",
            );
        }
        Ok(())
    }

    pub(super) fn path(&self) -> KeyPath {
        KeyPath::root().key("tokens").key(self.symbol.as_str())
    }

    pub(super) fn check(&self, numeraire: &Symbol) -> Checked<()> {
        if let Err(error) = Token::new(self.symbol.as_str(), self.decimals) {
            return Err(Problem::new(self.path().key("decimals"), error.to_string())
                .with_found(self.decimals.to_string())
                .with_expected(format!("a whole number from 0 to {}", Token::MAX_DECIMALS))
                .with_example("decimals = 18")
                .with_cause(error));
        }
        let Some(price) = &self.price else { return Ok(()) };
        if self.symbol == *numeraire && !is_one(price) {
            return Err(Problem::new(
                self.path().key("price"),
                format!("{numeraire} is the numeraire: everything is priced in it, and it has no price itself"),
            )
            .with_expected("no `price` here, or another numeraire")
            .with_example("numeraire = \"USDC\""));
        }
        price.check(&self.path().key("price"), numeraire)
    }
}

/// Whether a price is the only one that a numeraire can have.
fn is_one(price: &ProcessSpec) -> bool {
    matches!(price, ProcessSpec::Constant(constant) if constant.initial.to_f64() == 1.0)
}
