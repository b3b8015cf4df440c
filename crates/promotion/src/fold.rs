//! How facts change a promotion: the one place that writes its fields.

use std::mem;

use crate::answering::{answered, close_again, put_on_record};
use crate::chain::Line;
use crate::corrupt::CorruptJournal;
use crate::drift::Found;
use crate::effect::Effect;
use crate::effect_rules::EffectClass;
use crate::ending::Ending;
use crate::entering::enter;
use crate::ids::Attempt;
use crate::ledger::{Entry, Ledger};
use crate::permit::{Basis, Permit};
use crate::promotion::{Broken, EarlierOverride, Promotion, Reopening};
use crate::question::{Question, Review};
use crate::record::Fact;
use crate::report::Outcome;
use crate::stage::{Copy, DISPUTES, Previous, Rollout, Stage};
use crate::turn::Turn;

/// What a person has answered while traffic moves.
#[derive(Clone, Copy)]
enum Answer {
    /// That it goes on though nobody could tell.
    Unsure,
    /// That it goes on though somebody else has changed the endpoint.
    Drift,
}

impl Promotion {
    pub(crate) fn open(line: &Line<Fact>) -> Result<Self, CorruptJournal> {
        let Fact::Opened {
            candidate,
            route,
            cause,
        } = &line.fact
        else {
            return Err(line.misplaced());
        };
        let id = crate::ids::PromotionId::of(
            &route.name,
            &candidate.workspace,
            &candidate.model,
            &candidate.version,
        );
        Ok(Self {
            id,
            candidate: candidate.clone(),
            route: route.clone(),
            cause: cause.clone(),
            requested_by: cause.person().cloned(),
            replayed_by: vec![],
            attempt: Attempt::FIRST,
            reopened: None,
            earlier_overrides: vec![],
            stage: Stage::Proposed,
            ledger: Ledger::default(),
            turn: Turn::Open,
            first_manifest: None,
            broken: None,
            stuck: None,
            records: 1,
            opened_at: line.at,
            last_at: line.at,
        })
    }

    pub(crate) fn apply(&mut self, line: &Line<Fact>) -> Result<(), CorruptJournal> {
        self.a_call_may_land(line);
        match &line.fact {
            Fact::Opened { .. } => return Err(line.misplaced()),
            Fact::Reopened { by, route, reason } => {
                let after = self.reopen(line, route)?;
                self.reopened = Some(Box::new(Reopening {
                    by: by.clone(),
                    reason: reason.clone(),
                    after,
                }));
                self.requested_by = Some(by.clone());
                self.replayed_by.clear();
            }
            Fact::Replayed { by, .. } => {
                self.resume(line)?;
                if self.stage.pinned().is_none() && !self.replayed_by.contains(by) {
                    self.replayed_by.push(by.clone());
                }
            }
            Fact::Planned { key, effect } => {
                self.expect_effect(effect, line);
                self.note_told(effect, line.at);
                self.ledger.plan(
                    key.clone(),
                    effect.as_ref().clone(),
                    line.at,
                    line.hash.clone(),
                );
            }
            Fact::Submitted { key, operation } => self.ledger.submitted(key, operation, line.at),
            Fact::Waiting { key, reason } => self.ledger.waiting(key, reason, line.at),
            Fact::Retrying { key, failure, at } => {
                self.ledger.retrying(key, failure, *at);
                self.stage.note_tried(self.ledger.get(key));
            }
            Fact::Done { key, outcome } => {
                if let Some(entry) = self.ledger.settle(key) {
                    let kind = entry.effect.kind();
                    self.stuck.take_if(|stuck| stuck.kind == kind);
                    self.note_turn(&entry, outcome);
                    self.absorb(&entry, outcome, line);
                }
            }
            Fact::Failed { key, failure } => {
                let entry = self.ledger.settle(key).ok_or_else(|| line.misplaced())?;
                self.stage.note_tried(Some(&entry));
                self.do_without(&entry.effect);
                if !self.goes_forward() {
                    self.note_stuck(&entry.effect, failure);
                } else if entry.effect.class() != EffectClass::Notify {
                    self.broken = Some(Broken {
                        effect: entry.effect,
                        failure: failure.clone(),
                    });
                }
            }
            Fact::Dropped { key } => {
                self.look_again(key);
                self.ledger.drop_entry(key);
            }
            Fact::Pinned { .. }
            | Fact::Voted { .. }
            | Fact::Entered { .. }
            | Fact::StepDone { .. }
            | Fact::Resumed { .. }
            | Fact::Revoked { .. }
            | Fact::Overrode { .. }
            | Fact::ApprovedAutomatically { .. } => self.step(line)?,
            Fact::Reviewed {
                by,
                comment,
                attempt: Some(attempt),
            } if *attempt != self.attempt => {
                let mut earlier = self.earlier_overrides.iter_mut();
                let owed = earlier.find(|one| one.attempt == *attempt && one.is_unreviewed());
                let owed = owed.ok_or_else(|| line.misplaced())?;
                owed.permit.question_mut().review = Some(Review {
                    person: by.clone(),
                    comment: comment.clone(),
                    at: line.at,
                });
                close_again(&mut self.stage);
            }
            Fact::Denied { .. } | Fact::Reviewed { .. } => put_on_record(&mut self.stage, line)?,
            Fact::WentOnUnsure { .. } => self.absorb_answer(Answer::Unsure, line)?,
            Fact::WentOnDrifted { .. } => self.absorb_answer(Answer::Drift, line)?,
            Fact::KeepPreviousEnded { by } => match &mut self.stage {
                Stage::Live { previous, .. } => *previous = Previous::Unneeded { by: by.clone() },
                _ => return Err(line.misplaced()),
            },
            Fact::Closed { records } => {
                self.stuck = None;
                self.close(line, *records)?;
            }
        }
        self.records += 1;
        self.last_at = self.last_at.max(line.at);
        Ok(())
    }

