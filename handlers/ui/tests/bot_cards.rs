//! What a bot's cards have beside a workflow's: buttons.

use insta::assert_snapshot;
use promotion::{Event, Notice, PersonId, Promotion, Step, VoteKind};

use super::reading::card as read;
use super::story::Story;
use super::world::{World, ada, ben, links, record};
use crate::ui::{Viewer, bot_card, card, progress_card, state_card};

/// The lines that a bot's card has and a workflow's has not.
fn buttons(notice: Notice, promotion: &Promotion) -> String {
    let plain = read(&card(notice, promotion, &record(), &links()));
    let bot = read(&bot_card(notice, promotion, &record(), &links()));
    let more = bot
        .lines()
        .filter(|line| !plain.lines().any(|p| p == *line));
    more.collect::<Vec<_>>().join("\n")
}

#[test]
fn whoever_is_asked_can_answer() {
    let asked = Story::settled(World::default()).promotion();
    assert_snapshot!(buttons(Notice::ApprovalAsked, &asked), @r#"
    (Comment; to reject, the reason: …)
    [Approve] approval.approve {"attempt":1,"digest":"1b655f7ed5bde99435f84ad1a64207986211f0a35328bdf64261c7ad8262172b","promotion":"diabetes-2.diabetes-to-prod-4d6ec7970a"}, else [Approve on the page] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~1b655f7ed5bde994
    [Reject] approval.reject {"attempt":1,"digest":"1b655f7ed5bde99435f84ad1a64207986211f0a35328bdf64261c7ad8262172b","promotion":"diabetes-2.diabetes-to-prod-4d6ec7970a"}, else [Reject on the page] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~1b655f7ed5bde994
    "#);
    for again in [Notice::Reminder, Notice::Escalated, Notice::Revoked] {
        assert_eq!(
            buttons(again, &asked),
            buttons(Notice::ApprovalAsked, &asked)
        );
    }
    let late = Story::approved(World::default()).promotion();
    assert_eq!(buttons(Notice::ApprovalAsked, &late), "");
}

#[test]
fn a_pause_can_be_ended() {
    let world = World {
        steps: vec![
            Step::SetWeight(10),
            Step::PauseUntilResumed,
            Step::SetWeight(100),
        ],
        ..World::default()
    };
    let mut story = Story::approved(world);
    story.run_to("shifting");
    story.run();
    assert_snapshot!(buttons(Notice::Paused, &story.promotion()), @r#"
    (Why it may go on: …)
    [Resume] rollout.resume {"pause":"1.2","promotion":"diabetes-2.diabetes-to-prod-4d6ec7970a"}, else [Resume on the page] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    "#);
    assert_eq!(buttons(Notice::Live, &story.promotion()), "");
    // As much as is kept.
    let asks = |card: serde_json::Value| card.to_string().contains("\"maxLength\":500");
    let promotion = story.promotion();
    assert!(asks(bot_card(
        Notice::Paused,
        &promotion,
        &record(),
        &links()
    )));
    let asked = Story::settled(World::default()).promotion();
    assert!(!asks(bot_card(
        Notice::ApprovalAsked,
        &asked,
        &record(),
        &links()
    )));
}

#[test]
fn many_long_answers_leave_room_for_the_question() {
    let world = World {
        min_approvals: 40,
        ..World::default()
    };
    let mut story = Story::settled(world);
    let many: Vec<Viewer> = (0..30)
        .map(|number| {
            let mut by = ada();
            by.person.id = PersonId::new(format!("00000000-0000-4000-8000-0000000001{number:02}"));
            by.person.name = format!("Person {number}");
            by.held.names = vec![by.person.name.clone()];
            by
        })
        .collect();
    for by in &many {
        let long = format!("{} {}", by.person.name, "*_`{}".repeat(390));
        story.vote(by, VoteKind::Approve, &long).unwrap();
    }
    let promotion = story.promotion();
    for card in [
        progress_card(&promotion, &links()).unwrap(),
        state_card(&promotion, &many[29].person.id, &links()),
        state_card(&promotion, &ben().person.id, &links()),
        bot_card(Notice::Reminder, &promotion, &record(), &links()),
    ] {
        let text = read(&card);
        for words in [
            "Needs: 40 approvals",
            "Expires: ",
            "Person 29",
            " more on the page",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains("Person 0 "), "{text}");
        assert!(card.to_string().len() <= 20_000, "{text}");
    }
}

#[test]
fn who_has_answered_sees_how_things_are() {
    let asked = Story::settled(World::default()).promotion();
    let for_ben = read(&state_card(&asked, &ben().person.id, &links()));
    assert_snapshot!(for_ben, @r#"
    diabetes 2 → prod: awaiting approval
    From dev (ml-dev) to prod (ml-prod)
    Needs: 1 approval with role Model.Approver
    Expires: 2026-11-26 07:15:04 UTC
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd
    (Comment; to reject, the reason: …)
    [Approve] approval.approve {"attempt":1,"digest":"1b655f7ed5bde99435f84ad1a64207986211f0a35328bdf64261c7ad8262172b","promotion":"diabetes-2.diabetes-to-prod-4d6ec7970a"}, else [Approve on the page] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~1b655f7ed5bde994
    [Reject] approval.reject {"attempt":1,"digest":"1b655f7ed5bde99435f84ad1a64207986211f0a35328bdf64261c7ad8262172b","promotion":"diabetes-2.diabetes-to-prod-4d6ec7970a"}, else [Reject on the page] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~1b655f7ed5bde994
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    "#);
    let approved = Story::approved(World::default()).promotion();
    assert_snapshot!(read(&state_card(&approved, &ada().person.id, &links())), @"
    diabetes 2 → prod: shifting
    From dev (ml-dev) to prod (ml-prod)
    Ada Approver (00000000-0000-4000-8000-00000000000b) approved at 2026-11-23 07:15:05 UTC: “Better on every metric.”
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn progress_is_told_between_the_notices() {
    let world = World {
        min_approvals: 2,
        ..World::default()
    };
    let mut story = Story::settled(world);
    let progress = |story: &Story| {
        let card = progress_card(&story.promotion(), &links());
        card.map(|card| read(&card))
    };
    assert_eq!(progress(&story), None, "the question says so");
    let yes =
        |story: &mut Story, by: &Viewer| story.vote(by, VoteKind::Approve, "Better.").unwrap();
    yes(&mut story, &ada());
    assert_snapshot!(progress(&story).unwrap(), @r#"
    diabetes 2 → prod: approved by 1 of 2
    From dev (ml-dev) to prod (ml-prod)
    Ada Approver (00000000-0000-4000-8000-00000000000b) approved at 2026-11-23 07:15:05 UTC: “Better.”
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
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 2ca759226b45
    (Comment; to reject, the reason: …)
    [Approve] approval.approve {"attempt":1,"digest":"2ca759226b455aaa0ff3e530164b9e4f04a340fb5292af21f04c507f661fc713","promotion":"diabetes-2.diabetes-to-prod-4d6ec7970a"}, else [Approve on the page] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~2ca759226b455aaa
    [Reject] approval.reject {"attempt":1,"digest":"2ca759226b455aaa0ff3e530164b9e4f04a340fb5292af21f04c507f661fc713","promotion":"diabetes-2.diabetes-to-prod-4d6ec7970a"}, else [Reject on the page] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~2ca759226b455aaa
    [Review and decide] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~2ca759226b455aaa
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    "#);
    yes(&mut story, &ben());
    let mut told: Vec<String> = vec![];
    while story.promotion().stage().name() != "live" {
        story.step_or_wait();
        let card = progress(&story);
        let headline = card.and_then(|card| card.lines().next().map(str::to_owned));
        told.extend(headline.filter(|headline| told.last() != Some(headline)));
    }
    assert_snapshot!(told.join("\n"), @"
    diabetes 2 → prod: copying
    diabetes 2 → prod: registering
    diabetes 2 → prod: waiting for target
    diabetes 2 → prod: deploying
    diabetes 2 → prod: testing
    diabetes 2 → prod: 10 % of the traffic
    diabetes 2 → prod: 100 % of the traffic
    ");
    let by = Story::operator(&ada());
    let reason = "slower".to_owned();
    story
        .happen(Event::RollBack {
            by,
            reason,
            attempt: None,
        })
        .unwrap();
    story.step_or_wait();
    assert_snapshot!(progress(&story).unwrap(), @"
    diabetes 2 → prod: rolling back
    From dev (ml-dev) to prod (ml-prod)
    Taken back by Ada Approver, “slower”.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 2ca759226b45
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}
