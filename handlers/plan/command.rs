//! `liftlock plan`: what will be done, read from the storage account as the app does.

use anyhow::Context as _;
use clap::Args;
use promotion::{Aggregate as _, Fact, Promotion, PromotionId};

use super::Planned;
use crate::state::{JournalName, Journals};
use crate::ui;

/// Show what a promotion will do, call by call, before anyone approves.
#[derive(Debug, Args)]
pub struct Plan {
    /// The promotion's id, as its page shows it.
    pub promotion: String,
    /// Answer in JSON, as `GET v1/promotions/{id}/plan` does.
    #[arg(long)]
    pub json: bool,
}

/// Why no plan is shown, in a sentence.
#[derive(Debug)]
pub enum NotShown {
    /// There is none.
    NoPlan(String),
    /// There is no promotion of that name.
    NotFound(String),
    /// Nobody can tell.
    Unread(String),
}

/// The plan, to be printed.
pub async fn plan(
    asked: &Plan,
    env: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<String, NotShown> {
    let (promotion, lines) = load(&asked.promotion, env).await?;
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
) -> Result<(Promotion, Vec<promotion::Line<Fact>>), NotShown> {
    let Some(id) = PromotionId::parse(id) else {
        return Err(NotShown::NotFound(format!(
            "There is no promotion `{}`; the board shows the ids of those that there are.",
            ui::clean(id)
        )));
    };
    let journals = Journals::for_commands(env).map_err(|why| {
        NotShown::Unread(format!(
            "The storage account is not known: {why:#}; give it as the app has it."
        ))
    })?;
    let journal = journals.load::<Fact>(&JournalName::promotion(&id)).await;
    let journal = journal.map_err(|why| unread(&why.into()))?;
    let lines = journal
        .map(|journal| journal.lines)
        .filter(|lines| !lines.is_empty())
        .ok_or_else(|| NotShown::NotFound(format!("There is no promotion `{id}`.")))?;
    let promotion = Promotion::replay(&lines)
        .with_context(|| format!("the journal of `{id}` cannot be read"))
        .map_err(|why| unread(&why))?;
    Ok((promotion, lines))
}

fn unread(why: &anyhow::Error) -> NotShown {
    NotShown::Unread(ui::whole_sentence(&format!("{why:#}")))
}
