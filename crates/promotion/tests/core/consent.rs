//! Consent: required places, words taken back, overrides, automatic approval, reminders, escalation, and voters who lost their
//! role.

use promotion::*;

use crate::sample::{candidate, failure, held, person, role, route};
use crate::story::Story;
use crate::world::World;

pub(crate) fn asked(change: impl FnOnce(&mut ApprovalRule)) -> Story {
    let mut route = route();
    change(&mut route.approval);
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval");
    story
}

fn digest(story: &Story) -> Digest {
    story.promotion.stage().pinned().unwrap().digest.clone()
}

pub(crate) fn named(name: &str) -> Party {
    Party::Role(Role(name.to_owned()))
}

fn place(name: &str, approvals: u32) -> Requirement {
    Requirement {
        party: named(name),
        approvals,
    }
}

/// An approval by somebody with these roles.
fn approve(story: &mut Story, name: &str, roles: &[&str]) -> Result<usize, Refused> {
    let roles = roles.iter().map(|role| Role((*role).to_owned())).collect();
    let digest = digest(story);
    story.tell(Event::Vote {
        voter: Voter {
            person: person(name),
            held: held(roles),
        },
        kind: VoteKind::Approve,
        comment: String::new(),
        attempt: story.promotion.attempt(),
        digest,
        frozen: None,
        click: None,
        round: None,
    })
}

pub(crate) fn override_as(story: &mut Story, name: &str, reason: &str) -> Result<usize, Refused> {
    let digest = digest(story);
    story.tell(Event::Override {
        by: Voter {
            person: person(name),
            held: held(vec![Role("Break.Glass".to_owned())]),
        },
        reason: reason.to_owned(),
        attempt: story.promotion.attempt(),
        digest,
        round: None,
    })
}

pub(crate) fn revoke_as(story: &mut Story, name: &str, reason: &str) -> Result<usize, Refused> {
    let digest = digest(story);
    story.tell(Event::Revoke {
        by: person(name),
        reason: reason.to_owned(),
        attempt: story.promotion.attempt(),
        digest,
        round: None,
    })
}

#[test]
fn each_required_place_is_filled_by_a_person_of_its_own_whatever_the_order() {
    for first in ["Ada", "Ben"] {
        let mut story = asked(|rule| rule.required = vec![place("ML.Owner", 1), place("Risk", 1)]);
        let votes: [(&str, &[&str]); 2] = [("Ada", &["ML.Owner", "Risk"]), ("Ben", &["ML.Owner"])];
        let ordered = if first == "Ada" {
            votes
        } else {
            [votes[1], votes[0]]
        };
        approve(&mut story, ordered[0].0, ordered[0].1).unwrap();
        assert_eq!(
            story.stage(),
            "awaiting approval",
            "{first} alone fills one place"
        );
        approve(&mut story, ordered[1].0, ordered[1].1).unwrap();
        assert_eq!(story.stage(), "copying", "{first} first");
    }
}

#[test]
fn enough_people_without_the_required_one_are_not_enough() {
    let mut story = asked(|rule| rule.required = vec![place("Risk", 1)]);
    approve(&mut story, "Ada", &["Model.Approver"]).unwrap();
    approve(&mut story, "Ben", &["Model.Approver"]).unwrap();
    assert_eq!(story.stage(), "awaiting approval");
    approve(&mut story, "Cleo", &["Risk"]).unwrap();
    assert_eq!(story.stage(), "copying");
    story.ends("finished");
    story.keep("finished-with-a-required-role");
}

#[test]
fn a_group_approves_as_a_role_does() {
    let owners = GroupId::new("0760B6CF-170e-4a14-91b3-4b78e0739963");
    let party = Party::Group(Group {
        id: owners.clone(),
        name: Some("ML owners".to_owned()),
    });
    let mut story = asked(|rule| rule.approvers = vec![party]);
    insta::assert_snapshot!(approve(&mut story, "Ada", &["Model.Approver"]).unwrap_err(), @"this needs membership in one of the groups `ML owners`, and you hold `Model.Approver`");
    let digest = digest(&story);
    let member = Event::Vote {
        voter: Voter {
            person: person("Ada"),
            held: Held {
                groups: vec![owners],
                ..Held::default()
            },
        },
        kind: VoteKind::Approve,
        comment: String::new(),
        attempt: Attempt::FIRST,
        digest,
        frozen: None,
        click: None,
        round: None,
    };
    story.tell(member).unwrap();
    assert_eq!(story.stage(), "copying");
}

