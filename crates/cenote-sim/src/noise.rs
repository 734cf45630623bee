use cenote_amm::TokenIndex;
use cenote_paths::{StreamKey, StreamLanes};
use cenote_strategy::{MarketLanes, PoolId};
use cenote_units::{Lanes, kernel, math, select};

use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderKind, OrderLanes, Phase};
use crate::clock::Clock;
use crate::error::ScenarioError;

/// Uninformed traders: Poisson arrivals, lognormal sizes, either direction with probability one half.
///
/// A size is the value paid in at the outside price, in the numeraire. In the stream of a block, draw 1 + ⌊j/4⌋ gives
/// the sizes and the directions of four trades, j among them: its four normals, and the coins that these leave of its
/// bits. The number of trades comes from draw 0 of the even block at or before it, which serves two blocks.
#[derive(Clone, Debug)]
pub struct NoiseTraders {
    pool: PoolId,
    /// Per year.
    arrivals: f64,
    median: f64,
    sigma: f64,
    gas: f64,
}

impl NoiseTraders {
    /// In a pool of two tokens, `arrivals` a year, of sizes with this median (in the numeraire) and standard deviation of their logarithm.
    ///
    /// # Errors
    /// Arrivals or sigma negative or not finite, a median that is not positive.
    pub fn lognormal(pool: PoolId, arrivals: f64, median: f64, sigma: f64) -> Result<Self, ScenarioError> {
        let check = |ok: bool, what: &str, value: f64, expected: &'static str| {
            if ok { Ok(()) } else { Err(ScenarioError::Value { what: what.to_owned(), value, expected }) }
        };
        check(arrivals >= 0.0 && arrivals.is_finite(), "arrivals", arrivals, "a finite number per year, not negative")?;
        check(median > 0.0 && median.is_finite(), "median size", median, "a positive value in the numeraire")?;
        check((0.0..=20.0).contains(&sigma), "sigma", sigma, "a standard deviation of the log size, from 0 to 20")?;
        Ok(Self { pool, arrivals, median, sigma, gas: 0.0 })
    }

    /// Gas units burned by each trade. Noise traders trade whatever it costs.
    pub fn gas(mut self, units: f64) -> Self {
        self.gas = units;
        self
    }
}

impl AgentModel for NoiseTraders {
    fn phase(&self) -> Phase {
        Phase::Flow
    }

    fn check(&self, clock: Clock) -> Result<(), ScenarioError> {
        let (interval, most, expected) = match clock {
            Clock::Fixed(interval) => (interval, LARGEST_MEAN, "at most 700 a block: shorten the block time or split the agent"),
            // A gap thirty times its mean comes once in 10¹³ blocks.
            Clock::Poisson(mean) => (mean, LARGEST_MEAN / 30.0, "at most 23 a block: shorten the block time or split the agent"),
        };
        let value = self.arrivals * interval.as_years();
        if value <= most { Ok(()) } else { Err(ScenarioError::Value { what: "trades per block".to_owned(), value, expected }) }
    }
}

impl<const L: usize> BuildAgent<L> for NoiseTraders {
    fn build(&self, key: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(NoiseLanes::<L> {
            model: self.clone(),
            streams: StreamLanes::new(key, [0; L]),
            arrivals: ArrivalTable::default(),
            uniforms: [Lanes::ZERO; 2],
            pair: None,
            counts: Lanes::ZERO,
            most: 0,
            normals: [Lanes::ZERO; 4],
            coins: [[0; L]; 4],
        })
    }
}

#[derive(Debug)]
struct NoiseLanes<const L: usize> {
    model: NoiseTraders,
    streams: StreamLanes<L>,
    arrivals: ArrivalTable,
    /// What decides the number of trades of an even block and of the block after it.
    uniforms: [Lanes<L>; 2],
    /// The even block whose pair `uniforms` holds.
    pair: Option<u32>,
    /// Trades in this block.
    counts: Lanes<L>,
    /// Largest of them.
    most: u32,
    /// Of four trades.
    normals: [Lanes<L>; 4],
    coins: [[u64; L]; 4],
}

