//! A lie in Cenote's mouth: what a comparison has to notice.

use serde_json::Value;

use crate::random::Random;

/// Changes one digit of the result, the reason or the state in a line.
pub fn change_a_digit(line: &mut Value, random: &mut Random) {
    let mut count = 0;
    visit(line, &mut |_| {
        count += 1;
        None
    });
    let chosen = random.below(count);
    let step = 1 + random.below(9);
    let mut index = 0;
    visit(line, &mut |digit| {
        index += 1;
        (index == chosen + 1).then(|| (digit + step) % 10)
    });
}

/// Shows every digit that the engine itself has written, and puts what comes back in its place.
fn visit(line: &mut Value, change: &mut dyn FnMut(u64) -> Option<u64>) {
    for key in ["out", "revert", "state"] {
        if let Some(value) = line.get_mut(key) {
            visit_value(value, change);
        }
    }
}

fn visit_value(value: &mut Value, change: &mut dyn FnMut(u64) -> Option<u64>) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| visit_value(value, change)),
        Value::Object(values) => values.values_mut().for_each(|value| visit_value(value, change)),
        Value::String(text) => *text = visit_text(text, change),
        Value::Number(number) => {
            let changed = visit_text(&number.to_string(), change);
            if let Ok(changed) = changed.parse::<i64>() {
                *value = changed.into();
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn visit_text(text: &str, change: &mut dyn FnMut(u64) -> Option<u64>) -> String {
    let digit = |character: char| {
        let changed = character.to_digit(10).and_then(|digit| change(digit.into()));
        changed.and_then(|digit| u32::try_from(digit).ok()).and_then(|digit| char::from_digit(digit, 10)).unwrap_or(character)
    };
    text.chars().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use cenote_tests::vectors::compare;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_changed_digit_is_noticed() {
        let line = json!({
            "i": 3, "op": "swap", "in": { "amount": "12" }, "ok": true,
            "out": { "amount0": "-120" },
            "state": { "tick": -7, "reserves": ["100", "0"], "initialized": true },
        });
        let mut random = Random::new(&[1]);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..500 {
            let mut changed = line.clone();
            change_a_digit(&mut changed, &mut random);
            assert!(compare(&line, &changed).is_err(), "{changed} passes for {line}");
            seen.insert(changed.to_string());
        }
        // Three digits of the result, one of the tick and four of the reserves, nine ways each.
        assert_eq!(seen.len(), 8 * 9);
        compare(&line, &line.clone()).unwrap();
    }
}
