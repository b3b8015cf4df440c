//! Overriders beside a quorum that is complete: what holds when some of those leave on whom it rests.

use promotion::*;

use crate::sample::{held, person, role, route};
use crate::story::Story;
use crate::world::World;

fn glass() -> Role {
    Role("Break.Glass".to_owned())
}

/// Approved by Ada and Ben, whatever else happens.
fn approved() -> Story {
    let mut route = route();
    route.approval.min_approvals = 2;
    route.approval.overriders = vec![Party::Role(glass())];
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Ada");
    story.approve("Ben");
    story
}

fn override_as(story: &mut Story, name: &str) -> Result<usize, Refused> {
    let digest = story.promotion.stage().pinned().unwrap().digest.clone();
    story.tell(Event::Override {
        by: Voter {
            person: person(name),
            held: held(vec![glass()]),
        },
        reason: "callers wait".to_owned(),
        attempt: story.promotion.attempt(),
        digest,
        round: None,
    })
}

/// Goes on until the next effect of this kind is to be performed.
fn before(story: &mut Story, kind: &str) -> Entry {
    for _ in 0..100 {
        let ready = story.promotion.ledger().ready(story.now).next().cloned();
        let Some(entry) = ready else {
            story.now = story.promotion.next_due(story.now).unwrap();
            story.due();
            continue;
        };
        if entry.effect.kind() == kind {
            return entry;
        }
        let report = story.world.perform(&entry.effect);
        story.report(&entry.key, report);
    }
    panic!("it never comes to {kind}");
}

/// Those are asked after on whom it rests, and these have left. Answers who was asked after.
fn leave(story: &mut Story, gone: &[&str]) -> Vec<String> {
    let entry = before(story, "see-voters");
    let Effect::SeeVoters { relied } = entry.effect else {
        panic!()
    };
    let still = relied.iter().map(|one| Relied {
        person: one.person.clone(),
        standing: if gone.contains(&one.person.name.as_str()) {
            vec![]
        } else {
            one.standing.clone()
        },
    });
    let relied_on = still.clone().map(|one| one.person.name).collect();
    let outcome = Outcome::VotersSeen {
        relied: still.collect(),
    };
    story.report(&entry.key, Report::Done(outcome));
    relied_on
}

/// Whether windows, and freezes that stood already, hold this up.
fn needs_clearance(story: &mut Story, kind: &str) -> bool {
    let entry = before(story, kind);
    assert!(story.promotion.begins_an_act(&entry));
    story.promotion.overridden_since().is_none()
}

#[test]
fn approvals_carry_it_where_an_overrider_leaves_and_freezes_hold_again() {
    let mut story = approved();
    override_as(&mut story, "Olli").unwrap();
    override_as(&mut story, "Odile").unwrap();
    let review = Event::Review {
        by: Voter {
            person: person("Otto"),
            held: held(vec![glass()]),
        },
        comment: "callers did wait".to_owned(),
        attempt: story.promotion.attempt(),
        digest: story.promotion.stage().pinned().unwrap().digest.clone(),
    };
    story.tell(review).unwrap();
    let asked_after = leave(&mut story, &["Olli"]);
    assert_eq!(asked_after, ["Olli", "Odile", "Ada", "Ben"]);
    assert!(!story.promotion.is_overridden());
    // It was about those two, and Otto may be one of the next.
    assert_eq!(story.promotion.review(), None);
    assert!(needs_clearance(&mut story, "copy-files"));
    let entry = story.undone("copy-files");
    let freeze = Failure::new(FROZEN, "the line is frozen by Olga: the year ends");
    story.report(&entry.key, Report::Waiting(freeze));
    // Whoever is left needs a second one, who is not the one that left.
    assert_eq!(
        override_as(&mut story, "Odile"),
        Err(Refused::AlreadyOverridden)
    );
    override_as(&mut story, "Otto").unwrap();
    assert!(story.promotion.is_overridden());
    assert!(!needs_clearance(&mut story, "copy-files"));
    // What was copied past a freeze stays said; the traffic waits for it.
    story.step_to("shifting");
    leave(&mut story, &["Odile"]);
    assert!(needs_clearance(&mut story, "set-traffic"));
    assert!(story.promotion.is_overridden() && story.promotion.overridden_since().is_none());
    story.ends("finished");
}

