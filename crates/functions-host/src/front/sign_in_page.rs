//! The page that stands in for the directory's sign-in: one button a persona.

use axum::response::{Html, IntoResponse};
use http::header;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::options::Persona;

const STYLE: &str = "
:root { color-scheme: light dark; --line: #d0d7de; --soft: #57606a; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #9da7b3; --link: #6cb6ff; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 12vh auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
p { color: var(--soft); margin: .25rem 0 1.5rem; }
form { margin: 0 0 .75rem; }
button { width: 100%; text-align: left; font: inherit; padding: .75rem 1rem; border-radius: .5rem;
  border: 1px solid var(--line); background: transparent; color: inherit; cursor: pointer; }
button:hover { border-color: var(--link); }
button:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
button span { display: block; color: var(--soft); font-size: .9rem; }
";

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

pub(super) fn personas(
    personas: &[Persona],
    signed_in: Option<&Persona>,
    target: &str,
) -> impl IntoResponse + use<> {
    page(
        "Sign in",
        &html! {
            h1 { "Sign in" }
            p {
                "This local host stands in for Microsoft Entra ID: choose who you are."
                @if let Some(persona) = signed_in { " You are signed in as " strong { (persona.name) } "." }
            }
            @for persona in personas {
                form method="post" action="/.auth/login/aad" {
                    input type="hidden" name="post_login_redirect_uri" value=(target);
                    button type="submit" name="persona" value=(persona.object_id) {
                        strong { (persona.name) }
                        span { (persona.description) }
                    }
                }
            }
        },
    )
}

pub(super) fn signed_out() -> impl IntoResponse {
    page(
        "Signed out",
        &html! {
            h1 { "Signed out" }
            p { "You have signed out of this local host." }
        },
    )
}

fn page(title: &str, content: &Markup) -> impl IntoResponse + use<> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { (content) } }
        }
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Html(page.into_string()))
}
