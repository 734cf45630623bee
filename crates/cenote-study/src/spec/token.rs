//! Tokens: `[tokens.SYM]`.

use cenote_units::{Symbol, Token};
use serde::Serialize;

use super::ProcessSpec;
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
}

const KEYS: &[Key] = &[Key::new("decimals", "18"), Key::new("price", "{ process = \"constant\", initial = \"2000 USDC\" }")];

impl TokenSpec {
    /// A token without a price.
    pub fn new(symbol: Symbol, decimals: u8) -> Self {
        Self { symbol, decimals, price: None }
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
        Ok(Self { symbol, decimals, price })
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
