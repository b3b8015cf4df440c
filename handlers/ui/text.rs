//! Texts from outside, made fit to be shown: one line, no control or direction characters, not longer than its place.
//!
//! The invariant: what leaves [`capped`] cannot change how the text around it reads. Escaping is a second step, by whoever
//! renders: `maud` for pages, [`markdown`] for cards.

/// Enough for any name.
pub(crate) const NAME: usize = 80;
/// Enough for what somebody wrote or a service said, where it stands among other things.
pub(crate) const SENTENCE: usize = 400;
/// What an approval's comment may hold.
pub(crate) const COMMENT: usize = 2000;
/// What the reason of a verb, a hold or a freeze may hold.
pub(crate) const REASON: usize = 500;

/// How many characters somebody has typed, as the field counted them: a form sends each line break as two.
pub(crate) fn length(text: &str) -> usize {
    text.chars().count() - text.matches("\r\n").count()
}

/// One line of what came from outside, capped at what a comment may hold: for whoever stores it.
pub fn clean(text: &str) -> String {
    capped(text, COMMENT)
}

/// One line of at most `most` characters; what was cut off shows as `…`.
pub(crate) fn capped(text: &str, most: usize) -> String {
    // Reading stops soon after the cap, however long the text is.
    let shown = text
        .chars()
        .take(most.saturating_mul(4))
        .map(line_character);
    let one_line: String = shown.filter(|c| !is_invisible(*c)).collect();
    let words = one_line.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = words.chars().count() <= most && text.chars().nth(most.saturating_mul(4)).is_none();
    if whole {
        words
    } else {
        let kept: String = words.chars().take(most.saturating_sub(1)).collect();
        format!("{}…", kept.trim_end())
    }
}

/// A name from outside; an empty one is said to be so.
pub(crate) fn name(text: &str) -> String {
    let name = capped(text, NAME);
    if name.is_empty() {
        "(no name)".to_owned()
    } else {
        name
    }
}

/// A failure's message or a reason as the end of a sentence: without its own full stop.
pub(crate) fn clause(text: &str) -> String {
    let clause = capped(text, SENTENCE);
    unticked(clause.trim_end_matches('.'))
}

/// Code marks, which the core and Azure put around names, as quotation marks.
fn unticked(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.fold(
        String::with_capacity(text.len()),
        |mut whole, (at, part)| {
            if at > 0 {
                whole.push(if at % 2 == 1 { '“' } else { '”' });
            }
            whole + part
        },
    )
}

/// What somebody said, in quotation marks; nothing, if they said nothing.
pub(crate) fn quoted(text: &str) -> Option<String> {
    let said = capped(text, SENTENCE);
    (!said.is_empty()).then(|| format!("“{said}”"))
}

/// Begins with a capital letter.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Begins with a capital letter and ends: for an error that stands alone on a page.
pub(crate) fn whole_sentence(text: &str) -> String {
    let begun = sentence(text);
    if begun.ends_with(['.', '!', '?', '…']) {
        begun
    } else {
        begun + "."
    }
}

/// For a card's text fields: nothing in it is markdown, a link or a date function any more.
pub(crate) fn markdown(text: &str, most: usize) -> String {
    let text = capped(text, most);
    let characters: Vec<char> = text.chars().collect();
    let mut escaped = String::with_capacity(text.len());
    for (at, &c) in characters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| characters[before]);
        let after = characters.get(at + 1).copied();
        // `1.` begins a list only where a line begins.
        let item = matches!(c, '.' | ')')
            && after == Some(' ')
            && at > 0
            && characters[..at].iter().all(char::is_ascii_digit);
        if item || is_active(c, before, after) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Whether the character would mean something there. What is inside a word stays as it is: `best_model`, `champion-v1`.
fn is_active(c: char, before: Option<char>, after: Option<char>) -> bool {
    let in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '{' | '}' | '|' | '~' | '&' => true,
        '_' => !(in_word(before) && in_word(after)),
        '#' | '+' | '-' | '=' => before.is_none(),
        // Nothing turns into a link by itself.
        '/' => before == Some('/') || (before == Some(':') && after == Some('/')),
        _ => false,
    }
}

/// Every kind of break is a space; the next step folds spaces.
fn line_character(c: char) -> char {
    if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
        ' '
    } else {
        c
    }
}

/// Characters that turn the direction of text, hide in it, or smuggle other text along.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn a_text_is_one_line_without_hidden_characters() {
        assert_eq!(
            capped("a\u{202e}b\nlevel=info\u{0}\tc\u{200b}d\u{2028}e", 80),
            "ab level=info cd e"
        );
    }

    #[test]
    fn a_long_text_says_that_it_goes_on() {
        assert_eq!(capped("abcdef", 6), "abcdef");
        assert_eq!(capped("abcdefg", 6), "abcde…");
        let padded = format!("a{}b", " ".repeat(100));
        assert_eq!(capped(&padded, 6), "a…");
    }

    #[test]
    fn a_line_break_counts_once_however_it_is_sent() {
        assert_eq!(length("a\r\nb\nc\rd"), 7);
        let sent = "line\r\n".repeat(400);
        assert_eq!(length(&sent), 2000);
        assert!(!capped(&sent, 2000).ends_with('…'));
    }

    #[test]
    fn markdown_is_text() {
        insta::assert_snapshot!(
            markdown("[x](javascript:alert(1)) **b** _i_ best_model champion-v1 <at>all</at> {{DATE(x)}} https://evil.example", 400),
            @r"\[x\](javascript:alert(1)) \*\*b\*\* \_i\_ best_model champion-v1 \<at\>all\</at\> \{\{DATE(x)\}\} https:\/\/evil.example"
        );
        insta::assert_snapshot!(markdown("# h", 9), @r"\# h");
        insta::assert_snapshot!(markdown("1. one", 9), @r"1\. one");
        insta::assert_snapshot!(markdown("53.3 is 1. of 2", 20), @"53.3 is 1. of 2");
    }
}
