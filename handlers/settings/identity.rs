//! What it takes to check who somebody is: the app registration, the bot, and where Microsoft's documents are.

use anyhow::{Context as _, bail};
use azure_api::Url;

/// What of the environment is about identity.
#[derive(Debug, Clone)]
pub struct IdentitySettings {
    /// The app that people sign in to; absent: nobody can.
    pub registration: Option<Registration>,
    /// The bot; absent: there is none.
    pub bot: Option<Bot>,
    /// Microsoft Graph.
    pub graph: Url,
}

/// The app registration of a tenant.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The directory's id.
    pub tenant_id: String,
    /// The app's id.
    pub client_id: String,
    /// Who signs people in.
    pub authority: Url,
}

/// An Azure Bot.
#[derive(Debug, Clone)]
pub struct Bot {
    /// Its app id.
    pub app_id: String,
    /// The Bot Connector's metadata.
    pub metadata: Url,
}

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

impl IdentitySettings {
    /// Whether messages for the bot of this app id are believed.
    pub fn listens_to(&self, app_id: &str) -> bool {
        let known = self.bot.as_ref();
        known.is_some_and(|bot| bot.app_id.eq_ignore_ascii_case(app_id))
    }

    /// Two bots would be one too many: one that posts, and another one that is listened to.
    pub fn is_not_of_another_bot(&self, posts: &str) -> anyhow::Result<()> {
        let Some(bot) = self.bot.as_ref().filter(|_| !self.listens_to(posts)) else {
            return Ok(());
        };
        anyhow::bail!(
            "LIFTLOCK_BOT_APP_ID is {} and the bot that posts, teams.bot.appId of liftlock.yaml, is {posts}: what people \
             answer on its cards would not be heard; set both to the Microsoft App ID of the Azure Bot",
            bot.app_id
        )
    }

    /// Reads the environment.
    pub fn read(env: Env<'_>) -> anyhow::Result<Self> {
        let authority = microsoft(
            env,
            "LIFTLOCK_AUTHORITY_URL",
            "https://login.microsoftonline.com",
        )?;
        let metadata = microsoft(
            env,
            "LIFTLOCK_BOT_METADATA_URL",
            "https://login.botframework.com/v1/.well-known/openidconfiguration",
        )?;
        let registration = match (
            id(env, "LIFTLOCK_TENANT_ID")?,
            id(env, "LIFTLOCK_APP_CLIENT_ID")?,
        ) {
            (Some(tenant_id), Some(client_id)) => Some(Registration {
                tenant_id,
                client_id,
                authority,
            }),
            (None, None) => None,
            (Some(_), None) => bail!(
                "LIFTLOCK_TENANT_ID is set, LIFTLOCK_APP_CLIENT_ID is not: set it to the application (client) id of the app registration that people sign in to"
            ),
            (None, Some(_)) => bail!(
                "LIFTLOCK_APP_CLIENT_ID is set, LIFTLOCK_TENANT_ID is not: set it to the directory (tenant) id in which that app is registered"
            ),
        };
        let bot = id(env, "LIFTLOCK_BOT_APP_ID")?.map(|app_id| Bot { app_id, metadata });
        Ok(Self {
            registration,
            bot,
            graph: microsoft(env, "LIFTLOCK_GRAPH_URL", "https://graph.microsoft.com")?,
        })
    }
}

/// An id as Entra gives them. It goes into addresses, so it must be nothing else.
fn id(env: Env<'_>, name: &str) -> anyhow::Result<Option<String>> {
    let Some(value) = env(name).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    if !is_guid(&value) {
        bail!(
            "{name} `{value}` is no id of Entra's: copy the GUID from the portal's page of the app registration"
        );
    }
    Ok(Some(value.to_ascii_lowercase()))
}

/// Keys and groups come from Microsoft over https. Elsewhere is the simulated cloud: this machine, never the platform.
fn microsoft(env: Env<'_>, name: &str, default: &str) -> anyhow::Result<Url> {
    let value = env(name).unwrap_or_else(|| default.to_owned());
    let url = Url::parse(&value).with_context(|| format!("{name} is no URL"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if env("WEBSITE_INSTANCE_ID").is_some() => bail!(
            "{name} is for the simulated cloud; this is Azure's platform (WEBSITE_INSTANCE_ID is set), so remove it"
        ),
        "http" if url.host_str() == Some("127.0.0.1") => Ok(url),
        _ => bail!("{name} must be https, or http on 127.0.0.1"),
    }
}

/// Whether this is written as object ids are.
pub(crate) fn is_guid(text: &str) -> bool {
    let mut parts = text.split('-');
    let fits = [8, 4, 4, 4, 12].into_iter().all(|length| {
        parts.next().is_some_and(|part| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    });
    fits && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-4000-8000-0000000000F0";

    fn read(pairs: &[(&str, &str)]) -> Result<IdentitySettings, String> {
        let env = |name: &str| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        IdentitySettings::read(&env).map_err(|error| error.to_string())
    }

    #[test]
    fn without_settings_nobody_signs_in_and_there_is_no_bot() {
        let settings = read(&[]).unwrap();
        assert!(settings.registration.is_none() && settings.bot.is_none());
        assert_eq!(settings.graph.as_str(), "https://graph.microsoft.com/");
    }

    #[test]
    fn ids_are_compared_in_lower_case() {
        let both = [("LIFTLOCK_TENANT_ID", ID), ("LIFTLOCK_APP_CLIENT_ID", ID)];
        let registration = read(&both).unwrap().registration.unwrap();
        assert_eq!(registration.tenant_id, ID.to_ascii_lowercase());
    }

    #[test]
    fn half_a_registration_and_foreign_addresses_are_refused_with_the_remedy() {
        let told = |pairs: &[(&str, &str)]| read(pairs).unwrap_err();
        insta::assert_snapshot!(told(&[("LIFTLOCK_TENANT_ID", ID)]), @"LIFTLOCK_TENANT_ID is set, LIFTLOCK_APP_CLIENT_ID is not: set it to the application (client) id of the app registration that people sign in to");
        insta::assert_snapshot!(told(&[("LIFTLOCK_APP_CLIENT_ID", ID)]), @"LIFTLOCK_APP_CLIENT_ID is set, LIFTLOCK_TENANT_ID is not: set it to the directory (tenant) id in which that app is registered");
        insta::assert_snapshot!(told(&[("LIFTLOCK_BOT_APP_ID", "my-bot")]), @"LIFTLOCK_BOT_APP_ID `my-bot` is no id of Entra's: copy the GUID from the portal's page of the app registration");
        let authority = "LIFTLOCK_AUTHORITY_URL";
        insta::assert_snapshot!(told(&[(authority, "http://login.example")]), @"LIFTLOCK_AUTHORITY_URL must be https, or http on 127.0.0.1");
        let platform = ("WEBSITE_INSTANCE_ID", "1");
        insta::assert_snapshot!(told(&[(authority, "http://127.0.0.1:1/login"), platform]), @"LIFTLOCK_AUTHORITY_URL is for the simulated cloud; this is Azure's platform (WEBSITE_INSTANCE_ID is set), so remove it");
        assert!(read(&[(authority, "http://127.0.0.1:1/login")]).is_ok());
    }
}
