//! One sequence of operations on one pool, with every check that is asked for after each of them.

use core::fmt::Debug;
use std::collections::{BTreeMap, BTreeSet};

use super::checker::{Checker, Verdict, Violation};
use super::checks;
use super::checks::{Flows, first_difference};
use super::fungible::{FungibleCall, FungibleOperation, write_amounts};
use super::lane::BatteryLane;
use super::ranged::{Place, RangedCall, RangedOperation};
use super::run::Battery;
use super::size::Deposits;
use super::slack::{Rounding, tokens};
use crate::error::AmmError;
use crate::lane::{Lane, power_of_ten};
use crate::pool::{Amount, FungibleLiquidity, Pool, RangedLiquidity, SwapRequest, TokenIndex};

/// What is to be checked, and what has been.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) active: BTreeSet<Checker>,
    pub(super) applied: BTreeMap<Checker, u64>,
    pub(super) operations: u64,
    pub(super) succeeded: u64,
    /// The operations in words, if somebody is going to read them.
    pub(super) steps: Option<Vec<String>>,
}

impl Notes {
    fn check(&mut self, checker: Checker, check: impl FnOnce() -> Verdict) -> Result<(), Violation> {
        if self.active.contains(&checker) && check()? {
            *self.applied.entry(checker).or_default() += 1;
        }
        Ok(())
    }

    fn begin(&mut self, call: &impl ToString) {
        self.operations += 1;
        if let Some(steps) = &mut self.steps {
            steps.push(call.to_string());
        }
    }

    fn end<A: core::fmt::Display>(&mut self, result: &Result<Flows<A>, AmmError>) {
        self.succeeded += u64::from(result.is_ok());
        if let Some(step) = self.steps.as_mut().and_then(|steps| steps.last_mut()) {
            let happened = match result {
                Ok(Flows { paid_in, paid_out }) => {
                    format!("paid in {}; paid out {}", write_amounts(paid_in), write_amounts(paid_out))
                }
                Err(error) => format!("fails: {error}"),
            };
            step.push_str(" -> ");
            step.push_str(&happened);
        }
    }
}

/// That an operation that failed left nothing behind.
fn failure_changes_nothing<P: Pool>(battery: &Battery<P>, before: &P, after: &P) -> Verdict {
    let (then, now) = ((battery.snapshot)(before), (battery.snapshot)(after));
    if then == now {
        return Ok(true);
    }
    Err(Violation::new(
        Checker::FailureChangesNothing,
        format!("a failed operation left a trace: {}", first_difference(&then, &now)),
    ))
}

/// All checks of a swap that need nothing but a [`Pool`], in the state before it.
fn check_swap<P>(
    battery: &Battery<P>,
    pool: &P,
    request: &SwapRequest<P::Lane>,
    rounding: &impl Fn(Checker) -> Rounding<P>,
    notes: &mut Notes,
) -> Result<(), Violation>
where
    P: Pool + Clone,
    P::Lane: BatteryLane,
{
    use Checker::{OutcomeHonoursRequest, PricesConvex, QuoteEqualsSwap, RoundTrip, RoundingFavoursPool, SplitTrade};
    notes.check(QuoteEqualsSwap, || checks::quote_equals_swap(pool, request, battery.snapshot))?;
    notes.check(OutcomeHonoursRequest, || checks::outcome_honours_request(pool, request, &rounding(OutcomeHonoursRequest)))?;
    notes.check(RoundTrip, || checks::round_trip(pool, request, &rounding(RoundTrip)))?;
    let pair = (request.token_in, request.token_out);
    let decimals = (battery.deposits.decimals_of(pair.0), battery.deposits.decimals_of(pair.1));
    notes.check(RoundingFavoursPool, || checks::rounding_favours_pool(pool, pair, decimals, &rounding(RoundingFavoursPool)))?;
    for thousandths in [300, 900] {
        notes.check(SplitTrade, || checks::split_trade(pool, request, thousandths, &rounding(SplitTrade)))?;
    }
    notes.check(PricesConvex, || checks::prices_convex(pool, request, &rounding(PricesConvex)))
}

