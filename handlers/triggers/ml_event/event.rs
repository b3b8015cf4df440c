//! An event as Event Grid sends it, in either schema, made into what we know.

use axum::body::Bytes;
use jiff::Timestamp;
use promotion::{Digest, ModelName, ModelVersion, RunId, WorkspaceId};
use serde_json::Value;

use crate::ui::capped;

const NAMESPACE: &str = "microsoft.machinelearningservices.";

/// One event: what it says, and its bytes as they came.
pub(crate) struct Notification {
    key: String,
    kind: String,
    subject: String,
    time: Option<Timestamp>,
    raw: Bytes,
    event: MlEvent,
}

/// What we act on.
pub(super) enum MlEvent {
    ModelRegistered {
        workspace: WorkspaceId,
        model: ModelName,
        version: ModelVersion,
    },
    RunCompleted {
        workspace: WorkspaceId,
        run: RunId,
        experiment: String,
    },
    NotActedOn {
        why: String,
    },
    NotUnderstood {
        why: String,
    },
}

impl Notification {
    /// Reads what was kept under a key; what another key would be made for is not that event as it came.
    pub(crate) fn kept(key: &str, raw: &Bytes) -> Self {
        let read = serde_json::from_slice(raw).map(|json| Self::read(&json));
        match read {
            Ok(read) if read.key == key => read,
            Ok(_) | Err(_) => Self {
                key: key.to_owned(),
                ..Self::broken(raw, "what was kept is not the event that its key names")
            },
        }
    }

    /// Whether what was kept under a key is what that key was made for: an event, or something that is none.
    pub(crate) fn is_whole(key: &str, raw: &Bytes) -> bool {
        let read = serde_json::from_slice(raw).map(|json| Self::read(&json));
        read.is_ok_and(|read| read.key == key) || Self::broken(raw, "").key == key
    }

    /// Reads an event. Whatever is missing, there is always something to keep.
    pub(crate) fn read(json: &Value) -> Self {
        let raw = Bytes::from(json.to_string());
        let id = text(json, &["id"]).unwrap_or_default();
        let source = text(json, &["topic", "source"]).unwrap_or_default();
        let kind = text(json, &["eventType", "type"]).unwrap_or_default();
        let time = text(json, &["eventTime", "time"]).and_then(|time| time.parse().ok());
        let event = if id.is_empty() || source.is_empty() || kind.is_empty() {
            broken("it lacks its id, its source or its type")
        } else {
            classify(&source, &kind, get(json, "data").unwrap_or(&Value::Null))
        };
        let identity = if id.is_empty() {
            Digest::of(&raw)
        } else {
            Digest::of(format!("{}\n{source}\n{id}", source.len()).as_bytes())
        };
        Self {
            key: format!("{}/{}", day(time), identity.short(32)),
            kind: capped(&kind, 120),
            subject: capped(&text(json, &["subject"]).unwrap_or_default(), 200),
            time,
            raw,
            event,
        }
    }

