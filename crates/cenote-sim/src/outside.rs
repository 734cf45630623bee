//! Outside prices of a scenario: in which token each is, and how they move together.

use cenote_amm::TokenIndex;
use cenote_paths::{CorrelationMatrix, DiffusionClock, PathError, PriceStreams, StreamKey};
use cenote_strategy::{PoolId, TokenId, token_index};

use crate::error::ScenarioError;
use crate::scenario::{Scenario, TokenSetup};

/// Two tokens whose prices' diffusion normals are correlated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// Two different tokens.
    pub tokens: [TokenId; 2],
    /// From −1 to 1.
    pub value: f64,
}

/// A price that is formed in a pool, against one other token of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Formed {
    pub(crate) token: usize,
    pub(crate) pool: usize,
    pub(crate) place: TokenIndex,
    pub(crate) other: usize,
    pub(crate) other_place: TokenIndex,
}

impl Scenario {
    /// The prices that are formed in pools.
    pub(crate) fn formed_prices(&self) -> Result<Vec<Formed>, ScenarioError> {
        let tokens = (0_u16..).map(TokenId).zip(&self.tokens);
        tokens.filter_map(|(token, setup)| Some(self.formed_price(token, setup.formed_in?))).collect()
    }

    fn formed_price(&self, token: TokenId, pool: PoolId) -> Result<Formed, ScenarioError> {
        let refuse = |reason: &str| {
            let what = format!("the price of {}", self.tokens[token.index()].symbol);
            ScenarioError::Venue { what, reason: reason.to_owned() }
        };
        let Some(setup) = self.pools.get(pool.index()) else { return Err(refuse("it is formed in a pool that is not there")) };
        let other = setup.tokens.iter().copied().filter(|&other| other != token);
        // Against the numeraire where there is a choice.
        let Some(other) = other.clone().find(|&other| other == self.numeraire).or_else(|| other.clone().next()) else {
            return Err(refuse("it is formed in a pool of nothing else"));
        };
        let places = token_index(&setup.tokens, token).zip(token_index(&setup.tokens, other));
        let Some((place, other_place)) = places else { return Err(refuse("it is formed in a pool that does not trade it")) };
        if self.tokens[other.index()].formed_in.is_some() {
            return Err(refuse("it is formed against a token whose own price is formed in a pool"));
        }
        if self.can_fall(token.index()) {
            return Err(refuse("nothing can happen to a price that is formed in a pool: it is what the pool says"));
        }
        Ok(Formed { token: token.index(), pool: pool.index(), place, other: other.index(), other_place })
    }

    /// Outside price of a token in the numeraire at the start: the product along the chain of tokens that prices are in. One for a
    /// token without a price.
    pub fn initial_price(&self, token: TokenId) -> f64 {
        let own = |token: &TokenSetup| token.price.as_ref().map_or(1.0, |price| price.initial());
        let mut chain = vec![token.index()];
        // A scenario that checks has no cycle; one that does not has no price to be right about.
        while let Some(quote) = self.quote(chain[chain.len() - 1]).filter(|_| chain.len() <= self.tokens.len()) {
            chain.push(quote);
        }
        // From the numeraire on, as worlds multiply.
        chain.iter().rev().map(|&t| own(&self.tokens[t])).reduce(|quote, own| own * quote).unwrap_or(1.0)
    }

    /// The place of the token that a price is in; `None` for the numeraire.
    pub(crate) fn quote(&self, token: usize) -> Option<usize> {
        let setup = &self.tokens[token];
        let quote = setup.quote.filter(|quote| *quote != self.numeraire)?;
        setup.price.is_some().then_some(quote.index())
    }

    /// All tokens, every one after the token that its price is in.
    pub(crate) fn price_order(&self) -> Result<Vec<usize>, ScenarioError> {
        let mut placed = vec![false; self.tokens.len()];
        let mut order = Vec::with_capacity(self.tokens.len());
        for start in 0..self.tokens.len() {
            let (mut chain, mut at) = (Vec::new(), Some(start));
            while let Some(token) = at.filter(|&token| !placed[token]) {
                if let Some(first) = chain.iter().position(|&other| other == token) {
                    let tokens = chain[first..].iter().map(|&t: &usize| self.tokens[t].symbol.clone()).collect();
                    return Err(ScenarioError::PriceCycle { tokens });
                }
                chain.push(token);
                at = self.quote(token);
            }
            for &token in &chain {
                placed[token] = true;
            }
            order.extend(chain.iter().rev());
        }
        Ok(order)
    }

