//! What all worlds of a story share: the example's configuration with one thing changed, read once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use cloud_sim::{CloudOptions, Identity, Timings};
use jiff::SignedDuration;
use liftlock::config::{self, Config};
use liftlock::settings::{IdentitySettings, Settings, SignIn};
use url::Url;

/// Where an unplugged cloud says that it is.
const CLOUD: &str = "http://127.0.0.1:9";
/// Where people reach the app.
pub(crate) const APP: &str = "http://127.0.0.1:8";

/// What a process is started with, and its cloud.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) settings: Arc<Settings>,
    pub(crate) config: Arc<Config>,
}

/// A text of the example's files that a story has otherwise: which file, what stands there, what it becomes.
pub(crate) type Change = (&'static str, &'static str, &'static str);

/// Several of them.
pub(crate) type Changes = &'static [Change];

impl Setting {
    /// The example's configuration with these changes.
    pub(crate) fn with(changes: Changes) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        for part in [
            "liftlock.yaml",
            "endpoints",
            "requests",
            "code",
            "environment",
        ] {
            copy(&example().join(part), &folder.path().join(part))?;
        }
        for (file, old, new) in changes {
            let path = folder.path().join(file);
            let text = std::fs::read_to_string(&path)?;
            ensure!(text.contains(old), "{file} says no more {old:?}");
            std::fs::write(&path, text.replace(old, new))?;
        }
        let webhook = format!("{CLOUD}/teams/workflows/promotions?sig=proof");
        let env = |name: &str| (name == "TEAMS_WORKFLOW_URL").then(|| webhook.clone());
        let path = folder.path().join("liftlock.yaml");
        let config = config::check(&path, &env).context("the example's configuration")?;
        Ok(Self {
            settings: Arc::new(settings()?),
            config: Arc::new(config),
        })
    }
}

fn settings() -> anyhow::Result<Settings> {
    let url = |path: &str| Url::parse(&format!("{CLOUD}{path}"));
    Ok(Settings {
        port: None,
        arm_url: url("/arm")?,
        storage_url: url("/blob/stliftlock")?,
        blob_url: format!("{CLOUD}/blob/{{account}}"),
        service_bus_url: url("/servicebus")?,
        queue: "promotions".to_owned(),
        public_url: Url::parse(APP)?,
        sign_in: SignIn::Platform,
        identity: identity()?,
        client_id: None,
        clock_url: None,
        config: PathBuf::from("liftlock.yaml"),
    })
}

/// As the app reads it from its settings.
fn identity() -> anyhow::Result<IdentitySettings> {
    IdentitySettings::read(&|name| {
        Some(match name {
            "LIFTLOCK_TENANT_ID" => Identity::TENANT_ID.to_owned(),
            "LIFTLOCK_APP_CLIENT_ID" => Identity::APP_CLIENT_ID.to_owned(),
            "LIFTLOCK_AUTHORITY_URL" => format!("{CLOUD}/login"),
            "LIFTLOCK_GRAPH_URL" => format!("{CLOUD}/graph"),
            _ => return None,
        })
    })
}

/// A cloud in which the champion serves and Azure is quick.
pub(crate) fn cloud_options() -> CloudOptions {
    let seconds = SignedDuration::from_secs;
    CloudOptions {
        clock_start: "2026-11-23T07:00:00Z".parse().ok(),
        example: Some(example()),
        timings: Timings {
            endpoint: seconds(2),
            traffic: seconds(2),
            deployment: seconds(5),
            delete: seconds(2),
        },
        ..CloudOptions::default()
    }
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/diabetes")
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if from.is_dir() {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    std::fs::copy(from, to)
        .map(|_| ())
        .with_context(|| format!("cannot copy {}", from.display()))
}
