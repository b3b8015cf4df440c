//! A token for a service that is not Azure's own: whoever runs a command signs in to an app of theirs.
//!
//! **Invariant:** the token is shown by nobody but [`BearerToken::secret`].

use std::{fmt, sync::Arc, time::Duration};

use azure_core::http::HttpClient;

use crate::{
    error::{Error, Result},
    settings::Identity,
    wire,
};

const OPERATION: &str = "sign in";

/// An Entra token.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken(String);

impl BearerToken {
    /// One that was issued elsewhere.
    pub fn new(token: String) -> BearerToken {
        BearerToken(token)
    }

    /// For the header `Authorization` of the service that it was issued for, and for nothing else.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken(…)")
    }
}

/// A token for `scope` (`api://…/.default`), by the identity that signs all other calls.
pub async fn sign_in(identity: &Identity, scope: &str, within: Duration) -> Result<BearerToken> {
    let refused = |reason: String| Error::Credential {
        operation: OPERATION,
        reason,
    };
    let http: Arc<dyn HttpClient> =
        Arc::new(wire::http_client().map_err(|e| refused(e.to_string()))?);
    let credential =
        wire::credential(identity, &http).map_err(|error| refused(error.to_string()))?;
    let scopes = [scope];
    let asked = credential.get_token(&scopes, None);
    match tokio::time::timeout(within, asked).await {
        Ok(Ok(token)) => Ok(BearerToken(token.token.secret().to_owned())),
        Ok(Err(error)) => Err(refused(error.to_string())),
        Err(_) => Err(Error::Timeout {
            operation: OPERATION,
            after: within,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_shown() {
        let token = BearerToken::new("ey-secret".to_owned());
        assert_eq!(format!("{token:?}"), "BearerToken(…)");
        assert_eq!(token.secret(), "ey-secret");
    }
}
