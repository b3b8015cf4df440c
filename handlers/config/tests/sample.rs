//! A folder with every key there is, in which tests break one thing or many.

use std::path::PathBuf;

use crate::config::{Checked, Config, Problems, check, check_command};

/// Every key of the configuration, each at least once.
pub(super) const FULL: &str = r"version: 1
stages:
  dev:
    workspace: /subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-dev/providers/Microsoft.MachineLearningServices/workspaces/ml-dev
  prod:
    workspace: /subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-prod/providers/Microsoft.MachineLearningServices/workspaces/ml-prod
    datastore: models
teams:
  workflow: ${TEAMS_WORKFLOW_URL}
routes:
  - name: diabetes-to-prod
    from: dev
    to: prod
    model: diabetes
    on:
      - modelRegistered: {}
      - jobCompleted: { experiment: diabetes-train, output: best_model }
    gates:
      - metric: rmse
        min: 1
        max: 60
        source: tags
      - champion: rmse
        greaterIsBetter: false
        minRelativeChange: 0.01
        whenNoChampion: pass
        source: run
    approval:
      minApprovals: 2
      approvers: [{ role: Model.Approver }]
      preventSelfReview: true
      expiresAfter: 72h
    operators: [{ role: Model.Operator }]
    rollout:
      onlineEndpoint: endpoint.yml
      deployment: deployment.yml
      smokeTest: { request: request.json, successCondition: size(result) == 2 }
      steps:
        - setWeight: 10
        - pause: { duration: 10m }
        - analysis: { templates: [error-rate], count: 5, interval: 2m, initialDelay: 9m }
        - setWeight: 100
        - bake: { duration: 1h }
      analysis: { templates: [error-rate, latency], startingStep: 1 }
      keepPrevious: 24h
      onDrift: restore
    deadlines: { deployment: 45m, copy: 2h, turn: 7d, calls: 30m, traffic: 20m, deletion: 12h, messages: 6h, resume: 3d }
    concurrency: queue
reconcileEvery: 5m
analysisTemplates:
  - name: error-rate
    provider: { azureMonitor: { metric: RequestsPerMinute, ratioOf: { statusCodeClass: 5xx }, window: 4m } }
    successCondition: result < 0.01
    failureCondition: result > 0.05
    interval: 60s
    minSamples: 100
  - name: latency
    provider: { azureMonitor: { metric: RequestLatency_P95 } }
    against: championRatio
    failureCondition: result > 1.2
    interval: 5m
    count: 6
    initialDelay: 15m
    failureLimit: -1
    inconclusiveLimit: 3
    consecutiveErrorLimit: 2
    consecutiveSuccessLimit: 5
    dryRun: true
";

/// The full configuration and its route once more, changed.
pub(super) fn with_second_route(change: impl Fn(&str) -> String) -> String {
    let (_, rest) = FULL.split_once("routes:\n").unwrap();
    let (route, _) = rest.split_once("reconcileEvery").unwrap();
    FULL.replace(
        "reconcileEvery",
        &format!("{}reconcileEvery", change(route)),
    )
}

