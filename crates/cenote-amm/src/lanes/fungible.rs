use cenote_units::Lanes;

use super::PoolLanes;
use crate::pool::TokenIndex;

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

    /// Others mint `liquidity` LP tokens, or burn them where it is negative. On return it holds what really was minted or burned, and
    /// `amounts` what they paid in for it (negative: took out), one per token.
    fn change_others(&mut self, liquidity: &mut Lanes<L>, amounts: &mut [Lanes<L>]) {
        let (mut supply, mut due) = (*self.supply(), Lanes::ZERO);
        self.pending_protocol_liquidity(&mut due);
        for l in 0..L {
            supply[l] += due[l];
        }
        for (i, amount) in amounts.iter_mut().enumerate() {
            let token = TokenIndex(u8::try_from(i).unwrap_or(u8::MAX));
            for l in 0..L {
                amount[l] = self.reserve(token, l) * (liquidity[l].max(0.0) / supply[l]);
            }
        }
        let mut minted = Lanes::ZERO;
        self.mint(amounts, &mut minted);
        let mut burned = *liquidity;
        for l in 0..L {
            burned[l] = (-burned[l]).max(0.0);
        }
        let mut taken = vec![Lanes::ZERO; amounts.len()];
        self.burn(&burned, &mut taken);
        for (amount, taken) in amounts.iter_mut().zip(&taken) {
            for l in 0..L {
                amount[l] -= taken[l];
            }
        }
        for l in 0..L {
            liquidity[l] = minted[l] - burned[l];
        }
    }

    /// LP tokens that the protocol is due now, and would be minted by the next mint or burn, diluting everybody else.
    fn pending_protocol_liquidity(&self, out: &mut Lanes<L>);

    /// The part of every swap's fee, from 0 to 1, that leaves the reserves for the protocol at once, in the token that is paid out.
    fn admin_share(&self) -> f64 {
        0.0
    }
}
