//! A deployment that brings code and environment along: both are registered before the target is touched.

use promotion::*;

use crate::sample::{failure, route};
use crate::story::Story;
use crate::world::World;

/// Code of two files, in an environment that the deployment's file describes.
pub(crate) fn with_code() -> Route {
    let file = |path: &str, text: &str| CodeFile {
        path: path.to_owned(),
        size: text.len() as u64,
        sha256: Digest::of(text.as_bytes()),
    };
    let mut route = route();
    route.rollout.deployment.code = Some(CodeSpec::new(
        "score.py".to_owned(),
        vec![file("score.py", "def run(data): ..."), file("lib/a.py", "")],
    ));
    route.rollout.deployment.environment = Some(EnvironmentSpec::defined(EnvironmentDefinition {
        image: "mcr.microsoft.com/azureml/minimal-ubuntu22.04-py39-cpu-inference".to_owned(),
        conda: Some("dependencies:\n  - python=3.10\n".to_owned()),
        inference: None,
        description: None,
    }));
    route
}

/// A custom model, and a deployment that says how it answers.
fn custom(route: Route) -> Story {
    let mut world = World::new();
    "custom_model".clone_into(&mut world.source.model_type);
    Story::on(route, world)
}

#[test]
fn code_and_environment_are_registered_between_model_and_target() {
    let mut story = custom(with_code());
    story.until("awaiting approval").approve("Ada");
    story.ends("finished");
    let planned = story.planned().join(" ");
    let expected = "register-model register-code register-environment take-lease";
    assert!(planned.contains(expected), "{planned}");
    assert_eq!(story.world.assets.len(), 2);
    story.keep("finished-with-code");
}

#[test]
fn they_are_planned_before_anyone_approves_and_pinned_with_the_plan() {
    let asked = |route| {
        let mut story = custom(route);
        story.until("awaiting approval");
        story
    };
    let digest = |story: &Story| story.promotion.stage().pinned().unwrap().digest.clone();
    let story = asked(with_code());
    let calls = story.promotion.planned_calls().unwrap();
    let kinds: Vec<_> = calls
        .forward
        .iter()
        .filter_map(|call| match call {
            PlannedCall::Perform(effect) => Some(effect.kind()),
            PlannedCall::Wait(_) | PlannedCall::Watch { .. } => None,
        })
        .collect();
    assert!(kinds.contains(&"register-code") && kinds.contains(&"register-environment"));
    let mut changed = with_code();
    let code = changed.rollout.deployment.code.as_mut().unwrap();
    code.files[0].sha256 = Digest::of(b"other bytes");
    *code = CodeSpec::new(code.scoring_script.clone(), code.files.clone());
    assert_ne!(digest(&story), digest(&asked(changed)));
}

#[test]
fn what_is_only_referred_to_is_looked_up_unless_it_is_of_a_registry() {
    for (environment, looked_up) in [
        (
            EnvironmentSpec::Registered {
                asset: AssetVersion {
                    name: "sklearn".to_owned(),
                    version: "7".to_owned(),
                },
            },
            true,
        ),
        (
            EnvironmentSpec::Registry {
                uri: "azureml://registries/azureml/environments/sklearn-1.5/versions/3".to_owned(),
            },
            false,
        ),
    ] {
        let mut route = with_code();
        route.rollout.deployment.environment = Some(environment);
        let mut story = custom(route);
        story.until("awaiting approval").approve("Ada");
        story.ends("finished");
        let planned = story.planned();
        assert!(planned.contains(&"register-code"));
        assert_eq!(planned.contains(&"register-environment"), looked_up);
    }
}

#[test]
fn what_cannot_be_registered_fails_before_the_target_is_touched() {
    for kind in ["register-code", "register-environment"] {
        let mut story = custom(with_code());
        let refused = Report::Failed(failure("CodeNotHere"));
        story.world.answer_next(kind, refused);
        story.until("awaiting approval").approve("Ada");
        story.ends("failed");
        let at = match story.ending() {
            Ending::Failed { at, .. } => *at,
            other => panic!("{other:?}"),
        };
        assert_eq!(at, FailedAt::Registering);
        assert!(!story.planned().contains(&"take-lease"));
        story.replay().unwrap();
        story.ends("finished");
        let registered = story
            .planned()
            .into_iter()
            .filter(|kind| *kind == "register-model");
        assert_eq!(registered.count(), 1, "what is registered stays so");
    }
}

#[test]
fn whatever_delays_them_they_come_to_an_end() {
    let delays = [
        Report::StillRunning,
        Report::Waiting(failure("Busy")),
        Report::Retry(failure("503")),
    ];
    for kind in ["register-code", "register-environment"] {
        for delay in &delays {
            let mut story = custom(with_code());
            for _ in 0..6 {
                story.world.answer_next(kind, delay.clone());
            }
            story.ends_quickly("finished");
        }
    }
}

#[test]
fn nobody_is_asked_about_a_custom_model_that_nothing_answers_for() {
    let mut story = custom(route());
    story.ends("voided");
    let Ending::Voided { detail } = story.ending() else {
        panic!("{:?}", story.ending());
    };
    insta::assert_snapshot!(detail, @"the candidate is a `custom_model`, and nothing says how it answers: add `environment` and `code_configuration` to the file of the route's deployment, or register it as an `mlflow_model`");
    assert!(!story.planned().contains(&"take-turn"));
}
