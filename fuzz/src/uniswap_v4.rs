//! Uniswap v4 with a hook that changes the fee from swap to swap, and refuses what it is told to.

use core::marker::PhantomData;

use arbitrary::{Result, Unstructured};
use cenote_amm::concentrated::{
    ConcentratedError, DYNAMIC_FEE_FLAG, FeeGrowth, HookRefusal, Hooks, LiquidityChange, LpFee, PositionKey, SqrtPrice, TickRange,
    Trade, Traded, V4Pool, V4State,
};
use cenote_amm::{Concentrated, ConcentratedV4, Lane, Owner};

use crate::draw::{Ledger, trace};
use crate::ranged::{Context, Family, Initialized, PricedLane, liquidity, owner};

/// The family in a lane.
#[derive(Debug)]
pub struct UniswapV4<L>(PhantomData<L>);

/// What a hook contract may do, and more.
#[derive(Clone, Debug, PartialEq)]
pub struct Moody {
    /// What `beforeSwap` returns, one after the other.
    answers: [u32; 3],
    /// Operations so far.
    done: u32,
    /// Operations it refuses: the fourth bit of their number counts.
    refused: u32,
}

impl Moody {
    fn ask(&self, what: u32) -> core::result::Result<(), HookRefusal> {
        if self.refused >> ((8 * what + self.done % 8) % 32) & 1 == 1 { Err(HookRefusal::new("not now")) } else { Ok(()) }
    }
}

impl<L: Lane> Hooks<L> for Moody {
    fn after_initialize(&mut self, _: &V4State<L>) {
        self.done += 1;
    }

    fn before_add_liquidity(&self, _: &V4State<L>, _: &PositionKey, _: u128) -> core::result::Result<(), HookRefusal> {
        self.ask(0)
    }

    fn before_swap(&self, pool: &V4State<L>, trade: &Trade<L>) -> core::result::Result<LpFee, HookRefusal> {
        self.ask(1)?;
        let answer = LpFee::from_contract(self.answers[self.done as usize % 3]);
        // A hook may look wherever it likes.
        let looks = pool.swap_fee_pips(trade.direction) <= 1_000_000 && pool.positions().count() < usize::MAX;
        Ok(if looks { answer } else { LpFee::Stored })
    }

    fn after_swap(&mut self, _: &V4State<L>, _: &Trade<L>, _: &Traded<L>) {
        self.done += 1;
    }

    fn before_donate(&self, _: &V4State<L>, _: [L::Amount; 2]) -> core::result::Result<(), HookRefusal> {
        self.ask(2)
    }
}

type Subject<L> = ConcentratedV4<L, Moody>;

/// A fee as a hook answers it.
fn answer(u: &mut Unstructured<'_>) -> Result<u32> {
    Ok(match u.int_in_range(0..=3_u8)? {
        0 => u.arbitrary::<u32>()? & 0xFF_FFFF,
        1 => 0x40_0000 | u32::from(u.arbitrary::<u16>()?),
        2 => 0x40_0000 | (u.arbitrary::<u32>()? % 1_000_001),
        _ => 0,
    })
}

impl<L: PricedLane> Family for UniswapV4<L> {
    type Lane = L;
    type Contract = V4Pool<L, Moody>;

    fn empty(u: &mut Unstructured<'_>, decimals: [u8; 2]) -> Result<Option<Subject<L>>> {
        let fee = match u.int_in_range(0..=3_u8)? {
            0 | 1 => DYNAMIC_FEE_FLAG,
            2 => 3000,
            _ => u.arbitrary::<u32>()? % 1_000_100,
        };
        let spacing = [60, 10, 1, 200, u.arbitrary::<u16>()?.into()][usize::from(u.arbitrary::<u8>()? % 5)];
        let refused = if u.arbitrary()? { 0 } else { u.arbitrary::<u32>()? & u.arbitrary::<u32>()? };
        let hooks = Moody { answers: [answer(u)?, answer(u)?, answer(u)?], done: 0, refused };
        Ok(Concentrated::uniswap_v4_with_hooks(fee, spacing, hooks).ok().map(|pool| pool.with_decimals(decimals)))
    }

