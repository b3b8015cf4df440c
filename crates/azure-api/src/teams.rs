//! Posting a card to a Teams channel by the webhook of its workflow.
//!
//! **Invariant:** the URL's `sig` may be the only secret there is between the world and the channel; it shows in no message
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

const CARD: &str = "application/vnd.microsoft.card.adaptive";

/// A workflow's webhook URL.
#[derive(Clone, PartialEq, Eq)]
pub struct TeamsWebhook(Url);

/// What the workflow's template reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Envelope {
    /// A message with the card among its attachments, as most templates loop over them.
    #[default]
    Wrapped,
    /// The card itself: templates whose step posts the body as it came.
    Bare,
}

/// Who the workflow lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WebhookAuth {
    /// Anyone who has the URL with its signature.
    #[default]
    Signature,
    /// Identities of the tenant: a token of the app's own goes with each post.
    Entra(FlowAudience),
}

/// The audience that Power Automate asks of a token, in each of Microsoft's clouds (its page on OAuth for HTTP triggers).
/// Compared to the letter by the service, trailing slash included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FlowAudience {
    /// The public cloud.
    #[default]
    Public,
    /// GCC.
    Gcc,
    /// GCC High.
    GccHigh,
    /// `DoD`.
    Dod,
    /// China.
    China,
}

impl FlowAudience {
    /// Each of them.
    pub const ALL: [FlowAudience; 5] = [
        FlowAudience::Public,
        FlowAudience::Gcc,
        FlowAudience::GccHigh,
        FlowAudience::Dod,
        FlowAudience::China,
    ];

    /// The one that is written so, to the letter.
    pub fn of(text: &str) -> Option<FlowAudience> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// As the token's `aud` has it.
    pub fn as_str(self) -> &'static str {
        // Not by cutting the end: the slash belongs to the audience.
        self.scope()
            .strip_suffix("/.default")
            .expect("a scope ends so")
    }

    /// The scope whose resource is that audience: with the slash of the one and the slash of the other.
    fn scope(self) -> &'static str {
        match self {
            FlowAudience::Public => "https://service.flow.microsoft.com//.default",
            FlowAudience::Gcc => "https://gov.service.flow.microsoft.us//.default",
            FlowAudience::GccHigh => "https://high.service.flow.microsoft.us//.default",
            FlowAudience::Dod => "https://service.flow.appsplatform.us//.default",
            FlowAudience::China => "https://service.powerautomate.cn//.default",
        }
    }
}

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
    envelope: Envelope,
    auth: WebhookAuth,
}

impl TeamsWebhook {
    /// Reads a workflow's URL.
    pub fn parse(text: &str) -> std::result::Result<TeamsWebhook, WebhookRefused> {
        let url = Url::parse(text.trim()).map_err(|_| WebhookRefused::NotAUrl)?;
        let host = url.host_str().unwrap_or_default();
        let retired = ["webhook.office.com", "outlook.office.com"];
        if retired.contains(&host) || host.ends_with(".webhook.office.com") {
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
        Webhook {
            azure,
            url,
            envelope: Envelope::default(),
            auth: WebhookAuth::default(),
        }
    }

    /// The same for a workflow of another kind.
    #[must_use]
    pub fn of_kind(self, envelope: Envelope, auth: WebhookAuth) -> Webhook {
        Webhook {
            envelope,
            auth,
            ..self
        }
    }

    /// The same with another deadline for each call.
    #[must_use]
    pub fn within(&self, deadline: Duration) -> Webhook {
        Webhook {
            azure: self.azure.within(deadline),
            ..self.clone()
        }
    }

    /// Posts an Adaptive Card. Sent once; a lost answer may have posted it.
    pub async fn post(&self, card: &Value) -> Result<()> {
        let body = match self.envelope {
            Envelope::Wrapped => envelope(card).to_string(),
            Envelope::Bare => card.to_string(),
        };
        let auth = match self.auth {
            WebhookAuth::Signature => Auth::None,
            WebhookAuth::Entra(audience) => Auth::Scope(audience.scope()),
        };
        let call = Call::write(
            "teams.post",
            Method::Post,
            self.url.0.clone(),
            auth,
            Bytes::from(body),
        );
        self.azure.call(call).await.map(|_| ())
    }
}

/// The workflow's template loops over `attachments`: without that list it fails, hours later and far away.
fn envelope(card: &Value) -> Value {
    json!({
        "type": "message",
        "attachments": [{
            "contentType": CARD,
            "contentUrl": null,
            "content": card,
        }],
    })
}

/// A card as a message of the bot carries it.
pub(crate) fn attachment(card: &Value) -> Value {
    json!({ "contentType": CARD, "content": card })
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
    fn an_audience_keeps_its_slash() {
        for audience in FlowAudience::ALL {
            assert!(audience.as_str().ends_with('/'));
            assert!(!audience.as_str().ends_with("//"));
            assert_eq!(FlowAudience::of(audience.as_str()), Some(audience));
        }
        assert_eq!(FlowAudience::of("https://service.flow.microsoft.com"), None);
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
