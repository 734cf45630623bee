//! Where results go: standard output, or a file that is whole or not there.

use std::convert::Infallible;
use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};

use cenote_study::{AtomicFile, StudyError};

/// Standard output (`-`) or a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    Stdout,
    File(PathBuf),
}

impl FromStr for Output {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text == "-" { Self::Stdout } else { Self::File(PathBuf::from(text)) })
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("-"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl Output {
    /// That it can be written, before hours are spent on what goes there.
    pub(crate) fn check(&self) -> Result<(), StudyError> {
        match self {
            Self::Stdout => Ok(()),
            Self::File(path) => AtomicFile::check(path),
        }
    }

    /// Write all of it, or nothing when the run is interrupted.
    pub(crate) fn write(&self, interrupt: &AtomicBool, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
        let written = match self {
            Self::Stdout => print(|stdout| write(&mut Interruptible { writer: stdout, interrupt })),
            Self::File(path) => cenote_study::write_atomically(path, |file| write(&mut Interruptible { writer: file, interrupt }))
                .map_err(Into::into),
        };
        if written.is_err() && interrupt.load(Ordering::Relaxed) { Err(StudyError::Interrupted.into()) } else { written }
    }
}

/// Fails once the flag is set.
struct Interruptible<'a> {
    writer: &'a mut dyn Write,
    interrupt: &'a AtomicBool,
}

impl Write for Interruptible<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Not `Interrupted`: a writer would try again.
        if self.interrupt.load(Ordering::Relaxed) { Err(io::Error::other("interrupted")) } else { self.writer.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Write to standard output. Unlike `println!` this does not panic when nobody reads on: the error says so.
pub(crate) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    write(&mut stdout)?;
    stdout.flush()?;
    Ok(())
}

/// Write a line to standard error. Where that is closed there is nobody to tell.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
