//! A rollout is measured by what any HTTP address answers.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::routing::get;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

use super::{Setup, Who};
use crate::setting::IDENTITY_SECRET;

type Asked = Arc<Mutex<Vec<BTreeMap<String, String>>>>;

/// Counts complaints: so many about whatever Liftlock has made, none about the champion.
async fn complaints(about_ours: u32) -> (String, Asked) {
    let asked = Asked::default();
    let count = async move |State(asked): State<Asked>,
                            headers: HeaderMap,
                            Query(query): Query<BTreeMap<String, String>>| {
        assert_eq!(
            headers["authorization"],
            format!("Bearer {IDENTITY_SECRET}")
        );
        let count = if query["of"].starts_with("ll-") {
            about_ours
        } else {
            0
        };
        asked.lock().unwrap().push(query);
        format!("{{\"count\": {count}}}")
    };
    let routes = Router::new()
        .route("/complaints", get(count))
        .with_state(asked.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/complaints", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, asked)
}

/// Before there is any traffic it is asked about candidate and champion, with a secret that nobody else sees.
fn asking(url: &str) -> Setup {
    let http = format!(
        "{{ http: {{ url: \"{url}?of={{deployment}}&from={{from}}&to={{to}}\", headers: {{ Authorization: \"Bearer ${{IDENTITY_HEADER}}\" }}, value: result.count }} }}\n    against: championDifference"
    );
    Setup::configured("watched.yaml")
        .with(
            "{ predictions: { requests: requests/shadow.jsonl, compare: stabilityIndex } }",
            &http,
        )
        .with(
            "successCondition: result < 0.25",
            "successCondition: result < 3",
        )
}

#[tokio::test]
async fn what_an_address_answers_takes_it_back_before_any_traffic() {
    let (url, asked) = complaints(7).await;
    asking(&url)
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "rolled back").await;
            assert_eq!(t.serving(), ["diabetes:1 100"]);
            let said = "same-distribution is worse than allowed";
            assert!(t.cards().iter().any(|card| card.contains(said)));
            let records = t.records(&id);
            let lines = format!("{records:?}");
            assert!(lines.contains("Bearer ${IDENTITY_HEADER}"), "by its name");
            assert!(
                lines.contains(&format!("GET {url}?of=ll-diabetes-2")),
                "{lines}"
            );
            let path = format!("/api/board/promotions/{id}");
            let page = t.see(Who::Ada, &path).await.text;
            for told in [lines, page, t.lines.lock().unwrap().join("\n")] {
                assert!(!told.contains(IDENTITY_SECRET), "{told}");
            }
        })
        .await;
    let asked = asked.lock().unwrap();
    let of: BTreeSet<_> = asked.iter().map(|query| query["of"].as_str()).collect();
    assert_eq!(
        (asked.len(), of.contains("champion-v1")),
        (2, true),
        "{asked:?}"
    );
}

#[tokio::test]
async fn few_complaints_let_it_go_live() {
    let (url, _) = complaints(1).await;
    asking(&url)
        .story(async |t| {
            t.cloud.set_callers(600.0);
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "live").await;
        })
        .await;
}
