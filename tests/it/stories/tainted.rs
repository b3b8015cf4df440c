//! Secrets at every door, then looked for wherever anything is left: log, cards, pages, answers, journals, state, exports.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cloud_sim::{Answered, Fault};
use promotion::PromotionId;
use reqwest::StatusCode;
use serde_json::json;

use super::journals::ACCOUNT;
use super::people::{BOARD, Shown, page_of};
use super::{Setup, Tester, Who};
use crate::setting::{IDENTITY_SECRET, WEBHOOK_SECRET};

/// A storage account's key, as other apps on the platform have one in a connection string.
const ACCOUNT_KEY: &str = "a2V5LXRoYXQtbm9ib2R5LW1heS1zZWU=";
const CONNECTION: &str = "DefaultEndpointsProtocol=https;AccountName=st;AccountKey=a2V5LXRoYXQtbm9ib2R5LW1heS1zZWU=;EndpointSuffix=core.windows.net";
/// A shared access signature in an address.
const SAS_SIGNATURE: &str = "c2lnLXRoYXQtbm9ib2R5LW1heS1zZWU";
/// Where the app keeps the key of its forms.
const FORM_KEY: &str = "control/form-key";

/// What nobody may see, and what everybody was shown.
#[derive(Default)]
struct Tainted {
    secrets: Vec<(&'static str, String)>,
    /// Tokens of forms, which their own page carries.
    forms: Vec<String>,
    shown: Vec<String>,
}

impl Tainted {
    /// A token whole, and its signature alone.
    fn token(&mut self, name: &'static str, token: &str) {
        if let Some((_, signature)) = token.rsplit_once('.') {
            self.secrets.push((name, signature.to_owned()));
        }
        self.secrets.push((name, token.to_owned()));
    }

    fn page(&mut self, shown: &Shown) {
        let fields = shown.text.split("name=\"csrf\" value=\"").skip(1);
        let tokens = fields.filter_map(|field| field.split('"').next());
        self.forms.extend(tokens.map(str::to_owned));
        self.shown.push(shown.text.clone());
    }

    fn click(&mut self, answered: &Answered) {
        self.shown
            .push(format!("{} {:?}", answered.body, answered.toast));
    }

    /// The first secret in a text.
    fn found(&self, text: &str) -> Option<&'static str> {
        // Whatever token it is: the beginnings of `{"typ"` and `{"alg"`.
        const TOKENS: [&str; 3] = ["eyJ0eXAi", "eyJhbGci", "Bearer ey"];
        let named = self
            .secrets
            .iter()
            .find(|(_, secret)| text.contains(secret));
        named
            .map(|(name, _)| *name)
            .or_else(|| TOKENS.into_iter().find(|token| text.contains(token)))
    }

    /// Of a text that is no page, also no form's token.
    #[track_caller]
    fn clean(&self, place: &str, text: &str) {
        assert_eq!(self.found(text), None, "{place}: {text}");
        let form = self.forms.iter().find(|token| text.contains(*token));
        assert_eq!(form, None, "{place}: {text}");
    }

    /// Of a page: a form's token in the form's own field only.
    #[track_caller]
    fn clean_page(&self, page: &str) {
        let mut rest = page.to_owned();
        for token in &self.forms {
            rest = rest.replace(&format!("name=\"csrf\" value=\"{token}\""), "");
        }
        self.clean("a page", &rest);
    }
}

impl Tester {
    /// Asks as somebody who brings a bearer token, as programs do.
    async fn ask_by(&self, token: &str, path: &str) -> Shown {
        let request = self.http.get(self.url(path));
        Shown::to(request.bearer_auth(token)).await
    }

