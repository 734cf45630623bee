//! In which token a price is: that of its `initial`.

use cenote_units::Symbol;

use super::{StudySpec, TokenSpec};
use crate::problem::{Checked, Problem};

impl TokenSpec {
    /// The token that its price is in; the numeraire where the study does not say.
    pub fn quote<'a>(&'a self, numeraire: &'a Symbol) -> &'a Symbol {
        let initial = self.price.as_ref().and_then(|price| price.initial());
        initial.map_or(numeraire, |initial| initial.symbol())
    }
}

impl StudySpec {
    /// That every price leads to the numeraire.
    pub(super) fn check_quotes(&self) -> Checked<()> {
        for token in &self.tokens {
            self.check_quote(token)?;
        }
        Ok(())
    }

    fn check_quote(&self, token: &TokenSpec) -> Checked<()> {
        let mut chain = vec![&token.symbol];
        let mut at = token;
        while at.price.is_some() && at.symbol != self.numeraire {
            let quote = at.quote(&self.numeraire);
            let path = at.path().key("price").key("initial");
            if let Some(first) = chain.iter().position(|symbol| *symbol == quote) {
                chain.push(quote);
                let links: Vec<String> = chain[first..].windows(2).map(|pair| format!("{} in {}", pair[0], pair[1])).collect();
                return Err(Problem::new(path, format!("a price that never comes to the numeraire: {}", links.join(", ")))
                    .with_found(quote.to_string())
                    .with_expected(format!("a price in {}, or in a token whose own price leads there", self.numeraire))
                    .with_example(format!("initial = \"2000 {}\"", self.numeraire)));
            }
            at = self.require_price(quote, &path, "another price is in it")?;
            chain.push(quote);
        }
        Ok(())
    }
}
