//! The text of a study file, by line and column.

use std::ops::Range;

use crate::problem::Place;

/// A named text.
#[derive(Debug, Clone)]
pub(super) struct Source {
    name: String,
    text: String,
}

impl Source {
    pub(super) fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// Where a range of bytes stands. What reaches over the end of the line is cut there.
    pub(super) fn place(&self, span: Range<usize>) -> Place {
        let start = self.boundary(span.start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_text = self.text[line_start..].lines().next().unwrap_or("");
        let line_end = line_start + line_text.len();
        let end = self.boundary(span.end).clamp(start, line_end.max(start));
        Place::File {
            file: self.name.clone(),
            line: self.text[..line_start].matches('\n').count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            text: line_text.to_owned(),
            width: self.text[start..end].chars().count().max(1),
        }
    }

    /// The nearest place at or before `index` where a character begins.
    fn boundary(&self, index: usize) -> usize {
        (0..=index.min(self.text.len())).rev().find(|i| self.text.is_char_boundary(*i)).unwrap_or(0)
    }
}
