//! The way of a model as a row of steps: what is done, where it is, what lies ahead.

use maud::{Markup, html};
use promotion::{Promotion, Stage, StageKind};

use crate::ui::messages::WAITING;

const STEPS: [&str; 7] = [
    "Gates", "Approval", "Copy", "Register", "Deploy", "Traffic", "Serving",
];

/// Where people agree.
const APPROVAL: usize = 1;

/// People went past it: nothing that reads as agreed to.
const OVERRIDDEN: (&str, &str, &str) = ("overridden", "!", "overridden");

/// How far a promotion has come.
pub(super) enum Reached {
    /// It is in this step.
    At(usize),
    /// It ended in this step, short of the last.
    Stopped(usize),
    /// It came through.
    Through,
}

/// By the stage it is in, or the one it left.
pub(super) fn reached(stage: &Stage) -> Reached {
    match stage {
        Stage::Finishing { before, .. } | Stage::Closed { before, .. } => match before.as_ref() {
            Stage::Live { .. } => Reached::Through,
            before => Reached::Stopped(position(before)),
        },
        Stage::RollingBack { .. } => Reached::Stopped(position(stage)),
        stage => Reached::At(position(stage)),
    }
}

fn position(stage: &Stage) -> usize {
    match stage {
        Stage::RollingBack { .. } if !has_moved_traffic(stage) => index(StageKind::Deploying),
        stage => index(stage.kind()),
    }
}

fn index(kind: StageKind) -> usize {
    match kind {
        StageKind::Proposed | StageKind::Gating => 0,
        StageKind::AwaitingApproval => APPROVAL,
        StageKind::Copying => 2,
        StageKind::Registering => 3,
        StageKind::WaitingForTarget | StageKind::Deploying | StageKind::Testing => 4,
        StageKind::Shifting | StageKind::RollingBack => 5,
        StageKind::Live | StageKind::Finishing | StageKind::Closed => 6,
    }
}

fn has_moved_traffic(stage: &Stage) -> bool {
    stage
        .rollout()
        .is_some_and(|rollout| rollout.traffic.is_some())
}

/// The same for a list, drawn small: by the stage's name alone, for a list knows no more.
pub(super) fn pips(stage: &str) -> Markup {
    const WIDTH: usize = 14;
    let Some(reached) = by_name(stage) else {
        return html! {};
    };
    html! {
        svg.pips width=(STEPS.len() * WIDTH) height="4" aria-hidden="true" focusable="false" {
            @for index in 0..STEPS.len() {
                rect.(state(&reached, index).0) x=(index * WIDTH) width=(WIDTH - 3) height="4" rx="2" {}
            }
        }
    }
}

fn by_name(stage: &str) -> Option<Reached> {
    let at =
        |kind: StageKind| kind.name() == stage || (kind == StageKind::Gating && stage == WAITING);
    [
        StageKind::Proposed,
        StageKind::Gating,
        StageKind::AwaitingApproval,
        StageKind::Copying,
        StageKind::Registering,
        StageKind::WaitingForTarget,
        StageKind::Deploying,
        StageKind::Testing,
        StageKind::Shifting,
        StageKind::Live,
    ]
    .into_iter()
    .find(|kind| at(*kind))
    .map(|kind| Reached::At(index(kind)))
}

/// The row.
pub(super) fn row(promotion: &Promotion) -> Markup {
    let reached = reached(promotion.stage());
    html! {
        ol.steps aria-label="Progress" {
            @for (index, step) in STEPS.iter().enumerate() {
                @let (class, mark, said) = match state(&reached, index) {
                    ("done", ..) if index == APPROVAL && promotion.is_overridden() => OVERRIDDEN,
                    state => state,
                };
                li.(class) aria-current=[(class == "now").then_some("step")] {
                    span.dot aria-hidden="true" { (mark) }
                    span { (step) }
                    span.hidden { " (" (said) ")" }
                }
            }
        }
    }
}

fn state(reached: &Reached, index: usize) -> (&'static str, &'static str, &'static str) {
    let done = ("done", "✓", "done");
    let ahead = ("ahead", "", "ahead");
    match reached {
        Reached::Through => done,
        Reached::At(at) if index == *at && index + 1 == STEPS.len() => ("done", "✓", "now"),
        Reached::At(at) if index == *at => ("now", "●", "now"),
        Reached::Stopped(at) if index == *at => ("stopped", "✗", "ended here"),
        Reached::At(at) | Reached::Stopped(at) if index < *at => done,
        Reached::At(_) | Reached::Stopped(_) => ahead,
    }
}
