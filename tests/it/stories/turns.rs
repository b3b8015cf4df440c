//! Turns: one promotion at a time asks about a target and changes it; who comes later supersedes, waits or is refused.

use std::time::Duration;

use axum::http::StatusCode;
use cloud_sim::{Cloud, Fault, ModelKind};
use futures::{StreamExt as _, stream};
use jiff::SignedDuration;
use liftlock::state::{Holder, Target};
use promotion::{Attempt, EndpointName, Fact, PromotionId, TargetId, WorkspaceId};

use super::journals::ACCOUNT;
use super::people::{Shown, page_of};
use super::{Setup, Tester, Who, story};

/// The example's route with another rule, and with gates that judge by no champion.
pub(super) fn lenient(rule: &str) -> Setup {
    let deadlines = format!("concurrency: {rule}\n    deadlines:");
    Setup::default()
        .with_lenient_gates()
        .with("deadlines:", &deadlines)
}

fn example_target() -> String {
    format!("targets/{}.json", example_target_id())
}

pub(super) fn example_target_id() -> TargetId {
    let workspace = WorkspaceId::new(Cloud::prod().arm_id());
    TargetId::of(&workspace, &EndpointName::new("diabetes"))
}

impl Tester {
    /// A better model whose gates have passed, and whose turn it is not.
    async fn in_line(&self) -> PromotionId {
        let id = self.register_model(ModelKind::Challenger).await;
        self.until(&format!("{id} waits"), async || {
            self.promotion(&id).waits_for_turn() && self.why(&id).contains("has it")
        })
        .await;
        id
    }

    /// Approved, and with a tenth of the traffic.
    async fn shifting(&self) -> PromotionId {
        let id = self.asked().await;
        self.approve_as(Who::Ada, &id).await.taken();
        self.wait_until(&id, "shifting").await;
        id
    }

