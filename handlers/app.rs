//! The app: everything that triggers share, made once at start. Nothing is called here, so the handler listens at once.

use anyhow::Context as _;
use azure_api::{Azure, Identity, Settings as AzureSettings, TeamsWebhook};
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::config;
use crate::effects::Effects;
use crate::engine::Engine;
use crate::settings::Settings;
use crate::state::Store;
use crate::ui::Links;

/// How long any call to Azure may take; overwriting calls have a tighter bound of their own.
const CALL_DEADLINE: Duration = Duration::from_secs(30);

/// What triggers share.
pub struct App {
    /// What moves promotions.
    pub engine: Engine,
    /// Where things are.
    pub settings: Arc<Settings>,
    /// Addresses of our own pages.
    pub links: Links,
}

impl App {
    /// Reads the configuration and names every client.
    pub fn start(settings: Arc<Settings>) -> anyhow::Result<Self> {
        let env = |name: &str| std::env::var(name).ok();
        let config = config::check(&settings.config, &env)
            .with_context(|| format!("{} cannot be used", settings.config.display()))?;
        let webhook = TeamsWebhook::parse(config.teams_workflow.expose().as_str())
            .context("teams.workflow cannot be used")?;
        let azure = Azure::new(AzureSettings {
            arm_url: settings.arm_url.clone(),
            identity: Identity::Environment {
                client_id: settings.client_id.clone(),
            },
            deadline: CALL_DEADLINE,
        });
        let links = Links::new(settings.public_url.as_str());
        let stages = config.stages.iter().map(|stage| stage.workspace.clone());
        let stages = stages.collect();
        let engine = Engine {
            store: Store::new(&azure, &settings),
            effects: Effects::new(&azure, settings.clone(), webhook, links.clone(), stages),
            config: Arc::new(config),
            clock: Arc::new(Clock::new(settings.clock_url.clone())),
        };
        // The TLS client reads the system's certificates: not while somebody waits for the first answer.
        tokio::task::spawn_blocking(move || azure.warm());
        Ok(Self {
            engine,
            settings,
            links,
        })
    }
}
