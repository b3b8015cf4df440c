//! What was measured, judged by the conditions and as it is journaled.
//!
//! The invariant: whatever cannot be told never passes.

use jiff::Timestamp;
use promotion::analysis::{Against, Measured, Measurement, MetricSpec};

use crate::config::compile_condition;
use crate::ui::capped;

/// A value and what it is of, before it is judged.
pub(crate) struct Found {
    /// Where there is one.
    pub(crate) value: Option<f64>,
    /// Of how many requests, where that is known.
    pub(crate) samples: Option<u64>,
    /// Why there is none.
    pub(crate) why: Option<String>,
}

/// What was found, or why nothing could be, as it is journaled.
pub(crate) fn measurement(
    metric: &MetricSpec,
    found: Result<Found, String>,
    query: String,
    now: Timestamp,
) -> Measurement {
    let blank = Measurement {
        at: now,
        came_to: Measured::Error,
        value: None,
        samples: None,
        threshold: metric.threshold(),
        query,
        message: None,
    };
    match found {
        Err(why) => Measurement {
            message: Some(capped(&why, 300)),
            ..blank
        },
        Ok(found) => {
            let (came_to, why) = judge(metric, &found);
            Measurement {
                came_to,
                value: found.value,
                samples: found.samples,
                message: why,
                ..blank
            }
        }
    }
}

/// The candidate's value beside the champion's.
pub(super) fn held(against: Against, ours: f64, theirs: f64) -> f64 {
    match against {
        // Two that show nothing are alike; beside nothing, something is beyond every bound.
        Against::ChampionRatio if (ours - theirs).abs() < f64::EPSILON => 1.0,
        Against::ChampionRatio => ours / theirs,
        Against::ChampionDifference => ours - theirs,
    }
}

/// What a value comes to, and why where the value does not say it.
fn judge(metric: &MetricSpec, found: &Found) -> (Measured, Option<String>) {
    let Some(value) = found.value.filter(|value| !value.is_nan()) else {
        let why = found.why.clone();
        return (
            Measured::Inconclusive,
            why.or_else(|| Some("there is no value".to_owned())),
        );
    };
    let few = |samples: &u64| *samples < u64::from(metric.min_samples);
    if let Some(samples) = found.samples.filter(few) {
        let why = format!("{samples} requests are fewer than {}", metric.min_samples);
        return (Measured::Inconclusive, Some(why));
    }
    let holds = |condition: &Option<String>| {
        let condition = condition.as_deref();
        condition.map(|source| holds(source, value)).transpose()
    };
    match (
        holds(&metric.success_condition),
        holds(&metric.failure_condition),
    ) {
        (Ok(success), Ok(failure)) => (Measured::judge(success, failure), None),
        (Err(why), _) | (_, Err(why)) => (Measured::Error, Some(capped(&why, 300))),
    }
}

fn holds(source: &str, value: f64) -> Result<bool, String> {
    let program = compile_condition(source)?;
    let mut context = cel::Context::default();
    context
        .add_variable("result", value)
        .map_err(|error| format!("the value cannot be used: {error}"))?;
    match program.execute(&context) {
        Ok(cel::Value::Bool(verdict)) => Ok(verdict),
        Ok(other) => Err(format!("`{source}` is not true or false but {other:?}")),
        Err(error) => Err(format!("`{source}` cannot be told: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use promotion::Seconds;
    use promotion::analysis::{MetricRule, Provider, Reading};

    fn spec(success: Option<&str>, failure: Option<&str>) -> MetricSpec {
        MetricSpec {
            name: "errors".to_owned(),
            provider: Provider::Platform {
                reading: Reading::Requests,
                window: Seconds(300),
            },
            against: None,
            success_condition: success.map(str::to_owned),
            failure_condition: failure.map(str::to_owned),
            min_samples: 100,
            rule: MetricRule::once(),
        }
    }

    fn comes_to(spec: &MetricSpec, value: Option<f64>, samples: u64) -> Measured {
        let why = None;
        judge(
            spec,
            &Found {
                value,
                samples: Some(samples),
                why,
            },
        )
        .0
    }

    #[test]
    fn a_condition_is_about_the_value() {
        let low = spec(Some("result < 0.01"), None);
        assert_eq!(comes_to(&low, Some(0.0), 100), Measured::Successful);
        assert_eq!(comes_to(&low, Some(0.01), 100), Measured::Failed);
        let whole = spec(Some("result < 1"), Some("result > 2"));
        assert_eq!(comes_to(&whole, Some(0.5), 100), Measured::Successful);
        assert_eq!(comes_to(&whole, Some(1.5), 100), Measured::Inconclusive);
        assert_eq!(comes_to(&whole, Some(2.5), 100), Measured::Failed);
    }

    #[test]
    fn what_cannot_be_told_never_passes() {
        let low = spec(Some("result < 0.01"), None);
        assert_eq!(comes_to(&low, None, 100), Measured::Inconclusive);
        assert_eq!(comes_to(&low, Some(f64::NAN), 100), Measured::Inconclusive);
        assert_eq!(comes_to(&low, Some(f64::INFINITY), 100), Measured::Failed);
        assert_eq!(comes_to(&low, Some(0.0), 99), Measured::Inconclusive);
        let wrong = spec(Some("result + 1.0"), None);
        assert_eq!(comes_to(&wrong, Some(0.0), 100), Measured::Error);
    }
}
