//! The documents by which tokens are checked: who signs them, and with which keys.
//!
//! **Invariant:** keys come from the origin that the metadata came from, whatever the metadata says. No credential is
//! sent.

use serde::Deserialize;
use url::Url;

use crate::{
    azure::Azure,
    call::{Auth, Call},
    error::Result,
    origin,
};

/// The Bot Connector's set is the longest: some 100 keys with a certificate each.
const LONGEST: usize = 1 << 20;

/// A signer's documents.
#[derive(Debug, Clone)]
pub struct OpenId {
    azure: Azure,
}

/// What a signer says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Where its keys are.
    pub keys: Url,
}

/// A public RSA key that tokens are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The id that a token's header names.
    pub kid: String,
    /// The modulus, base64url.
    pub n: String,
    /// The exponent, base64url.
    pub e: String,
    /// The channels that the Bot Connector lets it sign for; absent in other sets.
    pub endorsements: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct MetadataWire {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeysWire {
    keys: Vec<KeyWire>,
}

#[derive(Deserialize)]
struct KeyWire {
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
    endorsements: Option<Vec<String>>,
}

impl OpenId {
    pub(crate) fn new(azure: Azure) -> OpenId {
        OpenId { azure }
    }

    /// What the signer at this address says of itself.
    pub async fn metadata(&self, at: &Url) -> Result<Metadata> {
        let operation = "openid.metadata";
        let wire: MetadataWire = self.read(operation, at).await?;
        let keys = origin::parse(operation, &wire.jwks_uri)?;
        origin::require_same(operation, at, &keys)?;
        Ok(Metadata {
            issuer: wire.issuer,
            keys,
        })
    }

    /// The RSA keys for signatures at this address; others are left out.
    pub async fn keys(&self, at: &Url) -> Result<Vec<SigningKey>> {
        let wire: KeysWire = self.read("openid.keys", at).await?;
        Ok(wire.keys.into_iter().filter_map(KeyWire::signing).collect())
    }

    async fn read<T: serde::de::DeserializeOwned>(
        &self,
        operation: &'static str,
        at: &Url,
    ) -> Result<T> {
        origin::require_private(operation, at)?;
        let mut call = Call::get(operation, at.clone(), Auth::None);
        call.longest_body = LONGEST;
        self.azure.call(call).await?.json()
    }
}

impl KeyWire {
    fn signing(self) -> Option<SigningKey> {
        let signs = self.kty == "RSA" && self.usage.is_none_or(|usage| usage == "sig");
        signs.then_some(SigningKey {
            kid: self.kid?,
            n: self.n?,
            e: self.e?,
            endorsements: self.endorsements,
        })
    }
}
