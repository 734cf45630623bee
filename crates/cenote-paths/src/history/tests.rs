use super::*;

const HOURLY: &str = "timestamp,open,close\n\
    2022-01-01 00:00:00,1,100\n\
    2022-01-01 01:00:00,1,110\n\
    2022-01-01 02:00:00,1,110\n\
    2022-01-01 04:00:00,1,120\n\
    2022-01-01 05:00:00,1,90\n";

fn read(text: &str, column: Option<&str>) -> Result<PriceHistory, PathError> {
    PriceHistory::read_csv(text.as_bytes(), column)
}

fn message(text: &str, column: Option<&str>) -> String {
    read(text, column).unwrap_err().to_string()
}

#[test]
fn returns_stay_inside_runs() {
    let history = read(HOURLY, None).unwrap();
    assert_eq!(history.interval(), SimDuration::HOUR);
    assert_eq!(history.span().to_string(), "5h");
    assert_eq!(history.prices(), [100.0, 110.0, 110.0, 120.0, 90.0]);
    assert_eq!(history.returns(), [math::ln(110.0 / 100.0), 0.0, math::ln(90.0 / 120.0)]);
    assert_eq!(history.run_starts(), [0, 2]);
}

#[test]
fn gaps_are_reported_not_filled() {
    let report = read(HOURLY, None).unwrap().report().clone();
    assert_eq!((report.rows(), report.gaps(), report.missing(), report.crowded()), (5, 1, 1, 0));
    assert!(!report.is_regular());
    let gap = report.first().unwrap();
    assert_eq!((gap.line, gap.to.to_string().as_str()), (5, "2022-01-01 04:00:00"));
    let irregular = read("time,price\n0,1\n60,1\n120,1\n130,1\n300,1\n360,1\n", None).unwrap();
    let report = irregular.report();
    assert_eq!((report.gaps(), report.missing(), report.crowded()), (1, 2, 1));
    assert_eq!(irregular.run_starts(), [0, 2]);
    assert_eq!(report.first().unwrap().line, 5);
    let regular = read("time,price\n0,1\n60,1\n", None).unwrap();
    assert!(regular.report().is_regular());
    assert_eq!(regular.report().to_string(), "2 rows at intervals of 1min, no gaps");
}

#[test]
fn columns_are_found_by_name() {
    assert_eq!(read(HOURLY, Some("open")).unwrap().prices()[0], 1.0);
    assert_eq!(read(HOURLY, Some("OPEN")).unwrap().prices()[0], 1.0);
    let price = read("price,Date\n5,2022-01-01\n6,2022-01-02\n", None).unwrap();
    assert_eq!((price.prices()[1], price.interval()), (6.0, SimDuration::DAY));
    // `close` comes before `price`, `timestamp` before `time`, wherever they stand.
    let both = read("time,price,close,timestamp\n9,1,2,0\n8,3,4,60\n", None).unwrap();
    assert_eq!((both.prices()[1], both.interval().to_string().as_str()), (4.0, "1min"));
    assert_eq!(
        message("when,close\n0,1\n", None),
        "there is no timestamp or block_timestamp or open_time or datetime or date or time or unix column: \
         the file has when, close"
    );
    assert_eq!(message("time,close\n0,1\n", Some("vwap")), "there is no vwap column: the file has time, close");
}

#[test]
fn a_byte_order_mark_and_spaces_are_no_part_of_names() {
    let history = read("\u{feff}time , close\r\n0, 1\r\n60, 2\r\n", None).unwrap();
    assert_eq!(history.prices(), [1.0, 2.0]);
}

#[test]
fn errors_carry_the_line() {
    let cases = [
        ("0,1\n60,2\n60,3\n", "line 4: a second row for 1970-01-01 00:01:00: keep one of the two"),
        ("0,1\n60,2\n30,3\n", "line 4: 1970-01-01 00:00:30 comes after 1970-01-01 00:01:00: sort the file by time"),
        ("0,1\n60,0\n", "line 3: \"0\" in column \"close\" is not a price: expected a number above zero (1e-150 to 1e150)"),
        ("0,1\n60,-2\n", "line 3: \"-2\" in column \"close\" is not a price: expected a number above zero (1e-150 to 1e150)"),
        ("0,1\n60,NaN\n", "line 3: \"NaN\" in column \"close\" is not a price: expected a number above zero (1e-150 to 1e150)"),
        ("0,1\n60,inf\n", "line 3: \"inf\" in column \"close\" is not a price: expected a number above zero (1e-150 to 1e150)"),
        ("0,1\n60,\n", "line 3: \"\" in column \"close\" is not a price: expected a number above zero (1e-150 to 1e150)"),
        (
            "0,1\n\n60,\"1,5\"\n",
            "line 4: \"1,5\" in column \"close\" is not a price: expected a number above zero (1e-150 to 1e150)",
        ),
        ("0,1\n60,1e200\n", "line 3: \"1e200\" in column \"close\" is not a price: expected a number above zero (1e-150 to 1e150)"),
        (
            "0,1\nnoon,2\n",
            "line 3: \"noon\" is not a time: expected UTC such as \"2022-01-01 00:00:00\", or seconds, \
          milliseconds, microseconds or nanoseconds since 1970",
        ),
        ("0,1\n", "a history needs at least two rows, to have a return: got 1"),
        ("", "a history needs at least two rows, to have a return: got 0"),
    ];
    for (rows, expected) in cases {
        assert_eq!(message(&format!("time,close\n{rows}"), None), expected);
    }
    assert!(message("time,close\n0,1\n60\n", None).contains("line: 3"));
}

#[test]
fn histories_from_memory_are_checked_alike() {
    let times: Vec<UtcTime> = (0..3).map(|i| UtcTime::from_nanos(i * 1_000)).collect();
    assert_eq!(PriceHistory::new(times.clone(), vec![1.0, 2.0, 3.0]).unwrap().interval().as_nanos(), 1_000);
    assert!(matches!(PriceHistory::new(times.clone(), vec![1.0]), Err(PathError::LengthMismatch { times: 3, prices: 1 })));
    assert!(matches!(PriceHistory::new(times.clone(), vec![1.0, 0.0, 1.0]), Err(PathError::BadPrice { line: 2, .. })));
    let shuffled = vec![times[1], times[0], times[2]];
    assert!(matches!(PriceHistory::new(shuffled, vec![1.0; 3]), Err(PathError::Disorder { line: 2, .. })));
}
