//! Names of the actors of a study.
//!
//! An agent is known by its `name`; without one it is `kind@pool`, or `kind@pool1,pool2` on several pools. Equals are
//! told apart by `#2`, `#3`, in the order of the file. Names key the random streams, so an agent that is added,
//! removed or moved leaves the numbers of all others as they are.

use std::collections::BTreeMap;

/// The name that an agent has when it is given none, before equals are told apart.
pub(crate) fn default_name<S: AsRef<str>>(kind: &str, pools: &[S]) -> String {
    let pools: Vec<&str> = pools.iter().map(AsRef::as_ref).collect();
    format!("{kind}@{}", pools.join(","))
}

/// The names of all actors in their order, of pairs (name that was given, default name).
pub(crate) fn resolved_names<'a>(actors: impl IntoIterator<Item = (Option<&'a str>, String)>) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let resolve = |(given, default): (Option<&str>, String)| {
        if let Some(name) = given {
            return name.to_owned();
        }
        let count = seen.entry(default.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { default } else { format!("{default}#{count}") }
    };
    actors.into_iter().map(resolve).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_are_numbered_and_given_names_stay() {
        let actors = [
            (None, default_name("noise-traders", &["main"])),
            (Some("retail"), default_name("noise-traders", &["main"])),
            (None, default_name("noise-traders", &["main"])),
            (None, default_name("arbitrageur", &["main", "cake"])),
        ];
        assert_eq!(resolved_names(actors), ["noise-traders@main", "retail", "noise-traders@main#2", "arbitrageur@main,cake"]);
    }
}
