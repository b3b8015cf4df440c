//! The Bot Connector's tokens: that a message comes from Microsoft's Teams service, for our bot, about this `serviceUrl`.
//!
//! Such a token vouches for the sender alone, not for the message's text and not for who clicked. Four holes of the
//! official verifier are closed: a token without `exp`, an activity without `serviceUrl`, one without channel, and a key
//! that is endorsed for no channel.

use axum::http::HeaderMap;
use azure_api::{Azure, Url};
use serde::Deserialize;
use serde_json::Value;

use super::bearer::bearer;
use super::jwt::{self, Refused};
use super::keys::KeyCache;
use crate::clock::wall_now;

/// Who signs. Metadata that names somebody else is no metadata of the connector's.
const ISSUER: &str = "https://api.botframework.com";
/// The one channel that we are asked from.
const CHANNEL: &str = "msteams";

/// Who sends as a bot without an identity.
const ANONYMOUS: &str = "AnonymousSkill";

/// Checks what the Bot Connector sends.
#[derive(Debug)]
pub struct BotTokens {
    keys: KeyCache,
    app_id: String,
}

/// Why a message is not taken for one of the Bot Connector's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BotTokenRefused {
    /// It brings no token, or not as `Authorization: Bearer` and a token.
    #[error("the request brings no bearer token")]
    Missing,
    /// The token itself.
    #[error("the token is not believed: {0}")]
    Token(Refused),
    /// The token is about another `serviceUrl`, or the activity has none.
    #[error("the token is about another `serviceUrl` than the activity")]
    ServiceUrl,
    /// The activity comes from elsewhere, or from nowhere.
    #[error("the activity's channel is not `msteams`")]
    Channel,
    /// The key may not sign for Teams.
    #[error("the key of the token is not endorsed for `msteams`")]
    Endorsement,
    /// Token and activity agree on a `serviceUrl` that is not of the configured connector.
    #[error("the `serviceUrl` is not of the connector that is configured")]
    Connector,
}

impl BotTokenRefused {
    /// Whether the same request may be taken later: nobody could tell who sent it.
    pub fn is_passing(self) -> bool {
        self == Self::Token(Refused::KeysUnavailable)
    }
}

#[derive(Deserialize)]
struct Claims {
    serviceurl: Option<String>,
    ver: Option<Value>,
    appid: Option<Value>,
    azp: Option<Value>,
}

impl Claims {
    /// Whether it is what one bot sends another, which no channel brings: the official verifier takes it for that and has it
    /// vouched for elsewhere.
    fn is_of_another_bot(&self, app_id: &str) -> bool {
        let another = |id: &Option<Value>| id.as_ref().is_some_and(|id| *id != *app_id);
        let anonymous = self.appid.as_ref().is_some_and(|id| *id == *ANONYMOUS);
        anonymous || (self.ver.is_some() && (another(&self.appid) || another(&self.azp)))
    }
}

impl BotTokens {
    /// For the bot of this app id. Fetches nothing yet.
    pub(super) fn new(azure: &Azure, metadata: Url, app_id: String) -> Self {
        Self {
            keys: KeyCache::new(azure, metadata, ISSUER.to_owned()),
            app_id,
        }
    }

    /// The bot's app id.
    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// Whether the Bot Connector sent an activity with these headers, `serviceUrl` and `channelId`.
    pub async fn verify(
        &self,
        headers: &HeaderMap,
        service_url: &str,
        channel_id: &str,
    ) -> Result<(), BotTokenRefused> {
        let Ok(Some(token)) = bearer(headers) else {
            return Err(BotTokenRefused::Missing);
        };
        let audience = [self.app_id.as_str()];
        let checked = jwt::check::<Claims>(token, &self.keys, &audience, wall_now()).await;
        let (claims, signed) = checked.map_err(BotTokenRefused::Token)?;
        if claims.is_of_another_bot(&self.app_id) {
            return Err(BotTokenRefused::Token(Refused::Issuer));
        }
        if service_url.is_empty() || claims.serviceurl.as_deref() != Some(service_url) {
            return Err(BotTokenRefused::ServiceUrl);
        }
        if channel_id != CHANNEL {
            return Err(BotTokenRefused::Channel);
        }
        let endorsements = signed.key.endorsements.unwrap_or_default();
        if !endorsements.iter().any(|channel| channel == CHANNEL) {
            return Err(BotTokenRefused::Endorsement);
        }
        Ok(())
    }
}
