//! What would happen today, in words.

use insta::assert_snapshot;
use promotion::{
    Champion, Failure, GateSpec, Outcome, Report, Route, Seconds, Seen, Step, what_if,
};

use super::story::Story;
use super::world::{World, at_most, serving};
use crate::ui::{difference, foreseen, unforeseen};

/// What is said of the promotion on this route, in the world as it is.
fn told(story: &mut Story, route: Option<&Route>) -> String {
    let promotion = story.promotion();
    let looks = promotion.looks(route.unwrap_or(promotion.route()));
    let [candidate, target] = looks.map(|effect| match story.world.report(&effect, story.now) {
        Report::Done(outcome) => outcome,
        other => panic!("{other:?}"),
    });
    let Outcome::TargetSeen { landing, champion } = target else {
        panic!("{target:?}");
    };
    let seen = Seen::new(candidate, landing, champion).unwrap();
    let what_if = what_if(&promotion, route, seen, story.now);
    let all = what_if.differences.iter().map(difference);
    let lines = all.map(|text| format!("{}: {}", text.what, text.sentence));
    let lines: Vec<_> = std::iter::once(foreseen(&what_if.judgement))
        .chain(lines)
        .collect();
    lines.join("\n")
}

#[test]
fn nothing_differs() {
    let mut story = Story::settled(World::default());
    let route = story.promotion().route().clone();
    assert_snapshot!(told(&mut story, Some(&route)), @"Today its gates would pass, and it would need 1 approval with role Model.Approver until 2026-11-26 07:15:05 UTC.");
}

#[test]
fn everything_differs() {
    let mut story = Story::settled(World::default());
    let mut route = story.promotion().route().clone();
    route.gates = vec![at_most("rmse", 50.0), at_most("mae", 1.0)];
    route.approval.min_approvals = 2;
    route.rollout.steps = vec![Step::SetWeight(50), Step::SetWeight(100)];
    route.rollout.smoke_test = None;
    route.rollout.keep_previous = Seconds(0);
    story.world.files.pop();
    let Champion::Serving(mut model) = serving(40.0) else {
        panic!();
    };
    model.deployment = promotion::DeploymentName::new("green");
    story.world.champion = Champion::Serving(model);
    assert_snapshot!(told(&mut story, Some(&route)), @"
    Today it would be blocked: rmse is inconclusive: the files' bytes changed since 2026-11-23 07:15:04 UTC; register a new version. mae is inconclusive: the files' bytes changed since 2026-11-23 07:15:04 UTC; register a new version.
    files: Files then: as pinned; today: coefficients.json differs.
    champion: Champion then: diabetes 1, deployment champion-v1; today: diabetes 1, deployment green.
    quorum: Quorum then: 1 approval with role Model.Approver; today: 2 approvals of different people with role Model.Approver.
    steps: Steps then: 10 % to the candidate, 90 % to champion-v1; then pause for 10 minutes; then 100 % to the candidate; today: 50 % to the candidate, 50 % to green; then 100 % to the candidate.
    plan: Plan then: as pinned; today: another smoke test.
    plan: Plan then: as pinned; today: another time for which the previous deployment stays.
    gate: Gate then: rmse at most 60 (passed): rmse is 53.3697; allowed is ≤ 60. Today: rmse at most 50 (inconclusive): rmse is inconclusive: the files' bytes changed since 2026-11-23 07:15:04 UTC; register a new version.
    gate: Gate removed: rmse at least 1 % lower than the champion's (passed): rmse is 53.3697; allowed is ≤ 54.0668, at least 1 % lower than the champion's 54.6129.
    gate: Gate added: mae at most 1 (inconclusive): mae is inconclusive: the files' bytes changed since 2026-11-23 07:15:04 UTC; register a new version.
    ");
}

#[test]
fn the_route_is_gone_and_the_question_has_expired() {
    let mut story = Story::settled(World::default());
    story.now = "2026-11-30T00:00:00Z".parse().unwrap();
    assert_snapshot!(told(&mut story, None), @"
    Today its gates would pass, and it would need 1 approval with role Model.Approver until 2026-12-03 00:00:00 UTC.
    route: The route is not in liftlock.yaml any more; it is judged as it was configured then.
    expiry: The approval expired at 2026-11-26 07:15:04 UTC.
    ");
}

#[test]
fn what_is_unclear_leaves_nothing_to_ask() {
    let lenient = || -> Vec<GateSpec> { vec![at_most("rmse", 60.0)] };
    let mut story = Story::settled(World {
        gates: lenient(),
        ..World::default()
    });
    let detail = "the traffic is shared: blue 50 %, green 50 %".to_owned();
    story.world.champion = Champion::Unclear { detail };
    let route = story.promotion().route().clone();
    assert_snapshot!(told(&mut story, Some(&route)), @"
    Today it would be voided: it is not clear which model serves, so there is no way back to plan: the traffic is shared: blue 50 %, green 50 %.
    champion: Champion then: diabetes 1, deployment champion-v1; today: unclear: the traffic is shared: blue 50 %, green 50 %.
    ");
    let failure = Failure::new("AuthorizationFailed", "the client has no right to read");
    assert_snapshot!(unforeseen(&failure), @"What would happen today cannot be seen: the client has no right to read (AuthorizationFailed).");
}
