//! Prints the price file that ships with the studies: 2,000 hours of geometric Brownian motion, ten calm days (40% a year) and ten wild
//! ones (110%) in turn. Resampling it in blocks keeps the days together; resampling single hours would not.

use cenote_paths::{BuildPrice, Gbm, PathError, PriceLanes, Step, StreamKey};
use cenote_units::Lanes;

const HOUR: u64 = 3_600_000_000_000;
/// 2024-01-01 00:00 UTC.
const START: u64 = 1_704_067_200;
const TEN_DAYS: u32 = 240;

fn main() -> Result<(), PathError> {
    let lanes = |volatility: f64| -> Result<Box<dyn PriceLanes<1>>, PathError> {
        Ok(Gbm::per_year(1.0, 0.0, volatility)?.build(&StreamKey::new(3, "synthetic prices").into()))
    };
    let mut regimes = [lanes(0.4)?, lanes(1.1)?];
    let mut last = [Lanes::ZERO; 2];
    for (regime, price) in regimes.iter_mut().zip(&mut last) {
        regime.start([0], price);
    }
    let mut close = 2000.0;
    println!("timestamp,close\n{START},{close:.2}");
    let years = Lanes::splat(1.0 / 8760.0);
    for block in 0..1999_u32 {
        let now = usize::from(block / TEN_DAYS % 2 == 1);
        for (i, (regime, price)) in regimes.iter_mut().zip(&mut last).enumerate() {
            let before = price[0];
            let end = [HOUR * u64::from(block + 1)];
            regime.step(&Step { block, nanos: &[HOUR], end: &end, years: &years, shared: Some(years[0]) }, price);
            close *= if i == now { price[0] / before } else { 1.0 };
        }
        println!("{},{close:.2}", START + 3600 * u64::from(block + 1));
    }
    Ok(())
}
