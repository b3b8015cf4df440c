//! `event`: what the test begins with.

use serde_json::Value as Json;

use super::free::{self, ANYTHING, LABEL};
use crate::config::diagnostics::{Complaint, Read};
use crate::config::field::Field;
use crate::config::reader::Reader;
use crate::config::shape::{Holds, Key, Shape};

/// What the test begins with.
#[derive(Debug, Clone, PartialEq)]
pub enum FakeEvent {
    /// A version was registered.
    ModelRegistered {
        /// Its model.
        model: String,
        /// Its number.
        version: String,
        /// In the workspace of this stage; absent: of the first route that takes the model.
        stage: Option<String>,
    },
    /// A job has completed.
    RunCompleted {
        /// Its experiment.
        experiment: String,
        /// The job's name.
        run: String,
        /// The number that its output is registered under.
        version: String,
        /// In the workspace of this stage; absent: of the first route that takes the experiment's jobs.
        stage: Option<String>,
    },
    /// As Event Grid sends it, in either schema.
    EventGrid(Json),
    /// The same in a file, relative to the test's folder.
    File(String),
}

const STAGE: Key = Key::optional(
    "stage",
    Holds::Text,
    "the stage of liftlock.yaml in whose workspace it happened; absent: where the first route that takes it comes from",
);

static REGISTERED: Shape = Shape::new(
    "a model version was registered",
    &[
        Key::required("model", Holds::Text, "the model's name"),
        Key::required("version", Holds::Own(LABEL), "the version's number"),
        STAGE,
    ],
);

static COMPLETED: Shape = Shape::new(
    "a job has completed",
    &[
        Key::required("experiment", Holds::Text, "the experiment it belongs to"),
        Key::default("run", Holds::Own(LABEL), "run-1", "the job's name"),
        Key::default(
            "version",
            Holds::Own(LABEL),
            "1",
            "the number that the job's output is registered under",
        ),
        STAGE,
    ],
);

pub(super) static EVENT: Shape = Shape::new(
    "what the test begins with: one of these",
    &[
        Key::optional(
            "modelRegistered",
            Holds::Mapping(&REGISTERED),
            "a model version was registered",
        ),
        Key::optional(
            "runCompleted",
            Holds::Mapping(&COMPLETED),
            "a job has completed",
        ),
        Key::optional(
            "eventGrid",
            Holds::Own(ANYTHING),
            "an event as Event Grid sends it, in either schema",
        ),
        Key::optional(
            "file",
            Holds::Text,
            "the same in a JSON file, named from the test's folder",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<FakeEvent> {
    let registered = reader.optional("modelRegistered", |field| field.mapping(registered))?;
    let completed = reader.optional("runCompleted", |field| field.mapping(completed))?;
    let grid = reader.optional("eventGrid", |field| Ok(free::json(field)))?;
    let file = reader.optional("file", Field::text)?;
    let all = [
        registered,
        completed,
        grid.map(FakeEvent::EventGrid),
        file.map(FakeEvent::File),
    ];
    let mut given = all.into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(event), None) => Ok(event),
        (None, _) => Err(reader.complain(
            "modelRegistered",
            Complaint::new(
                "no event is told",
                "write one of `modelRegistered`, `runCompleted`, `eventGrid`, `file`",
            ),
        )),
        (Some(_), Some(_)) => Err(reader.complain(
            "modelRegistered",
            Complaint::new(
                "two events are told at once",
                "keep one of them: a test begins with one event",
            ),
        )),
    }
}

fn registered(reader: &Reader<'_>) -> Read<FakeEvent> {
    let model = reader.required("model", Field::text);
    let version = reader.required("version", free::label);
    let stage = reader.optional("stage", Field::text);
    Ok(FakeEvent::ModelRegistered {
        model: model?,
        version: version?,
        stage: stage?,
    })
}

fn completed(reader: &Reader<'_>) -> Read<FakeEvent> {
    let experiment = reader.required("experiment", Field::text);
    let run = reader.required("run", free::label);
    let version = reader.required("version", free::label);
    let stage = reader.optional("stage", Field::text);
    Ok(FakeEvent::RunCompleted {
        experiment: experiment?,
        run: run?,
        version: version?,
        stage: stage?,
    })
}
