//! Every rule has its sentence: one change of a sound configuration, one report.

use super::sample::Sample;

const PROD: &str = "rg-prod/providers/Microsoft.MachineLearningServices/workspaces/ml-prod";
const DEV_IN_OTHER_CASE: &str =
    "RG-dev/providers/Microsoft.MachineLearningServices/workspaces/ML-dev";

/// What each change of the full configuration brings about, without the count.
pub(super) fn reports(changes: &[(&str, &str)]) -> String {
    let report = |(old, new): &(&str, &str)| {
        let problems = Sample::full().changed(old, new).problems();
        problems.trim_end_matches("1 problem").to_owned()
    };
    changes.iter().map(report).collect()
}

#[test]
fn stages_and_names() {
    let reports = reports(&[
        ("to: prod", "to: dev"),
        ("/workspaces/ml-prod\n", "/workspaces/\n"),
        (PROD, DEV_IN_OTHER_CASE),
        ("  prod:\n", "  pr od:\n"),
        ("name: diabetes-to-prod", "name: diabetes/prod"),
        ("model: diabetes\n", "model: diabetes:7\n"),
        ("model: diabetes\n", "model: 7\n"),
        ("model: diabetes\n", "model:\n"),
        ("    model: diabetes\n", ""),
    ]);
    insta::assert_snapshot!(reports, @r#"
liftlock.yaml:13: routes[0].to: leads to `dev`, where it comes from
    help: name another stage
liftlock.yaml:6: stages.prod.workspace: `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-prod/providers/Microsoft.MachineLearningServices/workspaces/` is no resource id of an Azure ML workspace
    help: write /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.MachineLearningServices/workspaces/<name>; `az ml workspace show --query id` prints it
liftlock.yaml:5: stages.prod.workspace: is also `dev`'s
    help: a version keeps its number from stage to stage: give each stage its own workspace
liftlock.yaml:6: stages: `pr od` is no name for a stage
    help: use letters, digits, `-` and `_`
liftlock.yaml:13: routes[0].to: there is no stage `prod`
    help: did you mean `pr od`?
2 problemsliftlock.yaml:11: routes[0].name: `diabetes/prod` is no name for a route
    help: use up to 64 letters, digits, `-` and `_`: it stands in links and in names of files
liftlock.yaml:14: routes[0].model: `diabetes:7` is no name of a model
    help: write the registered model's name: letters, digits, `-`, `_` and `.`, without a version
liftlock.yaml:14: routes[0].model: `7` is a number, not a text
    help: put it in quotes
liftlock.yaml:14: routes[0].model: is nothing, not a text
    help: write the registered model's name, the same in both stages
liftlock.yaml:11: routes[0]: `model` is missing
    help: add it: the registered model's name, the same in both stages
"#);
}

#[test]
fn triggers() {
    let reports = reports(&[
        ("- modelRegistered: {}\n", "- modelRegistered:\n"),
        ("- modelRegistered: {}\n", "- modelsRegistered: {}\n"),
        ("- modelRegistered: {}\n", "- runCompleted: {}\n"),
        ("- modelRegistered: {}\n", "- blobCreated: {}\n"),
        (
            "- modelRegistered: {}\n",
            "- modelRegistered: { model: diabetes }\n",
        ),
        (
            "- modelRegistered: {}\n",
            "- modelRegistered: {}\n      - modelRegistered: {}\n",
        ),
        ("- modelRegistered: {}\n", "- modelRegistered\n"),
    ]);
    insta::assert_snapshot!(reports, @r#"
liftlock.yaml:16: routes[0].on[0].modelRegistered: is nothing, not a mapping
    help: write `{}`
liftlock.yaml:16: routes[0].on[0]: unknown key `modelsRegistered`
    help: did you mean `modelRegistered`?
liftlock.yaml:16: routes[0].on[0]: unknown key `runCompleted`
    help: did you mean `jobCompleted`?
liftlock.yaml:16: routes[0].on[0]: unknown key `blobCreated`
    help: write one of `modelRegistered`, `jobCompleted`
liftlock.yaml:16: routes[0].on[0].modelRegistered: unknown key `model`
    help: no key belongs here: write `{}`
liftlock.yaml:17: routes[0].on[1]: is the same trigger once more
    help: keep one `modelRegistered` and one `jobCompleted` for each experiment
liftlock.yaml:16: routes[0].on[0]: is a text, not a mapping
    help: write one of `modelRegistered`, `jobCompleted` with its value
"#);
}

#[test]
fn gates() {
    let reports = reports(&[
        ("min: 1\n", "min: 61\n"),
        ("min: 1\n", "min: \"1\"\n"),
        ("min: 1\n", "min: .inf\n"),
        ("whenNoChampion: pass", "whenNoChampion: passed"),
        ("        minRelativeChange: 0.01\n", ""),
        (
            "      - champion: rmse\n",
            "      - champion: rmse\n        metric: rmse\n",
        ),
        ("      - champion: rmse\n", "      - analysis: rmse\n"),
    ]);
    insta::assert_snapshot!(reports, @r#"
liftlock.yaml:20: routes[0].gates[0].min: is 61, more than `max`, which is 60: nothing can pass
    help: swap them
liftlock.yaml:20: routes[0].gates[0].min: `1` is no number
    help: write a number like 0.85 or 60, without quotes
liftlock.yaml:20: routes[0].gates[0].min: `.inf` is no number
    help: write a number like 0.85 or 60, without quotes
liftlock.yaml:26: routes[0].gates[1].whenNoChampion: `passed` is not known here
    help: write one of `pass`, `fail`
liftlock.yaml:23: routes[0].gates[1]: `minRelativeChange` is missing
    help: add it: by how much of the champion's value it must be better at least: 0.01 is one percent; negative: it may be that much worse
liftlock.yaml:23: routes[0].gates[1]: holds `metric`, `champion` at once
    help: make an entry of its own of each
liftlock.yaml:23: routes[0].gates[1]: unknown key `analysis`
    help: write one of `metric`, `champion`
"#);
}

#[test]
fn approvals() {
    let reports = reports(&[
        ("approvers: [{ role: Model.Approver }]", "approvers: []"),
        (
            "approvers: [{ role: Model.Approver }]",
            "approvers: [{ role: '' }]",
        ),
        (
            "approvers: [{ role: Model.Approver }]",
            "approvers: [Model.Approver]",
        ),
        (
            "approvers: [{ role: Model.Approver }]",
            "approvers: Model.Approver",
        ),
        ("preventSelfReview: true", "preventSelfReview: yes"),
        ("expiresAfter: 72h", "expiresAfter: 0s"),
        ("expiresAfter: 72h", "expiresAfter: 400d"),
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:30: routes[0].approval.approvers: is an empty list
        help: write roles and groups, each of which may approve; required unless the mode is `automatic`
    liftlock.yaml:30: routes[0].approval.approvers[0].role: is empty
        help: write the value of an app role in Entra ID
    liftlock.yaml:30: routes[0].approval.approvers[0]: is a text, not a mapping
        help: write one of `role`, `group` with its value
    liftlock.yaml:30: routes[0].approval.approvers: `Model.Approver` is no list
        help: write a list: lines that begin with `- `
    liftlock.yaml:31: routes[0].approval.preventSelfReview: `yes` is neither true nor false
        help: write `true` or `false`
    liftlock.yaml:32: routes[0].approval.expiresAfter: `0s` is less than 1s
        help: write at least `1s`
    liftlock.yaml:32: routes[0].approval.expiresAfter: `400d` is longer than 366d
        help: write a shorter time
    ");
}

#[test]
fn rollouts() {
    let reports = reports(&[
        (
            "onlineEndpoint: endpoint.yml",
            "onlineEndpoint: endpoints.yml",
        ),
        (
            "onlineEndpoint: endpoint.yml",
            "onlineEndpoint: ../endpoint.yml",
        ),
        ("size(result) == 2", "size(results) == 2"),
        ("- setWeight: 100\n", "- setWeight: 50\n"),
        ("- setWeight: 10\n", "- setWeight: 101\n"),
        ("- pause: { duration: 10m }\n", "- setWeight: 10\n"),
        ("keepPrevious: 24h", "keepPrevious: [24h]"),
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:35: routes[0].rollout.onlineEndpoint: `endpoints.yml` cannot be read: No such file or directory (os error 2)
        help: files are named from <folder>
    liftlock.yaml:35: routes[0].rollout.onlineEndpoint: `../endpoint.yml` leads outside of its folder
        help: only what lies in the folder of liftlock.yaml is packaged with it
    liftlock.yaml:37: routes[0].rollout.smokeTest.successCondition: `size(results) == 2` does not look at `result` or `status` or `latency`
        help: write CEL over `result`, the answer's JSON, `status` and `latency` in milliseconds: `size(result) == 2 && latency < 500`
    liftlock.yaml:42: routes[0].rollout.steps[3]: is the last `setWeight` and not 100
        help: let the rollout end with all of the traffic
    liftlock.yaml:39: routes[0].rollout.steps[0].setWeight: `101` is more than 100
        help: write a whole number from 0 to 100
    liftlock.yaml:40: routes[0].rollout.steps[1]: sets the weight to 10 after 10
        help: let each `setWeight` be more than the one before: a rollout goes on or all the way back
    liftlock.yaml:45: routes[0].rollout.keepPrevious: is a list, not a length of time
        help: write a length of time like `24h`; it is: how long the previous deployment stays, as the way back, after the candidate is live
    ");
}

#[test]
fn the_teams_channel_and_the_environment() {
    let reports = reports(&[
        ("${TEAMS_WORKFLOW_URL}", "${TEAMS_URL}"),
        ("${TEAMS_WORKFLOW_URL}", "${RETIRED_URL}"),
        ("${TEAMS_WORKFLOW_URL}", "${EMPTY}"),
        ("${TEAMS_WORKFLOW_URL}", "${TEAMS_WORKFLOW_URL"),
        ("${TEAMS_WORKFLOW_URL}", "http://example.com/workflows/7"),
        (
            "${TEAMS_WORKFLOW_URL}",
            "https://flows.example/workflows/7?sig=hush",
        ),
    ]);
    insta::assert_snapshot!(reports, @r#"
liftlock.yaml:9: teams.workflow: the environment has no `TEAMS_URL`
    help: set TEAMS_URL in the function app's settings, or in your shell
liftlock.yaml:9: teams.workflow: is an Office 365 connector, which Microsoft has retired: nothing arrives there
    help: copy the URL of the channel's workflow "When a Teams webhook request is received"
liftlock.yaml:9: teams.workflow: is empty
    help: write the channel's Workflows webhook, from the environment: `${TEAMS_WORKFLOW_URL}`; either this or `bot`
liftlock.yaml:9: teams.workflow: `${` begins a variable that does not end or has no name
    help: write `${NAME}`: letters, digits and `_`
liftlock.yaml:9: teams.workflow: is not https
    help: copy the URL of the channel's workflow "When a Teams webhook request is received"
liftlock.yaml:9: teams.workflow: holds its signature, which is a secret
    help: put the URL in the environment and write `${TEAMS_WORKFLOW_URL}`
"#);
}

#[test]
fn yaml() {
    let reports = reports(&[
        ("version: 1\n", "version: 1\nversion: 1\n"),
        ("version: 1\n", "version: [1\n"),
        ("version: 1\n", "version: !one 1\n"),
        ("version: 1\n", "version: *one\n"),
        ("    model: diabetes\n", "    model:diabetes\n"),
        ("{ duration: 10m }", "{ duration: ${PAUSE} }"),
        (
            "    deadlines: { deployment: 45m, copy: 2h, turn: 7d, calls: 30m, traffic: 20m, deletion: 12h, messages: 6h, resume: 3d }\n",
            "---\nversion: 1\n",
        ),
    ]);
    insta::assert_snapshot!(reports, @r#"
    liftlock.yaml:2: key `version` stands here twice
        help: remove one of them; the first is in line 1
    liftlock.yaml:2: this is not YAML: illegal placement of ':' indicator
        help: check indentation, quotes and colons here and in the line above
    liftlock.yaml:1: a tag (`!…`) stands before this value
        help: remove the tag
    liftlock.yaml:1: this is not YAML: while parsing node, found unknown anchor
        help: check indentation, quotes and colons here and in the line above
    liftlock.yaml:14: this is not YAML: simple key expected ':'
        help: check indentation, quotes and colons here and in the line above
    liftlock.yaml:40: this is not YAML: while parsing a flow mapping, did not find expected ',' or '}'
        help: inside of `{ … }` a variable goes in quotes: "${NAME}"
    liftlock.yaml:47: a second document begins here
        help: keep one document in this file
    "#);
}

#[test]
fn concurrency() {
    let reports = reports(&[
        ("concurrency: queue", "concurrency: supersedes"),
        ("concurrency: queue", "concurrency: parallel"),
        ("concurrency: queue", "concurrency: true"),
        ("concurrency: queue", "concurrency: [queue]"),
        ("concurrency: queue", "concurrency:"),
        ("concurrency: queue", "concurrency: { rule: queue }"),
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:48: routes[0].concurrency: `supersedes` is not known here
        help: did you mean `supersede`?
    liftlock.yaml:48: routes[0].concurrency: `parallel` is not known here
        help: write one of `supersede`, `queue`, `reject`
    liftlock.yaml:48: routes[0].concurrency: `true` is not known here
        help: write one of `supersede`, `queue`, `reject`
    liftlock.yaml:48: routes[0].concurrency: is a list, not a word
        help: write one of `supersede`, `queue`, `reject`
    liftlock.yaml:48: routes[0].concurrency: is nothing, not a word
        help: write one of `supersede`, `queue`, `reject`
    liftlock.yaml:48: routes[0].concurrency: is a mapping, not a word
        help: write one of `supersede`, `queue`, `reject`
    ");
}

/// A bare number would be seconds, as in Argo Rollouts, and nobody waits 14 seconds for a turn, or keeps a way back for 24.
#[test]
fn lengths_of_time() {
    let reports = reports(&[
        ("turn: 7d", "turn: 14"),
        ("copy: 2h", "copy: '2'"),
        ("deployment: 45m", "deployment: 0s"),
        ("copy: 2h", "copy: 0"),
        ("copy: 2h", "copy: 30"),
        ("copy: 2h", "copy: null"),
        ("copy: 2h", "copy: true"),
        ("copy: 2h", "copy: 1h30m"),
        ("keepPrevious: 24h", "keepPrevious: 24"),
        ("expiresAfter: 72h", "expiresAfter: 72"),
        ("expiresAfter: 72h", "expiresAfter: 0"),
        ("reconcileEvery: 5m", "reconcileEvery: 300"),
        ("{ duration: 10m }", "{ duration: 0 }"),
        ("{ duration: 10m }", "{ duration: [] }"),
        (
            "{ deployment: 45m, copy: 2h, turn: 7d, calls: 30m, traffic: 20m, deletion: 12h, messages: 6h, resume: 3d }",
            "",
        ),
    ]);
    insta::assert_snapshot!(reports, @"
    liftlock.yaml:47: routes[0].deadlines.turn: `14` has no unit
        help: write `14d`, `14h` or `14m`, whichever is meant
    liftlock.yaml:47: routes[0].deadlines.copy: `2` has no unit
        help: write `2d`, `2h` or `2m`, whichever is meant
    liftlock.yaml:47: routes[0].deadlines.deployment: `0s` is less than 1m
        help: write at least `1m`
    liftlock.yaml:47: routes[0].deadlines.copy: `0` has no unit
        help: write at least `1m`
    liftlock.yaml:47: routes[0].deadlines.copy: `30` has no unit
        help: write `30d`, `30h` or `30m`, whichever is meant
    liftlock.yaml:47: routes[0].deadlines.copy: is nothing, not a length of time
        help: write a length of time like `2h`; it is: from approval to the last copied byte
    liftlock.yaml:47: routes[0].deadlines.copy: `true` is a truth value, not a length of time
        help: write a length of time like `2h`; it is: from approval to the last copied byte
    liftlock.yaml:47: routes[0].deadlines.copy: `1h30m` is no length of time
        help: write `90m`
    liftlock.yaml:45: routes[0].rollout.keepPrevious: `24` has no unit
        help: write `24d`, `24h`, `24m` or `24s`, whichever is meant
    liftlock.yaml:32: routes[0].approval.expiresAfter: `72` has no unit
        help: write `72d`, `72h`, `72m` or `72s`, whichever is meant
    liftlock.yaml:32: routes[0].approval.expiresAfter: `0` has no unit
        help: write at least `1s`
    liftlock.yaml:49: reconcileEvery: `300` has no unit
        help: write `300d`, `300h`, `300m` or `300s`, whichever is meant
    liftlock.yaml:40: routes[0].rollout.steps[1].pause.duration: `0` is less than 1s
        help: write at least `1s`
    liftlock.yaml:40: routes[0].rollout.steps[1].pause.duration: is a list, not a length of time
        help: write a length of time like `10m`; it is: how long to wait; absent: until a person resumes it
    liftlock.yaml:47: routes[0].deadlines: is nothing, not a mapping
        help: its keys are `deployment`, `copy`, `turn`, `calls`, `traffic`, `deletion`, `messages`, `resume`, or remove the line
    ");
}
