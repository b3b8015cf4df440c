//! Against a server on this machine: what comes out, and what never does.

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::get;
use promotion::Seconds;
use std::collections::BTreeMap;
use std::time::Instant;
use tokio::net::TcpListener;

use super::*;

const KEY: &str = "s3cr3t-of-the-metrics";

/// A server that answers what is asked for by path.
async fn server() -> String {
    let text = |body: &'static str| get(move || async move { body });
    let routes = Router::new()
        .route(
            "/errors",
            text(r#"{"data": {"errors": 3, "share": "0.25"}}"#),
        )
        .route("/nothing", text(r#"{"data": null}"#))
        .route("/nan", text(r#"{"data": "NaN"}"#))
        .route("/empty", text(""))
        .route("/page", text("<html>"))
        .route(
            "/down",
            get(|| async { (StatusCode::SERVICE_UNAVAILABLE, "{}") }),
        )
        .route("/away", get(|| async { Redirect::temporary("/errors") }))
        .route("/large", get(|| async { vec![b' '; LONGEST_ANSWER + 1] }))
        .route("/slow", get(std::future::pending::<()>))
        .route(
            "/repeats",
            get(|headers: HeaderMap| async move {
                let key = headers[header::AUTHORIZATION].to_str().unwrap_or_default();
                format!(
                    r#"{{"asked": {:?}, "errors": 1}}"#,
                    key.trim_start_matches("Bearer ")
                )
                .into_response()
            }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

fn metric(url: impl Into<String>, value: &str) -> HttpMetric {
    HttpMetric {
        url: Template::new(url),
        headers: BTreeMap::from([(
            "authorization".to_owned(),
            Template::new("Bearer ${METRICS_KEY}"),
        )]),
        value: value.to_owned(),
        timeout: Seconds(1),
        window: Seconds(60),
    }
}

async fn ask(metric: &HttpMetric) -> Result<Option<f64>, String> {
    let web = Web::new(|name| match name {
        "METRICS_KEY" => Some(KEY.to_owned()),
        "METADATA" => Some("http://169.254.169.254".to_owned()),
        _ => None,
    });
    let of = Placeholders {
        endpoint: "diabetes",
        deployment: "ll-2",
        from: "2026-11-23T07:00:00Z".parse().unwrap(),
        to: "2026-11-23T07:01:00Z".parse().unwrap(),
    };
    web.number(metric, &of).await
}

#[tokio::test]
async fn a_number_is_found_in_the_answer() {
    let at = server().await;
    let errors = metric(
        format!("{at}/errors?d={{deployment}}"),
        "result.data.errors",
    );
    assert_eq!(ask(&errors).await, Ok(Some(3.0)));
    let share = metric(format!("{at}/errors"), "double(result.data.share) * 2.0");
    assert_eq!(ask(&share).await, Ok(Some(0.5)));
}

#[tokio::test]
async fn what_is_no_number_is_none_or_an_error() {
    let at = server().await;
    let of = async |path: &str, value: &str| ask(&metric(format!("{at}{path}"), value)).await;
    assert_eq!(of("/nothing", "result.data").await, Ok(None));
    assert_eq!(of("/nan", "double(result.data)").await, Ok(None));
    let mut told = Vec::new();
    for (path, value) in [
        ("/errors", "result.data.absent"),
        ("/errors", "result.data.share"),
        ("/nothing", "result.data.errors"),
        ("/empty", "result.errors"),
        ("/page", "result.errors"),
        ("/down", "result.errors"),
        ("/away", "result.data.errors"),
        ("/large", "result.errors"),
        ("/slow", "result.errors"),
    ] {
        told.push(format!("{path}: {}", of(path, value).await.unwrap_err()));
    }
    insta::assert_snapshot!(told.join("\n"), @"
    /errors: `result.data.absent` cannot be told of its answer
    /errors: `result.data.share` comes to no number
    /nothing: `result.data.errors` cannot be told of its answer
    /empty: its answer is not JSON: EOF while parsing a value at line 1 column 0
    /page: its answer is not JSON: expected value at line 1 column 1
    /down: it answers 503 Service Unavailable
    /away: it answers 307 Temporary Redirect, and redirects are not followed
    /large: its answer is larger than 1 MiB
    /slow: no answer within 1 s
    ");
}

#[tokio::test]
async fn whoever_does_not_answer_is_not_waited_for() {
    let at = server().await;
    let began = Instant::now();
    assert!(ask(&metric(format!("{at}/slow"), "result")).await.is_err());
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_secret_is_sent_and_never_said() {
    let at = server().await;
    let repeats = metric(format!("{at}/repeats"), "result.errors");
    assert_eq!(ask(&repeats).await, Ok(Some(1.0)), "the header arrived");
    for value in [
        "result.asked",
        "result[result.asked]",
        "double(result.asked)",
    ] {
        let why = ask(&metric(format!("{at}/repeats"), value))
            .await
            .unwrap_err();
        assert!(!why.contains(KEY), "{why}");
    }
    let gone = metric("http://127.0.0.1:9/${METRICS_KEY}", "result");
    let why = ask(&gone).await.unwrap_err();
    assert!(!why.contains(KEY) && !why.contains("127.0.0.1"), "{why}");
    let unset = metric(format!("{at}/errors?k=${{UNSET}}"), "result.data.errors");
    assert_eq!(
        ask(&unset).await.unwrap_err(),
        "the environment has no UNSET: set it in the function app's settings"
    );
}

#[tokio::test]
async fn the_platforms_own_addresses_are_not_asked() {
    for url in [
        "https://169.254.169.254/metadata/instance",
        "http://169.254.169.254/metadata/instance",
        "https://2852039166/metadata",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[fe80::1]/",
        "https://168.63.129.16/",
        "https://0.0.0.0/",
        "${METADATA}/metadata/instance",
    ] {
        assert_eq!(
            ask(&metric(url, "result")).await.unwrap_err(),
            NOT_ASKED,
            "{url}"
        );
    }
    for url in [
        "http://metrics.example/",
        "ftp://127.0.0.1/",
        "http://10.0.0.1/",
    ] {
        assert_eq!(
            ask(&metric(url, "result")).await.unwrap_err(),
            "it is not asked over https",
            "{url}"
        );
    }
    let login = ask(&metric("https://a:b@metrics.example/", "result")).await;
    assert_eq!(login.unwrap_err(), "its URL has a name or a password in it");
}

#[test]
fn a_name_that_leads_to_one_of_them_is_not_asked_either() {
    let at = |address: &str| SocketAddr::new(address.parse().unwrap(), 0);
    assert!(all_may_be_asked(
        "m.example",
        &[at("192.0.2.1"), at("2001:db8::1")]
    ));
    assert!(!all_may_be_asked(
        "m.example",
        &[at("192.0.2.1"), at("169.254.169.254")]
    ));
    assert!(!all_may_be_asked("m.example", &[at("fe80::7")]));
    assert!(all_may_be_asked("localhost", &[at("127.0.0.1"), at("::1")]));
    assert!(!all_may_be_asked("localhost", &[at("192.0.2.1")]));
}
