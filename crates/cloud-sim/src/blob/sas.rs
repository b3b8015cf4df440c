//! User delegation keys, and the shared access signatures that are made with them.
//!
//! A key is a function of what it says about itself, so nothing is stored and a signature can be checked by computing
//! its key again. Invariant: a signature opens one resource, for its permissions, between its two times.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use super::error::BlobError;
use super::store::Address;

/// Azure gives keys for seven days at most.
const LONGEST_KEY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Versions at which the string to sign got more lines; versions compare as text.
const FIRST: &str = "2018-11-09";
const WITH_AGENTS: &str = "2020-02-10";
const WITH_SCOPE: &str = "2020-12-06";
const WITH_DELEGATED_USER: &str = "2025-07-05";
const WITH_REQUEST_PARTS: &str = "2026-04-06";

/// What a user delegation key says about itself.
#[derive(Debug, Clone)]
pub(crate) struct DelegationKey {
    pub(crate) object_id: String,
    pub(crate) tenant_id: String,
    pub(crate) start: String,
    pub(crate) expiry: String,
    pub(crate) service: String,
    pub(crate) version: String,
}

impl DelegationKey {
    /// Whether Azure would give such a key.
    pub(crate) fn check(&self) -> Result<(), BlobError> {
        let (Some(start), Some(expiry)) = (moment(&self.start), moment(&self.expiry)) else {
            return Err(BlobError::InvalidXmlDocument);
        };
        let life = expiry.duration_since(start);
        if !life.is_positive() || life > LONGEST_KEY {
            return Err(BlobError::InvalidXmlDocument);
        }
        Ok(())
    }

    /// The secret that the client signs with, for one account.
    pub(crate) fn value(&self, account: &str) -> String {
        let lines = [
            account,
            &self.object_id,
            &self.tenant_id,
            &self.start,
            &self.expiry,
            &self.service,
            &self.version,
        ];
        sign(b"the simulated blob service", &lines.join("\n"))
    }
}

/// A signature in the query of a request.
pub(crate) struct Sas<'a> {
    query: &'a BTreeMap<String, String>,
}

impl<'a> Sas<'a> {
    pub(crate) fn of(query: &'a BTreeMap<String, String>) -> Option<Self> {
        query.contains_key("sig").then_some(Self { query })
    }

    /// Whether it opens `at` for an operation that any one of `permissions` allows, at one of the times in `nows`.
    pub(crate) fn check(
        &self,
        at: &Address,
        permissions: &[char],
        nows: &[Timestamp],
    ) -> Result<(), BlobError> {
        let resource = self.resource(at)?;
        let signature = BASE64
            .decode(self.get("sig"))
            .map_err(|_| BlobError::AuthenticationFailed)?;
        let key = BASE64
            .decode(self.key().value(&at.account))
            .expect("keys are made as base64");
        mac(&key, &self.string_to_sign(&resource)?)
            .verify_slice(&signature)
            .map_err(|_| BlobError::AuthenticationFailed)?;
        self.check_times(nows)?;
        if !["", "https,http"].contains(&self.get("spr")) {
            return Err(BlobError::AuthorizationProtocolMismatch);
        }
        if !permissions
            .iter()
            .any(|wanted| self.get("sp").contains(*wanted))
        {
            return Err(BlobError::AuthorizationPermissionMismatch);
        }
        Ok(())
    }

    fn check_times(&self, nows: &[Timestamp]) -> Result<(), BlobError> {
        let spans = [("st", "se"), ("skt", "ske")];
        let lasts = |now: &Timestamp| {
            spans
                .iter()
                .all(|(start, end)| self.spans(start, end, *now))
        };
        if nows.iter().any(lasts) {
            Ok(())
        } else {
            Err(BlobError::AuthenticationFailed)
        }
    }

    fn spans(&self, start: &str, end: &str, now: Timestamp) -> bool {
        let begun =
            self.get(start).is_empty() || moment(self.get(start)).is_some_and(|start| start <= now);
        begun && moment(self.get(end)).is_some_and(|end| now < end)
    }

    /// The canonical name of what the signature is for, if it can be for `at`.
    fn resource(&self, at: &Address) -> Result<String, BlobError> {
        let container = format!("/blob/{}/{}", at.account, at.container);
        match self.get("sr") {
            "c" => Ok(container),
            "b" if !at.name.is_empty() => Ok(format!("{container}/{}", at.name)),
            "d" if !at.name.is_empty() => Ok(format!("{container}/{}", self.directory(at)?)),
            _ => Err(BlobError::AuthorizationResourceTypeMismatch),
        }
    }

    fn directory(&self, at: &Address) -> Result<String, BlobError> {
        let depth: usize = self
            .get("sdd")
            .parse()
            .map_err(|_| BlobError::AuthenticationFailed)?;
        let parts: Vec<&str> = at.name.split('/').collect();
        let parts = parts.get(..depth).ok_or(BlobError::AuthenticationFailed)?;
        Ok(parts.join("/"))
    }

    fn key(&self) -> DelegationKey {
        let text = |name| self.get(name).to_owned();
        DelegationKey {
            object_id: text("skoid"),
            tenant_id: text("sktid"),
            start: text("skt"),
            expiry: text("ske"),
            service: text("sks"),
            version: text("skv"),
        }
    }

    fn string_to_sign(&self, resource: &str) -> Result<String, BlobError> {
        let version = self.get("sv");
        // Signed request headers and parameters are not built: a signature that has some never opens anything.
        if version < FIRST || self.query.contains_key("srh") || self.query.contains_key("srq") {
            return Err(BlobError::AuthenticationFailed);
        }
        let mut lines = vec![self.get("sp"), self.get("st"), self.get("se"), resource];
        let mut add = |names: &[&str]| lines.extend(names.iter().map(|name| self.get(name)));
        add(&["skoid", "sktid", "skt", "ske", "sks", "skv"]);
        if version >= WITH_AGENTS {
            add(&["saoid", "suoid", "scid"]);
        }
        if version >= WITH_DELEGATED_USER {
            add(&["skdutid", "sduoid"]);
        }
        add(&["sip", "spr", "sv", "sr", "snapshot"]);
        if version >= WITH_SCOPE {
            add(&["ses"]);
        }
        if version >= WITH_REQUEST_PARTS {
            add(&["srh", "srq"]);
        }
        add(&["rscc", "rscd", "rsce", "rscl", "rsct"]);
        Ok(lines.join("\n"))
    }

    fn get(&self, name: &str) -> &'a str {
        self.query.get(name).map_or("", String::as_str)
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

fn mac(key: &[u8], text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac
}

fn sign(key: &[u8], text: &str) -> String {
    BASE64.encode(mac(key, text).finalize().into_bytes())
}