    /// Keeps what is not even an event.
    pub(crate) fn broken(body: &Bytes, why: &str) -> Self {
        Self {
            key: format!("{}/{}", day(None), Digest::of(body).short(32)),
            kind: "unreadable".to_owned(),
            subject: String::new(),
            time: None,
            raw: body.clone(),
            event: broken(why),
        }
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn kind(&self) -> &str {
        if self.kind.is_empty() {
            "unreadable"
        } else {
            &self.kind
        }
    }

    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    pub(crate) fn time(&self) -> Option<Timestamp> {
        self.time
    }

    pub(crate) fn raw(&self) -> Bytes {
        self.raw.clone()
    }

    pub(super) fn event(&self) -> &MlEvent {
        &self.event
    }

    /// Why nothing can be made of it, if that is so.
    pub(crate) fn not_understood(&self) -> Option<&str> {
        match &self.event {
            MlEvent::NotUnderstood { why } => Some(why),
            MlEvent::ModelRegistered { .. }
            | MlEvent::RunCompleted { .. }
            | MlEvent::NotActedOn { .. } => None,
        }
    }
}

fn classify(source: &str, kind: &str, data: &Value) -> MlEvent {
    let kind = kind.to_ascii_lowercase();
    let Some(name) = kind.strip_prefix(NAMESPACE) else {
        return MlEvent::NotActedOn {
            why: "not an event of Azure Machine Learning".to_owned(),
        };
    };
    let Some(workspace) = workspace(source) else {
        return broken("its source is no workspace");
    };
    let field = |name: &str| text(data, &[name]).filter(|text| !text.trim().is_empty());
    match name {
        "modelregistered" => match field("modelName").zip(field("modelVersion")) {
            Some((model, version)) => MlEvent::ModelRegistered {
                workspace,
                model: ModelName::new(model),
                version: ModelVersion::new(version),
            },
            None => broken("it names no model version"),
        },
        "runcompleted" => match field("runId").zip(field("experimentName")) {
            Some((run, experiment)) => MlEvent::RunCompleted {
                workspace,
                run: RunId::new(run),
                experiment,
            },
            None => broken("it names no run of an experiment"),
        },
        "runstatuschanged" | "modeldeployed" | "datasetdriftdetected" => MlEvent::NotActedOn {
            why: "nothing follows from events of this type".to_owned(),
        },
        _ => MlEvent::NotActedOn {
            why: "this type of event is unknown".to_owned(),
        },
    }
}

/// A workspace's resource id, without what may stand behind it.
fn workspace(source: &str) -> Option<WorkspaceId> {
    const SHAPE: [&str; 9] = [
        "",
        "subscriptions",
        "*",
        "resourceGroups",
        "*",
        "providers",
        "Microsoft.MachineLearningServices",
        "workspaces",
        "*",
    ];
    let parts: Vec<&str> = source.trim_end_matches('/').split('/').collect();
    let fits = parts.len() == SHAPE.len()
        && parts.iter().zip(SHAPE).all(|(part, shape)| {
            shape == "*" && !part.is_empty() || part.eq_ignore_ascii_case(shape)
        });
    fits.then(|| WorkspaceId::new(source.trim_end_matches('/')))
}

fn broken(why: &str) -> MlEvent {
    MlEvent::NotUnderstood {
        why: why.to_owned(),
    }
}

fn day(time: Option<Timestamp>) -> String {
    time.map_or_else(
        || "undated".to_owned(),
        |time| time.strftime("%Y-%m-%d").to_string(),
    )
}

/// The value of a key, whatever its casing: run events are camelCase, model events `PascalCase`.
fn get<'a>(json: &'a Value, key: &str) -> Option<&'a Value> {
    let object = json.as_object()?;
    object.get(key).or_else(|| {
        object
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key))
            .map(|(_, value)| value)
    })
}

/// The first of these keys as text; versions come as numbers too.
fn text(json: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match get(json, key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const WORKSPACE: &str = "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/ml-dev";

    #[test]
    fn both_schemas_and_any_casing_say_the_same() {
        let kind = "Microsoft.MachineLearningServices.ModelRegistered";
        let grid = json!({"topic": WORKSPACE, "id": "1", "eventType": kind, "eventTime": "2026-11-23T07:00:00.1Z",
            "subject": "models/m:3", "data": {"ModelName": "m", "ModelVersion": 3}});
        let cloud = json!({"source": WORKSPACE, "id": "1", "type": kind.to_lowercase(), "time": "2026-11-23T07:00:00.1Z",
            "subject": "models/m:3", "specversion": "1.0", "data": {"modelName": "m", "modelVersion": "3"}});
        let (grid, cloud) = (Notification::read(&grid), Notification::read(&cloud));
        assert_eq!(grid.key(), cloud.key());
        for read in [grid, cloud] {
            let MlEvent::ModelRegistered { model, version, .. } = read.event() else {
                panic!("not understood");
            };
            assert_eq!((model.as_str(), version.as_str()), ("m", "3"));
        }
    }

    #[test]
    fn whatever_is_missing_there_is_something_to_keep() {
        for json in [
            json!(null),
            json!([]),
            json!({"id": 1}),
            json!("x"),
            json!({"id": "1", "type": "T", "source": "/x"}),
        ] {
            let read = Notification::read(&json);
            let acted_on = matches!(
                read.event(),
                MlEvent::ModelRegistered { .. } | MlEvent::RunCompleted { .. }
            );
            assert!(!acted_on, "{json}");
            assert!(!read.key().is_empty() && !read.kind().is_empty());
        }
    }

    #[test]
    fn a_time_of_nonsense_does_not_choose_a_folder() {
        let read = Notification::read(
            &json!({"id": "1", "source": WORKSPACE, "type": "t", "time": "../../journals"}),
        );
        assert!(read.key().starts_with("undated/"), "{}", read.key());
    }

    #[test]
    fn what_was_kept_is_read_again_under_its_own_key_only() {
        let json = json!({"topic": WORKSPACE, "id": "1", "eventTime": "2026-11-23T07:00:00Z",
            "eventType": "Microsoft.MachineLearningServices.ModelRegistered",
            "data": {"ModelName": "m", "ModelVersion": "3"}});
        let first = Notification::read(&json);
        let again = Notification::kept(first.key(), &first.raw());
        assert_eq!((again.key(), again.not_understood()), (first.key(), None));
        for (key, raw) in [
            ("2026-11-23/another", first.raw()),
            (first.key(), Bytes::from("x")),
        ] {
            let kept = Notification::kept(key, &raw);
            assert!(kept.not_understood().is_some());
            assert_eq!((kept.key(), kept.raw()), (key, raw));
        }
    }
}
