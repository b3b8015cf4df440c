//! The intake: a completed job becomes a version once, or is ignored with its reason.

use jiff::{SignedDuration, Timestamp};
use promotion::*;
use std::collections::VecDeque;

use crate::sample::{failure, workspace};
use crate::samples::keep;

struct Job {
    intake: Intake,
    now: Timestamp,
    lines: Vec<Line<IntakeFact>>,
    chain: Chain,
    bytes: Vec<u8>,
}

fn job() -> Job {
    let job = JobOutputOf {
        workspace: workspace("ml-dev"),
        run: RunId::new("run-2"),
        experiment: "diabetes-train".to_owned(),
        model: ModelName::new("diabetes"),
        deadline: Seconds(3600),
        output: JobOutput("best_model".to_owned()),
    };
    let now: Timestamp = "2026-11-23T07:00:00Z".parse().unwrap();
    let mut chain = Chain::begin(&job.id().journal());
    let event = "2026-11-23/0123".to_owned();
    let opened = IntakeFact::Opened {
        job,
        event,
        again: None,
    };
    let (bytes, lines) = chain.extend(&[opened], now, "n");
    Job {
        intake: Intake::replay(&lines).unwrap(),
        now,
        lines,
        chain,
        bytes,
    }
}

fn seen() -> JobSeen {
    JobSeen {
        status: "Completed".to_owned(),
        experiment: "diabetes-train".to_owned(),
        parent: None,
        output: Some(("mlflow_model".to_owned(), "azureml://x".to_owned())),
        registered: None,
        next_version: ModelVersion::new("3"),
    }
}

fn found(job: JobSeen) -> Report {
    Report::Done(Outcome::JobSeen(job))
}

fn opened() -> Report {
    let promotions = vec![PromotionId::new("diabetes-3.r-0")];
    Report::Done(Outcome::PromotionsOpened { promotions })
}

impl Job {
    fn append(&mut self, facts: &[IntakeFact]) {
        let (bytes, lines) = self.chain.extend(facts, self.now, "n");
        self.bytes.extend(bytes);
        self.lines.extend(lines);
        self.intake = Intake::replay(&self.lines).unwrap();
    }

    fn check_journal(&self) {
        let name = self.intake.id().journal();
        let (read, _) = Chain::read::<IntakeFact>(&name, &self.bytes).unwrap();
        assert_eq!(Intake::replay(&read).unwrap(), self.intake);
        let named = audit::Named::Exactly(&name);
        audit::verify(&self.bytes, named, audit::Wanted::Anything).unwrap();
    }

    /// Answers effects in this order, waiting as it wants, until it is closed.
    fn ends(mut self, reports: Vec<Report>) -> Self {
        let mut reports = VecDeque::from(reports);
        while !self.intake.is_closed() {
            self.append(&self.intake.due(self.now).facts);
            let ready = self.intake.ledger().ready(self.now).next();
            match ready.map(|entry| entry.key.clone()) {
                Some(key) => {
                    let report = reports.pop_front().expect("an answer too few");
                    self.append(&self.intake.performed(&key, report, self.now).facts);
                }
                None => self.now = self.intake.next_due(self.now).unwrap(),
            }
        }
        self.check_journal();
        assert!(reports.is_empty(), "answers too many: {reports:?}");
        assert!(self.intake.ledger().undone().is_empty());
        assert_eq!(self.intake.next_due(self.now), None);
        let Some(IntakeFact::Closed { records, .. }) = self.lines.last().map(|line| &line.fact)
        else {
            panic!("the last record closes");
        };
        assert_eq!(*records, self.chain.len() - 1);
        self
    }

    fn end(&self) -> &IntakeEnd {
        match self.intake.stage() {
            IntakeStage::Closed(end) => end,
            other => panic!("{other:?}"),
        }
    }

    fn registered_as(&self) -> Vec<&str> {
        let versions = self.lines.iter().filter_map(|line| match &line.fact {
            IntakeFact::Planned { effect, .. } => match effect.as_ref() {
                Effect::RegisterOutput { version, .. } => Some(version.as_str()),
                _ => None,
            },
            _ => None,
        });
        versions.collect()
    }
}

