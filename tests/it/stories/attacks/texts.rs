//! Texts that want to be more than text (attack 25).

use cloud_sim::ModelKind;
use serde_json::{Value, json};

use super::super::clicks::refused;
use super::super::people::{BOARD, Shown, page_of};
use super::super::{Tester, Who, story};
use crate::setting::event;

/// Links, mentions, markup, formulas of templates, a line of a log, letters that turn round or hide what stands beside them.
const HOSTILE: &str = "[win](javascript:alert(1)) [x](https://evil.example/a) https://evil.example/b <at>everyone</at> \
    <img src=x onerror=alert(1)> <script>alert(1)</script> {{DATE(x)}} ${HOME} **b** \u{202e}evorppa\u{2066} \u{200b}\u{feff}\0\u{1b}[2J\r\n\
    {\"level\":\"ERROR\",\"message\":\"forged\"}\n## heading\n- \"'&";

/// What Teams takes for certain.
const LARGEST: usize = 20 * 1024;

/// As much of it as fits into a request.
fn long() -> String {
    HOSTILE.chars().cycle().take(30_000).collect()
}

fn hides(c: char) -> bool {
    let turns = ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    turns || "\u{200b}\u{200e}\u{200f}\u{feff}".contains(c) || (c.is_control() && c != '\n')
}

