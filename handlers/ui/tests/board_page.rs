//! The board, and what all pages have in common.

use insta::assert_snapshot;
use promotion::PromotionId;

use super::reading::page as read;
use super::story::Story;
use super::world::{World, ada, links};
use super::{approval_page, promotion_page};
use crate::ui::{BoardRow, BoardView, EventRow, SCRIPT, STYLE, board_page, message_page};

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
    Model | Stage | Waits for | Opened | Next look
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
    let html = message_page(
        "No such promotion",
        "There is none called x.",
        None,
        &links(),
    );
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
    let shifting = promotion_page::page(&story, Some(&ada()));
    story.run_to("live");
    let asked = Story::settled(World::default());
    for html in [
        shifting,
        promotion_page::page(&story, Some(&ada())),
        approval_page::page(&asked, Some(&ada())),
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
        assert!(
            html.contains(r#"<meta name="referrer" content="same-origin">"#),
            "{html}"
        );
    }
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    assert!(SCRIPT.len() < 4_000, "{} bytes", SCRIPT.len());
}
