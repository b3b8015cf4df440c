//! Approval: distinct people, in time, about exactly this.

use promotion::*;

use crate::sample::{held, person, role, route};
use crate::story::Story;
use crate::world::World;

fn asked(world: World, approvals: u32) -> Story {
    let mut route = route();
    route.approval.min_approvals = approvals;
    let mut story = Story::on(route, world);
    story.until("awaiting approval");
    story
}

fn refused(story: &mut Story, name: &str) -> String {
    story.vote(name, VoteKind::Approve).unwrap_err().to_string()
}

#[test]
fn a_quorum_is_of_distinct_people() {
    let mut story = asked(World::new(), 2);
    story.approve("Ada");
    insta::assert_snapshot!(refused(&mut story, "Ada"), @"you have already voted on this approval; more approvals have to come from other people");
    assert_eq!(story.stage(), "awaiting approval");
    story.approve("Ben");
    assert_eq!(story.stage(), "copying");
    insta::assert_snapshot!(refused(&mut story, "Cleo"), @"this approval is already decided: the promotion is copying");
}

#[test]
fn whoever_trained_or_registered_it_is_refused() {
    let mut story = asked(World::new(), 1);
    insta::assert_snapshot!(refused(&mut story, "Tina"), @"you trained, registered, changed or asked for this model, so somebody else has to judge it");
    let registrar = Person {
        id: PersonId::new("some-oid"),
        name: " robo REGISTRAR ".to_owned(),
    };
    let pinned = story.promotion.stage().pinned().unwrap().digest.clone();
    let vote = story.ballot(registrar, VoteKind::Approve, Attempt::FIRST, pinned);
    assert!(matches!(vote, Err(Refused::OwnWork)));
}

#[test]
fn whoever_registered_it_is_told_by_whatever_they_are_called() {
    for (author, called) in [
        ("Robo Registrar", "Robo Registrar"),
        ("robo@contoso.example", "Robo Registrar"),
    ] {
        let mut world = World::new();
        world.source.lineage.registered_by = Some(author.to_owned());
        let mut story = asked(world, 1);
        let mut held = held(vec![role()]);
        held.names = vec![called.to_owned(), "Robo@Contoso.example".to_owned()];
        let vote = Event::Vote {
            voter: Voter {
                person: Person {
                    id: PersonId::new("some-oid"),
                    name: "R. R.".to_owned(),
                },
                held,
            },
            kind: VoteKind::Approve,
            comment: String::new(),
            attempt: Attempt::FIRST,
            digest: story.promotion.stage().pinned().unwrap().digest.clone(),
            frozen: None,
            click: None,
            round: None,
        };
        assert_eq!(story.tell(vote), Err(Refused::OwnWork), "{author}");
    }
}

#[test]
fn whoever_changed_its_run_last_is_refused_by_id_and_by_name() {
    let changed_by_ada = || {
        let mut world = World::new();
        world.source.lineage.run_changed_by = Some(Author::Person {
            person: person("Ada"),
        });
        world
    };
    let mut story = asked(changed_by_ada(), 1);
    assert!(matches!(
        story.vote("Ada", VoteKind::Approve),
        Err(Refused::OwnWork)
    ));
    // A release that knows names only reads this quorum as well.
    let pinned = story.promotion.stage().pinned().unwrap();
    assert!(pinned.quorum.excluded_names.contains(&"Ada".to_owned()));
    let mut renamed = person("Ada");
    renamed.name = "A. Approver".to_owned();
    let digest = pinned.digest.clone();
    let vote = story.ballot(renamed, VoteKind::Approve, Attempt::FIRST, digest);
    assert!(matches!(vote, Err(Refused::OwnWork)));
    story.approve("Ben");
    assert_eq!(story.stage(), "copying");

    let mut route = route();
    route.approval.prevent_self_review = false;
    let mut allowed = Story::on(route, changed_by_ada());
    allowed.until("awaiting approval").approve("Ada");
    assert_eq!(allowed.stage(), "copying");
}

#[test]
fn whoever_a_version_names_as_its_trainer_does_not_judge_it_though_nothing_proves_it() {
    let mut world = World::new();
    world.source.lineage.trained_by = Author::Unknown;
    world.source.lineage.claimed_by = Some(Box::new(Author::Person {
        person: person("Ada"),
    }));
    let mut story = asked(world, 1);
    let mut renamed = person("Ada");
    renamed.name = "A. Approver".to_owned();
    let digest = story.promotion.stage().pinned().unwrap().digest.clone();
    for who in [person("Ada"), renamed] {
        let vote = story.ballot(who, VoteKind::Approve, Attempt::FIRST, digest.clone());
        assert_eq!(vote, Err(Refused::OwnWork));
    }
    // Who trained it is unknown all the same.
    story.approve("Ben");
    assert_eq!(story.stage(), "awaiting approval");
    story.approve("Cleo");
    assert_eq!(story.stage(), "copying");
}

#[test]
fn whoever_opened_it_by_hand_does_not_judge_it_once_somebody_else_has_asked_again() {
    let cause = Cause::Person {
        by: person("Ada"),
        reason: "the event was lost".to_owned(),
    };
    let mut story = Story::opened(route(), World::new(), cause);
    story.until("awaiting approval");
    story.vote("Ben", VoteKind::Reject).unwrap();
    story.ends("rejected").reopen().unwrap();
    let reopened = story.promotion.reopened().unwrap();
    assert_eq!(
        (reopened.by.name.as_str(), reopened.reason.as_str()),
        ("Olga", "once more")
    );
    assert_eq!(reopened.after.name(), "rejected");
    story.until("awaiting approval");
    for name in ["Ada", "Olga"] {
        assert_eq!(
            story.vote(name, VoteKind::Approve),
            Err(Refused::OwnWork),
            "{name}"
        );
    }
    story.approve("Ben");
    assert_eq!(story.stage(), "copying");
}

