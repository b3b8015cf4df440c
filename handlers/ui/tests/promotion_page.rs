//! The page of one promotion, on its way and after.

use insta::assert_snapshot;
use promotion::{Event, Party, Report, Role, Route, VoteKind};

use super::reading::{between, page as read};
use super::story::Story;
use super::world::{World, ada, ben, failure, links, viewer};
use crate::ui::{PromotionView, Viewer, promotion_page};

/// As this viewer sees it.
pub(super) fn page(story: &Story, viewer: Option<&Viewer>) -> String {
    page_where(story, viewer, Some(&story.world.route()))
}

/// The same where its route is configured so now, or not any more.
fn page_where(story: &Story, viewer: Option<&Viewer>, configured: Option<&Route>) -> String {
    promotion_page(&PromotionView {
        held_ahead: None,
        configured,
        stopped: None,
        promotion: &story.promotion(),
        lines: &story.lines,
        viewer,
        csrf: viewer.map(|_| "token"),
        problem: None,
        kept: None,
        held: None,
        now: story.now,
        links: &links(),
    })
}

#[test]
fn promotion_page_while_traffic_moves() {
    let story = Story::approved(World::default());
    assert_eq!(story.promotion().stage().name(), "shifting");
    let html = page(&story, Some(&ada()));
    assert!(
        html.contains(r#"<rect class="candidate" x="0%" width="10%""#),
        "{html}"
    );
    assert!(html.contains("/roll-back\""), "{html}");
    assert_snapshot!(between(&read(&html), "diabetes 2", "Timeline\n"), @"
    diabetes 2 → prod
    ● shifting
    Route diabetes-to-prod, attempt 1, last change 2026-11-23 07:15:20 UTC just now. Training job
    diabetes-2.diabetes-to-prod-4d6ec7970a
    ✓Gates (done)
    ✓Approval (done)
    ✓Copy (done)
    ✓Register (done)
    ✓Deploy (done)
    ●Traffic (now)
    Serving (ahead)
    The endpoint's traffic is 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1. Step 2 of 3 is a pause of 10 minutes, until 2026-11-23 07:25:20 UTC (in 10 minutes).
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
    by event 2026-11-23/4f1d, 2026-11-23 07:15:02 UTC 18 seconds ago
    Ada Approver approved 2026-11-23 07:15:05 UTC 15 seconds ago
    Better on every metric.
    00000000-0000-4000-8000-00000000000b
    Actions
    Resume
    Ends the pause that the rollout is in: the next step follows.
    Reason
    Resume
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
    let text = read(&page(&Story::approved(World::default()), None));
    assert_snapshot!(between(&text, "Timeline\n", "Plan\n"), @"
    Timeline
    ◆
    Opened for diabetes 2 on route diabetes-to-prod, by event 2026-11-23/4f1d
    2026-11-23 07:15:02 UTC 18 seconds ago
    ◆
    Gathering evidence for the gates
    2026-11-23 07:15:02 UTC 18 seconds ago
    ✓
    Read diabetes 2 in ml-dev (files, run, who trained it) → 2 files (1.6 KB) done 1 s
    2026-11-23 07:15:02 UTC 18 seconds ago
    ✓
    Read endpoint diabetes in ml-prod (who serves, where files go) → serves now: diabetes 1, deployment champion-v1 done 2 s
    2026-11-23 07:15:02 UTC 18 seconds ago
    ✓
    Take the turn at the target done under a second
    2026-11-23 07:15:04 UTC 16 seconds ago
    ◆
    Both gates have passed; asked for approval until 2026-11-26 07:15:04 UTC
    2026-11-23 07:15:04 UTC 16 seconds ago
    ✓
    Post the card “approval needed” done 1 s
    2026-11-23 07:15:04 UTC 16 seconds ago
    ◆
    Ada Approver approved: “Better on every metric.”
    2026-11-23 07:15:05 UTC 15 seconds ago
    ◆
    Approved; copying the files
    2026-11-23 07:15:05 UTC 15 seconds ago
    ✓
    Post the card “approved” done 1 s
    2026-11-23 07:15:05 UTC 15 seconds ago
    ✓
    See whether Ada Approver still may, whose word it rests on done 2 s
    2026-11-23 07:15:05 UTC 15 seconds ago
    ✓
    List the files in stdev/azureml/ExperimentRun/dcid.happy_sun_1/model → 2 files (1.6 KB) done 1 s
    2026-11-23 07:15:07 UTC 13 seconds ago
    ✓
    Copy 2 files (1.6 KB) from stdev to stprod done 1 s
    2026-11-23 07:15:08 UTC 12 seconds ago
    ✓
    List the files in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30 → 2 files (1.6 KB) done 1 s
    2026-11-23 07:15:09 UTC 11 seconds ago
    ◆
    Copied; registering the version
    2026-11-23 07:15:10 UTC 10 seconds ago
    ✓
    Register diabetes 2 in ml-prod done 1 s
    2026-11-23 07:15:10 UTC 10 seconds ago
    ◆
    Registered; making the target ready
    2026-11-23 07:15:11 UTC 9 seconds ago
    ✓
    Take the lease of the target done 1 s
    2026-11-23 07:15:11 UTC 9 seconds ago
    ✓
    Read endpoint diabetes in ml-prod (who serves, where files go) → serves now: diabetes 1, deployment champion-v1 done 1 s
    2026-11-23 07:15:12 UTC 8 seconds ago
    ◆
    The target is ready; making the deployment
    2026-11-23 07:15:13 UTC 7 seconds ago
    ✓
    List the files in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30 → 2 files (1.6 KB) done 1 s
    2026-11-23 07:15:13 UTC 7 seconds ago
    ✓
    Create deployment ll-diabetes-2-9931af96-1 on endpoint diabetes (1 × Standard_DS3_v2) done 1 s
    2026-11-23 07:15:14 UTC 6 seconds ago
    ◆
    The deployment is up; testing it
    2026-11-23 07:15:15 UTC 5 seconds ago
    ✓
    Ask deployment ll-diabetes-2-9931af96-1 the smoke test → passed, HTTP 200 in 35 ms: “[151.2, 98.7]” done 1 s
    2026-11-23 07:15:15 UTC 5 seconds ago
    ◆
    Tested; moving traffic
    2026-11-23 07:15:16 UTC just now
    ✓
    List the files in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30 → 2 files (1.6 KB) done 1 s
    2026-11-23 07:15:16 UTC just now
    ✓
    See that what would serve again can, and answers by name: 100 % champion-v1 → champion-v1 is healthy and answered HTTP 200 by name done 1 s
    2026-11-23 07:15:17 UTC just now
    ✓
    See whether Ada Approver still may, whose word it rests on done 1 s
    2026-11-23 07:15:18 UTC just now
    ✓
    Set the endpoint's traffic: 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1 done 1 s
    2026-11-23 07:15:19 UTC just now
    ·
    Step 1 of the rollout is done
    2026-11-23 07:15:20 UTC just now
    ");
}

#[test]
fn promotion_page_offers_what_is_possible() {
    let actions = |story: &Story, viewer: Option<&Viewer>| {
        between(&read(&page(story, viewer)), "Actions", "Timeline").replace('\n', " / ")
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
            attempt: None,
        })
        .unwrap();
    assert_snapshot!(actions(&story, Some(&ada())), @"Actions / Nothing can be done about it by hand now.");
    story.run_to("rolled back");
    assert_snapshot!(actions(&story, Some(&ada())), @"Actions / Reopen / Starts the next attempt: new evidence, new approval, and not yours: whoever asks for it again does not count among its approvers. / Reason / Reopen");
}

#[test]
fn promotion_page_offers_to_reopen_as_the_route_is_configured_now() {
    let actions = |story: &Story, viewer: &Viewer, configured: Option<&Route>| {
        let html = page_where(story, Some(viewer), configured);
        between(&read(&html), "Actions", "Timeline").replace('\n', " / ")
    };
    let mut story = Story::settled(World::default());
    story.vote(&ben(), VoteKind::Reject, "No.").unwrap();
    story.run();
    let others = Route {
        operators: vec![Party::Role(Role("Model.Operator".to_owned()))],
        ..story.world.route()
    };
    let olga = viewer("e", "Olga Operator", Some("Model.Operator"));
    assert_snapshot!(actions(&story, &ada(), Some(&others)), @"Actions / This needs the role Model.Operator; your roles: Model.Approver.");
    assert_snapshot!(actions(&story, &olga, Some(&others)), @"Actions / Reopen / Starts the next attempt: new evidence, new approval, and not yours: whoever asks for it again does not count among its approvers. / Reason / Reopen");
    assert_snapshot!(actions(&story, &ada(), None), @"Actions / Nothing can be done about it by hand now. / The route `diabetes-to-prod` is not in liftlock.yaml any more, so this cannot be asked again.");
}

#[test]
fn promotion_page_refuses_one_verb_and_offers_another() {
    let actions = |story: &Story, viewer: &Viewer, configured: &Route| {
        let html = page_where(story, Some(viewer), Some(configured));
        between(&read(&html), "Actions", "Timeline").replace('\n', " / ")
    };
    let mut story = Story::settled(World {
        faults: vec![("copy-files", Report::Failed(failure("no such account")))],
        ..World::default()
    });
    story.vote(&ada(), VoteKind::Approve, "").unwrap();
    story.run();
    let others = Route {
        operators: vec![Party::Role(Role("Model.Operator".to_owned()))],
        ..story.world.route()
    };
    let sam = viewer("d", "Sam Stranger", None);
    assert_snapshot!(actions(&story, &ada(), &others), @"Actions / Replay / Goes on where it failed, within this attempt and with its approval. / Reason / Replay / Reopen: This needs the role Model.Operator; your roles: Model.Approver.");
    assert_snapshot!(actions(&story, &sam, &others), @"Actions / Replay: This needs the role Model.Approver; your roles: none. / Reopen: This needs the role Model.Operator; your roles: none.");
    assert_snapshot!(actions(&story, &sam, &story.world.route()), @"Actions / This needs the role Model.Approver; your roles: none.");
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
        attempt: None,
    };
    story.happen(reopen).unwrap();
    story.run();
    let html = page(&story, None);
    let (_, folded) = html
        .split_once(r#"<details class="attempts" id="attempt-1"><summary>"#)
        .unwrap();
    let (first, second) = folded.split_once("</details><ol").unwrap();
    assert!(
        first.contains("Not before the audit.") && !first.contains("The audit is done."),
        "{first}"
    );
    assert!(second.contains("The audit is done."), "{second}");
    let text = read(&html);
    assert_snapshot!(between(&text, "People", "Actions"), @"
    People
    Trained by
    Tina Trainer (00000000-0000-4000-8000-00000000000a)
    Registered by
    Tina Trainer
    Opened
    by event 2026-11-23/4f1d, 2026-11-23 07:15:02 UTC 7 seconds ago
    Ben Approver rejected (attempt 1) 2026-11-23 07:15:05 UTC just now
    Not before the audit.
    00000000-0000-4000-8000-00000000000c
    Ada Approver reopened it 2026-11-23 07:15:06 UTC just now
    The audit is done.
    00000000-0000-4000-8000-00000000000b
    ");
    assert_snapshot!(between(&text, "Timeline\n", "Plan"), @"
    Timeline
    Attempt 1, 11 lines: Rejected by Ben Approver: “Not before the audit.”
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
    ✓
    Take the turn at the target done under a second
    2026-11-23 07:15:04 UTC 5 seconds ago
    ◆
    Both gates have passed; asked for approval until 2026-11-26 07:15:04 UTC
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
    Closed after 15 records
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
    ✓
    Take the turn at the target done under a second
    2026-11-23 07:15:08 UTC just now
    ◆
    Both gates have passed; asked for approval until 2026-11-26 07:15:08 UTC
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
    story
        .happen(Event::Abort {
            by,
            reason,
            attempt: None,
        })
        .unwrap();
    story.run_to("aborted");
    let text = read(&page(&story, None));
    let people = between(&text, "People", "Actions");
    assert_eq!(
        people.matches("Ben Approver aborted it").count(),
        1,
        "{people}"
    );
}
