//! Every event, held against what was to follow from it: what should have been begun and was not.

use std::pin::pin;
use std::time::Duration;

use futures::TryStreamExt as _;
use jiff::SignedDuration;

use super::mend::{Finding, Remedy, Repair};
use super::pages::{PAGE, pages};
use crate::engine::EngineError;
use crate::state::{JournalName, KeptEvent};
use crate::triggers::ml_event::{Follows, Notification, named_in};
use crate::ui::{Flaw, Mended, Trace};

/// An event of that age may still be on its way through the app.
const JUST_NOW: SignedDuration = SignedDuration::from_mins(1);

/// How long it is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

impl Repair<'_> {
    /// Day by day, for keys are listed so, and within a day by time: what came first is opened first.
    pub(super) async fn events(&mut self) -> Result<(), EngineError> {
        let engine = self.engine;
        let list = |from: Option<String>| async move {
            engine.store.events.list_all(from.as_deref(), PAGE).await
        };
        let (mut pages, mut day) = (pin!(pages(list)), Vec::new());
        while let Some(page) = pages.try_next().await? {
            for kept in page {
                self.tally.events += 1;
                if day.last().is_some_and(|before| !same_day(before, &kept)) {
                    self.of_a_day(std::mem::take(&mut day)).await?;
                }
                if is_to_be_read(&kept) {
                    day.push(kept);
                }
            }
        }
        self.of_a_day(day).await
    }

    async fn of_a_day(&mut self, mut day: Vec<KeptEvent>) -> Result<(), EngineError> {
        day.sort_by_key(|kept| kept.time);
        for kept in &day {
            self.event(kept).await?;
        }
        Ok(())
    }

    /// Routes may have been added since: what was not to follow from it then is a person's to decide.
    async fn event(&mut self, kept: &KeptEvent) -> Result<(), EngineError> {
        let Some((_, raw)) = self.engine.store.events.get(&kept.key).await? else {
            return Ok(());
        };
        if !Notification::is_whole(&kept.key, &raw) {
            let path = format!("events/{}.json", kept.key);
            self.count(&path, &Flaw::EventGarbled, &Mended::LeftAlone);
            return Ok(());
        }
        let notification = Notification::kept(&kept.key, &raw);
        let named = named_in(kept);
        let mut more_today = false;
        for part in Follows::of(&self.engine.config, &notification).parts() {
            let name = part.name();
            if self.gone.contains(&name) || self.is_begun(&name, kept).await? {
                continue;
            }
            if let Some(path) = self.named.get(&name).cloned() {
                self.gone(&name, Trace::Target { path }).await;
                continue;
            }
            if !named.iter().any(|id| id == name.as_str()) {
                more_today = true;
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
        self.tally.more_today += u64::from(more_today);
        Ok(())
    }

    /// Looked at twice where it is not: the app may be about to begin what its event has just brought.
    async fn is_begun(&self, name: &JournalName, kept: &KeptEvent) -> Result<bool, EngineError> {
        let journals = &self.engine.store.journals;
        if journals.is_begun(name).await? {
            return Ok(true);
        }
        let now = self.engine.time().await;
        if kept.time.is_some_and(|time| time + JUST_NOW > now) {
            tokio::time::sleep(PATIENCE).await;
        }
        Ok(journals.is_begun(name).await?)
    }
}

fn same_day(one: &KeptEvent, other: &KeptEvent) -> bool {
    let day = |kept: &KeptEvent| kept.key.split('/').next().map(str::to_owned);
    day(one) == day(other)
}

/// Other types have nothing that follows: their bytes need not be read. One without a type was not written by us.
fn is_to_be_read(kept: &KeptEvent) -> bool {
    let kind = kept.kind.to_ascii_lowercase();
    if kind.is_empty() {
        return true;
    }
    ["modelregistered", "runcompleted"]
        .iter()
        .any(|name| kind.ends_with(name))
}
