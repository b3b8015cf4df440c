//! The part of Markdown that Teams shows in cards: emphasis and links. Everything else stays text.

use maud::{Markup, html};

/// One line of text as HTML; unpaired marks are text, escaped ones too.
pub(super) fn inline(text: &str) -> Markup {
    let Some(at) = text.find(['\\', '*', '_', '[']) else {
        return html! { (text) };
    };
    let (before, rest) = text.split_at(at);
    let (piece, rest) = escaped(rest)
        .or_else(|| {
            paired(rest, "**").map(|(inner, rest)| (html! { strong { (inline(inner)) } }, rest))
        })
        .or_else(|| emphasis(before, rest))
        .or_else(|| link(rest))
        // One mark that means nothing; all of them are one byte long.
        .unwrap_or_else(|| (html! { (&rest[..1]) }, &rest[1..]));
    html! { (before) (piece) (inline(rest)) }
}

/// `\_`: the mark itself.
fn escaped(text: &str) -> Option<(Markup, &str)> {
    let mark = text
        .strip_prefix('\\')?
        .chars()
        .next()
        .filter(char::is_ascii_punctuation)?;
    Some((html! { (mark) }, &text[2..]))
}

/// What stands between two marks, and what follows.
fn paired<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(mark)?
        .split_once(mark)
        .filter(|(inner, _)| !inner.is_empty())
}

/// `_so_`, but not the underscores inside a name.
fn emphasis<'a>(before: &str, text: &'a str) -> Option<(Markup, &'a str)> {
    let (inner, rest) = paired(text, "_")?;
    let in_word =
        before.ends_with(char::is_alphanumeric) || rest.starts_with(char::is_alphanumeric);
    (!in_word).then(|| (html! { em { (inline(inner)) } }, rest))
}

fn link(text: &str) -> Option<(Markup, &str)> {
    let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (url, rest) = rest.split_once(')')?;
    let safe = url.starts_with("https:") || url.starts_with("http:");
    safe.then(|| {
        (
            html! { a href=(url) target="_blank" rel="noopener" { (label) } },
            rest,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::inline;

    #[test]
    fn emphasis_and_links_are_shown_and_the_rest_is_text() {
        for (text, shown) in [
            ("plain", "plain"),
            (
                "**bold** and _soft_",
                "<strong>bold</strong> and <em>soft</em>",
            ),
            ("diabetes_train_0001", "diabetes_train_0001"),
            (r"a\_b \*\*c", "a_b **c"),
            (
                "[job](http://x/y) [no](javascript:z)",
                "<a href=\"http://x/y\" target=\"_blank\" rel=\"noopener\">job</a> [no](javascript:z)",
            ),
            ("<b> 2*3", "&lt;b&gt; 2*3"),
            ("\\", "\\"),
        ] {
            assert_eq!(inline(text).into_string(), shown);
        }
    }
}
