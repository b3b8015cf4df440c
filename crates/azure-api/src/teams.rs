//! Posting a card to a Teams channel by the webhook of its workflow.
//!
//! **Invariant:** the URL's `sig` is the only secret there is between the world and the channel; it shows in no message
//! and no `Debug`. An accepted post (202) means queued: a card that Teams dislikes fails later, inside the workflow.

use std::{fmt, time::Duration};

use azure_core::http::Method;
use bytes::Bytes;
use serde_json::{Value, json};
use url::Url;

use crate::{
    azure::Azure,
    call::{Auth, Call},
    error::Result,
    origin,
};

/// A workflow's webhook URL.
#[derive(Clone, PartialEq, Eq)]
pub struct TeamsWebhook(Url);

/// The text is no webhook that can be posted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefused {
    /// No URL.
    #[error("the Teams webhook is not a URL")]
    NotAUrl,
    /// Its secret could be read on the way.
    #[error("the Teams webhook is not https")]
    NotPrivate,
    /// Microsoft retired these.
    #[error(
        "webhook.office.com is an Office 365 connector, which Microsoft has retired; create a workflow webhook"
    )]
    RetiredConnector,
}

/// A channel, by its webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    azure: Azure,
    url: TeamsWebhook,
}

impl TeamsWebhook {
    /// Reads a workflow's URL.
    pub fn parse(text: &str) -> std::result::Result<TeamsWebhook, WebhookRefused> {
        let url = Url::parse(text.trim()).map_err(|_| WebhookRefused::NotAUrl)?;
        let host = url.host_str().unwrap_or_default();
        if host == "webhook.office.com" || host.ends_with(".webhook.office.com") {
            return Err(WebhookRefused::RetiredConnector);
        }
        origin::require_private("teams.post", &url).map_err(|_| WebhookRefused::NotPrivate)?;
        Ok(TeamsWebhook(url))
    }
}

impl fmt::Debug for TeamsWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TeamsWebhook({})", self.0.origin().ascii_serialization())
    }
}

impl Webhook {
    pub(crate) fn new(azure: Azure, url: TeamsWebhook) -> Webhook {
        Webhook { azure, url }
    }

    /// The same with another deadline for each call.
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Webhook {
        Webhook {
            azure: self.azure.within(deadline),
            url: self.url.clone(),
        }
    }

    /// Posts an Adaptive Card. Sent once; a lost answer may have posted it.
    pub async fn post(&self, card: &Value) -> Result<()> {
        let body = Bytes::from(envelope(card).to_string());
        let call = Call::write(
            "teams.post",
            Method::Post,
            self.url.0.clone(),
            Auth::None,
            body,
        );
        self.azure.call(call).await.map(|_| ())
    }
}

/// The workflow's template loops over `attachments`: without that list it fails, hours later and far away.
fn envelope(card: &Value) -> Value {
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_hides_its_secret() {
        let webhook =
            TeamsWebhook::parse("https://example.com/workflows/1?api-version=1&sig=c2VjcmV0")
                .unwrap();
        assert_eq!(format!("{webhook:?}"), "TeamsWebhook(https://example.com)");
    }

    #[test]
    fn retired_and_open_webhooks_are_refused() {
        let refused = |text| TeamsWebhook::parse(text).unwrap_err();
        assert_eq!(
            refused("https://contoso.webhook.office.com/webhookb2/x"),
            WebhookRefused::RetiredConnector
        );
        assert_eq!(refused("http://example.com/x"), WebhookRefused::NotPrivate);
        assert_eq!(refused("x"), WebhookRefused::NotAUrl);
        assert!(TeamsWebhook::parse("http://127.0.0.1:1/teams/workflows/promotions?sig=1").is_ok());
    }
}
