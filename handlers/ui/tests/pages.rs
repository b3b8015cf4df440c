//! Every page, as the text in it and as what it must keep to.

use insta::assert_snapshot;
use promotion::{Event, PromotionId, VoteKind};

use super::reading::page as read;
use super::story::{Story, World, ada, ben, links, viewer};
use crate::ui::{
    ApprovalView, Asked, BoardRow, BoardView, EventRow, PromotionView, SCRIPT, STYLE, Viewer,
    approval_page, board_page, message_page, promotion_page,
};

fn approval(story: &Story, viewer: Option<&Viewer>) -> String {
    let promotion = story.promotion();
    let digest = promotion
        .stage()
        .pinned()
        .map_or("0", |pinned| pinned.digest.short(16));
    approval_page(&ApprovalView {
        promotion: &promotion,
        asked: Asked::of(&promotion, story.attempt(), digest, story.now),
        viewer,
        csrf: viewer.map(|_| "token"),
        problem: None,
        comment: "",
        now: story.now,
        links: &links(),
    })
}

fn promotion(story: &Story, viewer: Option<&Viewer>) -> String {
    promotion_page(&PromotionView {
        promotion: &story.promotion(),
        lines: &story.lines,
        viewer,
        csrf: viewer.map(|_| "token"),
        problem: None,
        now: story.now,
        links: &links(),
    })
}

/// The part of a text that begins with one line and ends before another.
fn between<'a>(text: &'a str, from: &str, until: &str) -> &'a str {
    let start = text
        .find(from)
        .unwrap_or_else(|| panic!("no {from:?} in {text}"));
    let length = text[start..].find(until).unwrap_or(text.len() - start);
    text[start..start + length].trim_end()
}

