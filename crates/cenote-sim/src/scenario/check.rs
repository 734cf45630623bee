//! What a world relies on.

use cenote_strategy::{Bridge, BuildStrategy, PoolId, TokenId};

use super::{BridgeSetup, ChainSetup, DataCost, DataPrice, Scenario};
use crate::agent::Phase;
use crate::clock::Clock;
use crate::error::ScenarioError;

impl Scenario {
    /// Checks what a world relies on.
    ///
    /// # Errors
    /// Says what is wrong; a scenario that passes builds a world and runs.
    pub fn check(&self) -> Result<(), ScenarioError> {
        let value = |ok: bool, what: String, value: f64, expected: &'static str| {
            if ok { Ok(()) } else { Err(ScenarioError::Value { what, value, expected }) }
        };
        let priority_fee = |who: &str, fee: f64| {
            value(fee >= 0.0 && fee.is_finite(), format!("priority fee of {who:?}"), fee, "a finite price, not negative")
        };
        self.known_token("the numeraire", self.numeraire)?;
        known("a scenario", "chain", 0, self.chains.len())?;
        for chain in &self.chains {
            self.check_chain(chain)?;
        }
        for bridge in &self.bridges {
            self.check_bridge(bridge)?;
        }
        self.check_prices()?;
        for pool in &self.pools {
            known(&format!("pool {:?}", pool.name), "chain", pool.chain.index(), self.chains.len())?;
            for &token in &pool.tokens {
                self.priced_token(&format!("pool {:?}", pool.name), token)?;
            }
            value(pool.value > 0.0 && pool.value.is_finite(), format!("value of pool {:?}", pool.name), pool.value, "positive")?;
        }
        self.check_venues()?;
        for position in &self.positions {
            let ok = position.deposit > 0.0 && position.deposit.is_finite();
            value(ok, format!("deposit of {:?}", position.name), position.deposit, "a positive value")?;
            position.hedge.map_or(Ok(()), |terms| terms.check(&position.name))?;
            priority_fee(&position.name, position.priority_fee)?;
            let entry = BuildStrategy::<1>::build(&*position.strategy).entry();
            self.check_entry(&position.name, &entry)?;
        }
        for agent in &self.agents {
            priority_fee(&agent.stream, agent.priority_fee)?;
            agent.model.check(self.chains[self.home(&*agent.model).index()].clock)?;
        }
        Ok(())
    }

    fn check_chain(&self, chain: &ChainSetup) -> Result<(), ScenarioError> {
        let value = |ok: bool, what: &str, value: f64, expected: &'static str| {
            let what = || format!("{what} of chain {:?}", chain.name);
            if ok { Ok(()) } else { Err(ScenarioError::Value { what: what(), value, expected }) }
        };
        if let Clock::Gamma { shape, .. } = chain.clock {
            value((0.01..=1e6).contains(&shape), "the shape of the clock", shape, "between 0.01 and a million")?;
        }
        if let Some(native) = chain.native {
            self.priced_token(&format!("the native token of chain {:?}", chain.name), native)?;
        }
        let gas = chain.gas_price.initial();
        value(gas >= 0.0 && gas.is_finite(), "gas price", gas, "a finite price, not negative")?;
        if let Some(DataCost { gas, price }) = chain.data {
            value(gas >= 0.0 && gas.is_finite(), "gas for data", gas, "a finite number of units, not negative")?;
            match price {
                DataPrice::Constant(price) => {
                    value(price >= 0.0 && price.is_finite(), "price of gas for data", price, "a finite price, not negative")?;
                }
                DataPrice::Chain(other) => known(&format!("chain {:?}", chain.name), "chain", other.index(), self.chains.len())?,
            }
        }
        let first = chain.order.iter().position(|&phase| phase == Phase::Price);
        let early = chain.order.iter().take(first.unwrap_or(0)).any(|&phase| phase != Phase::Informed);
        if self.chains.len() > 1 && (early || chain.order != self.chains[0].order) {
            return Err(ScenarioError::Order { chain: chain.name.clone() });
        }
        Ok(())
    }

    fn check_bridge(&self, bridge: &BridgeSetup) -> Result<(), ScenarioError> {
        let what = format!("bridge {:?}", bridge.name);
        let Bridge { from, to, fraction, fixed, failure, .. } = bridge.terms;
        known(&what, "chain", from.index(), self.chains.len())?;
        known(&what, "chain", to.index(), self.chains.len())?;
        let value = |ok: bool, part: &str, value: f64, expected: &'static str| {
            if ok { Ok(()) } else { Err(ScenarioError::Value { what: format!("{part} of {what}"), value, expected }) }
        };
        value(from != to, "the other end", f64::from(to.0), "another chain than the one it begins on")?;
        value((0.0..1.0).contains(&fraction), "the fraction", fraction, "from 0 to below 1")?;
        value(fixed >= 0.0 && fixed.is_finite(), "the fixed cost", fixed, "a finite value, not negative")?;
        value((0.0..=1.0).contains(&failure), "the failure", failure, "a probability")
    }

    fn check_entry(&self, position: &str, entry: &cenote_strategy::Entry) -> Result<(), ScenarioError> {
        match entry {
            cenote_strategy::Entry::Pool(pool) => self.known_pool(&format!("position {position:?}"), *pool),
            cenote_strategy::Entry::Range(pool, _) => {
                self.known_pool(&format!("position {position:?}"), *pool)?;
                if self.pools[pool.index()].model.is_ranged() {
                    return Ok(());
                }
                let pool = self.pools[pool.index()].name.clone();
                Err(ScenarioError::NoRanges { what: format!("position {position:?}"), pool })
            }
            cenote_strategy::Entry::Tokens(tokens) => {
                let what = format!("position {position:?}");
                tokens.iter().try_for_each(|&(token, _)| self.priced_token(&what, token))?;
                check_weights(position, tokens.iter().map(|(_, weight)| *weight))
            }
            cenote_strategy::Entry::Mix(parts) => {
                parts.iter().try_for_each(|(entry, _)| self.check_entry(position, entry))?;
                check_weights(position, parts.iter().map(|(_, weight)| *weight))
            }
        }
    }

    fn known_token(&self, what: &str, token: TokenId) -> Result<(), ScenarioError> {
        known(what, "token", token.index(), self.tokens.len())
    }

    /// A token that has a value in the numeraire.
    pub(crate) fn priced_token(&self, what: &str, token: TokenId) -> Result<(), ScenarioError> {
        self.known_token(what, token)?;
        let setup = &self.tokens[token.index()];
        if token == self.numeraire || setup.price.is_some() {
            return Ok(());
        }
        Err(ScenarioError::Unpriced { what: what.to_owned(), token: setup.symbol.clone() })
    }

    fn known_pool(&self, what: &str, pool: PoolId) -> Result<(), ScenarioError> {
        known(what, "pool", pool.index(), self.pools.len())
    }
}

/// Shares of a deposit.
fn check_weights(position: &str, weights: impl Iterator<Item = f64> + Clone) -> Result<(), ScenarioError> {
    let value: f64 = weights.clone().sum();
    let ok = (value - 1.0).abs() <= 1e-9 && weights.into_iter().all(|weight| weight >= 0.0);
    let expected = "weights that are not negative and sum to one";
    if ok { Ok(()) } else { Err(ScenarioError::Value { what: format!("entry of {position:?}"), value, expected }) }
}

pub(crate) fn known(what: &str, kind: &'static str, index: usize, count: usize) -> Result<(), ScenarioError> {
    if index < count { Ok(()) } else { Err(ScenarioError::Unknown { what: what.to_owned(), kind, index, count }) }
}
