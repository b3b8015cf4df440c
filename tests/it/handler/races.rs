//! What is told to a promotion while it is advanced, and what is cut off half-way: nothing of it is lost.

use std::time::Duration;

use cloud_sim::Fault;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::identity::{FORWARDED, token};
use super::secrets::until_the_card;
use super::{Answer, Handler};
use crate::setting::event;

/// How long the one call takes that others overtake.
const SLOW: Duration = Duration::from_millis(1500);
/// After this long in business time nothing lands any more that was announced.
const LANDED: Duration = Duration::from_secs(302);
/// Long enough for everybody else.
const MEANWHILE: Duration = Duration::from_millis(400);

fn slow() -> Fault {
    Fault::Delay { delay: SLOW }
}

fn down() -> Fault {
    Fault::Status {
        status: StatusCode::SERVICE_UNAVAILABLE,
        code: "ServerBusy".to_owned(),
    }
}

impl Handler {
    fn id(&self) -> String {
        self.blobs("journals", "diabetes-")[0].replace(".jsonl", "")
    }

    async fn advance(&self) {
        self.advance_this(&self.id()).await;
    }

    async fn advance_this(&self, name: &str) {
        let message = json!({ "journal": name }).to_string();
        let body = json!({"Data": {"message": message}}).to_string();
        assert_eq!(self.invoke("advance", body).await.status, StatusCode::OK);
    }

    async fn say(&self, path: &str, wish: &Value) -> Answer {
        self.ask(&format!("promotions{path}"), wish).await
    }

    async fn ask(&self, path: &str, wish: &Value) -> Answer {
        let request = self
            .post(&format!("/api/v1/{path}"))
            .header(FORWARDED, token(&self.cloud))
            .header("content-type", "application/json")
            .body(wish.to_string());
        Answer::to(request).await
    }

    /// The event that has opened the promotion.
    async fn deliver_again(&self) {
        let data = json!({"modelName": "diabetes", "modelVersion": "2"});
        let event = event("ModelRegistered", "models/diabetes:2", &data);
        let body = json!({"Data": {"event": event}}).to_string();
        let answer = self.invoke("ml_event", body).await;
        assert_eq!(answer.status, StatusCode::OK);
    }

    async fn tell(&self, verb: &str) -> Answer {
        let path = format!("/{}/{verb}", self.id());
        self.say(&path, &json!({"reason": "a test asks for it"}))
            .await
    }

    /// Neither the message behind a teller's record comes through, nor the marker that takes its place.
    fn hangs_behind_its_record(&self) {
        let delay = 20 * SLOW;
        for call in ["servicebus.send", "blob.put"] {
            self.cloud.faults().add(call, Fault::Delay { delay }, 1);
        }
    }

    /// Whether the sweep would wake the promotion.
    fn is_due(&self) -> bool {
        let markers = self.cloud.blobs().list("stliftlock", "state", "open/");
        let now = self.cloud.clock().now();
        let due = |text: &String| {
            let text = percent_decode_str(text).decode_utf8().unwrap();
            text.parse::<Timestamp>().unwrap()
        };
        markers
            .iter()
            .any(|marker| due(&marker.metadata["due"]) <= now)
    }
}

#[tokio::test]
async fn what_is_told_between_reading_and_scheduling_stays_due() {
    let handler = Handler::start().await;
    until_the_card(&handler).await;
    assert!(!handler.is_due());
    // The teller's marker is written and its record is not: then an advance reads both.
    handler.cloud.faults().add("blob.append", slow(), 1);
    let told = handler.tell("abort");
    let advanced = async {
        tokio::time::sleep(MEANWHILE).await;
        handler
            .cloud
            .faults()
            .add("servicebus.send", Fault::Delay { delay: 2 * SLOW }, 1);
        handler.advance().await;
    };
    let (told, ()) = tokio::join!(told, advanced);
    assert_eq!(told.status, StatusCode::ACCEPTED, "{told:?}");
    handler.cloud.clock().advance(LANDED);
    assert!(handler.is_due(), "it waits for the approval's expiry");
}

#[tokio::test]
async fn what_is_told_by_one_that_dies_is_found_within_minutes() {
    let handler = Handler::start().await;
    until_the_card(&handler).await;
    // Between the teller's marker and its record an advance reads both; between record and message the process dies.
    handler.cloud.faults().add("blob.append", slow(), 1);
    let told = tokio::time::timeout(SLOW + MEANWHILE, handler.tell("abort"));
    let advanced = async {
        tokio::time::sleep(MEANWHILE).await;
        handler.advance().await;
        handler.hangs_behind_its_record();
    };
    let (told, ()) = tokio::join!(told, advanced);
    assert!(told.is_err(), "it was answered: {told:?}");
    let (cloud, port) = handler.kill();
    cloud.faults().clear();
    let handler = Handler::start_in(cloud, port, &[]).await;
    assert!(!handler.is_due());
    handler.cloud.clock().advance(LANDED);
    assert!(handler.is_due(), "it waits for the approval's expiry");
    handler.advance().await;
    assert!(handler.blobs("state", "open/").is_empty());
}