#[test]
fn approval_page_for_an_approver() {
    let story = Story::settled(World::default());
    let html = approval(&story, Some(&ada()));
    assert!(html.contains(r#"<form method="post">"#), "{html}");
    assert!(html.contains(r#"name="csrf" value="token""#), "{html}");
    assert_snapshot!(read(&html), @r#"
    diabetes 2 → prod
    ◆ awaiting approval
    From dev (ml-dev) to prod (ml-prod), by route diabetes-to-prod. Timeline of this promotion
    Your decision
    It needs 1 approval with role Model.Approver. The answer counts until 2026-11-26 07:15:04 UTC (in 3 days).
    Comment
    Approve | Reject | as Ada Approver
    Gates
    Gate | Result | Value | Threshold | Champion | Source
    rmse at most 60 | ✓ passed | 53.3697 | ≤ 60 | – | MLflow run happy_sun_1
    rmse at least 1 % lower than the champion's | ✓ passed | 53.3697 | ≤ 54.0668 | 54.6129 (MLflow run calm_moon_0) | MLflow run happy_sun_1
    Candidate
    Model
    diabetes 2 mlflow_model
    Serves now
    diabetes 1, deployment champion-v1
    Trained by
    Tina Trainer (00000000-0000-4000-8000-00000000000a)
    Registered by
    Tina Trainer
    Job
    happy_sun_1
    Needs
    1 approval with role Model.Approver
    Expires
    2026-11-26 07:15:04 UTC in 3 days
    Attempt
    1
    Decision digest
    1b655f7ed5bde99435f84ad1a64207986211f0a35328bdf64261c7ad8262172b
    Plan
    Files go to
    stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    Endpoint
    diabetes in westeurope, called with a key
    Deployment
    ll-diabetes-2-9931af96-1, 1 × Standard_DS3_v2
    Smoke test
    succeeds if size(result) == 2
    Request
    {"input_data":[[0.1,0.2],[0.3,0.4]]}
    Steps
    10 % to the candidate, 90 % to champion-v1
    Pause for 10 minutes
    100 % to the candidate
    Way back
    100 % champion-v1
    Previous stays warm
    24 hours
    Files
    2 files, 1.6 KB, manifest digest 891c48f2cfce
    Path | Size | MD5 | ETag
    MLmodel | 412 bytes | 1B2M2Y8AsgTpgAmY7PhCfg== | 0x8DC1
    coefficients.json | 1.2 KB | 1B2M2Y8AsgTpgAmY7PhCfg== | 0x8DC1
    As of 2026-11-23 07:15:05 UTC.
    Reload to see what has changed.
    "#);
}

#[test]
fn approval_page_for_those_who_may_not() {
    let mut story = Story::settled(World {
        min_approvals: 2,
        ..World::default()
    });
    story
        .vote(&ben(), VoteKind::Approve, "Fine with me.")
        .unwrap();
    let question = |viewer: Option<&Viewer>| {
        let html = approval(&story, viewer);
        assert!(!html.contains("<form"), "{html}");
        between(&read(&html), "Your decision", "Gates").to_owned()
    };
    assert_snapshot!(question(None), @"
    Your decision
    It needs 2 approvals of different people with role Model.Approver, 1 approval so far. The answer counts until 2026-11-26 07:15:04 UTC (in 3 days).
    Sign in The link alone gives no right to decide.
    ");
    assert_snapshot!(question(Some(&viewer("a", "Tina Trainer", Some("Model.Approver")))), @"
    Your decision
    It needs 2 approvals of different people with role Model.Approver, 1 approval so far. The answer counts until 2026-11-26 07:15:04 UTC (in 3 days).
    You trained or registered this model, so somebody else has to judge it.
    ");
    assert_snapshot!(question(Some(&viewer("d", "Sam Stranger", None))), @"
    Your decision
    It needs 2 approvals of different people with role Model.Approver, 1 approval so far. The answer counts until 2026-11-26 07:15:04 UTC (in 3 days).
    This needs the role Model.Approver; your roles: none.
    ");
    assert_snapshot!(question(Some(&ben())), @"
    Your decision
    It needs 2 approvals of different people with role Model.Approver, 1 approval so far. The answer counts until 2026-11-26 07:15:04 UTC (in 3 days).
    You have answered. It waits for 1 more approval by other people.
    ");
}

#[test]
fn approval_page_after_the_question() {
    let mut story = Story::settled(World::default());
    let promotion = story.promotion();
    let old = Asked::of(&promotion, story.attempt(), "0123456789abcdef", story.now);
    assert_eq!(old, Asked::Superseded);
    let superseded = approval_page(&ApprovalView {
        promotion: &promotion,
        asked: old,
        viewer: Some(&ada()),
        csrf: Some("token"),
        problem: None,
        comment: "",
        now: story.now,
        links: &links(),
    });
    assert!(!superseded.contains("<form"), "{superseded}");
    assert_snapshot!(between(&read(&superseded), "Superseded", "As of"), @"
    Superseded
    This approval is superseded: what it asked about has changed since. Open the newest card.
    ");
    story.vote(&ada(), VoteKind::Approve, "").unwrap();
    assert_snapshot!(between(&read(&approval(&story, Some(&ben()))), "Decided", "Gates"), @"
    Decided
    This approval is already decided: Ada Approver approved it. The promotion is copying.
    ");
    let mut story = Story::settled(World::default());
    story.run_to("expired");
    assert_snapshot!(between(&read(&approval(&story, Some(&ada()))), "Expired", "Gates"), @"
    Expired
    This approval expired at 2026-11-26 07:15:04 UTC (just now). Reopen the promotion to ask again.
    ");
}

#[test]
fn a_refused_answer_is_told_and_not_refreshed_away() {
    let story = Story::settled(World::default());
    let html = approval_page(&ApprovalView {
        promotion: &story.promotion(),
        asked: Asked::Current,
        viewer: Some(&ada()),
        csrf: Some("token"),
        problem: Some("This form is too old."),
        comment: "what I wrote",
        now: story.now,
        links: &links(),
    });
    assert!(html.contains(">what I wrote</textarea>"), "{html}");
    assert!(html.contains("This form is too old."), "{html}");
    assert!(!html.contains("data-refresh"), "{html}");
}

#[test]
fn promotion_page_while_traffic_moves() {
    let story = Story::approved(World::default());
    assert_eq!(story.promotion().stage().name(), "shifting");
    let html = promotion(&story, Some(&ada()));
    assert!(
        html.contains(r#"<rect class="candidate" x="0%" width="10%""#),
        "{html}"
    );
    assert!(html.contains("/roll-back\""), "{html}");
    assert_snapshot!(between(&read(&html), "diabetes 2", "Timeline\n"), @"
    diabetes 2 → prod
    ● shifting
    Route diabetes-to-prod, attempt 1, last change 2026-11-23 07:15:17 UTC just now. Training job
    diabetes-2.diabetes-to-prod-4d6ec7970a
    ✓Gates (done)
    ✓Approval (done)
    ✓Copy (done)
    ✓Register (done)
    ✓Deploy (done)
    ●Traffic (now)
    Serving (ahead)
    The endpoint's traffic is 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1. Step 2 of 3 is a pause of 10 minutes, until 2026-11-23 07:25:17 UTC (in 10 minutes).
    Traffic of endpoint diabetes
    10 % ll-diabetes-2-9931af96-1 (this candidate)
    90 % champion-v1
    As it was set last and read back.
    Gates
    Gate | Result | Value | Threshold | Champion | Source
    rmse at most 60 | ✓ passed | 53.3697 | ≤ 60 | – | MLflow run happy_sun_1
    rmse at least 1 % lower than the champion's | ✓ passed | 53.3697 | ≤ 54.0668 | 54.6129 (MLflow run calm_moon_0) | MLflow run happy_sun_1
    People
    Trained by
    Tina Trainer (00000000-0000-4000-8000-00000000000a)
    Registered by
    Tina Trainer
    Opened
    by event 2026-11-23/4f1d, 2026-11-23 07:15:02 UTC 15 seconds ago
    Ada Approver approved 2026-11-23 07:15:05 UTC 12 seconds ago
    Better on every metric.
    00000000-0000-4000-8000-00000000000b
    Actions
    Abort
    Stops it here and undoes what it has changed on the endpoint.
    Reason
    Abort
    Roll back
    Gives the traffic back to the deployment that served before.
    Reason
    Roll back
    ");
}

#[test]
fn promotion_page_tells_its_history() {
    let text = read(&promotion(&Story::approved(World::default()), None));
    assert_snapshot!(between(&text, "Timeline\n", "Plan\n"), @"
    Timeline
    ◆
    Opened for diabetes 2 on route diabetes-to-prod, by event 2026-11-23/4f1d
    2026-11-23 07:15:02 UTC 15 seconds ago
    ◆
    Gathering evidence for the gates
    2026-11-23 07:15:02 UTC 15 seconds ago
    ✓
    Read diabetes 2 in ml-dev (files, run, who trained it) → 2 files (1.6 KB) done 1 s
    2026-11-23 07:15:02 UTC 15 seconds ago
    ✓
    Read endpoint diabetes in ml-prod (who serves, where files go) → serves now: diabetes 1, deployment champion-v1 done 2 s
    2026-11-23 07:15:02 UTC 15 seconds ago
    ◆
    All 2 gates have passed; asked for approval until 2026-11-26 07:15:04 UTC
    2026-11-23 07:15:04 UTC 13 seconds ago
    ✓
    Post the card “approval needed” done 1 s
    2026-11-23 07:15:04 UTC 13 seconds ago
    ◆
    Ada Approver approved: “Better on every metric.”
    2026-11-23 07:15:05 UTC 12 seconds ago
    ◆
    Approved; copying the files
    2026-11-23 07:15:05 UTC 12 seconds ago
    ✓
    Post the card “approved” done 1 s
    2026-11-23 07:15:05 UTC 12 seconds ago
    ✓
    List the files in stdev/azureml/ExperimentRun/dcid.happy_sun_1/model → 2 files (1.6 KB) done 2 s
    2026-11-23 07:15:05 UTC 12 seconds ago
    ✓
    Copy 2 files (1.6 KB) from stdev to stprod done 1 s
    2026-11-23 07:15:07 UTC 10 seconds ago
    ✓
    List the files in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30 → 2 files (1.6 KB) done 1 s
    2026-11-23 07:15:08 UTC 9 seconds ago
    ◆
    Copied; registering the version
    2026-11-23 07:15:09 UTC 8 seconds ago
    ✓
    Register diabetes 2 in ml-prod done 1 s
    2026-11-23 07:15:09 UTC 8 seconds ago
    ◆
    Registered; making the target ready
    2026-11-23 07:15:10 UTC 7 seconds ago
    ✓
    Take the lease of the target done 1 s
    2026-11-23 07:15:10 UTC 7 seconds ago
    ✓
    Read endpoint diabetes in ml-prod (who serves, where files go) → serves now: diabetes 1, deployment champion-v1 done 1 s
    2026-11-23 07:15:11 UTC 6 seconds ago
    ◆
    The target is ready; making the deployment
    2026-11-23 07:15:12 UTC 5 seconds ago
    ✓
    List the files in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30 → 2 files (1.6 KB) done 1 s
    2026-11-23 07:15:12 UTC 5 seconds ago
    ✓
    Create deployment ll-diabetes-2-9931af96-1 on endpoint diabetes (1 × Standard_DS3_v2) done 1 s
    2026-11-23 07:15:13 UTC just now
    ◆
    The deployment is up; testing it
    2026-11-23 07:15:14 UTC just now
    ✓
    Ask deployment ll-diabetes-2-9931af96-1 the smoke test → passed, HTTP 200 in 35 ms: “[151.2, 98.7]” done 1 s
    2026-11-23 07:15:14 UTC just now
    ◆
    Tested; moving traffic
    2026-11-23 07:15:15 UTC just now
    ✓
    List the files in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30 → 2 files (1.6 KB) done 1 s
    2026-11-23 07:15:15 UTC just now
    ✓
    Set the endpoint's traffic: 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1 done 1 s
    2026-11-23 07:15:16 UTC just now
    ·
    Step 1 of the rollout is done
    2026-11-23 07:15:17 UTC just now
    ");
}

#[test]
fn promotion_page_offers_what_is_possible() {
    let actions = |story: &Story, viewer: Option<&Viewer>| {
        between(&read(&promotion(story, viewer)), "Actions", "Timeline").replace('\n', " / ")
    };
    let mut story = Story::settled(World::default());
    assert_snapshot!(actions(&story, None), @"Actions / Possible now: Abort. / Sign in to act");
    assert_snapshot!(actions(&story, Some(&viewer("d", "Sam Stranger", None))), @"Actions / This needs the role Model.Approver; your roles: none.");
    assert_snapshot!(actions(&story, Some(&ada())), @"Actions / Abort / Stops it here and undoes what it has changed on the endpoint. / Reason / Abort");
    story.vote(&ada(), VoteKind::Approve, "").unwrap();
    story.run_to("live");
    assert_snapshot!(actions(&story, Some(&ada())), @"Actions / Roll back / Gives the traffic back to the deployment that served before. / Reason / Roll back");
    let by = Story::operator(&ada());
    story
        .happen(Event::RollBack {
            by,
            reason: "Complaints.".to_owned(),
        })
        .unwrap();
    assert_snapshot!(actions(&story, Some(&ada())), @"Actions / Nothing can be done about it by hand now.");
    story.run_to("rolled back");
    assert_snapshot!(actions(&story, Some(&ada())), @"Actions / Reopen / Starts the next attempt: new evidence, new approval. / Reason / Reopen");
}

#[test]
fn promotion_page_after_a_second_attempt() {
    let mut story = Story::settled(World::default());
    story
        .vote(&ben(), VoteKind::Reject, "Not before the audit.")
        .unwrap();
    story.run();
    let reopen = Event::Reopen {
        by: Story::operator(&ada()),
        reason: "The audit is done.".to_owned(),
        route: Box::new(story.world.route()),
    };
    story.happen(reopen).unwrap();
    story.run();
    let text = read(&promotion(&story, None));
    assert_snapshot!(between(&text, "People", "Actions"), @"
    People
    Trained by
    Tina Trainer (00000000-0000-4000-8000-00000000000a)
    Registered by
    Tina Trainer
    Opened
    by event 2026-11-23/4f1d, 2026-11-23 07:15:02 UTC 7 seconds ago
    Ada Approver reopened it 2026-11-23 07:15:06 UTC just now
    The audit is done.
    00000000-0000-4000-8000-00000000000b
    ");
    assert_snapshot!(between(&text, "Timeline\n", "Plan"), @"
    Timeline
    ◆
    Opened for diabetes 2 on route diabetes-to-prod, by event 2026-11-23/4f1d
    2026-11-23 07:15:02 UTC 7 seconds ago
    ◆
    Gathering evidence for the gates
    2026-11-23 07:15:02 UTC 7 seconds ago
    ✓
    Read diabetes 2 in ml-dev (files, run, who trained it) → 2 files (1.6 KB) done 1 s
    2026-11-23 07:15:02 UTC 7 seconds ago
    ✓
    Read endpoint diabetes in ml-prod (who serves, where files go) → serves now: diabetes 1, deployment champion-v1 done 2 s
    2026-11-23 07:15:02 UTC 7 seconds ago
    ◆
    All 2 gates have passed; asked for approval until 2026-11-26 07:15:04 UTC
    2026-11-23 07:15:04 UTC 5 seconds ago
    ✓
    Post the card “approval needed” done 1 s
    2026-11-23 07:15:04 UTC 5 seconds ago
    ◆
    Ben Approver rejected: “Not before the audit.”
    2026-11-23 07:15:05 UTC just now
    ◆
    Rejected by Ben Approver: “Not before the audit.”
    2026-11-23 07:15:05 UTC just now
    ✓
    Post the card “rejected” done 1 s
    2026-11-23 07:15:05 UTC just now
    ·
    Closed after 13 records
    2026-11-23 07:15:06 UTC just now
    ↻
    Reopened by Ada Approver: “The audit is done.”
    2026-11-23 07:15:06 UTC just now
    ◆
    Gathering evidence for the gates
    2026-11-23 07:15:06 UTC just now
    ✓
    Read diabetes 2 in ml-dev (files, run, who trained it) → 2 files (1.6 KB) done 1 s
    2026-11-23 07:15:06 UTC just now
    ✓
    Read endpoint diabetes in ml-prod (who serves, where files go) → serves now: diabetes 1, deployment champion-v1 done 2 s
    2026-11-23 07:15:06 UTC just now
    ◆
    All 2 gates have passed; asked for approval until 2026-11-26 07:15:08 UTC
    2026-11-23 07:15:08 UTC just now
    ✓
    Post the card “approval needed” done 1 s
    2026-11-23 07:15:08 UTC just now
    ");
}

#[test]
fn who_aborted_is_told_once() {
    let mut story = Story::approved(World::default());
    let (by, reason) = (Story::operator(&ben()), "Wrong data set.".to_owned());
    story.happen(Event::Abort { by, reason }).unwrap();
    story.run_to("aborted");
    let text = read(&promotion(&story, None));
    let people = between(&text, "People", "Actions");
    assert_eq!(
        people.matches("Ben Approver aborted it").count(),
        1,
        "{people}"
    );
}

#[test]
fn board() {
    let now = "2026-11-23T07:30:00Z".parse().unwrap();
    let row = |version: &str, stage: &str, waits_for: &str| BoardRow {
        id: PromotionId::new(format!("diabetes-{version}.diabetes-to-prod-0123456789")),
        model: "diabetes".to_owned(),
        version: version.to_owned(),
        route: "diabetes-to-prod".to_owned(),
        from: "dev".to_owned(),
        to: "prod".to_owned(),
        stage: stage.to_owned(),
        waits_for: waits_for.to_owned(),
        due: "2026-11-23T07:31:00Z".parse().ok(),
        since: "2026-11-23T07:15:02Z".parse().ok(),
        stuck: 0,
    };
    let open = [
        BoardRow {
            stuck: 9,
            ..row("2", "copying", "trouble: the account is busy")
        },
        row(
            "3",
            "awaiting approval",
            "1 approval with role Model.Approver",
        ),
    ];
    let event = EventRow {
        key: "4f1d".to_owned(),
        kind: "ModelRegistered".to_owned(),
        subject: "models/diabetes:3".to_owned(),
        time: Some(now),
        what: "Opened diabetes-3.diabetes-to-prod-0123456789.".to_owned(),
    };
    let view = BoardView {
        open: &open,
        closed: &[row(
            "1",
            "rolled back",
            "Rolled back: the smoke test failed.",
        )],
        events: &[event],
        more_closed: Some("/api/board/?closed=2026-10".to_owned()),
        viewer: None,
        now,
        links: &links(),
    };
    assert_snapshot!(read(&board_page(&view)), @"
    Board
    1 ● copying
    1 ◆ awaiting approval
    Open
    diabetes-to-prod dev → prod
    Model | Stage | Waits for | Since | Next look
    diabetes 3 | ◆ awaiting approval | 1 approval with role Model.Approver | 2026-11-23 07:15:02 UTC 15 minutes ago | 2026-11-23 07:31:00 UTC in 60 seconds
    diabetes 2 | ● copying | trouble: the account is busy! no progress for 9 looks | 2026-11-23 07:15:02 UTC 15 minutes ago | 2026-11-23 07:31:00 UTC in 60 seconds
    Recently closed
    Model | Route | Ended | How | When
    diabetes 1 | diabetes-to-prod dev → prod | ✗ rolled back | Rolled back: the smoke test failed. | 2026-11-23 07:15:02 UTC 15 minutes ago
    Older ones
    Recent events
    Event | About | What became of it | When
    ModelRegistered | models/diabetes:3 | Opened diabetes-3.diabetes-to-prod-0123456789. 4f1d | 2026-11-23 07:30:00 UTC just now
    As of 2026-11-23 07:30:00 UTC.
    Reload to see what has changed.
    ");
    let empty = BoardView {
        open: &[],
        closed: &[],
        events: &[],
        more_closed: None,
        ..view
    };
    assert_snapshot!(read(&board_page(&empty)), @"
    Board
    Open
    Nothing is under way.
    Register a model version in a source stage, or complete a training job: its promotion shows here.
    Recently closed
    Nothing is closed yet: promotions that ended, well or not, are listed here.
    Recent events
    No event has come in yet. Check that the workspaces' Event Grid subscriptions point here.
    As of 2026-11-23 07:30:00 UTC.
    Reload to see what has changed.
    ");
}

#[test]
fn a_message_leads_on() {
    let html = message_page("No such promotion", "There is none called x.", &links());
    assert!(!html.contains("<script"), "{html}");
    assert_snapshot!(read(&html), @"
    No such promotion
    There is none called x.
    Go to the board
    ");
}

/// A strict policy takes nothing inline, and nothing from elsewhere.
#[test]
fn pages_keep_to_the_content_security_policy() {
    let mut story = Story::approved(World::default());
    let shifting = promotion(&story, Some(&ada()));
    story.run_to("live");
    let asked = Story::settled(World::default());
    for html in [
        shifting,
        promotion(&story, Some(&ada())),
        approval(&asked, Some(&ada())),
    ] {
        assert!(!html.contains(" style="), "{html}");
        assert!(!html.contains("<style"), "{html}");
        assert!(
            !html.contains(" onclick") && !html.contains("javascript:"),
            "{html}"
        );
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        assert!(
            html.contains(r#"<script src="/api/board/refresh.js" defer></script>"#),
            "{html}"
        );
        assert!(html.contains(r#"<html lang="en">"#), "{html}");
    }
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    assert!(SCRIPT.len() < 4_000, "{} bytes", SCRIPT.len());
}
