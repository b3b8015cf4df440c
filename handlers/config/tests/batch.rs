//! Batch endpoints: their files, the test job, and what such a target cannot do.

use promotion::{AuthMode, BatchTest, Seconds, Serving, TargetKind};

use super::sample::{FULL, Sample, batch_route};

/// A folder whose only route rolls out to a batch endpoint.
fn in_batch() -> Sample {
    let (head, rest) = FULL.split_once("routes:\n").unwrap();
    let (_, tail) = rest.split_once("reconcileEvery").unwrap();
    let text = format!("{head}routes:\n{}reconcileEvery{tail}", batch_route());
    Sample::full().with("liftlock.yaml", &text)
}

fn problems(old: &str, new: &str) -> String {
    in_batch().changed(old, new).problems()
}

#[test]
fn both_files_and_the_test_are_read() {
    let config = in_batch().check().unwrap();
    let rollout = &config.routes[0].route.rollout;
    assert_eq!(rollout.endpoint.serving, Serving::Batch);
    assert_eq!(rollout.endpoint.auth_mode, AuthMode::AadToken);
    assert_eq!(
        TargetKind::from(&rollout.endpoint),
        TargetKind::BatchEndpoint
    );
    let batch = rollout.deployment.batch.as_ref().unwrap();
    assert_eq!(batch.compute.name(), "cpu-cluster");
    assert_eq!(batch.error_threshold, Some(3));
    assert_eq!(batch.output_file_name, "scores.csv");
    assert_eq!(batch.retry_timeout, Some(Seconds(60)));
    assert_eq!(rollout.deployment.instance_count, 2);
    let test = BatchTest {
        input: "azureml://datastores/data/paths/sample.csv".to_owned(),
        min_rows: Some(5),
        max_errors: Some(1),
        timeout: Seconds(1800),
    };
    assert_eq!(rollout.batch_test, Some(test));
}

#[test]
fn what_is_left_out_has_its_default() {
    let config = in_batch()
        .with("batch-deployment.yml", "compute: azureml:cpu-cluster\n")
        .check()
        .unwrap();
    let deployment = &config.routes[0].route.rollout.deployment;
    assert_eq!(deployment.instance_count, 1);
    let batch = deployment.batch.as_ref().unwrap();
    assert_eq!(batch.error_threshold, None);
    assert_eq!(batch.output_file_name, "predictions.csv");
}

#[test]
fn a_check_names_the_kind() {
    let checked = in_batch().checked_without_environment();
    let at = "pause 10m, 100 % at batch endpoint liver-batch;";
    assert!(checked.text.contains(at), "{}", checked.text);
}

