//! Which event starts what.

use promotion::{ModelName, Party, Role, RouteName, WorkspaceId};

use super::sample::{Sample, with_second_route};
use crate::config::Config;

const DEV: &str = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-dev/providers/Microsoft.MachineLearningServices/workspaces/ml-dev";

/// The full configuration and a second route for the same model to another endpoint, for jobs only.
fn two_routes() -> Config {
    let text = with_second_route(|route| {
        route
            .replace("diabetes-to-prod", "diabetes-to-edge")
            .replace("      - modelRegistered: {}\n", "")
            .replace("endpoint.yml", "edge.yml")
            .replace("Model.Operator", "Edge.Operator")
    });
    let sample = Sample::full().with("edge.yml", "name: edge\n");
    sample.with("liftlock.yaml", &text).check().unwrap()
}

fn names(routes: &[&crate::config::ConfiguredRoute]) -> Vec<String> {
    routes
        .iter()
        .map(|route| route.route.name.to_string())
        .collect()
}

#[test]
fn a_registered_version_takes_the_routes_that_ask_for_it() {
    let config = two_routes();
    let registered = |workspace: &str, model| {
        names(&config.routes_for_model(&WorkspaceId::new(workspace), &ModelName::new(model)))
    };
    assert_eq!(registered(DEV, "diabetes"), ["diabetes-to-prod"]);
    assert_eq!(
        registered(&DEV.to_uppercase(), "diabetes"),
        ["diabetes-to-prod"]
    );
    assert!(registered(DEV, "Diabetes").is_empty());
    assert!(registered(&DEV.replace("dev", "prod"), "diabetes").is_empty());
}

#[test]
fn a_completed_job_becomes_one_version_that_takes_every_route() {
    let config = two_routes();
    let rules = config.job_rules(&WorkspaceId::new(DEV.to_lowercase()), "diabetes-train");
    let [rule] = rules.as_slice() else {
        panic!("{rules:?}")
    };
    assert_eq!(
        (rule.model.as_str(), rule.output),
        ("diabetes", "best_model")
    );
    assert_eq!(
        names(&rule.routes),
        ["diabetes-to-prod", "diabetes-to-edge"]
    );
    assert!(
        config
            .job_rules(&WorkspaceId::new(DEV), "another")
            .is_empty()
    );
}

#[test]
fn a_route_is_found_by_its_name() {
    let config = two_routes();
    assert!(config.route(&RouteName::new("diabetes-to-edge")).is_some());
    assert!(config.route(&RouteName::new("nowhere")).is_none());
}

#[test]
fn models_whose_versions_start_promotions_are_named_once() {
    let text = with_second_route(|route| {
        route
            .replace("diabetes-to-prod", "diabetes-to-edge")
            .replace("endpoint.yml", "edge.yml")
    });
    let sample = Sample::full().with("edge.yml", "name: edge\n");
    let config = sample.with("liftlock.yaml", &text).check().unwrap();
    let sources = config.registering();
    let [(workspace, model)] = sources.as_slice() else {
        panic!("{sources:?}")
    };
    assert_eq!((workspace.name(), model.as_str()), ("ml-dev", "diabetes"));
}

#[test]
fn whoever_operates_some_route_has_one_of_these_roles() {
    let roles = ["Edge.Operator", "Model.Operator"].map(|role| Party::Role(Role(role.to_owned())));
    assert_eq!(two_routes().operators(), roles);
}
