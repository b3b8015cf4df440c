//! `routes[].rollout.steps`: weights and pauses, in Argo Rollouts' words.

use promotion::{Seconds, Step};

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
    &[Key::required(
        "duration",
        Holds::Duration { least: 1 },
        "how long to wait",
    )],
);

/// All steps; weights grow, and the last step is all of the traffic.
pub(super) fn read(field: &Field<'_>) -> Read<Vec<Step>> {
    let steps = field.list(&[("setWeight", set_weight), ("pause", pause)])?;
    grow(&steps)
        .and_then(|()| end_with_all(&steps))
        .map_err(|complaint| field.complain(complaint))?;
    Ok(steps)
}

fn set_weight(reader: &Reader<'_>) -> Read<Step> {
    let weight = reader.required("setWeight", Field::integer)?;
    Ok(Step::SetWeight(
        u8::try_from(weight).expect("the shape bounds a weight at 100"),
    ))
}

fn pause(reader: &Reader<'_>) -> Read<Step> {
    let length: Seconds = reader.required("pause", |field| {
        field.mapping(|length| length.required("duration", Field::duration))
    })?;
    Ok(Step::Pause(length))
}

fn grow(steps: &[Step]) -> Result<(), Complaint> {
    let weights = || {
        steps.iter().filter_map(|step| match step {
            Step::SetWeight(weight) => Some(*weight),
            Step::Pause(_) => None,
        })
    };
    match weights()
        .zip(weights().skip(1))
        .find(|(before, after)| after <= before)
    {
        None => Ok(()),
        Some((before, after)) => Err(Complaint::new(
            format!("set the weight to {before} and then to {after}"),
            "let each `setWeight` be more than the one before: a rollout goes forward or all the way back",
        )),
    }
}

fn end_with_all(steps: &[Step]) -> Result<(), Complaint> {
    match steps.last() {
        Some(Step::SetWeight(100)) => Ok(()),
        Some(Step::SetWeight(_) | Step::Pause(_)) | None => Err(Complaint::new(
            "do not end with all of the traffic",
            "let the last step be `setWeight: 100`",
        )),
    }
}
