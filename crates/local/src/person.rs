//! People at their browsers: they sign in, open pages and send the forms that they find there.

use anyhow::Context as _;
use reqwest::{Client, StatusCode, header, redirect};
use std::time::Duration;
use url::{Url, form_urlencoded};

const PATIENCE: Duration = Duration::from_secs(10);

/// Everybody who can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Persona {
    /// Trained the models.
    Tina,
    /// May approve.
    Ada,
    /// May approve.
    Ben,
    /// May approve, and look at what the other two have overridden.
    Cleo,
    /// Has no role.
    Sam,
}

impl Persona {
    /// In the order of the sign-in page.
    pub(crate) const ALL: [Self; 5] = [Self::Tina, Self::Ada, Self::Ben, Self::Cleo, Self::Sam];

    /// The display name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tina => "Tina Trainer",
            Self::Ada => "Ada Approver",
            Self::Ben => "Ben Approver",
            Self::Cleo => "Cleo Reviewer",
            Self::Sam => "Sam Stranger",
        }
    }

    fn object_id(self) -> &'static str {
        match self {
            Self::Tina => "00000000-0000-4000-8000-00000000000a",
            Self::Ada => "00000000-0000-4000-8000-00000000000b",
            Self::Ben => "00000000-0000-4000-8000-00000000000c",
            Self::Cleo => "00000000-0000-4000-8000-000000000009",
            Self::Sam => "00000000-0000-4000-8000-00000000000d",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Tina => "has the role too, but trained the models: others have to judge them",
            Self::Ada | Self::Ben | Self::Cleo => "has the role Model.Approver",
            Self::Sam => "has no role here",
        }
    }

    pub(crate) fn known_to_the_host(self) -> functions_host::Persona {
        let roles = match self {
            Self::Tina | Self::Ada | Self::Ben | Self::Cleo => vec!["Model.Approver".to_owned()],
            Self::Sam => vec![],
        };
        functions_host::Persona {
            object_id: self.object_id().to_owned(),
            name: self.name().to_owned(),
            tenant_id: cloud_sim::Identity::TENANT_ID.to_owned(),
            roles,
            description: self.description().to_owned(),
        }
    }
}

/// A browser at the app.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    http: Client,
    base: Url,
    cookie: Option<String>,
}

/// What became of a form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It counts.
    Taken,
    /// The page has no such form for this person now; the text says why.
    NotOffered(String),
    /// It was refused.
    Refused(String),
    /// It was not sent: the app does not answer at the moment.
    AppAway,
    /// It was sent, and whether it counts is not known.
    AnswerLost,
}

/// What was shown.
#[derive(Debug)]
pub(crate) struct Page {
    /// The answer's status.
    pub(crate) status: StatusCode,
    /// The page.
    pub(crate) body: String,
}

