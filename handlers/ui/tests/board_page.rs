//! The board, and what all pages have in common.

use insta::assert_snapshot;
use promotion::{EndpointName, ModelName, PromotionId, StageName, TargetId};

use super::reading::{between, page as read};
use super::story::Story;
use super::world::{World, ada, links, parties, unfrozen, viewer};
use super::{approval_page, promotion_page};
use crate::ui::{
    BoardRow, BoardView, EventRow, FreezeRow, FreezeText, FrozenText, FrozenView, HeldRow,
    HoldText, SCRIPT, STYLE, Unsent, board_page, message_page, unsent_page,
};

fn row(version: &str, stage: &str, waits_for: &str) -> BoardRow {
    BoardRow {
        id: PromotionId::new(format!("diabetes-{version}.diabetes-to-prod-0123456789")),
        model: "diabetes".to_owned(),
        version: version.to_owned(),
        route: "diabetes-to-prod".to_owned(),
        from: "dev".to_owned(),
        to: "prod".to_owned(),
        stage: stage.to_owned(),
        waits_for: waits_for.to_owned(),
        overridden: false,
        reviewed: false,
        earlier_unreviewed: false,
        due: "2026-11-23T07:31:00Z".parse().ok(),
        since: "2026-11-23T07:15:02Z".parse().ok(),
        stuck: 0,
    }
}

#[test]
fn board() {
    let now = "2026-11-23T07:30:00Z".parse().unwrap();
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
        frozen: &unfrozen(),
        held: &[],
        csrf: None,
        problem: None,
        kept: None,
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
fn what_asks_says_on_the_board_that_it_is_frozen() {
    let now = "2026-11-23T07:30:00Z".parse().unwrap();
    let standing = [
        FrozenText::Everything,
        FrozenText::Model(ModelName::new("iris")),
    ];
    let frozen = |scope: &FrozenText| FreezeRow {
        id: "f".to_owned(),
        operators: Vec::new(),
        text: FreezeText {
            frozen: scope.clone(),
            by: ada().person,
            reason: "the fair".to_owned(),
            since: now,
            longer_since: None,
            until: None,
        },
    };
    let frozen = FrozenView {
        standing: Some(standing.iter().map(frozen).collect()),
        offered: Vec::new(),
    };
    let page = read(&board_page(&BoardView {
        frozen: &frozen,
        held: &[],
        csrf: None,
        problem: None,
        kept: None,
        open: &[
            row(
                "3",
                "awaiting approval",
                "1 approval with role Model.Approver",
            ),
            row("2", "copying", "its files"),
        ],
        closed: &[],
        events: &[],
        more_closed: None,
        viewer: None,
        now,
        links: &links(),
    }));
    assert_snapshot!(between(&page, "diabetes 3", "Recently"), @"
    diabetes 3 | ◆ awaiting approval | 1 approval with role Model.Approver! frozen: everything | 2026-11-23 07:15:02 UTC 15 minutes ago | 2026-11-23 07:31:00 UTC in 60 seconds
    diabetes 2 | ● copying | its files | 2026-11-23 07:15:02 UTC 15 minutes ago | 2026-11-23 07:31:00 UTC in 60 seconds
    ");
}

#[test]
fn held_targets_on_the_board() {
    let now = "2026-11-23T07:30:00Z".parse().unwrap();
    let held = HeldRow {
        id: TargetId::new("f084ea2aa8bb885b8842ffed"),
        endpoint: EndpointName::new("diabetes"),
        stage: StageName::new("prod"),
        operators: parties(&ada()),
        holds: vec![
            HoldText {
                since: "2026-11-23T07:15:02Z".parse().unwrap(),
                by: None,
                reason: "diabetes 3 was rolled back: taken back by Ben Approver, “it smells”"
                    .to_owned(),
            },
            HoldText {
                since: "2026-11-23T07:20:00Z".parse().unwrap(),
                by: Some(ada().person),
                reason: "The year ends.".to_owned(),
            },
        ],
    };
    let (ada, sam) = (ada(), viewer("s", "Sam Stranger", None));
    let seen_by = |viewer| {
        board_page(&BoardView {
            frozen: &unfrozen(),
            held: std::slice::from_ref(&held),
            csrf: Some("token"),
            problem: None,
            kept: None,
            open: &[],
            closed: &[],
            events: &[],
            more_closed: None,
            viewer: Some(viewer),
            now,
            links: &links(),
        })
    };
    let html = seen_by(&ada);
    assert!(
        html.contains(r#"action="/api/v1/targets/f084ea2aa8bb885b8842ffed/unhold""#)
            && html.contains(r#"name="seen" value="2026-11-23T07:20:00Z""#),
        "{html}"
    );
    assert_snapshot!(between(&read(&html), "Held targets", "\nOpen"), @"
    Held targets
    Nothing new is promoted to these until somebody lifts the hold. What is under way there, and every way back, goes on.
    Endpoint diabetes in prod
    Since 2026-11-23 07:15:02 UTC 15 minutes ago: Because diabetes 3 was rolled back: taken back by Ben Approver, “it smells”.
    Since 2026-11-23 07:20:00 UTC 10 minutes ago: By Ada Approver, “The year ends”.
    Lift the hold
    Whoever waits for this endpoint goes on within half a minute.
    Reason
    Lift the hold
    ");
    assert_snapshot!(between(&read(&seen_by(&sam)), "Since 2026-11-23 07:20:00", "\nOpen"), @"
    Since 2026-11-23 07:20:00 UTC 10 minutes ago: By Ada Approver, “The year ends”.
    It is lifted by somebody with role Model.Approver.
    ");
    let texts: Vec<String> = held
        .holds
        .iter()
        .map(|hold| crate::ui::held(&held.endpoint, hold))
        .collect();
    assert_snapshot!(texts.join("\n"), @"
    endpoint diabetes is held since 2026-11-23 07:15:02 UTC because diabetes 3 was rolled back: taken back by Ben Approver, “it smells”; lift it on the board
    endpoint diabetes is held since 2026-11-23 07:20:00 UTC by Ada Approver, “The year ends”; lift it on the board
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

#[test]
fn a_form_of_nobody_says_what_it_would_do() {
    let hidden = [("csrf", "token".to_owned())];
    let page = |again| {
        read(&unsent_page(&Unsent {
            what: "Roll back diabetes 2",
            why: "Nobody is signed in.",
            action: "/api/v1/promotions/x/roll-back",
            again,
            reason: "it smells",
            back: "/api/board/promotions/x",
            links: &links(),
        }))
    };
    assert_snapshot!(page(Some(&hidden[..])), @"
    Not signed in
    Not done. Nobody is signed in.
    Roll back diabetes 2
    Sign in in a new tab Nothing was taken, and nothing of it is lost: come back here afterwards and send it again.
    Reason
    Send it again
    Back to the page that this came from
    ");
    assert!(page(None).contains("Roll back diabetes 2"));
}