/// Dust in a pool of LP tokens keeps the invariant.
fn dust_keeps_invariant<P>(pool: &P, pair: (TokenIndex, TokenIndex), decimals: u8, rounding: &Rounding<P>) -> Verdict
where
    P: FungibleLiquidity + Clone,
    P::Lane: BatteryLane,
{
    let mut checked = false;
    for digits in [1, 2, 3, 10, 100] {
        let request = SwapRequest::exact_in(pair, P::Lane::units(digits, 0, decimals));
        checked |= checks::invariant_in_swap(pool, &request, rounding)
            .map_err(|violation| Violation::new(Checker::RoundingFavoursPool, violation.message()))?;
    }
    Ok(checked)
}

/// A sequence of operations on a pool with LP tokens.
pub(super) fn fungible<P>(
    battery: &Battery<P>,
    pool: P,
    operations: &[FungibleOperation],
    notes: &mut Notes,
) -> Result<(), Violation>
where
    P: FungibleLiquidity + Clone + Debug,
    P::Lane: BatteryLane,
{
    let of_reserves = Rounding::of_reserves(battery.slack_of(Checker::Conservation));
    let rounding = |checker: Checker| of_reserves.with(battery.slack_of(checker));
    let holding = battery.holdings.unwrap_or(|pool, token| pool.reserve(token).unwrap_or(P::Lane::ZERO));
    let holdings = |pool: &P| tokens(pool).map(|token| holding(pool, token)).collect::<Vec<_>>();
    let mut pool = pool;
    for (number, operation) in operations.iter().enumerate() {
        // The first deposit is for pools that need one.
        if number == 0 && pool.total_supply() > P::Lane::ZERO {
            continue;
        }
        let Some(call) = operation.call(&pool, &battery.deposits) else { continue };
        notes.begin(&call);
        let mut after = pool.clone();
        let result = call.run(&mut after);
        notes.end(&result);
        match &call {
            FungibleCall::Mint(owner, offers) => {
                notes.check(Checker::OutcomeHonoursRequest, || {
                    let Ok(flows) = &result else { return Ok(false) };
                    checks::offers_honoured::<P>(&pool, &flows.paid_in, offers, &rounding(Checker::OutcomeHonoursRequest))
                })?;
                notes.check(Checker::MintBurn, || checks::mint_burn(&pool, *owner, offers, &rounding(Checker::MintBurn)))?;
                notes.check(Checker::OrderOfLiquidity, || {
                    checks::order_of_mints(&pool, *owner, offers, &rounding(Checker::OrderOfLiquidity))
                })?;
            }
            FungibleCall::Burn(owner, liquidity) => {
                notes.check(Checker::OrderOfLiquidity, || {
                    checks::order_of_burns(&pool, *owner, *liquidity, &rounding(Checker::OrderOfLiquidity))
                })?;
            }
            FungibleCall::SwapTo { base, quote, target, .. } => {
                notes.check(Checker::SwapTo, || checks::swap_to(&pool, (*base, *quote), *target, &rounding(Checker::SwapTo)))?;
            }
            FungibleCall::Swap(_) | FungibleCall::Transfer(..) => {}
        }
        if let Some(request) = call.swap() {
            check_swap(battery, &pool, request, &rounding, notes)?;
            let pair = (request.token_in, request.token_out);
            notes.check(Checker::RoundingFavoursPool, || {
                let decimals = battery.deposits.decimals_of(pair.0);
                dust_keeps_invariant(&pool, pair, decimals, &rounding(Checker::InvariantInSwap))
            })?;
            notes.check(Checker::InvariantInSwap, || {
                checks::invariant_in_swap(&pool, request, &rounding(Checker::InvariantInSwap))
            })?;
        }
        match result {
            Ok(flows) => {
                let states = (&pool, &after);
                notes.check(Checker::Conservation, || {
                    checks::conservation(states, &flows, holdings, battery.protocol_takes, (&rounding(Checker::Conservation), &[]))
                })?;
                notes.check(Checker::Shares, || checks::shares(&after, &rounding(Checker::Shares)))?;
                notes.check(Checker::InvariantPerLpToken, || {
                    checks::invariant_per_lp_token(states.0, states.1, &rounding(Checker::InvariantPerLpToken))
                })?;
                pool = after;
            }
            Err(_) => {
                notes.check(Checker::FailureChangesNothing, || failure_changes_nothing(battery, &pool, &after))?;
            }
        }
    }
    Ok(())
}

