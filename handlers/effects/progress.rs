//! How far a promotion is, on the bot's card, between two notices.
//!
//! No record plans it: the card is drawn from the promotion alone and changed in place. Whatever goes wrong here stops nothing;
//! where it may go better later, whoever asked for it is told so, and comes again.

use azure_api::NotPosted;
use promotion::Digest;
use serde_json::Value;
use std::time::Duration;

use super::channel::Channel;
use super::perform::{Effects, Subject};
use crate::causes::chain;
use crate::state::CardPlace;
use crate::ui;

/// A turn waits so long for Teams, and no longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether the card says how far the promotion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It does, or there is nothing to show, or no further try would help.
    Settled,
    /// It says something older, and a later try may change that.
    Behind,
}

impl Effects {
    /// Changes the card for everybody, where it shows something else.
    pub async fn show_progress(&self, subject: Subject<'_>) -> Shown {
        let (Subject::Promotion(promotion), Channel::Bot(connector, bot)) =
            (subject, &self.channel)
        else {
            return Shown::Settled;
        };
        if !self.settings.identity.listens_to(&bot.app_id) {
            return Shown::Settled;
        }
        let Some(card) = ui::progress_card(promotion, &self.links) else {
            return Shown::Settled;
        };
        let shown = drawing(&card);
        let drawn = async {
            let place = self.cards.get(promotion.id()).await;
            let place = place.map_err(|error| chain(&error))?.filter(|place| {
                place.is_of(promotion.attempt(), &bot.channel)
                    && !place.lost
                    && place.progress.as_ref() != Some(&shown)
            });
            let Some(place) = place else {
                return Ok(None);
            };
            let (conversation, activity) = (&place.conversation, &place.activity);
            let changed = connector.update(conversation, activity, &card).await;
            let said = match changed {
                // A person has to mend that: it is told once, and the next notice begins a card anew.
                Err(
                    why @ (NotPosted::Gone(_) | NotPosted::Blocked(_) | NotPosted::TooLarge { .. }),
                ) => Some(why.to_string()),
                other => other.map(|()| None).map_err(|why| why.to_string())?,
            };
            let place = CardPlace {
                progress: Some(shown),
                ..place.clone()
            };
            let kept = self.cards.put(promotion.id(), &place).await;
            kept.map_err(|error| chain(&error))?;
            Ok(said)
        };
        let (shown, why) = match tokio::time::timeout(PATIENCE, drawn).await {
            Ok(Ok(None)) => return Shown::Settled,
            Ok(Ok(Some(said))) => (Shown::Settled, said),
            Ok(Err(why)) => (Shown::Behind, why),
            Err(_) => (Shown::Behind, "it took too long".to_owned()),
        };
        tracing::warn!(
            promotion = promotion.id().as_str(),
            "the card in the channel does not show how far it is: {why}"
        );
        shown
    }
}

/// What tells one drawing of the progress from another.
pub(super) fn drawing(card: &Value) -> Digest {
    Digest::of(card.to_string().as_bytes())
}
