//! Published results beside what the engine says: case, quantity, estimate, standard error, expected, z.
//!
//! ```text
//! cargo run --release -p cenote-tests --bin theory            everything, some minutes
//! cargo run --release -p cenote-tests --bin theory mmr det    cases whose name begins so
//! cargo run --release -p cenote-tests --bin theory -- --short      what the tests run
//! cargo run --release -p cenote-tests --bin theory -- --repeat 1   with other random numbers
//! ```

use std::process::ExitCode;

use cenote_tests::theory::{CASES, Check, Effort};

fn main() -> ExitCode {
    let (mut effort, mut prefixes) = (Effort::FULL, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--short" => effort = Effort::TEST,
            "--repeat" => match arguments.next().and_then(|number| number.parse().ok()) {
                Some(number) => effort = effort.repeated(number),
                None => return refused("--repeat takes a number, for example --repeat 1"),
            },
            option if option.starts_with("--") => {
                return refused(&format!("unknown option {option}; there are --short and --repeat N"));
            }
            _ => prefixes.push(argument),
        }
    }
    let wanted = |id: &str| prefixes.is_empty() || prefixes.iter().any(|prefix| id.starts_with(prefix.as_str()));
    println!("| case | quantity | estimate | standard error | expected | published | z |");
    println!("|---|---|---|---|---|---|---|");
    let (mut checks, mut failed) = (0_usize, 0_usize);
    for case in CASES.iter().filter(|case| case.ids.iter().any(|id| wanted(id)) && (effort.is_full() || case.in_tests)) {
        for check in (case.run)(effort) {
            println!("{}", row(&check));
            checks += 1;
            failed += usize::from(!check.agrees());
        }
    }
    println!();
    println!("{checks} comparisons, {failed} beyond four standard errors");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn refused(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}

fn row(check: &Check) -> String {
    let Check { case, quantity, estimate, expected, .. } = check;
    let published = check.published.map_or_else(String::new, number);
    // One that nobody could see is left out.
    let tolerance =
        if check.tolerance > 0.01 * estimate.standard_error { format!(" ± {}", number(check.tolerance)) } else { String::new() };
    let (mean, error) = (number(estimate.mean), number(estimate.standard_error));
    format!("| {case} | {quantity} | {mean} | {error} | {}{tolerance} | {published} | {:+.2} |", number(*expected), check.z())
}

/// Six digits: plain where that is short.
fn number(x: f64) -> String {
    if x == 0.0 || (1e-3..1e6).contains(&x.abs()) {
        let digits = if x == 0.0 { 0.0 } else { 5.0 - x.abs().log10().floor() };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 8")]
        let digits = digits.clamp(0.0, 8.0) as usize;
        return format!("{x:.digits$}");
    }
    format!("{x:.3e}")
}
