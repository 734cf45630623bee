//! Where the normals of diffusions come from, if not from the streams of their own path.

mod bridge;
mod mirror;
mod points;
mod strata;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::error::PathError;
use crate::parameters::check;
use crate::sobol::Sobol;
use crate::stream::StreamKey;

pub(crate) use bridge::Bridge;
pub(crate) use mirror::Mirror;
use points::Points;

/// How paths are sampled so that their mean is known better than that of as many independent ones. It decides where the normals
/// of a diffusion come from; everything else that a path draws (jumps, variances, block times, trades) stays its own.
///
/// | | the diffusion normals of a path |
/// |---|---|
/// | [`antithetic`](Self::antithetic) | of path 2k its own; of path 2k + 1 those of path 2k, with the other sign |
/// | [`stratified`](Self::stratified) | given their sum over all blocks, its own; the sums of a set of paths are one in each of as many strata of equal probability |
/// | [`sobol`](Self::sobol) | sums over halves, quarters, … of the blocks from a scrambled [`Sobol`] sequence; given these, its own |
///
/// Every path is still a path of the same law, and known by its index. Paths of one pair or set are not independent of one another:
/// standard errors come from the means of pairs or sets, which are.
///
/// A process takes part by the `PriceStreams` it is built from:
///
/// ```
/// use cenote_paths::{BuildPrice, Gbm, PriceStreams, Sampling, Step, StreamKey};
/// use cenote_units::Lanes;
///
/// let key = StreamKey::new(42, "tokens.ETH.price");
/// let streams = PriceStreams::from(key).sampled(&Sampling::antithetic());
/// let mut lanes = Gbm::per_year_log(1.0, 0.0, 0.8)?.build(&streams);
/// let mut price = Lanes::<2>::ZERO;
/// lanes.start([0, 1], &mut price);
/// let (nanos, years) = ([3_600_000_000_000; 2], 1.0 / 8760.0);
/// lanes.step(&Step { block: 0, nanos: &nanos, end: &nanos, years: &Lanes::splat(years), shared: Some(years) }, &mut price);
/// assert!((price[0] * price[1] - 1.0).abs() < 1e-15);
/// # Ok::<(), cenote_paths::PathError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sampling {
    plan: Plan,
}

#[derive(Clone, Debug)]
enum Plan {
    Antithetic,
    Bridge(Arc<BridgePlan>),
}

/// The same kind, and of a bridge the same one.
impl PartialEq for Sampling {
    fn eq(&self, other: &Self) -> bool {
        match (&self.plan, &other.plan) {
            (Plan::Antithetic, Plan::Antithetic) => true,
            (Plan::Bridge(one), Plan::Bridge(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

/// The blocks whose normals are drawn with regard to other paths, and how.
///
/// Path p is point p div `sets` of the set p mod `sets`: what a path draws does not depend on how many there are. (The strata of a set
/// depend on how many paths it has.)
#[derive(Debug)]
pub(crate) struct BridgePlan {
    /// Hashes of the names of the components that take part.
    components: Vec<u32>,
    /// Blocks 0 to `blocks` − 1.
    blocks: u32,
    /// How often they are halved.
    levels: u32,
    sets: u32,
    points: Points,
}

/// Most nodes of a bridge: their normals are drawn at once for each path and component.
const MOST_NODES: u32 = 4096;
/// Most blocks of a bridge.
const MOST_BLOCKS: u32 = 1 << 31;

impl Sampling {
    /// Name of the component that the random numbers of [`stratified`](Self::stratified) and [`sobol`](Self::sobol) sets belong to.
    pub const STREAM: &str = "study.sampling";

    /// Paths 2k and 2k + 1 mirror each other.
    pub fn antithetic() -> Self {
        Self { plan: Plan::Antithetic }
    }

    /// Paths in independent sets of `strata` each. For each of these components, the sums of the normals of blocks 0 to `blocks` −
    /// 1 of the paths of a set lie one in each of as many strata of equal probability, in an order of its own for each component
    /// (Latin hypercube sampling: `McKay`, Beckman and Conover 1979).
    ///
    /// # Errors
    /// No set, no stratum, no component, or no block.
    pub fn stratified(components: &[&str], blocks: u32, sets: u32, strata: u32) -> Result<Self, PathError> {
        check("strata", f64::from(strata), strata > 0, "a number of strata above 0")?;
        Self::bridge(components, blocks, 1, sets, Points::Strata { strata })
    }

    /// Paths in independent sets, each under a scrambling of its own. For each of these components, the sum of the normals of
    /// blocks 0 to `blocks` − 1, that of their first half, those of the first halves of both halves, … up to `nodes` sums, a power
    /// of two, are a Brownian bridge whose normals are the quantiles of the coordinates of a
    /// [`ScrambledSobol`](crate::ScrambledSobol) point. The first coordinates are the sums over all blocks of each component in
    /// turn, the next ones those of the first halves, and so on: coarse before fine.
    ///
    /// # Errors
    /// No set, no component, no block; nodes that are not a power of two up to 4096; more coordinates than the sequence has.
    pub fn sobol(components: &[&str], blocks: u32, sets: u32, nodes: u32) -> Result<Self, PathError> {
        let possible = nodes.is_power_of_two() && nodes <= MOST_NODES;
        check("nodes", f64::from(nodes), possible, "a power of two from 1 to 4096")?;
        // More levels than it takes to part all blocks would only waste coordinates.
        let nodes = nodes.min(blocks.clamp(1, MOST_BLOCKS).next_power_of_two());
        let count = u32::try_from(components.len()).unwrap_or(u32::MAX);
        let dimensions = count.saturating_mul(nodes);
        let most = Sobol::MAX_DIMENSIONS;
        check("nodes", f64::from(nodes), dimensions <= most, "so few that nodes times priced tokens are at most 21201")?;
        let sobol = Sobol::new(dimensions.max(1))?;
        Self::bridge(components, blocks, nodes, sets, Points::Sobol(sobol))
    }

    fn bridge(components: &[&str], blocks: u32, nodes: u32, sets: u32, points: Points) -> Result<Self, PathError> {
        let count = u32::try_from(components.len()).unwrap_or(u32::MAX);
        check("components", f64::from(count), count > 0, "at least one component with a diffusion")?;
        check("blocks", f64::from(blocks), (1..=MOST_BLOCKS).contains(&blocks), "from 1 to 2147483648 blocks")?;
        check("sets", f64::from(sets), sets > 0, "at least one set of paths")?;
        let components = components.iter().map(|name| StreamKey::new(0, name).component()).collect();
        let plan = BridgePlan { components, blocks, levels: nodes.trailing_zeros(), sets, points };
        Ok(Self { plan: Plan::Bridge(Arc::new(plan)) })
    }

    /// How the diffusion normals of a component are sampled; nothing, if they are its own.
    pub(crate) fn origin<const L: usize>(&self, key: StreamKey, draw: u32) -> Origin<L> {
        match &self.plan {
            Plan::Antithetic => Origin::Mirror(Box::new(Mirror::new(key))),
            Plan::Bridge(plan) => match plan.components.iter().position(|component| *component == key.component()) {
                Some(place) => Origin::Bridge(Box::new(Bridge::new(Arc::clone(plan), place, key, draw))),
                None => Origin::Streams,
            },
        }
    }
}

/// Where the normals of one component come from.
#[derive(Clone, Debug)]
pub(crate) enum Origin<const L: usize> {
    /// The streams of the path itself.
    Streams,
    /// Those of a path or its twin.
    Mirror(Box<Mirror<L>>),
    /// A bridge between points of a set of paths.
    Bridge(Box<Bridge<L>>),
}
