//! `%NAME%` in paths, arguments and bindings stands for an app setting.

use std::collections::BTreeMap;

/// What becomes of a name that no setting has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unset {
    /// It is left out, as in the handler's arguments.
    Removed,
    /// It is an error, as in bindings.
    Refused,
}

/// Replaces every `%NAME%`; the error is the name that is not set.
pub(crate) fn expand(
    text: &str,
    settings: &BTreeMap<String, String>,
    unset: Unset,
) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = next_name(rest) {
        expanded.push_str(before);
        match settings
            .get(name)
            .cloned()
            .or_else(|| std::env::var(name).ok())
        {
            Some(value) => expanded.push_str(&value),
            None if unset == Unset::Refused => return Err(name.to_owned()),
            None => {}
        }
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (before, after) = text.split_once('%')?;
    let (name, after) = after.split_once('%')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_and_unknown_ones_removed_or_refused() {
        let settings = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
        assert_eq!(
            expand("x%A%y%NOT_SET_9%z%", &settings, Unset::Removed),
            Ok("x1yz%".to_owned())
        );
        assert_eq!(
            expand("%NOT_SET_9%", &settings, Unset::Refused),
            Err("NOT_SET_9".to_owned())
        );
    }
}
