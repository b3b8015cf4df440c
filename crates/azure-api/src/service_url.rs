//! Where a bot's token may go: the Bot Connector service of Teams, in each of Microsoft's clouds.
//!
//! **Invariant:** a [`ServiceUrl`] is one of Microsoft's own hosts over https, or this machine (the simulated cloud).
//! Whoever gets the bot's token can speak as the bot, so an address that came with a message is never one by itself:
//! [`ServiceUrl::admits`] holds it against the configured one.

use std::fmt;

use url::Url;

use crate::origin;

/// The connector's hosts in the public cloud, GCC, GCC High and `DoD` (Microsoft's page on proactive messages of bots).
const HOSTS: [&str; 4] = [
    "smba.trafficmanager.net",
    "smba.infra.gcc.teams.microsoft.com",
    "smba.infra.gov.teams.microsoft.us",
    "smba.infra.dod.teams.microsoft.us",
];

/// The address of the Bot Connector service.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceUrl(Url);

/// The text is no address that the bot's token is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServiceUrlRefused {
    /// No URL.
    #[error("the connector's address is not a URL")]
    NotAUrl,
    /// A token could be read on the way.
    #[error("the connector's address is not https")]
    NotPrivate,
    /// Not Microsoft's.
    #[error("the connector's host is none of {}", HOSTS.join(", "))]
    ForeignHost,
    /// With a user, a port, a query or a fragment: nothing that Teams would send.
    #[error("the connector's address has more than a host and a path")]
    NotPlain,
}

impl ServiceUrl {
    /// The hosts that are allowed, for a sentence about one that is not.
    pub const HOSTS: [&'static str; 4] = HOSTS;

    /// Reads an address that an operator has configured.
    pub fn parse(text: &str) -> Result<ServiceUrl, ServiceUrlRefused> {
        let url = Url::parse(text.trim()).map_err(|_| ServiceUrlRefused::NotAUrl)?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain || url.cannot_be_a_base() {
            return Err(ServiceUrlRefused::NotPlain);
        }
        if url.scheme() == "http" && origin::is_loopback(&url) {
            return Ok(ServiceUrl(url));
        }
        if url.scheme() != "https" {
            return Err(ServiceUrlRefused::NotPrivate);
        }
        if url.port().is_some() {
            return Err(ServiceUrlRefused::NotPlain);
        }
        match url.host_str() {
            Some(host) if HOSTS.contains(&host) => Ok(ServiceUrl(url)),
            _ => Err(ServiceUrlRefused::ForeignHost),
        }
    }

    /// Whether a message's own address is of this connector: of the same cloud's host, in whichever region.
    pub fn admits(&self, claimed: &str) -> bool {
        ServiceUrl::parse(claimed).is_ok_and(|claimed| claimed.0.origin() == self.0.origin())
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceUrl({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microsofts_hosts_and_this_machine_are_taken() {
        for text in [
            "https://smba.trafficmanager.net/teams/",
            "https://smba.trafficmanager.net/emea/",
            "https://SMBA.trafficmanager.net/teams",
            "https://smba.infra.gcc.teams.microsoft.com/teams",
            "https://smba.infra.gov.teams.microsoft.us/gcch/",
            "https://smba.infra.dod.teams.microsoft.us/dod/",
            "http://127.0.0.1:7070/teams/connector/",
        ] {
            assert!(ServiceUrl::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        use ServiceUrlRefused::{ForeignHost, NotAUrl, NotPlain, NotPrivate};
        for (text, why) in [
            ("smba.trafficmanager.net", NotAUrl),
            ("http://smba.trafficmanager.net/teams/", NotPrivate),
            (
                "https://smba.trafficmanager.net.evil.example/teams/",
                ForeignHost,
            ),
            ("https://evil-smba.trafficmanager.net/", ForeignHost),
            ("https://trafficmanager.net/", ForeignHost),
            ("https://smba.trafficmanager.net:8443/teams/", NotPlain),
            ("https://smba.trafficmanager.net@evil.example/", NotPlain),
            (
                concat!("https://x:y", "@smba.trafficmanager.net/"),
                NotPlain,
            ),
            ("https://smba.trafficmanager.net/teams/?to=evil", NotPlain),
            ("https://smba.trafficmanager.net/teams/#x", NotPlain),
            ("https://smba.trafficmanager.net./teams/", ForeignHost),
            ("https://169.254.169.254/", ForeignHost),
            ("http://10.0.0.1/", NotPrivate),
            ("https://127.0.0.1/", ForeignHost),
            ("data:text/plain,x", NotPlain),
        ] {
            assert_eq!(ServiceUrl::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_message_may_name_another_region_of_its_own_cloud_only() {
        let global = ServiceUrl::parse("https://smba.trafficmanager.net/teams/").unwrap();
        assert!(global.admits("https://smba.trafficmanager.net/emea/"));
        for other in [
            "https://smba.infra.gcc.teams.microsoft.com/teams",
            "http://127.0.0.1:7070/teams/connector/",
            "https://evil.example/",
            "",
        ] {
            assert!(!global.admits(other), "{other}");
        }
        let simulated = ServiceUrl::parse("http://127.0.0.1:7070/teams/connector/").unwrap();
        assert!(simulated.admits("http://127.0.0.1:7070/teams/connector/"));
        assert!(!simulated.admits("http://127.0.0.1:7071/teams/connector/"));
    }
}
