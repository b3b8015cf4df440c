//! What a plan comes to, call by call, before anyone approves: every effect from the complete quorum until the way back is
//! closed, and what is waited for in between.
//!
//! It is rehearsed, never listed: the promotion's own transitions are driven over a copy of it, each effect answered as is
//! hoped. So it is what is then done, as long as nothing goes wrong. The invariant: of a rehearsal only this list comes
//! out; its permit rests on votes of nobody and ends with it. Start at [`Promotion::planned_calls`].

mod progress;
mod unanimous;

use jiff::Timestamp;

use crate::analysis::{AnalysisId, Measured, Measurement, MetricRule, MetricSpec, Taken};
use crate::asset::Registration;
use crate::batch::JobReply;
use crate::champion::Champion;
use crate::drift::Look;
use crate::effect::Effect;
use crate::event::Event;
use crate::ids::PersonId;
use crate::load_test::LoadReply;
use crate::people::{Held, Operator, Party, Person, Role};
use crate::permit::Pinned;
use crate::plan::{Plan, PlannedStep};
use crate::promotion::{Aggregate as _, Promotion};
use crate::question::Question;
use crate::record::{Fact, Phase};
use crate::report::{Landing, Outcome, Report, SmokeReply, WayBackProof};
use crate::route::Seconds;
use crate::stage::{NO_CALL_LANDS_AFTER, Previous, Stage};
use crate::traffic::Traffic;
use crate::turn::Turn;
use crate::watch::metrics_of;

pub use progress::Progress;

/// What is done if nothing goes wrong, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCalls {
    /// From the complete quorum until the way back is closed.
    pub forward: Vec<PlannedCall>,
    /// From the first traffic on, if it is taken back then.
    pub way_back: Vec<PlannedCall>,
}

/// One thing that is done.
#[derive(Debug, Clone, PartialEq)]
pub enum PlannedCall {
    /// This is performed. A time in it is the rehearsal's; how long is waited stands before it.
    Perform(Box<Effect>),
    /// Nothing is called.
    Wait(Wait),
    /// From here on these are measured, again and again; what is worse is taken back at once.
    Watch {
        /// In which analysis.
        analysis: AnalysisId,
        /// What.
        metrics: Vec<MetricSpec>,
    },
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// A pause of the route passes; a person may end it earlier.
    Pause(Seconds),
    /// It has all the traffic, and is measured.
    Bake(Seconds),
    /// A person resumes it.
    UntilResumed {
        /// Else it goes back.
        within: Seconds,
    },
    /// No delayed call of ours can land any more.
    NoCallLands(Seconds),
    /// The way back stays warm; a newer promotion that goes live ends it earlier.
    KeepPrevious(Seconds),
}

impl PlannedCall {
    /// Whether this effect is that call: of the same kind with the same values, whenever it is due.
    pub fn is(&self, effect: &Effect) -> bool {
        match self {
            Self::Perform(planned) => timeless(planned) == timeless(effect),
            Self::Wait(_) | Self::Watch { .. } => false,
        }
    }
}

/// The same effect, due at once: two that differ in their times only become equal.
fn timeless(effect: &Effect) -> Effect {
    let mut effect = effect.clone();
    match &mut effect {
        Effect::VerifyTraffic { not_before, .. }
        | Effect::DeleteDeployment {
            not_before: Some(not_before),
            ..
        } => *not_before = Timestamp::UNIX_EPOCH,
        // Why it was to be taken back, the plan cannot know.
        Effect::ReleaseLease { hold, .. } => *hold = None,
        // What it was to find is what was done before.
        Effect::SetTraffic { expects, .. } => *expects = None,
        Effect::DeleteDeployment {
            not_before: None, ..
        }
        | Effect::ObserveCandidate { .. }
        | Effect::ObserveTarget { .. }
        | Effect::RecallEvidence { .. }
        | Effect::ObserveManifest { .. }
        | Effect::CopyFiles { .. }
        | Effect::RegisterModel { .. }
        | Effect::TakeTurn { .. }
        | Effect::TakeLease { .. }
        | Effect::CreateEndpoint { .. }
        | Effect::CreateDeployment { .. }
        | Effect::SmokeTest { .. }
        | Effect::Measure { .. }
        | Effect::ProveWayBack { .. }
        | Effect::EndKeepPrevious { .. }
        | Effect::Notify { .. }
        | Effect::ObserveJob { .. }
        | Effect::RegisterOutput { .. }
        | Effect::OpenPromotions { .. }
        | Effect::TestJob { .. }
        | Effect::RegisterCode { .. }
        | Effect::RegisterEnvironment { .. }
        | Effect::LoadTest { .. }
        | Effect::SeeVoters { .. } => {}
    }
    effect
}

