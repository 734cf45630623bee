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
    /// Whether the price is formed in a pool, and the process only says what it is at the start.
    formed: bool,
    /// Where the process is not the price: the token that it is in, if that is not the numeraire, and what it says.
    quoted: Option<(Option<usize>, Lanes<L>)>,
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
            let quote = scenario.quote(token);
            let falls = scenario.can_fall(token);
            let formed = scenario.tokens[token].formed_in.is_some();
            Some(Moving { token, process, formed, quoted: (quote.is_some() || falls).then_some((quote, Lanes::ZERO)) })
        });
        Ok(Self { moving: moving.collect(), ahead: false })
    }

    /// (Re)starts on these paths; `prices` are those of all tokens in the numeraire.
    pub(super) fn start(&mut self, paths: [u32; L], prices: &mut [Lanes<L>]) {
        self.ahead = false;
        for Moving { token, process, quoted, .. } in &mut self.moving {
            match quoted {
                None => process.start(paths, &mut prices[*token]),
                Some((quote, price)) => {
                    process.start(paths, price);
                    prices[*token] = quote.map_or(*price, |quote| product(price, &prices[quote]));
                }
            }
        }
    }

    /// The step just taken was the next one's: [`step`](Self::step) then has nothing left to do.
    pub(super) fn look_ahead(&mut self) {
        self.ahead = true;
    }

    /// Whether the next step is taken already.
    pub(super) fn is_ahead(&self) -> bool {
        self.ahead
    }

    /// One step; `before` takes the prices at its start, and `factor` is what is left of a token's price, of those to which something can
    /// happen.
    pub(super) fn step<'a>(
        &mut self,
        step: &Step<'_, L>,
        prices: &mut [Lanes<L>],
        mut before: Option<&mut [Lanes<L>]>,
        factor: impl Fn(usize) -> Option<&'a Lanes<L>>,
    ) {
        if std::mem::take(&mut self.ahead) {
            return;
        }
        for Moving { token, process, formed, quoted } in &mut self.moving {
            if let Some(before) = &mut before {
                before[*token] = prices[*token];
            }
            if *formed {
                continue;
            }
            match (quoted, factor(*token)) {
                (None, None) => process.step(step, &mut prices[*token]),
                (Some((Some(quote), price)), None) => {
                    process.step(step, price);
                    prices[*token] = product(price, &prices[*quote]);
                }
                (Some((quote, price)), factor) => {
                    process.step(step, price);
                    let mut now = *price;
                    if let Some(factor) = factor {
                        now = product(&now, factor);
                    }
                    prices[*token] = quote.map_or(now, |quote| product(&now, &prices[quote]));
                }
                (None, Some(_)) => {}
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
