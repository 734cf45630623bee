//! Files that are either whole or not there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::StudyResult;
use crate::error::StudyError;

/// A file of which nobody ever sees half: it is written into a temporary file in the same folder, which takes the name
/// when all is written and is gone when it is dropped before.
///
/// A name that exists and is no regular file (a pipe, `/dev/null`) cannot be replaced like that and is written directly.
///
/// ```
/// use std::io::Write;
/// use cenote_study::AtomicFile;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("numbers.txt");
/// let mut file = AtomicFile::create(&path)?;
/// writeln!(file, "1 2 3")?;
/// assert!(!path.exists());
/// file.commit()?;
/// assert!(path.exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    file: BufWriter<Target>,
}

#[derive(Debug)]
enum Target {
    Temporary { file: NamedTempFile, name: PathBuf },
    Direct(File),
}

impl AtomicFile {
    /// Begin a file of this name.
    ///
    /// # Errors
    /// [`StudyError::Write`]
    pub fn create(path: &Path) -> Result<Self, StudyError> {
        let file = Target::open(path).map_err(failed(path))?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file) })
    }

    /// That a file of this name could be made now. For before a long run: it leaves no trace.
    ///
    /// # Errors
    /// [`StudyError::Write`]
    pub fn check(path: &Path) -> Result<(), StudyError> {
        // Whoever reads a pipe would take opening and closing it for its end.
        if is_special(path) { Ok(()) } else { Self::create(path).map(drop) }
    }

    /// All is written: let the file take its name. An older file of that name is replaced.
    ///
    /// # Errors
    /// [`StudyError::Write`]; an older file of that name is then untouched.
    pub fn commit(self) -> Result<(), StudyError> {
        let finish = || match self.file.into_inner().map_err(io::IntoInnerError::into_error)? {
            Target::Temporary { file, name } => {
                file.as_file().sync_all()?;
                file.persist(name).map(drop).map_err(|error| error.error)
            }
            Target::Direct(mut file) => file.flush(),
        };
        finish().map_err(failed(&self.path))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Target {
    fn open(path: &Path) -> io::Result<Self> {
        if is_special(path) {
            return OpenOptions::new().write(true).open(path).map(Self::Direct);
        }
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // Behind a link stands the file that is meant.
        let name = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".cenote-");
        // Temporary files are private by default; a result is like any other file that its owner makes.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        // The message of the builder itself would name the temporary file, which nobody has heard of.
        let file = builder.tempfile_in(folder).map_err(|error| match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::from(error.kind()),
        })?;
        Ok(Self::Temporary { file, name })
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Temporary { file, .. } => file.as_file_mut().write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Temporary { file, .. } => file.as_file_mut().flush(),
            Self::Direct(file) => file.flush(),
        }
    }
}

/// Whether something is there that is neither a file nor a folder.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir())
}

fn failed(path: &Path) -> impl Fn(io::Error) -> StudyError {
    move |source| StudyError::Write { path: path.to_owned(), source }
}

/// Write a file so that nobody ever sees half of it: see [`AtomicFile`].
///
/// # Errors
/// [`StudyError::Write`]; an older file of that name is then untouched.
pub fn write_atomically(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), StudyError> {
    let mut file = AtomicFile::create(path)?;
    write(&mut file).map_err(failed(path))?;
    file.commit()
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
    pub fn csv(&self, file: &mut dyn Write) -> io::Result<()> {
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
