//! The way to the Teams channel, of whichever kind is configured.

use azure_api::{Azure, Connector, NotPosted, TeamsWebhook, Webhook};
use promotion::{Failure, Report};
use serde_json::Value;

use super::policy::report;
use crate::config::{TeamsBot, TeamsChannel};

/// The channel where cards go.
pub(super) enum Channel {
    /// By the webhooks of workflows.
    Workflow {
        /// Where everything is told.
        webhook: Webhook,
        /// Where escalations are told as well.
        elsewhere: Option<Webhook>,
    },
    /// By a bot.
    Bot(Connector, TeamsBot),
}

impl Channel {
    pub(super) fn new(azure: &Azure, channel: &TeamsChannel) -> Self {
        match channel {
            TeamsChannel::Workflow {
                url,
                escalation,
                envelope,
                auth,
            } => {
                let webhook = |url: &TeamsWebhook| {
                    let webhook = azure.webhook(url.clone());
                    webhook.of_kind(*envelope, *auth)
                };
                Self::Workflow {
                    webhook: webhook(url),
                    elsewhere: escalation.as_ref().map(webhook),
                }
            }
            TeamsChannel::Bot(bot) => {
                let connector = azure.connector(bot.service_url.clone(), &bot.app_id);
                Self::Bot(connector, bot.clone())
            }
        }
    }

    /// Posts a card to the channel for escalations; a lost answer may have posted it.
    pub(super) async fn post_elsewhere(&self, card: &Value) -> Result<(), Report> {
        match self {
            Self::Workflow { elsewhere, .. } => match elsewhere {
                Some(webhook) => webhook.post(card).await.map_err(|error| report(&error)),
                None => Err(nowhere()),
            },
            Self::Bot(connector, bot) => match &bot.escalation {
                Some(channel) => {
                    let posted = connector.post_to_channel(&bot.tenant, channel, card).await;
                    posted.map(|_| ()).map_err(|why| not_posted(&why))
                }
                None => Err(nowhere()),
            },
        }
    }
}

/// Somebody has taken the channel out of the configuration meanwhile; the question itself stands where it was asked.
fn nowhere() -> Report {
    let message = "no other channel is configured any more".to_owned();
    Report::Failed(Failure::new("NoOtherChannel", message))
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
