//! `analysisTemplates[].provider.http`: a number in what an HTTP address answers, in the words of Argo Rollouts' web provider.
//!
//! The invariant: what a variable holds is looked at here and never kept: the metric has its name only.

use cel::Program;
use promotion::Seconds;
use promotion::analysis::{HttpMetric, Part, Provider, Template};
use reqwest::header::{HeaderName, HeaderValue};
use std::collections::BTreeMap;
use std::net::IpAddr;
use url::{Host, Url};

use super::address::may_be_asked;
use super::condition::compile_condition;
use super::context::Unset;
use super::diagnostics::{Complaint, Read};
use super::duration::written;
use super::environment;
use super::field::Field;
use super::node::{Entry, Value};
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};
use super::teams::is_loopback;

/// One measurement asks twice at most, side by side, and an effect has two minutes.
const LONGEST: Seconds = Seconds(30);
const WIDEST: Seconds = Seconds(24 * 60 * 60);
/// Each measurement's plan keeps them in the journal.
const MOST_BYTES: usize = 4096;
/// What stands for the parts of a URL.
const PLACEHOLDERS: [&str; 4] = ["endpoint", "deployment", "from", "to"];
/// What the connection says itself.
const NOT_YOURS: [&str; 6] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "expect",
];
/// What such headers hold is a secret.
const SECRET: [&str; 5] = ["authorization", "cookie", "key", "token", "secret"];

pub(super) static HTTP: Shape = Shape::new(
    "an HTTP address that answers JSON",
    &[
        Key::required(
            "url",
            Holds::Text,
            "asked by GET, over https (http on this machine only); `{endpoint}`, `{deployment}`, `{from}` and `{to}` stand for the \
             endpoint's and the deployment's name and for the window's bounds (RFC 3339)",
        ),
        Key::optional(
            "headers",
            Holds::Texts,
            "what is sent along, by its name; a secret comes from the environment: `Authorization: Bearer ${METRICS_TOKEN}`",
        ),
        Key::default(
            "timeout",
            Holds::Duration { least: 1 },
            "10s",
            "how long the answer may take, at most 30s",
        ),
        Key::required(
            "value",
            Holds::Text,
            "a CEL expression over `result`, the answer's JSON, that comes to a number: `double(result.data.result[0].value[1])`",
        ),
        Key::default(
            "window",
            Holds::Duration { least: 1 },
            "60s",
            "how long before `{to}`, the moment of the measurement, `{from}` is, at most 24h",
        ),
    ],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<Provider> {
    let url = reader.required("url", url);
    let headers = reader.optional("headers", headers);
    let timeout = reader.required("timeout", |field| at_most(field, LONGEST));
    let value = reader.required("value", |field| field.parse(value));
    let window = reader.required("window", |field| at_most(field, WIDEST));
    let metric = HttpMetric {
        url: url?,
        headers: headers?.unwrap_or_default(),
        value: value?,
        timeout: timeout?,
        window: window?,
    };
    let headers = metric.headers.values().map(|text| text.as_str().len());
    if headers.sum::<usize>() + metric.url.as_str().len() + metric.value.len() > MOST_BYTES {
        let what = "is, with `headers` and `value`, longer than 4 KiB, and each measurement keeps it in the journal";
        return Err(reader.complain("url", Complaint::new(what, "write less")));
    }
    Ok(Provider::Http(metric))
}

/// Why this cannot be held against the champion: both would be asked the same.
pub(super) fn not_of_the_champion(provider: &Provider) -> Option<Complaint> {
    match provider {
        Provider::Http(metric) if !metric.url.names("deployment") => {
            let what =
                "asks the same of candidate and champion, for `url` does not name the deployment";
            let help = "write `{deployment}` where its name belongs in `url`, or remove it";
            Some(Complaint::new(what, help))
        }
        Provider::Http(_) | Provider::Platform { .. } | Provider::Predictions { .. } => None,
    }
}

fn at_most(field: &Field<'_>, most: Seconds) -> Read<Seconds> {
    let length = field.duration()?;
    if length <= most {
        return Ok(length);
    }
    let help = format!("write at most `{}`", written(most));
    let what = format!("is more than {}", written(most));
    Err(field.complain(Complaint::new(what, help)))
}

/// The URL as it is written, once what it comes to here has been looked at.
fn url(field: &Field<'_>) -> Read<Template> {
    let template = Template::new(field.written_text()?);
    let filled = or_stand_in(field.text(), &template, field.source.context.unset)?;
    let refuse = |what: &str, help: &str| Err(field.complain(Complaint::new(what, help)));
    let known = |part: &Part<'_>| match part {
        Part::Placeholder(name) => PLACEHOLDERS.contains(name),
        Part::Secret(_) => true,
        Part::Text(text) => !text.contains(['{', '}']),
    };
    if !template.parts().iter().all(known) {
        let what = "has braces that stand for nothing";
        let help = "write `{endpoint}`, `{deployment}`, `{from}` or `{to}`, and `%7B` and `%7D` for braces of its own";
        return refuse(what, help);
    }
    let tried = PLACEHOLDERS.iter().fold(filled, |text, name| {
        text.replace(&format!("{{{name}}}"), "x")
    });
    let help =
        "write the whole of it, like `https://metrics.example/query?deployment={deployment}`";
    let Ok(url) = Url::parse(&tried) else {
        return refuse("is no URL", help);
    };
    if !url.username().is_empty() || url.password().is_some() {
        let help = "write `headers: { Authorization: \"Basic ${METRICS_LOGIN}\" }`";
        // Not quoted: it is one.
        let what = format!("{}: has a name or a password in it", field.path);
        return Err(field.source.report(field.node.line, what, help));
    }
    if let Some(key) = secret_in_query(template.as_str()) {
        // Not quoted: it holds one.
        let what = format!("{}: holds a secret behind `{key}`", field.path);
        let help = "put it in the environment and write its name, like `${METRICS_KEY}`";
        return Err(field.source.report(field.node.line, what, help));
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        Some(Host::Domain(_)) | None => None,
    };
    if address.is_some_and(|address| !may_be_asked(address)) {
        let help = "name a server of yours: link-local addresses, where clouds tell a machine its secrets, are never asked";
        return refuse("has an address that is never asked", help);
    }
    match url.scheme() {
        "https" => Ok(template),
        "http" if is_loopback(&url) => Ok(template),
        _ => refuse("is not https", help),
    }
}

