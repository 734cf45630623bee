//! Which unit of time to print a value in: the one a person would have written.

use crate::TimeUnit;
use crate::number::Number;

/// The longer first, but the week after all that people count flows in: "0.7 per day" rather than "4.9 per week".
const PREFERRED: [TimeUnit; 9] = [
    TimeUnit::Year,
    TimeUnit::Day,
    TimeUnit::Hour,
    TimeUnit::Minute,
    TimeUnit::Second,
    TimeUnit::Week,
    TimeUnit::Millisecond,
    TimeUnit::Microsecond,
    TimeUnit::Nanosecond,
];

/// The shortest spelling `number per unit` that reads back to exactly `per_year`; ties go to the unit earlier in [`PREFERRED`].
///
/// `in_unit` estimates the value in a unit, `read` is what a spelling means per year. Only numbers of at most twelve digits
/// compete with the full digits per year: a float that was computed is printed per year, one that was written as "150 per day" as that.
pub(crate) fn shortest(
    per_year: f64,
    places: i64,
    in_unit: impl Fn(f64, TimeUnit) -> f64,
    read: impl Fn(&Number, TimeUnit) -> Option<f64>,
) -> (String, TimeUnit) {
    let mut best = (Number::from_f64(per_year).shifted(places).to_string(), TimeUnit::Year);
    for unit in PREFERRED {
        let estimate = in_unit(per_year, unit);
        if !estimate.is_finite() {
            continue;
        }
        let number = Number::from_f64_in_12_digits(estimate);
        let text = number.clone().shifted(places).to_string();
        if text.len() < best.0.len() && read(&number, unit).map(f64::to_bits) == Some(per_year.to_bits()) {
            best = (text, unit);
        }
    }
    best
}
