//! `routes[].rollout.batchTest`: a job on sample data before the candidate's deployment becomes the default.

use promotion::BatchTest;

use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};

pub(super) static BATCH_TEST: Shape = Shape::new(
    "a job on sample data before the candidate's deployment becomes the default, compared with the champion's",
    &[
        Key::required(
            "input",
            Holds::Text,
            "where the sample data lies in the target's workspace: `azureml://datastores/<name>/paths/<file>`, or a folder, with a slash \
             at its end",
        ),
        Key::optional(
            "minRows",
            Holds::Integer {
                least: 1,
                most: u32::MAX,
            },
            "how many rows the result must have at least",
        ),
        Key::optional(
            "maxErrors",
            Holds::Integer {
                least: 0,
                most: u32::MAX,
            },
            "how many of its rows may lack a prediction; absent: as many as the champion's, and none where nothing serves yet",
        ),
        Key::default(
            "timeout",
            Holds::Duration { least: 1 },
            "1h",
            "how long a job may take, its wait for machines included",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<BatchTest> {
    let input = reader.required("input", |field| field.parse(input));
    let min_rows = reader.optional("minRows", Field::integer);
    let max_errors = reader.optional("maxErrors", Field::integer);
    let timeout = reader.required("timeout", Field::duration);
    Ok(BatchTest {
        input: input?,
        min_rows: min_rows?,
        max_errors: max_errors?,
        timeout: timeout?,
    })
}

fn input(text: &str) -> Result<String, Complaint> {
    let path = text
        .strip_prefix("azureml://")
        .and_then(|rest| rest.split_once("datastores/"))
        .and_then(|(_, rest)| rest.split_once("/paths/"))
        .is_some_and(|(store, path)| !store.is_empty() && !path.is_empty());
    if path {
        return Ok(text.to_owned());
    }
    let help =
        "write `azureml://datastores/<name>/paths/<file>` of a datastore of the target's workspace";
    Err(Complaint::new("is no place of data", help))
}
