//! A batch endpoint: a job on sample data is compared with the champion's, then the default switches, and back.

use std::collections::BTreeMap;

use promotion::*;

use crate::sample::{failure, route, workspace};
use crate::story::Story;
use crate::world::{World, champion};

fn batch_route() -> Route {
    let mut route = route();
    onto_batch(&mut route);
    route
}

/// The same route onto a batch endpoint.
pub(crate) fn onto_batch(route: &mut Route) {
    let rollout = &mut route.rollout;
    rollout.endpoint.name = EndpointName::new("diabetes-batch");
    rollout.endpoint.auth_mode = AuthMode::AadToken;
    rollout.endpoint.serving = Serving::Batch;
    rollout.deployment.instance_type = None;
    rollout.deployment.batch = Some(BatchSettings {
        compute: ComputeId::of(&workspace("ml-prod"), "cpu-cluster"),
        mini_batch_size: Some(10),
        max_concurrency_per_instance: None,
        error_threshold: None,
        output_file_name: "predictions.csv".to_owned(),
        max_retries: None,
        retry_timeout: None,
        logging_level: None,
    });
    rollout.smoke_test = None;
    rollout.batch_test = Some(BatchTest {
        input: "azureml://datastores/workspaceblobstore/paths/samples/diabetes.csv".to_owned(),
        min_rows: None,
        max_errors: None,
        timeout: Seconds(1800),
    });
    rollout.steps = vec![Step::Pause(Seconds(600)), Step::SetWeight(100)];
}

fn begin() -> Story {
    Story::on(batch_route(), World::new())
}

fn reply(deployment: DeploymentName, rows: u32) -> JobReply {
    JobReply {
        deployment,
        rows,
        columns: vec!["number".to_owned()],
        errors: 0,
        problem: None,
    }
}

fn came_to(reply: JobReply) -> Report {
    Report::Done(Outcome::JobTested(reply))
}

/// Which deployments did test jobs, in order.
fn tested(story: &Story) -> Vec<String> {
    let planned = story.facts().filter_map(|fact| match fact {
        Fact::Planned { effect, .. } => match effect.as_ref() {
            Effect::TestJob { job, .. } => Some(job.deployment.to_string()),
            _ => None,
        },
        _ => None,
    });
    planned.collect()
}

