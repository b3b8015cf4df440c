//! Azure Monitor: what the platform measured at an online endpoint, minute by minute.
//!
//! **Invariant:** a point is what Azure said of one minute, never a guess: a minute of which it said nothing has no
//! average. The newest minutes are incomplete, for measurements take minutes to arrive; who judges by them waits first.
//! Percentiles are Azure's averages over a minute and cannot be combined over several. Start at
//! [`Monitor::endpoint_metric`].

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use crate::{
    azure::Azure,
    call::{Auth, Call},
    error::{Answer, Error, Result},
    json::or_default,
    ml::WorkspaceRef,
    origin,
    redact::redact,
    reply::Reply,
    tokens::ARM_SCOPE,
};

/// The api-version of every call.
const API_VERSION: &str = "2024-02-01";

/// The client. Its calls need the action `Microsoft.Insights/metrics/read`.
#[derive(Debug, Clone)]
pub struct Monitor {
    azure: Azure,
    base: Url,
}

/// What is measured at an online endpoint and told apart by deployment, by Microsoft's list of supported metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointMetric {
    /// How many requests were answered in the minute.
    RequestsPerMinute,
    /// Mean time to an answer, in milliseconds.
    RequestLatency,
    /// Half of the answers took no longer, in milliseconds.
    RequestLatencyP50,
    /// 90 % of the answers took no longer, in milliseconds.
    RequestLatencyP90,
    /// 95 % of the answers took no longer, in milliseconds.
    RequestLatencyP95,
    /// 99 % of the answers took no longer, in milliseconds.
    RequestLatencyP99,
}

/// What to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricQuery {
    /// Which metric.
    pub metric: EndpointMetric,
    /// Of this deployment only.
    pub deployment: Option<String>,
    /// Of answers of this class only, e.g. `5xx`. Latencies are not known by class: Azure refuses that.
    pub status_code_class: Option<String>,
    /// The first minute.
    pub from: Timestamp,
    /// The minute behind the last one.
    pub to: Timestamp,
}

/// One minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MinutePoint {
    /// Where it begins.
    pub at: Timestamp,
    /// The metric's value; of counts the sum over all series. `None`: nothing was measured, or nothing has arrived yet.
    pub average: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Metrics {
    value: Vec<Metric>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    name: Name,
    #[serde(default, deserialize_with = "or_default")]
    timeseries: Vec<Series>,
    error_code: Option<String>,
    error_message: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Name {
    value: String,
}

#[derive(Debug, Deserialize)]
struct Series {
    #[serde(default, deserialize_with = "or_default")]
    data: Vec<Datum>,
}

#[derive(Debug, Deserialize)]
struct Datum {
    #[serde(rename = "timeStamp")]
    at: Timestamp,
    average: Option<f64>,
}

impl EndpointMetric {
    /// Azure's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::RequestsPerMinute => "RequestsPerMinute",
            Self::RequestLatency => "RequestLatency",
            Self::RequestLatencyP50 => "RequestLatency_P50",
            Self::RequestLatencyP90 => "RequestLatency_P90",
            Self::RequestLatencyP95 => "RequestLatency_P95",
            Self::RequestLatencyP99 => "RequestLatency_P99",
        }
    }

    /// Whether the values of several series add up.
    fn is_count(self) -> bool {
        match self {
            Self::RequestsPerMinute => true,
            Self::RequestLatency
            | Self::RequestLatencyP50
            | Self::RequestLatencyP90
            | Self::RequestLatencyP95
            | Self::RequestLatencyP99 => false,
        }
    }
}

impl Monitor {
    pub(crate) fn new(azure: Azure, base: Url) -> Monitor {
        Monitor { azure, base }
    }

