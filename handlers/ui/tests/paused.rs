//! What people are told of a pause that they have to end.

use insta::assert_snapshot;
use promotion::{Event, Notice, Step};

use super::reading::card as read;
use super::story::Story;
use super::world::{World, ben, links, record};
use crate::ui::{card, waits_for, why};

fn paused() -> Story {
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
    story
}

fn told(story: &Story) -> String {
    read(&card(
        Notice::Paused,
        &story.promotion(),
        &record(),
        &links(),
    ))
}

#[test]
fn a_pause_until_somebody_resumes_it() {
    let mut story = paused();
    assert_snapshot!(why(&story.promotion(), story.now), @"The endpoint's traffic is 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1. Step 2 of 3 is a pause until somebody with role Model.Approver resumes it; unresumed, it goes back at 2026-11-30 07:15:20 UTC (in 7 days).");
    assert_snapshot!(waits_for(&story.promotion()), @"somebody with role Model.Approver to resume it");
    assert_snapshot!(told(&story), @"
    diabetes 2 → prod: paused
    From dev (ml-dev) to prod (ml-prod)
    The rollout waits until somebody resumes it, or takes it back.
    Traffic: 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1
    Resumed by: role Model.Approver
    Goes back at: 2026-11-30 07:15:20 UTC
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 70bca1a936d8 · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
    let resume = Event::Resume {
        by: Story::operator(&ben()),
        reason: "It looks well.".to_owned(),
        pause: story.promotion().pause().unwrap(),
        attempt: None,
    };
    story.happen(resume).unwrap();
    let last = story.lines.iter().rev().map(crate::ui::fact);
    let resumed = last.into_iter().find(|text| text.contains("Pause"));
    assert_snapshot!(resumed.unwrap(), @"Pause of step 2 ended by Ben Approver: “It looks well.”");
    story.run_to("live");
    assert_snapshot!(told(&story), @"
    diabetes 2 → prod: paused
    From dev (ml-dev) to prod (ml-prod)
    Since then it went on: it is live.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 70bca1a936d8 · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}
