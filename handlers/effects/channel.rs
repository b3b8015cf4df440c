//! The way to the Teams channel, of whichever kind is configured.

use azure_api::{Azure, Connector, NotPosted, Webhook};
use promotion::{Failure, Report};
use serde_json::Value;

use super::policy::report;
use crate::config::{TeamsBot, TeamsChannel};

/// The channel where cards go.
pub(super) enum Channel {
    /// By the webhook of a workflow.
    Workflow(Webhook),
    /// By a bot.
    Bot(Connector, TeamsBot),
}

impl Channel {
    pub(super) fn new(azure: &Azure, channel: &TeamsChannel) -> Self {
        match channel {
            TeamsChannel::Workflow {
                url,
                envelope,
                auth,
            } => Self::Workflow(azure.webhook(url.clone()).of_kind(*envelope, *auth)),
            TeamsChannel::Bot(bot) => {
                let connector = azure.connector(bot.service_url.clone(), &bot.app_id);
                Self::Bot(connector, bot.clone())
            }
        }
    }

    /// Posts a card; a lost answer may have posted it.
    pub(super) async fn post(&self, card: &Value) -> Result<(), Report> {
        match self {
            Self::Workflow(webhook) => webhook.post(card).await.map_err(|error| report(&error)),
            Self::Bot(connector, bot) => {
                let posted = connector.post_to_channel(&bot.tenant, &bot.channel, card);
                posted.await.map(|_| ()).map_err(|why| not_posted(&why))
            }
        }
    }
}

/// What it means for an effect that Teams has not done it.
pub(super) fn not_posted(why: &NotPosted) -> Report {
    match why {
        NotPosted::TooLarge { .. } => Report::Failed(Failure::new("CardTooLarge", why.to_string())),
        NotPosted::Passing(error)
        | NotPosted::Blocked(error)
        | NotPosted::Gone(error)
        | NotPosted::Refused(error) => report(error),
    }
}
