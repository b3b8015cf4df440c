//! Addresses: what may follow `?`, and what to say where there is nothing. Nothing is taken for something near it.

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::Response;
use promotion::PromotionId;
use std::sync::Arc;

use super::answer::error;
use crate::app::App;
use crate::triggers::page::{html, to_page};
use crate::ui::{self, Links, capped};

/// Where the addresses of pages begin.
const PAGES: [&str; 2] = ["/api/board", "/api/approvals"];

/// What follows `?`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Each is known and there once, else it is refused in a sentence that names those that there are.
    pub(super) fn read(query: Option<&str>, known: &[&str]) -> Result<Self, Response> {
        Self::parse(query.unwrap_or_default(), known)
            .map_err(|sentence| error(StatusCode::BAD_REQUEST, "Unreadable", &sentence))
    }

    /// The value of one of the known.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn parse(query: &str, known: &[&str]) -> Result<Self, String> {
        let mut all = Self(Vec::new());
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let shown = capped(&name, 80);
            if !known.contains(&name.as_ref()) {
                let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                let known = match known.as_slice() {
                    [] => "nothing".to_owned(),
                    known => known.join(" and "),
                };
                return Err(format!(
                    "There is no parameter `{shown}` here; what can be asked with is {known}."
                ));
            }
            if all.get(&name).is_some() {
                return Err(format!(
                    "The parameter `{shown}` is there twice; send it once."
                ));
            }
            all.0.push((name.into_owned(), value.into_owned()));
        }
        Ok(all)
    }
}

/// No address: a page for people, an error for programs.
pub async fn unknown_path(State(app): State<Arc<App>>, headers: HeaderMap, uri: Uri) -> Response {
    let path = capped(uri.path(), 120);
    if PAGES.iter().any(|start| path.starts_with(start)) {
        let viewer = app.identity.viewer(&headers).await.ok();
        let text = "There is no such page. The board lists those that there are.";
        let page = ui::message_page("Not found", text, viewer.as_ref(), &app.links);
        return html(StatusCode::NOT_FOUND, page);
    }
    let message = format!(
        "There is no `{path}`. There are /api/v1/me, /api/v1/promotions, /api/v1/promotions/{{id}}, /api/v1/promotions/{{id}}/why, \
         /api/v1/promotions/{{id}}/plan, /api/v1/promotions/{{id}}/decisions, /api/v1/promotions/{{id}}/{{verb}}, /api/v1/targets, /api/v1/targets/{{id}}/{{verb}}, /api/v1/freezes, /api/v1/freezes/{{id}}/lift, /api/v1/events and /api/v1/events/{{key}}/replay."
    );
    error(StatusCode::NOT_FOUND, "UnknownPath", &message)
}

/// An address that is asked otherwise; the header `Allow` names how, as HTTP wants it.
///
/// Where a refused form leaves a browser, `Enter` in its address bar leads to the page that the form was on.
pub async fn wrong_method(
    State(app): State<Arc<App>>,
    method: Method,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    if method == Method::GET
        && is_browser(&headers)
        && let Some(page) = page_of(&app.links, uri.path())
    {
        return to_page(&page);
    }
    let message = format!(
        "`{}` is not asked with {}; the header `Allow` of this answer names what it is asked with.",
        capped(uri.path(), 120),
        capped(method.as_str(), 20)
    );
    error(StatusCode::METHOD_NOT_ALLOWED, "WrongMethod", &message)
}

/// Whether a page is wanted rather than JSON.
pub(super) fn is_browser(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let mut texts = accepted.filter_map(|value| value.to_str().ok());
    texts.any(|text| text.contains("text/html"))
}

/// The page with the form that is sent to this path.
fn page_of(links: &Links, path: &str) -> Option<String> {
    let parts: Vec<&str> = path.strip_prefix("/api/v1/")?.split('/').collect();
    match parts.as_slice() {
        ["promotions", id, _] => Some(links.promotion(&PromotionId::parse(id)?)),
        ["freezes", _, "lift"] | ["targets", _, _] => Some(links.board()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_known_and_there_once() {
        let parse = |query| Parameters::parse(query, &["closed", "from"]);
        let both = parse("from=a%20b&closed=2026-11").unwrap();
        assert_eq!(
            (both.get("closed"), both.get("from")),
            (Some("2026-11"), Some("a b"))
        );
        assert_eq!(parse("").unwrap().get("from"), None);
        assert_eq!(
            parse("limit=1").unwrap_err(),
            "There is no parameter `limit` here; what can be asked with is `closed` and `from`."
        );
        assert_eq!(
            parse("from=a&from=b").unwrap_err(),
            "The parameter `from` is there twice; send it once."
        );
    }
}
