//! The pair of Uniswap v2 and `PancakeSwap`.

use core::marker::PhantomData;

use arbitrary::{Result, Unstructured};
use cenote_amm::constant_product::{self, ProtocolFee, SwapFee};

use crate::draw::{FuzzLane, Ledger};
use crate::fungible::{Family, owner};

/// The family in a lane.
#[derive(Debug)]
pub struct ConstantProduct<L>(PhantomData<L>);

impl<L: FuzzLane> Family for ConstantProduct<L> {
    type Lane = L;
    type Pool = cenote_amm::ConstantProduct<L>;

    const NO_FREE_LUNCH: bool = true;

    fn empty(u: &mut Unstructured<'_>) -> Result<Option<Self::Pool>> {
        let fee = match u.int_in_range(0..=3_u8)? {
            0 => SwapFee::new(u.arbitrary()?, u.arbitrary()?),
            1 => SwapFee::from_pips(u.arbitrary::<u32>()? % 1_000_001),
            2 => SwapFee::new(u.arbitrary::<u8>()?.into(), 1000),
            _ => Ok(SwapFee::UNISWAP_V2),
        };
        let share = if u.arbitrary()? { ProtocolFee::new(u.arbitrary()?, u.arbitrary()?) } else { Ok(ProtocolFee::UNISWAP_V2) };
        let (Ok(fee), Ok(share)) = (fee, share) else { return Ok(None) };
        let pool = constant_product::ConstantProduct::new(fee, share);
        Ok(Some(pool.with_decimals([u.arbitrary::<u8>()? % 40, u.arbitrary::<u8>()? % 40])))
    }

    fn is_settled(pool: &Self::Pool) -> bool {
        // Products of smaller or larger numbers leave the range of floats.
        let is_ordinary = |amount| (1e-100..1e100).contains(&L::amount_to_f64(amount));
        pool.pair().balances() == pool.pair().reserves() && pool.pair().reserves().into_iter().all(is_ordinary)
    }

    fn held(pool: &Self::Pool) -> Vec<L::Amount> {
        pool.pair().balances().to_vec()
    }

    fn owned(pool: &Self::Pool) -> Vec<L::Amount> {
        pool.pair().lp().balances().map(|(_, amount)| amount).collect()
    }

    fn special(pool: &mut Self::Pool, u: &mut Unstructured<'_>, ledger: &mut Ledger<L>) -> Result<bool> {
        let [reserve0, reserve1] = pool.pair().reserves();
        let amounts = |u: &mut Unstructured<'_>| Ok([L::draw(u, reserve0)?, L::draw(u, reserve1)?]);
        let pair = pool.pair_mut();
        let (paid, out) = match u.int_in_range(0..=7_u8)? {
            0 => {
                let amounts = amounts(u)?;
                (pair.donate(amounts).map(|()| amounts).ok(), None)
            }
            1 => (None, Some(pair.skim())),
            2 => return Ok(pair.sync().is_ok()),
            3 => {
                pair.set_fee_to(if u.arbitrary()? { Some(owner(u)?) } else { None });
                return Ok(true);
            }
            4 => {
                let (to, amounts) = (owner(u)?, amounts(u)?);
                (pair.mint(to, amounts).map(|_| amounts).ok(), None)
            }
            5 => {
                let from = owner(u)?;
                let liquidity = L::draw(u, pair.lp().balance_of(from))?;
                (None, pair.burn(from, liquidity).ok())
            }
            6 => {
                let time = pair.block_timestamp().wrapping_add(u.arbitrary::<u32>()?.into());
                pair.set_block_timestamp(if u.arbitrary::<u8>()? == 0 { u.arbitrary()? } else { time });
                return Ok(true);
            }
            _ => {
                let (paid, out) = (amounts(u)?, amounts(u)?);
                match pair.swap(paid, out) {
                    Ok(_) => (Some(paid), Some(out)),
                    Err(_) => (None, None),
                }
            }
        };
        for side in 0..2 {
            ledger.pay_in(side, paid.map_or(L::ZERO, |paid| paid[side]));
            ledger.pay_out(side, out.map_or(L::ZERO, |out| out[side]));
        }
        Ok(paid.is_some() || out.is_some())
    }
}
