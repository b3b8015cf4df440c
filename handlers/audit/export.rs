//! `liftlock audit export`: one promotion as a file for an auditor.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use promotion::PromotionId;
use std::path::Path;

use super::command::{Export, Outcome, Said};
use super::exported;
use crate::causes::chain;
use crate::state::{JournalName, Journals};
use crate::ui;

/// Writes the file, or answers it.
pub async fn export(asked: &Export, env: &dyn Fn(&str) -> Option<String>) -> Said {
    let journal = match journal(asked, env).await {
        Ok(journal) => journal,
        Err(error) => return failed(Outcome::Unread, format!("{error:#}")),
    };
    let text = match exported::write(&asked.promotion, &journal) {
        Ok(text) => text,
        Err(untrue) => {
            let told = ui::not_exported(&asked.promotion, &chain(&untrue));
            return failed(Outcome::Misfit, told);
        }
    };
    match &asked.out {
        None => said(text),
        Some(path) => match put(path, &text) {
            Ok(()) => said(ui::exported(path)),
            Err(error) => failed(Outcome::Unread, format!("{error:#}")),
        },
    }
}

fn said(text: String) -> Said {
    Said {
        text,
        problems: vec![],
        outcome: Outcome::Fits,
    }
}

fn failed(outcome: Outcome, problem: String) -> Said {
    Said {
        text: String::new(),
        problems: vec![problem],
        outcome,
    }
}

async fn journal(asked: &Export, env: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Bytes> {
    match &asked.from {
        Some(path) => {
            let bytes = std::fs::read(path);
            Ok(bytes
                .with_context(|| format!("{} cannot be read", path.display()))?
                .into())
        }
        None => stored(&asked.promotion, env).await,
    }
}

async fn stored(id: &str, env: &dyn Fn(&str) -> Option<String>) -> anyhow::Result<Bytes> {
    let id = PromotionId::parse(id)
        .with_context(|| format!("`{id}` is no promotion's id; its page and the board show it"))?;
    let journals = Journals::for_commands(env).context(
        "the storage account is not known; set LIFTLOCK_STORAGE_URL as the app has it, or name a journal with --from",
    )?;
    let bytes = journals.bytes(&JournalName::promotion(&id)).await?;
    bytes.with_context(|| format!("there is no promotion `{id}`"))
}

/// Beside its place and then into it: whoever finds the file finds all of it.
/// Never over what is there: it may be a journal.
fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    if path.exists() {
        bail!("{} is there already: name another file", path.display());
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    written.with_context(|| format!("{} cannot be written", path.display()))
}
