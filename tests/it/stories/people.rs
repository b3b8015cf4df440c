//! People at their browsers: they sign in, open pages, send the forms that they find there.

use promotion::PromotionId;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::Tester;
use super::turns::example_target_id;

/// Everybody who can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Trained the models.
    Tina,
    /// May approve.
    Ada,
    /// May approve.
    Ben,
    /// Has no role.
    Sam,
}

/// What was shown or answered.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) sent: Sent,
    pub(super) status: StatusCode,
    pub(super) text: String,
}

/// Whether it is the answer to what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// It is.
    Yes,
    /// Nothing was sent: the page that this is has no form to send.
    NoForm,
}

/// A form in a browser's window.
pub(super) struct OpenForm {
    pub(super) token: String,
    pub(super) cookie: String,
}

impl Who {
    pub(super) const ALL: [Who; 4] = [Who::Tina, Who::Ada, Who::Ben, Who::Sam];

    pub(super) fn object_id(self) -> String {
        let last = match self {
            Who::Tina => 'a',
            Who::Ada => 'b',
            Who::Ben => 'c',
            Who::Sam => 'd',
        };
        format!("00000000-0000-4000-8000-00000000000{last}")
    }

    fn name(self) -> &'static str {
        match self {
            Who::Tina => "Tina Trainer",
            Who::Ada => "Ada Approver",
            Who::Ben => "Ben Approver",
            Who::Sam => "Sam Stranger",
        }
    }

    /// Approvers have the role; `also` has it in this story too.
    fn roles(self, also: Option<Who>) -> Vec<String> {
        let approves = matches!(self, Who::Ada | Who::Ben) || also == Some(self);
        let role = approves.then(|| "Model.Approver".to_owned());
        role.into_iter().collect()
    }

    /// In the directory.
    pub(super) fn account(self, also: Option<Who>) -> cloud_sim::Person {
        let user = self.name().to_lowercase().replace(' ', ".") + "@liftlock.example";
        let account = cloud_sim::Person::member(&self.object_id(), self.name(), &user);
        cloud_sim::Person {
            roles: self.roles(also),
            ..account
        }
    }

    /// On the platform's sign-in page.
    pub(super) fn persona(self, also: Option<Who>) -> functions_host::Persona {
        functions_host::Persona {
            object_id: self.object_id(),
            name: self.name().to_owned(),
            tenant_id: cloud_sim::Identity::TENANT_ID.to_owned(),
            roles: self.roles(also),
            description: String::new(),
        }
    }
}

impl Shown {
    pub(super) async fn to(request: RequestBuilder) -> Shown {
        let response = request.send().await.unwrap();
        Shown {
            sent: Sent::Yes,
            status: response.status(),
            text: response.text().await.unwrap(),
        }
    }

    /// It was taken.
    #[track_caller]
    pub(super) fn taken(&self) {
        let good = self.status == StatusCode::SEE_OTHER || self.status.is_success();
        let good = good && self.sent == Sent::Yes;
        assert!(good, "{:?} {} {}", self.sent, self.status, self.sentence());
    }

    /// It was refused with a status and a sentence that holds these words.
    #[track_caller]
    pub(super) fn refused(&self, status: u16, words: &str) {
        assert_eq!(self.sent, Sent::Yes, "no form: {}", self.sentence());
        assert_eq!(self.status.as_u16(), status, "{}", self.sentence());
        assert!(self.sentence().contains(words), "{}", self.sentence());
    }

    /// Nothing could be sent: the page is shown, says these words, and has no form.
    #[track_caller]
    pub(super) fn offers_no_form(&self, words: &str) {
        let said = self.sentence();
        assert_eq!(
            (self.sent, self.status),
            (Sent::NoForm, StatusCode::OK),
            "{said}"
        );
        assert!(said.contains(words), "{said}");
    }

    /// The page without its markup.
    pub(super) fn sentence(&self) -> String {
        let mut text = String::new();
        for part in self.text.split('<') {
            text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
            text.push(' ');
        }
        text.replace("&#39;", "'").replace("&quot;", "\"")
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {}", self.status, self.text))
    }

    /// The form's token, where there is a form.
    pub(super) fn token(&self) -> Option<&str> {
        let (_, rest) = self.text.split_once("name=\"csrf\" value=\"")?;
        rest.split('"').next()
    }
}

impl Tester {
    pub(super) fn url(&self, path: &str) -> String {
        self.host.url().join(path).unwrap().to_string()
    }

    /// Our own origin, as a browser writes it.
    pub(super) fn origin(&self) -> String {
        self.host.url().origin().ascii_serialization()
    }

