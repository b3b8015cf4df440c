//! People at their browsers: they open a page, send its form, and try again when the connection breaks.

use std::sync::OnceLock;

use bytes::Bytes;
use cloud_sim::Cloud;
use http::{Request, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::process::{Answer, Died};
use crate::setting::APP;
use crate::world::World;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// May approve, and operate.
    Ada,
    /// May approve, and operate.
    Ben,
}

impl Who {
    fn object_id(self) -> &'static str {
        match self {
            Self::Ada => "00000000-0000-4000-8000-00000000000b",
            Self::Ben => "00000000-0000-4000-8000-00000000000c",
        }
    }

    /// What the platform forwards of them. Signing costs more than all else of a request, so it is done once for all worlds:
    /// they have the same keys, and forms and tokens follow the wall clock, which no story moves.
    fn token(self, cloud: &Cloud) -> &'static str {
        static ADA: OnceLock<String> = OnceLock::new();
        static BEN: OnceLock<String> = OnceLock::new();
        let slot = match self {
            Self::Ada => &ADA,
            Self::Ben => &BEN,
        };
        slot.get_or_init(|| {
            let claims = cloud.user_claims(self.object_id());
            let mut claims = claims.expect("they are in every cloud's directory");
            // Longer than any run of the proof.
            claims["exp"] = json!(claims["exp"].as_i64().unwrap_or_default() + 86_400);
            cloud.sign_user(&claims)
        })
    }
}

/// How an attempt to do something went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Done {
    /// It was taken.
    Taken,
    /// It was refused with this status and sentence.
    Refused(StatusCode, String),
    /// Nobody can say: the connection broke, or the app could not reach its state.
    Unsure,
}

impl World {
    /// Opens a page and sends the form on it.
    pub(crate) async fn send_form(
        &mut self,
        who: Who,
        page: &str,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Done {
        let shown = match self
            .ask(
                browser(&self.cloud, who, "GET", page)
                    .body(Bytes::new())
                    .expect("a page has an address"),
            )
            .await
        {
            Ok(shown) => shown,
            Err(Died) => return Done::Unsure,
        };
        let text = String::from_utf8_lossy(&shown.body).into_owned();
        let Some(token) = token(&text) else {
            return told(&shown);
        };
        let mut form: Vec<String> = fields.iter().map(|(k, v)| pair(k, v)).collect();
        form.push(pair("csrf", token));
        let request = browser(&self.cloud, who, "POST", action)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", APP)
            .header("sec-fetch-site", "same-origin")
            .body(Bytes::from(form.join("&")))
            .expect("a form has an address");
        match self.ask(request).await {
            Ok(answer) => told(&answer),
            Err(Died) => Done::Unsure,
        }
    }

    /// Asks by JSON, as a program does.
    pub(crate) async fn send_json(
        &mut self,
        who: Who,
        path: &str,
        body: &serde_json::Value,
    ) -> Done {
        let request = browser(&self.cloud, who, "POST", path)
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .expect("a request has an address");
        match self.ask(request).await {
            Ok(answer) => told(&answer),
            Err(Died) => Done::Unsure,
        }
    }
}

fn browser(cloud: &Cloud, who: Who, method: &str, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("x-ms-token-aad-id-token", who.token(cloud))
}

fn told(answer: &Answer) -> Done {
    if answer.status.is_success() || answer.status == StatusCode::SEE_OTHER {
        return Done::Taken;
    }
    if answer.status.is_server_error() {
        return Done::Unsure;
    }
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    Done::Refused(answer.status, text)
}

fn token(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"")?;
    rest.split('"').next()
}

fn pair(key: &str, value: &str) -> String {
    format!("{key}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
}
