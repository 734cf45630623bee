//! Arbitrage against an outside market.

mod lanes;

use cenote_paths::StreamKey;
use cenote_strategy::PoolId;

use crate::agent::{AgentLanes, AgentModel, BuildAgent, Phase};
use crate::clock::Clock;
use crate::error::ScenarioError;
use crate::latency::Latency;

use self::lanes::ArbitrageurLanes;

/// An arbitrageur between pools and an outside market of any depth.
///
/// Once a block it trades each of its pools, and of a pool of several tokens each pair, to the edge of the no-arbitrage band around
/// the outside price p, where the profit exceeds the gas; in closed form. The profit he looks at is net of the outside market's
/// fee f, if there is one: he buys there at p (1 + f) and sells at p (1 − f), which widens the band.
///
/// With a [`latency`](Self::latency) he acts on the outside price of some time ago, and deals at that of now. Alone he makes as much in
/// the mean where prices have no drift (the price of then is the mean of that of now); behind others who know more he loses. With a [`share`](Self::share) below one somebody is faster than he in some blocks and does nothing in the
/// pool (another arbitrageur of the block, or the block's builder): he is in each block with that probability, for each pair by
/// itself. On Poisson blocks of rate λ that is arbitrage in blocks of rate λ times the share.
#[derive(Clone, Debug)]
pub struct Arbitrageur {
    pools: Vec<PoolId>,
    gas: f64,
    outside_fee: f64,
    latency: Latency,
    share: f64,
}

impl Arbitrageur {
    /// On these pools, in every block, at once, paying nothing for gas and outside.
    pub fn on(pools: impl Into<Vec<PoolId>>) -> Self {
        Self { pools: pools.into(), gas: 0.0, outside_fee: 0.0, latency: Latency::NONE, share: 1.0 }
    }

    /// Gas units burned by each trade.
    pub fn gas(mut self, units: f64) -> Self {
        self.gas = units;
        self
    }

    /// The outside market's fee, as a fraction of what is dealt there.
    ///
    /// # Errors
    /// It is not from 0 to less than 1.
    pub fn outside_fee(mut self, fee: f64) -> Result<Self, ScenarioError> {
        if !(0.0..1.0).contains(&fee) {
            return Err(ScenarioError::Value { what: "outside fee".to_owned(), value: fee, expected: "from 0 to less than 1" });
        }
        self.outside_fee = fee;
        Ok(self)
    }

    /// How old the outside price is that he acts on. He does nothing before there is one that old.
    pub fn latency(mut self, latency: Latency) -> Self {
        self.latency = latency;
        self
    }

    /// The probability that he gets to trade in a block, drawn for each pair of tokens by itself: draw ⌊k/2⌋ of a block gives the
    /// uniforms of two pairs, k among them.
    ///
    /// # Errors
    /// It is not from 0 to 1.
    pub fn share(mut self, share: f64) -> Result<Self, ScenarioError> {
        if !(0.0..=1.0).contains(&share) {
            return Err(ScenarioError::Value { what: "share of blocks".to_owned(), value: share, expected: "from 0 to 1" });
        }
        self.share = share;
        Ok(self)
    }
}

impl AgentModel for Arbitrageur {
    fn phase(&self) -> Phase {
        Phase::Arbitrage
    }

    fn home(&self) -> PoolId {
        self.pools.first().copied().unwrap_or(PoolId(0))
    }

    fn check(&self, clock: Clock) -> Result<(), ScenarioError> {
        self.latency.check("latency of an arbitrageur", clock)
    }
}

impl<const L: usize> BuildAgent<L> for Arbitrageur {
    fn build(&self, key: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(ArbitrageurLanes::new(self.clone(), key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_parameters_are_errors() {
        let arbitrageur = Arbitrageur::on([PoolId(0)]);
        for value in [-0.1, 1.1, f64::NAN] {
            assert!(arbitrageur.clone().outside_fee(value).is_err() && arbitrageur.clone().share(value).is_err(), "{value}");
        }
        assert!(arbitrageur.clone().outside_fee(1.0).is_err() && arbitrageur.clone().share(1.0).is_ok());
        let late = arbitrageur.latency(Latency::Blocks(20_000));
        assert!(late.check(Clock::Fixed("1h".parse().unwrap())).is_err());
    }
}