#[test]
fn self_review_may_be_allowed() {
    let mut route = route();
    route.approval.prevent_self_review = false;
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval").approve("Tina");
    assert_eq!(story.stage(), "copying");
}

#[test]
fn an_unknown_author_needs_two_approvers_neither_of_that_name() {
    for author in [
        Author::Unknown,
        Author::NameOnly {
            name: "Tina".to_owned(),
        },
    ] {
        let mut world = World::new();
        world.source.lineage.trained_by = author.clone();
        let mut story = asked(world, 1);
        if author != Author::Unknown {
            assert!(matches!(
                story.vote("Tina", VoteKind::Approve),
                Err(Refused::OwnWork)
            ));
        }
        story.approve("Ada");
        assert_eq!(story.stage(), "awaiting approval");
        story.approve("Ben");
        assert_eq!(story.stage(), "copying");
    }
}

#[test]
fn whoever_trained_it_is_known_however_their_id_is_written() {
    let mut world = World::new();
    world.source.lineage.trained_by = Author::Person {
        person: Person {
            id: PersonId::new(" OID-Tina"),
            name: "T. Trainer".to_owned(),
        },
    };
    let mut story = asked(world, 1);
    assert!(matches!(
        story.vote("Tina", VoteKind::Approve),
        Err(Refused::OwnWork)
    ));
}

#[test]
fn one_refusal_ends_it() {
    let mut story = asked(World::new(), 2);
    story.approve("Ada");
    story.vote("Ben", VoteKind::Reject).unwrap();
    story.ends("rejected");
    insta::assert_snapshot!(refused(&mut story, "Cleo"), @"this approval is already decided: the promotion is rejected");
    story.keep("rejected");
}

#[test]
fn silence_expires() {
    let mut story = asked(World::new(), 2);
    story.approve("Ada");
    let expires = story.promotion.stage().pinned().unwrap().expires_at;
    story.deliver();
    assert_eq!(story.promotion.next_due(story.now), Some(expires));
    story.ends("expired");
    assert_eq!(story.now, expires);
    insta::assert_snapshot!(refused(&mut story, "Ben"), @"this approval expired at 2026-11-26T07:00:00Z; ask for a new one with `reopen`");
    story.keep("expired");
}

#[test]
fn a_vote_at_expiry_is_refused_though_no_expiry_is_recorded() {
    let mut story = asked(World::new(), 1);
    story.now = story.promotion.stage().pinned().unwrap().expires_at;
    insta::assert_snapshot!(refused(&mut story, "Ada"), @"this approval expired at 2026-11-26T07:00:00Z; ask for a new one with `reopen`");
    assert_eq!(story.stage(), "awaiting approval");
}

#[test]
fn a_quorum_recorded_in_time_stays_valid_however_late_it_is_read() {
    let mut story = asked(World::new(), 1);
    let vote = Vote {
        person: person("Ada"),
        kind: VoteKind::Approve,
        comment: String::new(),
        at: story.now,
        digest: None,
        standing: vec![],
        click: None,
    };
    story.append(&[Fact::Voted { vote }]);
    story.wait(1000 * 3600).due();
    assert_eq!(story.stage(), "copying");
}

#[test]
fn an_older_card_is_superseded() {
    let mut story = asked(World::new(), 1);
    let digest = story.promotion.stage().pinned().unwrap().digest.clone();
    for (attempt, digest) in [
        (Attempt::new(2), digest.clone()),
        (Attempt::FIRST, Digest::of(b"another plan")),
    ] {
        let vote = story.ballot(person("Ada"), VoteKind::Approve, attempt, digest);
        assert!(matches!(vote, Err(Refused::Superseded)));
    }
    story.abort().unwrap();
    story.until("aborted").reopen().unwrap();
    story.until("awaiting approval");
    let vote = story.ballot(person("Ada"), VoteKind::Approve, Attempt::FIRST, digest);
    insta::assert_snapshot!(vote.unwrap_err(), @"this approval is superseded: what it asked about has changed since; open the newest card");
}

#[test]
fn a_role_is_needed() {
    let mut story = asked(World::new(), 1);
    let vote = Event::Vote {
        voter: Voter {
            person: person("Sam"),
            held: Held::default(),
        },
        kind: VoteKind::Reject,
        comment: String::new(),
        attempt: Attempt::FIRST,
        digest: story.promotion.stage().pinned().unwrap().digest.clone(),
        frozen: None,
        click: None,
        round: None,
    };
    insta::assert_snapshot!(story.tell(vote).unwrap_err(), @"this needs one of the roles `Model.Approver`, and you hold none");
}

#[test]
fn the_digest_is_over_all_that_was_shown() {
    let first = asked(World::new(), 1);
    let mut world = World::new();
    world.champion_mut().version = ModelVersion::new("1b");
    let second = asked(world, 1);
    let third = asked(World::new(), 2);
    let digest = |story: &Story| story.promotion.stage().pinned().unwrap().digest.clone();
    assert_ne!(digest(&first), digest(&second));
    assert_ne!(digest(&first), digest(&third));
    assert_eq!(digest(&first), digest(&asked(World::new(), 1)));
}

#[test]
fn one_person_twice_is_no_quorum_whatever_the_journal_says() {
    let mut story = asked(World::new(), 2);
    let vote = Vote {
        person: person("Ada"),
        kind: VoteKind::Approve,
        comment: String::new(),
        at: story.now,
        digest: None,
        standing: vec![],
        click: None,
    };
    let voted = Fact::Voted { vote };
    story.append(&[voted.clone(), voted]);
    story.due();
    assert_eq!(story.stage(), "awaiting approval");
}
