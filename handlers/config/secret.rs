//! A URL that is itself a secret.

use std::fmt;
use url::Url;

/// A URL that lets whoever has it do something; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(Url);

impl SecretUrl {
    pub(super) fn new(url: Url) -> Self {
        Self(url)
    }

    /// The URL, for the request that is sent there and for nothing else.
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SecretUrl({}://{}/…)",
            self.0.scheme(),
            self.0.host_str().unwrap_or("?")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lets_post_is_never_printed() {
        let url = Url::parse("https://flows.example/workflows/7?sig=hush").unwrap();
        assert_eq!(
            format!("{:?}", SecretUrl::new(url)),
            "SecretUrl(https://flows.example/…)"
        );
    }
}
