//! Entra tokens of the simulated cloud, for clients in the test's own process.

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use cloud_sim::Cloud;
use std::fmt;
use std::sync::Arc;

/// Asks the cloud itself, without the way over HTTP.
pub(crate) struct Entra(pub(crate) Arc<Cloud>);

impl fmt::Debug for Entra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entra of the simulated cloud")
    }
}

#[async_trait::async_trait]
impl TokenCredential for Entra {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let audience = scopes[0].trim_end_matches("/.default");
        let (token, expires) = self.0.identity().token(audience);
        let expires = OffsetDateTime::from_unix_timestamp(expires.as_second()).unwrap();
        Ok(AccessToken::new(token, expires))
    }
}
