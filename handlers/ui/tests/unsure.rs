//! What people are told where nobody can tell whether a candidate is worse.

use insta::assert_snapshot;
use promotion::analysis::{BesideSpec, Measured, MetricRule, MetricSpec};
use promotion::{Event, Notice, Seconds, Step};

use super::reading::card as read;
use super::story::Story;
use super::world::{World, ben, links, metric, record};
use crate::ui::{card, waits_for, why};

fn errors(rule: MetricRule) -> MetricSpec {
    MetricSpec {
        rule,
        ..metric("error-rate", Some("result < 0.01"), None)
    }
}

#[test]
fn one_question_names_both_that_cannot_tell() {
    let world = World {
        steps: vec![
            Step::SetWeight(10),
            Step::Analysis(vec![errors(MetricRule::once())]),
            Step::SetWeight(100),
        ],
        beside: Some(BesideSpec {
            starting_step: 1,
            metrics: vec![errors(MetricRule::every(Seconds(60)))],
        }),
        comes_to: Measured::Inconclusive,
        ..World::default()
    };
    let mut story = Story::approved(world);
    story.run_to("shifting");
    story.run();
    assert_snapshot!(why(&story.promotion(), story.now), @"The endpoint's traffic is 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1. Whether the candidate is worse cannot be told by the analysis beside the steps (error-rate 0.002, cannot be told (result < 0.01; 500 requests)), nor by the analysis that step 2 is (error-rate 0.002, cannot be told (result < 0.01; 500 requests)). Somebody with role Model.Approver decides: resume it, or take it back. It is measured on meanwhile. Step 2 of 3 measures error-rate once (share of 5xx answers over 5 minutes, of 100 requests or more; result < 0.01). Beside the steps it was last measured: error-rate 0.002, cannot be told (result < 0.01; 500 requests).");
    assert_snapshot!(waits_for(&story.promotion()), @"somebody with role Model.Approver to decide: it cannot be told whether it is worse");
    let told = card(
        Notice::Inconclusive,
        &story.promotion(),
        &record(),
        &links(),
    );
    assert_snapshot!(read(&told), @r#"
    diabetes 2 → prod: cannot be told whether it is worse
    From dev (ml-dev) to prod (ml-prod)
    Whether the candidate is worse cannot be told by the analysis beside the steps (error-rate 0.002, cannot be told (result \< 0.01; 500 requests)), nor by the analysis that step 2 is (error-rate 0.002, cannot be told (result \< 0.01; 500 requests)).
    The rollout waits, and is measured on, until somebody resumes it, or takes it back.
    Traffic: 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1
    Decided by: role Model.Approver
    Goes back at: 2026-11-30 07:15:21 UTC
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest d8e24ff82ab6 · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    "#);
    let resume = Event::Resume {
        by: Story::operator(&ben()),
        reason: "It is a Sunday.".to_owned(),
        pause: story.promotion().pause().unwrap(),
        attempt: None,
    };
    story.happen(resume).unwrap();
    let said: Vec<String> = story.lines.iter().rev().map(crate::ui::fact).collect();
    let decided = said.iter().filter(|text| text.contains("Sunday"));
    assert_snapshot!(decided.cloned().collect::<Vec<_>>().join("\n"), @"
    Pause of step 2 ended by Ben Approver: “It is a Sunday.”
    Went on though the analysis beside the steps could not tell, decided by Ben Approver: “It is a Sunday.”
    ");
}