    /// Whose turn it is at the example's endpoint, and who waits.
    pub(super) fn at_the_target(&self) -> Target {
        let path = example_target();
        let bytes = self.cloud.blobs().get(ACCOUNT, "state", &path).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    pub(super) fn waiting(&self) -> Vec<PromotionId> {
        let line = self.at_the_target().line.into_iter();
        line.map(|holder| holder.promotion).collect()
    }
}

#[tokio::test]
async fn a_newer_version_takes_the_place_of_one_that_is_asked_about() {
    story(async |t| {
        let first = t.asked().await;
        let question = t.newest_question(&first);
        let window = t.open_form(Who::Ada, &question).await.ok().unwrap();
        let second = t.asked().await;
        t.wait_until(&first, "superseded").await;
        let card = |card: &String| card.contains("superseded") && card.contains(second.as_str());
        assert!(t.cards().iter().any(card), "{:?}", t.cards());
        // Neither the window that stood open nor the old link decides anything.
        let late = t.fill_in(&window, &question, &[("decision", "approve")]);
        Shown::to(late).await.refused(409, second.as_str());
        let asked = t.answer_as(Who::Ben, &question, "approve", "").await;
        asked.offers_no_form("This approval is closed");
        t.approve_as(Who::Ada, &second).await.taken();
        t.wait_until(&second, "live").await;
        assert_eq!(t.serving(), ["diabetes:3 100"]);
        assert_eq!(t.questions(&first).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn whichever_event_comes_first_the_newer_version_is_asked_about() {
    for reversed in [true, false] {
        story(async |t| {
            t.cloud.hold_events();
            for _ in 0..2 {
                t.cloud.register(ModelKind::Challenger).unwrap();
            }
            t.cloud.release_events(reversed, 1);
            let (older, newer) = (t.opened("2").await, t.opened("3").await);
            t.wait_until(&older, "superseded").await;
            t.wait_until(&newer, "awaiting approval").await;
        })
        .await;
    }
}

#[tokio::test]
async fn an_older_version_that_comes_later_is_not_asked_about() {
    story(async |t| {
        t.cloud.hold_events();
        t.cloud.register(ModelKind::Challenger).unwrap();
        t.cloud.register(ModelKind::Challenger).unwrap();
        let wish =
            serde_json::json!({"route": "diabetes-to-prod", "version": "3", "reason": "now"});
        t.post_json(Who::Ada, "/api/v1/promotions", &wish)
            .await
            .taken();
        let newer = t.opened("3").await;
        t.wait_until(&newer, "awaiting approval").await;
        t.cloud.release_events(false, 1);
        let older = t.opened("2").await;
        t.wait_until(&older, "superseded").await;
        assert!(t.questions(&older).is_empty());
        assert_eq!(t.stage(&newer), "awaiting approval");
    })
    .await;
}

#[tokio::test]
async fn what_is_blocked_takes_nobodys_place() {
    story(async |t| {
        let asked = t.asked().await;
        let worse = t.register_model(ModelKind::Worse).await;
        t.wait_until(&worse, "blocked").await;
        assert_eq!(t.stage(&asked), "awaiting approval");
        t.approve_as(Who::Ada, &asked).await.taken();
        t.wait_until(&asked, "live").await;
    })
    .await;
}

#[tokio::test]
async fn what_a_person_asks_for_goes_before_what_an_event_brought() {
    story(async |t| {
        let (first, second) = (t.asked().await, t.asked().await);
        t.wait_until(&first, "superseded").await;
        t.tell_as(Who::Ada, &first, "reopen", "this one after all")
            .await
            .taken();
        t.wait_until(&first, "awaiting approval").await;
        t.wait_until(&second, "superseded").await;
        assert!(
            t.why(&second).contains(first.as_str()),
            "{}",
            t.why(&second)
        );
    })
    .await;
}

#[tokio::test]
async fn in_a_queue_each_waits_and_is_judged_by_who_serves_then() {
    lenient("queue")
        .story(async |t| {
            let (first, second, third) = (t.asked().await, t.in_line().await, t.in_line().await);
            let why = t.why(&second);
            assert!(
                why.contains("diabetes 2 has it and is awaiting approval."),
                "{why}"
            );
            assert_eq!(t.waiting(), [second.clone(), third.clone()]);
            for (id, version) in [(&first, "2"), (&second, "3"), (&third, "4")] {
                t.wait_until(id, "awaiting approval").await;
                let pinned = t.promotion(id).stage().pinned().unwrap().clone();
                let before = version.parse::<u32>().unwrap() - 1;
                let promotion::Champion::Serving(serves) = pinned.champion else {
                    panic!("nothing serves");
                };
                assert_eq!(serves.version.as_str(), before.to_string());
                t.approve_as(Who::Ada, id).await.taken();
                t.wait_until(id, "live").await;
                assert_eq!(t.serving(), [format!("diabetes:{version} 100")]);
            }
            assert!(t.waiting().is_empty());
        })
        .await;
}

#[tokio::test]
async fn who_stands_in_line_is_not_stuck_and_says_for_whom_it_waits() {
    lenient("queue")
        .story(async |t| {
            let (first, second) = (t.asked().await, t.in_line().await);
            let records = t.records(&second).len();
            for _ in 0..6 {
                t.advance_clock(SignedDuration::from_secs(31)).await;
            }
            let list = t.see(Who::Sam, "/api/v1/promotions").await.json();
            let rows = list["value"].as_array().unwrap();
            let row = rows
                .iter()
                .find(|row| row["id"] == second.as_str())
                .unwrap();
            assert_eq!(row["wakeUpsWithoutProgress"], 0);
            let waits = "its turn: diabetes 2 has it and is awaiting approval";
            assert_eq!(
                (&row["waitsFor"], &row["stage"]),
                (&waits.into(), &"waiting for its turn".into())
            );
            let words = |page: Shown| {
                let page = page.sentence();
                page.split_whitespace().collect::<Vec<_>>().join(" ")
            };
            let board = words(t.see(Who::Ada, "/api/board/").await);
            assert!(
                board.contains("○ waiting for its turn") && board.contains(waits),
                "{board}"
            );
            let page = words(t.see(Who::Ada, &page_of(&second)).await);
            assert!(page.contains("○ waiting for its turn"), "{page}");
            let noted = "has to wait: diabetes 2 has it and is awaiting approval.";
            assert!(
                page.contains(noted) && !page.contains("NotItsTurn"),
                "{page}"
            );
            assert_eq!(t.stage(&first), "awaiting approval");
            assert_eq!(
                t.records(&second).len(),
                records,
                "a look that learns nothing"
            );
        })
        .await;
}

#[tokio::test]
async fn one_that_goes_on_after_a_failure_waits_for_whose_turn_it_is_by_then() {
    lenient("supersede")
        .story(async |t| {
            let first = t.asked().await;
            let refused = Fault::Status {
                status: StatusCode::BAD_REQUEST,
                code: "UserError".to_owned(),
            };
            t.cloud.faults().add("arm.versions.put", refused, 1);
            t.approve_as(Who::Ada, &first).await.taken();
            t.wait_until(&first, "failed").await;
            let second = t.asked().await;
            t.tell_as(Who::Ada, &first, "replay", "the workspace is back")
                .await
                .taken();
            t.wait_until(&first, "waiting for target").await;
            t.advance_clock(SignedDuration::from_mins(2)).await;
            assert_eq!(t.stage(&second), "awaiting approval");
            t.reject_as(Who::Ben, &second, "not now").await.taken();
            t.wait_until(&first, "live").await;
            assert_eq!(t.serving(), ["diabetes:2 100"]);
        })
        .await;
}

#[tokio::test]
async fn where_the_route_rejects_the_later_one_ends_and_may_be_reopened() {
    lenient("reject")
        .story(async |t| {
            let first = t.asked().await;
            let second = t.register_model(ModelKind::Challenger).await;
            t.wait_until(&second, "refused").await;
            let card = |card: &String| card.contains("refused") && card.contains(first.as_str());
            t.until("a card says so", async || t.cards().iter().any(card))
                .await;
            t.approve_as(Who::Ada, &first).await.taken();
            t.wait_until(&first, "live").await;
            t.tell_as(Who::Ben, &second, "reopen", "now it is free")
                .await
                .taken();
            t.wait_until(&second, "awaiting approval").await;
        })
        .await;
}

#[tokio::test]
async fn while_traffic_moves_the_newest_waits_and_is_asked_about_afterwards() {
    lenient("supersede")
        .story(async |t| {
            let (first, second) = (t.shifting().await, t.in_line().await);
            assert!(t.why(&second).contains("shifting"), "{}", t.why(&second));
            let third = t.in_line().await;
            t.wait_until(&second, "superseded").await;
            assert_eq!(
                (t.stage(&first), t.waiting()),
                ("shifting", vec![third.clone()])
            );
            t.wait_until(&first, "live").await;
            t.wait_until(&third, "awaiting approval").await;
            assert!(t.questions(&second).is_empty());
            // Nobody is stuck who stands in line.
            let records = t.records(&third);
            let waits = |fact: &Fact| matches!(fact, Fact::Waiting { .. });
            let waits = records.iter().filter(|line| waits(&line.fact)).count();
            assert!(waits <= 3, "{waits} records of waiting");
        })
        .await;
}

#[tokio::test]
async fn who_waited_for_a_better_one_is_blocked_once_that_serves() {
    story(async |t| {
        let (first, second) = (t.shifting().await, t.in_line().await);
        t.wait_until(&first, "live").await;
        t.wait_until(&second, "blocked").await;
        assert!(t.questions(&second).is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_turn_ends_with_whoever_had_it() {
    lenient("queue")
        .story(async |t| {
            let (first, second, third) = (t.asked().await, t.in_line().await, t.in_line().await);
            t.tell_as(Who::Ada, &second, "abort", "not this one")
                .await
                .taken();
            t.tell_as(Who::Ada, &first, "abort", "nor this one")
                .await
                .taken();
            t.wait_until(&third, "awaiting approval").await;
            let target = t.at_the_target();
            assert_eq!(target.turn.unwrap().promotion, third);
            assert!(target.line.is_empty(), "{:?}", target.line);
        })
        .await;
}

#[tokio::test]
async fn a_turn_of_nobody_that_is_known_is_taken_over() {
    story(async |t| {
        let nobody = |name: &str| Holder {
            promotion: PromotionId::new(name),
            attempt: Attempt::FIRST,
            since: t.cloud.clock().now(),
        };
        let left = Target {
            turn: Some(nobody("diabetes-1.gone-0")),
            line: vec![nobody("diabetes-0.gone-0")],
            ..Target::default()
        };
        let bytes = serde_json::to_vec(&left).unwrap();
        t.cloud
            .blobs()
            .put(ACCOUNT, "state", &example_target(), bytes);
        let id = t.asked().await;
        assert_eq!(t.at_the_target().turn.unwrap().promotion, id);
        assert!(t.waiting().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_kill_between_telling_and_taking_costs_nothing() {
    story(async |t| {
        let first = t.asked().await;
        // Each write of a blob takes a while, so the handler dies before it says whose turn it is.
        let delay = Duration::from_millis(400);
        t.cloud
            .faults()
            .add("blob.put", Fault::Delay { delay }, 1000);
        let second = t.register_model(ModelKind::Challenger).await;
        t.until("the older one is told", async || {
            t.promotion(&first).stage().ending().is_some()
        })
        .await;
        assert_eq!(t.at_the_target().turn.unwrap().promotion, first);
        t.cloud.faults().clear();
        t.kill_handler();
        t.wait_until(&first, "superseded").await;
        t.wait_until(&second, "awaiting approval").await;
        assert_eq!(t.host.restarts(), 1);
        let ends = |line: &promotion::Line<Fact>| format!("{:?}", line.fact).contains("Superseded");
        assert_eq!(
            t.records(&first).iter().filter(|line| ends(line)).count(),
            2
        );
    })
    .await;
}

/// The write of this number fails, done or not done, while a newer one takes the place of an older one.
async fn takes_the_place_though(write: &str, number: u32, fault: Fault) {
    story(async |t| {
        let first = t.asked().await;
        let pass = Duration::ZERO;
        let faults = t.cloud.faults();
        faults.add(write, Fault::Delay { delay: pass }, number);
        faults.add(write, fault.clone(), 1);
        let second = t.register_model(ModelKind::Challenger).await;
        // A refused event comes again, which no marker knows.
        t.until("it is on its way", async || t.records(&second).len() > 1)
            .await;
        t.wait_until(&second, "awaiting approval").await;
        t.wait_until(&first, "superseded").await;
        let told = format!("{write} {number} {fault:?}");
        assert_eq!(t.at_the_target().turn.unwrap().promotion, second, "{told}");
        assert_eq!(t.questions(&second).len(), 1, "{told}");
        assert!(faults.pending().is_empty(), "{told}: never called");
        faults.clear();
        // What could not be tidied up is left to the sweep, which a busy machine may begin late.
        let is_open = |name: &String| name.ends_with(first.as_str());
        t.until("the first has left the open ones", async || {
            !t.state("open/").iter().any(is_open)
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn whichever_write_fails_the_newer_one_is_asked_about() {
    let faults = [Fault::Reset, Fault::LostAnswer];
    let cases = (0..7).flat_map(|number| faults.clone().map(|fault| (number, fault)));
    let stories = cases.flat_map(|(number, fault)| {
        ["blob.put", "blob.append"]
            .map(|write| takes_the_place_though(write, number, fault.clone()))
    });
    stream::iter(stories)
        .buffer_unordered(4)
        .collect::<()>()
        .await;
}
