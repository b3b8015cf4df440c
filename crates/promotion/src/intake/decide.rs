//! What an intake does next: read the job, choose a version number, register, open promotions.

use jiff::Timestamp;

use super::{
    Ignored, Intake, IntakeEnd, IntakeEvent, IntakeFact, IntakeStage, JobSeen, RegisteredOutput,
};
use crate::chain::Line;
use crate::corrupt::CorruptJournal;
use crate::digest::Digest;
use crate::effect::{Effect, EffectKey};
use crate::ids::ModelVersion;
use crate::ledger::{Failure, IN_PROGRESS, Ledger};
use crate::promotion::{Aggregate, Decision};
use crate::report::{Outcome, Report};

impl Intake {
    /// What follows from an event.
    pub fn decide(&self, event: IntakeEvent, now: Timestamp) -> Decision<IntakeFact> {
        let now = now.max(self.last_at);
        let mut after = self.clone();
        let mut facts = match event {
            IntakeEvent::Due => vec![],
            IntakeEvent::Performed { key, report } => self.learn(&key, *report, now),
        };
        for fact in &facts {
            after.assume(fact, now);
        }
        while let Some(fact) = after.next(now) {
            after.assume(&fact, now);
            facts.push(fact);
        }
        Decision { facts }
    }

    fn assume(&mut self, fact: &IntakeFact, now: Timestamp) {
        let line = Line {
            seq: self.records,
            at: now,
            hash: Digest::of(b"not yet written"),
            fact: fact.clone(),
        };
        self.apply(&line)
            .expect("a fact that was just decided has its meaning here");
    }

    fn learn(&self, key: &EffectKey, report: Report, now: Timestamp) -> Vec<IntakeFact> {
        let Some(entry) = self.ledger.get(key) else {
            return vec![];
        };
        let key = key.clone();
        let again = |key, failure| {
            vec![IntakeFact::Retrying {
                key,
                at: entry.retry_at(&failure, now),
                failure,
            }]
        };
        match report {
            Report::StillRunning | Report::Submitted { .. } | Report::Cleared => {
                let message = format!("`{}` is in progress", entry.effect.kind());
                again(key, Failure::new(IN_PROGRESS, message))
            }
            Report::Retry(failure) | Report::Waiting(failure) => again(key, failure),
            Report::Done(Outcome::JobSeen(job)) if self.lags_behind(&job) => {
                let version = &job.next_version;
                let message = format!("version `{version}` is taken and still named as the next");
                again(key, Failure::new("VersionTaken", message))
            }
            Report::Failed(failure) => vec![self.close(IntakeEnd::Failed { failure })],
            Report::Done(outcome) => {
                let follows = self.follow(&outcome);
                std::iter::once(IntakeFact::Done {
                    key,
                    outcome: Box::new(outcome),
                })
                .chain(follows)
                .collect()
            }
        }
    }

