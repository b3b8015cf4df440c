//! A repair from its beginning to its tally.

use std::collections::{BTreeMap, BTreeSet};

use super::mend::Repair;
use crate::engine::{Engine, EngineError};
use crate::ui::RepairTally;

/// Whether flaws are mended or only told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Told.
    DryRun,
    /// Mended.
    Apply,
}

/// Looks at every journal, then at every marker, target and event, page by page; `say` gets a line for each flaw.
///
/// What cannot be mended is told and left; what cannot be listed ends the repair. It may be stopped at any point and
/// begun again.
pub async fn repair(
    engine: &Engine,
    mode: Mode,
    say: &mut (dyn FnMut(&str) + Send),
) -> Result<RepairTally, EngineError> {
    match mode {
        Mode::DryRun => engine.store.exists().await?,
        Mode::Apply => engine.store.ready().await?,
    }
    let mut repair = Repair {
        engine,
        mode,
        say,
        tally: RepairTally::default(),
        open: Vec::new(),
        unread: BTreeSet::new(),
        gone: BTreeSet::new(),
        named: BTreeMap::new(),
        unmarked: BTreeMap::new(),
    };
    Box::pin(repair.journals()).await?;
    Box::pin(repair.markers()).await?;
    Box::pin(repair.targets()).await?;
    repair.watermarks().await?;
    repair.freezes().await?;
    repair.strangers().await?;
    Box::pin(repair.events()).await?;
    Ok(repair.tally)
}