/// Somebody else makes it due between a teller's marker and its record, and does not forget that a record is to come.
#[tokio::test]
async fn what_is_told_by_one_that_dies_is_found_though_its_event_comes_again() {
    let handler = Handler::start().await;
    until_the_card(&handler).await;
    handler.cloud.faults().add("blob.append", slow(), 1);
    let told = tokio::time::timeout(SLOW + MEANWHILE, handler.tell("abort"));
    let meanwhile = async {
        tokio::time::sleep(MEANWHILE).await;
        handler.deliver_again().await;
        handler.advance().await;
        handler.hangs_behind_its_record();
    };
    let (told, ()) = tokio::join!(told, meanwhile);
    assert!(told.is_err(), "it was answered: {told:?}");
    let (cloud, port) = handler.kill();
    cloud.faults().clear();
    let handler = Handler::start_in(cloud, port, &[]).await;
    assert!(!handler.is_due());
    handler.cloud.clock().advance(LANDED);
    assert!(handler.is_due(), "it waits for the approval's expiry");
}

#[tokio::test]
async fn what_is_reopened_by_one_that_dies_is_found_within_minutes() {
    let handler = Handler::start().await;
    until_the_card(&handler).await;
    handler.tell("abort").await;
    handler.advance().await;
    handler.cloud.faults().add("blob.append", slow(), 1);
    let told = tokio::time::timeout(SLOW + MEANWHILE, handler.tell("reopen"));
    let advanced = async {
        tokio::time::sleep(MEANWHILE).await;
        handler.advance().await;
        // The marker that it writes behind its record.
        let delay = 20 * SLOW;
        handler
            .cloud
            .faults()
            .add("blob.put", Fault::Delay { delay }, 1);
    };
    let (told, ()) = tokio::join!(told, advanced);
    assert!(told.is_err(), "it was answered: {told:?}");
    let (cloud, port) = handler.kill();
    let handler = Handler::start_in(cloud, port, &[]).await;
    handler.cloud.clock().advance(LANDED);
    assert!(handler.is_due(), "nobody will ever look at it");
    handler.advance().await;
    let request = handler
        .get("/api/v1/promotions")
        .header(FORWARDED, token(&handler.cloud));
    let listed = Answer::to(request).await.object();
    assert_eq!(listed["value"][0]["stage"], "awaiting approval", "{listed}");
}

#[tokio::test]
async fn what_is_told_and_not_sent_is_due_again() {
    let handler = Handler::start().await;
    until_the_card(&handler).await;
    handler.cloud.faults().add("blob.append", slow(), 1);
    let told = handler.tell("abort");
    let advanced = async {
        tokio::time::sleep(MEANWHILE).await;
        handler.advance().await;
        handler.cloud.faults().add("servicebus.send", down(), 20);
    };
    let (told, ()) = tokio::join!(told, advanced);
    assert_eq!(told.status, StatusCode::ACCEPTED, "{told:?}");
    assert!(handler.is_due(), "nobody will ever look at it");
}

#[tokio::test]
async fn what_is_reopened_while_its_end_is_tidied_up_is_found() {
    let handler = Handler::start().await;
    until_the_card(&handler).await;
    handler.tell("abort").await;
    handler.advance().await;
    assert!(handler.blobs("state", "open/").is_empty());
    handler.cloud.faults().add("blob.append", slow(), 1);
    let told = handler.tell("reopen");
    let advanced = async {
        tokio::time::sleep(MEANWHILE).await;
        handler.advance().await;
        handler.cloud.faults().add("servicebus.send", down(), 20);
    };
    let (told, ()) = tokio::join!(told, advanced);
    assert_eq!(told.status, StatusCode::ACCEPTED, "{told:?}");
    assert!(handler.is_due());
    assert!(handler.blobs("state", "closed/").is_empty());
}

#[tokio::test]
async fn what_a_person_starts_is_marked_before_it_is_begun() {
    let handler = Handler::start().await;
    handler.cloud.faults().add("blob.append", slow(), 1);
    let wish = json!({"route": "diabetes-to-prod", "version": "1", "reason": "once more"});
    let started = handler.say("", &wish);
    let killed = async {
        tokio::time::sleep(MEANWHILE).await;
        assert!(handler.is_due());
    };
    let (started, ()) = tokio::join!(started, killed);
    assert_eq!(started.status, StatusCode::CREATED, "{started:?}");
}

