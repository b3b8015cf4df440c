//! `liftlock plan`: what will be done, read from the storage account as the app does.

use anyhow::Context as _;
use clap::Args;
use promotion::{Aggregate as _, Fact, Promotion, PromotionId};

use super::Planned;
use crate::state::{JournalName, Journals};

/// Show what a promotion will do, call by call, before anyone approves.
#[derive(Debug, Args)]
pub struct Plan {
    /// The promotion's id, as its page shows it.
    pub promotion: String,
    /// Answer in JSON, as `GET v1/promotions/{id}/plan` does.
    #[arg(long)]
    pub json: bool,
}

/// Why no plan is shown.
#[derive(Debug)]
pub enum NotShown {
    /// There is none; in a sentence, why.
    NoPlan(String),
    /// Nobody can tell.
    Unread(anyhow::Error),
}

/// The plan, to be printed.
pub async fn plan(
    asked: &Plan,
    env: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<String, NotShown> {
    let loaded = load(&asked.promotion, env).await;
    let (promotion, lines) = loaded.map_err(NotShown::Unread)?;
    let planned = Planned::of(&promotion, &lines).map_err(NotShown::NoPlan)?;
    Ok(if asked.json {
        format!("{:#}\n", planned.json())
    } else {
        planned.text()
    })
}

async fn load(
    id: &str,
    env: &(dyn Fn(&str) -> Option<String> + Sync),
) -> anyhow::Result<(Promotion, Vec<promotion::Line<Fact>>)> {
    let id = PromotionId::parse(id)
        .with_context(|| format!("`{id}` is no promotion's id; its page and the board show it"))?;
    let journals = Journals::for_commands(env)
        .context("the storage account is not known; set LIFTLOCK_STORAGE_URL as the app has it")?;
    let journal = journals.load::<Fact>(&JournalName::promotion(&id)).await?;
    let lines = journal
        .map(|journal| journal.lines)
        .filter(|lines| !lines.is_empty())
        .with_context(|| format!("there is no promotion `{id}`"))?;
    let promotion = Promotion::replay(&lines)
        .with_context(|| format!("the journal of `{id}` cannot be read"))?;
    Ok((promotion, lines))
}