/// Every text in a card, and every address.
fn texts<'c>(value: &'c Value, key: &'c str, found: &mut Vec<(&'c str, &'c str)>) {
    match value {
        Value::String(text) => found.push((key, text)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, key, found)),
        Value::Object(members) => members
            .iter()
            .for_each(|(key, value)| texts(value, key, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Tester {
    fn check_card(&self, card: &Value) {
        let size = card.to_string().len();
        assert!(size <= LARGEST, "{size} bytes");
        let mut found = Vec::new();
        texts(card, "", &mut found);
        for (key, text) in found {
            assert!(!text.chars().any(hides), "{key}: {text:?}");
            let ours = [self.origin(), "http://adaptivecards.io/".to_owned()];
            if key == "url" || key == "$schema" {
                assert!(
                    ours.iter().any(|ours| text.starts_with(ours)),
                    "{key}: {text}"
                );
                continue;
            }
            for live in [
                "[win](", "[x](", "https://", " <at>", " <script", " <img", " {{", "**b",
            ] {
                assert!(!text.contains(live), "{live} in {key}: {text}");
            }
        }
    }

    async fn check_page(&self, path: &str) {
        let page = self.see(Who::Ben, path).await.text;
        for live in [
            "<at",
            "<img",
            "href=\"javascript",
            "<script>",
            "onerror=alert(1)>",
            "href=\"https://evil",
        ] {
            assert!(!page.contains(live), "{live} in {path}: {page}");
        }
        assert!(!page.chars().any(hides), "{path}: {page:?}");
        let scripts = page.matches("<script").count();
        assert!(scripts <= 1, "{path}: {scripts} scripts");
        assert!(page.len() < 400_000, "{path}: {} bytes", page.len());
    }

    /// Each line of the handler's is one object, and none of them is what somebody else wrote.
    fn check_lines(&self) {
        assert!(self.logged("forged").is_empty());
        let lines = self.lines.lock().unwrap();
        for line in lines.iter() {
            assert!(!line.starts_with("## heading"), "{line}");
            assert!(!line.chars().any(char::is_control), "{line:?}");
            if line.contains("\"timestamp\"") {
                let read: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
                assert!(read["target"].is_string(), "{line}");
            }
        }
    }

    /// An event of a model whose name Azure would never give.
    async fn hostile_event(&self) {
        let subject = format!("models/{HOSTILE}:1");
        let data = json!({ "modelName": HOSTILE, "modelVersion": HOSTILE });
        let mut event = event("ModelRegistered", &subject, &data);
        event["eventTime"] = json!(self.cloud.clock().now().to_string());
        let request = self
            .http
            .post(&self.webhook)
            .header("aeg-event-type", "Notification")
            .header("content-type", "application/json");
        Shown::to(request.body(json!([event]).to_string()))
            .await
            .taken();
    }
}

#[tokio::test]
async fn attack_25_whatever_somebody_writes_stays_text() {
    story(async |t| {
        t.hostile_event().await;
        let people = t.cloud.directory();
        for who in [Who::Ada, Who::Ben] {
            people.change(&who.object_id(), |person| {
                person.name = format!("{HOSTILE}{}", person.name);
            });
        }
        t.with_listening_bot().await;
        // The run logs metrics under names like these, and as many as it likes.
        t.cloud.hold_events();
        let registered = t.cloud.register(ModelKind::Challenger).unwrap();
        for number in 0..40 {
            let name = format!("{number}{HOSTILE}");
            t.cloud.log_metric(&registered.job, &name, 1.0).unwrap();
        }
        t.cloud.log_metric(&registered.job, &long(), 1.0).unwrap();
        t.cloud.release_events(false, 1);
        let id = t.opened(&registered.version).await;
        t.wait_until(&id, "awaiting approval").await;
        let post = t.post_that_says("approval needed").await;
        t.check_page(&t.newest_question(&id)).await;

        // Nobody vouches for what Teams says about who clicked.
        let traces = t.traces().await;
        let mut click = t.approval_of(Who::Ada, &post);
        click["from"]["aadObjectId"] = json!(HOSTILE);
        click["from"]["name"] = json!(HOSTILE);
        let account = "You are not authorised: nobody in this tenant has your account.";
        refused(&t.deliver_to_bot(&click).await, 403, account);
        let mut click = t.approval_of(Who::Ada, &post);
        click["value"]["action"]["verb"] = json!(HOSTILE);
        t.not_understood(&click, "its verb is not known").await;
        let mut click = t.approval_of(Who::Ada, &post);
        click["value"]["action"]["data"]["promotion"] = json!(HOSTILE);
        t.not_understood(&click, "it names no promotion").await;
        t.untouched(&traces).await;

        // What would be cut is not taken, by no door.
        let traces = t.traces().await;
        let cut = t.press_as(Who::Ada, &post, "Reject", &long()).await;
        refused(&cut, 400, "characters, and 2000 are kept; say it shorter.");
        assert!(cut.card().is_none(), "the card keeps its buttons: {cut:?}");
        t.untouched(&traces).await;
        let whole: String = long().chars().take(2000).collect();
        let no = t.press_as(Who::Ada, &post, "Reject", &whole).await;
        t.check_card(no.card().expect("she sees what she said"));
        t.wait_until(&id, "rejected").await;
        t.post_that_says(": rejected").await;
        let reopened = t.say_as(Who::Ben, &id, "reopen", &long()).await;
        reopened.refused(400, "500 are kept");
        let whole: String = long().chars().take(500).collect();
        t.say_as(Who::Ben, &id, "reopen", &whole).await.taken();
        t.wait_until(&id, "awaiting approval").await;
        t.until("a card asks again", async || !t.questions(&id).is_empty())
            .await;
        let question = t.newest_question(&id);
        // Ada has answered the first time, and Ben has asked for it again.
        let form = t.answer_as(Who::Ada, &question, "reject", &long()).await;
        form.refused(400, "2000 are kept");
        let whole: String = long().chars().take(2000).collect();
        let form = t.answer_as(Who::Ada, &question, "reject", &whole).await;
        form.taken();
        t.wait_until(&id, "rejected").await;

        let posts = t.cloud.posts();
        let cards: Vec<_> = posts.iter().flat_map(|post| &post.versions).collect();
        assert!(cards.len() > 4, "{} cards and lines", cards.len());
        for version in cards {
            let line = version.text.clone().map(|text| json!({ "text": text }));
            let card = version.card.clone().or(line).unwrap();
            t.check_card(&card);
        }
        let kept = t.promotion(&id).stage().votes().to_vec();
        let comment = kept.last().map(|vote| vote.comment.chars().count());
        assert!(comment.is_some_and(|long| long <= 2001), "{comment:?}");
        let pages = [page_of(&id), BOARD.to_owned(), question];
        for path in pages {
            t.check_page(&path).await;
        }
        t.check_lines();
    })
    .await;
}
