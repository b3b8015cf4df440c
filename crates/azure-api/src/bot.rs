//! The Bot Connector: what a bot posts to a Teams channel, and what becomes of it later.
//!
//! **Invariant:** the bot's token goes to a [`ServiceUrl`] only. Nothing here is idempotent but the update: a lost
//! answer may have posted, so a caller that repeats may post twice, and both posts must lead to the same decision.

use std::time::Duration;

use azure_core::http::Method;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::{
    azure::Azure,
    call::{Auth, Call},
    error::{Error, Result},
    origin,
    reply::Reply,
    service_url::ServiceUrl,
    teams::attachment,
    tokens::BOT_SCOPE,
};

/// Teams takes messages of some 28 KB; failures were seen from 21 KB on, so a card is kept below this.
pub const LARGEST_CARD: usize = 20 * 1024;

/// What an id may hold unescaped: everything else of it is percent-encoded, as Microsoft's own clients do.
const ID: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// A bot, at its connector.
#[derive(Debug, Clone)]
pub struct Connector {
    azure: Azure,
    service: ServiceUrl,
    app_id: String,
}

/// Where a post is: what it takes to change it or to answer in its thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The thread: `19:…@thread.tacv2;messageid=1700`.
    pub conversation: String,
    /// The message in it: `1700`.
    pub activity: String,
}

/// What an answer in a thread says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Said<'a> {
    /// A card.
    Card(&'a Value),
    /// A line of text, as Markdown.
    Text(&'a str),
}

/// Why Teams has not done what the bot asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotPosted {
    /// It may go better later: throttled (429), 412, 5xx, no answer in time. Of a post nobody knows whether it was made.
    #[error("{0}")]
    Passing(Error),
    /// 403: the bot was blocked or uninstalled, or may not write there. A person has to mend that.
    #[error("{0}")]
    Blocked(Error),
    /// 404: the channel, the thread or the message is not there (any more).
    #[error("{0}")]
    Gone(Error),
    /// The card is too large: before it was sent, or Teams says so (413).
    #[error("the card has {bytes} bytes, {LARGEST_CARD} at most")]
    TooLarge {
        /// Of the card, as JSON.
        bytes: usize,
    },
    /// Anything else: the request itself is wrong, or the bot's identity is.
    #[error("{0}")]
    Refused(Error),
}

