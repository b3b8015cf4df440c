//! `routes[].rollout.steps`: weights and pauses, in Argo Rollouts' words.

use promotion::Step;

use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::reader::Reader;
use super::shape::{Holds, Key, Shape};

pub(super) static SET_WEIGHT: Shape = Shape::new(
    "a share of traffic",
    &[Key::required(
        "setWeight",
        Holds::Integer {
            least: 0,
            most: 100,
        },
        "the candidate's share of traffic in percent; the last step is 100",
    )],
);

pub(super) static PAUSE: Shape = Shape::new(
    "a pause",
    &[Key::required(
        "pause",
        Holds::Mapping(&LENGTH),
        "wait before the next step",
    )],
);

static LENGTH: Shape = Shape::new(
    "how long",
    &[Key::optional(
        "duration",
        Holds::Seconds { least: 1 },
        "how long to wait; absent: until a person resumes it",
    )],
);

/// All steps; weights grow, and the last step is all of the traffic.
pub(super) fn read(field: &Field<'_>) -> Read<Vec<Step>> {
    let steps = field.list(&[("setWeight", set_weight), ("pause", pause)])?;
    let verdict = grow(&steps).and_then(|()| end_with_all(&steps));
    verdict.map_err(|(index, complaint)| field.complain_at(index, complaint))?;
    Ok(steps)
}

fn set_weight(reader: &Reader<'_>) -> Read<Step> {
    let weight = reader.required("setWeight", Field::integer)?;
    Ok(Step::SetWeight(
        u8::try_from(weight).expect("the shape bounds a weight at 100"),
    ))
}

fn pause(reader: &Reader<'_>) -> Read<Step> {
    reader.required("pause", |field| {
        field.mapping(|length| {
            let duration = length.optional("duration", Field::duration)?;
            Ok(duration.map_or(Step::PauseUntilResumed, Step::Pause))
        })
    })
}

fn grow(steps: &[Step]) -> Result<(), (usize, Complaint)> {
    let weights = || {
        steps
            .iter()
            .enumerate()
            .filter_map(|(index, step)| match step {
                Step::SetWeight(weight) => Some((index, *weight)),
                Step::Mirror(_)
                | Step::Pause(_)
                | Step::PauseUntilResumed
                | Step::Analysis(_)
                | Step::Bake(_) => None,
            })
    };
    let mut pairs = weights().zip(weights().skip(1));
    match pairs.find(|((_, before), (_, after))| after <= before) {
        None => Ok(()),
        Some(((_, before), (index, after))) => {
            let what = format!("sets the weight to {after} after {before}");
            let help = "let each `setWeight` be more than the one before: a rollout goes on or all the way back";
            Err((index, Complaint::new(what, help)))
        }
    }
}

fn end_with_all(steps: &[Step]) -> Result<(), (usize, Complaint)> {
    match steps.last() {
        Some(Step::SetWeight(100)) => Ok(()),
        Some(
            Step::SetWeight(_)
            | Step::Mirror(_)
            | Step::Pause(_)
            | Step::PauseUntilResumed
            | Step::Analysis(_)
            | Step::Bake(_),
        )
        | None => {
            let what = "is the last step and not `setWeight: 100`";
            let help = "let the rollout end with all of the traffic";
            Err((steps.len().saturating_sub(1), Complaint::new(what, help)))
        }
    }
}
