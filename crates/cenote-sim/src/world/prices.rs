//! Outside prices that move.

use cenote_paths::{BuildPrice, PriceLanes, PriceModel, Step};
use cenote_units::{Lanes, kernel};

use crate::error::ScenarioError;
use crate::scenario::Scenario;

/// The processes of all tokens that have one, every token after the one that its price is in.
#[derive(Debug)]
pub(super) struct OutsidePrices<const L: usize> {
    moving: Vec<Moving<L>>,
    /// Whether the next step is taken already, for those who trade on knowing it.
    ahead: bool,
}

#[derive(Debug)]
struct Moving<const L: usize> {
    token: usize,
    process: Box<dyn PriceLanes<L>>,
    /// Of a price in another token than the numeraire: which, and the price in it.
    quoted: Option<(usize, Lanes<L>)>,
}

impl<const L: usize> OutsidePrices<L> {
    pub(super) fn new(scenario: &Scenario, seed: u64) -> Result<Self, ScenarioError>
    where
        dyn PriceModel: BuildPrice<L>,
    {
        let streams = scenario.price_streams(seed)?;
        let moving = scenario.price_order()?.into_iter().filter_map(|token| {
            let model = scenario.tokens[token].price.as_ref()?;
            let process = BuildPrice::<L>::build(&**model, &streams[token]);
            Some(Moving { token, process, quoted: scenario.quote(token).map(|quote| (quote, Lanes::ZERO)) })
        });
        Ok(Self { moving: moving.collect(), ahead: false })
    }

    /// (Re)starts on these paths; `prices` are those of all tokens in the numeraire.
    pub(super) fn start(&mut self, paths: [u32; L], prices: &mut [Lanes<L>]) {
        self.ahead = false;
        for Moving { token, process, quoted } in &mut self.moving {
            match quoted {
                None => process.start(paths, &mut prices[*token]),
                Some((quote, price)) => {
                    process.start(paths, price);
                    prices[*token] = product(price, &prices[*quote]);
                }
            }
        }
    }

    /// Takes the next step before its time; [`step`](Self::step) then has nothing left to do.
    pub(super) fn look_ahead(&mut self, step: &Step<'_, L>, prices: &mut [Lanes<L>], before: &mut [Lanes<L>]) {
        if !self.ahead {
            self.step(step, prices, before);
            self.ahead = true;
        }
    }

    /// One step; `before` are the prices at its start.
    pub(super) fn step(&mut self, step: &Step<'_, L>, prices: &mut [Lanes<L>], before: &mut [Lanes<L>]) {
        if std::mem::take(&mut self.ahead) {
            return;
        }
        for Moving { token, process, quoted } in &mut self.moving {
            before[*token] = prices[*token];
            match quoted {
                None => process.step(step, &mut prices[*token]),
                Some((quote, price)) => {
                    process.step(step, price);
                    prices[*token] = product(price, &prices[*quote]);
                }
            }
        }
    }
}

kernel! {
    fn product<const L: usize>(price: &Lanes<L>, quote: &Lanes<L>) -> Lanes<L> {
        let mut product = Lanes::ZERO;
        for l in 0..L {
            product[l] = price[l] * quote[l];
        }
        product
    }
}
