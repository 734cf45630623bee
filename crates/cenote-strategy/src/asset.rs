use cenote_amm::PriceRange;

use crate::market::{Market, PoolId, TokenId};
use crate::prices::DUST;
use crate::strategy::{Action, Entry, Position, RangeId};
use crate::venue::{FarmId, LendingId, Stake, VaultId};

/// Part of a portfolio: somewhere a deposit can be.
///
/// What a strategy is handed it has to know before it sees a market, so farms and vaults are named together with what they take, and
/// lending markets with their token. All of them, and the pools to swap in, should be on the position's own chain: what is on another
/// is refused there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Asset {
    /// A token, in the wallet.
    Token(TokenId),
    /// Liquidity in a pool, in no farm; the full range in a pool of ranges.
    Pool(PoolId),
    /// A stake in a farm.
    Farm {
        /// The farm.
        farm: FarmId,
        /// What it takes.
        stake: Stake,
    },
    /// What is supplied to a lending market.
    Lending {
        /// The market.
        lending: LendingId,
        /// What is lent there.
        token: TokenId,
    },
    /// Shares of a vault.
    Vault {
        /// The vault.
        vault: VaultId,
        /// What its farm takes.
        stake: Stake,
    },
}

impl Asset {
    /// What it consists of: a token or liquidity.
    pub(crate) fn stake(self) -> Stake {
        match self {
            Self::Token(token) | Self::Lending { token, .. } => Stake::Token(token),
            Self::Pool(pool) => Stake::Pool(pool),
            Self::Farm { stake, .. } | Self::Vault { stake, .. } => stake,
        }
    }

    /// In which tokens a deposit for it is handed over.
    pub(crate) fn entry(self) -> Entry {
        entry_of(self.stake())
    }

    /// Its value, pending rewards included; that of a loan without what is owed.
    pub(crate) fn value(self, market: &dyn Market, position: &Position<'_>) -> f64 {
        match self {
            Self::Token(token) => wallet(position, token) * market.price(token),
            Self::Pool(pool) => {
                if let Some(range) = position.range(pool, RangeId(0)) {
                    let tokens = market.pool_tokens(pool).iter().zip(range.amounts.iter().zip(range.owed));
                    let value = tokens.map(|(&token, (amount, owed))| (amount + owed) * market.price(token)).sum();
                    return if is_staked(market, position, pool) { 0.0 } else { value };
                }
                let lp = free(market, position, pool);
                if lp > 0.0 { lp * market.lp_value(pool) } else { 0.0 }
            }
            Self::Farm { farm, stake } => {
                let staked = position.farms.get(farm.index()).map_or(0.0, |own| own.staked);
                stake_value(market, position, stake, staked) + pending_value(market, position, farm)
            }
            Self::Lending { lending, token } => supplied(position, lending) * market.price(token),
            Self::Vault { vault, stake } => {
                stake_value(market, position, stake, position.vaults.get(vault.index()).copied().unwrap_or(0.0))
            }
        }
    }

    /// Whether the same liquidity or token is handed over as it is, or nearly: a stake that is moved, or put into a farm of its pool.
    pub(crate) fn shifts_to(self, other: Self) -> bool {
        let handed = |asset: Self| matches!(asset, Self::Pool(_) | Self::Farm { .. } | Self::Vault { .. });
        self != other && self.stake() == other.stake() && matches!(self.stake(), Stake::Pool(_)) && handed(self) && handed(other)
    }

    /// What more of it, worth so much, takes in tokens.
    pub(crate) fn units(self, market: &dyn Market, value: f64) -> Vec<(TokenId, f64)> {
        match self.stake() {
            Stake::Token(token) => vec![(token, value / market.price(token))],
            Stake::Pool(pool) => units_of(market, pool, value).collect(),
        }
    }
}

/// In which tokens a deposit for a stake is handed over.
pub(crate) fn entry_of(stake: Stake) -> Entry {
    match stake {
        Stake::Token(token) => Entry::Tokens(vec![(token, 1.0)]),
        Stake::Pool(pool) => Entry::Pool(pool),
    }
}

