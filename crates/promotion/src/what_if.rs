//! What if: a promotion judged as if its gates were asked today, and what differs from what people agreed to then.
//!
//! The judgement is gating's own; nothing here makes a fact. The invariant: asking changes nothing, for a promotion goes in
//! by reference and text comes out. Start at [`what_if`].

use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::batch::BatchTest;
use crate::candidate::SourceModel;
use crate::champion::Champion;
use crate::effect::Effect;
use crate::ending::{Ending, FailedAt};
use crate::evidence::CandidateEvidence;
use crate::gate::{GateSpec, Verdict};
use crate::ids::{DeploymentName, PromotionId};
use crate::manifest::Manifest;
use crate::permit::Pinned;
use crate::plan::{Plan, PlannedStep};
use crate::promotion::{Aggregate as _, Promotion};
use crate::quorum::Quorum;
use crate::report::{Landing, Outcome};
use crate::route::Route;
use crate::traffic::Traffic;
use crate::transition::{judge, plan};

/// What gates are shown: the candidate as it was read, and the target.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Where the candidate came from.
    pub source: SourceModel,
    /// Its files.
    pub manifest: Manifest,
    /// Its metrics.
    pub evidence: CandidateEvidence,
    /// Where things go.
    pub landing: Landing,
    /// Who serves.
    pub champion: Champion,
}

/// What the gates say, and what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// A gate says no, or cannot say yes.
    Blocked {
        /// What each says.
        verdicts: Vec<Verdict>,
    },
    /// No gate objects, and there is nothing to ask all the same.
    Voided {
        /// What each says.
        verdicts: Vec<Verdict>,
        /// Why.
        detail: String,
    },
    /// People are asked.
    Asked {
        /// About exactly this.
        pinned: Box<Pinned>,
    },
}

/// What would happen today.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    /// Where a replay would go on with what people have agreed to; none where there is nothing to go on with.
    pub goes_on: Option<GoesOn>,
    /// What the gates would say if they were asked again.
    pub judgement: Judgement,
    /// What is not as it was when the gates of this attempt judged; none where they have not.
    pub differences: Vec<Difference>,
    next: Next,
}

/// What follows once the gates have judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// It asks for its turn: people are to be asked, or nobody can tell who serves while another one moves traffic.
    Turn,
    /// Its end.
    End,
}

/// A replay of what failed behind the gates: nobody is asked again.
#[derive(Debug, Clone, PartialEq)]
pub struct GoesOn {
    /// What is done again first.
    pub at: FailedAt,
    /// What would end it as voided on its way.
    pub voided_by: Vec<Difference>,
    /// Until when it may be asked for.
    pub until: Timestamp,
}

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// The route is not configured any more: it was judged as it was configured then.
    RouteRemoved,
    /// A gate answers otherwise, was added or was removed.
    Gate {
        /// Its answer then.
        then: Option<Box<Verdict>>,
        /// Its answer today.
        today: Option<Box<Verdict>>,
    },
    /// The candidate has other files.
    Files {
        /// The first path that differs.
        first: String,
    },
    /// Another model serves.
    Champion {
        /// Who served then.
        then: Box<Champion>,
        /// Who serves today.
        today: Box<Champion>,
    },
    /// Others must agree.
    Quorum {
        /// Who had to.
        then: Box<Quorum>,
        /// Who has to.
        today: Box<Quorum>,
    },
    /// The rollout has other steps.
    Steps {
        /// The plan then.
        then: Box<Plan>,
        /// The plan today.
        today: Box<Plan>,
    },
    /// The rollout differs elsewhere.
    Plan {
        /// Where.
        part: PlanPart,
    },
    /// What was agreed to does not count any more.
    Expired {
        /// Since when.
        at: Timestamp,
    },
}

/// A part of a plan beside its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanPart {
    /// Where files go.
    Destination,
    /// The endpoint.
    Endpoint,
    /// What the deployment is made of.
    Deployment,
    /// What it must answer before it has traffic.
    SmokeTest,
    /// The test job on sample data.
    BatchTest,
    /// How long the previous deployment stays.
    KeepPrevious,
    /// What becomes of it where somebody else changes the endpoint.
    OnDrift,
}

impl Seen {
    /// Of what the effects of gating found; nothing where `candidate` is another effect's outcome.
    pub fn new(candidate: Outcome, landing: Landing, champion: Champion) -> Option<Self> {
        match candidate {
            Outcome::CandidateSeen {
                source,
                manifest,
                evidence,
            } => Some(Self {
                source,
                manifest,
                evidence,
                landing,
                champion,
            }),
            _ => None,
        }
    }

