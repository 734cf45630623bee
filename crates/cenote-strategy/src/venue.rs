//! Where tokens and liquidity earn something besides swap fees: farms, lending markets, vaults.

use cenote_units::Lanes;

use crate::market::{ChainId, PoolId, TokenId};

macro_rules! ids {
    ($($(#[$meta:meta])* $id:ident)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $id(pub u16);

        impl $id {
            /// The index into the world's list.
            pub fn index(self) -> usize {
                usize::from(self.0)
            }
        }
    )*};
}

ids! {
    /// A farm of the world, by its place in the study.
    FarmId
    /// A lending market of the world, by its place in the study.
    LendingId
    /// A vault of the world, by its place in the study.
    VaultId
}

/// What is put into a farm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stake {
    /// Tokens from the wallet.
    Token(TokenId),
    /// LP tokens of a pool; of a pool of ranges, all ranges that a position has there.
    Pool(PoolId),
}

/// The most reward tokens that a farm hands out.
pub const MAX_REWARDS: usize = 8;

/// A farm on one path, now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Farm<'a> {
    /// The chain that it is on.
    pub chain: ChainId,
    /// What is staked.
    pub stake: Stake,
    /// What it pays in.
    pub rewards: &'a [TokenId],
    /// What a stake earns in rewards, over its value, per year, plain. Of a pool of ranges: what liquidity at the pool's price earns.
    pub apr: f64,
    /// Whether stakes can be taken out now.
    pub is_open: bool,
}

/// A lending market on one path, now. Rates are per year, compounded all the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lending {
    /// The chain that it is on.
    pub chain: ChainId,
    /// What is lent.
    pub token: TokenId,
    /// What suppliers earn.
    pub supply_rate: f64,
    /// What borrowers pay.
    pub borrow_rate: f64,
    /// Whole tokens that can be withdrawn or borrowed: those that are not lent out; none while it is frozen.
    pub liquidity: f64,
    /// Share of the value of what is supplied that can be borrowed against it; zero if it is no collateral.
    pub loan_to_value: f64,
}

/// A vault on one path, now: it puts everybody's stakes into one farm, and rewards back into the stake.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vault {
    /// Its farm.
    pub farm: FarmId,
    /// Part of the rewards that it keeps.
    pub performance_fee: f64,
    /// Part of everything that it keeps, per year.
    pub management_fee: f64,
}

/// What a position has in a farm, on one path.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FarmPosition {
    /// Whole tokens or LP tokens staked; of a pool of ranges, 1 where its ranges are staked.
    pub staked: f64,
    /// Rewards earned and not claimed, in whole tokens, in the order of the farm's rewards.
    pub pending: [f64; MAX_REWARDS],
}

/// What a position has in a lending market, on one path, in whole tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LendingPosition {
    /// Supplied, with interest.
    pub supplied: f64,
    /// Borrowed, with interest.
    pub owed: f64,
}

/// A [`Farm`], `L` paths wide.
#[derive(Clone, Debug)]
pub struct FarmTerms<const L: usize> {
    /// The chain that it is on.
    pub chain: ChainId,
    /// What is staked.
    pub stake: Stake,
    /// What it pays in.
    pub rewards: Vec<TokenId>,
    /// What a stake earns.
    pub apr: Lanes<L>,
    /// What others than positions have earned since the start, in whole tokens, in the order of the rewards.
    pub earned_by_others: Vec<Lanes<L>>,
    /// 1 where stakes can be taken out, 0 where they are frozen.
    pub open: Lanes<L>,
}

/// A [`Lending`] market, `L` paths wide.
#[derive(Clone, Debug)]
pub struct LendingTerms<const L: usize> {
    /// The chain that it is on.
    pub chain: ChainId,
    /// What is lent.
    pub token: TokenId,
    /// What suppliers earn.
    pub supply_rate: Lanes<L>,
    /// What borrowers pay.
    pub borrow_rate: Lanes<L>,
    /// What can be withdrawn or borrowed.
    pub liquidity: Lanes<L>,
    /// What can be borrowed against what is supplied.
    pub loan_to_value: f64,
}

/// All farms, lending markets and vaults of a world, `L` paths wide.
#[derive(Clone, Debug)]
pub struct VenueLanes<const L: usize> {
    /// By [`FarmId`].
    pub farms: Vec<FarmTerms<L>>,
    /// By [`LendingId`].
    pub lending: Vec<LendingTerms<L>>,
    /// By [`VaultId`].
    pub vaults: Vec<Vault>,
}

impl<const L: usize> VenueLanes<L> {
    /// None at all.
    pub const NONE: Self = Self { farms: Vec::new(), lending: Vec::new(), vaults: Vec::new() };
}

/// A [`FarmPosition`], `L` paths wide.
#[derive(Clone, Debug)]
pub struct FarmHolding<const L: usize> {
    /// Staked.
    pub staked: Lanes<L>,
    /// Earned and not claimed, by reward.
    pub pending: Vec<Lanes<L>>,
}

/// A [`LendingPosition`], `L` paths wide.
#[derive(Clone, Debug)]
pub struct LendingHolding<const L: usize> {
    /// Supplied.
    pub supplied: Lanes<L>,
    /// Borrowed.
    pub owed: Lanes<L>,
}

/// What a position has in farms, lending markets and vaults, `L` paths wide.
#[derive(Clone, Debug)]
pub struct HoldingLanes<const L: usize> {
    /// By [`FarmId`].
    pub farms: Vec<FarmHolding<L>>,
    /// By [`LendingId`].
    pub lending: Vec<LendingHolding<L>>,
    /// By [`VaultId`]: what its shares stand for, in units of what the vault's farm takes.
    pub vaults: Vec<Lanes<L>>,
}

impl<const L: usize> HoldingLanes<L> {
    /// Nothing anywhere, in a world without such places.
    pub const NONE: Self = Self { farms: Vec::new(), lending: Vec::new(), vaults: Vec::new() };
}
