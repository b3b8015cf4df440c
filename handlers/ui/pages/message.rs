//! A page that only says something: a refusal, an error.

use maud::html;

use super::layout::{Frame, Refresh, Viewer};
use crate::ui::links::Links;
use crate::ui::text::{NAME, SENTENCE, capped};

/// A title and a sentence or two, for whoever is signed in or not.
pub fn message_page(title: &str, text: &str, viewer: Option<&Viewer>, links: &Links) -> String {
    let title = capped(title, NAME);
    let path = links.board();
    Frame {
        title: &title,
        path: &path,
        viewer,
        links,
        refresh: Refresh::Never,
        now: None,
    }
    .page(&html! {
        section.message {
            h1 { (title) }
            p { (capped(text, 2 * SENTENCE)) }
            p { a.button href=(path) { "Go to the board" } }
        }
    })
}
