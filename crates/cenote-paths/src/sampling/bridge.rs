//! A Brownian bridge over the blocks of a path, walked from the first to the last.

use std::sync::Arc;

use cenote_units::{Lanes, kernel};

use super::BridgePlan;
use super::points::PointLanes;
use crate::stream::StreamKey;
use crate::stream_lanes::StreamLanes;

/// Block normals whose sums over dyadic parts of all blocks come from points; inside the parts that are not halved any more, from the
/// streams.
///
/// The sum over all n blocks is √n times the normal of node 0. The sum over the first part, of a blocks, of a part of n blocks
/// whose sum is s is s a/n + √(a (n − a)/n) Z, Z the normal of the part's node: node 1 halves all, nodes 2h and 2h + 1 the first
/// and the second part of node h. Inside a last part with r blocks to go whose normals sum to s, the next normal is s/r + √(1 −
/// 1/r) ξ, ξ that of the streams: exactly the law of independent normals of which the sum is known. So the normals of blocks are
/// independent standard normals, whatever the number of blocks, as those of the points are.
///
/// What is kept is one sum for each level. Blocks come in order; a step back walks again from the first, a step ahead walks there.
#[derive(Clone, Debug)]
pub(crate) struct Bridge<const L: usize> {
    plan: Arc<BridgePlan>,
    /// Which of the plan's components this is.
    place: u32,
    draw: u32,
    streams: StreamLanes<L>,
    points: PointLanes<L>,
    /// The block that comes next, a multiple of four.
    next: u32,
    /// Blocks to go in the present last part, and the sum of their normals.
    left: u32,
    sum: Lanes<L>,
    /// The parts after it, the nearest last.
    after: Vec<Part<L>>,
    z: Lanes<L>,
}

/// A part of the blocks.
#[derive(Clone, Debug)]
struct Part<const L: usize> {
    /// The node that halves it.
    node: u32,
    level: u32,
    blocks: u32,
    sum: Lanes<L>,
}

impl<const L: usize> Bridge<L> {
    pub(super) fn new(plan: Arc<BridgePlan>, place: usize, key: StreamKey, draw: u32) -> Self {
        let points = PointLanes::new(StreamKey::new(key.seed(), super::Sampling::STREAM));
        let after = Vec::with_capacity(plan.levels as usize + 1);
        // Component counts were checked to be numbers of 32 bits.
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        let streams = StreamLanes::new(key, [0; L]);
        Self { plan, place, draw, streams, points, next: 0, left: 0, sum: Lanes::ZERO, after, z: Lanes::ZERO }
    }

    pub(crate) fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
        self.points.start(paths, self.plan.sets);
        self.restart();
    }

    /// Back to the first block.
    fn restart(&mut self) {
        (self.next, self.left) = (0, 0);
        self.after.clear();
        let mut whole = Part { node: 1, level: 0, blocks: self.plan.blocks, sum: Lanes::ZERO };
        self.normals_of(0);
        scale(f64::from(self.plan.blocks).sqrt(), &self.z, &mut whole.sum);
        self.after.push(whole);
    }

    /// Those of blocks `first` to `first` + 3, `first` a multiple of four.
    pub(crate) fn quad(&mut self, first: u32, z: &mut [Lanes<L>; 4]) {
        // The warm-up's, and those after the expected number of a random clock.
        if first >= self.plan.blocks {
            return self.streams.normal_quad(first, self.draw, z);
        }
        if first < self.next {
            self.restart();
        }
        while self.next < first {
            self.walk(z);
        }
        self.walk(z);
    }

    pub(crate) fn quad_of_lane(&self, lane: usize, first: u32) -> [f64; 4] {
        let mut alone = Bridge::<1>::new(Arc::clone(&self.plan), self.place as usize, self.streams.key(), self.draw);
        alone.start([self.streams.paths()[lane]]);
        let mut z = [Lanes::ZERO; 4];
        alone.quad(first, &mut z);
        z.map(|z| z[0])
    }

    /// The next four.
    fn walk(&mut self, z: &mut [Lanes<L>; 4]) {
        let BridgePlan { blocks, levels, .. } = *self.plan;
        let first = self.next;
        let all_parted = u64::from(blocks) <= 1 << levels && blocks - first >= 4;
        if !all_parted {
            self.streams.normal_quad(first, self.draw, z);
        }
        for (block, z) in (first..blocks).zip(z) {
            if self.left == 0 {
                self.next_part();
            }
            if self.left == 1 {
                *z = self.sum;
            } else {
                let share = 1.0 / f64::from(self.left);
                fill(share, (1.0 - share).sqrt(), z, &mut self.sum);
            }
            self.left -= 1;
            debug_assert!(block < blocks);
        }
        self.next += 4;
    }

    /// Halves the part after the present one until it is a last part, and goes there.
    fn next_part(&mut self) {
        let Some(mut part) = self.after.pop() else { return };
        while part.level < self.plan.levels && part.blocks > 1 {
            let (first, second) = (part.blocks / 2, part.blocks - part.blocks / 2);
            let mut behind = Part { node: 2 * part.node + 1, level: part.level + 1, blocks: second, sum: part.sum };
            self.normals_of(part.node);
            let share = f64::from(first) / f64::from(part.blocks);
            let deviation = (share * f64::from(second)).sqrt();
            halve(share, deviation, &self.z, &mut part.sum, &mut behind.sum);
            self.after.push(behind);
            part = Part { node: 2 * part.node, level: part.level + 1, blocks: first, sum: part.sum };
        }
        (self.left, self.sum) = (part.blocks, part.sum);
    }

    /// Draws the normals of a node.
    fn normals_of(&mut self, node: u32) {
        let components = u32::try_from(self.plan.components.len()).unwrap_or(u32::MAX);
        self.points.normals(&self.plan.points, node, self.place, components, &mut self.z);
    }
}

kernel! {
    fn scale<const L: usize>(deviation: f64, z: &Lanes<L>, sum: &mut Lanes<L>) {
        for l in 0..L {
            sum[l] = deviation * z[l];
        }
    }
}

kernel! {
    /// `first` holds the sum of both parts and is left with its own, `second` takes the rest.
    fn halve<const L: usize>(share: f64, deviation: f64, z: &Lanes<L>, first: &mut Lanes<L>, second: &mut Lanes<L>) {
        for l in 0..L {
            let both = first[l];
            first[l] = share * both + deviation * z[l];
            second[l] = both - first[l];
        }
    }
}

kernel! {
    /// The next normals, from those of the streams, and what is left of the sums.
    fn fill<const L: usize>(share: f64, deviation: f64, z: &mut Lanes<L>, sum: &mut Lanes<L>) {
        for l in 0..L {
            z[l] = share * sum[l] + deviation * z[l];
            sum[l] -= z[l];
        }
    }
}
