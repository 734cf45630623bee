use crate::asset::{free, is_ranged, is_staked};
use crate::loan::Unwinding;
use crate::market::{Market, PoolId, TokenId};
use crate::refusal::Refusal;
use crate::sale::Sale;
use crate::strategy::{Action, Position};
use crate::venue::{Farm, FarmId, LendingId, Stake, VaultId};

/// The way out, in steps: out of farms and vaults, loans paid back and what was lent withdrawn, liquidity burned; then what has come of it
/// sold, rewards included.
///
/// Each step is tried once: what is refused stays as it is. What is frozen can be asked for again, in another block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exit {
    /// Of everything.
    fraction: f64,
    /// What is not to be sold, by token.
    kept: Vec<f64>,
    /// LP tokens in no farm when it begins, by pool.
    before: Option<Vec<f64>>,
    stage: Stage,
    /// Whether something was frozen.
    frozen: bool,
}

/// Of what was supplied, as much as is worth a withdrawal.
const A_BIT: f64 = 0.01;

#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Farms(usize),
    Vaults(usize),
    Loans(Unwinding),
    Ranges(usize),
    Pools(usize),
    /// Ranges of which a part stays go back into their farms.
    Restaking(usize),
    Selling(Option<Sale>),
    Over,
}

impl Exit {
    /// Out with everything.
    pub(crate) fn whole() -> Self {
        Self::part(1.0, Vec::new())
    }

    /// Out with a part; of the wallet, `kept` stays as it is.
    pub(crate) fn part(fraction: f64, kept: Vec<f64>) -> Self {
        Self { fraction, kept, before: None, stage: Stage::Farms(0), frozen: false }
    }

    /// What is not to be sold, by token.
    pub(crate) fn kept(&self) -> &[f64] {
        &self.kept
    }

    /// Whether something was frozen when it was asked for, and may be got later.
    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// Whether that can be asked for again: of what there is, nothing is frozen any more.
    pub(crate) fn can_go_on(market: &dyn Market, position: &Position<'_>) -> bool {
        let farms = (0_u16..).map(FarmId).zip(position.farms).filter(|(_, own)| own.staked > 0.0);
        let vaults = (0_u16..).map(VaultId).zip(position.vaults).filter(|(_, share)| **share > 0.0);
        let vaults = vaults.filter_map(|(vault, _)| market.vault(vault)).map(|vault| vault.farm);
        let mut farms = farms.map(|(farm, _)| farm).chain(vaults);
        let lending = (0_u16..).map(LendingId).zip(position.lending).filter(|(_, own)| own.supplied > 0.0);
        let mut lending = lending.filter_map(|(lending, own)| Some((market.lending(lending)?, own)));
        farms.all(|farm| market.farm(farm).is_some_and(|terms| terms.is_open))
            && lending.all(|(terms, own)| terms.liquidity > A_BIT * own.supplied)
    }

    /// The next step, or `None` at the end. Tokens are sold in `markets` for `into`, if for anything.
    pub(crate) fn next(
        &mut self,
        market: &dyn Market,
        position: &Position<'_>,
        markets: &[PoolId],
        into: Option<TokenId>,
    ) -> Option<Action> {
        if self.before.is_none() {
            let pools = (0_u16..).map(PoolId).zip(position.lp);
            let free = |(pool, &lp): (PoolId, &f64)| if lp > 0.0 { free(market, position, pool) } else { 0.0 };
            self.before = Some(pools.map(free).collect());
        } else if matches!(position.refused, Some(Refusal::Frozen | Refusal::LentOut { .. })) {
            self.frozen = true;
        }
        loop {
            let action = match &mut self.stage {
                Stage::Farms(k) => {
                    let Some(own) = position.farms.get(*k) else {
                        self.stage = Stage::Vaults(0);
                        continue;
                    };
                    let farm = FarmId(u16::try_from(*k).unwrap_or(u16::MAX));
                    *k += 1;
                    let terms = market.farm(farm).filter(|_| own.staked > 0.0);
                    terms.and_then(|terms| {
                        self.frozen |= !terms.is_open;
                        let ranged = matches!(terms.stake, Stake::Pool(pool) if is_ranged(market, pool));
                        // Ranges come out all together.
                        let fraction = if ranged { 1.0 } else { self.fraction };
                        terms.is_open.then_some(Action::Unstake { farm, fraction })
                    })
                }
                Stage::Vaults(k) => {
                    let Some(&share) = position.vaults.get(*k) else {
                        self.stage = Stage::Loans(Unwinding::new(position, self.fraction, self.kept.clone()));
                        continue;
                    };
                    let vault = VaultId(u16::try_from(*k).unwrap_or(u16::MAX));
                    *k += 1;
                    let farm = market.vault(vault).filter(|_| share > 0.0).and_then(|terms| market.farm(terms.farm));
                    farm.and_then(|terms| {
                        self.frozen |= !terms.is_open;
                        terms.is_open.then_some(Action::Redeem { vault, fraction: self.fraction })
                    })
                }
                Stage::Loans(unwinding) => {
                    let action = unwinding.next(market, position, markets);
                    self.frozen |= unwinding.is_frozen();
                    if action.is_none() {
                        self.stage = Stage::Ranges(0);
                        continue;
                    }
                    action
                }
                Stage::Ranges(k) => {
                    let Some(range) = position.ranges.get(*k) else {
                        self.stage = Stage::Pools(0);
                        continue;
                    };
                    *k += 1;
                    let free = range.liquidity > 0.0 && !is_staked(market, position, range.pool);
                    free.then_some(Action::BurnRange { pool: range.pool, id: range.id, fraction: self.fraction })
                }
                Stage::Pools(k) => {
                    let Some(&lp) = position.lp.get(*k) else {
                        self.stage = Stage::Restaking(0);
                        continue;
                    };
                    let pool = PoolId(u16::try_from(*k).unwrap_or(u16::MAX));
                    let before = self.before.as_ref().and_then(|before| before.get(*k)).copied().unwrap_or(0.0);
                    *k += 1;
                    let now = if lp > 0.0 { free(market, position, pool) } else { 0.0 };
                    // What came out of farms and vaults goes as a whole, of the rest its part.
                    let fraction = if now > before { 1.0 - (1.0 - self.fraction) * before / now } else { self.fraction };
                    (now > 0.0).then_some(Action::Burn { pool, fraction })
                }
                Stage::Restaking(k) => {
                    let Some(_) = position.farms.get(*k).filter(|_| self.fraction < 1.0) else {
                        self.stage = Stage::Selling(None);
                        continue;
                    };
                    let farm = FarmId(u16::try_from(*k).unwrap_or(u16::MAX));
                    *k += 1;
                    let ranges = |terms: Farm<'_>| match terms.stake {
                        Stake::Pool(pool) => is_ranged(market, pool) && free(market, position, pool) > 0.0,
                        Stake::Token(_) => false,
                    };
                    market.farm(farm).is_some_and(ranges).then_some(Action::Stake { farm, fraction: 1.0 })
                }
                Stage::Selling(sale) => {
                    let swap = into.and_then(|into| {
                        let sale = sale.get_or_insert_with(|| Sale::new(into, self.kept.clone()));
                        sale.next(market, position, markets)
                    });
                    if swap.is_none() {
                        self.stage = Stage::Over;
                    }
                    return swap;
                }
                Stage::Over => return None,
            };
            if action.is_some() {
                return action;
            }
        }
    }
}

#[cfg(test)]
mod tests;