    /// What the price of each token draws from.
    pub(crate) fn price_streams(&self, seed: u64) -> Result<Vec<PriceStreams>, ScenarioError> {
        let keys: Vec<_> = self.tokens.iter().map(|token| StreamKey::new(seed, &token.stream)).collect();
        let streams = self.correlation_matrix()?.streams(&keys);
        let Some(sampling) = &self.sampling else { return Ok(streams) };
        Ok(streams.into_iter().map(|streams| streams.sampled(sampling)).collect())
    }

    pub(crate) fn check_prices(&self) -> Result<(), ScenarioError> {
        for token in &self.tokens {
            let Some(price) = &token.price else { continue };
            let initial = price.initial();
            if !(initial > 0.0 && initial.is_finite()) {
                let what = format!("initial price of {}", token.symbol);
                return Err(ScenarioError::Value { what, value: initial, expected: "a positive finite price" });
            }
            if let Some(quote) = token.quote {
                self.priced_token(&format!("the price of {}", token.symbol), quote)?;
            }
        }
        self.price_order()?;
        self.formed_prices()?;
        self.correlation_matrix().map(|_| ())
    }

    fn correlation_matrix(&self) -> Result<CorrelationMatrix, ScenarioError> {
        let mut pairs = Vec::with_capacity(self.correlations.len());
        for &Correlation { tokens: [first, second], value } in &self.correlations {
            if self.diffusion(first)? != self.diffusion(second)? {
                let tokens = [first, second].map(|token| self.tokens[token.index()].symbol.clone());
                return Err(ScenarioError::UnlikeDiffusions { tokens });
            }
            pairs.push((first.index(), second.index(), value));
        }
        CorrelationMatrix::from_pairs(self.tokens.len(), &pairs)
            .map_err(|error| ScenarioError::Correlations { reason: self.told(error) })
    }

    /// How the normals of a token's price are numbered.
    fn diffusion(&self, token: TokenId) -> Result<DiffusionClock, ScenarioError> {
        self.priced_token("a correlation", token)?;
        let setup = &self.tokens[token.index()];
        let diffusion = setup.price.as_ref().and_then(|price| price.diffusion());
        diffusion.ok_or_else(|| ScenarioError::NoDiffusion { token: setup.symbol.clone() })
    }