/// Where a secret need not be set, the rest is looked at all the same: the app keeps its name, and asks for it when it measures.
fn or_stand_in(filled: Read<String>, template: &Template, unset: Unset) -> Read<String> {
    match (filled, unset) {
        (Err(_), Unset::Tolerated) => Ok(template
            .parts()
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => text.to_owned(),
                Part::Placeholder(name) => format!("{{{name}}}"),
                Part::Secret(_) => "x".to_owned(),
            })
            .collect()),
        (filled, Unset::Tolerated | Unset::Refused) => filled,
    }
}

/// The key of a query that holds a secret in clear, by the names that such keys have.
fn secret_in_query(url: &str) -> Option<&str> {
    let (_, query) = url.split_once('?')?;
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut secrets = pairs.filter(|(key, value)| {
        let key = key.to_ascii_lowercase();
        let named = key == "sig" || key == "code" || SECRET.iter().any(|word| key.contains(word));
        named && !value.is_empty() && !environment::mentions(value)
    });
    secrets.next().map(|(key, _)| key)
}

fn headers(field: &Field<'_>) -> Read<BTreeMap<String, Template>> {
    let Value::Map(entries) = &field.node.value else {
        let help = "write `name: text` lines";
        return Err(field.complain(Complaint::new("is no mapping", help)));
    };
    let read: Vec<Read<_>> = entries.iter().map(|entry| header(field, entry)).collect();
    read.into_iter().collect()
}

fn header(field: &Field<'_>, entry: &Entry) -> Read<(String, Template)> {
    let path = format!("{}.{}", field.path, entry.key);
    let refuse = |what: &str, help: &str| {
        let what = format!("{path}: {what}");
        Err(field.source.report(entry.line, what, help))
    };
    let (Value::Quoted(text) | Value::Plain(text)) = &entry.node.value else {
        return refuse("is not a text", "write a text");
    };
    if entry.node.kind() == "nothing" {
        return refuse("is nothing, not a text", "write a text");
    }
    let spot = field.source.spot(entry.line);
    let filled = environment::replace(text, &path, &spot, field.source.context);
    let filled = or_stand_in(filled, &Template::new(text), field.source.context.unset)?;
    if HeaderName::try_from(entry.key.as_str()).is_err() {
        return refuse("is no name of a header", "use letters, digits and `-`");
    }
    let name = entry.key.to_ascii_lowercase();
    if NOT_YOURS.contains(&name.as_str()) {
        return refuse("is said by the connection itself", "remove it");
    }
    if HeaderValue::try_from(filled).is_err() {
        return refuse(
            "cannot be sent in a header",
            "write one line of visible ASCII letters",
        );
    }
    if SECRET.iter().any(|word| name.contains(word)) && !environment::mentions(text) {
        let help = "put it in the environment and write its name, like `${METRICS_TOKEN}`";
        return refuse("holds a secret", help);
    }
    Ok((name, Template::new(text)))
}

fn value(text: &str) -> Result<String, Complaint> {
    let help =
        "write CEL over `result`, the answer's JSON, that comes to a number: `result.errors`";
    let complaint = |what: String| Complaint::new(what, help);
    let program: Program = compile_condition(text)
        .map_err(|wrong| complaint(format!("is no CEL expression: {wrong}")))?;
    if program.references().has_variable("result") {
        Ok(text.to_owned())
    } else {
        Err(complaint("does not look at `result`".to_owned()))
    }
}
