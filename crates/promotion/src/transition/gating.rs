//! Gating: evidence of candidate and champion is gathered, the gates judge, and once it is this one's turn at the target
//! what they judged is pinned. Whoever had to wait for its turn is judged anew. What is blocked never asks for it.

use jiff::Timestamp;

use super::{finish, once, turn};
use crate::approval_rule::Consent;
use crate::candidate::SourceModel;
use crate::champion::Champion;
use crate::effect::Effect;
use crate::ending::Ending;
use crate::gate;
use crate::manifest::Manifest;
use crate::notice::Notice;
use crate::permit::{Content, Pinned};
use crate::plan::Plan;
use crate::promotion::Promotion;
use crate::quorum::Quorum;
use crate::record::Fact;
use crate::route::Route;
use crate::stage::Findings;
use crate::what_if::{Judgement, Seen};

pub(super) fn next(p: &Promotion, findings: &Findings, now: Timestamp) -> Vec<Fact> {
    let Some(candidate) = &findings.candidate else {
        let observe = once(
            p,
            Effect::ObserveCandidate {
                candidate: p.candidate.clone(),
            },
        );
        return if observe.is_empty() {
            look_at_target(p, findings)
        } else {
            observe
        };
    };
    match (&findings.target, unread_journal(findings)) {
        (None, _) => look_at_target(p, findings),
        (Some(_), Some(recall)) => once(p, recall),
        (Some((landing, champion)), None) => {
            match Seen::new(candidate.clone(), landing.clone(), champion.clone()) {
                Some(seen) => conclude(p, judge(p, &p.route, seen, now), champion),
                None => vec![],
            }
        }
    }
}

fn look_at_target(p: &Promotion, findings: &Findings) -> Vec<Fact> {
    if findings.target.is_some() {
        vec![]
    } else {
        once(p, observe_target(p))
    }
}

pub(super) fn observe_target(p: &Promotion) -> Effect {
    Effect::observe_target(&p.route)
}

/// The champion's evidence is what its own promotion journaled, where there was one.
fn unread_journal(findings: &Findings) -> Option<Effect> {
    match &findings.target {
        Some((_, Champion::Serving(serving))) if !findings.recalled => serving
            .promotion
            .clone()
            .map(|promotion| Effect::RecallEvidence { promotion }),
        _ => None,
    }
}

fn conclude(p: &Promotion, judgement: Judgement, champion: &Champion) -> Vec<Fact> {
    // While another rollout moves traffic nobody can tell who serves: that is waited for, and nobody superseded meanwhile.
    if let (Champion::Unclear { .. }, Judgement::Blocked { .. } | Judgement::Voided { .. }) =
        (champion, &judgement)
        && let Some(first) = turn::take(p, p.route.concurrency.without_superseding())
    {
        return first;
    }
    match judgement {
        Judgement::Blocked { verdicts } => finish(p, Ending::Blocked { verdicts }),
        Judgement::Voided { detail, .. } => finish(p, Ending::Voided { detail }),
        // What was found is pinned with the turn in hand; had it to wait for that, it was found again.
        Judgement::Asked { pinned } => {
            turn::take(p, p.route.concurrency).unwrap_or_else(|| match p.route.approval.consent {
                Consent::People => vec![
                    Fact::Pinned { pinned },
                    p.plan(Effect::Notify {
                        notice: Notice::ApprovalAsked,
                    }),
                ],
                Consent::Automatic => {
                    let gates = pinned
                        .verdicts
                        .iter()
                        .map(|verdict| verdict.gate.name())
                        .collect();
                    vec![
                        Fact::Pinned { pinned },
                        Fact::ApprovedAutomatically { gates },
                    ]
                }
            })
        }
    }
}

/// What the gates of a route say to what was seen, and what follows from it.
pub(crate) fn judge(p: &Promotion, route: &Route, seen: Seen, now: Timestamp) -> Judgement {
    let changed = bytes_changed(p, &seen.manifest);
    let verdicts = gate::judge(&route.gates, &seen.evidence, &seen.champion, changed);
    if !verdicts.iter().all(gate::Verdict::passed) {
        return Judgement::Blocked { verdicts };
    }
    if let Some(detail) = nothing_to_ask(p, route, &seen) {
        return Judgement::Voided { verdicts, detail };
    }
    let pinned = Pinned::new(Content {
        plan: plan(p, route, &seen),
        quorum: Quorum::new(&route.approval, &seen.source, p.asked_for_by()),
        expires_at: route.approval.expires_after.after(now),
        source: seen.source,
        manifest: seen.manifest,
        evidence: seen.evidence,
        champion: seen.champion,
        verdicts,
    });
    Judgement::Asked {
        pinned: Box::new(pinned),
    }
}

/// What a rollout of this attempt would do.
pub(crate) fn plan(p: &Promotion, route: &Route, seen: &Seen) -> Plan {
    Plan::new(
        &p.id,
        p.attempt,
        route,
        &p.candidate,
        &seen.manifest,
        &seen.landing,
        &seen.champion,
    )
}

/// Why there is no question to put to people although no gate objects: where a route's gates look elsewhere, or it has
/// none.
fn nothing_to_ask(p: &Promotion, route: &Route, seen: &Seen) -> Option<String> {
    if let Some(since) = bytes_changed(p, &seen.manifest) {
        return Some(format!(
            "the candidate's bytes changed since {since}; register a new version"
        ));
    }
    match &seen.champion {
        Champion::Unclear { detail } => Some(format!(
            "it is not clear which model serves, so there is no way back to plan: {detail}"
        )),
        Champion::None | Champion::Serving(_) => cannot_answer(route, &seen.source),
    }
}

/// Why a deployment as the route has it could not serve such a model. An `MLflow` model brings code and environment along;
/// for the other types that are known to, Azure has both (from memory of Microsoft's page, not verified).
fn cannot_answer(route: &Route, source: &SourceModel) -> Option<String> {
    let brings_nothing = source.model_type == "custom_model";
    (brings_nothing && route.rollout.deployment.environment.is_none()).then(|| {
        "the candidate is a `custom_model`, and nothing says how it answers: add `environment` and `code_configuration` to \
         the file of the route's deployment, or register it as an `mlflow_model`"
            .to_owned()
    })
}

fn bytes_changed(p: &Promotion, manifest: &Manifest) -> Option<Timestamp> {
    p.first_manifest
        .as_ref()
        .filter(|(first, _)| first != manifest)
        .map(|(_, since)| *since)
}