/// The virtual reserves of so much liquidity at the pool's price: a float of the price knows amounts to so many digits of these.
fn virtual_reserves<P>(slack: super::Slack, liquidity: f64, deposits: &Deposits) -> Rounding<P>
where
    P: RangedLiquidity,
{
    let unit = [TokenIndex::ZERO, TokenIndex::ONE].map(|token| P::Lane::scale(deposits.decimals_of(token)));
    let smallest = |token: usize| power_of_ten(deposits.decimals_of(TokenIndex(u8::from(token == 1))));
    // Liquidity is √(token 0 · token 1) in smallest units; the lane may count larger ones.
    let scaled = liquidity / (smallest(0) * smallest(1)).sqrt() * (unit[0] * unit[1]).sqrt();
    Rounding::new(slack, move |pool: &P, token| {
        let price = pool.spot_price(TokenIndex::ZERO, TokenIndex::ONE).filter(|price| *price > 0.0);
        price.map_or(0.0, |price| if token == TokenIndex::ZERO { scaled / price.sqrt() } else { scaled * price.sqrt() })
    })
}

#[allow(clippy::cast_precision_loss, reason = "a scale of rounding errors")]
fn liquidity_of<P: RangedLiquidity>(pool: &P, places: &[Place]) -> f64 {
    places.iter().filter_map(|(owner, range)| pool.position(*owner, *range)).map(|position| position.liquidity as f64).sum()
}

fn sides<A: Copy + Default>(amounts: &[A]) -> [A; 2] {
    [0, 1].map(|side| amounts.get(side).copied().unwrap_or_default())
}

