//! What people are told of a quorum that was gone past, or that nobody is asked for.

use promotion::Stage;
use serde_json::Value;

use super::design::Tone;
use super::notices::{About, question};
use crate::ui::messages::{is_approved, wants_override, with_any};
use crate::ui::text::name;

/// The first of two wants it: everybody sees that before anything happens.
pub(super) fn wanted(about: &About<'_>) -> Value {
    let card = about.begin(Tone::Attention, "OVERRIDE wanted");
    let card = who(about, card);
    let Some(pinned) = about.pinned() else {
        return about.end(card);
    };
    let card = card.text(&format!(
        "A second person {} has to want it too. Then nobody's approval is waited for, and no window and no freeze that stood \
         when the first said so holds it up; one that is set or made longer after that does. Its gates, its digest and the separation of duties still hold.",
        with_any(&pinned.quorum.overriders)
    ));
    if matches!(about.promotion.stage(), Stage::AwaitingApproval { .. }) {
        // One person's wish keeps nobody from answering.
        return question(about, card);
    }
    about.end(card.link(
        "Review and decide",
        &about.links.approval(
            about.promotion.id(),
            about.promotion.attempt(),
            &pinned.digest,
        ),
    ))
}

/// Two people went past it.
pub(super) fn overridden(about: &About<'_>) -> Value {
    let (what, past) = if is_approved(about.promotion) {
        ("OVERRIDDEN", "windows and the freezes")
    } else {
        (
            "OVERRIDDEN, not approved",
            "its quorum, windows and the freezes",
        )
    };
    let card = who(about, about.begin(Tone::Attention, what));
    about.end(card.text(&format!(
        "It goes on, past {past} that stood when the first of them said so. A freeze that was set or made longer after that stops it \
         until it is lifted, or, as long as nothing is copied, both take their word back and say so anew."
    )))
}

/// The route asks nobody.
pub(super) fn automatic(about: &About<'_>) -> Value {
    let card = about.begin(Tone::Good, "approved by its route");
    let gates = about.promotion.stage().question();
    let gates = gates.and_then(|question| question.automatic.as_deref());
    about.end(card.text(&format!(
        "The route asks nobody: what passes its gates ({}) goes on. It is copied, registered and rolled out as soon as no freeze or window stands against it.",
        name(&gates.unwrap_or_default().join(", "))
    )))
}

/// Who wants it, and why.
fn who(about: &About<'_>, mut card: super::design::Card) -> super::design::Card {
    let question = about.promotion.stage().question();
    for one in question
        .map(|question| question.overrides.as_slice())
        .unwrap_or_default()
    {
        card = card.text(&wants_override(about.promotion, one));
    }
    card
}
