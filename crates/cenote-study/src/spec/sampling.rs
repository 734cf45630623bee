//! How paths are sampled: `sampling` in `[study]`.

use std::sync::Arc;

use cenote_paths::{DiffusionClock, PriceModel, Sampling};
use cenote_units::Symbol;
use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::{StudySpec, price_stream};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key, Kind};
use crate::stats::Grouping;

/// How paths are sampled, so that means are known better than from as many independent paths. See [`Sampling`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SamplingSpec {
    /// `"independent"`: every path by itself.
    #[default]
    Independent,
    /// `"antithetic"`: the diffusion normals of path 2k + 1 are those of path 2k with the other sign.
    Antithetic,
    /// `"stratified"` or `{ method = "stratified", sets = 16 }`: the sums of the diffusion normals over all blocks are stratified.
    Stratified {
        /// Independent sets of paths, whose means tell the standard error.
        sets: u32,
    },
    /// `"sobol"` or `{ method = "sobol", sets = 16, nodes = 256 }`: the diffusion normals are a Brownian bridge between the points of a
    /// scrambled Sobol sequence.
    Sobol {
        /// Independent sets of paths, each with a scrambling of its own, whose means tell the standard error.
        sets: u32,
        /// Sums of normals that come from the sequence, for each token; a power of two.
        nodes: u32,
    },
}

const METHOD: Key = Key::new("method", "\"sobol\"");
const SETS: Key = Key::new("sets", "16");
const NODES: Key = Key::new("nodes", "256");

const METHODS: &[Kind<SamplingSpec>] = &[
    Kind { name: "independent", keys: &[], read: |_| Ok(SamplingSpec::Independent) },
    Kind { name: "antithetic", keys: &[], read: |_| Ok(SamplingSpec::Antithetic) },
    Kind { name: "stratified", keys: &[SETS], read: |fields| Ok(SamplingSpec::Stratified { sets: sets(fields)? }) },
    Kind {
        name: "sobol",
        keys: &[SETS, NODES],
        read: |fields| Ok(SamplingSpec::Sobol { sets: sets(fields)?, nodes: fields.or("nodes", SamplingSpec::DEFAULT_NODES)? }),
    },
];

fn sets(fields: &Fields<'_>) -> Checked<u32> {
    fields.or("sets", SamplingSpec::DEFAULT_SETS)
}

impl SamplingSpec {
    /// Sets of a study that does not say how many.
    pub const DEFAULT_SETS: u32 = 16;
    /// Nodes of a study that does not say how many.
    pub const DEFAULT_NODES: u32 = 256;
    /// Most nodes there are.
    pub const MOST_NODES: u32 = 4096;

    /// Antithetic pairs.
    pub const fn antithetic() -> Self {
        Self::Antithetic
    }

    /// Stratified sets, as many as usual.
    pub const fn stratified() -> Self {
        Self::Stratified { sets: Self::DEFAULT_SETS }
    }

    /// Scrambled Sobol sequences, as many and of as many nodes as usual.
    pub const fn sobol() -> Self {
        Self::Sobol { sets: Self::DEFAULT_SETS, nodes: Self::DEFAULT_NODES }
    }

    /// The word for it in a study file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Antithetic => "antithetic",
            Self::Stratified { .. } => "stratified",
            Self::Sobol { .. } => "sobol",
        }
    }

    /// Which paths are independent of one another.
    pub fn grouping(self) -> Grouping {
        let sets = |sets| Grouping::Sets(usize::try_from(sets).unwrap_or(usize::MAX));
        match self {
            Self::Independent => Grouping::Independent,
            Self::Antithetic => Grouping::Pairs,
            Self::Stratified { sets: count } | Self::Sobol { sets: count, .. } => sets(count),
        }
    }

    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        if item.is_table() {
            let table = item.table()?;
            let kind = table.kind(METHOD, "method", METHODS)?;
            return (kind.read)(&table.fields(&[&[METHOD], kind.keys])?);
        }
        let words = [Self::Independent, Self::Antithetic, Self::stratified(), Self::sobol()];
        item.word("method", &words, |method| method.name()).copied()
    }
}

/// What has no keys of its own is a word.
impl Serialize for SamplingSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (sets, nodes) = match *self {
            Self::Independent | Self::Antithetic => return serializer.serialize_str(self.name()),
            Self::Stratified { sets } => (sets, None),
            Self::Sobol { sets, nodes } => (sets, Some(nodes)),
        };
        let mut table = serializer.serialize_struct("sampling", if nodes.is_some() { 3 } else { 2 })?;
        table.serialize_field("method", self.name())?;
        table.serialize_field("sets", &sets)?;
        match nodes {
            Some(nodes) => table.serialize_field("nodes", &nodes)?,
            None => table.skip_field("nodes")?,
        }
        table.end()
    }
}