/// The same with a second route that asks before there is traffic: the keys that the first has no room for.
pub(super) fn with_shadow() -> String {
    let both = with_second_route(|route| {
        route
            .replace("diabetes-to-prod", "shadowed")
            .replace("model: diabetes", "model: heart")
            .replace(
                "- setWeight: 10\n",
                "- loadTest: { requests: shadow.jsonl, rate: 20, duration: 30s, successCondition: errorRate < 0.01 && p95 < 250 }\n        - mirror: 20\n        - analysis: { templates: [alike] }\n        - loadTest: { collected: { from: champion, hours: 48, most: 20 }, rate: 5, duration: 10s }\n        - setWeight: 10\n",
            )
            .replace("startingStep: 1", "startingStep: 5")
            .replace("    concurrency: queue\n", &format!("    concurrency: queue\n{WINDOWS}"))
    });
    let alike = "  - name: alike
    provider: { predictions: { requests: shadow.jsonl, compare: agreement, tolerance: 0.01 } }
    successCondition: result > 0.9
  - name: complaints
    provider: { http: { url: \"https://metrics.example/q?d={deployment}&from={from}&to={to}\", headers: { Authorization: \"Bearer ${METRICS_TOKEN}\" }, timeout: 5s, value: result.count, window: 2m } }
    failureCondition: result > 10
  - name: callers-alike
    provider: { predictions: { collected: { from: champion, hours: 12, most: 30 }, compare: stabilityIndex } }
    successCondition: result < 0.25
";
    format!("{both}{alike}")
}

/// Every key of a route's windows.
pub(super) const WINDOWS: &str = "    windows:
      - allow: { days: [mon, tue, wed, thu], from: 09:00, to: 16:00, dates: { first: 2026-01-01, last: 2030-12-31 }, timeZone: Europe/Berlin }
      - deny: { days: [wed], from: '12:00', to: '13:30', dates: { first: 2026-12-20, last: 2027-01-06 }, timeZone: America/New_York }
";

/// The same with a third route, to a batch endpoint, and a workflow that asks for a token.
pub(super) fn with_every_key() -> String {
    let workflow = "  workflow: ${TEAMS_WORKFLOW_URL}\n";
    let of_it = "  escalationWorkflow: ${TEAMS_HEADS_URL}\n  envelope: bare\n  workflowAuth: entra\n  workflowAudience: https://service.flow.microsoft.com/\n";
    with_shadow()
        .replace(workflow, &format!("{workflow}{of_it}"))
        .replacen(
            "      approvers: [{ role: Model.Approver }]\n",
            APPROVAL,
            1,
        )
        .replacen(
            "operators: [{ role: Model.Operator }]",
            "operators: [{ role: Model.Operator }, { group: 0760b6cf-170e-4a14-91b3-4b78e0739964, name: Operators }]",
            1,
        )
        .replace(
            "reconcileEvery",
            &format!("{}reconcileEvery", batch_route()),
        )
}

/// The full configuration whose cards go by a bot.
pub(super) fn with_bot() -> String {
    let workflow = "  workflow: ${TEAMS_WORKFLOW_URL}\n";
    assert_eq!(FULL.matches(workflow).count(), 1);
    FULL.replace(workflow, BOT)
}

/// Every key of an approval that has no place of its own in the full configuration.
const APPROVAL: &str = "      mode: people
      approvers: [{ role: Model.Approver }, { group: 0760b6cf-170e-4a14-91b3-4b78e0739963, name: ML owners }]
      required:
        - { role: ML.Owner, approvals: 1 }
        - { group: 0760b6cf-170e-4a14-91b3-4b78e0739965, name: Risk, approvals: 2 }
      remindEvery: 12h
      escalateAfter: 48h
      escalateTo: [{ role: Head.Of.ML }, { group: 0760b6cf-170e-4a14-91b3-4b78e0739966, name: Heads }]
      override: [{ role: Break.Glass }, { group: 0760b6cf-170e-4a14-91b3-4b78e0739967, name: On call }]
";

/// Every key of a bot.
pub(super) const BOT: &str = "  bot:
    channel: 19:promotions@thread.tacv2
    escalationChannel: 19:heads@thread.tacv2
    appId: ${BOT_APP_ID}
    tenant: 00000000-0000-4000-8000-0000000000f0
    serviceUrl: https://smba.infra.gcc.teams.microsoft.com/teams
";

/// One that rolls out to a batch endpoint: what only such a route says.
pub(super) fn batch_route() -> String {
    let (_, rest) = FULL.split_once("routes:\n").unwrap();
    let (route, _) = rest.split_once("reconcileEvery").unwrap();
    let (head, rest) = route.split_once("      onlineEndpoint").unwrap();
    let (_, tail) = rest.split_once("      keepPrevious").unwrap();
    let head = head
        .replace("diabetes-to-prod", "by-night")
        .replace("model: diabetes", "model: liver");
    format!("{head}{BATCH_ROLLOUT}      keepPrevious{tail}")
}

/// Every key of a rollout that only a batch endpoint has.
pub(super) const BATCH_ROLLOUT: &str = "      batchEndpoint: batch-endpoint.yml
      deployment: batch-deployment.yml
      batchTest: { input: azureml://datastores/data/paths/sample.csv, minRows: 5, maxErrors: 1, timeout: 30m }
      steps: [{ pause: { duration: 10m } }, { setWeight: 100 }]
";

/// Every key of a batch endpoint's file.
pub(super) const BATCH_ENDPOINT: &str = "$schema: https://example.com/endpoint.json
name: liver-batch
auth_mode: aad_token
description: Scores by night
tags: { team: research, cost: 7 }
";

/// Every key of a batch deployment's file.
pub(super) const BATCH_DEPLOYMENT: &str = "$schema: https://example.com/deployment.json
type: model
description: Two machines
tags: { team: research }
compute: azureml:cpu-cluster
resources: { instance_count: 2 }
settings:
  mini_batch_size: 10
  max_concurrency_per_instance: 2
  error_threshold: 3
  logging_level: info
  output_action: append_row
  output_file_name: scores.csv
  retry_settings: { max_retries: 2, timeout: 60 }
  environment_variables: { MODE: fast }
";

/// Every key of an endpoint's file.
pub(super) const ENDPOINT: &str = "$schema: https://example.com/endpoint.json
name: diabetes
auth_mode: aad_token
description: Tells how far diabetes goes on
tags: { team: research, cost: 7 }
public_network_access: disabled
";

/// Every key of a Kubernetes endpoint's file.
pub(super) const KUBERNETES_ENDPOINT: &str = "$schema: https://example.com/endpoint.json
name: diabetes
auth_mode: aml_token
description: Tells how far diabetes goes on
tags: { team: research, cost: 7 }
compute: azureml:aks-prod
";

/// Every key of a deployment's file.
pub(super) const DEPLOYMENT: &str = "$schema: https://example.com/deployment.json
type: managed
instance_type: Standard_DS3_v2
instance_count: 1
description: One machine
app_insights_enabled: true
environment_variables: { MODE: fast }
request_settings:
  max_concurrent_requests_per_instance: 4
  request_timeout_ms: 5000
  max_queue_wait_ms: 500
tags: { team: research }
code_configuration: { code: ./code, scoring_script: score.py }
environment:
  image: mcr.microsoft.com/azureml/minimal-ubuntu22.04-py39-cpu-inference
  conda_file: conda.yml
  description: Python and no more
  inference_config:
    liveness_route: { path: /, port: 5001 }
    readiness_route: { path: /ready, port: 5001 }
    scoring_route: { path: /score, port: 5001 }
";

/// A folder with a configuration and its files.
pub(super) struct Sample {
    folder: tempfile::TempDir,
}

impl Sample {
    /// The full configuration, without a fault.
    pub(super) fn full() -> Self {
        let sample = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        sample
            .with("liftlock.yaml", FULL)
            .with("endpoint.yml", ENDPOINT)
            .with("deployment.yml", DEPLOYMENT)
            .with(
                "shadow.jsonl",
                "{\"input_data\": [[1.0]]}\n\n{\"input_data\": [[2.0]]}\n",
            )
            .with("batch-endpoint.yml", BATCH_ENDPOINT)
            .with("batch-deployment.yml", BATCH_DEPLOYMENT)
            .with("request.json", r#"{"input_data": [[1.0]]}"#)
            .with("conda.yml", "dependencies: [python=3.10]\n")
            .with("code/score.py", "def run(data): ...\n")
    }

    /// The same with another text in one file.
    pub(super) fn with(self, file: &str, text: &str) -> Self {
        let path = self.folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// The same with `old`, which is there once, replaced.
    pub(super) fn but(self, file: &str, old: &str, new: &str) -> Self {
        let text = std::fs::read_to_string(self.folder.path().join(file)).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{old}");
        self.with(file, &text.replace(old, new))
    }

    /// The configuration itself with `old` replaced.
    pub(super) fn changed(self, old: &str, new: &str) -> Self {
        self.but("liftlock.yaml", old, new)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("liftlock.yaml")
    }

    pub(super) fn check(&self) -> Result<Config, Problems> {
        check(&self.path(), &environment)
    }

    /// What the handler would report, with files named from their folder.
    pub(super) fn problems(&self) -> String {
        match self.check() {
            Ok(_) => "no problems".to_owned(),
            Err(problems) => self.without_folder(&problems.to_string()),
        }
    }

    /// What `liftlock check` prints where the environment is empty.
    pub(super) fn checked_without_environment(&self) -> Checked {
        let checked = check_command(&self.path(), &|_| None);
        Checked {
            text: self.without_folder(&checked.text),
            outcome: checked.outcome,
        }
    }

    fn without_folder(&self, text: &str) -> String {
        let folder = self.folder.path().display().to_string();
        text.replace(&format!("{folder}/"), "")
            .replace(&folder, "<folder>")
    }
}

pub(super) fn environment(name: &str) -> Option<String> {
    match name {
        "TEAMS_HEADS_URL" => Some("https://flows.example/workflows/8?sig=hush".to_owned()),
        "TEAMS_WORKFLOW_URL" => Some("https://flows.example/workflows/7?sig=hush".to_owned()),
        "RETIRED_URL" => Some("https://contoso.webhook.office.com/hush".to_owned()),
        "METRICS_TOKEN" => Some("hush-hush".to_owned()),
        "METRICS_URL" => Some("https://metrics.example/hush-hush".to_owned()),
        "BOT_APP_ID" => Some("00000000-0000-4000-8000-0000000000B0".to_owned()),
        "MODEL" => Some("diabetes".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}
