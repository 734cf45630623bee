//! One column of a CSV file: numbers, or times.

use std::io::Read;

use super::csv::{TIME_COLUMNS, find, line_of};
use super::time::UtcTime;
use crate::PathError;

/// Reads the numbers of a column of a CSV file with a header line: sizes of trades, say. Zero is allowed, what is negative is not.
///
/// ```
/// use cenote_paths::history::read_column;
/// assert_eq!(read_column("time,size\n0,10\n60,2.5\n".as_bytes(), "size")?, [10.0, 2.5]);
/// # Ok::<(), cenote_paths::PathError>(())
/// ```
///
/// # Errors
/// A column that is not there; text that is no number from 0 to 1e150, with its line; text that is not CSV.
pub fn read_column(source: impl Read, column: &str) -> Result<Vec<f64>, PathError> {
    read(source, &[column], |text, line, name| {
        text.parse().ok().filter(|number| (0.0..=1e150).contains(number)).ok_or_else(|| PathError::BadNumber {
            line,
            column: name.to_owned(),
            text: text.to_owned(),
        })
    })
}

/// Reads when events happened, one row each, from a CSV file with a header line: without a name, from the column that
/// [`PriceHistory::read_csv`](crate::PriceHistory::read_csv) takes times from. Several may have the same time.
///
/// # Errors
/// A column that is not there; text that is no time or a time before that of the row above, with its line; text that is not CSV.
pub fn read_times(source: impl Read, column: Option<&str>) -> Result<Vec<UtcTime>, PathError> {
    let mut last: Option<UtcTime> = None;
    let name = column.map(|name| [name]);
    let names = name.as_ref().map_or(&TIME_COLUMNS[..], |name| &name[..]);
    read(source, names, |text, line, _| {
        let time = UtcTime::parse(text).ok_or_else(|| PathError::BadTime { line, text: text.to_owned() })?;
        match last.replace(time) {
            Some(previous) if time < previous => Err(PathError::Disorder { line, time, previous }),
            _ => Ok(time),
        }
    })
}

fn read<T>(
    mut source: impl Read,
    names: &[&str],
    mut value: impl FnMut(&str, u64, &str) -> Result<T, PathError>,
) -> Result<Vec<T>, PathError> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(csv::Error::from)?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&bytes[..]);
    let header: Vec<String> = reader.headers()?.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
    let column = find(&header, names)?;
    let mut values = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        let line = record.position().map_or(0, |position| line_of(position, &bytes));
        values.push(value(&record[column], line, &header[column])?);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_or_named() {
        let file = "time,size,other\n0,1,x\n1, 2.5 ,y\n\n2,0,z\n";
        assert_eq!(read_column(file.as_bytes(), "Size").unwrap(), [1.0, 2.5, 0.0]);
        let error = read_column(file.as_bytes(), "amount").unwrap_err().to_string();
        assert_eq!(error, "there is no amount column: the file has time, size, other");
        for bad in ["-1", "NaN", "inf", "ten", "1e200", ""] {
            let error = read_column(format!("size,a\n1,\n{bad},\n").as_bytes(), "size").unwrap_err().to_string();
            assert!(error.starts_with(&format!("line 3: {bad:?} in column \"size\"")), "{error}");
        }
    }

    #[test]
    fn times_may_coincide_but_not_go_back() {
        let times = read_times("timestamp,x\n10,1\n10,2\n12,3\n".as_bytes(), None).unwrap();
        assert_eq!(times.iter().map(|time| time.as_nanos() / 1_000_000_000).collect::<Vec<_>>(), [10, 10, 12]);
        assert!(matches!(read_times("when\n5\n4\n".as_bytes(), Some("when")), Err(PathError::Disorder { line: 3, .. })));
        assert!(matches!(read_times("when\nnoon\n".as_bytes(), Some("when")), Err(PathError::BadTime { line: 2, .. })));
        assert!(matches!(read_times("when\n5\n".as_bytes(), None), Err(PathError::NoColumn { .. })));
    }
}
