//! What handler and commands find in the environment. Every value has a default that is right on Azure, or is named when
//! missing.

use anyhow::{Context as _, anyhow, bail};
use std::path::PathBuf;
use url::Url;

mod identity;

pub(crate) use identity::is_guid;
pub use identity::{Bot, IdentitySettings, Registration};

/// Where things are, and how to speak to them.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The port that the host tells; none for a command, which no host has started.
    pub port: Option<u16>,
    /// Azure Resource Manager.
    pub arm_url: Url,
    /// The storage account that state lives in.
    pub storage_url: Url,
    /// Blob service of any account, with `{account}` where its name goes.
    pub blob_url: String,
    /// The Service Bus namespace.
    pub service_bus_url: Url,
    /// The queue of wake-ups.
    pub queue: String,
    /// Where people reach this app.
    pub public_url: Url,
    /// Whether the platform signs people in.
    pub sign_in: SignIn,
    /// The app registration, the bot, and where Microsoft's documents about them are.
    pub identity: IdentitySettings,
    /// The managed identity to use, where there are several.
    pub client_id: Option<String>,
    /// The simulated cloud's clock; absent: the system's.
    pub clock_url: Option<Url>,
    /// `liftlock.yaml`.
    pub config: PathBuf,
}

/// Whether the platform signs people in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// `WEBSITE_AUTH_ENABLED` says so: its headers are believed.
    Platform,
    /// It does not: anybody could send those headers, so nobody is signed in.
    Nobody,
}

/// What it takes to read state and nothing else.
#[derive(Debug, Clone)]
pub struct StorageSettings {
    /// The storage account that state lives in.
    pub storage_url: Url,
    /// The managed identity to use, where there are several.
    pub client_id: Option<String>,
}

impl StorageSettings {
    /// Reads the environment.
    pub fn read(env: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        Ok(Self {
            storage_url: url_or(env, "LIFTLOCK_STORAGE_URL", None)?,
            client_id: env("LIFTLOCK_CLIENT_ID"),
        })
    }
}

impl Settings {
    /// Reads the handler's environment; what is missing or wrong in it is told all at once.
    pub fn read(env: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let mut problems = Problems::default();
        let port = problems.note(port(env));
        let settings = Self::read_beside(env, &mut problems);
        match (settings, port) {
            (Some(settings), Some(port)) => Ok(Self {
                port: Some(port),
                ..settings
            }),
            (None, _) | (_, None) => Err(problems.into_error()),
        }
    }

    /// Reads the app's settings for a command that works on its state: the same, but for what only a host tells.
    pub fn read_for_commands(env: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let mut problems = Problems::default();
        let settings = Self::read_beside(env, &mut problems);
        settings.ok_or_else(|| problems.into_error())
    }

    /// Beside the port, which only a host tells; each of them is read before any is given up.
    fn read_beside(env: &dyn Fn(&str) -> Option<String>, problems: &mut Problems) -> Option<Self> {
        let storage = problems.note(StorageSettings::read(env));
        let arm = Some("https://management.azure.com");
        let arm_url = problems.note(url_or(env, "LIFTLOCK_ARM_URL", arm));
        let service_bus_url = problems.note(service_bus(env));
        let public_url = problems.note(public(env));
        let clock_url = problems.note(clock(env));
        let identity = problems.note(IdentitySettings::read(env));
        let storage = storage?;
        Some(Self {
            port: None,
            arm_url: arm_url?,
            storage_url: storage.storage_url,
            blob_url: env("LIFTLOCK_BLOB_URL")
                .unwrap_or_else(|| "https://{account}.blob.core.windows.net".to_owned()),
            service_bus_url: service_bus_url?,
            queue: env("LIFTLOCK_QUEUE").unwrap_or_else(|| "promotions".to_owned()),
            public_url: public_url?,
            sign_in: match env("WEBSITE_AUTH_ENABLED") {
                Some(value) if value.eq_ignore_ascii_case("true") => SignIn::Platform,
                _ => SignIn::Nobody,
            },
            identity: identity?,
            client_id: storage.client_id,
            clock_url: clock_url?,
            config: env("LIFTLOCK_CONFIG")
                .unwrap_or_else(|| "liftlock.yaml".to_owned())
                .into(),
        })
    }

