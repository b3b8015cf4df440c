//! An endpoint's traffic as a bar with its legend: widths are SVG attributes, for the policy allows no inline style.

use maud::{Markup, html};
use promotion::{DeploymentName, Promotion, Rollout, Serving, Stage, Traffic};

use crate::ui::messages::{deployment, served, traffic as told};
use crate::ui::text::{name, sentence};

/// The traffic as this promotion last knew it; nothing before it has a plan.
pub(super) fn section(promotion: &Promotion) -> Markup {
    let Some(pinned) = promotion.stage().pinned() else {
        return html! {};
    };
    let plan = &pinned.plan;
    let (shares, said) = known(promotion, &plan.way_back);
    html! {
        section aria-labelledby="traffic" {
            @match plan.endpoint.serving {
                Serving::Online => {
                    h2 #traffic { "Traffic of endpoint " (name(plan.endpoint.name.as_str())) }
                    (bar(shares, &plan.deployment))
                }
                Serving::Batch => {
                    h2 #traffic { "Default deployment of batch endpoint " (name(plan.endpoint.name.as_str())) }
                    p { (sentence(&served(Serving::Batch, shares))) "." }
                }
            }
            p.quiet { (said) }
        }
    }
}

/// What was written last, or what served when the plan was made.
fn known<'a>(promotion: &'a Promotion, before: &'a Traffic) -> (&'a Traffic, &'static str) {
    let rollout = promotion.stage().rollout();
    if let (Some(drifted), Stage::Shifting { .. }) =
        (rollout.and_then(Rollout::drifted), promotion.stage())
    {
        return (
            &drifted.drift.traffic,
            "As somebody else has left it, when it was looked at last.",
        );
    }
    if let Some(shown) = promotion.shows_while_held_up() {
        return (shown, "As it was before its next change, which waits.");
    }
    let written = rollout.and_then(Rollout::standing_write);
    match (written, promotion.stage()) {
        (Some(write), Stage::Closed { .. }) => (&write.traffic, "As this promotion left it."),
        (Some(write), _) if write.settled => (&write.traffic, "As it was set last and read back."),
        (Some(write), _) => (&write.traffic, "Being set."),
        (None, _) => (
            before,
            "As it was when the plan was made; not changed by this promotion, perhaps by others since.",
        ),
    }
}

/// The bar and its legend. The candidate's part comes first and is hatched, so it reads without colour.
fn bar(traffic: &Traffic, candidate: &DeploymentName) -> Markup {
    let mut shares: Vec<_> = traffic.shares().collect();
    shares.sort_by_key(|(name, _)| *name != candidate);
    let starts = shares.iter().scan(0u32, |at, (_, percent)| {
        let start = *at;
        *at += u32::from(*percent);
        Some(start)
    });
    let parts: Vec<_> = shares.iter().zip(starts).collect();
    html! {
        svg.traffic width="100%" height="16" role="img" aria-label=(told(traffic)) {
            rect.none width="100%" height="16" rx="4" {}
            @for ((name, percent), start) in &parts {
                rect.(class(name, candidate)) x={ (start) "%" } width={ (percent) "%" } height="16" {}
            }
        }
        ul.legend {
            @for (name, percent) in &shares {
                li.(class(name, candidate)) {
                    span.swatch aria-hidden="true" {}
                    strong { (percent) " %" } " " code { (deployment(name)) }
                    @if *name == candidate { " (this candidate)" }
                }
            }
            @if shares.is_empty() { li.none { "No deployment has traffic." } }
        }
    }
}

fn class(name: &DeploymentName, candidate: &DeploymentName) -> &'static str {
    if name == candidate {
        "candidate"
    } else {
        "champion"
    }
}