#[test]
fn a_no_needs_a_reason_and_a_frozen_line_takes_no_yes() {
    let mut story = asked(|_| {});
    let mut vote = |kind, comment: &str, frozen| {
        let digest = digest(&story);
        story.tell(Event::Vote {
            voter: Voter {
                person: person("Ada"),
                held: held(vec![role()]),
            },
            kind,
            comment: comment.to_owned(),
            attempt: Attempt::FIRST,
            digest,
            frozen,
            click: None,
            round: None,
        })
    };
    let freeze = || {
        Some(Freeze {
            by: person("Olga"),
            reason: "the year ends".to_owned(),
            until: None,
        })
    };
    insta::assert_snapshot!(vote(VoteKind::Reject, " ", None).unwrap_err(), @"`reject` needs a reason: it is kept for whoever asks later");
    insta::assert_snapshot!(vote(VoteKind::Approve, "", freeze()).unwrap_err(), @"the line is frozen by Olga: the year ends; approve once it is lifted");
    vote(VoteKind::Reject, "no", freeze()).unwrap();
    assert_eq!(story.stage(), "finishing");
}

#[test]
fn a_word_is_taken_back_until_the_copy_starts() {
    let mut story = asked(|rule| rule.min_approvals = 2);
    story.approve("Ada");
    assert!(matches!(
        revoke_as(&mut story, "Ada", ""),
        Err(Refused::ReasonMissing { .. })
    ));
    revoke_as(&mut story, "Ada", "looked again").unwrap();
    assert_eq!(
        revoke_as(&mut story, "Ada", "twice"),
        Err(Refused::NothingToRevoke)
    );
    story.approve("Ben");
    assert_eq!(story.stage(), "awaiting approval");
    story.approve("Ada");
    assert_eq!(story.stage(), "copying");
    // The quorum is complete and nothing is copied yet.
    revoke_as(&mut story, "Ben", "wait").unwrap();
    assert_eq!(story.stage(), "awaiting approval");
    story.deliver();
    assert!(story.world.notices.contains(&Notice::Revoked));
    story.approve("Ben");
    story.see_voters();
    while !story.planned().contains(&"copy-files") {
        let entry = story.promotion.ledger().ready(story.now).next().cloned();
        let entry = entry.expect("it goes on");
        let report = story.world.perform(&entry.effect);
        story.report(&entry.key, report);
    }
    assert_eq!(
        revoke_as(&mut story, "Ben", "too late"),
        Err(Refused::TooLateToRevoke)
    );
    story.ends("finished");
    story.keep("finished-after-a-word-taken-back");
}

#[test]
fn two_people_override_together_loudly_and_nobody_alone() {
    let mut story = asked(|rule| {
        rule.min_approvals = 5;
        rule.overriders = vec![named("Break.Glass")];
    });
    insta::assert_snapshot!(override_as(&mut story, "Tina", "mine").unwrap_err(), @"you trained, registered, changed or asked for this model, so somebody else has to judge it");
    insta::assert_snapshot!(override_as(&mut story, "Ada", "").unwrap_err(), @"`override` needs a reason: it is kept for whoever asks later");
    override_as(&mut story, "Ada", "production is down").unwrap();
    assert_eq!(story.stage(), "awaiting approval");
    assert_eq!(
        override_as(&mut story, "Ada", "again"),
        Err(Refused::AlreadyOverridden)
    );
    override_as(&mut story, "Ben", "it is").unwrap();
    assert_eq!(story.stage(), "copying");
    let permit = story.promotion.stage().permit().unwrap();
    assert_eq!(
        (permit.basis(), permit.votes().len()),
        (Basis::Overridden, 0)
    );
    story.ends("finished");
    for notice in [Notice::OverrideWanted, Notice::Overridden] {
        assert!(story.world.notices.contains(&notice), "{notice:?}");
    }
    assert!(!story.world.notices.contains(&Notice::Approved));
    story.keep("finished-overridden");
}

#[test]
fn where_nobody_may_override_nobody_does() {
    let mut story = asked(|_| {});
    assert!(matches!(
        override_as(&mut story, "Ada", "please"),
        Err(Refused::RoleMissing { .. })
    ));
}

#[test]
fn a_route_that_asks_nobody_says_so_in_its_journal() {
    let mut route = route();
    route.approval.consent = Consent::Automatic;
    let mut story = Story::on(route, World::new());
    story.ends("finished");
    let gates = story.facts().find_map(|fact| match fact {
        Fact::ApprovedAutomatically { gates } => Some(gates.clone()),
        _ => None,
    });
    assert_eq!(
        gates,
        Some(vec!["metric rmse".to_owned(), "champion rmse".to_owned()])
    );
    assert!(story.world.notices.contains(&Notice::ApprovedAutomatically));
    story.keep("finished-automatically");
}

#[test]
fn people_are_reminded_and_then_others_are_asked_as_well() {
    let mut story = asked(|rule| {
        rule.remind_every = Some(Seconds(3600));
        rule.escalation = Some(Escalation {
            after: Seconds(5400),
            approvers: vec![named("Head.Of.ML")],
            elsewhere: false,
        });
    });
    story.deliver();
    assert!(approve(&mut story, "Hedi", &["Head.Of.ML"]).is_err());
    story.wait(3600).deliver();
    assert!(story.world.notices.contains(&Notice::Reminder));
    assert!(!story.world.notices.contains(&Notice::Escalated));
    story.wait(1800).deliver();
    assert!(story.world.notices.contains(&Notice::Escalated));
    approve(&mut story, "Hedi", &["Head.Of.ML"]).unwrap();
    story.ends("finished");
    story.keep("finished-after-escalation");
}

