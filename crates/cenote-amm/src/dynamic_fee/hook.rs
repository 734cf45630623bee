use cenote_units::SimTime;

use super::FeeRule;
use crate::concentrated::{Formulas, HookRefusal, Hooks, LpFee, Trade, Traded, V4State};
use crate::lane::Lane;

/// A rule as the hook of a Uniswap v4 pool with a dynamic fee, in either lane.
///
/// Fees are rounded to the nearest millionth, which is what the contract counts in: both lanes charge the same.
#[derive(Clone, Debug, PartialEq)]
pub struct FeeHook<R> {
    rule: R,
}

impl<R: FeeRule> FeeHook<R> {
    /// A hook that charges what the rule says.
    pub fn new(rule: R) -> Self {
        Self { rule }
    }

    /// The rule, as it stands.
    pub fn rule(&self) -> &R {
        &self.rule
    }
}

/// Token 1 per token 0, in the lane's unit; NaN before there is one.
fn price<L: Lane>(pool: &V4State<L>) -> f64 {
    pool.sqrt_price().map_or(f64::NAN, L::Concentrated::price)
}

impl<L: Lane, R: FeeRule> Hooks<L> for FeeHook<R> {
    fn begin_block(&mut self, pool: &V4State<L>, time: SimTime) {
        self.rule.begin_block(time, price(pool));
    }

    fn before_swap(&self, pool: &V4State<L>, trade: &Trade<L>) -> Result<LpFee, HookRefusal> {
        let fee = self.rule.fee(price(pool), trade.direction);
        if !(0.0..1.0).contains(&fee) {
            return Err(HookRefusal::new("its fee rule says what is no fraction of the input from 0 to below 1"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 10⁶, rounded")]
        Ok(LpFee::Override((fee * 1e6).round() as u32))
    }

    fn after_swap(&mut self, _pool: &V4State<L>, trade: &Trade<L>, traded: &Traded<L>) {
        self.rule.after_trade(L::Concentrated::price(traded.sqrt_price), trade.direction);
    }
}
