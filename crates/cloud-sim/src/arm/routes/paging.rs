//! Lists in pages: `$top` is the page's size, `$skip` an opaque mark that only the next link carries.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

use crate::arm::Refusal;

use super::{Answer, Call};

const PAGE: usize = 20;

/// The asked page of `items` and a link to the next one, if there is more.
pub(crate) fn page(call: &Call, items: Vec<Value>) -> Result<Answer, Refusal> {
    let size = call
        .query("$top")
        .or_else(|| call.query("count"))
        .and_then(|n| n.parse().ok())
        .unwrap_or(PAGE)
        .max(1);
    let start = match call.query("$skip") {
        None => 0,
        Some(mark) => read_mark(mark)
            .ok_or_else(|| Refusal::invalid("The $skip token is not one of this service."))?,
    };
    let total = items.len();
    let value: Vec<Value> = items.into_iter().skip(start).take(size).collect();
    let mut body = json!({ "value": value });
    if start + size < total {
        body["nextLink"] = json!(next_link(call, start + size));
    }
    Ok(Answer::ok(body))
}

fn next_link(call: &Call, start: usize) -> String {
    let others = call
        .query
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("$skip"));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("$skip", &BASE64.encode(format!("mark:{start}")))
        .finish();
    format!("{}{}?{query}", call.arm_url, call.path)
}

fn read_mark(mark: &str) -> Option<usize> {
    let text = String::from_utf8(BASE64.decode(mark).ok()?).ok()?;
    text.strip_prefix("mark:")?.parse().ok()
}
