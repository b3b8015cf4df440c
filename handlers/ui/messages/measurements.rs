//! What is measured of a candidate, and what it came to.

use promotion::analysis::{
    AnalysisId, AnalysisRun, Count, Measured, Measurement, MetricSpec, Taken, Verdict,
};
use promotion::{DeploymentName, Promotion, Stage, Watch};

use super::subjects::deployment;
use crate::ui::figures::{counted, length, number};
use crate::ui::text::{clause, name};

/// `error-rate 0.05 of 500 requests, failed`.
pub(super) fn taken(taken: &[Taken]) -> String {
    measured(
        taken
            .iter()
            .map(|one| (one.metric.as_str(), &one.measurement)),
    )
}

/// The same of metrics by name.
pub(crate) fn measured<'a>(taken: impl IntoIterator<Item = (&'a str, &'a Measurement)>) -> String {
    let one = |(metric, taken)| format!("{} {}", name(metric), measurement(taken));
    taken.into_iter().map(one).collect::<Vec<_>>().join("; ")
}

/// `Measure error-rate, latency of ll-diabetes-2-…`.
pub(crate) fn measure(metrics: &[&str], of: &DeploymentName) -> String {
    let names: Vec<String> = metrics.iter().map(|metric| name(metric)).collect();
    format!("Measure {} of {}", names.join(", "), deployment(of))
}

/// `0.05 of 500 requests, failed (result < 0.01)`.
pub(crate) fn measurement(measurement: &Measurement) -> String {
    let value = measurement
        .value
        .map_or_else(|| "no value".to_owned(), number);
    let samples = measurement.samples.map_or_else(String::new, |samples| {
        format!(" of {}", counted(samples, "request"))
    });
    let why = match &measurement.message {
        Some(why) => clause(why),
        None => clause(&measurement.threshold),
    };
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(" ({why})")
    };
    format!("{value}{samples}: {}{why}", came_to(measurement.came_to))
}

/// What a measurement came to.
pub(crate) fn came_to(measured: Measured) -> &'static str {
    match measured {
        Measured::Successful => "as it should be",
        Measured::Failed => "failed",
        Measured::Inconclusive => "cannot be told",
        Measured::Error => "could not be measured",
    }
}

/// Which analysis, in the middle of a sentence.
pub(super) fn analysis(analysis: AnalysisId) -> String {
    match analysis {
        AnalysisId::Step(step) => format!("the analysis that step {} is", step + 1),
        AnalysisId::Beside(_) => "the analysis beside the steps".to_owned(),
    }
}

/// Why a rollout goes back that was measured, as the end of a sentence.
pub(super) fn analysis_failed(
    which: AnalysisId,
    metric: &str,
    verdict: Verdict,
    last: Option<&Measurement>,
) -> String {
    let what = match verdict {
        Verdict::Error => "could not be measured",
        Verdict::Failed | Verdict::Inconclusive | Verdict::Successful => "is worse than allowed",
    };
    let last = last.map_or_else(String::new, |last| format!(": {}", measurement(last)));
    format!("{} {what} in {}{last}", name(metric), analysis(which))
}

/// The names of what is measured.
pub(super) fn names(metrics: &[MetricSpec]) -> String {
    let names: Vec<String> = metrics.iter().map(|metric| name(&metric.name)).collect();
    names.join(", ")
}

/// What is measured, how often, and what it is held against: `error-rate every minute (result < 0.01)`.
pub(crate) fn metrics(metrics: &[MetricSpec]) -> String {
    let one = |metric: &MetricSpec| {
        let rule = &metric.rule;
        let often = match (rule.count, rule.interval) {
            (Count::Times(times), Some(interval)) => format!(
                "{}, {} apart",
                counted(u64::from(times.get()), "time"),
                length(interval)
            ),
            (Count::Times(_), None) => "once".to_owned(),
            (Count::UntilTheEnd, Some(interval)) => format!("every {}", length(interval)),
            (Count::UntilTheEnd, None) => "until the end".to_owned(),
        };
        let dry = if rule.dry_run {
            ", deciding nothing"
        } else {
            ""
        };
        format!(
            "{} {often} ({}){dry}",
            name(&metric.name),
            clause(&metric.threshold())
        )
    };
    metrics.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The last measurement of each metric: `error-rate 0.002 of 500 requests: as it should be (result < 0.01)`.
pub(crate) fn last(run: &AnalysisRun) -> String {
    let one = run.metrics().filter_map(|(metric, run)| {
        let last = run.measurements().last()?;
        Some(format!("{} {}", name(metric), measurement(last)))
    });
    one.collect::<Vec<_>>().join("; ")
}

/// The analysis that could not tell and that a person is asked about.
pub(crate) fn unsure(promotion: &Promotion) -> Option<&Watch> {
    let Stage::Shifting { rollout, .. } = promotion.stage() else {
        return None;
    };
    rollout.unsure().or_else(|| {
        let watch = rollout.step_watch.as_ref();
        watch.filter(|watch| watch.run.verdict() == Some(Verdict::Inconclusive))
    })
}

/// Why a person is asked, as a sentence.
pub(crate) fn cannot_tell(watch: &Watch) -> String {
    let which = analysis(watch.id);
    match last(&watch.run).as_str() {
        "" => format!("Whether the candidate is worse cannot be told by {which}."),
        last => format!("Whether the candidate is worse cannot be told by {which}: {last}."),
    }
}
