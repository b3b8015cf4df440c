//! Files with the body of one request a line, which a rollout sends to a candidate.

use serde_json::Value;

use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::files;

/// Each effect's plan keeps the requests in the journal.
const MOST_BYTES: usize = 32 * 1024;
const MOST_REQUESTS: usize = 100;

pub(super) fn read(field: &Field<'_>) -> Read<Vec<Value>> {
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
        count if count > MOST_REQUESTS => {
            let what = format!("has {count} requests, more than {MOST_REQUESTS}");
            Err(field.complain(Complaint::new(what, "send fewer requests")))
        }
        _ => Ok(requests),
    }
}
