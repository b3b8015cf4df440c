//! The events of a workspace, in both envelopes that Event Grid knows.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::arm::{Job, Pairs, Workspace, WorkspaceId};

/// Which envelope a subscription asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EventSchema {
    /// An array with one event.
    EventGrid,
    /// A single CloudEvents 1.0 object.
    CloudEvents,
}

#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) topic: WorkspaceId,
    pub(crate) subject: String,
    /// The last word of its type: `ModelRegistered`.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) time: Timestamp,
    pub(crate) data: Value,
}

impl Event {
    pub(crate) fn event_type(&self) -> String {
        format!("Microsoft.MachineLearningServices.{}", self.kind)
    }

    /// The body of a delivery.
    pub(crate) fn body(&self, schema: EventSchema) -> Value {
        let (topic, kind, time) = (
            self.topic.arm_id(),
            self.event_type(),
            format!("{:.7}", self.time),
        );
        match schema {
            EventSchema::EventGrid => json!([{
                "topic": topic, "subject": self.subject, "eventType": kind, "eventTime": time, "id": self.id,
                "data": self.data, "dataVersion": "", "metadataVersion": "1",
            }]),
            EventSchema::CloudEvents => json!({
                "source": topic, "subject": self.subject, "type": kind, "time": time, "id": self.id,
                "data": self.data, "specversion": "1.0",
            }),
        }
    }
}

/// A version was created. Its data is in Pascal case and its version a number, as in Microsoft's samples.
pub(crate) fn model_registered(
    workspace: &Workspace,
    model: &str,
    version: &str,
    id: String,
    now: Timestamp,
) -> Event {
    let empty = Pairs::new();
    let found = workspace.version(model, version).ok();
    let (tags, properties) = found.map_or((&empty, &empty), |v| (&v.spec.tags, &v.spec.properties));
    let number = version
        .parse::<u64>()
        .map_or_else(|_| json!(version), |n| json!(n));
    Event {
        topic: workspace.id.clone(),
        subject: format!("models/{model}:{version}"),
        kind: "ModelRegistered",
        id,
        time: now,
        data: json!({"ModelName": model, "ModelVersion": number, "ModelTags": tags, "ModelProperties": properties}),
    }
}

/// A job completed. Its data is in camel case, as in Microsoft's samples.
pub(crate) fn run_completed(workspace: &Workspace, job: &Job, id: String, now: Timestamp) -> Event {
    Event {
        topic: workspace.id.clone(),
        subject: format!("experiments/{}/runs/{}", job.experiment_id, job.name),
        kind: "RunCompleted",
        id,
        time: now,
        data: json!({
            "experimentId": job.experiment_id,
            "experimentName": job.experiment,
            "runId": job.name,
            "runType": "azureml.scriptrun",
            "runTags": job.tags,
            "runProperties": job.properties,
        }),
    }
}