#[test]
fn a_step_that_it_cannot_do_is_refused_with_both_their_names() {
    let steps = "[{ pause: { duration: 10m } }, { setWeight: 100 }]";
    let told = [
        "[{ setWeight: 10 }, { setWeight: 100 }]",
        "[{ mirror: 20 }, { setWeight: 100 }]",
        "[{ setWeight: 100 }, { analysis: { templates: [error-rate], count: 5 } }]",
    ]
    .map(|new| problems(steps, new));
    insta::assert_snapshot!(told.join("\n"), @"
    liftlock.yaml:38: routes[0].rollout.steps[0]: is `setWeight: 10`, which a batch endpoint cannot do
        help: remove this step
    1 problem
    liftlock.yaml:38: routes[0].rollout.steps[0]: is `mirror`, which a batch endpoint cannot do
        help: remove this step
    1 problem
    liftlock.yaml:38: routes[0].rollout.steps[1]: is `analysis`, which a batch endpoint cannot do
        help: remove this step
    1 problem
    ");
}

#[test]
fn each_kind_has_a_test_of_its_own() {
    let smoke_test = problems(
        "      batchTest:",
        "      smokeTest: { request: request.json, successCondition: size(result) == 1 }\n      batchTest:",
    );
    let watched = problems(
        "      keepPrevious:",
        "      analysis: { templates: [error-rate] }\n      keepPrevious:",
    );
    let online = Sample::full().changed(
        "      keepPrevious:",
        "      batchTest: { input: azureml://datastores/data/paths/sample.csv }\n      keepPrevious:",
    );
    insta::assert_snapshot!([smoke_test, watched, online.problems()].join("\n"), @"
    liftlock.yaml:37: routes[0].rollout.smokeTest: is nothing that a batch endpoint can do
        help: write `batchTest`
    1 problem
    liftlock.yaml:39: routes[0].rollout.analysis: is nothing that a batch endpoint can do
        help: remove it: jobs leave no metrics to measure by
    1 problem
    liftlock.yaml:45: routes[0].rollout.batchTest: is nothing that a managed online endpoint can do
        help: write `smokeTest`
    1 problem
    ");
}

#[test]
fn a_route_has_one_endpoint() {
    let both = problems(
        "batchEndpoint: batch-endpoint.yml",
        "batchEndpoint: batch-endpoint.yml\n      onlineEndpoint: endpoint.yml",
    );
    let none = problems("      batchEndpoint: batch-endpoint.yml\n", "");
    insta::assert_snapshot!([both, none].join("\n"), @"
    liftlock.yaml:35: routes[0].rollout.batchEndpoint: is given beside `onlineEndpoint`
        help: remove one of the two: a route rolls out to one endpoint
    1 problem
    liftlock.yaml:35: routes[0].rollout: `onlineEndpoint` is missing
        help: add it: the online endpoint's `az ml` file; the endpoint is created if it is absent. Either this or `batchEndpoint`
    1 problem
    ");
}

#[test]
fn what_is_no_place_of_data_is_refused() {
    let input = "azureml://datastores/data/paths/sample.csv";
    let told = [
        "sample.csv",
        "azureml:sample:1",
        "azureml://datastores/data/paths/",
    ]
    .map(|new| problems(input, new));
    insta::assert_snapshot!(told.join("\n"), @"
    liftlock.yaml:37: routes[0].rollout.batchTest.input: `sample.csv` is no place of data
        help: write `azureml://datastores/<name>/paths/<file>` of a datastore of the target's workspace
    1 problem
    liftlock.yaml:37: routes[0].rollout.batchTest.input: `azureml:sample:1` is no place of data
        help: write `azureml://datastores/<name>/paths/<file>` of a datastore of the target's workspace
    1 problem
    liftlock.yaml:37: routes[0].rollout.batchTest.input: `azureml://datastores/data/paths/` is no place of data
        help: write `azureml://datastores/<name>/paths/<file>` of a datastore of the target's workspace
    1 problem
    ");
}

#[test]
fn what_is_not_carried_over_is_refused_by_name() {
    let sample = in_batch()
        .with(
            "batch-endpoint.yml",
            "name: liver-batch\nauth_mode: key\ndefaults: { deployment_name: blue }\ntraffic: {}\n",
        )
        .with(
            "batch-deployment.yml",
            "model: azureml:liver:1\nmini_batch_size: 10\nresources: { instance_type: big }\nsettings:\n  output_action: summary_only\n  \
             output_file_name: ../x.csv\n",
        );
    insta::assert_snapshot!(sample.problems(), @"
    batch-endpoint.yml:2: auth_mode: `key` is not known here
        help: write one of `aad_token`
    batch-endpoint.yml:3: key `defaults`: Liftlock sets this once the candidate is tested
        help: remove it from this file
    batch-endpoint.yml:4: key `traffic`: a batch endpoint has none, but a default deployment
        help: remove it from this file
    batch-deployment.yml:1: key `model`: Liftlock sets this for each promotion
        help: remove it from this file
    batch-deployment.yml:1: `compute` is missing
        help: add it: `azureml:<name>` of a compute cluster of the target's workspace, or its resource id
    batch-deployment.yml:2: key `mini_batch_size`: it belongs under `settings`
        help: remove it from this file
    batch-deployment.yml:3: resources: key `instance_type`: the cluster's machines are taken
        help: remove it from this file
    batch-deployment.yml:5: settings.output_action: `summary_only` is not known here
        help: write one of `append_row`
    batch-deployment.yml:6: settings.output_file_name: `../x.csv` is no name of a file
        help: write a name like `predictions.csv`: letters, digits, `-`, `_` and `.`
    9 problems
    ");
}

#[test]
fn an_online_deployment_is_no_batch_deployment() {
    let online = in_batch().changed(
        "deployment: batch-deployment.yml",
        "deployment: deployment.yml",
    );
    insta::assert_snapshot!(online.problems(), @"
    deployment.yml:1: `compute` is missing
        help: add it: `azureml:<name>` of a compute cluster of the target's workspace, or its resource id
    deployment.yml:2: type: `managed` is not known here
        help: write one of `model`
    deployment.yml:3: unknown key `instance_type`
        help: the keys here are `$schema`, `type`, `description`, `tags`, `compute`, `resources`, `settings`
    deployment.yml:4: unknown key `instance_count`
        help: the keys here are `$schema`, `type`, `description`, `tags`, `compute`, `resources`, `settings`
    deployment.yml:6: unknown key `app_insights_enabled`
        help: the keys here are `$schema`, `type`, `description`, `tags`, `compute`, `resources`, `settings`
    deployment.yml:7: key `environment_variables`: it belongs under `settings`
        help: remove it from this file
    deployment.yml:8: unknown key `request_settings`
        help: the keys here are `$schema`, `type`, `description`, `tags`, `compute`, `resources`, `settings`
    deployment.yml:13: key `code_configuration`: at a batch endpoint only MLflow models so far, which need none
        help: remove it from this file
    deployment.yml:14: key `environment`: at a batch endpoint only MLflow models so far, which need none
        help: remove it from this file
    9 problems
    ");
}
