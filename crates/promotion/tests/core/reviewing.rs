//! Beside the decision: who tried and may not, and who looked at an override afterwards.

use promotion::*;

use crate::sample::{held, person, role, route};
use crate::story::Story;
use crate::world::World;

fn named(name: &str) -> Party {
    Party::Role(Role(name.to_owned()))
}

fn asked() -> Story {
    let mut route = route();
    route.approval.min_approvals = 5;
    route.approval.overriders = vec![named("Break.Glass")];
    let mut story = Story::on(route, World::new());
    story.until("awaiting approval");
    story
}

fn voter(name: &str, roles: Vec<Role>) -> Voter {
    Voter {
        person: person(name),
        held: held(roles),
    }
}

fn digest(story: &Story) -> Digest {
    story.promotion.stage().pinned().unwrap().digest.clone()
}

fn override_as(story: &mut Story, name: &str) {
    let told = Event::Override {
        by: voter(name, vec![Role("Break.Glass".to_owned())]),
        reason: "callers wait".to_owned(),
        attempt: story.promotion.attempt(),
        digest: digest(story),
        round: None,
    };
    story.tell(told).unwrap();
}

fn review_as(
    story: &mut Story,
    name: &str,
    roles: Vec<Role>,
    comment: &str,
) -> Result<usize, Refused> {
    let of = (story.promotion.attempt(), digest(story));
    review_of(story, name, roles, comment, of)
}

fn review_of(
    story: &mut Story,
    name: &str,
    roles: Vec<Role>,
    comment: &str,
    (attempt, digest): (Attempt, Digest),
) -> Result<usize, Refused> {
    story.tell(Event::Review {
        by: voter(name, roles),
        comment: comment.to_owned(),
        attempt,
        digest,
    })
}

fn denied(story: &Story, name: &str, tried: Tried, why: Denial) -> Event {
    Event::Denied {
        by: person(name),
        tried,
        why,
        attempt: story.promotion.attempt(),
        digest: digest(story),
    }
}

#[test]
fn an_override_is_reviewed_once_by_somebody_else_also_after_the_end() {
    for closed in [false, true] {
        let mut story = asked();
        insta::allow_duplicates! {
            insta::assert_snapshot!(review_as(&mut story, "Cleo", vec![role()], "fine").unwrap_err(), @"`review` is not possible while the promotion is awaiting approval, only after an override");
            override_as(&mut story, "Ada");
            override_as(&mut story, "Ben");
            if closed {
                story.ends("finished");
            }
            insta::assert_snapshot!(review_as(&mut story, "Ada", vec![role()], "fine").unwrap_err(), @"you are one of those who overrode it, so somebody else has to review it");
            insta::assert_snapshot!(review_as(&mut story, "Tina", vec![role()], "fine").unwrap_err(), @"you trained, registered, changed or asked for this model, so somebody else has to judge it");
            insta::assert_snapshot!(review_as(&mut story, "Cleo", vec![], "fine").unwrap_err(), @"this needs one of the roles `Model.Approver`, `Break.Glass`, and you hold none");
            insta::assert_snapshot!(review_as(&mut story, "Cleo", vec![role()], " ").unwrap_err(), @"`review` needs a reason: it is kept for whoever asks later");
            review_as(&mut story, "Cleo", vec![role()], "callers did wait").unwrap();
            insta::assert_snapshot!(review_as(&mut story, "Dora", vec![role()], "fine").unwrap_err(), @"this override is already reviewed by Cleo");
        }
        let review = story.promotion.review().unwrap();
        assert_eq!(review.person, person("Cleo"));
        assert_eq!(review.comment, "callers did wait");
        assert!(story.promotion.is_overridden());
        if !closed {
            story.ends("finished");
        }
        // Whoever audits a closed journal looks for its last record.
        let last = story.facts().last();
        assert!(matches!(last, Some(Fact::Closed { .. })), "{last:?}");
        story.keep(if closed {
            "finished-then-reviewed"
        } else {
            "finished-reviewed"
        });
    }
}

#[test]
fn a_review_goes_with_the_override_that_it_was_about() {
    let mut story = asked();
    override_as(&mut story, "Ada");
    override_as(&mut story, "Ben");
    review_as(&mut story, "Cleo", vec![role()], "seen").unwrap();
    let back = Event::Revoke {
        by: person("Ben"),
        reason: "not needed".to_owned(),
        attempt: story.promotion.attempt(),
        digest: digest(&story),
        round: None,
    };
    story.tell(back).unwrap();
    assert_eq!(story.promotion.review(), None);
    override_as(&mut story, "Ben");
    review_as(&mut story, "Cleo", vec![role()], "seen again").unwrap();
}