fn cause(story: &Story) -> Shortfall {
    match story.ending() {
        Ending::RolledBack {
            cause: WayBackCause::JobTestFailed { shortfall },
        } => shortfall.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_deployments_score_the_sample_and_then_the_default_switches() {
    let mut story = begin();
    story.until("awaiting approval").approve("Ada");
    story.until("live");
    assert_eq!(story.world.traffic, Traffic::all_to(&story.deployment()));
    story.ends("finished");
    let deployments = [story.deployment().to_string(), champion().to_string()];
    assert_eq!(tested(&story), deployments);
    insta::assert_snapshot!(story.planned().join(" "), @"observe-candidate observe-target take-turn notify notify see-voters observe-manifest copy-files observe-manifest register-model take-lease observe-target observe-manifest create-deployment test-job test-job observe-manifest observe-manifest prove-way-back see-voters set-traffic verify-traffic notify release-lease take-lease delete-deployment release-lease");
    story.keep("finished-in-batch");
}

#[test]
fn whatever_changes_or_reads_the_target_says_how_it_serves() {
    let mut story = begin();
    story.until("awaiting approval").approve("Ada");
    story.ends("finished");
    for fact in story.facts() {
        let Fact::Planned { effect, .. } = fact else {
            continue;
        };
        let serving = match effect.as_ref() {
            Effect::ObserveTarget { serving, .. }
            | Effect::SetTraffic { serving, .. }
            | Effect::VerifyTraffic { serving, .. }
            | Effect::DeleteDeployment { serving, .. } => *serving,
            _ => continue,
        };
        assert_eq!(serving, Serving::Batch, "{}", effect.kind());
    }
}

#[test]
fn fewer_rows_than_the_champions_go_back_and_the_default_never_switched() {
    let mut story = begin();
    story.until("awaiting approval").approve("Ada");
    let ours = reply(story.deployment(), 4);
    story.world.answer_next("test-job", came_to(ours));
    let champions = reply(champion(), 5);
    story.world.answer_next("test-job", came_to(champions));
    story.ends("rolled back");
    let expected = Shortfall::OtherRows {
        rows: 4,
        champion: 5,
    };
    assert_eq!(cause(&story), expected);
    assert!(!story.planned().contains(&"set-traffic"));
    story.keep("rolled-back-by-test-job");
}

#[test]
fn a_job_that_comes_to_nothing_spares_the_champion_its_own() {
    let mut story = begin();
    story.until("awaiting approval").approve("Ada");
    let failed = JobReply {
        problem: Some("job `j` ended as Failed".to_owned()),
        ..reply(story.deployment(), 0)
    };
    story.world.answer_next("test-job", came_to(failed));
    story.ends("rolled back");
    assert_eq!(tested(&story), [story.deployment().to_string()]);
    assert!(matches!(cause(&story), Shortfall::NoResult { .. }));
}

#[test]
fn without_a_champion_the_candidate_is_tested_alone() {
    let mut story = Story::on(batch_route(), World::empty());
    story.until("awaiting approval").approve("Ada");
    story.ends("finished");
    assert_eq!(tested(&story), [story.deployment().to_string()]);
    assert!(story.planned().contains(&"create-endpoint"));
}

#[test]
fn a_job_that_never_ends_is_given_up_at_its_timeout() {
    let mut story = begin();
    story.until("awaiting approval").approve("Ada");
    let operation = "batchjob-1".to_owned();
    let submitted = Report::Submitted { operation };
    story.world.answer_next("test-job", submitted);
    for _ in 0..400 {
        story.world.answer_next("test-job", Report::StillRunning);
    }
    story.ends("rolled back");
    let Ending::RolledBack {
        cause: WayBackCause::StepFailed { failure },
    } = story.ending()
    else {
        panic!("{:?}", story.ending());
    };
    assert!(failure.message.contains("test-job"), "{failure:?}");
}

#[test]
fn a_rollback_by_hand_switches_the_default_back() {
    let mut story = begin();
    story.until("awaiting approval").approve("Ada");
    story.until("live");
    story.roll_back().unwrap();
    story.ends("rolled back");
    assert_eq!(story.world.traffic, Traffic::all_to(&champion()));
}

#[test]
fn a_call_that_fails_for_good_goes_back() {
    let mut story = begin();
    story.until("awaiting approval").approve("Ada");
    let refused = Report::Failed(failure("InputNotFound"));
    story.world.answer_next("test-job", refused);
    story.ends("rolled back");
}

#[test]
fn no_two_jobs_are_asked_for_by_the_same_id_or_write_the_same_file() {
    let mut story = begin();
    story.until("awaiting approval");
    let jobs = |story: &Story| {
        let plan = &story.promotion.stage().pinned().unwrap().plan;
        plan.batch_test.clone().unwrap().jobs
    };
    let mut all = jobs(&story);
    story.abort().unwrap();
    story.ends("aborted");
    story.reopen().unwrap();
    story.until("awaiting approval");
    all.extend(jobs(&story));
    assert_eq!(all.len(), 4);
    let ids: BTreeMap<_, _> = all.iter().map(|job| (&job.request_id, job)).collect();
    let files: BTreeMap<_, _> = all.iter().map(|job| (&job.result.prefix, job)).collect();
    assert_eq!((ids.len(), files.len()), (4, 4));
    insta::assert_snapshot!(all[0].result_uri, @"azureml://subscriptions/S/resourcegroups/rg/workspaces/ml-prod/datastores/workspaceblobstore/paths/liftlock/tests/diabetes-2.diabetes-to-prod-dfb5e0c3f7/1/ll-diabetes-2-e90db403-1/predictions.csv");
    insta::assert_snapshot!(all[0].request_id, @"02897806-abf6-1d49-167e-6339ca142cac");
}

#[test]
fn the_plan_names_each_job_before_anybody_agrees() {
    let mut story = begin();
    story.until("awaiting approval");
    let calls = story.promotion.planned_calls().unwrap();
    let jobs = calls.forward.iter().filter(|call| match call {
        PlannedCall::Perform(effect) => matches!(effect.as_ref(), Effect::TestJob { .. }),
        PlannedCall::Wait(_) | PlannedCall::Watch { .. } => false,
    });
    assert_eq!(jobs.count(), 2);
}

/// What was journaled before there were batch endpoints reads as online, and an online one is still written so.
#[test]
fn only_a_batch_endpoint_says_how_it_serves() {
    let online = serde_json::to_string(&route()).unwrap();
    for key in ["serving", "batch"] {
        assert!(!online.contains(&format!("\"{key}")), "{key}: {online}");
    }
    let batch = batch_route();
    let written = serde_json::to_string(&batch).unwrap();
    assert!(written.contains("\"serving\":\"batch\""), "{written}");
    assert_eq!(serde_json::from_str::<Route>(&written).unwrap(), batch);
}
