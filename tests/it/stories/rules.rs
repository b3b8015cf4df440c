//! What the configuration says is what happens: routes, people, deadlines.

use axum::http::StatusCode;
use cloud_sim::{Cloud, EventSchema, Fault, ModelKind};

use super::people::page_of;
use super::{Setup, Who, story};

fn down(status: StatusCode, code: &str) -> Fault {
    Fault::Status {
        status,
        code: code.to_owned(),
    }
}

#[tokio::test]
async fn every_route_of_a_model_opens_its_own_promotion() {
    let text = std::fs::read_to_string(crate::setting::example().join("liftlock.yaml")).unwrap();
    let (_, first) = text.split_once("routes:\n").unwrap();
    let second = first
        .replace("diabetes-to-prod", "diabetes-twice")
        .replace("endpoints/diabetes.yml", "endpoints/second.yml");
    let setup = Setup::default().with(first, &format!("{first}{second}"));
    setup
        .story(async |t| {
            let id = t.asked().await;
            let other = t
                .promotions()
                .iter()
                .map(|p| p.id().clone())
                .find(|other| *other != id)
                .unwrap();
            t.wait_until(&other, "awaiting approval").await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "live").await;
            t.reject_as(Who::Ada, &other, "it serves already")
                .await
                .taken();
            t.wait_until(&other, "rejected").await;
        })
        .await;
}

#[tokio::test]
async fn cloud_events_say_the_same() {
    story(async |t| {
        t.cloud
            .subscribe(&Cloud::dev(), &t.webhook, EventSchema::CloudEvents);
        let id = t.asked().await;
        assert_eq!((t.promotions().len(), t.questions(&id).len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn whoever_trained_it_may_judge_it_where_the_route_says_so() {
    let setup = Setup::default()
        .with_approver(Who::Tina)
        .with("preventSelfReview: true", "preventSelfReview: false");
    setup
        .story(async |t| {
            let id = t.asked().await;
            t.approve_as(Who::Tina, &id).await.taken();
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn where_nobody_knows_who_trained_it_two_must_agree() {
    story(async |t| {
        t.cloud.faults().add(
            "history.rundata",
            down(StatusCode::NOT_FOUND, "NotFound"),
            100,
        );
        let id = t.asked().await;
        t.approve_as(Who::Ada, &id).await.taken();
        assert_eq!(t.stage(&id), "awaiting approval");
        t.approve_as(Who::Ben, &id).await.taken();
        t.wait_until(&id, "live").await;
    })
    .await;
}

#[tokio::test]
async fn only_operators_stop_it_where_the_route_names_them() {
    let operators = "operators: [{ role: Model.Operator }]\n    rollout:";
    let setup = Setup::default().with("rollout:", operators);
    setup
        .story(async |t| {
            let id = t.asked().await;
            t.say_as(Who::Ada, &id, "abort", "may I?")
                .await
                .refused(403, "Model.Operator");
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "live").await;
        })
        .await;
}

#[tokio::test]
async fn a_deployment_that_azure_never_makes_goes_the_way_back() {
    story(async |t| {
        let id = t.asked().await;
        let never = down(StatusCode::SERVICE_UNAVAILABLE, "ServerBusy");
        t.cloud.faults().add("arm.deployments.put", never, 10_000);
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "rolled back").await;
        assert_eq!(t.deployments(), [("diabetes:1".to_owned(), 100)]);
        assert!(t.why(&id).contains("deadline"), "{}", t.why(&id));
    })
    .await;
}

#[tokio::test]
async fn an_address_of_a_verb_changes_nothing_when_it_is_followed() {
    story(async |t| {
        let id = t.asked().await;
        let before = t.journal(&id);
        for verb in ["abort", "roll-back", "reopen", "replay"] {
            let shown = t
                .see(Who::Ada, &format!("/api/v1/promotions/{id}/{verb}"))
                .await;
            assert_eq!(
                shown.status,
                StatusCode::METHOD_NOT_ALLOWED.as_u16(),
                "{verb}"
            );
        }
        assert_eq!(t.journal(&id), before);
    })
    .await;
}

#[tokio::test]
async fn what_people_write_is_kept_up_to_a_length() {
    story(async |t| {
        let id = t.asked().await;
        let long = "no\u{202e}! ".repeat(2000);
        let sent = t.reject_as(Who::Ada, &id, &long).await;
        sent.refused(400, "10000 characters, and 2000 are kept");
        t.quiet().await;
        assert_eq!(t.stage(&id), "awaiting approval");
        let most: String = long.chars().take(2000).collect();
        t.reject_as(Who::Ada, &id, &most).await.taken();
        t.wait_until(&id, "rejected").await;
        let kept = &t.promotion(&id).stage().votes()[0].comment.clone();
        assert!(
            kept.chars().count() <= 2000 && !kept.contains('\u{202e}'),
            "{}",
            kept.len()
        );
        assert!(t.see(Who::Ben, &page_of(&id)).await.text.len() < 100_000);
    })
    .await;
}

#[tokio::test]
async fn a_model_of_another_name_is_nobodys_business() {
    let setup = Setup::default().with("model: diabetes\n", "model: another\n");
    setup
        .story(async |t| {
            t.cloud.register(ModelKind::Challenger).unwrap();
            t.until("the event is kept", async || !t.state("events/").is_empty())
                .await;
            t.quiet().await;
            assert!(t.promotions().is_empty());
        })
        .await;
}