    /// By page and API, while the channel's workflow does not answer.
    async fn use_page_and_api(&self, tainted: &mut Tainted) -> PromotionId {
        let down = Fault::Status {
            status: StatusCode::BAD_GATEWAY,
            code: "Down".to_owned(),
        };
        self.cloud.faults().add("teams.post", down, 1);
        let id = self.asked().await;
        let question = self.newest_question(&id);
        for who in Who::ALL {
            tainted.page(&self.see(who, &question).await);
            tainted.page(&self.see(who, &page_of(&id)).await);
            tainted.page(&self.see(who, BOARD).await);
        }
        tainted.page(
            &self
                .answer_as(Who::Sam, &question, "approve", "let me")
                .await,
        );
        tainted.page(
            &self
                .answer_as(Who::Tina, &question, "approve", "mine")
                .await,
        );
        let decisions = format!("/api/v1/promotions/{id}/decisions");
        for digest in ["0123456789abcdef", "nothing"] {
            let body = json!({"decision": "approve", "digest": digest});
            tainted.page(&self.post_json(Who::Ada, &decisions, &body).await);
        }
        let forged = [
            ("decision", "approve".to_owned()),
            ("csrf", "1.forged".to_owned()),
        ];
        tainted.page(&Shown::to(self.post_form(&question, &forged)).await);
        for token in self.tokens(tainted) {
            for path in [&decisions, BOARD, "/api/v1/promotions", "/api/v1/freezes"] {
                let path = format!("{path}?code={SAS_SIGNATURE}&sig={SAS_SIGNATURE}");
                tainted.page(&self.ask_by(&token, &path).await);
            }
        }
        tainted.page(&self.reject_as(Who::Ada, &id, "not today").await);
        self.wait_until(&id, "rejected").await;
        id
    }

    /// A good ID token, one that somebody has changed, one for another app, and the app's own for Azure.
    fn tokens(&self, tainted: &mut Tainted) -> Vec<String> {
        let ada = Who::Ada.object_id();
        let good = self.cloud.id_token(&ada).unwrap();
        let mut claims = self.cloud.user_claims(&ada).unwrap();
        claims["aud"] = json!("00000000-0000-4000-8000-000000000099");
        let elsewhere = self.cloud.sign_user(&claims);
        let azure = self
            .cloud
            .identity()
            .token("https://management.azure.com")
            .0;
        let changed = format!("{}AAAA", &good[..good.len() - 4]);
        let all = vec![good, elsewhere, azure, changed];
        for token in &all {
            tainted.token("a bearer token", token);
        }
        all
    }

    /// In the channel, while Graph and then the connector do not answer, and under a freeze; then it goes live.
    async fn use_the_channel(&self, tainted: &mut Tainted) -> PromotionId {
        let (id, post) = self.asked_in_channel().await;
        let down = || Fault::Status {
            status: StatusCode::SERVICE_UNAVAILABLE,
            code: "Down".to_owned(),
        };
        tainted.click(&self.press_as(Who::Sam, &post, "Approve", "").await);
        tainted.click(&self.press_as(Who::Tina, &post, "Approve", "mine").await);
        self.cloud.faults().add("graph.user", down(), 100);
        tainted.click(&self.press_as(Who::Ada, &post, "Approve", "Better").await);
        self.cloud.faults().clear();
        let click = self.approval_of(Who::Ada, &post);
        let connector = self.cloud.connector_token(&self.cloud.connector_url());
        tainted.token("the connector's token", &connector);
        for token in [format!("{connector}x"), connector.replacen('.', "..", 1)] {
            let answered = self.cloud.deliver_activity(&click, Some(&token)).await;
            tainted.click(&answered.unwrap());
        }
        self.cloud.faults().add("teams.activities.put", down(), 2);
        let answered = self.cloud.deliver_activity(&click, Some(&connector)).await;
        tainted.click(&answered.unwrap());
        let wish = json!({"scope": {"stage": "prod"}, "reason": "the year ends"});
        let frozen = self.freeze_as(Who::Ben, &wish).await;
        tainted.page(&frozen);
        tainted.click(&self.press_as(Who::Ben, &post, "Approve", "Me too").await);
        tainted.page(&self.see(Who::Ben, BOARD).await);
        let freeze = frozen.json()["id"].as_str().unwrap().to_owned();
        tainted.page(&self.lift_as(Who::Ben, &freeze, "it began").await);
        tainted.page(&self.approve_as(Who::Ben, &id).await);
        self.wait_until(&id, "live").await;
        for who in Who::ALL {
            tainted.page(&self.see(who, &page_of(&id)).await);
            tainted.page(&self.see(who, &format!("/api/v1/promotions/{id}")).await);
            tainted.page(&self.see(who, &format!("/api/v1/promotions/{id}/why")).await);
        }
        id
    }

