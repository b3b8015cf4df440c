//! What is new since the last look: the timelines of all promotions, as the app tells them.

use std::collections::BTreeMap;

use crate::person::Browser;
use crate::{PromotionView, World};

/// Remembers what was told already.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    told: BTreeMap<String, usize>,
    bytes: u64,
}

impl Watch {
    /// The new lines, oldest first; nothing while the app is away.
    pub(crate) async fn news(&mut self, world: &World, browser: &Browser) -> Vec<String> {
        let bytes = world.state().journaled_bytes();
        if bytes == self.bytes {
            return Vec::new();
        }
        let mut news = Vec::new();
        for id in world.state().promotions() {
            let Ok(Some(view)) = PromotionView::read(browser, &id).await else {
                return news;
            };
            let told = self.told.entry(id).or_default();
            let what = format!("{} {} → {}", view.model, view.version, view.to);
            news.extend(
                view.timeline
                    .iter()
                    .skip(*told)
                    // What is to be done shows when it is done.
                    .filter(|line| line.fact.kind != "planned")
                    .map(|line| format!("{what}  {}", line.says)),
            );
            *told = view.timeline.len();
        }
        self.bytes = bytes;
        news
    }
}
