//! Values that only tests have: names that may be numbers, numbers under names, lists that may be `none`, free JSON.

use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

use crate::config::diagnostics::{Complaint, Read};
use crate::config::field::Field;
use crate::config::node::{Node, Value};

/// JSON Schema of [`label`].
pub(super) const LABEL: &str = r#"{ "type": ["string", "number"] }"#;
/// JSON Schema of [`numbers`].
pub(super) const NUMBERS: &str =
    r#"{ "type": "object", "additionalProperties": { "type": "number" } }"#;
/// JSON Schema of [`labels_or_none`].
pub(super) const LABELS_OR_NONE: &str = r#"{ "oneOf": [{ "const": "none" }, { "type": "array", "minItems": 1, "items": { "type": "string" } }] }"#;
/// JSON Schema of [`shares`].
pub(super) const SHARES: &str =
    r#"{ "type": "array", "items": { "type": "integer", "minimum": 0, "maximum": 100 } }"#;
/// JSON Schema of [`json`].
pub(super) const ANYTHING: &str = "{}";

/// A text of a list.
pub(super) fn text(field: &Field<'_>) -> Read<String> {
    field.text()
}

/// A name, which may look like a number: a version.
pub(super) fn label(field: &Field<'_>) -> Read<String> {
    label_of(&field.node).ok_or_else(|| {
        let what = format!("is {}, not a name or a number", field.node.kind());
        field.complain(Complaint::new(what, "write one word, like `7`"))
    })
}

/// Numbers under names of the user's choice.
pub(super) fn numbers(field: &Field<'_>) -> Read<BTreeMap<String, f64>> {
    let Value::Map(entries) = &field.node.value else {
        let complaint = Complaint::new("is no mapping", "write `{ name: number }`");
        return Err(field.complain(complaint));
    };
    let mut numbers = BTreeMap::new();
    for entry in entries {
        let Some(number) = number_of(&entry.node) else {
            let what = format!("{}.{} is no number", field.path, entry.key);
            let help = "write a number like 0.85 or 60, without quotes";
            return Err(field.source.report(entry.line, what, help));
        };
        numbers.insert(entry.key.clone(), number);
    }
    Ok(numbers)
}

/// Names in order; `none` is none.
pub(super) fn labels_or_none(field: &Field<'_>) -> Read<Vec<String>> {
    if matches!(&field.node.value, Value::Plain(word) if word == "none") {
        return Ok(Vec::new());
    }
    let help = "write `none`, or a list of names: `[one, two]`";
    let Value::List(items) = &field.node.value else {
        return Err(field.complain(Complaint::new("is no list", help)));
    };
    if items.is_empty() {
        return Err(field.complain(Complaint::new("is an empty list", help)));
    }
    let labels = items.iter().enumerate().map(|(index, item)| {
        label_of(item).ok_or_else(|| field.complain_at(index, Complaint::new("is no name", help)))
    });
    labels.collect()
}

/// Shares of traffic, in percent.
pub(super) fn shares(field: &Field<'_>) -> Read<Vec<u8>> {
    let help = "write the candidate's shares in percent, in order: `[10, 50, 100]`";
    let Value::List(items) = &field.node.value else {
        return Err(field.complain(Complaint::new("is no list", help)));
    };
    let share = |node: &Node| label_of(node)?.parse().ok().filter(|share| *share <= 100);
    let shares = items.iter().enumerate().map(|(index, item)| {
        share(item).ok_or_else(|| field.complain_at(index, Complaint::new("is no share", help)))
    });
    shares.collect()
}

/// Whatever JSON can say.
pub(super) fn json(field: &Field<'_>) -> Json {
    json_of(&field.node)
}

/// The number that a node is.
pub(super) fn number_of(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Plain(text) if node.kind() == "a number" => text.parse().ok(),
        Value::Plain(_) | Value::Quoted(_) | Value::List(_) | Value::Map(_) => None,
    }
}

fn label_of(node: &Node) -> Option<String> {
    match &node.value {
        Value::Plain(text) | Value::Quoted(text)
            if matches!(node.kind(), "a text" | "a number") && !text.trim().is_empty() =>
        {
            Some(text.clone())
        }
        Value::Plain(_) | Value::Quoted(_) | Value::List(_) | Value::Map(_) => None,
    }
}

fn json_of(node: &Node) -> Json {
    match &node.value {
        Value::Plain(text) => match node.kind() {
            "nothing" => Json::Null,
            "a truth value" => Json::Bool(text.eq_ignore_ascii_case("true")),
            "a number" => serde_json::from_str(text).unwrap_or_else(|_| Json::from(text.as_str())),
            _ => Json::from(text.as_str()),
        },
        Value::Quoted(text) => Json::from(text.as_str()),
        Value::List(items) => items.iter().map(json_of).collect(),
        Value::Map(entries) => {
            let entries = entries
                .iter()
                .map(|entry| (entry.key.clone(), json_of(&entry.node)));
            Json::Object(entries.collect::<Map<_, _>>())
        }
    }
}