#[test]
fn is_ignored_for_four_reasons() {
    let ignored = |change: fn(&mut JobSeen)| {
        let mut seen = seen();
        change(&mut seen);
        let job = job().ends(vec![found(seen)]);
        match job.end() {
            IntakeEnd::Ignored { reason } => reason.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(
        ignored(|job| job.status = "Failed".to_owned()),
        Ignored::NotCompleted { .. }
    ));
    assert!(matches!(
        ignored(|job| job.experiment = "other".to_owned()),
        Ignored::OtherExperiment { .. }
    ));
    assert!(matches!(
        ignored(|job| job.parent = Some(RunId::new("pipeline"))),
        Ignored::PipelineChild { .. }
    ));
    assert!(matches!(
        ignored(|job| job.output = None),
        Ignored::NoOutput { .. }
    ));
}

#[test]
fn an_ignored_one_is_kept() {
    let seen = JobSeen {
        output: None,
        ..seen()
    };
    keep("intake-ignored", &job().ends(vec![found(seen)]).bytes);
}

#[test]
fn a_version_that_the_run_registered_is_used() {
    let registered = Some(ModelVersion::new("2"));
    let seen = JobSeen {
        registered,
        ..seen()
    };
    let job = job().ends(vec![found(seen), opened()]);
    assert!(job.registered_as().is_empty());
    assert!(matches!(job.end(), IntakeEnd::Opened { version, .. } if version.as_str() == "2"));
}

#[test]
fn its_output_becomes_a_version_once() {
    let registered = Report::Done(Outcome::OutputRegistered);
    let job = job().ends(vec![
        Report::Retry(failure("503")),
        found(seen()),
        Report::StillRunning,
        registered,
        Report::Waiting(failure("Busy")),
        opened(),
    ]);
    assert_eq!(job.registered_as(), ["3"]);
    keep("intake-opened", &job.bytes);
}

#[test]
fn a_number_that_somebody_else_was_quicker_to_use_is_chosen_again() {
    let next = JobSeen {
        next_version: ModelVersion::new("4"),
        ..seen()
    };
    let began = job().now;
    let job = job().ends(vec![
        found(seen()),
        Report::Done(Outcome::VersionTaken),
        // The listing lags behind: the same number would be taken again.
        found(seen()),
        found(seen()),
        found(next),
        Report::Done(Outcome::OutputRegistered),
        opened(),
    ]);
    assert_eq!(job.registered_as(), ["3", "4"]);
    assert!(job.now.duration_since(began) >= SignedDuration::from_secs(15));
}

#[test]
fn a_refusal_for_good_fails_it() {
    let job = job().ends(vec![found(seen()), Report::Failed(failure("Forbidden"))]);
    assert!(matches!(job.end(), IntakeEnd::Failed { failure } if failure.code == "Forbidden"));
    keep("intake-failed", &job.bytes);
}

#[test]
fn what_never_ends_is_given_up_within_the_hour() {
    let mut job = job();
    for _ in 0..1000 {
        job.append(&job.intake.due(job.now).facts);
        let Some(due) = job.intake.next_due(job.now) else {
            break;
        };
        job.now = job.now.max(due);
        let ready = job.intake.ledger().ready(job.now).next();
        if let Some(key) = ready.map(|entry| entry.key.clone()) {
            let report = Report::Retry(failure("503"));
            job.append(&job.intake.performed(&key, report, job.now).facts);
        }
    }
    assert!(
        matches!(job.end(), IntakeEnd::Failed { failure } if failure.code == "DeadlineExceeded")
    );
}

#[test]
fn whatever_is_answered_it_ends_and_never_spins() {
    let taken = || Report::Done(Outcome::VersionTaken);
    let registered = || Report::Done(Outcome::OutputRegistered);
    let answers: [fn() -> Report; 5] = [
        || found(seen()),
        || Report::StillRunning,
        || Report::Retry(failure("503")),
        || Report::Waiting(failure("Busy")),
        || Report::Submitted {
            operation: "https://op/1".to_owned(),
        },
    ];
    let config = proptest::test_runner::Config::with_cases(300);
    proptest::test_runner::TestRunner::new(config)
        .run(&proptest::collection::vec(0..5usize, 0..30), |picks| {
            let mut job = job();
            let mut picks = picks.into_iter();
            while !job.intake.is_closed() {
                job.append(&job.intake.due(job.now).facts);
                proptest::prop_assert_eq!(job.intake.due(job.now).facts, vec![]);
                let Some(entry) = job.intake.ledger().ready(job.now).next().cloned() else {
                    let Some(due) = job.intake.next_due(job.now) else {
                        break;
                    };
                    proptest::prop_assert!(due > job.now);
                    job.now = due;
                    continue;
                };
                let report = match (picks.next(), &entry.effect) {
                    (Some(0), Effect::RegisterOutput { .. }) => taken(),
                    (Some(0), Effect::OpenPromotions { .. })
                    | (None, Effect::OpenPromotions { .. }) => opened(),
                    (None, Effect::RegisterOutput { .. }) => registered(),
                    (None, _) => found(seen()),
                    (Some(pick), _) => answers[pick](),
                };
                job.append(&job.intake.performed(&entry.key, report, job.now).facts);
            }
            job.check_journal();
            Ok(())
        })
        .unwrap();
}
