//! RSA keys, and tokens signed with them in every way that an attacker could think of.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RsaEncoding, UnparsedPublicKey,
};
use serde_json::{Value, json};
use sha2::Sha256;

/// A key pair of the simulated cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyName {
    /// Signs at first.
    Current,
    /// Signs after a rollover.
    Next,
    /// Is published only where a test does so.
    Rogue,
}

/// How a token is signed, whatever its header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// RSA PKCS#1 with SHA-256: what Entra and the Bot Connector use.
    Rs256,
    /// With SHA-384.
    Rs384,
    /// With SHA-512.
    Rs512,
    /// RSA-PSS with SHA-256.
    Ps256,
    /// HMAC with the public key as its secret: what a careless verifier takes for RS256.
    Hs256,
    /// None at all.
    Absent,
}

impl KeyName {
    /// The key's id in published sets and in headers.
    pub fn kid(self) -> &'static str {
        match self {
            Self::Current => "sim-key-current",
            Self::Next => "sim-key-next",
            Self::Rogue => "sim-key-rogue",
        }
    }

    fn pair(self) -> &'static KeyPair {
        static CURRENT: OnceLock<KeyPair> = OnceLock::new();
        static NEXT: OnceLock<KeyPair> = OnceLock::new();
        static ROGUE: OnceLock<KeyPair> = OnceLock::new();
        let (slot, der): (_, &[u8]) = match self {
            Self::Current => (&CURRENT, include_bytes!("keys/current.der")),
            Self::Next => (&NEXT, include_bytes!("keys/next.der")),
            Self::Rogue => (&ROGUE, include_bytes!("keys/rogue.der")),
        };
        slot.get_or_init(|| KeyPair::from_pkcs8(der).expect("the file is a PKCS#8 RSA key"))
    }

    /// The public half as published sets show it, under this id.
    pub(super) fn jwk(self, kid: &str) -> Value {
        let public = PublicKeyComponents::<Vec<u8>>::from(self.pair().public());
        json!({
            "kty": "RSA",
            "use": "sig",
            "kid": kid,
            "n": BASE64.encode(public.n),
            "e": BASE64.encode(public.e),
        })
    }

    /// The claims of a token that this key has signed as Entra does.
    pub(super) fn open(self, token: &str) -> Option<Value> {
        let (text, signature) = token.rsplit_once('.')?;
        let (_, claims) = text.split_once('.')?;
        let public = self.pair().public().as_ref();
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
        let signature = BASE64.decode(signature).ok()?;
        key.verify(text.as_bytes(), &signature).ok()?;
        serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()
    }

    fn rsa(self, how: &'static dyn RsaEncoding, text: &[u8]) -> Vec<u8> {
        let pair = self.pair();
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(how, &SystemRandom::new(), text, &mut signature)
            .expect("a key of 2048 bits signs with any of these");
        signature
    }
}

/// A compact token of this header and these claims.
pub fn jws(key: KeyName, how: Signature, header: &Value, claims: &Value) -> String {
    jws_of_text(key, how, &header.to_string(), &claims.to_string())
}

/// The same of texts, which need not be JSON.
pub fn jws_of_text(key: KeyName, how: Signature, header: &str, claims: &str) -> String {
    let text = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
    let bytes = text.as_bytes();
    let signature = match how {
        Signature::Rs256 => key.rsa(&RSA_PKCS1_SHA256, bytes),
        Signature::Rs384 => key.rsa(&RSA_PKCS1_SHA384, bytes),
        Signature::Rs512 => key.rsa(&RSA_PKCS1_SHA512, bytes),
        Signature::Ps256 => key.rsa(&RSA_PSS_SHA256, bytes),
        Signature::Hs256 => {
            let public = key.pair().public().as_ref();
            let mut mac = Hmac::<Sha256>::new_from_slice(public).expect("HMAC takes any key");
            mac.update(bytes);
            mac.finalize().into_bytes().to_vec()
        }
        Signature::Absent => Vec::new(),
    };
    format!("{text}.{}", BASE64.encode(signature))
}
