use std::sync::Arc;

use cenote_paths::{Constant, Gbm, PACK, PathError, PriceModel, Shock, Shocked};

use crate::clock::{DAY, HOUR, Runner, assert_frozen};
use crate::units::{duration, fraction};

fn shock(at: &str, size: f64, over: &str) -> Shock {
    Shock { at: duration(at), size: fraction(size), over: duration(over) }
}

fn eth(shocks: &[Shock]) -> Shocked {
    Shocked::new(Arc::new(Gbm::per_year(2000.0, 0.05, 0.8).unwrap()), shocks).unwrap()
}

#[test]
fn frozen_values() {
    assert_frozen(
        &eth(&[shock("1d", -0.4, "6h")]),
        &[HOUR, DAY, HOUR, 6 * HOUR],
        &[1998.9549195044226, 1847.00659991904, 1684.5407638126837, 1177.5243787538643],
    );
}

/// The price path is multiplied by known factors, and nothing else changes.
#[test]
fn prices_are_multiplied() {
    let model = eth(&[shock("2h", -0.4, "4h"), shock("4h", 0.5, "0s")]);
    let (mut plain, mut shocked) = (Runner::<PACK>::new(&eth(&[]), 0), Runner::<PACK>::new(&model, 0));
    let root = 0.6_f64.sqrt();
    for factor in [1.0, 1.0, root.sqrt(), root * 1.5, 0.6_f64.powf(0.75) * 1.5, 0.9, 0.9] {
        let (plain, shocked) = (*plain.fixed(HOUR), *shocked.fixed(HOUR));
        for l in 0..PACK {
            assert!((shocked[l] / plain[l] / factor - 1.0).abs() < 1e-14, "{factor}");
        }
    }
    // No shocks at all: the same bits.
    let mut gbm = Runner::<PACK>::new(&Gbm::per_year(2000.0, 0.05, 0.8).unwrap(), 0);
    assert_eq!(gbm.fixed(DAY), Runner::<PACK>::new(&eth(&[]), 0).fixed(DAY));
}

/// A shock is met by any clock, and by a path whose steps jump over it.
#[test]
fn any_clock() {
    let model = Shocked::new(Arc::new(Constant::new(100.0).unwrap()), &[shock("36h", -0.4, "6h")]).unwrap();
    let mut runner = Runner::<PACK>::new(&model, 0);
    assert_eq!(runner.fixed(DAY).0, [100.0; PACK]);
    let nanos = std::array::from_fn(|l| HOUR * l as u64);
    let price = runner.free(nanos);
    assert_eq!((price[0], price[12]), (100.0, 100.0));
    assert!((price[15] - 100.0 * 0.6_f64.sqrt()).abs() < 1e-12 && (price[63] - 60.0).abs() < 1e-12);
    assert!((model.factor("39h".parse().unwrap()) - 0.6_f64.sqrt()).abs() < 1e-15);
}

#[test]
fn a_shock_at_the_start_is_in_the_initial_price() {
    let model = eth(&[shock("0s", -0.5, "0s")]);
    assert!((model.initial() - 1000.0).abs() < 1e-9);
    assert_eq!(Runner::<PACK>::new(&model, 0).price.0, [model.initial(); PACK]);
}

#[test]
fn sizes_that_cannot_be() {
    for bad in [-1.0, -2.0, 1e6] {
        let process = Arc::new(Constant::new(1.0).unwrap());
        let error = Shocked::new(process, &[shock("1d", bad, "0s")]).unwrap_err();
        assert!(matches!(error, PathError::Parameter { name: "size", .. }), "{error}");
    }
}
