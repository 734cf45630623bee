//! What assets yield.

use cenote_amm::PriceRange;
use cenote_units::{SimDuration, math};

use super::BestYield;
use crate::asset::Asset;
use crate::market::{Market, PoolId};
use crate::prices::two_tokens;
use crate::venue::Stake;

/// What is known of a pool's fees.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Fees {
    /// Its invariant per LP token at the last look.
    pub(super) invariant: Option<f64>,
    /// In a pool of ranges: what a unit of its full range had earned then, in both tokens.
    earned: Option<[f64; 2]>,
    /// Growth per year.
    pub(super) mean: Option<f64>,
}

impl Fees {
    /// Takes a growth per year into the mean; one that is no number is not known.
    fn add(&mut self, growth: f64, weight: f64) {
        if !growth.is_nan() {
            self.mean = Some(self.mean.map_or(growth, |mean| mean + weight * (growth - mean)));
        }
    }
}

/// What fees of the full range came to, as a part of its value.
fn paid(market: &dyn Market, pool: PoolId, now: [f64; 2], before: [f64; 2]) -> f64 {
    let Some((unit, _)) = market.proportions(pool, PriceRange::FULL) else { return f64::NAN };
    let prices = two_tokens(market, pool).map(|token| market.price(token));
    let fees: f64 = (0..2).map(|i| (now[i] - before[i]) * prices[i]).sum();
    fees / (unit[0] * prices[0] + unit[1] * prices[1])
}

impl BestYield {
    /// Takes the growth since the last look into the means.
    pub(super) fn measure(&mut self, market: &dyn Market) {
        let years = self.last.and_then(|last| market.time().since(last)).map_or(0.0, SimDuration::as_years);
        let weight = 1.0 - math::exp(-years / self.memory.as_years());
        for (asset, fees) in self.assets.iter().zip(&mut self.fees) {
            let Stake::Pool(pool) = asset.stake() else { continue };
            let earned = market.fee_growth(pool);
            if let (Some(now), Some(before)) = (earned, fees.earned)
                && years > 0.0
            {
                fees.add(paid(market, pool, now, before) / years, weight);
            }
            fees.earned = earned;
            let now = Some(market.invariant_per_lp(pool)).filter(|invariant| *invariant > 0.0);
            if let (Some(now), Some(before)) = (now, fees.invariant)
                && years > 0.0
            {
                fees.add(math::ln(now / before) / years, weight);
            }
            fees.invariant = now;
        }
        self.last = Some(market.time());
    }

    /// What an asset yields a year; `None` if it is not there.
    pub(super) fn rate(&self, market: &dyn Market, k: usize) -> Option<f64> {
        let fees = self.fees.get(k)?.mean.unwrap_or(0.0);
        let rate = match *self.assets.get(k)? {
            Asset::Token(_) => 0.0,
            Asset::Pool(_) => fees,
            Asset::Farm { farm, .. } => market.farm(farm)?.apr + fees,
            Asset::Lending { lending, .. } => market.lending(lending)?.supply_rate,
            Asset::Vault { vault, .. } => {
                let terms = market.vault(vault)?;
                market.farm(terms.farm)?.apr * (1.0 - terms.performance_fee) - terms.management_fee + fees
            }
        };
        (!rate.is_nan()).then_some(rate)
    }
}
