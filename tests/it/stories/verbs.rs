//! Verbs: by button and by API, with a reason, by whoever may.

use cloud_sim::{Fault, ModelKind};
use serde_json::json;

use super::people::{Shown, page_of};
use super::tester::promotion_of;
use super::{Who, story};

#[tokio::test]
async fn a_version_that_no_event_told_of_is_started_by_hand() {
    story(async |t| {
        t.cloud.hold_events();
        t.cloud.register(ModelKind::Challenger).unwrap();
        let (path, id) = ("/api/v1/promotions", promotion_of("2"));
        let wish =
            json!({"route": "diabetes-to-prod", "version": "2", "reason": "the event was lost"});
        let nowhere = json!({"route": "nowhere", "version": "2", "reason": "x"});
        let silent = json!({"route": "diabetes-to-prod", "version": "2"});
        assert_eq!(t.post_json(Who::Sam, path, &wish).await.status, 403);
        assert_eq!(t.post_json(Who::Ada, path, &nowhere).await.status, 404);
        assert_eq!(t.post_json(Who::Ada, path, &silent).await.status, 400);
        assert!(t.journal(&id).is_none());
        t.post_json(Who::Ada, path, &wish).await.taken();
        t.wait_until(&id, "awaiting approval").await;
        // The event comes after all, and finds it.
        t.cloud.release_events(false, 1);
        t.quiet().await;
        assert_eq!((t.promotions().len(), t.questions(&id).len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_verb_needs_a_role_and_a_reason() {
    story(async |t| {
        let id = t.asked().await;
        t.say_as(Who::Sam, &id, "abort", "because")
            .await
            .refused(403, "Model.Approver");
        t.say_as(Who::Ada, &id, "abort", " ")
            .await
            .refused(400, "reason");
        t.say_as(Who::Ada, &id, "replay", "because")
            .await
            .refused(409, "not possible");
        t.say_as(Who::Ada, &id, "explode", "because")
            .await
            .refused(404, "");
        assert_eq!(t.stage(&id), "awaiting approval");
        t.say_as(Who::Ada, &id, "abort", "not needed").await.taken();
        t.wait_until(&id, "aborted").await;
        let timeline = t.see(Who::Sam, &format!("/api/v1/promotions/{id}")).await;
        assert!(timeline.text.contains("not needed") && timeline.text.contains("Ada Approver"));
    })
    .await;
}

#[tokio::test]
async fn what_serves_is_rolled_back_by_hand() {
    story(async |t| {
        let id = t.live().await;
        t.say_as(Who::Ada, &id, "roll-back", "wrong predictions")
            .await
            .taken();
        t.wait_until(&id, "rolled back").await;
        assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
        assert!(
            t.cards().last().unwrap().contains("wrong predictions"),
            "{:?}",
            t.cards()
        );
    })
    .await;
}

#[tokio::test]
async fn an_abort_while_azure_deploys_leaves_nothing() {
    story(async |t| {
        let id = t.asked().await;
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "deploying").await;
        t.tell_as(Who::Ben, &id, "abort", "changed my mind")
            .await
            .taken();
        t.wait_until(&id, "aborted").await;
        assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
    })
    .await;
}

#[tokio::test]
async fn an_abort_is_refused_once_it_is_live() {
    story(async |t| {
        let id = t.live().await;
        t.say_as(Who::Ada, &id, "abort", "too late")
            .await
            .refused(409, "roll back");
        assert_eq!(t.serving(), ["diabetes:2 100"]);
    })
    .await;
}

#[tokio::test]
async fn a_failed_registration_is_replayed_within_the_attempt() {
    story(async |t| {
        let id = t.asked().await;
        let refused = Fault::Status {
            status: axum::http::StatusCode::BAD_REQUEST,
            code: "UserError".to_owned(),
        };
        t.cloud.faults().add("arm.versions.put", refused, 1);
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "failed").await;
        t.tell_as(Who::Ada, &id, "replay", "the workspace was being moved")
            .await
            .taken();
        t.wait_until(&id, "live").await;
        let promotion = t.promotion(&id);
        assert_eq!(
            (
                promotion.attempt().number(),
                promotion.stage().votes().len()
            ),
            (1, 1)
        );
    })
    .await;
}

#[tokio::test]
async fn a_newer_candidate_is_the_one_to_roll_back() {
    let setup = super::Setup::default().with_lenient_gates();
    setup
        .story(async |t| {
            let (first, second) = (t.live().await, t.live().await);
            t.wait_until(&first, "finished").await;
            t.say_as(Who::Ada, &first, "roll-back", "which one?")
                .await
                .refused(409, "not possible");
            t.say_as(Who::Ada, &second, "roll-back", "this one")
                .await
                .taken();
            t.wait_until(&second, "rolled back").await;
            assert_eq!(t.serving(), ["diabetes:2 100"]);
        })
        .await;
}

/// A program tells it by one name, whatever it asked for.
#[tokio::test]
async fn a_missing_reason_has_one_name() {
    story(async |t| {
        let id = t.asked().await;
        let event = t.state("events/").remove(0).replace(".json", "");
        let start = json!({"route": "diabetes-to-prod", "version": "1"});
        for (path, wish) in [
            ("promotions".to_owned(), start),
            (format!("promotions/{id}/abort"), json!({})),
            (format!("promotions/{id}/abort"), json!({"reason": " "})),
            (format!("{event}/replay"), json!({})),
        ] {
            let answer = t
                .post_json(Who::Ada, &format!("/api/v1/{path}"), &wish)
                .await;
            answer.refused(400, "needs a reason");
            let code = &answer.json()["error"]["code"];
            assert_eq!(code, "ReasonMissing", "{path}");
        }
        assert_eq!(t.stage(&id), "awaiting approval");
    })
    .await;
}

#[tokio::test]
async fn who_orders_what_they_may_not_is_in_the_log() {
    story(async |t| {
        t.asked().await;
        let key = t.event_key().await;
        let why = json!({"reason": "let me"});
        let freeze = json!({"scope": {"stage": "prod"}, "reason": "let me"});
        let start = json!({"model": "diabetes", "version": "2", "reason": "let me"});
        let orders = [
            ("freeze", t.freeze_as(Who::Sam, &freeze).await),
            ("unfreeze", t.lift_as(Who::Sam, "0123", "let me").await),
            ("hold", t.tell_target(Who::Sam, "hold", &why).await),
            ("unhold", t.tell_target(Who::Sam, "unhold", &why).await),
            (
                "start",
                t.post_json(Who::Sam, "/api/v1/promotions", &start).await,
            ),
            ("replay-event", t.replay_event(Who::Sam, &key, &why).await),
        ];
        t.logged_times("an order was refused", orders.len()).await;
        let lines = t.logged("an order was refused");
        for ((verb, answer), line) in orders.into_iter().zip(lines) {
            answer.refused(403, "Model.Approver");
            assert_eq!(line["verb"], verb);
            assert_eq!(line["person"], Who::Sam.object_id());
            assert!(line["why"].as_str().unwrap().contains("Model.Approver"));
        }
    })
    .await;
}

#[tokio::test]
async fn who_stops_the_line_and_lets_it_go_on_is_in_the_log() {
    story(async |t| {
        let line = |message: &'static str| t.logged_times(message, 1);
        let said =
            |until: &str| json!({"scope": {"stage": "prod"}, "reason": "the fair", "until": until});
        let (first, second) = ("2030-01-01T00:00:00Z", "2031-01-01T00:00:00Z");
        let frozen = t.freeze_as(Who::Ada, &said(first)).await;
        frozen.taken();
        t.freeze_as(Who::Ada, &said(second)).await.taken();
        // Said again nothing has changed, so nothing is told.
        t.freeze_as(Who::Ada, &said(second)).await.taken();
        let id = frozen.json()["id"].as_str().unwrap().to_owned();
        t.lift_as(Who::Ben, &id, "it is over").await.taken();
        let why = json!({"reason": "the year ends"});
        t.tell_target(Who::Ada, "hold", &why).await.taken();
        t.tell_target(Who::Ada, "hold", &why).await.taken();
        let on = json!({"reason": "it has ended"});
        t.tell_target(Who::Ben, "unhold", &on).await.taken();
        t.tell_target(Who::Ben, "unhold", &on).await.taken();
        let (ada, ben) = (Who::Ada.object_id(), Who::Ben.object_id());
        let set = line("freeze set").await;
        let moved = line("freeze's end moved").await;
        let lifted = line("freeze lifted").await;
        for line in [&set, &moved, &lifted] {
            assert_eq!(
                (&line["freeze"], &line["scope"]),
                (&json!(id), &json!("stage:prod"))
            );
        }
        let of = |line: &serde_json::Value, fields: &[&str]| -> Vec<String> {
            fields
                .iter()
                .map(|field| line[*field].as_str().unwrap_or_default().to_owned())
                .collect()
        };
        assert_eq!(
            of(&set, &["by", "reason", "until"]),
            [&ada, "the fair", first]
        );
        let fields = ["by", "reason", "before", "until"];
        assert_eq!(of(&moved, &fields), [&ada, "the fair", first, second]);
        let fields = ["by", "reason", "set_by", "until"];
        assert_eq!(of(&lifted, &fields), [&ben, "it is over", &ada, second]);
        let fields = ["stage", "endpoint", "by", "reason", "lifted"];
        let held = of(&line("target held").await, &fields);
        assert_eq!(held, ["prod", "diabetes", &ada, "the year ends", ""]);
        let released = of(&line("holds lifted").await, &fields);
        let was = format!("{ada}: the year ends");
        assert_eq!(released, ["prod", "diabetes", &ben, "it has ended", &was]);
    })
    .await;
}

/// Ada has a page open, Ben ends the attempt that it shows, and it is asked again.
#[tokio::test]
async fn what_is_said_of_one_attempt_ends_no_other() {
    story(async |t| {
        let id = t.asked().await;
        let mut form = t.open_form(Who::Ada, &page_of(&id)).await.ok().unwrap();
        t.say_as(Who::Ben, &id, "abort", "not now").await.taken();
        t.wait_until(&id, "aborted").await;
        t.say_as(Who::Ben, &id, "reopen", "now").await.taken();
        t.wait_until(&id, "awaiting approval").await;
        let abort = format!("/api/v1/promotions/{id}/abort");
        let since =
            "This was said of attempt 1, and attempt 2 is on: it has been asked again since.";
        let fields = [("reason", "it smells")];
        let late = Shown::to(t.fill_in(&form, &abort, &fields)).await;
        late.refused(409, since);
        assert!(late.text.contains("value=\"it smells\""), "{}", late.text);
        // Nor does it count for the attempt that is on by being told so.
        form.token = format!("2.{}", form.token.split_once('.').unwrap().1);
        let forged = Shown::to(t.fill_in(&form, &abort, &fields)).await;
        forged.refused(
            403,
            "This form was open for too long, or was shown to somebody else",
        );
        let of = |attempt: u32| json!({"reason": "it smells", "attempt": attempt});
        t.post_json(Who::Ada, &abort, &of(1))
            .await
            .refused(409, since);
        t.post_json(Who::Ada, &abort, &of(0))
            .await
            .refused(400, "counted from 1");
        let what_if = format!("/api/v1/promotions/{id}/replay?dryRun=true");
        let foreseen = t
            .post_json(Who::Ada, &what_if, &json!({"attempt": 1}))
            .await;
        assert!(
            foreseen.json()["replay"]["why"]
                .as_str()
                .unwrap()
                .contains(since)
        );
        assert_eq!(t.stage(&id), "awaiting approval");
        t.post_json(Who::Ada, &abort, &of(2)).await.taken();
        t.wait_until(&id, "aborted").await;
    })
    .await;
}

#[tokio::test]
async fn every_door_says_so_where_nobody_can_say_whether_it_was_taken() {
    story(async |t| {
        let (id, post) = t.asked_in_channel().await;
        t.quiet().await;
        // Pages with forms can be shown: their key is made.
        t.see(Who::Ada, &page_of(&id)).await.taken();
        let down = || Fault::Status {
            status: axum::http::StatusCode::SERVICE_UNAVAILABLE,
            code: "ServerBusy".to_owned(),
        };
        for call in ["blob.append", "blob.put"] {
            t.cloud.faults().add(call, down(), 100_000);
        }
        let unsure = "It may have been taken: look at how it stands before trying again.";
        let why = json!({"reason": "it smells"});
        let freeze = json!({"scope": {"stage": "prod"}, "reason": "it smells"});
        let answers = [
            t.tell_as(Who::Ada, &id, "abort", "it smells").await,
            t.say_as(Who::Ada, &id, "abort", "it smells").await,
            t.approve_as(Who::Ada, &id).await,
            t.tell_target(Who::Ada, "hold", &why).await,
            t.freeze_as(Who::Ada, &freeze).await,
        ];
        let click = t.press_as(Who::Ada, &post, "Approve", "").await;
        t.cloud.faults().clear();
        for answer in answers {
            answer.refused(503, unsure);
        }
        let orders = ["hold", "freeze"].map(serde_json::Value::from);
        let told = t.logged("an order may have been taken");
        let told = told.iter().map(|line| &line["verb"]);
        assert!(told.eq(&orders));
        super::clicks::refused(
            &click,
            503,
            "Liftlock cannot say whether this was taken. Open the promotion's page and look before trying again.",
        );
        assert_eq!(t.stage(&id), "awaiting approval");
    })
    .await;
}
