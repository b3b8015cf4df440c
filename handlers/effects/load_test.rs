//! `load-test`: many requests to the deployment by name, past the traffic, and a condition over how it bore them. Asking changes
//! nothing: one that was cut off is done again, from its beginning.
//!
//! The load is open: each request has its moment, whether those before it were answered or not, and counts from then on. A
//! candidate that keeps its callers waiting would otherwise be asked less, and look as quick as it is not. Time is real here,
//! whatever clock the promotion goes by.

use azure_api::ml::{MachineLearning, ScoringToken, WorkspaceRef};
use bytes::Bytes;
use futures::StreamExt as _;
use jiff::Timestamp;
use promotion::{
    DeploymentName, Effect, Entry, Failure, LoadReply, LoadTest, Outcome, Report, Requests,
};
use serde_json::Value;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

use super::collected::nothing_collected;
use super::perform::{Effects, workspace};
use super::policy::{endpoint_gone, or_report, report, settle};
use super::smoke_test::warming_up;
use crate::config::compile_condition;
use crate::ui::capped;

/// How many may be on their way at the same time; what comes later than its moment for that counts as slow.
const AT_ONCE: usize = 64;
/// For one call: the last request may be answered this long after it was to be sent.
const ONE_CALL: Duration = Duration::from_secs(8);
/// For all of it: less than one try at an effect.
const WHOLE: Duration = Duration::from_secs(100);
/// How often a deployment that is not ready to answer is let be: it may still be warming up.
const PATIENCE: u32 = 5;

/// One request: its number, whether it was answered well, and how long after its moment.
struct Answered {
    number: u32,
    well: bool,
    after: Duration,
}

/// How a deployment bore a load.
pub(crate) struct Figures {
    /// Requests that were sent.
    pub(crate) sent: u32,
    /// Requests that were not answered well, of all.
    pub(crate) errors: u32,
    /// How many there were to be.
    pub(crate) planned: u32,
    /// Milliseconds: half of them, nineteen of twenty, ninety-nine of a hundred.
    pub(crate) latencies: [u32; 3],
    /// How many a second were sent.
    pub(crate) rate: f64,
}

/// Where the requests go.
struct Target {
    ml: MachineLearning,
    uri: String,
    token: ScoringToken,
    deployment: DeploymentName,
    bodies: Vec<Bytes>,
}

impl Effects {
    pub(super) async fn load_test(&self, entry: &Entry, now: Timestamp) -> Report {
        let Effect::LoadTest {
            workspace: id,
            endpoint,
            deployment,
            test,
            collected_of,
        } = &entry.effect
        else {
            return Report::Failed(Failure::new("NotALoadTest", "this loads nothing"));
        };
        let loading = async {
            let at = workspace(id)?;
            let name = endpoint.as_str();
            let requests = match (&test.requests, collected_of) {
                (Requests::Given(requests), _) => requests.clone(),
                (Requests::Collected(wanted), Some(champion)) => {
                    let sample = self.collected(&at, name, champion, wanted, now);
                    let sample = Box::pin(sample).await?;
                    if sample.requests.is_empty() {
                        let why = nothing_collected(wanted);
                        let why = format!("{why}; looked under {}", sample.of);
                        return Ok(Report::Done(Outcome::LoadTested(not_loaded(why))));
                    }
                    sample.requests
                }
                (Requests::Collected(_), None) => {
                    let why = "nothing serves whose callers' requests could be sent";
                    return Ok(Report::Done(Outcome::LoadTested(not_loaded(
                        why.to_owned(),
                    ))));
                }
            };
            let target = self
                .target_of_load(&at, name, deployment, &requests)
                .await?;
            target.answers_at_all(entry).await?;
            let figures = paced(test, |number| target.is_answered(number)).await;
            Ok(Report::Done(Outcome::LoadTested(reply(&figures, test))))
        };
        let late = || {
            let message = format!("it took longer than {} s", WHOLE.as_secs());
            Ok(Report::Retry(Failure::new("LoadTookTooLong", message)))
        };
        settle(timeout(WHOLE, loading).await.unwrap_or_else(|_| late()))
    }

