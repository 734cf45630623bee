//! How many events blocks have: laws, clocks, bits.

use cenote_paths::arrivals::{ArrivalLanes, ArrivalModel, BuildArrivals, Hawkes, Poisson, Profile, Window};
use cenote_paths::{PACK, Stream, StreamKey};
use cenote_units::Lanes;
use rand::RngExt;
use statrs::distribution::{Discrete, Poisson as PoissonLaw};

use crate::clock::{DAY, HOUR, years};
use crate::statistics::{assert_close, mean, variance};
use crate::units::{duration, fraction, frequency};

/// Lanes with a clock of their own.
struct Counter<const L: usize> {
    lanes: Box<dyn ArrivalLanes<L>>,
    end: [u64; L],
    block: u32,
    counts: Lanes<L>,
    most: u32,
}

impl<const L: usize> Counter<L> {
    fn new(model: &(impl BuildArrivals<L> + ?Sized), first_path: u32) -> Self {
        let mut lanes = model.build(StreamKey::new(42, "agents.retail"));
        lanes.start(std::array::from_fn(|l| first_path + l as u32));
        Self { lanes, end: [0; L], block: 0, counts: Lanes::ZERO, most: 0 }
    }

    fn fixed(&mut self, nanos: u64) -> &Lanes<L> {
        self.go([nanos; L], Some(years(nanos)), [1.0; L])
    }

    fn go(&mut self, nanos: [u64; L], shared: Option<f64>, active: [f64; L]) -> &Lanes<L> {
        for l in 0..L {
            self.end[l] += nanos[l];
        }
        let window = Window { block: self.block, end: &self.end, years: &Lanes(nanos.map(years)), shared, active: &Lanes(active) };
        self.most = self.lanes.count(&window, &mut self.counts);
        self.block += 1;
        &self.counts
    }
}

/// Counts of each of `64 * packs` paths over each of these steps.
fn sample(model: &impl BuildArrivals<64>, packs: u32, steps: &[u64]) -> Vec<Vec<f64>> {
    let mut counts = vec![Vec::new(); steps.len()];
    for pack in 0..packs {
        let mut counter = Counter::<64>::new(model, 64 * pack);
        for (all, &nanos) in counts.iter_mut().zip(steps) {
            all.extend_from_slice(&counter.fixed(nanos).0);
        }
    }
    counts
}

fn totals(model: &impl BuildArrivals<64>, packs: u32, steps: &[u64]) -> Vec<f64> {
    let counts = sample(model, packs, steps);
    (0..counts[0].len()).map(|path| counts.iter().map(|step| step[path]).sum()).collect()
}

fn working_day() -> Poisson {
    let mut weights = [0.0; 24];
    weights[9..17].fill(3.0);
    weights[12] = 1.0;
    Poisson::with_profile(frequency(150.0 * 365.0), Profile::hourly(&weights).unwrap()).unwrap()
}

fn hawkes() -> Hawkes {
    Hawkes::new(frequency(150.0 * 365.0), fraction(0.6), duration("10min")).unwrap()
}

#[test]
fn frozen_values() {
    let steps = [HOUR, HOUR, 7 * HOUR, 3 * HOUR, 12_000_000_000, DAY, 10 * DAY];
    let of = |model: &dyn ArrivalModel| -> Vec<f64> {
        let mut counter = Counter::<PACK>::new(model, 0);
        steps.iter().map(|&nanos| counter.fixed(nanos)[3]).collect()
    };
    assert_eq!(of(&Poisson::new(frequency(150.0 * 365.0)).unwrap()), [7.0, 5.0, 46.0, 15.0, 0.0, 155.0, 1495.0]);
    assert_eq!(of(&working_day()), [0.0, 0.0, 0.0, 54.0, 0.0, 155.0, 1495.0]);
    assert_eq!(of(&hawkes()), [8.0, 3.0, 41.0, 13.0, 0.0, 140.0, 1324.0]);
}

