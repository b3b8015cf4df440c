//! `notify`: a card to the channel. A crash between post and record may post a second one, which says the same.

use promotion::{Digest, Notice, Outcome, Promotion, Report};

use super::perform::Effects;
use crate::ui;

impl Effects {
    pub(super) async fn notify(
        &self,
        promotion: &Promotion,
        notice: Notice,
        record: &Digest,
    ) -> Report {
        let card = ui::card(notice, promotion, record, &self.links);
        match self.channel.post(&card).await {
            Ok(()) => Report::Done(Outcome::Notified),
            Err(report) => report,
        }
    }
}
