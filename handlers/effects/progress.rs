//! How far a promotion is, on the bot's card, between two notices.
//!
//! No record plans it: the card is drawn from the promotion alone and changed in place, and what is lost is drawn again at
//! the next turn. Whatever goes wrong here stops nothing.

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

impl Effects {
    /// Changes the card for everybody, where it shows something else.
    pub async fn show_progress(&self, subject: Subject<'_>) {
        let (Subject::Promotion(promotion), Channel::Bot(connector, bot)) =
            (subject, &self.channel)
        else {
            return;
        };
        if !self.settings.identity.listens_to(&bot.app_id) {
            return;
        }
        let Some(card) = ui::progress_card(promotion, &self.links) else {
            return;
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
                return Ok(());
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
            said.map_or(Ok(()), Err)
        };
        let why = match tokio::time::timeout(PATIENCE, drawn).await {
            Ok(Ok(())) => return,
            Ok(Err(why)) => why,
            Err(_) => "it took too long".to_owned(),
        };
        tracing::warn!(
            promotion = promotion.id().as_str(),
            "the card in the channel does not show how far it is: {why}"
        );
    }
}

/// What tells one drawing of the progress from another.
pub(super) fn drawing(card: &Value) -> Digest {
    Digest::of(card.to_string().as_bytes())
}
