//! Where a credential may be sent to, and URLs put together from names.
//!
//! **Invariant:** a token leaves only over https, or over http to this machine.

use std::net::IpAddr;

use url::{Host, Url};

use crate::error::{Error, Result};

/// Whether the host is this machine, written as an address or as `localhost`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

/// Refuses URLs over which a credential could be read on its way.
pub(crate) fn require_private(operation: &'static str, url: &Url) -> Result<()> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        scheme => {
            let host = url.host_str().unwrap_or("nowhere");
            Err(Error::refused(
                operation,
                format!("credentials are not sent over {scheme} to {host}"),
            ))
        }
    }
}

/// Refuses URLs of another origin than the base's: what a service hands out must not lead its token elsewhere.
pub(crate) fn require_same(operation: &'static str, base: &Url, url: &Url) -> Result<()> {
    if base.origin() == url.origin() {
        return Ok(());
    }
    let (found, expected) = (
        url.origin().ascii_serialization(),
        base.origin().ascii_serialization(),
    );
    Err(Error::refused(
        operation,
        format!("{found} is not {expected}"),
    ))
}

/// Parses a URL that a service handed out.
pub(crate) fn parse(operation: &'static str, text: &str) -> Result<Url> {
    Url::parse(text).map_err(|error| Error::malformed(operation, format!("not a URL: {error}")))
}

/// The base's URL with more path segments, each percent-encoded, and more query pairs.
pub(crate) fn under(
    operation: &'static str,
    base: &Url,
    segments: &[&str],
    query: &[(&str, &str)],
) -> Result<Url> {
    if let Some(bad) = segments
        .iter()
        .find(|segment| matches!(**segment, "" | "." | ".."))
    {
        return Err(Error::refused(operation, format!("{bad:?} is not a name")));
    }
    let mut url = base.clone();
    url.path_segments_mut()
        .map_err(|()| Error::refused(operation, "the base URL has no path"))?
        .pop_if_empty()
        .extend(segments);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

/// The URL as far as it may be shown: no query, no user.
pub(crate) fn shown(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_over_https_or_to_this_machine() {
        let allowed = [
            "https://management.azure.com/",
            "http://127.0.0.1:8080/arm",
            "http://[::1]/",
            "http://localhost:1/",
        ];
        let refused = [
            "http://management.azure.com/",
            "http://127.0.0.1.example.com/",
            "ftp://127.0.0.1/",
            "http://10.0.0.1/",
        ];
        let private = |text: &&str| require_private("test", &Url::parse(text).unwrap()).is_ok();
        assert!(allowed.iter().all(private));
        assert!(!refused.iter().any(private));
    }

    #[test]
    fn another_port_is_another_origin() {
        let base = Url::parse("http://127.0.0.1:8080/arm").unwrap();
        let same = |text| require_same("test", &base, &Url::parse(text).unwrap()).is_ok();
        assert!(same("http://127.0.0.1:8080/other?x=1"));
        assert!(!same("http://127.0.0.1:8081/arm"));
        assert!(!same("https://127.0.0.1:8080/arm"));
    }

    #[test]
    fn names_cannot_leave_their_place() {
        let base = Url::parse("http://127.0.0.1/arm?sig=1").unwrap();
        let url = under("test", &base, &["a b", "c/d?e"], &[("q", "1&2")]).unwrap();
        assert_eq!(
            url.as_str(),
            "http://127.0.0.1/arm/a%20b/c%2Fd%3Fe?sig=1&q=1%262"
        );
        assert!(under("test", &base, &["models", ".."], &[]).is_err());
    }
}