#[test]
fn poisson_counts_have_their_law() {
    for (rate, nanos) in [(2.0 * 365.0, HOUR), (150.0 * 365.0, HOUR), (150.0 * 365.0, 4 * DAY)] {
        let expected = rate * years(nanos);
        let counts = &sample(&Poisson::new(frequency(rate)).unwrap(), 2048, &[nanos])[0];
        assert_close(mean(counts), expected);
        assert_close(variance(counts), expected);
        if nanos == HOUR {
            let law = PoissonLaw::new(expected).unwrap();
            for k in 0..12 {
                let share: Vec<f64> = counts.iter().map(|&n| f64::from(u8::from(n == k as f64))).collect();
                if law.pmf(k) > 1e-4 {
                    assert_close(mean(&share), law.pmf(k));
                }
            }
        }
    }
}

/// Hours of a day have their weights, hours apart are independent, and a day has as many events in one step as in 24.
#[test]
fn a_profile_moves_events_within_its_period() {
    let model = working_day();
    assert!((model.peak_rate() / model.rate() - 3.0 * 24.0 / 22.0).abs() < 1e-12);
    let hours = sample(&model, 256, &[HOUR; 48]);
    for (hour, counts) in hours.iter().enumerate() {
        let weight = match hour % 24 {
            12 => 1.0,
            9..17 => 3.0,
            _ => 0.0,
        };
        if weight == 0.0 {
            assert_eq!(counts.iter().sum::<f64>(), 0.0);
        } else {
            assert_close(mean(counts), 150.0 * weight / 22.0);
            assert_close(variance(counts), 150.0 * weight / 22.0);
        }
    }
    for steps in [&[DAY; 2][..], &[7 * HOUR; 10], &[HOUR; 48]] {
        let totals = totals(&model, 256, steps);
        // 70 hours have three working days.
        let expected = if steps.len() == 10 { 450.0 } else { 300.0 };
        assert_close(mean(&totals), expected);
        assert_close(variance(&totals), expected);
    }
}

/// mu 1, alpha 0.6, beta 1.2 per unit of time (a day here), over ten of them, from an empty past: mean in closed form.
#[test]
fn hawkes_counts_from_an_empty_past() {
    let half_life = cenote_units::SimDuration::from_nanos((std::f64::consts::LN_2 / 1.2 * DAY as f64).round() as u64);
    // Branching 0.6/1.2, so twice the background in the long run.
    let model = Hawkes::new(frequency(2.0 * 365.0), fraction(0.5), half_life).unwrap();
    assert!((model.background().per_day() - 1.0).abs() < 1e-12);
    assert_close(mean(&totals(&model.from_empty(), 4096, &[10 * DAY])), 18.33746458696111);
    // At its mean intensity from the start.
    assert_close(mean(&totals(&model, 4096, &[10 * DAY])), 20.0);
    // In the long run the variance is 1/(1 - n)² = 4 times the mean: over 4,000 days, up to 0.05%.
    let counts = totals(&model, 32, &[4000 * DAY]);
    let (variance, error) = variance(&counts);
    assert_close((variance / 8000.0, error / 8000.0), 4.0);
}

/// Ogata's thinning, with a generator of its own, counts alike.
#[test]
fn hawkes_counts_agree_with_thinning() {
    let (rate, branching, beta) = (150.0, 0.8, std::f64::consts::LN_2 * 144.0);
    let model = Hawkes::new(frequency(rate * 365.0), fraction(branching), duration("10min")).unwrap();
    let (background, horizon) = (rate * (1.0 - branching), 0.5);
    let mut stream = Stream::new(StreamKey::new(7, "thinning"), 0, 0);
    let thinned: Vec<f64> = (0..40_000)
        .map(|_| {
            let (mut t, mut excess, mut count) = (0.0, rate - background, 0.0);
            loop {
                let bound = background + excess;
                let wait = stream.exponential() / bound;
                t += wait;
                if t > horizon {
                    return count;
                }
                excess *= f64::exp(-beta * wait);
                if stream.random::<f64>() * bound < background + excess {
                    count += 1.0;
                    excess += branching * beta;
                }
            }
        })
        .collect();
    let ours = totals(&model, 625, &[DAY / 2]);
    for of in [mean, variance] {
        let ((a, ea), (b, eb)) = (of(&ours), of(&thinned));
        assert_close((a - b, (ea * ea + eb * eb).sqrt()), 0.0);
    }
    assert_close(mean(&ours), rate * horizon);
}

