//! The program: without arguments the Functions handler, with arguments the command line in `cli.rs`.

mod cli;

use anyhow::Context as _;
use clap::Parser as _;
use liftlock::app::App;
use liftlock::router::router;
use liftlock::settings::Settings;
use liftlock::telemetry;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;

fn main() -> ExitCode {
    let typed = cli::Cli::try_parse();
    match typed.unwrap_or_else(|why| cli::cut(why).exit()).command {
        None => handler(),
        Some(command) => cli::run(command),
    }
}

/// The host restarts a handler that ends with an error, and takes one that ends well for alive: never exit with 0.
fn handler() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::from(3),
        Err(error) => {
            eprintln!("liftlock: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run() -> anyhow::Result<()> {
    install_tls();
    let settings = Settings::read(&|name| std::env::var(name).ok())?;
    let port = settings.port.context("a handler has a port")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("port {port} on 127.0.0.1 cannot be listened on"))?;
    let _telemetry = telemetry::start();
    let app = App::start(Arc::new(settings))?;
    tracing::info!(routes = app.engine.config.routes.len(), "listening");
    axum::serve(listener, router(Arc::new(app)))
        .await
        .context("the listener failed")
}

/// Every TLS client of the process uses ring; a second installation would only say that it is there.
pub(crate) fn install_tls() {
    drop(rustls::crypto::ring::default_provider().install_default());
}
