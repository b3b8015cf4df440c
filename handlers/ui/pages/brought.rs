//! Code and environment that a deployment brings along: people agree to exactly these.

use maud::{Markup, html};
use promotion::{CodeSpec, DeploymentSpec, EnvironmentDefinition, EnvironmentSpec};

use super::layout::scrolling;
use crate::ui::figures::{counted, size};
use crate::ui::text::{SENTENCE, capped, name};

/// Facts of the plan; nothing, where the model brings both.
pub(super) fn brought(spec: &DeploymentSpec) -> Markup {
    html! {
        @if let Some(code) = &spec.code {
            dt { "Code" }
            dd {
                code { (name(&code.scoring_script)) } " of "
                (counted(code.files.len() as u64, "file")) " (" (size(code.total_size())) "), registered as "
                code { (name(&code.asset.to_string())) }
                details #code-files { summary { "Files" } (files(code)) }
            }
        }
        @if let Some(environment) = &spec.environment {
            dt { "Environment" }
            dd { (described(environment)) }
        }
    }
}

fn files(code: &CodeSpec) -> Markup {
    scrolling(&html! {
        table {
            thead { tr { th scope="col" { "Path" } th scope="col" { "Size" } th scope="col" { "SHA-256" } } }
            tbody {
                @for file in &code.files {
                    tr {
                        th scope="row" { code { (capped(&file.path, 200)) } }
                        td.figure data-label="Size" { (size(file.size)) }
                        td data-label="SHA-256" { code { (capped(file.sha256.as_str(), 64)) } }
                    }
                }
            }
        }
    })
}

fn described(environment: &EnvironmentSpec) -> Markup {
    match environment {
        EnvironmentSpec::Registered { asset } => {
            html! { code { (name(&asset.to_string())) } ", which has to be there" }
        }
        EnvironmentSpec::Registry { uri } => html! { code { (capped(uri, SENTENCE)) } },
        EnvironmentSpec::Defined {
            asset, definition, ..
        } => html! {
            "image " code { (capped(&definition.image, SENTENCE)) } ", registered as "
            code { (name(&asset.to_string())) }
            @if let Some(route) = definition.inference.as_ref().and_then(|at| at.scoring_route.as_ref()) {
                ", answers at " code { (name(&route.path)) } " on port " (route.port)
            }
            (conda(definition))
        },
    }
}

/// Its lines as they stand in the file: each is made fit to be shown by itself.
fn conda(definition: &EnvironmentDefinition) -> Markup {
    let Some(text) = &definition.conda else {
        return html! {};
    };
    let indented = |line: &str| {
        let depth = line.chars().take_while(|c| *c == ' ').count();
        format!("{}{}\n", " ".repeat(depth.min(20)), capped(line, SENTENCE))
    };
    html! {
        details #conda-file {
            summary { "Conda file" }
            pre { code { @for line in text.lines() { (indented(line)) } } }
        }
    }
}
