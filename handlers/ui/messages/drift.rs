//! What somebody else has changed on an endpoint, and what would serve again.

use jiff::Timestamp;
use promotion::{
    ChangedDeployment, Drift, LastChange, Look, OnDrift, Promotion, Stage, WayBackProof,
};

use super::people::with_any;
use super::subjects::{deployment, traffic};
use crate::ui::moment::utc;
use crate::ui::text::{clause, name};

/// What is not as it was, as the end of a sentence: `its traffic is 30 % a, 70 % b instead of 10 % a, 90 % b`.
pub(crate) fn drifted(drift: &Drift) -> String {
    let expected = &drift.expected;
    let moved = (drift.traffic != expected.traffic).then(|| {
        format!(
            "its traffic is {} instead of {}",
            traffic(&drift.traffic),
            traffic(&expected.traffic)
        )
    });
    let copied = expected.mirror.as_ref().and_then(|mirror| {
        let now = drift.copied.of(&mirror.deployment);
        (now != mirror.percent).then(|| {
            format!(
                "{now} % of its requests are copied to {} instead of {} %",
                deployment(&mirror.deployment),
                mirror.percent
            )
        })
    });
    let changed = drift.deployments.iter().map(changed);
    let last = drift.last_change.as_ref().map(last_change);
    let all: Vec<String> = moved
        .into_iter()
        .chain(copied)
        .chain(changed)
        .chain(last)
        .collect();
    all.join("; ")
}

fn changed(changed: &ChangedDeployment) -> String {
    match &changed.serves {
        None => format!("deployment {} is gone", deployment(&changed.deployment)),
        Some(serves) => format!(
            "deployment {} serves {} now",
            deployment(&changed.deployment),
            name(serves)
        ),
    }
}

fn last_change(change: &LastChange) -> String {
    let by = change
        .by
        .as_deref()
        .map_or_else(String::new, |by| format!(" by {}", name(by)));
    let at = change
        .at
        .map_or_else(String::new, |at| format!(" at {}", utc(at)));
    format!("by Azure's account it was last changed{by}{at}")
}

/// That whoever measured has found it, as a note of a history.
pub(crate) fn drift_note(at: Timestamp, look: &Look) -> Option<String> {
    match look {
        Look::Drifted(drift) => Some(format!(
            "{}: somebody else has changed the endpoint: {}.",
            utc(at),
            drifted(drift)
        )),
        Look::AsExpected | Look::NotTaken => None,
    }
}

/// What becomes of a rollout then, for those who agree to it.
pub(crate) fn on_drift(policy: OnDrift) -> &'static str {
    match policy {
        OnDrift::Pause => "a person is asked",
        OnDrift::Restore => {
            "the traffic is set again as it was, three times, and then a person is asked"
        }
        OnDrift::Abort => "the candidate is taken back",
    }
}

/// What happens before the first percent, behind what the way back restores.
pub(crate) const WAY_BACK_IS_PROVEN: &str = "; before the candidate has its first percent it is looked at, and asked the smoke test's request by name";

/// What a person is asked about it, as sentences.
pub(crate) fn drift_question(promotion: &Promotion) -> Option<String> {
    let Stage::Shifting { rollout, .. } = promotion.stage() else {
        return None;
    };
    let found = rollout.drifted()?;
    promotion.pause()?;
    let changed = &found.drift.deployments;
    let goes_on = if changed.is_empty() {
        "Resuming sets the traffic again as it was and goes on."
    } else if changed.iter().all(|changed| changed.serves.is_some()) {
        "Resuming sets the traffic again as it was and goes on with the deployments as they are now."
    } else {
        "What is gone cannot be set again: resuming goes on without a way back where all the traffic is the candidate's already, and takes it back where it is not."
    };
    Some(format!(
        "Somebody else has changed the endpoint: {}. {goes_on}",
        drifted(&found.drift)
    ))
}

/// What the rollout waits for meanwhile, in a few words.
pub(super) fn waits_for_drift(promotion: &Promotion) -> String {
    format!(
        "somebody {} to decide: somebody else has changed the endpoint",
        with_any(&promotion.route().operators)
    )
}

/// What looking at the way back came to, as the end of a sentence.
pub(super) fn way_back_seen(proof: &WayBackProof) -> String {
    let called = deployment(&proof.deployment);
    match (&proof.problem, proof.status) {
        (Some(problem), _) => format!("{called} could not serve again: {}", clause(problem)),
        (None, Some(status)) => format!("{called} is healthy and answered HTTP {status} by name"),
        (None, None) => {
            format!("{called} is healthy; it was not asked, for the route has no smoke test")
        }
    }
}

/// That what would serve again is not there.
pub(crate) fn is_gone() -> String {
    "it is gone".to_owned()
}

/// That it is not in order, in Azure's word.
pub(crate) fn is_unhealthy(state: &str) -> String {
    format!("its state is {}", name(state))
}

/// That it answers, and not well.
pub(crate) fn answered_badly(status: u16) -> String {
    format!("it answered HTTP {status} to the smoke test's request")
}
