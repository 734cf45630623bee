//! What a farm pays over time: `emission = { rate = "4_000 CAKE per day", schedule = { halving = "90d" } }`.

use cenote_units::{Fraction, SimDuration, SimTime, Symbol, TokenRate};
use cenote_yield::emission::{Emission, EmissionError};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};
use crate::spec::quantity::require_time;

/// One reward token over time. Times count from the start of the study, its warm-up included.
#[derive(Debug, Clone, PartialEq)]
pub struct EmissionSpec {
    /// How much, and how that changes.
    pub schedule: ScheduleSpec,
    /// Nothing is paid before; schedules count from here.
    pub starts: SimDuration,
    /// Nothing is paid from here on; without it, it never ends.
    pub ends: Option<SimDuration>,
}

/// How much is paid, and how that changes.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ScheduleSpec {
    /// Always the same.
    Constant(TokenRate),
    /// `schedule = { halving = "90d" }`: half as much after each period, r₀ 2^−⌊t/period⌋.
    Halving(TokenRate, SimDuration),
    /// `schedule = { half_life = "60d" }`: falling all the time, r₀ 2^(−t/half-life).
    HalfLife(TokenRate, SimDuration),
    /// `schedule = { epochs = [{ from = "0d", rate = "4_000 CAKE per day" }] }`: each rate until the next.
    Epochs(Vec<EpochSpec>),
}

/// `{ from = "30d", rate = "2_000 CAKE per day" }`: a rate from a time on.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct EpochSpec {
    /// From when on, after the emission's start.
    pub from: SimDuration,
    /// How much.
    pub rate: TokenRate,
}

const KEYS: &[Key] = &[
    Key::new("rate", "\"4_000 CAKE per day\""),
    Key::new("schedule", "{ halving = \"90d\" }"),
    Key::new("starts", "\"0d\""),
    Key::new("ends", "\"180d\""),
];
const SCHEDULE_KEYS: &[Key] = &[
    Key::new("halving", "\"90d\""),
    Key::new("half_life", "\"60d\""),
    Key::new("epochs", "[{ from = \"0d\", rate = \"4_000 CAKE per day\" }]"),
];
const EPOCH_KEYS: &[Key] = &[Key::new("from", "\"0d\""), Key::new("rate", "\"4_000 CAKE per day\"")];

/// What `schedule` says.
enum Shape {
    Halving(SimDuration),
    HalfLife(SimDuration),
    Epochs(Vec<EpochSpec>),
}

impl EmissionSpec {
    /// Always this much.
    pub fn constant(rate: TokenRate) -> Self {
        ScheduleSpec::Constant(rate).into()
    }

    /// Beginning later: schedules count from there.
    pub fn starts(mut self, starts: SimDuration) -> Self {
        self.starts = starts;
        self
    }

    /// Cut off at a time.
    pub fn ends(mut self, ends: SimDuration) -> Self {
        self.ends = Some(ends);
        self
    }

    /// One, or a list.
    pub(super) fn read_all(item: &Item<'_>) -> Checked<Vec<Self>> {
        if item.is_table() { Ok(vec![Self::read(item)?]) } else { item.elements()?.iter().map(Self::read).collect() }
    }

    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[KEYS])?;
        let shape = fields.optional_with("schedule", &read_shape)?;
        let schedule = match shape {
            Some(Shape::Epochs(_)) if fields.has("rate") => {
                return Err(Problem::of_key(fields.path().key("rate"), "epochs have rates of their own")
                    .with_expected("no `rate` beside `epochs`")
                    .with_example("emission = { schedule = { epochs = [{ from = \"0d\", rate = \"4_000 CAKE per day\" }] } }"));
            }
            Some(Shape::Epochs(epochs)) => ScheduleSpec::Epochs(epochs),
            Some(Shape::Halving(period)) => ScheduleSpec::Halving(fields.required("rate")?, period),
            Some(Shape::HalfLife(half_life)) => ScheduleSpec::HalfLife(fields.required("rate")?, half_life),
            None => ScheduleSpec::Constant(fields.required("rate")?),
        };
        Ok(Self { schedule, starts: fields.or("starts", SimDuration::ZERO)?, ends: fields.optional("ends")? })
    }

    /// The rates in it, in their order.
    fn rates(&self) -> Vec<&TokenRate> {
        match &self.schedule {
            ScheduleSpec::Constant(rate) | ScheduleSpec::Halving(rate, _) | ScheduleSpec::HalfLife(rate, _) => vec![rate],
            ScheduleSpec::Epochs(epochs) => epochs.iter().map(|epoch| &epoch.rate).collect(),
        }
    }

    /// The token that it is of.
    pub(super) fn reward(&self) -> Option<&Symbol> {
        self.rates().first().map(|rate| rate.symbol())
    }

    /// Whether nothing is ever paid.
    pub(super) fn is_nothing(&self) -> bool {
        self.rates().iter().all(|rate| rate.amount().is_zero())
    }

    pub(super) fn check(&self, path: &KeyPath, reward: &Symbol) -> Checked<()> {
        let at = path.key("schedule");
        match &self.schedule {
            ScheduleSpec::Constant(_) => {}
            ScheduleSpec::Halving(_, period) => {
                require_time(*period, at.key("halving"), "halved all the time", "halving = \"90d\"")?;
            }
            ScheduleSpec::HalfLife(_, half_life) => {
                require_time(*half_life, at.key("half_life"), "a half-life of nothing", "half_life = \"60d\"")?;
            }
            ScheduleSpec::Epochs(epochs) => check_epochs(epochs, &at.key("epochs"))?,
        }
        for (i, rate) in self.rates().iter().enumerate() {
            if rate.symbol() != reward {
                let at = match self.schedule {
                    ScheduleSpec::Epochs(_) => at.key("epochs").index(i).key("rate"),
                    _ => path.key("rate"),
                };
                return Err(Problem::new(at, format!("an emission of {}, but the reward is {reward}", rate.symbol()))
                    .with_found(format!("\"{rate}\""))
                    .with_expected(format!("a rate of {reward}; of several rewards, one emission each in the same order"))
                    .with_example(format!("rate = \"4_000 {reward} per day\"")));
            }
        }
        if let Some(ends) = self.ends.filter(|ends| *ends <= self.starts) {
            return Err(Problem::new(path.key("ends"), "an emission that ends before it begins")
                .with_found(format!("\"{ends}\""))
                .with_expected(format!("a time after `starts`, which is {}", self.starts))
                .with_example("ends = \"180d\""));
        }
        self.emission(Fraction::ONE, path).map(|_| ())
    }

    /// The schedule that it is: this part of it.
    pub(super) fn emission(&self, part: Fraction, path: &KeyPath) -> Checked<Emission> {
        let rate = |rate: &TokenRate| rate.per_year() * part.get();
        let time = |time: SimDuration| SimTime::from_nanos(time.as_nanos());
        let build = || -> Result<Emission, EmissionError> {
            let emission = match &self.schedule {
                ScheduleSpec::Constant(constant) => Emission::constant(rate(constant)),
                ScheduleSpec::Halving(first, period) => Emission::halving(rate(first), *period),
                ScheduleSpec::HalfLife(first, half_life) => Emission::decay(rate(first), *half_life),
                ScheduleSpec::Epochs(epochs) => {
                    let steps: Vec<_> = epochs.iter().map(|epoch| (epoch.from, rate(&epoch.rate))).collect();
                    Emission::table(&steps)
                }
            }?
            .starting(time(self.starts));
            match self.ends {
                Some(ends) => emission.ending(time(ends)),
                None => Ok(emission),
            }
        };
        build().map_err(|error| {
            Problem::new(path.clone(), error.to_string())
                .with_expected("a rate, and a schedule that it can follow")
                .with_example("emission = { rate = \"4_000 CAKE per day\", schedule = { halving = \"90d\" } }")
                .with_cause(error)
        })
    }
}