/// The same events at the same times, whatever the clock: not in law but to the event.
#[test]
fn hawkes_events_do_not_depend_on_the_clock() {
    let model = hawkes();
    let mut coarse = Counter::<64>::new(&model, 0);
    let mut fine = Counter::<64>::new(&model, 0);
    for _ in 0..10 {
        let mut sum = Lanes::<64>::ZERO;
        for _ in 0..300 {
            let counts = fine.fixed(12_000_000_000);
            for l in 0..64 {
                sum[l] += counts[l];
            }
        }
        assert_eq!(&sum, coarse.fixed(HOUR));
    }
}

fn models() -> Vec<Box<dyn ArrivalModel>> {
    vec![
        Box::new(Poisson::new(frequency(150.0 * 365.0)).unwrap()),
        // Some windows have more events than one uniform decides.
        Box::new(Poisson::new(frequency(2e6)).unwrap()),
        Box::new(Poisson::new(frequency(0.0)).unwrap()),
        Box::new(working_day()),
        Box::new(hawkes()),
        Box::new(hawkes().from_empty()),
        Box::new(Hawkes::new(frequency(0.0), fraction(0.6), duration("1h")).unwrap()),
        Box::new(Hawkes::new(frequency(5000.0), fraction(0.0), duration("1h")).unwrap()),
    ]
}

#[test]
fn a_pack_has_the_bits_of_single_paths() {
    for model in models() {
        let mut pack = Counter::<PACK>::new(&*model, 500);
        let mut alone: Vec<_> = (0..PACK as u32).map(|l| Counter::<1>::new(&*model, 500 + l)).collect();
        for nanos in [HOUR, HOUR / 2, 12_000_000_000, DAY] {
            pack.fixed(nanos);
            for (l, single) in alone.iter_mut().enumerate() {
                // A clock that is fixed for all lanes, free for one.
                assert_eq!(single.go([nanos], None, [1.0])[0], pack.counts[l], "{model:?}");
            }
        }
        for block in 0..40_u32 {
            let random = |l: usize| Stream::new(StreamKey::new(5, "clock"), l as u32, block).random_range(1..9 * HOUR);
            let nanos: [u64; PACK] = std::array::from_fn(|l| if (l as u32 + block).is_multiple_of(7) { 0 } else { random(l) });
            let active = nanos.map(|nanos| if nanos % 5 == 0 { 0.0 } else { 1.0 });
            pack.go(nanos, None, active);
            for (l, single) in alone.iter_mut().enumerate() {
                assert_eq!(single.go([nanos[l]], None, [active[l]])[0], pack.counts[l], "{model:?}");
                assert!(active[l] > 0.0 || pack.counts[l] == 0.0);
            }
            assert_eq!(f64::from(pack.most), pack.counts.iter().copied().fold(0.0, f64::max));
        }
    }
}

/// A start on a path is a start on that path, whatever ran before.
#[test]
fn packs_can_be_used_again() {
    for model in models() {
        let mut lanes: Box<dyn ArrivalLanes<PACK>> = model.build(StreamKey::new(42, "agents.retail"));
        let mut run = |first: u32| {
            lanes.start(std::array::from_fn(|l| first + l as u32));
            let mut counts = Lanes::ZERO;
            for block in 0..5 {
                let window = Window {
                    block,
                    end: &[HOUR * u64::from(block + 1); PACK],
                    years: &Lanes::splat(years(HOUR)),
                    shared: Some(years(HOUR)),
                    active: &Lanes::splat(1.0),
                };
                lanes.count(&window, &mut counts);
            }
            counts
        };
        let first = run(0);
        run(64);
        assert_eq!(run(0), first, "{model:?}");
    }
}

#[test]
fn bad_parameters_are_errors() {
    assert!(Poisson::new(frequency(1e13)).is_err());
    assert!(Hawkes::new(frequency(1e13), fraction(0.5), duration("1h")).is_err());
    for branching in [-0.1, 1.0, 2.0] {
        assert!(Hawkes::new(frequency(1.0), fraction(branching), duration("1h")).is_err());
    }
    let error = Hawkes::new(frequency(1.0), fraction(0.5), duration("0s")).unwrap_err().to_string();
    assert_eq!(error, "half_life must be longer than 0s: got 0");
}
