//! Starts and stops the cloud: binds the listener, builds the world, nests each plane under its first path segment.
//!
//! A cloud may also be unplugged: it listens nowhere and is asked in process, so that thousands of them fit into a test.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admission::{self, Calls, Plane};
use crate::arm::{Estate, Timings};
use crate::control::ControlHook;
use crate::eventgrid::Grid;
use crate::graph::Directory;
use crate::inside::Inside;
use crate::line::{Line, Lines};
use crate::ml::Ml;
use crate::recording::{self, Recorder};
use crate::seed::Example;
use crate::teams::{Channel, Threads};
use crate::world::World;
use crate::{
    BlobStore, Faults, Identity, Queues, SimClock, arm, blob, clock, control, faults, graph,
    identity, page, region, scoring, seed, servicebus, teams,
};

/// How long [`Cloud::stop`] waits for answers that are under way, in real time.
const FAREWELL: Duration = Duration::from_secs(1);

/// What local apps send as `X-IDENTITY-HEADER` unless told otherwise.
const LOCAL_HEADER: &str = "local-identity-secret";

/// The planes by the first segment of their paths.
const PLANES: [(&str, Plane); 10] = [
    ("/arm", arm::PLANE),
    ("/region", region::PLANE),
    ("/scoring", scoring::PLANE),
    ("/teams", teams::PLANE),
    ("/blob", blob::PLANE),
    ("/servicebus", servicebus::PLANE),
    ("/identity", identity::PLANE),
    ("/login", identity::LOGIN_PLANE),
    ("/botframework", identity::BOT_PLANE),
    ("/graph", graph::PLANE),
];

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
    /// The example project whose models the cloud is seeded with; without one the workspaces are empty.
    pub example: Option<PathBuf>,
    /// A `node_modules` folder with `adaptivecards` and `adaptivecards-designer`; without one cards are shown plainly.
    pub npm: Option<PathBuf>,
    /// How long Azure's operations take.
    pub timings: Timings,
    /// What the button "Kill the handler" does; without it there is no such button.
    pub kill_handler: Option<ControlHook>,
}

impl Default for CloudOptions {
    fn default() -> Self {
        Self {
            port: 0,
            record: None,
            clock_start: None,
            clock_rate: 1.0,
            identity_header: LOCAL_HEADER.to_owned(),
            example: None,
            npm: None,
            timings: Timings::default(),
            kill_handler: None,
        }
    }
}

/// Where an unplugged cloud says that it is: on loopback, for tokens go nowhere else, on a port where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A running cloud. Dropping it stops it.
pub struct Cloud {
    world: Arc<World>,
    stop: watch::Sender<bool>,
    /// Absent while it is unplugged.
    server: Option<JoinHandle<()>>,
}

