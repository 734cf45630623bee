use std::sync::Arc;

use crate::block_normals::BlockNormals;
use crate::sampling::Sampling;
use crate::stream::StreamKey;

/// What a price draws from: the streams of its own component, and the normals of its diffusion, which are its own too unless
/// they are those of several components mixed.
///
/// A [`StreamKey`] alone is the streams of a price that goes its own way:
///
/// ```
/// use cenote_paths::{PriceStreams, StreamKey};
/// let (eth, btc) = (StreamKey::new(42, "tokens.ETH.price"), StreamKey::new(42, "tokens.BTC.price"));
/// let alone = PriceStreams::from(btc);
/// let with_eth = PriceStreams::mixed(btc, &[(eth, 0.6), (btc, 0.8)]); // correlation 0.6
/// assert_eq!((alone.key(), with_eth.key()), (btc, btc));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PriceStreams {
    key: StreamKey,
    /// Whose normals the diffusion takes, and how much of each.
    diffusion: Arc<[(StreamKey, f64)]>,
    /// How these are sampled, if not from the streams.
    sampling: Option<Sampling>,
}

impl PriceStreams {
    /// The streams of the component of `key`, whose diffusion normals are the sum of those of `terms`, each times its weight.
    /// For them to be standard normals, the squares of the weights of different components have to sum to one:
    /// [`CorrelationMatrix::streams`](crate::CorrelationMatrix::streams) finds such weights.
    pub fn mixed(key: StreamKey, terms: &[(StreamKey, f64)]) -> Self {
        Self { key, diffusion: terms.into(), sampling: None }
    }

    /// The same, with diffusion normals that are sampled so.
    pub fn sampled(self, sampling: &Sampling) -> Self {
        Self { sampling: Some(sampling.clone()), ..self }
    }

    /// The component's own streams.
    pub fn key(&self) -> StreamKey {
        self.key
    }

    /// Normals of the diffusion: those of a draw of blocks that are multiples of four.
    pub(crate) fn diffusion<const L: usize>(&self, draw: u32) -> BlockNormals<L> {
        BlockNormals::mixed(self.key, draw, &self.diffusion, self.sampling.as_ref())
    }
}

impl From<StreamKey> for PriceStreams {
    fn from(key: StreamKey) -> Self {
        Self::mixed(key, &[(key, 1.0)])
    }
}
