//! An HTTP address that answers JSON: asked by GET, and a number found in its answer. Asking changes nothing.
//!
//! **Invariant:** a secret is in the request and nowhere else: what is said of an answer, or of why there is none, has its name.
//! And what is asked is never the platform's own: no redirect is followed, and the address that a name resolves to is looked at
//! before anything is sent to it, by what then connects to that very address.

use promotion::analysis::{HttpMetric, Part, Template};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use url::{Host, Url};

use super::placeholders::Placeholders;
use crate::config::{compile_condition, may_be_asked};

/// Of an answer no more is read.
const LONGEST_ANSWER: usize = 1 << 20;
/// Whatever a journal says.
const MOST_PATIENT: Duration = Duration::from_secs(30);
const NOT_ASKED: &str =
    "its host is at an address that is not asked: the platform's own, or nobody's";

/// A variable's value in the environment.
type Environment = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Asks addresses on the web.
pub(super) struct Web {
    environment: Box<Environment>,
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl Web {
    /// Secrets come from `environment`, when they are needed.
    pub(super) fn new(
        environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            environment: Box::new(environment),
            client: OnceLock::new(),
        }
    }

    /// The number that the metric means; none, where the answer has nothing in its place.
    pub(super) async fn number(
        &self,
        metric: &HttpMetric,
        of: &Placeholders<'_>,
    ) -> Result<Option<f64>, String> {
        let mut used = Used::default();
        let patience = Duration::from_secs(u64::from(metric.timeout.0)).min(MOST_PATIENT);
        let asked = async {
            let body = self.answer(metric, of, &mut used).await?;
            value(&metric.value, &body)
        };
        let asked = tokio::time::timeout(patience, asked).await;
        let late = || Err(format!("no answer within {} s", patience.as_secs()));
        asked
            .unwrap_or_else(|_| late())
            .map_err(|why| used.hidden_in(&why))
    }

    async fn answer(
        &self,
        metric: &HttpMetric,
        of: &Placeholders<'_>,
        used: &mut Used,
    ) -> Result<Vec<u8>, String> {
        let url = of.filled(&metric.url, &mut |name| self.secret(name, used))?;
        let url = askable(&url)?;
        let mut headers = HeaderMap::new();
        for (name, text) in &metric.headers {
            let text = self.header(text, used)?;
            let unfit = |_| format!("what `{name}` is to hold cannot be sent in a header");
            let key = HeaderName::try_from(name.as_str())
                .map_err(|_| format!("`{name}` is no name of a header"))?;
            let mut value = HeaderValue::try_from(text).map_err(unfit)?;
            value.set_sensitive(true);
            headers.insert(key, value);
        }
        let request = self.client()?.get(url).headers(headers);
        let mut answer = request.send().await.map_err(|error| reason(&error))?;
        let status = answer.status();
        if status.is_redirection() {
            return Err(format!(
                "it answers {status}, and redirects are not followed"
            ));
        }
        if !status.is_success() {
            return Err(format!("it answers {status}"));
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| reason(&error))? {
            if body.len() + part.len() > LONGEST_ANSWER {
                return Err("its answer is larger than 1 MiB".to_owned());
            }
            body.extend_from_slice(&part);
        }
        Ok(body)
    }

    /// A header has secrets and no placeholders.
    fn header(&self, text: &Template, used: &mut Used) -> Result<String, String> {
        let parts = text.parts().into_iter().map(|part| match part {
            Part::Text(text) => Ok(text.to_owned()),
            Part::Secret(name) => self.secret(name, used),
            Part::Placeholder(name) => Ok(format!("{{{name}}}")),
        });
        parts.collect()
    }

    fn secret(&self, name: &str, used: &mut Used) -> Result<String, String> {
        let value = (self.environment)(name).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| {
            format!("the environment has no {name}: set it in the function app's settings")
        })?;
        used.0.push((name.to_owned(), value.clone()));
        Ok(value)
    }

    /// Reading the system's certificates takes a while: not before somebody asks.
    fn client(&self) -> Result<&reqwest::Client, String> {
        let client = self.client.get_or_init(|| {
            // Another part of the process may have chosen the same already; that is no failure.
            let _ = rustls::crypto::ring::default_provider().install_default();
            reqwest::Client::builder()
                // A proxy would look names up where nobody looks at the address.
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .dns_resolver(Arc::new(Guarded))
                .build()
                .map_err(|error| format!("no HTTP client: {}", reason(&error)))
        });
        client.as_ref().map_err(Clone::clone)
    }
}

/// Secrets that a request has in it.
#[derive(Default)]
struct Used(Vec<(String, String)>);

impl Used {
    fn hidden_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(value.as_str(), &format!("${{{name}}}"))
        })
    }
}

/// The URL, if it may be asked by what is written in it: over https, or over http on this machine.
fn askable(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("what it comes to is no URL: {error}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("its URL has a name or a password in it".to_owned());
    }
    let (local, allowed) = match url.host() {
        Some(Host::Domain(name)) => (name == "localhost", true),
        Some(Host::Ipv4(address)) => (address.is_loopback(), may_be_asked(address.into())),
        Some(Host::Ipv6(address)) => (address.is_loopback(), may_be_asked(address.into())),
        None => (false, false),
    };
    match url.scheme() {
        _ if !allowed => Err(NOT_ASKED.to_owned()),
        "https" => Ok(url),
        "http" if local => Ok(url),
        _ => Err("it is not asked over https".to_owned()),
    }
}

/// Looks names up, and refuses those that lead to where nothing is asked.
struct Guarded;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found: Vec<SocketAddr> = found.map_err(Box::new)?.collect();
            if all_may_be_asked(name.as_str(), &found) {
                Ok(Box::new(found.into_iter()) as Addrs)
            } else {
                Err(NOT_ASKED.into())
            }
        })
    }
}

/// Whether a name may be asked that leads to these: one address that may not spoils it.
fn all_may_be_asked(name: &str, found: &[SocketAddr]) -> bool {
    let local = name == "localhost";
    let fits =
        |address: &SocketAddr| may_be_asked(address.ip()) && (!local || address.ip().is_loopback());
    found.iter().all(fits)
}

/// Why there was no answer, without the URL: what is innermost says it.
fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    match innermost.downcast_ref::<reqwest::Error>() {
        Some(_) => "no answer came".to_owned(),
        None => innermost.to_string(),
    }
}

/// The number in an answer; none, where it is nothing or no number at all (NaN). What cannot be told is an error.
fn value(source: &str, body: &[u8]) -> Result<Option<f64>, String> {
    let program = compile_condition(source)?;
    let answer: serde_json::Value =
        serde_json::from_slice(body).map_err(|error| format!("its answer is not JSON: {error}"))?;
    let mut context = cel::Context::default();
    context
        .add_variable("result", answer)
        .map_err(|error| format!("its answer cannot be used: {error}"))?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "a metric needs no more digits than a float has"
    )]
    match program.execute(&context) {
        Ok(cel::Value::Float(value)) => Ok(Some(value).filter(|value| !value.is_nan())),
        Ok(cel::Value::Int(value)) => Ok(Some(value as f64)),
        Ok(cel::Value::UInt(value)) => Ok(Some(value as f64)),
        Ok(cel::Value::Null) => Ok(None),
        // Not quoted: an answer may repeat what it was asked with.
        Ok(_) => Err(format!("`{source}` comes to no number")),
        // Nor is CEL's error, which names the values that it could not use.
        Err(_) => Err(format!("`{source}` cannot be told of its answer")),
    }
}

#[cfg(test)]
mod tests;
