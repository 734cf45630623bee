//! Times as price files write them.

use std::fmt;

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A moment in nanoseconds since 1970-01-01 00:00:00 UTC, without leap seconds.
///
/// ```
/// use cenote_paths::history::UtcTime;
/// assert_eq!(UtcTime::parse("2022-01-01 00:00:00"), UtcTime::parse("1640995200"));
/// assert_eq!(UtcTime::from_nanos(1_640_995_200_000_000_000).to_string(), "2022-01-01 00:00:00");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcTime(i64);

impl UtcTime {
    /// A moment this many nanoseconds after 1970 began; before, if negative.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970 began.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Reads an ISO 8601 date and time ("2022-01-01 00:00:00", with `T`, fractions of a second, `Z`, `UTC` or an
    /// offset such as `+02:00`; a missing offset is UTC, a missing time midnight), or a number since 1970 began:
    /// seconds below 10¹¹, milliseconds below 10¹⁴, microseconds below 10¹⁷, nanoseconds above.
    ///
    /// `None` when the text is neither, or lies outside the years 1678 to 2261.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let nanos = match parse_epoch(text) {
            Some(nanos) => nanos,
            None => parse_iso(text)?,
        };
        Some(Self(nanos))
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(NANOS_PER_SECOND);
        let nanos = self.0.rem_euclid(NANOS_PER_SECOND);
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
        let second = seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")?;
        if nanos != 0 {
            write!(f, "{}", format!(".{nanos:09}").trim_end_matches('0'))?;
        }
        Ok(())
    }
}

/// A number since 1970, with or without a fraction.
fn parse_epoch(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole_value: i64 = parse_digits(whole, 1, 19)?;
    let unit = match whole_value {
        0..100_000_000_000 => NANOS_PER_SECOND,
        100_000_000_000..100_000_000_000_000 => 1_000_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1_000,
        _ => 1,
    };
    let fraction_nanos = match fraction {
        "" => 0,
        _ => parse_fraction(fraction)? / (NANOS_PER_SECOND / unit),
    };
    let nanos = whole_value.checked_mul(unit)?.checked_add(fraction_nanos)?;
    Some(if negative { -nanos } else { nanos })
}

fn parse_iso(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = (parse_digits(year, 4, 4)?, parse_digits(month, 2, 2)?, parse_digits(day, 2, 2)?);
    let days = days_from_civil(year, month, day);
    if civil_from_days(days) != (year, month, day) {
        return None;
    }
    let nanos_of_day = match rest.strip_prefix(['T', 't', ' ']) {
        Some(time) => parse_time(time)?,
        None if rest.is_empty() => 0,
        None => return None,
    };
    days.checked_mul(SECONDS_PER_DAY)?.checked_mul(NANOS_PER_SECOND)?.checked_add(nanos_of_day)
}

/// `00:00`, `00:00:00` or `00:00:00.000`, with or without an offset: nanoseconds since midnight, UTC.
fn parse_time(text: &str) -> Option<i64> {
    let (clock, offset) = split_offset(text)?;
    let mut parts = clock.split(':');
    let (hour, minute) = (parse_digits(parts.next()?, 2, 2)?, parse_digits(parts.next()?, 2, 2)?);
    let (second, nanos) = match parts.next() {
        None => (0, 0),
        Some(second) => match second.split_once('.') {
            None => (parse_digits(second, 2, 2)?, 0),
            Some((second, fraction)) => (parse_digits(second, 2, 2)?, parse_fraction(fraction)?),
        },
    };
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((hour * 3600 + minute * 60 + second - offset) * NANOS_PER_SECOND + nanos)
}

/// The clock's text, and the offset in seconds east of UTC.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    for suffix in ["Z", "z", "UTC"] {
        if let Some(clock) = text.strip_suffix(suffix) {
            return Some((clock.trim_end(), 0));
        }
    }
    let Some(at) = text.find(['+', '-']) else {
        return Some((text, 0));
    };
    let (clock, offset) = text.split_at(at);
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let digits: String = offset[1..].chars().filter(|c| *c != ':').collect();
    let digits = if digits.len() == 2 { digits + "00" } else { digits };
    let value = parse_digits(&digits, 4, 4)?;
    Some((clock.trim_end(), sign * (value / 100 * 3600 + value % 100 * 60)))
}

/// A fraction of a second in nanoseconds; finer digits must be zero.
fn parse_fraction(text: &str) -> Option<i64> {
    let significant = text.trim_end_matches('0');
    if text.is_empty() || significant.len() > 9 {
        return None;
    }
    parse_digits(&format!("{significant:0<9}"), 9, 9)
}

fn parse_digits(text: &str, shortest: usize, longest: usize) -> Option<i64> {
    let digits = (shortest..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant, "chrono-compatible low-level date
/// algorithms"): years begin in March, so that the leap day is the last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let m = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * m + 2) / 5 + 1;
    let month = if m < 10 { m + 3 } else { m - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str) -> Option<i64> {
        UtcTime::parse(text).map(UtcTime::as_nanos)
    }

    #[test]
    fn spellings_of_one_moment_agree() {
        let expected = Some(1_640_995_200_000_000_000);
        for text in [
            "2022-01-01",
            "2022-01-01 00:00",
            "2022-01-01 00:00:00",
            "2022-01-01T00:00:00Z",
            "2022-01-01T00:00:00.000Z",
            "2022-01-01 00:00:00 UTC",
            "2022-01-01 02:00:00+02:00",
            "2021-12-31T19:00:00-0500",
            "2022-01-01 01:00:00+01",
            " 1640995200 ",
            "1640995200.0",
            "1640995200000",
            "1640995200000000",
            "1640995200000000000",
        ] {
            assert_eq!(nanos(text), expected, "{text}");
        }
        assert_eq!(nanos("2022-01-01 00:00:00.5"), Some(1_640_995_200_500_000_000));
        assert_eq!(nanos("1640995200.25"), Some(1_640_995_200_250_000_000));
        assert_eq!(nanos("1640995200123.5"), Some(1_640_995_200_123_500_000));
        assert_eq!(nanos("1969-12-31 23:59:59"), Some(-NANOS_PER_SECOND));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "yesterday",
            "2022-02-29",
            "2022-13-01",
            "2022-00-10",
            "2022-01-01 24:00:00",
            "2022-01-01 00:60",
            "2022-01-01x",
            "2022-01-01 noon",
            "01/02/2022",
            "20220101T0000",
            "1e9",
            "2022-01-01 00:00:00.1234567891",
            "2022-1-1 00:00:00",
            "9999-01-01",
            "12é4-01-01",
        ] {
            assert_eq!(nanos(text), None, "{text}");
        }
        // A bare day count such as 20220101 cannot be told from seconds: it reads as 1970-08-23.
        assert_eq!(UtcTime::parse("20220101").unwrap().to_string(), "1970-08-23 00:41:41");
    }

    #[test]
    fn display_reads_back() {
        for text in ["2024-02-29 23:59:59", "2000-03-01 00:00:00", "1900-02-28 12:30:00.000000001", "1969-07-20 20:17:40.25"] {
            assert_eq!(UtcTime::parse(text).unwrap().to_string(), text);
        }
    }
}
