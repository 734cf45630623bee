use super::*;
use crate::calibration::goodness::kolmogorov_smirnov;

/// The times of one path's events, in years.
fn times(model: &Hawkes, path: u32, events: usize) -> Vec<f64> {
    let mut lanes = HawkesLanes::<1> {
        next: [0],
        excess: Lanes::ZERO,
        event: [0],
        streams: StreamLanes::new(StreamKey::new(42, "events"), [0]),
        model: *model,
    };
    lanes.start([path]);
    (0..events)
        .map(|_| {
            let time = SimDuration::from_nanos(lanes.next[0]).as_years();
            lanes.advance(0);
            time
        })
        .collect()
}

/// The integral of the intensity between events is a standard exponential, if the intensity is what it should be (Papangelou).
#[test]
fn rescaled_times_are_exponential() {
    for (branching, half_life) in [(0.0, "1h"), (0.3, "10d"), (0.6, "10min"), (0.95, "1h")] {
        let half_life: SimDuration = half_life.parse().unwrap();
        let model = Hawkes::new("150 per day".parse().unwrap(), Fraction::new(branching).unwrap(), half_life).unwrap();
        let Intensity { background, jump, decay } = model.intensity;
        let (mut before, mut excess) = (0.0, model.first);
        let uniforms: Vec<f64> = times(&model, 5, 20_000)
            .iter()
            .map(|time| {
                let wait = time - before;
                let kept = math::exp(-decay * wait);
                let integral = background * wait + excess * (1.0 - kept) / decay;
                (before, excess) = (*time, excess * kept + jump);
                -math::exp_m1(-integral)
            })
            .collect();
        let test = kolmogorov_smirnov(&uniforms);
        assert!(test.p_value > 1e-3, "branching {branching}: {test:?}");
        // One integral knows nothing of the next.
        let mean = uniforms.windows(2).map(|pair| 12.0 * (pair[0] - 0.5) * (pair[1] - 0.5)).sum::<f64>() / 19_999.0;
        assert!(mean.abs() < 4.0 / 20_000_f64.sqrt(), "branching {branching}: {mean}");
    }
}
