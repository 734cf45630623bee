//! The typed walk over a document: tables with known keys, fields of known types.

use super::document::{Entry, Node, Value};
use super::nearest::{listed, suggestion};
use super::values::Read;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};

/// A key that a table may have, with a value that would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    name: &'static str,
    example: &'static str,
}

impl Key {
    /// `example` is the value in TOML's spelling.
    pub(crate) const fn new(name: &'static str, example: &'static str) -> Self {
        Self { name, example }
    }

    fn line(self) -> String {
        format!("{} = {}", self.name, self.example)
    }
}

/// One of the things that a table can describe: the word which selects it, its own keys, and how they are read.
#[derive(Debug)]
pub(crate) struct Kind<T> {
    /// The word, `"uniswap-v2"`.
    pub(crate) name: &'static str,
    /// Keys besides those which all kinds have.
    pub(crate) keys: &'static [Key],
    /// Read its keys.
    pub(crate) read: fn(&Fields<'_>) -> Checked<T>,
}

/// A way to read an item.
type Reader<'r, 'a, T> = &'r dyn Fn(&Item<'a>) -> Checked<T>;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Item<'a> {
    path: KeyPath,
    node: &'a Node,
}

impl<'a> Item<'a> {
    pub(super) fn new(path: KeyPath, node: &'a Node) -> Self {
        Self { path, node }
    }

    pub(crate) fn path(&self) -> &KeyPath {
        &self.path
    }

    pub(super) fn value(&self) -> &'a Value {
        &self.node.value
    }

    /// The text of a scalar as it was written.
    pub(super) fn text(&self) -> &'a str {
        &self.node.text
    }

    /// Whether this is a table.
    pub(crate) fn is_table(&self) -> bool {
        matches!(self.node.value, Value::Table(_))
    }

    /// The item as a table.
    pub(crate) fn table(&self) -> Checked<Table<'a>> {
        match &self.node.value {
            Value::Table(entries) => Ok(Table::new(self.path.clone(), self.node, entries)),
            _ => Err(self.unexpected("a table")),
        }
    }

    /// The elements of an array.
    pub(crate) fn elements(&self) -> Checked<Vec<Item<'a>>> {
        match &self.node.value {
            Value::Array(elements) => {
                Ok(elements.iter().enumerate().map(|(i, node)| Item::new(self.path.index(i), node)).collect())
            }
            _ => Err(self.unexpected("an array")),
        }
    }

    /// The item as a value of some type.
    pub(crate) fn read<T: Read>(&self) -> Checked<T> {
        T::read(self)
    }

    /// A problem with this value.
    pub(crate) fn problem(&self, message: impl Into<String>) -> Box<Problem> {
        Problem::new(self.path.clone(), message).with_found(self.node.found())
    }

    /// The problem that this is something else than it should be.
    pub(crate) fn unexpected(&self, expected: &str) -> Box<Problem> {
        self.problem(format!("expected {expected}, found {}", self.node.found())).with_expected(expected)
    }

    /// A word out of a list.
    pub(crate) fn word<'k, T>(&self, what: &str, words: &'k [T], name: impl Fn(&'k T) -> &'k str + Copy) -> Checked<&'k T> {
        let text: String = self.read()?;
        words.iter().find(|word| name(word) == text).ok_or_else(|| {
            let names = || words.iter().map(name);
            let problem = self.problem(format!("unknown {what} {text:?}")).with_expected(listed(names()));
            match suggestion(&text, names()) {
                Some(help) => problem.with_help(help),
                None => problem,
            }
        })
    }
}

/// A table and where it stands; its keys are not checked yet.
#[derive(Debug, Clone)]
pub(crate) struct Table<'a> {
    path: KeyPath,
    node: &'a Node,
    entries: &'a [Entry],
}

impl<'a> Table<'a> {
    pub(super) fn new(path: KeyPath, node: &'a Node, entries: &'a [Entry]) -> Self {
        Self { path, node, entries }
    }

