//! Actions of many lanes at once.

use cenote_amm::PriceRange;
use cenote_units::{LaneList, Lanes};

use crate::market::{BridgeId, ChainId, MarketLanes, PoolId, TokenId};
use crate::strategy::{Action, RangeId};
use crate::venue::{FarmId, LendingId, VaultId, VenueLanes};

/// What kind of thing is done in all lanes of an [`ActionLanes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// [`Action::Mint`]; amounts are fractions.
    Mint(PoolId),
    /// [`Action::Burn`]; amounts are fractions.
    Burn(PoolId),
    /// [`Action::MintRange`]; amounts are fractions.
    MintRange(PoolId, RangeId),
    /// [`Action::BurnRange`]; amounts are fractions.
    BurnRange(PoolId, RangeId),
    /// [`Action::Collect`] where the amount is positive.
    Collect(PoolId, RangeId),
    /// [`Action::Swap`] of the first token for the second; amounts are whole tokens paid in.
    Swap(PoolId, TokenId, TokenId),
    /// [`Action::Stake`]; amounts are fractions.
    Stake(FarmId),
    /// [`Action::Unstake`]; amounts are fractions.
    Unstake(FarmId),
    /// [`Action::Claim`] where the amount is positive.
    Claim(FarmId),
    /// [`Action::Supply`]; amounts are whole tokens.
    Supply(LendingId),
    /// [`Action::Withdraw`]; amounts are whole tokens.
    Withdraw(LendingId),
    /// [`Action::Borrow`]; amounts are whole tokens.
    Borrow(LendingId),
    /// [`Action::Repay`]; amounts are whole tokens.
    Repay(LendingId),
    /// [`Action::Deposit`]; amounts are fractions.
    Deposit(VaultId),
    /// [`Action::Redeem`]; amounts are fractions.
    Redeem(VaultId),
    /// [`Action::Bridge`] of a token; amounts are whole tokens.
    Bridge(BridgeId, TokenId),
    /// [`Action::Hedge`]; amounts are targets.
    Hedge(TokenId),
}

impl ActionKind {
    /// The pool it is done in; none for what is done elsewhere.
    pub fn pool(self) -> Option<PoolId> {
        match self {
            Self::Hedge(_)
            | Self::Bridge(..)
            | Self::Stake(_)
            | Self::Unstake(_)
            | Self::Claim(_)
            | Self::Supply(_)
            | Self::Withdraw(_)
            | Self::Borrow(_)
            | Self::Repay(_)
            | Self::Deposit(_)
            | Self::Redeem(_) => None,
            Self::Mint(pool)
            | Self::Burn(pool)
            | Self::MintRange(pool, _)
            | Self::BurnRange(pool, _)
            | Self::Collect(pool, _)
            | Self::Swap(pool, ..) => Some(pool),
        }
    }

    /// The farm it is done in, a vault's included; none for what is done elsewhere.
    pub fn farm<const L: usize>(self, venues: &VenueLanes<L>) -> Option<FarmId> {
        match self {
            Self::Stake(farm) | Self::Unstake(farm) | Self::Claim(farm) => Some(farm),
            Self::Deposit(vault) | Self::Redeem(vault) => venues.vaults.get(vault.index()).map(|vault| vault.farm),
            _ => None,
        }
    }

    /// The lending market it is done in; none for what is done elsewhere.
    pub fn lending(self) -> Option<LendingId> {
        match self {
            Self::Supply(lending) | Self::Withdraw(lending) | Self::Borrow(lending) | Self::Repay(lending) => Some(lending),
            _ => None,
        }
    }

    /// The chain it is done on; none for what can be done in a block of any, or names what the world does not have.
    pub fn chain<const L: usize>(self, market: &MarketLanes<'_, L>) -> Option<ChainId> {
        if let Self::Bridge(bridge, _) = self {
            return market.bridges.get(bridge.index()).map(|bridge| bridge.from);
        }
        let farm = self.farm(market.venues).and_then(|farm| market.venues.farms.get(farm.index())).map(|farm| farm.chain);
        let lending = self.lending().and_then(|lending| market.venues.lending.get(lending.index())).map(|lending| lending.chain);
        let pool = self.pool().and_then(|pool| market.pool_chains.get(pool.index()).copied());
        pool.or(farm).or(lending)
    }
}

/// One kind of action, with an amount in each lane that asks for it.
#[derive(Clone, Debug)]
pub struct ActionLanes<const L: usize> {
    /// What is done.
    pub kind: ActionKind,
    /// Who asks for it.
    pub asked: LaneList<L>,
    /// How much, in those lanes.
    pub amount: Lanes<L>,
    /// Where, in those lanes, for [`ActionKind::MintRange`].
    pub range: [PriceRange; L],
}

impl<const L: usize> ActionLanes<L> {
    /// Nothing yet.
    pub fn nothing() -> Self {
        Self { kind: ActionKind::Mint(PoolId(0)), asked: LaneList::EMPTY, amount: Lanes::ZERO, range: [PriceRange::FULL; L] }
    }
}

impl Action {
    /// What kind of thing an action is.
    pub(crate) fn kind(&self) -> ActionKind {
        match *self {
            Action::Mint { pool, .. } => ActionKind::Mint(pool),
            Action::Burn { pool, .. } => ActionKind::Burn(pool),
            Action::MintRange { pool, id, .. } => ActionKind::MintRange(pool, id),
            Action::BurnRange { pool, id, .. } => ActionKind::BurnRange(pool, id),
            Action::Collect { pool, id } => ActionKind::Collect(pool, id),
            Action::Swap { pool, token_in, token_out, .. } => ActionKind::Swap(pool, token_in, token_out),
            Action::Stake { farm, .. } => ActionKind::Stake(farm),
            Action::Unstake { farm, .. } => ActionKind::Unstake(farm),
            Action::Claim { farm } => ActionKind::Claim(farm),
            Action::Supply { lending, .. } => ActionKind::Supply(lending),
            Action::Withdraw { lending, .. } => ActionKind::Withdraw(lending),
            Action::Borrow { lending, .. } => ActionKind::Borrow(lending),
            Action::Repay { lending, .. } => ActionKind::Repay(lending),
            Action::Deposit { vault, .. } => ActionKind::Deposit(vault),
            Action::Redeem { vault, .. } => ActionKind::Redeem(vault),
            Action::Bridge { bridge, token, .. } => ActionKind::Bridge(bridge, token),
            Action::Hedge { token, .. } => ActionKind::Hedge(token),
        }
    }

    /// How much of it.
    pub(crate) fn amount(&self) -> f64 {
        match *self {
            Action::Mint { fraction, .. }
            | Action::Burn { fraction, .. }
            | Action::MintRange { fraction, .. }
            | Action::BurnRange { fraction, .. }
            | Action::Stake { fraction, .. }
            | Action::Unstake { fraction, .. }
            | Action::Deposit { fraction, .. }
            | Action::Redeem { fraction, .. } => fraction,
            Action::Collect { .. } | Action::Claim { .. } => 1.0,
            Action::Swap { amount_in, .. } => amount_in,
            Action::Bridge { amount, .. }
            | Action::Supply { amount, .. }
            | Action::Withdraw { amount, .. }
            | Action::Borrow { amount, .. }
            | Action::Repay { amount, .. } => amount,
            Action::Hedge { target, .. } => target,
        }
    }
}
