use std::collections::VecDeque;

use cenote_units::{SimDuration, SimTime, math};

use crate::error::StrategyError;

/// How wide a range is that follows the price: w in [P / (1 + w), P · (1 + w)].
#[derive(Clone, Debug, PartialEq)]
pub enum Width {
    /// Always the same.
    Fixed(f64),
    /// As wide as the price is expected to move.
    Volatility(VolatilityWidth),
}

/// A width of `multiple` standard deviations of the log price over a time: multiple · σ · √over, with σ the realised volatility of the
/// outside price so far, never below `min` nor above `max`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VolatilityWidth {
    /// How many standard deviations.
    pub multiple: f64,
    /// How long the range is to be left alone.
    pub over: SimDuration,
    /// Over which past the volatility is measured.
    pub window: Window,
    /// Returns are taken over this long, or over the first block that is longer.
    pub sample: SimDuration,
    /// The width until a window is over.
    pub initial: f64,
    /// Not narrower than this.
    pub min: f64,
    /// Not wider than this.
    pub max: f64,
}

/// The past that a volatility is measured over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Window {
    /// All of it: a return counts for half after this long.
    HalfLife(SimDuration),
    /// This long, every return in it alike.
    Rolling(SimDuration),
}

impl Window {
    fn length(self) -> SimDuration {
        match self {
            Self::HalfLife(length) | Self::Rolling(length) => length,
        }
    }
}

impl VolatilityWidth {
    pub(crate) fn check(&self) -> Result<(), StrategyError> {
        let Self { multiple, over, window, sample: _, initial, min, max } = *self;
        let positive = |width: f64| if width > 0.0 && width < f64::INFINITY { Ok(()) } else { Err(StrategyError::Width { width }) };
        [multiple, initial, min, max].into_iter().try_for_each(positive)?;
        if min > max {
            return Err(StrategyError::Clamp { min, max });
        }
        if over.is_zero() || window.length().is_zero() { Err(StrategyError::NoInterval) } else { Ok(()) }
    }

    /// The width at a volatility per √year.
    pub fn at(&self, volatility: f64) -> f64 {
        (self.multiple * volatility * self.over.as_years().sqrt()).clamp(self.min, self.max)
    }
}

/// Realised volatility of one price: Σ r² over time, with the log return r of every sample.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Realised {
    window: Window,
    sample: SimDuration,
    begun: Option<SimTime>,
    last: SimTime,
    ln_price: f64,
    /// Sums of squared returns and of years, weighted by age where the window is a half-life.
    squares: f64,
    years: f64,
    /// What a rolling window has to forget: until when, squared return, years.
    past: VecDeque<(SimTime, f64, f64)>,
}

impl Realised {
    pub(crate) fn new(width: &VolatilityWidth) -> Self {
        Self {
            window: width.window,
            sample: width.sample,
            begun: None,
            last: SimTime::ZERO,
            ln_price: 0.0,
            squares: 0.0,
            years: 0.0,
            past: VecDeque::new(),
        }
    }

    /// When it wants to see the price again.
    pub(crate) fn due(&self) -> SimTime {
        let pause = self.sample.max(SimDuration::from_nanos(1));
        if self.begun.is_none() { SimTime::ZERO } else { self.last.checked_add(pause).unwrap_or(SimTime::MAX) }
    }

    /// Sees the price, if it is time to.
    pub(crate) fn see(&mut self, now: SimTime, price: f64) {
        if now < self.due() || price.is_nan() || price <= 0.0 {
            return;
        }
        let ln_price = math::ln(price);
        if self.begun.is_none() {
            self.begun = Some(now);
        } else {
            let years = now.since(self.last).map_or(0.0, SimDuration::as_years);
            let square = (ln_price - self.ln_price) * (ln_price - self.ln_price);
            self.add(now, square, years);
        }
        (self.last, self.ln_price) = (now, ln_price);
    }

