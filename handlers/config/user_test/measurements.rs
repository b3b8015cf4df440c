//! `measurements`: what each metric shows, in order.

use std::collections::BTreeMap;

use super::free::number_of;
use crate::config::diagnostics::{Complaint, Read};
use crate::config::field::Field;
use crate::config::node::{Entry, Node, Value};
use crate::config::reader::Reader;
use crate::config::shape::{Holds, Key, Shape};

/// What a metric shows when it is measured next.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// What.
    pub reading: Reading,
    /// Of how many requests; absent: of as many as are asked for.
    pub samples: Option<u32>,
    /// Not before the candidate has so much of the traffic, in percent.
    pub from_weight: u8,
}

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// A value.
    Value(f64),
    /// No value.
    Nothing,
    /// It cannot be measured.
    Trouble,
}

/// JSON Schema of what is read here.
pub(super) const MEASUREMENTS: &str = r#"{
    "type": "object",
    "additionalProperties": {
        "type": "array",
        "minItems": 1,
        "items": {
            "oneOf": [
                { "type": "number" },
                { "enum": ["none", "error"] },
                {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["value"],
                    "properties": {
                        "value": { "oneOf": [{ "type": "number" }, { "enum": ["none", "error"] }] },
                        "samples": { "type": "integer", "minimum": 0 },
                        "fromWeight": { "type": "integer", "minimum": 0, "maximum": 100 }
                    }
                }
            ]
        }
    }
}"#;

static SHOWN: Shape = Shape::new(
    "what a metric shows",
    &[
        Key::required("value", Holds::Own(""), "a number, `none` or `error`"),
        Key::optional(
            "samples",
            Holds::Integer {
                least: 0,
                most: u32::MAX,
            },
            "of how many requests",
        ),
        Key::default(
            "fromWeight",
            Holds::Integer {
                least: 0,
                most: 100,
            },
            "0",
            "not before the candidate has so much of the traffic, in percent",
        ),
    ],
);

const HELP: &str =
    "write a list of numbers, `none`, `error` or `{ value: …, samples: …, fromWeight: … }`";

pub(super) fn read(field: &Field<'_>) -> Read<BTreeMap<String, Vec<Shown>>> {
    let Value::Map(entries) = &field.node.value else {
        return Err(field.complain(Complaint::new("is no mapping", "write `metric: […]` lines")));
    };
    let metrics = entries
        .iter()
        .map(|entry| Ok((entry.key.clone(), series(field, entry)?)));
    let metrics: Vec<Read<_>> = metrics.collect();
    metrics.into_iter().collect()
}

fn series(field: &Field<'_>, entry: &Entry) -> Read<Vec<Shown>> {
    let path = format!("{}.{}", field.path, entry.key);
    match &entry.node.value {
        Value::List(items) if !items.is_empty() => {
            let shown = items
                .iter()
                .enumerate()
                .map(|(index, item)| shown(field, item, format!("{path}[{index}]")));
            shown.collect()
        }
        Value::List(_) | Value::Map(_) | Value::Plain(_) | Value::Quoted(_) => Err(field
            .source
            .report(entry.line, format!("{path} is no list"), HELP)),
    }
}

fn shown(field: &Field<'_>, item: &Node, path: String) -> Read<Shown> {
    if !matches!(item.value, Value::Map(_)) {
        let reading = reading(item).ok_or_else(|| {
            field
                .source
                .report(item.line, format!("{path} is no value"), HELP)
        })?;
        return Ok(Shown {
            reading,
            samples: None,
            from_weight: 0,
        });
    }
    let reader = Reader::open(item, &SHOWN, path, field.source)?;
    let value = reader.required("value", |field| {
        reading(&field.node).ok_or_else(|| field.complain(Complaint::new("is no value", HELP)))
    });
    let samples = reader.optional("samples", Field::integer);
    let from = reader.required("fromWeight", Field::integer);
    Ok(Shown {
        reading: value?,
        samples: samples?,
        from_weight: u8::try_from(from?).expect("the shape bounds it"),
    })
}

fn reading(node: &Node) -> Option<Reading> {
    match &node.value {
        Value::Plain(word) if word == "none" => Some(Reading::Nothing),
        Value::Plain(word) if word == "error" => Some(Reading::Trouble),
        Value::Plain(_) | Value::Quoted(_) | Value::List(_) | Value::Map(_) => {
            number_of(node).map(Reading::Value)
        }
    }
}
