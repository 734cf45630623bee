//! The market in both lanes: cases by hand, what holds after any operations, and how far the lanes lie apart.

/// Runs a test in both lanes.
macro_rules! both_lanes {
    ($($name:ident)*) => {
        $(
            mod $name {
                #[test]
                fn exact() {
                    super::$name::<cenote_amm::Exact>();
                }
                #[test]
                fn fast() {
                    super::$name::<cenote_amm::Fast>();
                }
            }
        )*
    };
}

mod cases;
mod invariants;
mod lanes_agree;
mod liquidations;

use cenote_amm::{Exact, Fast, Lane, Owner};

use super::{Collateral, Formulas, LendingError, Market, RateModel, ReserveConfig, ReserveId};

const ALICE: Owner = Owner::new(1);
const BOB: Owner = Owner::new(2);
const CAROL: Owner = Owner::new(3);

const ETHER: ReserveId = ReserveId(0);
const USD: ReserveId = ReserveId(1);

/// Decimals of the two tokens.
const DECIMALS: [u8; 2] = [18, 6];

const YEAR: u64 = 31_536_000;

fn rates() -> RateModel {
    let rate = |text: &str| text.parse().unwrap();
    RateModel::new(rate("0%"), rate("4%"), rate("75%"), "80%".parse().unwrap()).unwrap()
}

fn collateral() -> Collateral {
    Collateral::new(7_500, 8_000, 10_500).unwrap()
}

/// Prices in dollars: with 8 decimals in the exact lane.
fn price<L: Formulas>(dollars: f64) -> L::Amount {
    L::amount_from_f64(if L::NAME == Exact::NAME { dollars * 1e8 } else { dollars }).unwrap()
}

/// So many whole tokens of a reserve.
fn tokens<L: Formulas>(reserve: ReserveId, amount: f64) -> L::Amount {
    L::amount_from_f64(amount * L::scale(DECIMALS[usize::from(reserve.0)])).unwrap()
}

/// As whole tokens.
fn whole<L: Formulas>(reserve: ReserveId, amount: L::Amount) -> f64 {
    L::amount_to_f64(amount) / L::scale(DECIMALS[usize::from(reserve.0)])
}

/// Ether at 2000 dollars and dollars, both collateral, reserve factor 10%, protocol fee 10% of the bonus; and time 1000.
fn market<L: Formulas>() -> Market<L> {
    let mut market = Market::new();
    for (decimals, dollars) in DECIMALS.into_iter().zip([2000.0, 1.0]) {
        let config = ReserveConfig::new(decimals, rates()).unwrap().with_collateral(collateral());
        let config = config.with_reserve_factor_bp(1_000).unwrap().with_liquidation_protocol_fee_bp(1_000).unwrap();
        market.add_reserve(config, price::<L>(dollars)).unwrap();
    }
    market.set_time(1000).unwrap();
    market
}

#[test]
fn lanes_have_names() {
    assert_ne!(Exact::NAME, Fast::NAME);
}
