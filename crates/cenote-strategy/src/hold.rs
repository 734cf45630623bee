use crate::error::StrategyError;
use crate::market::{Market, TokenId};
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::wake::Wake;

/// Keep the tokens: what every other strategy is measured against.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    weights: Vec<(TokenId, f64)>,
}

impl Hold {
    /// Equal value of each token.
    ///
    /// # Errors
    /// No token at all.
    pub fn equal(tokens: &[TokenId]) -> Result<Self, StrategyError> {
        Self::weighted(tokens.iter().map(|&token| (token, 1.0)).collect())
    }

    /// Value split by `weights`, which need not sum to one.
    ///
    /// # Errors
    /// No token, a weight that is negative or not finite, or weights that are all zero.
    pub fn weighted(mut weights: Vec<(TokenId, f64)>) -> Result<Self, StrategyError> {
        if let Some(&(_, weight)) = weights.iter().find(|(_, w)| !(*w >= 0.0 && w.is_finite())) {
            return Err(StrategyError::Weight { weight });
        }
        let total: f64 = weights.iter().map(|(_, w)| w).sum();
        if total <= 0.0 || !total.is_finite() {
            return Err(StrategyError::NoWeight);
        }
        for (_, weight) in &mut weights {
            *weight /= total;
        }
        Ok(Self { weights })
    }
}

impl Strategy for Hold {
    fn entry(&self) -> Entry {
        Entry::Tokens(self.weights.clone())
    }

    fn act(&mut self, _: &dyn Market, _: &Position<'_>) -> Option<Action> {
        None
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::NEVER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ETH: TokenId = TokenId(0);
    const USDC: TokenId = TokenId(1);

    #[test]
    fn weights_are_normalised() {
        let hold = Hold::weighted(vec![(ETH, 3.0), (USDC, 1.0)]).unwrap();
        assert_eq!(hold.entry(), Entry::Tokens(vec![(ETH, 0.75), (USDC, 0.25)]));
    }

    #[test]
    fn weights_that_share_out_nothing_are_errors() {
        assert_eq!(Hold::equal(&[]), Err(StrategyError::NoWeight));
        assert_eq!(Hold::weighted(vec![(ETH, 0.0)]), Err(StrategyError::NoWeight));
        assert_eq!(Hold::weighted(vec![(ETH, 1.0), (USDC, -0.5)]), Err(StrategyError::Weight { weight: -0.5 }));
        assert!(Hold::weighted(vec![(ETH, f64::NAN)]).is_err());
        assert!(Hold::weighted(vec![(ETH, f64::INFINITY)]).is_err());
    }
}
