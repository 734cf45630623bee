//! One number in each of many strata, in a random order.

use cenote_units::math;

use crate::convert::low_u32;
use crate::philox::{philox4x32_10, words};
use crate::stream::{Stream, StreamKey};

/// The blocks that the random numbers of strata are draws of, beside block 0 of the scramblings; the component is in the place of the
/// draw.
const PLACES: u32 = 1;
const ORDERS: u32 = 2;

/// A standard normal of the stratum that point `index` of a set has: the quantile of (stratum + U)/`strata`, U uniform.
pub(super) fn normal(key: StreamKey, component: u32, path: u32, set: u32, index: u32, strata: u32) -> f64 {
    let order = Order::new(key, component, set, strata);
    let u = Stream::new(key, path, PLACES).at_draw(component).uniform();
    let p = (f64::from(order.place(index)) + u) / f64::from(strata);
    // The last stratum's sum may round up to all of them.
    math::normal_quantile(p.min(1.0 - f64::EPSILON / 2.0))
}

/// A random permutation of the numbers below `count`: a network of Feistel on as many bits as they have, walked on while it leads
/// beyond them (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
pub(super) struct Order {
    keys: [u64; 4],
    count: u32,
    /// Bits of half a number.
    half: u32,
}

/// Rounds of the network; four are a pseudo-random permutation (Luby and Rackoff 1988).
const ROUNDS: u64 = 6;

impl Order {
    pub(super) fn new(key: StreamKey, component: u32, set: u32, count: u32) -> Self {
        let counter = [u64::from(component), u64::from(ORDERS), u64::from(key.component()), u64::from(set)];
        let bits = u32::BITS - count.saturating_sub(1).leading_zeros();
        Self { keys: words(philox4x32_10(counter, key.philox_key())), count, half: bits.div_ceil(2).max(1) }
    }

    /// Where a number goes. A number that is not below `count` takes the place of one that is: lanes that pad a pack.
    pub(super) fn place(&self, number: u32) -> u32 {
        let mut number = u64::from(number % self.count);
        loop {
            number = self.network(number);
            if number < u64::from(self.count) {
                return low_u32(number);
            }
        }
    }

    fn network(&self, number: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let (mut left, mut right) = (number >> self.half, number & mask);
        for round in 0..ROUNDS {
            let [k0, k1, ..] = self.keys;
            let mixed = philox4x32_10([right, round, self.keys[2], self.keys[3]], [k0, k1])[0];
            (left, right) = (right, left ^ (mixed & mask));
        }
        (left << self.half) | right
    }
}