    fn add(&mut self, now: SimTime, square: f64, years: f64) {
        match self.window {
            Window::HalfLife(half_life) => {
                // e^(−t ln 2 / half-life): numerator and denominator forget alike, so that the first returns count in full.
                let keep = math::exp(-years * core::f64::consts::LN_2 / half_life.as_years());
                self.squares = self.squares * keep + square;
                self.years = self.years * keep + years;
            }
            Window::Rolling(length) => {
                self.past.push_back((now, square, years));
                while self.past.front().is_some_and(|&(then, ..)| now.since(then).is_some_and(|age| age >= length)) {
                    self.past.pop_front();
                }
                // Summed anew: what is added and taken away again leaves rounding behind.
                (self.squares, self.years) =
                    self.past.iter().fold((0.0, 0.0), |(squares, all), &(_, square, years)| (squares + square, all + years));
            }
        }
    }

    /// Per √year, once a window is over.
    pub(crate) fn volatility(&self) -> Option<f64> {
        let seen = self.last.since(self.begun?)?;
        (seen >= self.window.length() && self.years > 0.0).then(|| (self.squares / self.years).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duration(text: &str) -> SimDuration {
        text.parse().unwrap()
    }

    fn width(window: Window) -> VolatilityWidth {
        VolatilityWidth { multiple: 2.0, over: duration("7d"), window, sample: duration("1h"), initial: 0.1, min: 0.02, max: 0.5 }
    }

    fn hour(h: u64) -> SimTime {
        SimTime::from_nanos(h * duration("1h").as_nanos())
    }

    /// Up and down by x every hour: σ² = x² · 8760 per year, whatever the window.
    #[test]
    fn a_price_that_swings_has_the_volatility_of_its_swings() {
        for window in [Window::HalfLife(duration("12h")), Window::Rolling(duration("1d"))] {
            let mut realised = Realised::new(&width(window));
            for h in 0..100 {
                assert_eq!(realised.volatility().is_some(), h > window.length().checked_div(duration("1h")).unwrap(), "{h}");
                realised.see(hour(h), if h % 2 == 0 { 2000.0 } else { 2000.0 * 0.01_f64.exp() });
                // Between samples nothing is seen.
                realised.see(SimTime::from_nanos(hour(h).as_nanos() + 1), 1.0);
            }
            let volatility = realised.volatility().unwrap();
            assert!((volatility / (0.01 * 8760.0_f64.sqrt()) - 1.0).abs() < 1e-12, "{volatility}");
        }
    }

    /// After a calm a window forgets the storm: at once when it is over, or by half in every half-life.
    #[test]
    fn the_past_is_forgotten() {
        let storm = |h: u64| if h.is_multiple_of(2) { 0.0 } else { 0.03_f64 };
        let run = |window, calm: u64| {
            let mut realised = Realised::new(&width(window));
            for h in 0..=48 + calm {
                realised.see(hour(h), 2000.0 * storm(h.min(48)).exp());
            }
            realised.volatility().unwrap()
        };
        let rolling = Window::Rolling(duration("24h"));
        assert!(run(rolling, 23) > 0.0 && run(rolling, 24) == 0.0);
        // Half of the window calm: half of the variance.
        assert!((run(rolling, 12) / run(rolling, 0) - 0.5_f64.sqrt()).abs() < 1e-12);
        // Σ weights of n hours is (1 − 2^(−n/12)) / (1 − 2^(−1/12)).
        let weight = |n: f64| 1.0 - (-n / 12.0).exp2();
        let expected = (weight(48.0) * 0.25 / weight(72.0)).sqrt();
        let half_life = Window::HalfLife(duration("12h"));
        assert!((run(half_life, 24) / run(half_life, 0) - expected).abs() < 1e-12);
    }

    #[test]
    fn a_width_is_what_the_price_is_expected_to_move_within_bounds() {
        let width = width(Window::HalfLife(duration("1d")));
        assert!((width.at(0.8) - 2.0 * 0.8 * (7.0_f64 / 365.0).sqrt()).abs() < 1e-15);
        assert_eq!((width.at(0.0), width.at(9.0)), (0.02, 0.5));
        assert_eq!(width.check(), Ok(()));
        assert_eq!(VolatilityWidth { min: 0.6, ..width }.check(), Err(StrategyError::Clamp { min: 0.6, max: 0.5 }));
        assert_eq!(VolatilityWidth { multiple: 0.0, ..width }.check(), Err(StrategyError::Width { width: 0.0 }));
        assert!(VolatilityWidth { over: SimDuration::ZERO, ..width }.check().is_err());
    }
}