/// Nobody delivers it again: between its first record and what follows that the process dies.
#[tokio::test]
async fn what_an_event_opens_that_is_run_again_is_marked_before_it_is_begun() {
    let handler = Handler::start().await;
    until_the_card(&handler).await;
    let (id, blobs) = (handler.id(), handler.cloud.blobs());
    assert!(blobs.remove("stliftlock", "journals", &format!("{id}.jsonl")));
    assert!(blobs.remove("stliftlock", "state", &format!("open/{id}")));
    let event = handler.blobs("state", "events/")[0].replace(".json", "");
    handler.cloud.faults().add("blob.append", slow(), 1);
    let (path, wish) = (format!("{event}/replay"), json!({"reason": "it was lost"}));
    let replayed = tokio::time::timeout(SLOW + MEANWHILE, handler.ask(&path, &wish));
    let cut_off = async {
        tokio::time::sleep(MEANWHILE).await;
        // The marker and the message behind its first record.
        let delay = 20 * SLOW;
        for call in ["blob.put", "blob.head", "servicebus.send"] {
            handler.cloud.faults().add(call, Fault::Delay { delay }, 1);
        }
    };
    let (replayed, ()) = tokio::join!(replayed, cut_off);
    assert!(replayed.is_err(), "it was answered: {replayed:?}");
    let (cloud, port) = handler.kill();
    cloud.faults().clear();
    let handler = Handler::start_in(cloud, port, &[]).await;
    assert_eq!(handler.id(), id);
    assert!(handler.is_due(), "nobody will ever look at it");
    handler.advance().await;
    assert_eq!(handler.cloud.messages().len(), 2);
}

#[tokio::test]
async fn a_sweep_ends_where_nothing_can_be_sent() {
    let handler = Handler::start().await;
    until_the_card(&handler).await;
    handler.cloud.faults().add("servicebus.send", down(), 100);
    handler.tell("abort").await;
    let before = handler.cloud.faults().pending()[0].times;
    let swept = handler.invoke("sweep", r#"{"Data":{"timer":{}}}"#).await;
    assert_eq!(swept.status, StatusCode::OK);
    assert!(handler.cloud.faults().pending()[0].times < before);
    assert!(handler.is_due());
    handler.cloud.faults().clear();
    let messages = || handler.cloud.queues().view("promotions").unwrap().active;
    let active = messages();
    handler.invoke("sweep", r#"{"Data":{"timer":{}}}"#).await;
    assert_eq!(messages(), active + 1);
}

#[tokio::test]
async fn a_marker_whose_journal_was_never_begun_goes() {
    let handler = Handler::start().await;
    let name = "m-1.r-0123456789";
    let blobs = handler.cloud.blobs();
    handler.invoke("sweep", r#"{"Data":{"timer":{}}}"#).await;
    blobs.put("stliftlock", "state", &format!("open/{name}"), "");
    handler.advance_this(name).await;
    assert!(handler.blobs("state", "open/").is_empty());
}

#[tokio::test]
async fn a_marker_whose_journal_is_gone_stays_in_sight() {
    let handler = Handler::start().await;
    until_the_card(&handler).await;
    let name = handler.id();
    handler
        .cloud
        .blobs()
        .remove("stliftlock", "journals", &format!("{name}.jsonl"));
    handler.cloud.clock().advance(Duration::from_hours(100));
    handler.advance_this(&name).await;
    let markers = handler.cloud.blobs().list("stliftlock", "state", "open/");
    let [marker] = markers.as_slice() else {
        panic!("{markers:?}");
    };
    assert_eq!(marker.metadata["stage"], "unreadable");
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_says_so_on_the_board() {
    let handler = Handler::start().await;
    until_the_card(&handler).await;
    let path = format!("{}.jsonl", handler.id());
    let blobs = handler.cloud.blobs();
    let text = blobs.get("stliftlock", "journals", &path).unwrap();
    let broken =
        String::from_utf8(text.to_vec())
            .unwrap()
            .replacen("\"format\":", "\"format\":9", 1);
    assert!(blobs.overwrite("stliftlock", "journals", &path, broken));
    handler.advance().await;
    let request = handler
        .get("/api/v1/promotions")
        .header(FORWARDED, token(&handler.cloud));
    let listed = Answer::to(request).await.object();
    assert_eq!(listed["value"][0]["stage"], "unreadable", "{listed}");
    let why = listed["value"][0]["waitsFor"].as_str().unwrap();
    assert!(why.contains("update Liftlock"), "{why}");
    assert!(!handler.is_due());
}