    fn reopen(
        &mut self,
        line: &Line<Fact>,
        route: &crate::route::Route,
    ) -> Result<Ending, CorruptJournal> {
        let Stage::Closed { ending, before } = &self.stage else {
            return Err(line.misplaced());
        };
        let ended = ending.as_ref().clone();
        let overridden = |permit: &&Permit| permit.basis() == Basis::Overridden;
        if let Some(permit) = before.permit().filter(overridden) {
            self.earlier_overrides.push(EarlierOverride {
                attempt: self.attempt,
                permit: Box::new(permit.clone()),
            });
        }
        self.attempt = self.attempt.next();
        route.clone_into(&mut self.route);
        self.stage = Stage::Proposed;
        self.ledger = Ledger::default();
        self.turn = Turn::Open;
        self.broken = None;
        self.stuck = None;
        Ok(ended)
    }

    /// Goes on where it failed; what was observed before is observed again, what was copied is looked for again, and the
    /// turn, which may be another one's by now, is taken again.
    fn resume(&mut self, line: &Line<Fact>) -> Result<(), CorruptJournal> {
        self.turn = Turn::Open;
        self.stuck = None;
        match mem::replace(&mut self.stage, Stage::Proposed) {
            Stage::Closed { ending, before } if matches!(*ending, Ending::Failed { .. }) => {
                self.stage = match *before {
                    Stage::Gating(_) => Stage::Gating(Box::default()),
                    Stage::Copying(copy) => Stage::Copying(Box::new(Copy {
                        permit: copy.permit,
                        voters: None,
                        tried: copy.tried || copy.copied,
                        source_seen: None,
                        copied: false,
                        landed: None,
                    })),
                    Stage::WaitingForTarget(rollout) => {
                        Stage::WaitingForTarget(Box::new(Rollout {
                            target_seen: None,
                            ..*rollout
                        }))
                    }
                    other => other,
                };
                Ok(())
            }
            _ => Err(line.misplaced()),
        }
    }

    fn close(&mut self, line: &Line<Fact>, records: u64) -> Result<(), CorruptJournal> {
        match mem::replace(&mut self.stage, Stage::Proposed) {
            Stage::Finishing { ending, before } if records == self.records => {
                self.stage = Stage::Closed { ending, before };
                Ok(())
            }
            _ => Err(line.misplaced()),
        }
    }

    /// Whether a failure ends the phase. On the way back, and once live, it is tried again instead.
    pub fn goes_forward(&self) -> bool {
        match self.stage {
            Stage::Proposed
            | Stage::Gating(_)
            | Stage::AwaitingApproval { .. }
            | Stage::Copying(_)
            | Stage::Registering { .. }
            | Stage::WaitingForTarget(_)
            | Stage::Deploying(_)
            | Stage::Testing(_)
            | Stage::Shifting { .. } => true,
            Stage::Live { .. }
            | Stage::RollingBack { .. }
            | Stage::Finishing { .. }
            | Stage::Closed { .. } => false,
        }
    }