    /// An error about a matrix, with symbols for places.
    fn told(&self, error: PathError) -> String {
        let symbol = |i: usize| self.tokens.get(i).map_or_else(|| i.to_string(), |token| token.symbol.clone());
        match error {
            PathError::Indefinite { pairs, nearest } => {
                let pairs: Vec<_> = pairs.iter().map(|&(i, j)| format!("{},{}", symbol(i), symbol(j))).collect();
                let nearest: Vec<_> = nearest.pairs().map(|(i, j, rho)| format!("{},{} = {rho}", symbol(i), symbol(j))).collect();
                format!("those of {} exclude one another; the nearest that can be are {}", pairs.join(" and "), nearest.join(", "))
            }
            PathError::CorrelatedPair { first, second, .. } => {
                format!("{},{} is no pair of two tokens, or comes twice", symbol(first), symbol(second))
            }
            PathError::Correlation { first, second, value } => {
                format!("that of {},{} must be a number from -1 to 1: got {value}", symbol(first), symbol(second))
            }
            error => error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cenote_paths::{Constant, Gbm, PriceModel};

    use super::*;
    use crate::{ChainSetup, Clock};

    fn token(symbol: &str, price: f64, quote: Option<u16>) -> TokenSetup {
        let price: Arc<dyn PriceModel> = Arc::new(Gbm::per_year(price, 0.0, 0.5).unwrap());
        TokenSetup { quote: quote.map(TokenId), ..TokenSetup::priced(symbol, 18, price) }
    }

    /// USDC is the numeraire.
    fn scenario(tokens: Vec<TokenSetup>) -> Scenario {
        let chain = ChainSetup::new("main", Clock::Fixed("1h".parse().unwrap()));
        let mut scenario = Scenario { tokens, ..Scenario::new(chain, "1d".parse().unwrap()) };
        scenario.numeraire = TokenId(u16::try_from(scenario.tokens.len()).unwrap());
        scenario.tokens.push(TokenSetup::numeraire("USDC", 6));
        scenario
    }

    #[test]
    fn prices_multiply_along_their_chain() {
        let scenario = scenario(vec![token("wstETH", 1.2, Some(2)), token("ETH", 2000.0, None), token("stETH", 0.95, Some(1))]);
        scenario.check().unwrap();
        assert_eq!(scenario.price_order().unwrap(), [1, 2, 0, 3]);
        assert_eq!([0, 1, 2, 3].map(|t| scenario.initial_price(TokenId(t))), [1.2 * (0.95 * 2000.0), 2000.0, 0.95 * 2000.0, 1.0]);
        // In the numeraire, said or not.
        let said = self::scenario(vec![token("ETH", 2000.0, Some(1))]);
        assert_eq!((said.quote(0), said.initial_price(TokenId(0))), (None, 2000.0));
    }

    #[test]
    fn prices_that_lead_nowhere_are_refused() {
        let mut unpriced = scenario(vec![token("stETH", 0.95, Some(1))]);
        unpriced.tokens.insert(1, TokenSetup::numeraire("ETH", 18));
        unpriced.numeraire = TokenId(2);
        assert_eq!(unpriced.check(), Err(ScenarioError::Unpriced { what: "the price of stETH".into(), token: "ETH".into() }));
        let cycle = scenario(vec![token("C", 1.0, Some(1)), token("A", 1.0, Some(2)), token("B", 1.0, Some(1))]);
        assert_eq!(cycle.check(), Err(ScenarioError::PriceCycle { tokens: vec!["A".into(), "B".into()] }));
        assert!(cycle.check().unwrap_err().to_string().contains("A is priced in B, B in A"));
        let itself = scenario(vec![token("A", 1.0, Some(0))]);
        assert_eq!(itself.check(), Err(ScenarioError::PriceCycle { tokens: vec!["A".into()] }));
        let unknown = scenario(vec![token("A", 1.0, Some(9))]);
        assert!(matches!(unknown.check(), Err(ScenarioError::Unknown { index: 9, .. })));
    }

    #[test]
    fn correlations_that_cannot_be_are_refused() {
        let tokens = || vec![token("A", 1.0, None), token("B", 1.0, None), token("C", 1.0, None)];
        let correlated = |tokens: Vec<TokenSetup>, pairs: &[(u16, u16, f64)]| {
            let correlations = pairs.iter().map(|&(a, b, value)| Correlation { tokens: [TokenId(a), TokenId(b)], value }).collect();
            Scenario { correlations, ..scenario(tokens) }.check()
        };
        correlated(tokens(), &[(0, 1, 0.9), (2, 1, -0.3)]).unwrap();
        let says = |result: Result<(), ScenarioError>, text: &str| {
            let error = result.unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        };
        let error = correlated(tokens(), &[(0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9)]);
        says(error.clone(), "those of A,B and A,C and B,C exclude one another");
        says(error, "the nearest that can be are A,B = 0.5");
        says(correlated(tokens(), &[(0, 1, 0.9), (1, 0, 0.9)]), "B,A is no pair");
        says(correlated(tokens(), &[(0, 1, 1.1)]), "got 1.1");
        says(correlated(tokens(), &[(0, 7, 0.1)]), "number 7");
        says(correlated(tokens(), &[(0, 3, 0.1)]), "the price of USDC has no diffusion");
        let constant = TokenSetup::priced("A", 18, Arc::new(Constant::new(1.0).unwrap()));
        says(correlated(vec![constant, token("B", 1.0, None)], &[(0, 1, 0.9)]), "the price of A has no diffusion");
    }
}
