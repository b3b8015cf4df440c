//! A form that was not taken, as it was sent: shown again, so that nobody types twice.

use maud::{Markup, html};

use super::layout::Frame;
use super::layout::{Refresh, problem};
use crate::ui::links::Links;
use crate::ui::messages::after_sign_in;
use crate::ui::text::{REASON, name};

/// What was typed into which form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept<'a> {
    /// The form's id on its page, like `verb-abort` or `freeze`.
    pub form: String,
    /// Why.
    pub reason: &'a str,
    /// What is to be frozen, as the form names it.
    pub scope: String,
    /// For how long it is to be frozen.
    pub lasting: &'a str,
}

impl Kept<'_> {
    /// This one, where it is that form's.
    pub(super) fn of<'k>(kept: Option<&'k Self>, form: &str) -> Option<&'k Self> {
        kept.filter(|kept| kept.form == form)
    }
}

/// The field of a reason.
pub(super) fn reason(field: &str, kept: Option<&Kept<'_>>) -> Markup {
    html! {
        label for=(field) { "Reason" }
        input type="text" id=(field) name="reason" required maxlength=(REASON) autocomplete="off" value=[kept.map(|kept| kept.reason)];
    }
}

/// A form that nobody in particular has sent: their sign-in is over, or never was.
pub struct Unsent<'a> {
    /// What it would do, like `Roll back diabetes 2`.
    pub what: &'a str,
    /// Why it was not taken.
    pub why: &'a str,
    /// Where the form is sent to.
    pub action: &'a str,
    /// What else is sent with it; nothing, where sending it again would not help.
    pub again: Option<&'a [(&'static str, String)]>,
    /// Why, as it was typed.
    pub reason: &'a str,
    /// The page that it came from.
    pub back: &'a str,
    /// The app's addresses.
    pub links: &'a Links,
}

/// What was typed, a way to sign in, and the same form once more: its token stays good for the same person.
pub fn unsent_page(unsent: &Unsent<'_>) -> String {
    let frame = Frame {
        title: "Not signed in",
        path: unsent.back,
        viewer: None,
        links: unsent.links,
        refresh: Refresh::Never,
        now: None,
    };
    let sign_in = unsent.links.sign_in(unsent.back);
    frame.page(&html! {
        h1 { "Not signed in" }
        (problem(Some(unsent.why)))
        h2 { (name(unsent.what)) }
        @match unsent.again {
            Some(hidden) => {
                p {
                    a.button href=(sign_in) target="_blank" rel="noopener" { "Sign in in a new tab" }
                    " " span.quiet { (after_sign_in()) }
                }
                div.verbs {
                    form method="post" action=(unsent.action) {
                        @for (field, value) in hidden { input type="hidden" name=(field) value=(value); }
                        (reason("reason", Some(&Kept { reason: unsent.reason, ..Kept::default() })))
                        button type="submit" { "Send it again" }
                    }
                }
            }
            None => {
                p { a.button href=(sign_in) { "Sign in" } }
                @if !unsent.reason.is_empty() { p.quiet { "You wrote: “" (unsent.reason) "”." } }
            }
        }
        p { a href=(unsent.back) { "Back to the page that this came from" } }
    })
}