    /// The blob service of `account`.
    pub fn blob_service(&self, account: &str) -> anyhow::Result<Url> {
        let plain = account
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !plain || account.is_empty() {
            bail!("`{account}` is not the name of a storage account");
        }
        let url = self.blob_url.replace("{account}", account);
        Url::parse(&url)
            .with_context(|| format!("LIFTLOCK_BLOB_URL gives `{url}`, which is no URL"))
    }
}

/// What is missing or wrong.
#[derive(Debug, Default)]
struct Problems(Vec<String>);

impl Problems {
    fn note<T>(&mut self, read: anyhow::Result<T>) -> Option<T> {
        read.map_err(|error| self.0.push(format!("{error:#}"))).ok()
    }

    /// One in its own words, more of them one a line.
    fn into_error(self) -> anyhow::Error {
        match self.0.as_slice() {
            [one] => anyhow!("{one}"),
            more => anyhow!(
                "{} settings are to be mended:\n  {}",
                more.len(),
                more.join("\n  ")
            ),
        }
    }
}

fn port(env: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<u16> {
    let port = env("FUNCTIONS_CUSTOMHANDLER_PORT")
        .context("FUNCTIONS_CUSTOMHANDLER_PORT is not set: the Functions host starts this program; `liftlock --help` shows what else it does")?;
    port.parse()
        .with_context(|| format!("FUNCTIONS_CUSTOMHANDLER_PORT `{port}` is not a port"))
}

fn url_or(
    env: &dyn Fn(&str) -> Option<String>,
    name: &str,
    default: Option<&str>,
) -> anyhow::Result<Url> {
    let value = env(name)
        .or_else(|| default.map(str::to_owned))
        .with_context(|| format!("{name} is not set"))?;
    Url::parse(&value).with_context(|| format!("{name} is no URL"))
}

/// The setting that the Functions host itself reads for its connection, unless ours says otherwise.
fn service_bus(env: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Url> {
    if let Some(host) = env("ServiceBus__fullyQualifiedNamespace")
        .filter(|_| env("LIFTLOCK_SERVICEBUS_URL").is_none())
    {
        return Url::parse(&format!("https://{host}"))
            .context("ServiceBus__fullyQualifiedNamespace is no host name");
    }
    url_or(env, "LIFTLOCK_SERVICEBUS_URL", None)
        .context("set ServiceBus__fullyQualifiedNamespace to the namespace that holds the queue")
}

fn public(env: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Url> {
    if let Some(host) = env("WEBSITE_HOSTNAME").filter(|_| env("LIFTLOCK_PUBLIC_URL").is_none()) {
        return Url::parse(&format!("https://{host}")).context("WEBSITE_HOSTNAME is no host name");
    }
    url_or(env, "LIFTLOCK_PUBLIC_URL", None).context("the links on cards need an address")
}

/// Business time may come from elsewhere on this machine only, and never on the platform.
fn clock(env: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Option<Url>> {
    let Some(value) = env("LIFTLOCK_CLOCK_URL") else {
        return Ok(None);
    };
    let url = Url::parse(&value).context("LIFTLOCK_CLOCK_URL is no URL")?;
    if env("WEBSITE_INSTANCE_ID").is_some() {
        bail!(
            "LIFTLOCK_CLOCK_URL is for the simulated cloud; this is Azure's platform (WEBSITE_INSTANCE_ID is set), so remove it"
        );
    }
    if url.host_str() != Some("127.0.0.1") {
        bail!("LIFTLOCK_CLOCK_URL must be on 127.0.0.1");
    }
    Ok(Some(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_missing_is_told_at_once() {
        let told = |known: &[&str]| {
            let env = |name: &str| {
                let known = known.contains(&name);
                known.then(|| "https://x.example".to_owned())
            };
            Settings::read_for_commands(&env).unwrap_err().to_string()
        };
        insta::assert_snapshot!(told(&[]), @r"
        3 settings are to be mended:
          LIFTLOCK_STORAGE_URL is not set
          set ServiceBus__fullyQualifiedNamespace to the namespace that holds the queue: LIFTLOCK_SERVICEBUS_URL is not set
          the links on cards need an address: LIFTLOCK_PUBLIC_URL is not set
        ");
        let both = ["LIFTLOCK_SERVICEBUS_URL", "LIFTLOCK_PUBLIC_URL"];
        insta::assert_snapshot!(told(&both), @"LIFTLOCK_STORAGE_URL is not set");
    }
}
