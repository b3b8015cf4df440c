//! The configuration that newcomers read first.

use std::path::Path;

use liftlock::config::{CheckOutcome, Config, check, check_command};

fn example() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/diabetes/liftlock.yaml")
}

fn environment(name: &str) -> Option<String> {
    (name == "TEAMS_WORKFLOW_URL")
        .then(|| "http://127.0.0.1:7000/teams/workflows/promotions?sig=s".to_owned())
}

#[test]
fn the_example_checks_clean_without_its_secrets() {
    let checked = check_command(&example(), &|_| None);
    assert_eq!(checked.outcome, CheckOutcome::Clean, "{}", checked.text);
    assert!(
        checked
            .text
            .contains("the environment has no `TEAMS_WORKFLOW_URL`"),
        "{}",
        checked.text
    );
}

#[test]
fn the_example_becomes_one_route_from_dev_to_prod() {
    let Config { routes, stages, .. } = check(&example(), &environment).unwrap();
    let [configured] = routes.as_slice() else {
        panic!("{routes:?}")
    };
    let stages: Vec<_> = stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(stages, ["dev", "prod"]);
    assert_eq!(configured.route.model.as_str(), "diabetes");
    assert_eq!(configured.route.rollout.endpoint.name.as_str(), "diabetes");
    assert_eq!(configured.triggers.len(), 2);
}

#[test]
fn the_example_names_its_schema() {
    let text = std::fs::read_to_string(example()).unwrap();
    let first = text.lines().next().unwrap();
    let schema = first
        .strip_prefix("# yaml-language-server: $schema=")
        .unwrap();
    assert!(example().with_file_name(schema).exists(), "{schema}");
}
