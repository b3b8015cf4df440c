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
const PATIENCE: Duration = Duration::from_mins(1);
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

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use axum::Router;
    use axum::http::{HeaderMap, StatusCode, Uri, header};
    use axum::response::IntoResponse as _;
    use serde_json::json;
    use std::sync::{Arc, Mutex};
    use tokio::net::TcpListener;

    /// Serves until the test's runtime ends.
    pub(in crate::remote) async fn serve(router: Router) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    pub(in crate::remote) fn client(app: &str) -> Client {
        drop(rustls::crypto::ring::default_provider().install_default());
        let token = BearerToken::new("secret".to_owned());
        Client::new(AppAddress::parse(app).unwrap(), token).unwrap()
    }

    #[tokio::test]
    async fn a_token_follows_nowhere() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let elsewhere = {
            let heard = heard.clone();
            Router::new().fallback(async move |uri: Uri| {
                heard.lock().unwrap().push(uri);
                "{}"
            })
        };
        let elsewhere = serve(elsewhere).await;
        let app = Router::new().fallback(async move |headers: HeaderMap| {
            assert_eq!(headers[header::AUTHORIZATION], "Bearer secret");
            let location = [(header::LOCATION, elsewhere.clone())];
            (StatusCode::TEMPORARY_REDIRECT, location).into_response()
        });
        let client = client(&serve(app).await);
        let told = client.post(&["promotions"], &[], &json!({})).await;
        let told = told.unwrap_err().sentence;
        assert!(told.contains("led to another address (307)"), "{told}");
        assert!(heard.lock().unwrap().is_empty());
        assert!(!format!("{client:?}").contains("secret"));
    }

    #[tokio::test]
    async fn what_may_have_been_taken_is_said_to_be_unknown() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let app = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.readable().await.unwrap();
                drop(stream);
            }
        });
        let client = client(&app);
        let path = ["promotions", "x", "abort"];
        let act = client.post(&path, &[], &json!({})).await.unwrap_err();
        assert!(act.sentence.contains("not known whether"), "{act}");
        let look = client.get(&["promotions"], &[]).await.unwrap_err();
        assert!(look.sentence.contains("Try again"), "{look}");
    }

    #[tokio::test]
    async fn an_answer_without_end_is_not_read_to_it() {
        let app = Router::new().fallback(async || " ".repeat(LARGEST + 1));
        let told = client(&serve(app).await).get(&["promotions"], &[]).await;
        assert!(told.unwrap_err().sentence.contains("16 MB"));
    }
}
