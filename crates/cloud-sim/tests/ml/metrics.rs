//! What Azure Monitor says of an endpoint: callers split by the traffic of their time, how late it says so, and what it
//! refuses to say.

use cloud_sim::Cloud;
use reqwest::Method;
use serde_json::json;

use crate::estate::{Estate, Seen};

pub(crate) const REQUESTS: &str = "RequestsPerMinute";
pub(crate) const P95: &str = "RequestLatency_P95";
pub(crate) const CANARY: &str = "deployment eq 'challenger-v2'";
pub(crate) const CANARY_ERRORS: &str = "deployment eq 'challenger-v2' and statusCodeClass eq '5xx'";

/// A challenger with a tenth of 60 requests a minute, from 07:10 on, and the champion with the rest.
pub(crate) async fn canary() -> Estate {
    let estate = Estate::with_challenger().await;
    estate.cloud.set_callers(60.0);
    estate
        .shift(json!({"champion-v1": 90, "challenger-v2": 10}))
        .await;
    pass_until(&estate, "07:10:00");
    estate
}

pub(crate) fn pass_until(estate: &Estate, time: &str) {
    let clock = estate.cloud.clock();
    let left = at(time).duration_since(clock.now());
    clock.advance(left.try_into().unwrap());
}

pub(crate) fn at(time: &str) -> jiff::Timestamp {
    format!("2026-11-23T{time}Z").parse().unwrap()
}

/// Asks for the metrics of the endpoint, with these parts of the query changed or left out.
async fn ask(estate: &Estate, endpoint: &str, changes: &[(&str, &str)]) -> Seen {
    let defaults = [
        ("api-version", "2024-02-01"),
        ("metricnames", REQUESTS),
        ("timespan", "2026-11-23T07:00:00Z/2026-11-23T07:05:00Z"),
        ("interval", "PT1M"),
        ("aggregation", "Average"),
    ];
    let kept = defaults
        .into_iter()
        .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let given = changes
        .iter()
        .copied()
        .filter(|(_, value)| !value.is_empty());
    let query: String = url_encoded(kept.chain(given));
    let workspace = Cloud::prod().arm_id();
    let path = format!(
        "/arm{workspace}/onlineEndpoints/{endpoint}/providers/Microsoft.Insights/metrics?{query}"
    );
    estate.at(Method::GET, &estate.url(&path)).await
}

fn url_encoded<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut url = reqwest::Url::parse("http://x/").unwrap();
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap().to_owned()
}

/// The averages of the minutes from `from` to before `to`.
pub(crate) async fn averages(
    estate: &Estate,
    metric: &str,
    filter: &str,
    (from, to): (&str, &str),
) -> Vec<Option<f64>> {
    let timespan = format!("{}/{}", at(from), at(to));
    let changes = [
        ("metricnames", metric),
        ("timespan", timespan.as_str()),
        ("$filter", filter),
    ];
    let seen = ask(estate, "diabetes", &changes).await;
    assert_eq!(seen.status, 200, "{:?}", seen.body);
    let series = seen.body["value"][0]["timeseries"].as_array().unwrap();
    assert_eq!(series.len(), 1);
    let data = series[0]["data"].as_array().unwrap();
    data.iter().map(|point| point["average"].as_f64()).collect()
}

pub(crate) fn same(found: &[Option<f64>], expected: &[Option<f64>]) {
    let close = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-9,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    let fits = found.len() == expected.len() && found.iter().zip(expected).all(close);
    assert!(fits, "{found:?} is not {expected:?}");
}

#[tokio::test]
async fn callers_are_split_by_the_traffic_of_their_time() {
    let estate = canary().await;
    // Traffic moved at 07:02:16, 15 s after it was asked for: 44 s of that minute are left.
    let span = ("07:01:00", "07:05:00");
    let champion = averages(&estate, REQUESTS, "deployment eq 'champion-v1'", span).await;
    same(
        &champion,
        &[Some(0.0), Some(15.0 + 44.0 * 0.9), Some(54.0), Some(54.0)],
    );
    let canary = averages(&estate, REQUESTS, CANARY, span).await;
    same(&canary, &[Some(0.0), Some(4.4), Some(6.0), Some(6.0)]);
    let all = averages(&estate, REQUESTS, "", span).await;
    same(&all, &[Some(0.0), Some(59.0), Some(60.0), Some(60.0)]);
    estate.cloud.set_callers(600.0);
    estate.shift(json!({"champion-v1": 100})).await;
    pass_until(&estate, "07:20:00");
    let later = averages(&estate, REQUESTS, CANARY, ("07:09:00", "07:12:00")).await;
    same(&later, &[Some(6.0), Some(15.0), Some(0.0)]);
}

#[tokio::test]
async fn an_answer_looks_as_azure_documents_it() {
    let estate = canary().await;
    let filter = [
        ("$filter", CANARY_ERRORS),
        ("metricnames", "requestsperminute"),
    ];
    let seen = ask(&estate, "DIABETES", &filter).await;
    let body = &seen.body;
    let metric = &body["value"][0];
    assert_eq!(
        (seen.status, metric["errorCode"].as_str()),
        (200, Some("Success"))
    );
    assert_eq!(
        body["timespan"],
        "2026-11-23T07:00:00Z/2026-11-23T07:05:00Z"
    );
    assert_eq!(
        (&body["interval"], &body["resourceregion"]),
        (&json!("PT1M"), &json!("westeurope"))
    );
    assert_eq!(
        (&metric["name"]["value"], &metric["unit"]),
        (&json!(REQUESTS), &json!("Count"))
    );
    let id = metric["id"].as_str().unwrap();
    assert!(id.ends_with(
        "/onlineEndpoints/diabetes/providers/Microsoft.Insights/metrics/RequestsPerMinute"
    ));
    let series = &metric["timeseries"][0];
    let dimension = |name: &str, value: &str| json!({"name": {"value": name, "localizedValue": name}, "value": value});
    let fixed = json!([
        dimension("deployment", "challenger-v2"),
        dimension("statusCodeClass", "5xx")
    ]);
    assert_eq!(series["metadatavalues"], fixed);
    assert_eq!(
        series["data"][3],
        json!({"timeStamp": "2026-11-23T07:03:00Z", "average": 0.0})
    );
    assert_eq!(estate.cloud.calls()["arm.metrics.list"], 1);
}