fn read_shape(item: &Item<'_>) -> Checked<Shape> {
    let fields = item.table()?.fields(&[SCHEDULE_KEYS])?;
    let epochs = |item: &Item<'_>| item.elements()?.iter().map(EpochSpec::read).collect();
    let shapes = [
        fields.optional("halving")?.map(Shape::Halving),
        fields.optional("half_life")?.map(Shape::HalfLife),
        fields.optional_with("epochs", &epochs)?.map(Shape::Epochs),
    ];
    let mut shapes = shapes.into_iter().flatten();
    match (shapes.next(), shapes.next()) {
        (Some(shape), None) => Ok(shape),
        _ => Err(Problem::new(item.path().clone(), "a schedule is one thing")
            .with_expected("one of `halving`, `half_life` and `epochs`; without a `schedule` the rate is constant")
            .with_example("schedule = { halving = \"90d\" }")),
    }
}

fn check_epochs(epochs: &[EpochSpec], path: &KeyPath) -> Checked<()> {
    if epochs.is_empty() {
        return Err(Problem::new(path.clone(), "a schedule without epochs")
            .with_found("[]")
            .with_expected("at least one epoch")
            .with_example("epochs = [{ from = \"0d\", rate = \"4_000 CAKE per day\" }]"));
    }
    match epochs.windows(2).position(|pair| pair[1].from <= pair[0].from) {
        None => Ok(()),
        Some(i) => {
            let (before, next) = (epochs[i].from, epochs[i + 1].from);
            Err(Problem::new(path.index(i + 1).key("from"), "an epoch that does not begin after the one before it")
                .with_found(format!("\"{next}\""))
                .with_expected(format!("epochs in order of time: after \"{before}\""))
                .with_example("epochs = [{ from = \"0d\", rate = \"4_000 CAKE per day\" }, { from = \"30d\", rate = \"2_000 CAKE per day\" }]"))
        }
    }
}

impl EpochSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[EPOCH_KEYS])?;
        Ok(Self { from: fields.required("from")?, rate: fields.required("rate")? })
    }
}

impl From<ScheduleSpec> for EmissionSpec {
    fn from(schedule: ScheduleSpec) -> Self {
        Self { schedule, starts: SimDuration::ZERO, ends: None }
    }
}

/// As it is written.
impl Serialize for EmissionSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.schedule {
            ScheduleSpec::Epochs(_) => {}
            ScheduleSpec::Constant(rate) | ScheduleSpec::Halving(rate, _) | ScheduleSpec::HalfLife(rate, _) => {
                map.serialize_entry("rate", rate)?;
            }
        }
        map.serialize_entry("starts", &self.starts)?;
        if let Some(ends) = &self.ends {
            map.serialize_entry("ends", ends)?;
        }
        match &self.schedule {
            ScheduleSpec::Constant(_) => {}
            ScheduleSpec::Halving(_, period) => map.serialize_entry("schedule", &One("halving", period))?,
            ScheduleSpec::HalfLife(_, half_life) => map.serialize_entry("schedule", &One("half_life", half_life))?,
            ScheduleSpec::Epochs(epochs) => map.serialize_entry("schedule", &One("epochs", epochs))?,
        }
        map.end()
    }
}

/// A table of one key.
struct One<'a, T>(&'static str, &'a T);

impl<T: Serialize> Serialize for One<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0, self.1)])
    }
}