impl Promotion {
    /// What this attempt does, or was to do, once enough people agree; `None`: nothing is pinned, so there is no plan.
    pub fn planned_calls(&self) -> Option<PlannedCalls> {
        let pinned = self.stage.pinned()?;
        let mut forward = Rehearsal::after_quorum(self, pinned);
        while !forward.has_moved_traffic() && forward.goes_on() {}
        let mut back = forward.taken_back();
        while forward.goes_on() {}
        while back.goes_on() {}
        debug_assert!(
            forward.promotion.is_closed() && back.promotion.is_closed(),
            "a rehearsal without trouble comes to its end"
        );
        Some(PlannedCalls {
            forward: forward.calls,
            way_back: back.calls,
        })
    }
}

/// A promotion that goes its way in memory.
struct Rehearsal {
    promotion: Promotion,
    now: Timestamp,
    calls: Vec<PlannedCall>,
    /// The plan with everything that is measured.
    plan: Plan,
}

impl Rehearsal {
    fn after_quorum(p: &Promotion, pinned: &Pinned) -> Self {
        let now = p.last_at;
        let mut promotion = p.if_reopened();
        promotion.attempt = p.attempt;
        // Whatever has become of the turn since: the plan was made with it in hand.
        promotion.turn = match p.turn {
            Turn::Open => Turn::Open,
            Turn::Ours | Turn::Superseded { .. } | Turn::Refused { .. } | Turn::Held { .. } => {
                Turn::Ours
            }
        };
        // Who may is asked of people only.
        promotion.route.operators = vec![Party::Role(rehearsing())];
        promotion.stage = Stage::AwaitingApproval {
            pinned: Box::new(measured_once(pinned)),
            votes: unanimous::votes(pinned, now),
            question: Box::new(Question::new(now)),
        };
        let calls = Vec::new();
        let mut rehearsal = Self {
            promotion,
            now,
            calls,
            plan: pinned.plan.clone(),
        };
        rehearsal.tell(Event::Due);
        rehearsal
    }

    /// By hand, from here, in words of its own. Azure takes longer to make a deployment than one of our calls could be
    /// delayed, so that none that makes it can land any more.
    fn taken_back(&self) -> Self {
        let mut back = Self {
            promotion: self.promotion.clone(),
            now: NO_CALL_LANDS_AFTER.after(self.now),
            calls: Vec::new(),
            plan: self.plan.clone(),
        };
        back.tell(Event::RollBack {
            by: operator(),
            reason: REHEARSAL.to_owned(),
            attempt: None,
        });
        back
    }

    /// What follows from the event; whether anything did.
    fn tell(&mut self, event: Event) -> bool {
        let decided = self.promotion.decide(event, self.now);
        let facts = decided.map(|decision| decision.facts).unwrap_or_default();
        for fact in &facts {
            self.promotion.assume(fact, self.now);
            match fact {
                Fact::Planned { effect, .. } => self.note(effect),
                Fact::StepDone { step } | Fact::Resumed { step, .. } => self.watch_from(step + 1),
                Fact::Entered {
                    phase: Phase::Shifting,
                } => self.watch_from(0),
                _ => {}
            }
        }
        !facts.is_empty()
    }

    fn note(&mut self, effect: &Effect) {
        // Whose word it rests on is asked before acts; it is none.
        if let Effect::SeeVoters { .. } = effect {
            return;
        }
        if let Some(at) = effect.not_before().filter(|at| *at > self.now) {
            let left = at.duration_since(self.now).as_secs();
            let left = Seconds(u32::try_from(left).unwrap_or(u32::MAX));
            self.calls.push(PlannedCall::Wait(Wait::NoCallLands(left)));
        }
        self.calls.push(match effect {
            Effect::Measure { analysis, .. } => PlannedCall::Watch {
                analysis: *analysis,
                metrics: metrics_of(&self.plan, *analysis).to_vec(),
            },
            _ => PlannedCall::Perform(Box::new(effect.clone())),
        });
    }

    /// What is measured beside the steps, where that begins with this one.
    fn watch_from(&mut self, step: usize) {
        let begins = self
            .plan
            .beside
            .as_ref()
            .filter(|beside| beside.starting_step == step);
        self.calls.extend(begins.map(|beside| PlannedCall::Watch {
            analysis: AnalysisId::Beside(1),
            metrics: beside.metrics.clone(),
        }));
    }

