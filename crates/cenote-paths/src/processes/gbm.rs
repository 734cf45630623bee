use cenote_units::{Lanes, Rate, SimDuration, Volatility, kernel, math};

use crate::error::PathError;
use crate::process::{BuildPrice, PriceLanes, PriceModel, Step, check_initial, check_log_price};
use crate::stream::StreamKey;
use crate::stream_lanes::StreamLanes;

/// What a drift is the drift of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Drift {
    /// Of the price: E\[S(T)\] = S(0) exp(drift × T).
    Price(Rate),
    /// Of the log price: E\[ln S(T)\] = ln S(0) + drift × T.
    Log(Rate),
}

/// Geometric Brownian motion: dS = μ S dt + σ S dW.
///
/// S(t + h) = S(t) exp((μ − σ²/2) h + σ √h Z) is exact for a step h of any length: the law of the price at a time
/// does not depend on the blocks before it.
///
/// The normals of blocks b and b + 1, b even, are the pair of the Philox draw (block b, draw 0): one Box-Muller
/// transform serves two blocks. The pair is kept while steps walk through it; a jump to any block draws it again.
/// The price is `initial` × exp(x) with x the sum of the log returns.
///
/// ```
/// use cenote_paths::{Drift, Gbm};
/// let eth = Gbm::new(2000.0, Drift::Price("0%".parse()?), "80%".parse()?)?;
/// assert_eq!(eth, Gbm::per_year(2000.0, 0.0, 0.8)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gbm {
    initial: f64,
    /// Per year.
    log_drift: f64,
    /// Per square root of a year.
    volatility: f64,
}

impl Gbm {
    /// A geometric Brownian motion that starts at `initial`. Zero volatility is allowed: the price then follows its
    /// drift.
    ///
    /// # Errors
    /// An initial price that is not between 1e-150 and 1e150; a drift that is not finite; a volatility that is not
    /// finite or is negative.
    pub fn new(initial: f64, drift: Drift, volatility: Volatility) -> Result<Self, PathError> {
        let volatility = volatility.per_sqrt_year();
        match drift {
            Drift::Price(rate) => Self::per_year(initial, rate.per_year(), volatility),
            Drift::Log(rate) => Self::per_year_log(initial, rate.per_year(), volatility),
        }
    }

    /// The same from plain numbers: the drift of the price per year, the volatility per square root of a year.
    ///
    /// # Errors
    /// As [`Gbm::new`].
    pub fn per_year(initial: f64, drift: f64, volatility: f64) -> Result<Self, PathError> {
        check_drift("drift", drift)?;
        check_volatility(volatility)?;
        Self::per_year_log(initial, drift - 0.5 * volatility * volatility, volatility)
    }

    /// The same with the drift of the log price.
    ///
    /// # Errors
    /// As [`Gbm::new`].
    pub fn per_year_log(initial: f64, log_drift: f64, volatility: f64) -> Result<Self, PathError> {
        check_drift("log_drift", log_drift)?;
        check_volatility(volatility)?;
        Ok(Self { initial: check_initial(initial)?, log_drift, volatility })
    }

    /// Drift of the log price, per year: μ − σ²/2.
    pub fn log_drift(&self) -> f64 {
        self.log_drift
    }

    /// Volatility σ, per square root of a year.
    pub fn volatility(&self) -> f64 {
        self.volatility
    }
}

fn check_drift(name: &'static str, value: f64) -> Result<(), PathError> {
    if value.is_finite() {
        return Ok(());
    }
    Err(PathError::Parameter { name, value, expected: "a finite number per year" })
}

fn check_volatility(value: f64) -> Result<(), PathError> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(PathError::Parameter { name: "volatility", value, expected: "a finite number per square root of a year, not negative" })
}

impl PriceModel for Gbm {
    fn initial(&self) -> f64 {
        self.initial
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        let years = horizon.as_years();
        check_log_price(horizon, self.initial, self.log_drift * years, self.volatility * years.sqrt())
    }
}

impl<const L: usize> BuildPrice<L> for Gbm {
    fn build(&self, key: StreamKey) -> Box<dyn PriceLanes<L>> {
        Box::new(GbmLanes::<L> {
            x: Lanes::ZERO,
            normals: [Lanes::ZERO; 2],
            pair: None,
            streams: StreamLanes::new(key, [0; L]),
            model: *self,
        })
    }
}

#[derive(Clone, Debug)]
struct GbmLanes<const L: usize> {
    /// Log price over its initial value.
    x: Lanes<L>,
    normals: [Lanes<L>; 2],
    /// The even block whose pair `normals` holds.
    pair: Option<u32>,
    streams: StreamLanes<L>,
    model: Gbm,
}

impl<const L: usize> PriceLanes<L> for GbmLanes<L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
        self.pair = None;
        self.x = Lanes::ZERO;
        *price = Lanes::splat(self.model.initial);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        let even = step.block & !1;
        if self.pair != Some(even) {
            let [z0, z1] = &mut self.normals;
            self.streams.normal_pair(even, 0, z0, z1);
            self.pair = Some(even);
        }
        let z = &self.normals[usize::from(step.block & 1 == 1)];
        let Gbm { initial, log_drift, volatility } = self.model;
        if let Some(years) = step.shared {
            let (mean, deviation) = (log_drift * years, volatility * years.sqrt());
            fixed_step(&mut self.x, z, mean, deviation, initial, price);
        } else {
            free_step(&mut self.x, z, step.years, log_drift, volatility, initial, price);
        }
    }
}

kernel! {
    /// A step of the same length in all lanes.
    fn fixed_step<const L: usize>(
        x: &mut Lanes<L>, z: &Lanes<L>, mean: f64, deviation: f64, initial: f64, price: &mut Lanes<L>,
    ) {
        let (x, z, price) = (&mut x.0, &z.0, &mut price.0);
        for l in 0..L {
            x[l] += mean + deviation * z[l];
            price[l] = initial * math::exp(x[l]);
        }
    }
}

kernel! {
    /// A step of its own length in each lane: the same operations in the same order, so the same bits. A length of
    /// zero adds zero.
    fn free_step<const L: usize>(
        x: &mut Lanes<L>, z: &Lanes<L>, years: &Lanes<L>, log_drift: f64, volatility: f64, initial: f64,
        price: &mut Lanes<L>,
    ) {
        let (x, z, years, price) = (&mut x.0, &z.0, &years.0, &mut price.0);
        for l in 0..L {
            x[l] += log_drift * years[l] + volatility * years[l].sqrt() * z[l];
            price[l] = initial * math::exp(x[l]);
        }
    }
}
