//! When jumps come: at times of one price's own, or at events that it shares with others.

use cenote_units::Frequency;

use crate::error::PathError;
use crate::parameters::{check, check_rate};
use crate::stream::StreamKey;

/// Events that befall several prices at the same times: a Poisson process of its own, known by name.
///
/// Jumps of [`Merton::at`](crate::Merton::at) and [`Kou::at`](crate::Kou::at) prices and depegs of [`Peg::at`](crate::Peg::at) prices
/// come at them instead of at times of their own. What the event does is each price's own affair, and so is whether it takes part:
/// with probability jump rate / event rate, independently of the others.
///
/// **Streams.** Those of the component called by the name, under the master seed: the numbers of events of blocks b and b + 1, b even,
/// are decided by the two uniforms of the draw (block b, draw 0) as jumps are; draw 1 + j of a block gives the time of its event number
/// j within the step. Of a price's own streams, the uniforms from draw 2³⁰ on decide in which of a block's events it takes part.
///
/// ```
/// use cenote_paths::{Drift, Merton, NormalJumps, SharedEvents};
/// let crash = SharedEvents::new("events.crash", "2 per year".parse()?)?;
/// let rate = "1 per year".parse()?; // takes part in every second
/// let jumps = NormalJumps { rate, mean: "-30%".parse()?, deviation: "10%".parse()? };
/// let eth = Merton::new(2000.0, Drift::Price("0%".parse()?), "80%".parse()?, jumps)?.at(crash)?;
/// # let _ = eth;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharedEvents {
    component: u32,
    /// Per year.
    rate: f64,
}

impl SharedEvents {
    /// The events of this name, this often.
    ///
    /// # Errors
    /// More than a million a year.
    pub fn new(name: &str, rate: Frequency) -> Result<Self, PathError> {
        let rate = check_rate("rate", rate.per_year())?;
        Ok(Self { component: StreamKey::new(0, name).component(), rate })
    }

    /// Expected events per year.
    pub fn rate(&self) -> f64 {
        self.rate
    }
}

/// When the jumps of a price come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct JumpTimes {
    /// Expected jumps per year.
    rate: f64,
    /// At which of them, if not at times of their own.
    events: Option<SharedEvents>,
}

impl JumpTimes {
    /// Times of their own; `rate` per year has been checked.
    pub(crate) const fn own(rate: f64) -> Self {
        Self { rate, events: None }
    }

    /// The same number of jumps a year, at shared events. `name` is what the rate is called.
    pub(crate) fn at(self, name: &'static str, events: SharedEvents) -> Result<Self, PathError> {
        check(name, self.rate, self.rate <= events.rate, "at most the rate of the events that are shared (per year)")?;
        Ok(Self { events: Some(events), ..self })
    }

    /// Expected jumps per year.
    pub(crate) const fn rate(&self) -> f64 {
        self.rate
    }

    /// Whose streams say when something happens, how often it does, and the probability that it is a jump; from a key of the price.
    pub(crate) fn source(&self, key: StreamKey) -> (StreamKey, f64, f64) {
        match self.events {
            None => (key, self.rate, 1.0),
            // No event, no jump: then no division either.
            Some(events) => {
                (key.of_component(events.component), events.rate, if self.rate == 0.0 { 0.0 } else { self.rate / events.rate })
            }
        }
    }

    pub(crate) const fn are_shared(&self) -> bool {
        self.events.is_some()
    }
}
