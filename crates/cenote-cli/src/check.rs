//! `cenote check`: is this a study, and what does it say in full?

use cenote_sim::World;
use cenote_study::{PoolLane, StudyError};

use crate::args::{CheckArgs, load};
use crate::output::print;

pub(crate) fn check(args: &CheckArgs) -> anyhow::Result<()> {
    let study = load(&args.study, &args.overrides)?;
    // What only shows when the world is built, shows now.
    for lane in [PoolLane::Fast, PoolLane::Exact] {
        World::<1>::new(&study.scenario(lane, false)?, study.spec().seed).map_err(StudyError::from)?;
    }
    let toml = study.to_toml()?;
    print(|stdout| stdout.write_all(toml.as_bytes()))
}
