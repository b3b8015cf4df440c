//! A signature for one blob by a user-delegation key: for a service that must read it and cannot use our token.
//!
//! **Invariant:** what is signed grants reading, of one blob, over https (over http on this machine), for an hour. Its
//! times are real time, whatever clock the business follows.

use std::fmt;

use azure_core::{http::RequestContent, time::OffsetDateTime};
use azure_storage_blob::models::KeyInfo;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{Timestamp, ToSpan as _};
use sha2::Sha256;
use url::Url;

use crate::{
    blob::{account::Blobs, content::Blob},
    call::Kind,
    error::{Error, Result},
    origin, real_time,
};

/// The version whose string-to-sign is built here. Later ones sign more fields; the service takes all.
const SIGNED_VERSION: &str = "2022-11-02";
/// Clocks differ.
const BEFORE: i64 = 15;
/// How long a signature holds, in minutes.
const HOLDS: i64 = 60;

/// A key that signs for its maker's permissions until it expires.
#[derive(Clone, PartialEq, Eq)]
pub struct UserDelegationKey {
    object_id: String,
    tenant_id: String,
    start: Timestamp,
    expiry: Timestamp,
    service: String,
    version: String,
    key: Vec<u8>,
}

impl fmt::Debug for UserDelegationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserDelegationKey")
            .field("expiry", &self.expiry)
            .finish_non_exhaustive()
    }
}

impl Blobs {
    /// A key, by our token only. At most seven days long.
    pub async fn user_delegation_key(
        &self,
        start: Timestamp,
        expiry: Timestamp,
    ) -> Result<UserDelegationKey> {
        let operation = "blob.userDelegationKey";
        let sdk = |error| Error::from_sdk(operation, &error);
        let key = self
            .azure
            .bounded(operation, Kind::Read, move || async move {
                let wanted = KeyInfo {
                    start: sdk_time(start),
                    expiry: sdk_time(expiry),
                    ..Default::default()
                };
                let wanted: RequestContent<KeyInfo, _> = wanted.try_into().map_err(sdk)?;
                let answer = self
                    .service(operation)?
                    .get_user_delegation_key(wanted, None)
                    .await
                    .map_err(sdk)?;
                let key = answer.into_model().map_err(sdk)?;
                // The type of `key` cannot be named: it is of a crate that the SDK does not re-export.
                let complete = || {
                    Some(UserDelegationKey {
                        object_id: key.signed_oid?,
                        tenant_id: key.signed_tid?,
                        start: own_time(key.signed_start)?,
                        expiry: own_time(key.signed_expiry)?,
                        service: key.signed_service?,
                        version: key.signed_version?,
                        key: key.value?,
                    })
                };
                complete().ok_or_else(|| Error::malformed(operation, "an incomplete key"))
            });
        key.await
    }

    /// The last key while it still outlasts a signature, else a new one.
    async fn current_key(&self, now: Timestamp) -> Result<UserDelegationKey> {
        let mut held = self.delegation.lock().await;
        if let Some(key) = held
            .as_ref()
            .filter(|key| key.expiry >= now + HOLDS.minutes())
        {
            return Ok(key.clone());
        }
        let key = self
            .user_delegation_key(now - BEFORE.minutes(), now + (4 * HOLDS).minutes())
            .await?;
        Ok(held.insert(key).clone())
    }
}

impl Blob {
    /// The blob's URL with a signature to read it. Not to be logged.
    pub(crate) async fn url_to_read(&self) -> Result<Url> {
        let operation = "blob.sign";
        let now = real_time::now().unix_timestamp();
        let now = Timestamp::from_second(now).map_err(|error| Error::refused(operation, error))?;
        let key = self.account().current_key(now).await?;
        let mut url = self.url(operation)?;
        let protocol = if url.scheme() == "https" {
            "https"
        } else {
            "https,http"
        };
        let resource = format!(
            "/blob/{}/{}/{}",
            self.account().name(),
            self.container.name,
            self.name
        );
        let grant = Grant {
            resource: &resource,
            start: now - BEFORE.minutes(),
            expiry: now + HOLDS.minutes(),
            protocol,
        };
        origin::require_private(operation, &url)?;
        url.query_pairs_mut().extend_pairs(grant.query(&key));
        Ok(url)
    }
}