    /// Signs in; answers the session's cookie.
    pub(super) async fn sign_in(&self, who: Who) -> String {
        let fields = [
            ("persona", who.object_id()),
            ("post_login_redirect_uri", "/api/board/".to_owned()),
        ];
        let answer = self
            .http
            .post(self.url("/.auth/login/aad"))
            .header("content-type", FORM)
            .body(form(&fields))
            .send();
        let answer = answer.await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Opens a page.
    pub(super) async fn see(&self, who: Who, path: &str) -> Shown {
        let cookie = self.sign_in(who).await;
        Shown::to(self.http.get(self.url(path)).header("cookie", cookie)).await
    }

    /// Opens a page without signing in.
    pub(super) async fn see_unknown(&self, path: &str) -> Shown {
        Shown::to(self.http.get(self.url(path))).await
    }

    pub(super) async fn approve_as(&self, who: Who, id: &PromotionId) -> Shown {
        self.answer_as(who, &self.newest_question(id), "approve", "fine with me")
            .await
    }

    pub(super) async fn reject_as(&self, who: Who, id: &PromotionId, why: &str) -> Shown {
        self.answer_as(who, &self.newest_question(id), "reject", why)
            .await
    }

    /// Answers an approval by the form of its page; where that has none, nothing is sent.
    pub(super) async fn answer_as(
        &self,
        who: Who,
        question: &str,
        decision: &str,
        comment: &str,
    ) -> Shown {
        let fields = [("decision", decision), ("comment", comment)];
        self.send_form(who, question, question, &fields).await
    }

    /// Uses a button of the promotion's page.
    pub(super) async fn tell_as(
        &self,
        who: Who,
        id: &PromotionId,
        verb: &str,
        reason: &str,
    ) -> Shown {
        let action = format!("/api/v1/promotions/{id}/{verb}");
        self.send_form(who, &page_of(id), &action, &[("reason", reason)])
            .await
    }

    /// Ends the pause that the promotion's page shows, from there.
    pub(super) async fn resume_as(&self, who: Who, id: &PromotionId, reason: &str) -> Shown {
        let shown = self.see(who, &page_of(id)).await.text;
        let pause = shown.split_once("name=\"pause\" value=\"");
        let pause = pause.and_then(|(_, rest)| rest.split('"').next());
        let fields = [("reason", reason), ("pause", pause.unwrap_or("1.2"))];
        let action = format!("/api/v1/promotions/{id}/resume");
        self.send_form(who, &page_of(id), &action, &fields).await
    }

    /// Uses the board's button that lifts what holds the example's endpoint.
    pub(super) async fn unhold_as(&self, who: Who, reason: &str) -> Shown {
        let board = self.see(who, BOARD).await.text;
        let seen = board.split_once("name=\"seen\" value=\"");
        let seen = seen.and_then(|(_, rest)| rest.split('"').next());
        let action = format!("/api/v1/targets/{}/unhold", example_target_id());
        let fields = [("reason", reason), ("seen", seen.unwrap_or_default())];
        self.send_form(who, BOARD, &action, &fields).await
    }

    pub(super) async fn send_form(
        &self,
        who: Who,
        page: &str,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Shown {
        match self.open_form(who, page).await {
            Ok(form) => Shown::to(self.fill_in(&form, action, fields)).await,
            Err(shown) => shown,
        }
    }

    /// Opens a page for its form; else the page, which has none to send or is itself a refusal.
    pub(super) async fn open_form(&self, who: Who, page: &str) -> Result<OpenForm, Shown> {
        let cookie = self.sign_in(who).await;
        let shown = Shown::to(self.http.get(self.url(page)).header("cookie", &cookie)).await;
        match shown.token() {
            Some(token) => Ok(OpenForm {
                token: token.to_owned(),
                cookie,
            }),
            None if shown.status.is_success() => Err(Shown {
                sent: Sent::NoForm,
                ..shown
            }),
            None => Err(shown),
        }
    }

    /// Sends a form as a browser does.
    pub(super) fn fill_in(
        &self,
        open: &OpenForm,
        action: &str,
        fields: &[(&str, &str)],
    ) -> RequestBuilder {
        let mut fields: Vec<_> = fields.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
        fields.push(("csrf", open.token.clone()));
        self.post_form(action, &fields)
            .header("cookie", &open.cookie)
            .header("origin", self.origin())
            .header("sec-fetch-site", "same-origin")
    }

    /// A form without any of the headers that a browser adds.
    pub(super) fn post_form(&self, action: &str, fields: &[(&str, String)]) -> RequestBuilder {
        self.http
            .post(self.url(action))
            .header("content-type", FORM)
            .body(form(fields))
    }

    /// Asks by JSON, as a program does.
    pub(super) async fn post_json(&self, who: Who, path: &str, body: &Value) -> Shown {
        let cookie = self.sign_in(who).await;
        let request = self
            .http
            .post(self.url(path))
            .header("content-type", "application/json");
        Shown::to(request.header("cookie", cookie).body(body.to_string())).await
    }

    /// A verb by JSON.
    pub(super) async fn say_as(
        &self,
        who: Who,
        id: &PromotionId,
        verb: &str,
        reason: &str,
    ) -> Shown {
        let path = format!("/api/v1/promotions/{id}/{verb}");
        self.post_json(who, &path, &json!({ "reason": reason }))
            .await
    }

    /// Where the newest card of a promotion leads that asks for an answer.
    pub(super) fn newest_question(&self, id: &PromotionId) -> String {
        self.questions(id)
            .pop()
            .unwrap_or_else(|| panic!("no card asks about {id}: {:?}", self.cards()))
    }

    /// Where the cards that ask about a promotion lead, oldest first.
    pub(super) fn questions(&self, id: &PromotionId) -> Vec<String> {
        let start = format!("/api/approvals/{id}~");
        let link = |card: &String| {
            let (_, rest) = card.split_once(&start)?;
            let end = rest.split('"').next()?;
            Some(format!("{start}{end}"))
        };
        self.cards().iter().filter_map(link).collect()
    }
}

/// The board.
pub(super) const BOARD: &str = "/api/board/";

/// A promotion's page on the board.
pub(super) fn page_of(id: &PromotionId) -> String {
    format!("/api/board/promotions/{id}")
}

const FORM: &str = "application/x-www-form-urlencoded";

fn form(fields: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}
