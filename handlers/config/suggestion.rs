//! What somebody may have meant by a word that is not known.

/// The sentence about an unknown key among `known` ones.
pub(super) fn for_key(word: &str, known: impl Iterator<Item = &'static str>) -> String {
    let known: Vec<&str> = known.collect();
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "no key belongs here: write `{}`".to_owned(),
        None => format!("the keys here are {}", listed(known)),
    }
}

/// The known word that `word` is most likely a slip of.
pub(super) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let plain = plain(word);
    known
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&plain, &self::plain(candidate)),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 5)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Words in backquotes, with commas.
pub(super) fn listed<'k>(words: impl IntoIterator<Item = &'k str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// A word without what people mix up: case, underscores and hyphens.
fn plain(word: &str) -> String {
    word.chars()
        .filter(|c| !matches!(c, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_word_and_other_words_do_not() {
        let known = [
            "minApprovals",
            "approvers",
            "preventSelfReview",
            "expiresAfter",
        ];
        let near = |word| nearest(word, known.into_iter());
        assert_eq!(near("minAproval"), Some("minApprovals"));
        assert_eq!(near("min_approvals"), Some("minApprovals"));
        assert_eq!(near("approver"), Some("approvers"));
        assert_eq!(near("steps"), None);
        assert_eq!(near(""), None);
    }
}
