//! `analysisTemplates[].provider.azureMonitor`: what Azure Monitor has of the endpoint's deployments.

use promotion::Seconds;
use promotion::analysis::{Provider, Quantile, Reading};

use super::diagnostics::{Complaint, Read};
use super::duration::written;
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};

/// A minute goes on changing for two more after it has closed, and the first whole minute begins up to one after the
/// analysis (azure-monitor-docs, supported metrics of online endpoints).
const UNTIL_SETTLED: u32 = 3 * 60;
/// More minutes than this would hide what has just begun.
const WIDEST: Seconds = Seconds(60 * 60);

pub(super) static AZURE_MONITOR: Shape = Shape::new(
    "a metric of an online endpoint",
    &[
        Key::required(
            "metric",
            Holds::Word(&[
                "RequestsPerMinute",
                "RequestLatency",
                "RequestLatency_P50",
                "RequestLatency_P90",
                "RequestLatency_P95",
                "RequestLatency_P99",
            ]),
            "Azure's own name: `RequestsPerMinute` is how many requests the window had, a latency is in milliseconds",
        ),
        Key::optional(
            "ratioOf",
            Holds::Mapping(&RATIO_OF),
            "`result` is then the share of those requests among all, from 0 to 1; with `RequestsPerMinute` only",
        ),
        Key::default(
            "window",
            Holds::Duration { least: 3 * 60 },
            "5m",
            "over how many of the last minutes, 3m to 1h",
        ),
    ],
);

static RATIO_OF: Shape = Shape::new(
    "some of the requests",
    &[Key::required(
        "statusCodeClass",
        Holds::Word(&["2xx", "3xx", "4xx", "5xx"]),
        "those that were answered so",
    )],
);

/// Before this much has gone by since an analysis began there is no value of it alone. Answers are there when they are asked for.
pub(super) fn least_delay(provider: &Provider) -> Seconds {
    match provider {
        Provider::Platform { window, .. } => Seconds(window.0 + UNTIL_SETTLED),
        Provider::Predictions { .. } => Seconds(0),
        // Not a bound, but what is measured earlier is also of the time before.
        Provider::Http(metric) => metric.window,
    }
}

/// Why `delay` is too short for `provider`, if it is.
pub(super) fn too_early(provider: &Provider, delay: Seconds) -> Option<Complaint> {
    let least = least_delay(provider);
    match provider {
        Provider::Platform { window, .. } if delay < least => {
            let what = format!(
                "is too early: the first `window`, {}, must have closed and settled",
                written(*window)
            );
            let help = format!("write at least `{}`, or remove it", written(least));
            Some(Complaint::new(what, help))
        }
        Provider::Platform { .. } | Provider::Predictions { .. } | Provider::Http(_) => None,
    }
}

pub(super) fn read(reader: &Reader<'_>) -> Read<Provider> {
    let metric = reader.required("metric", |field| field.word(reading));
    let status_class = reader.optional("ratioOf", |field| {
        field.mapping(|ratio| ratio.required("statusCodeClass", status_class))
    });
    let window = reader.required("window", window);
    let reading = match (metric?, status_class?) {
        (Reading::Requests, Some(status_class)) => Reading::ShareOf { status_class },
        (Reading::Latency(_), Some(_)) => {
            let what = "takes a share of a latency, and only requests have shares";
            let help = "remove `ratioOf`, or write `metric: RequestsPerMinute`";
            return Err(reader.complain("ratioOf", Complaint::new(what, help)));
        }
        (reading, _) => reading,
    };
    Ok(Provider::Platform {
        reading,
        window: window?,
    })
}

fn reading(metric: &str) -> Option<Reading> {
    match metric {
        "RequestsPerMinute" => Some(Reading::Requests),
        "RequestLatency" => Some(Reading::Latency(Quantile::Mean)),
        "RequestLatency_P50" => Some(Reading::Latency(Quantile::P50)),
        "RequestLatency_P90" => Some(Reading::Latency(Quantile::P90)),
        "RequestLatency_P95" => Some(Reading::Latency(Quantile::P95)),
        "RequestLatency_P99" => Some(Reading::Latency(Quantile::P99)),
        _ => None,
    }
}

fn status_class(field: &Field<'_>) -> Read<String> {
    field.word(|class| Some(class.to_owned()))
}

fn window(field: &Field<'_>) -> Read<Seconds> {
    let window = field.duration()?;
    if window > WIDEST {
        let what = format!("is more than {}", written(WIDEST));
        let help = "write whole minutes from `3m` to `1h`";
        return Err(field.complain(Complaint::new(what, help)));
    }
    if !window.0.is_multiple_of(60) {
        let what = "is not in whole minutes, and Azure has no others";
        let up = Seconds(window.0.next_multiple_of(60));
        let help = format!("write `{}`", written(up));
        return Err(field.complain(Complaint::new(what, help)));
    }
    Ok(window)
}
