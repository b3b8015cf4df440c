//! Buttons for a bot's cards: what they carry says which question they answer, never that somebody may answer it.

use promotion::{Digest, Notice, PersonId, Promotion, Stage};
use serde_json::{Value, json};

use super::design::{BUDGET, Tone};
use super::notices::{About, card};
use crate::ui::links::Links;
use crate::ui::messages::{ending, needs, stage_name};
use crate::ui::moment::utc;
use crate::ui::text::{COMMENT, REASON};

/// The card of a bot for `notice`: the same as a workflow's, with buttons where somebody is asked.
pub fn bot_card(notice: Notice, promotion: &Promotion, record: &Digest, links: &Links) -> Value {
    let buttons = match notice {
        Notice::ApprovalAsked | Notice::Reminder | Notice::Escalated
        | Notice::Revoked
        | Notice::OverrideWanted => decide(promotion, links),
        Notice::Paused | Notice::Inconclusive | Notice::Drifted => resume(promotion, links),
        Notice::Blocked
        | Notice::Approved
        | Notice::Rejected
        | Notice::Expired
        | Notice::Superseded
        | Notice::Refused
        | Notice::Voided
        | Notice::Aborted
        | Notice::Live
        | Notice::RolledBack
        | Notice::NoWayBack
        | Notice::Stuck
        | Notice::Failed
        | Notice::Overridden
        | Notice::ApprovedAutomatically
        // Clicks count in the channel that asks.
        | Notice::EscalatedElsewhere => vec![],
    };
    with(card(notice, promotion, record, links), buttons)
}

/// How things are now, for one person who clicked: without the buttons that they have used.
pub fn state_card(promotion: &Promotion, person: &PersonId, links: &Links) -> Value {
    let about = About::now(promotion, links);
    let mut card = about.answers(about.begin(Tone::Accent, stage_name(promotion)));
    if let Some(end) = promotion.stage().ending() {
        card = card.text(&ending(end));
    }
    let voted = promotion
        .stage()
        .votes()
        .iter()
        .any(|vote| vote.person.id == *person);
    let buttons = if let Stage::AwaitingApproval { pinned, .. } = promotion.stage() {
        card = card.facts(&[
            ("Needs", needs(promotion, pinned)),
            ("Expires", utc(pinned.expires_at)),
        ]);
        if voted {
            vec![]
        } else {
            decide(promotion, links)
        }
    } else {
        resume(promotion, links)
    };
    with(about.end(card), buttons)
}

/// Yes or no to exactly what is asked now; nothing, where nothing is.
pub(super) fn decide(promotion: &Promotion, links: &Links) -> Vec<Value> {
    let Stage::AwaitingApproval { pinned, .. } = promotion.stage() else {
        return vec![];
    };
    let attempt = promotion.attempt();
    let page = links.approval(promotion.id(), attempt, &pinned.digest);
    let data = json!({ "promotion": promotion.id(), "attempt": attempt, "digest": pinned.digest });
    vec![
        comment("Comment; to reject, the reason", COMMENT),
        json!({ "type": "ActionSet", "actions": [
            button("Approve", "approval.approve", "positive", &data, &page),
            button("Reject", "approval.reject", "destructive", &data, &page),
        ] }),
    ]
}

/// On with the rollout out of the pause in which people are asked; nothing, where they are not.
fn resume(promotion: &Promotion, links: &Links) -> Vec<Value> {
    let Some(pause) = promotion
        .pause()
        .filter(|_| promotion.answer_by().is_some())
    else {
        return vec![];
    };
    let page = links.absolute(&links.promotion(promotion.id()));
    let data = json!({ "promotion": promotion.id(), "pause": pause.to_string() });
    vec![
        comment("Why it may go on", REASON),
        json!({ "type": "ActionSet", "actions": [
            button("Resume", "rollout.resume", "positive", &data, &page),
        ] }),
    ]
}

fn comment(label: &str, most: usize) -> Value {
    json!({ "type": "Input.Text", "id": "comment", "label": label, "isMultiline": true, "maxLength": most })
}

/// Where the host knows no `Action.Execute`, it opens the page.
fn button(title: &str, verb: &str, style: &str, data: &Value, page: &str) -> Value {
    json!({
        "type": "Action.Execute", "title": title, "verb": verb, "style": style, "data": data,
        "fallback": { "type": "Action.OpenUrl", "title": format!("{title} on the page"), "url": page },
    })
}

/// The buttons below the card's own text, of which what does not fit beside them is left to the page.
pub(super) fn with(mut card: Value, buttons: Vec<Value>) -> Value {
    let kept = buttons.len() + 1;
    if let Some(body) = card["body"].as_array_mut() {
        body.extend(buttons);
    }
    while card.to_string().len() > BUDGET {
        match card["body"].as_array_mut() {
            Some(body) if body.len() > kept => {
                body.remove(body.len() - kept);
            }
            Some(_) | None => break,
        }
    }
    card
}
