//! What lies among our blobs and is nothing of ours: told, for a person to look at.

use std::pin::pin;

use futures::TryStreamExt as _;

use super::mend::Repair;
use super::pages::{PAGE, pages};
use crate::engine::EngineError;
use crate::ui::{Flaw, Mended};

impl Repair<'_> {
    pub(super) async fn strangers(&mut self) -> Result<(), EngineError> {
        let engine = self.engine;
        let list = |from: Option<String>| async move {
            engine.store.strangers(from.as_deref(), PAGE).await
        };
        let mut pages = pin!(pages(list));
        while let Some(page) = pages.try_next().await? {
            for path in page {
                self.count(&path, &Flaw::Stranger, &Mended::LeftAlone);
            }
        }
        Ok(())
    }
}
