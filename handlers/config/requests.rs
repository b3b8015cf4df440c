//! What a rollout asks a candidate: a file with the body of one request a line, or a sample of what callers have sent.

use promotion::{Collected, CollectedFrom, Requests};
use serde_json::Value;

use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::files;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};

/// Each effect's plan keeps the requests in the journal.
const MOST_BYTES: usize = 32 * 1024;
const MOST_REQUESTS: u32 = 100;
/// A week: each day is a list of its own.
const MOST_HOURS: u32 = 168;

pub(super) const REQUESTS: Key = Key::optional(
    "requests",
    Holds::File,
    "a file with the body of one request a line, in JSON: at most 100 of 32 KiB together; this or `collected`",
);

pub(super) const COLLECTED: Key = Key::optional(
    "collected",
    Holds::Mapping(&SAMPLE),
    "instead of a file a sample of what callers have sent, as far as Azure ML's data collector has kept it",
);

static SAMPLE: Shape = Shape::new(
    "which of the collected requests",
    &[
        Key::default(
            "from",
            Holds::Word(&["champion"]),
            "champion",
            "whose callers",
        ),
        Key::default(
            "hours",
            Holds::Integer {
                least: 1,
                most: MOST_HOURS,
            },
            "24",
            "how far back, the newest first",
        ),
        Key::default(
            "most",
            Holds::Integer {
                least: 1,
                most: MOST_REQUESTS,
            },
            "50",
            "at most so many, spread over what is found",
        ),
    ],
);

/// One of the two.
pub(super) fn read(reader: &Reader<'_>) -> Read<Requests> {
    let given = reader.optional("requests", given);
    let collected = reader.optional("collected", |field| field.mapping(collected));
    match (given?, collected?) {
        (Some(requests), None) => Ok(Requests::Given(requests)),
        (None, Some(collected)) => Ok(Requests::Collected(collected)),
        (Some(_), Some(_)) => {
            let what = "stands beside `requests`";
            Err(reader.complain("collected", Complaint::new(what, "remove one of the two")))
        }
        (None, None) => {
            let help = "write `requests` or `collected`";
            let complaint = Complaint::new("is missing, and so is `collected`", help);
            Err(reader.complain("requests", complaint))
        }
    }
}

fn collected(reader: &Reader<'_>) -> Read<Collected> {
    let from = reader.required("from", |field| {
        field.word(|_| Some(CollectedFrom::Champion))
    });
    let hours = reader.required("hours", Field::integer);
    let most = reader.required("most", Field::integer);
    Ok(Collected {
        from: from?,
        hours: hours?,
        most: most?,
    })
}

fn given(field: &Field<'_>) -> Read<Vec<Value>> {
    let file = files::open(field)?;
    if file.text.len() > MOST_BYTES {
        let complaint = Complaint::new("is larger than 32 KiB", "send fewer or smaller requests");
        return Err(field.complain(complaint));
    }
    let mut requests = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let request = serde_json::from_str(line).map_err(|error| {
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let help = "write the body of one request a line, like `{\"input_data\": …}`";
            file.source
                .report(number, format!("this is not JSON: {error}"), help)
        })?;
        requests.push(request);
    }
    let help = "write the body of one request a line";
    match requests.len() {
        0 => Err(field.complain(Complaint::new("has no request", help))),
        count if u32::try_from(count).is_ok_and(|count| count > MOST_REQUESTS) => {
            let what = format!("has {count} requests, more than {MOST_REQUESTS}");
            Err(field.complain(Complaint::new(what, "send fewer requests")))
        }
        _ => Ok(requests),
    }
}
