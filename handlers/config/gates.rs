//! `routes[].gates`: what a candidate must pass before anybody is asked.

use promotion::{GateSpec, NoChampion, Source};

use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};

const SOURCE: Key = Key::default(
    "source",
    Holds::Word(&["run", "tags"]),
    "run",
    "where the value comes from: the MLflow run that made the version, or the version's own tags, \
     which are shown as self-reported",
);

pub(super) static METRIC: Shape = Shape::new(
    "a metric within bounds",
    &[
        Key::required("metric", Holds::Text, "the metric's name in MLflow"),
        Key::optional("min", Holds::Number, "the least value that passes"),
        Key::optional("max", Holds::Number, "the greatest value that passes"),
        SOURCE,
    ],
);

pub(super) static CHAMPION: Shape = Shape::new(
    "a metric better than the champion's",
    &[
        Key::required(
            "champion",
            Holds::Text,
            "the metric's name, compared with the champion's",
        ),
        Key::required("greaterIsBetter", Holds::Flag, "which way is better"),
        Key::required(
            "minRelativeChange",
            Holds::Number,
            "by how much of the champion's value it must be better at least: 0.01 is one percent; \
             negative: it may be that much worse",
        ),
        Key::required(
            "whenNoChampion",
            Holds::Word(&["pass", "fail"]),
            "what this gate answers where nothing serves yet",
        ),
        SOURCE,
    ],
);

pub(super) fn read(field: &Field<'_>) -> Read<Vec<GateSpec>> {
    field.list(&[("metric", &metric), ("champion", &champion)])
}

fn metric(reader: &Reader<'_>) -> Read<GateSpec> {
    let metric = reader.required("metric", Field::text);
    let min = reader.optional("min", Field::number);
    let max = reader.optional("max", Field::number);
    let source = source(reader);
    let (min, max) = (min?, max?);
    match (min, max) {
        (None, None) => {
            let complaint = Complaint::new("has no bound", "add `min`, `max` or both");
            Err(reader.complain("metric", complaint))
        }
        (Some(min), Some(max)) if min > max => {
            let what = format!("is {min}, more than `max`, which is {max}: nothing can pass");
            Err(reader.complain("min", Complaint::new(what, "swap them")))
        }
        _ => Ok(GateSpec::Metric {
            metric: metric?,
            min,
            max,
            source: source?,
        }),
    }
}

fn champion(reader: &Reader<'_>) -> Read<GateSpec> {
    let metric = reader.required("champion", Field::text);
    let greater_is_better = reader.required("greaterIsBetter", Field::flag);
    let min_relative_change = reader.required("minRelativeChange", Field::number);
    let when_no_champion = reader.required("whenNoChampion", |field| field.word(no_champion));
    let source = source(reader);
    Ok(GateSpec::Champion {
        metric: metric?,
        greater_is_better: greater_is_better?,
        min_relative_change: min_relative_change?,
        when_no_champion: when_no_champion?,
        source: source?,
    })
}

fn source(reader: &Reader<'_>) -> Read<Source> {
    reader.required("source", |field| {
        field.word(|word| match word {
            "run" => Some(Source::Run),
            "tags" => Some(Source::Tags),
            _ => None,
        })
    })
}

fn no_champion(word: &str) -> Option<NoChampion> {
    match word {
        "pass" => Some(NoChampion::Pass),
        "fail" => Some(NoChampion::Fail),
        _ => None,
    }
}
