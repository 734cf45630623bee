//! Correlations of diffusion normals.

mod eigen;
mod factor;
mod nearest;

use std::fmt;

use crate::error::PathError;
use crate::price_streams::PriceStreams;
use crate::stream::StreamKey;

/// The correlations of the diffusion normals of several prices: symmetric, ones on its diagonal, positive semi-definite.
///
/// The normals of price i are Σ Lᵢⱼ Zⱼ over the independent normals Zⱼ of the components j ≤ i, L Lᵀ being the matrix
/// (Cholesky). So the first price keeps the numbers that it has alone, and so does every one that is correlated with none before it;
/// a price that is added at the end changes nobody else's. Prices with a correlation of 1 or −1 move as one, to the bit.
///
/// It is the *normals* that have these correlations. Log returns of geometric Brownian motions then have them too; jumps, random
/// times and random variances, which are each price's own, make the correlations of returns smaller.
///
/// ```
/// use cenote_paths::{CorrelationMatrix, StreamKey};
/// let matrix = CorrelationMatrix::from_pairs(3, &[(0, 1, 0.8), (1, 2, 0.6)])?;
/// assert_eq!((matrix.get(1, 0), matrix.get(2, 0)), (0.8, 0.0));
/// let keys = ["ETH", "BTC", "SOL"].map(|token| StreamKey::new(42, token));
/// let streams = matrix.streams(&keys); // what each of the three prices is to be built from
/// assert_eq!(streams[0], keys[0].into());
///
/// // What cannot be is refused, with what comes nearest.
/// let error = CorrelationMatrix::from_pairs(3, &[(0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9)]).unwrap_err();
/// let nearest = CorrelationMatrix::nearest(3, &[(0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9)])?;
/// assert!(error.to_string().contains("the nearest correlations that can be are"));
/// assert!((nearest.get(0, 1) - 0.5).abs() < 1e-4 && (nearest.get(0, 2) + 0.5).abs() < 1e-4);
/// # Ok::<(), cenote_paths::PathError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CorrelationMatrix {
    size: usize,
    /// Row by row.
    elements: Vec<f64>,
    /// The same of L.
    factor: Vec<f64>,
}

impl CorrelationMatrix {
    /// The matrix of so many prices of which these pairs are correlated: (first, second, correlation), by their places from 0. All
    /// others are not.
    ///
    /// # Errors
    /// A pair that is not two of the prices, or comes twice; a correlation that is not from −1 to 1;
    /// [`PathError::Indefinite`] for correlations that cannot be all at once, with the nearest ones that can.
    pub fn from_pairs(size: usize, pairs: &[(usize, usize, f64)]) -> Result<Self, PathError> {
        let elements = symmetric(size, pairs)?;
        Self::of(size, elements).map_err(|elements| PathError::Indefinite {
            pairs: nearest::culprits(size, &elements),
            nearest: Self::near(size, &elements),
        })
    }

    /// The matrix nearest to these correlations, in the sum of squared differences (Higham 2002), rounded to six decimals.
    ///
    /// # Errors
    /// A pair that is not two of the prices, or comes twice; a correlation that is not from −1 to 1.
    pub fn nearest(size: usize, pairs: &[(usize, usize, f64)]) -> Result<Self, PathError> {
        Ok(match Self::of(size, symmetric(size, pairs)?) {
            Ok(matrix) => matrix,
            Err(elements) => Self::near(size, &elements),
        })
    }

    /// The matrix of these elements, or the elements back if they are not positive semi-definite.
    fn of(size: usize, elements: Vec<f64>) -> Result<Self, Vec<f64>> {
        match factor::factor(size, &elements) {
            Some(factor) => Ok(Self { size, elements, factor }),
            None => Err(elements),
        }
    }

    fn near(size: usize, elements: &[f64]) -> Self {
        let nearest = nearest::nearest(size, elements);
        // On the edge of what can be, rounding may lead beyond: a little less of all correlations leads back.
        let mut less = 0.0;
        loop {
            let round = |(at, x): (usize, &f64)| if at % (size + 1) == 0 { 1.0 } else { (x * (1.0 - less) * 1e6).round() / 1e6 };
            match Self::of(size, nearest.iter().enumerate().map(round).collect()) {
                Ok(matrix) => return matrix,
                Err(_) => less = if less == 0.0 { 1e-7 } else { 2.0 * less },
            }
        }
    }

    /// How many prices there are.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The correlation of two prices, by their places from 0; one of a price with itself.
    ///
    /// # Panics
    /// On a place that is not below [`size`](Self::size), as slices do.
    pub fn get(&self, first: usize, second: usize) -> f64 {
        assert!(first < self.size && second < self.size, "prices {first} and {second} of {}", self.size);
        self.elements[first * self.size + second]
    }

    /// The pairs that are correlated: (first, second, correlation), the first before the second.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        let pairs = (0..self.size).flat_map(|i| (i + 1..self.size).map(move |j| (i, j)));
        pairs.map(|(i, j)| (i, j, self.get(i, j))).filter(|pair| pair.2 != 0.0)
    }

    /// What each price is to draw from, whose own streams are those of these keys, in the order of the matrix. Keys beyond
    /// the size of the matrix are correlated with none.
    pub fn streams(&self, keys: &[StreamKey]) -> Vec<PriceStreams> {
        let streams = keys.iter().enumerate().map(|(i, &key)| {
            if i >= self.size {
                return key.into();
            }
            let row = &self.factor[i * self.size..(i + 1) * self.size];
            let terms: Vec<_> = keys.iter().copied().zip(row.iter().copied()).filter(|term| term.1 != 0.0).collect();
            PriceStreams::mixed(key, &terms)
        });
        streams.collect()
    }
}

/// `0,1 = 0.5, 1,2 = 0.25`
impl fmt::Display for CorrelationMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (i, j, value)) in self.pairs().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}{i},{j} = {value}")?;
        }
        Ok(())
    }
}

/// The symmetric matrix of these elements, with ones on its diagonal.
fn symmetric(size: usize, pairs: &[(usize, usize, f64)]) -> Result<Vec<f64>, PathError> {
    let mut elements = vec![0.0; size * size];
    let mut given = vec![false; size * size];
    (0..size).for_each(|i| elements[i * size + i] = 1.0);
    for &(first, second, value) in pairs {
        if first >= size || second >= size || first == second || given[first * size + second] {
            return Err(PathError::CorrelatedPair { first, second, size });
        }
        if !(-1.0..=1.0).contains(&value) {
            return Err(PathError::Correlation { first, second, value });
        }
        for at in [first * size + second, second * size + first] {
            (elements[at], given[at]) = (value, true);
        }
    }
    Ok(elements)
}

#[cfg(test)]
mod tests;