    /// Every card that anybody ever saw in the channel, as it was at any time.
    fn cards_ever(&self) -> Vec<String> {
        let posts = self.cloud.posts();
        let versions = posts.iter().flat_map(|post| &post.versions);
        let by_bot = versions.filter_map(|version| version.card.as_ref());
        let mut all = self.cards();
        all.extend(by_bot.map(ToString::to_string));
        all
    }

    /// Every blob that the app has written, with its place; the form key is where it is kept.
    fn written(&self) -> Vec<(String, String)> {
        let blobs = self.cloud.blobs();
        let mut all = Vec::new();
        for container in ["journals", "state"] {
            for blob in blobs.list(ACCOUNT, container, "") {
                if blob.name != FORM_KEY {
                    let bytes = blobs.get(ACCOUNT, container, &blob.name).unwrap();
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    all.push((
                        format!("{container}/{}", blob.name),
                        format!("{text} {:?}", blob.metadata),
                    ));
                }
            }
        }
        all
    }

    async fn exported(&self, id: &PromotionId, folder: &Path) -> String {
        let file = format!("{id}.audit.json");
        let arguments = ["export", id.as_str(), "--out", &file];
        let done = self.audit(folder, &arguments).await;
        assert!(done.status.success(), "{done:?}");
        std::fs::read_to_string(folder.join(file)).unwrap()
    }
}

#[tokio::test]
async fn no_secret_of_any_door_is_left_anywhere() {
    let setup = Setup::default()
        .with("minApprovals: 1", "minApprovals: 2")
        .with_approver(Who::Tina)
        .with_setting("RUST_LOG", "trace")
        .with_setting("AzureWebJobsStorage", CONNECTION);
    Box::pin(setup.story(async |t| {
        let mut tainted = Tainted::default();
        for (name, secret) in [
            ("the webhook's signature", WEBHOOK_SECRET),
            ("the identity's header", IDENTITY_SECRET),
            ("a key in a connection string", ACCOUNT_KEY),
            ("a signature in an address", SAS_SIGNATURE),
        ] {
            tainted.secrets.push((name, secret.to_owned()));
        }
        let first = Box::pin(t.use_page_and_api(&mut tainted)).await;
        let second = Box::pin(t.use_the_channel(&mut tainted)).await;
        let key = t.cloud.blobs().get(ACCOUNT, "state", FORM_KEY).unwrap();
        for key in [
            String::from_utf8(key.to_vec()).unwrap(),
            STANDARD.encode(&key),
            URL_SAFE_NO_PAD.encode(&key),
        ] {
            tainted.secrets.push(("the key of forms", key));
        }
        assert!(tainted.forms.len() >= 10, "{} forms", tainted.forms.len());
        for page in &tainted.shown {
            tainted.clean_page(page);
        }
        let cards = t.cards_ever();
        for card in &cards {
            tainted.clean("a card", card);
        }
        let written = t.written();
        for (place, text) in &written {
            tainted.clean(place, text);
        }
        let folder = tempfile::tempdir().unwrap();
        for id in [&first, &second] {
            tainted.clean("an export", &t.exported(id, folder.path()).await);
        }
        let lines = t.lines.lock().unwrap().clone();
        for line in &lines {
            tainted.clean("the log", line);
        }
        println!(
            "taint: {} secrets and {} tokens of forms: none in {} lines, {} answers, {} cards, {} blobs",
            tainted.secrets.len(),
            tainted.forms.len(),
            lines.len(),
            tainted.shown.len(),
            cards.len(),
            written.len()
        );
        // Looked for where it would be found: what people said is there, and so is what the app did.
        let said = |texts: &[String], words: &str| texts.iter().any(|text| text.contains(words));
        let blobs: Vec<String> = written.into_iter().map(|(_, text)| text).collect();
        for words in ["not today", "the year ends", "it began"] {
            assert!(said(&blobs, words), "{words}");
        }
        assert!(said(&cards, "Ada Approver"));
        for words in [first.as_str(), second.as_str(), "/teams/connector", "TRACE"] {
            assert!(said(&lines, words), "{words}");
        }
        let spilled = format!("{} Bearer {}", lines[0], t.cloud.id_token(&Who::Ada.object_id()).unwrap());
        assert_eq!(tainted.found(&spilled), Some("eyJhbGci"));
    }))
    .await;
}
