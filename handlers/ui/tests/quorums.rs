//! What people are told of a quorum in which somebody in particular has to be, and of one that was escalated.

use insta::assert_snapshot;
use promotion::{Escalation, Notice, Requirement, Seconds, VoteKind};

use super::approval_page::page;
use super::reading::{between, card as read, page as read_page};
use super::story::Story;
use super::world::{World, ada, ben, links, parties, record, viewer};
use crate::ui::{Viewer, bot_card, progress_card, waits_for, why};

fn rita() -> Viewer {
    viewer("e", "Rita Risk", Some("Risk"))
}

fn of_risk(approvals: u32) -> Requirement {
    Requirement {
        party: parties(&rita()).remove(0),
        approvals,
    }
}

/// The headline and what is needed, on the card between two notices.
fn progress(story: &Story) -> String {
    let card = progress_card(&story.promotion(), &links()).expect("somebody has answered");
    headline_and_needs(&read(&card))
}

fn headline_and_needs(card: &str) -> String {
    let mut lines = card.lines();
    let headline = lines.next().unwrap_or_default();
    let needs = lines.find(|line| line.starts_with("Needs"));
    format!("{headline}\n{}", needs.unwrap_or_default())
}

fn decision(story: &Story, viewer: &Viewer) -> String {
    let read = read_page(&page(story, Some(viewer)));
    between(&read, "Your decision", "Gates").to_owned()
}

fn yes(story: &mut Story, by: &Viewer) {
    story.vote(by, VoteKind::Approve, "Better.").unwrap();
    story.run();
}

