//! `metric`: a value within bounds.

use super::{GateSpec, Verdict, VerdictResult, Why};
use crate::evidence::CandidateEvidence;

pub(super) fn judge(gate: &GateSpec, candidate: &CandidateEvidence) -> Verdict {
    let GateSpec::Metric {
        metric,
        min,
        max,
        source,
    } = gate
    else {
        unreachable!("only metric gates are sent here");
    };
    let found = match candidate.metric(metric, *source) {
        Ok(found) => found,
        Err(why) => return Verdict::inconclusive(gate, why),
    };
    let unbounded = min.iter().chain(max).any(|bound| bound.is_nan());
    if unbounded || !found.value.is_finite() {
        return Verdict::inconclusive(gate, Why::NotFinite);
    }
    let below = min.is_some_and(|min| found.value < min);
    let above = max.is_some_and(|max| found.value > max);
    Verdict {
        gate: gate.clone(),
        result: if below || above {
            VerdictResult::Failed
        } else {
            VerdictResult::Passed
        },
        threshold: if below { *min } else { max.or(*min) },
        value: Some(found),
        champion: None,
    }
}
