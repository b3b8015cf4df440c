//! Rules that span routes.

use promotion::EndpointName;

use super::context::Context;
use super::diagnostics::Read;
use super::resolved::TriggerRule;
use super::routes::RouteDraft;

/// Reports every pair of routes that cannot stand beside each other, at the later one.
pub(super) fn check(drafts: &[RouteDraft], context: &Context<'_>) {
    for (index, later) in drafts.iter().enumerate() {
        for earlier in &drafts[..index] {
            refuse_same_name(earlier, later, context);
            refuse_same_way(earlier, later, context);
            refuse_other_output(earlier, later, context);
        }
    }
}

/// A promotion carries its route's name.
fn refuse_same_name(earlier: &RouteDraft, later: &RouteDraft, context: &Context<'_>) {
    if let Some(name) = same(&earlier.name, &later.name) {
        let what = format!("routes: two are named `{name}`");
        let help = format!(
            "rename one of them; the first is in line {}",
            earlier.at.line
        );
        context.report(&later.at, what, help);
    }
}

/// Each version would be brought to one endpoint twice, the second time over itself.
fn refuse_same_way(earlier: &RouteDraft, later: &RouteDraft, context: &Context<'_>) {
    let stages = same(&earlier.from, &later.from).zip(same(&earlier.to, &later.to));
    let model = same(&earlier.model, &later.model);
    if let (Some(_), Some(model), Some(endpoint)) = (stages, model, same_endpoint(earlier, later)) {
        let what = format!("routes: two bring `{model}` to the endpoint `{endpoint}`");
        let help = format!("keep one of them; the first is in line {}", earlier.at.line);
        context.report(&later.at, what, help);
    }
}

/// A job's output becomes one version of a model, whatever the routes.
fn refuse_other_output(earlier: &RouteDraft, later: &RouteDraft, context: &Context<'_>) {
    let from = same(&earlier.from, &later.from);
    let (Some(_), Some(model)) = (from, same(&earlier.model, &later.model)) else {
        return;
    };
    for (experiment, output) in outputs(later) {
        let other = outputs(earlier).find(|(own, other)| *own == experiment && *other != output);
        if let Some((_, other)) = other {
            let what = format!(
                "routes: jobs of `{experiment}` become `{model}` from `{other}` and from `{output}`"
            );
            let help = format!(
                "name one output in both; the other route is in line {}",
                earlier.at.line
            );
            context.report(&later.at, what, help);
        }
    }
}

fn outputs(draft: &RouteDraft) -> impl Iterator<Item = (&str, &str)> {
    draft
        .triggers
        .iter()
        .flatten()
        .filter_map(|trigger| match trigger {
            TriggerRule::JobCompleted { experiment, output } => {
                Some((experiment.as_str(), output.as_str()))
            }
            TriggerRule::ModelRegistered => None,
        })
}

fn same_endpoint<'d>(earlier: &'d RouteDraft, later: &RouteDraft) -> Option<&'d EndpointName> {
    let (Ok(one), Ok(other)) = (&earlier.rollout, &later.rollout) else {
        return None;
    };
    (one.endpoint.name == other.endpoint.name).then_some(&one.endpoint.name)
}

fn same<'d, T: PartialEq>(one: &'d Read<T>, other: &Read<T>) -> Option<&'d T> {
    match (one, other) {
        (Ok(one), Ok(other)) if one == other => Some(one),
        (Ok(_) | Err(_), _) => None,
    }
}
