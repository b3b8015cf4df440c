//! What was measured of the candidate, as pictures on one time axis: its traffic on top, under it each metric.
//!
//! The invariant: whatever a picture shows, its label says in a sentence and the tables below say in numbers. Nothing of it
//! is scripted, and no attribute holds more than numbers and words of ours.

mod axis;
mod marks;
mod panel;
mod series;
mod table;
mod threshold;

use maud::{Markup, html};
use promotion::{Fact, Line};

use self::axis::TimeAxis;
use self::series::{Attempt, Series};
use crate::ui::messages::{last_measured, measured_metric, thinned};

pub(super) use self::series::whole;

/// The section; nothing, where the present attempt has measured nothing.
pub(super) fn section(lines: &[Line<Fact>]) -> Markup {
    let attempt = Attempt::of(lines);
    let Some(axis) = TimeAxis::of(&attempt) else {
        return html! {};
    };
    html! {
        section aria-labelledby="measurements" {
            h2 #measurements { "Measurements" }
            (marks::shapes())
            div.panel {
                p { strong { "The candidate's share of traffic" } }
                (panel::traffic(&attempt.shares, &axis))
            }
            @for series in &attempt.series { (metric(series, &axis)) }
            div.panel { (panel::time(&axis)) }
            (marks::legend())
            (table::tables(&attempt.series))
        }
    }
}

fn metric(series: &Series<'_>, axis: &TimeAxis) -> Markup {
    let drawn = series.drawn();
    html! {
        div.panel {
            p {
                strong { (measured_metric(series.analysis, series.metric)) }
                " " span.quiet { (last_measured(series.metric, &series.measurements)) }
            }
            (panel::metric(series, &drawn, axis))
            @if drawn.len() < series.measurements.len() { p.quiet { (thinned(drawn.len(), series.measurements.len())) } }
        }
    }
}
