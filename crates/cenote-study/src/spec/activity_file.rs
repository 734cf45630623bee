//! A file of recorded pool activity.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use cenote_paths::history::PoolActivity;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};

/// The activity in a CSV file; a relative path starts from the folder of the study file. `path` is of the table whose key `file` it is.
pub(crate) fn load_activity(file: &str, folder: &Path, path: &KeyPath) -> Checked<PoolActivity> {
    let full = folder.join(file);
    let opened = File::open(&full).map_err(|error| {
        Problem::new(path.key("file"), format!("cannot read {}: {error}", full.display()))
            .with_found(format!("{file:?}"))
            .with_expected("a CSV file of a pool's activity; a relative path starts from the folder of the study file")
            .with_example("file = \"activity.csv\"")
            .with_cause(error)
    })?;
    PoolActivity::read_csv(BufReader::new(opened)).map_err(|error| {
        Problem::new(path.key("file"), format!("{}: {error}", full.display()))
            .with_found(format!("{file:?}"))
            .with_expected("columns of time, amounts paid in, ticks and liquidity, a row for each interval")
            .with_example("timestamp,inAmount0,inAmount1,openTick,closeTick,currentLiquidity")
            .with_cause(error)
    })
}
