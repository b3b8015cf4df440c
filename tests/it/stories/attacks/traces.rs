//! What an attack leaves behind: in the store, in the log, in the channel.

use std::time::{Duration, Instant};

use promotion::{Fact, PromotionId};
use serde_json::{Value, json};

use super::super::Tester;
use super::super::clicks::refused;
use super::super::journals::ACCOUNT;

/// The line about an answer that does not count.
pub(super) const ANSWER_REFUSED: &str = "an answer was refused";

const UNKNOWN_BUTTON: &str = "This button is not one of Liftlock's that is still known";

/// Where the key of forms lies.
const FORM_KEY: &str = "state/control/form-key ";

/// How long a line may be on its way out of the handler.
const PATIENCE: Duration = Duration::from_secs(10);

/// A blob: where it is, which version of it, and what it says beside its bytes.
type Kept = (String, String, Vec<(String, String)>);

/// How a line begins that counts who tried and may not.
fn denials_of(id: &PromotionId) -> String {
    format!("{id} says who may not: ")
}

/// All that an attack could have changed, a line for each.
pub(super) struct Traces(Vec<String>);

impl Traces {
    /// What the other has and this has not.
    fn missing(&self, other: &Self) -> Vec<String> {
        let lines = other.0.iter().filter(|line| !self.0.contains(line));
        lines.cloned().collect()
    }
}

impl Tester {
    /// All that the app keeps: every write would show, also one that changes nothing. But for how far the sweep has looked,
    /// which comes with the clock.
    pub(super) async fn kept(&self) -> Vec<Kept> {
        self.quiet().await;
        let blobs = self.cloud.blobs();
        let of = |container: &str| {
            let listed = blobs.list(ACCOUNT, container, "").into_iter();
            let kept = listed.map(|blob| {
                let place = format!("{container}/{}", blob.name);
                (place, blob.etag, blob.metadata.into_iter().collect())
            });
            kept.collect::<Vec<Kept>>()
        };
        let mut kept = [of("journals"), of("state")].concat();
        kept.retain(|(place, ..)| place != "state/control/watermarks.json");
        kept
    }

    /// What there is now: what the app keeps, journals among it; what each journal has ordered; what everybody sees in the
    /// channels; what production has and serves. What single people see in place of a card is theirs.
    pub(super) async fn traces(&self) -> Traces {
        let mut lines = Vec::new();
        for (place, etag, says) in self.kept().await {
            lines.push(format!("{place} {etag} {says:?}"));
        }
        for promotion in self.promotions() {
            let id = promotion.id();
            let is_denial = |fact: &Fact| matches!(fact, Fact::Denied { .. });
            let denials = self.recorded(id, is_denial);
            lines.push(format!("{}{denials}", denials_of(id)));
            let others = self.recorded(id, |fact| !is_denial(fact));
            lines.push(format!("{id} has other records: {others}"));
        }
        for (name, planned) in self.effects() {
            lines.push(format!("{name} has ordered {}", planned.len()));
        }
        for post in self.cloud.posts() {
            for (number, version) in post.versions.iter().enumerate() {
                let card = version.card.as_ref().map(ToString::to_string);
                let text = card.or(version.text.clone()).unwrap_or_default();
                lines.push(format!("post {} {number}: {text}", post.id));
            }
        }
        for (number, message) in self.cloud.messages().iter().enumerate() {
            lines.push(format!("message {number}: {message}"));
        }
        lines.push(format!(
            "production has {} versions",
            self.versions_in_prod()
        ));
        lines.push(format!("production serves {:?}", self.deployments()));
        Traces(lines)
    }

    /// Nothing has come of it: no record, no vote, no order, no change of a card that others see, nothing in production.
    pub(super) async fn untouched(&self, before: &Traces) {
        let now = self.traces().await;
        let (gone, mut new) = (now.missing(before), before.missing(&now));
        // The first page with a form makes the key of forms.
        new.retain(|line| !(line.starts_with(FORM_KEY) && gone.is_empty()));
        assert!(
            gone.is_empty() && new.is_empty(),
            "{gone:#?} became {new:#?}"
        );
    }

