//! Our own API over HTTP.
//!
//! The invariant: each call ends within its time, follows nowhere, and is sent once; what was sent and not answered is said
//! to be unknown.

use azure_api::BearerToken;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use std::time::Duration;

use super::address::AppAddress;
use super::answer::{Heard, judged};
use super::outcome::NotDone;

/// A host that has slept needs a while to start the app.
const PATIENCE: Duration = Duration::from_secs(60);
const CONNECTING: Duration = Duration::from_secs(10);

/// A promotion's whole timeline is far below this.
const LARGEST: usize = 16 * 1024 * 1024;

/// Speaks for one person with one app.
#[derive(Debug)]
pub(super) struct Client {
    app: AppAddress,
    token: BearerToken,
    http: reqwest::Client,
}

/// Whether asking again could do it twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Look,
    Act,
}

impl Client {
    pub(super) fn new(app: AppAddress, token: BearerToken) -> Result<Self, NotDone> {
        let builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECTING)
            .timeout(PATIENCE)
            .user_agent(concat!("liftlock/", env!("CARGO_PKG_VERSION")));
        let builder = if app.is_this_machine() {
            builder.no_proxy()
        } else {
            builder
        };
        let http = builder.build().map_err(|error| {
            NotDone::could_not_run(format!("No HTTP client could be made: {error}."))
        })?;
        Ok(Self { app, token, http })
    }

    /// Looks at something under `api/v1`.
    pub(super) async fn get(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Value, NotDone> {
        let url = self.app.api(segments, query)?;
        self.send(Kind::Look, self.http.get(url)).await
    }

    /// Says something.
    pub(super) async fn post(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
        body: &Value,
    ) -> Result<Value, NotDone> {
        let url = self.app.api(segments, query)?;
        let request = self.http.post(url).header(CONTENT_TYPE, "application/json");
        self.send(Kind::Act, request.body(body.to_string())).await
    }

    async fn send(&self, kind: Kind, request: RequestBuilder) -> Result<Value, NotDone> {
        let request = request
            .header(ACCEPT, "application/json")
            .bearer_auth(self.token.secret());
        let unanswered = |error: &reqwest::Error| self.unanswered(kind, error);
        let response = request.send().await.map_err(|error| unanswered(&error))?;
        let status = response.status();
        let body = read(response)
            .await
            .map_err(|error| unanswered(&error))?
            .ok_or_else(|| {
                NotDone::could_not_run(format!(
                    "{} answered with more than {} MB, which is no answer of this app; see that the address is right.",
                    self.app.shown(),
                    LARGEST / 1024 / 1024
                ))
            })?;
        judged(&Heard {
            app: self.app.shown(),
            status,
            body: &body,
        })
    }

    fn unanswered(&self, kind: Kind, error: &reqwest::Error) -> NotDone {
        let app = self.app.shown();
        if error.is_connect() {
            return NotDone::could_not_run(format!(
                "{app} cannot be reached: {}. See that the address is right and the network leads there.",
                innermost(error)
            ));
        }
        let what = if error.is_timeout() {
            format!("did not answer within {} seconds", PATIENCE.as_secs())
        } else {
            format!("did not answer to the end: {}", innermost(error))
        };
        NotDone::could_not_run(match kind {
            Kind::Look => format!("{app} {what}. Try again in a minute."),
            Kind::Act => format!(
                "{app} {what}, so it is not known whether it was taken. Look with `liftlock status`, then say it again if it \
                 was not."
            ),
        })
    }
}

/// The body, if it is not too large to be ours.
async fn read(mut response: Response) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LARGEST {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// The cause in the network's own words; the layers above it repeat the address.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    crate::ui::clean(&cause.to_string())
        .trim_end_matches('.')
        .to_owned()
}
