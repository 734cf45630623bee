//! Prints the price file that ships with the studies: 2,000 hours of two geometric Brownian motions, ten calm days (40% a year, the
//! second 30%) and ten wild ones (110% and 80%) in turn, the second correlated with the first by 0.8. Resampling it in blocks keeps the days together; resampling single hours would not.

use cenote_paths::{BuildPrice, CorrelationMatrix, Gbm, PathError, PriceLanes, PriceStreams, Step, StreamKey};
use cenote_units::Lanes;

const HOUR: u64 = 3_600_000_000_000;
/// 2024-01-01 00:00 UTC.
const START: u64 = 1_704_067_200;
const TEN_DAYS: u32 = 240;

/// A price that is calm or wild.
struct Price {
    regimes: [(Box<dyn PriceLanes<1>>, Lanes<1>); 2],
    close: f64,
}

impl Price {
    fn new(close: f64, volatilities: [f64; 2], streams: &PriceStreams) -> Result<Self, PathError> {
        let start = |volatility: f64| -> Result<_, PathError> {
            let mut lanes: Box<dyn PriceLanes<1>> = Gbm::per_year(1.0, 0.0, volatility)?.build(streams);
            let mut price = Lanes::ZERO;
            lanes.start([0], &mut price);
            Ok((lanes, price))
        };
        Ok(Self { regimes: [start(volatilities[0])?, start(volatilities[1])?], close })
    }

    fn step(&mut self, block: u32) {
        let now = usize::from(block / TEN_DAYS % 2 == 1);
        let (years, end) = (Lanes::splat(1.0 / 8760.0), [HOUR * u64::from(block + 1)]);
        for (i, (regime, price)) in self.regimes.iter_mut().enumerate() {
            let before = price[0];
            regime.step(&Step { block, nanos: &[HOUR], end: &end, years: &years, shared: Some(years[0]) }, price);
            self.close *= if i == now { price[0] / before } else { 1.0 };
        }
    }
}

fn main() -> Result<(), PathError> {
    let keys = ["synthetic prices", "synthetic prices, second"].map(|name| StreamKey::new(3, name));
    let streams = CorrelationMatrix::from_pairs(2, &[(0, 1, 0.8)])?.streams(&keys);
    let mut eth = Price::new(2000.0, [0.4, 1.1], &streams[0])?;
    let mut btc = Price::new(60_000.0, [0.3, 0.8], &streams[1])?;
    println!("timestamp,close,btc\n{START},{:.2},{:.2}", eth.close, btc.close);
    for block in 0..1999_u32 {
        eth.step(block);
        btc.step(block);
        println!("{},{:.2},{:.2}", START + 3600 * u64::from(block + 1), eth.close, btc.close);
    }
    Ok(())
}
