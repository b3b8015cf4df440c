//! `notify`: a card to the channel. A crash between post and record may post a second one, which says the same.
//!
//! By a workflow each notice is a card of its own. A bot asks on one card a promotion's attempt and changes it from then
//! on, so that nobody finds a button that asks nothing any more; a line in its thread tells that something has changed.

use azure_api::{Connector, NotPosted, Said};
use promotion::{Digest, Entry, Failure, Notice, Outcome, Promotion, Report, Stage};
use serde_json::Value;
use std::time::Duration;

use super::channel::{Channel, not_posted};
use super::perform::Effects;
use super::policy::report;
use super::progress::drawing;
use crate::causes::chain;
use crate::config::TeamsBot;
use crate::state::{CardPlace, StoreError};
use crate::ui;

/// Between tries to write down where a card is: longer troubles are told of by the next notice.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_millis(1600),
];

impl Effects {
    pub(super) async fn notify(
        &self,
        promotion: &Promotion,
        notice: Notice,
        entry: &Entry,
    ) -> Report {
        let record = &entry.record;
        let elsewhere = notice == Notice::EscalatedElsewhere;
        if !still_stands(promotion, notice) {
            // Somebody has answered while the channel could not be told.
            return Report::Done(Outcome::Notified);
        }
        let plain = || ui::card(notice, promotion, record, &self.links);
        let told = match &self.channel {
            channel if elsewhere => channel.post_elsewhere(&plain()).await,
            Channel::Workflow { webhook, .. } => {
                let posted = webhook.post(&plain()).await;
                posted.map_err(|error| report(&error))
            }
            Channel::Bot(connector, bot) => {
                // Where the bot's messages are not listened to, a button would lead nowhere.
                let card = if self.settings.identity.listens_to(&bot.app_id) {
                    ui::bot_card(notice, promotion, record, &self.links)
                } else {
                    plain()
                };
                self.tell(connector, bot, promotion, entry, &card).await
            }
        };
        match told {
            Ok(()) => Report::Done(Outcome::Notified),
            Err(report) => report,
        }
    }

    /// Changes the attempt's card, or begins one.
    async fn tell(
        &self,
        connector: &Connector,
        bot: &TeamsBot,
        promotion: &Promotion,
        entry: &Entry,
        card: &Value,
    ) -> Result<(), Report> {
        let place = self.cards.get(promotion.id()).await;
        let place = place
            .map_err(|error| unreadable(&error))?
            .filter(|place| place.is_of(promotion.attempt(), &bot.channel));
        let told = Some(entry.planned_at);
        if place.as_ref().is_some_and(|place| place.told > told) {
            // What it says has been overtaken: the card says more already.
            return Ok(());
        }
        // One that was lost may have a newer one beside it that nobody has written down: it is never changed again.
        let mut lost = None;
        if let Some(place) = place.filter(|place| !place.lost) {
            let is_changed = changed(connector, &place, card).await?;
            let place = CardPlace {
                progress: self.progress_told(promotion),
                told: if is_changed { told } else { place.told },
                lost: !is_changed,
                ..place
            };
            if is_changed {
                self.keep(promotion, &place).await;
                return Ok(());
            }
            // Before another is posted, for nobody may be able to write down where that is: clicks on it count all the same.
            let written = self.cards.put(promotion.id(), &place).await;
            written.map_err(|error| unwritable(&error))?;
            lost = Some(place);
        }
        let posted = connector.post_to_channel(&bot.tenant, &bot.channel, card);
        let posted = match posted.await {
            Ok(posted) => posted,
            Err(why) => {
                // Where nothing was posted for certain, the old card is still the newest one.
                if let Some(place) = lost.filter(|_| is_certain(&why)) {
                    let place = CardPlace {
                        lost: false,
                        ..place
                    };
                    self.keep(promotion, &place).await;
                }
                return Err(not_posted(&why));
            }
        };
        let place = CardPlace {
            attempt: promotion.attempt(),
            channel: bot.channel.clone(),
            conversation: posted.conversation,
            activity: posted.activity,
            progress: self.progress_told(promotion),
            told,
            lost: false,
        };
        // Trying it all again would post again: the next notice begins a card of its own instead.
        self.keep(promotion, &place).await;
        Ok(())
    }

