//! The channel page: cards drawn plainly by the server, then by npm's official renderer where it is at hand.

use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Value, json};

use super::assets::Renderer;
use super::view::{Entry, Shows, View};
use super::{markdown, plain};

const STYLE: &str = include_str!("channel.css");
const SCRIPT: &str = include_str!("channel.js");

pub(super) fn channel(view: &View<'_>, renderer: Option<&Renderer>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Model promotions · Teams" }
                link rel="icon" href="data:,";
                @if renderer.is_some() { link rel="stylesheet" href="/teams/assets/adaptivecards.css"; }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    span.avatar aria-hidden="true" { "MP" }
                    div { h1 { "Model promotions" } p { "Machine learning · simulated Microsoft Teams channel" } }
                    (persona(view))
                }
                main {
                    @if renderer.is_none() {
                        p.notice { "Cards are shown plainly: npm's adaptivecards renderer is not installed." }
                    }
                    ol #messages { @for one in &view.entries { (entry(one)) } }
                    p #empty .empty hidden[!view.entries.is_empty()] { "No card was posted yet. This page refreshes itself." }
                }
                p #toast role="status" hidden {}
                @if let Some(renderer) = renderer { (official(renderer)) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn entry(entry: &Entry<'_>) -> Markup {
    let at = entry
        .at
        .to_zoned(TimeZone::UTC)
        .strftime("%H:%M")
        .to_string();
    html! {
        li data-id=(entry.key) data-version=(entry.version) data-shared=(entry.shared) data-post=[entry.post] {
            span.avatar.bot aria-hidden="true" { "L" }
            div.post {
                p.by {
                    strong { "Liftlock" } " " span.via { (entry.via) } " " time datetime=(entry.at) { (at) " UTC" }
                    @if let Some(note) = entry.note { " " span.via.note { (note) } }
                }
                (shown(&entry.shows))
                @if !entry.answers.is_empty() {
                    ol.answers { @for answer in &entry.answers { (self::entry(answer)) } }
                }
            }
        }
    }
}

fn shown(shows: &Shows<'_>) -> Markup {
    let card =
        |card: &Value| html! { div.card data-card=(card.to_string()) { (plain::card(card)) } };
    match shows {
        Shows::Failed(why) => html! { div.failed { strong { "The flow failed" } p { (why) } } },
        Shows::Deleted => html! { p.deleted { "This message has been deleted." } },
        Shows::Text(text) => html! { p.text { (markdown::inline(text)) } },
        Shows::Card(one) => card(one),
        Shows::Cards(cards) => html! { @for one in *cards { (card(one)) } },
    }
}

/// Whose Teams this is: another choice is another page.
fn persona(view: &View<'_>) -> Markup {
    html! {
        form method="get" action="/teams/" .persona {
            label for="as" { "You are" }
            select #as name="as" {
                @for member in view.members {
                    option value=(member.object_id) selected[view.viewer == Some(member)] { (member.name) }
                }
            }
            noscript { button { "Go" } }
        }
    }
}

fn official(renderer: &Renderer) -> Markup {
    let Renderer { light, dark } = renderer;
    html! {
        script src="/teams/assets/adaptivecards.js" {}
        script #host-configs type="application/json" { (PreEscaped(for_script(&json!({"light": light, "dark": dark})))) }
    }
}

/// JSON that cannot end the script element that it stands in.
fn for_script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}
