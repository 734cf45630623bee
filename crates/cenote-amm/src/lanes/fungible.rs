use cenote_units::Lanes;

use super::PoolLanes;

/// A pool whose liquidity is one fungible LP token, `L` paths wide.
pub trait FungibleLanes<const L: usize>: PoolLanes<L> {
    /// LP tokens there are, in whole LP tokens.
    fn supply(&self) -> &Lanes<L>;

    /// The family's invariant, homogeneous of degree one in the reserves (√(r₀ r₁) for the constant product): divided by
    /// [`supply`](Self::supply) it never falls but for a protocol fee, and its growth is the fees of liquidity providers.
    fn invariant(&self, out: &mut Lanes<L>);

    /// Adds liquidity in the pool's proportions, at most `amounts` (one per token), where all of them are positive. On return
    /// `amounts` holds what was taken and `minted` the LP tokens it gave; both zero where nothing happened.
    fn mint(&mut self, amounts: &mut [Lanes<L>], minted: &mut Lanes<L>);

    /// Burns `liquidity` LP tokens and writes what they pay out, one amount per token.
    fn burn(&mut self, liquidity: &Lanes<L>, amounts: &mut [Lanes<L>]);

    /// LP tokens that the protocol is due now, and would be minted by the next mint or burn, diluting everybody else.
    fn pending_protocol_liquidity(&self, out: &mut Lanes<L>);

    /// The part of every swap's fee, from 0 to 1, that leaves the reserves for the protocol at once, in the token that is paid out.
    fn admin_share(&self) -> f64 {
        0.0
    }
}
