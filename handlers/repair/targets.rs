//! Every target that an open promotion has the turn or the lease of, held against its blob: one that is gone or garbage is
//! made again.
//!
//! The invariant: none is made while a journal cannot be read that may be open, for it may be the one that has the lease.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use promotion::{PromotionId, TargetId};

use super::claims::{Claims, Held, claimed};
use super::journals::AT_ONCE;
use super::mend::{Repair, why};
use super::pages::{PAGE, pages};
use super::run::Mode;
use crate::causes::chain;
use crate::engine::{Engine, EngineError};
use crate::state::{Garbage, Hold, Holder, JournalName, StoreError, Taken, Target, TargetBlob};
use crate::ui::{Flaw, Mended};

impl Repair<'_> {
    /// Journals before blobs: a turn or a lease is in its blob before it is in a journal, so what is claimed and not there
    /// is lost.
    pub(super) async fn targets(&mut self) -> Result<(), EngineError> {
        let (mut missing, mut garbled) = (self.claims().await, Vec::new());
        let mut met = BTreeSet::new();
        let engine = self.engine;
        let list = |from: Option<String>| async move {
            engine.store.leases.list(from.as_deref(), PAGE).await
        };
        let mut there = pin!(pages(list));
        while let Some(page) = there.try_next().await? {
            for id in page {
                let looked = engine.store.leases.look(&id).await;
                if matches!(looked, Ok(TargetBlob::Absent)) {
                    // Gone since it was listed.
                    continue;
                }
                let claims = missing.remove(&id).unwrap_or_default();
                met.insert(id.clone());
                match looked {
                    Ok(TargetBlob::Absent) => {}
                    Ok(TargetBlob::Readable(target, _)) => {
                        self.names(&id, &target);
                        self.held(&id, &target, claims).await;
                    }
                    Ok(TargetBlob::Garbled(garbage)) => garbled.push((id, garbage)),
                    Err(error) => self.unseen(&path(&id), &error.into()),
                }
            }
        }
        let configured = engine.config.targets().into_iter().map(|target| target.id);
        let mut absent: BTreeSet<TargetId> = configured.chain(missing.keys().cloned()).collect();
        absent.retain(|id| !met.contains(id));
        let unread = garbled.iter().map(|(id, _)| id.clone());
        let mut holds = self
            .holds_of(&absent.iter().cloned().chain(unread).collect())
            .await?;
        for id in absent {
            let target = Target {
                holds: holds.remove(&id).unwrap_or_default(),
                ..claimed(missing.remove(&id).unwrap_or_default())
            };
            self.lost(&id, target).await;
        }
        self.garbled(garbled, holds).await;
        Ok(())
    }

    /// What open journals say of targets; one that is not given, or cannot be read any more, is told.
    async fn claims(&mut self) -> BTreeMap<TargetId, Vec<Claims>> {
        let engine = self.engine;
        let ids = self.open.clone().into_iter();
        let reads: Vec<_> = ids.map(|id| read(engine, id)).collect();
        let mut reads = stream::iter(reads).buffered(AT_ONCE);
        let mut all: BTreeMap<TargetId, Vec<Claims>> = BTreeMap::new();
        while let Some((id, claims)) = reads.next().await {
            match claims {
                Ok(claims) => all.entry(claims.target.clone()).or_default().push(claims),
                Err(error) => {
                    if self.unread.insert(id.clone()) {
                        self.unseen(id.as_str(), &error);
                    }
                }
            }
        }
        all
    }

    /// Whoever is named there had a journal before.
    fn names(&mut self, id: &TargetId, target: &Target) {
        let now = target.turn.iter().chain(&target.holder);
        for holder in now.chain(&target.line).chain(&target.history) {
            let name = JournalName::promotion(&holder.promotion);
            self.named.entry(name).or_insert_with(|| path(id));
        }
    }

    fn unseen(&mut self, what: &str, error: &EngineError) {
        let flaw = match error {
            EngineError::Store(StoreError::Corrupt { .. }) => {
                Flaw::Unreadable { why: chain(error) }
            }
            EngineError::Store(error) => Flaw::Unseen {
                why: why(what, error),
            },
            EngineError::Unknown(_) | EngineError::Contended(_) => {
                Flaw::Unseen { why: chain(error) }
            }
        };
        self.count(what, &flaw, &Mended::LeftAlone);
    }

    /// A blob that names no holder, or nobody whose turn it is, though a journal does, was made by somebody who met none
    /// after that was lost.
    async fn held(&mut self, id: &TargetId, target: &Target, claims: Vec<Claims>) {
        for claims in claims {
            let Some((what, holder)) = claims.not_in(target) else {
                continue;
            };
            match self.still_says_so(id, what, &holder).await {
                Ok(false) => {}
                Ok(true) => {
                    let holder = holder.promotion.to_string();
                    let flaw = match what {
                        Held::Lease => Flaw::LeaseLost { holder },
                        Held::Turn => Flaw::TurnLost { holder },
                    };
                    self.count(&path(id), &flaw, &Mended::LeftAlone);
                }
                Err(error) => self.unseen(&path(id), &error),
            }
        }
    }

    /// Whether blob and journal say so still. The blob first: whoever releases a lease plans it in the journal before, and
    /// a turn is taken over only from what has ended by its journal.
    async fn still_says_so(
        &self,
        id: &TargetId,
        what: Held,
        holder: &Holder,
    ) -> Result<bool, EngineError> {
        let TargetBlob::Readable(target, _) = self.engine.store.leases.look(id).await? else {
            return Ok(false);
        };
        let claims = Claims::read(self.engine, &holder.promotion).await?;
        let not_there = claims.not_in(&target);
        Ok(not_there.is_some_and(|(still, now)| still == what && now.is_of(holder)))
    }

    /// Where nobody has turn or lease, and nothing is held, there is nothing to lose: who waits lines up again.
    async fn lost(&mut self, id: &TargetId, target: Target) {
        if target.turn.is_none() && target.holder.is_none() && target.holds.is_empty() {
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
            holds: target.holds.len() as u64,
        };
        let leases = &self.engine.store.leases;
        let mended = self.rebuilt(leases.put_if_absent(id, &target)).await;
        self.count(&path(id), &flaw, &mended);
    }

    /// Nobody takes or leaves anything where garbage lies, so journals that are read after it was met say all of it.
    /// But for a record that was on its way when it came there: a lease that only this one knows is told by the next repair.
    async fn garbled(
        &mut self,
        garbled: Vec<(TargetId, Garbage)>,
        mut holds: BTreeMap<TargetId, Vec<Hold>>,
    ) {
        if garbled.is_empty() {
            return;
        }
        let mut claims = self.claims().await;
        let leases = &self.engine.store.leases;
        for (id, Garbage { why, etag }) in garbled {
            let target = Target {
                holds: holds.remove(&id).unwrap_or_default(),
                ..claimed(claims.remove(&id).unwrap_or_default())
            };
            let flaw = Flaw::TargetGarbled { why: chain(&why) };
            let mended = self.rebuilt(leases.replace(&id, &target, &etag)).await;
            self.count(&path(&id), &flaw, &mended);
        }
    }

    /// What comes of a write that makes a target again.
    async fn rebuilt(&self, write: impl Future<Output = Result<Taken, StoreError>>) -> Mended {
        if !self.unread.is_empty() {
            return Mended::Withheld;
        }
        match self.mode {
            Mode::DryRun => Mended::NotAsked,
            Mode::Apply => match write.await {
                Ok(Taken::Ours) => Mended::Yes,
                Ok(Taken::Raced) => Mended::Overtaken,
                Err(error) => Mended::No { why: chain(&error) },
            },
        }
    }
}

async fn read(engine: &Engine, id: PromotionId) -> (PromotionId, Result<Claims, EngineError>) {
    let claims = Claims::read(engine, &id).await;
    (id, claims)
}

fn path(id: &TargetId) -> String {
    format!("targets/{id}.json")
}
