//! Batch endpoints: a job on sample data is compared with the champion's, then the default switches, and back.

use cloud_sim::{Fault, JobFault, ModelKind};
use jiff::SignedDuration;
use promotion::PromotionId;

use super::{Setup, Tester, Who};

fn in_batch() -> Setup {
    Setup::configured("batch.yaml")
}

/// The champion's batch endpoint, and a better model that people have agreed to.
async fn approved(t: &Tester) -> PromotionId {
    t.cloud.serve_in_batch().unwrap();
    let id = t.asked().await;
    t.approve_as(Who::Ada, &id).await.taken();
    id
}

/// Which deployment of the batch endpoint is the default, by its model.
fn default(t: &Tester) -> Vec<String> {
    let view = t.cloud.view();
    let prod = view.workspaces.into_iter().find(|w| w.name == "ml-prod");
    let mut endpoints = prod.unwrap().endpoints.into_iter();
    let endpoint = endpoints.find(|found| found.name.starts_with("diabetes-batch"));
    let deployments = endpoint.unwrap().deployments.into_iter();
    let default = deployments.filter(|found| found.weight == 100);
    default.map(|found| found.model).collect()
}

/// Its deployment was tested and has to wait for its pause before it is the default.
async fn until_live(t: &Tester, id: &PromotionId) {
    t.wait_until(id, "shifting").await;
    t.advance_clock(SignedDuration::from_mins(11)).await;
    t.wait_until(id, "live").await;
}

#[tokio::test]
async fn both_score_the_sample_and_then_the_default_switches_and_back() {
    in_batch()
        .story(async |t| {
            let id = approved(t).await;
            until_live(t, &id).await;
            assert_eq!(default(t), ["diabetes:2"]);
            let jobs = t.cloud.batch_jobs();
            assert_eq!(jobs.len(), 2, "{jobs:?}");
            assert!(
                jobs.iter()
                    .any(|job| job.starts_with("champion-v1 Completed"))
            );
            let path = format!("/api/board/promotions/{id}");
            let page = t.see(Who::Ada, &path).await.text;
            for said in [
                "Default deployment of batch endpoint diabetes-batch",
                "was made the default",
                "a job on azureml://datastores/workspaceblobstore/paths/samples/diabetes.csv",
                "5 rows, 0 without a prediction, columns number, number, text",
            ] {
                assert!(page.contains(said), "{said}: {page}");
            }
            t.tell_as(Who::Ben, &id, "roll-back", "it was a bad night")
                .await
                .taken();
            t.wait_until(&id, "rolled back").await;
            assert_eq!(default(t), ["diabetes:1"]);
        })
        .await;
}

#[tokio::test]
async fn each_shortfall_goes_back_by_its_numbers_and_the_default_never_switches() {
    for (fault, said) in [
        (
            JobFault::LosesRows(1),
            "it came to 4 rows, the champion to 5",
        ),
        (
            JobFault::AddsColumn,
            "its columns are number, number, text, number, the champion's number, number, text",
        ),
        (
            JobFault::PredictsNothing(2),
            "2 rows came to no prediction, and 0 may",
        ),
        (JobFault::Fails, "ended as Failed"),
    ] {
        in_batch()
            .story(async |t| {
                t.cloud.spoil_jobs("2", fault);
                let id = approved(t).await;
                t.wait_until(&id, "rolled back").await;
                assert_eq!(default(t), ["diabetes:1"], "{fault:?}");
                t.until("a card says why", async || {
                    t.cards().join(" ").contains(said)
                })
                .await;
            })
            .await;
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_made_and_its_first_deployment_is_tested_alone() {
    in_batch()
        .story(async |t| {
            let sample = std::fs::read(super::super::setting::example().join("sample.csv"));
            let container = "azureml-blobstore-7c8d1f20-0000-4000-8000-0000000000e1";
            let path = "samples/diabetes.csv";
            t.cloud
                .blobs()
                .put("stprod", container, path, sample.unwrap());
            let id = t.register_model(ModelKind::Challenger).await;
            t.wait_until(&id, "awaiting approval").await;
            t.until("a card asks", async || !t.questions(&id).is_empty())
                .await;
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "live").await;
            assert_eq!(default(t), ["diabetes:2"]);
            assert_eq!(t.cloud.batch_jobs().len(), 1);
            // Nothing served before it: taken back, nothing is the default any more.
            t.tell_as(Who::Ben, &id, "roll-back", "not yet")
                .await
                .taken();
            t.wait_until(&id, "rolled back").await;
            assert!(default(t).is_empty());
        })
        .await;
}

/// Azure has begun the job and nobody heard of it: the same job is found, and no second one begun.
#[tokio::test]
async fn a_job_whose_beginning_was_not_heard_of_is_begun_once() {
    in_batch()
        .story(async |t| {
            t.cloud.faults().add("scoring.invoke", Fault::LostAnswer, 2);
            let id = approved(t).await;
            until_live(t, &id).await;
            assert!(t.cloud.calls()["scoring.invoke"] > 2);
            let jobs = t.cloud.batch_jobs();
            assert_eq!(jobs.len(), 2, "{jobs:?}");
        })
        .await;
}

#[tokio::test]
async fn a_handler_that_dies_while_the_job_runs_finds_it_again() {
    in_batch()
        .story(async |t| {
            let id = approved(t).await;
            t.until("a job runs", async || !t.cloud.batch_jobs().is_empty())
                .await;
            t.kill_handler();
            until_live(t, &id).await;
            assert_eq!(t.cloud.batch_jobs().len(), 2);
        })
        .await;
}

#[tokio::test]
async fn every_call_to_the_batch_endpoint_may_fail_once() {
    in_batch()
        .story(async |t| {
            for operation in [
                "arm.batchEndpoints.get",
                "arm.batchEndpoints.put",
                "arm.batchDeployments.get",
                "arm.batchDeployments.put",
                "scoring.invoke",
                "arm.jobs.get",
            ] {
                t.cloud.faults().add(operation, Fault::Reset, 1);
            }
            let id = approved(t).await;
            until_live(t, &id).await;
            assert_eq!(default(t), ["diabetes:2"]);
            assert!(t.cloud.faults().pending().is_empty());
        })
        .await;
}
