//! What people read when something is wrong.

use std::fmt::Write as _;

use super::sample::Sample;
use crate::config::CheckOutcome;

/// The first problem of the full configuration after one change of it.
fn after(old: &str, new: &str) -> String {
    Sample::full().changed(old, new).problems()
}

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
    insta::assert_snapshot!(sample.problems(), @r#"
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
    help: write CEL over `result`, the answer's JSON: `size(result) == 2`
liftlock.yaml:39: routes[0].rollout.steps[2]: is the last step and not `setWeight: 100`
    help: let the rollout end with all of the traffic
liftlock.yaml:41: routes[0]: unknown key `deadline`
    help: did you mean `deadlines`?
10 problems
"#);
}

#[test]
fn the_users_own_files_are_told_by_their_own_lines() {
    let sample = Sample::full()
        .with("endpoint.yml", "name: Diabetes\nauth_mode: keys\ntraffic: { blue: 100 }\nidentity: {}\n")
        .with(
            "deployment.yml",
            "name: blue\nmodel: azureml:diabetes:1\nenvironment: azureml:e:1\ninstance_types: Standard_DS3_v2\n\
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
deployment.yml:3: key `environment`: only MLflow models so far, which need none
    help: remove it from this file
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
    let (_, route) = super::sample::FULL.split_once("routes:\n").unwrap();
    let second = route.replace("output: best_model", "output: other_model");
    let sample = Sample::full().with("liftlock.yaml", &format!("{}{second}", super::sample::FULL));
    insta::assert_snapshot!(sample.problems(), @r#"
liftlock.yaml:44: routes: two are named `diabetes-to-prod`
    help: rename one of them; the first is in line 11
liftlock.yaml:44: routes: two bring `diabetes` to the endpoint `diabetes`
    help: keep one of them; the first is in line 11
liftlock.yaml:44: routes: jobs of `diabetes-train` become `diabetes` from `best_model` and from `other_model`
    help: name one output in both; the other route is in line 11
3 problems
"#);
}

#[test]
fn every_rule_has_its_sentence() {
    let changes = [
        ("to: prod", "to: dev"),
        ("/workspaces/ml-prod\n", "/workspaces/\n"),
        (
            "rg-prod/providers/Microsoft.MachineLearningServices/workspaces/ml-prod",
            "RG-dev/providers/Microsoft.MachineLearningServices/workspaces/ML-dev",
        ),
        ("name: diabetes-to-prod", "name: diabetes/prod"),
        ("model: diabetes\n", "model: diabetes:7\n"),
        ("model: diabetes\n", "model: 7\n"),
        ("model: diabetes\n", "model:\n"),
        ("    model: diabetes\n", ""),
        ("model: diabetes\n", "model: diabetes\n    model: other\n"),
        ("- modelRegistered: {}\n", "- modelRegistered:\n"),
        ("- modelRegistered: {}\n", "- modelsRegistered: {}\n"),
        ("- modelRegistered: {}\n", "- runCompleted: {}\n"),
        (
            "- modelRegistered: {}\n",
            "- modelRegistered: {}\n      - modelRegistered: {}\n",
        ),
        ("- modelRegistered: {}\n", "- modelRegistered\n"),
        ("min: 1\n", "min: 61\n"),
        ("min: 1\n", "min: \"1\"\n"),
        ("min: 1\n", "min: .inf\n"),
        ("whenNoChampion: pass", "whenNoChampion: passed"),
        (
            "      - champion: rmse\n",
            "      - champion: rmse\n        metric: rmse\n",
        ),
        ("approvers: [{ role: Model.Approver }]", "approvers: []"),
        (
            "approvers: [{ role: Model.Approver }]",
            "approvers: [{ role: '' }]",
        ),
        (
            "approvers: [{ role: Model.Approver }]",
            "approvers: [Model.Approver]",
        ),
        ("preventSelfReview: true", "preventSelfReview: yes"),
        ("expiresAfter: 72h", "expiresAfter: 0s"),
        (
            "onlineEndpoint: endpoint.yml",
            "onlineEndpoint: endpoints.yml",
        ),
        (
            "onlineEndpoint: endpoint.yml",
            "onlineEndpoint: ../endpoint.yml",
        ),
        ("size(result) == 2", "size(results) == 2"),
        (
            "        - setWeight: 100\n",
            "        - setWeight: 100\n        - pause: { duration: 1h }\n",
        ),
        ("- setWeight: 10\n", "- setWeight: 101\n"),
        ("- pause: { duration: 10m }\n", "- setWeight: 10\n"),
        ("- pause: { duration: 10m }\n", "- pause: {}\n"),
        ("${TEAMS_WORKFLOW_URL}", "${TEAMS_URL}"),
        ("${TEAMS_WORKFLOW_URL}", "${RETIRED_URL}"),
        ("${TEAMS_WORKFLOW_URL}", "${EMPTY}"),
        ("${TEAMS_WORKFLOW_URL}", "${TEAMS_WORKFLOW_URL"),
        ("${TEAMS_WORKFLOW_URL}", "http://example.com/workflows/7"),
        (
            "${TEAMS_WORKFLOW_URL}",
            "https://flows.example/workflows/7?sig=hush",
        ),
        ("version: 1\n", "version: 1\nversion: 1\n"),
        ("version: 1\n", "version: [1\n"),
        ("version: 1\n", "version: !one 1\n"),
        (
            "    deadlines: { deployment: 45m, copy: 2h }\n",
            "---\nversion: 1\n",
        ),
    ];
    let report: Vec<_> = changes.iter().map(|(old, new)| after(old, new)).collect();
    insta::assert_snapshot!(report.join("\n"), @r#"
liftlock.yaml:13: routes[0].to: leads to `dev`, where it comes from
    help: name another stage
1 problem
liftlock.yaml:6: stages.prod.workspace: `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-prod/providers/Microsoft.MachineLearningServices/workspaces/` is no resource id of an Azure ML workspace
    help: write /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.MachineLearningServices/workspaces/<name>; `az ml workspace show --query id` prints it
1 problem
liftlock.yaml:5: stages.prod.workspace is also `dev`'s
    help: a version keeps its number from stage to stage: give each stage its own workspace
1 problem
liftlock.yaml:11: routes[0].name: `diabetes/prod` is no name for a route
    help: use up to 64 letters, digits, `-` and `_`: it stands in links and in names of files
1 problem
liftlock.yaml:14: routes[0].model: `diabetes:7` is no name of a model
    help: write the registered model's name: letters, digits, `-`, `_` and `.`, without a version
1 problem
liftlock.yaml:14: routes[0].model: `7` is a number, not a text
    help: put it in quotes
1 problem
liftlock.yaml:14: routes[0].model: is nothing, not a text
    help: write the registered model's name, the same in both stages
1 problem
liftlock.yaml:11: routes[0]: `model` is missing
    help: add it: the registered model's name, the same in both stages
1 problem
liftlock.yaml:15: key `model` stands here twice
    help: remove one of them; the first is in line 14
1 problem
liftlock.yaml:16: routes[0].on[0].modelRegistered: is nothing, not a mapping
    help: write `{}`
1 problem
liftlock.yaml:16: routes[0].on[0]: unknown key `modelsRegistered`
    help: did you mean `modelRegistered`?
1 problem
liftlock.yaml:16: routes[0].on[0]: unknown key `runCompleted`
    help: did you mean `jobCompleted`?
1 problem
liftlock.yaml:17: routes[0].on[1]: is the same trigger once more
    help: keep one `modelRegistered` and one `jobCompleted` for each experiment
1 problem
liftlock.yaml:16: routes[0].on[0]: is a text, not a mapping
    help: write one of `modelRegistered`, `jobCompleted` with its value
1 problem
liftlock.yaml:20: routes[0].gates[0].min: is 61, more than `max`, which is 60: nothing can pass
    help: swap them
1 problem
liftlock.yaml:20: routes[0].gates[0].min: `1` is no number
    help: write a number like 0.85 or 60, without quotes
1 problem
liftlock.yaml:20: routes[0].gates[0].min: `.inf` is no number
    help: write a number like 0.85 or 60, without quotes
1 problem
liftlock.yaml:26: routes[0].gates[1].whenNoChampion: `passed` is not known here
    help: write one of `pass`, `fail`
1 problem
liftlock.yaml:23: routes[0].gates[1]: holds `metric`, `champion` at once
    help: make an entry of its own of each
1 problem
liftlock.yaml:30: routes[0].approval.approvers: is an empty list
    help: write roles, each of which may approve
1 problem
liftlock.yaml:30: routes[0].approval.approvers[0].role: is empty
    help: write the value of an app role in Entra ID
1 problem
liftlock.yaml:30: routes[0].approval.approvers[0]: is a text, not a mapping
    help: its keys are `role`
1 problem
liftlock.yaml:31: routes[0].approval.preventSelfReview: `yes` is neither true nor false
    help: write `true` or `false`
1 problem
liftlock.yaml:32: routes[0].approval.expiresAfter: `0s` is less than 1s
    help: write a longer time
1 problem
liftlock.yaml:35: routes[0].rollout.onlineEndpoint: `endpoints.yml` cannot be read: No such file or directory (os error 2)
    help: files are named from <folder>
1 problem
liftlock.yaml:35: routes[0].rollout.onlineEndpoint: `../endpoint.yml` leads outside of its folder
    help: only what lies in the folder of liftlock.yaml is packaged with it
1 problem
liftlock.yaml:37: routes[0].rollout.smokeTest.successCondition: `size(results) == 2` does not look at `result`
    help: write CEL over `result`, the answer's JSON: `size(result) == 2`
1 problem
liftlock.yaml:42: routes[0].rollout.steps[3]: is the last step and not `setWeight: 100`
    help: let the rollout end with all of the traffic
1 problem
liftlock.yaml:39: routes[0].rollout.steps[0].setWeight: `101` is more than 100
    help: write a whole number from 0 to 100
1 problem
liftlock.yaml:40: routes[0].rollout.steps[1]: sets the weight to 10 after 10
    help: let each `setWeight` be more than the one before: a rollout goes on or all the way back
1 problem
liftlock.yaml:40: routes[0].rollout.steps[1].pause: `duration` is missing
    help: add it: how long to wait
1 problem
liftlock.yaml:9: teams.workflow: the environment has no `TEAMS_URL`
    help: set TEAMS_URL in the function app's settings, or in your shell
1 problem
liftlock.yaml:9: teams.workflow: is an Office 365 connector, which Microsoft has retired: nothing arrives there
    help: copy the URL of the channel's workflow "When a Teams webhook request is received"
1 problem
liftlock.yaml:9: teams.workflow: is empty
    help: write the channel's Workflows webhook, from the environment: `${TEAMS_WORKFLOW_URL}`
1 problem
liftlock.yaml:9: teams.workflow: `${` begins a variable that does not end or has no name
    help: write `${NAME}`: letters, digits and `_`
1 problem
liftlock.yaml:9: teams.workflow: is not https
    help: copy the URL of the channel's workflow "When a Teams webhook request is received"
1 problem
liftlock.yaml:9: teams.workflow: holds its signature, which is a secret
    help: put the URL in the environment and write `${TEAMS_WORKFLOW_URL}`
1 problem
liftlock.yaml:2: key `version` stands here twice
    help: remove one of them; the first is in line 1
1 problem
liftlock.yaml:2: this is not YAML: illegal placement of ':' indicator
    help: check indentation, quotes and colons here and in the line above
1 problem
liftlock.yaml:1: a tag (`!…`) stands before this value
    help: remove the tag
1 problem
liftlock.yaml:43: a second document begins here
    help: keep one document in this file
1 problem
"#);
}

#[test]
fn secrets_are_never_quoted() {
    for written in [
        "${RETIRED_URL}",
        "https://flows.example/workflows/7?sig=hush",
        "ftp://x/hush",
    ] {
        let report = after("${TEAMS_WORKFLOW_URL}", written);
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
liftlock.yaml:1: cannot be read: No such file or directory (os error 2)
    help: name the file: `liftlock check <file>`
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
