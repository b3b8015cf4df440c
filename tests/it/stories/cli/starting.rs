//! A promotion that no event has started: by its route, or by its model.

use cloud_sim::ModelKind;

use super::terminal::Ran;
use crate::stories::tester::promotion_of;
use crate::stories::{Setup, Tester, Who, story};

/// Says `start` with what is given.
async fn start(t: &Tester, who: Who, what: &[&str]) -> Ran {
    let arguments = [
        &["start"],
        what,
        &["--version", "2", "--reason", "the event was lost"],
    ];
    t.liftlock(who, &arguments.concat()).await
}

/// The example's route, and one like it that leads elsewhere; only jobs and people start promotions there.
fn two_routes() -> Setup {
    let text = std::fs::read_to_string(crate::setting::example().join("liftlock.yaml")).unwrap();
    let (_, first) = text.split_once("routes:\n").unwrap();
    let second = first
        .replace("diabetes-to-prod", "diabetes-twice")
        .replace("endpoints/diabetes.yml", "endpoints/second.yml")
        .replace("      - modelRegistered: {}\n", "");
    Setup::default().with(first, &format!("{first}{second}"))
}

#[tokio::test]
async fn a_version_is_started_by_its_route_or_its_model_and_twice_is_once() {
    story(async |t| {
        t.cloud.hold_events();
        t.cloud.register(ModelKind::Challenger).unwrap();
        let id = promotion_of("2");
        start(t, Who::Ada, &["--route", "nowhere"])
            .await
            .ended(3, "diabetes-to-prod");
        start(t, Who::Ada, &["--model", "iris"])
            .await
            .ended(3, "No route takes a model `iris`; routes take `diabetes`.");
        start(
            t,
            Who::Ada,
            &["--model", "iris", "--route", "diabetes-to-prod"],
        )
        .await
        .ended(1, "takes the model `diabetes`, not `iris`");
        start(t, Who::Sam, &["--model", "diabetes"])
            .await
            .ended(1, "Model.Approver");
        start(t, Who::Ada, &[]).await.ended(2, "--model");
        assert!(t.journal(&id).is_none());
        let begun = start(t, Who::Ada, &["--model", "diabetes"]).await;
        assert!(
            begun.done().starts_with(&format!("{id} is begun: ")),
            "{begun:?}"
        );
        t.wait_until(&id, "awaiting approval").await;
        for what in [
            &["--route", "diabetes-to-prod"][..],
            &["--model", "diabetes"],
        ] {
            let again = start(t, Who::Ben, what).await;
            assert!(again.done().contains("is open already"), "{again:?}");
        }
        t.cloud.release_events(false, 1);
        t.quiet().await;
        assert_eq!((t.promotions().len(), t.questions(&id).len()), (1, 1));
        t.reject_as(Who::Ben, &id, "another one comes")
            .await
            .taken();
        t.wait_until(&id, "rejected").await;
        t.quiet().await;
        start(t, Who::Ada, &["--model", "diabetes"])
            .await
            .ended(4, "reopen");
    })
    .await;
}

#[tokio::test]
async fn where_several_routes_take_the_model_it_is_said_what_each_would_begin() {
    two_routes()
        .story(async |t| {
            let id = t.asked().await;
            let told = start(t, Who::Ada, &["--model", "diabetes"]).await;
            told.ended(1, "Several routes");
            insta::assert_snapshot!(told.err, @"Several routes take this model; say which with `route`. `diabetes-to-prod` (dev → prod): `diabetes-2.diabetes-to-prod-fa8004c2a5` is open already; `diabetes-twice` (dev → prod): `diabetes-2.diabetes-twice-55e316b0fe` would begin.");
            let json = start(t, Who::Ada, &["--model", "diabetes", "--json"])
                .await
                .json();
            assert_eq!(json["error"]["routes"][1]["route"], "diabetes-twice");
            assert_eq!(t.promotions().len(), 1);
            let both = ["--model", "diabetes", "--route", "diabetes-twice"];
            let begun = start(t, Who::Ada, &both).await;
            assert!(begun.done().contains("is begun"), "{begun:?}");
            t.until("both are there", async || t.promotions().len() == 2)
                .await;
            t.approve_as(Who::Ben, &id).await.taken();
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn a_version_that_is_not_registered_yet_is_not_begun_and_its_event_finds_nothing_ended() {
    story(async |t| {
        let id = promotion_of("2");
        start(t, Who::Ada, &["--model", "diabetes"])
            .await
            .ended(3, "There is no version `2` of `diabetes` in ");
        assert!(t.journal(&id).is_none());
        t.cloud.register(ModelKind::Challenger).unwrap();
        t.wait_until(&id, "awaiting approval").await;
    })
    .await;
}