impl<const L: usize> AgentLanes<L> for NoiseLanes<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
        self.pair = None;
    }

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        if round == 0 {
            self.draw_counts(market);
        }
        if round >= self.most {
            return false;
        }
        let of_four = (round & 3) as usize;
        if of_four == 0 {
            self.streams.normal_quad_with_bits(market.block, 1 + round / 4, &mut self.normals, &mut self.coins);
        }
        let tokens = &market.pool_tokens[self.model.pool.index()];
        order.kind = OrderKind::Swap;
        order.pool = self.model.pool;
        order.flow.base = TokenIndex::ZERO;
        order.flow.quote = TokenIndex::ONE;
        order.gas = self.model.gas;
        draw_sizes(
            &self.normals[of_four],
            &self.coins[of_four],
            &self.counts,
            f64::from(round),
            [self.model.median, self.model.sigma],
            &market.prices[tokens[0].index()],
            &market.prices[tokens[1].index()],
            &mut order.flow.base_in,
            &mut order.flow.amount_in,
        );
        true
    }
}

impl<const L: usize> NoiseLanes<L> {
    fn draw_counts(&mut self, market: &MarketLanes<'_, L>) {
        let even = market.block & !1;
        if self.pair != Some(even) {
            let [u0, u1] = &mut self.uniforms;
            self.streams.uniform_pair(even, 0, u0, u1);
            self.pair = Some(even);
        }
        let u = &self.uniforms[usize::from(market.block & 1 == 1)];
        if let Some(years) = market.shared_years {
            self.arrivals.prepare(self.model.arrivals * years);
            count_shared(u, &self.arrivals.cdf, market.active, &mut self.counts);
        } else {
            count_each(u, self.model.arrivals, market.years, market.active, &mut self.counts);
        }
        self.most = largest(&self.counts);
    }
}

/// Cumulative Poisson probabilities of a mean, up to where nothing is left.
#[derive(Debug, Default)]
struct ArrivalTable {
    mean: f64,
    /// P(N ≤ k) for k = 0, 1, …
    cdf: Vec<f64>,
}

/// The mean up to which e^(−mean) and the terms that follow are floats with all their digits.
const LARGEST_MEAN: f64 = 700.0;

impl ArrivalTable {
    fn prepare(&mut self, mean: f64) {
        if self.mean.to_bits() == mean.to_bits() && !self.cdf.is_empty() {
            return;
        }
        self.mean = mean;
        self.cdf.clear();
        let mut term = math::exp(-mean.min(LARGEST_MEAN));
        let mut below = 0.0;
        let mut k = 0.0;
        // Beyond the mean, terms shrink geometrically: the loop ends.
        while below + term > below || k < mean {
            below += term;
            self.cdf.push(below);
            k += 1.0;
            term *= mean / k;
        }
    }
}

kernel! {
    /// By inversion: the number of k with u > P(N ≤ k).
    fn count_shared<const L: usize>(u: &Lanes<L>, cdf: &[f64], active: &Lanes<L>, counts: &mut Lanes<L>) {
        *counts = Lanes::ZERO;
        for &below in cdf {
            let mut any = 0_u64;
            for l in 0..L {
                let above = if u[l] > below { active[l] } else { 0.0 };
                counts[l] += above;
                any |= above.to_bits();
            }
            if any == 0 {
                break;
            }
        }
    }
}

kernel! {
    /// The same where every lane has a mean of its own.
    fn count_each<const L: usize>(u: &Lanes<L>, rate: f64, years: &Lanes<L>, active: &Lanes<L>, counts: &mut Lanes<L>) {
        let mut mean = Lanes::<L>::ZERO;
        let mut term = Lanes::<L>::ZERO;
        let mut below = Lanes::<L>::ZERO;
        for l in 0..L {
            let m = rate * years[l];
            mean[l] = if m < LARGEST_MEAN { m } else { LARGEST_MEAN };
            term[l] = math::exp(-mean[l]);
            below[l] = term[l];
        }
        *counts = Lanes::ZERO;
        let mut k = 0.0;
        // The bound is where even the largest mean has no probability left.
        while k < 1500.0 {
            k += 1.0;
            let inverse = 1.0 / k;
            let mut any = 0_u64;
            for l in 0..L {
                let above = if u[l] > below[l] { active[l] } else { 0.0 };
                counts[l] += above;
                any |= above.to_bits();
                term[l] *= mean[l] * inverse;
                below[l] += term[l];
            }
            if any == 0 {
                break;
            }
        }
    }
}

