//! The app: everything that triggers share, made once at start. Nothing is called here, so the handler listens at once.

use anyhow::Context as _;
use azure_api::{Azure, Identity as Signer, Settings as AzureSettings, Transport};
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::{self, Config, TeamsChannel};
use crate::effects::Effects;
use crate::engine::{Engine, Tellers};
use crate::identity::Identity;
use crate::settings::Settings;
use crate::state::Store;
use crate::ui::Links;

/// How long any call to Azure may take; overwriting calls have a tighter bound of their own.
const CALL_DEADLINE: Duration = Duration::from_secs(30);

/// What triggers share.
pub struct App {
    /// What moves promotions.
    pub engine: Engine,
    /// Who asks.
    pub identity: Identity,
    /// Where things are.
    pub settings: Arc<Settings>,
    /// Addresses of our own pages.
    pub links: Links,
}

/// What an app stands on.
pub struct Ground {
    /// Where things are.
    pub settings: Arc<Settings>,
    /// What is configured.
    pub config: Arc<Config>,
    /// The way to Azure.
    pub azure: Azure,
    /// What time it is.
    pub clock: Clock,
}

impl App {
    /// Reads the configuration and names every client.
    pub fn start(settings: Arc<Settings>) -> anyhow::Result<Self> {
        let env = |name: &str| std::env::var(name).ok();
        let config = config::check(&settings.config, &env)
            .with_context(|| format!("{} cannot be used", settings.config.display()))?;
        if let TeamsChannel::Bot(bot) = &config.teams {
            settings.identity.is_not_of_another_bot(&bot.app_id)?;
        }
        let azure = Azure::new(AzureSettings {
            arm_url: settings.arm_url.clone(),
            identity: Signer::Environment {
                client_id: settings.client_id.clone(),
            },
            deadline: CALL_DEADLINE,
            transport: Transport::Http,
        });
        let warmed = azure.clone();
        let app = Self::on(Ground {
            clock: Clock::new(settings.clock_url.clone()),
            settings,
            config: Arc::new(config),
            azure,
        })?;
        // The TLS client reads the system's certificates: not while somebody waits for the first answer.
        tokio::task::spawn_blocking(move || warmed.warm());
        Ok(app)
    }

    /// Names every client; nothing is called.
    pub fn on(ground: Ground) -> anyhow::Result<Self> {
        let Ground {
            settings,
            config,
            azure,
            clock,
        } = ground;
        let links = Links::new(settings.public_url.as_str());
        let stages = config.stages.iter().map(|stage| stage.workspace.clone());
        let stages = stages.collect();
        let code = config.code.clone();
        let groups = config.groups();
        let identity = Identity::new(&azure, &settings.identity, settings.sign_in, groups);
        let store = Store::new(&azure, &settings);
        let engine = Engine {
            effects: Effects::new(
                &azure,
                settings.clone(),
                &config.teams,
                identity.directory(),
                store.cards.clone(),
                links.clone(),
                stages,
                code,
            ),
            store,
            config,
            clock: Arc::new(clock),
            tellers: Tellers::default(),
        };
        if let Some(why) = identity.closed() {
            tracing::warn!("nobody can sign in: {why}");
        }
        Ok(Self {
            engine,
            identity,
            settings,
            links,
        })
    }
}
