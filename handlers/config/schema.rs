//! The JSON Schema of `liftlock.yaml`, for editors: written from the shapes that the reader goes by.
//!
//! Draft 7, which the YAML language server knows best. What it cannot say (a stage exists, weights grow) `liftlock
//! check` says.

use serde_json::{Map, Value, json};

use super::document::DOCUMENT;
use super::shape::{Holds, Key, Need, Shape};
use super::user_test::USER_TEST;

/// Text in which the environment's value may stand.
const WITH_VARIABLE: &str = r"\$\{[A-Za-z_][A-Za-z0-9_]*\}";

/// The JSON Schema of `liftlock.yaml`, as it lies in `docs/liftlock.schema.json`.
pub fn schema() -> String {
    written(&DOCUMENT, "liftlock.yaml")
}

/// The same of a user's test.
pub fn test_schema() -> String {
    written(&USER_TEST, "*.test.yaml")
}

fn written(shape: &Shape, title: &str) -> String {
    let mut root = mapping(shape);
    root["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    root["title"] = json!(title);
    let mut text = serde_json::to_string_pretty(&root).expect("a JSON value can be written");
    text.push('\n');
    text
}

fn mapping(shape: &Shape) -> Value {
    let properties: Map<_, _> = shape
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), property(key)))
        .collect();
    let mut schema = json!({
        "type": "object",
        "description": shape.about,
        "additionalProperties": false,
        "properties": properties,
    });
    let required: Vec<_> = shape
        .keys
        .iter()
        .filter(|key| key.need == Need::Required)
        .map(|key| key.name)
        .collect();
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn property(key: &Key) -> Value {
    let mut schema = value(&key.holds);
    schema["description"] = json!(key.about);
    if let Need::Default(text) = key.need {
        schema["default"] = default(text);
    }
    schema
}

fn value(holds: &Holds) -> Value {
    match holds {
        Holds::Text | Holds::Secret | Holds::File => json!({ "type": "string", "minLength": 1 }),
        Holds::Duration { least: 0 } => json!({
            "type": ["string", "integer"],
            "minimum": 0,
            "maximum": 0,
            "pattern": format!("^(0+|[0-9]+[smhd])$|{WITH_VARIABLE}"),
        }),
        Holds::Duration { .. } => json!({
            "type": "string",
            "pattern": format!("^[0-9]+[smhd]$|{WITH_VARIABLE}"),
        }),
        Holds::Seconds { .. } => json!({
            "type": ["string", "integer"],
            "minimum": 0,
            "pattern": format!("^[0-9]+[smhd]?$|{WITH_VARIABLE}"),
        }),
        Holds::Integer { least, most } => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Holds::Limit { most } => json!({ "type": "integer", "minimum": -1, "maximum": most }),
        Holds::Number => json!({ "type": "number" }),
        Holds::Flag => json!({ "type": "boolean" }),
        Holds::Word(words) => json!({ "type": "string", "enum": words }),
        Holds::Names => {
            json!({ "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } })
        }
        Holds::Texts => {
            json!({ "type": "object", "additionalProperties": { "type": ["string", "number", "boolean"] } })
        }
        Holds::Own(schema) => serde_json::from_str(schema).expect("a schema is JSON"),
        Holds::Mapping(shape) => mapping(shape),
        Holds::Short(short) => json!({ "oneOf": [{ "const": short.word }, mapping(short.shape)] }),
        Holds::Named(shape) => {
            json!({ "type": "object", "minProperties": 1, "additionalProperties": mapping(shape) })
        }
        Holds::List(shapes) => json!({ "type": "array", "minItems": 1, "items": items(shapes) }),
    }
}

fn items(shapes: &[&Shape]) -> Value {
    match shapes {
        [only] => mapping(only),
        several => {
            json!({ "oneOf": several.iter().map(|shape| mapping(shape)).collect::<Vec<_>>() })
        }
    }
}

/// The default as JSON: numbers, truth values and `{}` are themselves, all else is text.
fn default(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}