impl NotPosted {
    /// How long Teams asks to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.error().and_then(Error::retry_after)
    }

    /// What Teams answered; none where nothing was sent.
    pub fn error(&self) -> Option<&Error> {
        match self {
            NotPosted::Passing(error)
            | NotPosted::Blocked(error)
            | NotPosted::Gone(error)
            | NotPosted::Refused(error) => Some(error),
            NotPosted::TooLarge { .. } => None,
        }
    }

    /// The class of an error, for a message of this size.
    fn of(error: Error, bytes: usize) -> NotPosted {
        match &error {
            // Microsoft's page on rate limits counts 412 among what is to be tried again.
            Error::Throttled(_)
            | Error::Unavailable(_)
            | Error::PreconditionFailed(_)
            | Error::Timeout { .. }
            | Error::Transport { .. }
            | Error::Malformed { .. } => NotPosted::Passing(error),
            Error::Denied(answer) if answer.status == 403 => NotPosted::Blocked(error),
            Error::NotFound(_) => NotPosted::Gone(error),
            Error::Invalid(answer) if answer.status == 413 => NotPosted::TooLarge { bytes },
            Error::Denied(_)
            | Error::Invalid(_)
            | Error::Conflict(_)
            | Error::Refused { .. }
            | Error::Credential { .. } => NotPosted::Refused(error),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    id: String,
    activity_id: String,
}

#[derive(Deserialize)]
struct Answered {
    id: String,
}

impl Connector {
    pub(crate) fn new(azure: Azure, service: ServiceUrl, app_id: String) -> Connector {
        Connector {
            azure,
            service,
            app_id,
        }
    }

    /// The same with another deadline for each call.
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Connector {
        Connector {
            azure: self.azure.within(deadline),
            ..self.clone()
        }
    }

    /// The connector's address.
    pub fn service(&self) -> &ServiceUrl {
        &self.service
    }

    /// Begins a thread in a channel with a card. Sent once; a lost answer may have posted it.
    pub async fn post_to_channel(
        &self,
        tenant: &str,
        channel: &str,
        card: &Value,
    ) -> std::result::Result<Posted, NotPosted> {
        let bytes = fits(card)?;
        let operation = "teams.conversations.post";
        let body = json!({
            "isGroup": true,
            "tenantId": tenant,
            "activity": message(Said::Card(card)),
            "channelData": { "channel": { "id": channel }, "tenant": { "id": tenant } },
        });
        let sent = async {
            let url = origin::under(operation, self.service.url(), &["v3", "conversations"], &[])?;
            let reply = self.send(operation, Method::Post, url, &body).await?;
            let Created { id, activity_id } = reply.json()?;
            if id.is_empty() || activity_id.is_empty() {
                return Err(Error::malformed(operation, "the post has no id"));
            }
            Ok(Posted {
                conversation: id,
                activity: activity_id,
            })
        };
        sent.await.map_err(|error| NotPosted::of(error, bytes))
    }

    /// Replaces a post's card for everybody. May be repeated.
    pub async fn update(
        &self,
        conversation: &str,
        activity: &str,
        card: &Value,
    ) -> std::result::Result<(), NotPosted> {
        let bytes = fits(card)?;
        let operation = "teams.activities.put";
        let mut body = message(Said::Card(card));
        body["id"] = activity.into();
        let sent = async {
            let url = self.activity(operation, conversation, activity)?;
            self.send(operation, Method::Put, url, &body).await
        };
        let sent = sent.await.map_err(|error| NotPosted::of(error, bytes));
        sent.map(|_| ())
    }

    /// Answers in a post's thread; gives the answer's id. Sent once; a lost answer may have posted it.
    pub async fn reply(
        &self,
        conversation: &str,
        activity: &str,
        said: Said<'_>,
    ) -> std::result::Result<String, NotPosted> {
        let bytes = match said {
            Said::Card(card) => fits(card)?,
            Said::Text(text) => text.len(),
        };
        let operation = "teams.activities.post";
        let mut body = message(said);
        body["replyToId"] = activity.into();
        let sent = async {
            let url = self.activity(operation, conversation, activity)?;
            let reply = self.send(operation, Method::Post, url, &body).await?;
            reply.json().map(|Answered { id }| id)
        };
        sent.await.map_err(|error| NotPosted::of(error, bytes))
    }

    async fn send(
        &self,
        operation: &'static str,
        method: Method,
        url: Url,
        body: &Value,
    ) -> Result<Reply> {
        let auth = Auth::Application {
            client_id: &self.app_id,
            scope: BOT_SCOPE,
        };
        let body = Bytes::from(body.to_string());
        self.azure
            .call(Call::write(operation, method, url, auth, body))
            .await
    }

    /// Ids hold `:`, `;` and `=`: percent-encoded, as the recorded clients send them. `url` would leave those as they are.
    fn activity(&self, operation: &'static str, conversation: &str, activity: &str) -> Result<Url> {
        let encoded = |id| -> Result<String> {
            if matches!(id, "" | "." | "..") {
                return Err(Error::refused(operation, format!("{id:?} is not an id")));
            }
            Ok(utf8_percent_encode(id, ID).to_string())
        };
        let base = self.service.as_str().trim_end_matches('/');
        let (conversation, activity) = (encoded(conversation)?, encoded(activity)?);
        let text = format!("{base}/v3/conversations/{conversation}/activities/{activity}");
        origin::parse(operation, &text)
    }
}

/// The card's size, if Teams takes it.
fn fits(card: &Value) -> std::result::Result<usize, NotPosted> {
    let bytes = card.to_string().len();
    if bytes > LARGEST_CARD {
        return Err(NotPosted::TooLarge { bytes });
    }
    Ok(bytes)
}

fn message(said: Said<'_>) -> Value {
    match said {
        Said::Card(card) => json!({ "type": "message", "attachments": [attachment(card)] }),
        Said::Text(text) => json!({ "type": "message", "text": text, "textFormat": "markdown" }),
    }
}
