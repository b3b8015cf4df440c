//! `routes[].rollout.steps`: weights, pauses and analyses, in Argo Rollouts' words, a mirror and a bake.

use promotion::analysis::Provider;
use promotion::{Step, TargetKind};

use super::analysis::{self, Beside};
use super::analysis_templates::Templates;
use super::diagnostics::{Complaint, Read};
use super::field::Field;
use super::load_test::{self, LOAD_TEST};
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
        "the candidate's share of traffic in percent; the last one is 100",
    )],
);

pub(super) static MIRROR: Shape = Shape::new(
    "copied requests",
    &[Key::required(
        "mirror",
        Holds::Integer { least: 1, most: 50 },
        "copy so many of the champion's requests to the candidate, in percent, and let nobody have its answers; before the \
         first `setWeight` above 0, which ends it",
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

pub(super) static ANALYSIS: Shape = Shape::new(
    "an analysis",
    &[Key::required(
        "analysis",
        Holds::Mapping(&analysis::INLINE),
        "measure the candidate, and go on where all is as it should be",
    )],
);

pub(super) static BAKE: Shape = Shape::new(
    "a bake",
    &[Key::required(
        "bake",
        Holds::Mapping(&BAKING),
        "wait with all of the traffic while `rollout.analysis` measures; after `setWeight: 100`",
    )],
);

static BAKING: Shape = Shape::new(
    "how long",
    &[Key::required(
        "duration",
        Holds::Seconds { least: 1 },
        "how long to wait",
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

/// All steps: weights grow up to all of the traffic, whatever measures has something to measure, and the target, where it
/// is known, can do each.
pub(super) fn read(
    field: &Field<'_>,
    templates: &Templates,
    target: Option<TargetKind>,
    beside: Beside,
) -> Read<Vec<Step>> {
    let analysis = |reader: &Reader<'_>| analysis(reader, templates);
    let steps = field.list(&[
        ("setWeight", &set_weight),
        ("mirror", &mirror),
        ("pause", &pause),
        ("analysis", &analysis),
        ("bake", &bake),
        ("loadTest", &load_test::read),
    ])?;
    let verdict = grow(&steps)
        .and_then(|()| end_with_all(&steps))
        .and_then(|()| mirror_before_traffic(&steps))
        .and_then(|()| load_test::before_traffic(&steps))
        .and_then(|()| measure_something(&steps))
        .and_then(|()| compare_with_somebody(&steps))
        .and_then(|()| bake_with_all(&steps, beside))
        .and_then(|()| only_what_it_can(&steps, target));
    verdict.map_err(|(index, complaint)| field.complain_at(index, complaint))?;
    Ok(steps)
}

fn set_weight(reader: &Reader<'_>) -> Read<Step> {
    let weight = reader.required("setWeight", Field::integer)?;
    Ok(Step::SetWeight(
        u8::try_from(weight).expect("the shape bounds a weight at 100"),
    ))
}

fn mirror(reader: &Reader<'_>) -> Read<Step> {
    let percent = reader.required("mirror", Field::integer)?;
    Ok(Step::Mirror(
        u8::try_from(percent).expect("the shape bounds it at 50"),
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

fn analysis(reader: &Reader<'_>, templates: &Templates) -> Read<Step> {
    reader.required("analysis", |field| {
        let metrics = field.mapping(|inline| analysis::inline(inline, templates))?;
        Ok(Step::Analysis(metrics))
    })
}

fn bake(reader: &Reader<'_>) -> Read<Step> {
    reader.required("bake", |field| {
        let length = field.mapping(|length| length.required("duration", Field::duration))?;
        Ok(Step::Bake(length))
    })
}

fn grow(steps: &[Step]) -> Result<(), (usize, Complaint)> {
    let mut pairs = weights(steps).zip(weights(steps).skip(1));
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
    let (index, what) = match weights(steps).last() {
        Some((_, 100)) => return Ok(()),
        Some((index, _)) => (index, "is the last `setWeight` and not 100"),
        None => (
            steps.len().saturating_sub(1),
            "is the last step, and none is `setWeight: 100`",
        ),
    };
    let help = "let the rollout end with all of the traffic";
    Err((index, Complaint::new(what, help)))
}

/// A deployment has traffic of its own or copies of others', never both.
fn mirror_before_traffic(steps: &[Step]) -> Result<(), (usize, Complaint)> {
    let traffic = weights(steps).find(|(_, weight)| *weight > 0);
    let late = steps
        .iter()
        .rposition(|step| matches!(step, Step::Mirror(_)))
        .filter(|mirror| traffic.is_some_and(|(first, _)| first < *mirror));
    match late {
        None => Ok(()),
        Some(index) => {
            let what = "copies requests to a candidate that has traffic already";
            let help = "let it come before the first `setWeight` above 0";
            Err((index, Complaint::new(what, help)))
        }
    }
}

fn measure_something(steps: &[Step]) -> Result<(), (usize, Complaint)> {
    let has_requests = |step: &Step| matches!(step, Step::SetWeight(1..) | Step::Mirror(_));
    let first = steps.iter().position(has_requests).unwrap_or(0);
    let of_platform = |step: &Step| {
        let mut metrics = step.metrics().iter();
        metrics.any(|metric| matches!(metric.provider, Provider::Platform { .. }))
    };
    match steps[..first].iter().position(of_platform) {
        None => Ok(()),
        Some(index) => {
            let what = "measures a candidate that has no traffic yet";
            let help =
                "let a `mirror` or a `setWeight` above 0 come before it, or compare predictions";
            Err((index, Complaint::new(what, help)))
        }
    }
}

/// Once the candidate has everything the champion shows nothing.
fn compare_with_somebody(steps: &[Step]) -> Result<(), (usize, Complaint)> {
    let all = steps.iter().position(|step| *step == Step::SetWeight(100));
    let compares = |step: &Step| step.metrics().iter().any(analysis::compares);
    match steps.iter().rposition(compares) {
        Some(index) if all.is_some_and(|all| all < index) => {
            let what = "compares with a champion that has no traffic any more";
            let help =
                "let it come before `setWeight: 100`, or hold the candidate against a number";
            Err((index, Complaint::new(what, help)))
        }
        Some(_) | None => Ok(()),
    }
}

fn bake_with_all(steps: &[Step], beside: Beside) -> Result<(), (usize, Complaint)> {
    let Some(bake) = steps.iter().position(|step| matches!(step, Step::Bake(_))) else {
        return Ok(());
    };
    let has_all = weights(&steps[..bake]).any(|(_, weight)| weight == 100);
    match (has_all, beside) {
        (true, Beside::Given) => Ok(()),
        (false, _) => {
            let what = "is a bake before all of the traffic is the candidate's";
            let help = "let it come after `setWeight: 100`, or write `pause`";
            Err((bake, Complaint::new(what, help)))
        }
        (true, Beside::Absent) => {
            let what = "is a bake without `rollout.analysis`, which watches nothing";
            let help = "add `analysis` beside `steps`, or write `pause`";
            Err((bake, Complaint::new(what, help)))
        }
    }
}

fn only_what_it_can(steps: &[Step], target: Option<TargetKind>) -> Result<(), (usize, Complaint)> {
    let Some(target) = target else {
        return Ok(());
    };
    match steps.iter().position(|step| !target.can(step)) {
        None => Ok(()),
        Some(index) => {
            let less = match steps[index] {
                Step::SetWeight(weight) if target.can(&Step::SetWeight(100)) => {
                    format!(": {weight}")
                }
                _ => String::new(),
            };
            let what = format!(
                "is `{}{less}`, which {target} cannot do",
                word(&steps[index])
            );
            Err((index, Complaint::new(what, "remove this step")))
        }
    }
}

/// The word that the file says it in.
fn word(step: &Step) -> &'static str {
    match step {
        Step::SetWeight(_) => SET_WEIGHT.mark(),
        Step::Mirror(_) => MIRROR.mark(),
        Step::Pause(_) | Step::PauseUntilResumed => PAUSE.mark(),
        Step::Analysis(_) => ANALYSIS.mark(),
        Step::Bake(_) => BAKE.mark(),
        Step::LoadTest(_) => LOAD_TEST.mark(),
    }
}

/// Each weight and which step sets it.
fn weights(steps: &[Step]) -> impl Iterator<Item = (usize, u8)> {
    let steps = steps.iter().enumerate();
    steps.filter_map(|(index, step)| match step {
        Step::SetWeight(weight) => Some((index, *weight)),
        Step::Mirror(_)
        | Step::Pause(_)
        | Step::PauseUntilResumed
        | Step::Analysis(_)
        | Step::Bake(_)
        | Step::LoadTest(_) => None,
    })
}
