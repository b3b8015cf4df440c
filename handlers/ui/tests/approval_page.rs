//! The approval page, for everybody who may open it.

use insta::assert_snapshot;
use promotion::{Event, PromotionId, Question, VoteKind};

use super::reading::{between, page as read};
use super::story::Story;
use super::world::{World, ada, ben, links, viewer};
use crate::ui::{ApprovalView, Asked, Viewer, approval_page};

/// As this viewer sees the newest question.
pub(super) fn page(story: &Story, viewer: Option<&Viewer>) -> String {
    let promotion = story.promotion();
    let digest = promotion
        .stage()
        .pinned()
        .map_or("0", |pinned| pinned.digest.short(16));
    approval_page(&ApprovalView {
        held: None,
        unreviewed: None,
        stopped: None,
        promotion: &promotion,
        asked: Asked::of(&promotion, story.attempt(), digest, story.now),
        viewer,
        csrf: viewer.map(|_| "token"),
        problem: None,
        comment: "",
        into: "",
        again: None,
        now: story.now,
        links: &links(),
    })
}

#[test]
fn approval_page_for_an_approver() {
    let story = Story::settled(World::default());
    let html = page(&story, Some(&ada()));
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
    100 % champion-v1; before the candidate has its first percent it is looked at, and asked the smoke test's request by name
    Where somebody else changes the endpoint
    a person is asked
    Previous stays warm
    24 hours
    Every call, in order
    POST the card “approved” to the channel
    GET the list of blobs in stdev/azureml/ExperimentRun/dcid.happy_sun_1/model
    PUT 2 files (1.6 KB) into stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30, by the storage service from stdev/azureml
    GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    PUT model version diabetes 2 in ml-prod: files azureml:/subscriptions/s/resourcegroups/rg-ml-prod/workspaces/ml-prod/datastores/workspaceblobstore/paths/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is this promotion's
    GET endpoint diabetes in ml-prod: who serves now
    GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    PUT deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod: model diabetes 2, 1 × Standard_DS3_v2, no traffic
    POST the smoke test to deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod; it passes if size(result) == 2
    GET the list of blobs in stprod/azureml-blobstore/liftlock/diabetes/2/891c48f2cfce94da12c64994c4bb8c30
    GET the deployments of endpoint diabetes in ml-prod that would serve again, and POST the smoke test's request to them by name: 100 % champion-v1
    PUT endpoint diabetes in ml-prod: traffic 90 % champion-v1, 10 % ll-diabetes-2-9931af96-1
    Wait for 10 minutes; a person may end this pause earlier
    PUT endpoint diabetes in ml-prod: traffic 100 % ll-diabetes-2-9931af96-1
    Wait for 2 minutes, until no delayed call of ours can land any more
    GET endpoint diabetes in ml-prod: its traffic is still as it was set
    POST the card “live” to the channel
    PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is anybody's
    Wait for 24 hours, while it can be taken back; a newer promotion that goes live ends this earlier
    PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is this promotion's
    DELETE deployment champion-v1 of endpoint diabetes in ml-prod
    PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is anybody's
    If it is taken back once traffic has moved, this is done instead of what is left.
    PUT endpoint diabetes in ml-prod: traffic 100 % champion-v1
    DELETE deployment ll-diabetes-2-9931af96-1 of endpoint diabetes in ml-prod
    Wait for 2 minutes, until no delayed call of ours can land any more
    GET endpoint diabetes in ml-prod: its traffic is still as it was set
    POST the card “rolled back” to the channel
    PUT state/targets/f084ea2aa8bb885b8842ffed.json: the lease is anybody's, and nothing is promoted until somebody lifts the hold
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
        let html = page(&story, viewer);
        assert!(!html.contains("value=\"approve\""), "{html}");
        between(&read(&html), "Your decision", "Gates").to_owned()
    };
    assert_snapshot!(question(Some(&viewer("a", "Tina Trainer", Some("Model.Approver")))), @"
    Your decision
    It needs 2 approvals of different people with role Model.Approver, 1 approval so far. The answer counts until 2026-11-26 07:15:04 UTC (in 3 days).
    You trained, registered, changed or asked for this model, so somebody else has to judge it.
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
    Take my approval back
    It counts no more, and the question is open again. Possible until its files are copied.
    Reason
    Take my approval back
    ");
}