#[test]
fn neither_two_overriders_nor_enough_approvers_left_is_not_enough() {
    for (stage, gone) in [("copying", ["Olli", "Ada"]), ("shifting", ["Odile", "Ben"])] {
        let mut story = approved();
        override_as(&mut story, "Olli").unwrap();
        override_as(&mut story, "Odile").unwrap();
        story.step_to(stage);
        leave(&mut story, &gone);
        story.ends("voided");
    }
}

#[test]
fn an_approver_who_leaves_does_not_end_what_two_have_overridden() {
    let mut story = approved();
    override_as(&mut story, "Olli").unwrap();
    override_as(&mut story, "Odile").unwrap();
    leave(&mut story, &["Ada", "Ben"]);
    assert!(!needs_clearance(&mut story, "copy-files"));
    story.ends("finished");
}

#[test]
fn whoever_approves_and_overrides_is_asked_after_once_for_both() {
    let mut story = approved();
    override_as(&mut story, "Ada").unwrap();
    override_as(&mut story, "Ben").unwrap();
    let entry = before(&mut story, "see-voters");
    let Effect::SeeVoters { relied } = &entry.effect else {
        panic!()
    };
    let both = vec![Party::Role(glass()), Party::Role(role())];
    assert!(relied.len() == 2 && relied.iter().all(|one| one.standing == both));
    // They approve no more, and may still override.
    let still = relied.iter().map(|one| Relied {
        person: one.person.clone(),
        standing: vec![Party::Role(glass())],
    });
    let outcome = Outcome::VotersSeen {
        relied: still.collect(),
    };
    story.report(&entry.key, Report::Done(outcome));
    assert!(!needs_clearance(&mut story, "copy-files"));
}

#[test]
fn what_is_overridden_is_not_overridden_once_more() {
    let mut story = approved();
    override_as(&mut story, "Olli").unwrap();
    override_as(&mut story, "Odile").unwrap();
    for name in ["Otto", "Olli"] {
        assert_eq!(
            override_as(&mut story, name),
            Err(Refused::OverriddenAlready)
        );
    }
    // As an earlier release has taken it.
    let by = Override {
        person: person("Otto"),
        reason: "me too".to_owned(),
        digest: story.promotion.stage().pinned().unwrap().digest.clone(),
        at: story.now,
    };
    let key = story.undone("see-voters").key;
    story.append(&[Fact::Dropped { key }, Fact::Overrode { by }]);
    story.due();
    leave(&mut story, &["Olli", "Ada"]);
    assert!(!needs_clearance(&mut story, "copy-files"));
    story.ends("finished");
    let told = |notice: &&Notice| **notice == Notice::Overridden;
    assert_eq!(story.world.notices.iter().filter(told).count(), 1);
}

#[test]
fn what_its_route_asks_nobody_about_does_not_rest_on_whoever_overrode_a_freeze() {
    let mut route = route();
    route.approval.consent = Consent::Automatic;
    route.approval.overriders = vec![Party::Role(glass())];
    let mut story = Story::on(route, World::new());
    story.step_to("copying");
    let freeze = Failure::new(FROZEN, "the line is frozen by Olga: the year ends");
    let copy = before(&mut story, "copy-files");
    story.report(&copy.key, Report::Waiting(freeze));
    override_as(&mut story, "Olli").unwrap();
    override_as(&mut story, "Odile").unwrap();
    leave(&mut story, &["Odile"]);
    assert!(needs_clearance(&mut story, "copy-files"));
    let basis = story.promotion.stage().permit().unwrap().basis();
    assert_eq!(basis, Basis::Automatic);
    story.ends("finished");
}

#[test]
fn two_people_override_what_both_knew_of() {
    let mut story = approved();
    override_as(&mut story, "Olli").unwrap();
    let first = story.now;
    assert_eq!(story.promotion.overridden_since(), None);
    story.wait(60);
    override_as(&mut story, "Odile").unwrap();
    assert_eq!(story.promotion.overridden_since(), Some(first));
}
