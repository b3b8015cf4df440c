//! Where a browser's POST comes from: our own pages, or it does not count.

use axum::http::HeaderMap;
use url::Url;

/// A POST that another site made.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("this request did not come from a page of this app; open the page here and try again")]
pub struct CrossSite;

/// How sure we must be that a page of ours sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// A form: only browsers send forms, and they say where from, in `Origin` and in `Sec-Fetch-Site`.
    Form,
    /// JSON: other programs say nothing; what a browser says must be right.
    Json,
}

/// Refuses a POST that a browser sent from elsewhere.
pub(crate) fn check(headers: &HeaderMap, public: &Url, sender: Sender) -> Result<(), CrossSite> {
    let ours = public.origin().ascii_serialization();
    match one(headers, "origin")? {
        Some(origin) if origin != ours => return Err(CrossSite),
        None if sender == Sender::Form => return Err(CrossSite),
        Some(_) | None => {}
    }
    match one(headers, "sec-fetch-site")? {
        Some(site) if site != "same-origin" => Err(CrossSite),
        None if sender == Sender::Form => Err(CrossSite),
        Some(_) | None => Ok(()),
    }
}

/// Refuses a form that another site made.
pub fn same_origin(headers: &HeaderMap, public: &Url) -> Result<(), CrossSite> {
    check(headers, public, Sender::Form)
}

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, CrossSite> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| CrossSite),
        (Some(_), Some(_)) => Err(CrossSite),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn sent(pairs: &[(&'static str, &str)], sender: Sender) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        check(
            &headers,
            &Url::parse("https://liftlock.example/").unwrap(),
            sender,
        )
        .is_ok()
    }

    #[test]
    fn only_our_own_pages_send_forms() {
        let ours = ("origin", "https://liftlock.example");
        assert!(sent(
            &[ours, ("sec-fetch-site", "same-origin")],
            Sender::Form
        ));
        for bad in [
            &[][..],
            &[ours],
            &[("sec-fetch-site", "same-origin")],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", "https://liftlock.example.evil.example")],
            &[("origin", "http://liftlock.example")],
            &[ours, ("sec-fetch-site", "cross-site")],
            &[ours, ("sec-fetch-site", "same-site")],
            &[ours, ours],
        ] {
            assert!(!sent(bad, Sender::Form), "{bad:?}");
        }
    }

    #[test]
    fn another_program_says_nothing_and_a_browser_must_say_the_right_thing() {
        assert!(sent(&[], Sender::Json));
        assert!(!sent(&[("origin", "https://evil.example")], Sender::Json));
        assert!(!sent(&[("sec-fetch-site", "cross-site")], Sender::Json));
    }
}
