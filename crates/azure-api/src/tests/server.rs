//! What the tests share: a loopback server that answers by script and keeps what it was asked, and an identity that
//! counts.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Response},
    response::IntoResponse,
};
use azure_core::{
    credentials::{AccessToken, TokenCredential, TokenRequestOptions},
    time::OffsetDateTime,
};
use url::Url;

use crate::{Azure, Identity, Settings, ml::WorkspaceRef};

/// The only token there is.
pub(crate) const TOKEN: &str = "test-token-0123456789";

/// One request, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// One answer to give; the last of a script is given for ever.
#[derive(Debug, Clone)]
pub(crate) struct Says {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    after: Duration,
}

impl Says {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Says {
        Says {
            status,
            headers: Vec::new(),
            body: body.into(),
            after: Duration::ZERO,
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Says {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn after(mut self, after: Duration) -> Says {
        self.after = after;
        self
    }
}

/// A server that lives as long as the test's runtime.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) url: Url,
    script: Arc<Mutex<VecDeque<Says>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(crate) async fn start() -> Server {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let server = Server {
            url,
            script: Arc::default(),
            asked: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        server
    }

    /// With a script from the beginning.
    pub(crate) async fn saying(script: impl IntoIterator<Item = Says>) -> Server {
        let server = Server::start().await;
        server.script.lock().unwrap().extend(script);
        server
    }

    pub(crate) fn then(&self, says: Says) {
        self.script.lock().unwrap().push_back(says);
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Clients whose ARM is this server, with a given identity.
    pub(crate) fn azure(&self) -> Azure {
        self.azure_as(Arc::new(Counting::default()))
    }

    pub(crate) fn azure_as(&self, credential: Arc<Counting>) -> Azure {
        Azure::new(Settings {
            arm_url: self.url.join("arm").unwrap(),
            identity: Identity::Credential(credential),
            deadline: Duration::from_secs(5),
            transport: crate::Transport::Http,
        })
    }

    fn next(&self) -> Says {
        let mut script = self.script.lock().unwrap();
        match script.len() {
            0 => Says::new(599, "no script"),
            1 => script[0].clone(),
            _ => script.pop_front().unwrap(),
        }
    }
}

async fn answer(State(server): State<Server>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    server.asked.lock().unwrap().push(Asked {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: head.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let says = server.next();
    tokio::time::sleep(says.after).await;
    let mut response = Response::builder().status(says.status);
    for (name, value) in says.headers {
        response = response.header(name, value);
    }
    response
        .body(Body::from(says.body))
        .unwrap()
        .into_response()
}

/// An identity whose tokens last for `lasts`; counts how often it was asked.
#[derive(Debug)]
pub(crate) struct Counting {
    pub(crate) asked: AtomicUsize,
    pub(crate) lasts: Duration,
    /// With this HTTP status, instead of giving a token.
    pub(crate) refuses: Option<u16>,
}

impl Default for Counting {
    fn default() -> Self {
        Counting {
            asked: AtomicUsize::new(0),
            lasts: Duration::from_hours(1),
            refuses: None,
        }
    }
}

#[async_trait]
impl TokenCredential for Counting {
    async fn get_token(
        &self,
        _scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        if let Some(status) = self.refuses {
            let status = azure_core::http::StatusCode::from(status);
            let kind = azure_core::error::ErrorKind::HttpResponse {
                status,
                error_code: None,
                raw_response: None,
            };
            return Err(azure_core::Error::with_message(kind, "no identity"));
        }
        Ok(AccessToken::new(
            TOKEN,
            OffsetDateTime::now_utc() + self.lasts,
        ))
    }
}

/// The workspace that the tests ask for.
pub(crate) fn workspace() -> WorkspaceRef {
    "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
        .parse()
        .unwrap()
}
