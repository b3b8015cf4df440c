//! Where things are: addresses within the app, absolute only where a card needs them.
//!
//! The invariant: a link carries a place, never authority. Pages use paths, so that a form always goes to the origin it
//! came from.

use promotion::{Attempt, Digest, PromotionId, TargetId};

/// How much of the decision digest an approval's address carries.
const PREFIX: usize = 16;

/// Addresses of the app's own pages.
#[derive(Debug, Clone)]
pub struct Links {
    base: String,
}

impl Links {
    /// `base`: the app's public URL, `https://liftlock.example`.
    pub fn new(base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
        }
    }

    /// The path's absolute URL, for cards and the command line.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The approval page of exactly this question: an absolute URL.
    pub fn approval(&self, id: &PromotionId, attempt: Attempt, digest: &Digest) -> String {
        self.absolute(&Self::approval_path(id, attempt, digest))
    }

    /// The board's path.
    pub fn board(&self) -> String {
        "/api/board/".to_owned()
    }

    /// The path of one promotion's page.
    pub fn promotion(&self, id: &PromotionId) -> String {
        format!("/api/board/promotions/{}", encoded(id.as_str()))
    }

    /// The path that takes a verb (`abort`, `roll-back`, `resume`, `reopen`, `replay`) by POST.
    pub fn verb(&self, id: &PromotionId, verb: &str) -> String {
        format!(
            "/api/v1/promotions/{}/{}",
            encoded(id.as_str()),
            encoded(verb)
        )
    }

    /// The path that takes a target's verb (`hold`, `unhold`) by POST.
    pub fn target_verb(&self, id: &TargetId, verb: &str) -> String {
        format!("/api/v1/targets/{}/{}", encoded(id.as_str()), encoded(verb))
    }

    /// The path that takes a new freeze by POST.
    pub fn freezes(&self) -> String {
        "/api/v1/freezes".to_owned()
    }

    /// The path that lifts a freeze by POST.
    pub fn lift_freeze(&self, id: &str) -> String {
        format!("/api/v1/freezes/{}/lift", encoded(id))
    }

    /// The platform's sign-in, coming back to the path `back`.
    pub fn sign_in(&self, back: &str) -> String {
        format!("/.auth/login/aad?post_login_redirect_uri={}", encoded(back))
    }

    /// The platform's sign-out, coming back to the path `back`.
    pub fn sign_out(&self, back: &str) -> String {
        format!("/.auth/logout?post_logout_redirect_uri={}", encoded(back))
    }

    pub(crate) fn approval_path(id: &PromotionId, attempt: Attempt, digest: &Digest) -> String {
        let digest = digest.short(PREFIX);
        format!("/api/approvals/{}~{attempt}~{digest}", encoded(id.as_str()))
    }
}

/// Reads `{promotion}~{attempt}~{first 16 of the digest}`; `None` for anything else.
pub fn parse_approval_id(text: &str) -> Option<(PromotionId, Attempt, String)> {
    let mut parts = text.split('~');
    let (id, attempt, digest) = (parts.next()?, parts.next()?, parts.next()?);
    let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    let number: u32 = attempt.parse().ok()?;
    let fits = parts.next().is_none()
        && number > 0
        && number.to_string() == attempt
        && digest.len() == PREFIX
        && digest.bytes().all(hex);
    let id = PromotionId::parse(id).filter(|_| fits)?;
    Some((id, Attempt::new(number), digest.to_owned()))
}

/// What a card may link to beside the app itself: https, or plain http on this machine.
pub(crate) fn safe(url: &str) -> Option<&str> {
    const LONGEST: usize = 1000;
    let plain = |host: &str| {
        url.strip_prefix(host)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':', '?']))
    };
    let https = url
        .strip_prefix("https://")
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .into_iter()
        .any(plain);
    let harmless = url
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'`' | b'@'));
    (url.len() <= LONGEST && harmless && (https || local)).then_some(url)
}

/// Percent-encodes whatever is not an unreserved character.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
    encoded
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn an_approval_finds_its_way_back() {
        let (id, digest) = (PromotionId::new("m-1.r-0123456789"), Digest::of(b"x"));
        let url = Links::new("http://127.0.0.1:7071/").approval(&id, Attempt::FIRST, &digest);
        assert_eq!(
            url,
            "http://127.0.0.1:7071/api/approvals/m-1.r-0123456789~1~2d711642b726b044"
        );
        let (_, last) = url.rsplit_once('/').unwrap();
        assert_eq!(
            parse_approval_id(last),
            Some((id, Attempt::FIRST, "2d711642b726b044".to_owned()))
        );
    }

    #[test]
    fn what_is_not_an_approval_id_is_none() {
        for text in [
            "",
            "m",
            "m~1",
            "m~1~2d711642b726b04",
            "m~1~2d711642b726b0444",
            "m~01~2d711642b726b044",
            "m~0~2d711642b726b044",
            "m~-1~2d711642b726b044",
            "m~1~2D711642B726B044",
            "m~1~2d711642b726b044~",
            "../m~1~2d711642b726b044",
            "~1~2d711642b726b044",
        ] {
            assert_eq!(parse_approval_id(text), None, "{text}");
        }
    }

    #[test]
    fn cards_link_to_no_strange_scheme() {
        for url in [
            "javascript:alert(1)",
            "http://evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1@evil.example/",
            "https://ml.azure.com@evil.example/",
            "https://",
            "https:///x",
            "https://x/\u{202e}",
            "https://x/\"onclick=",
        ] {
            assert_eq!(safe(url), None, "{url}");
        }
        for url in [
            "https://ml.azure.com/runs/x?wsid=/a/b",
            "http://127.0.0.1:7080/",
        ] {
            assert_eq!(safe(url), Some(url));
        }
    }

    #[test]
    fn sign_in_comes_back() {
        assert_eq!(
            Links::new("x").sign_in("/api/approvals/m~1~ab?x=1&y"),
            "/.auth/login/aad?post_login_redirect_uri=%2Fapi%2Fapprovals%2Fm~1~ab%3Fx%3D1%26y"
        );
    }
}
