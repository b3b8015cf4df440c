//! The frame of the page: title, clock, buttons, and the sections in their order.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::control::CloudView;

use super::sections;

const STYLE: &str = include_str!("cloud.css");
const SCRIPT: &str = include_str!("cloud.js");

/// Speeds to choose from: real time, a minute a second, ten minutes a second.
const SPEEDS: [(f64, &str); 4] = [(0.0, "stop"), (1.0, "1×"), (60.0, "60×"), (600.0, "600×")];

pub(super) fn page(view: &CloudView, can_kill: bool, done: Option<&str>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Simulated Azure" }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    div.brand { span.logo aria-hidden="true" {} div { h1 { "Simulated Azure" } p { "Two ML workspaces on this machine" } } }
                    nav { a href="/teams/" { "Teams channel" } a href="/control/state" { "State as JSON" } }
                    (clock(view))
                }
                main {
                    @if let Some(done) = done { p.done role="status" { (done) } }
                    (buttons(can_kill))
                    div #live { (sections::all(view)) }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn clock(view: &CloudView) -> Markup {
    let now = view.now.strftime("%a %d %b %H:%M:%S").to_string();
    html! {
        form.clock method="post" action="/do/speed" {
            span #now .now title="The cloud's time, UTC" { (now) }
            span.speeds role="group" aria-label="Speed of time" {
                @for (rate, label) in SPEEDS {
                    button.here[(view.rate - rate).abs() < f64::EPSILON] name="rate" value=(rate) { (label) }
                }
            }
        }
    }
}

fn buttons(can_kill: bool) -> Markup {
    html! {
        section.buttons aria-label="What happens in the cloud" {
            div.group {
                h2 { "Data scientists" }
                (button("register-better", "Register the better model", "primary"))
                (button("register-worse", "Register the worse one", ""))
                (button("complete-job", "Complete a training job", ""))
            }
            div.group {
                h2 { "Trouble" }
                (button("resend", "Send the last event five times", ""))
                (button("tamper", "Change a byte of the candidate", "danger"))
                (button("fail-next", "Fail the next deployment", "danger"))
                @if can_kill { (button("kill", "Kill the handler", "danger")) }
            }
        }
    }
}

fn button(action: &str, label: &str, look: &str) -> Markup {
    html! { form method="post" action={ "/do/" (action) } { button class=(look) { (label) } } }
}
