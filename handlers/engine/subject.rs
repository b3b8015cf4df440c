//! Promotions and intakes as the engine sees them: alike, but for what a listing shows.

use jiff::Timestamp;
use promotion::{Aggregate, Fact, Ignored, Intake, IntakeEnd, IntakeFact, IntakeStage, Promotion};

use crate::effects::Subject;
use crate::state::Summary;
use crate::ui;

/// What the engine advances.
pub(super) trait Moves: Aggregate {
    /// How effects are performed for it.
    fn subject(&self) -> Subject<'_>;
    /// What a listing shows.
    fn summary(&self) -> Summary;
    /// Whether a fact says more than that something has to be waited for or tried again.
    fn is_progress(fact: &Self::Fact) -> bool;
    /// When it began.
    fn since(lines: &[promotion::Line<Self::Fact>]) -> Timestamp {
        lines.first().map_or(Timestamp::UNIX_EPOCH, |line| line.at)
    }
}

impl Moves for Promotion {
    fn is_progress(fact: &Fact) -> bool {
        !matches!(fact, Fact::Waiting { .. } | Fact::Retrying { .. })
    }

    fn subject(&self) -> Subject<'_> {
        Subject::Promotion(self)
    }

    fn summary(&self) -> Summary {
        Summary {
            stage: ui::stage_name(self).to_owned(),
            route: self.route().name.to_string(),
            model: self.candidate().model.to_string(),
            version: self.candidate().version.to_string(),
            from: self.route().source.stage.to_string(),
            to: self.route().target.stage.to_string(),
            waits_for: ui::waits_for(self),
            overridden: self.is_overridden(),
            reviewed: self.is_overridden() && self.review().is_some(),
            earlier_unreviewed: self.unreviewed().next().is_some(),
        }
    }
}

impl Moves for Intake {
    fn is_progress(fact: &IntakeFact) -> bool {
        !matches!(fact, IntakeFact::Retrying { .. })
    }

    fn subject(&self) -> Subject<'_> {
        Subject::Intake(self)
    }

    fn summary(&self) -> Summary {
        let (stage, waits_for) = match self.stage() {
            IntakeStage::Reading => ("reading", "the job is being read".to_owned()),
            IntakeStage::Registering(output) => (
                "registering",
                format!(
                    "its output is being registered as version {}",
                    output.version
                ),
            ),
            IntakeStage::Opening(version) => (
                "opening",
                format!("promotions of version {version} are being opened"),
            ),
            IntakeStage::Closed(end) => closed(end),
        };
        Summary {
            stage: stage.to_owned(),
            route: format!("job {}", self.job().run),
            model: self.job().model.to_string(),
            version: self.job().run.to_string(),
            from: self.job().workspace.name().to_owned(),
            to: self.job().workspace.name().to_owned(),
            waits_for,
            overridden: false,
            reviewed: false,
            earlier_unreviewed: false,
        }
    }
}

fn closed(end: &IntakeEnd) -> (&'static str, String) {
    match end {
        IntakeEnd::Opened {
            version,
            promotions,
        } => {
            let ids: Vec<_> = promotions.iter().map(ToString::to_string).collect();
            (
                "opened",
                format!("version {version} is on its way: {}", ids.join(", ")),
            )
        }
        IntakeEnd::Ignored { reason } => ("ignored", ignored(reason)),
        IntakeEnd::Failed { failure } => (
            "failed",
            format!(
                "{}; register the version by hand, its promotion then opens by itself",
                failure.message
            ),
        ),
    }
}

fn ignored(reason: &Ignored) -> String {
    match reason {
        Ignored::NotCompleted { status } => format!("the job is {status}, not completed"),
        Ignored::OtherExperiment { experiment } => {
            format!("the job belongs to experiment `{experiment}`, which no route takes")
        }
        Ignored::PipelineChild { parent } => {
            format!("the job is a step of pipeline `{parent}`, whose own event counts")
        }
        Ignored::NoOutput { output } => format!("the job has no output named `{}`", output.0),
    }
}
