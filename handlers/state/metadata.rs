//! Texts as blob metadata: that travels in headers, so it is ASCII and short of their limit of 8 KB all together.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Characters of one text that are kept.
pub(super) const LONGEST: usize = 400;

pub(super) fn encode(text: &str) -> String {
    let short: String = text.chars().take(LONGEST).collect();
    utf8_percent_encode(&short, NON_ALPHANUMERIC).to_string()
}

pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