fn largest<const L: usize>(counts: &Lanes<L>) -> u32 {
    // Non-negative floats order like their bits, and integer maxima vectorise.
    let bits = counts.iter().map(|count| count.to_bits()).max().unwrap_or(0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of at most 1500")]
    let most = f64::from_bits(bits) as u32;
    most
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one")]
    fn draw_sizes<const L: usize>(
        normals: &Lanes<L>,
        coins: &[u64; L],
        counts: &Lanes<L>,
        trade: f64,
        [median, sigma]: [f64; 2],
        base_price: &Lanes<L>,
        quote_price: &Lanes<L>,
        base_in: &mut [u64; L],
        amount_in: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let value = median * math::exp(sigma * normals[l]);
            // A coin of 1 as a mask.
            let sells = coins[l].wrapping_neg();
            let amount = value / select(sells, base_price[l], quote_price[l]);
            base_in[l] = sells;
            amount_in[l] = if trade < counts[l] { amount } else { 0.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, Poisson};

    /// Counts for a grid of uniforms: the distribution itself, without sampling.
    fn distribution(mean: f64) -> Vec<f64> {
        const GRID: u32 = 64_000;
        let mut table = ArrivalTable::default();
        table.prepare(mean);
        let mut share = vec![0.0; 2000];
        for chunk in 0..GRID / 64 {
            let u = Lanes::<64>(std::array::from_fn(|l| {
                (f64::from(chunk * 64) + f64::from(u32::try_from(l).unwrap()) + 0.5) / f64::from(GRID)
            }));
            let mut counts = Lanes::ZERO;
            count_shared(&u, &table.cdf, &Lanes::splat(1.0), &mut counts);
            let mut each = Lanes::ZERO;
            count_each(&u, mean, &Lanes::splat(1.0), &Lanes::splat(1.0), &mut each);
            assert_eq!(counts, each, "the two ways to count agree");
            for count in counts.iter() {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are small")]
                let k = *count as usize;
                share[k] += 1.0 / f64::from(GRID);
            }
        }
        share
    }

    #[test]
    fn counts_are_poisson() {
        for mean in [0.02, 1.0, 6.25, 40.0] {
            let share = distribution(mean);
            let mut term = math::exp(-mean);
            let mut k = 0.0;
            for share in share.iter().take(60) {
                // The grid resolves 1/64,000.
                assert!((share - term).abs() < 2e-5, "P(N = {k}) at mean {mean}: {share} {term}");
                k += 1.0;
                term *= mean / k;
            }
        }
    }

    #[test]
    fn large_means_agree_with_the_reference_distribution() {
        let mean = 690.0;
        let share = distribution(mean);
        let (mut first, mut second, mut k) = (0.0, 0.0, 0.0);
        for share in share {
            first += share * k;
            second += share * (k - mean) * (k - mean);
            k += 1.0;
        }
        let mut rng = cenote_paths::Stream::new(StreamKey::new(1, "reference"), 0, 0);
        let reference = Poisson::new(mean).unwrap();
        let sampled: f64 = (0..100_000).map(|_| reference.sample(&mut rng)).sum::<f64>() / 1e5;
        // Four standard errors of the reference's mean: 4 √690 / √10⁵.
        assert!((first - sampled).abs() < 0.34, "{first} {sampled}");
        assert!((second / mean - 1.0).abs() < 0.01, "{second}");
    }

    #[test]
    fn an_inactive_lane_has_no_trades() {
        let mut table = ArrivalTable::default();
        table.prepare(6.25);
        let mut counts = Lanes::<2>::ZERO;
        count_shared(&Lanes::splat(0.9), &table.cdf, &Lanes([1.0, 0.0]), &mut counts);
        assert!(counts[0] > 0.0 && counts[1] == 0.0);
        // P(N ≤ 9) = 0.895 and P(N ≤ 10) = 0.947.
        assert_eq!(largest(&counts), 10);
    }

    #[test]
    fn bad_parameters_are_errors() {
        let pool = PoolId(0);
        assert!(NoiseTraders::lognormal(pool, -1.0, 1500.0, 1.2).is_err());
        assert!(NoiseTraders::lognormal(pool, f64::NAN, 1500.0, 1.2).is_err());
        assert!(NoiseTraders::lognormal(pool, 1.0, 0.0, 1.2).is_err());
        assert!(NoiseTraders::lognormal(pool, 1.0, 1500.0, -0.1).is_err());
        let busy = NoiseTraders::lognormal(pool, 1e9, 1500.0, 1.2).unwrap();
        let hour = cenote_units::SimDuration::from_nanos(3_600_000_000_000);
        let error = busy.check(Clock::Fixed(hour)).unwrap_err();
        assert!(error.to_string().contains("trades per block"), "{error}");
    }
}