#[tokio::test]
async fn minutes_arrive_late_and_by_halves() {
    let estate = canary().await;
    pass_until(&estate, "07:12:30");
    let span = ("07:08:00", "07:14:00");
    let requests = averages(&estate, REQUESTS, CANARY, span).await;
    let half = Some(3.0);
    same(&requests, &[Some(6.0), Some(6.0), half, half, None, None]);
    pass_until(&estate, "07:13:00");
    let requests = averages(&estate, REQUESTS, CANARY, span).await;
    same(
        &requests,
        &[Some(6.0), Some(6.0), Some(6.0), half, half, None],
    );
    let latency = averages(&estate, P95, CANARY, ("07:11:00", "07:14:00")).await;
    same(&latency, &[Some(50.0), Some(50.0), None]);
}

#[tokio::test]
async fn a_jump_of_hours_leaves_every_minute_in_place() {
    let estate = canary().await;
    estate.pass(23 * 3600);
    let hours = averages(&estate, REQUESTS, CANARY, ("07:03:00", "23:59:00")).await;
    assert_eq!(hours.len(), 16 * 60 + 56);
    same(&hours, &vec![Some(6.0); hours.len()]);
}

#[tokio::test]
async fn silence_is_zero_requests_and_no_latency() {
    let estate = Estate::with_challenger().await;
    pass_until(&estate, "07:10:00");
    let span = ("07:03:00", "07:05:00");
    let requests = averages(&estate, REQUESTS, CANARY, span).await;
    same(&requests, &[Some(0.0); 2]);
    same(&averages(&estate, P95, CANARY, span).await, &[None; 2]);
    let stranger = ask(&estate, "diabetes", &[("$filter", "deployment eq 'ghost'")]).await;
    assert_eq!(stranger.body["value"][0]["timeseries"], json!([]));
}

#[tokio::test]
async fn what_goes_leaves_its_minutes_behind() {
    let estate = canary().await;
    estate.shift(json!({"champion-v1": 100})).await;
    pass_until(&estate, "07:11:00");
    let path = "/onlineEndpoints/diabetes/deployments/challenger-v2";
    assert_eq!(estate.delete(&Cloud::prod(), path).await.status, 202);
    pass_until(&estate, "07:20:00");
    assert_eq!(estate.get(&Cloud::prod(), path).await.status, 404);
    let left = averages(&estate, REQUESTS, CANARY, ("07:09:00", "07:12:00")).await;
    same(&left, &[Some(6.0), Some(1.5), Some(0.0)]);
    let endpoint = "/onlineEndpoints/diabetes";
    assert_eq!(estate.delete(&Cloud::prod(), endpoint).await.status, 202);
    estate.pass(31);
    assert_eq!(ask(&estate, "diabetes", &[]).await.status, 404);
}

#[tokio::test]
async fn what_azure_would_not_understand_is_refused() {
    let estate = Estate::unrecorded().await;
    let day = "2026-11-23T07:00:00Z/2026-11-24T07:01:00Z";
    let backwards = "2026-11-23T07:00:00Z/2026-11-23T06:00:00Z";
    let latency_by_class = [
        ("metricnames", P95),
        ("$filter", "statusCodeClass eq '5xx'"),
    ];
    let cases: [(&[(&str, &str)], &str); 12] = [
        (&[("api-version", "")], "MissingApiVersionParameter"),
        (&[("metricnames", "")], "BadRequest"),
        (&[("metricnames", "RequestsPerMinute,Guess")], "BadRequest"),
        (&[("timespan", "")], "BadRequest"),
        (&[("timespan", "today")], "BadRequest"),
        (&[("timespan", backwards)], "BadRequest"),
        (&[("timespan", day)], "BadRequest"),
        (&[("interval", "PT5M")], "BadRequest"),
        (&[("aggregation", "Total")], "BadRequest"),
        (&[("$filter", "colour eq 'green'")], "BadRequest"),
        (&[("$filter", "deployment eq green")], "BadRequest"),
        (&latency_by_class, "BadRequest"),
    ];
    for (changes, code) in cases {
        let seen = ask(&estate, "diabetes", changes).await;
        assert_eq!((seen.status, seen.code()), (400, code), "{changes:?}");
    }
    let path = "/onlineEndpoints/diabetes/providers/Microsoft.Insights/metrics";
    let posted = estate.arm(Method::POST, &Cloud::prod(), path, None).await;
    assert_eq!(posted.status, 405);
}

#[tokio::test]
async fn an_unknown_endpoint_and_a_stranger_get_nothing() {
    let estate = Estate::new().await;
    let ghost = ask(&estate, "ghost", &[]).await;
    assert_eq!((ghost.status, ghost.code()), (404, "ResourceNotFound"));
    let workspace = Cloud::prod().arm_id();
    let path = format!(
        "/arm{workspace}/onlineEndpoints/diabetes/providers/Microsoft.Insights/metrics?api-version=2024-02-01"
    );
    let stranger = estate.http.get(estate.url(&path)).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
}
