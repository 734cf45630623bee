use crate::error::{AmmError, LiquidityError};
use crate::lane::{Exact, Fast};
use crate::lanes::{AnyPool, BuildPool, Lifted, PerLane, PoolModel, PoolStart};
use crate::stableswap::{PoolFee, StableSwap};

use super::StableSwapLanes;

/// A `StableSwap` pool as a study describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct StableSwapModel {
    fast: StableSwap<Fast>,
    exact: StableSwap<Exact>,
}

impl StableSwapModel {
    /// A pool of the first generation for coins with these decimals: A as the contract reports it, and the admin's part of the fee.
    ///
    /// # Errors
    /// Those of [`StableSwap::first_generation`].
    pub fn first_generation(decimals: &[u8], amplification: u64, fee: PoolFee, admin_fee: PoolFee) -> Result<Self, AmmError> {
        Ok(Self {
            fast: StableSwap::first_generation(decimals, amplification, fee)?.with_admin_fee(admin_fee)?,
            exact: StableSwap::first_generation(decimals, amplification, fee)?.with_admin_fee(admin_fee)?,
        })
    }

    /// An NG pool: half the fee is the admin's, and far off the peg the fee is up to `offpeg_fee_multiplier` / 10¹⁰ times as high
    /// (10¹⁰ is not at all).
    ///
    /// # Errors
    /// Those of [`StableSwap::ng`] and [`StableSwap::with_offpeg_fee_multiplier`].
    pub fn ng(decimals: &[u8], amplification: u64, fee: PoolFee, offpeg_fee_multiplier: u64) -> Result<Self, AmmError> {
        Ok(Self {
            fast: StableSwap::ng(decimals, amplification, fee)?.with_offpeg_fee_multiplier(offpeg_fee_multiplier)?,
            exact: StableSwap::ng(decimals, amplification, fee)?.with_offpeg_fee_multiplier(offpeg_fee_multiplier)?,
        })
    }

    fn coins(&self) -> usize {
        self.fast.contract().coin_count()
    }

    /// The same pool in the exact lane, to be lifted into a world.
    pub fn exact(&self) -> Lifted<StableSwap<Exact>> {
        Lifted::new(self.exact.clone(), self.coins())
    }
}

impl PoolModel for StableSwapModel {
    fn token_count(&self) -> usize {
        self.coins()
    }
}

impl<const L: usize> BuildPool<L> for StableSwapModel {
    /// Two coins and a fee that stays the same go side by side; other pools lane by lane.
    fn build(&self, start: &PoolStart<'_>) -> Result<AnyPool<L>, LiquidityError> {
        let amounts = start.split(&vec![1.0; self.coins()])?;
        let contract = self.fast.contract();
        if let (&[x, y], PoolFee::DENOMINATOR) = (&*amounts, contract.offpeg_fee_multiplier()) {
            #[expect(clippy::cast_precision_loss, reason = "contracts keep it below 10⁶")]
            let amplification = contract.curve().amplification() as f64;
            let (fee, admin) = (contract.fee().fraction(), contract.admin_fee().fraction());
            return Ok(AnyPool::Fungible(Box::new(StableSwapLanes::new([x, y], amplification, fee, admin))));
        }
        Ok(AnyPool::Fungible(Box::new(PerLane::<_, L>::new(self.fast.clone(), &amounts, start.decimals)?)))
    }
}
