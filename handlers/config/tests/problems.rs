//! What people read when something is wrong.

use std::fmt::Write as _;

use super::sample::Sample;
use crate::config::CheckOutcome;

#[test]
fn ten_mistakes_are_ten_problems() {
    let sample = Sample::full()
        .changed("version: 1", "version: 2")
        .changed("    datastore: models", "    datastores: models")
        .changed("from: dev", "from: deb")
        .changed("        min: 1\n        max: 60\n", "")
        .changed("greaterIsBetter: false", "greaterIsBetter: low")
        .changed("minApprovals: 2", "minApprovals: 0")
        .changed("expiresAfter: 72h", "expiresAfter: 3w")
        .changed("size(result) == 2", "size(result) ==")
        .changed("setWeight: 100", "setWeight: 90")
        .changed("    deadlines: {", "    deadline: {");
    insta::assert_snapshot!(sample.problems(), @"
    liftlock.yaml:1: version: `2` is more than 1
        help: write 1
    liftlock.yaml:7: stages.prod: unknown key `datastores`
        help: did you mean `datastore`?
    liftlock.yaml:12: routes[0].from: there is no stage `deb`
        help: did you mean `dev`?
    liftlock.yaml:19: routes[0].gates[0].metric: has no bound
        help: add `min`, `max` or both
    liftlock.yaml:22: routes[0].gates[1].greaterIsBetter: `low` is neither true nor false
        help: write `true` or `false`
    liftlock.yaml:27: routes[0].approval.minApprovals: `0` is less than 1
        help: write a whole number from 1 to 100
    liftlock.yaml:30: routes[0].approval.expiresAfter: `3w` is no length of time
        help: write `30s`, `10m`, `1h` or `2d`
    liftlock.yaml:35: routes[0].rollout.smokeTest.successCondition: `size(result) ==` is no CEL expression: column 16: Syntax error: mismatched input '<EOF>'
        help: write CEL over `result`, the answer's JSON, `status` and `latency` in milliseconds: `size(result) == 2 && latency < 500`
    liftlock.yaml:40: routes[0].rollout.steps[3]: is the last `setWeight` and not 100
        help: let the rollout end with all of the traffic
    liftlock.yaml:45: routes[0]: unknown key `deadline`
        help: did you mean `deadlines`?
    10 problems
    ");
}

#[test]
fn the_users_own_files_are_told_by_their_own_lines() {
    let sample = Sample::full()
        .with("endpoint.yml", "name: Diabetes\nauth_mode: keys\ntraffic: { blue: 100 }\nidentity: {}\n")
        .with(
            "deployment.yml",
            "name: blue\nmodel: azureml:diabetes:1\nenvironment: sklearn\ninstance_types: Standard_DS3_v2\n\
             instance_count: 0\nscale_settings: { type: default }\n",
        )
        .with("request.json", "{\n  \"input_data\": [1,]\n}\n");
    insta::assert_snapshot!(sample.problems(), @r#"
endpoint.yml:1: name: `Diabetes` is no name for an endpoint
    help: 3 to 32 lower-case letters, digits and hyphens, a letter first
endpoint.yml:2: auth_mode: `keys` is not known here
    help: did you mean `key`?
endpoint.yml:3: key `traffic`: Liftlock sets this, step by step
    help: remove it from this file
endpoint.yml:4: key `identity`: Liftlock does not carry it over to the endpoint yet
    help: remove it from this file
deployment.yml:1: key `name`: Liftlock sets this for each promotion
    help: remove it from this file
deployment.yml:1: `instance_type` is missing
    help: add it: the virtual machine's size, like Standard_DS3_v2
deployment.yml:2: key `model`: Liftlock sets this for each promotion
    help: remove it from this file
deployment.yml:3: environment: `sklearn` is no version of an environment
    help: write `azureml:<name>:<version>` of the target's workspace, `azureml://registries/<registry>/environments/<name>/versions/<version>`, or a mapping with `image`
deployment.yml:4: unknown key `instance_types`
    help: did you mean `instance_type`?
deployment.yml:5: instance_count: `0` is less than 1
    help: write a whole number from 1 to 1000
deployment.yml:6: key `scale_settings`: Liftlock does not carry it over to the deployment yet
    help: remove it from this file
request.json:2: this is not JSON: trailing comma at line 2 column 20
    help: write the body of one request, like `{"input_data": …}`
12 problems
"#);
}

#[test]
fn routes_that_get_in_each_others_way() {
    let second = |route: &str| route.replace("output: best_model", "output: other_model");
    let text = super::sample::with_second_route(second);
    let sample = Sample::full().with("liftlock.yaml", &text);
    insta::assert_snapshot!(sample.problems(), @"
    liftlock.yaml:49: routes: two are named `diabetes-to-prod`
        help: rename one of them; the first is in line 11
    liftlock.yaml:49: routes: two bring `diabetes` to the endpoint `diabetes`
        help: keep one of them; the first is in line 11
    liftlock.yaml:49: routes: jobs of `diabetes-train` become `diabetes` from `best_model` and from `other_model`
        help: name one output in both; the other route is in line 11
    3 problems
    ");
}

#[test]
fn secrets_are_never_quoted() {
    for written in [
        "${RETIRED_URL}",
        "https://flows.example/workflows/7?sig=hush",
        "ftp://x/hush",
    ] {
        let report = Sample::full()
            .changed("${TEAMS_WORKFLOW_URL}", written)
            .problems();
        assert!(
            report.contains("teams.workflow:") && !report.contains("hush"),
            "{report}"
        );
    }
}

#[test]
fn an_empty_list_of_gates_is_refused() {
    let sample = Sample::full();
    let (before, rest) = super::sample::FULL.split_once("    gates:\n").unwrap();
    let (_, after) = rest.split_once("    approval:\n").unwrap();
    let text = format!("{before}    gates: []\n    approval:\n{after}");
    insta::assert_snapshot!(sample.with("liftlock.yaml", &text).problems(), @r#"
liftlock.yaml:18: routes[0].gates: is an empty list
    help: write what a candidate must pass; without any, every version would reach the approvers
1 problem
"#);
}

#[test]
fn no_file_is_too_strange_to_be_refused_with_a_sentence() {
    let deep = "[".repeat(5_000);
    let mut bomb = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
    for (name, of) in ('b'..='j').zip('a'..) {
        writeln!(
            bomb,
            "{name}: &{name} [*{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}]"
        )
        .unwrap();
    }
    for text in [
        "",
        "# nothing\n",
        "liftlock",
        "- 1\n",
        "\u{0}",
        "? [a]\n: b\n",
        "a: &a [*a]\n",
        &deep,
        &bomb,
    ] {
        let problems = Sample::full().with("liftlock.yaml", text).problems();
        assert!(problems.starts_with("liftlock.yaml:"), "{problems}");
    }
}

#[test]
fn a_file_that_is_not_there_is_one_problem() {
    let sample = Sample::full();
    std::fs::remove_file(sample.path()).unwrap();
    insta::assert_snapshot!(sample.problems(), @r#"
liftlock.yaml:1: is not there
    help: name a file that is: `liftlock check <file>`
1 problem
"#);
}

#[test]
fn the_command_refuses_what_the_handler_would() {
    let checked = Sample::full()
        .changed("from: dev", "from: nowhere")
        .checked_without_environment();
    assert_eq!(checked.outcome, CheckOutcome::Refused);
    insta::assert_snapshot!(checked.text, @r#"
liftlock.yaml:9: warning: teams.workflow: the environment has no `TEAMS_WORKFLOW_URL`
    help: set TEAMS_WORKFLOW_URL in the function app's settings, or in your shell
liftlock.yaml:12: routes[0].from: there is no stage `nowhere`
    help: define it under `stages`, or use one of `dev`, `prod`
1 problem, 1 warning
"#);
}
