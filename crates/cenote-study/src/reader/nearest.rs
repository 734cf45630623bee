//! Names that somebody may have meant.

/// The known name most like `name`.
pub(crate) fn nearest_of<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let likeness = |candidate: &str| strsim::normalized_damerau_levenshtein(&lower, &candidate.to_lowercase());
    // Equals go to the one that comes first.
    known.into_iter().map(|k| (likeness(k), k)).reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|b| b.1)
}

/// A hint that names the known name most like `name`.
pub(crate) fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let nearest = nearest_of(name, known)?;
    let likeness = strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &nearest.to_lowercase());
    Some(if likeness >= 0.5 { format!("did you mean `{nearest}`?") } else { format!("the nearest known one is `{nearest}`") })
}

/// "one of a, b, c".
pub(crate) fn listed<'a>(known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match known.as_slice() {
        [] => "nothing".to_owned(),
        [only] => format!("`{only}`"),
        many => format!("one of {}", many.join(", ")),
    }
}
