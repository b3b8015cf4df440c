//! What the cloud holds: workspaces with their models, endpoints with their traffic and predictions, events.

use maud::{Markup, html};

use crate::control::{
    CloudView, DeploymentView, EndpointView, JobView, ModelView, OperationView, VersionView,
    WorkspaceView,
};
use crate::eventgrid::{DeliveryReport, DeliveryState};

/// How many rows of a log are shown.
const LOG: usize = 12;

pub(super) fn all(view: &CloudView) -> Markup {
    html! {
        @for workspace in &view.workspaces { @for endpoint in &workspace.endpoints { (serving(workspace, endpoint, &view.operations)) } }
        (load(view))
        div.columns { @for workspace in &view.workspaces { (assets(workspace)) } }
        (events(&view.deliveries))
    }
}

fn serving(
    workspace: &WorkspaceView,
    endpoint: &EndpointView,
    operations: &[OperationView],
) -> Markup {
    let busy = operations
        .iter()
        .filter(|o| o.resource.starts_with(&workspace.id) && o.resource.contains(&endpoint.name));
    html! {
        section.panel {
            div.head {
                h2 { "Endpoint " code { (endpoint.name) } }
                span.where { (workspace.name) @if let Some(compute) = &endpoint.compute { " · Kubernetes " (short(compute, &workspace.id)) } }
                (state(&endpoint.state))
            }
            (traffic(&endpoint.deployments))
            table.deployments {
                thead { tr { th { "Deployment" } th { "Model" } th { "State" } th.number { "Traffic" } th.number { "Answered" } th { "Predictions for three sample rows" } } }
                tbody { @for (at, deployment) in endpoint.deployments.iter().enumerate() { (row(at, deployment)) } }
            }
            @for operation in busy { p.operation { (short(&operation.resource, &workspace.id)) ": operation until " (operation.due.strftime("%H:%M:%S").to_string()) } }
        }
    }
}

/// Simulated callers and what they meet; nothing where there are neither.
fn load(view: &CloudView) -> Markup {
    html! {
        @if view.callers > 0.0 || !view.serving_faults.is_empty() {
            section.panel {
                div.head { h2 { "Callers" } span.where { (view.callers) " requests a minute" } }
                @for fault in &view.serving_faults {
                    p.why { code { (fault.model) ":" (fault.version) } ": " ((fault.errors * 1000.0).round() / 10.0) " % errors, latency × " (fault.latency) ", from " (fault.from_weight) " % of the traffic" }
                }
            }
        }
    }
}

/// The bar: one part a deployment with traffic. Its colours are those of the rows.
fn traffic(deployments: &[DeploymentView]) -> Markup {
    let served = || deployments.iter().enumerate().filter(|(_, d)| d.weight > 0);
    html! {
        div.bar role="img" aria-label=(served().map(|(_, d)| format!("{} {} %", d.name, d.weight)).collect::<Vec<_>>().join(", ")) {
            @for (at, deployment) in served() {
                span class={ "part c" (at % 5) } style={ "width:" (deployment.weight) "%" } {
                    span.label { b { (deployment.weight) " %" } " " (deployment.name) }
                }
            }
            @if served().next().is_none() { span.part.none { "no traffic" } }
        }
    }
}

fn row(at: usize, deployment: &DeploymentView) -> Markup {
    html! {
        tr {
            td.name { span class={ "dot c" (at % 5) } aria-hidden="true" {} code { (deployment.name) } }
            td { (deployment.model) }
            td { (state(&deployment.state)) @if let Some(why) = &deployment.failure { p.why { (why) } } }
            td.number { (deployment.weight) " %" }
            td.number { (deployment.served) }
            td.predictions {
                @for value in &deployment.predictions { span { (format!("{value:.2}")) } }
                @if deployment.predictions.is_empty() { em { "nothing loaded" } }
            }
        }
    }
}

fn state(word: &str) -> Markup {
    let look = match word {
        "Succeeded" => "good",
        "Failed" => "bad",
        _ => "busy",
    };
    html! { span class={ "state " (look) } { (word) } }
}

