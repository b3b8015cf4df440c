//! Starts and stops the cloud: binds the listener, builds the world, nests each plane under its first path segment.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admission::{self, Calls};
use crate::line::{Line, Lines};
use crate::recording::Recorder;
use crate::world::World;
use crate::{
    BlobStore, Faults, Identity, Queues, SimClock, blob, clock, faults, identity, servicebus,
};

/// How long [`Cloud::stop`] waits for answers that are under way, in real time.
const FAREWELL: Duration = Duration::from_secs(1);

/// What local apps send as `X-IDENTITY-HEADER` unless told otherwise.
const LOCAL_HEADER: &str = "local-identity-secret";

/// What may differ between a test, the demo and hands-on work.
#[derive(Debug, Clone)]
pub struct CloudOptions {
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// File to which each exchange with ARM is appended as a line of JSON.
    pub record: Option<PathBuf>,
    /// Where the cloud's time starts; the wall clock's when absent.
    pub clock_start: Option<Timestamp>,
    /// Seconds of the cloud's time per real second.
    pub clock_rate: f64,
    /// The secret that managed identity asks for in `X-IDENTITY-HEADER`.
    pub identity_header: String,
}

impl Default for CloudOptions {
    fn default() -> Self {
        Self {
            port: 0,
            record: None,
            clock_start: None,
            clock_rate: 1.0,
            identity_header: LOCAL_HEADER.to_owned(),
        }
    }
}

/// A running cloud. Dropping it stops it.
pub struct Cloud {
    world: Arc<World>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl Cloud {
    /// Listens on loopback and serves until [`stop`](Self::stop) or drop.
    pub async fn start(options: CloudOptions) -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let world = Arc::new(build_world(&options, base_url)?);
        let (stop, stopping) = watch::channel(false);
        let app = router(&world, &stopping);
        let server = tokio::spawn(serve(Lines::new(listener), app, stopping));
        Ok(Self {
            world,
            stop,
            server,
        })
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.world.base_url
    }

    /// Stops listening and cuts what is still connected.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(FAREWELL, &mut self.server)
            .await
            .is_err()
        {
            self.server.abort();
        }
    }

    pub fn clock(&self) -> &SimClock {
        &self.world.clock
    }

    pub fn faults(&self) -> &Faults {
        &self.world.faults
    }

    pub fn blobs(&self) -> &BlobStore {
        &self.world.blobs
    }

    pub fn queues(&self) -> &Queues {
        &self.world.queues
    }

    pub fn identity(&self) -> &Identity {
        &self.world.identity
    }

    /// How often each operation was called, by name (`blob.append`); refused and failed calls count too.
    pub fn calls(&self) -> std::collections::BTreeMap<String, u64> {
        self.world.calls.counts()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

fn build_world(options: &CloudOptions, base_url: String) -> anyhow::Result<World> {
    // Another part of the process may have installed it already; then that one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let clock = SimClock::new(
        options.clock_start.unwrap_or_else(clock::wall_now),
        options.clock_rate,
    );
    Ok(World {
        base_url,
        faults: Faults::default(),
        calls: Calls::default(),
        recorder: Recorder::open(options.record.as_deref())?,
        blobs: BlobStore::new(clock.clone()),
        queues: Queues::new(clock.clone()),
        identity: Identity::new(&options.identity_header),
        http: reqwest::Client::builder().no_proxy().build()?,
        clock,
    })
}

fn router(world: &Arc<World>, stopping: &watch::Receiver<bool>) -> Router {
    let admit = |routes, plane| admission::admit(routes, plane, world, stopping);
    let control = faults::routes().merge(admission::routes());
    Router::new()
        .nest("/blob", admit(blob::routes(), blob::PLANE))
        .nest(
            "/servicebus",
            admit(servicebus::routes(), servicebus::PLANE),
        )
        .nest("/identity", admit(identity::routes(), identity::PLANE))
        .nest("/clock", clock::routes())
        .nest("/control", control)
        .with_state(Arc::clone(world))
}

async fn serve(lines: Lines, app: Router, mut stopping: watch::Receiver<bool>) {
    let stopped = async move {
        // An error means that the cloud was dropped: stop as well.
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    let service = app.into_make_service_with_connect_info::<Line>();
    let served = axum::serve(lines, service)
        .with_graceful_shutdown(stopped)
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "the simulated cloud stopped serving");
    }
}
