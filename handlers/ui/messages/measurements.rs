//! What is measured of a candidate, and what it came to.

use promotion::analysis::{
    Against, AnalysisId, AnalysisRun, Count, Measured, Measurement, MetricSpec, Provider, Taken,
    Verdict,
};
use promotion::{Collected, DeploymentName, Promotion, Requests, Stage};

use super::subjects::deployment;
use crate::ui::figures::{counted, length, number};
use crate::ui::text::{clause, name};

/// `error-rate 0.05, failed (result < 0.01; 500 requests)`.
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

/// `0.05, failed (result < 0.01; 500 requests)`.
pub(crate) fn measurement(measurement: &Measurement) -> String {
    let value = measurement
        .value
        .map_or_else(|| "no value".to_owned(), number);
    let why = match &measurement.message {
        Some(why) => clause(why),
        None => clause(&measurement.threshold),
    };
    let samples = measurement
        .samples
        .map(|samples| counted(samples, "request"));
    let beside: Vec<String> = [Some(why).filter(|why| !why.is_empty()), samples]
        .into_iter()
        .flatten()
        .collect();
    let beside = match beside.join("; ") {
        nothing if nothing.is_empty() => nothing,
        something => format!(" ({something})"),
    };
    format!("{value}, {}{beside}", came_to(measurement.came_to))
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
            "{} {often} ({}; {}){dry}",
            name(&metric.name),
            source(metric),
            clause(&metric.threshold())
        )
    };
    metrics.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What a value is of: `share of 5xx answers over 5 minutes, of 100 requests or more`.
fn source(metric: &MetricSpec) -> String {
    let beside = match metric.against {
        Some(Against::ChampionRatio) => " divided by the champion's",
        Some(Against::ChampionDifference) => " less the champion's",
        None => "",
    };
    match &metric.provider {
        Provider::Platform { reading, window } => {
            let least = match metric.min_samples {
                0 | 1 => String::new(),
                least => format!(", of {least} requests or more"),
            };
            format!("{reading}{beside} over {}{least}", length(*window))
        }
        Provider::Predictions {
            requests,
            comparison,
        } => format!(
            "{} of the answers to {}, sent to candidate and champion by name",
            comparison.name(),
            requested(requests)
        ),
        Provider::Http(metric) => format!(
            "{} of what {} answers{beside}",
            clause(&metric.value),
            clause(metric.url.as_str())
        ),
    }
}

/// What is sent: `20 requests`.
pub(super) fn requested(requests: &Requests) -> String {
    match requests {
        Requests::Given(requests) => counted(requests.len() as u64, "request"),
        Requests::Collected(Collected { hours, most, .. }) => format!(
            "at most {} that callers sent the champion in the last {}",
            counted(u64::from(*most), "request"),
            counted(u64::from(*hours), "hour")
        ),
    }
}

/// The last measurement of each metric: `error-rate 0.002, as it should be (result < 0.01; 500 requests)`.
pub(crate) fn last(run: &AnalysisRun) -> String {
    measured(
        run.metrics()
            .filter_map(|(metric, run)| Some((metric, run.measurements().last()?))),
    )
}

/// Why a person is asked, as a sentence: by both, where neither the analysis beside the steps nor the step's own could tell.
pub(crate) fn cannot_tell(promotion: &Promotion) -> Option<String> {
    let Stage::Shifting { rollout, .. } = promotion.stage() else {
        return None;
    };
    let unsure = [rollout.unsure(), rollout.unsure_step()];
    let which = unsure
        .into_iter()
        .flatten()
        .map(|watch| match last(&watch.run) {
            nothing if nothing.is_empty() => analysis(watch.id),
            last => format!("{} ({last})", analysis(watch.id)),
        });
    let which: Vec<String> = which.collect();
    (!which.is_empty()).then(|| {
        format!(
            "Whether the candidate is worse cannot be told by {}.",
            which.join(", nor by ")
        )
    })
}
