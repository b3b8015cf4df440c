//! Freezes on the board, and what is said of them and of windows elsewhere.

use insta::assert_snapshot;
use promotion::{ModelName, StageName};

use super::reading::{between, page as read};
use super::world::{ada, links, parties, unfrozen, viewer};
use crate::ui::messages::{starts_later, stopped_now};
use crate::ui::{
    BoardView, FreezeRow, FreezeText, FrozenText, FrozenView, Viewer, board_page, frozen,
    outside_window,
};

fn freezes() -> [FreezeText; 3] {
    let text = |frozen, reason: &str, until: Option<&str>| FreezeText {
        frozen,
        by: ada().person,
        reason: reason.to_owned(),
        since: "2026-11-23T07:15:02Z".parse().unwrap(),
        longer_since: None,
        until: until.map(|until| until.parse().unwrap()),
    };
    [
        text(FrozenText::Everything, "Storage is being moved.", None),
        text(
            FrozenText::Stage(StageName::new("prod")),
            "the year ends",
            Some("2027-01-07T00:00:00Z"),
        ),
        text(FrozenText::Model(ModelName::new("diabetes")), "drift", None),
    ]
}

fn board(frozen: &FrozenView, viewer: &Viewer) -> String {
    board_page(&BoardView {
        frozen,
        held: &[],
        csrf: Some("token"),
        problem: None,
        kept: None,
        open: &[],
        closed: &[],
        events: &[],
        more_closed: None,
        viewer: Some(viewer),
        now: "2026-11-23T07:30:00Z".parse().unwrap(),
        links: &links(),
    })
}

#[test]
fn what_is_frozen_stands_above_everything_else() {
    let row = |(number, text): (usize, FreezeText)| FreezeRow {
        id: format!("f{number}"),
        text,
        operators: parties(&ada()),
    };
    let standing: Vec<_> = freezes().into_iter().enumerate().map(row).collect();
    let (everything, prod) = ("everything".to_owned(), "stage:prod".to_owned());
    let view = FrozenView {
        standing: Some(standing),
        offered: vec![
            (everything, "Everything".to_owned()),
            (prod, "Stage prod".to_owned()),
        ],
    };
    let html = board(&view, &ada());
    for form in ["/api/v1/freezes", "/api/v1/freezes/f1/lift"] {
        assert!(html.contains(&format!("action=\"{form}\"")), "{html}");
    }
    assert_snapshot!(between(&read(&html), "Frozen", "\nOpen"), @"
    Frozen
    Nothing that is covered here is copied or gets more traffic until the freeze ends, unless two people override it while it stands. A freeze never stops an abort, a rollback or any other way back.
    Everything is frozen by Ada Approver, “Storage is being moved”.
    Since 2026-11-23 07:15:02 UTC 15 minutes ago, until somebody lifts it.
    Lift the freeze
    What waits for it goes on within half a minute, unless another freeze or its route's windows stop it.
    Reason
    Lift the freeze
    Stage prod is frozen by Ada Approver, “the year ends”.
    Since 2026-11-23 07:15:02 UTC 15 minutes ago, until 2027-01-07 00:00:00 UTC in 45 days.
    Lift the freeze
    What waits for it goes on within half a minute, unless another freeze or its route's windows stop it.
    Reason
    Lift the freeze
    Model diabetes is frozen by Ada Approver, “drift”.
    Since 2026-11-23 07:15:02 UTC 15 minutes ago, until somebody lifts it.
    Lift the freeze
    What waits for it goes on within half a minute, unless another freeze or its route's windows stop it.
    Reason
    Lift the freeze
    Freeze
    Nothing new is copied, and no candidate gets more traffic, for what you choose. What is measured is measured on. A freeze never stops an abort, a rollback or any other way back.
    What
    Choose what to freeze
    Everything
    Stage prod
    Reason
    For how long (like 4h or 2d; empty: until somebody lifts it)
    Freeze
    ");
    let seen = FrozenView {
        offered: Vec::new(),
        ..view
    };
    let html = board(&seen, &viewer("s", "Sam Stranger", None));
    assert!(!html.contains("<form"), "{html}");
    assert!(
        html.contains("It is lifted by somebody with role"),
        "{html}"
    );
}

#[test]
fn freezes_that_cannot_be_read_are_told() {
    let view = FrozenView {
        standing: None,
        ..unfrozen()
    };
    assert_snapshot!(between(&read(&board(&view, &ada())), "What is", "\nOpen"), @"What is frozen cannot be read: the blob control/freezes.json does not hold what it should. Until it does, nothing is copied and no candidate gets more traffic. A freeze never stops an abort, a rollback or any other way back.");
}

#[test]
fn what_waits_says_for_what() {
    let opens = "2026-11-30T08:00:00Z".parse().ok();
    let mut said: Vec<String> = freezes().iter().map(|one| frozen(one, &[])).collect();
    said.extend([outside_window(opens), outside_window(None)]);
    said.push(starts_later(&outside_window(opens)));
    said.push(stopped_now(&frozen(&freezes()[1], &[])));
    let longer = FreezeText {
        longer_since: "2026-11-24T09:00:00Z".parse().ok(),
        ..freezes()[1].clone()
    };
    said.push(frozen(&longer, &[]));
    let [everything, prod, diabetes] = freezes();
    said.push(frozen(&everything, std::slice::from_ref(&prod)));
    said.push(frozen(&prod, &[everything, diabetes]));
    assert_snapshot!(said.join("\n"), @"
    everything is frozen since 2026-11-23 07:15:02 UTC by Ada Approver, “Storage is being moved”; lift that on the board
    stage prod is frozen since 2026-11-23 07:15:02 UTC by Ada Approver, “the year ends”, until 2027-01-07 00:00:00 UTC
    model diabetes is frozen since 2026-11-23 07:15:02 UTC by Ada Approver, “drift”; lift that on the board
    its route's next window opens at 2026-11-30 08:00:00 UTC
    none of its route's windows opens in the next 400 days; change `windows` in liftlock.yaml
    People can answer now. What is approved does not start at once: its route's next window opens at 2026-11-30 08:00:00 UTC.
    Nothing new begins now, neither a copy nor a step that gives it more traffic: stage prod is frozen since 2026-11-23 07:15:02 UTC by Ada Approver, “the year ends”, until 2027-01-07 00:00:00 UTC. What has begun goes on. That never stops an abort, a rollback or any other way back.
    stage prod is frozen since 2026-11-23 07:15:02 UTC, made longer at 2026-11-24 09:00:00 UTC, by Ada Approver, “the year ends”, until 2027-01-07 00:00:00 UTC
    everything is frozen since 2026-11-23 07:15:02 UTC by Ada Approver, “Storage is being moved”, and 1 more freeze covers it (stage prod); lift them on the board
    stage prod is frozen since 2026-11-23 07:15:02 UTC by Ada Approver, “the year ends”, until 2027-01-07 00:00:00 UTC, and 2 more freezes cover it (everything, model diabetes)
    ");
}
