//! Names, comments and messages that want to be more than text.

use promotion::{
    Author, EndpointName, Event, FileEntry, Notice, PromotionId, Report, StageName, TargetId,
    VoteKind,
};

use super::reading;
use super::story::Story;
use super::world::{World, ada, at_most, failure, links, parties, person, record, viewer};
use crate::ui::{
    ApprovalView, Asked, BoardRow, BoardView, EventRow, FreezeRow, FreezeText, FrozenText,
    FrozenView, HeldRow, HoldText, PromotionView, Viewer, approval_page, board_page, bot_card,
    promotion_page,
};

const ATTACK: &str = "[click](https://evil.example) <script>alert(1)</script> \u{202e}gnp\u{2066}\n## x\0 \u{feff}<at>all</at> \"'&";

/// Every notice. One that is new and not listed does not compile: the match is made from the same list.
macro_rules! notices {
    ($($notice:ident),+ $(,)?) => {
        const NOTICES: &[Notice] = &[$(Notice::$notice),+];
        const _: fn(Notice) = |notice| match notice {
            $(Notice::$notice)|+ => {}
        };
    };
}

notices![
    ApprovalAsked,
    Blocked,
    Approved,
    Rejected,
    Expired,
    Superseded,
    Refused,
    Voided,
    Aborted,
    Paused,
    Inconclusive,
    Drifted,
    Live,
    RolledBack,
    NoWayBack,
    Stuck,
    Failed,
    Reminder,
    Escalated,
    Revoked,
    OverrideWanted,
    Overridden,
    ApprovedAutomatically,
    EscalatedElsewhere,
];

fn attacked(text: &str) -> World {
    let mut world = World {
        model: text.to_owned(),
        version: text.to_owned(),
        route: text.to_owned(),
        gates: (0..12).map(|_| at_most(text, 60.0)).collect(),
        trained_by: Author::Person {
            person: person("a", text),
        },
        registered_by: Some(text.to_owned()),
        job_link: Some(format!("javascript:{text}")),
        files: (0..3)
            .map(|n| FileEntry {
                path: format!("{n}{text}"),
                ..super::world::file("", 1)
            })
            .collect(),
        faults: vec![("copy-files", Report::Failed(failure(text)))],
        ..World::default()
    };
    world.metrics.insert(text.to_owned(), Some(53.0));
    world
}

/// An approver, not of the trainer's name.
fn attacker(text: &str) -> Viewer {
    viewer("b", &format!("B{text}"), Some("Model.Approver"))
}

/// A story that comes to each kind of page and card with this text wherever somebody else writes.
fn stories(text: &str) -> Vec<Story> {
    let asked = Story::settled(attacked(text));
    let mut failed = Story::settled(attacked(text));
    failed
        .vote(&attacker(text), VoteKind::Approve, text)
        .unwrap();
    failed.run();
    let mut rejected = Story::settled(attacked(text));
    rejected
        .vote(&attacker(text), VoteKind::Reject, text)
        .unwrap();
    rejected.run();
    let mut aborted = Story::settled(attacked(text));
    let by = Story::operator(&attacker(text));
    aborted
        .happen(Event::Abort {
            by,
            reason: text.to_owned(),
            attempt: None,
        })
        .unwrap();
    aborted.run();
    let blocked = Story::settled(World {
        metrics: [].into(),
        ..attacked(text)
    });
    let mut live = Story::approved(World {
        faults: vec![],
        ..attacked(text)
    });
    live.run_to("live");
    vec![asked, failed, rejected, aborted, blocked, live]
}

fn pages(story: &Story) -> [String; 2] {
    let promotion = story.promotion();
    let digest = promotion
        .stage()
        .pinned()
        .map_or("0", |pinned| pinned.digest.short(16));
    let approval = approval_page(&ApprovalView {
        held: None,
        unreviewed: None,
        stopped: None,
        promotion: &promotion,
        asked: Asked::of(&promotion, story.attempt(), digest, story.now),
        viewer: Some(&ada()),
        csrf: Some("token"),
        problem: None,
        comment: "",
        into: "",
        again: None,
        now: story.now,
        links: &links(),
    });
    let page = promotion_page(&PromotionView {
        held_ahead: None,
        configured: Some(promotion.route()),
        stopped: None,
        promotion: &promotion,
        lines: &story.lines,
        viewer: Some(&ada()),
        csrf: Some("token"),
        problem: None,
        kept: None,
        held: None,
        now: story.now,
        links: &links(),
    });
    [approval, page]
}

fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n') || "\u{202e}\u{2066}\u{feff}".contains(c)
}

#[test]
fn nothing_on_a_card_is_more_than_text() {
    for story in stories(ATTACK) {
        for &notice in NOTICES {
            let card = bot_card(notice, &story.promotion(), &record(), &links());
            let text = reading::card(&card);
            assert!(!text.contains("[click]("), "{text}");
            assert!(!text.contains("https://evil"), "{text}");
            assert!(!text.contains(" <at>"), "{text}");
            assert!(!text.contains("javascript:["), "{text}");
            assert!(!text.chars().any(is_hidden), "{text}");
        }
    }
}

#[test]
fn nothing_on_a_page_is_more_than_text() {
    for story in stories(ATTACK) {
        for html in pages(&story) {
            assert_eq!(html.matches("<script").count(), 1, "{html}");
            assert!(!html.contains("<at"), "{html}");
            assert!(!html.contains("href=\"javascript:"), "{html}");
            assert!(!html.chars().any(is_hidden), "{html}");
        }
    }
}

#[test]
fn nothing_on_the_board_is_more_than_text() {
    let text = || ATTACK.to_owned();
    let row = BoardRow {
        id: PromotionId::new(ATTACK),
        model: text(),
        version: text(),
        route: text(),
        from: text(),
        to: text(),
        stage: text(),
        waits_for: text(),
        due: None,
        since: None,
        overridden: true,
        reviewed: true,
        earlier_unreviewed: true,
        stuck: 0,
    };
    let event = EventRow {
        key: text(),
        kind: text(),
        subject: text(),
        time: None,
        what: text(),
    };
    let hold = HoldText {
        since: jiff::Timestamp::UNIX_EPOCH,
        by: Some(person("b", ATTACK)),
        reason: text(),
    };
    let target = HeldRow {
        id: TargetId::new("f084ea2aa8bb885b8842ffed"),
        endpoint: EndpointName::new(text()),
        stage: StageName::new(text()),
        operators: parties(&attacker(ATTACK)),
        holds: vec![hold],
    };
    let frozen = FrozenView {
        standing: Some(vec![FreezeRow {
            id: "0123456789ab".to_owned(),
            text: FreezeText {
                frozen: FrozenText::Stage(StageName::new(text())),
                by: person("b", ATTACK),
                reason: text(),
                since: jiff::Timestamp::UNIX_EPOCH,
                longer_since: None,
                until: None,
            },
            operators: parties(&attacker(ATTACK)),
        }]),
        offered: vec![("stage:prod".to_owned(), text())],
    };
    let html = board_page(&BoardView {
        frozen: &frozen,
        held: &[target],
        csrf: Some("token"),
        problem: None,
        kept: None,
        open: std::slice::from_ref(&row),
        closed: std::slice::from_ref(&row),
        events: &[event],
        more_closed: None,
        viewer: Some(&attacker(ATTACK)),
        now: jiff::Timestamp::UNIX_EPOCH,
        links: &links(),
    });
    assert_eq!(html.matches("<script").count(), 1, "{html}");
    assert!(
        !html.contains("<at") && !html.contains("=\"https:"),
        "{html}"
    );
    assert!(!html.chars().any(is_hidden), "{html}");
}

#[test]
fn a_card_is_never_too_big() {
    let mut cases = 0;
    for letter in ["*", "\u{1f6a2}", "ab "] {
        let text = letter.repeat(30_000 / letter.len());
        for story in stories(&text) {
            for &notice in NOTICES {
                let card = bot_card(notice, &story.promotion(), &record(), &links());
                let size = card.to_string().len();
                assert!(size <= 20_000, "{notice:?}: {size} bytes");
                let last = reading::card(&card);
                assert!(last.contains("[Open the promotion]"), "{last}");
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 3 * 6 * NOTICES.len());
}
