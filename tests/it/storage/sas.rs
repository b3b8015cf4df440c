//! Shared access signatures with an account's key, written from Microsoft's description of the string to sign.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use url::form_urlencoded;

const VERSION: &str = "2022-11-02";
const FROM: &str = "2020-01-01T00:00:00Z";
const TO: &str = "2040-01-01T00:00:00Z";
const PROTOCOLS: &str = "https,http";

/// A storage account and its key.
#[derive(Clone, Copy)]
pub(super) struct Account {
    pub(super) name: &'static str,
    pub(super) key: &'static [u8],
}

impl Account {
    /// As Azurite's `AZURITE_ACCOUNTS` wants it.
    pub(super) fn setting(self) -> String {
        format!("{}:{}", self.name, STANDARD.encode(self.key))
    }

    /// A signature for everything in the account's blob service.
    pub(super) fn account_sas(self) -> String {
        let permissions = "rwdlacup";
        let text = [
            self.name,
            permissions,
            "b",
            "sco",
            FROM,
            TO,
            "",
            PROTOCOLS,
            VERSION,
            "",
            "",
        ]
        .join("\n");
        self.query(&[("ss", "b"), ("srt", "sco"), ("sp", permissions)], &text)
    }

    /// A signature for one container: Azurite stages blocks from a URL under no other.
    pub(super) fn container_sas(self, container: &str) -> String {
        let permissions = "racwdl";
        let resource = format!("/blob/{}/{container}", self.name);
        let text = [
            permissions,
            FROM,
            TO,
            &resource,
            "",
            "",
            PROTOCOLS,
            VERSION,
            "c",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
        ]
        .join("\n");
        self.query(&[("sr", "c"), ("sp", permissions)], &text)
    }

    fn query(self, own: &[(&str, &str)], text: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key).unwrap();
        mac.update(text.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(own)
            .extend_pairs([
                ("sv", VERSION),
                ("st", FROM),
                ("se", TO),
                ("spr", PROTOCOLS),
            ])
            .append_pair("sig", &signature)
            .finish()
    }
}
