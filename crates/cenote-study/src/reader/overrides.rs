//! Overrides: `--set key.path=value`.
//!
//! Segments of the path are separated by dots; one with a dot in it goes in quotes. Tables are entered by key, arrays by
//! index (`agents.1` or `agents[1]`) or by the name of the element. What the path does not find in the file is added
//! to it, and then has to please the same checks as everything else.

use std::sync::Arc;

use super::document::{Document, Entry, Node, Origin, Value};
use super::nearest::{listed, suggestion};
use crate::error::StudyError;
use crate::key_path::KeyPath;
use crate::names::{default_name, resolved_names};
use crate::problem::{Checked, Place, Problem};

const EXAMPLE: &str = "--set pools.main.fee=5bp";

impl Document {
    /// Apply one override, `key.path=value`. The value is TOML where it can be read as such, a plain string otherwise.
    ///
    /// # Errors
    /// [`StudyError::Invalid`] when it is no assignment, or its path leads through something that is no table or
    /// names an element which an array does not have.
    pub(crate) fn set(&mut self, assignment: &str) -> Result<(), StudyError> {
        let place = || Place::Override(assignment.to_owned());
        self.assign(assignment).map_err(|problem| StudyError::Invalid(problem.or_example(|| EXAMPLE.to_owned()).at(place())))
    }

    fn assign(&mut self, assignment: &str) -> Checked<()> {
        let malformed =
            |message: &str| Problem::new(KeyPath::root(), message).with_found(assignment).with_expected("key.path=value");
        let (path, value) = split_assignment(assignment).ok_or_else(|| malformed("an override without `=` sets nothing"))?;
        let segments = split_path(path).ok_or_else(|| malformed("an override whose path cannot be read"))?;
        let origin: Arc<str> = Arc::from(assignment);
        let value = Node::from_override(value.trim(), &origin);
        let mut node = &mut self.root;
        let mut at = KeyPath::root();
        for segment in &segments {
            node = step(node, &mut at, segment, &origin)?;
        }
        *node = value;
        Ok(())
    }
}

/// Enter one segment, adding it to a table which does not have it.
fn step<'n>(node: &'n mut Node, at: &mut KeyPath, segment: &str, origin: &Arc<str>) -> Checked<&'n mut Node> {
    let found = node.found();
    match &mut node.value {
        Value::Table(entries) => {
            *at = at.key(segment);
            let position = entries.iter().position(|entry| entry.key == segment).unwrap_or_else(|| {
                let siblings = entries.iter().map(|entry| entry.key.as_str());
                let mut table = Node::empty_table(Origin::Override(Arc::clone(origin)));
                table.hint = suggestion(segment, siblings).map(|help| format!("the file has no `{at}`; {help}"));
                let key_origin = Origin::Override(Arc::clone(origin));
                entries.push(Entry { key: segment.to_owned(), key_origin, node: table });
                entries.len() - 1
            });
            Ok(&mut entries[position].node)
        }
        Value::Array(elements) => {
            let names = element_names(elements);
            let index = segment.parse().ok().or_else(|| names.iter().position(|name| name == segment));
            let position = index.filter(|index| *index < elements.len()).ok_or_else(|| {
                let indices = match elements.len() {
                    0 => "no index: it is empty".to_owned(),
                    n => format!("an index from 0 to {}", n - 1),
                };
                let problem = Problem::new(at.key(segment), format!("`{at}` has no element `{segment}`"))
                    .with_found(segment)
                    .with_expected(if names.is_empty() {
                        indices
                    } else {
                        format!("{indices}, or {}", listed(names.iter().map(String::as_str)))
                    });
                match suggestion(segment, names.iter().map(String::as_str)) {
                    Some(help) => problem.with_help(help),
                    None => problem,
                }
            })?;
            *at = at.index(position);
            Ok(&mut elements[position])
        }
        _ => Err(Problem::new(at.key(segment), format!("`{at}` is no table, so it has no `{segment}`"))
            .with_found(found)
            .with_expected(format!("a path that ends at `{at}`"))),
    }
}

/// Names of the tables in an array: their `name`, or the one which an agent has without it.
fn element_names(elements: &[Node]) -> Vec<String> {
    let field = |node: &Node, key: &str| match &node.value {
        Value::Table(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| entry.node.clone()),
        _ => None,
    };
    let string = |node: &Node| match &node.value {
        Value::String(string) => Some(string.clone()),
        _ => None,
    };
    let described: Option<Vec<(Option<String>, String)>> = elements
        .iter()
        .map(|element| {
            let name = field(element, "name").and_then(|node| string(&node));
            let kind = field(element, "kind").and_then(|node| string(&node)).unwrap_or_default();
            let pools = match field(element, "pools").map(|node| node.value) {
                Some(Value::Array(pools)) => pools.iter().filter_map(string).collect(),
                _ => Vec::new(),
            };
            matches!(element.value, Value::Table(_)).then(|| (name, default_name(&kind, &pools)))
        })
        .collect();
    let described = described.unwrap_or_default();
    resolved_names(described.iter().map(|(name, default)| (name.as_deref(), default.clone())))
}

/// Path and value: the text on either side of the first `=` that is not in quotes.
fn split_assignment(assignment: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (i, c) in assignment.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '=') => return Some((&assignment[..i], &assignment[i + 1..])),
            _ => {}
        }
    }
    None
}

/// The segments of `a.b[1]."c.d"`; nothing when a segment is empty or a quote is left open.
fn split_path(path: &str) -> Option<Vec<String>> {
    let mut segments = Vec::new();
    let mut rest = path.trim();
    loop {
        let (segment, tail) = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest[1..].split_once(quote)?,
            _ => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        if segment.trim().is_empty() {
            return None;
        }
        segments.push(segment.trim().to_owned());
        let mut tail = tail.trim_start();
        while let Some(bracket) = tail.strip_prefix('[') {
            let (index, after) = bracket.split_once(']')?;
            segments.push(index.trim().parse::<usize>().ok()?.to_string());
            tail = after.trim_start();
        }
        match tail.strip_prefix('.') {
            Some(next) => rest = next.trim_start(),
            None if tail.is_empty() => return Some(segments),
            None => return None,
        }
    }
}
