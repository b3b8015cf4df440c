//! The plan call by call, in words.

use std::fmt::Write as _;

use insta::assert_snapshot;
use promotion::{
    Champion, Effect, JobOutput, ModelName, ModelVersion, PlannedCall, Promotion, RunId, Step,
    VoteKind, WorkspaceId,
};

use super::story::Story;
use super::world::{World, ada};
use crate::ui::{WAY_BACK_HEADING, no_plan, plan_heading, planned_call};

fn told(promotion: &Promotion) -> String {
    let calls = promotion.planned_calls().unwrap();
    let mut text = format!("{}\n", plan_heading(promotion));
    for call in &calls.forward {
        writeln!(text, "- {}", planned_call(call)).unwrap();
    }
    writeln!(text, "{WAY_BACK_HEADING}").unwrap();
    for call in &calls.way_back {
        writeln!(text, "- {}", planned_call(call)).unwrap();
    }
    text
}

#[test]
fn a_plan_beside_a_champion() {
    let story = Story::settled(World::default());
    assert_snapshot!(told(&story.promotion()), @"
    This is done once enough people have approved, in this order, as long as nothing goes wrong.
    - POST the card “approved” to the channel
    - GET the list of blobs in stdev/azureml/ExperimentRun/dcid.happy_sun_1/model
    - PUT 2 files (1.6 KB) into stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30, by the storage service from stdev/azureml
    - GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    - PUT model version diabetes 2 in ml-prod: files azureml:/subscriptions/s/resourcegroups/rg-ml-prod/workspaces/ml-prod/datastores/workspaceblobstore/paths/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    - PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is this promotion's
    - GET endpoint diabetes in ml-prod: who serves now
    - GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    - PUT deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod: model diabetes 2, 1 × Standard_DS3_v2, no traffic
    - POST the smoke test to deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod; it passes if size(result) == 2
    - GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    - GET the deployments of endpoint diabetes in ml-prod that would serve again, and POST the smoke test's request to them by name: 100 % champion-v1
    - PUT endpoint diabetes in ml-prod: traffic 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1
    - Wait for 10 minutes; a person may end this pause earlier
    - PUT endpoint diabetes in ml-prod: traffic 100 % ll-diabetes-2-9931af96-1
    - Wait for 2 minutes, until no delayed call of ours can land any more
    - GET endpoint diabetes in ml-prod: its traffic is still as it was set
    - POST the card “live” to the channel
    - PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is anybody's
    - Wait for 24 hours, while it can be taken back; a newer promotion that goes live ends this earlier
    - PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is this promotion's
    - DELETE deployment champion-v1 of endpoint diabetes in ml-prod
    - PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is anybody's
    If it is taken back once traffic has moved, this is done instead of what is left.
    - PUT endpoint diabetes in ml-prod: traffic 100 % champion-v1
    - DELETE deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod
    - Wait for 2 minutes, until no delayed call of ours can land any more
    - GET endpoint diabetes in ml-prod: its traffic is still as it was set
    - POST the card “rolled back” to the channel
    - PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is anybody's, and nothing is promoted until somebody lifts the hold
    ");
}

#[test]
fn a_plan_where_nothing_serves_yet() {
    let world = World {
        champion: Champion::None,
        ..World::default()
    };
    assert_snapshot!(told(&Story::settled(world).promotion()), @"
    This is done once enough people have approved, in this order, as long as nothing goes wrong.
    - POST the card “approved” to the channel
    - GET the list of blobs in stdev/azureml/ExperimentRun/dcid.happy_sun_1/model
    - PUT 2 files (1.6 KB) into stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30, by the storage service from stdev/azureml
    - GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    - PUT model version diabetes 2 in ml-prod: files azureml:/subscriptions/s/resourcegroups/rg-ml-prod/workspaces/ml-prod/datastores/workspaceblobstore/paths/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    - PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is this promotion's
    - GET endpoint diabetes in ml-prod: who serves now
    - GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    - PUT deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod: model diabetes 2, 1 × Standard_DS3_v2, no traffic
    - POST the smoke test to deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod; it passes if size(result) == 2
    - GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    - PUT endpoint diabetes in ml-prod: traffic 100 % ll-diabetes-2-9931af96-1
    - Wait for 2 minutes, until no delayed call of ours can land any more
    - GET endpoint diabetes in ml-prod: its traffic is still as it was set
    - POST the card “live” to the channel
    - PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is anybody's
    - Wait for 24 hours, while it can be taken back; a newer promotion that goes live ends this earlier
    If it is taken back once traffic has moved, this is done instead of what is left.
    - PUT endpoint diabetes in ml-prod: no traffic
    - DELETE deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod
    - Wait for 2 minutes, until no delayed call of ours can land any more
    - GET endpoint diabetes in ml-prod: its traffic is still as it was set
    - POST the card “rolled back” to the channel
    - PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is anybody's, and nothing is promoted until somebody lifts the hold
    ");
}

#[test]
fn a_pause_that_a_person_ends() {
    let world = World {
        steps: vec![Step::PauseUntilResumed, Step::SetWeight(100)],
        ..World::default()
    };
    let told = told(&Story::settled(world).promotion());
    let waits = told.lines().filter(|line| line.contains("Wait"));
    assert_snapshot!(waits.collect::<Vec<_>>().join("\n"), @"
    - Wait until a person resumes it; unresumed for 7 days, it goes back
    - Wait for 2 minutes, until no delayed call of ours can land any more
    - Wait for 24 hours, while it can be taken back; a newer promotion that goes live ends this earlier
    - Wait for 2 minutes, until no delayed call of ours can land any more
    ");
}

/// What no promotion plans once people have agreed, said all the same.
#[test]
fn calls_of_other_times() {
    let story = Story::settled(World::default());
    let promotion = story.promotion();
    let [observe, target] = promotion.looks(promotion.route());
    let workspace = WorkspaceId::new("/subscriptions/s/workspaces/ml-dev");
    let (model, version) = (ModelName::new("diabetes"), ModelVersion::new("2"));
    let run = RunId::new("happy_sun_1");
    let others = [
        observe,
        target,
        Effect::RecallEvidence {
            promotion: promotion.id().clone(),
        },
        Effect::TakeTurn {
            target: promotion.route().target_id(),
            concurrency: promotion.route().concurrency,
        },
        Effect::ObserveJob {
            workspace: workspace.clone(),
            run: run.clone(),
            model: model.clone(),
            output: JobOutput("best_model".to_owned()),
        },
        Effect::RegisterOutput {
            workspace: workspace.clone(),
            run,
            model: model.clone(),
            version: version.clone(),
            model_type: "mlflow_model".to_owned(),
            uri: "azureml://jobs/happy_sun_1/outputs/best_model".to_owned(),
        },
        Effect::OpenPromotions {
            workspace,
            model,
            version,
        },
    ];
    let line = |effect: &Effect| planned_call(&PlannedCall::Perform(Box::new(effect.clone())));
    let text: Vec<String> = others.iter().map(line).collect();
    assert_snapshot!(text.join("\n"), @"
    GET model version diabetes 2 in ml-dev, its files and its run
    GET endpoint diabetes in ml-prod: who serves now
    GET the journal of promotion diabetes-2.diabetes-to-prod-4d6ec7970a
    PUT state/targets/f084ea2aa8bb885b8842ffed.json: the turn is this promotion's
    GET job happy_sun_1 in ml-dev
    PUT model version diabetes 2 in ml-dev: the output of job happy_sun_1
    Open the promotions of diabetes 2
    ");
}

#[test]
fn what_the_list_is_and_why_there_is_none() {
    let mut said = String::new();
    let mut story = Story::begin(World::default());
    writeln!(said, "{}", no_plan(&story.promotion())).unwrap();
    story.run();
    story
        .vote(&ada(), VoteKind::Reject, "Not before the holidays.")
        .unwrap();
    story.run();
    writeln!(said, "{}", plan_heading(&story.promotion())).unwrap();
    let story = Story::approved(World::default());
    writeln!(said, "{}", plan_heading(&story.promotion())).unwrap();
    let blocked = World {
        metrics: [("rmse".to_owned(), Some(99.0))].into(),
        ..World::default()
    };
    let blocked = Story::settled(blocked);
    writeln!(said, "{}", no_plan(&blocked.promotion())).unwrap();
    assert_snapshot!(said, @"
    There is no plan yet: its gates have not judged it. The plan is made once they have passed.
    Rejected by Ada Approver: “Not before the holidays.” This was its plan.
    People have approved this. It is done in this order, as long as nothing goes wrong.
    There is no plan, for nobody was asked. Blocked by its gates: rmse is 99; allowed is ≤ 60. rmse is 99; allowed is ≤ 54.0668, at least 1 % lower than the champion's 54.6129. Register a better version, or reopen this promotion once what was missing is there.
    ");
}
