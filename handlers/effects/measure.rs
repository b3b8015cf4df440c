//! `measure`: what the platform has measured of the deployments, or what they answer, judged by the conditions. Asking
//! changes nothing.
//!
//! The invariant: whatever cannot be told never passes, and trouble with measuring is a measurement too, so that an analysis
//! bears as much of it as it says and no more.
//!
//! Azure Monitor has averages of whole minutes only, and a minute goes on changing for a while after it has closed
//! (azure-monitor-docs, supported metrics of online endpoints): what counts are whole minutes that have settled.

use azure_api::ml::{MachineLearning, WorkspaceRef};
use azure_api::monitor::{EndpointMetric, MetricQuery, MinutePoint, Monitor};
use jiff::{SignedDuration, Timestamp};
use promotion::analysis::{
    Against, Comparison, HttpMetric, Measured, Measurement, MetricSpec, Provider, Quantile,
    Reading, Taken,
};
use promotion::{DeploymentName, Effect, Failure, Outcome, Report};
use std::time::Duration;

use super::compare::compare;
use super::perform::{Effects, workspace};
use super::placeholders::Placeholders;
use super::predictions::Asked;
use super::web::Web;
use crate::config::compile_condition;
use crate::ui::capped;

/// How long after its end a minute still changes.
const SETTLES: SignedDuration = SignedDuration::from_mins(2);
/// Of fewer minutes than this nothing can be said.
const FEWEST: SignedDuration = SignedDuration::from_mins(3);
/// Why nothing is.
const EARLY: &str = "no three whole minutes have settled since the analysis began";

/// What brings any moment but the first of a minute into the next one.
const ALMOST_A_MINUTE: SignedDuration = SignedDuration::new(59, 999_999_999);
/// How long measuring one metric may take: less than one try at an effect.
const PATIENCE: Duration = Duration::from_secs(100);

/// What is measured of which deployments.
struct Subject<'a> {
    ml: MachineLearning,
    monitor: Monitor,
    web: &'a Web,
    workspace: WorkspaceRef,
    endpoint: &'a str,
    candidate: &'a DeploymentName,
    champion: Option<&'a DeploymentName>,
}

/// Whole minutes, from the first to before the last.
#[derive(Clone, Copy)]
struct Span {
    from: Timestamp,
    to: Timestamp,
}

/// What one deployment showed in a span.
struct Shown {
    value: Option<f64>,
    requests: f64,
}

/// A value and what it is of, before it is judged.
pub(crate) struct Found {
    /// Where there is one.
    pub(crate) value: Option<f64>,
    /// Of how many requests, where that is known.
    pub(crate) samples: Option<u64>,
    /// Why there is none.
    pub(crate) why: Option<String>,
}

impl Effects {
    pub(super) async fn measure(&self, effect: &Effect, now: Timestamp) -> Report {
        let Effect::Measure {
            workspace: id,
            endpoint,
            deployment,
            champion,
            since,
            metrics,
            ..
        } = effect
        else {
            return Report::Failed(Failure::new("NotAMeasurement", "this measures nothing"));
        };
        let workspace = match workspace(id) {
            Ok(workspace) => workspace,
            Err(report) => return report,
        };
        let subject = Subject {
            ml: self.ml.clone(),
            monitor: self.azure.monitor(),
            web: &self.web,
            workspace,
            endpoint: endpoint.as_str(),
            candidate: deployment,
            champion: champion.as_ref(),
        };
        let taken = metrics
            .iter()
            .map(|metric| subject.in_time(metric, *since, now));
        let taken = futures::future::join_all(taken).await;
        Report::Done(Outcome::Measured { taken })
    }
}

