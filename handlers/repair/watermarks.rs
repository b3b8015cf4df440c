//! The watermarks, which nothing can make again: garbage in their place is told.

use super::mend::{Repair, why};
use crate::engine::EngineError;
use crate::state::StoreError;
use crate::ui::{Flaw, Mended};

const PATH: &str = "control/watermarks.json";

impl Repair<'_> {
    pub(super) async fn watermarks(&mut self) -> Result<(), EngineError> {
        match self.engine.store.watermarks.read().await {
            Ok(_) => {}
            Err(error @ StoreError::Unreadable { .. }) => {
                let why = why(PATH, &error);
                let flaw = Flaw::WatermarksGarbled { why };
                self.count(PATH, &flaw, &Mended::LeftAlone);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
