//! What is read, and what stands in for what is not written.

use promotion::analysis::BesideSpec;
use promotion::{
    AuthMode, Concurrency, Deadlines, GateSpec, OnDrift, Party, Role, Seconds, Source, Step,
};
use std::path::Path;

use super::analyses;
use super::sample::Sample;
use crate::config::{CheckOutcome, check_command};

#[test]
fn every_key_reaches_the_route() {
    let config = Sample::full().check().unwrap();
    assert_eq!(config.reconcile_every, Seconds(300));
    let route = &config.routes[0].route;
    assert_eq!(
        route.deadlines,
        Deadlines {
            deployment: Seconds(45 * 60),
            copy: Seconds(2 * 3600),
            turn: Seconds(7 * 24 * 3600),
            calls: Seconds(30 * 60),
            traffic: Seconds(20 * 60),
            deletion: Seconds(12 * 3600),
            messages: Seconds(6 * 3600),
            resume: Seconds(3 * 24 * 3600),
        }
    );
    assert_eq!(route.target.datastore.as_deref(), Some("models"));
    assert_eq!(
        route.operators,
        [Party::Role(Role("Model.Operator".to_owned()))]
    );
    assert_eq!(route.concurrency, Concurrency::Queue);
    assert_eq!(route.approval.min_approvals, 2);
    assert_eq!(
        route.rollout.steps,
        [
            Step::SetWeight(10),
            Step::Pause(Seconds(600)),
            Step::Analysis(vec![analyses::errors_in_a_step()]),
            Step::SetWeight(100),
            Step::Bake(Seconds(3600)),
        ]
    );
    assert_eq!(
        route.rollout.beside,
        Some(BesideSpec {
            starting_step: 1,
            metrics: vec![analyses::errors(), analyses::latency()],
        })
    );
    assert_eq!(route.rollout.endpoint.auth_mode, AuthMode::AadToken);
    assert_eq!(route.rollout.endpoint.public_network_access, Some(false));
    assert_eq!(route.rollout.endpoint.tags["cost"], "7");
    assert_eq!(
        route.rollout.deployment.environment_variables["MODE"],
        "fast"
    );
    let settings = route.rollout.deployment.request_settings.as_ref().unwrap();
    assert_eq!(settings.request_timeout_ms, Some(5000));
    assert!(matches!(
        &route.gates[0],
        GateSpec::Metric {
            source: Source::Tags,
            ..
        }
    ));
    let files: Vec<_> = config
        .files
        .iter()
        .map(|file| file.to_str().unwrap())
        .collect();
    assert_eq!(
        files,
        [
            "endpoint.yml",
            "deployment.yml",
            "code/score.py",
            "conda.yml",
            "request.json"
        ]
    );
}

#[test]
fn a_pause_without_a_duration_lasts_until_a_person_resumes_it() {
    let sample = Sample::full().changed("- pause: { duration: 10m }\n", "- pause: {}\n");
    let config = sample.check().unwrap();
    let steps = &config.routes[0].route.rollout.steps;
    assert_eq!(steps[1], Step::PauseUntilResumed);
}

#[test]
fn what_is_absent_has_its_default() {
    let sample = Sample::full()
        .changed("        source: tags\n", "")
        .changed("      minApprovals: 2\n", "")
        .changed(
            "      preventSelfReview: true\n      expiresAfter: 72h\n",
            "",
        )
        .changed("    operators: [{ role: Model.Operator }]\n", "")
        .changed("    concurrency: queue\n", "")
        .changed("reconcileEvery: 5m\n", "")
        .changed(
            "      keepPrevious: 24h\n      onDrift: restore\n    deadlines: { deployment: 45m, copy: 2h, turn: 7d, calls: 30m, traffic: 20m, deletion: 12h, messages: 6h, resume: 3d }\n",
            "",
        )
        .with("endpoint.yml", "name: diabetes\n")
        .with(
            "deployment.yml",
            "instance_type: Standard_DS3_v2\ninstance_count: 2\n",
        );
    let config = sample.check().unwrap();
    assert_eq!(config.reconcile_every, Seconds(900));
    let route = &config.routes[0].route;
    assert!(matches!(
        &route.gates[0],
        GateSpec::Metric {
            source: Source::Run,
            ..
        }
    ));
    assert_eq!(
        (
            route.approval.min_approvals,
            route.approval.prevent_self_review
        ),
        (1, true)
    );
    assert_eq!(route.approval.expires_after, Seconds(72 * 3600));
    assert_eq!(route.operators, route.approval.approvers);
    assert_eq!(route.concurrency, Concurrency::Supersede);
    assert_eq!(route.rollout.keep_previous, Seconds(24 * 3600));
    assert_eq!(route.rollout.on_drift, OnDrift::Pause);
    assert_eq!(route.deadlines.deployment, Seconds(45 * 60));
    assert_eq!(route.deadlines.copy, Seconds(2 * 3600));
    assert_eq!(route.deadlines.turn, Seconds(14 * 24 * 3600));
    assert_eq!(route.deadlines.calls, Seconds(3600));
    assert_eq!(route.deadlines.traffic, Seconds(3600));
    assert_eq!(route.deadlines.deletion, Seconds(24 * 3600));
    assert_eq!(route.deadlines.messages, Seconds(24 * 3600));
    assert_eq!(route.deadlines.resume, Seconds(7 * 24 * 3600));
    assert_eq!(route.rollout.endpoint.auth_mode, AuthMode::Key);
    assert!(!route.rollout.deployment.app_insights_enabled);
}

