//! The plan and the manifest: what will be done, with what.

use maud::{Markup, html};
use promotion::{AuthMode, Champion, Manifest, Pinned, Promotion};

use super::brought::brought;
use super::layout::scrolling;
use crate::ui::figures::{counted, length, size};
use crate::ui::messages::{
    NOTHING_SERVES_YET, WAY_BACK_HEADING, WAY_BACK_IS_PROVEN, deployment, machines, metrics,
    on_compute, on_drift, planned_call, planned_step, served, test as batch_test,
};
use crate::ui::text::{SENTENCE, capped, name, sentence};

/// Where it goes, as what, in which steps, and how it comes back.
pub(super) fn plan(pinned: &Pinned) -> Markup {
    let plan = &pinned.plan;
    let place = &plan.destination;
    let spec = &plan.deployment_spec;
    html! {
        dl.facts {
            dt { "Files go to" }
            dd { code { (capped(&format!("{}/{}/{}", place.account, place.container, place.prefix), SENTENCE)) } }
            dt { "Endpoint" }
            dd {
                (name(plan.endpoint.name.as_str())) " in " (name(&plan.location)) ", " (auth(plan.endpoint.auth_mode)) (on_compute(&plan.endpoint))
                @if !plan.endpoint_exists { " (is created)" }
            }
            dt { "Deployment" }
            dd { code { (deployment(&plan.deployment)) } ", " (machines(spec)) }
            @if let Some(planned) = &plan.batch_test { dt { "Test job" } dd { (batch_test(planned)) } }
            (brought(spec))
            dt { "Smoke test" }
            dd {
                @match &plan.smoke_test {
                    Some(test) => {
                        "succeeds if " code { (capped(&test.success_condition, SENTENCE)) }
                        details #smoke-request { summary { "Request" } pre { code { (capped(&test.request.to_string(), 2 * SENTENCE)) } } }
                    }
                    None => "none",
                }
            }
            dt { "Steps" }
            dd {
                @if matches!(pinned.champion, Champion::None) {
                    p { (NOTHING_SERVES_YET) }
                }
                ol.plan { @for planned in &plan.steps { li { (sentence(&planned_step(plan, planned))) } } }
                @if let Some(beside) = &plan.beside {
                    p { "Measured beside them, from step " (beside.starting_step + 1) " on: " (metrics(&beside.metrics)) ". What is worse goes back at once." }
                }
            }
            dt { "Way back" }
            dd {
                (served(plan.endpoint.serving, &plan.way_back))
                @if plan.way_back.is_empty() { ", and the deployment is deleted" }
                @else { (WAY_BACK_IS_PROVEN) }
            }
            dt { "Where somebody else changes the endpoint" }
            dd { (on_drift(plan.on_drift)) }
            dt { "Previous stays warm" }
            dd { (length(plan.keep_previous)) }
        }
    }
}

/// Every call of it, for whoever wants to see them before they agree.
pub(super) fn calls(promotion: &Promotion) -> Markup {
    let Some(calls) = promotion.planned_calls() else {
        return html! {};
    };
    html! {
        details #calls {
            summary { "Every call, in order" }
            ol.plan { @for call in &calls.forward { li { (planned_call(call)) } } }
            p { (WAY_BACK_HEADING) }
            ol.plan { @for call in &calls.way_back { li { (planned_call(call)) } } }
        }
    }
}

fn auth(mode: AuthMode) -> &'static str {
    match mode {
        AuthMode::Key => "called with a key",
        AuthMode::AmlToken => "called with an Azure ML token",
        AuthMode::AadToken => "called with an Entra token",
    }
}

/// Every file, up to what a person scrolls through.
pub(super) fn manifest(manifest: &Manifest) -> Markup {
    const SHOWN: usize = 100;
    let files = manifest.files();
    html! {
        p {
            (counted(files.len() as u64, "file")) ", " (size(manifest.total_size()))
            ", manifest digest " code { (manifest.digest().short(12)) }
        }
        (scrolling(&html! {
            table {
                thead { tr { th scope="col" { "Path" } th scope="col" { "Size" } th scope="col" { "MD5" } th scope="col" { "ETag" } } }
                tbody {
                    @for file in files.iter().take(SHOWN) {
                        tr {
                            th scope="row" { code { (capped(&file.path, 200)) } }
                            td.figure data-label="Size" { (size(file.size)) }
                            td data-label="MD5" { @match &file.md5 { Some(md5) => { code { (capped(md5, 40)) } } None => "–" } }
                            td data-label="ETag" { code { (capped(&file.etag, 40)) } }
                        }
                    }
                }
            }
        }))
        @if files.len() > SHOWN { p { "And " (files.len() - SHOWN) " more." } }
    }
}
