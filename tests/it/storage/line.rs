//! A line to a service that can be cut after the service has done what it was asked and before it has said so.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A TCP proxy on loopback.
pub(super) struct Line {
    pub(super) port: u16,
    armed: Arc<AtomicBool>,
    carrying: JoinHandle<()>,
}

impl Line {
    /// Carries everything to `port`.
    pub(super) async fn to(port: u16) -> Line {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let armed = Arc::new(AtomicBool::new(false));
        let flag = armed.clone();
        let carrying = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(
                    client,
                    (Ipv4Addr::LOCALHOST, port).into(),
                    flag.clone(),
                ));
            }
        });
        Line {
            port: own,
            armed,
            carrying,
        }
    }

    /// The next append is done, its answer lost.
    pub(super) fn lose_next_append(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

async fn carry(mut client: TcpStream, service: SocketAddr, armed: Arc<AtomicBool>) {
    let Ok(mut service) = TcpStream::connect(service).await else {
        return;
    };
    let (from_client, to_client) = client.split();
    let (from_service, to_service) = service.split();
    let doomed = AtomicBool::new(false);
    tokio::select! {
        () = asks(from_client, to_service, &armed, &doomed) => {}
        () = answers(from_service, to_client, &doomed) => {}
    }
}

async fn asks(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    armed: &AtomicBool,
    doomed: &AtomicBool,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let text = String::from_utf8_lossy(&buffer[..read]);
        if text.contains("comp=appendblock") && armed.swap(false, Ordering::SeqCst) {
            doomed.store(true, Ordering::SeqCst);
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

async fn answers(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, doomed: &AtomicBool) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if doomed.load(Ordering::SeqCst) || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