    /// All entries, in the order of the file: for tables whose keys are names.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, Item<'a>)> + '_ {
        self.entries.iter().map(|entry| (entry.key.as_str(), Item::new(self.path.key(&entry.key), &entry.node)))
    }

    /// Open the table for reading: every key in it must be one of these.
    pub(crate) fn fields(&self, known: &[&[Key]]) -> Checked<Fields<'a>> {
        let known: Vec<Key> = known.concat();
        for entry in self.entries {
            if known.iter().any(|key| key.name == entry.key) {
                continue;
            }
            let names = || known.iter().map(|key| key.name);
            let mut problem = Problem::of_key(self.path.key(&entry.key), format!("unknown key `{}`", entry.key))
                .with_found(&entry.key)
                .with_expected(listed(names()));
            if let Some(help) = suggestion(&entry.key, names()) {
                problem = problem.with_help(help);
            }
            if let Some(nearest) = super::nearest_of(&entry.key, names())
                && let Some(key) = known.iter().find(|key| key.name == nearest)
            {
                problem = problem.with_example(key.line());
            }
            return Err(problem);
        }
        Ok(Fields { table: self.clone(), known })
    }

    /// Which kind of thing the table describes, by the word at `key`.
    pub(crate) fn kind<'k, T>(&self, key: Key, what: &str, kinds: &'k [Kind<T>]) -> Checked<&'k Kind<T>> {
        let item = self.get(key.name).ok_or_else(|| self.missing(key))?;
        item.word(what, kinds, |kind| kind.name).map_err(|problem| problem.or_example(|| key.line()))
    }

    pub(crate) fn get(&self, key: &str) -> Option<Item<'a>> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(Item::new(self.path.key(key), &entry.node))
    }

    fn missing(&self, key: Key) -> Box<Problem> {
        let mut problem = Problem::new(self.path.key(key.name), format!("missing key `{}`", key.name))
            .with_expected(format!("`{}` in this table", key.name))
            .with_example(key.line());
        if let Some(hint) = &self.node.hint {
            problem = problem.with_help(hint);
        }
        problem
    }
}

/// A table of which every key is known.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    table: Table<'a>,
    known: Vec<Key>,
}

impl<'a> Fields<'a> {
    /// Where the table stands.
    pub(crate) fn path(&self) -> &KeyPath {
        &self.table.path
    }

    /// Whether a field is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.table.get(name).is_some()
    }

    /// A field that has to be there.
    pub(crate) fn required<T: Read>(&self, name: &'static str) -> Checked<T> {
        self.with(name, &Item::read)
    }

    /// A field that may be left out.
    pub(crate) fn optional<T: Read>(&self, name: &'static str) -> Checked<Option<T>> {
        self.optional_with(name, &Item::read)
    }

    /// A field that may be left out, for which there is a default.
    pub(crate) fn or<T: Read>(&self, name: &'static str, default: T) -> Checked<T> {
        Ok(self.optional(name)?.unwrap_or(default))
    }

    /// A field that has to be there, read in a way of its own.
    pub(crate) fn with<T>(&self, name: &'static str, read: Reader<'_, 'a, T>) -> Checked<T> {
        self.optional_with(name, read)?.ok_or_else(|| self.table.missing(self.key(name)))
    }

    /// A field that may be left out, read in a way of its own.
    pub(crate) fn optional_with<T>(&self, name: &'static str, read: Reader<'_, 'a, T>) -> Checked<Option<T>> {
        let key = self.key(name);
        let Some(item) = self.table.get(name) else { return Ok(None) };
        read(&item).map(Some).map_err(|problem| problem.or_example(|| key.line()))
    }

    /// Exactly one of two fields.
    pub(crate) fn one_of<T>(
        &self,
        first: (&'static str, Reader<'_, 'a, T>),
        second: (&'static str, Reader<'_, 'a, T>),
    ) -> Checked<T> {
        match (self.optional_with(first.0, first.1)?, self.optional_with(second.0, second.1)?) {
            (Some(value), None) | (None, Some(value)) => Ok(value),
            (None, None) => Err(Problem::new(self.path().key(first.0), format!("missing key `{}` or `{}`", first.0, second.0))
                .with_expected("one of the two")
                .with_example(self.key(first.0).line())),
            (Some(_), Some(_)) => {
                Err(Problem::of_key(self.path().key(second.0), format!("`{}` and `{}` exclude each other", first.0, second.0))
                    .with_expected("one of the two")
                    .with_example(self.key(first.0).line()))
            }
        }
    }

    /// The declaration of a field. Reading a field that the table was not opened with is a slip in this crate, which
    /// its tests find: such a key could never be in a file.
    fn key(&self, name: &'static str) -> Key {
        let key = self.known.iter().find(|key| key.name == name);
        debug_assert!(key.is_some(), "`{name}` is read but not declared");
        key.copied().unwrap_or(Key::new(name, "..."))
    }
}
