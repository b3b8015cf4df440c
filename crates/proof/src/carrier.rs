//! What carries a handler's calls to its cloud, and what may happen to each on its way.
//!
//! Calls are numbered from 0 in the order in which they leave; a script says the fate of each. The invariant: once a
//! process has died, none of its calls reaches the cloud, and none of its answers reaches it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::request::Body;
use azure_core::http::{AsyncRawResponse, HttpClient, Request, StatusCode};
use bytes::Bytes;
use cloud_sim::Cloud;
use jiff::{SignedDuration, Timestamp};

use crate::chance::Chance;
use crate::life::Life;
use crate::mishap::{Mishap, Mishaps};

/// A call as it leaves the handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// From 0, over all processes of a world.
    pub(crate) number: usize,
    /// As the cloud counts it: `blob.append`.
    pub(crate) operation: String,
    /// `GET`, `PUT` and the like.
    pub(crate) method: String,
    /// Its path and query.
    pub(crate) path: String,
}

impl Call {
    /// Whether it changes anything. Keys and tokens are asked for by POST.
    pub(crate) fn is_write(&self) -> bool {
        let asks = [
            "arm.endpoints.listKeys",
            "arm.endpoints.token",
            "scoring.score",
        ];
        !matches!(self.method.as_str(), "GET" | "HEAD") && !asks.contains(&self.operation.as_str())
    }
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing special.
    Pass,
    /// The process dies before it is sent.
    DieBefore,
    /// It is done, and the process dies before it hears of it.
    DieBetween,
    /// It is done and heard of, and the process dies before it does anything else.
    DieAfter,
    /// Refused; nothing is done.
    Refuse {
        /// The HTTP status.
        status: u16,
        /// The service's code.
        code: &'static str,
        /// `Retry-After`, in seconds.
        retry_after: Option<u32>,
    },
    /// Done, and answered with something that is no answer.
    Malformed,
    /// The connection dies; nothing is done.
    Reset,
    /// Done; the connection dies before the answer.
    LostAnswer,
    /// Never answered, never done.
    Hang,
    /// Never answered, and done so long after it was sent.
    Late(SignedDuration),
    /// Done, and done again by somebody on the way; answered as the second time was.
    Twice,
}

impl Fate {
    /// Whether the caller gets another answer than it should, or its call is done twice.
    fn disturbs(&self) -> bool {
        match self {
            Self::Refuse { .. }
            | Self::Malformed
            | Self::Reset
            | Self::LostAnswer
            | Self::Hang
            | Self::Twice => true,
            Self::Pass | Self::DieBefore | Self::DieBetween | Self::DieAfter | Self::Late(_) => {
                false
            }
        }
    }
}

/// Turns that a dawdling call may let others have.
const DAWDLING: u32 = 12;

/// Says the fate of each call.
pub(crate) type Script = Box<dyn FnMut(&Call) -> Fate + Send>;

/// Nothing happens to any call.
pub(crate) fn pass() -> Script {
    Box::new(|_| Fate::Pass)
}

/// The call of this number has this fate, every other one none.
pub(crate) fn once(number: usize, fate: Fate) -> Script {
    Box::new(move |call| {
        if call.number == number {
            fate.clone()
        } else {
            Fate::Pass
        }
    })
}

/// The line between handlers and a cloud. Clones are the same line.
#[derive(Clone)]
pub(crate) struct Carrier(Arc<Shared>);

struct Shared {
    cloud: Arc<Cloud>,
    state: Mutex<State>,
}

struct State {
    script: Script,
    /// How long each call dawdles before it leaves, while others go on; absent: not at all.
    dawdling: Option<Chance>,
    calls: Vec<Call>,
    late: Vec<Late>,
    mishaps: Mishaps,
}

/// A call that nobody waits for any more, and that will be done all the same.
struct Late {
    at: Timestamp,
    request: http::Request<Bytes>,
}

impl Carrier {
    pub(crate) fn new(cloud: Arc<Cloud>) -> Self {
        let state = State {
            script: pass(),
            dawdling: None,
            calls: Vec::new(),
            late: Vec::new(),
            mishaps: Mishaps::default(),
        };
        Self(Arc::new(Shared {
            cloud,
            state: Mutex::new(state),
        }))
    }

    /// From now on this script says the fates.
    pub(crate) fn follow(&self, script: Script) {
        self.state().script = script;
    }

    /// From now on each call lets others go first for a while, by chance.
    pub(crate) fn dawdle(&self, chance: Chance) {
        self.state().dawdling = Some(chance);
    }

    async fn let_others_go(&self) {
        let turns = match &mut self.state().dawdling {
            Some(chance) => chance.below(DAWDLING),
            None => 0,
        };
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }

    /// Every call so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// How many calls there were.
    pub(crate) fn count(&self) -> usize {
        self.state().calls.len()
    }

    /// Counts what has happened.
    pub(crate) fn happened(&self, mishap: Mishap) {
        self.state().mishaps.count(mishap);
    }

    /// What has happened so far.
    pub(crate) fn mishaps(&self) -> Mishaps {
        self.state().mishaps.clone()
    }

    /// When the next call lands that was given up.
    pub(crate) fn next_landing(&self) -> Option<Timestamp> {
        self.state().late.iter().map(|late| late.at).min()
    }

