//! A TOML document in which every node knows where it was written.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::source::Source;
use super::walk::Table;
use crate::error::StudyError;
use crate::key_path::{KeyPath, Segment};
use crate::problem::{About, Place, Problem};

/// A study file, with its overrides applied.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    source: Source,
    pub(super) root: Node,
}

/// A value and its origin.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(super) value: Value,
    pub(super) origin: Origin,
    /// The text of a scalar as it was written.
    pub(super) text: String,
    /// For a table that an override had to add: what may have been meant instead.
    pub(super) hint: Option<String>,
}

/// Who wrote a key or a value.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// The file, at these bytes.
    File(Range<usize>),
    /// An override: the text behind `--set`.
    Override(Arc<str>),
}

/// A TOML value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    String(String),
    Integer(i128),
    Float(f64),
    Boolean(bool),
    Datetime,
    Array(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_origin: Origin,
    pub(super) node: Node,
}

impl Document {
    /// Parse the text of a study file; `name` is what errors call the file.
    ///
    /// # Errors
    /// [`StudyError::Invalid`] where the text is not TOML.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, StudyError> {
        let source = Source::new(name, text);
        let root = match DeTable::parse(text) {
            Ok(table) => table_node(table.span(), table.into_inner(), &|span| Origin::File(span), text),
            Err(error) => {
                let place = source.place(error.span().unwrap_or(0..0));
                let problem = Problem::new(KeyPath::root(), format!("not TOML: {}", error.message()))
                    .with_example("key = \"value\"")
                    .at(place);
                return Err(problem.into());
            }
        };
        Ok(Self { source, root })
    }

    /// The outermost table.
    pub(crate) fn table(&self) -> Table<'_> {
        match &self.root.value {
            Value::Table(entries) => Table::new(KeyPath::root(), &self.root, entries),
            _ => Table::new(KeyPath::root(), &self.root, &[]),
        }
    }

    /// Say where in the file (or in which override) the subject of a problem was written. For what is missing that is
    /// the table which misses it.
    pub(crate) fn locate(&self, problem: Box<Problem>) -> Box<Problem> {
        if *problem.place() != Place::Program {
            return problem;
        }
        let segments = problem.path().segments();
        let (mut node, mut origin) = (&self.root, &self.root.origin);
        for (depth, segment) in segments.iter().enumerate() {
            let last = depth + 1 == segments.len();
            match (&node.value, segment) {
                (Value::Table(entries), Segment::Key(key)) => {
                    let Some(entry) = entries.iter().find(|entry| entry.key == *key).or_else(|| list_of_one(entries, key)) else {
                        break;
                    };
                    node = &entry.node;
                    origin = if last && problem.about() == About::Key { &entry.key_origin } else { &node.origin };
                }
                (Value::Array(elements), Segment::Index(index)) => {
                    let Some(element) = elements.get(*index) else { break };
                    node = element;
                    origin = &node.origin;
                }
                _ => break,
            }
        }
        let place = match origin {
            Origin::File(span) => self.source.place(span.clone()),
            Origin::Override(text) => Place::Override(text.to_string()),
        };
        problem.at(place)
    }
}

impl Node {
    /// A value in TOML's spelling, or any other text as a string.
    pub(super) fn from_override(text: &str, origin: &Arc<str>) -> Self {
        let place = |_: Range<usize>| Origin::Override(Arc::clone(origin));
        match DeValue::parse(text) {
            Ok(value) => value_node(value, &place, text),
            Err(_) => Self {
                value: Value::String(text.to_owned()),
                origin: Origin::Override(Arc::clone(origin)),
                text: format!("{text:?}"),
                hint: None,
            },
        }
    }

    pub(super) fn empty_table(origin: Origin) -> Self {
        Self { value: Value::Table(Vec::new()), origin, text: String::new(), hint: None }
    }

    /// What this is, for a message about something else being expected.
    pub(super) fn found(&self) -> String {
        match &self.value {
            Value::Array(_) => "an array".to_owned(),
            Value::Table(_) => "a table".to_owned(),
            _ => self.text.clone(),
        }
    }
}

/// `rewards = ["CAKE"]`, where `reward = "CAKE"` would do.
fn list_of_one<'a>(entries: &'a [Entry], key: &str) -> Option<&'a Entry> {
    let plural = entries.iter().find(|entry| entry.key.strip_suffix('s') == Some(key))?;
    matches!(&plural.node.value, Value::Array(elements) if elements.len() == 1).then_some(plural)
}

fn value_node(value: Spanned<DeValue<'_>>, origin: &dyn Fn(Range<usize>) -> Origin, source: &str) -> Node {
    let span = value.span();
    let text = source.get(span.clone()).unwrap_or_default().trim().to_owned();
    let digits = |text: &str| text.replace('_', "");
    let value = match value.into_inner() {
        DeValue::Table(table) => return table_node(span, table, origin, source),
        DeValue::String(string) => Value::String(string.into_owned()),
        DeValue::Boolean(boolean) => Value::Boolean(boolean),
        DeValue::Datetime(_) => Value::Datetime,
        DeValue::Array(array) => Value::Array(array.into_iter().map(|element| value_node(element, origin, source)).collect()),
        // An integer too long for 128 bits is a number all the same; as a float it is no count, which is what to say.
        DeValue::Integer(integer) => match i128::from_str_radix(&digits(integer.as_str()), integer.radix()) {
            Ok(integer) => Value::Integer(integer),
            Err(_) => Value::Float(digits(integer.as_str()).parse().unwrap_or(f64::NAN)),
        },
        DeValue::Float(float) => Value::Float(digits(float.as_str()).parse().unwrap_or(f64::NAN)),
    };
    Node { value, origin: origin(span), text, hint: None }
}

fn table_node(span: Range<usize>, table: DeTable<'_>, origin: &dyn Fn(Range<usize>) -> Origin, source: &str) -> Node {
    let entries = table
        .into_iter()
        .map(|(key, value)| Entry {
            key_origin: origin(key.span()),
            key: key.into_inner().into_owned(),
            node: value_node(value, origin, source),
        })
        .collect();
    Node { value: Value::Table(entries), origin: origin(span), text: String::new(), hint: None }
}