impl Subject<'_> {
    /// What takes too long could not be measured: the others are not kept waiting, and nothing is asked again for it.
    async fn in_time(&self, metric: &MetricSpec, since: Timestamp, now: Timestamp) -> Taken {
        let measured = tokio::time::timeout(PATIENCE, self.measure(metric, since, now)).await;
        let measurement = measured.unwrap_or_else(|_| Measurement {
            at: now,
            came_to: Measured::Error,
            value: None,
            samples: None,
            threshold: metric.threshold(),
            query: metric.name.clone(),
            message: Some(format!("it took longer than {} s", PATIENCE.as_secs())),
        });
        Taken {
            metric: metric.name.clone(),
            measurement,
        }
    }

    async fn measure(&self, metric: &MetricSpec, since: Timestamp, now: Timestamp) -> Measurement {
        let (found, query) = match &metric.provider {
            Provider::Platform { reading, window } => {
                let window = SignedDuration::from_secs(i64::from(window.0));
                self.platform(reading, metric.against, span(since, window, now))
                    .await
            }
            Provider::Predictions {
                requests,
                comparison,
            } => {
                let query = format!(
                    "{} of what {} and the champion answer to {} requests",
                    comparison.name(),
                    self.candidate,
                    requests.len()
                );
                (self.predictions(requests, *comparison).await, query)
            }
            Provider::Http(http) => self.http(http, metric.against, now).await,
        };
        measurement(metric, found, query, now)
    }

    async fn platform(
        &self,
        reading: &Reading,
        against: Option<Against>,
        span: Option<Span>,
    ) -> (Result<Found, String>, String) {
        let Some(span) = span else {
            return (Err(EARLY.to_owned()), reading.to_string());
        };
        let query = self.query(reading, against, span);
        (self.find(reading, against, span).await, query)
    }

    /// Both are asked the same, past the traffic, and what they answer is compared.
    async fn predictions(
        &self,
        requests: &[serde_json::Value],
        comparison: Comparison,
    ) -> Result<Found, String> {
        let champion = self.champion.ok_or("nothing serves beside the candidate")?;
        let endpoint = Asked::find(&self.ml, &self.workspace, self.endpoint).await?;
        let (ours, theirs) = tokio::try_join!(
            endpoint.answers(&self.ml, self.candidate, requests),
            endpoint.answers(&self.ml, champion, requests)
        )?;
        Ok(Found {
            samples: Some(ours.len() as u64),
            value: compare(&ours, &theirs, comparison)?,
            why: None,
        })
    }

    /// What an address answers of the candidate, and of the champion where that comes in.
    async fn http(
        &self,
        metric: &HttpMetric,
        against: Option<Against>,
        now: Timestamp,
    ) -> (Result<Found, String>, String) {
        let window = SignedDuration::from_secs(i64::from(metric.window.0));
        let asked = |deployment| Placeholders {
            endpoint: self.endpoint,
            deployment,
            from: now.checked_sub(window).unwrap_or(now),
            to: now,
        };
        let ours = asked(self.candidate.as_str());
        let query = format!("GET {}{}", ours.shown(&metric.url), self.beside(against));
        let champion = against.and(self.champion);
        let theirs = champion.map(|champion| asked(champion.as_str()));
        let (ours, theirs) = tokio::join!(self.web.number(metric, &ours), async {
            match &theirs {
                Some(theirs) => self.web.number(metric, theirs).await,
                None => Ok(None),
            }
        });
        let found = ours.and_then(|ours| {
            let Some(against) = against else {
                return Ok(Found {
                    value: ours,
                    samples: None,
                    why: None,
                });
            };
            let theirs = theirs.map_err(|why| format!("of the champion: {why}"))?;
            Ok(Found {
                value: ours
                    .zip(theirs)
                    .map(|(ours, theirs)| held(against, ours, theirs)),
                samples: None,
                why: theirs
                    .is_none()
                    .then(|| "there is no value of the champion".to_owned()),
            })
        });
        (found, query)
    }

    /// Whose value comes in besides the candidate's.
    fn beside(&self, against: Option<Against>) -> String {
        match (against, self.champion) {
            (Some(Against::ChampionRatio), Some(champion)) => format!(" by {champion}"),
            (Some(Against::ChampionDifference), Some(champion)) => format!(" less {champion}"),
            (Some(_), None) | (None, _) => String::new(),
        }
    }

    /// What is asked, in Azure's words.
    fn query(&self, reading: &Reading, against: Option<Against>, span: Span) -> String {
        let metric = match reading {
            Reading::ShareOf { status_class } => format!("RequestsPerMinute {status_class}/all"),
            Reading::Requests | Reading::Latency(_) => platform_metric(reading).name().to_owned(),
        };
        let beside = self.beside(against);
        let Span { from, to } = span;
        format!("{metric} of {}{beside}, {from}/{to}", self.candidate)
    }

    async fn find(
        &self,
        reading: &Reading,
        against: Option<Against>,
        span: Span,
    ) -> Result<Found, String> {
        let candidate = self.shown(reading, self.candidate, span).await?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of requests; a float saturates"
        )]
        let samples = Some(candidate.requests.floor() as u64);
        let Some(against) = against else {
            return Ok(Found {
                value: candidate.value,
                samples,
                why: None,
            });
        };
        let champion = match self.champion {
            Some(champion) => self.shown(reading, champion, span).await?.value,
            None => None,
        };
        let both = candidate.value.zip(champion);
        let value = both.map(|(ours, theirs)| held(against, ours, theirs));
        let none = champion.is_none();
        let why = none.then(|| "the champion shows no value over these minutes".to_owned());
        Ok(Found {
            value,
            samples,
            why,
        })
    }

    async fn shown(
        &self,
        reading: &Reading,
        deployment: &DeploymentName,
        span: Span,
    ) -> Result<Shown, String> {
        let counts = self
            .minutes(EndpointMetric::RequestsPerMinute, deployment, None, span)
            .await?;
        let requests = sum(&counts);
        let value = match reading {
            Reading::Requests => Some(requests),
            // Where no answer was of that class Azure may show no series at all: with requests in all, that is none.
            Reading::ShareOf { status_class } => {
                let metric = EndpointMetric::RequestsPerMinute;
                let class = Some(status_class.clone());
                let answers = self.minutes(metric, deployment, class, span).await?;
                (requests > 0.0).then(|| sum(&answers) / requests)
            }
            Reading::Latency(_) => {
                let metric = platform_metric(reading);
                let minutes = self.minutes(metric, deployment, None, span).await?;
                weighted_mean(&minutes, &counts)
            }
        };
        Ok(Shown { value, requests })
    }

    async fn minutes(
        &self,
        metric: EndpointMetric,
        deployment: &DeploymentName,
        status_code_class: Option<String>,
        span: Span,
    ) -> Result<Vec<MinutePoint>, String> {
        let query = MetricQuery {
            metric,
            deployment: Some(deployment.to_string()),
            status_code_class,
            from: span.from,
            to: span.to,
        };
        self.monitor
            .endpoint_metric(&self.workspace, self.endpoint, &query)
            .await
            .map_err(|error| error.to_string())
    }
}