    /// Lets the calls land whose time has come; how many there were.
    pub(crate) async fn land(&self, now: Timestamp) -> usize {
        let all = std::mem::take(&mut self.state().late);
        let (due, later): (Vec<_>, Vec<_>) = all.into_iter().partition(|late| late.at <= now);
        self.state().late.extend(later);
        let count = due.len();
        for late in due {
            self.0.cloud.ask(late.request).await;
            self.happened(Mishap::Landed);
        }
        count
    }

    /// The line of one process, which ends with its life.
    pub(crate) fn of(&self, life: Life) -> Arc<dyn HttpClient> {
        Arc::new(ProcessLine {
            carrier: self.clone(),
            life,
        })
    }

    fn leave(&self, request: &http::Request<Bytes>) -> (Call, Fate) {
        let operation = self.0.cloud.operation_of(request);
        let mut state = self.state();
        let call = Call {
            number: state.calls.len(),
            operation,
            method: request.method().to_string(),
            path: request.uri().to_string(),
        };
        state.calls.push(call.clone());
        let fate = (state.script)(&call);
        (call, fate)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct ProcessLine {
    carrier: Carrier,
    life: Life,
}

impl std::fmt::Debug for ProcessLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProcessLine")
    }
}

#[async_trait]
impl HttpClient for ProcessLine {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        if self.life.is_ending() {
            return self.life.end().await;
        }
        let request = outgoing(request)?;
        self.carrier.let_others_go().await;
        let (call, fate) = self.carrier.leave(&request);
        if fate.disturbs() {
            self.carrier.happened(Mishap::Disturbed);
        }
        let cloud = &self.carrier.0.cloud;
        match fate {
            Fate::Pass => {
                let answer = cloud.ask(request).await;
                let refused = answer.as_ref().map(http::Response::status);
                if call.operation == "blob.append"
                    && refused == Some(http::StatusCode::PRECONDITION_FAILED)
                {
                    self.carrier.happened(Mishap::StaleAppend);
                }
                answered(answer)
            }
            Fate::DieBefore => self.life.end().await,
            Fate::DieBetween => {
                cloud.ask(request).await;
                self.life.end().await
            }
            Fate::DieAfter => {
                let answer = cloud.ask(request).await;
                self.life.ends_next();
                answered(answer)
            }
            Fate::Refuse {
                status,
                code,
                retry_after,
            } => Ok(refusal(&call, status, code, retry_after)),
            Fate::Malformed => {
                let answer = cloud.ask(request).await;
                answered(answer.map(|answer| answer.map(|_| Bytes::from_static(b"<html>{"))))
            }
            Fate::Reset => Err(broken()),
            Fate::LostAnswer => {
                cloud.ask(request).await;
                Err(broken())
            }
            Fate::Hang => hang().await,
            Fate::Late(after) => {
                let at = cloud.clock().now() + after;
                self.carrier.state().late.push(Late { at, request });
                hang().await
            }
            Fate::Twice => {
                cloud.ask(request.clone()).await;
                answered(cloud.ask(request).await)
            }
        }
    }
}

/// Until whoever waits gives up.
async fn hang<T>() -> T {
    tokio::time::sleep(Duration::from_hours(24)).await;
    std::future::pending().await
}

fn broken() -> Error {
    Error::with_message(ErrorKind::Io, "connection reset by peer")
}

fn outgoing(request: &Request) -> azure_core::Result<http::Request<Bytes>> {
    let url = request.url();
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let body = match request.body() {
        Body::Bytes(bytes) => bytes.clone(),
        Body::SeekableStream(_) => {
            return Err(Error::with_message(
                ErrorKind::Other,
                "no call of the app streams its body",
            ));
        }
    };
    let mut outgoing = http::Request::builder()
        .method(request.method().as_ref())
        .uri(path)
        .header("content-length", body.len());
    for (name, value) in request.headers().iter() {
        outgoing = outgoing.header(name.as_str(), value.as_str());
    }
    outgoing
        .body(body)
        .map_err(|error| Error::new(ErrorKind::Other, error))
}

fn answered(answer: Option<http::Response<Bytes>>) -> azure_core::Result<AsyncRawResponse> {
    let (head, body) = answer.ok_or_else(broken)?.into_parts();
    let mut headers = Headers::new();
    for (name, value) in &head.headers {
        if let Ok(value) = value.to_str() {
            headers.insert(
                HeaderName::from(name.as_str().to_owned()),
                HeaderValue::from(value.to_owned()),
            );
        }
    }
    let status = StatusCode::from(head.status.as_u16());
    Ok(AsyncRawResponse::from_bytes(status, headers, body))
}

/// An error in the shape of ARM's and, by its header, of the blob service's.
fn refusal(call: &Call, status: u16, code: &str, retry_after: Option<u32>) -> AsyncRawResponse {
    let mut headers = Headers::new();
    headers.insert("x-ms-error-code", code.to_owned());
    if let Some(seconds) = retry_after {
        headers.insert("retry-after", seconds.to_string());
    }
    let (kind, body) = if call.operation.starts_with("blob.") {
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>a fault was asked for</Message></Error>"
        );
        ("application/xml", xml)
    } else {
        let json = serde_json::json!({"error": {"code": code, "message": "a fault was asked for"}});
        ("application/json", json.to_string())
    };
    headers.insert("content-type", kind.to_owned());
    AsyncRawResponse::from_bytes(StatusCode::from(status), headers, body)
}
