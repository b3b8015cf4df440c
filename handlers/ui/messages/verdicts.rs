//! What a gate said.

use promotion::{Evidence, GateSpec, MetricSource, NoChampion, Verdict, VerdictResult, Why};

use crate::ui::figures::{beside, number, percent};
use crate::ui::moment::utc;
use crate::ui::text::{clause, name};

/// A verdict, ready for a row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerdictText {
    /// The gate: `rmse at most 60`.
    pub name: String,
    /// The candidate's value.
    pub value: String,
    /// What it was held against.
    pub threshold: String,
    /// The champion's value and source; `–` where the gate asks for none.
    pub champion: String,
    /// Where the candidate's value comes from.
    pub source: String,
    /// `passed`, `failed` or `inconclusive`.
    pub result: &'static str,
    /// All of it as a sentence.
    pub sentence: String,
}

const NOTHING: &str = "–";

/// One gate's answer in words.
pub fn verdict(verdict: &Verdict) -> VerdictText {
    let value = verdict.value.as_ref();
    VerdictText {
        name: gate(&verdict.gate),
        value: value.map_or_else(|| NOTHING.to_owned(), |found| shown(found, verdict)),
        threshold: threshold(verdict),
        champion: champion(verdict),
        source: value.map_or_else(|| NOTHING.to_owned(), |found| source(&found.source)),
        result: result(&verdict.result),
        sentence: told(verdict),
    }
}

fn result(result: &VerdictResult) -> &'static str {
    match result {
        VerdictResult::Passed => "passed",
        VerdictResult::Failed => "failed",
        VerdictResult::Inconclusive(_) => "inconclusive",
    }
}

/// The gate as it is configured.
fn gate(gate: &GateSpec) -> String {
    match gate {
        GateSpec::Metric {
            metric, min, max, ..
        } => match (min, max) {
            (Some(min), Some(max)) => format!(
                "{} between {} and {}",
                name(metric),
                number(*min),
                number(*max)
            ),
            (Some(min), None) => format!("{} at least {}", name(metric), number(*min)),
            (None, Some(max)) => format!("{} at most {}", name(metric), number(*max)),
            (None, None) => format!("{} is a number", name(metric)),
        },
        GateSpec::Champion {
            metric,
            greater_is_better,
            min_relative_change,
            ..
        } => format!(
            "{} {} than the champion's",
            name(metric),
            change(*greater_is_better, *min_relative_change)
        ),
    }
}

/// `at least 1 % lower`, `at most 5 % higher`, `not higher`.
fn change(greater_is_better: bool, least: f64) -> String {
    let (better, worse) = if greater_is_better {
        ("higher", "lower")
    } else {
        ("lower", "higher")
    };
    if least > 0.0 {
        format!("at least {} {better}", percent(least))
    } else if least < 0.0 {
        format!("at most {} {worse}", percent(-least))
    } else {
        format!("not {worse}")
    }
}

/// The candidate's value, with as many digits as tell it from its bound.
fn shown(found: &Evidence, verdict: &Verdict) -> String {
    verdict
        .threshold
        .map_or_else(|| number(found.value), |bound| beside(found.value, bound))
}

fn threshold(verdict: &Verdict) -> String {
    match (&verdict.gate, verdict.threshold) {
        (GateSpec::Metric { min, max, .. }, _) => match (min, max) {
            (Some(min), Some(max)) => format!("{} to {}", number(*min), number(*max)),
            (Some(min), None) => format!("≥ {}", number(*min)),
            (None, Some(max)) => format!("≤ {}", number(*max)),
            (None, None) => NOTHING.to_owned(),
        },
        (
            GateSpec::Champion {
                greater_is_better, ..
            },
            Some(bound),
        ) => format!("{} {}", sign(*greater_is_better), number(bound)),
        (
            GateSpec::Champion {
                greater_is_better,
                min_relative_change,
                ..
            },
            None,
        ) => change(*greater_is_better, *min_relative_change),
    }
}