/// What is granted: to read one blob for a while.
struct Grant<'a> {
    resource: &'a str,
    start: Timestamp,
    expiry: Timestamp,
    protocol: &'a str,
}

impl Grant<'_> {
    fn query(&self, key: &UserDelegationKey) -> Vec<(&'static str, String)> {
        vec![
            ("sp", "r".to_owned()),
            ("st", seconds(self.start)),
            ("se", seconds(self.expiry)),
            ("skoid", key.object_id.clone()),
            ("sktid", key.tenant_id.clone()),
            ("skt", seconds(key.start)),
            ("ske", seconds(key.expiry)),
            ("sks", key.service.clone()),
            ("skv", key.version.clone()),
            ("spr", self.protocol.to_owned()),
            ("sv", SIGNED_VERSION.to_owned()),
            ("sr", "b".to_owned()),
            ("sig", self.signature(key)),
        ]
    }

    fn signature(&self, key: &UserDelegationKey) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&key.key).expect("HMAC takes keys of any length");
        mac.update(self.string_to_sign(key).as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }

    /// As documented for versions 2020-12-06 to 2025-05-05 of a user-delegation SAS. Fields that are not used are empty
    /// lines.
    fn string_to_sign(&self, key: &UserDelegationKey) -> String {
        let (start, expiry) = (seconds(self.start), seconds(self.expiry));
        let (key_start, key_expiry) = (seconds(key.start), seconds(key.expiry));
        let (authorized, unauthorized, correlation, address) = ("", "", "", "");
        let (snapshot, encryption_scope) = ("", "");
        let (cache_control, disposition, encoding, language, content_type) = ("", "", "", "", "");
        [
            "r",
            &start,
            &expiry,
            self.resource,
            &key.object_id,
            &key.tenant_id,
            &key_start,
            &key_expiry,
            &key.service,
            &key.version,
            authorized,
            unauthorized,
            correlation,
            address,
            self.protocol,
            SIGNED_VERSION,
            "b",
            snapshot,
            encryption_scope,
            cache_control,
            disposition,
            encoding,
            language,
            content_type,
        ]
        .join("\n")
    }
}

fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn sdk_time(at: Timestamp) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(at.as_second()).ok()
}

fn own_time(at: Option<OffsetDateTime>) -> Option<Timestamp> {
    Timestamp::from_second(at?.unix_timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Microsoft's `azure-storage-blob` 12.19.0 for Python, `sv` set to 2022-11-02.
    #[test]
    fn a_signature_is_what_microsofts_own_library_makes() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let key = UserDelegationKey {
            object_id: "00000000-0000-4000-8000-0000000000aa".into(),
            tenant_id: "00000000-0000-4000-8000-0000000000bb".into(),
            start: at("2026-11-23T06:45:00Z"),
            expiry: at("2026-11-23T11:00:00Z"),
            service: "b".into(),
            version: "2022-11-02".into(),
            key: STANDARD
                .decode("KBTeq2oVXjSBW5YFQGOjbA9R7Ul0TPdsWdJ7OQFUD6s=")
                .unwrap(),
        };
        let grant = Grant {
            resource: "/blob/stdev/azureml/ExperimentRun/dcid.run 1/model/MLmodel",
            start: at("2026-11-23T07:00:00Z"),
            expiry: at("2026-11-23T08:00:00Z"),
            protocol: "https",
        };
        assert_eq!(
            grant.signature(&key),
            "XHvuaCM1tDMw0qY50H0Ap4r2AaJxpdkZL5LTBlpZjVg="
        );
    }
}
