//! The gauge's part of the inflation, summed up week by week.

use std::collections::BTreeMap;

use super::escrow::WEEK;
use super::{GaugeError, SCALE};
use crate::emission::CurveInflation;
use crate::farm::Arithmetic;

/// How many weeks the contract follows at once.
const WEEKS_AT_ONCE: u32 = 500;

/// What a unit of working stake has got since the gauge was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Integral<L: Arithmetic> {
    /// `integrate_inv_supply`.
    pub(super) per_unit: L::Sum,
    /// `period_timestamp`: up to when it is counted.
    time: u64,
    /// `inflation_rate`.
    rate: L::Amount,
    /// `future_epoch_time`.
    future_epoch: u64,
    pub(super) emitted: L::Amount,
    pub(super) forgone: L::Amount,
}

impl<L: Arithmetic> Integral<L> {
    pub(super) fn new(time: u64, inflation: &CurveInflation<L>) -> Self {
        let (rate, future_epoch) = (inflation.rate(), inflation.future_epoch_time());
        Self { per_unit: L::Sum::default(), time, rate, future_epoch, emitted: L::ZERO, forgone: L::ZERO }
    }

    /// One stretch at one rate and one weight.
    fn stretch(&mut self, rate: L::Amount, weight: u64, elapsed: u64, working: L::Amount) -> Result<(), GaugeError> {
        let emitted = L::times(rate, elapsed.into())?;
        let part = L::over(L::times(emitted, weight.into())?, SCALE.into())?;
        self.emitted = L::sum(self.emitted, part)?;
        if L::is_zero(working) {
            self.forgone = L::sum(self.forgone, part)?;
        } else {
            self.per_unit = L::plus(self.per_unit, L::part_per_share(emitted, weight, working)?)?;
        }
        Ok(())
    }

    /// The first half of `_checkpoint`.
    ///
    /// When an epoch ends on the way, its rate is applied until then and the present one after it; an epoch that nobody has seen at all is passed
    /// over, as in the contract.
    pub(super) fn advanced(
        &self,
        inflation: &mut CurveInflation<L>,
        weights: &BTreeMap<u64, u64>,
        working: L::Amount,
        killed: bool,
        now: u64,
    ) -> Result<Self, GaugeError> {
        let mut integral = *self;
        let prev_future_epoch = self.future_epoch;
        let (mut rate, mut new_rate) = (self.rate, self.rate);
        if prev_future_epoch >= self.time {
            inflation.update_mining_parameters()?;
            integral.future_epoch = inflation.future_epoch_time();
            new_rate = inflation.rate();
            integral.rate = new_rate;
        }
        if killed {
            rate = L::ZERO;
        }
        let mut from = self.time;
        let mut to = (from.saturating_add(WEEK) / WEEK * WEEK).min(now);
        for _ in 0..WEEKS_AT_ONCE {
            if now <= from {
                break;
            }
            let week = from / WEEK * WEEK;
            let weight = weights.range(..=week).next_back().map_or(0, |(_, weight)| *weight);
            if prev_future_epoch >= from && prev_future_epoch < to {
                integral.stretch(rate, weight, prev_future_epoch - from, working)?;
                rate = new_rate;
                integral.stretch(rate, weight, to - prev_future_epoch, working)?;
            } else {
                integral.stretch(rate, weight, to - from, working)?;
            }
            from = to;
            to = to.saturating_add(WEEK).min(now);
        }
        integral.time = now;
        Ok(integral)
    }
}
