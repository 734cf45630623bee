//! A price that goes up or down by δ in its logarithm, and a pool whose band is k such steps wide either way: a walk on 2k + 1 mispricings
//! that pushes the pool at their ends.
//!
//! Source: Tassy and White, "Growth rate of a liquidity provider's wealth in XY = c automated market makers" (2020), section 3.

use cenote_amm::constant_product::SwapFee;
use cenote_amm::{ConstantProduct, Fast, FungibleLiquidity, Owner, Pool, TokenIndex};
use cenote_study::stats::Estimate;

use super::{Case, Check, Effort, published};

pub(super) const LATTICE: Case = Case { ids: &["tw-lattice"], in_tests: true, run: lattice };

/// A step of the price is traded in so many parts, as if it went through all prices between.
const PARTS: u32 = 20;

/// Up or down, one as likely as the other: `SplitMix64`.
struct Coin(u64);

impl Coin {
    fn up(&mut self) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) >> 63 == 1
    }
}

/// Growth of log √(xy) per step, in one walk.
fn walk(delta: f64, steps_of_band: u32, steps: u32, coin: &mut Coin) -> Result<f64, cenote_amm::AmmError> {
    let fee = -(-f64::from(steps_of_band) * delta).exp_m1();
    // To a part in 10⁹: of a step, a millionth.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below a billion")]
    let mut pool = ConstantProduct::<Fast>::with_fee(SwapFee::new((1e9 * fee).round() as u32, 1_000_000_000)?);
    pool.mint(Owner::new(1), &[1e6, 1e6])?;
    let before = pool.invariant();
    let (base, quote) = (TokenIndex(0), TokenIndex(1));
    let part = delta / f64::from(PARTS);
    let mut log_price = 0.0_f64;
    for _ in 0..steps {
        let part = if coin.up() { part } else { -part };
        for _ in 0..PARTS {
            log_price += part;
            if let Some(request) = pool.swap_to(base, quote, log_price.exp()) {
                pool.swap(&request)?;
            }
        }
    }
    // One provider has all of the pool, and the invariant is per what he has.
    Ok((pool.invariant() / before).ln() / f64::from(steps))
}

fn lattice(effort: Effort) -> Vec<Check> {
    const ID: &str = "tw-lattice";
    let case = published(ID);
    let delta = case.input("delta");
    let check = |(place, k): (u64, f64)| {
        let kept = (-k * delta).exp();
        let expected = delta * (1.0 - kept) / (2.0 * (1.0 + kept) * (2.0 * k + 1.0));
        let value = case.confirms(&place.to_string(), expected, 1e-9);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few steps")]
        let of_band = k as u32;
        let steps = 20_000;
        let mut coin = Coin(effort.seed(770 + place));
        let walks: Vec<f64> = (0..effort.pick(64, 1024))
            .map(|_| walk(delta, of_band, steps, &mut coin).unwrap_or_else(|error| panic!("{error}")))
            .collect();
        // Begins in the middle, and trades in parts; either is off by less than a part in 2000.
        let quantity = format!("log growth a step, k = {k}");
        Check::new(ID, quantity, Estimate::of(&walks), value).published(value).within(5e-4 * value)
    };
    (0..).zip(case.inputs("k")).map(check).collect()
}