#[test]
fn no_way_back_is_a_nought_with_or_without_a_unit() {
    for nought in ["0", "'0'", "0s"] {
        let written = format!("keepPrevious: {nought}");
        let config = Sample::full().changed("keepPrevious: 24h", &written);
        let route = &config.check().unwrap().routes[0].route;
        assert_eq!(route.rollout.keep_previous, Seconds(0), "{nought}");
    }
}

#[test]
fn yaml_may_repeat_itself_by_anchors() {
    let sample = Sample::full()
        .changed(
            "approvers: [{ role: Model.Approver }]",
            "approvers: &them [{ role: Model.Approver }]",
        )
        .changed("operators: [{ role: Model.Operator }]", "operators: *them");
    assert_eq!(
        sample.check().unwrap().routes[0].route.operators,
        [Party::Role(Role("Model.Approver".to_owned()))]
    );
}

#[test]
fn the_environment_fills_texts() {
    let sample = Sample::full().changed("model: diabetes\n", "model: ${MODEL}-2\n");
    assert_eq!(
        sample.check().unwrap().routes[0].route.model.as_str(),
        "diabetes-2"
    );
}

#[test]
fn a_sound_file_is_summed_up_even_without_its_environment() {
    let checked = Sample::full().checked_without_environment();
    assert_eq!(checked.outcome, CheckOutcome::Clean);
    insta::assert_snapshot!(checked.text, @"
    liftlock.yaml:9: warning: teams.workflow: the environment has no `TEAMS_WORKFLOW_URL`
        help: set TEAMS_WORKFLOW_URL in the function app's settings, or in your shell
    1 warning
    what depends on these values was not checked

    liftlock.yaml: no problems, 1 route
      diabetes-to-prod: diabetes, dev to prod; 2 gates; 2 approvals; 10 %, pause 10m, analysis of error-rate, 100 %, bake 1h at endpoint diabetes, score.py of 1 file in image mcr.microsoft.com/azureml/minimal-ubuntu22.04-py39-cpu-inference; error-rate and latency beside the steps from step 1; concurrency queue, turn within 7d, expiresAfter 3d, keepPrevious 1d, onDrift restore
        step 2, error-rate: share of 5xx answers over 4m, of 100 requests or more, result < 0.01; fails if result > 0.05; 5 times every 2m, first after 9m
        from step 1, error-rate: share of 5xx answers over 4m, of 100 requests or more, result < 0.01; fails if result > 0.05; every 1m to the end, first after 7m
        from step 1, latency: latency (p95) in ms divided by the champion's over 5m, fails if result > 1.2; 6 times every 5m, first after 15m; a dry run
      reconcileEvery 5m: so often lost events are looked for
    ");
}

#[test]
fn the_examples_are_sound() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/diabetes");
    for file in [
        "liftlock.yaml",
        "watched.yaml",
        "resumed.yaml",
        "kubernetes.yaml",
        "batch.yaml",
        "custom.yaml",
        "load.yaml",
    ] {
        let checked = check_command(&examples.join(file), &|_| None);
        assert_eq!(checked.outcome, CheckOutcome::Clean, "{}", checked.text);
    }
}