    fn absorb(&mut self, entry: &Entry, outcome: &Outcome, line: &Line<Fact>) {
        if let (Outcome::TrafficSeen { .. }, Some(rollout)) = (outcome, self.stage.rollout_mut()) {
            // Whoever has read it may have needed long to say so.
            rollout.verified_from = Some(entry.effect.not_before().unwrap_or(entry.planned_at));
        }
        if let (Outcome::TrafficSet, true, Some(rollout)) = (
            outcome,
            entry.has_waited && !entry.begun,
            self.stage.rollout_mut(),
        ) {
            // Found done while it waited, by a sender who died or by others: what it rests on was looked at long ago.
            rollout.look_again();
        }
        match &mut self.stage {
            Stage::Gating(findings) => findings.absorb(outcome),
            Stage::Copying(copy) => copy.absorb(&entry.effect, outcome),
            Stage::Registering { registered, .. } => registered.absorb(outcome),
            Stage::Live { previous, .. }
                if matches!(outcome, Outcome::Deleted | Outcome::LeftAlone { .. })
                    && matches!(entry.effect, Effect::DeleteDeployment { .. }) =>
            {
                let by = match previous {
                    Previous::Unneeded { by } | Previous::Gone { by } => by.take(),
                    Previous::Warm => None,
                };
                *previous = Previous::Gone { by };
            }
            Stage::Shifting { rollout, .. }
                if let (
                    Effect::Measure {
                        analysis, expects, ..
                    },
                    Outcome::Measured { taken, target },
                ) = (&entry.effect, outcome) =>
            {
                if let Some(expects) = expects {
                    rollout.measured_beside(expects, target, line.at);
                }
                rollout.measured(*analysis, taken);
            }
            Stage::Shifting { rollout, .. } if let Outcome::Drifted(drift) = outcome => {
                let drift = rollout.beside_what_is_wanted(drift);
                rollout.write_has_found(&drift, line.at);
                rollout.drifts(&drift, line.at);
            }
            Stage::Shifting { rollout, .. }
                if let Outcome::TrafficSeen {
                    traffic,
                    copied,
                    last_change,
                    changed,
                } = outcome =>
            {
                rollout.absorb(outcome, line);
                if rollout.disputes > DISPUTES || !changed.is_empty() {
                    let found = Found {
                        traffic,
                        copied,
                        changed,
                        last_change: last_change.as_ref(),
                    };
                    rollout.does_not_stay(&found, line.at);
                }
            }
            stage => {
                if let Some(rollout) = stage.rollout_mut() {
                    rollout.absorb(outcome, line);
                }
            }
        }
    }

    /// An answer stands, whatever is counted as a question by today's release.
    fn absorb_answer(&mut self, answer: Answer, line: &Line<Fact>) -> Result<(), CorruptJournal> {
        match &mut self.stage {
            Stage::Shifting { rollout, .. } => {
                match answer {
                    Answer::Drift => rollout.accept_drift(line.at),
                    Answer::Unsure => rollout.accept_unsure(line.at),
                }
                rollout.look_again();
                Ok(())
            }
            _ => Err(line.misplaced()),
        }
    }

    fn step(&mut self, line: &Line<Fact>) -> Result<(), CorruptJournal> {
        let before = mem::replace(&mut self.stage, Stage::Proposed);
        self.stage = match (before, &line.fact) {
            (Stage::Gating(_), Fact::Pinned { pinned }) => {
                self.first_manifest
                    .get_or_insert_with(|| (pinned.manifest.clone(), line.at));
                Stage::AwaitingApproval {
                    pinned: pinned.clone(),
                    votes: vec![],
                    question: Box::new(Question::new(line.at)),
                }
            }
            (before, Fact::Voted { .. } | Fact::Revoked { .. } | Fact::Overrode { .. }) => {
                answered(before, line)?
            }
            (
                Stage::AwaitingApproval {
                    pinned,
                    votes,
                    mut question,
                },
                Fact::ApprovedAutomatically { gates },
            ) => {
                question.automatic = Some(gates.clone());
                Stage::AwaitingApproval {
                    pinned,
                    votes,
                    question,
                }
            }
            (
                Stage::Shifting {
                    mut rollout, step, ..
                },
                Fact::StepDone { step: done } | Fact::Resumed { step: done, .. },
            ) if step == *done => {
                rollout.verified = None;
                rollout.load = None;
                rollout.look_again();
                rollout.begin_watching(step + 1, line.at);
                Stage::Shifting {
                    rollout,
                    step: step + 1,
                    since: line.at,
                }
            }
            (before, Fact::Entered { phase }) => {
                self.broken = None;
                self.stuck = None;
                enter(before, phase, line)?
            }
            _ => return Err(line.misplaced()),
        };
        Ok(())
    }
}
