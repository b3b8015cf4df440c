//! What people read of a batch endpoint: a default deployment where others have traffic, a test job where others have a
//! smoke test.

use std::fmt::Write as _;

use insta::assert_snapshot;
use promotion::{
    Champion, DeploymentName, JobReply, Notice, Promotion, Seconds, Serving, Step, VoteKind,
};

use super::reading::card as read;
use super::story::Story;
use super::world::{World, ada, job_reply, links, record};
use crate::ui::{card, planned_call, waits_for, why};

fn in_batch() -> World {
    World {
        serving: Serving::Batch,
        steps: vec![Step::Pause(Seconds(600)), Step::SetWeight(100)],
        ..World::default()
    }
}

fn calls(promotion: &Promotion) -> String {
    let calls = promotion.planned_calls().unwrap();
    let told = |calls: &[_]| {
        calls
            .iter()
            .map(planned_call)
            .collect::<Vec<_>>()
            .join("\n")
    };
    format!(
        "{}\n\nback:\n{}",
        told(&calls.forward),
        told(&calls.way_back)
    )
}

#[test]
fn every_call_of_its_plan() {
    let story = Story::settled(in_batch());
    assert_snapshot!(calls(&story.promotion()), @"
    POST the card “approved” to the channel
    GET the list of blobs in stdev/azureml/ExperimentRun/dcid.happy_sun_1/model
    PUT 2 files (1.6 KB) into stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30, by the storage service from stdev/azureml
    GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    PUT model version diabetes 2 in ml-prod: files azureml:/subscriptions/s/resourcegroups/rg-ml-prod/workspaces/ml-prod/datastores/workspaceblobstore/paths/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    PUT state/targets/b267c64631c9d2858c16ea87.json: the lease is this promotion's
    GET endpoint diabetes in ml-prod: who serves now
    GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    PUT deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod: model diabetes 2, 2 machines of the cluster cpu-cluster, not the default
    POST a job to deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod: score azureml://datastores/workspaceblobstore/paths/samples/diabetes.csv
    POST a job to deployment champion-v1 of endpoint diabetes in ml-prod: score azureml://datastores/workspaceblobstore/paths/samples/diabetes.csv
    GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    Wait for 10 minutes; a person may end this pause earlier
    GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    GET the deployments of endpoint diabetes in ml-prod that would serve again: 100 % champion-v1
    PUT endpoint diabetes in ml-prod: default deployment ll-diabetes-2-9931af96-1
    Wait for 2 minutes, until no delayed call of ours can land any more
    GET endpoint diabetes in ml-prod: its default deployment is still as it was set
    POST the card “live” to the channel
    PUT state/targets/b267c64631c9d2858c16ea87.json: the lease is anybody's
    Wait for 24 hours, while it can be taken back; a newer promotion that goes live ends this earlier
    PUT state/targets/b267c64631c9d2858c16ea87.json: the lease is this promotion's
    DELETE deployment champion-v1 of endpoint diabetes in ml-prod
    PUT state/targets/b267c64631c9d2858c16ea87.json: the lease is anybody's

    back:
    PUT endpoint diabetes in ml-prod: default deployment champion-v1
    DELETE deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod
    Wait for 2 minutes, until no delayed call of ours can land any more
    GET endpoint diabetes in ml-prod: its default deployment is still as it was set
    POST the card “rolled back” to the channel
    PUT state/targets/b267c64631c9d2858c16ea87.json: the lease is anybody's, and nothing is promoted until somebody lifts the hold
    ");
}

#[test]
fn every_call_where_nothing_serves_yet() {
    let world = World {
        champion: Champion::None,
        ..in_batch()
    };
    let story = Story::settled(world);
    let calls = calls(&story.promotion());
    let asks = calls
        .lines()
        .filter(|line| line.contains("batch") || line.contains("default"));
    assert_snapshot!(asks.collect::<Vec<_>>().join("\n"), @"
    PUT deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod: model diabetes 2, 2 machines of the cluster cpu-cluster, not the default
    PUT endpoint diabetes in ml-prod: default deployment ll-diabetes-2-9931af96-1
    GET endpoint diabetes in ml-prod: its default deployment is still as it was set
    PUT endpoint diabetes in ml-prod: no default deployment
    GET endpoint diabetes in ml-prod: its default deployment is still as it was set
    ");
}

#[test]
fn why_it_is_where_it_is() {
    let mut story = Story::begin(in_batch());
    let mut said = String::new();
    let mut last = "";
    while story.promotion().stage().name() != "live" {
        let stage = story.promotion().stage().name();
        if stage != last && ["deploying", "testing", "shifting"].contains(&stage) {
            let promotion = story.promotion();
            let (why, waits) = (why(&promotion, story.now), waits_for(&promotion));
            writeln!(said, "{stage}: {why}\nwaits for: {waits}").unwrap();
        }
        last = stage;
        if stage == "awaiting approval" {
            story.vote(&ada(), VoteKind::Approve, "").unwrap();
        }
        story.step_or_wait();
    }
    let promotion = story.promotion();
    writeln!(said, "live: {}", why(&promotion, story.now)).unwrap();
    assert_snapshot!(said, @"
    deploying: Its deployment ll-diabetes-2-9931af96-1 is being made, without traffic. Then it is tested.
    waits for: its deployment to come up
    testing: Its deployment ll-diabetes-2-9931af96-1 is up and scores the sample data, then the champion's does. If both come to the same, it becomes the default.
    waits for: its test job
    shifting: The candidate is not the default yet. Step 1 of 2 is a pause of 10 minutes, until 2026-11-23 07:25:17 UTC (in 10 minutes).
    waits for: a pause of 10 minutes to pass
    live: Deployment ll-diabetes-2-9931af96-1 was made the default. The previous deployment champion-v1 stays warm as the way back until 2026-11-24 07:27:22 UTC (in 24 hours), then it is deleted.
    ");
}

#[test]
fn people_are_asked_about_a_job() {
    let story = Story::settled(in_batch());
    let asked = read(&card(
        Notice::ApprovalAsked,
        &story.promotion(),
        &record(),
        &links(),
    ));
    let rollout = asked.lines().find(|line| line.starts_with("Rollout"));
    assert_snapshot!(rollout.unwrap(), @"Rollout: pause for 10 minutes, the default switched after a test job");
}

/// Why it went back, by what its own job and the champion's came to.
fn went_back(ours: JobReply, champions: JobReply) -> String {
    let story = Story::approved(World {
        jobs: vec![ours, champions],
        ..in_batch()
    });
    why(&story.promotion(), story.now)
}

#[test]
fn each_shortfall_is_told_by_its_numbers() {
    let ours = |rows| job_reply(DeploymentName::new("ll-diabetes-2-9931af96-1"), rows);
    let champions = |rows| job_reply(DeploymentName::new("champion-v1"), rows);
    let told = [
        went_back(ours(4), champions(5)),
        went_back(ours(4), champions(4)),
        went_back(
            JobReply {
                columns: vec!["score: number".to_owned()],
                ..ours(5)
            },
            champions(5),
        ),
        went_back(
            JobReply {
                errors: 1,
                ..ours(5)
            },
            champions(5),
        ),
        went_back(
            ours(5),
            JobReply {
                problem: Some("job `j` ended as Failed".to_owned()),
                ..champions(0)
            },
        ),
    ];
    assert_snapshot!(told.join("\n"), @"
    The test job failed: it came to 4 rows, the champion to 5. The endpoint's default deployment goes back to champion-v1, and deployment ll-diabetes-2-9931af96-1 is deleted; running operations end first.
    The test job failed: it came to 4 rows, and the route wants 5. The endpoint's default deployment goes back to champion-v1, and deployment ll-diabetes-2-9931af96-1 is deleted; running operations end first.
    The test job failed: its columns are score: number, the champion's number, text. The endpoint's default deployment goes back to champion-v1, and deployment ll-diabetes-2-9931af96-1 is deleted; running operations end first.
    The test job failed: 1 row came to no prediction, and 0 may. The endpoint's default deployment goes back to champion-v1, and deployment ll-diabetes-2-9931af96-1 is deleted; running operations end first.
    The test job failed: deployment champion-v1 came to no result: job “j” ended as Failed. The endpoint's default deployment goes back to champion-v1, and deployment ll-diabetes-2-9931af96-1 is deleted; running operations end first.
    ");
}
