//! Where the app is: https, or this machine.
//!
//! The invariant: whatever is asked lies under this address, so a token cannot be led elsewhere.

use std::net::IpAddr;
use url::{Host, Url};

use super::outcome::NotDone;

/// Where the app's pages are, under its address.
const PAGES: [&str; 2] = ["/api/board", "/api/approvals"];

/// The address of a running app.
#[derive(Debug, Clone)]
pub(super) struct AppAddress(Url);

impl AppAddress {
    /// Reads `https://liftlock-prod.azurewebsites.net`.
    pub(super) fn parse(text: &str) -> Result<Self, NotDone> {
        let wrong = |what: &str| {
            Err(NotDone::could_not_run(format!(
                "The app's address {what}; give it like https://liftlock-prod.azurewebsites.net, with --app or in \
                 LIFTLOCK_APP_URL."
            )))
        };
        let Ok(mut url) = Url::parse(text.trim()) else {
            return wrong("is no URL");
        };
        // As it stands in a browser that shows one of the app's pages.
        if let Some(app) = PAGES.iter().find_map(|page| before(url.path(), page)) {
            let app = app.to_owned();
            url.set_path(&app);
            url.set_query(None);
            url.set_fragment(None);
        }
        let private = match url.scheme() {
            "https" => url.host_str().is_some_and(|host| !host.is_empty()),
            "http" => is_this_machine(&url),
            _ => return wrong("is no https address"),
        };
        if !private {
            return wrong("is not https, and a sign-in is sent to no other machine without it");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("holds a user or a password, which is not how this app signs in");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return wrong("has something behind its path");
        }
        Ok(Self(url))
    }

    /// Something under `api/v1`; what is no name of anything is nowhere.
    pub(super) fn api(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Url, NotDone> {
        let mut url = self.0.clone();
        if let Some(bad) = segments
            .iter()
            .find(|segment| matches!(**segment, "" | "." | ".."))
        {
            return Err(NotDone::new(
                super::Outcome::NotFound,
                format!("There is nothing of the name “{bad}”."),
            ));
        }
        url.path_segments_mut()
            .expect("http addresses have a path")
            .pop_if_empty()
            .extend(["api", "v1"])
            .extend(segments);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// For sentences.
    pub(super) fn shown(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Whether a proxy could not reach it.
    pub(super) fn is_this_machine(&self) -> bool {
        is_this_machine(&self.0)
    }
}

/// What stands before a page's address; nothing, where it is no such page.
fn before<'a>(path: &'a str, page: &str) -> Option<&'a str> {
    let (app, rest) = path.split_once(page)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(app)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sent_over_https_or_to_this_machine() {
        for good in [
            "https://liftlock.example",
            "https://liftlock.example/",
            "https://gate.example/liftlock/",
            "http://127.0.0.1:7071",
            "http://localhost:7071/",
            "http://[::1]:7071",
        ] {
            assert!(AppAddress::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "liftlock.example",
            "http://liftlock.example",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.1@evil.example",
            "https://user:secret@liftlock.example",
            "https://liftlock.example/?a=b",
            "https://liftlock.example/#a",
            "ftp://liftlock.example",
            "file:///etc/passwd",
        ] {
            let told = AppAddress::parse(bad).unwrap_err();
            assert!(told.sentence.contains("LIFTLOCK_APP_URL"), "{bad}: {told}");
            assert!(!told.sentence.contains("secret"), "{told}");
        }
    }

    #[test]
    fn the_address_of_a_page_is_the_apps() {
        let shown = |text: &str| AppAddress::parse(text).map(|app| app.shown().to_owned());
        for (page, app) in [
            ("https://x.example/api/board", "https://x.example"),
            (
                "https://x.example/api/board/?month=2026-11",
                "https://x.example",
            ),
            (
                "https://x.example/api/board/promotions/d-2.r-0",
                "https://x.example",
            ),
            (
                "https://x.example/gate/api/approvals/d~1~0",
                "https://x.example/gate",
            ),
            (
                "https://x.example/api/boards",
                "https://x.example/api/boards",
            ),
        ] {
            assert_eq!(shown(page).unwrap(), app, "{page}");
        }
    }

    #[test]
    fn whatever_is_asked_lies_under_it() {
        let app = AppAddress::parse("https://gate.example/liftlock/").unwrap();
        let url = |segments: &[&str]| app.api(segments, &[]).map(String::from).ok();
        let under = "https://gate.example/liftlock/api/v1/promotions";
        assert_eq!(url(&["promotions"]).unwrap(), under);
        assert_eq!(
            url(&["promotions", "a/../b?c#d"]).unwrap(),
            format!("{under}/a%2F..%2Fb%3Fc%23d")
        );
        assert_eq!(url(&["promotions", ".."]), None);
        assert_eq!(url(&["promotions", ""]), None);
        let next = app.api(&["promotions"], &[("from", "a&b")]).unwrap();
        assert_eq!(next.as_str(), format!("{under}?from=a%26b"));
    }
}
