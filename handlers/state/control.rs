//! `control/`: what the whole app shares. Today the key that binds a form to the person it was shown to.

use azure_api::Error;
use azure_api::blob::{Condition, Container};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::OnceCell;

use super::StoreError;
use crate::clock;

const PATH: &str = "control/form-key";

/// A random key that every instance of the app shares, made by the first that needs it.
///
/// It is worth no more than the storage account it lies in: whoever reads that may write journals too.
#[derive(Clone)]
pub struct FormKey {
    container: Container,
    key: Arc<OnceCell<Bytes>>,
}

impl FormKey {
    pub(super) fn new(container: Container) -> Self {
        Self {
            container,
            key: Arc::default(),
        }
    }

    /// The key.
    pub async fn get(&self) -> Result<Bytes, StoreError> {
        self.key
            .get_or_try_init(|| self.load_or_make())
            .await
            .cloned()
    }

    /// Whether it is made, asked of the storage account each time.
    pub(super) async fn is_there(&self) -> Result<bool, StoreError> {
        let found = self.container.blob(PATH).head().await;
        Ok(found.map_err(StoreError::service(PATH))?.is_some())
    }

    async fn load_or_make(&self) -> Result<Bytes, StoreError> {
        let blob = self.container.blob(PATH);
        let fresh = Bytes::from(clock::unique() + &clock::unique());
        match blob
            .put(fresh.clone(), Condition::IfNoneMatchAny, &BTreeMap::new())
            .await
        {
            Ok(_) => return Ok(fresh),
            Err(Error::Conflict(_) | Error::PreconditionFailed(_)) => {}
            Err(error) => return Err(StoreError::service(PATH)(error)),
        }
        let found = blob
            .get(None, 1024)
            .await
            .map_err(StoreError::service(PATH))?;
        found
            .map(|found| found.bytes)
            .ok_or_else(|| StoreError::Contended {
                what: PATH.to_owned(),
            })
    }
}
