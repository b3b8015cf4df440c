//! `routes[].rollout.smokeTest`: one request to the candidate before it has traffic.

use promotion::SmokeTest;

use super::condition::{self, Subject};
use super::diagnostics::Read;
use super::field::Field;
use super::files;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};

pub(super) static SMOKE_TEST: Shape = Shape::new(
    "one request to the candidate before it has traffic",
    &[
        Key::required("request", Holds::File, "a JSON file with the body to send"),
        Key::required(
            "successCondition",
            Holds::Text,
            "a CEL expression over `result`, the answer's JSON, `status`, its HTTP status, and `latency`, in milliseconds, that must be \
             true; where it says nothing of the status, that must be 200",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<SmokeTest> {
    let request = reader.required("request", request);
    let success_condition = reader.required("successCondition", |field| {
        field.parse(|text| condition::parse(text, Subject::Answer))
    });
    Ok(SmokeTest {
        request: request?,
        success_condition: success_condition?,
    })
}

fn request(field: &Field<'_>) -> Read<serde_json::Value> {
    let file = files::open(field)?;
    serde_json::from_str(&file.text).map_err(|error| {
        let line = u32::try_from(error.line().max(1)).unwrap_or(u32::MAX);
        let what = format!("this is not JSON: {error}");
        file.source.report(
            line,
            what,
            "write the body of one request, like `{\"input_data\": …}`",
        )
    })
}
