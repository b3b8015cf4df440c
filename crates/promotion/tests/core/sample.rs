//! One candidate on one route, as stories begin.

use std::collections::BTreeMap;

use promotion::*;

pub(crate) const RMSE: f64 = 55.5;

pub(crate) fn workspace(name: &str) -> WorkspaceId {
    WorkspaceId::new(format!(
        "/subscriptions/S/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/{name}"
    ))
}

pub(crate) fn candidate() -> Candidate {
    Candidate {
        workspace: workspace("ml-dev"),
        model: ModelName::new("diabetes"),
        version: ModelVersion::new("2"),
    }
}

pub(crate) fn role() -> Role {
    Role("Model.Approver".to_owned())
}

pub(crate) fn person(name: &str) -> Person {
    Person {
        id: PersonId::new(format!("oid-{}", name.to_lowercase())),
        name: name.to_owned(),
    }
}

/// These app roles, and no group.
pub(crate) fn held(roles: Vec<Role>) -> Held {
    Held {
        roles,
        ..Held::default()
    }
}

pub(crate) fn operator() -> Operator {
    Operator {
        person: person("Olga"),
        held: held(vec![role()]),
    }
}

pub(crate) fn rmse_below(max: f64) -> GateSpec {
    GateSpec::Metric {
        metric: "rmse".to_owned(),
        min: None,
        max: Some(max),
        source: Source::Run,
    }
}

pub(crate) fn rmse_beats_champion(when_no_champion: NoChampion, source: Source) -> GateSpec {
    GateSpec::Champion {
        metric: "rmse".to_owned(),
        greater_is_better: false,
        min_relative_change: 0.01,
        when_no_champion,
        source,
    }
}

pub(crate) fn route() -> Route {
    Route {
        name: RouteName::new("diabetes-to-prod"),
        source: SourceStage {
            stage: StageName::new("dev"),
            workspace: workspace("ml-dev"),
        },
        target: TargetStage {
            stage: StageName::new("prod"),
            workspace: workspace("ml-prod"),
            datastore: None,
        },
        model: ModelName::new("diabetes"),
        gates: vec![
            rmse_below(60.0),
            rmse_beats_champion(NoChampion::Pass, Source::Run),
        ],
        approval: ApprovalRule {
            min_approvals: 1,
            approvers: vec![Party::Role(role())],
            prevent_self_review: true,
            expires_after: Seconds(72 * 3600),
            required: vec![],
            remind_every: None,
            escalation: None,
            overriders: vec![],
            consent: Consent::People,
        },
        operators: vec![Party::Role(role())],
        concurrency: Concurrency::Supersede,
        rollout: rollout(),
        deadlines: Deadlines {
            copy: Seconds(7200),
            deployment: Seconds(2700),
            turn: Seconds(14 * 24 * 3600),
            calls: Seconds(3600),
            traffic: Seconds(3600),
            deletion: Seconds(24 * 3600),
            messages: Seconds(24 * 3600),
            resume: Seconds(7 * 24 * 3600),
        },
    }
}

fn rollout() -> RolloutSpec {
    RolloutSpec {
        endpoint: EndpointSpec {
            name: EndpointName::new("diabetes"),
            auth_mode: AuthMode::Key,
            description: None,
            public_network_access: None,
            tags: BTreeMap::new(),
            compute: None,
            serving: Serving::Online,
        },
        deployment: DeploymentSpec {
            compute_type: ComputeType::Managed,
            instance_type: Some("Standard_DS3_v2".to_owned()),
            instance_count: 1,
            description: None,
            app_insights_enabled: false,
            environment_variables: BTreeMap::new(),
            request_settings: None,
            tags: BTreeMap::new(),
            batch: None,
            code: None,
            environment: None,
        },
        on_drift: OnDrift::Pause,
        smoke_test: Some(SmokeTest {
            request: serde_json::json!({"input_data": [[0.1, 1e-7]]}),
            success_condition: "size(result) == 2".to_owned(),
        }),
        steps: vec![
            Step::SetWeight(10),
            Step::Pause(Seconds(600)),
            Step::SetWeight(100),
        ],
        beside: None,
        keep_previous: Seconds(24 * 3600),
        batch_test: None,
    }
}

pub(crate) fn failure(code: &str) -> Failure {
    Failure::new(code, format!("Azure said {code}"))
}

pub(crate) fn file(path: &str, etag: &str) -> FileEntry {
    FileEntry {
        path: path.to_owned(),
        size: 17,
        etag: etag.to_owned(),
        md5: None,
    }
}

pub(crate) fn numbers(values: &[(&str, f64)]) -> BTreeMap<String, f64> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), *value))
        .collect()
}
