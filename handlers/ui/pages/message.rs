//! A page that only says something: a refusal, an error.

use maud::html;

use super::layout::{Frame, Refresh};
use crate::ui::links::Links;
use crate::ui::text::{NAME, SENTENCE, capped};

/// A title and a sentence or two.
pub fn message_page(title: &str, text: &str, links: &Links) -> String {
    let title = capped(title, NAME);
    let path = links.board();
    Frame {
        title: &title,
        path: &path,
        viewer: None,
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
