//! A promotion as the app's API shows it.

use jiff::Timestamp;
use serde::Deserialize;

use crate::person::Browser;

/// One promotion.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PromotionView {
    /// Its name.
    pub(crate) id: String,
    /// What it moves.
    pub(crate) model: String,
    /// Which version of it.
    pub(crate) version: String,
    /// Where to.
    pub(crate) to: String,
    /// Which attempt it is in.
    pub(crate) attempt: u32,
    /// Where it is.
    pub(crate) stage: String,
    /// Why it is there, in words.
    pub(crate) why: String,
    /// Everything that happened.
    pub(crate) timeline: Vec<TimelineLine>,
}

/// One thing that happened.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TimelineLine {
    /// When, in the cloud's time.
    pub(crate) at: Timestamp,
    /// What, in words.
    pub(crate) says: String,
    /// What, for programs.
    pub(crate) fact: FactView,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct FactView {
    /// `planned`, `done`, `entered` and so on.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The effect that it is about.
    #[serde(default)]
    pub(crate) key: String,
    /// What came of it.
    #[serde(default)]
    pub(crate) outcome: serde_json::Value,
}

impl TimelineLine {
    /// The time of day.
    pub(crate) fn time(&self) -> String {
        self.at.strftime("%H:%M:%S%.3f").to_string()
    }
}

impl PromotionView {
    /// Asks the app; nothing while it is away.
    pub(crate) async fn read(browser: &Browser, id: &str) -> anyhow::Result<Option<Self>> {
        let Ok(page) = browser.get(&format!("/api/v1/promotions/{id}")).await else {
            return Ok(None);
        };
        if !page.status.is_success() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&page.body)?))
    }
}
