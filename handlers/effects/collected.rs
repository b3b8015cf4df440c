//! What callers have sent to a deployment, as far as Azure ML's data collector keeps it: a sample for whoever is to be asked the
//! same. Reading changes nothing.
//!
//! **Invariant:** what callers have sent goes to the candidate (and once more to the champion) and nowhere else: no record, log or
//! sentence has it, only the names of the blobs that hold it.
//!
//! Where it lies and what it looks like is from memory of Microsoft's page on collecting production data, and not verified:
//! JSON lines, `CloudEvents` with the data under `data`, in the workspace's default datastore under
//! `modelDataCollector/<endpoint>/<deployment>/<collection>/yyyy/MM/dd/HH/<instance>.jsonl`, the path rolled by the hour or more
//! rarely. The collection `request` is payload logging, its data a body; `model_inputs` is what a scoring script or `MLflow`'s
//! server logs, its data a table as records.

use azure_api::ml::WorkspaceRef;
use jiff::{SignedDuration, Timestamp};
use promotion::{BlobPlace, Collected, DeploymentName, Failure, Report};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::perform::Effects;
use super::policy::or_report;

/// The first of these that holds anything is taken: both would tell of the same requests.
const COLLECTIONS: [Collection; 2] = [Collection::Request, Collection::ModelInputs];
/// Of a day's names so many are looked at.
const MOST_NAMES: u32 = 5000;
/// So many pages of a day are looked at: of a day that has more, its last hours are not found.
const MOST_PAGES: usize = 20;
/// So many blobs are read, the newest first.
const MOST_BLOBS: usize = 16;
/// Of each its last bytes: the newest lines stand at the end.
const TAIL: u64 = 512 * 1024;
/// What may be written to one while it is read.
const GROWTH: u64 = 512 * 1024;
/// A request that is larger is passed over.
const LARGEST: usize = 64 * 1024;

/// What is kept under one name.
#[derive(Clone, Copy)]
enum Collection {
    /// Bodies as they came.
    Request,
    /// Tables as records.
    ModelInputs,
}

/// A sample of requests.
pub(super) struct Sample {
    /// The bodies; none, where none were collected.
    pub(super) requests: Vec<Value>,
    /// Which blobs they were in, or where there are none.
    pub(super) of: String,
}

/// A line of what is kept; where the data was too large it is elsewhere, and not here.
#[derive(Deserialize)]
struct Line {
    data: Option<Value>,
}

/// A blob that may hold requests.
struct Found {
    name: String,
    size: u64,
    /// `2026/11/23/07`, or as far as it goes.
    period: String,
}

impl Collection {
    fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::ModelInputs => "model_inputs",
        }
    }

    /// The body that a line tells of.
    fn body(self, line: &str) -> Option<Value> {
        let data = serde_json::from_str::<Line>(line).ok()?.data?;
        match (self, data) {
            (Self::Request, Value::String(text)) => serde_json::from_str(&text).ok(),
            (Self::Request, Value::Null) => None,
            (Self::Request, body) => Some(body),
            (Self::ModelInputs, Value::Array(records)) => table(&records),
            (Self::ModelInputs, _) => None,
        }
    }
}

