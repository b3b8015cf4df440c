//! A route in one line, for whoever has just checked it, its metrics in one line each, and how often lost events are looked
//! for.

use promotion::analysis::{Against, BesideSpec, Count, MetricSpec, Provider};
use promotion::{
    Collected, Concurrency, DeploymentSpec, EndpointSpec, EnvironmentSpec, OnDrift, Requests,
    Seconds, Serving, Step,
};

use super::diagnostics::counted;
use super::duration;
use super::resolved::ConfiguredRoute;

/// `diabetes-to-prod: diabetes, dev to prod; 2 gates; 1 approval; 10 %, pause 10m, 100 % at endpoint diabetes; concurrency
/// supersede, turn within 14d, expiresAfter 3d, keepPrevious 1d, onDrift pause`.
pub(super) fn of(configured: &ConfiguredRoute) -> String {
    let route = &configured.route;
    let steps: Vec<String> = route.rollout.steps.iter().map(step).collect();
    format!(
        "{}: {}, {} to {}; {}; {}; {} at {} {}{}{}{}; concurrency {}, turn within {}, expiresAfter {}, keepPrevious {}, onDrift {}",
        route.name,
        route.model,
        route.source.stage,
        route.target.stage,
        counted(route.gates.len(), "gate"),
        counted(route.approval.min_approvals as usize, "approval"),
        steps.join(", "),
        endpoint_kind(&route.rollout.endpoint),
        route.rollout.endpoint.name,
        on_compute(&route.rollout.endpoint),
        brought(&route.rollout.deployment),
        route
            .rollout
            .beside
            .as_ref()
            .map_or_else(String::new, beside),
        concurrency(route.concurrency),
        duration::written(route.deadlines.turn),
        duration::written(route.approval.expires_after),
        duration::written(route.rollout.keep_previous),
        on_drift(route.rollout.on_drift),
    )
}

/// What a route measures: `step 2, error-rate: share of 5xx answers over 5m, of 100 requests or more, result < 0.01; 5 times
/// every 1m, first after 8m`.
pub(super) fn of_analyses(configured: &ConfiguredRoute) -> Vec<String> {
    let rollout = &configured.route.rollout;
    let steps = rollout.steps.iter().enumerate();
    let in_steps = steps.flat_map(|(index, step)| match step {
        Step::Analysis(metrics) => metrics
            .iter()
            .map(|each| format!("step {index}, {}", metric(each)))
            .collect(),
        Step::SetWeight(_)
        | Step::Mirror(_)
        | Step::Pause(_)
        | Step::PauseUntilResumed
        | Step::Bake(_)
        | Step::LoadTest(_) => vec![],
    });
    let beside = rollout.beside.iter().flat_map(|beside| {
        let metrics = beside.metrics.iter();
        metrics.map(|each| format!("from step {}, {}", beside.starting_step, metric(each)))
    });
    in_steps.chain(beside).collect()
}

/// `reconcileEvery 15m: so often lost events are looked for`.
pub(super) fn of_reconciling(every: Seconds) -> String {
    let every = duration::written(every);
    format!("reconcileEvery {every}: so often lost events are looked for")
}

fn endpoint_kind(endpoint: &EndpointSpec) -> &'static str {
    match endpoint.serving {
        Serving::Online => "endpoint",
        Serving::Batch => "batch endpoint",
    }
}

/// The word that the file says it in.
fn concurrency(rule: Concurrency) -> &'static str {
    match rule {
        Concurrency::Supersede => "supersede",
        Concurrency::Queue => "queue",
        Concurrency::Reject => "reject",
    }
}

fn on_drift(policy: OnDrift) -> &'static str {
    match policy {
        OnDrift::Pause => "pause",
        OnDrift::Restore => "restore",
        OnDrift::Abort => "abort",
    }
}

/// ` on aks-prod`, where it is a cluster's.
fn on_compute(endpoint: &EndpointSpec) -> String {
    let compute = endpoint.compute.as_ref();
    compute.map_or_else(String::new, |compute| format!(" on {}", compute.name()))
}

/// `, score.py of 1 file in environment sklearn:7`; nothing, where the model brings both.
fn brought(deployment: &DeploymentSpec) -> String {
    let code = deployment.code.as_ref().map(|code| {
        let files = counted(code.files.len(), "file");
        format!(", {} of {files}", code.scoring_script)
    });
    let environment = deployment.environment.as_ref().map(|from| match from {
        EnvironmentSpec::Registered { asset } => format!(" in environment {asset}"),
        EnvironmentSpec::Registry { uri } => format!(" in environment {uri}"),
        EnvironmentSpec::Defined { definition, .. } => format!(" in image {}", definition.image),
    });
    format!(
        "{}{}",
        code.unwrap_or_default(),
        environment.unwrap_or_default()
    )
}

fn step(step: &Step) -> String {
    match step {
        Step::SetWeight(weight) => format!("{weight} %"),
        Step::Mirror(percent) => format!("mirror {percent} %"),
        Step::Pause(length) => format!("pause {}", duration::written(*length)),
        Step::PauseUntilResumed => "pause until somebody resumes it".to_owned(),
        Step::Analysis(metrics) => format!("analysis of {}", names(metrics)),
        Step::Bake(length) => format!("bake {}", duration::written(*length)),
        Step::LoadTest(test) => format!(
            "load of {} a second for {}",
            counted(usize::try_from(test.rate).unwrap_or(usize::MAX), "request"),
            duration::written(test.duration)
        ),
    }
}

fn beside(beside: &BesideSpec) -> String {
    let from = beside.starting_step;
    format!(
        "; {} beside the steps from step {from}",
        names(&beside.metrics)
    )
}

fn names(metrics: &[MetricSpec]) -> String {
    let names: Vec<&str> = metrics.iter().map(|metric| metric.name.as_str()).collect();
    names.join(" and ")
}

fn metric(metric: &MetricSpec) -> String {
    let against = match metric.against {
        None => "",
        Some(Against::ChampionRatio) => " divided by the champion's",
        Some(Against::ChampionDifference) => " less the champion's",
    };
    let measured = match &metric.provider {
        Provider::Platform { reading, window } => {
            format!("{reading}{against} over {}", duration::written(*window))
        }
        Provider::Predictions { requests, .. } => format!("answers to {}", of_requests(requests)),
        Provider::Http(http) => format!("{} of {}{against}", http.value, http.url),
    };
    let samples = match metric.min_samples {
        1 => String::new(),
        least => format!(", of {least} requests or more"),
    };
    let dry_run = if metric.rule.dry_run {
        "; a dry run"
    } else {
        ""
    };
    format!(
        "{}: {measured}{samples}, {}; {}, first after {}{dry_run}",
        metric.name,
        metric.threshold(),
        times(metric),
        duration::written(metric.rule.initial_delay),
    )
}

fn of_requests(requests: &Requests) -> String {
    match requests {
        Requests::Given(requests) => counted(requests.len(), "request"),
        Requests::Collected(Collected { hours, most, .. }) => {
            format!("at most {most} requests of the champion's callers in the last {hours} hours")
        }
    }
}

fn times(metric: &MetricSpec) -> String {
    let every = |interval| format!("every {}", duration::written(interval));
    match (metric.rule.count, metric.rule.interval.map(every)) {
        (Count::Times(times), Some(every)) => format!("{times} times {every}"),
        (Count::Times(_), None) => "once".to_owned(),
        (Count::UntilTheEnd, Some(every)) => format!("{every} to the end"),
        (Count::UntilTheEnd, None) => "to the end".to_owned(),
    }
}