/// What the wallet has of a token.
pub(crate) fn wallet(position: &Position<'_>, token: TokenId) -> f64 {
    position.wallet.get(token.index()).copied().unwrap_or(0.0)
}

fn supplied(position: &Position<'_>, lending: LendingId) -> f64 {
    position.lending.get(lending.index()).map_or(0.0, |own| own.supplied)
}

/// What a pool's liquidity worth so much takes of each token.
pub(crate) fn units_of(market: &dyn Market, pool: PoolId, value: f64) -> impl Iterator<Item = (TokenId, f64)> + '_ {
    units_in(market, pool, PriceRange::FULL, value)
}

/// The same of liquidity in a range, where the pool has ranges.
pub(crate) fn units_in(
    market: &dyn Market,
    pool: PoolId,
    range: PriceRange,
    value: f64,
) -> impl Iterator<Item = (TokenId, f64)> + '_ {
    let ranged = market.proportions(pool, range).map(|(unit, _)| unit);
    let tokens = market.pool_tokens(pool);
    let unit = move |k: usize, token: TokenId| {
        ranged.map_or_else(|| market.reserve(pool, token), |unit| unit.get(k).copied().unwrap_or(0.0))
    };
    let all: f64 = tokens.iter().enumerate().map(|(k, &token)| unit(k, token) * market.price(token)).sum();
    tokens.iter().enumerate().map(move |(k, &token)| (token, unit(k, token) * (value / all)))
}

/// Whether liquidity of this pool lies between prices.
pub(crate) fn is_ranged(market: &dyn Market, pool: PoolId) -> bool {
    market.proportions(pool, PriceRange::FULL).is_some()
}

/// What of a pool's LP tokens is staked in farms.
fn staked(market: &dyn Market, position: &Position<'_>, pool: PoolId) -> f64 {
    let farms = (0_u16..).map(FarmId).zip(position.farms).filter(|(_, own)| own.staked > 0.0);
    let here = farms.filter(|&(farm, _)| market.farm(farm).is_some_and(|farm| farm.stake == Stake::Pool(pool)));
    here.map(|(_, own)| own.staked).sum()
}

/// Whether some of a pool's liquidity is staked.
pub(crate) fn is_staked(market: &dyn Market, position: &Position<'_>, pool: PoolId) -> bool {
    staked(market, position, pool) > 0.0
}

/// Liquidity of a pool that is in no farm: LP tokens, or in a pool of ranges the liquidity of those that are not staked.
pub(crate) fn free(market: &dyn Market, position: &Position<'_>, pool: PoolId) -> f64 {
    if is_ranged(market, pool) {
        let here = position.ranges.iter().filter(|range| range.pool == pool);
        return if is_staked(market, position, pool) { 0.0 } else { here.map(|range| range.liquidity).sum() };
    }
    let all = position.lp.get(pool.index()).copied().unwrap_or(0.0);
    let free = all - staked(market, position, pool);
    if free > DUST * all { free } else { 0.0 }
}

/// Value of so much of what a farm or vault takes; of a pool of ranges, of all that there is if any is staked.
pub(crate) fn stake_value(market: &dyn Market, position: &Position<'_>, stake: Stake, amount: f64) -> f64 {
    if amount <= 0.0 {
        return 0.0;
    }
    match stake {
        Stake::Token(token) => amount * market.price(token),
        Stake::Pool(pool) if is_ranged(market, pool) => {
            let of =
                |amounts: [f64; 2]| market.pool_tokens(pool).iter().zip(amounts).map(|(&t, x)| x * market.price(t)).sum::<f64>();
            let here = position.ranges.iter().filter(|range| range.pool == pool && range.liquidity > 0.0);
            here.map(|range| of(range.amounts) + of(range.owed)).sum()
        }
        Stake::Pool(pool) => amount * market.lp_value(pool),
    }
}