/// A sequence of operations on a pool with ranged liquidity.
pub(super) fn ranged<P>(battery: &Battery<P>, pool: P, operations: &[RangedOperation], notes: &mut Notes) -> Result<(), Violation>
where
    P: RangedLiquidity + Clone + Debug,
    P::Lane: BatteryLane,
{
    let mut pool = pool;
    let mut places: Vec<Place> = Vec::new();
    // Liquidity that was there before has owners that nobody knows.
    let (all_known, with_holdings) = (pool.liquidity() == 0, battery.holdings.is_some());
    let holding = battery.holdings.unwrap_or(|_, _| P::Lane::ZERO);
    let holdings = |pool: &P| tokens(pool).map(|token| holding(pool, token)).collect::<Vec<Amount<P>>>();
    let mut paid_in = if with_holdings { sides(&holdings(&pool)) } else { [P::Lane::ZERO; 2] };
    let (mut paid_out, mut forgiven) = ([P::Lane::ZERO; 2], [0.0_f64; 2]);
    for operation in operations {
        let Some(call) = operation.call(&pool, &places, &battery.deposits) else { continue };
        notes.begin(&call);
        let mut after = pool.clone();
        let result = call.run(&mut after);
        notes.end(&result);
        let mut known = places.clone();
        if let RangedCall::Mint(place, _) = call
            && !known.contains(&place)
        {
            known.push(place);
        }
        let liquidity = liquidity_of(&pool, &known).max(liquidity_of(&after, &known)) * 2.0;
        let of_liquidity = virtual_reserves(battery.slack_of(Checker::Conservation), liquidity, &battery.deposits);
        let rounding = |checker: Checker| of_liquidity.with(battery.slack_of(checker));
        match &call {
            RangedCall::Mint((owner, range), offers) => {
                notes.check(Checker::OutcomeHonoursRequest, || {
                    let Ok(flows) = &result else { return Ok(false) };
                    checks::offers_honoured::<P>(&pool, &flows.paid_in, offers, &rounding(Checker::OutcomeHonoursRequest))
                })?;
                notes.check(Checker::MintBurn, || {
                    checks::ranged_mint_burn(&pool, *owner, *range, *offers, &rounding(Checker::MintBurn))
                })?;
                notes.check(Checker::OrderOfLiquidity, || {
                    checks::ranged_order_of_mints(&pool, *owner, *range, *offers, &rounding(Checker::OrderOfLiquidity))
                })?;
            }
            RangedCall::SwapTo { base, quote, target, .. } => {
                notes.check(Checker::SwapTo, || checks::swap_to(&pool, (*base, *quote), *target, &rounding(Checker::SwapTo)))?;
            }
            RangedCall::Swap(_) | RangedCall::Burn(..) | RangedCall::Collect(_) => {}
        }
        if let Some(request) = call.swap() {
            check_swap(battery, &pool, request, &rounding, notes)?;
        }
        match result {
            Ok(flows) => {
                let states = (&pool, &after);
                notes.check(Checker::Conservation, || {
                    if !with_holdings {
                        return Ok(false);
                    }
                    checks::conservation(
                        states,
                        &flows,
                        holdings,
                        battery.protocol_takes,
                        (&rounding(Checker::Conservation), &forgiven),
                    )
                })?;
                notes.check(Checker::FeesOwed, || {
                    let others = places.iter().filter(|place| call.place().as_ref() != Some(*place));
                    checks::fees_owed(states, &flows.paid_in, others, &rounding(Checker::FeesOwed))
                })?;
                let solvency = rounding(Checker::Solvency);
                for (side, token) in [TokenIndex::ZERO, TokenIndex::ONE].into_iter().enumerate() {
                    let add = |sum: Amount<P>, amount: &[Amount<P>]| P::Lane::checked_add(sum, sides(amount)[side]).unwrap_or(sum);
                    (paid_in[side], paid_out[side]) = (add(paid_in[side], &flows.paid_in), add(paid_out[side], &flows.paid_out));
                    let paid = P::Lane::amount_to_f64(paid_in[side]);
                    forgiven[side] += solvency.grain(&[states.0, states.1], token, paid);
                }
                places = known;
                if all_known {
                    notes.check(Checker::Shares, || checks::ranged_shares(&after, &places))?;
                }
                pool = after;
            }
            Err(_) => {
                notes.check(Checker::FailureChangesNothing, || failure_changes_nothing(battery, &pool, &after))?;
            }
        }
    }
    if all_known || with_holdings {
        notes.check(Checker::Solvency, || checks::solvency(&pool, &places, (paid_in, paid_out), forgiven))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concentrated::{FeeTier, TickRange};
    use crate::{Concentrated, Fast, Owner};

    #[test]
    fn virtual_reserves_are_those_of_the_curve() {
        let mut pool = Concentrated::<Fast>::uniswap_v3(FeeTier::BP_30).with_decimals([18, 6]);
        pool.initialize_at_price(2000.0).unwrap();
        let range = TickRange::full(60);
        let minted = pool.mint(Owner::new(1), range, [10.0, 20_000.0]).unwrap();
        let liquidity = liquidity_of(&pool, &[(Owner::new(1), range)]);
        let rounding = virtual_reserves(super::super::Slack::NONE, liquidity, &Deposits::new(&[18, 6]));
        for (side, token) in [TokenIndex::ZERO, TokenIndex::ONE].into_iter().enumerate() {
            let reserve = rounding.scale(&pool, token);
            assert!((reserve / minted.amounts[side] - 1.0).abs() < 1e-6, "{reserve} of {token}");
        }
    }
}
