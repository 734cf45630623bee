use cenote_paths::StreamKey;
use cenote_strategy::{FarmId, MarketLanes, PoolId, TokenId};
use cenote_units::{Lanes, mask};

use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderKind, OrderLanes, Phase};
use crate::error::ScenarioError;

/// Other stakers of a farm, who sell what they earn: a share of it, in each block what they have earned since the block before.
///
/// Where outside prices come from elsewhere, arbitrageurs buy it back; where the token's price is formed in the pool
/// ([`TokenSetup::formed_in`](crate::TokenSetup::formed_in)), it falls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RewardSellers {
    farm: FarmId,
    reward: TokenId,
    pool: PoolId,
    into: TokenId,
    share: f64,
}

impl RewardSellers {
    /// Who stakes in `farm` and sells `share` of what it pays them in `reward`, in `pool`, for `into`.
    ///
    /// # Errors
    /// [`ScenarioError::Value`]: a share that is not from 0 to 1.
    pub fn new(farm: FarmId, reward: TokenId, pool: PoolId, into: TokenId, share: f64) -> Result<Self, ScenarioError> {
        if !(0.0..=1.0).contains(&share) {
            let what = "share of rewards sold".to_owned();
            return Err(ScenarioError::Value { what, value: share, expected: "a fraction from 0 to 1" });
        }
        Ok(Self { farm, reward, pool, into, share })
    }
}

impl AgentModel for RewardSellers {
    fn phase(&self) -> Phase {
        Phase::Flow
    }

    fn home(&self) -> PoolId {
        self.pool
    }
}

impl<const L: usize> BuildAgent<L> for RewardSellers {
    fn build(&self, _: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(SellerLanes::<L> { model: *self, sold: Lanes::ZERO })
    }
}

#[derive(Debug)]
struct SellerLanes<const L: usize> {
    model: RewardSellers,
    /// What others had earned when they last sold.
    sold: Lanes<L>,
}

impl<const L: usize> AgentLanes<L> for SellerLanes<L> {
    fn start(&mut self, _: [u32; L]) {
        self.sold = Lanes::ZERO;
    }

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        let RewardSellers { farm, reward, pool, into, share } = self.model;
        if round > 0 {
            return false;
        }
        let Some(terms) = market.venues.farms.get(farm.index()) else { return false };
        let Some(earned) = terms.rewards.iter().position(|&token| token == reward).map(|r| &terms.earned_by_others[r]) else {
            return false;
        };
        let (Some(a), Some(b)) = (market.token_index(pool, reward), market.token_index(pool, into)) else { return false };
        let (base, quote) = if b < a { (b, a) } else { (a, b) };
        (order.kind, order.pool, order.gas) = (OrderKind::Swap, pool, 0.0);
        (order.flow.base, order.flow.quote) = (base, quote);
        for l in 0..L {
            order.flow.base_in[l] = mask(base == a);
            let new = if market.active[l] == 0.0 { 0.0 } else { earned[l] - self.sold[l] };
            order.flow.amount_in[l] = if new > 0.0 { share * new } else { 0.0 };
            self.sold[l] += new;
        }
        true
    }
}
