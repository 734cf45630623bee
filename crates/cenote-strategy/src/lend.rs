use crate::asset::{entry_of, wallet};
use crate::market::{Market, PoolId, TokenId};
use crate::refusal::Refusal;
use crate::sale::Sale;
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::venue::{LendingId, Stake};
use crate::wake::Wake;

/// A token supplied to a lending market, and left there.
#[derive(Clone, Debug, PartialEq)]
pub struct Lend {
    lending: LendingId,
    token: TokenId,
    /// Pools to buy the token in, where something else is handed over.
    markets: Vec<PoolId>,
    state: State,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    Buying(Sale),
    Supplying,
    In,
}

impl Lend {
    /// This token, to this market, which has to be its own.
    pub fn new(lending: LendingId, token: TokenId) -> Self {
        Self { lending, token, markets: Vec::new(), state: State::Supplying }
    }

    /// Pools to buy the token in, where something else is handed over.
    pub fn markets(mut self, markets: Vec<PoolId>) -> Self {
        self.markets = markets;
        self
    }
}

impl Strategy for Lend {
    fn entry(&self) -> Entry {
        entry_of(Stake::Token(self.token))
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if let State::Buying(sale) = &mut self.state {
            if let Some(swap) = sale.next(market, position, &self.markets) {
                return Some(swap);
            }
            self.state = State::Supplying;
        }
        if self.state == State::Supplying {
            self.state = State::In;
            let amount = wallet(position, self.token);
            return (amount > 0.0).then_some(Action::Supply { lending: self.lending, amount });
        }
        if position.refused == Some(Refusal::Frozen) && self.state == State::In {
            // Asked again at the next wake, and not before.
            self.state = State::Supplying;
        }
        None
    }

    fn wake(&self, market: &dyn Market, _: &Position<'_>) -> Wake {
        if self.state == State::Supplying {
            return Wake::at(market.time().checked_add(crate::farming::PATIENCE).unwrap_or(cenote_units::SimTime::MAX));
        }
        Wake::NEVER
    }

    /// Supplies what has come, too.
    fn funded(&mut self) {
        self.state = State::Buying(Sale::new(self.token, Vec::new()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hand::{World, days, lending, pool};
    use crate::{EnterWith, Guard, Guarded, Parts, Staged};

    const ETH: TokenId = TokenId(0);
    const USDC: TokenId = TokenId(1);
    const MAIN: PoolId = PoolId(0);
    const LOANS: LendingId = LendingId(0);

    fn world() -> World {
        World::new(&[2000.0, 1.0], vec![pool([0, 1], [1e4, 2e7])]).with_lending(vec![lending(1, 0.04)])
    }

    #[test]
    fn a_token_is_lent_and_left() {
        let (mut world, mut strategy) = (world(), Lend::new(LOANS, USDC));
        world.enter(&strategy.entry(), 1e5);
        assert_eq!(world.run_well(&mut strategy), [Action::Supply { lending: LOANS, amount: 1e5 }]);
        assert_eq!(world.wake(&strategy), Wake::NEVER);
        assert_eq!(world.run(&mut strategy), []);
    }

    #[test]
    fn another_token_is_sold_for_it_little_by_little() {
        let mut world = world();
        let lend = EnterWith::new(Lend::new(LOANS, USDC).markets(vec![MAIN]), ETH);
        let parts = Parts { count: 2, over: days(2) };
        let mut strategy = Staged::new(lend, MAIN, 1.0).unwrap().way_in(parts).unwrap();
        world.enter(&strategy.entry(), 1e5);
        for _ in 0..2 {
            let done = world.run_well(&mut strategy);
            assert!(matches!(done[..], [Action::Swap { amount_in: 25.0, .. }, Action::Supply { .. }]), "{done:#?}");
            world.wait(days(1));
        }
        assert!((world.lent[0].supplied / 1e5 - 0.997).abs() < 0.005, "{:?}", world.lent);
    }

    #[test]
    fn a_guard_takes_it_out_when_it_can() {
        let mut world = world();
        let guard = Guard::new(MAIN, ETH).stop_price(ETH, 1500.0, f64::INFINITY);
        let mut strategy = Guarded::new(Lend::new(LOANS, USDC), guard);
        world.enter(&strategy.entry(), 1e5);
        world.run_well(&mut strategy);
        world.prices[0] = 1400.0;
        world.lending[0].liquidity = 0.0;
        assert_eq!(world.run_well(&mut strategy), []);
        assert!(world.wake(&strategy).every_block);
        world.lending[0].liquidity = 1e9;
        world.wait(days(1));
        let done = world.run_well(&mut strategy);
        let out = Action::Withdraw { lending: LOANS, amount: 1e5 };
        let swap = Action::Swap { pool: MAIN, token_in: USDC, token_out: ETH, amount_in: 1e5 };
        assert_eq!(done, [out, swap]);
        assert_eq!(world.wake(&strategy), Wake::NEVER);
    }
}
