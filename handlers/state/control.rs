//! `control/form-key`: the key that binds a form to the person it was shown to, and the one before it while forms that
//! it has bound are still open.

use azure_api::Error;
use azure_api::blob::{Condition, Container};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tokio::sync::Mutex;

use super::StoreError;
use crate::clock;

const PATH: &str = "control/form-key";
/// Whoever rolls the key copies it there first.
const PREVIOUS: &str = "control/form-key-previous";
/// Keys read longer ago are read again: what was rolled since is used by every instance after that.
const KEPT: SignedDuration = SignedDuration::from_mins(5);
const LARGEST: u64 = 1024;
/// In bytes: as many as the digest has that they key.
const SHORTEST: usize = 32;

/// Random keys that every instance of the app shares; the current one is made by the first that needs it.
///
/// They are worth no more than the storage account they lie in: whoever reads that may write journals too.
#[derive(Clone)]
pub struct FormKey {
    container: Container,
    kept: Arc<Mutex<Option<Kept>>>,
}

struct Kept {
    keys: Arc<FormKeys>,
    at: Timestamp,
}

/// The keys of a moment.
#[derive(PartialEq, Eq)]
pub struct FormKeys {
    /// Binds forms and checks them.
    pub current: Bytes,
    /// Checks them only.
    pub previous: Option<Bytes>,
}

impl FormKeys {
    /// Those that a form may be bound by.
    pub fn all(&self) -> impl Iterator<Item = &[u8]> {
        let both = [Some(&self.current), self.previous.as_ref()];
        both.into_iter().flatten().map(AsRef::as_ref)
    }
}

impl fmt::Debug for FormKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormKeys(..)")
    }
}

impl FormKey {
    pub(super) fn new(container: Container) -> Self {
        Self {
            container,
            kept: Arc::default(),
        }
    }

    /// The keys, as they were at most five minutes ago.
    pub async fn get(&self) -> Result<Arc<FormKeys>, StoreError> {
        let mut kept = self.kept.lock().await;
        let now = clock::wall_now();
        if let Some(kept) = &*kept
            && now.duration_since(kept.at).abs() < KEPT
        {
            return Ok(kept.keys.clone());
        }
        self.read_into(&mut kept, now).await
    }

    /// The keys as they are now: for a form that none of those that are known has bound.
    pub async fn get_now(&self) -> Result<Arc<FormKeys>, StoreError> {
        let mut kept = self.kept.lock().await;
        self.read_into(&mut kept, clock::wall_now()).await
    }

    /// Whether it is made, asked of the storage account each time.
    pub(super) async fn is_there(&self) -> Result<bool, StoreError> {
        let found = self.container.blob(PATH).head().await;
        Ok(found.map_err(StoreError::service(PATH))?.is_some())
    }

    async fn read_into(
        &self,
        kept: &mut Option<Kept>,
        at: Timestamp,
    ) -> Result<Arc<FormKeys>, StoreError> {
        let current = match self.read(PATH).await? {
            Some(key) => key,
            None => self.make().await?,
        };
        let keys = Arc::new(FormKeys {
            current,
            previous: self.read(PREVIOUS).await?,
        });
        *kept = Some(Kept {
            keys: keys.clone(),
            at,
        });
        Ok(keys)
    }

    /// The first of many who need it makes it, the others read theirs.
    async fn make(&self) -> Result<Bytes, StoreError> {
        let fresh = Bytes::from(clock::unique() + &clock::unique());
        let blob = self.container.blob(PATH);
        let plain = BTreeMap::new();
        let made = blob.put(fresh.clone(), Condition::IfNoneMatchAny, &plain);
        match made.await {
            Ok(_) => Ok(fresh),
            Err(Error::Conflict(_) | Error::PreconditionFailed(_)) => {
                let theirs = self.read(PATH).await?;
                theirs.ok_or_else(|| StoreError::Contended {
                    what: PATH.to_owned(),
                })
            }
            Err(error) => Err(StoreError::service(PATH)(error)),
        }
    }

    async fn read(&self, path: &str) -> Result<Option<Bytes>, StoreError> {
        let found = self.container.blob(path).get(None, LARGEST).await;
        let found = found.map_err(StoreError::service(path))?;
        match found.map(|found| found.bytes) {
            // Whoever guesses it binds anything to anybody.
            Some(key) if key.len() < SHORTEST => Err(StoreError::KeyTooShort {
                what: path.to_owned(),
                length: key.len(),
                least: SHORTEST,
            }),
            key => Ok(key),
        }
    }
}
