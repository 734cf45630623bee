//! What transactions cost on each chain.

use cenote_paths::{BuildPrice, PriceLanes, PriceModel, PriceStreams, Step, StreamKey};
use cenote_strategy::GasLanes;
use cenote_units::Lanes;

use crate::scenario::{DataCost, DataPrice, GasPrice, Scenario};

/// The prices of gas that move, and what depends on them.
#[derive(Debug)]
pub(super) struct GasPrices<const L: usize> {
    /// By chain.
    processes: Vec<Option<Moving<L>>>,
    constants: Vec<f64>,
    data: Vec<Option<DataCost>>,
    /// Whether something differs from block to block.
    moves: bool,
}

#[derive(Debug)]
struct Moving<const L: usize> {
    process: Box<dyn PriceLanes<L>>,
    /// The price in the unit of the process.
    price: Lanes<L>,
    unit: f64,
}

impl<const L: usize> GasPrices<L> {
    pub(super) fn new(scenario: &Scenario, seed: u64) -> Self
    where
        dyn PriceModel: BuildPrice<L>,
    {
        let mut processes = Vec::new();
        for chain in &scenario.chains {
            let key = StreamKey::new(seed, &format!("chains.{}.gas_price", chain.name));
            processes.push(match &chain.gas_price {
                GasPrice::Process { model, unit } => Some(Moving {
                    process: BuildPrice::<L>::build(&**model, &PriceStreams::from(key)),
                    price: Lanes::ZERO,
                    unit: *unit,
                }),
                GasPrice::Constant(_) => None,
            });
        }
        // The native tokens' own prices move too.
        let other = |chain: &crate::ChainSetup| matches!(chain.data, Some(DataCost { price: DataPrice::Chain(_), .. }));
        Self {
            moves: processes.iter().any(Option::is_some) || scenario.chains.iter().any(other),
            constants: scenario.chains.iter().map(|chain| chain.gas_price.initial()).collect(),
            data: scenario.chains.iter().map(|chain| chain.data).collect(),
            processes,
        }
    }

    /// (Re)starts on these paths; `prices` are those of tokens.
    pub(super) fn start(&mut self, paths: [u32; L], gas: &mut [GasLanes<L>], prices: &[Lanes<L>]) {
        for ((moving, constant), gas) in self.processes.iter_mut().zip(&self.constants).zip(&mut *gas) {
            match moving {
                Some(moving) => {
                    moving.process.start(paths, &mut moving.price);
                    moving.write(&mut gas.price);
                }
                None => gas.price = Lanes::splat(*constant),
            }
        }
        self.publish(gas, prices);
    }

    /// One step of the clock, to the new prices of tokens.
    pub(super) fn step(&mut self, step: &Step<'_, L>, gas: &mut [GasLanes<L>], prices: &[Lanes<L>]) {
        if !self.moves {
            return;
        }
        for (moving, gas) in self.processes.iter_mut().zip(&mut *gas) {
            if let Some(moving) = moving {
                moving.process.step(step, &mut moving.price);
                moving.write(&mut gas.price);
            }
        }
        self.publish(gas, prices);
    }

    /// What the publication of data costs at these prices of gas.
    fn publish(&self, gas: &mut [GasLanes<L>], prices: &[Lanes<L>]) {
        for (c, data) in self.data.iter().enumerate() {
            let Some(DataCost { gas: units, price }) = *data else { continue };
            gas[c].data = match price {
                DataPrice::Constant(price) => Lanes::splat(units * price),
                DataPrice::Chain(other) => {
                    let (paid, owed) = (&gas[c], &gas[other.index()]);
                    let (Some(paid), Some(native)) = (paid.native, owed.native) else { continue };
                    let mut cost = owed.price;
                    for l in 0..L {
                        cost[l] *= units * prices[native.index()][l] / prices[paid.index()][l];
                    }
                    cost
                }
            };
        }
    }
}

impl<const L: usize> Moving<L> {
    fn write(&self, price: &mut Lanes<L>) {
        for l in 0..L {
            price[l] = self.price[l] * self.unit;
        }
    }
}
