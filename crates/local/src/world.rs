//! The whole: cloud, app and platform, wired as Azure would be.

use anyhow::{Context as _, ensure};
use cloud_sim::{Cloud, CloudOptions, ControlHook, Identity, Timings};
use functions_host::{AccessTokens, HostOptions, IdTokens, LogSink, PlatformState};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use url::Url;

use crate::person::{Browser, Persona};
use crate::platform::{Orders, Platform};
use crate::{App, HandlerLog, State};

/// How long the handler may take until it answers.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// How long a queue lock outlives the host that held it, in real time: a killed app waits no longer than that.
const LOCK: Duration = Duration::from_secs(3);

/// Where host and cloud listen, on 127.0.0.1.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ports {
    /// Wherever it is free.
    Free,
    /// The host here, the cloud on the next one.
    From(u16),
}

/// What a world is started with.
#[derive(Debug, Clone)]
pub(crate) struct WorldOptions {
    /// Where it listens.
    pub(crate) ports: Ports,
    /// Seconds of the cloud's time a second.
    pub(crate) rate: f64,
    /// How long Azure's operations take, in the cloud's time.
    pub(crate) timings: Timings,
}

/// A running world. Dropping it ends it.
pub(crate) struct World {
    /// The simulated Azure.
    pub(crate) cloud: Cloud,
    /// What runs the app.
    pub(crate) platform: Platform,
    /// What the app logged.
    pub(crate) log: HandlerLog,
    /// Where the app is reached.
    pub(crate) app_url: Url,
    example: PathBuf,
}

impl World {
    /// Starts the cloud, then the host; returns when the handler has answered.
    pub(crate) async fn start(app: &App, options: &WorldOptions) -> anyhow::Result<Self> {
        let (host_port, cloud_port) = ports(options.ports)?;
        let (orders, taken) = Orders::channel();
        let cloud = Cloud::start(CloudOptions {
            port: cloud_port,
            record: std::env::var_os("CLOUD_SIM_RECORD").map(PathBuf::from),
            clock_rate: options.rate,
            example: Some(app.example().to_path_buf()),
            npm: app.npm().is_dir().then(|| app.npm().to_path_buf()),
            timings: options.timings.clone(),
            kill_handler: Some(ControlHook::new({
                let orders = orders.clone();
                move || orders.kill()
            })),
            ..CloudOptions::default()
        })
        .await?;
        let log = HandlerLog::default();
        let app_url = Url::parse(&format!("http://127.0.0.1:{host_port}/"))?;
        let host = host_options(app, &cloud, host_port, log.sink())?;
        let system_key = host.system_key.clone();
        let platform = Platform::start(host, orders, taken)
            .await
            .context("the Functions host does not start")?;
        let world = Self {
            cloud,
            platform,
            log,
            app_url,
            example: app.example().to_path_buf(),
        };
        world.ready().await?;
        let webhook = format!(
            "{}runtime/webhooks/eventgrid?functionName=ml_event&code={system_key}",
            world.app_url
        );
        world.cloud.subscribe_all(&webhook);
        let messages = format!("{}api/messages", world.app_url);
        world.cloud.install_bot(&messages);
        Ok(world)
    }

    /// Somebody's browser, not signed in.
    pub(crate) fn browser(&self) -> anyhow::Result<Browser> {
        Browser::new(&self.app_url)
    }

    /// A persona's browser, signed in.
    pub(crate) async fn signed_in(&self, persona: Persona) -> anyhow::Result<Browser> {
        let mut browser = self.browser()?;
        browser.sign_in(persona).await?;
        Ok(browser)
    }

