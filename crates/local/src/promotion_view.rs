//! A promotion as the app's API shows it.

use jiff::Timestamp;
use serde::Deserialize;

use crate::person::Browser;

/// One promotion.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromotionView {
    /// Its name.
    pub id: String,
    /// What it moves.
    pub model: String,
    /// Which version of it.
    pub version: String,
    /// Where to.
    pub to: String,
    /// Which attempt it is in.
    pub attempt: u32,
    /// Where it is.
    pub stage: String,
    /// Why it is there, in words.
    pub why: String,
    /// Where people are asked, or were.
    pub approval: Option<String>,
    /// Everything that happened.
    pub timeline: Vec<TimelineLine>,
}

/// One thing that happened.
#[derive(Debug, Clone, Deserialize)]
pub struct TimelineLine {
    /// When, in the cloud's time.
    pub at: Timestamp,
    /// What, in words.
    pub says: String,
    /// What, for programs.
    pub fact: FactView,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Deserialize)]
pub struct FactView {
    /// `planned`, `done`, `entered` and so on.
    #[serde(rename = "type")]
    pub kind: String,
}

impl PromotionView {
    /// Asks the app; nothing while it is away.
    pub async fn read(browser: &Browser, id: &str) -> anyhow::Result<Option<Self>> {
        let Ok(page) = browser.get(&format!("/api/v1/promotions/{id}")).await else {
            return Ok(None);
        };
        if !page.status.is_success() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&page.body)?))
    }
}
