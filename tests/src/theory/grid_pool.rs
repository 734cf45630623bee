//! A pool of one's own: every swap goes to the next point of a grid of prices, and what is paid beyond that is fee.
//!
//! So whoever sets fees does it outside of the pool, from trade to trade; the pool only collects them, apart from its reserves.

use cenote_amm::{Fast, Pool, SwapError, SwapKind, SwapOutcome, SwapRequest, TokenIndex};

use super::order_flow::{DEPTH, asset_at, place};
use super::reserves::{Reserves, provides_liquidity};

/// x y = [`DEPTH`], on the grid of [`asset_at`]; the asset is the first token.
#[derive(Clone, Debug, Default)]
pub(super) struct GridPool {
    reserves: Reserves,
}

impl Pool for GridPool {
    type Lane = Fast;

    fn token_count(&self) -> usize {
        2
    }

    fn quote(&self, request: &SwapRequest<Fast>) -> Result<SwapOutcome<Fast>, SwapError> {
        if request.kind == SwapKind::ExactOut {
            return Err(SwapError::InsufficientInputAmount);
        }
        let [asset, cash] = self.reserves.amounts;
        let j = place(asset);
        // The asset goes in on the way up the grid, and out on the way down.
        let next = if request.token_in == TokenIndex::ZERO { Some(j + 1) } else { j.checked_sub(1) };
        let Some(after) = next.and_then(asset_at) else { return Err(SwapError::InsufficientInputAmount) };
        let moved = [after - asset, DEPTH / after - cash];
        let (paid, out) = (moved[request.token_in.get()], -moved[request.token_out.get()]);
        Ok(SwapOutcome::new(request.amount, out, request.amount - paid))
    }

    fn swap(&mut self, request: &SwapRequest<Fast>) -> Result<SwapOutcome<Fast>, SwapError> {
        let outcome = self.quote(request)?;
        self.reserves.amounts[request.token_in.get()] += outcome.amount_in - outcome.fee;
        self.reserves.amounts[request.token_out.get()] -= outcome.amount_out;
        Ok(outcome)
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex) -> Option<f64> {
        Some(self.reserves.amounts[quote.get()] / self.reserves.amounts[base.get()])
    }

    /// Nobody knows the fee.
    fn swap_to(&self, _: TokenIndex, _: TokenIndex, _: f64) -> Option<SwapRequest<Fast>> {
        None
    }
}

provides_liquidity!(GridPool);
