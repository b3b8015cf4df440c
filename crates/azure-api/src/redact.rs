//! Takes secrets out of text that came from outside and may be logged.
//!
//! **Invariant:** signatures (`sig=`), bearer tokens and keys never leave this crate in a message. Its other half is that
//! types with a secret in them write their own `Debug`.

/// Longer messages are cut: they are stored.
const LONGEST: usize = 1000;

/// Each is followed by a secret that ends at a character which cannot be part of it.
const MARKS: [&str; 4] = ["sig=", "bearer ", "sharedaccesskey=", "accountkey="];

/// The text without secrets, at most 1000 bytes long.
pub(crate) fn redact(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut clean = String::with_capacity(text.len().min(LONGEST));
    let mut at = 0;
    while let Some((start, mark)) = next_mark(&lower, at) {
        let secret = start + mark.len();
        clean.push_str(&text[at..secret]);
        clean.push('…');
        at = secret + secret_len(&text[secret..]);
    }
    clean.push_str(&text[at..]);
    shorten(clean)
}

fn next_mark(lower: &str, from: usize) -> Option<(usize, &'static str)> {
    MARKS
        .iter()
        .filter_map(|mark| lower[from..].find(mark).map(|found| (from + found, *mark)))
        .min()
}

fn secret_len(text: &str) -> usize {
    let part_of_secret = |c: char| c.is_ascii_alphanumeric() || "-._~+/=%".contains(c);
    text.find(|c| !part_of_secret(c)).unwrap_or(text.len())
}

fn shorten(mut text: String) -> String {
    if text.len() > LONGEST {
        let end = (0..=LONGEST)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_cut_out() {
        let cases = [
            (
                "https://a/b?sv=1&sig=abc%2Fdef&sp=r",
                "https://a/b?sv=1&sig=…&sp=r",
            ),
            ("token Bearer eyJ0.e-_Y.x is bad", "token Bearer … is bad"),
            ("SIG=AbC\"", "SIG=…\""),
            ("nothing here", "nothing here"),
            ("Ünder sig=ä", "Ünder sig=…ä"),
        ];
        for (text, expected) in cases {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let cut = redact(&"ü".repeat(900));
        assert_eq!(cut.chars().count(), 501);
    }
}