#[test]
fn approval_page_for_nobody_in_particular() {
    let html = page(&Story::settled(World::default()), None);
    assert!(!html.contains("<form"), "{html}");
    assert_snapshot!(read(&html), @"
    diabetes 2
    This asks for an approval by route diabetes-to-prod.
    Sign in The link alone gives no right to decide.
    As of 2026-11-23 07:15:05 UTC.
    Reload to see what has changed.
    ");
}

#[test]
fn approval_page_after_the_question() {
    let mut story = Story::settled(World::default());
    let promotion = story.promotion();
    let old = Asked::of(&promotion, story.attempt(), "0123456789abcdef", story.now);
    assert_eq!(old, Asked::Superseded);
    let superseded = approval_page(&ApprovalView {
        held: None,
        unreviewed: None,
        stopped: None,
        promotion: &promotion,
        asked: old,
        viewer: Some(&ada()),
        csrf: Some("token"),
        problem: None,
        comment: "",
        into: "",
        again: None,
        now: story.now,
        links: &links(),
    });
    assert!(!superseded.contains("<form"), "{superseded}");
    assert_snapshot!(between(&read(&superseded), "Superseded", "As of"), @"
    Superseded
    This approval is superseded: what it asked about has changed since. Open the newest card.
    Go to the current question
    ");
    let digest = promotion.stage().pinned().unwrap().digest.clone();
    let current = links().approval(promotion.id(), story.attempt(), &digest);
    let (_, path) = current.split_once("7071").unwrap();
    assert!(
        superseded.contains(&format!("href=\"{path}\"")),
        "{superseded}"
    );
    story.vote(&ada(), VoteKind::Approve, "").unwrap();
    assert_snapshot!(between(&read(&page(&story, Some(&ben()))), "Decided", "Gates"), @"
    Decided
    This approval is already decided: Ada Approver approved it. The promotion is copying.
    ");
    let mut story = Story::settled(World::default());
    let by = PromotionId::new("diabetes-3.to-prod-0");
    let attempt = story.attempt();
    story.happen(Event::Superseded { by, attempt }).unwrap();
    assert_snapshot!(between(&read(&page(&story, Some(&ben()))), "Decided", "Gates"), @"
    Decided
    This approval is closed. Superseded: diabetes-3.to-prod-0 goes before it.
    ");
    let mut story = Story::settled(World::default());
    story.run_to("expired");
    assert_snapshot!(between(&read(&page(&story, Some(&ada()))), "Expired", "Gates"), @"
    Expired
    This approval expired at 2026-11-26 07:15:04 UTC (just now). Reopen the promotion to ask again.
    ");
}

#[test]
fn a_refused_answer_is_told_and_not_refreshed_away() {
    let story = Story::settled(World::default());
    let html = approval_page(&ApprovalView {
        held: None,
        unreviewed: None,
        stopped: None,
        promotion: &story.promotion(),
        asked: Asked::Current,
        viewer: Some(&ada()),
        csrf: Some("token"),
        problem: Some("This form is too old."),
        comment: "what I wrote",
        into: "approve",
        again: None,
        now: story.now,
        links: &links(),
    });
    assert!(html.contains(">what I wrote</textarea>"), "{html}");
    assert!(html.contains("This form is too old."), "{html}");
    assert!(!html.contains("data-refresh"), "{html}");
}

/// Sent by somebody whose sign-in was over: it comes back as what it was, never as an approval.
#[test]
fn what_nobody_signed_in_sent_comes_back_in_the_form_that_it_was_sent_by() {
    let story = Story::settled(World::default());
    for (into, comes_back) in [
        ("override", true),
        ("revoke", true),
        ("review", true),
        ("", false),
    ] {
        let html = approval_page(&ApprovalView {
            held: None,
            unreviewed: None,
            stopped: None,
            promotion: &story.promotion(),
            asked: Asked::Current,
            viewer: None,
            csrf: None,
            problem: Some("Your sign-in is over."),
            comment: "the shop is down",
            into,
            again: Some("token"),
            now: story.now,
            links: &links(),
        });
        assert!(html.contains("the shop is down"), "{html}");
        assert_eq!(
            html.contains(&format!("value=\"{into}\"")),
            comes_back,
            "{html}"
        );
        assert_eq!(html.contains("value=\"approve\""), !comes_back, "{html}");
    }
}

#[test]
fn whoever_took_their_word_back_too_often_may_still_say_no() {
    let mut story = Story::settled(World {
        min_approvals: 2,
        ..World::default()
    });
    for _ in 0..Question::MOST_TAKEN_BACK {
        story.vote(&ada(), VoteKind::Approve, "").unwrap();
        let revoke = Event::Revoke {
            by: ada().person,
            reason: "looked again".to_owned(),
            attempt: story.attempt(),
            digest: story.promotion().stage().pinned().unwrap().digest.clone(),
            round: None,
        };
        story.happen(revoke).unwrap();
    }
    let html = page(&story, Some(&ada()));
    assert!(html.contains("Somebody else has to."), "{html}");
    assert!(
        html.contains("value=\"reject\"") && !html.contains("value=\"approve\""),
        "{html}"
    );
}