fn held(against: Against, ours: f64, theirs: f64) -> f64 {
    match against {
        // Two that show nothing are alike; beside nothing, something is beyond every bound.
        Against::ChampionRatio if (ours - theirs).abs() < f64::EPSILON => 1.0,
        Against::ChampionRatio => ours / theirs,
        Against::ChampionDifference => ours - theirs,
    }
}

fn platform_metric(reading: &Reading) -> EndpointMetric {
    match reading {
        Reading::Requests | Reading::ShareOf { .. } => EndpointMetric::RequestsPerMinute,
        Reading::Latency(Quantile::Mean) => EndpointMetric::RequestLatency,
        Reading::Latency(Quantile::P50) => EndpointMetric::RequestLatencyP50,
        Reading::Latency(Quantile::P90) => EndpointMetric::RequestLatencyP90,
        Reading::Latency(Quantile::P95) => EndpointMetric::RequestLatencyP95,
        Reading::Latency(Quantile::P99) => EndpointMetric::RequestLatencyP99,
    }
}

/// The last whole minutes that have settled, none of them begun before `since`; nothing, where they are too few.
fn span(since: Timestamp, window: SignedDuration, now: Timestamp) -> Option<Span> {
    let to = whole_minute(now.checked_sub(SETTLES).ok()?);
    let began = whole_minute(since.checked_add(ALMOST_A_MINUTE).ok()?);
    let from = began.max(to.checked_sub(window).ok()?);
    (to.duration_since(from) >= FEWEST).then_some(Span { from, to })
}

fn whole_minute(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(at)
}

fn sum(minutes: &[MinutePoint]) -> f64 {
    minutes.iter().filter_map(|minute| minute.average).sum()
}

/// A busy minute counts for more: the mean over requests of what is known by the minute.
fn weighted_mean(values: &[MinutePoint], counts: &[MinutePoint]) -> Option<f64> {
    let count_at = |at: Timestamp| {
        let minute = counts.iter().find(|minute| minute.at == at);
        minute.and_then(|minute| minute.average).unwrap_or(0.0)
    };
    let weighted = values
        .iter()
        .filter_map(|minute| Some((minute.average?, count_at(minute.at))));
    let (total, weight) = weighted.fold((0.0, 0.0), |(total, weight), (value, count)| {
        (total + value * count, weight + count)
    });
    (weight > 0.0).then(|| total / weight)
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

/// Why nothing can be measured yet of what began `since` then; nothing, where it can.
pub(crate) fn too_early(
    metric: &MetricSpec,
    since: Timestamp,
    now: Timestamp,
) -> Option<&'static str> {
    match &metric.provider {
        Provider::Platform { window, .. } => {
            let window = SignedDuration::from_secs(i64::from(window.0));
            span(since, window, now).is_none().then_some(EARLY)
        }
        Provider::Predictions { .. } | Provider::Http(_) => None,
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
    use promotion::analysis::MetricRule;

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

    #[test]
    fn only_whole_minutes_that_have_settled_count() {
        let at = |text: &str| -> Timestamp { format!("2026-11-23T{text}Z").parse().unwrap() };
        let five = SignedDuration::from_mins(5);
        let shown = |since: &str, now: &str| {
            span(at(since), five, at(now)).map(|span| format!("{}/{}", span.from, span.to))
        };
        assert_eq!(shown("07:00:30", "07:05:59"), None);
        assert_eq!(
            shown("07:01:00.5", "07:06:00"),
            None,
            "that minute had begun"
        );
        let first = shown("07:00:30", "07:06:00").unwrap();
        assert_eq!(first, "2026-11-23T07:01:00Z/2026-11-23T07:04:00Z");
        let later = shown("07:00:30", "08:10:20").unwrap();
        assert_eq!(later, "2026-11-23T08:03:00Z/2026-11-23T08:08:00Z");
    }

    #[test]
    fn a_busy_minute_counts_for_more() {
        let at = |minute: i64, average: f64| MinutePoint {
            at: Timestamp::from_second(minute * 60).unwrap(),
            average: Some(average),
        };
        let mean = weighted_mean(&[at(0, 10.0), at(1, 40.0)], &[at(0, 3.0), at(1, 1.0)]);
        assert_eq!(mean, Some(17.5));
        assert_eq!(weighted_mean(&[at(0, 10.0)], &[]), None);
    }
}
