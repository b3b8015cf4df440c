//! What people are told where somebody else has changed an endpoint, and of the way back that is proven before.

use insta::assert_snapshot;
use promotion::{
    Aggregate as _, ChangedDeployment, DeploymentName, Drift, Effect, Event, Expected, Fact,
    LastChange, Notice, OnDrift, Outcome, Report, Serving, Step, Traffic, VoteKind, WayBackProof,
};

use super::reading::card as read;
use super::story::Story;
use super::world::{World, ada, ben, links, record};
use crate::ui::{card, effect, ending, fact, waits_for, why};

/// What was expected of the write that is planned, and what is found instead.
fn drift(story: &Story) -> Drift {
    let undone = story.promotion().ledger().undone()[0].effect.clone();
    let Effect::SetTraffic {
        expects: Some(expected),
        ..
    } = undone
    else {
        panic!("{undone:?} expects nothing");
    };
    Drift {
        traffic: Traffic::all_to(&DeploymentName::new("blue")),
        copied: Traffic::default(),
        deployments: vec![ChangedDeployment {
            deployment: DeploymentName::new("champion-v1"),
            serves: Some("diabetes:7".to_owned()),
        }],
        last_change: Some(LastChange {
            by: Some("Olaf *Ops*".to_owned()),
            at: Some("2026-11-23T07:00:00Z".parse().unwrap()),
        }),
        expected: Expected::clone(&expected),
    }
}

fn drifted(on_drift: OnDrift) -> Story {
    let world = World {
        steps: vec![Step::SetWeight(10), Step::SetWeight(100)],
        on_drift,
        ..World::default()
    };
    let mut story = Story::settled(world);
    story.vote(&ada(), VoteKind::Approve, "Better.").unwrap();
    let writes = |story: &Story| {
        let promotion = story.promotion();
        let mut undone = promotion.ledger().undone().iter();
        undone.any(|entry| entry.effect.kind() == "set-traffic")
    };
    while !writes(&story) {
        story.step_or_wait();
    }
    let found = Report::Done(Outcome::Drifted(Box::new(drift(&story))));
    story.world.faults.push(("set-traffic", found));
    story.run();
    story
}

#[test]
fn people_are_told_what_is_not_as_it_was_and_who_changed_it() {
    let mut story = drifted(OnDrift::Pause);
    assert_snapshot!(why(&story.promotion(), story.now), @"Somebody else has changed the endpoint: its traffic is 100 % blue instead of 100 % champion-v1; deployment champion-v1 serves diabetes:7 now; by Azure's account it was last changed by Olaf *Ops* at 2026-11-23 07:00:00 UTC. Resuming sets the traffic again as it was and goes on with the deployments as they are now. Somebody with role Model.Approver decides: resume it, or take it back. Step 1 of 2 sets the traffic to 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1.");
    assert_snapshot!(waits_for(&story.promotion()), @"somebody with role Model.Approver to decide: somebody else has changed the endpoint");
    let told = card(Notice::Drifted, &story.promotion(), &record(), &links());
    assert_snapshot!(read(&told), @r#"
    diabetes 2 → prod: changed by somebody else
    From dev (ml-dev) to prod (ml-prod)
    Somebody else has changed the endpoint: its traffic is 100 % blue instead of 100 % champion-v1; deployment champion-v1 serves diabetes:7 now; by Azure's account it was last changed by Olaf \*Ops\* at 2026-11-23 07:00:00 UTC. Resuming sets the traffic again as it was and goes on with the deployments as they are now.
    The rollout waits until somebody resumes it, or takes it back.
    Decided by: role Model.Approver
    Goes back at: 2026-11-30 07:15:21 UTC
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest fcbc4674b1bc · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    "#);
    let resume = Event::Resume {
        by: Story::operator(&ben()),
        reason: "It was me.".to_owned(),
        pause: story.promotion().pause().unwrap(),
        attempt: None,
    };
    story.happen(resume).unwrap();
    let said: Vec<String> = story.lines.iter().rev().map(fact).collect();
    let decided = said.iter().find(|text| text.contains("It was me")).unwrap();
    assert_snapshot!(decided, @"Went on though somebody else had changed the endpoint, decided by Ben Approver: “It was me.”");
    let late = card(Notice::Drifted, &story.promotion(), &record(), &links());
    assert!(read(&late).contains("Since then it went on"));
}

#[test]
fn what_goes_back_for_it_says_so() {
    let mut story = drifted(OnDrift::Abort);
    story.run_to("rolled back");
    let ended = story.promotion().stage().ending().map(ending);
    assert_snapshot!(ended.unwrap(), @"Rolled back: somebody else has changed the endpoint: its traffic is 100 % blue instead of 100 % champion-v1; deployment champion-v1 serves diabetes:7 now; by Azure's account it was last changed by Olaf *Ops* at 2026-11-23 07:00:00 UTC.");
}

#[test]
fn what_could_not_serve_again_is_named() {
    let world = World {
        proof: WayBackProof {
            deployment: DeploymentName::new("champion-v1"),
            status: Some(500),
            problem: Some(crate::ui::answered_badly(500)),
        },
        ..World::default()
    };
    let mut story = Story::approved(world);
    story.run_to("rolled back");
    let ended = story.promotion().stage().ending().map(ending);
    assert_snapshot!(ended.unwrap(), @"Rolled back: before it had any traffic, deployment champion-v1 could not have served again: it answered HTTP 500 to the smoke test's request.");
    let proven = |line: &&promotion::Line<Fact>| match &line.fact {
        Fact::Planned { effect, .. } => effect.kind() == "prove-way-back",
        Fact::Done { outcome, .. } => matches!(**outcome, Outcome::WayBackSeen(_)),
        _ => false,
    };
    let said: Vec<String> = story.lines.iter().filter(proven).map(fact).collect();
    assert_snapshot!(said.join("\n"), @"
    To do: See that what would serve again can, and answers by name: 100 % champion-v1
    Done: prove way back → champion-v1 could not serve again: it answered HTTP 500 to the smoke test's request
    ");
    let nothing_asked = Effect::ProveWayBack {
        workspace: story.promotion().route().target.workspace.clone(),
        endpoint: story.promotion().route().rollout.endpoint.name.clone(),
        back: Traffic::all_to(&DeploymentName::new("champion-v1")),
        request: None,
        serving: Serving::Online,
    };
    assert_snapshot!(effect(&nothing_asked), @"See that what would serve again can: 100 % champion-v1");
}
