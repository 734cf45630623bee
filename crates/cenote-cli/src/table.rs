//! Tables for people.

use std::fmt;

use comfy_table::{Cell, CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table as Grid, TableStyle};

/// Thin lines around everything, between columns and below the header.
const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('┌', '─', '┬', '┐'))
    .header_lines(ContentLineStyle::new('│', '│', '│'))
    .header_separator(LineStyle::new('├', '─', '┼', '┤'))
    .content_lines(ContentLineStyle::new('│', '│', '│'))
    .bottom_border(LineStyle::new('└', '─', '┴', '┘'));

/// A title, a header, and rows whose first column is text and whose others are numbers.
#[derive(Debug)]
pub(crate) struct Table {
    title: String,
    grid: Grid,
    texts: usize,
}

impl Table {
    /// Columns of these names, the first one of text.
    pub(crate) fn new(title: impl Into<String>, header: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut grid = Grid::new();
        grid.load_style(STYLE);
        // Lines are as long as they are: a table that is broken up cannot be read, and a pipe has no width.
        grid.set_content_arrangement(ContentArrangement::Disabled);
        let mut table = Self { title: title.into(), grid, texts: 1 };
        let cells = table.aligned(header);
        table.grid.set_header(cells);
        table
    }

    /// The first `texts` columns are text. Before any row.
    pub(crate) fn with_texts(mut self, texts: usize) -> Self {
        self.texts = texts;
        if let Some(header) = self.grid.header() {
            let header: Vec<String> = header.cell_iter().map(Cell::content).collect();
            let cells = self.aligned(header);
            self.grid.set_header(cells);
        }
        self
    }

    /// Add a row.
    pub(crate) fn row(&mut self, row: impl IntoIterator<Item = impl Into<String>>) {
        let cells = self.aligned(row);
        self.grid.add_row(cells);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.grid.is_empty()
    }

    fn aligned(&self, row: impl IntoIterator<Item = impl Into<String>>) -> Vec<Cell> {
        let alignment = |i| if i < self.texts { CellAlignment::Left } else { CellAlignment::Right };
        row.into_iter().enumerate().map(|(i, text)| Cell::new(text.into()).set_alignment(alignment(i))).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        writeln!(f, "{}", self.grid)
    }
}
