//! Verbs, holds and freezes: what moves or stops the line.

use axum::http::StatusCode;
use cloud_sim::Fault;

use crate::stories::people::{BOARD, page_of};
use crate::stories::{Who, story};

#[tokio::test]
async fn verbs_are_said_as_on_the_board() {
    story(async |t| {
        let id = t.asked().await;
        let verb = |verb: &'static str| [verb, id.as_str(), "--reason", "as agreed"];
        t.liftlock(Who::Sam, &verb("abort"))
            .await
            .ended(1, "Model.Approver");
        t.liftlock(Who::Ada, &verb("replay"))
            .await
            .ended(4, "not possible");
        t.liftlock(Who::Ada, &verb("resume"))
            .await
            .ended(4, "does not wait");
        t.liftlock(Who::Ada, &verb("abort")).await.done();
        t.wait_until(&id, "aborted").await;
        let refused = t
            .liftlock(Who::Ada, &["abort", id.as_str(), "--reason", " ", "--json"])
            .await;
        assert!(
            refused.json()["error"]["message"].is_string(),
            "{refused:?}"
        );
        t.liftlock(Who::Ada, &verb("reopen")).await.done();
        t.wait_until(&id, "awaiting approval").await;
        let of = |attempt| [&verb("abort")[..], &["--attempt", attempt]].concat();
        let since = "attempt 2 is on: it has been asked again since";
        t.liftlock(Who::Ada, &of("1")).await.ended(4, since);
        t.liftlock(Who::Ada, &of("0"))
            .await
            .ended(2, "counted from 1");
        assert_eq!(t.stage(&id), "awaiting approval");
        let foreseen = t
            .liftlock(Who::Ada, &["replay", id.as_str(), "--dry-run"])
            .await;
        assert!(foreseen.done().contains("Replay: "), "{foreseen:?}");
        t.liftlock(
            Who::Ada,
            &["abort", "nothing-1.x-0000000000", "--reason", "x"],
        )
        .await
        .ended(3, "There is no promotion");
        t.liftlock(Who::Ada, &["why", ".."]).await.ended(3, "..");
    })
    .await;
}

#[tokio::test]
async fn a_target_is_held_by_name() {
    story(async |t| {
        let reason = ["--reason", "a freeze for the fair"];
        let on = |verb, name| [&[verb, name][..], &reason].concat();
        t.liftlock(Who::Ada, &on("hold", "nowhere"))
            .await
            .ended(3, "prod/diabetes");
        t.liftlock(Who::Sam, &on("hold", "diabetes"))
            .await
            .ended(1, "Model.Approver");
        let held = t.liftlock(Who::Ada, &on("hold", "prod/diabetes")).await;
        assert!(
            held.done()
                .contains("by Ada Approver: a freeze for the fair"),
            "{held:?}"
        );
        let board = t.liftlock(Who::Sam, &["status"]).await;
        assert!(board.done().contains("Held: prod/diabetes"), "{board:?}");
        t.liftlock(Who::Ben, &on("unhold", "diabetes")).await.done();
        // Where nothing holds it nothing is sent: what is set in the meantime was seen by nobody.
        let nothing = t.liftlock(Who::Sam, &on("unhold", "diabetes")).await;
        assert_eq!(nothing.done(), "prod/diabetes is not held.\n");
    })
    .await;
}

