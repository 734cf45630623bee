//! The normals at the nodes of a bridge.

use cenote_units::{Lanes, kernel, math};

use super::strata;
use crate::convert::low_u32;
use crate::sobol::{Scramble, Sobol, reversed_digits};
use crate::stream::StreamKey;
use crate::uniform::open_uniform;

/// Sets of points that are spread evenly.
#[derive(Debug)]
pub(super) enum Points {
    /// One number in each stratum.
    Strata {
        /// Of each set.
        strata: u32,
    },
    /// Scrambled digits.
    Sobol(Sobol),
}

/// The points of `L` paths.
#[derive(Clone, Debug)]
pub(super) struct PointLanes<const L: usize> {
    key: StreamKey,
    paths: [u32; L],
    /// Which set each path is in, and which of its points it is: numbers of 32 bits.
    sets: [u64; L],
    indices: [u64; L],
    /// Binary digits of the largest index.
    bits: u32,
}

impl<const L: usize> PointLanes<L> {
    pub(super) fn new(key: StreamKey) -> Self {
        Self { key, paths: [0; L], sets: [0; L], indices: [0; L], bits: 0 }
    }

    pub(super) fn start(&mut self, paths: [u32; L], sets: u32) {
        self.paths = paths;
        self.sets = paths.map(|path| u64::from(path % sets));
        self.indices = paths.map(|path| u64::from(path / sets));
        let largest = paths.iter().map(|path| path / sets).max().unwrap_or(0);
        self.bits = u32::BITS - largest.leading_zeros();
    }

    /// Standard normals, one for each path: the coordinate of its point that node `node` of component number `place` of
    /// `components` has.
    pub(super) fn normals(&self, points: &Points, node: u32, place: u32, components: u32, z: &mut Lanes<L>) {
        match points {
            Points::Strata { strata } => {
                for l in 0..L {
                    let (set, index) = (low_u32(self.sets[l]), low_u32(self.indices[l]));
                    z[l] = strata::normal(self.key, place, self.paths[l], set, index, *strata);
                }
            }
            Points::Sobol(sobol) => {
                let dimension = node * components + place;
                let directions = sobol.directions(dimension).expect("a plan has as many dimensions as nodes of all components");
                let key = (self.key.philox_key(), u64::from(self.key.component()));
                quantiles(directions, self.bits, key, dimension, &self.sets, &self.indices, z);
            }
        }
    }
}

kernel! {
    fn quantiles<const L: usize>(
        directions: &[u32; 32], bits: u32, key: ([u64; 2], u64), dimension: u32, sets: &[u64; L], indices: &[u64; L], z: &mut Lanes<L>,
    ) {
        let mut digits = [0; L];
        reversed_digits(directions, bits, indices, &mut digits);
        for l in 0..L {
            digits[l] = Scramble::of(key.0, key.1, dimension, sets[l]).word(digits[l]);
        }
        for l in 0..L {
            z[l] = math::normal_quantile(open_uniform(digits[l]));
        }
    }
}