    /// Nothing has come of it but that this promotion's journal says who tried and may not, so many times more.
    pub(super) async fn denied(&self, before: &Traces, id: &PromotionId, tries: usize) {
        let now = self.traces().await;
        let (mut gone, mut new) = (now.missing(before), before.missing(&now));
        let denials = new
            .iter()
            .find_map(|line| line.strip_prefix(&denials_of(id)));
        let known = gone
            .iter()
            .find_map(|line| line.strip_prefix(&denials_of(id)));
        let (denials, known) = (denials.unwrap_or("0"), known.unwrap_or("0"));
        assert_eq!(
            denials.parse::<usize>().unwrap(),
            known.parse::<usize>().unwrap() + tries,
            "{new:#?}"
        );
        // The journal and its marker have been written; what else the journal holds has a line of its own.
        let written = |line: &String| {
            let place = line.split(' ').next().unwrap_or_default();
            let ours = place.contains(id.as_str());
            ours && (place.starts_with("journals/") || place.starts_with("state/open/"))
                || line.starts_with(&denials_of(id))
        };
        gone.retain(|line| !written(line));
        new.retain(|line| !(written(line) || line.starts_with(FORM_KEY) && gone.is_empty()));
        assert!(
            gone.is_empty() && new.is_empty(),
            "{gone:#?} became {new:#?}"
        );
    }

    /// The log's lines with this message, oldest first.
    pub(in crate::stories) fn logged(&self, message: &str) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        let read = |line: &String| serde_json::from_str::<Value>(line).ok();
        let all = lines.iter().filter_map(read);
        all.filter(|line| line["message"] == message).collect()
    }

    /// The newest line with this message, once there are so many.
    pub(in crate::stories) async fn logged_times(&self, message: &str, times: usize) -> Value {
        let started = Instant::now();
        loop {
            let lines = self.logged(message);
            if lines.len() >= times {
                assert_eq!(lines.len(), times, "{lines:?}");
                return lines.last().cloned().unwrap();
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{lines:?} {:?}",
                self.last_lines()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The lines about answers that did not count, one of each of these: by which door somebody wanted what, the status, and why.
    pub(super) async fn told_the_auditor(&self, who: &str, refusals: &[(&str, &str, u16, &str)]) {
        self.logged_times(ANSWER_REFUSED, refusals.len()).await;
        let lines = self.logged(ANSWER_REFUSED);
        for (line, (door, verb, status, why)) in lines.iter().zip(refusals) {
            let said = [
                &line["door"],
                &line["person"],
                &line["verb"],
                &line["status"],
            ];
            let wanted = [json!(door), json!(who), json!(verb), json!(status)];
            assert_eq!(said, wanted.each_ref(), "{line}");
            assert!(line["why"].as_str().unwrap().contains(why), "{why}: {line}");
        }
    }

    /// Nothing of ours makes such a click, and the log says what is wrong with it.
    pub(super) async fn not_understood(&self, click: &Value, why: &str) {
        let message = format!("a click cannot be understood: {why}");
        let before = self.logged(&message).len();
        refused(&self.deliver_to_bot(click).await, 400, UNKNOWN_BUTTON);
        self.logged_times(&message, before + 1).await;
    }

    /// What everybody sees of a post, in all its versions.
    pub(in crate::stories) fn shared(&self, post: &str) -> Vec<Value> {
        let posts = self.cloud.posts();
        let post = posts.iter().find(|one| one.id == post).unwrap();
        post.versions
            .iter()
            .filter_map(|v| v.card.clone())
            .collect()
    }

    /// The promotion's page for programs.
    pub(super) fn api_of(id: &PromotionId) -> String {
        format!("/api/v1/promotions/{id}")
    }
}
