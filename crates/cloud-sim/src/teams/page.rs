//! The channel page: cards drawn plainly by the server, then by npm's official renderer where it is at hand.

use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::{Value, json};

use super::assets::Renderer;
use super::channel::Content;
use super::{Message, plain};

const STYLE: &str = include_str!("channel.css");
const SCRIPT: &str = include_str!("channel.js");

pub(super) fn channel(messages: &[Message], renderer: Option<&Renderer>) -> Markup {
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
                }
                main {
                    @if renderer.is_none() {
                        p.notice { "Cards are shown plainly: npm's adaptivecards renderer is not installed." }
                    }
                    ol #messages { @for message in messages { (post(message)) } }
                    p #empty .empty hidden[!messages.is_empty()] { "No card was posted yet. This page refreshes itself." }
                }
                @if let Some(renderer) = renderer { (official(renderer)) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn post(message: &Message) -> Markup {
    let (cards, failure) = match &message.content {
        Content::Cards(cards) => (cards.as_slice(), None),
        Content::FlowFailed(why) => (&[][..], Some(why)),
    };
    let at = message
        .at
        .to_zoned(TimeZone::UTC)
        .strftime("%H:%M")
        .to_string();
    html! {
        li data-id=(message.id) {
            span.avatar.bot aria-hidden="true" { "L" }
            div.post {
                p.by { strong { "Liftlock" } " " span.via { "via Workflows" } " " time datetime=(message.at) { (at) " UTC" } }
                @if let Some(why) = failure {
                    div.failed { strong { "The flow failed" } p { (why) } }
                }
                @for card in cards {
                    div.card data-card=(card.to_string()) { (plain::card(card)) }
                }
            }
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