impl Browser {
    /// At the app of this address.
    pub(crate) fn new(base: &Url) -> anyhow::Result<Self> {
        // Another part of the process may have installed it already; then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        Ok(Self {
            http,
            base: base.clone(),
            cookie: None,
        })
    }

    /// Chooses a persona on the platform's sign-in page.
    pub(crate) async fn sign_in(&mut self, persona: Persona) -> anyhow::Result<()> {
        let fields = [
            ("persona", persona.object_id()),
            ("post_login_redirect_uri", "/api/board/"),
        ];
        let response = self
            .http
            .post(self.base.join("/.auth/login/aad")?)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(encoded(&fields))
            .send()
            .await?;
        let cookie = response
            .headers()
            .get(header::SET_COOKIE)
            .and_then(|cookie| cookie.to_str().ok()?.split(';').next())
            .with_context(|| format!("{} cannot sign in", persona.name()))?;
        self.cookie = Some(cookie.to_owned());
        Ok(())
    }

    /// Opens a page of the app, by path or whole address.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Page> {
        self.read(self.http.get(self.address(path))).await
    }

    /// Answers the approval behind a card's link.
    pub(crate) async fn answer(&self, link: &str, decision: &str, comment: &str) -> Sent {
        // The page may offer another answer only: whose approval counted already can still take it back.
        let button = format!("name=\"decision\" value=\"{decision}\"");
        match self.get(link).await {
            Ok(shown) if shown.status.is_success() && !shown.body.contains(&button) => {
                return Sent::NotOffered(text(&shown.body));
            }
            Ok(_) => {}
            Err(_) => return Sent::AppAway,
        }
        let fields = [("decision", decision), ("comment", comment)];
        self.send_form(link, link, &fields).await
    }

    /// Uses a verb of a promotion's page: `abort`, `roll-back`, `reopen`, `replay`.
    pub(crate) async fn tell(&self, id: &str, verb: &str, reason: &str) -> Sent {
        let page = format!("/api/board/promotions/{id}");
        let action = format!("/api/v1/promotions/{id}/{verb}");
        self.send_form(&page, &action, &[("reason", reason)]).await
    }

    /// Resumes the rollout at what its page says that it waits for.
    pub(crate) async fn resume(&self, id: &str, reason: &str) -> Sent {
        let path = format!("/api/board/promotions/{id}");
        let shown = match self.get(&path).await {
            Ok(shown) if shown.status.is_success() => shown,
            Ok(_) | Err(_) => return Sent::AppAway,
        };
        let Some(pause) = hidden(&shown.body, "pause") else {
            return Sent::NotOffered(text(&shown.body));
        };
        let action = format!("/api/v1/promotions/{id}/resume");
        let fields = [("reason", reason), ("pause", pause)];
        self.send_form(&path, &action, &fields).await
    }

    /// Lifts the first hold that the board shows, by its button.
    pub(crate) async fn lift_hold(&self, reason: &str) -> Sent {
        let board = "/api/board/";
        let Ok(shown) = self.get(board).await else {
            return Sent::AppAway;
        };
        let action = shown.body.split('"').find(|part| part.ends_with("/unhold"));
        let Some(action) = action else {
            return Sent::NotOffered(text(&shown.body));
        };
        self.send_form(board, action, &[("reason", reason)]).await
    }

    /// Freezes `scope`, by the board's form.
    pub(crate) async fn freeze(&self, scope: &str, reason: &str) -> Sent {
        let fields = [("scope", scope), ("reason", reason), ("for", "")];
        self.send_form("/api/board/", "/api/v1/freezes", &fields)
            .await
    }

    /// Lifts the first freeze that the board shows, by its button.
    pub(crate) async fn lift_freeze(&self, reason: &str) -> Sent {
        let board = "/api/board/";
        let Ok(shown) = self.get(board).await else {
            return Sent::AppAway;
        };
        let is_lift = |part: &&str| part.starts_with("/api/v1/freezes/") && part.ends_with("/lift");
        let Some(action) = shown.body.split('"').find(is_lift) else {
            return Sent::NotOffered(text(&shown.body));
        };
        self.send_form(board, action, &[("reason", reason)]).await
    }

    /// Opens the page with the form, then sends it with the page's token.
    async fn send_form(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Sent {
        let shown = match self.get(page).await {
            Ok(shown) if shown.status.is_success() => shown,
            Ok(shown) if shown.status.is_server_error() => return Sent::AppAway,
            Ok(shown) => return Sent::Refused(format!("{page} answered {}", shown.status)),
            Err(_) => return Sent::AppAway,
        };
        let Some(token) = token(&shown.body) else {
            return Sent::NotOffered(text(&shown.body));
        };
        let mut fields = fields.to_vec();
        fields.push(("csrf", token));
        let request = self
            .http
            .post(self.address(action))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, self.base.origin().ascii_serialization())
            .header("Sec-Fetch-Site", "same-origin")
            .body(encoded(&fields));
        match self.read(request).await {
            Ok(answer) if answer.status == StatusCode::SEE_OTHER => Sent::Taken,
            Ok(answer) if answer.status.is_server_error() => Sent::AnswerLost,
            Ok(answer) => Sent::Refused(format!(
                "{action} answered {}: {}",
                answer.status,
                text(&answer.body)
            )),
            Err(_) => Sent::AnswerLost,
        }
    }

    /// Of a path of the app; a whole address stays as it is.
    fn address(&self, path: &str) -> Url {
        self.base.join(path).unwrap_or_else(|_| self.base.clone())
    }

    async fn read(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Page> {
        let request = match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        };
        let response = request.send().await?;
        Ok(Page {
            status: response.status(),
            body: response.text().await?,
        })
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// The token of the page's forms.
fn token(page: &str) -> Option<&str> {
    hidden(page, "csrf")
}

/// A hidden field of the page's forms; ours consist of letters that HTML does not escape.
fn hidden<'p>(page: &'p str, field: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("name=\"{field}\" value=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// What a person reads of a page, shortened.
pub(crate) fn text(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page.split_once("<main").map_or(page, |(_, main)| main);
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        rest = after.split_once('>').map_or("", |(_, after)| after);
    }
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_brings_its_token() {
        let page = r#"<form><input type="hidden" name="csrf" value="17.ab-c_"><p>Why?</p></form>"#;
        assert_eq!(token(page), Some("17.ab-c_"));
        assert_eq!(text(page), "Why?");
    }
}
