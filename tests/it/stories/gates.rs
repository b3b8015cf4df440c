//! Gates: what blocks, with its value, and what people are shown of where a value comes from.

use cloud_sim::ModelKind;
use serde_json::json;

use super::people::{Shown, page_of};
use super::{Setup, Tester, Who, story};

impl Tester {
    /// Somebody registers a model with tags of their own.
    async fn register_tagged(&self, tags: &serde_json::Value) -> promotion::PromotionId {
        let wish = json!({"model": "challenger", "tags": tags}).to_string();
        let url = format!("{}/control/register", self.cloud.url());
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .body(wish);
        let made = Shown::to(request).await.json();
        self.opened(made["version"].as_str().unwrap()).await
    }
}

#[tokio::test]
async fn a_worse_model_is_blocked_with_its_figures() {
    story(async |t| {
        let id = t.register_model(ModelKind::Worse).await;
        t.wait_until(&id, "blocked").await;
        let (card, page) = (
            t.cards().pop().unwrap(),
            t.see(Who::Ada, &page_of(&id)).await,
        );
        for figure in ["67.2024", "≤ 60", "59.7095"] {
            assert!(
                card.contains(figure) && page.text.contains(figure),
                "{figure}: {card}"
            );
        }
        assert!(t.questions(&id).is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_missing_metric_blocks_with_a_reason() {
    let setup = Setup::default().with("metric: rmse", "metric: no_such_metric");
    setup
        .story(async |t| {
            let id = t.register_model(ModelKind::Challenger).await;
            t.wait_until(&id, "blocked").await;
            assert!(
                t.cards().last().unwrap().contains("no_such_metric"),
                "{:?}",
                t.cards()
            );
        })
        .await;
}

#[tokio::test]
async fn a_value_from_tags_is_shown_as_self_reported() {
    let setup = Setup::default().with("max: 60", "max: 60\n        source: tags");
    setup
        .story(async |t| {
            let id = t.register_tagged(&json!({"rmse": "12.5"})).await;
            t.wait_until(&id, "awaiting approval").await;
            let page = t.see(Who::Ada, &t.newest_question(&id)).await;
            for shown in [t.cards().pop().unwrap(), page.text] {
                assert!(
                    shown.contains("12.5") && shown.contains("self-reported"),
                    "{shown}"
                );
            }
        })
        .await;
}

#[tokio::test]
async fn a_tag_that_is_no_number_does_not_pass() {
    let setup = Setup::default().with("max: 60", "max: 60\n        source: tags");
    setup
        .story(async |t| {
            let id = t.register_tagged(&json!({"rmse": "NaN"})).await;
            t.wait_until(&id, "blocked").await;
        })
        .await;
}

#[tokio::test]
async fn the_next_candidate_is_compared_with_the_one_that_serves_now() {
    story(async |t| {
        t.live().await;
        // As good as the champion is not one percent better.
        let id = t.register_model(ModelKind::Challenger).await;
        t.wait_until(&id, "blocked").await;
        let page = t.see(Who::Ada, &page_of(&id)).await;
        assert!(page.text.contains("51.7132"), "{}", page.sentence());
        assert_eq!(t.serving(), ["diabetes:2 100"]);
    })
    .await;
}
