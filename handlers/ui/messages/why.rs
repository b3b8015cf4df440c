//! Why a promotion is where it is, and what happens next.

use jiff::{SignedDuration, Timestamp};
use promotion::{
    Aggregate as _, Basis, Champion, Ending, Entry, Pinned, PlannedStep, Previous, Promotion,
    Rollout, Seconds, Serving, Stage,
};

use super::batch::{served_by, what_serves, who_serves};
use super::drift::{drift_question, waits_for_drift};
use super::effects::{effect, trouble};
use super::endings::{ending, remedy, way_back};
use super::loading::load;
use super::measurements::{cannot_tell, last, metrics};
use super::people::{short_person, wants_override};
use super::quorums::{needs, so_far, waits_for_people};
use super::subjects::{deployment, traffic};
use crate::ui::figures::length;
use crate::ui::moment::{both, utc};
use crate::ui::text::{clause, name, sentence};

/// One to five sentences.
pub fn why(promotion: &Promotion, now: Timestamp) -> String {
    let stage = stage(promotion, now);
    let undone = || promotion.ledger().undone().iter();
    let troubles = undone().find_map(trouble);
    let endless = undone().find_map(|entry| still_at_it(entry, now));
    [Some(stage), stuck(promotion), troubles, endless]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

/// What was not done in time, and why nobody gives it up.
pub(crate) fn stuck(promotion: &Promotion) -> Option<String> {
    let failure = promotion.stuck()?;
    Some(format!(
        "{}. It is tried again for as long as it takes, for giving up would leave the endpoint as nobody wants it.",
        sentence(&clause(&failure.message))
    ))
}

/// What Azure has worked on for so long that somebody may want to look there.
fn still_at_it(entry: &Entry, now: Timestamp) -> Option<String> {
    const LONG: SignedDuration = SignedDuration::from_mins(15);
    let long = now.duration_since(entry.planned_at) > LONG;
    (long && entry.begun).then(|| {
        format!(
            "Azure has been working on “{}” since {}.",
            effect(&entry.effect),
            utc(entry.planned_at)
        )
    })
}

/// What or whom it waits for, in a few words for a list.
pub fn waits_for(promotion: &Promotion) -> String {
    if let Some(said) = promotion
        .ledger()
        .undone()
        .iter()
        .find_map(|entry| entry.obstacle())
    {
        // Waiting for one's turn, for a hold or a freeze to be lifted, or for a window is nobody's fault.
        let word = match said.code.as_str() {
            "TargetBusy" | "NotItsTurn" => "its turn",
            "TargetHeld" => "a hold to be lifted",
            "Frozen" => "a freeze to end",
            "EndpointBusy" => "another change of its endpoint",
            "OutsideWindow" => "its window",
            _ => "trouble",
        };
        return format!("{word}: {}", clause(&said.message));
    }
    match promotion.stage() {
        Stage::Gating(_) if promotion.waits_for_turn() => "its turn at the target".to_owned(),
        Stage::Proposed | Stage::Gating(_) => "evidence for its gates".to_owned(),
        Stage::AwaitingApproval {
            pinned, question, ..
        } => {
            let wanted = question.overrides.first().map_or_else(String::new, |one| {
                format!("; OVERRIDE wanted by {}", short_person(&one.person))
            });
            format!("{}{wanted}", waits_for_people(promotion, pinned))
        }
        Stage::Copying(_) => "its files to be copied".to_owned(),
        Stage::Registering { .. } => "its version to be registered".to_owned(),
        Stage::WaitingForTarget(_) => "its target".to_owned(),
        Stage::Deploying(_) => "its deployment to come up".to_owned(),
        Stage::Testing(rollout) if tested_by_job(rollout) => "its test job".to_owned(),
        Stage::Testing(_) => "its smoke test".to_owned(),
        Stage::Shifting { .. } if drift_question(promotion).is_some() => waits_for_drift(promotion),
        Stage::Shifting { rollout, .. }
            if rollout.unsure().or_else(|| rollout.unsure_step()).is_some() =>
        {
            format!(
                "somebody {} to decide: it cannot be told whether it is worse",
                super::people::with_any(&promotion.route().operators)
            )
        }
        Stage::Shifting { rollout, step, .. } => match current(rollout, *step) {
            Some(PlannedStep::Pause(pause)) => format!("a pause of {} to pass", length(*pause)),
            Some(PlannedStep::PauseUntilResumed) => format!(
                "somebody {} to resume it",
                super::people::with_any(&promotion.route().operators)
            ),
            Some(PlannedStep::Analysis(_)) => "its analysis to come to a verdict".to_owned(),
            Some(PlannedStep::Bake(bake)) => format!("a bake of {} to pass", length(*bake)),
            Some(PlannedStep::Mirror(_)) => "requests to be copied".to_owned(),
            Some(PlannedStep::SetTraffic(_)) if in_batch(rollout) => {
                "the default to switch".to_owned()
            }
            Some(PlannedStep::LoadTest(_)) => "its load test".to_owned(),
            Some(PlannedStep::SetTraffic(_)) => "traffic to move".to_owned(),
            None if in_batch(rollout) => "the default deployment to be read once more".to_owned(),
            None => "the traffic to be read once more".to_owned(),
        },
        Stage::Live {
            previous: Previous::Warm,
            ..
        } => "nobody; the way back is kept for a while".to_owned(),
        Stage::Live { .. } => "the previous deployment to be deleted".to_owned(),
        Stage::RollingBack { rollout, .. } if rollout.has_withdrawn() => {
            "its endpoint to be looked at".to_owned()
        }
        Stage::RollingBack { rollout, .. } if in_batch(rollout) => {
            "the champion to be the default again".to_owned()
        }
        Stage::RollingBack { .. } => "the champion to have its traffic back".to_owned(),
        Stage::Finishing { ending: end, .. } => {
            format!("what is left to be tidied up; then it is {}", end.name())
        }
        Stage::Closed { ending: end, .. } => ending(end),
    }
}

fn stage(promotion: &Promotion, now: Timestamp) -> String {
    let target = name(promotion.route().target.stage.as_str());
    match promotion.stage() {
        Stage::Proposed => "It was just opened. Its gates are judged next.".to_owned(),
        Stage::Gating(_) if promotion.waits_for_turn() => {
            "Its gates have passed. People are asked once it is its turn at the target; if it has to wait for that, its gates judge once more."
                .to_owned()
        }
        Stage::Gating(_) => {
            "Evidence for its gates is being gathered. If all of them pass, people are asked."
                .to_owned()
        }
        Stage::AwaitingApproval { pinned, .. } => awaiting(promotion, pinned, now),
        Stage::Copying(copy) => format!(
            "{} Next its files are copied to {target}; then its version is registered there.",
            approved(&copy.permit)
        ),
        Stage::Registering { .. } => format!(
            "Its files are in {target} and its version is being registered there. Then it is deployed."
        ),
        Stage::WaitingForTarget(_) => format!(
            "It is registered in {target}. It is deployed as soon as no other promotion changes the endpoint and nobody holds it."
        ),
        Stage::Deploying(rollout) => format!(
            "Its deployment {} is being made, without traffic. Then it is tested.",
            own_deployment(rollout)
        ),
        Stage::Testing(rollout) if tested_by_job(rollout) => format!(
            "Its deployment {} is up and scores the sample data, then the champion's does. If both come to the same, it becomes the default.",
            own_deployment(rollout)
        ),
        Stage::Testing(rollout) => format!(
            "Its deployment {} is up and is being asked the smoke test. If it answers well, traffic moves to it.",
            own_deployment(rollout)
        ),
        Stage::Shifting {
            rollout,
            step,
            since,
        } => shifting(promotion, rollout, *step, *since, now),
        Stage::Live {
            rollout,
            until,
            previous,
        } => live(rollout, *until, previous, now),
        Stage::RollingBack { rollout, cause } => going_back(rollout, &way_back(cause)),
        Stage::Finishing {
            ending: end,
            before,
        } => {
            format!("{} What is left is being tidied up.", ended(end, before))
        }
        Stage::Closed {
            ending: end,
            before,
        } => match remedy(end) {
            Some(remedy) => format!("{} {remedy}", ended(end, before)),
            None => ended(end, before),
        },
    }
}

fn ended(end: &Ending, before: &Stage) -> String {
    let told = match end {
        // Enough may have agreed in time, and somebody has not stood by it.
        Ending::Expired
            if before
                .question()
                .is_some_and(|question| question.misses_what_was_taken_back(before.votes())) =>
        {
            "Expired: the time to answer is over, and what was taken back is missing".to_owned()
        }
        end => ending(end),
    };
    let told = if told.ends_with(['.', '…', '?', '!']) {
        told
    } else {
        format!("{told}.")
    };
    let missing = before.rollout().map(Rollout::missing);
    match (end, before.rollout(), missing) {
        (Ending::Finished { .. }, Some(rollout), Some([missing, ..])) => format!(
            "{told} {}, but deployment {}, which served before it, was gone, and nothing else served: so it stayed.",
            cause_of(rollout),
            deployment(missing)
        ),
        (
            Ending::RolledBack { .. } | Ending::Aborted { .. } | Ending::Voided { .. },
            Some(rollout),
            Some([missing, ..]),
        ) => format!(
            "{told} Deployment {}, which served before it, was gone: the traffic is {} instead.",
            deployment(missing),
            served_by(rollout, &rollout.way_back())
        ),
        _ => told,
    }
}

/// `Taken back by Ada Approver, “bad”`: why it was to go back, though it stayed.
pub(crate) fn cause_of(rollout: &Rollout) -> String {
    rollout.stayed_against().map_or_else(
        || "It was to be taken back".to_owned(),
        |cause| sentence(&way_back(cause)),
    )
}

fn awaiting(promotion: &Promotion, pinned: &Pinned, now: Timestamp) -> String {
    let gates = match pinned.verdicts.len() {
        0 => "Its route has no gates".to_owned(),
        1 => "Its gate has passed".to_owned(),
        2 => "Both gates have passed".to_owned(),
        count => format!("All {count} gates have passed"),
    };
    let question = promotion.stage().question();
    let overrides = question.map_or(&[][..], |question| question.overrides.as_slice());
    let wanted = overrides
        .iter()
        .map(|one| format!("{}. ", sentence(&wants_override(promotion, one))));
    let wanted: String = wanted.collect();
    format!(
        "{gates}. {wanted}It needs {}{}. Unanswered, it expires at {}.",
        needs(promotion, pinned),
        so_far(promotion, pinned),
        both(pinned.expires_at, now)
    )
}

fn approved(permit: &promotion::Permit) -> String {
    let listed = |names: Vec<String>| names.join(" and ");
    match permit.basis() {
        Basis::Approved => {
            let votes = permit.votes().iter();
            let names = votes.map(|vote| short_person(&vote.person)).collect();
            format!("Approved by {}.", listed(names))
        }
        Basis::Overridden => {
            let overrides = permit.question().overrides.iter();
            let names = overrides.map(|one| short_person(&one.person)).collect();
            format!(
                "Not approved: OVERRIDDEN by {}, past quorum, windows and the freezes that stood then.",
                listed(names)
            )
        }
        Basis::Automatic => "Nobody was asked: the route approves by itself.".to_owned(),
    }
}

fn current(rollout: &Rollout, step: usize) -> Option<&PlannedStep> {
    rollout.permit.pinned().plan.steps.get(step)
}

/// Until when a pause or a bake lasts.
fn lasts(rollout: &Rollout, time: Seconds, since: Timestamp, now: Timestamp) -> String {
    match rollout.counts_from(since) {
        Some(from) => format!("until {}", both(time.after(from), now)),
        None => "counted from when the traffic is as it was agreed to".to_owned(),
    }
}

fn shifting(
    promotion: &Promotion,
    rollout: &Rollout,
    step: usize,
    since: Timestamp,
    now: Timestamp,
) -> String {
    let plan = &rollout.permit.pinned().plan;
    let (count, serving) = (plan.steps.len(), plan.endpoint.serving);
    let next = match current(rollout, step) {
        Some(PlannedStep::Pause(pause)) => format!(
            "Step {} of {count} is a pause of {}, {}.",
            step + 1,
            length(*pause),
            lasts(rollout, *pause, since, now)
        ),
        Some(PlannedStep::PauseUntilResumed) => format!(
            "Step {} of {count} is a pause until somebody {} resumes it{}.",
            step + 1,
            super::people::with_any(&promotion.route().operators),
            promotion
                .answer_by()
                .map_or_else(String::new, |until| format!(
                    "; unresumed, it goes back at {}",
                    both(until, now)
                ))
        ),
        Some(PlannedStep::Analysis(measured)) => format!(
            "Step {} of {count} measures {}.",
            step + 1,
            metrics(measured)
        ),
        Some(PlannedStep::Mirror(percent)) => format!(
            "Step {} of {count} copies {percent} % of the requests to the candidate.",
            step + 1
        ),
        Some(PlannedStep::LoadTest(test)) => format!(
            "Step {} of {count} sends the candidate {}.",
            step + 1,
            load(test)
        ),
        Some(PlannedStep::Bake(bake)) => format!(
            "Step {} of {count} is a bake of {}, {}.",
            step + 1,
            length(*bake),
            lasts(rollout, *bake, since, now)
        ),
        Some(PlannedStep::SetTraffic(_)) if serving == Serving::Batch => format!(
            "Step {} of {count} makes the candidate the default deployment.",
            step + 1
        ),
        Some(PlannedStep::SetTraffic(wanted)) => format!(
            "Step {} of {count} sets the traffic to {}.",
            step + 1,
            traffic(wanted)
        ),
        None => all_done(promotion, serving, now),
    };
    let next = match cannot_tell(promotion) {
        Some(question) => format!(
            "{} Somebody {} decides: resume it, or take it back. It is measured on meanwhile. {next}",
            question,
            super::people::with_any(&promotion.route().operators)
        ),
        None => next,
    };
    let next = match drift_question(promotion) {
        Some(question) => format!(
            "{question} Somebody {} decides: resume it, or take it back. {next}",
            super::people::with_any(&promotion.route().operators)
        ),
        None => next,
    };
    let next = match rollout.beside.as_ref().map(|watch| last(&watch.run)) {
        Some(measured) if !measured.is_empty() => {
            format!("{next} Beside the steps it was last measured: {measured}.")
        }
        Some(_) | None => next,
    };
    if drift_question(promotion).is_some() {
        return next;
    }
    format!("{} {next}", serving_now(promotion, rollout))
}

/// What is left once all steps are done.
fn all_done(promotion: &Promotion, serving: Serving, now: Timestamp) -> String {
    let read = match serving {
        Serving::Online => "traffic",
        Serving::Batch => "default deployment",
    };
    match promotion.first_success_by() {
        Some(until) => format!(
            "All steps are done, and the {read} has stayed as it was set. The first measurement that succeeds is waited for, until {}; \
             without one it goes back.",
            both(until, now)
        ),
        None => format!(
            "All steps are done. The {read} is read once more when no delayed call can change it, then the endpoint is let go."
        ),
    }
}

/// What the endpoint shows, as far as its journal tells.
fn serving_now(promotion: &Promotion, rollout: &Rollout) -> String {
    let serving = rollout.permit.pinned().plan.endpoint.serving;
    let is = |traffic| {
        format!(
            "{} is {}",
            what_serves(serving),
            who_serves(serving, traffic)
        )
    };
    let none_yet = match serving {
        Serving::Online => "The candidate has no traffic yet.",
        Serving::Batch => "The candidate is not the default yet.",
    };
    match rollout.standing_write() {
        Some(write) if write.settled => format!("{}.", is(&write.traffic)),
        // What waits, and for what, is said beside it.
        Some(write) => match promotion.shows_while_held_up() {
            Some(shown) if shown.is_empty() => none_yet.to_owned(),
            Some(shown) => format!("{}.", is(shown)),
            None => {
                let wanted = who_serves(serving, &write.traffic);
                format!("{} is being set to {wanted}.", what_serves(serving))
            }
        },
        None => none_yet.to_owned(),
    }
}

fn live(rollout: &Rollout, until: Timestamp, previous: &Previous, now: Timestamp) -> String {
    let serves = match rollout.permit.pinned().plan.endpoint.serving {
        Serving::Online => format!(
            "Deployment {} was given all the traffic.",
            own_deployment(rollout)
        ),
        Serving::Batch => format!(
            "Deployment {} was made the default.",
            own_deployment(rollout)
        ),
    };
    let champion = &rollout.permit.pinned().champion;
    let way_back = match (previous, champion) {
        (Previous::Warm, Champion::Serving(before)) => format!(
            "The previous deployment {} stays warm as the way back until {}, then it is deleted.",
            deployment(&before.deployment),
            both(until, now)
        ),
        (Previous::Warm, Champion::None | Champion::Unclear { .. }) => format!(
            "Nothing served before it; it can be taken back until {}.",
            both(until, now)
        ),
        (Previous::Unneeded { .. }, _) => {
            "The previous deployment is no longer needed and is being deleted.".to_owned()
        }
        (Previous::Gone { .. }, _) => "The previous deployment is gone.".to_owned(),
    };
    format!("{serves} {way_back}")
}

fn going_back(rollout: &Rollout, cause: &str) -> String {
    let back = rollout.way_back();
    let serving = rollout.permit.pinned().plan.endpoint.serving;
    let (what, who) = (what_serves(serving), who_serves(serving, &back));
    let goal = match rollout.missing() {
        [] if rollout.has_withdrawn() => format!(
            "{what} is looked at: where the candidate has any of it, or is copied any, it goes back to {who}, else it stays as it is"
        ),
        [] if back.is_empty() => format!("{what} goes back to none"),
        [] => format!("{what} goes back to {who}"),
        [missing, ..] => format!(
            "Deployment {}, which served before it, is gone: {} becomes {who}",
            deployment(missing),
            what.replacen("The", "the", 1)
        ),
    };
    format!(
        "{}. {goal}, and deployment {} is deleted; running operations end first.",
        sentence(cause),
        own_deployment(rollout)
    )
}

fn in_batch(rollout: &Rollout) -> bool {
    rollout.permit.pinned().plan.endpoint.serving == Serving::Batch
}

fn tested_by_job(rollout: &Rollout) -> bool {
    rollout.permit.pinned().plan.batch_test.is_some()
}

fn own_deployment(rollout: &Rollout) -> String {
    deployment(&rollout.permit.pinned().plan.deployment)
}
