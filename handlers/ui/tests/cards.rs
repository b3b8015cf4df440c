//! Every card.

use insta::assert_snapshot;
use promotion::{
    Author, Champion, Event, Notice, Outcome, PromotionId, Report, SmokeReply, VoteKind,
};

use super::reading::card as read;
use super::story::Story;
use super::world::{World, ada, ben, failure, links, record};
use crate::ui::card;

fn told(notice: Notice, story: &Story) -> String {
    read(&card(notice, &story.promotion(), &record(), &links()))
}

#[test]
fn approval_asked() {
    let story = Story::settled(World::default());
    assert_snapshot!(told(Notice::ApprovalAsked, &story), @"
    diabetes 2 → prod: approval needed
    From dev (ml-dev) to prod (ml-prod)
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
    Needs: 1 approval with role Model.Approver
    Expires: 2026-11-26 07:15:04 UTC
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Review and decide] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~1b655f7ed5bde994
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn approval_asked_where_only_a_name_is_known_and_nothing_serves() {
    let story = Story::settled(World {
        trained_by: Author::NameOnly {
            name: "Tina Trainer".to_owned(),
        },
        job_link: None,
        champion: Champion::None,
        ..World::default()
    });
    assert_snapshot!(told(Notice::ApprovalAsked, &story), @"
    diabetes 2 → prod: approval needed
    From dev (ml-dev) to prod (ml-prod)
    Gate | Value | Threshold | Champion
    ✓ rmse at most 60, passed | 53.3697, MLflow run happy_sun_1 | ≤ 60 | –
    ✓ rmse at least 1 % lower than the champion's, passed | 53.3697, MLflow run happy_sun_1 | at least 1 % lower | none
    Model: diabetes 2
    Route: diabetes-to-prod (dev → prod)
    Serves now: nothing serves yet
    Trained by: Tina Trainer (only the name is known, so 2 people have to agree, nobody of that name among them)
    Registered by: Tina Trainer
    Files: 2 files, 1.6 KB
    Rollout: all traffic at once after a smoke test, for nothing serves yet
    Needs: 2 approvals of different people with role Model.Approver
    Expires: 2026-11-26 07:15:04 UTC
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest cf68e5f33db7 · record 70ce871f8a3d
    [Review and decide] http://127.0.0.1:7071/api/approvals/diabetes-2.diabetes-to-prod-4d6ec7970a~1~cf68e5f33db7d409
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn blocked() {
    let mut world = World::default();
    world.metrics.insert("rmse".to_owned(), Some(71.25));
    assert_snapshot!(told(Notice::Blocked, &Story::settled(world)), @"
    diabetes 2 → prod: blocked by its gates
    From dev (ml-dev) to prod (ml-prod)
    Gate | Value | Threshold | Champion
    ✗ rmse at most 60, failed | 71.25, MLflow run happy_sun_1 | ≤ 60 | –
    ✗ rmse at least 1 % lower than the champion's, failed | 71.25, MLflow run happy_sun_1 | ≤ 54.0668 | 54.6129 (MLflow run calm_moon_0)
    Blocked by its gates: rmse is 71.25; allowed is ≤ 60. rmse is 71.25; allowed is ≤ 54.0668, at least 1 % lower than the champion's 54.6129.
    Register a better version, or reopen this promotion once what was missing is there.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn blocked_for_want_of_evidence() {
    let world = World {
        metrics: [].into(),
        ..World::default()
    };
    assert_snapshot!(told(Notice::Blocked, &Story::settled(world)), @"
    diabetes 2 → prod: blocked by its gates
    From dev (ml-dev) to prod (ml-prod)
    Gate | Value | Threshold | Champion
    ? rmse at most 60, inconclusive | –, – | ≤ 60 | –
    ? rmse at least 1 % lower than the champion's, inconclusive | –, – | at least 1 % lower | none
    Blocked by its gates: rmse is inconclusive: there is no such metric in MLflow run happy_sun_1.
    Register a better version, or reopen this promotion once what was missing is there.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn approved() {
    let mut story = Story::settled(World::default());
    story
        .vote(&ada(), VoteKind::Approve, "Better on every metric.")
        .unwrap();
    assert_snapshot!(told(Notice::Approved, &story), @"
    diabetes 2 → prod: approved
    From dev (ml-dev) to prod (ml-prod)
    Ada Approver (00000000-0000-4000-8000-00000000000b) approved at 2026-11-23 07:15:05 UTC: “Better on every metric.”
    It is copied, registered and rolled out as soon as no freeze or window stands against it; nobody has to do anything.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn rejected() {
    let mut story = Story::settled(World::default());
    story
        .vote(&ben(), VoteKind::Reject, "Not before the audit.")
        .unwrap();
    assert_snapshot!(told(Notice::Rejected, &story), @"
    diabetes 2 → prod: rejected
    From dev (ml-dev) to prod (ml-prod)
    Rejected by Ben Approver: “Not before the audit.”
    Register another version, or reopen this promotion to ask again.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn expired() {
    let mut story = Story::settled(World::default());
    story.run_to("expired");
    assert_snapshot!(told(Notice::Expired, &story), @"
    diabetes 2 → prod: expired
    From dev (ml-dev) to prod (ml-prod)
    Expired: not enough people approved in time.
    Reopen the promotion to ask again.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn voided() {
    let mut story = Story::settled(World::default());
    story.world.files[1].etag = "0x8DC2".to_owned();
    story.vote(&ada(), VoteKind::Approve, "").unwrap();
    story.run();
    assert_snapshot!(told(Notice::Voided, &story), @"
    diabetes 2 → prod: voided
    From dev (ml-dev) to prod (ml-prod)
    Voided: “coefficients.json” of the candidate changed after the gates had judged it.
    Nothing is promoted that differs from what was agreed to. Reopen the promotion to judge and ask again.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn superseded() {
    let mut story = Story::settled(World::default());
    let event = Event::Superseded {
        by: PromotionId::new("diabetes-3.diabetes-to-prod-0123456789"),
        attempt: story.attempt(),
    };
    story.happen(event).unwrap();
    assert_snapshot!(told(Notice::Superseded, &story), @"
    diabetes 2 → prod: superseded
    From dev (ml-dev) to prod (ml-prod)
    Superseded: diabetes-3.diabetes-to-prod-0123456789 goes before it.
    Decide about that one, or reopen this promotion: what a person asks for goes before what an event brought.
    Its question is closed: no answer to it counts any more.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the one in its place] http://127.0.0.1:7071/api/board/promotions/diabetes-3.diabetes-to-prod-0123456789
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn superseded_before_anybody_was_asked_and_refused() {
    let by = || PromotionId::new("diabetes-3.diabetes-to-prod-0123456789");
    let ended = |outcome| {
        Story::settled(World {
            faults: vec![("take-turn", Report::Done(outcome))],
            ..World::default()
        })
    };
    let superseded = ended(Outcome::TurnSuperseded { by: by() });
    assert_snapshot!(told(Notice::Superseded, &superseded), @"
    diabetes 2 → prod: superseded
    From dev (ml-dev) to prod (ml-prod)
    Superseded: diabetes-3.diabetes-to-prod-0123456789 goes before it.
    Decide about that one, or reopen this promotion: what a person asks for goes before what an event brought.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · record 70ce871f8a3d
    [Open the one in its place] http://127.0.0.1:7071/api/board/promotions/diabetes-3.diabetes-to-prod-0123456789
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
    let refused = ended(Outcome::TurnRefused { by: by() });
    assert_snapshot!(told(Notice::Refused, &refused), @"
    diabetes 2 → prod: refused
    From dev (ml-dev) to prod (ml-prod)
    Refused: it is the turn of diabetes-3.diabetes-to-prod-0123456789 at this target, and the route does not wait.
    Reopen the promotion once that one is live or has ended.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn aborted() {
    let mut story = Story::settled(World::default());
    let abort = Event::Abort {
        by: Story::operator(&ada()),
        reason: "Wrong data set.".to_owned(),
        attempt: None,
    };
    story.happen(abort).unwrap();
    assert_snapshot!(told(Notice::Aborted, &story), @"
    diabetes 2 → prod: aborted
    From dev (ml-dev) to prod (ml-prod)
    Aborted by Ada Approver: “Wrong data set.”
    Reopen the promotion to start again.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn live() {
    let mut story = Story::approved(World::default());
    story.run_to("live");
    assert_snapshot!(told(Notice::Live, &story), @"
    diabetes 2 → prod: live
    From dev (ml-dev) to prod (ml-prod)
    Serves now: diabetes 2, deployment ll-diabetes-2-9931af96-1 on endpoint diabetes, 100 %
    Served before: diabetes 1, deployment champion-v1
    Way back until: 2026-11-24 07:27:22 UTC
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn rolled_back() {
    let mut story = Story::approved(World {
        smoke: SmokeReply {
            passed: false,
            status: 500,
            answer: "Internal Server Error".to_owned(),
            elapsed_ms: 12,
            problem: None,
        },
        ..World::default()
    });
    story.run_to("rolled back");
    assert_snapshot!(told(Notice::RolledBack, &story), @"
    diabetes 2 → prod: rolled back
    From dev (ml-dev) to prod (ml-prod)
    Rolled back: the smoke test failed: it answered 500 “Internal Server Error”.
    Reopen the promotion to try again from the gates on.
    Serves now: diabetes 1, deployment champion-v1, 100 %
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn rolled_back_by_hand() {
    let mut story = Story::approved(World::default());
    story.run_to("live");
    let roll_back = Event::RollBack {
        by: Story::operator(&ben()),
        reason: "Complaints from the clinic.".to_owned(),
        attempt: None,
    };
    story.happen(roll_back).unwrap();
    story.run_to("rolled back");
    assert_snapshot!(told(Notice::RolledBack, &story), @"
    diabetes 2 → prod: rolled back
    From dev (ml-dev) to prod (ml-prod)
    Rolled back: taken back by Ben Approver, “Complaints from the clinic”.
    Reopen the promotion to try again from the gates on.
    Nothing is promoted to endpoint diabetes until somebody lifts the hold on the board.
    Serves now: diabetes 1, deployment champion-v1, 100 %
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}

#[test]
fn failed() {
    let story = Story::approved(World {
        faults: vec![(
            "copy-files",
            Report::Failed(failure("the account stprod refused the copy")),
        )],
        ..World::default()
    });
    assert_snapshot!(told(Notice::Failed, &story), @"
    diabetes 2 → prod: failed
    From dev (ml-dev) to prod (ml-prod)
    Failed while files were copied: the account stprod refused the copy (InternalServerError).
    Replay goes on where it stopped, as long as an approval it has counts; reopen starts again.
    Promotion diabetes-2.diabetes-to-prod-4d6ec7970a, attempt 1 · digest 1b655f7ed5bd · record 70ce871f8a3d
    [Open the promotion] http://127.0.0.1:7071/api/board/promotions/diabetes-2.diabetes-to-prod-4d6ec7970a
    ");
}
