//! `cenote new`: a commented study to start from.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use anyhow::{anyhow, bail};

use crate::args::NewArgs;
use crate::output::print;

/// The study that runs when none is named.
pub(crate) const BUILTIN: &str = include_str!("builtin.toml");

pub(crate) fn new(args: &NewArgs) -> anyhow::Result<()> {
    if args.name == "-" {
        return print(|stdout| stdout.write_all(BUILTIN.as_bytes()));
    }
    let mut path = PathBuf::from(&args.name);
    let Some(name) = path.file_name() else { bail!("{:?} is no name for a file: try `cenote new study`", args.name) };
    if path.extension() != Some(OsStr::new("toml")) {
        // Not `set_extension`: "pool-v1.2" keeps its ".2".
        let mut name = name.to_owned();
        name.push(".toml");
        path.set_file_name(name);
    }
    let shown = path.display();
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => anyhow!("{shown} is there already, and stays as it is: choose another name"),
        _ => anyhow!("cannot write {shown}: {error}"),
    })?;
    if let Err(error) = file.write_all(BUILTIN.as_bytes()) {
        drop(file);
        // Half a study is none.
        let _ = fs::remove_file(&path);
        bail!("cannot write {shown}: {error}");
    }
    print(|stdout| writeln!(stdout, "{shown} is written; run it with: cenote run {shown}"))
}