    /// The promotion whose journal holds the champion's evidence.
    pub fn to_recall(&self) -> Option<&PromotionId> {
        match &self.champion {
            Champion::Serving(serving) => serving.promotion.as_ref(),
            Champion::None | Champion::Unclear { .. } => None,
        }
    }

    /// With the champion's evidence as that journal has it.
    pub fn recall(&mut self, metrics: BTreeMap<String, f64>) {
        if let Champion::Serving(serving) = &mut self.champion {
            serving.journaled = metrics;
        }
    }
}

impl WhatIf {
    /// Whether it would come as far as its turn at the target, or else end before it asks for that.
    pub fn comes_to_its_turn(&self) -> bool {
        self.goes_on.is_some() || self.next == Next::Turn
    }
}

impl Judgement {
    /// What each gate says.
    pub fn verdicts(&self) -> &[Verdict] {
        match self {
            Self::Blocked { verdicts } | Self::Voided { verdicts, .. } => verdicts,
            Self::Asked { pinned } => &pinned.verdicts,
        }
    }
}

impl Promotion {
    /// The effects that read what its gates are shown: of the candidate, and of a route's target.
    pub fn looks(&self, route: &Route) -> [Effect; 2] {
        let candidate = self.candidate.clone();
        [
            Effect::ObserveCandidate { candidate },
            Effect::observe_target(route),
        ]
    }
}

/// Judges a promotion by a route as it is configured today (by its own where there is none any more) and what was seen
/// today, within its present attempt.
pub fn what_if(p: &Promotion, today: Option<&Route>, seen: Seen, now: Timestamp) -> WhatIf {
    let route = today.unwrap_or(&p.route);
    let mut differences = Vec::new();
    if today.is_none() {
        differences.push(Difference::RouteRemoved);
    }
    let pinned = p.stage.pinned();
    if let Some(pinned) = pinned {
        differences.extend(since_pinned(p, route, pinned, &seen, now));
    }
    let unclear = matches!(seen.champion, Champion::Unclear { .. });
    let judgement = judge(&asked_again(p), route, seen, now);
    let before = match (pinned, p.stage.ending()) {
        (Some(pinned), _) => Some(&pinned.verdicts),
        (None, Some(Ending::Blocked { verdicts })) => Some(verdicts),
        (None, _) => None,
    };
    differences.extend(
        before
            .into_iter()
            .flat_map(|then| gates(then, judgement.verdicts())),
    );
    let next = match judgement {
        Judgement::Asked { .. } => Next::Turn,
        Judgement::Blocked { .. } | Judgement::Voided { .. } if unclear => Next::Turn,
        Judgement::Blocked { .. } | Judgement::Voided { .. } => Next::End,
    };
    WhatIf {
        goes_on: goes_on(p, &differences),
        judgement,
        differences,
        next,
    }
}

/// Whoever has ended is asked again in its next attempt, with a deployment of another name.
fn asked_again(p: &Promotion) -> Cow<'_, Promotion> {
    if p.is_closed() {
        Cow::Owned(p.if_reopened())
    } else {
        Cow::Borrowed(p)
    }
}

/// The source is observed again before files are copied only; who serves, each time.
fn goes_on(p: &Promotion, differences: &[Difference]) -> Option<GoesOn> {
    let Some(Ending::Failed { at, .. }) = p.stage.ending() else {
        return None;
    };
    let until = p.stage.pinned()?.expires_at;
    let voids = |one: &&Difference| match one {
        Difference::Files { .. } => matches!(at, FailedAt::Copying),
        Difference::Champion { .. } => true,
        Difference::RouteRemoved
        | Difference::Gate { .. }
        | Difference::Quorum { .. }
        | Difference::Steps { .. }
        | Difference::Plan { .. }
        | Difference::Expired { .. } => false,
    };
    Some(GoesOn {
        at: *at,
        voided_by: differences.iter().filter(voids).cloned().collect(),
        until,
    })
}

