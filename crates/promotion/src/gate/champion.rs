//! `champion`: a value better than that of the model now serving, by a share of it.

use super::{GateSpec, NoChampion, Source, Verdict, VerdictResult, Why};
use crate::champion::Champion;
use crate::evidence::{CandidateEvidence, Evidence};

pub(super) fn judge(
    gate: &GateSpec,
    candidate: &CandidateEvidence,
    opponent: &Champion,
) -> Verdict {
    let GateSpec::Champion {
        metric,
        greater_is_better,
        min_relative_change,
        when_no_champion,
        source,
    } = gate
    else {
        unreachable!("only champion gates are sent here");
    };
    let value = match candidate.metric(metric, *source) {
        Ok(found) if found.value.is_finite() => found,
        Ok(_) => return Verdict::inconclusive(gate, Why::NotFinite),
        Err(why) => return Verdict::inconclusive(gate, why),
    };
    let serving = match opponent {
        Champion::None => return without_champion(gate, value, *when_no_champion),
        Champion::Unclear { detail } => {
            return Verdict {
                value: Some(value),
                ..Verdict::inconclusive(
                    gate,
                    Why::ChampionUnclear {
                        detail: detail.clone(),
                    },
                )
            };
        }
        Champion::Serving(serving) => serving.metric(metric, *source == Source::Tags),
    };
    match serving {
        Some(champion) if !champion.value.is_finite() => unknown(gate, value, Why::NotFinite),
        Some(champion) if champion.value == 0.0 => unknown(gate, value, Why::ChampionIsZero),
        Some(champion) => compare(
            gate,
            value,
            champion,
            *greater_is_better,
            *min_relative_change,
        ),
        None => unknown(gate, value, Why::ChampionValueMissing),
    }
}

fn unknown(gate: &GateSpec, value: Evidence, why: Why) -> Verdict {
    Verdict {
        value: Some(value),
        ..Verdict::inconclusive(gate, why)
    }
}

fn without_champion(gate: &GateSpec, value: Evidence, answer: NoChampion) -> Verdict {
    let result = match answer {
        NoChampion::Pass => VerdictResult::Passed,
        NoChampion::Fail => VerdictResult::Failed,
    };
    Verdict {
        gate: gate.clone(),
        result,
        value: Some(value),
        champion: None,
        threshold: None,
    }
}

/// `MLflow`'s relative change: by how much of the champion's value the candidate is better.
fn compare(
    gate: &GateSpec,
    value: Evidence,
    champion: Evidence,
    greater_is_better: bool,
    least: f64,
) -> Verdict {
    let margin = champion.value.abs() * least;
    let threshold = if greater_is_better {
        champion.value + margin
    } else {
        champion.value - margin
    };
    if !threshold.is_finite() {
        return unknown(gate, value, Why::NotFinite);
    }
    let good = if greater_is_better {
        value.value >= threshold
    } else {
        value.value <= threshold
    };
    Verdict {
        gate: gate.clone(),
        result: if good {
            VerdictResult::Passed
        } else {
            VerdictResult::Failed
        },
        value: Some(value),
        champion: Some(champion),
        threshold: Some(threshold),
    }
}
