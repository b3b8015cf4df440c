//! Azure Monitor: the request as Azure reads it, the minutes as it sends them, and what it could not give.

use serde_json::{Value, json};

use super::server::{Says, Server, workspace};
use crate::{
    Error, Result,
    monitor::{EndpointMetric, MetricQuery, MinutePoint},
};

const PATH: &str = "/arm/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints/e/providers/Microsoft.Insights/metrics";

/// Three minutes of all requests.
fn requests() -> MetricQuery {
    MetricQuery {
        metric: EndpointMetric::RequestsPerMinute,
        deployment: None,
        status_code_class: None,
        from: "2026-11-23T03:00:00Z".parse().unwrap(),
        to: "2026-11-23T03:03:00Z".parse().unwrap(),
    }
}

fn latency() -> MetricQuery {
    MetricQuery {
        metric: EndpointMetric::RequestLatencyP95,
        ..requests()
    }
}

/// A series as Azure sends it, its points by the minutes after three.
fn series(points: &[(u32, Value)]) -> Value {
    let datum = |(minute, average): &(u32, Value)| json!({ "timeStamp": format!("2026-11-23T03:{minute:02}:00Z"), "average": average });
    let deployment = json!({ "name": { "value": "deployment", "localizedValue": "deployment" }, "value": "green" });
    json!({ "metadatavalues": [deployment], "data": points.iter().map(datum).collect::<Vec<_>>() })
}

fn answer(name: &str, timeseries: &[Value]) -> Value {
    json!({
        "cost": 59, "timespan": "2026-11-23T03:00:00Z/2026-11-23T03:03:00Z", "interval": "PT1M",
        "value": [{
            "id": "/subscriptions/s-1/…/providers/Microsoft.Insights/metrics/m", "type": "Microsoft.Insights/metrics",
            "name": { "value": name, "localizedValue": "words" }, "displayDescription": "words", "unit": "Count",
            "timeseries": timeseries, "errorCode": "Success",
        }],
        "namespace": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints", "resourceregion": "westeurope",
    })
}

async fn read(says: Says, query: &MetricQuery) -> (Result<Vec<MinutePoint>>, Server) {
    let server = Server::saying([says]).await;
    let monitor = server.azure().monitor();
    let found = monitor.endpoint_metric(&workspace(), "e", query).await;
    (found, server)
}

async fn read_json(body: Value, query: &MetricQuery) -> Result<Vec<MinutePoint>> {
    read(Says::new(200, body.to_string()), query).await.0
}

fn shown(points: &[MinutePoint]) -> Vec<(String, Option<f64>)> {
    let at = |point: &MinutePoint| point.at.strftime("%H:%M").to_string();
    points.iter().map(|p| (at(p), p.average)).collect()
}

#[tokio::test]
async fn a_query_is_sent_as_azure_reads_it() {
    let query = MetricQuery {
        deployment: Some("gr'een".into()),
        status_code_class: Some("5xx".into()),
        ..requests()
    };
    let body = answer("RequestsPerMinute", &[]).to_string();
    let (found, server) = read(Says::new(200, body), &query).await;
    assert_eq!(found.unwrap(), []);
    let asked = &server.asked()[0];
    let sent = "api-version=2024-02-01&metricnames=RequestsPerMinute\
        &timespan=2026-11-23T03%3A00%3A00Z%2F2026-11-23T03%3A03%3A00Z&interval=PT1M&aggregation=Average\
        &%24filter=deployment+eq+%27gr%27%27een%27+and+statusCodeClass+eq+%275xx%27";
    assert_eq!(
        (asked.method.as_str(), asked.target.clone()),
        ("GET", format!("{PATH}?{sent}"))
    );
    assert!(asked.header("authorization").is_some());
}

#[tokio::test]
async fn without_a_dimension_there_is_no_filter() {
    let body = answer("RequestLatency_P95", &[]).to_string();
    let (found, server) = read(Says::new(200, body), &latency()).await;
    assert_eq!(found.unwrap(), []);
    let target = server.asked()[0].target.clone();
    assert!(target.contains("metricnames=RequestLatency_P95&"));
    assert!(target.ends_with("&aggregation=Average"), "{target}");
}

#[tokio::test]
async fn minutes_come_in_their_order_and_silence_is_no_zero() {
    let mut one = series(&[(2, json!(0)), (0, json!(12.5)), (1, Value::Null)]);
    one["data"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "timeStamp": "2026-11-23T03:03:00Z" }));
    let found = read_json(answer("RequestLatency_P95", &[one]), &latency())
        .await
        .unwrap();
    let expected = [("03:00", Some(12.5)), ("03:01", None), ("03:02", Some(0.0))];
    assert_eq!(
        shown(&found),
        expected.map(|(at, average)| (at.to_owned(), average))
    );
}

#[tokio::test]
async fn counts_of_several_series_add_up_and_latencies_do_not() {
    let both = [
        series(&[(0, json!(3)), (1, json!(4)), (2, Value::Null)]),
        series(&[(0, json!(0.5)), (1, Value::Null), (2, Value::Null)]),
    ];
    let found = read_json(answer("RequestsPerMinute", &both), &requests())
        .await
        .unwrap();
    let averages: Vec<_> = found.iter().map(|point| point.average).collect();
    assert_eq!(averages, [Some(3.5), Some(4.0), None]);
    let refused = read_json(answer("RequestLatency_P95", &both), &latency()).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "monitor.metrics: unexpected answer: 2 series of RequestLatency_P95, which do not add up"
    );
}

#[tokio::test]
async fn what_azure_could_not_give_is_an_error_that_names_it() {
    let mut body = answer("RequestsPerMinute", &[]);
    body["value"][0]["errorCode"] = json!("InvalidSamplingType");
    body["value"][0]["errorMessage"] = json!("The sampling type 'None' is invalid");
    let error = read_json(body, &requests()).await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidSamplingType"));
    assert_eq!(
        error.to_string(),
        "monitor.metrics: 200 InvalidSamplingType The sampling type 'None' is invalid"
    );
    let other = read_json(answer("NetworkBytes", &[]), &requests()).await;
    assert!(matches!(other, Err(Error::Malformed { .. })), "{other:?}");
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_not_found() {
    let body = json!({ "error": { "code": "ResourceNotFound", "message": "no such endpoint" } });
    let (found, _) = read(Says::new(404, body.to_string()), &requests()).await;
    let error = found.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    assert_eq!(error.code(), Some("ResourceNotFound"));
}

#[tokio::test]
async fn no_minute_is_asked_for_in_part() {
    let spans = [
        ("2026-11-23T03:00:00Z", "2026-11-23T03:00:00Z"),
        ("2026-11-23T03:01:00Z", "2026-11-23T03:00:00Z"),
        ("2026-11-23T03:00:30Z", "2026-11-23T03:02:00Z"),
        ("2026-11-23T03:00:00Z", "2026-11-23T03:02:00.5Z"),
    ];
    for (from, to) in spans {
        let query = MetricQuery {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            ..requests()
        };
        let (found, server) = read(Says::new(200, "{}"), &query).await;
        assert!(matches!(found, Err(Error::Refused { .. })), "{from} {to}");
        assert!(server.asked().is_empty());
    }
}
