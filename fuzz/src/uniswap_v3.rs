//! Uniswap v3 and `PancakeSwap` v3.

use core::marker::PhantomData;

use arbitrary::{Result, Unstructured};
use cenote_amm::concentrated::{ConcentratedError, FeeGrowth, FeeTier, SqrtPrice, TickRange, Trade, V3Pool};
use cenote_amm::{Concentrated, Owner};

use crate::draw::{Ledger, trace};
use crate::ranged::{Context, Family, Initialized, PricedLane, liquidity, owner};

/// The family in a lane.
#[derive(Debug)]
pub struct UniswapV3<L>(PhantomData<L>);

impl<L: PricedLane> Family for UniswapV3<L> {
    type Lane = L;
    type Contract = V3Pool<L>;

    fn empty(u: &mut Unstructured<'_>, decimals: [u8; 2]) -> Result<Option<Concentrated<L>>> {
        let tier = match u.int_in_range(0..=5_u8)? {
            0 => FeeTier::BP_1,
            1 => FeeTier::BP_5,
            2 | 3 => FeeTier::BP_30,
            4 => FeeTier::BP_100,
            _ => match FeeTier::new(u.arbitrary::<u32>()? % 1_000_100, u.arbitrary::<u16>()?.into()) {
                Ok(tier) => tier,
                Err(_) => return Ok(None),
            },
        };
        let pool = if u.arbitrary()? { Concentrated::uniswap_v3(tier) } else { Concentrated::pancakeswap_v3(tier) };
        Ok(Some(pool.with_decimals(decimals)))
    }

    fn held(pool: &Concentrated<L>) -> [L::Amount; 2] {
        pool.v3().balances()
    }

    fn fee_growth(pool: &Concentrated<L>) -> [FeeGrowth<L>; 2] {
        pool.v3().fee_growth_global()
    }

    fn ticks(pool: &Concentrated<L>) -> Vec<Initialized> {
        pool.v3().ticks().map(|(number, tick)| (number, tick.liquidity_gross(), tick.liquidity_net())).collect()
    }

    fn positions(pool: &Concentrated<L>) -> Vec<(Owner, TickRange, u64, u128)> {
        pool.v3().positions().map(|(key, position)| (key.owner, key.range, key.salt, position.liquidity())).collect()
    }

    fn initialize(pool: &mut Concentrated<L>, price: SqrtPrice<L>) -> core::result::Result<(), ConcentratedError> {
        pool.v3_mut().initialize(price)
    }

    fn trade(pool: &mut Concentrated<L>, trade: &Trade<L>) -> Option<[L::Amount; 2]> {
        let (quoted, traded) = (pool.v3().quote(trade), pool.v3_mut().swap(trade));
        assert!(quoted == traded || format!("{quoted:?}") == format!("{traded:?}"), "quoted {quoted:?}, traded {traded:?}");
        traded.ok().map(|traded| [traded.amount_in, traded.amount_out])
    }

    fn special(pool: &mut Concentrated<L>, u: &mut Unstructured<'_>, context: &Context, ledger: &mut Ledger<L>) -> Result<bool> {
        let held = pool.v3().balances();
        let amounts = |u: &mut Unstructured<'_>, near: [L::Amount; 2]| Ok([L::draw(u, near[0])?, L::draw(u, near[1])?]);
        let pool = pool.v3_mut();
        let (mut paid, mut out) = ([L::ZERO; 2], [L::ZERO; 2]);
        let operation = u.int_in_range(0..=8_u8)?;
        let passed = match operation {
            0..=2 => {
                let (owner, range) = (owner(u)?, context.range(u)?);
                let near = pool.max_liquidity_per_tick() >> (u.arbitrary::<u8>()? % 128);
                let liquidity = liquidity(u, near)?;
                pool.mint(owner, range, liquidity).map(|amounts| paid = amounts).is_ok()
            }
            3 => {
                let (loan, back) = (amounts(u, held)?, amounts(u, held)?);
                let enough = u.arbitrary()?;
                let back = [0, 1].map(|side| if enough { L::posted(loan[side], back[side], true) } else { back[side] });
                pool.flash(loan, back).map(|()| (paid, out) = (back, loan)).is_ok()
            }
            4 => {
                let keys: Vec<_> = pool.positions().map(|(key, position)| (*key, position.tokens_owed())).collect();
                let Some((key, owed)) = keys.get(usize::from(u.arbitrary::<u8>()?) % keys.len().max(1)) else { return Ok(false) };
                let requested = amounts(u, *owed)?;
                pool.collect(key.owner, key.range, requested).map(|amounts| out = amounts).is_ok()
            }
            5 => {
                let numbers = match u.arbitrary::<u8>()? % 4 {
                    0 => [4, 10],
                    1 => [1000, 4000],
                    2 => [0, 0],
                    _ => [u.arbitrary()?, u.arbitrary()?],
                };
                pool.set_protocol_fee(numbers).is_ok()
            }
            6 => {
                let requested = amounts(u, pool.protocol_fees())?;
                pool.collect_protocol(requested).map(|amounts| out = amounts).is_ok()
            }
            7 => {
                let ahead = if u.arbitrary::<u8>()? == 0 { u.arbitrary::<u64>()? } else { u.arbitrary::<u32>()?.into() };
                pool.set_block_timestamp(pool.block_timestamp().wrapping_add(ahead));
                true
            }
            _ => {
                let _ = (pool.observe(u.arbitrary()?), pool.snapshot_cumulatives_inside(context.range(u)?));
                pool.increase_observation_cardinality_next(u.arbitrary::<u8>()?.into()).is_ok()
            }
        };
        trace(|| format!("special {operation}: {passed}, {paid:?} in, {out:?} out"));
        for side in 0..2 {
            if passed {
                ledger.pay_in(side, paid[side]);
                ledger.pay_out(side, out[side]);
            }
        }
        Ok(passed)
    }

    fn leave(
        pool: &mut Concentrated<L>,
        (owner, range, _, liquidity): (Owner, TickRange, u64, u128),
    ) -> core::result::Result<[L::Amount; 2], ConcentratedError> {
        let pool = pool.v3_mut();
        if liquidity > 0 {
            pool.burn(owner, range, liquidity)?;
        }
        pool.collect(owner, range, pool.position(owner, range).tokens_owed())
    }
}
