//! `routes[].on`: which events start a promotion.

use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::reader::Reader;
use super::resolved::TriggerRule;
use super::shape::{Holds, Key, Shape};

pub(super) static MODEL_REGISTERED: Shape = Shape::new(
    "a registered version",
    &[Key::required(
        "modelRegistered",
        Holds::Mapping(&NOTHING),
        "a promotion for each version of the model that is registered in `from`",
    )],
);

pub(super) static JOB_COMPLETED: Shape = Shape::new(
    "a completed job",
    &[Key::required(
        "jobCompleted",
        Holds::Mapping(&JOB),
        "a promotion for each completed job of an experiment in `from`: its output is registered as the model, once",
    )],
);

static NOTHING: Shape = Shape::new("no keys", &[]);

static JOB: Shape = Shape::new(
    "which jobs",
    &[
        Key::required(
            "experiment",
            Holds::Text,
            "the experiment's name, in its exact case",
        ),
        Key::required(
            "output",
            Holds::Text,
            "the job's named output that holds the model",
        ),
    ],
);

/// All triggers of a route; none twice, and one output for each experiment.
pub(super) fn read(field: &Field<'_>) -> Read<Vec<TriggerRule>> {
    let triggers = field.list(&[
        ("modelRegistered", &model_registered),
        ("jobCompleted", &job_completed),
    ])?;
    for (index, trigger) in triggers.iter().enumerate() {
        if triggers[..index]
            .iter()
            .any(|earlier| collide(earlier, trigger))
        {
            let complaint = Complaint::new(
                "is the same trigger once more",
                "keep one `modelRegistered` and one `jobCompleted` for each experiment",
            );
            return Err(field.complain_at(index, complaint));
        }
    }
    Ok(triggers)
}

fn model_registered(reader: &Reader<'_>) -> Read<TriggerRule> {
    reader.required("modelRegistered", |field| {
        field.mapping(|_| Ok(TriggerRule::ModelRegistered))
    })
}

fn job_completed(reader: &Reader<'_>) -> Read<TriggerRule> {
    reader.required("jobCompleted", |field| {
        field.mapping(|job| {
            let experiment = job.required("experiment", Field::text);
            let output = job.required("output", Field::text);
            Ok(TriggerRule::JobCompleted {
                experiment: experiment?,
                output: output?,
            })
        })
    })
}

fn collide(one: &TriggerRule, other: &TriggerRule) -> bool {
    match (one, other) {
        (TriggerRule::ModelRegistered, TriggerRule::ModelRegistered) => true,
        (
            TriggerRule::JobCompleted {
                experiment: one, ..
            },
            TriggerRule::JobCompleted {
                experiment: other, ..
            },
        ) => one == other,
        (TriggerRule::ModelRegistered, TriggerRule::JobCompleted { .. })
        | (TriggerRule::JobCompleted { .. }, TriggerRule::ModelRegistered) => false,
    }
}