    fn has_moved_traffic(&self) -> bool {
        let rollout = self.promotion.stage.rollout();
        let write = rollout.and_then(|rollout| rollout.traffic.as_ref());
        write.is_some_and(|write| write.settled)
    }

    /// Performs one effect, or waits where there is none; whether anything came of it.
    fn goes_on(&mut self) -> bool {
        if let Some(entry) = self.promotion.ledger.undone().first() {
            let (key, effect) = (entry.key.clone(), &entry.effect);
            let Some(outcome) = as_hoped(&self.promotion, effect) else {
                return false;
            };
            self.now = effect.not_before().map_or(self.now, |at| at.max(self.now));
            let report = Box::new(Report::Done(outcome));
            return self.tell(Event::Performed { key, report });
        }
        self.waits_for().is_some_and(|wait| self.wait(wait))
    }

    fn waits_for(&self) -> Option<Wait> {
        match &self.promotion.stage {
            Stage::Shifting { rollout, step, .. } => {
                match rollout.permit.pinned().plan.steps.get(*step)? {
                    PlannedStep::Pause(length) => Some(Wait::Pause(*length)),
                    PlannedStep::PauseUntilResumed => Some(Wait::UntilResumed {
                        within: self.promotion.route.deadlines.resume,
                    }),
                    PlannedStep::Bake(length) => Some(Wait::Bake(*length)),
                    PlannedStep::SetTraffic(_)
                    | PlannedStep::Mirror(_)
                    | PlannedStep::Analysis(_)
                    | PlannedStep::LoadTest(_) => None,
                }
            }
            Stage::Live {
                rollout,
                previous: Previous::Warm,
                ..
            } => Some(Wait::KeepPrevious(
                rollout.permit.pinned().plan.keep_previous,
            )),
            Stage::Live {
                previous: Previous::Unneeded { .. } | Previous::Gone { .. },
                ..
            }
            | Stage::Proposed
            | Stage::Gating(_)
            | Stage::AwaitingApproval { .. }
            | Stage::Copying(_)
            | Stage::Registering { .. }
            | Stage::WaitingForTarget(_)
            | Stage::Deploying(_)
            | Stage::Testing(_)
            | Stage::RollingBack { .. }
            | Stage::Finishing { .. }
            | Stage::Closed { .. } => None,
        }
    }

    fn wait(&mut self, wait: Wait) -> bool {
        self.calls.push(PlannedCall::Wait(wait));
        match (wait, self.promotion.pause()) {
            (Wait::UntilResumed { .. }, Some(pause)) => self.tell(Event::Resume {
                by: operator(),
                reason: REHEARSAL.to_owned(),
                pause,
                attempt: None,
            }),
            (
                Wait::UntilResumed { .. }
                | Wait::Pause(_)
                | Wait::Bake(_)
                | Wait::NoCallLands(_)
                | Wait::KeepPrevious(_),
                _,
            ) => {
                self.now = self.promotion.next_due(self.now).unwrap_or(self.now);
                self.tell(Event::Due)
            }
        }
    }
}

/// Whoever may what is rehearsed.
fn operator() -> Operator {
    Operator {
        person: nobody(0),
        held: Held {
            roles: vec![rehearsing()],
            ..Held::default()
        },
    }
}

const REHEARSAL: &str = "rehearsal";

fn rehearsing() -> Role {
    Role(REHEARSAL.to_owned())
}

fn nobody(number: u32) -> Person {
    Person {
        id: PersonId::new(format!("{REHEARSAL}-{number}")),
        name: String::new(),
    }
}

