//! The top of `*.test.yaml`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::borne::{self, BORNE, Borne};
use super::candidate::{self, ANSWER, Answer, CANDIDATE, CHAMPION, FakeCandidate, FakeChampion};
use super::event::{self, EVENT, FakeEvent};
use super::expected::{self, EXPECTED, Expected};
use super::measurements::{self, MEASUREMENTS, Shown};
use super::people::{self, ABORT, Act, FakeVote, RESUME, ROLL_BACK, VOTE};
use crate::config::context::{Context, Source, Unset, Variables};
use crate::config::diagnostics::{Problems, Read};
use crate::config::field::Field;
use crate::config::node::Node;
use crate::config::reader::Reader;
use crate::config::shape::{Holds, Key, Shape};

/// One test: what happens, and what is expected to come of it.
#[derive(Debug, Clone, PartialEq)]
pub struct UserTest {
    /// What it shows, in words.
    pub name: String,
    /// The configuration, from the test's folder; absent: the nearest `liftlock.yaml` there or above.
    pub config: Option<String>,
    /// Values for the configuration's variables, before those of the environment.
    pub environment: BTreeMap<String, String>,
    /// What it begins with.
    pub event: FakeEvent,
    /// The route whose promotion is meant; absent: there is one only.
    pub route: Option<String>,
    /// What the source workspace tells.
    pub candidate: FakeCandidate,
    /// What serves; absent: nothing.
    pub champion: Option<FakeChampion>,
    /// What the deployment answers; absent: as it should.
    pub smoke_test: Option<Answer>,
    /// How the deployment bears its load tests; absent: as is hoped.
    pub load_test: Option<Borne>,
    /// Who answers the question.
    pub votes: Vec<FakeVote>,
    /// What people do besides, one after the other.
    pub acts: Vec<Act>,
    /// What is measured, by metric, in order; the last one stays.
    pub measurements: BTreeMap<String, Vec<Shown>>,
    /// What is expected.
    pub expect: Expected,
}

pub(in crate::config) static USER_TEST: Shape = Shape::new(
    "one test of a configuration: what happens, and what is expected to come of it",
    &[
        Key::required("name", Holds::Text, "what it shows, in words"),
        Key::optional(
            "config",
            Holds::Text,
            "the configuration, named from the test's folder; absent: the nearest liftlock.yaml there or above",
        ),
        Key::optional(
            "environment",
            Holds::Texts,
            "values for `${NAME}` in the configuration, before those of the environment",
        ),
        Key::required("event", Holds::Mapping(&EVENT), "what it begins with"),
        Key::optional(
            "route",
            Holds::Text,
            "the route whose promotion is meant, where the event opens several",
        ),
        Key::optional(
            "candidate",
            Holds::Mapping(&CANDIDATE),
            "what the source workspace tells of the version",
        ),
        Key::optional(
            "champion",
            Holds::Mapping(&CHAMPION),
            "what serves; absent: nothing does yet",
        ),
        Key::optional(
            "smokeTest",
            Holds::Mapping(&ANSWER),
            "what the deployment answers to the smoke test; absent: as it should",
        ),
        Key::optional(
            "loadTest",
            Holds::Mapping(&BORNE),
            "how the deployment bears every load test; absent: without an error, at once",
        ),
        Key::optional(
            "votes",
            Holds::List(&[&VOTE]),
            "who answers the question whether to promote",
        ),
        Key::optional(
            "acts",
            Holds::List(&[&RESUME, &ABORT, &ROLL_BACK]),
            "what people do besides, one after the other",
        ),
        Key::optional(
            "measurements",
            Holds::Own(MEASUREMENTS),
            "what is measured, by metric and in order; the last one stays",
        ),
        Key::required("expect", Holds::Mapping(&EXPECTED), "what is expected"),
    ],
);

/// Reads one test.
pub fn read_test(path: &Path) -> Result<UserTest, Problems> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let context = Context::new(folder, &|_| None, Unset::Refused);
    let source = Source {
        context: &context,
        file: Arc::from(path.display().to_string()),
        variables: Variables::Literal,
    };
    let read = text(path, &source)
        .and_then(|text| Node::parse(&text, &source))
        .and_then(|root| case(&root, &source));
    drop(source);
    let (problems, _) = context.into_findings();
    match read {
        Ok(case) if problems.iter().next().is_none() => Ok(case),
        Ok(_) | Err(_) => Err(problems),
    }
}

fn text(path: &Path, source: &Source<'_>) -> Read<String> {
    std::fs::read_to_string(path).map_err(|error| {
        let what = format!("cannot be read: {error}");
        source.report(1, what, "name a file that you may read")
    })
}

pub(in crate::config) fn case(root: &Node, source: &Source<'_>) -> Read<UserTest> {
    let reader = Reader::open(root, &USER_TEST, String::new(), source)?;
    let name = reader.required("name", Field::text);
    let config = reader.optional("config", Field::text);
    let environment = reader.optional("environment", Field::texts);
    let event = reader.required("event", |field| field.mapping(event::read));
    let route = reader.optional("route", Field::text);
    let candidate = reader.optional("candidate", |field| field.mapping(candidate::candidate));
    let champion = reader.optional("champion", |field| field.mapping(candidate::champion));
    let smoke_test = reader.optional("smokeTest", |field| field.mapping(candidate::answer));
    let load_test = reader.optional("loadTest", |field| field.mapping(borne::read));
    let votes = reader.optional("votes", people::votes);
    let acts = reader.optional("acts", people::acts);
    let measurements = reader.optional("measurements", measurements::read);
    let expect = reader.required("expect", |field| field.mapping(expected::read));
    Ok(UserTest {
        name: name?,
        config: config?,
        environment: environment?.unwrap_or_default(),
        event: event?,
        route: route?,
        candidate: candidate?.unwrap_or_default(),
        champion: champion?,
        smoke_test: smoke_test?,
        load_test: load_test?,
        votes: votes?.unwrap_or_default(),
        acts: acts?.unwrap_or_default(),
        measurements: measurements?.unwrap_or_default(),
        expect: expect?,
    })
}
