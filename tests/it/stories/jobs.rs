//! Completed jobs: their output becomes one version, and that one promotion.

use cloud_sim::{JobFate, ModelKind};
use serde_json::json;

use super::people::Shown;
use super::{Tester, Who, story};
use crate::setting::event;

impl Tester {
    /// Versions of the example's model in dev, newest first.
    fn versions(&self) -> Vec<String> {
        let view = self.cloud.view();
        let dev = view.workspaces.iter().find(|w| w.name == "ml-dev").unwrap();
        let model = dev
            .models
            .iter()
            .find(|model| model.name == "diabetes")
            .unwrap();
        model
            .versions
            .iter()
            .map(|version| version.version.clone())
            .collect()
    }

    /// As many intakes have come to their end.
    async fn intakes_end(&self, count: usize) {
        let ended = || {
            let all = self.intakes().into_iter();
            all.filter(promotion::Aggregate::is_closed).count()
        };
        self.until("the job is looked at", async || ended() == count)
            .await;
        self.quiet().await;
    }

    /// How intakes stand on the board.
    async fn intakes_on_the_board(&self) -> String {
        self.see(Who::Ada, "/api/board/").await.sentence()
    }
}

#[tokio::test]
async fn an_output_becomes_a_version_and_serves() {
    story(async |t| {
        t.cloud.complete_job(ModelKind::Challenger, false).unwrap();
        let id = t.opened("2").await;
        t.wait_until(&id, "awaiting approval").await;
        assert_eq!(t.versions(), ["2", "1"]);
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
        assert_eq!(
            (t.serving(), t.promotions().len()),
            (vec!["diabetes:2 100".to_owned()], 1)
        );
    })
    .await;
}

#[tokio::test]
async fn a_version_that_the_run_registered_is_used() {
    story(async |t| {
        t.cloud.hold_events();
        t.cloud.complete_job(ModelKind::Challenger, true).unwrap();
        t.cloud.release_events(true, 3);
        let id = t.opened("2").await;
        t.wait_until(&id, "awaiting approval").await;
        assert_eq!(
            (t.versions().len(), t.promotions().len(), t.intakes().len()),
            (2, 1, 1)
        );
        assert!(
            t.intakes_on_the_board()
                .await
                .contains("version 2 is on its way")
        );
    })
    .await;
}

#[tokio::test]
async fn a_failed_job_and_a_step_of_a_pipeline_are_ignored_with_the_reason() {
    let step = JobFate::StepOf("diabetes_pipeline_1".to_owned());
    let fates = [
        (JobFate::Failed, "the job is Failed"),
        (step, "diabetes_pipeline_1"),
    ];
    story(async |t| {
        for (number, (fate, why)) in fates.into_iter().enumerate() {
            t.cloud.end_job(ModelKind::Challenger, fate).unwrap();
            t.intakes_end(number + 1).await;
            let board = t.intakes_on_the_board().await;
            assert!(
                board.contains("intake: ignored") && board.contains(why),
                "{board}"
            );
        }
        assert_eq!((t.versions().len(), t.promotions().len()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_is_not_there_is_said() {
    story(async |t| {
        let run = json!({"runId": "diabetes_train_9999", "experimentName": "diabetes-train", "runStatus": "Completed"});
        let event = json!([event("RunCompleted", "experiments/diabetes-train", &run)]).to_string();
        let request = t.http.post(&t.webhook).header("aeg-event-type", "Notification");
        let request = request.header("content-type", "application/json").body(event);
        Shown::to(request).await.taken();
        t.intakes_end(1).await;
        let board = t.intakes_on_the_board().await;
        assert!(board.contains("diabetes_train_9999") && board.contains("is not in"), "{board}");
        assert_eq!((t.versions().len(), t.promotions().len()), (1, 0));
    })
    .await;
}