/// What comes of an effect when everything is as it was when people were asked; `None`: no promotion plans it.
fn as_hoped(p: &Promotion, effect: &Effect) -> Option<Outcome> {
    let pinned = p.stage.pinned()?;
    Some(match effect {
        Effect::ObserveCandidate { .. } => Outcome::CandidateSeen {
            source: pinned.source.clone(),
            manifest: pinned.manifest.clone(),
            evidence: pinned.evidence.clone(),
        },
        Effect::ObserveTarget { .. } => Outcome::TargetSeen {
            landing: landing(p, pinned),
            champion: pinned.champion.clone(),
        },
        Effect::RecallEvidence { .. } => Outcome::EvidenceRecalled {
            metrics: match &pinned.champion {
                Champion::Serving(serving) => serving.journaled.clone(),
                Champion::None | Champion::Unclear { .. } => [].into(),
            },
        },
        Effect::SeeVoters { relied, .. } => Outcome::VotersSeen {
            relied: relied.clone(),
        },
        Effect::ObserveManifest { .. } => Outcome::ManifestSeen {
            manifest: pinned.manifest.clone(),
        },
        Effect::CopyFiles { .. } => Outcome::Copied,
        Effect::RegisterModel { .. } => Outcome::Registered,
        Effect::TakeTurn { .. } => Outcome::TurnTaken,
        Effect::TakeLease { .. } => Outcome::LeaseTaken,
        Effect::ReleaseLease { .. } => Outcome::LeaseReleased,
        Effect::CreateEndpoint { .. } => Outcome::EndpointReady,
        Effect::CreateDeployment { .. } => Outcome::DeploymentReady,
        Effect::SmokeTest { .. } => Outcome::SmokeTested(SmokeReply {
            passed: true,
            status: 200,
            answer: String::new(),
            elapsed_ms: 0,
            problem: None,
        }),
        // Alike, and as many rows as are asked for.
        Effect::TestJob { test, job, .. } => Outcome::JobTested(JobReply {
            deployment: job.deployment.clone(),
            rows: test.min_rows.unwrap_or(1).max(1),
            columns: Vec::new(),
            errors: 0,
            problem: None,
        }),
        Effect::LoadTest { test, .. } => Outcome::LoadTested(LoadReply::hoped(test)),
        Effect::Measure { metrics, .. } => Outcome::Measured {
            taken: metrics.iter().map(|metric| well(p, metric)).collect(),
            target: Look::NotTaken,
        },
        Effect::SetTraffic { .. } => Outcome::TrafficSet,
        Effect::VerifyTraffic { .. } => Outcome::TrafficSeen {
            traffic: p.stage.rollout()?.traffic.as_ref()?.traffic.clone(),
            copied: Traffic::default(),
            last_change: None,
            changed: vec![],
        },
        Effect::ProveWayBack { .. } => Outcome::WayBackSeen(WayBackProof {
            deployment: pinned.champion.deployment()?.clone(),
            status: None,
            problem: None,
        }),
        Effect::DeleteDeployment { .. } => Outcome::Deleted,
        Effect::EndKeepPrevious { .. } => Outcome::KeepPreviousEnded,
        Effect::Notify { .. } => Outcome::Notified,
        Effect::RegisterCode { .. } => Outcome::CodeRegistered {
            registration: Registration::Made,
        },
        Effect::RegisterEnvironment { .. } => Outcome::EnvironmentRegistered {
            registration: Registration::Made,
        },
        Effect::ObserveJob { .. }
        | Effect::RegisterOutput { .. }
        | Effect::OpenPromotions { .. } => return None,
    })
}

/// Without what is measured beside the steps, and with one measurement in those that measure: how many there are is of no
/// matter to what is done.
fn measured_once(pinned: &Pinned) -> Pinned {
    let mut pinned = pinned.clone();
    pinned.plan.beside = None;
    let analyses = pinned.plan.steps.iter_mut().filter_map(|step| match step {
        PlannedStep::Analysis(metrics) => Some(metrics),
        PlannedStep::SetTraffic(_)
        | PlannedStep::Mirror(_)
        | PlannedStep::Pause(_)
        | PlannedStep::PauseUntilResumed
        | PlannedStep::Bake(_)
        | PlannedStep::LoadTest(_) => None,
    });
    for metric in analyses.flatten() {
        metric.rule = MetricRule::once();
    }
    pinned
}

/// As it should be.
fn well(p: &Promotion, metric: &MetricSpec) -> Taken {
    Taken {
        metric: metric.name.clone(),
        measurement: Measurement {
            at: p.last_at,
            came_to: Measured::Successful,
            value: None,
            samples: None,
            threshold: metric.threshold(),
            query: String::new(),
            message: None,
        },
    }
}

/// Where things go, by the plan. Once people are asked nothing is decided by it but whether the endpoint is there.
fn landing(p: &Promotion, pinned: &Pinned) -> Landing {
    let plan = &pinned.plan;
    Landing {
        workspace_path: p.route.target.workspace.as_str().to_owned(),
        location: plan.location.clone(),
        datastore: p.route.target.datastore.clone().unwrap_or_default(),
        account: plan.destination.account.clone(),
        container: plan.destination.container.clone(),
        endpoint_exists: plan.endpoint_exists,
    }
}
