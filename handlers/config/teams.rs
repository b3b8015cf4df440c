//! `teams`: where cards go.

use url::Url;

use super::diagnostics::{Complaint, Read};
use super::environment;
use super::field::Field;
use super::reader::Reader;
use super::secret::SecretUrl;
use super::shape::{Holds, Key, Shape};

pub(super) static TEAMS: Shape = Shape::new(
    "the Teams channel",
    &[Key::required(
        "workflow",
        Holds::Secret,
        "the channel's Workflows webhook, from the environment: `${TEAMS_WORKFLOW_URL}`",
    )],
);

pub(super) fn read(reader: &Reader<'_>) -> Read<SecretUrl> {
    reader.required("workflow", |field| {
        refuse_written_secret(field)?;
        field.parse(workflow)
    })
}

/// Whoever has the signature may post to the channel: it does not belong in a repository.
fn refuse_written_secret(field: &Field<'_>) -> Read<()> {
    let written = field.written_text()?;
    let signature = written.split_once("sig=").map(|(_, signature)| signature);
    match signature {
        Some(signature) if !signature.is_empty() && !environment::mentions(signature) => {
            let what = "holds its signature, which is a secret";
            let help = "put the URL in the environment and write `${TEAMS_WORKFLOW_URL}`";
            Err(field.complain(Complaint::new(what, help)))
        }
        Some(_) | None => Ok(()),
    }
}

fn workflow(text: &str) -> Result<SecretUrl, Complaint> {
    let help =
        "copy the URL of the channel's workflow \"When a Teams webhook request is received\"";
    let url = Url::parse(text).map_err(|_| Complaint::new("is no URL", help))?;
    let host = url.host_str().unwrap_or_default();
    if host == "webhook.office.com"
        || host.ends_with(".webhook.office.com")
        || host == "outlook.office.com"
    {
        let what = "is an Office 365 connector, which Microsoft has retired: nothing arrives there";
        return Err(Complaint::new(what, help));
    }
    match url.scheme() {
        "https" => Ok(SecretUrl::new(url)),
        "http" if is_loopback(&url) => Ok(SecretUrl::new(url)),
        _ => Err(Complaint::new("is not https", help)),
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_on_this_machine() {
        for url in [
            "https://prod-1.westeurope.logic.azure.com/workflows/7?sig=x",
            "http://127.0.0.1:7/w",
            "http://localhost/w",
            "http://[::1]/w",
        ] {
            assert!(workflow(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_would_leak_or_never_arrive_is_refused() {
        for url in [
            "http://example.com/w",
            "ftp://localhost/w",
            "w",
            "https://contoso.webhook.office.com/webhookb2/7",
            "https://outlook.office.com/webhook/7",
        ] {
            assert!(workflow(url).is_err(), "{url}");
        }
    }
}
