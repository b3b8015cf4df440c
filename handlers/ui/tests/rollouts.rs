//! How candidates are rolled out in a story, unless it says otherwise.

use std::collections::BTreeMap;

use promotion::{
    AuthMode, BatchSettings, BatchTest, ComputeId, ComputeType, DeploymentSpec, EndpointName,
    EndpointSpec, OnDrift, RolloutSpec, Seconds, Serving, SmokeTest, WorkspaceId,
};

pub(super) fn batch_rollout() -> RolloutSpec {
    let mut rollout = rollout();
    rollout.endpoint.serving = Serving::Batch;
    rollout.endpoint.auth_mode = AuthMode::AadToken;
    rollout.deployment.instance_type = None;
    rollout.deployment.instance_count = 2;
    let workspace = WorkspaceId::new("/subscriptions/s/workspaces/ml-prod");
    rollout.deployment.batch = Some(BatchSettings {
        compute: ComputeId::of(&workspace, "cpu-cluster"),
        mini_batch_size: None,
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
        min_rows: Some(5),
        max_errors: None,
        timeout: Seconds(3600),
    });
    rollout
}

pub(super) fn rollout() -> RolloutSpec {
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
        on_drift: OnDrift::Pause,
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
        smoke_test: Some(SmokeTest {
            request: serde_json::json!({ "input_data": [[0.1, 0.2], [0.3, 0.4]] }),
            success_condition: "size(result) == 2".to_owned(),
        }),
        steps: vec![],
        beside: None,
        keep_previous: Seconds(86_400),
        batch_test: None,
    }
}
