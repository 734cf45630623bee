//! Positions of others, who come and go.

use crate::concentrated::TickRange;
use crate::lane::Lane;
use crate::pool::{Amount, Owner, RangedLiquidity};

/// What a change of a position of others moved, in the lane's units.
pub(super) struct Moved {
    /// Into the pool, for liquidity.
    pub(super) amounts: [f64; 2],
    /// Out of it, besides.
    pub(super) fees: [f64; 2],
}

/// Multiplies the liquidity of a position and pays out what it is owed; nothing where the pool refuses.
pub(super) fn scale_position<P: RangedLiquidity>(pool: &mut P, owner: Owner, range: TickRange, factor: f64) -> Option<Moved> {
    let read = |amounts: [Amount<P>; 2]| amounts.map(P::Lane::amount_to_f64);
    let position = pool.position(owner, range)?;
    if factor > 1.0 {
        let wanted = read(position.amounts).map(|amount| P::Lane::amount_from_f64(amount * (factor - 1.0)));
        let [Some(amount0), Some(amount1)] = wanted else { return None };
        let minted = pool.mint(owner, range, [amount0, amount1]).ok()?;
        return Some(Moved { amounts: read(minted.amounts), fees: read(minted.paid_out) });
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of the liquidity, to the nearest float"
    )]
    let liquidity = (position.liquidity as f64 * (1.0 - factor)) as u128;
    let burned = pool.burn(owner, range, liquidity).ok()?;
    let collected = pool.collect(owner, range).ok().map_or([0.0; 2], read);
    let (amounts, paid_out) = (read(burned.amounts), read(burned.paid_out));
    Some(Moved { amounts: amounts.map(|amount| -amount), fees: [0, 1].map(|i| (collected[i] + paid_out[i] - amounts[i]).max(0.0)) })
}