impl Cloud {
    /// Listens on loopback and serves until [`stop`](Self::stop) or drop.
    pub async fn start(options: CloudOptions) -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let (stop, stopping) = watch::channel(false);
        let world = Arc::new(build_world(options, base_url, &stopping)?);
        seed::plant(&world)?;
        let app = router(&world, &stopping);
        let server = tokio::spawn(serve(Lines::new(listener), app, stopping));
        Ok(Self {
            world,
            stop,
            server: Some(server),
        })
    }

    /// A cloud that listens nowhere: it is asked with [`ask`](Self::ask), and delivers no events. `port` is not used.
    pub fn unplugged(options: CloudOptions) -> anyhow::Result<Self> {
        let (stop, stopping) = watch::channel(false);
        let world = Arc::new(build_world(options, NOWHERE.to_owned(), &stopping)?);
        seed::plant(&world)?;
        world.inside.set(router(&world, &stopping));
        Ok(Self {
            world,
            stop,
            server: None,
        })
    }

    /// Asks an unplugged cloud; `None`: the connection died without an answer, as a fault asked for.
    ///
    /// # Panics
    ///
    /// If the cloud is plugged in: then it is asked over HTTP.
    pub async fn ask(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        self.world.inside.ask(request).await
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.world.base_url
    }

    /// Stops listening and cuts what is still connected.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let Some(mut server) = self.server.take() else {
            return;
        };
        if tokio::time::timeout(FAREWELL, &mut server).await.is_err() {
            server.abort();
        }
    }

    /// The name under which a request is counted and meets faults: `blob.append`.
    pub fn operation_of<B>(&self, request: &Request<B>) -> String {
        let path = request.uri().path();
        let plane = PLANES.iter().find_map(|(prefix, plane)| {
            let rest = path.strip_prefix(prefix)?;
            Some((plane, rest))
        });
        let Some((plane, rest)) = plane else {
            return "unknown".to_owned();
        };
        let query = request.uri().query().map(|query| format!("?{query}"));
        let uri = format!("{rest}{}", query.unwrap_or_default());
        let mut inner = Request::builder().method(request.method()).uri(uri);
        if let Some(headers) = inner.headers_mut() {
            headers.clone_from(request.headers());
        }
        match inner.body(()) {
            Ok(inner) => (plane.operation)(&inner.into_parts().0).into_owned(),
            Err(_) => "unknown".to_owned(),
        }
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    pub(crate) fn world_shared(&self) -> Arc<World> {
        Arc::clone(&self.world)
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

    /// The people of the tenant.
    pub fn directory(&self) -> &Directory {
        &self.world.directory
    }

    /// How often each operation was called, by name (`blob.append`); refused and failed calls count too.
    pub fn calls(&self) -> std::collections::BTreeMap<String, u64> {
        self.world.calls.counts()
    }

    /// How often each operation was answered by an error, by name and status (`blob.append 412`).
    pub fn refused(&self) -> std::collections::BTreeMap<String, u64> {
        self.world.calls.refused()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        // The routes hold the world that holds them.
        self.world.inside.clear();
    }
}

fn build_world(
    options: CloudOptions,
    base_url: String,
    stopping: &watch::Receiver<bool>,
) -> anyhow::Result<World> {
    // Another part of the process may have installed it already; then that one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let clock = SimClock::new(
        options.clock_start.unwrap_or_else(clock::wall_now),
        options.clock_rate,
    );
    let http = reqwest::Client::builder().no_proxy().build()?;
    Ok(World {
        base_url,
        faults: Faults::default(),
        calls: Calls::default(),
        recorder: Recorder::open(options.record.as_deref())?,
        blobs: BlobStore::new(clock.clone()),
        queues: Queues::new(clock.clone()),
        identity: Identity::new(&options.identity_header),
        directory: Directory::of(seed::everybody()),
        ml: Ml {
            estate: Mutex::new(Estate::new(options.timings)),
            events: Grid::new(clock.clone(), http.clone(), stopping.clone()),
            channel: Channel::default(),
            threads: Threads::default(),
            example: options.example.as_deref().map(Example::read).transpose()?,
            npm: options.npm,
            kill_handler: options.kill_handler,
        },
        http,
        inside: Inside::default(),
        clock,
    })
}

fn router(world: &Arc<World>, stopping: &watch::Receiver<bool>) -> Router {
    let admit = |routes, plane| admission::admit(routes, plane, world, stopping);
    let control = faults::routes()
        .merge(admission::routes())
        .merge(control::routes());
    Router::new()
        .nest(
            "/arm",
            admit(recording::record(arm::routes(), world), arm::PLANE),
        )
        .nest("/region", admit(region::routes(), region::PLANE))
        .nest("/scoring", admit(scoring::routes(), scoring::PLANE))
        .nest("/teams", admit(teams::routes(), teams::PLANE))
        .nest("/blob", admit(blob::routes(), blob::PLANE))
        .nest(
            "/servicebus",
            admit(servicebus::routes(), servicebus::PLANE),
        )
        .nest("/identity", admit(identity::routes(), identity::PLANE))
        .nest(
            "/login",
            admit(identity::login_routes(), identity::LOGIN_PLANE),
        )
        .nest(
            "/botframework",
            admit(identity::bot_routes(), identity::BOT_PLANE),
        )
        .nest("/graph", admit(graph::routes(), graph::PLANE))
        .nest("/clock", clock::routes())
        .nest("/control", control)
        .merge(page::routes())
        .merge(teams::page_routes())
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
