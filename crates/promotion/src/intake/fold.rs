//! How facts change an intake.

use crate::chain::Line;
use crate::corrupt::CorruptJournal;
use crate::intake::{Intake, IntakeFact, IntakeStage};
use crate::ledger::Ledger;
use crate::report::Outcome;

impl Intake {
    pub(crate) fn open(line: &Line<IntakeFact>) -> Result<Self, CorruptJournal> {
        let IntakeFact::Opened { job, again, .. } = &line.fact else {
            return Err(line.misplaced());
        };
        Ok(Self {
            id: job.id(),
            job: job.clone(),
            again: again.clone(),
            stage: IntakeStage::Reading,
            ledger: Ledger::default(),
            taken: None,
            records: 1,
            last_at: line.at,
        })
    }

    pub(crate) fn apply(&mut self, line: &Line<IntakeFact>) -> Result<(), CorruptJournal> {
        match (&line.fact, &self.stage) {
            (IntakeFact::Planned { key, effect }, _) => {
                self.ledger.plan(
                    key.clone(),
                    effect.as_ref().clone(),
                    line.at,
                    line.hash.clone(),
                );
            }
            (IntakeFact::Retrying { key, failure, at }, _) => {
                self.ledger.retrying(key, failure, *at);
            }
            (IntakeFact::Done { key, outcome }, _) => {
                self.ledger.settle(key);
                if let (Outcome::VersionTaken, IntakeStage::Registering(output)) =
                    (outcome.as_ref(), &self.stage)
                {
                    self.taken = Some(output.version.clone());
                    self.stage = IntakeStage::Reading;
                }
            }
            (IntakeFact::Chosen { output }, IntakeStage::Reading) => {
                self.stage = IntakeStage::Registering(output.clone());
            }
            (
                IntakeFact::Registered { version },
                IntakeStage::Reading | IntakeStage::Registering(_),
            ) => {
                self.stage = IntakeStage::Opening(version.clone());
            }
            (
                IntakeFact::Closed { end, records },
                IntakeStage::Reading | IntakeStage::Registering(_) | IntakeStage::Opening(_),
            ) if *records == self.records => {
                self.stage = IntakeStage::Closed(end.clone());
                self.ledger = Ledger::default();
            }
            (
                IntakeFact::Opened { .. }
                | IntakeFact::Chosen { .. }
                | IntakeFact::Registered { .. }
                | IntakeFact::Closed { .. },
                _,
            ) => {
                return Err(line.misplaced());
            }
        }
        self.records += 1;
        self.last_at = self.last_at.max(line.at);
        Ok(())
    }
}
