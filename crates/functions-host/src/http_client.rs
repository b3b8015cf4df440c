//! HTTP/1.1 to loopback, one connection a request.
//!
//! The handler's wire must hold exactly the headers that the real host sends, so nothing may be added on the way; and
//! after a restart no pooled connection may lead to the process that has died. Hence hyper itself.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::body::Body;
use http::{HeaderValue, Request, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use url::Url;

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("connection to 127.0.0.1:{port} failed: {source}")]
    Connect { port: u16, source: io::Error },
    #[error("an error occurred while sending the request: {0}")]
    Http(#[from] hyper::Error),
}

/// A listener on loopback, by its port and the path under which its API lies.
#[derive(Debug, Clone)]
pub(crate) struct LoopbackApi {
    host: String,
    port: u16,
    base: String,
}

/// Why a call of a loopback API failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    #[error(transparent)]
    Send(#[from] SendError),
    #[error("status {0}")]
    Status(u16),
    #[error("the answer is not understood: {0}")]
    Answer(#[from] serde_json::Error),
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
}

/// Opens a connection and sends the request; the connection ends with the answer's body.
pub(crate) async fn send(
    port: u16,
    request: Request<Body>,
) -> Result<Response<Incoming>, SendError> {
    send_on(connect(port).await?, request).await
}

pub(crate) async fn connect(port: u16) -> Result<TcpStream, SendError> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|source| SendError::Connect { port, source })?;
    // Small requests must not wait for an acknowledgement; without the option they are only slower.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

pub(crate) async fn send_on(
    stream: TcpStream,
    request: Request<Body>,
) -> Result<Response<Incoming>, SendError> {
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .title_case_headers(true)
        .handshake(TokioIo::new(stream))
        .await?;
    // Ends by itself with the connection; its error also reaches whoever reads the answer.
    tokio::spawn(connection);
    Ok(sender.send_request(request).await?)
}

impl LoopbackApi {
    /// None when the address is not http on loopback.
    pub(crate) fn new(url: &Url) -> Option<Self> {
        let host = url
            .host_str()
            .filter(|host| matches!(*host, "127.0.0.1" | "localhost"))?;
        (url.scheme() == "http").then(|| Self {
            host: host.to_owned(),
            port: url.port().unwrap_or(80),
            base: url.path().trim_end_matches('/').to_owned(),
        })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Reads a JSON document.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        deadline: Duration,
    ) -> Result<T, CallError> {
        let request = self.request("GET", "", Body::empty());
        let (status, body) = self.exchange(request, deadline).await?;
        if status != 200 {
            return Err(CallError::Status(status));
        }
        Ok(serde_json::from_slice(&body)?)
    }

    /// Posts JSON; an answer without content (204) is `None`.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        deadline: Duration,
    ) -> Result<Option<T>, CallError> {
        let request = self.request("POST", path, Body::from(serde_json::to_vec(body)?));
        match self.exchange(request, deadline).await? {
            (204, _) => Ok(None),
            (200, body) => Ok(Some(serde_json::from_slice(&body)?)),
            (status, _) => Err(CallError::Status(status)),
        }
    }

    fn request(&self, method: &str, path: &str, body: Body) -> Request<Body> {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::HOST, format!("{}:{}", self.host, self.port))
            .header(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            )
            .body(body)
            .expect("paths are escaped by their callers")
    }

    async fn exchange(
        &self,
        request: Request<Body>,
        deadline: Duration,
    ) -> Result<(u16, Vec<u8>), CallError> {
        let exchange = async {
            let response = send(self.port, request).await?;
            let status = response.status().as_u16();
            let body = response
                .into_body()
                .collect()
                .await
                .map_err(SendError::Http)?;
            Ok((status, body.to_bytes().to_vec()))
        };
        tokio::time::timeout(deadline, exchange)
            .await
            .map_err(|_| CallError::TimedOut(deadline))?
    }
}