    fn held(pool: &Subject<L>) -> [L::Amount; 2] {
        pool.v4().balances()
    }

    fn fee_growth(pool: &Subject<L>) -> [FeeGrowth<L>; 2] {
        pool.v4().fee_growth_global()
    }

    fn ticks(pool: &Subject<L>) -> Vec<Initialized> {
        pool.v4().ticks().map(|(number, tick)| (number, tick.liquidity_gross(), tick.liquidity_net())).collect()
    }

    fn positions(pool: &Subject<L>) -> Vec<(Owner, TickRange, u64, u128)> {
        pool.v4().positions().map(|(key, position)| (key.owner, key.range, key.salt, position.liquidity())).collect()
    }

    fn initialize(pool: &mut Subject<L>, price: SqrtPrice<L>) -> core::result::Result<(), ConcentratedError> {
        pool.v4_mut().initialize(price)
    }

    fn trade(pool: &mut Subject<L>, trade: &Trade<L>) -> Option<[L::Amount; 2]> {
        let (quoted, traded) = (pool.v4().quote(trade), pool.v4_mut().swap(trade));
        assert!(quoted == traded || format!("{quoted:?}") == format!("{traded:?}"), "quoted {quoted:?}, traded {traded:?}");
        traded.ok().map(|traded| [traded.amount_in, traded.amount_out])
    }

    fn special(pool: &mut Subject<L>, u: &mut Unstructured<'_>, context: &Context, ledger: &mut Ledger<L>) -> Result<bool> {
        let held = pool.v4().balances();
        let pool = pool.v4_mut();
        let (mut paid, mut out) = ([L::ZERO; 2], [L::ZERO; 2]);
        let operation = u.int_in_range(0..=7_u8)?;
        let passed = match operation {
            0..=3 => {
                let keys: Vec<_> = pool.positions().map(|(key, position)| (*key, position.liquidity())).collect();
                let place = usize::from(u.arbitrary::<u8>()?);
                let (key, near) = match keys.get(place % (keys.len() + 1)) {
                    Some(known) => *known,
                    None => {
                        let key =
                            PositionKey { owner: owner(u)?, range: context.range(u)?, salt: u64::from(u.arbitrary::<u8>()? % 2) };
                        (key, (1 << 110) >> (u.arbitrary::<u8>()? % 100))
                    }
                };
                let amount = liquidity(u, near)?;
                let change = if u.arbitrary()? { LiquidityChange::Add(amount) } else { LiquidityChange::Remove(amount) };
                pool.modify_liquidity(key, change)
                    .map(|modified| match change {
                        LiquidityChange::Add(_) => (paid, out) = (modified.amounts, modified.fees),
                        LiquidityChange::Remove(_) => {
                            out = [0, 1].map(|side| L::posted(modified.amounts[side], modified.fees[side], true));
                        }
                    })
                    .is_ok()
            }
            4 => {
                let gift = [L::draw(u, held[0])?, L::draw(u, held[1])?];
                pool.donate(gift).map(|()| paid = gift).is_ok()
            }
            5 => {
                let pips = if u.arbitrary()? { [u.arbitrary()?, u.arbitrary()?] } else { [u.arbitrary::<u16>()? % 1001, 1000] };
                pool.set_protocol_fee(pips).is_ok()
            }
            6 => {
                let side = usize::from(u.arbitrary::<u8>()? % 3);
                let requested = L::draw(u, pool.protocol_fees()[side & 1])?;
                pool.collect_protocol_fees(side, requested).map(|amount| out[side & 1] = amount).is_ok()
            }
            _ => pool.set_lp_fee(u.arbitrary::<u32>()? % 1_000_100).is_ok(),
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
        pool: &mut Subject<L>,
        (owner, range, salt, liquidity): (Owner, TickRange, u64, u128),
    ) -> core::result::Result<[L::Amount; 2], ConcentratedError> {
        if liquidity == 0 {
            return Ok([L::ZERO; 2]);
        }
        let modified = pool.v4_mut().modify_liquidity(PositionKey { owner, range, salt }, LiquidityChange::Remove(liquidity))?;
        Ok([0, 1].map(|side| L::posted(modified.amounts[side], modified.fees[side], true)))
    }
}