impl Effects {
    /// A sample of what callers have sent to `deployment` in the hours before `now`; of two that are taken of the same blobs, the
    /// same.
    pub(super) async fn collected(
        &self,
        at: &WorkspaceRef,
        endpoint: &str,
        deployment: &DeploymentName,
        wanted: &Collected,
        now: Timestamp,
    ) -> Result<Sample, Report> {
        let store = or_report(self.ml.default_datastore(at).await)?;
        let place = store.and_then(|store| Some((store.account_name?, store.container_name?)));
        let (account, container) = place.ok_or_else(|| {
            let message = format!("the default datastore of `{at}` is no blob container");
            Report::Failed(Failure::new("NotABlobDatastore", message))
        })?;
        let folder = format!("modelDataCollector/{endpoint}/{deployment}");
        let container = self.container(&BlobPlace {
            account,
            container,
            prefix: folder.clone(),
        })?;
        for collection in COLLECTIONS {
            let prefix = format!("{folder}/{}", collection.name());
            let mut found = Vec::new();
            for day in days(now, wanted.hours) {
                let of_the_day = format!("{prefix}/{day}/");
                let mut marker = None;
                // By name, so by the hour: the newest come last.
                for _ in 0..MOST_PAGES {
                    let page = container.list_page(&of_the_day, marker.as_deref(), MOST_NAMES);
                    let page = or_report(page.await)?;
                    found.extend(page.items.into_iter().filter_map(|item| {
                        Found::of(&prefix, item.name, item.size)
                            .filter(|found| found.is_within(now, wanted.hours))
                    }));
                    marker = page.next;
                    if marker.is_none() {
                        break;
                    }
                }
            }
            found.sort_by(|one, other| (&other.period, &other.name).cmp(&(&one.period, &one.name)));
            let mut requests = Vec::new();
            let mut read = Vec::new();
            for blob in found.iter().take(MOST_BLOBS) {
                let offset = blob.size.saturating_sub(TAIL);
                let holder = container.blob(&blob.name);
                let tail = holder.get_from(offset, TAIL + GROWTH).await;
                let Some(tail) = or_report(tail)? else {
                    continue;
                };
                let bodies = bodies(collection, &tail.bytes, offset > 0);
                if !bodies.is_empty() {
                    read.push(blob.name.as_str());
                    requests.extend(bodies);
                }
            }
            if let Some(newest) = read.first() {
                let more = match read.len() - 1 {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                return Ok(Sample {
                    requests: every_so_many(requests, wanted.most),
                    of: format!("{newest}{more}"),
                });
            }
        }
        Ok(Sample {
            requests: vec![],
            of: folder,
        })
    }
}

/// Why there are no requests.
pub(super) fn nothing_collected(wanted: &Collected) -> String {
    format!(
        "the data collector has kept no request of the champion's callers in the last {} h",
        wanted.hours
    )
}

impl Found {
    fn of(prefix: &str, name: String, size: u64) -> Option<Self> {
        let (period, file) = name
            .strip_prefix(prefix)?
            .trim_start_matches('/')
            .rsplit_once('/')?;
        let is_lines = std::path::Path::new(file)
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl"));
        let period = period.to_owned();
        (is_lines && size > 0).then_some(Self { name, size, period })
    }

    /// Whether its period, an hour or a whole day, reaches into the last so many hours.
    fn is_within(&self, now: Timestamp, hours: u32) -> bool {
        let earliest = format!("{}", hour_of(now, hours).strftime("%Y/%m/%d/%H"));
        let shared = self.period.len().min(earliest.len());
        self.period.get(..shared) >= earliest.get(..shared)
    }
}

/// So many hours before `now`.
fn hour_of(now: Timestamp, hours: u32) -> Timestamp {
    let back = SignedDuration::from_hours(i64::from(hours));
    now.checked_sub(back).unwrap_or(now)
}

/// The days that the last so many hours are of, the newest first: `2026/11/23`.
fn days(now: Timestamp, hours: u32) -> Vec<String> {
    let mut days: Vec<String> = (0..=hours)
        .map(|back| hour_of(now, back).strftime("%Y/%m/%d").to_string())
        .collect();
    days.dedup();
    days
}

/// The bodies in the lines of a blob, the newest first. What is no line of its kind is passed over, as the one is that the tail
/// begins within.
fn bodies(collection: Collection, bytes: &[u8], cut: bool) -> Vec<Value> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().skip(usize::from(cut));
    let small = lines.filter(|line| line.len() <= LARGEST);
    let mut bodies: Vec<Value> = small.filter_map(|line| collection.body(line)).collect();
    bodies.reverse();
    bodies
}

