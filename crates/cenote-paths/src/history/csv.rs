//! From a CSV file to rows of time and price, each with its line.

use std::io::Read;

use super::is_price;
use super::time::UtcTime;
use crate::PathError;

/// Names of the time column, the preferred first.
pub(super) const TIME_COLUMNS: [&str; 7] = ["timestamp", "block_timestamp", "open_time", "datetime", "date", "time", "unix"];
/// Names of the price column when none is asked for.
const PRICE_COLUMNS: [&str; 2] = ["close", "price"];

pub(super) struct Rows {
    pub(super) times: Vec<UtcTime>,
    pub(super) prices: Vec<f64>,
    pub(super) lines: Vec<u64>,
}

pub(super) fn read(mut source: impl Read, column: Option<&str>) -> Result<Rows, PathError> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(csv::Error::from)?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&bytes[..]);
    let header: Vec<String> = reader.headers()?.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
    let time_column = find(&header, &TIME_COLUMNS)?;
    let price_column = match column {
        Some(name) => find(&header, &[name])?,
        None => find(&header, &PRICE_COLUMNS)?,
    };
    let mut rows = Rows { times: Vec::new(), prices: Vec::new(), lines: Vec::new() };
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        let line = record.position().map_or(0, |position| line_of(position, &bytes));
        let (time, price) = (&record[time_column], &record[price_column]);
        rows.times.push(UtcTime::parse(time).ok_or_else(|| PathError::BadTime { line, text: time.to_owned() })?);
        rows.prices.push(price.parse().ok().filter(|price| is_price(*price)).ok_or_else(|| PathError::BadPrice {
            line,
            column: header[price_column].clone(),
            text: price.to_owned(),
        })?);
        rows.lines.push(line);
    }
    Ok(rows)
}

/// The line a record stands on. Its position is where the reader began to look for it, before empty lines.
pub(super) fn line_of(position: &csv::Position, bytes: &[u8]) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let ahead = bytes.get(start..).unwrap_or_default();
    let empty = ahead.iter().take_while(|byte| byte.is_ascii_whitespace()).filter(|byte| **byte == b'\n').count();
    position.line() + empty as u64
}

/// The first of the names that the header has, in any case.
pub(super) fn find(header: &[String], names: &[&str]) -> Result<usize, PathError> {
    names
        .iter()
        .find_map(|name| header.iter().position(|column| column.eq_ignore_ascii_case(name)))
        .ok_or_else(|| PathError::NoColumn { wanted: names.join(" or "), available: header.to_vec() })
}
