//! Material that lives outside this repository: studies that must run unchanged, real prices, cases of the theory.

use std::path::{Path, PathBuf};

/// The variable that names the folder.
pub const VARIABLE: &str = "CENOTE_SHARED";

/// The folder that `CENOTE_SHARED` names, or `None` where it is not set: then a test says what it left out and passes.
///
/// # Panics
/// It is set and is no folder: then nothing may be left out in silence.
pub fn shared() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os(VARIABLE)?);
    assert!(folder.is_dir(), "{VARIABLE} is {}, which is no folder: unset it or correct it", folder.display());
    Some(folder)
}

/// The folder, or a note on the test's output that `what` was left out.
///
/// # Panics
/// As [`shared`].
pub fn shared_or_leave_out(what: &str) -> Option<PathBuf> {
    let folder = shared();
    if folder.is_none() {
        println!("left out: {what} ({VARIABLE} is not set)");
    }
    folder
}

/// The one file in `folder` whose name starts with `prefix`.
///
/// # Panics
/// There is none, or more than one.
pub fn only_file(folder: &Path, prefix: &str) -> PathBuf {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
    let found: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).filter(named).collect();
    match &*found {
        [file] => file.clone(),
        _ => panic!("{} should hold one file named {prefix}*, and holds {}", folder.display(), found.len()),
    }
}

/// A file that has to be there.
///
/// # Panics
/// It is not.
pub fn needed(folder: &Path, name: &str) -> PathBuf {
    let file = folder.join(name);
    assert!(file.is_file(), "{} is missing", file.display());
    file
}