/// A table as `MLflow`'s server reads it. The columns are those of the first record.
fn table(records: &[Value]) -> Option<Value> {
    let rows: Option<Vec<&Map<String, Value>>> = records.iter().map(Value::as_object).collect();
    let rows = rows?;
    let columns: Vec<&String> = rows.first()?.keys().collect();
    let row = |record: &Map<String, Value>| -> Vec<Value> {
        let cell = |column: &&String| record.get(*column).cloned().unwrap_or_default();
        columns.iter().map(cell).collect()
    };
    let data: Vec<Vec<Value>> = rows.iter().map(|record| row(record)).collect();
    let index: Vec<usize> = (0..data.len()).collect();
    Some(json!({"input_data": {"columns": columns, "index": index, "data": data}}))
}

/// At most so many, as far apart as they can be.
fn every_so_many(requests: Vec<Value>, most: u32) -> Vec<Value> {
    let (all, most) = (requests.len(), usize::try_from(most).unwrap_or(usize::MAX));
    if all <= most {
        return requests;
    }
    let chosen = |index: usize| (index * most) % all < most;
    let requests = requests.into_iter().enumerate();
    let some = requests.filter(|(index, _)| chosen(*index));
    some.map(|(_, request)| request).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_body_is_what_was_sent_or_the_table_that_was_logged() {
        let request = |line| Collection::Request.body(line);
        let body = json!({"input_data": [[1.0]]});
        assert_eq!(
            request(r#"{"specversion": "1.0", "data": {"input_data": [[1.0]]}}"#),
            Some(body.clone())
        );
        assert_eq!(
            request(r#"{"data": "{\"input_data\": [[1.0]]}"}"#),
            Some(body)
        );
        assert_eq!(request(r#"{"dataref": "https://elsewhere"}"#), None);
        assert_eq!(request(r#"{"data": "plain"}"#), None);
        let inputs = |line| Collection::ModelInputs.body(line);
        assert_eq!(
            inputs(r#"{"data": [{"age": 1, "bmi": 2.5}, {"bmi": 3.5, "age": 4}]}"#),
            Some(json!({"input_data": {
                "columns": ["age", "bmi"], "index": [0, 1], "data": [[1, 2.5], [4, 3.5]]
            }}))
        );
        assert_eq!(inputs(r#"{"data": [1, 2]}"#), None);
        assert_eq!(inputs(r#"{"data": []}"#), None);
    }

    #[test]
    fn the_newest_lines_of_a_tail_are_whole() {
        let tail = b"ut\": 1}}\n{\"data\": {\"a\": 1}}\nnonsense\n{\"data\": {\"a\": 2}}\n{\"da";
        assert_eq!(
            bodies(Collection::Request, tail, true),
            [json!({"a": 2}), json!({"a": 1})]
        );
    }

    #[test]
    fn days_and_hours_reach_as_far_back_as_was_asked() {
        let now = at("2026-11-23T01:30:00Z");
        assert_eq!(days(now, 1), ["2026/11/23"]);
        assert_eq!(days(now, 24), ["2026/11/23", "2026/11/22"]);
        assert_eq!(days(now, 48).len(), 3);
        let within = |name: &str, hours| {
            let found = Found::of("m/e/d/request", format!("m/e/d/request/{name}"), 9);
            found.is_some_and(|found| found.is_within(now, hours))
        };
        assert!(within("2026/11/23/01/a.jsonl", 1));
        assert!(within("2026/11/23/00/a.jsonl", 1));
        assert!(!within("2026/11/22/23/a.jsonl", 1));
        assert!(within("2026/11/23/a.jsonl", 1), "rolled by the day");
        assert!(!within("2026/11/22/a.jsonl", 1));
        assert!(!within("2026/11/23/01/a.csv", 1));
    }

    #[test]
    fn a_sample_is_spread_and_the_same_again() {
        let all: Vec<Value> = (0..100).map(|number| json!(number)).collect();
        let some = every_so_many(all.clone(), 30);
        assert_eq!(some.len(), 30);
        assert_eq!(some, every_so_many(all.clone(), 30));
        assert!(some[0] == json!(0) && some[29].as_u64().unwrap() > 90);
        assert_eq!(every_so_many(all.clone(), 100), all);
    }
}
