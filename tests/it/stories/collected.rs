//! Candidates are asked what callers have sent, as far as Azure ML's data collector has kept it.

use cloud_sim::{Kept, ServingFault};
use serde_json::Value;

use super::{Setup, Tester, Who};
use crate::setting::example;

const FILE: &str = "requests: requests/shadow.jsonl";
const COLLECTED: &str = "collected: { hours: 6, most: 10 }";

/// What callers send in these stories.
fn bodies() -> Vec<Value> {
    let text = std::fs::read_to_string(example().join("requests/shadow.jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What was asked in the last measurement of predictions, and what it came to.
fn asked(t: &Tester, id: &promotion::PromotionId) -> String {
    let lines = t.records(id).into_iter().rev();
    let mut lines = lines.map(|line| format!("{:?}", line.fact));
    lines
        .find(|line| line.contains("the champion answer to"))
        .unwrap()
}

#[tokio::test]
async fn another_answer_to_what_callers_sent_never_has_traffic() {
    for kept in [Kept::Payloads, Kept::Inputs] {
        Setup::configured("watched.yaml")
            .with(FILE, COLLECTED)
            .story(async |t| {
                let blob = t.cloud.collect("diabetes", kept, &bodies()).unwrap();
                t.cloud.plant(ServingFault::shifted("diabetes", "2", 60.0));
                let id = t.asked().await;
                t.approve_as(Who::Ada, &id).await.taken();
                t.wait_until(&id, "rolled back").await;
                assert_eq!(t.serving(), ["diabetes:1 100"]);
                let asked = asked(t, &id);
                assert!(asked.contains(&blob) && asked.contains("Failed"), "{asked}");
                // The smoke test has columns too; nothing else that callers sent is anywhere.
                let records = format!("{:?}", t.records(&id));
                assert!(!records.contains("156.92"), "{records}");
                assert!(!t.lines.lock().unwrap().join("\n").contains("156.92"));
            })
            .await;
    }
}

#[tokio::test]
async fn where_nothing_was_kept_a_person_decides() {
    Setup::configured("watched.yaml")
        .with(FILE, COLLECTED)
        .story(async |t| {
            t.cloud.set_callers(600.0);
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.until("a person is asked", async || {
                let told = "cannot be told whether it is worse";
                t.cards().iter().any(|card| card.contains(told))
            })
            .await;
            let asked = asked(t, &id);
            assert!(asked.contains("has kept no request"), "{asked}");
            t.resume_as(Who::Ada, &id, "nobody calls yet").await.taken();
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn a_load_is_of_what_callers_sent_or_it_fails() {
    let loaded = || {
        Setup::configured("load.yaml")
            .with(FILE, COLLECTED)
            .with("duration: 5s", "duration: 1s")
    };
    loaded()
        .story(async |t| {
            t.cloud
                .collect("diabetes", Kept::Payloads, &bodies())
                .unwrap();
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "live").await;
        })
        .await;
    loaded()
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "rolled back").await;
            let told = "has kept no request of the champion";
            assert!(
                t.cards().iter().any(|card| card.contains(told)),
                "{:?}",
                t.cards()
            );
        })
        .await;
}
