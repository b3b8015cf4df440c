//! The header `Authorization`, in the one form that counts.

use axum::http::{HeaderMap, HeaderValue, header};

use super::jwt::LONGEST;

/// A header that could be meant in two ways, or in none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// The token that the headers bring as `Authorization: Bearer <token>`, spelled exactly so, once.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Unreadable> {
    let Some(value) = once(headers, header::AUTHORIZATION.as_str())? else {
        return Ok(None);
    };
    let token = text(value)?.strip_prefix("Bearer ").ok_or(Unreadable)?;
    if token.is_empty() || token.bytes().any(|byte| byte == b' ') {
        return Err(Unreadable);
    }
    Ok(Some(token))
}

/// The header's value, if it is there once.
pub(super) fn once<'a>(
    headers: &'a HeaderMap,
    name: &str,
) -> Result<Option<&'a HeaderValue>, Unreadable> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(Unreadable),
    }
}

/// A value that is plain text and not longer than any token.
pub(super) fn text(value: &HeaderValue) -> Result<&str, Unreadable> {
    match value.to_str() {
        Ok(text) if text.len() <= LONGEST => Ok(text),
        Ok(_) | Err(_) => Err(Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Option<String>, Unreadable> {
        let headers = values
            .iter()
            .map(|value| (header::AUTHORIZATION, value.parse().unwrap()))
            .collect();
        bearer(&headers).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn a_bearer_token_is_spelled_in_one_way() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["Bearer a.b.c"]), Ok(Some("a.b.c".to_owned())));
        let long = format!("Bearer {}", "a".repeat(LONGEST));
        for bad in [
            "bearer a.b.c",
            "BEARER a.b.c",
            "Bearer  a.b.c",
            "Bearer a.b.c d",
            "Bearer ",
            "Bearer",
            "Basic YTpi",
            "a.b.c",
            "",
            &long,
        ] {
            assert_eq!(read(&[bad]), Err(Unreadable), "{bad}");
        }
        assert_eq!(read(&["Bearer a.b.c", "Bearer a.b.c"]), Err(Unreadable));
    }
}
