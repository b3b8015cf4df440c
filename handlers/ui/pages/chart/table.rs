//! The same measurements as tables, for whoever wants to read them one by one.

use maud::{Markup, html};
use promotion::analysis::Measurement;

use super::series::Series;
use crate::ui::figures::number;
use crate::ui::messages::{came_to, measured_metric, query, shown_of, threshold, without_value};
use crate::ui::moment::{machine, utc};
use crate::ui::pages::layout::scrolling;

/// So many of each metric.
const SHOWN: usize = 100;

/// Folded until somebody asks.
pub(super) fn tables(series: &[Series<'_>]) -> Markup {
    html! {
        details #measured {
            summary { "All measurements" }
            @for one in series {
                h3 { (measured_metric(one.analysis, one.metric)) }
                (table(&one.measurements))
            }
        }
    }
}

/// The newest first.
fn table(measurements: &[&Measurement]) -> Markup {
    let shown = measurements.iter().rev().take(SHOWN);
    html! {
        p.quiet { (shown_of(shown.len(), measurements.len())) }
        (scrolling(&html! {
            table.measured {
                thead {
                    tr {
                        th scope="col" { "Time" } th scope="col" { "Value" } th scope="col" { "Samples" }
                        th scope="col" { "Came to" } th scope="col" { "Threshold" } th scope="col" { "Query" }
                        th scope="col" { "Message" }
                    }
                }
                tbody { @for measured in shown { (row(measured)) } }
            }
        }))
    }
}

fn row(measured: &Measurement) -> Markup {
    html! {
        tr {
            td.result data-label="Time" { time datetime=(machine(measured.at)) { (utc(measured.at)) } }
            td.figure data-label="Value" { (measured.value.map_or_else(without_value, number)) }
            td.figure data-label="Samples" { @if let Some(samples) = measured.samples { (samples) } }
            td data-label="Came to" { (came_to(measured.came_to)) }
            td data-label="Threshold" { (threshold(&measured.threshold)) }
            td data-label="Query" { (query(&measured.query)) }
            @if let Some(message) = &measured.message { td data-label="Message" { (threshold(message)) } } @else { td {} }
        }
    }
}
