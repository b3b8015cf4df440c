//! The table of gates.

use maud::{Markup, html};
use promotion::{Ending, Promotion, Verdict};

use super::layout::{badge, scrolling};
use crate::ui::messages::verdict;

/// What each gate said in this attempt; nothing before they have judged.
pub(super) fn verdicts(promotion: &Promotion) -> &[Verdict] {
    match (promotion.stage().pinned(), promotion.stage().ending()) {
        (Some(pinned), _) => &pinned.verdicts,
        (None, Some(Ending::Blocked { verdicts })) => verdicts,
        (None, _) => &[],
    }
}

/// One row a gate.
pub(super) fn table(verdicts: &[Verdict]) -> Markup {
    let rows: Vec<_> = verdicts.iter().map(verdict).collect();
    scrolling(&html! {
        table {
            thead {
                tr {
                    th scope="col" { "Gate" } th scope="col" { "Result" } th scope="col" { "Value" }
                    th scope="col" { "Threshold" } th scope="col" { "Champion" } th scope="col" { "Source" }
                }
            }
            tbody {
                @for row in &rows {
                    tr {
                        th scope="row" { (row.name) }
                        td.result data-label="Result" { (badge(row.result)) }
                        td.figure data-label="Value" { strong { (row.value) } }
                        td.figure data-label="Threshold" { (row.threshold) }
                        td data-label="Champion" { (row.champion) }
                        td data-label="Source" { (row.source) }
                    }
                    @if row.result != "passed" {
                        tr.told { td colspan="6" { (row.sentence) } }
                    }
                }
            }
        }
    })
}
