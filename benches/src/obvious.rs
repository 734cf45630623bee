//! The obvious way: one path after the other, one step after the other.

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, LogNormal, Poisson, StandardNormal};

const FEE: f64 = 0.003;
const VOLATILITY: f64 = 0.8;

/// Reserves of a pool.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// ETH.
    pub x: f64,
    /// USDC.
    pub y: f64,
}

impl Pool {
    /// Pays ETH in; USDC out.
    pub fn sell(&mut self, amount: f64) -> f64 {
        let kept = amount * (1.0 - FEE);
        let out = self.y * kept / (self.x + kept);
        self.x += amount;
        self.y -= out;
        out
    }

    /// Pays USDC in; ETH out.
    pub fn buy(&mut self, amount: f64) -> f64 {
        let kept = amount * (1.0 - FEE);
        let out = self.x * kept / (self.y + kept);
        self.y += amount;
        self.x -= out;
        out
    }

    /// Trades to the edge of the no-arbitrage band around `price`; the profit.
    pub fn arbitrage(&mut self, price: f64) -> f64 {
        let kept = 1.0 - FEE;
        let pool_price = self.y / self.x;
        if price > pool_price / kept {
            let amount = ((kept * price * self.x * self.y).sqrt() - self.y) / kept;
            self.buy(amount) * price - amount
        } else if price < pool_price * kept {
            let amount = ((kept * self.x * self.y / price).sqrt() - self.x) / kept;
            self.sell(amount) - amount * price
        } else {
            0.0
        }
    }
}

/// What a loop came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// Sum of net returns over the paths.
    pub net_return: f64,
    /// Sum of arbitrage profits.
    pub profit: f64,
    /// Noise trades.
    pub trades: f64,
}

/// `paths` years of hourly blocks: arbitrage, and noise if `noise`.
///
/// # Panics
/// Never.
pub fn years(paths: u32, noise: bool) -> Outcome {
    let arrivals = Poisson::new(150.0 / 24.0).expect("a positive mean");
    let sizes = LogNormal::new(1500.0_f64.ln(), 1.2).expect("a finite deviation");
    let mut outcome = Outcome::default();
    let dt = 1.0 / 8760.0;
    for path in 0..paths {
        let mut rng = SmallRng::seed_from_u64(u64::from(path));
        let mut price = 2000.0;
        let mut pool = Pool { x: 2500.0, y: 5e6 };
        for _ in 0..8760 {
            let z: f64 = StandardNormal.sample(&mut rng);
            price *= (-0.5 * VOLATILITY * VOLATILITY * dt + VOLATILITY * dt.sqrt() * z).exp();
            outcome.profit += pool.arbitrage(price);
            if noise {
                let count: f64 = arrivals.sample(&mut rng);
                let mut left = count;
                while left > 0.0 {
                    let value: f64 = sizes.sample(&mut rng);
                    if rand::RngExt::random::<bool>(&mut rng) {
                        pool.sell(value / price);
                    } else {
                        pool.buy(value);
                    }
                    left -= 1.0;
                }
                outcome.trades += count;
            }
        }
        outcome.net_return += (pool.x * price + pool.y) / 10e6 - 1.0;
    }
    outcome
}
