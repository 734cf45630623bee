//! The normals that processes take block by block, and where they come from.

use cenote_units::{Lanes, kernel};

use crate::sampling::{Origin, Sampling};
use crate::stream::StreamKey;
use crate::stream_lanes::StreamLanes;

/// One normal per block and lane, kept by fours: those of blocks b to b + 3, b a multiple of four. They are held while steps
/// walk through them; a jump to any block draws its four again.
#[derive(Clone, Debug)]
pub(crate) struct BlockNormals<const L: usize> {
    normals: [Lanes<L>; 4],
    /// The first of the blocks whose normals are held.
    first: Option<u32>,
    own: Component<L>,
    mix: Option<Box<Mix<L>>>,
}

impl<const L: usize> BlockNormals<L> {
    /// The normals of a draw of the component of `key`. Before a [`start`](Self::start), of paths that are all 0.
    pub(crate) fn new(key: StreamKey, draw: u32) -> Self {
        Self::from_component(Component::new(key, draw, None))
    }

    fn from_component(own: Component<L>) -> Self {
        Self { normals: [Lanes::ZERO; 4], first: None, own, mix: None }
    }

    /// The weighted sum of the normals that the same draw of these components gives, in this order, each sampled so. `key` is still
    /// whose [`streams`](Self::streams) these are.
    pub(crate) fn mixed(key: StreamKey, draw: u32, terms: &[(StreamKey, f64)], sampling: Option<&Sampling>) -> Self {
        if *terms == [(key, 1.0)] {
            return Self::from_component(Component::new(key, draw, sampling));
        }
        let terms = terms.iter().map(|&(key, weight)| (Component::new(key, draw, sampling), weight)).collect();
        Self { mix: Some(Box::new(Mix { terms, quad: [Lanes::ZERO; 4] })), ..Self::new(key, draw) }
    }

    pub(crate) fn start(&mut self, paths: [u32; L]) {
        self.own.start(paths);
        if let Some(mix) = &mut self.mix {
            mix.terms.iter_mut().for_each(|(component, _)| component.start(paths));
        }
        self.first = None;
    }

    /// The component's own streams.
    pub(crate) fn streams(&self) -> &StreamLanes<L> {
        &self.own.streams
    }

    /// The normals of a block.
    #[inline]
    pub(crate) fn of(&mut self, block: u32) -> &Lanes<L> {
        let first = block & !3;
        if self.first != Some(first) {
            self.draw(first);
            self.first = Some(first);
        }
        &self.normals[(block & 3) as usize]
    }

    /// The normal of a block in one lane, where lanes are at blocks of their own.
    pub(crate) fn of_lane(&self, lane: usize, block: u32) -> f64 {
        let which = (block & 3) as usize;
        match &self.mix {
            None => self.own.quad_of_lane(lane, block & !3)[which],
            Some(mix) => mix.of_lane(lane, block & !3)[which],
        }
    }

    fn draw(&mut self, first: u32) {
        match &mut self.mix {
            None => self.own.quad(first, &mut self.normals),
            Some(mix) => mix.quad(first, &mut self.normals),
        }
    }
}

/// One component's normals by the block: the four of its draw, unless they are sampled. The one place where they come into the world.
#[derive(Clone, Debug)]
struct Component<const L: usize> {
    streams: StreamLanes<L>,
    draw: u32,
    origin: Origin<L>,
}

impl<const L: usize> Component<L> {
    fn new(key: StreamKey, draw: u32, sampling: Option<&Sampling>) -> Self {
        let origin = sampling.map_or(Origin::Streams, |sampling| sampling.origin(key, draw));
        Self { streams: StreamLanes::new(key, [0; L]), draw, origin }
    }

    fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
        match &mut self.origin {
            Origin::Streams => {}
            Origin::Mirror(mirror) => mirror.start(paths),
            Origin::Bridge(bridge) => bridge.start(paths),
        }
    }

    /// Those of blocks `first` to `first` + 3, `first` a multiple of four.
    fn quad(&mut self, first: u32, z: &mut [Lanes<L>; 4]) {
        match &mut self.origin {
            Origin::Streams => self.streams.normal_quad(first, self.draw, z),
            Origin::Mirror(mirror) => mirror.quad(first, self.draw, z),
            Origin::Bridge(bridge) => bridge.quad(first, z),
        }
    }

    /// The same of one lane: the same bits.
    fn quad_of_lane(&self, lane: usize, first: u32) -> [f64; 4] {
        match &self.origin {
            Origin::Streams => self.streams.lane(lane, first).at_draw(self.draw).normal_quad(),
            Origin::Mirror(mirror) => mirror.quad_of_lane(lane, first, self.draw),
            Origin::Bridge(bridge) => bridge.quad_of_lane(lane, first),
        }
    }
}

/// A weighted sum of the normals of several components.
#[derive(Clone, Debug)]
struct Mix<const L: usize> {
    terms: Vec<(Component<L>, f64)>,
    /// Of one of the components.
    quad: [Lanes<L>; 4],
}

impl<const L: usize> Mix<L> {
    fn quad(&mut self, first: u32, z: &mut [Lanes<L>; 4]) {
        *z = [Lanes::ZERO; 4];
        for (component, weight) in &mut self.terms {
            component.quad(first, &mut self.quad);
            add(&self.quad, *weight, z);
        }
    }

    fn of_lane(&self, lane: usize, first: u32) -> [f64; 4] {
        let mut z = [0.0; 4];
        for (component, weight) in &self.terms {
            let quad = component.quad_of_lane(lane, first);
            for (z, normal) in z.iter_mut().zip(quad) {
                *z += weight * normal;
            }
        }
        z
    }
}

kernel! {
    fn add<const L: usize>(quad: &[Lanes<L>; 4], weight: f64, z: &mut [Lanes<L>; 4]) {
        for (z, normals) in z.iter_mut().zip(quad) {
            for l in 0..L {
                z[l] += weight * normals[l];
            }
        }
    }
}
