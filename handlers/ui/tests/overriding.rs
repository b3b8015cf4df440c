//! What people are told where nobody's approval is waited for: overrides, and routes that ask nobody.

use insta::assert_snapshot;
use promotion::{Consent, Event, Notice, VoteKind, Voter};

use super::approval_page::page as approval_page;
use super::promotion_page::page;
use super::reading::{card as read, page as read_page};
use super::story::Story;
use super::world::{World, ada, ben, links, parties, record};
use crate::ui::{Viewer, bot_card, progress_card, waits_for, why};

fn told(story: &Story, notice: Notice) -> String {
    read(&bot_card(notice, &story.promotion(), &record(), &links()))
}

fn override_it(story: &mut Story, by: &Viewer, reason: &str) {
    let promotion = story.promotion();
    let digest = promotion.stage().pinned().unwrap().digest.clone();
    let by = Voter {
        person: by.person.clone(),
        held: by.held.clone(),
    };
    let attempt = promotion.attempt();
    let reason = reason.to_owned();
    story
        .happen(Event::Override {
            by,
            reason,
            attempt,
            digest,
            round: None,
        })
        .unwrap();
}

#[test]
fn an_override_is_loud_from_the_first_word_to_the_end() {
    let mut story = Story::settled(World {
        min_approvals: 2,
        overriders: parties(&ada()),
        ..World::default()
    });
    override_it(&mut story, &ada(), "The old one answers nobody.");
    assert_snapshot!(told(&story, Notice::OverrideWanted), @r#"
    diabetes 2 → prod: OVERRIDE wanted
    From dev (ml-dev) to prod (ml-prod)
    Ada Approver wants it overridden since 2026-11-23 07:15:05 UTC: “The old one answers nobody.”
    A second person with role Model.Approver has to want it too. Then nobody's approval is waited for, and no window and no freeze that stood when the first said so holds it up; one that is set or made longer after that does. Its gates, its digest and the separation of duties still hold.
    Gate | Value | Threshold | Champion
    ✓ rmse at most 60, passed | 53.3697, MLflow run happy_sun_1 | ≤ 60 | –
    ✓ rmse at least 1 % lower than the champion's, passed | 53.3697, MLflow run happy_sun_1 | ≤ 54.0668 | 54.6129 (MLflow run calm_moon_0)
    Model: diabetes 2
    Route: diabetes-to-prod (dev → prod)
    Serves now: diabetes 1, deployment champion-v1
    Trained by: Tina Trainer (00000000-0000-4000-8000-00000000000a)
    Registered by: Tina Trainer
    Files: 2 files, 1.6 KB
    Rollout: 10 %, pause for 10 minutes, 100 % after a smoke test
    Needs: 2 approvals of different people with role Model.Approver
    Expires: 2026-11-26 07:15:04 UTC
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest f344b24b5d94 · record 70ce871f8a3d
    (Comment; to reject, the reason: …)
    [Approve] approval.approve {"attempt":1,"digest":"f344b24b5d943a7df9c47347113da3b27662499d099f8b20912162def19bba12","promotion":"diabetes-2.diabetes-to-prod-4d6ec7970a"}, else [Approve on the page] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~f344b24b5d943a7d
    [Reject] approval.reject {"attempt":1,"digest":"f344b24b5d943a7df9c47347113da3b27662499d099f8b20912162def19bba12","promotion":"diabetes-2.diabetes-to-prod-4d6ec7970a"}, else [Reject on the page] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~f344b24b5d943a7d
    [Review and decide] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~f344b24b5d943a7d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    "#);
    override_it(&mut story, &ben(), "Seen, and I agree.");
    assert_snapshot!(told(&story, Notice::Overridden), @"
    diabetes 2 → prod: OVERRIDDEN, not approved
    From dev (ml-dev) to prod (ml-prod)
    OVERRIDDEN by Ada Approver and Ben Approver, not approved: somebody else has to review it afterwards.
    Ada Approver overrode it at 2026-11-23 07:15:05 UTC: “The old one answers nobody.”
    Ben Approver overrode it at 2026-11-23 07:15:05 UTC: “Seen, and I agree.”
    It goes on, past its quorum, windows and the freezes that stood when the first of them said so. A freeze that was set or made longer after that stops it until it is lifted, or, as long as nothing is copied, both take their word back and say so anew.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest f344b24b5d94 · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
    assert_snapshot!(waits_for(&story.promotion()), @"its files to be copied");
    story.run_to("live");
    assert_snapshot!(told(&story, Notice::Live), @"
    diabetes 2 → prod: live
    From dev (ml-dev) to prod (ml-prod)
    OVERRIDDEN by Ada Approver and Ben Approver, not approved: somebody else has to review it afterwards.
    Serves now: diabetes 2, deployment ll-diabetes-2-9931af96-1 on endpoint diabetes, 100 %
    Served before: diabetes 1, deployment champion-v1
    Way back until: 2026-11-24 07:27:23 UTC
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest f344b24b5d94 · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
    assert_snapshot!(why(&story.promotion(), story.now), @"Deployment ll-diabetes-2-9931af96-1 was given all the traffic. The previous deployment champion-v1 stays warm as the way back until 2026-11-24 07:27:23 UTC (in 24 hours), then it is deleted.");
}

/// The page's step where people agree.
fn approval_step(html: &str) -> &str {
    let (_, steps) = html.split_once("<ol class=\"steps\"").unwrap();
    let (before, _) = steps.split_once("<span>Approval</span>").unwrap();
    let (_, step) = before.rsplit_once("<li").unwrap();
    step
}

#[test]
fn no_page_takes_what_was_overridden_for_approved_or_still_wanted() {
    let mut story = to_override();
    override_it(&mut story, &ada(), "The old one answers nobody.");
    let asking = read_page(&approval_page(&story, Some(&ben())));
    assert!(
        asking.contains("Ada Approver wants it overridden since"),
        "{asking}"
    );
    assert!(!asking.contains("OVERRIDDEN"), "{asking}");
    override_it(&mut story, &ben(), "Seen, and I agree.");
    for stage in ["copying", "live", "finished"] {
        story.run_to(stage);
        let html = page(&story, Some(&ada()));
        let step = approval_step(&html);
        assert!(
            step.contains("overridden") && !step.contains('✓'),
            "{stage}: {step}"
        );
        for page in [&html, &approval_page(&story, Some(&ada()))] {
            let page = read_page(page);
            assert!(
                page.contains("! OVERRIDDEN not reviewed"),
                "{stage}: {page}"
            );
            assert!(!page.contains("wants it overridden"), "{stage}: {page}");
        }
        let asked = read_page(&approval_page(&story, Some(&ada())));
        assert!(
            asked.contains("Ada Approver overrode it at"),
            "{stage}: {asked}"
        );
    }
    let stranger = read_page(&approval_page(&story, None));
    assert!(!stranger.contains("OVERRIDDEN"), "{stranger}");
    // Enough agreed after all.
    let mut story = to_override();
    override_it(&mut story, &ada(), "The old one answers nobody.");
    for person in [ada(), ben()] {
        story.vote(&person, VoteKind::Approve, "").unwrap();
    }
    let html = page(&story, Some(&ada()));
    assert!(approval_step(&html).contains('✓'), "{html}");
    let asked = read_page(&approval_page(&story, Some(&ada())));
    assert!(
        asked.contains("Ada Approver wanted it overridden at"),
        "{asked}"
    );
}

#[test]
fn a_route_that_asks_nobody_says_which_gates_stand_for_people() {
    let mut story = Story::settled(World {
        consent: Consent::Automatic,
        ..World::default()
    });
    assert_snapshot!(told(&story, Notice::ApprovedAutomatically), @"
    diabetes 2 → prod: approved by its route
    From dev (ml-dev) to prod (ml-prod)
    The route asks nobody: what passes its gates (metric rmse, champion rmse) goes on. It is copied, registered and rolled out as soon as no freeze or window stands against it.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
    story.run_to("live");
    assert_snapshot!(why(&story.promotion(), story.now), @"Deployment ll-diabetes-2-9931af96-1 was given all the traffic. The previous deployment champion-v1 stays warm as the way back until 2026-11-24 07:27:19 UTC (in 24 hours), then it is deleted.");
}

fn take_back(story: &mut Story, by: &Viewer, reason: &str) {
    let promotion = story.promotion();
    let digest = promotion.stage().pinned().unwrap().digest.clone();
    story
        .happen(Event::Revoke {
            by: by.person.clone(),
            reason: reason.to_owned(),
            attempt: promotion.attempt(),
            digest,
            round: None,
        })
        .unwrap();
}

fn to_override() -> Story {
    Story::settled(World {
        min_approvals: 2,
        overriders: parties(&ada()),
        ..World::default()
    })
}

#[test]
fn one_persons_wish_keeps_nobody_from_answering() {
    let mut story = to_override();
    override_it(&mut story, &ada(), "The old one answers nobody.");
    // Whoever looks at a list sees it too: it needs a second person.
    let waits = crate::ui::waits_for(&story.promotion());
    assert!(
        waits.ends_with("; OVERRIDE wanted by Ada Approver"),
        "{waits}"
    );
    let wanted = told(&story, Notice::OverrideWanted);
    for words in ["[Approve]", "[Reject]", "Gate | Value", "Needs: 2"] {
        assert!(wanted.contains(words), "{words}: {wanted}");
    }
    story
        .vote(&ben(), VoteKind::Approve, "Seen as well.")
        .unwrap();
    let card = progress_card(&story.promotion(), &links()).expect("somebody has answered");
    let shown = read(&card);
    for words in [
        "OVERRIDE wanted",
        "Ada Approver wants it overridden",
        "Ben Approver",
        "[Approve]",
        "[Reject]",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[test]
fn what_enough_people_agreed_to_is_overridden_past_freezes_and_not_called_unapproved() {
    let mut story = Story::settled(World {
        overriders: parties(&ada()),
        ..World::default()
    });
    story.vote(&ada(), VoteKind::Approve, "Better.").unwrap();
    assert_eq!(story.promotion().stage().name(), "copying");
    override_it(&mut story, &ada(), "The freeze is too long.");
    override_it(&mut story, &ben(), "It is.");
    assert_snapshot!(told(&story, Notice::Overridden), @"
    diabetes 2 → prod: OVERRIDDEN
    From dev (ml-dev) to prod (ml-prod)
    OVERRIDDEN by Ada Approver and Ben Approver, past windows and the freezes that stood then: somebody else has to review it afterwards.
    Ada Approver overrode it at 2026-11-23 07:15:05 UTC: “The freeze is too long.”
    Ben Approver overrode it at 2026-11-23 07:15:05 UTC: “It is.”
    It goes on, past windows and the freezes that stood when the first of them said so. A freeze that was set or made longer after that stops it until it is lifted, or, as long as nothing is copied, both take their word back and say so anew.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest e5fcbf847c1d · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn what_is_taken_back_is_called_what_it_was() {
    let mut story = to_override();
    let headline = |story: &Story| {
        let card = told(story, Notice::Revoked);
        card.lines().next().unwrap().to_owned()
    };
    let approve = |story: &mut Story| story.vote(&ada(), VoteKind::Approve, "").unwrap();
    override_it(&mut story, &ada(), "Now.");
    take_back(&mut story, &ada(), "not now");
    assert_snapshot!(headline(&story), @"diabetes 2 → prod: wish to override taken back");
    approve(&mut story);
    take_back(&mut story, &ada(), "one more look");
    assert_snapshot!(headline(&story), @"diabetes 2 → prod: approval taken back");
    approve(&mut story);
    override_it(&mut story, &ada(), "Now after all.");
    take_back(&mut story, &ada(), "neither");
    assert_snapshot!(headline(&story), @"diabetes 2 → prod: approval and wish to override taken back");
    let page = read_page(&page(&story, None));
    let deeds: Vec<_> = page
        .lines()
        .filter(|line| line.contains(" took ") || line.contains("taken back by"))
        .collect();
    assert_snapshot!(deeds.join("\n"), @"
    Ada Approver took the wish to override back 2026-11-23 07:15:05 UTC just now
    Ada Approver took the approval back 2026-11-23 07:15:05 UTC just now
    Ada Approver took the approval and the wish to override back 2026-11-23 07:15:05 UTC just now
    Wish to override taken back by Ada Approver: “not now”
    Approval taken back by Ada Approver: “one more look”
    Approval and wish to override taken back by Ada Approver: “neither”
    ");
}
