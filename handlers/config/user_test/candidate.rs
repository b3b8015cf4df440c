//! `candidate`, `champion`, `smokeTest`: what the workspaces and the endpoint would tell.

use serde_json::Value as Json;
use std::collections::BTreeMap;

use super::free::{self, ANYTHING, LABEL, NUMBERS};
use crate::config::diagnostics::Read;
use crate::config::field::Field;
use crate::config::reader::Reader;
use crate::config::shape::{Holds, Key, Shape};

/// What the source workspace tells of the version.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FakeCandidate {
    /// Of the run that made it.
    pub metrics: BTreeMap<String, f64>,
    /// The version's own numeric tags.
    pub tags: BTreeMap<String, f64>,
    /// Who ran the job; absent: nobody knows.
    pub trained_by: Option<String>,
    /// The name of who registered it.
    pub registered_by: Option<String>,
    /// Its files; none: those of a small model.
    pub files: Vec<String>,
}

/// What the target serves.
#[derive(Debug, Clone, PartialEq)]
pub struct FakeChampion {
    /// The version of the same model.
    pub version: String,
    /// Of the run that made it.
    pub metrics: BTreeMap<String, f64>,
    /// The version's own numeric tags.
    pub tags: BTreeMap<String, f64>,
}

/// What the deployment answers to the smoke test.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Json,
}

const METRICS: Key = Key::optional(
    "metrics",
    Holds::Own(NUMBERS),
    "metrics of the MLflow run that made it, by name",
);
const TAGS: Key = Key::optional(
    "tags",
    Holds::Own(NUMBERS),
    "its own numeric tags, for gates with `source: tags`",
);

pub(super) static CANDIDATE: Shape = Shape::new(
    "what the source workspace tells of the version",
    &[
        METRICS,
        TAGS,
        Key::optional(
            "trainedBy",
            Holds::Text,
            "who ran the job that made it; absent: nobody knows, so that the route wants two approvers",
        ),
        Key::optional(
            "registeredBy",
            Holds::Text,
            "the name of who registered it; nobody of that name may approve",
        ),
        Key::optional(
            "files",
            Holds::Names,
            "its files; absent: those of a small model",
        ),
    ],
);

pub(super) static CHAMPION: Shape = Shape::new(
    "what serves",
    &[
        Key::required("version", Holds::Own(LABEL), "its version"),
        METRICS,
        TAGS,
    ],
);

pub(super) static ANSWER: Shape = Shape::new(
    "what the deployment answers to the smoke test",
    &[
        Key::required("answer", Holds::Own(ANYTHING), "the answer's JSON"),
        Key::default(
            "status",
            Holds::Integer {
                least: 100,
                most: 599,
            },
            "200",
            "its HTTP status",
        ),
    ],
);

pub(super) fn candidate(reader: &Reader<'_>) -> Read<FakeCandidate> {
    let metrics = reader.optional("metrics", free::numbers);
    let tags = reader.optional("tags", free::numbers);
    let trained_by = reader.optional("trainedBy", Field::text);
    let registered_by = reader.optional("registeredBy", Field::text);
    let files = reader.optional("files", |field| field.names(free::text));
    Ok(FakeCandidate {
        metrics: metrics?.unwrap_or_default(),
        tags: tags?.unwrap_or_default(),
        trained_by: trained_by?,
        registered_by: registered_by?,
        files: files?.unwrap_or_default(),
    })
}

pub(super) fn champion(reader: &Reader<'_>) -> Read<FakeChampion> {
    let version = reader.required("version", free::label);
    let metrics = reader.optional("metrics", free::numbers);
    let tags = reader.optional("tags", free::numbers);
    Ok(FakeChampion {
        version: version?,
        metrics: metrics?.unwrap_or_default(),
        tags: tags?.unwrap_or_default(),
    })
}

pub(super) fn answer(reader: &Reader<'_>) -> Read<Answer> {
    let body = reader.required("answer", |field| Ok(free::json(field)));
    let status = reader.required("status", Field::integer);
    Ok(Answer {
        status: u16::try_from(status?).expect("the shape bounds it"),
        body: body?,
    })
}
