//! `${NAME}`: values of the environment, in texts only.
//!
//! The invariant: what a variable holds is never quoted in a problem, for it may be a secret; its name is.

use super::context::Context;
use super::diagnostics::{Read, Spot};

/// `text` with each `${NAME}` replaced; every one that is not set is reported.
pub(super) fn replace(text: &str, path: &str, spot: &Spot, context: &Context<'_>) -> Read<String> {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    let mut missing = None;
    while let Some((before, after)) = rest.split_once("${") {
        replaced.push_str(before);
        let Some((name, after)) = after.split_once('}').filter(|(name, _)| is_name(name)) else {
            let what = format!("{path}: `${{` begins a variable that does not end or has no name");
            return Err(context.report(spot, what, "write `${NAME}`: letters, digits and `_`"));
        };
        if let Some(value) = (context.environment)(name) {
            replaced.push_str(&value);
        } else {
            let what = format!("{path}: the environment has no `{name}`");
            let help = format!("set {name} in the function app's settings, or in your shell");
            missing = Some(context.report_unset(spot, what, help));
        }
        rest = after;
    }
    replaced.push_str(rest);
    missing.map_or(Ok(replaced), Err)
}

/// Whether a text takes anything from the environment.
pub(super) fn mentions(text: &str) -> bool {
    text.contains("${")
}

fn is_name(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(word)
}
