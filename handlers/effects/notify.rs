//! `notify`: a card to the channel. A crash between post and record may post a second one, which says the same.

use promotion::{Digest, Notice, Outcome, Promotion, Report};

use super::channel::Channel;
use super::perform::Effects;
use crate::ui;

impl Effects {
    pub(super) async fn notify(
        &self,
        promotion: &Promotion,
        notice: Notice,
        record: &Digest,
    ) -> Report {
        let card = match &self.channel {
            // Where the bot's messages are not listened to, a button would lead nowhere.
            Channel::Bot(_, bot) if self.settings.identity.listens_to(&bot.app_id) => {
                ui::bot_card(notice, promotion, record, &self.links)
            }
            Channel::Bot(..) | Channel::Workflow(_) => {
                ui::card(notice, promotion, record, &self.links)
            }
        };
        match self.channel.post(&card).await {
            Ok(()) => Report::Done(Outcome::Notified),
            Err(report) => report,
        }
    }
}
