//! What a deployment brings along, in words: in the plan, in the history, on the page that asks.

use insta::assert_snapshot;
use promotion::{
    CodeFile, CodeSpec, Digest, EnvironmentDefinition, EnvironmentSpec, Fact, PlannedCall,
};

use super::approval_page;
use super::reading;
use super::story::Story;
use super::world::{World, ada};
use crate::ui::{fact, planned_call};

fn with_code() -> World {
    let file = |path: &str, text: &str| CodeFile {
        path: path.to_owned(),
        size: text.len() as u64,
        sha256: Digest::of(text.as_bytes()),
    };
    let files = vec![
        file("score.py", "def run(data): ..."),
        file("lib/a.py", "A = 1\n"),
    ];
    let definition = EnvironmentDefinition {
        image: "mcr.microsoft.com/azureml/python:1".to_owned(),
        conda: Some("dependencies:\n  - python=3.11 <b>\n".to_owned()),
        inference: None,
        description: None,
    };
    World {
        brought: Some((
            CodeSpec::new("score.py".to_owned(), files),
            EnvironmentSpec::defined(definition),
        )),
        ..World::default()
    }
}

fn about_them(line: &str) -> bool {
    ["code", "environment", "deployment"]
        .iter()
        .any(|word| line.contains(word))
}

#[test]
fn the_plan_names_them() {
    let story = Story::settled(with_code());
    let calls = story.promotion().planned_calls().unwrap();
    let lines = calls.forward.iter().map(planned_call);
    let text: Vec<String> = lines.filter(|line| about_them(line)).collect();
    assert_snapshot!(text.join("\n"), @"
    PUT 2 files (24 bytes) into stprod/azureml-blobstore/liftlock/code/84b571f03ee0c81ca6cb733280a2f0b6eeb9bf508721c067f3015374a006f7a3, and code version liftlock-84b571f03ee0c81ca6cb733280a2f0b6:1 in ml-prod, unless they are there
    PUT environment liftlock-b5a4f78b8ef088cbe23f6042635adff0:1 in ml-prod, unless it is there: image mcr.microsoft.com/azureml/python:1 with a conda file
    PUT deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod: model diabetes 2, 1 × Standard_DS3_v2, score.py of code liftlock-84b571f03ee0c81ca6cb733280a2f0b6:1, environment liftlock-b5a4f78b8ef088cbe23f6042635adff0:1, no traffic
    POST the smoke test to deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod; it passes if size(result) == 2
    GET the deployments of endpoint diabetes in ml-prod that would serve again, and POST the smoke test's request to them by name: 100 % champion-v1
    DELETE deployment champion-v1 of endpoint diabetes in ml-prod
    ");
}

#[test]
fn the_history_says_what_came_of_them() {
    let story = Story::approved(with_code());
    let lines = story
        .lines
        .iter()
        .filter(|line| matches!(line.fact, Fact::Planned { .. } | Fact::Done { .. }));
    let text: Vec<String> = lines.map(fact).filter(|line| about_them(line)).collect();
    assert_snapshot!(text.join("\n"), @"
    Done: observe target → serves now: diabetes 1, deployment champion-v1
    To do: Register 2 files (24 bytes) of code in ml-prod as liftlock-84b571f03ee0c81ca6cb733280a2f0b6:1
    Done: register code → registered
    To do: Register environment liftlock-b5a4f78b8ef088cbe23f6042635adff0:1 in ml-prod
    Done: register environment → it was there, and is reused
    Done: observe target → serves now: diabetes 1, deployment champion-v1
    To do: Create deployment ll-diabetes-2-9931af96-1 on endpoint diabetes (1 × Standard_DS3_v2, score.py of code liftlock-84b571f03ee0c81ca6cb733280a2f0b6:1, environment liftlock-b5a4f78b8ef088cbe23f6042635adff0:1)
    Done: create deployment
    To do: Ask deployment ll-diabetes-2-9931af96-1 the smoke test
    ");
}

#[test]
fn the_page_that_asks_shows_every_file() {
    let html = approval_page::page(&Story::settled(with_code()), Some(&ada()));
    let text = reading::page(&html);
    assert_snapshot!(reading::between(&text, "Deployment", "Smoke test"), @"
    Deployment
    ll-diabetes-2-9931af96-1, 1 × Standard_DS3_v2
    Code
    score.py of 2 files (24 bytes), registered as liftlock-84b571f03ee0c81ca6cb733280a2f0b6:1
    Files
    Path | Size | SHA-256
    lib/a.py | 6 bytes | 06edbcf4336165a271e6524025a6439c3caa3246fd0796f116772279707a5325
    score.py | 18 bytes | 53ca665a52fc89afdf355f060187938eca52d0430989b990ede0da8de5cb47d4
    Environment
    image mcr.microsoft.com/azureml/python:1, registered as liftlock-b5a4f78b8ef088cbe23f6042635adff0:1
    Conda file
    dependencies: - python=3.11 <b>
    ");
}

#[test]
fn what_a_registry_has_goes_to_the_deployment_as_it_is() {
    let uri = "azureml://registries/azureml/environments/sklearn-1.5/versions/33";
    let mut world = with_code();
    let (code, _) = world.brought.take().unwrap();
    let of_a_registry = EnvironmentSpec::Registry {
        uri: uri.to_owned(),
    };
    world.brought = Some((code, of_a_registry));
    let calls = Story::settled(world).promotion().planned_calls().unwrap();
    let makes = |call: &&PlannedCall| planned_call(call).contains("registries");
    let text: Vec<String> = calls
        .forward
        .iter()
        .filter(makes)
        .map(planned_call)
        .collect();
    assert_snapshot!(text.join("\n"), @"PUT deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod: model diabetes 2, 1 × Standard_DS3_v2, score.py of code liftlock-84b571f03ee0c81ca6cb733280a2f0b6:1, environment azureml://registries/azureml/environments/sklearn-1.5/versions/33, no traffic");
}
