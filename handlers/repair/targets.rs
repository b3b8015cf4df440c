//! Every target that an open promotion has the turn or the lease of, held against its blob: one that is gone is made again.

use std::collections::BTreeMap;
use std::pin::pin;

use futures::TryStreamExt as _;
use promotion::TargetId;

use super::claims::{Claims, claimed};
use super::mend::Repair;
use super::pages::{PAGE, pages};
use super::run::Mode;
use crate::causes::chain;
use crate::engine::EngineError;
use crate::state::{Holder, StoreError, Taken, Target};
use crate::ui::{Flaw, Mended};

impl Repair<'_> {
    /// Journals before blobs: a turn or a lease is in its blob before it is in a journal, so what is claimed and not there
    /// is lost.
    pub(super) async fn targets(&mut self) -> Result<(), EngineError> {
        let mut missing = self.claims().await?;
        let engine = self.engine;
        let list = |from: Option<String>| async move {
            engine.store.leases.list(from.as_deref(), PAGE).await
        };
        let mut there = pin!(pages(list));
        while let Some(page) = there.try_next().await? {
            for id in page {
                missing.remove(&id);
                self.existing(&id).await?;
            }
        }
        for (id, claims) in missing {
            self.lost(&id, claimed(claims)).await;
        }
        Ok(())
    }

    async fn claims(&mut self) -> Result<BTreeMap<TargetId, Vec<Claims>>, EngineError> {
        let mut all: BTreeMap<TargetId, Vec<Claims>> = BTreeMap::new();
        for name in std::mem::take(&mut self.open) {
            let Some(id) = name.as_promotion() else {
                continue;
            };
            match Claims::read(self.engine, &id).await {
                Ok(claims) => all.entry(claims.target.clone()).or_default().push(claims),
                // It was named when journals were looked at.
                Err(EngineError::Unknown(_) | EngineError::Store(StoreError::Corrupt { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    async fn existing(&mut self, id: &TargetId) -> Result<(), EngineError> {
        match self.engine.store.leases.read(id).await {
            Ok(_) => {}
            Err(error @ StoreError::Unreadable { .. }) => {
                let why = chain(&error);
                self.count(&path(id), &Flaw::TargetGarbled { why }, &Mended::LeftAlone);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Where nobody has turn or lease there is nothing to lose: who waits lines up again.
    async fn lost(&mut self, id: &TargetId, target: Target) {
        if target.turn.is_none() && target.holder.is_none() {
            return;
        }
        let who = |holder: &Option<Holder>| {
            let promotion = holder.as_ref().map(|holder| &holder.promotion);
            promotion.map(ToString::to_string)
        };
        let flaw = Flaw::TargetLost {
            turn: who(&target.turn),
            lease: who(&target.holder),
            waiting: target.line.len() as u64,
        };
        let mended = match self.mode {
            Mode::DryRun => Mended::NotAsked,
            Mode::Apply => match self.engine.store.leases.put_if_absent(id, &target).await {
                Ok(Taken::Ours) => Mended::Yes,
                Ok(Taken::Raced) => Mended::Overtaken,
                Err(error) => Mended::No { why: chain(&error) },
            },
        };
        self.count(&path(id), &flaw, &mended);
    }
}

fn path(id: &TargetId) -> String {
    format!("targets/{id}.json")
}