#[test]
fn another_channel_is_told_once_of_what_is_escalated() {
    let mut story = asked(|rule| {
        rule.escalation = Some(Escalation {
            after: Seconds(5400),
            approvers: vec![named("Head.Of.ML")],
            elsewhere: true,
        });
    });
    let told = |story: &Story| {
        let elsewhere = |notice: &&Notice| **notice == Notice::EscalatedElsewhere;
        story.world.notices.iter().filter(elsewhere).count()
    };
    story.deliver();
    assert_eq!(told(&story), 0);
    story.wait(5400).deliver();
    assert_eq!(told(&story), 1);
    assert!(story.world.notices.contains(&Notice::Escalated));
    story.wait(5400).deliver();
    assert_eq!(told(&story), 1);
    approve(&mut story, "Hedi", &["Head.Of.ML"]).unwrap();
    story.ends("finished");
    story.keep("finished-after-escalation-elsewhere");
}

#[test]
fn whoever_lost_the_role_since_counts_no_more_before_the_copy_and_before_traffic() {
    let lost = |relied: &[Relied]| {
        let relied = relied.iter().map(|one| Relied {
            person: one.person.clone(),
            standing: vec![],
        });
        Report::Done(Outcome::VotersSeen {
            relied: relied.collect(),
        })
    };
    for stage in ["copying", "shifting"] {
        let mut story = asked(|_| {});
        story.approve("Ada");
        story.step_to(stage);
        let entry = loop {
            let ready = story.promotion.ledger().ready(story.now).next().cloned();
            let entry = ready.expect("it asks after the voters");
            if let Effect::SeeVoters { .. } = entry.effect {
                break entry;
            }
            let report = story.world.perform(&entry.effect);
            story.report(&entry.key, report);
        };
        let Effect::SeeVoters { relied } = &entry.effect else {
            panic!()
        };
        story.report(&entry.key, lost(relied));
        story.ends("voided");
        assert_eq!(story.world.traffic, story.before, "{stage}");
    }
}

#[test]
fn whoever_had_its_job_looked_at_again_does_not_approve_it() {
    let again = |name: &str| {
        Some(RunAgain {
            by: person(name),
            reason: "the intake was lost".to_owned(),
        })
    };
    let intake = IntakeId::of(
        &candidate().workspace,
        &RunId::new("run-2"),
        &candidate().model,
    );
    let old = serde_json::json!({"from": "intake", "intake": intake});
    for (cause, asked_again) in [
        (
            Cause::Intake {
                intake: intake.clone(),
                again: again("Ada"),
            },
            true,
        ),
        // As journals of older releases have it.
        (serde_json::from_value(old.clone()).unwrap(), false),
    ] {
        let written = serde_json::to_value(&cause).unwrap();
        assert_eq!(written == old, !asked_again);
        let mut story = Story::opened(route(), World::new(), cause);
        story.until("awaiting approval");
        let vote = approve(&mut story, "Ada", &["Model.Approver"]);
        assert_eq!(vote == Err(Refused::OwnWork), asked_again);
    }
}

#[test]
fn whoever_had_it_go_on_before_anybody_was_asked_does_not_approve_it() {
    let fails = |story: &mut Story| {
        let gone = Report::Failed(failure("Gone"));
        story.world.answer_next("observe-target", gone);
        story.until("failed");
    };
    let mut story = Story::on(route(), World::new());
    fails(&mut story);
    story.replay().unwrap();
    fails(&mut story);
    story.reopen().unwrap();
    fails(&mut story);
    let again = Event::Replay {
        by: Operator {
            person: person("Ada"),
            held: held(vec![role()]),
        },
        reason: "Azure is back".to_owned(),
        attempt: None,
    };
    story.tell(again).unwrap();
    story.until("awaiting approval");
    // One has asked for this attempt, the other has had it go on.
    for name in ["Olga", "Ada"] {
        let vote = approve(&mut story, name, &["Model.Approver"]);
        assert_eq!(vote, Err(Refused::OwnWork), "{name}");
    }
    // Whoever has only a copy go on that was agreed to asks nobody anything.
    let conflict = Report::Failed(failure("Conflict"));
    story.world.answer_next("copy-files", conflict);
    story.approve("Ben");
    story.until("failed").replay().unwrap();
    story.ends("finished");
}

#[test]
fn whoever_asked_for_it_does_not_approve_it() {
    let mut story = asked(|_| {});
    story.vote("Ada", VoteKind::Reject).unwrap();
    story.until("rejected").reopen().unwrap();
    story.until("awaiting approval");
    assert_eq!(
        approve(&mut story, "Olga", &["Model.Approver"]),
        Err(Refused::OwnWork)
    );
    story.approve("Ada");
    assert_eq!(story.stage(), "copying");
}