#[test]
fn whoever_is_required_is_named_until_they_have_answered() {
    let mut story = Story::settled(World {
        min_approvals: 2,
        required: vec![of_risk(1)],
        ..World::default()
    });
    assert_snapshot!(waits_for(&story.promotion()), @"2 approvals with role Model.Approver or Risk, among them 1 with role Risk");
    assert_snapshot!(why(&story.promotion(), story.now), @"Both gates have passed. It needs 2 approvals of different people with role Model.Approver or Risk, among them 1 with role Risk. Unanswered, it expires at 2026-11-26 07:15:04 UTC (in 3 days).");
    yes(&mut story, &ada());
    assert_snapshot!(progress(&story), @"
    diabetes 2 → prod: approved by 1 of 2; missing: 1 with role Risk
    Needs: 2 approvals of different people with role Model.Approver or Risk, among them 1 with role Risk
    ");
    assert_snapshot!(waits_for(&story.promotion()), @"1 approval with role Risk");
    yes(&mut story, &ben());
    assert_eq!(story.promotion().stage().name(), "awaiting approval");
    assert_snapshot!(progress(&story), @"
    diabetes 2 → prod: approved by 2; missing: 1 with role Risk
    Needs: 2 approvals of different people with role Model.Approver or Risk, among them 1 with role Risk
    ");
    assert_snapshot!(waits_for(&story.promotion()), @"1 approval with role Risk");
    assert_snapshot!(why(&story.promotion(), story.now), @"Both gates have passed. It needs 2 approvals of different people with role Model.Approver or Risk, among them 1 with role Risk. It has 2 approvals so far, and still waits for 1 approval with role Risk. Unanswered, it expires at 2026-11-26 07:15:04 UTC (in 3 days).");
    assert_snapshot!(decision(&story, &ada()), @"
    Your decision
    It needs 2 approvals of different people with role Model.Approver or Risk, among them 1 with role Risk. It has 2 approvals so far, and still waits for 1 approval with role Risk. The answer counts until 2026-11-26 07:15:04 UTC (in 3 days).
    You have answered. It waits for 1 more approval by other people with role Risk.
    Take my approval back
    It counts no more, and the question is open again. Possible until its files are copied.
    Reason
    Take my approval back
    ");
    assert_snapshot!(decision(&story, &rita()), @"
    Your decision
    It needs 2 approvals of different people with role Model.Approver or Risk, among them 1 with role Risk. It has 2 approvals so far, and still waits for 1 approval with role Risk. The answer counts until 2026-11-26 07:15:04 UTC (in 3 days).
    Comment
    Approve | Reject | as Rita Risk
    ");
    yes(&mut story, &rita());
    assert_ne!(story.promotion().stage().name(), "awaiting approval");
}

#[test]
fn several_who_are_required_are_counted_by_what_they_hold() {
    let lena = viewer("f", "Lena Legal", Some("Legal"));
    let of_legal = Requirement {
        party: parties(&lena).remove(0),
        approvals: 1,
    };
    let mut story = Story::settled(World {
        required: vec![of_risk(2), of_legal],
        ..World::default()
    });
    assert_snapshot!(waits_for(&story.promotion()), @"3 approvals with role Model.Approver or Risk or Legal, among them 2 with role Risk and 1 with role Legal");
    yes(&mut story, &rita());
    assert_snapshot!(progress(&story), @"
    diabetes 2 → prod: approved by 1 of 3; missing: 1 with role Risk and 1 with role Legal
    Needs: 3 approvals of different people with role Model.Approver or Risk or Legal, among them 2 with role Risk and 1 with role Legal
    ");
    assert_snapshot!(decision(&story, &rita()), @"
    Your decision
    It needs 3 approvals of different people with role Model.Approver or Risk or Legal, among them 2 with role Risk and 1 with role Legal. It has 1 approval so far, and still waits for 2 approvals with role Model.Approver or Risk or Legal, among them 1 with role Risk and 1 with role Legal. The answer counts until 2026-11-26 07:15:04 UTC (in 3 days).
    You have answered. It waits for 2 more approvals by other people, among them 1 with role Risk and 1 with role Legal.
    Take my approval back
    It counts no more, and the question is open again. Possible until its files are copied.
    Reason
    Take my approval back
    ");
    yes(&mut story, &lena);
    assert_snapshot!(progress(&story), @"
    diabetes 2 → prod: approved by 2 of 3; missing: 1 with role Risk
    Needs: 3 approvals of different people with role Model.Approver or Risk or Legal, among them 2 with role Risk and 1 with role Legal
    ");
    assert_snapshot!(decision(&story, &lena), @"
    Your decision
    It needs 3 approvals of different people with role Model.Approver or Risk or Legal, among them 2 with role Risk and 1 with role Legal. It has 2 approvals so far, and still waits for 1 approval with role Risk. The answer counts until 2026-11-26 07:15:04 UTC (in 3 days).
    You have answered. It waits for 1 more approval by other people with role Risk.
    Take my approval back
    It counts no more, and the question is open again. Possible until its files are copied.
    Reason
    Take my approval back
    ");
}

#[test]
fn whoever_it_was_escalated_to_is_named_from_then_on() {
    let manager = viewer("f", "Mia Manager", Some("ML.Manager"));
    let mut story = Story::settled(World {
        min_approvals: 2,
        escalation: Some(Escalation {
            after: Seconds(4 * 3600),
            approvers: parties(&manager),
            elsewhere: false,
        }),
        ..World::default()
    });
    let told = |story: &Story, notice| {
        let card = bot_card(notice, &story.promotion(), &record(), &links());
        headline_and_needs(&read(&card))
    };
    assert_snapshot!(told(&story, Notice::ApprovalAsked), @"
    diabetes 2 → prod: approval needed
    Needs: 2 approvals of different people with role Model.Approver
    ");
    assert!(story.wait());
    story.run();
    assert_snapshot!(told(&story, Notice::Escalated), @"
    diabetes 2 → prod: escalated: nobody has answered
    Needs: 2 approvals of different people with role Model.Approver or ML.Manager
    ");
    assert_snapshot!(waits_for(&story.promotion()), @"2 approvals with role Model.Approver or ML.Manager");
    assert_snapshot!(decision(&story, &manager), @"
    Your decision
    It needs 2 approvals of different people with role Model.Approver or ML.Manager. The answer counts until 2026-11-26 07:15:04 UTC (in 3 days).
    Comment
    Approve | Reject | as Mia Manager
    ");
    yes(&mut story, &manager);
    assert_snapshot!(told(&story, Notice::Escalated), @"
    diabetes 2 → prod: escalated: not enough people have answered
    Needs: 2 approvals of different people with role Model.Approver or ML.Manager
    ");
    assert_snapshot!(progress(&story), @"
    diabetes 2 → prod: approved by 1 of 2
    Needs: 2 approvals of different people with role Model.Approver or ML.Manager
    ");
}