    /// What an outcome means; the records it counts include the `Done` before it.
    fn follow(&self, outcome: &Outcome) -> Option<IntakeFact> {
        match outcome {
            Outcome::JobSeen(job) => Some(self.judge(job)),
            Outcome::OutputRegistered => match &self.stage {
                IntakeStage::Registering(output) => Some(IntakeFact::Registered {
                    version: output.version.clone(),
                }),
                _ => None,
            },
            Outcome::PromotionsOpened { promotions } => match &self.stage {
                IntakeStage::Opening(version) => Some(self.close_after(
                    1,
                    IntakeEnd::Opened {
                        version: version.clone(),
                        promotions: promotions.clone(),
                    },
                )),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the workspace still offers the number that somebody else has used: choosing it again would only spin.
    fn lags_behind(&self, job: &JobSeen) -> bool {
        job.registered.is_none() && self.taken.as_ref() == Some(&job.next_version)
    }

    fn judge(&self, job: &JobSeen) -> IntakeFact {
        let ignored = |reason| self.close_after(1, IntakeEnd::Ignored { reason });
        if job.status != "Completed" {
            return ignored(Ignored::NotCompleted {
                status: job.status.clone(),
            });
        }
        if job.experiment != self.job.experiment {
            return ignored(Ignored::OtherExperiment {
                experiment: job.experiment.clone(),
            });
        }
        if let Some(parent) = &job.parent {
            return ignored(Ignored::PipelineChild {
                parent: parent.clone(),
            });
        }
        if let Some(version) = &job.registered {
            return IntakeFact::Registered {
                version: version.clone(),
            };
        }
        match &job.output {
            None => ignored(Ignored::NoOutput {
                output: self.job.output.clone(),
            }),
            Some((model_type, uri)) => IntakeFact::Chosen {
                output: chosen(&job.next_version, model_type, uri),
            },
        }
    }

    fn next(&self, now: Timestamp) -> Option<IntakeFact> {
        if let Some(entry) = self.ledger.overdue(now, &self.job.deadlines()).next() {
            return Some(self.close(IntakeEnd::Failed {
                failure: entry.deadline_exceeded(entry.trouble.as_ref()),
            }));
        }
        if !self.ledger.undone().is_empty() {
            return None;
        }
        match &self.stage {
            IntakeStage::Reading => Some(self.plan(Effect::ObserveJob {
                workspace: self.job.workspace.clone(),
                run: self.job.run.clone(),
                model: self.job.model.clone(),
                output: self.job.output.clone(),
            })),
            IntakeStage::Registering(output) => Some(self.plan(Effect::RegisterOutput {
                workspace: self.job.workspace.clone(),
                run: self.job.run.clone(),
                model: self.job.model.clone(),
                version: output.version.clone(),
                model_type: output.model_type.clone(),
                uri: output.uri.clone(),
            })),
            IntakeStage::Opening(version) => Some(self.plan(Effect::OpenPromotions {
                workspace: self.job.workspace.clone(),
                model: self.job.model.clone(),
                version: version.clone(),
            })),
            IntakeStage::Closed(_) => None,
        }
    }

    fn plan(&self, effect: Effect) -> IntakeFact {
        let key = EffectKey(format!(
            "{:02}.{}",
            self.ledger.next_number(),
            effect.kind()
        ));
        IntakeFact::Planned {
            key,
            effect: Box::new(effect),
        }
    }

    fn close(&self, end: IntakeEnd) -> IntakeFact {
        self.close_after(0, end)
    }

    fn close_after(&self, decided_before: u64, end: IntakeEnd) -> IntakeFact {
        IntakeFact::Closed {
            end,
            records: self.records + decided_before,
        }
    }
}

fn chosen(version: &ModelVersion, model_type: &str, uri: &str) -> RegisteredOutput {
    RegisteredOutput {
        version: version.clone(),
        model_type: model_type.to_owned(),
        uri: uri.to_owned(),
    }
}

impl Aggregate for Intake {
    type Fact = IntakeFact;

    fn replay(lines: &[Line<IntakeFact>]) -> Result<Self, CorruptJournal> {
        let (first, rest) = lines.split_first().ok_or(CorruptJournal::Empty)?;
        let mut intake = Self::open(first)?;
        for line in rest {
            intake.apply(line)?;
        }
        Ok(intake)
    }

    fn due(&self, now: Timestamp) -> Decision<IntakeFact> {
        self.decide(IntakeEvent::Due, now)
    }

    fn performed(&self, key: &EffectKey, report: Report, now: Timestamp) -> Decision<IntakeFact> {
        self.decide(
            IntakeEvent::Performed {
                key: key.clone(),
                report: Box::new(report),
            },
            now,
        )
    }

    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        if self.is_closed() {
            return None;
        }
        // With nothing to wait for it has not been looked at since its last record.
        self.ledger
            .next_due(now, &self.job.deadlines(), |_| false)
            .or(Some(self.last_at))
    }

    fn is_closed(&self) -> bool {
        matches!(self.stage, IntakeStage::Closed(_))
    }
}
