//! When something goes wrong, and what it does to prices.

use cenote_paths::{Stream, StreamKey};
use cenote_units::{Lanes, SimDuration, math};

use crate::scenario::Scenario;
use crate::venues::{RiskKind, RiskSetup, RiskTarget};

/// The risks of a world: when each comes next, lane by lane.
#[derive(Debug)]
pub(in crate::world) struct Hazards<const L: usize> {
    risks: Vec<Hazard<L>>,
    /// By token: what is left of its price; `None` where nothing ever happens to it.
    factors: Vec<Option<Factor<L>>>,
    /// What prices have not shown yet.
    falls: Vec<Fall>,
    paths: [u32; L],
}

#[derive(Debug)]
struct Hazard<const L: usize> {
    setup: RiskSetup,
    key: StreamKey,
    next: [u64; L],
    /// How many there were.
    count: [u32; L],
}

/// What a token's price is of what it would be.
#[derive(Clone, Debug)]
struct Factor<const L: usize> {
    /// What stays lost.
    lasting: Lanes<L>,
    /// What comes back, and with which half-life: one of each risk.
    passing: Vec<(SimDuration, Lanes<L>)>,
    /// All of it.
    product: Lanes<L>,
}

/// A token's price falls with the next move of prices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fall {
    pub(super) lane: usize,
    pub(super) token: usize,
    pub(super) risk: usize,
    /// Of what it would be.
    pub(super) part: f64,
}

/// Something that happens now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blow {
    pub(super) lane: usize,
    pub(super) risk: usize,
    /// How many of this risk came before on the path.
    pub(super) event: u32,
    pub(super) kind: RiskKind,
    pub(super) target: RiskTarget,
}

impl<const L: usize> Hazards<L> {
    pub(super) fn new(scenario: &Scenario, seed: u64) -> Self {
        let hazard = |setup: &RiskSetup| Hazard {
            setup: setup.clone(),
            key: StreamKey::new(seed, &format!("risks.{}", setup.name)),
            next: [u64::MAX; L],
            count: [0; L],
        };
        let factor = Factor { lasting: Lanes::splat(1.0), passing: Vec::new(), product: Lanes::splat(1.0) };
        let factors = (0..scenario.tokens.len()).map(|token| scenario.can_fall(token).then(|| factor.clone())).collect();
        Self { risks: scenario.risks.iter().map(hazard).collect(), factors, falls: Vec::new(), paths: [0; L] }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.risks.is_empty()
    }

    pub(super) fn start(&mut self, paths: [u32; L]) {
        self.paths = paths;
        self.falls.clear();
        for risk in &mut self.risks {
            (risk.next, risk.count) = ([u64::MAX; L], [0; L]);
        }
        for factor in self.factors.iter_mut().flatten() {
            (factor.lasting, factor.product) = (Lanes::splat(1.0), Lanes::splat(1.0));
            factor.passing.clear();
        }
    }

    /// Before the measured time nothing goes wrong.
    pub(in crate::world) fn begin(&mut self, now: &[u64; L]) {
        let paths = self.paths;
        for risk in &mut self.risks {
            for l in 0..L {
                risk.next[l] = now[l];
                risk.draw_next(paths[l], l);
            }
        }
    }

    /// What is left of a token's price; nothing if nothing ever happens to it.
    pub(in crate::world) fn factor(&self, token: usize) -> Option<&Lanes<L>> {
        self.factors[token].as_ref().map(|factor| &factor.product)
    }

    /// Prices come back over a step.
    pub(in crate::world) fn recover(&mut self, years: &Lanes<L>) {
        for factor in self.factors.iter_mut().flatten().filter(|factor| !factor.passing.is_empty()) {
            for (half_life, lost) in &mut factor.passing {
                let rate = -core::f64::consts::LN_2 / half_life.as_years();
                for l in 0..L {
                    lost[l] *= math::exp(rate * years[l]);
                }
            }
            factor.multiply();
        }
    }

    /// A token's price falls by a part; with a half-life it comes back.
    pub(super) fn fall(&mut self, fall: Fall, half_life: Option<SimDuration>) {
        let Fall { lane: l, token, part, .. } = fall;
        let Some(factor) = &mut self.factors[token] else { return };
        self.falls.push(fall);
        match half_life {
            None => factor.lasting[l] *= 1.0 - part,
            Some(half_life) => {
                let place = factor.passing.iter().position(|(other, _)| *other == half_life).unwrap_or_else(|| {
                    factor.passing.push((half_life, Lanes::ZERO));
                    factor.passing.len() - 1
                });
                let lost = &mut factor.passing[place].1;
                lost[l] = 1.0 - (1.0 - lost[l]) * (1.0 - part);
            }
        }
        factor.multiply();
    }

    /// What prices show now for the first time, in lanes that have moved.
    pub(super) fn take_falls(&mut self, years: &Lanes<L>) -> Vec<Fall> {
        self.falls.extract_if(.., |fall| years[fall.lane] > 0.0).collect()
    }

    /// What has come by now, in the order of the risks and of time.
    pub(super) fn due(&mut self, now: &[u64; L]) -> Vec<Blow> {
        let mut blows = Vec::new();
        let paths = self.paths;
        for (r, risk) in self.risks.iter_mut().enumerate() {
            for l in 0..L {
                while risk.next[l] <= now[l] {
                    let mut stream = Stream::new(risk.key, paths[l], risk.count[l]).at_draw(1);
                    let (kind, event) = (risk.setup.kind, risk.count[l]);
                    risk.hits(&mut stream, |target| blows.push(Blow { lane: l, risk: r, event, kind, target }));
                    risk.count[l] += 1;
                    risk.draw_next(paths[l], l);
                }
            }
        }
        blows
    }
}

impl<const L: usize> Hazard<L> {
    /// Draws when the next one comes: block number n of its stream times event number n, its draw 1 says whom it hits.
    fn draw_next(&mut self, path: u32, l: usize) {
        if self.setup.rate <= 0.0 {
            self.next[l] = u64::MAX;
            return;
        }
        let wait = -math::ln(Stream::new(self.key, path, self.count[l]).uniform()) / self.setup.rate;
        let nanos = wait * crate::position::nanos(SimDuration::YEAR.as_nanos());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let nanos = nanos as u64;
        self.next[l] = self.next[l].saturating_add(nanos.max(1));
    }

    /// One target is drawn, and the others are hit with it or are not.
    fn hits(&self, stream: &mut Stream, mut hit: impl FnMut(RiskTarget)) {
        let targets = &self.setup.targets;
        let count = crate::position::nanos(targets.len() as u64);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below the number of targets")]
        let first = if targets.len() > 1 { (stream.uniform() * count) as usize } else { 0 };
        for (t, &target) in targets.iter().enumerate() {
            if t == first || (self.setup.contagion > 0.0 && stream.uniform() < self.setup.contagion) {
                hit(target);
            }
        }
    }
}

impl<const L: usize> Factor<L> {
    fn multiply(&mut self) {
        self.product = self.lasting;
        for (_, lost) in &self.passing {
            for l in 0..L {
                self.product[l] *= 1.0 - lost[l];
            }
        }
    }
}
