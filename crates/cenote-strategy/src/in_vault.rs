use crate::asset::{Asset, entry_of};
use crate::balance::Balance;
use crate::market::{Market, PoolId};
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::venue::{Stake, VaultId};
use crate::wake::Wake;

/// Liquidity, or a token, put into a vault and left there: the vault stakes it in its farm and puts the rewards back into the stake.
#[derive(Clone, Debug, PartialEq)]
pub struct InVault {
    stake: Stake,
    balance: Balance,
}

impl InVault {
    /// This vault, whose farm takes this.
    pub fn new(vault: VaultId, stake: Stake) -> Self {
        let markets = if let Stake::Pool(pool) = stake { vec![pool] } else { Vec::new() };
        Self { stake, balance: Balance::single(Asset::Vault { vault, stake }, markets) }
    }

    /// Pools to buy the stake in, besides its own, where something else is handed over.
    pub fn markets(mut self, markets: Vec<PoolId>) -> Self {
        self.balance.add_markets(markets);
        self
    }
}

impl Strategy for InVault {
    fn entry(&self) -> Entry {
        entry_of(self.stake)
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        self.balance.next(market, position)
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::NEVER
    }

    /// Puts in what has come, too.
    fn funded(&mut self) {
        self.balance.start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hand::{World, farm, pool};
    use crate::{EnterWith, FarmId, Guard, Guarded, TokenId};

    const MAIN: PoolId = PoolId(0);
    const USDC: TokenId = TokenId(1);
    const VAULT: VaultId = VaultId(0);

    fn world() -> World {
        let world = World::new(&[2000.0, 1.0], vec![pool([0, 1], [1e4, 2e7])]);
        world.with_farms(vec![farm(Stake::Pool(MAIN), &[1]), farm(Stake::Token(USDC), &[0])]).with_vaults(&[0, 1])
    }

    #[test]
    fn liquidity_is_minted_and_put_in() {
        let (mut world, mut strategy) = (world(), InVault::new(VAULT, Stake::Pool(MAIN)));
        world.enter(&strategy.entry(), 1e5);
        let done = world.run_well(&mut strategy);
        assert_eq!(done, [Action::Mint { pool: MAIN, fraction: 1.0 }, Action::Deposit { vault: VAULT, fraction: 1.0 }]);
        assert!(world.shares[0] > 0.0 && world.lp[0] == 0.0);
        assert_eq!((world.run(&mut strategy), world.wake(&strategy)), (vec![], Wake::NEVER));
    }

    #[test]
    fn a_token_is_put_in() {
        let (mut world, mut strategy) = (world(), InVault::new(VaultId(1), Stake::Token(USDC)));
        world.enter(&strategy.entry(), 1e5);
        assert_eq!(world.run_well(&mut strategy), [Action::Deposit { vault: VaultId(1), fraction: 1.0 }]);
        assert_eq!(world.shares[1], 1e5);
    }

    #[test]
    fn entered_with_one_token_and_left_through_a_guard() {
        let mut world = world();
        let inside = EnterWith::new(InVault::new(VAULT, Stake::Pool(MAIN)), USDC);
        let mut strategy = Guarded::new(inside, Guard::new(MAIN, USDC).stop_price(TokenId(0), 1500.0, f64::INFINITY));
        world.enter(&strategy.entry(), 1e5);
        let done = world.run_well(&mut strategy);
        assert!(done.len() <= 4 && world.wallet[0] * 2000.0 + world.wallet[1] < 100.0, "{done:#?} {:?}", world.wallet);
        world.prices[0] = 1400.0;
        let done = world.run_well(&mut strategy);
        assert!(matches!(done[..], [Action::Redeem { .. }, Action::Burn { .. }, Action::Swap { .. }]), "{done:#?}");
        assert!(world.wallet[0] < 1e-9 && world.worth() == world.wallet[1]);
        let _ = FarmId(0);
    }
}
