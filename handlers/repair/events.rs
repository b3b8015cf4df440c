//! Every event, held against what follows from it today: what should be begun and is not.

use super::mend::{Finding, PAGE, Remedy, Repair};
use crate::engine::EngineError;
use crate::state::KeptEvent;
use crate::triggers::ml_event::{Follows, Notification};
use crate::ui::Flaw;

impl Repair<'_> {
    pub(super) async fn events(&mut self) -> Result<(), EngineError> {
        let mut from = None;
        loop {
            let events = &self.engine.store.events;
            let (page, next) = events.list_all(from.as_deref(), PAGE).await?;
            for kept in &page {
                self.tally.events += 1;
                if opens_something(kept) {
                    self.event(kept).await?;
                }
            }
            from = next;
            if from.is_none() {
                return Ok(());
            }
        }
    }

    async fn event(&mut self, kept: &KeptEvent) -> Result<(), EngineError> {
        let Some((_, raw)) = self.engine.store.events.get(&kept.key).await? else {
            return Ok(());
        };
        let notification = Notification::kept(&kept.key, &raw);
        for part in Follows::of(&self.engine.config, &notification).parts() {
            let name = part.name();
            if self.engine.store.journals.is_begun(&name).await? {
                continue;
            }
            let event = kept.key.clone();
            let finding = Finding {
                flaw: Flaw::NeverOpened {
                    event: event.clone(),
                },
                remedy: Remedy::Open(Box::new(part), event),
            };
            self.tell(&name, finding).await;
        }
        Ok(())
    }
}

/// Other types have nothing that follows: their bytes need not be read.
fn opens_something(kept: &KeptEvent) -> bool {
    let kind = kept.kind.to_ascii_lowercase();
    ["modelregistered", "runcompleted"]
        .iter()
        .any(|name| kind.ends_with(name))
}
