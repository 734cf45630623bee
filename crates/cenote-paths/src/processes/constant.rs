use cenote_units::{Lanes, SimDuration, math};

use crate::error::PathError;
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, PriceLanes, PriceModel, Step, check_initial};

/// A price that never moves. It draws no random numbers.
///
/// ```
/// use cenote_paths::{Constant, PriceModel};
/// assert_eq!(Constant::new(2000.0)?.initial(), 2000.0);
/// # Ok::<(), cenote_paths::PathError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant {
    price: f64,
}

impl Constant {
    /// A constant price.
    ///
    /// # Errors
    /// A price that is not between 1e-150 and 1e150.
    pub fn new(price: f64) -> Result<Self, PathError> {
        Ok(Self { price: check_initial(price)? })
    }
}

impl PriceModel for Constant {
    fn initial(&self) -> f64 {
        self.price
    }

    fn moment(&self, power: f64, _: SimDuration) -> Option<f64> {
        Some(math::powf(self.price, power))
    }
}

impl<const L: usize> BuildPrice<L> for Constant {
    fn build(&self, _streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(*self)
    }
}

impl<const L: usize> PriceLanes<L> for Constant {
    fn start(&mut self, _paths: [u32; L], price: &mut Lanes<L>) {
        *price = Lanes::splat(self.price);
    }

    fn step(&mut self, _step: &Step<'_, L>, _price: &mut Lanes<L>) {}
}
