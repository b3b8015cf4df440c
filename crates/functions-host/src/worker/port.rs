//! The handler's port: chosen once, the same after each restart.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

use crate::error::HostError;

/// A port on loopback that is kept for the handler.
///
/// The socket is bound and never listens: the system gives the port to nobody else in the meantime, and the handler can
/// listen on it, as it must be able to right after a predecessor's death anyway (`SO_REUSEADDR`, which most servers
/// set). Connections are refused until it does.
#[derive(Debug)]
pub(crate) struct ReservedPort {
    _socket: TcpSocket,
    port: u16,
}

impl ReservedPort {
    /// 0 takes a free one.
    pub(crate) fn reserve(port: u16) -> Result<Self, HostError> {
        let failed = |source| HostError::Listen { port, source };
        let socket = TcpSocket::new_v4().map_err(failed)?;
        socket.set_reuseaddr(true).map_err(failed)?;
        socket
            .bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .map_err(failed)?;
        let port = socket.local_addr().map_err(failed)?.port();
        Ok(Self {
            _socket: socket,
            port,
        })
    }

    pub(crate) fn number(&self) -> u16 {
        self.port
    }
}