    /// The minutes from `from` to before `to`, oldest first; minutes that Azure leaves out are left out. An endpoint that
    /// is not there is [`Error::NotFound`]; a metric that Azure could not give is an error with Azure's code for it. A
    /// timespan that is empty or not of whole minutes is refused.
    pub async fn endpoint_metric(
        &self,
        workspace: &WorkspaceRef,
        endpoint: &str,
        query: &MetricQuery,
    ) -> Result<Vec<MinutePoint>> {
        let operation = "monitor.metrics";
        let url = self.url(operation, workspace, endpoint, query)?;
        let call = Call::get(operation, url, Auth::Scope(ARM_SCOPE));
        let points = points(&self.azure.call(call).await?, query.metric)?;
        let asked = query.from..query.to;
        Ok(points
            .into_iter()
            .filter(|point| asked.contains(&point.at))
            .collect())
    }

    fn url(
        &self,
        operation: &'static str,
        workspace: &WorkspaceRef,
        endpoint: &str,
        query: &MetricQuery,
    ) -> Result<Url> {
        let timespan = query
            .timespan()
            .map_err(|reason| Error::refused(operation, reason))?;
        let filter = query.filter();
        let mut segments = workspace.segments().to_vec();
        segments.extend(["onlineEndpoints", endpoint]);
        segments.extend(["providers", "Microsoft.Insights", "metrics"]);
        let mut pairs = vec![
            ("api-version", API_VERSION),
            ("metricnames", query.metric.name()),
            ("timespan", &timespan),
            ("interval", "PT1M"),
            ("aggregation", "Average"),
        ];
        pairs.extend(filter.as_deref().map(|filter| ("$filter", filter)));
        origin::under(operation, &self.base, &segments, &pairs)
    }
}

impl MetricQuery {
    /// Azure widens a timespan to whole minutes by itself, and would answer with minutes that were not asked for.
    fn timespan(&self) -> std::result::Result<String, String> {
        let (from, to) = (self.from, self.to);
        let is_whole = |at: Timestamp| at.as_second() % 60 == 0 && at.subsec_nanosecond() == 0;
        if from >= to || !is_whole(from) || !is_whole(to) {
            return Err(format!("{from} to {to} is no span of whole minutes"));
        }
        Ok(format!("{from}/{to}"))
    }

    fn filter(&self) -> Option<String> {
        let dimensions = [
            ("deployment", &self.deployment),
            ("statusCodeClass", &self.status_code_class),
        ];
        let terms: Vec<String> = dimensions
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name} eq {}", quoted(value.as_ref()?))))
            .collect();
        (!terms.is_empty()).then(|| terms.join(" and "))
    }
}

/// `OData`'s literal: a quote inside is doubled.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn points(reply: &Reply, wanted: EndpointMetric) -> Result<Vec<MinutePoint>> {
    let name = wanted.name();
    let found = reply.json::<Metrics>()?.value;
    let metric = found
        .into_iter()
        .find(|metric| metric.name.value.eq_ignore_ascii_case(name))
        .ok_or_else(|| Error::malformed(reply.operation, format!("it lacks {name}")))?;
    if let Some(code) = metric.error_code.filter(|code| code != "Success") {
        return Err(not_given(reply, &code, metric.error_message.as_deref()));
    }
    if metric.timeseries.len() > 1 && !wanted.is_count() {
        let series = metric.timeseries.len();
        let reason = format!("{series} series of {name}, which do not add up");
        return Err(Error::malformed(reply.operation, reason));
    }
    Ok(added_up(metric.timeseries))
}

/// Azure answers 200 and says inside that this metric could not be had.
fn not_given(reply: &Reply, code: &str, message: Option<&str>) -> Error {
    let answer = Answer {
        operation: reply.operation,
        status: reply.status,
        code: redact(code),
        message: message.map(redact).unwrap_or_default(),
        request_id: reply.header("x-ms-request-id").map(redact),
        retry_after: reply.retry_after(),
    };
    answer.into_error()
}

fn added_up(series: Vec<Series>) -> Vec<MinutePoint> {
    let mut minutes: BTreeMap<Timestamp, Option<f64>> = BTreeMap::new();
    for datum in series.into_iter().flat_map(|series| series.data) {
        let sum = minutes.entry(datum.at).or_default();
        *sum = match (*sum, datum.average) {
            (Some(a), Some(b)) => Some(a + b),
            (one, other) => one.or(other),
        };
    }
    minutes
        .into_iter()
        .map(|(at, average)| MinutePoint { at, average })
        .collect()
}