fn assets(workspace: &WorkspaceView) -> Markup {
    html! {
        section.panel {
            div.head { h2 { "Workspace " code { (workspace.name) } } span.where { (workspace.region) " · " (workspace.account) } }
            @for model in &workspace.models { (versions(model)) }
            @if workspace.models.is_empty() { p.none { "No model is registered." } }
            @if !workspace.jobs.is_empty() { (jobs(&workspace.jobs)) }
        }
    }
}

fn versions(model: &ModelView) -> Markup {
    html! {
        h3 { "Model " code { (model.name) } }
        table {
            thead { tr { th { "Version" } th { "Registered" } th { "By" } th { "Job" } } }
            tbody { @for version in model.versions.iter().take(LOG) { (version_row(version)) } }
        }
    }
}

fn version_row(version: &VersionView) -> Markup {
    html! {
        tr title=(version.uri) {
            td { b { (version.version) } }
            td { (version.created_at.strftime("%d %b %H:%M").to_string()) }
            td { (version.created_by) }
            td { @if let Some(job) = &version.job { a href={ "#run-" (job) } { (job) } } @else { "–" } }
        }
    }
}

fn jobs(jobs: &[JobView]) -> Markup {
    html! {
        h3 { "Training jobs" }
        table {
            thead { tr { th { "Job" } th { "By" } th.number { "RMSE" } th.number { "MAE" } th.number { "R²" } th { "Output" } } }
            tbody { @for job in jobs.iter().take(LOG) { (job_row(job)) } }
        }
    }
}

fn job_row(job: &JobView) -> Markup {
    let metric = |name: &str, digits: usize| {
        job.metrics
            .get(name)
            .map(|value| format!("{value:.digits$}"))
    };
    html! {
        tr id={ "run-" (job.name) } title=(job.experiment) {
            td { (job.name) }
            td { (job.trained_by) }
            td.number { (metric("rmse", 2).unwrap_or_default()) }
            td.number { (metric("mae", 2).unwrap_or_default()) }
            td.number { (metric("r2", 3).unwrap_or_default()) }
            td { @for (name, uri) in &job.outputs { code title=(uri) { (name) } } }
        }
    }
}

fn events(deliveries: &[DeliveryReport]) -> Markup {
    html! {
        section.panel {
            div.head { h2 { "Event Grid" } span.where { (deliveries.len()) " deliveries" } }
            @if deliveries.is_empty() { p.none { "Nothing was published yet." } }
            @else {
                table {
                    thead { tr { th { "Time" } th { "Workspace" } th { "Event" } th { "Subject" } th { "Delivery" } th { "Answered" } } }
                    tbody { @for delivery in deliveries.iter().rev().take(LOG) { (event_row(delivery)) } }
                }
            }
        }
    }
}

fn event_row(delivery: &DeliveryReport) -> Markup {
    let (look, word) = match delivery.state {
        DeliveryState::Pending => ("busy", "pending"),
        DeliveryState::Delivered => ("good", "delivered"),
        DeliveryState::Dropped => ("bad", "dropped"),
    };
    html! {
        tr {
            td { (delivery.published.strftime("%H:%M:%S").to_string()) }
            td { (delivery.workspace) }
            td { (delivery.event_type) }
            td.subject { (delivery.subject) }
            td { span class={ "state " (look) } { (word) } }
            td.subject { (attempts(&delivery.attempts)) }
        }
    }
}

/// What came of the last attempt, and how many there were.
fn attempts(attempts: &[String]) -> String {
    match attempts {
        [] => String::new(),
        [only] => only.clone(),
        [.., last] => format!("{last} (attempt {})", attempts.len()),
    }
}

fn short<'a>(resource: &'a str, workspace: &str) -> &'a str {
    resource
        .strip_prefix(workspace)
        .unwrap_or(resource)
        .trim_start_matches("/onlineEndpoints/")
}
