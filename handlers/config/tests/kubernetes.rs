//! Kubernetes online endpoints: the two files belong together, and a step that such a target cannot do is refused.

use promotion::{ComputeType, TargetKind};

use super::sample::{KUBERNETES_ENDPOINT, Sample};

const DEPLOYMENT: &str = "type: kubernetes\ninstance_type: cpu-small\ninstance_count: 2\n";
const PROD: &str = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-prod/providers/Microsoft.MachineLearningServices/workspaces/ml-prod";

fn on_kubernetes() -> Sample {
    Sample::full()
        .with("endpoint.yml", KUBERNETES_ENDPOINT)
        .with("deployment.yml", DEPLOYMENT)
}

#[test]
fn the_compute_is_one_of_the_targets_workspace() {
    let longer = format!("{}/computes/AKS-prod", PROD.to_uppercase());
    for written in [
        "azureml:aks-prod",
        &format!("{PROD}/computes/aks-prod"),
        &format!("azureml:{PROD}/computes/aks-prod"),
        &longer,
    ] {
        let config = on_kubernetes()
            .but("endpoint.yml", "azureml:aks-prod", written)
            .check()
            .unwrap();
        let rollout = &config.routes[0].route.rollout;
        let compute = rollout.endpoint.compute.as_ref().unwrap();
        assert!(compute.is(&longer), "{compute}");
        assert!(compute.as_str().starts_with(PROD), "{compute}");
        assert_eq!(
            TargetKind::from(&rollout.endpoint),
            TargetKind::KubernetesOnlineEndpoint
        );
        assert_eq!(rollout.deployment.compute_type, ComputeType::Kubernetes);
    }
}

#[test]
fn the_clusters_default_instance_type_needs_no_name() {
    let sample = on_kubernetes().with("deployment.yml", "type: kubernetes\ninstance_count: 2\n");
    let config = sample.check().unwrap();
    assert_eq!(
        config.routes[0].route.rollout.deployment.instance_type,
        None
    );
}

#[test]
fn a_check_names_the_cluster() {
    let checked = on_kubernetes().checked_without_environment();
    let at = "at endpoint diabetes on aks-prod;";
    assert!(checked.text.contains(at), "{}", checked.text);
}

#[test]
fn what_is_no_compute_of_the_target_is_refused() {
    let report = |written: &str| {
        on_kubernetes()
            .but("endpoint.yml", "azureml:aks-prod", written)
            .problems()
    };
    let elsewhere = PROD.replace("ml-prod", "ml-dev");
    let reports: String = [
        "aks-prod",
        "azureml:aks/prod",
        "'azureml:'",
        &format!("{elsewhere}/computes/aks-prod"),
        &format!("{PROD}/models/aks-prod"),
    ]
    .iter()
    .map(|written| report(written).trim_end_matches("1 problem").to_owned())
    .collect();
    insta::assert_snapshot!(reports, @"
    endpoint.yml:6: compute: `aks-prod` is no reference to a compute
        help: write `azureml:<name>` of an attached Kubernetes cluster, or its resource id
    endpoint.yml:6: compute: `azureml:aks/prod` is no reference to a compute
        help: write `azureml:<name>` of an attached Kubernetes cluster, or its resource id
    endpoint.yml:6: compute: `azureml:` is no reference to a compute
        help: write `azureml:<name>` of an attached Kubernetes cluster, or its resource id
    endpoint.yml:6: compute: `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-prod/providers/Microsoft.MachineLearningServices/workspaces/ml-dev/computes/aks-prod` is a compute of another workspace than the endpoint's
        help: write `azureml:<name>` of one that is attached to the target's workspace
    endpoint.yml:6: compute: `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-prod/providers/Microsoft.MachineLearningServices/workspaces/ml-prod/models/aks-prod` is no reference to a compute
        help: write `azureml:<name>` of an attached Kubernetes cluster, or its resource id
    ");
}

#[test]
fn a_deployment_of_the_other_kind_is_refused_by_both_files_names() {
    let managed = Sample::full().with("endpoint.yml", KUBERNETES_ENDPOINT);
    insta::assert_snapshot!(managed.problems(), @"
    liftlock.yaml:36: routes[0].rollout.deployment: `deployment.yml` is a managed online deployment, and `endpoint.yml` a Kubernetes online endpoint
        help: write `type: kubernetes` into deployment.yml, or remove `compute` from endpoint.yml
    1 problem
    ");
    let on_kubernetes = Sample::full().with("deployment.yml", DEPLOYMENT);
    insta::assert_snapshot!(on_kubernetes.problems(), @"
    liftlock.yaml:36: routes[0].rollout.deployment: `deployment.yml` is a Kubernetes online deployment, and `endpoint.yml` a managed online endpoint
        help: write `compute: azureml:<name>` into endpoint.yml, or remove `type` from deployment.yml
    1 problem
    ");
}

#[test]
fn a_step_that_the_target_cannot_do_is_refused_with_both_their_names() {
    let sample = on_kubernetes().changed(
        "      steps:\n",
        "      steps:\n        - pause: { duration: 10m }\n        - mirror: 20\n",
    );
    insta::assert_snapshot!(sample.problems(), @"
    liftlock.yaml:40: routes[0].rollout.steps[1]: is `mirror`, which a Kubernetes online endpoint cannot do
        help: remove this step
    1 problem
    ");
}

#[test]
fn what_only_the_other_kind_has_is_refused_with_the_kind() {
    let sample = on_kubernetes()
        .with(
            "endpoint.yml",
            &format!("{KUBERNETES_ENDPOINT}public_network_access: disabled\n"),
        )
        .with(
            "deployment.yml",
            &format!(
                "{DEPLOYMENT}egress_public_network_access: disabled\nprivate_network_connection: true\n\
                 resources: {{ requests: {{ cpu: '1' }} }}\nscale_settings: {{ type: default }}\n"
            ),
        );
    insta::assert_snapshot!(sample.problems(), @"
    endpoint.yml:7: key `public_network_access`: a Kubernetes online endpoint has none: it is as reachable as its cluster
        help: remove it from this file
    deployment.yml:4: key `egress_public_network_access`: a Kubernetes online deployment has none: its network is the cluster's
        help: remove it from this file
    deployment.yml:5: key `private_network_connection`: a Kubernetes online deployment has none: its network is the cluster's
        help: remove it from this file
    deployment.yml:6: key `resources`: Liftlock does not carry it over to the deployment yet
        help: remove it from this file
    deployment.yml:7: key `scale_settings`: Liftlock does not carry it over to the deployment yet
        help: remove it from this file
    5 problems
    ");
    let managed = Sample::full().with(
        "deployment.yml",
        "instance_count: 1\nresources: {}\negress_public_network_access: disabled\n",
    );
    insta::assert_snapshot!(managed.problems(), @"
    deployment.yml:1: `instance_type` is missing
        help: add it: the virtual machine's size, like Standard_DS3_v2
    deployment.yml:2: key `resources`: a managed online deployment has none
        help: remove it from this file
    deployment.yml:3: key `egress_public_network_access`: Liftlock does not carry it over to the deployment yet
        help: remove it from this file
    3 problems
    ");
}

#[test]
fn a_kind_that_there_is_not_is_refused() {
    let sample = Sample::full().but("deployment.yml", "type: managed", "type: kubernete");
    insta::assert_snapshot!(sample.problems(), @"
    deployment.yml:2: type: `kubernete` is not known here
        help: did you mean `kubernetes`?
    1 problem
    ");
}
