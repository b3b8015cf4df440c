//! The freezes, which only people can set again: garbage in their place is told.

use super::mend::{Repair, why};
use crate::engine::EngineError;
use crate::state::StoreError;
use crate::ui::{Flaw, Mended};

const PATH: &str = "control/freezes.json";

impl Repair<'_> {
    pub(super) async fn freezes(&mut self) -> Result<(), EngineError> {
        match self.engine.store.freezes.read().await {
            Ok(_) => {}
            Err(error @ StoreError::Unreadable { .. }) => {
                let why = why(PATH, &error);
                let flaw = Flaw::FreezesGarbled { why };
                self.count(PATH, &flaw, &Mended::LeftAlone);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