/// Value of what a farm has not paid yet.
pub(crate) fn pending_value(market: &dyn Market, position: &Position<'_>, farm: FarmId) -> f64 {
    let (Some(own), Some(terms)) = (position.farms.get(farm.index()), market.farm(farm)) else { return 0.0 };
    let pending = terms.rewards.iter().zip(own.pending).filter(|(_, amount)| *amount > 0.0);
    pending.map(|(&token, amount)| amount * market.price(token)).sum()
}

/// The part of the wallet that mints as much as `fraction` of `have` would, which is part of the wallet.
pub(crate) fn of_whole(
    market: &dyn Market,
    position: &Position<'_>,
    pool: PoolId,
    range: PriceRange,
    have: &[f64],
    fraction: f64,
) -> f64 {
    if have == position.wallet {
        return fraction;
    }
    let ranged = market.proportions(pool, range).map(|(unit, _)| unit);
    let tokens = market.pool_tokens(pool);
    let unit = |k: usize, token: TokenId| ranged.map_or_else(|| market.reserve(pool, token), |unit| unit[k]);
    let needed = || tokens.iter().enumerate().map(|(k, &token)| (token.index(), unit(k, token))).filter(|(_, unit)| *unit > 0.0);
    let units = needed().map(|(t, unit)| fraction * have[t] / unit).fold(f64::INFINITY, f64::min);
    let part = |(t, unit): (usize, f64)| if units > 0.0 { units * unit / position.wallet[t] } else { 0.0 };
    needed().map(part).fold(0.0, f64::max).min(1.0)
}

/// All of some liquidity from one place to another that takes the same, without leaving its pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shift {
    from: Asset,
    to: Asset,
    step: u8,
}

impl Shift {
    pub(crate) fn new(from: Asset, to: Asset) -> Self {
        Self { from, to, step: 0 }
    }

    /// Whether something was asked for.
    pub(crate) fn has_begun(self) -> bool {
        self.step > 0
    }

    /// The next step; `None` at the end.
    pub(crate) fn next(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        while self.step < 2 {
            self.step += 1;
            let held = |pool| free(market, position, pool) > 0.0;
            let action = match (self.step, if self.step == 1 { self.from } else { self.to }) {
                (1, Asset::Farm { farm, .. }) => Some(Action::Unstake { farm, fraction: 1.0 }),
                (1, Asset::Vault { vault, .. }) => Some(Action::Redeem { vault, fraction: 1.0 }),
                (2, Asset::Farm { farm, stake: Stake::Pool(pool) }) if held(pool) => Some(Action::Stake { farm, fraction: 1.0 }),
                (2, Asset::Vault { vault, stake: Stake::Pool(pool) }) if held(pool) => {
                    Some(Action::Deposit { vault, fraction: 1.0 })
                }
                _ => None,
            };
            if action.is_some() {
                return action;
            }
        }
        None
    }
}

/// The way out of a part of an asset, or into more of it, in steps, each of which is tried once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Chain {
    asset: Asset,
    way: Way,
    step: u8,
    /// Liquidity that was in no farm before the first step, and is another asset.
    before: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// A fraction of it is taken out, into the wallet.
    Out(f64),
    /// Tokens of the wallet worth so much are put in.
    In(f64),
}

impl Chain {
    /// Out with a fraction of an asset.
    pub(crate) fn out(asset: Asset, fraction: f64) -> Self {
        Self { asset, way: Way::Out(fraction), step: 0, before: 0.0 }
    }

    /// Tokens worth so much into an asset.
    pub(crate) fn into(asset: Asset, value: f64) -> Self {
        Self { asset, way: Way::In(value), step: 0, before: 0.0 }
    }

    /// The next step; `None` at the end.
    pub(crate) fn next(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if self.step == 0
            && let Stake::Pool(pool) = self.asset.stake()
        {
            self.before = free(market, position, pool);
        }
        while self.step < 3 {
            self.step += 1;
            let action = match self.way {
                Way::Out(fraction) => self.out_step(market, position, fraction),
                Way::In(value) => self.in_step(market, position, value),
            };
            if action.is_some() {
                return action;
            }
        }
        None
    }

