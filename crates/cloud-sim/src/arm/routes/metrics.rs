//! `GET …/onlineEndpoints/{name}/providers/Microsoft.Insights/metrics`: the endpoint's minutes, as Azure Monitor gives
//! them.
//!
//! Simulated is what is measured by the minute and averaged: `interval=PT1M`, `aggregation=Average`, a timespan of a day
//! at most. A deployment that nobody knows has no series; one that is known has a point for each minute.

use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::arm::{Endpoint, Estate, Refusal};
use crate::monitor::{Arrival, KEPT, Load, Metric, minute_of};

use super::filter::{Filter, bad_request};
use super::{Answer, Call};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// What is asked of one endpoint.
struct Asked {
    metrics: Vec<(Metric, Filter)>,
    timespan: String,
    minutes: Vec<Timestamp>,
}

pub(crate) fn list(estate: &Estate, call: &Call, at: usize, name: &str) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return Err(call.not_allowed());
    }
    let workspace = &estate.workspaces[at];
    let endpoint = workspace.endpoint(name)?;
    let asked = Asked::parse(call)?;
    let id = format!(
        "{}/onlineEndpoints/{}/providers/Microsoft.Insights/metrics",
        workspace.id.arm_id(),
        endpoint.name
    );
    let metric = |(metric, filter): &(Metric, Filter)| {
        json!({
            "id": format!("{id}/{}", metric.name()),
            "type": "Microsoft.Insights/metrics",
            "name": {"value": metric.name(), "localizedValue": metric.label()},
            "displayDescription": metric.label(),
            "unit": metric.unit(),
            "timeseries": series(endpoint, &estate.load, (*metric, filter), &asked.minutes, call.now),
            "errorCode": "Success",
        })
    };
    let value: Vec<Value> = asked.metrics.iter().map(metric).collect();
    Ok(Answer::ok(json!({
        // Azure's own price differs; a client can only read it.
        "cost": asked.minutes.len() * asked.metrics.len(),
        "timespan": asked.timespan,
        "interval": "PT1M",
        "value": value,
        "namespace": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
        "resourceregion": workspace.region,
    })))
}

/// One series, or none of a deployment that is not known here.
fn series(
    endpoint: &Endpoint,
    load: &Load,
    (metric, filter): (Metric, &Filter),
    minutes: &[Timestamp],
    now: Timestamp,
) -> Vec<Value> {
    let deployment = filter.deployment.as_deref();
    let is_known = |name| endpoint.deployment(name).is_ok() || endpoint.record.knows(name);
    if !deployment.is_none_or(is_known) {
        return Vec::new();
    }
    let datum = |minute: &Timestamp| {
        let tally = endpoint.record.minute(*minute, deployment, load);
        let mut datum = json!({"timeStamp": minute});
        if let Some(average) = metric.average(&tally, filter.class, Arrival::of(*minute, now)) {
            datum["average"] = json!(average);
        }
        datum
    };
    let dimension =
        |(name, value)| json!({"name": {"value": name, "localizedValue": name}, "value": value});
    let fixed: Vec<Value> = filter.fixed().into_iter().map(dimension).collect();
    let data: Vec<Value> = minutes.iter().map(datum).collect();
    vec![json!({"metadatavalues": fixed, "data": data})]
}

impl Asked {
    fn parse(call: &Call) -> Result<Self, Refusal> {
        only(call, "interval", "PT1M")?;
        only(call, "aggregation", "Average")?;
        let filter = call.query("$filter").unwrap_or_default();
        let metric = |name: &str| {
            let metric = Metric::parse(name.trim()).ok_or_else(|| unknown_metric(name))?;
            Ok((metric, Filter::parse(filter, metric)?))
        };
        let timespan = required(call, "timespan")?;
        Ok(Self {
            metrics: required(call, "metricnames")?
                .split(',')
                .map(metric)
                .collect::<Result<_, Refusal>>()?,
            timespan: timespan.to_owned(),
            minutes: minutes(timespan)?,
        })
    }
}

fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str, Refusal> {
    call.query(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| {
            bad_request(format!(
                "What is asked for without {name} is not simulated."
            ))
        })
}

fn only(call: &Call, name: &str, value: &str) -> Result<(), Refusal> {
    let asked = required(call, name)?;
    if asked.eq_ignore_ascii_case(value) {
        return Ok(());
    }
    Err(bad_request(format!(
        "Of {name} only {value} is simulated, not {asked}."
    )))
}

fn unknown_metric(name: &str) -> Refusal {
    bad_request(format!(
        "Failed to find metric configuration for provider: Microsoft.MachineLearningServices, resource Type: workspaces/onlineEndpoints, metric: {name}, Valid metrics: {}",
        Metric::ALL.map(Metric::name).join(",")
    ))
}

/// The minutes of `start/end`, also the one in which it starts; the end is not in it.
fn minutes(timespan: &str) -> Result<Vec<Timestamp>, Refusal> {
    let unreadable = || {
        bad_request(format!(
            "'{timespan}' is no timespan, such as 2026-11-23T07:00:00Z/2026-11-23T07:15:00Z."
        ))
    };
    let (from, to) = timespan.split_once('/').ok_or_else(unreadable)?;
    let from: Timestamp = from.parse().map_err(|_| unreadable())?;
    let to: Timestamp = to.parse().map_err(|_| unreadable())?;
    if from >= to {
        return Err(unreadable());
    }
    if to.duration_since(from) > KEPT {
        return Err(bad_request(format!(
            "'{timespan}' is longer than the day that is simulated."
        )));
    }
    let next = |minute: &Timestamp| minute.checked_add(MINUTE).ok();
    let all = std::iter::successors(Some(minute_of(from)), next);
    Ok(all.take_while(|minute| *minute < to).collect())
}
