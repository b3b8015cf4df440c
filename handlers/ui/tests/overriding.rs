//! What people are told where nobody's approval is waited for: overrides, and routes that ask nobody.

use insta::assert_snapshot;
use promotion::{Consent, Event, Notice, Voter};

use super::reading::card as read;
use super::story::Story;
use super::world::{World, ada, ben, links, parties, record};
use crate::ui::{Viewer, bot_card, waits_for, why};

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
    assert_snapshot!(told(&story, Notice::OverrideWanted), @"
    diabetes 2 → prod: OVERRIDE wanted
    From dev (ml-dev) to prod (ml-prod)
    Ada Approver wants it overridden since 2026-11-23 07:15:05 UTC: “The old one answers nobody.”
    A second person with role Model.Approver has to want it too, then nobody's approval is waited for, and no freeze or window holds it up. Its gates, its digest and the separation of duties still hold.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest f344b24b5d94 · record 70ce871f8a3d
    [Review and decide] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~f344b24b5d943a7d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
    override_it(&mut story, &ben(), "Seen, and I agree.");
    assert_snapshot!(told(&story, Notice::Overridden), @"
    diabetes 2 → prod: OVERRIDDEN, not approved
    From dev (ml-dev) to prod (ml-prod)
    OVERRIDDEN by Ada Approver and Ben Approver, not approved: somebody else has to review it afterwards.
    Ada Approver wants it overridden since 2026-11-23 07:15:05 UTC: “The old one answers nobody.”
    Ben Approver wants it overridden since 2026-11-23 07:15:05 UTC: “Seen, and I agree.”
    It is copied, registered and rolled out now, past its quorum, freezes and windows.
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

#[test]
fn a_route_that_asks_nobody_says_which_gates_stand_for_people() {
    let mut story = Story::settled(World {
        consent: Consent::Automatic,
        ..World::default()
    });
    assert_snapshot!(told(&story, Notice::ApprovedAutomatically), @"
    diabetes 2 → prod: approved by its route
    From dev (ml-dev) to prod (ml-prod)
    The route asks nobody: what passes its gates (rmse, rmse) goes on. It is copied, registered and rolled out now.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
    story.run_to("live");
    assert_snapshot!(why(&story.promotion(), story.now), @"Deployment ll-diabetes-2-9931af96-1 was given all the traffic. The previous deployment champion-v1 stays warm as the way back until 2026-11-24 07:27:19 UTC (in 24 hours), then it is deleted.");
}