impl StudySpec {
    /// That the paths are whole groups, and that there are enough of them for a standard error.
    pub(super) fn check_sampling(&self) -> Checked<()> {
        let study = KeyPath::root().key("study");
        let paths = |why: String, expected: String, example: u64| {
            Problem::new(study.key("paths"), why)
                .with_found(self.paths.to_string())
                .with_expected(expected)
                .with_example(format!("paths = {}", example.clamp(2, u64::from(u32::MAX))))
        };
        let even = u64::from(self.paths).next_multiple_of(2);
        let at = study.key("sampling");
        match self.sampling {
            SamplingSpec::Antithetic if !self.paths.is_multiple_of(2) => {
                Err(paths("antithetic paths come in pairs".to_owned(), "an even number of paths".to_owned(), even))
            }
            SamplingSpec::Independent | SamplingSpec::Antithetic => Ok(()),
            SamplingSpec::Stratified { sets } | SamplingSpec::Sobol { sets, .. } => {
                if sets < 2 {
                    return Err(Problem::new(at.key("sets"), "the standard error comes from how much sets of paths differ")
                        .with_found(sets.to_string())
                        .with_expected("at least 2 sets; 16 make the standard error itself good to a fifth")
                        .with_example("sets = 16"));
                }
                if !self.paths.is_multiple_of(sets) {
                    let example = u64::from(self.paths).next_multiple_of(u64::from(sets));
                    return Err(paths(
                        format!("{} paths are no {sets} sets of equal size", self.paths),
                        format!("a multiple of {sets}"),
                        example,
                    ));
                }
                match self.sampling {
                    SamplingSpec::Sobol { nodes, .. } if !nodes.is_power_of_two() || nodes > SamplingSpec::MOST_NODES => {
                        Err(Problem::new(at.key("nodes"), "nodes halve the blocks again and again")
                            .with_found(nodes.to_string())
                            .with_expected(format!("a power of two from 1 to {}", SamplingSpec::MOST_NODES))
                            .with_example("nodes = 256"))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    /// The plan of the sampling, for these prices.
    pub(crate) fn plan_sampling(&self, prices: &[(Symbol, Arc<dyn PriceModel>)]) -> Checked<Option<Sampling>> {
        if self.sampling == SamplingSpec::Independent {
            return Ok(None);
        }
        let at = KeyPath::root().key("study").key("sampling");
        // Bridges are over blocks: normals of other intervals are left to the streams.
        let bridged = |clock| matches!(clock, DiffusionClock::Blocks);
        let mirrored = |clock| matches!(clock, DiffusionClock::Blocks | DiffusionClock::Intervals(_));
        let taking_part = |takes: fn(DiffusionClock) -> bool| -> Vec<String> {
            let diffusing = prices.iter().filter(|(_, model)| model.diffusion().is_some_and(takes));
            diffusing.map(|(symbol, _)| price_stream(symbol)).collect()
        };
        let components = taking_part(if self.sampling == SamplingSpec::Antithetic { mirrored } else { bridged });
        if components.is_empty() {
            return Err(Problem::new(at, format!("no price has a diffusion that {} paths could be made of", self.sampling.name()))
                .with_found(self.sampling.name())
                .with_expected(match self.sampling {
                    SamplingSpec::Antithetic => "a token whose price is no constant, history, bootstrap or process of one's own",
                    _ => "a token whose price is no constant, history, bootstrap, garch or process of one's own",
                })
                .with_example("sampling = \"independent\""));
        }
        let components: Vec<&str> = components.iter().map(String::as_str).collect();
        let blocks = self.bridged_blocks();
        match self.sampling {
            SamplingSpec::Independent => return Ok(None),
            SamplingSpec::Antithetic => Ok(Sampling::antithetic()),
            SamplingSpec::Stratified { sets } => Sampling::stratified(&components, blocks, sets, self.paths / sets),
            SamplingSpec::Sobol { sets, nodes } => Sampling::sobol(&components, blocks, sets, nodes),
        }
        .map(Some)
        .map_err(|error| Problem::new(at, error.to_string()).with_example("nodes = 64").with_cause(error))
    }

    /// Moves of prices over the horizon: one for each block, or for as many as are expected, and the last one to the horizon.
    fn bridged_blocks(&self) -> u32 {
        let interval = self.chains.first().map_or(1, |chain| chain.block_time.mean().as_nanos().max(1));
        u32::try_from(self.horizon.as_nanos().div_ceil(interval)).unwrap_or(u32::MAX)
    }
}