#[test]
fn who_may_not_and_tries_is_noted_once_for_each_thing_and_changes_nothing() {
    let mut story = asked();
    let before = (story.stage(), story.planned().len());
    let tries = [
        denied(&story, "Eve", Tried::Approve, Denial::RoleMissing),
        denied(&story, "Eve", Tried::Override, Denial::RoleMissing),
        denied(&story, "Tina", Tried::Approve, Denial::OwnWork),
        denied(&story, "Mallory", Tried::Reject, Denial::NotAMember),
    ];
    for again in [false, true] {
        for event in tries.clone() {
            assert_eq!(story.tell(event), Ok(usize::from(!again)));
        }
    }
    assert_eq!((story.stage(), story.planned().len()), before);
    // What is outdated is nobody's fault.
    let mut outdated = denied(&story, "Dora", Tried::Approve, Denial::RoleMissing);
    if let Event::Denied { digest, .. } = &mut outdated {
        *digest = Digest::of(b"another question");
    }
    assert_eq!(story.tell(outdated), Ok(0));
    // Whoever tries under ever new names fills no journal.
    for number in 0..100 {
        let name = format!("Stranger {number}");
        let tries = denied(&story, &name, Tried::Approve, Denial::NotAMember);
        story.tell(tries).unwrap();
    }
    let noted = |fact: &&Fact| matches!(fact, Fact::Denied { .. });
    assert_eq!(story.facts().filter(noted).count(), 50);
    for name in ["Ada", "Ben"] {
        override_as(&mut story, name);
    }
    story.ends("finished");
    // Nothing is asked any more, so nothing is on record of it.
    let late = denied(&story, "Late", Tried::Approve, Denial::RoleMissing);
    assert_eq!(story.tell(late), Ok(0));
    story.keep("finished-with-strangers");
}

#[test]
fn who_may_not_review_and_tries_is_noted_also_after_the_end() {
    let mut story = asked();
    for name in ["Ada", "Ben"] {
        override_as(&mut story, name);
    }
    story.ends("finished");
    let tries = denied(&story, "Ada", Tried::Review, Denial::OwnWork);
    assert_eq!(story.tell(tries.clone()), Ok(2));
    assert!(matches!(story.facts().last(), Some(Fact::Closed { .. })));
    assert_eq!(story.tell(tries), Ok(0));
    review_as(&mut story, "Cleo", vec![role()], "callers did wait").unwrap();
    story.keep("finished-then-reviewed-in-vain");
}

#[test]
fn what_was_reviewed_before_it_was_asked_again_is_told_so() {
    let mut story = asked();
    let first = (Attempt::FIRST, digest(&story));
    override_as(&mut story, "Ada");
    override_as(&mut story, "Ben");
    story.step_to("live").roll_back().unwrap();
    story.ends("rolled back");
    review_as(&mut story, "Cleo", vec![role()], "callers did wait").unwrap();
    story.reopen().unwrap();
    assert_eq!(story.promotion.unreviewed().count(), 0);
    let by = "Cleo".to_owned();
    assert_eq!(
        review_of(&mut story, "Dora", vec![role()], "seen", first),
        Err(Refused::ReviewedAlready { by })
    );
}

#[test]
fn asking_again_forgets_no_override() {
    let mut story = asked();
    let first = (Attempt::FIRST, digest(&story));
    override_as(&mut story, "Ada");
    override_as(&mut story, "Ben");
    story.step_to("live").roll_back().unwrap();
    story.ends("rolled back").reopen().unwrap();
    story.until("awaiting approval");
    let owed = |story: &Story| {
        let owed = story.promotion.unreviewed();
        owed.map(|one| one.attempt).collect::<Vec<_>>()
    };
    assert_eq!(owed(&story), [Attempt::new(1)]);
    // Once more past the quorum: both are looked at.
    override_as(&mut story, "Ada");
    override_as(&mut story, "Ben");
    let second = (story.promotion.attempt(), digest(&story));
    story.step_to("live").roll_back().unwrap();
    story.ends("rolled back").reopen().unwrap();
    assert_eq!(owed(&story), [1, 2].map(Attempt::new));
    let review = |story: &mut Story, name, of| review_of(story, name, vec![role()], "seen", of);
    let mixed = (first.0, second.1.clone());
    assert_eq!(review(&mut story, "Cleo", mixed), Err(Refused::Superseded));
    assert_eq!(
        review(&mut story, "Ada", first.clone()),
        Err(Refused::OwnOverride)
    );
    review(&mut story, "Cleo", first.clone()).unwrap();
    assert_eq!(owed(&story), [Attempt::new(2)]);
    // Said once more, or second, it is not lost: it is there.
    for name in ["Cleo", "Dora"] {
        let by = "Cleo".to_owned();
        assert_eq!(
            review(&mut story, name, first.clone()),
            Err(Refused::ReviewedAlready { by })
        );
    }
    // Also once it has ended, and the journal ends as an audit expects.
    story.until("awaiting approval");
    story.vote("Ada", VoteKind::Reject).unwrap();
    story.ends("rejected");
    review(&mut story, "Cleo", second).unwrap();
    assert_eq!(owed(&story), [Attempt::FIRST; 0]);
    assert!(matches!(story.facts().last(), Some(Fact::Closed { .. })));
    story.keep("rejected-after-overrides");
}

#[test]
fn an_approval_that_is_taken_back_leaves_the_review_of_an_override_that_stands() {
    let mut story = asked();
    story.approve("Dora");
    override_as(&mut story, "Ada");
    override_as(&mut story, "Ben");
    review_as(&mut story, "Cleo", vec![role()], "seen").unwrap();
    let back = Event::Revoke {
        by: person("Dora"),
        reason: "on second thoughts".to_owned(),
        attempt: story.promotion.attempt(),
        digest: digest(&story),
        round: None,
    };
    story.tell(back).unwrap();
    assert_eq!(story.promotion.review().unwrap().person, person("Cleo"));
}