    fn out_step(&mut self, market: &dyn Market, position: &Position<'_>, fraction: f64) -> Option<Action> {
        let ranged = matches!(self.asset.stake(), Stake::Pool(pool) if is_ranged(market, pool));
        match (self.step, self.asset) {
            (1, Asset::Pool(pool)) => Some(Action::Burn { pool, fraction }),
            (1, Asset::Lending { lending, .. }) => {
                let there = market.lending(lending).map_or(0.0, |terms| terms.liquidity);
                let amount = (fraction * supplied(position, lending)).min(there);
                (amount > 0.0).then_some(Action::Withdraw { lending, amount })
            }
            (1, Asset::Farm { farm, .. }) => {
                let staked = position.farms.get(farm.index()).is_some_and(|own| own.staked > 0.0);
                let open = market.farm(farm).is_some_and(|terms| terms.is_open);
                // Ranges are staked all together, and again after some of them is burned.
                let fraction = if ranged { 1.0 } else { fraction };
                (staked && open && fraction > 0.0).then_some(Action::Unstake { farm, fraction })
            }
            (1, Asset::Vault { vault, .. }) => Some(Action::Redeem { vault, fraction }),
            (2, Asset::Farm { stake: Stake::Pool(pool), .. } | Asset::Vault { stake: Stake::Pool(pool), .. }) => {
                let now = free(market, position, pool);
                let fraction = if ranged { fraction } else { 1.0 - self.before / now };
                (now > self.before && fraction > 0.0).then_some(Action::Burn { pool, fraction })
            }
            (3, Asset::Farm { farm, stake: Stake::Pool(pool) }) if ranged && fraction < 1.0 => {
                (free(market, position, pool) > self.before).then_some(Action::Stake { farm, fraction: 1.0 })
            }
            _ => None,
        }
    }

    fn in_step(&mut self, market: &dyn Market, position: &Position<'_>, value: f64) -> Option<Action> {
        let units = self.asset.units(market, value);
        match (self.step, self.asset.stake()) {
            // Whoever adds to ranges takes them out of their farm first.
            (1, Stake::Pool(pool)) => match self.asset {
                Asset::Farm { farm, .. } if is_ranged(market, pool) && is_staked(market, position, pool) => {
                    self.before = 0.0;
                    market.farm(farm).is_some_and(|terms| terms.is_open).then_some(Action::Unstake { farm, fraction: 1.0 })
                }
                _ => None,
            },
            (2, Stake::Pool(pool)) => {
                let part = |&(token, unit): &(TokenId, f64)| if unit > 0.0 { unit / wallet(position, token) } else { 0.0 };
                let fraction = units.iter().map(part).fold(0.0, f64::max).min(1.0);
                (fraction > 0.0).then_some(Action::Mint { pool, fraction })
            }
            (3, Stake::Pool(pool)) => {
                let now = free(market, position, pool);
                let fraction = if is_ranged(market, pool) { 1.0 } else { 1.0 - self.before / now };
                if now > self.before { self.hand_over(fraction) } else { None }
            }
            (1, Stake::Token(token)) => {
                let have = wallet(position, token);
                let amount = units.first().map_or(0.0, |&(_, unit)| unit).min(have);
                match self.asset {
                    _ if amount.is_nan() || amount <= 0.0 => None,
                    Asset::Lending { lending, .. } => Some(Action::Supply { lending, amount }),
                    _ => self.hand_over(amount / have),
                }
            }
            _ => None,
        }
    }

    /// A fraction of what there is, to the farm or vault.
    fn hand_over(&self, fraction: f64) -> Option<Action> {
        match self.asset {
            Asset::Farm { farm, .. } => Some(Action::Stake { farm, fraction }),
            Asset::Vault { vault, .. } => Some(Action::Deposit { vault, fraction }),
            _ => None,
        }
    }
}
