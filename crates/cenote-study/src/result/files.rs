//! Files that are either whole or not there.

use std::io::{BufWriter, Write};
use std::path::Path;

use super::StudyResult;
use crate::error::StudyError;

/// Write a file so that nobody ever sees half of it: into a temporary file in the same folder, which takes the name when
/// all is written.
///
/// # Errors
/// [`StudyError::Write`]; an older file of that name is then untouched.
pub fn write_atomically(path: &Path, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<(), StudyError> {
    let attempt = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".cenote-");
        // Temporary files are private by default; a result is like any other file that its owner makes.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = BufWriter::new(builder.tempfile_in(folder)?);
        write(&mut file)?;
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    attempt().map_err(|source| StudyError::Write { path: path.to_owned(), source })
}

impl StudyResult {
    /// Write [`to_json`](Self::to_json), indented, with a newline at the end.
    ///
    /// # Errors
    /// [`StudyError::Write`]
    pub fn write_json(&self, path: &Path) -> Result<(), StudyError> {
        write_atomically(path, |file| {
            serde_json::to_writer_pretty(&mut *file, &self.to_json())?;
            writeln!(file)
        })
    }

    /// Write the columns as CSV: a header with `path` and `positions.NAME.METRIC`, `pools.NAME.METRIC`, then a line per
    /// path. Numbers read back to the same bits; what is not a number is an empty field.
    ///
    /// # Errors
    /// [`StudyError::Write`]
    pub fn write_csv(&self, path: &Path) -> Result<(), StudyError> {
        write_atomically(path, |file| self.csv(file))
    }

    /// The columns as CSV, into any writer.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn csv(&self, file: &mut dyn Write) -> std::io::Result<()> {
        write!(file, "path")?;
        for key in self.layout.keys() {
            write!(file, ",{}", quoted(&key.to_string()))?;
        }
        writeln!(file)?;
        for path in 0..self.raw.paths() {
            write!(file, "{path}")?;
            for metric in 0..self.raw.metrics() {
                match self.raw.value(path, metric) {
                    Some(x) if x.is_finite() => write!(file, ",{x:?}")?,
                    _ => write!(file, ",")?,
                }
            }
            writeln!(file)?;
        }
        Ok(())
    }
}

/// A field in quotes where CSV needs them (RFC 4180).
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.to_owned() }
}