fn since_pinned(
    p: &Promotion,
    route: &Route,
    then: &Pinned,
    seen: &Seen,
    now: Timestamp,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    if let Some(first) = then.manifest.first_difference(&seen.manifest) {
        let first = first.to_owned();
        differences.push(Difference::Files { first });
    }
    if !then.champion.same(&seen.champion) {
        differences.push(Difference::Champion {
            then: Box::new(then.champion.clone()),
            today: Box::new(seen.champion.clone()),
        });
    }
    let quorum = Quorum::new(&route.approval, &seen.source, p.asked_for_by());
    if quorum != then.quorum {
        differences.push(Difference::Quorum {
            then: Box::new(then.quorum.clone()),
            today: Box::new(quorum),
        });
    }
    let plans = plans(&then.plan, plan(&asked_again(p), route, seen));
    let unclear = matches!(seen.champion, Champion::Unclear { .. });
    // Where nobody can tell who serves there are no steps to plan, and none to compare.
    let sound = |one: &Difference| !(unclear && matches!(one, Difference::Steps { .. }));
    differences.extend(plans.into_iter().filter(sound));
    if then.expires_at <= now {
        let at = then.expires_at;
        differences.push(Difference::Expired { at });
    }
    differences
}

fn plans(then: &Plan, today: Plan) -> Vec<Difference> {
    let place = |plan: &Plan| {
        let place = &plan.destination;
        (place.account.clone(), place.container.clone())
    };
    let parts = [
        (PlanPart::Destination, place(then) != place(&today)),
        (PlanPart::Endpoint, then.endpoint != today.endpoint),
        (
            PlanPart::Deployment,
            then.deployment_spec != today.deployment_spec,
        ),
        (PlanPart::SmokeTest, then.smoke_test != today.smoke_test),
        (PlanPart::BatchTest, tested(then) != tested(&today)),
        (
            PlanPart::KeepPrevious,
            then.keep_previous != today.keep_previous,
        ),
        (PlanPart::OnDrift, then.on_drift != today.on_drift),
    ];
    let parts = parts.into_iter().filter(|(_, differs)| *differs);
    let parts = parts.map(|(part, _)| Difference::Plan { part });
    let steps = (weights(then) != weights(&today)).then(|| Difference::Steps {
        then: Box::new(then.clone()),
        today: Box::new(today),
    });
    steps.into_iter().chain(parts).collect()
}

/// On what a batch endpoint's jobs are tested: where their results go hangs on the attempt.
fn tested(plan: &Plan) -> Option<&BatchTest> {
    plan.batch_test.as_ref().map(|planned| &planned.test)
}

/// What each step gives the candidate, under whichever name, and each other deployment by its own.
fn weights(plan: &Plan) -> Vec<PlannedStep> {
    let ours = DeploymentName::new("candidate");
    let called = |name: &DeploymentName| {
        if *name == plan.deployment {
            ours.clone()
        } else {
            name.clone()
        }
    };
    let step = |step: &PlannedStep| match step {
        PlannedStep::SetTraffic(traffic) => {
            let shares = traffic
                .shares()
                .map(|(name, percent)| (called(name), percent));
            PlannedStep::SetTraffic(Traffic::new(shares))
        }
        PlannedStep::Mirror(_)
        | PlannedStep::Pause(_)
        | PlannedStep::PauseUntilResumed
        | PlannedStep::Analysis(_)
        | PlannedStep::Bake(_)
        | PlannedStep::LoadTest(_) => step.clone(),
    };
    plan.steps.iter().map(step).collect()
}

/// Gate by gate: which one is which is told by what it asks of which metric, its bounds may have changed.
fn gates(then: &[Verdict], today: &[Verdict]) -> Vec<Difference> {
    let mut left: Vec<&Verdict> = today.iter().collect();
    let mut differences = Vec::new();
    for before in then {
        let at = left.iter().position(|now| asks_alike(before, now));
        let now = at.map(|at| left.remove(at));
        if now != Some(before) {
            differences.push(Difference::Gate {
                then: Some(Box::new(before.clone())),
                today: now.map(|now| Box::new(now.clone())),
            });
        }
    }
    let added = left.into_iter().map(|now| Difference::Gate {
        then: None,
        today: Some(Box::new(now.clone())),
    });
    differences.extend(added);
    differences
}

fn asks_alike(one: &Verdict, other: &Verdict) -> bool {
    match (&one.gate, &other.gate) {
        (GateSpec::Metric { .. }, GateSpec::Metric { .. })
        | (GateSpec::Champion { .. }, GateSpec::Champion { .. }) => {
            one.gate.metric() == other.gate.metric()
        }
        (GateSpec::Metric { .. }, GateSpec::Champion { .. })
        | (GateSpec::Champion { .. }, GateSpec::Metric { .. }) => false,
    }
}