    /// What the app has written.
    pub(crate) fn state(&self) -> State<'_> {
        State::of(&self.cloud)
    }

    /// The project whose models the cloud is seeded with.
    pub(crate) fn example(&self) -> &Path {
        &self.example
    }

    /// Ends the app first, then the cloud.
    pub(crate) async fn stop(self) {
        self.platform.stop().await;
        self.cloud.stop().await;
    }

    async fn ready(&self) -> anyhow::Result<()> {
        let browser = self.browser()?;
        let started = Instant::now();
        loop {
            if let Ok(page) = browser.get("/api/health").await
                && page.status.is_success()
            {
                return Ok(());
            }
            ensure!(
                started.elapsed() < READY_WITHIN,
                "the handler did not answer within {} s; it said: {}",
                READY_WITHIN.as_secs(),
                self.log.complaints(3).join(" | ")
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The host's links must name its port before it listens, so a free one is looked for first.
fn ports(wanted: Ports) -> anyhow::Result<(u16, u16)> {
    match wanted {
        Ports::Free => {
            let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                .context("no port on 127.0.0.1 is free")?;
            Ok((probe.local_addr()?.port(), 0))
        }
        Ports::From(first) => {
            let second = first.checked_add(1).context("--port must be below 65535")?;
            for port in [first, second] {
                TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|e| taken(port, &e))?;
            }
            Ok((first, second))
        }
    }
}

fn taken(port: u16, error: &std::io::Error) -> anyhow::Error {
    let other = port.saturating_add(100);
    match error.kind() {
        ErrorKind::AddrInUse => anyhow::anyhow!(
            "port {port} is taken: if another demo runs, end it, or choose two other ports with --port {other} (make demo PORT={other})"
        ),
        _ => anyhow::anyhow!(
            "port {port} cannot be listened on ({error}): choose two other ports with --port {other} (make demo PORT={other})"
        ),
    }
}

fn host_options(app: &App, cloud: &Cloud, port: u16, log: LogSink) -> anyhow::Result<HostOptions> {
    let base = cloud.url();
    Ok(HostOptions {
        env: environment(cloud, port),
        port,
        service_bus_url: Some(Url::parse(&format!("{base}/servicebus"))?),
        clock_url: Some(Url::parse(&format!("{base}/clock"))?),
        id_tokens: {
            let sign_ins = cloud.sign_ins();
            IdTokens::new(move |persona| sign_ins.id_token(&persona.object_id))
        },
        access_tokens: {
            let sign_ins = cloud.sign_ins();
            AccessTokens::new(move |token| sign_ins.whose(token))
        },
        personas: Persona::ALL.map(Persona::known_to_the_host).into(),
        lock_duration: LOCK,
        log,
        platform: PlatformState::default(),
        ..HostOptions::new(app.folder())
    })
}

/// The app settings; each has its counterpart on Azure.
pub(crate) fn environment(cloud: &Cloud, port: u16) -> BTreeMap<String, String> {
    let base = cloud.url();
    [
        ("LIFTLOCK_ARM_URL", format!("{base}/arm")),
        ("LIFTLOCK_STORAGE_URL", format!("{base}/blob/stliftlock")),
        ("LIFTLOCK_BLOB_URL", format!("{base}/blob/{{account}}")),
        ("LIFTLOCK_SERVICEBUS_URL", format!("{base}/servicebus")),
        ("LIFTLOCK_QUEUE", "promotions".to_owned()),
        ("IDENTITY_ENDPOINT", format!("{base}/identity/token")),
        ("LIFTLOCK_TENANT_ID", Identity::TENANT_ID.to_owned()),
        ("LIFTLOCK_APP_CLIENT_ID", Identity::APP_CLIENT_ID.to_owned()),
        ("LIFTLOCK_AUTHORITY_URL", format!("{base}/login")),
        ("LIFTLOCK_GRAPH_URL", format!("{base}/graph")),
        ("LIFTLOCK_BOT_APP_ID", Identity::BOT_APP_ID.to_owned()),
        (
            "LIFTLOCK_BOT_METADATA_URL",
            format!("{base}/botframework/v1/.well-known/openidconfiguration"),
        ),
        ("IDENTITY_HEADER", cloud.identity().header().to_owned()),
        ("LIFTLOCK_CLOCK_URL", format!("{base}/clock")),
        (
            "TEAMS_WORKFLOW_URL",
            format!("{base}/teams/workflows/promotions?sig=local"),
        ),
        ("LIFTLOCK_PUBLIC_URL", format!("http://127.0.0.1:{port}")),
        ("WEBSITE_AUTH_ENABLED", "True".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