fn sign(greater_is_better: bool) -> &'static str {
    if greater_is_better { "≥" } else { "≤" }
}

fn champion(verdict: &Verdict) -> String {
    match (&verdict.gate, &verdict.champion) {
        (GateSpec::Metric { .. }, _) => NOTHING.to_owned(),
        (GateSpec::Champion { .. }, Some(found)) => {
            format!("{} ({})", number(found.value), source(&found.source))
        }
        (GateSpec::Champion { .. }, None) => "none".to_owned(),
    }
}

/// Where a number comes from.
fn source(source: &MetricSource) -> String {
    match source {
        MetricSource::Run { run } => format!("MLflow run {}", name(run.as_str())),
        MetricSource::Tags => "tags, self-reported".to_owned(),
        MetricSource::Journal { promotion } => {
            format!("evidence of promotion {}", name(promotion.as_str()))
        }
    }
}

fn told(verdict: &Verdict) -> String {
    let metric = name(verdict.gate.metric());
    match (&verdict.result, &verdict.value) {
        (VerdictResult::Inconclusive(why), _) => {
            format!("{metric} is inconclusive: {}.", inconclusive(why))
        }
        (VerdictResult::Passed | VerdictResult::Failed, Some(found)) => judged(verdict, found),
        (VerdictResult::Passed | VerdictResult::Failed, None) => {
            format!("{metric} {}.", result(&verdict.result))
        }
    }
}

/// What was found beside what was asked.
fn judged(verdict: &Verdict, found: &Evidence) -> String {
    let metric = name(verdict.gate.metric());
    let value = shown(found, verdict);
    let asked = threshold(verdict);
    match (&verdict.gate, &verdict.champion) {
        (GateSpec::Metric { .. }, _) => format!("{metric} is {value}; allowed is {asked}."),
        (
            GateSpec::Champion {
                greater_is_better,
                min_relative_change,
                ..
            },
            Some(champion),
        ) => format!(
            "{metric} is {value}; allowed is {asked}, {} than the champion's {}.",
            change(*greater_is_better, *min_relative_change),
            number(champion.value)
        ),
        (
            GateSpec::Champion {
                when_no_champion, ..
            },
            None,
        ) => {
            let answer = match when_no_champion {
                NoChampion::Pass => "the route lets the first model pass",
                NoChampion::Fail => "the route wants one to compare with",
            };
            format!("{metric} is {value}; nothing serves yet, and {answer}.")
        }
    }
}

/// Why a gate could not answer.
fn inconclusive(why: &Why) -> String {
    match why {
        Why::MetricMissing { source: place } => {
            format!("there is no such metric in {}", missing_in(place))
        }
        Why::NoProvenRun { detail } => format!(
            "its files do not provably come from a run ({})",
            clause(detail)
        ),
        Why::NotFinite => "its value is not a finite number".to_owned(),
        Why::ChampionUnclear { detail } => {
            format!("it is unclear who serves now ({})", clause(detail))
        }
        Why::ChampionValueMissing => {
            "the champion's own value is not to be had from its promotion or its run".to_owned()
        }
        Why::ChampionIsZero => {
            "the champion's value is 0, against which no relative change can be stated".to_owned()
        }
        Why::BytesChanged { since } => format!(
            "the files' bytes changed since {}; register a new version",
            utc(*since)
        ),
    }
}

fn missing_in(place: &MetricSource) -> String {
    match place {
        MetricSource::Tags => "the version's tags".to_owned(),
        MetricSource::Run { .. } | MetricSource::Journal { .. } => source(place),
    }
}

/// What several gates said, each thing once.
pub(super) fn reasons<'a>(verdicts: impl Iterator<Item = &'a Verdict>) -> String {
    const SHOWN: usize = 3;
    let mut told: Vec<String> = verdicts.map(told).collect();
    told.dedup();
    let more = told.len().saturating_sub(SHOWN);
    let shown = told[..told.len() - more].join(" ");
    if more > 0 {
        format!("{shown} And {more} more.")
    } else {
        shown
    }
}
