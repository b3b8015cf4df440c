//! Gating: evidence of candidate and champion is gathered, the gates judge, and once it is this one's turn at the target
//! what they judged is pinned. Whoever had to wait for its turn is judged anew. What is blocked never asks for it.

use jiff::Timestamp;

use super::{finish, once, turn};
use crate::champion::Champion;
use crate::effect::Effect;
use crate::ending::Ending;
use crate::gate;
use crate::manifest::Manifest;
use crate::notice::Notice;
use crate::permit::{Content, Pinned, Quorum};
use crate::plan::Plan;
use crate::promotion::Promotion;
use crate::record::Fact;
use crate::report::{Landing, Outcome};
use crate::stage::Findings;

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
        (Some((landing, champion)), None) => judge(p, candidate, landing, champion, now),
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
    Effect::ObserveTarget {
        workspace: p.route.target.workspace.clone(),
        endpoint: p.route.rollout.endpoint.name.clone(),
        datastore: p.route.target.datastore.clone(),
    }
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

fn judge(
    p: &Promotion,
    candidate: &Outcome,
    landing: &Landing,
    champion: &Champion,
    now: Timestamp,
) -> Vec<Fact> {
    let Outcome::CandidateSeen {
        source,
        manifest,
        evidence,
    } = candidate
    else {
        return vec![];
    };
    let verdicts = gate::judge(
        &p.route.gates,
        evidence,
        champion,
        bytes_changed(p, manifest),
    );
    if !verdicts.iter().all(gate::Verdict::passed) {
        return finish(p, Ending::Blocked { verdicts });
    }
    if let Some(detail) = nothing_to_ask(p, manifest, champion) {
        return finish(p, Ending::Voided { detail });
    }
    if let Some(first) = turn::take(p, p.route.concurrency) {
        return first;
    }
    let pinned = Pinned::new(Content {
        plan: Plan::new(
            &p.id,
            p.attempt,
            &p.route,
            &p.candidate,
            manifest,
            landing,
            champion,
        ),
        quorum: Quorum::new(&p.route.approval, source),
        expires_at: p.route.approval.expires_after.after(now),
        source: source.clone(),
        manifest: manifest.clone(),
        evidence: evidence.clone(),
        champion: champion.clone(),
        verdicts,
    });
    vec![
        Fact::Pinned {
            pinned: Box::new(pinned),
        },
        p.plan(Effect::Notify {
            notice: Notice::ApprovalAsked,
        }),
    ]
}

/// Why there is no question to put to people although no gate objects: where a route's gates look elsewhere, or it has
/// none.
fn nothing_to_ask(p: &Promotion, manifest: &Manifest, champion: &Champion) -> Option<String> {
    if let Some(since) = bytes_changed(p, manifest) {
        return Some(format!(
            "the candidate's bytes changed since {since}; register a new version"
        ));
    }
    match champion {
        Champion::Unclear { detail } => Some(format!(
            "it is not clear which model serves, so there is no way back to plan: {detail}"
        )),
        Champion::None | Champion::Serving(_) => None,
    }
}

fn bytes_changed(p: &Promotion, manifest: &Manifest) -> Option<Timestamp> {
    p.first_manifest
        .as_ref()
        .filter(|(first, _)| first != manifest)
        .map(|(_, since)| *since)
}
