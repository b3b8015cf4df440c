//! What is nobody's to read, wherever it stands in a journal: the values of environment variables, and operations'
//! addresses, which carry tokens. The invariant: nothing of a journal leaves the app but through here.

use serde_json::{Value, json};

const HIDDEN: &str = "(not shown)";

/// Where a record of each kind holds what is nobody's to read: no other kind does, and none elsewhere. Votes, endings and
/// whatever else people decided never are among them.
const PLACES: [(&str, &str); 5] = [
    (
        "opened",
        "/fact/route/rollout/deployment/environmentVariables",
    ),
    (
        "reopened",
        "/fact/route/rollout/deployment/environmentVariables",
    ),
    ("planned", "/fact/effect/spec/environmentVariables"),
    ("submitted", "/fact/operation"),
    (
        "pinned",
        "/fact/pinned/plan/deploymentSpec/environmentVariables",
    ),
];

/// The same, with `(not shown)` where something is nobody's to read.
pub(crate) fn without_secrets(value: Value) -> Value {
    hide(value, &mut 0)
}

/// The record without its secrets; `None`: it has none.
pub(crate) fn hidden_record(record: &Value) -> Option<Value> {
    let mut places = 0;
    let shown = hide(record.clone(), &mut places);
    (places > 0).then_some(shown)
}

/// Whether a record may be shown in other words than its own: it holds secrets where its kind does, and shows none.
pub(crate) fn may_be_hidden(record: &Value) -> bool {
    let kind = record["fact"]["type"].as_str().unwrap_or_default();
    let place = PLACES.iter().find(|(holder, _)| *holder == kind);
    let held = place.and_then(|(_, place)| record.pointer(place));
    let deploys = kind != "planned" || record["fact"]["effect"]["type"] == "createDeployment";
    deploys
        && held.is_some_and(nothing_shown)
        && hidden_record(record).is_some_and(|shown| shown == *record)
}

/// One secret, or names with at least one, all of them taken out.
fn nothing_shown(held: &Value) -> bool {
    match held {
        Value::Object(variables) => {
            !variables.is_empty() && variables.values().all(|value| value == HIDDEN)
        }
        plain => plain == HIDDEN,
    }
}

fn hide(value: Value, places: &mut usize) -> Value {
    match value {
        Value::Object(fields) => {
            let submitted = fields.get("type").is_some_and(|kind| kind == "submitted");
            let shown = fields.into_iter().map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    ("environmentVariables", Value::Object(variables)) => {
                        *places += variables.len();
                        let names = variables.into_iter().map(|(name, _)| (name, json!(HIDDEN)));
                        Value::Object(names.collect())
                    }
                    ("operation", _) if submitted => {
                        *places += 1;
                        json!(HIDDEN)
                    }
                    (_, value) => hide(value, places),
                };
                (key, value)
            });
            Value::Object(shown.collect())
        }
        Value::Array(items) => items.into_iter().map(|item| hide(item, places)).collect(),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nobodys_to_read_is_hidden_wherever_it_stands() {
        let facts = json!([
            {"type": "submitted", "key": "k", "operation": "https://m.example/o?t=SECRET"},
            {"type": "planned", "effect": {"spec": {"environmentVariables": {"KEY": "SECRET"}, "instances": 1}}},
        ]);
        assert_eq!(
            without_secrets(facts),
            json!([
                {"type": "submitted", "key": "k", "operation": "(not shown)"},
                {"type": "planned", "effect": {"spec": {"environmentVariables": {"KEY": "(not shown)"}, "instances": 1}}},
            ])
        );
    }

    #[test]
    fn only_what_holds_a_secret_may_be_hidden() {
        let submitted =
            json!({"fact": {"type": "submitted", "operation": "https://m.example/o?t=SECRET"}});
        assert!(!may_be_hidden(&submitted));
        assert!(may_be_hidden(&hidden_record(&submitted).unwrap()));
        for plain in [
            json!({"fact": {"type": "submitted"}}),
            json!({"fact": {"type": "opened", "environmentVariables": {}}}),
            json!({"fact": {"type": "voted", "environmentVariables": {"KEY": "(not shown)"}}}),
            json!({"fact": {"type": "pinned", "environmentVariables": {"KEY": "(not shown)"}}}),
            json!({"fact": {"type": "planned", "operation": "(not shown)"}}),
            json!({"fact": {"type": "planned", "effect": {"type": "copy", "spec": {"environmentVariables": {"KEY": "(not shown)"}}}}}),
        ] {
            assert!(!may_be_hidden(&plain), "{plain}");
        }
    }
}