#[tokio::test]
async fn the_line_is_stopped_and_let_go_on() {
    story(async |t| {
        let freeze = |who, scope: &'static [&'static str]| {
            let arguments = [&["freeze"], scope, &["--reason", "the fair", "--for", "4h"]].concat();
            async move { t.liftlock(who, &arguments).await }
        };
        freeze(Who::Sam, &["--stage", "prod"])
            .await
            .ended(1, "Model.Approver");
        freeze(Who::Ada, &["--stage", "moon"])
            .await
            .ended(3, "prod");
        freeze(Who::Ada, &[]).await.ended(2, "--everything");
        freeze(Who::Ada, &["--everything", "--stage", "prod"])
            .await
            .ended(2, "cannot be used");
        freeze(Who::Ada, &["--stage", "prod"]).await.done();
        let board = t.liftlock(Who::Sam, &["status"]).await;
        assert!(
            board.done().contains("Frozen: stage prod since "),
            "{board:?}"
        );
        assert!(board.out.contains("by Ada Approver: the fair"), "{board:?}");
        let lift =
            |scope: &[&'static str]| [&["unfreeze"], scope, &["--reason", "it is over"]].concat();
        t.liftlock(Who::Ben, &lift(&["--model", "diabetes"]))
            .await
            .ended(3, "no freeze of model diabetes");
        let lifted = t.liftlock(Who::Ben, &lift(&["--stage", "prod"])).await;
        assert_eq!(lifted.done(), "The freeze of stage prod is lifted.\n");
        assert!(t.frozen().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_slip_in_a_name_is_no_all_clear() {
    story(async |t| {
        let status = |what: &[&'static str]| [&["status"], what].concat();
        for (what, words) in [
            (
                &["--to", "nope"][..],
                "No route leads to a stage `nope`; routes lead to `prod`.",
            ),
            (&["--to", "dev"], "No route leads to a stage `dev`"),
            (
                &["--model", "nope"],
                "No route takes a model `nope`; routes take `diabetes`.",
            ),
            (
                &["--to", "prod", "--model", "nope"],
                "No route takes a model `nope`",
            ),
            (
                &["--to", "nope", "--closed", "2026-11"],
                "No route leads to a stage `nope`",
            ),
        ] {
            t.liftlock(Who::Sam, &status(what)).await.ended(3, words);
        }
        let none = t.liftlock(Who::Sam, &status(&["--to", "prod"])).await;
        assert_eq!(none.done(), "Nothing is on its way to prod.\n");
        for (what, words) in [
            (["--stage", "nope"], "No route leads to a stage `nope`"),
            (["--model", "nope"], "No route takes a model `nope`"),
        ] {
            let lift = [&["unfreeze"], &what[..], &["--reason", "r"]].concat();
            t.liftlock(Who::Ada, &lift).await.ended(3, words);
        }
    })
    .await;
}

#[tokio::test]
async fn a_slip_is_told_in_the_words_of_what_was_typed() {
    story(async |t| {
        let reason = ["--reason", "the fair"];
        let long = "x".repeat(501);
        let longer = "x".repeat(2001);
        let freeze = ["freeze", "--stage", "prod"];
        for (what, code, words) in [
            (
                [&freeze[..], &["--until", "tomorrow"], &reason].concat(),
                2,
                "'--until <TIME>': write a moment with its offset, like 2026-12-24T18:00:00Z",
            ),
            (
                [&freeze[..], &["--until", "2026-12-24"], &reason].concat(),
                2,
                "2026-12-24T18:00:00Z",
            ),
            (
                [&freeze[..], &["--until", "2020-01-01T00:00Z"], &reason].concat(),
                1,
                "which is over already; name a moment to come",
            ),
            (
                [&freeze[..], &["--until", ""], &reason].concat(),
                2,
                "'--until <TIME>': write a moment with its offset",
            ),
            (
                [&freeze[..], &["--for", "4x"], &reason].concat(),
                2,
                "'--for <LENGTH>': it is no length of time: write `10m`, `1h` or `2d`",
            ),
            (
                [&freeze[..], &["--for", "30s"], &reason].concat(),
                2,
                "it is less than 1m: write at least `1m`",
            ),
            (
                [&["freeze", "--everything", "--for", ""], &reason[..]].concat(),
                2,
                "'--for <LENGTH>': it is empty; write a length of time like 4h",
            ),
            (
                [&freeze[..], &["--reason", &long]].concat(),
                2,
                "it has 501 characters, and 500 are kept",
            ),
            (
                vec!["status", ""],
                2,
                "'[PROMOTION]': it is empty; write an id as `liftlock status` lists it",
            ),
            (
                vec!["approve", " "],
                2,
                "'<PROMOTION>': it is empty; write an id",
            ),
            (
                vec!["reject", "x", "--comment", &longer],
                2,
                "it has 2001 characters, and 2000 are kept",
            ),
            (
                [&["unfreeze", "nope"], &reason[..]].concat(),
                3,
                "There is no freeze `nope`; the board, `liftlock status`",
            ),
            (
                [&["resume", "x", "--pause", "1.x"], &reason[..]].concat(),
                2,
                "'--pause <PAUSE>': write it as",
            ),
            (
                [
                    &["start", "--model", "diabetes", "--version", "../x"],
                    &reason[..],
                ]
                .concat(),
                2,
                "'--version <VERSION>': `../x` is no version of a model",
            ),
            (
                vec!["status", "--closed", "nov"],
                2,
                "'--closed <MONTH>': write a month like 2026-11",
            ),
        ] {
            let told = t.liftlock(Who::Ada, &what).await;
            told.ended(code, words);
            for programs in ["JSON", "{\"", "line 1"] {
                assert!(!told.err.contains(programs), "{told:?}");
            }
        }
        assert!(t.frozen().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_stands_against_a_promotion_is_said_where_it_is_asked_about() {
    story(async |t| {
        let id = t.asked().await;
        let why = ["why", id.as_str()];
        let before = t.liftlock(Who::Sam, &why).await;
        assert!(
            !before.done().contains("Nothing new begins now"),
            "{before:?}"
        );
        let freeze = ["freeze", "--stage", "prod", "--reason", "the fair"];
        t.liftlock(Who::Ada, &freeze).await.done();
        let why = t.liftlock(Who::Sam, &why).await;
        let stopped =
            "Nothing new begins now, neither a copy nor a step that gives it more traffic: ";
        assert!(why.done().contains(stopped), "{why:?}");
        assert!(why.out.contains("“the fair”"), "{why:?}");
        let path = format!("/api/v1/promotions/{id}/decisions");
        let asked = t.see(Who::Ada, &path).await.json();
        let stopped = asked["stopped"].as_str().unwrap();
        assert!(
            stopped.starts_with("Nothing starts now, so it cannot be approved"),
            "{asked}"
        );
    })
    .await;
}

#[tokio::test]
async fn what_holds_its_target_is_said_to_whoever_is_asked_and_stops_no_answer() {
    story(async |t| {
        let id = t.asked().await;
        let question = t.newest_question(&id);
        let path = format!("/api/v1/promotions/{id}/decisions");
        let asked = t.see(Who::Ada, &path).await.json();
        assert!(asked["held"].is_null(), "{asked}");
        let hold = ["hold", "diabetes", "--reason", "the shop moves"];
        t.liftlock(Who::Ben, &hold).await.done();
        let again = ["hold", "diabetes", "--reason", "it moves again"];
        let again = t.liftlock(Who::Ben, &again).await;
        assert!(
            again.done().contains("Ben Approver: the shop moves\n"),
            "{again:?}"
        );
        let said = "You have held it already, so that reason stays; the new one is not kept.";
        assert!(again.out.contains(said), "{again:?}");
        let said = "Endpoint diabetes is held since ";
        let who = "by Ben Approver, “the shop moves”. That keeps nobody from answering";
        for page in [question, page_of(&id)] {
            let page = t.see(Who::Ada, &page).await.sentence();
            assert!(page.contains(said) && page.contains(who), "{page}");
        }
        let asked = t.see(Who::Ada, &path).await.json();
        let told = asked["held"].as_str().unwrap();
        assert!(told.starts_with(said) && told.contains(who), "{asked}");
        assert!(asked["stopped"].is_null(), "{asked}");
        for view in ["status", "why"] {
            let shown = t.liftlock(Who::Sam, &[view, id.as_str()]).await;
            assert!(shown.done().contains(who), "{shown:?}");
        }
        t.approve_as(Who::Ada, &id).await.taken();
        t.until("it waits for the hold", async || {
            t.why(&id).contains("is held since")
        })
        .await;
        let unhold = ["unhold", "diabetes", "--reason", "it has moved"];
        t.liftlock(Who::Ben, &unhold).await.done();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn of_several_freezes_the_question_and_the_refusal_say_that_there_are_more() {
    story(async |t| {
        let id = t.asked().await;
        for scope in [
            &["--model", "diabetes"][..],
            &["--stage", "prod", "--for", "4h"],
        ] {
            let freeze = [&["freeze"], scope, &["--reason", "the fair"]].concat();
            t.liftlock(Who::Ada, &freeze).await.done();
        }
        for view in ["status", "why"] {
            let shown = t.liftlock(Who::Sam, &[view, id.as_str()]).await;
            assert!(shown.done().contains("is frozen since"), "{shown:?}");
        }
        let words = "model diabetes is frozen since ";
        let more = "and 1 more freeze covers it (stage prod); lift them on the board";
        let page = t.see(Who::Ada, &t.newest_question(&id)).await.sentence();
        assert!(page.contains(words) && page.contains(more), "{page}");
        let refused = t.says_as(Who::Ada, &id, "approve", "now").await;
        assert!(refused.sentence().contains(more), "{refused:?}");
        refused.refused(409, words);
        let board = t.see(Who::Ada, BOARD).await.sentence();
        assert!(
            board.contains("! frozen: model diabetes and 1 more"),
            "{board}"
        );
        let too = ["freeze", "--model", "diabetes", "--reason", "the sale"];
        t.liftlock(Who::Ben, &too).await.done();
        let either = [
            "unfreeze", "--model", "diabetes", "--reason", "over", "--json",
        ];
        let either = t.liftlock(Who::Ada, &either).await;
        either.ended(2, "There are several freezes of model diabetes: ");
        let said = either.json();
        assert_eq!(said["error"]["code"], "CouldNotRun");
        assert_eq!(said["error"]["message"], either.err.trim_end());
        for freeze in t.frozen().await {
            let id = freeze["id"].as_str().unwrap();
            let lift = ["unfreeze", id, "--reason", "over"];
            t.liftlock(Who::Ada, &lift).await.done();
        }
    })
    .await;
}

#[tokio::test]
async fn a_script_that_asks_what_would_happen_is_not_told_to_go_on_by_what_nobody_sees() {
    story(async |t| {
        let id = t.asked().await;
        let dry = ["replay", id.as_str(), "--dry-run"];
        t.liftlock(Who::Ada, &dry).await.done();
        let down = Fault::Status {
            status: StatusCode::FORBIDDEN,
            code: "AuthorizationFailed".to_owned(),
        };
        t.cloud.faults().add("arm.versions.get", down, 1);
        let unseen = t.liftlock(Who::Ada, &dry).await;
        unseen.ended(2, "What would happen today cannot be seen");
    })
    .await;
}
