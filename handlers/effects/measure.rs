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
use promotion::{
    Collected, DeploymentName, Effect, Expected, Failure, Look, Outcome, Report, Requests,
};
use std::time::Duration;

use super::collected::{Sample, nothing_collected};
use super::compare::compare;
use super::drift::look;
use super::measurement::{Found, held, measurement};
use super::perform::{Effects, workspace};
use super::placeholders::Placeholders;
use super::policy::not_done;
use super::predictions::Asked;

/// How long after its end a minute still changes.
const SETTLES: SignedDuration = SignedDuration::from_mins(2);
/// Of fewer minutes than this nothing can be said.
const FEWEST: SignedDuration = SignedDuration::from_mins(3);
/// Why nothing is.
const EARLY: &str = "no three whole minutes have settled since the analysis began";

const NO_CHAMPION: &str = "nothing serves beside the candidate";

/// What brings any moment but the first of a minute into the next one.
const ALMOST_A_MINUTE: SignedDuration = SignedDuration::new(59, 999_999_999);
/// How long measuring one metric may take: less than one try at an effect.
const PATIENCE: Duration = Duration::from_secs(100);

/// What is measured of which deployments.
struct Subject<'a> {
    ml: MachineLearning,
    monitor: Monitor,
    effects: &'a Effects,
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

impl Effects {
    pub(super) async fn measure(&self, effect: &Effect, now: Timestamp) -> Report {
        let Effect::Measure {
            workspace: id,
            endpoint,
            deployment,
            champion,
            since,
            metrics,
            expects,
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
            effects: self,
            workspace,
            endpoint: endpoint.as_str(),
            candidate: deployment,
            champion: champion.as_ref(),
        };
        let taken = metrics
            .iter()
            .map(|metric| subject.in_time(metric, *since, now));
        let taken = futures::future::join_all(taken);
        let looked = subject.look(expects.as_deref());
        let (taken, target) = futures::future::join(taken, looked).await;
        Report::Done(Outcome::Measured { taken, target })
    }
}

impl Subject<'_> {
    /// What the endpoint shows beside, as far as that can be told in time.
    async fn look(&self, expects: Option<&Expected>) -> Look {
        let Some(expected) = expects else {
            return Look::NotTaken;
        };
        let look = look(&self.ml, &self.workspace, self.endpoint, expected);
        let look = tokio::time::timeout(PATIENCE, look).await;
        look.unwrap_or(Look::NotTaken)
    }

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
            } => Box::pin(self.predictions(requests, *comparison, now)).await,
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
        requests: &Requests,
        comparison: Comparison,
        now: Timestamp,
    ) -> (Result<Found, String>, String) {
        let about = |requests: usize, of: &str| {
            let (name, candidate) = (comparison.name(), self.candidate);
            format!("{name} of what {candidate} and the champion answer to {requests} requests{of}")
        };
        let collected = match requests {
            Requests::Given(requests) => {
                let query = about(requests.len(), "");
                return (self.compared(requests, comparison).await, query);
            }
            Requests::Collected(collected) => collected,
        };
        match self.sample(collected, now).await {
            Err(why) => (Err(why), about(0, ", collected of the champion")),
            Ok(sample) if sample.requests.is_empty() => {
                let query = about(0, &format!(", collected under {}", sample.of));
                let found = Found {
                    value: None,
                    samples: Some(0),
                    why: Some(nothing_collected(collected)),
                };
                (Ok(found), query)
            }
            Ok(sample) => {
                let of = format!(", collected in {}", sample.of);
                let query = about(sample.requests.len(), &of);
                (self.compared(&sample.requests, comparison).await, query)
            }
        }
    }

    async fn sample(&self, wanted: &Collected, now: Timestamp) -> Result<Sample, String> {
        let champion = self.champion.ok_or(NO_CHAMPION)?;
        let at = &self.workspace;
        let sample = self
            .effects
            .collected(at, self.endpoint, champion, wanted, now)
            .await;
        sample.map_err(|report| not_done(report).message)
    }

    async fn compared(
        &self,
        requests: &[serde_json::Value],
        comparison: Comparison,
    ) -> Result<Found, String> {
        let champion = self.champion.ok_or(NO_CHAMPION)?;
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
        let (ours, theirs) = tokio::join!(self.effects.web.number(metric, &ours), async {
            match &theirs {
                Some(theirs) => self.effects.web.number(metric, theirs).await,
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

#[cfg(test)]
mod tests {
    use super::*;

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
