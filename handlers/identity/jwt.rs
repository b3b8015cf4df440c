//! A signed token: taken apart strictly, and believed only when one of the signer's keys signed it.
//!
//! `jsonwebtoken` reads and compares, ring verifies. What that crate lets pass is refused before it or behind it: another
//! algorithm than RS256, a token without `kid` or `nbf`, an `aud` that is a list, a time that is no whole number, a claim
//! that stands there twice, a header that asks for what we do not know.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, Result as JwtResult};
use jsonwebtoken::signature;
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey, Validation};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::sync::Once;

use super::keys::{KeyCache, NoKey, Signed};

/// Longer than any token of Entra's: 200 groups, all roles, and the platform's headers end far below it.
pub(super) const LONGEST: usize = 32 * 1024;

/// How far the clocks of signer and reader may be apart, in seconds.
const LEEWAY: u64 = 300;

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no compact token, or its header or claims are not what they have to be.
    #[error("it is not written as a token is")]
    Malformed,
    /// It is not signed by RS256.
    #[error("it is not signed by RS256")]
    Algorithm,
    /// None of the signer's keys has signed it.
    #[error("no key of its signer's has signed it")]
    NotSigned,
    /// It is out of date.
    #[error("it has expired")]
    Expired,
    /// It counts from later on.
    #[error("it does not count yet")]
    NotYet,
    /// It is for somebody else.
    #[error("it was issued for another app")]
    Audience,
    /// It is somebody else's.
    #[error("another directory or service issued it")]
    Issuer,
    /// The signer's keys cannot be read at the moment.
    #[error("the keys of its signer cannot be read at the moment")]
    KeysUnavailable,
}

/// A token as far as it can be read before anybody vouches for it.
struct Header {
    kid: String,
}

#[derive(Deserialize)]
struct HeaderWire {
    alg: String,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

/// The claims of a token that one of the signer's keys has signed, which is for one of `audiences` and in date.
pub(super) async fn check<C: DeserializeOwned>(
    token: &str,
    keys: &KeyCache,
    audiences: &[&str],
    now: Timestamp,
) -> Result<(C, Signed), Refused> {
    let Header { kid } = header(token)?;
    let signed = keys.key(&kid, now).await.map_err(|why| match why {
        NoKey::Unknown => Refused::NotSigned,
        NoKey::Unavailable => Refused::KeysUnavailable,
    })?;
    let claims = verify(token, &signed, audiences)?;
    Ok((claims, signed))
}

/// What the token says of its own signature. Costs no cryptography.
fn header(token: &str) -> Result<Header, Refused> {
    if token.len() > LONGEST {
        return Err(Refused::Malformed);
    }
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refused::Malformed);
    };
    let plain = |part: &str| {
        let of_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        part.bytes().all(of_base64url)
    };
    if !(plain(header) && plain(claims) && plain(signature)) || claims.is_empty() {
        return Err(Refused::Malformed);
    }
    let bytes = URL_SAFE_NO_PAD
        .decode(header)
        .map_err(|_| Refused::Malformed)?;
    let wire: HeaderWire = serde_json::from_slice(&bytes).map_err(|_| Refused::Malformed)?;
    if wire.alg != "RS256" {
        return Err(Refused::Algorithm);
    }
    match wire {
        HeaderWire {
            kid: Some(kid),
            crit: None,
            ..
        } if !kid.is_empty() => Ok(Header { kid }),
        HeaderWire { .. } => Err(Refused::Malformed),
    }
}

fn verify<C: DeserializeOwned>(
    token: &str,
    signed: &Signed,
    audiences: &[&str],
) -> Result<C, Refused> {
    use_ring();
    let key = DecodingKey::from_rsa_components(&signed.key.n, &signed.key.e)
        .map_err(|_| Refused::NotSigned)?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.leeway = LEEWAY;
    rules.validate_nbf = true;
    rules.set_required_spec_claims(&["exp", "nbf", "aud", "iss"]);
    rules.set_audience(audiences);
    rules.set_issuer(&[&signed.issuer]);
    jsonwebtoken::decode::<IgnoredAny>(token, &key, &rules).map_err(|why| refused(&why))?;
    // Vouched for. What every token has is read again as strictly as it has to be: the library is laxer.
    let claims = token.split('.').nth(1).ok_or(Refused::Malformed)?;
    let claims = URL_SAFE_NO_PAD.decode(claims);
    let claims = claims.map_err(|_| Refused::Malformed)?;
    let _: Strict = serde_json::from_slice(&claims).map_err(|_| Refused::Malformed)?;
    serde_json::from_slice(&claims).map_err(|_| Refused::Malformed)
}

/// What each token must have, each once, in exactly this shape.
#[derive(Deserialize)]
struct Strict {
    #[serde(rename = "aud")]
    _aud: String,
    #[serde(rename = "iss")]
    _iss: String,
    #[serde(rename = "exp")]
    _exp: u64,
    #[serde(rename = "nbf")]
    _nbf: u64,
}

fn refused(why: &Error) -> Refused {
    match why.kind() {
        ErrorKind::InvalidSignature => Refused::NotSigned,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => Refused::Algorithm,
        ErrorKind::ExpiredSignature => Refused::Expired,
        ErrorKind::ImmatureSignature => Refused::NotYet,
        ErrorKind::InvalidAudience => Refused::Audience,
        ErrorKind::InvalidIssuer => Refused::Issuer,
        _ => Refused::Malformed,
    }
}

/// ring, for the crate that has no cryptography of its own here.
fn use_ring() {
    static ONCE: Once = Once::new();
    static RING: CryptoProvider = CryptoProvider {
        signer_factory: no_signer,
        verifier_factory: verifier,
        key_utils: KeyUtils::new_unimplemented(),
    };
    // Nobody else in this process installs one; if somebody had, theirs would verify as well.
    ONCE.call_once(|| {
        let _ = RING.install_default();
    });
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the library asks for this shape"
)]
fn no_signer(_: &Algorithm, _: &EncodingKey) -> JwtResult<Box<dyn JwtSigner>> {
    Err(ErrorKind::InvalidAlgorithm.into())
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the library asks for this shape"
)]
fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> JwtResult<Box<dyn JwtVerifier>> {
    match (algorithm, key.kind()) {
        (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
            Ok(Box::new(Rs256(RsaPublicKeyComponents {
                n: n.clone(),
                e: e.clone(),
            })))
        }
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

struct Rs256(RsaPublicKeyComponents<Vec<u8>>);

impl signature::Verifier<Vec<u8>> for Rs256 {
    fn verify(&self, text: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let rule = &RSA_PKCS1_2048_8192_SHA256;
        let verified = self.0.verify(rule, text, signature);
        verified.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Rs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}
