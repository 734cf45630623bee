//! The checks themselves: each looks at one state of a pool, on clones of it, and may be used alone.

mod liquidity;
mod prices;
mod ranged;
mod state;
mod swap_to;
mod swaps;

pub use liquidity::{mint_burn, order_of_burns, order_of_mints};
pub use prices::prices_convex;
pub use ranged::{fees_owed, ranged_mint_burn, ranged_order_of_mints, ranged_shares, solvency};
pub use state::{Flows, conservation, invariant_per_lp_token, offers_honoured, shares};
pub use swap_to::swap_to;
pub use swaps::{
    Snapshot, invariant_in_swap, outcome_honours_request, quote_equals_swap, round_trip, rounding_favours_pool, split_trade,
};

pub(super) use swaps::first_difference;

use crate::lane::Lane;
use crate::pool::{Amount, Pool, SwapOutcome, SwapRequest};

/// A swap on a clone: the pool after it, and what it moved. None if it fails.
fn after_swap<P: Pool + Clone>(pool: &P, request: &SwapRequest<P::Lane>) -> Option<(P, SwapOutcome<P::Lane>)> {
    let mut after = pool.clone();
    let outcome = after.swap(request).ok()?;
    Some((after, outcome))
}

fn float<P: Pool>(amount: Amount<P>) -> f64 {
    P::Lane::amount_to_f64(amount)
}
