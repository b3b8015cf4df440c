//! `steps[].loadTest`: many requests to the candidate before it has traffic.

use promotion::{LoadTest, Seconds, Step};

use super::condition::{self, Subject};
use super::diagnostics::{Complaint, Read};
use super::duration::written;
use super::field::Field;
use super::reader::Reader;
use super::requests;
use super::shape::{Holds, Key, Shape};

/// One effect has two minutes, and the last answer takes a while.
const LONGEST: Seconds = Seconds(60);
/// Each keeps its requests in the journal.
const MOST: usize = 5;

pub(super) static LOAD_TEST: Shape = Shape::new(
    "a load test",
    &[Key::required(
        "loadTest",
        Holds::Mapping(&LOAD),
        "send the candidate many requests by name, before the first `setWeight` above 0, and go back where it does not bear that",
    )],
);

static LOAD: Shape = Shape::new(
    "how much load, and what is to come of it",
    &[
        requests::REQUESTS,
        requests::COLLECTED,
        Key::required(
            "rate",
            Holds::Integer { least: 1, most: 50 },
            "how many requests a second, each at its moment, whether those before it were answered or not",
        ),
        Key::required(
            "duration",
            Holds::Duration { least: 1 },
            "for how long, at most 60s",
        ),
        Key::default(
            "successCondition",
            Holds::Text,
            "errorRate == 0.0",
            "a CEL expression over `sent`, `errorRate` (from 0 to 1), `p50`, `p95` and `p99` (milliseconds, from the moment that a \
             request was to be sent at) and `rate` (a second, as reached) that must be true",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<Step> {
    reader.required("loadTest", |field| Ok(Step::LoadTest(field.mapping(load)?)))
}

fn load(reader: &Reader<'_>) -> Read<LoadTest> {
    let requests = requests::read(reader);
    let rate = reader.required("rate", Field::integer);
    let duration = reader.required("duration", duration);
    let success_condition = reader.required("successCondition", |field| {
        field.parse(|text| condition::parse(text, Subject::Load))
    });
    Ok(LoadTest {
        requests: requests?,
        rate: rate?,
        duration: duration?,
        success_condition: success_condition?,
    })
}

fn duration(field: &Field<'_>) -> Read<Seconds> {
    let duration = field.duration()?;
    if duration <= LONGEST {
        return Ok(duration);
    }
    let what = format!("is more than {}", LONGEST.0);
    let what = format!("{what} seconds, which is as long as one call of the app may load");
    let help = format!("write at most `{}`", written(LONGEST));
    Err(field.complain(Complaint::new(what, help)))
}

/// Once it has traffic, its callers would bear the load too; and a journal has to hold all requests.
pub(super) fn before_traffic(steps: &[Step]) -> Result<(), (usize, Complaint)> {
    let has_traffic = |step: &Step| matches!(step, Step::SetWeight(1..));
    let first = steps.iter().position(has_traffic).unwrap_or(steps.len());
    let loads = || {
        let steps = steps.iter().enumerate();
        steps.filter(|(_, step)| matches!(step, Step::LoadTest(_)))
    };
    if let Some((index, _)) = loads().find(|(index, _)| *index > first) {
        let what = "loads a candidate that has traffic already, and with it its callers";
        let help = "let it come before the first `setWeight` above 0";
        return Err((index, Complaint::new(what, help)));
    }
    match loads().nth(MOST) {
        None => Ok(()),
        Some((index, _)) => {
            let what = format!(
                "is one of more than {MOST} load tests, and a journal keeps the requests of each"
            );
            let help = "load it once with what it has to bear";
            Err((index, Complaint::new(what, help)))
        }
    }
}
