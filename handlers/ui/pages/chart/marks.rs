//! A mark for what a measurement came to: each has a shape of its own, so that it reads without colour.

use maud::{Markup, html};
use promotion::analysis::Measured;

use crate::ui::messages::came_to;

const ALL: [Measured; 4] = [
    Measured::Successful,
    Measured::Failed,
    Measured::Inconclusive,
    Measured::Error,
];

/// Once for all pictures of a page.
pub(super) fn shapes() -> Markup {
    html! {
        svg.shapes width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                circle #mark-good r="3" {}
                path #mark-failed d="M-4 -4L4 4M-4 4L4 -4" {}
                path #mark-unsure d="M0 -5L5 0L0 5L-5 0Z" {}
                path #mark-error d="M0 -5L5 4L-5 4Z" {}
            }
        }
    }
}

/// One, at this share of the width and this height.
pub(super) fn mark(measured: Measured, x: f64, y: f64) -> Markup {
    let class = class(measured);
    html! { use.(class) href={ "#mark-" (class) } x=(percent(x)) y=(pixels(y)) {} }
}

/// What they mean.
pub(super) fn legend() -> Markup {
    html! {
        ul.legend.marks {
            @for measured in ALL {
                li {
                    svg.chart width="14" height="14" aria-hidden="true" focusable="false" { (mark(measured, 0.5, 7.0)) }
                    (came_to(measured))
                }
            }
        }
    }
}

fn class(measured: Measured) -> &'static str {
    match measured {
        Measured::Successful => "good",
        Measured::Failed => "failed",
        Measured::Inconclusive => "unsure",
        Measured::Error => "error",
    }
}

/// `31.2%`.
pub(super) fn percent(share: f64) -> String {
    format!("{}%", short(share * 100.0))
}

/// `31.2`.
pub(super) fn pixels(pixels: f64) -> String {
    short(pixels)
}

/// One digit behind the point is less than anybody sees, and less to send.
fn short(number: f64) -> String {
    format!("{}", (number * 10.0).round() / 10.0)
}
