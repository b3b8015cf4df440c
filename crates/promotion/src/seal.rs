//! A line's own checksum: how it stands in the line, byte for byte, and the format that tells whether it does.

use crate::digest::Digest;

/// What every line of every format begins with, so that a release knows what it cannot read.
const HEAD: &[u8] = b"{\"format\":";
const BEFORE: &[u8] = b",\"hash\":\"";
const AFTER: &[u8] = b"\"}";
const DIGITS: usize = 64;

/// The format that a line says it has.
pub(crate) fn format(line: &[u8]) -> Result<u32, serde_json::Error> {
    let number = line.strip_prefix(HEAD).and_then(|rest| {
        let end = rest.iter().position(|byte| !byte.is_ascii_digit())?;
        let written = std::str::from_utf8(&rest[..end]).ok()?;
        let plain = rest[end] == b',' && !written.starts_with('0');
        written.parse().ok().filter(|_| plain)
    });
    number.ok_or_else(|| said("it does not begin with its format"))
}

/// Puts the checksum behind an object's last field.
pub(crate) fn close(mut json: Vec<u8>) -> (Vec<u8>, Digest) {
    let brace = json.pop();
    debug_assert_eq!(brace, Some(b'}'), "a line is an object");
    let hash = Digest::of(&json);
    json.extend_from_slice(BEFORE);
    json.extend_from_slice(hash.as_str().as_bytes());
    json.extend_from_slice(AFTER);
    (json, hash)
}

/// The checksum of a line, if it stands where it must and fits.
pub(crate) fn open(line: &[u8]) -> Option<Digest> {
    let (front, digits) = line.strip_suffix(AFTER)?.split_last_chunk::<DIGITS>()?;
    let body = front.strip_suffix(BEFORE)?;
    let hash = Digest::parse(std::str::from_utf8(digits).ok()?)?;
    (Digest::of(body) == hash).then_some(hash)
}

/// An error of ours where the parser has none.
pub(crate) fn said(what: &str) -> serde_json::Error {
    serde::de::Error::custom(what)
}
