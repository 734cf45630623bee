//! One thing that is wrong with a study, told so that it can be mended.

use std::error::Error;
use std::fmt;

use crate::key_path::KeyPath;

/// What is wrong, where, what was expected instead, and an example of it.
///
/// Shown like a compiler's message:
///
/// ```
/// use cenote_study::Study;
/// let text = "schema = 1\n\n[study]\npaths = 1_000\nhorizon = 30\nnumeraire = \"USDC\"\n";
/// let error = Study::parse(text, "my.toml", &[]).unwrap_err();
/// assert_eq!(error.to_string(), r#""30" has no unit
///   --> my.toml:5:11
///    |
///  5 | horizon = 30
///    |           ^^
///    = key: study.horizon
///    = found: 30
///    = expected: a duration with its unit
///    = example: horizon = "365d""#);
/// ```
#[derive(Debug)]
pub struct Problem {
    message: String,
    path: KeyPath,
    about: About,
    place: Place,
    found: Option<String>,
    expected: Option<String>,
    example: Option<String>,
    help: Option<String>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// What every check of a study comes to.
pub(crate) type Checked<T> = Result<T, Box<Problem>>;

/// Which half of `key = value` is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Key,
    Value,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A study file.
    File {
        /// The file as it was named.
        file: String,
        /// Line, counted from 1.
        line: usize,
        /// Column in characters, counted from 1.
        column: usize,
        /// The whole line.
        text: String,
        /// How many characters of the line are meant.
        width: usize,
    },
    /// An override, `--set key.path=value`: its text behind the `--set`.
    Override(String),
    /// No file: the study was built by a program.
    Program,
}

impl Problem {
    /// Something wrong with the value at `path`.
    pub(crate) fn new(path: KeyPath, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            message: message.into(),
            path,
            about: About::Value,
            place: Place::Program,
            found: None,
            expected: None,
            example: None,
            help: None,
            cause: None,
        })
    }

    /// Something wrong with the key at the end of `path`, whatever its value.
    pub(crate) fn of_key(path: KeyPath, message: impl Into<String>) -> Box<Self> {
        let mut problem = Self::new(path, message);
        problem.about = About::Key;
        problem
    }

    pub(crate) fn with_found(mut self: Box<Self>, found: impl Into<String>) -> Box<Self> {
        self.found = Some(found.into());
        self
    }

    pub(crate) fn with_expected(mut self: Box<Self>, expected: impl Into<String>) -> Box<Self> {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn with_example(mut self: Box<Self>, example: impl Into<String>) -> Box<Self> {
        self.example = Some(example.into());
        self
    }

    /// An example, unless there is a better one already.
    pub(crate) fn or_example(mut self: Box<Self>, example: impl FnOnce() -> String) -> Box<Self> {
        self.example.get_or_insert_with(example);
        self
    }

    pub(crate) fn with_help(mut self: Box<Self>, help: impl Into<String>) -> Box<Self> {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn with_cause(mut self: Box<Self>, cause: impl Error + Send + Sync + 'static) -> Box<Self> {
        self.cause = Some(Box::new(cause));
        self
    }

    pub(crate) fn at(mut self: Box<Self>, place: Place) -> Box<Self> {
        self.place = place;
        self
    }

    /// The key at the end of the path is at fault, not its value.
    pub(crate) fn with_key_at_fault(mut self: Box<Self>) -> Box<Self> {
        self.about = About::Key;
        self
    }

    pub(crate) fn about(&self) -> About {
        self.about
    }

    /// What is wrong, in a line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Which value of the study is meant.
    pub fn path(&self) -> &KeyPath {
        &self.path
    }

    /// Where it was written.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Name of the study file, if it came from one.
    pub fn file(&self) -> Option<&str> {
        match &self.place {
            Place::File { file, .. } => Some(file),
            _ => None,
        }
    }

    /// Line in the file, counted from 1.
    pub fn line(&self) -> Option<usize> {
        match self.place {
            Place::File { line, .. } => Some(line),
            _ => None,
        }
    }

    /// Column in the line, in characters, counted from 1.
    pub fn column(&self) -> Option<usize> {
        match self.place {
            Place::File { column, .. } => Some(column),
            _ => None,
        }
    }

    /// The offending text.
    pub fn found(&self) -> Option<&str> {
        self.found.as_deref()
    }

    /// What should stand there.
    pub fn expected(&self) -> Option<&str> {
        self.expected.as_deref()
    }

    /// A line which would do.
    pub fn example(&self) -> Option<&str> {
        self.example.as_deref()
    }

    /// A hint: the nearest known name, say.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let margin = match &self.place {
            Place::File { line, .. } => line.to_string().len().max(2),
            _ => 2,
        };
        match &self.place {
            Place::File { file, line, column, text, width } => {
                // Tabs stay tabs, so that the caret stands below what it points at.
                let before: String = text.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
                let carets = "^".repeat((*width).max(1));
                write!(f, "\n{:margin$}--> {file}:{line}:{column}", "")?;
                write!(f, "\n{:margin$} |", "")?;
                write!(f, "\n{line:>margin$} | {text}")?;
                write!(f, "\n{:margin$} | {before}{carets}", "")?;
            }
            Place::Override(text) => write!(f, "\n{:margin$}--> --set {text}", "")?,
            Place::Program => {}
        }
        let path = (!self.path.segments().is_empty()).then(|| self.path.to_string());
        let notes = [
            ("key", path.as_deref()),
            ("found", self.found()),
            ("expected", self.expected()),
            ("example", self.example()),
            ("help", self.help()),
        ];
        for (name, note) in notes {
            if let Some(note) = note {
                write!(f, "\n{:margin$} = {name}: {note}", "")?;
            }
        }
        Ok(())
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause.as_ref() as &(dyn Error + 'static))
    }
}
