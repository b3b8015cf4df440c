//! The watermarks, which nothing can make again: garbage in their place is told.

use super::mend::Repair;
use crate::causes::chain;
use crate::engine::EngineError;
use crate::state::StoreError;
use crate::ui::{Flaw, Mended};

impl Repair<'_> {
    pub(super) async fn watermarks(&mut self) -> Result<(), EngineError> {
        match self.engine.store.watermarks.read().await {
            Ok(_) => {}
            Err(error @ StoreError::Unreadable { .. }) => {
                let flaw = Flaw::WatermarksGarbled { why: chain(&error) };
                self.count("control/watermarks.json", &flaw, &Mended::LeftAlone);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