    /// What counts as told by a notice: while people are asked the notice says more than the progress until that changes.
    fn progress_told(&self, promotion: &Promotion) -> Option<Digest> {
        let asked = matches!(promotion.stage(), Stage::AwaitingApproval { .. });
        let card = ui::progress_card(promotion, &self.links).filter(|_| asked);
        card.map(|card| drawing(&card))
    }

    async fn keep(&self, promotion: &Promotion, place: &CardPlace) {
        let mut pauses = PAUSES.iter();
        while let Err(error) = self.cards.put(promotion.id(), place).await {
            let Some(pause) = pauses.next() else {
                tracing::warn!(
                    promotion = promotion.id().as_str(),
                    "where the card is could not be kept: {}",
                    chain(&error)
                );
                return;
            };
            tokio::time::sleep(*pause).await;
        }
    }
}

/// Whether Teams has said that it did not post it; otherwise it may have.
fn is_certain(why: &NotPosted) -> bool {
    match why {
        NotPosted::Gone(_)
        | NotPosted::Blocked(_)
        | NotPosted::Refused(_)
        | NotPosted::TooLarge { .. } => true,
        NotPosted::Passing(_) => false,
    }
}

/// Whether what a notice says or asks still stands; most tell what has happened, whenever they come.
fn still_stands(promotion: &Promotion, notice: Notice) -> bool {
    let stage = promotion.stage();
    let open = matches!(stage, Stage::AwaitingApproval { .. });
    match notice {
        Notice::ApprovalAsked
        | Notice::Reminder
        | Notice::Escalated
        | Notice::EscalatedElsewhere
        | Notice::Revoked => open,
        // A second person may want it as long as nothing is copied.
        Notice::OverrideWanted => {
            let question = stage.question();
            let wanted = question.is_some_and(|question| !question.overrides.is_empty());
            let copying = matches!(stage, Stage::Copying(_));
            wanted && (open || copying) && !promotion.is_overridden()
        }
        // Somebody may have taken their word back since: then nothing is approved, and the question says so.
        Notice::Approved | Notice::Overridden | Notice::ApprovedAutomatically => !open,
        Notice::Blocked
        | Notice::Rejected
        | Notice::Expired
        | Notice::Superseded
        | Notice::Refused
        | Notice::Voided
        | Notice::Aborted
        | Notice::Paused
        | Notice::Inconclusive
        | Notice::Drifted
        | Notice::Live
        | Notice::RolledBack
        | Notice::NoWayBack
        | Notice::Stuck
        | Notice::Failed => true,
    }
}

/// Changes the card for everybody and says so in its thread; whether there was a card to change.
async fn changed(connector: &Connector, place: &CardPlace, card: &Value) -> Result<bool, Report> {
    let (conversation, activity) = (&place.conversation, &place.activity);
    match connector.update(conversation, activity, card).await {
        Ok(()) => {}
        Err(NotPosted::Gone(_) | NotPosted::Blocked(_)) => return Ok(false),
        // Also where the token is refused, or there is none: the card is there, and a second one would leave it with its buttons.
        Err(why @ (NotPosted::Passing(_) | NotPosted::TooLarge { .. } | NotPosted::Refused(_))) => {
            return Err(not_posted(&why));
        }
    }
    // The card's headline, which is Markdown already.
    let line = Said::Text(card["fallbackText"].as_str().unwrap_or_default());
    match connector.reply(conversation, activity, line).await {
        Err(why @ NotPosted::Passing(_)) => Err(not_posted(&why)),
        // Where the line is refused, the card says it all the same.
        Ok(_)
        | Err(
            NotPosted::Gone(_)
            | NotPosted::Blocked(_)
            | NotPosted::Refused(_)
            | NotPosted::TooLarge { .. },
        ) => Ok(true),
    }
}

fn unwritable(error: &StoreError) -> Report {
    Report::Retry(Failure::new("CardPlaceUnwritable", chain(error)))
}

fn unreadable(error: &StoreError) -> Report {
    Report::Retry(Failure::new("CardPlaceUnreadable", chain(error)))
}