    async fn target_of_load(
        &self,
        at: &WorkspaceRef,
        name: &str,
        deployment: &DeploymentName,
        requests: &[Value],
    ) -> Result<Target, Report> {
        let ml = self.azure.within(ONE_CALL).machine_learning();
        let endpoint = or_report(ml.online_endpoint(at, name).await)?;
        let gone = || endpoint_gone(name);
        let endpoint = endpoint.ok_or_else(gone)?;
        let bodies = requests.iter();
        Ok(Target {
            uri: endpoint.scoring_uri.clone().ok_or_else(gone)?,
            token: or_report(ml.scoring_token(at, &endpoint).await)?,
            ml,
            deployment: deployment.clone(),
            bodies: bodies
                .map(|request| Bytes::from(request.to_string()))
                .collect(),
        })
    }
}

/// Nothing was sent: that nobody knows what it bears is no reason to let it have traffic.
fn not_loaded(why: String) -> LoadReply {
    LoadReply {
        passed: false,
        sent: 0,
        errors: 0,
        p50_ms: 0,
        p95_ms: 0,
        p99_ms: 0,
        rate: 0.0,
        problem: Some(why),
    }
}

impl Target {
    /// One request before the load, so that nobody takes a front door that is not open yet for a candidate that bears nothing.
    async fn answers_at_all(&self, entry: &Entry) -> Result<(), Report> {
        match self.ask(0).await {
            Ok(scored) if warming_up(&scored) && entry.failures < PATIENCE => {
                let (name, status) = (&self.deployment, scored.status);
                let message = format!("`{name}` answered {status} before the load test");
                Err(Report::Retry(Failure::new("NotAnsweringYet", message)))
            }
            Err(error) if !error.is_transient() || entry.failures < PATIENCE => Err(report(&error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn is_answered(&self, number: u32) -> bool {
        let scored = self.ask(number).await;
        scored.is_ok_and(|scored| (200..300).contains(&scored.status))
    }

    async fn ask(&self, number: u32) -> azure_api::Result<azure_api::ml::Scored> {
        let bodies = &self.bodies;
        let in_turn = usize::try_from(number).unwrap_or_default() % bodies.len().max(1);
        let body = bodies.get(in_turn).cloned().unwrap_or_default();
        let name = Some(self.deployment.as_str());
        self.ml.score(&self.uri, &self.token, name, body).await
    }
}

/// Asks for each request at its moment, and ends when the last one has had its time: what was not answered by then, or not
/// even sent, was not answered well.
async fn paced<A: Future<Output = bool>>(test: &LoadTest, ask: impl Fn(u32) -> A) -> Figures {
    let planned = test.planned();
    let (sent, last_sent) = (AtomicU32::new(0), AtomicU64::new(0));
    let began = Instant::now();
    let moment = |number: u32| {
        began + Duration::from_secs_f64(f64::from(number) / f64::from(test.rate.max(1)))
    };
    let one = async |number| {
        sleep_until(moment(number)).await;
        sent.fetch_add(1, Relaxed);
        last_sent.fetch_max(millis(began.elapsed()), Relaxed);
        let well = ask(number).await;
        let after = moment(number).elapsed();
        Answered {
            number,
            well,
            after,
        }
    };
    let length = Duration::from_secs(u64::from(test.duration.0));
    let end = began + length + ONE_CALL;
    let answers: Vec<Answered> = futures::stream::iter(0..planned)
        .map(one)
        .buffer_unordered(AT_ONCE)
        .take_until(sleep_until(end))
        .collect()
        .await;
    let mut after: Vec<Duration> = (0..planned).map(|number| end - moment(number)).collect();
    for answer in &answers {
        if let Some(after) = usize::try_from(answer.number)
            .ok()
            .and_then(|number| after.get_mut(number))
        {
            *after = answer.after;
        }
    }
    after.sort_unstable();
    let well = answers.iter().filter(|answer| answer.well).count();
    let sent = sent.into_inner();
    let sending = length.max(Duration::from_millis(last_sent.into_inner()));
    Figures {
        sent,
        errors: planned.saturating_sub(u32::try_from(well).unwrap_or(u32::MAX)),
        planned,
        latencies: [50, 95, 99].map(|percent| at_rank(&after, percent)),
        rate: f64::from(sent) / sending.as_secs_f64().max(0.001),
    }
}

/// The least time, in milliseconds, within which so many of them were answered.
fn at_rank(sorted: &[Duration], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100);
    let at = sorted.get(rank.saturating_sub(1));
    let at = at.map_or(0, |after| millis(*after));
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
}

/// What a load came to.
pub(crate) fn reply(figures: &Figures, test: &LoadTest) -> LoadReply {
    let problem = holds(&test.success_condition, figures).err();
    let [p50_ms, p95_ms, p99_ms] = figures.latencies;
    LoadReply {
        passed: problem.is_none(),
        sent: figures.sent,
        errors: figures.errors,
        p50_ms,
        p95_ms,
        p99_ms,
        rate: figures.rate,
        problem: problem.map(|why| capped(&why, 300)),
    }
}

/// Whether the condition holds of it; why not, otherwise.
fn holds(source: &str, figures: &Figures) -> Result<(), String> {
    let program = compile_condition(source)?;
    let [p50, p95, p99] = figures.latencies.map(f64::from);
    let mut context = cel::Context::default();
    context.add_variable_from_value("sent", i64::from(figures.sent));
    let share = f64::from(figures.errors) / f64::from(figures.planned.max(1));
    for (name, value) in [
        ("errorRate", share),
        ("p50", p50),
        ("p95", p95),
        ("p99", p99),
        ("rate", figures.rate),
    ] {
        context.add_variable_from_value(name, value);
    }
    match program.execute(&context) {
        Ok(cel::Value::Bool(true)) => Ok(()),
        Ok(cel::Value::Bool(false)) => Err(format!("`{source}` does not hold")),
        Ok(other) => Err(format!("`{source}` is not true or false but {other:?}")),
        Err(error) => Err(format!("`{source}` cannot be told: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use promotion::Seconds;

    fn test(rate: u32, condition: &str) -> LoadTest {
        LoadTest {
            requests: Requests::Given(vec![]),
            rate,
            duration: Seconds(1),
            success_condition: condition.to_owned(),
        }
    }

    fn after(length: u64) -> impl Future<Output = ()> {
        tokio::time::sleep(Duration::from_millis(length))
    }

    #[tokio::test]
    async fn every_request_has_its_moment() {
        let figures = paced(&test(20, ""), |_| async {
            after(5).await;
            true
        })
        .await;
        assert_eq!((figures.sent, figures.errors, figures.planned), (20, 0, 20));
        assert!((figures.rate - 20.0).abs() < 1.0, "{}", figures.rate);
        let [p50, _, p99] = figures.latencies;
        assert!(p50 >= 5 && p50 <= p99 && p99 < 900, "{p50} {p99}");
    }

    /// Whoever waits for a slow answer before it asks again would see one slow answer; these are all who came meanwhile.
    #[tokio::test]
    async fn what_waits_behind_a_slow_answer_is_slow_too() {
        let one_at_a_time = tokio::sync::Mutex::new(());
        let figures = paced(&test(20, ""), async |number| {
            let _turn = one_at_a_time.lock().await;
            after(if number == 0 { 800 } else { 1 }).await;
            true
        })
        .await;
        let [p50, _, p99] = figures.latencies;
        assert!(p50 >= 250 && p99 >= 800, "{p50} {p99}");
    }

    #[tokio::test]
    async fn what_is_answered_badly_is_an_error() {
        let figures = paced(&test(10, ""), async |number| number % 5 != 0).await;
        assert_eq!((figures.sent, figures.errors), (10, 2));
        let reply = reply(&figures, &test(10, "errorRate < 0.1"));
        assert_eq!((reply.passed, reply.errors), (false, 2));
        let problem = reply.problem.unwrap();
        assert_eq!(problem, "`errorRate < 0.1` does not hold");
    }

    #[test]
    fn a_condition_reads_all_that_it_came_to() {
        let figures = Figures {
            sent: 598,
            errors: 6,
            planned: 600,
            latencies: [10, 80, 200],
            rate: 19.9,
        };
        let told = |source: &str| holds(source, &figures);
        let all =
            "sent > 590 && errorRate == 0.01 && p50 < 11 && p95 <= 80 && p99 == 200.0 && rate > 19";
        assert_eq!(told(all), Ok(()));
        assert!(told("errorRate == 0.0").is_err());
        assert!(told("p42 < 1").is_err() && told("p50").is_err());
    }
}
