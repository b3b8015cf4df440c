//! A card without the official renderer: its texts, facts and links, in their order.

use maud::{Markup, html};
use serde_json::Value;

use super::markdown::inline;

pub(super) fn card(card: &Value) -> Markup {
    html! {
        div.plain {
            @for element in items(card, "body") { (block(element)) }
            (actions(card))
        }
    }
}

fn block(element: &Value) -> Markup {
    match element["type"].as_str().unwrap_or_default() {
        "TextBlock" => text_block(element),
        "RichTextBlock" => {
            html! { p { @for run in items(element, "inlines") { (inline(text(run))) } } }
        }
        "FactSet" => facts(element),
        "Table" => table(element),
        "ActionSet" => actions(element),
        // Containers, column sets and columns: what they hold.
        _ => html! {
            @for list in ["items", "columns"] {
                @for inner in items(element, list) { (block(inner)) }
            }
        },
    }
}

fn text_block(element: &Value) -> Markup {
    let large = matches!(
        element["size"].as_str(),
        Some("Large" | "ExtraLarge" | "large" | "extraLarge")
    );
    html! {
        @if large { h3 { (inline(text(element))) } }
        @else if element["weight"] == "Bolder" { p { strong { (inline(text(element))) } } }
        @else if element["isSubtle"] == true { p.subtle { (inline(text(element))) } }
        @else { p { (inline(text(element))) } }
    }
}

fn facts(element: &Value) -> Markup {
    html! {
        dl {
            @for fact in items(element, "facts") {
                dt { (inline(fact["title"].as_str().unwrap_or_default())) }
                dd { (inline(fact["value"].as_str().unwrap_or_default())) }
            }
        }
    }
}

fn table(element: &Value) -> Markup {
    html! {
        table {
            @for row in items(element, "rows") {
                tr { @for cell in items(row, "cells") { td { @for inner in items(cell, "items") { (block(inner)) } } } }
            }
        }
    }
}

fn actions(element: &Value) -> Markup {
    // Where nothing can be executed the fallback stands for it.
    let links = || {
        items(element, "actions")
            .map(|a| {
                if a["type"] == "Action.Execute" {
                    &a["fallback"]
                } else {
                    a
                }
            })
            .filter(|a| a["type"] == "Action.OpenUrl")
    };
    html! {
        @if links().next().is_some() {
            div.actions {
                @for action in links() {
                    @if let Some(url) = action["url"].as_str().filter(|u| u.starts_with("http")) {
                        a.action href=(url) target="_blank" rel="noopener" { (action["title"].as_str().unwrap_or("Open")) }
                    }
                }
            }
        }
    }
}

fn text(element: &Value) -> &str {
    element
        .as_str()
        .or_else(|| element["text"].as_str())
        .unwrap_or_default()
}

fn items<'a>(element: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    element[list].as_array().into_iter().flatten()
}
